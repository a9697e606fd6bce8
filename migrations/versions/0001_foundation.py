"""Foundation: the tables of the first main job, and triggers that keep three logs append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

APPEND_ONLY = ("audit_entry", "attendance_event", "achievement_line")


def upgrade() -> None:
    op.create_table(
        "achievement_indicator",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("parent_code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("target", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("parent_funding", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", "year", name=op.f("pk_achievement_indicator")),
    )
    op.create_table(
        "achievement_ro",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("national_priority", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievement_ro")),
        sa.UniqueConstraint("position", name=op.f("uq_achievement_ro_position")),
    )
    op.create_table(
        "agenda_service_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people_expected", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status in ('planned', 'cancelled', 'done')", name=op.f("ck_agenda_service_event_status")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_agenda_service_event_interval")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_service_event")),
        sa.UniqueConstraint("source", "ref", name="uq_agenda_service_event_source_ref"),
    )
    op.create_index("ix_agenda_service_event_starts_at", "agenda_service_event", ["starts_at"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("app_version", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_object", "audit_entry", ["object_kind", "object_id"], unique=False)
    op.create_table(
        "booking_page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_page")),
        sa.UniqueConstraint("code", name=op.f("uq_booking_page_code")),
        sa.UniqueConstraint("source", "ref", name="uq_booking_page_source_ref"),
    )
    op.create_table(
        "calendar_holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind in ('nasional', 'cuti bersama', 'kantor')", name=op.f("ck_calendar_holiday_kind")),
        sa.PrimaryKeyConstraint("day", "name", name=op.f("pk_calendar_holiday")),
    )
    op.create_table(
        "office_fact",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_office_fact")),
    )
    op.create_table(
        "people_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role in ('officer', 'supervisor', 'tu', 'head', 'admin', 'auditor')", name=op.f("ck_people_person_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_person")),
    )
    op.create_table(
        "place_area",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("parent_code", sa.String(length=20), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("in_working_area", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("in_working_area in ('yes', 'confirm', '')", name=op.f("ck_place_area_in_working_area")),
        sa.ForeignKeyConstraint(["parent_code"], ["place_area.code"], name=op.f("fk_place_area_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_place_area")),
    )
    op.create_table(
        "roster_busy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder_kind", sa.String(length=10), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.CheckConstraint("holder_kind in ('person', 'vehicle', 'kit')", name=op.f("ck_roster_busy_holder_kind")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_roster_busy_interval")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_busy")),
        sa.UniqueConstraint("holder_kind", "holder_id", "source", "ref", name="uq_roster_busy_promise"),
    )
    op.create_index("ix_roster_busy_holder", "roster_busy", ["holder_kind", "holder_id", "starts_at"], unique=False)
    op.create_table(
        "weekend_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.String(length=20), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_days_before", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_hours_before", sa.Integer(), nullable=False),
        sa.Column("rolls_hours_before", sa.Integer(), nullable=False),
        sa.CheckConstraint("programme in ('persari', 'bontang-on-seven')", name=op.f("ck_weekend_template_programme")),
        sa.CheckConstraint("weekday in (5, 6)", name=op.f("ck_weekend_template_weekday")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekend_template")),
        sa.UniqueConstraint("programme", "weekday", name="uq_weekend_template_programme_weekday"),
    )
    op.create_table(
        "achievement_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ro_id", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("volume != 0", name=op.f("ck_achievement_line_volume")),
        sa.ForeignKeyConstraint(["ro_id"], ["achievement_ro.id"], name=op.f("fk_achievement_line_ro_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievement_line")),
        sa.UniqueConstraint("source", "ref", name="uq_achievement_line_source_ref"),
    )
    op.create_index("ix_achievement_line_ro_day", "achievement_line", ["ro_id", "day"], unique=False)
    op.create_index("ix_achievement_line_subject", "achievement_line", ["subject"], unique=False)
    op.create_table(
        "achievement_target",
        sa.Column("ro_id", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=True),
        sa.Column("funding", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["ro_id"], ["achievement_ro.id"], name=op.f("fk_achievement_target_ro_id")),
        sa.PrimaryKeyConstraint("ro_id", "year", name=op.f("pk_achievement_target")),
    )
    op.create_table(
        "booking_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("source_ref", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rolls_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("closed_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_booking_session_interval")),
        sa.ForeignKeyConstraint(["page_id"], ["booking_page.id"], name=op.f("fk_booking_session_page_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_session")),
    )
    op.create_index("ix_booking_session_day", "booking_session", ["day"], unique=False)
    op.create_index("ix_booking_session_page_id", "booking_session", ["page_id"], unique=False)
    op.create_index(op.f("ix_booking_session_source_ref"), "booking_session", ["source_ref"], unique=False)
    op.create_table(
        "people_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_people_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_people_session_token_hash")),
    )
    op.create_index("ix_people_session_person_id", "people_session", ["person_id"], unique=False)
    op.create_table(
        "people_sign_in_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_people_sign_in_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_sign_in_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_people_sign_in_link_token_hash")),
    )
    op.create_table(
        "place_site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["place_area.code"], name=op.f("fk_place_site_area_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_site")),
        sa.UniqueConstraint("name", name=op.f("uq_place_site_name")),
    )
    op.create_table(
        "weekend_template_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("seats_public", sa.Integer(), nullable=False),
        sa.Column("seats_priority", sa.Integer(), nullable=False),
        sa.Column("seats_walk_in", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends > starts", name=op.f("ck_weekend_template_session_interval")),
        sa.CheckConstraint(
            "seats_public >= 0 and seats_priority >= 0 and seats_walk_in >= 0",
            name=op.f("ck_weekend_template_session_seats"),
        ),
        sa.ForeignKeyConstraint(
            ["template_id"], ["weekend_template.id"], name=op.f("fk_weekend_template_session_template_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekend_template_session")),
        sa.UniqueConstraint("template_id", "starts", name="uq_weekend_template_session_starts"),
    )
    op.create_table(
        "booking_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("pool", sa.String(length=10), nullable=False),
        sa.Column("token", sa.String(length=26), nullable=False),
        sa.Column("entry_token", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=7), nullable=True),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("form_digest", sa.String(length=64), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_last4", sa.String(length=4), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint("state != 'booked' or code is not null", name=op.f("ck_booking_booking_code")),
        sa.CheckConstraint(
            "state in ('held', 'booked', 'cancelled', 'expired')", name=op.f("ck_booking_booking_state")
        ),
        sa.ForeignKeyConstraint(["page_id"], ["booking_page.id"], name=op.f("fk_booking_booking_page_id")),
        sa.ForeignKeyConstraint(["session_id"], ["booking_session.id"], name=op.f("fk_booking_booking_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_booking")),
        sa.UniqueConstraint("code", name=op.f("uq_booking_booking_code")),
        sa.UniqueConstraint("entry_token", name=op.f("uq_booking_booking_entry_token")),
        sa.UniqueConstraint("form_key", name=op.f("uq_booking_booking_form_key")),
        sa.UniqueConstraint("token", name=op.f("uq_booking_booking_token")),
    )
    op.create_index(
        "ix_booking_booking_held_until",
        "booking_booking",
        ["held_until"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
        sqlite_where=sa.text("state = 'held'"),
    )
    op.create_index("ix_booking_booking_scope_phone", "booking_booking", ["scope", "phone_hash"], unique=False)
    op.create_index("ix_booking_booking_session_id", "booking_booking", ["session_id"], unique=False)
    op.create_table(
        "weekend_day",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("override_reason", sa.String(length=300), nullable=False),
        sa.Column("override_by", sa.Uuid(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(override_reason = '') = (override_by is null)", name=op.f("ck_weekend_day_override")),
        sa.CheckConstraint("programme in ('persari', 'bontang-on-seven')", name=op.f("ck_weekend_day_programme")),
        sa.CheckConstraint("status in ('draft', 'published', 'cancelled')", name=op.f("ck_weekend_day_status")),
        sa.ForeignKeyConstraint(["lead_id"], ["people_person.id"], name=op.f("fk_weekend_day_lead_id")),
        sa.ForeignKeyConstraint(["override_by"], ["people_person.id"], name=op.f("fk_weekend_day_override_by")),
        sa.ForeignKeyConstraint(["page_id"], ["booking_page.id"], name=op.f("fk_weekend_day_page_id")),
        sa.ForeignKeyConstraint(["site_id"], ["place_site.id"], name=op.f("fk_weekend_day_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekend_day")),
        sa.UniqueConstraint("form_key", name=op.f("uq_weekend_day_form_key")),
    )
    op.create_index(
        "uq_weekend_day_live",
        "weekend_day",
        ["programme", "day"],
        unique=True,
        postgresql_where=sa.text("status != 'cancelled'"),
        sqlite_where=sa.text("status != 'cancelled'"),
    )
    op.create_table(
        "booking_applicant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("nik_hash", sa.String(length=64), nullable=True),
        sa.Column("nik_last4", sa.String(length=4), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("help", sa.String(length=20), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking_booking.id"], name=op.f("fk_booking_applicant_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_applicant")),
        sa.UniqueConstraint("booking_id", "position", name="uq_booking_applicant_position"),
    )
    op.create_index(
        "uq_booking_applicant_live_person",
        "booking_applicant",
        ["scope", "nik_hash"],
        unique=True,
        postgresql_where=sa.text("is_live"),
        sqlite_where=sa.text("is_live = 1"),
    )
    op.create_table(
        "attendance_event",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("undoes", sa.Uuid(), nullable=True),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("flag", sa.String(length=40), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("device_seq", sa.Integer(), nullable=True),
        sa.Column("clock_offset_ms", sa.Integer(), nullable=True),
        sa.CheckConstraint("(kind = 'undo') = (undoes is not null)", name=op.f("ck_attendance_event_undoes")),
        sa.CheckConstraint("kind in ('set', 'undo')", name=op.f("ck_attendance_event_kind")),
        sa.CheckConstraint(
            "stage in ('arrived', 'returned', 'served', 'issued')", name=op.f("ck_attendance_event_stage")
        ),
        sa.CheckConstraint(
            "verdict in ('applied', 'duplicate', 'merged', 'review')", name=op.f("ck_attendance_event_verdict")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["people_person.id"], name=op.f("fk_attendance_event_actor_id")),
        sa.ForeignKeyConstraint(
            ["applicant_id"], ["booking_applicant.id"], name=op.f("fk_attendance_event_applicant_id")
        ),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_attendance_event")),
        sa.UniqueConstraint("id", name=op.f("uq_attendance_event_id")),
    )
    op.create_index(op.f("ix_attendance_event_applicant_id"), "attendance_event", ["applicant_id"], unique=False)
    op.create_index(
        "uq_attendance_event_turn",
        "attendance_event",
        ["applicant_id", "stage", "turn"],
        unique=True,
        postgresql_where=sa.text("verdict = 'applied' and kind = 'set'"),
        sqlite_where=sa.text("verdict = 'applied' and kind = 'set'"),
    )
    op.create_index(
        "uq_attendance_event_undoes",
        "attendance_event",
        ["undoes"],
        unique=True,
        postgresql_where=sa.text("verdict = 'applied' and kind = 'undo'"),
        sqlite_where=sa.text("verdict = 'applied' and kind = 'undo'"),
    )
    op.create_table(
        "booking_seat",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("pool", sa.String(length=10), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("pool in ('umum', 'prioritas', 'walk-in', 'kolektif')", name=op.f("ck_booking_seat_pool")),
        sa.CheckConstraint("held_until is null or applicant_id is not null", name=op.f("ck_booking_seat_hold")),
        sa.ForeignKeyConstraint(["applicant_id"], ["booking_applicant.id"], name=op.f("fk_booking_seat_applicant_id")),
        sa.ForeignKeyConstraint(["session_id"], ["booking_session.id"], name=op.f("fk_booking_seat_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_seat")),
        sa.UniqueConstraint("applicant_id", name="uq_booking_seat_applicant_id"),
        sa.UniqueConstraint("session_id", "number", name="uq_booking_seat_session_id_number"),
    )
    for table in APPEND_ONLY:
        _make_append_only(table)


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
