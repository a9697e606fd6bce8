"""People and roster: staff facts, posts, absences, swaps, points."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "weekend_need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.String(length=20), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("duty", sa.String(length=20), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("programme in ('persari', 'bontang-on-seven')", name=op.f("ck_weekend_need_programme")),
        sa.CheckConstraint("people between 0 and 20", name=op.f("ck_weekend_need_people")),
        sa.CheckConstraint("weekday in (5, 6)", name=op.f("ck_weekend_need_weekday")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekend_need")),
        sa.UniqueConstraint("programme", "weekday", "starts", "duty", name="uq_weekend_need_duty"),
    )
    op.create_table(
        "people_competence",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competence", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "competence in ('lead', 'verification', 'interview', 'biometrics', 'driver', 'ppns', 'intelligence')",
            name=op.f("ck_people_competence_competence"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_people_competence_person_id")),
        sa.PrimaryKeyConstraint("person_id", "competence", name=op.f("pk_people_competence")),
    )
    op.create_table(
        "roster_absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("form_key", sa.String(length=60), nullable=False),
        sa.Column("calendar_uid", sa.String(length=200), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "kind in ('annual', 'sick', 'important', 'training', 'travel', 'compensation')",
            name=op.f("ck_roster_absence_kind"),
        ),
        sa.CheckConstraint(
            "state in ('requested', 'approved', 'refused', 'withdrawn')", name=op.f("ck_roster_absence_state")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_roster_absence_interval")),
        sa.ForeignKeyConstraint(["decided_by"], ["people_person.id"], name=op.f("fk_roster_absence_decided_by")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_roster_absence_person_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["people_person.id"], name=op.f("fk_roster_absence_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_absence")),
        sa.UniqueConstraint("form_key", name=op.f("uq_roster_absence_form_key")),
    )
    op.create_index("ix_roster_absence_person_id", "roster_absence", ["person_id", "starts_at"], unique=False)
    op.create_index(
        "uq_roster_absence_imported",
        "roster_absence",
        ["person_id", "calendar_uid"],
        unique=True,
        postgresql_where=sa.text("calendar_uid != ''"),
        sqlite_where=sa.text("calendar_uid != ''"),
    )
    op.create_table(
        "roster_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_roster_feed_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_roster_feed_token_hash")),
    )
    op.create_index(
        "uq_roster_feed_live",
        "roster_feed",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at is null"),
        sqlite_where=sa.text("revoked_at is null"),
    )
    op.create_table(
        "roster_point_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("weekend", sa.Integer(), nullable=False),
        sa.Column("holiday", sa.Integer(), nullable=False),
        sa.Column("night", sa.Integer(), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_roster_point_line_made_by")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_roster_point_line_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_point_line")),
        sa.UniqueConstraint("source", "ref", "turn", name="uq_roster_point_line_once"),
    )
    op.create_index("ix_roster_point_line_person_id", "roster_point_line", ["person_id", "day"], unique=False)
    op.create_table(
        "roster_post",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("duty", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("distance_km", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=600), nullable=False),
        sa.Column("override_reason", sa.String(length=300), nullable=False),
        sa.Column("gap_owner_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actual_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actual_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_assumed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome = '' or person_id is not null", name=op.f("ck_roster_post_outcome_of_somebody")),
        sa.CheckConstraint("outcome in ('', 'worked', 'absent', 'excused')", name=op.f("ck_roster_post_outcome")),
        sa.CheckConstraint("state in ('draft', 'published', 'locked', 'cancelled')", name=op.f("ck_roster_post_state")),
        sa.CheckConstraint(
            "actual_ends_at is null or actual_ends_at > actual_starts_at", name=op.f("ck_roster_post_actual")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_roster_post_interval")),
        sa.ForeignKeyConstraint(["gap_owner_id"], ["people_person.id"], name=op.f("fk_roster_post_gap_owner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_roster_post_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_post")),
        sa.UniqueConstraint("source", "ref", "title", "duty", "number", name="uq_roster_post_place"),
    )
    op.create_index("ix_roster_post_day", "roster_post", ["day"], unique=False)
    op.create_index("ix_roster_post_person_id", "roster_post", ["person_id", "day"], unique=False)
    op.create_table(
        "roster_wish",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("wants", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_roster_wish_person_id")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_roster_wish")),
    )
    op.create_table(
        "roster_compensation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("halves", sa.Integer(), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("absence_id", sa.Uuid(), nullable=True),
        sa.Column("cancelled_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "absence_id is null or cancelled_reason = ''", name=op.f("ck_roster_compensation_used_or_cancelled")
        ),
        sa.CheckConstraint("halves in (1, 2)", name=op.f("ck_roster_compensation_halves")),
        sa.ForeignKeyConstraint(["absence_id"], ["roster_absence.id"], name=op.f("fk_roster_compensation_absence_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_roster_compensation_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["roster_post.id"], name=op.f("fk_roster_compensation_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_compensation")),
        sa.UniqueConstraint("post_id", "person_id", name="uq_roster_compensation_source"),
    )
    op.create_index(
        "ix_roster_compensation_person_id", "roster_compensation", ["person_id", "expires_on"], unique=False
    )
    op.create_table(
        "roster_swap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("return_post_id", sa.Uuid(), nullable=True),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("form_key", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "state in ('offered', 'accepted', 'approved', 'refused', 'withdrawn', 'undone')",
            name=op.f("ck_roster_swap_state"),
        ),
        sa.ForeignKeyConstraint(["accepted_by"], ["people_person.id"], name=op.f("fk_roster_swap_accepted_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["people_person.id"], name=op.f("fk_roster_swap_decided_by")),
        sa.ForeignKeyConstraint(["giver_id"], ["people_person.id"], name=op.f("fk_roster_swap_giver_id")),
        sa.ForeignKeyConstraint(["offered_by"], ["people_person.id"], name=op.f("fk_roster_swap_offered_by")),
        sa.ForeignKeyConstraint(["post_id"], ["roster_post.id"], name=op.f("fk_roster_swap_post_id")),
        sa.ForeignKeyConstraint(["return_post_id"], ["roster_post.id"], name=op.f("fk_roster_swap_return_post_id")),
        sa.ForeignKeyConstraint(["taker_id"], ["people_person.id"], name=op.f("fk_roster_swap_taker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_swap")),
        sa.UniqueConstraint("form_key", name=op.f("uq_roster_swap_form_key")),
    )
    op.create_index(
        "uq_roster_swap_open",
        "roster_swap",
        ["post_id"],
        unique=True,
        postgresql_where=sa.text("state in ('offered', 'accepted')"),
        sqlite_where=sa.text("state in ('offered', 'accepted')"),
    )
    op.add_column("people_person", sa.Column("nip", sa.String(length=18), server_default="", nullable=False))
    op.add_column("people_person", sa.Column("rank", sa.String(length=60), server_default="", nullable=False))
    op.add_column("people_person", sa.Column("email", sa.String(length=200), server_default="", nullable=False))
    op.create_index(
        "uq_people_person_email",
        "people_person",
        ["email"],
        unique=True,
        postgresql_where=sa.text("email != ''"),
        sqlite_where=sa.text("email != ''"),
    )
    op.create_index(
        "uq_people_person_nip",
        "people_person",
        ["nip"],
        unique=True,
        postgresql_where=sa.text("nip != ''"),
        sqlite_where=sa.text("nip != ''"),
    )
    _make_append_only("roster_point_line")


def _make_append_only(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{verb} before {verb} on {table} "
                f"begin select raise(abort, '{table} is append-only'); end"
            )
        return
    op.execute(
        f"create function {table}_append_only() returns trigger language plpgsql as "
        f"$$ begin raise exception '{table} is append-only'; end $$"
    )
    op.execute(
        f"create trigger {table}_append_only before update or delete or truncate on {table} "
        f"for each statement execute function {table}_append_only()"
    )
