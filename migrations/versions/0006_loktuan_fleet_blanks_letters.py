"""LOKTUAN trips and requests, fleet and kit, blank passports, letters, files; what is known about a site."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "blanks_blank",
        sa.Column("serial", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state != 'out' or ref != ''", name=op.f("ck_blanks_blank_out_with_somebody")),
        sa.CheckConstraint("state in ('stock', 'out', 'used', 'spoiled', 'moved')", name=op.f("ck_blanks_blank_state")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_blanks_blank")),
    )
    op.create_index("ix_blanks_blank_ref", "blanks_blank", ["source", "ref"], unique=False)
    op.create_index("ix_blanks_blank_state", "blanks_blank", ["state"], unique=False)
    op.create_table(
        "fleet_kit_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.Column("part_of", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('fingerprint', 'camera', 'scanner', 'reader', 'laptop', 'signature', 'printer', 'generator', "
            "'case', 'other')",
            name=op.f("ck_fleet_kit_item_kind"),
        ),
        sa.CheckConstraint("part_of is null or part_of != id", name=op.f("ck_fleet_kit_item_part_of")),
        sa.ForeignKeyConstraint(
            ["part_of"],
            ["fleet_kit_item.id"],
            name=op.f("fk_fleet_kit_item_part_of"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_kit_item")),
        sa.UniqueConstraint("name", name=op.f("uq_fleet_kit_item_name")),
    )
    op.create_index("ix_fleet_kit_item_part_of", "fleet_kit_item", ["part_of"], unique=False)
    op.create_index(
        "uq_fleet_kit_item_tag",
        "fleet_kit_item",
        ["tag"],
        unique=True,
        postgresql_where=sa.text("tag != ''"),
        sqlite_where=sa.text("tag != ''"),
    )
    op.create_table(
        "fleet_vehicle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("plate", sa.String(length=15), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats between 1 and 60", name=op.f("ck_fleet_vehicle_seats")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_vehicle")),
        sa.UniqueConstraint("name", name=op.f("uq_fleet_vehicle_name")),
    )
    op.create_index(
        "uq_fleet_vehicle_plate",
        "fleet_vehicle",
        ["plate"],
        unique=True,
        postgresql_where=sa.text("plate != ''"),
        sqlite_where=sa.text("plate != ''"),
    )
    op.create_table(
        "letters_counter",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_letters_counter")),
    )
    op.create_table(
        "blanks_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("first", sa.String(length=12), nullable=False),
        sa.Column("last", sa.String(length=12), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("undoes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("form_key", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('receipt', 'issue', 'return', 'use', 'spoil', 'transfer', 'undo')",
            name=op.f("ck_blanks_move_kind"),
        ),
        sa.CheckConstraint("(kind = 'undo') = (undoes is not null)", name=op.f("ck_blanks_move_undoes")),
        sa.CheckConstraint("count > 0", name=op.f("ck_blanks_move_count")),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_blanks_move_made_by")),
        sa.ForeignKeyConstraint(["undoes"], ["blanks_move.id"], name=op.f("fk_blanks_move_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blanks_move")),
        sa.UniqueConstraint("form_key", name=op.f("uq_blanks_move_form_key")),
        sa.UniqueConstraint("undoes", name=op.f("uq_blanks_move_undoes")),
    )
    op.create_index("ix_blanks_move_made_at", "blanks_move", ["made_at"], unique=False)
    op.create_index("ix_blanks_move_ref", "blanks_move", ["source", "ref"], unique=False)
    op.create_table(
        "files_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=30), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "media_type in ('application/pdf', 'image/jpeg', 'image/png')", name=op.f("ck_files_file_media_type")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_files_file_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files_file")),
    )
    op.create_index("ix_files_file_ref", "files_file", ["source", "ref"], unique=False)
    op.create_table(
        "fleet_outage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder_kind", sa.String(length=10), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("form_key", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("holder_kind in ('vehicle', 'kit')", name=op.f("ck_fleet_outage_holder_kind")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_fleet_outage_interval")),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_fleet_outage_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_outage")),
        sa.UniqueConstraint("form_key", name=op.f("uq_fleet_outage_form_key")),
    )
    op.create_index("ix_fleet_outage_holder", "fleet_outage", ["holder_kind", "holder_id", "starts_at"], unique=False)
    op.create_table(
        "fleet_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("moment", sa.String(length=3), nullable=False),
        sa.Column("km", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("moment in ('out', 'in')", name=op.f("ck_fleet_reading_moment")),
        sa.CheckConstraint("km between 0 and 2000000", name=op.f("ck_fleet_reading_km")),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_fleet_reading_made_by")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["fleet_vehicle.id"], name=op.f("fk_fleet_reading_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_reading")),
        sa.UniqueConstraint("vehicle_id", "source", "ref", "moment", name="uq_fleet_reading_once"),
    )
    op.create_index("ix_fleet_reading_vehicle_id", "fleet_reading", ["vehicle_id", "at"], unique=False)
    op.create_table(
        "letters_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("official_number", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("token", sa.String(length=26), nullable=False),
        sa.Column("form_key", sa.String(length=60), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("(state = 'void') = (voided_at is not null)", name=op.f("ck_letters_letter_voided")),
        sa.CheckConstraint("state in ('issued', 'void')", name=op.f("ck_letters_letter_state")),
        sa.CheckConstraint("number > 0 and version > 0", name=op.f("ck_letters_letter_number")),
        sa.ForeignKeyConstraint(["issued_by"], ["people_person.id"], name=op.f("fk_letters_letter_issued_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters_letter")),
        sa.UniqueConstraint("form_key", name=op.f("uq_letters_letter_form_key")),
        sa.UniqueConstraint("kind", "year", "number", "version", name="uq_letters_letter_number"),
        sa.UniqueConstraint("token", name=op.f("uq_letters_letter_token")),
    )
    op.create_index("ix_letters_letter_ref", "letters_letter", ["source", "ref"], unique=False)
    op.create_index(
        "uq_letters_letter_valid",
        "letters_letter",
        ["kind", "source", "ref"],
        unique=True,
        postgresql_where=sa.text("state = 'issued'"),
        sqlite_where=sa.text("state = 'issued'"),
    )
    op.create_table(
        "loktuan_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=7), nullable=False),
        sa.Column("token", sa.String(length=26), nullable=False),
        sa.Column("applicant_kind", sa.String(length=20), nullable=False),
        sa.Column("organisation", sa.String(length=120), nullable=False),
        sa.Column("contact_name", sa.String(length=100), nullable=False),
        sa.Column("contact_phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_phone_hash", sa.String(length=64), nullable=True),
        sa.Column("contact_phone_last4", sa.String(length=4), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("wanted_from", sa.Date(), nullable=False),
        sa.Column("wanted_to", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decision_note", sa.String(length=300), nullable=False),
        sa.Column("form_key", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "applicant_kind in ('kecamatan', 'company', 'school', 'community')",
            name=op.f("ck_loktuan_request_applicant_kind"),
        ),
        sa.CheckConstraint(
            "state in ('new', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_loktuan_request_state")
        ),
        sa.CheckConstraint("people between 1 and 2000", name=op.f("ck_loktuan_request_people")),
        sa.CheckConstraint("wanted_to >= wanted_from", name=op.f("ck_loktuan_request_wanted")),
        sa.ForeignKeyConstraint(["area_code"], ["place_area.code"], name=op.f("fk_loktuan_request_area_code")),
        sa.ForeignKeyConstraint(["decided_by"], ["people_person.id"], name=op.f("fk_loktuan_request_decided_by")),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_loktuan_request_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loktuan_request")),
        sa.UniqueConstraint("code", name=op.f("uq_loktuan_request_code")),
        sa.UniqueConstraint("form_key", name=op.f("uq_loktuan_request_form_key")),
        sa.UniqueConstraint("token", name=op.f("uq_loktuan_request_token")),
    )
    op.create_index("ix_loktuan_request_state", "loktuan_request", ["state", "made_at"], unique=False)
    op.create_table(
        "loktuan_trip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("departs_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returns_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("collective_token", sa.String(length=26), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "status in ('draft', 'submitted', 'approved', 'published', 'closed', 'postponed', 'cancelled')",
            name=op.f("ck_loktuan_trip_status"),
        ),
        sa.CheckConstraint("returns_at > departs_at", name=op.f("ck_loktuan_trip_interval")),
        sa.ForeignKeyConstraint(["approved_by"], ["people_person.id"], name=op.f("fk_loktuan_trip_approved_by")),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_loktuan_trip_made_by")),
        sa.ForeignKeyConstraint(["page_id"], ["booking_page.id"], name=op.f("fk_loktuan_trip_page_id")),
        sa.ForeignKeyConstraint(["request_id"], ["loktuan_request.id"], name=op.f("fk_loktuan_trip_request_id")),
        sa.ForeignKeyConstraint(["site_id"], ["place_site.id"], name=op.f("fk_loktuan_trip_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loktuan_trip")),
        sa.UniqueConstraint("collective_token", name=op.f("uq_loktuan_trip_collective_token")),
        sa.UniqueConstraint("form_key", name=op.f("uq_loktuan_trip_form_key")),
    )
    op.create_index("ix_loktuan_trip_departs_at", "loktuan_trip", ["departs_at"], unique=False)
    op.create_table(
        "loktuan_cost",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('per-diem', 'lodging', 'fuel', 'transport', 'consumption', 'other')",
            name=op.f("ck_loktuan_cost_kind"),
        ),
        sa.CheckConstraint(
            "quantity between 1 and 1000 and unit_price between 0 and 1000000000", name=op.f("ck_loktuan_cost_amount")
        ),
        sa.ForeignKeyConstraint(["trip_id"], ["loktuan_trip.id"], name=op.f("fk_loktuan_cost_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loktuan_cost")),
    )
    op.create_index("ix_loktuan_cost_trip_id", "loktuan_cost", ["trip_id"], unique=False)
    op.create_table(
        "loktuan_incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(length=600), nullable=False),
        sa.Column("form_key", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_loktuan_incident_made_by")),
        sa.ForeignKeyConstraint(["trip_id"], ["loktuan_trip.id"], name=op.f("fk_loktuan_incident_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loktuan_incident")),
        sa.UniqueConstraint("form_key", name=op.f("uq_loktuan_incident_form_key")),
    )
    op.create_index("ix_loktuan_incident_trip_id", "loktuan_incident", ["trip_id"], unique=False)
    op.create_table(
        "loktuan_report",
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("summary", sa.String(length=2000), nullable=False),
        sa.Column("obstacles", sa.String(length=2000), nullable=False),
        sa.Column("follow_up", sa.String(length=2000), nullable=False),
        sa.Column("no_incident", sa.Boolean(), nullable=False),
        sa.Column("no_photo_reason", sa.String(length=300), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["people_person.id"], name=op.f("fk_loktuan_report_closed_by")),
        sa.ForeignKeyConstraint(["trip_id"], ["loktuan_trip.id"], name=op.f("fk_loktuan_report_trip_id")),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_loktuan_report")),
    )
    op.create_table(
        "loktuan_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["done_by"], ["people_person.id"], name=op.f("fk_loktuan_task_done_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["people_person.id"], name=op.f("fk_loktuan_task_owner_id")),
        sa.ForeignKeyConstraint(["trip_id"], ["loktuan_trip.id"], name=op.f("fk_loktuan_task_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loktuan_task")),
        sa.UniqueConstraint("trip_id", "key", name="uq_loktuan_task_key"),
    )
    op.create_index("ix_loktuan_task_owner_id", "loktuan_task", ["owner_id", "done_at"], unique=False)
    op.create_table(
        "loktuan_thing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("holder_kind", sa.String(length=10), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_by", sa.Uuid(), nullable=True),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("back_by", sa.Uuid(), nullable=True),
        sa.Column("back_state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "back_state in ('', 'good', 'damaged', 'missing')", name=op.f("ck_loktuan_thing_back_state")
        ),
        sa.CheckConstraint("holder_kind in ('vehicle', 'kit')", name=op.f("ck_loktuan_thing_holder_kind")),
        sa.ForeignKeyConstraint(["back_by"], ["people_person.id"], name=op.f("fk_loktuan_thing_back_by")),
        sa.ForeignKeyConstraint(["out_by"], ["people_person.id"], name=op.f("fk_loktuan_thing_out_by")),
        sa.ForeignKeyConstraint(["trip_id"], ["loktuan_trip.id"], name=op.f("fk_loktuan_thing_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loktuan_thing")),
        sa.UniqueConstraint("trip_id", "holder_kind", "holder_id", name="uq_loktuan_thing_once"),
    )
    op.add_column("place_site", sa.Column("latitude", sa.Double(), nullable=True))
    op.add_column("place_site", sa.Column("longitude", sa.Double(), nullable=True))
    op.add_column("place_site", sa.Column("contact_name", sa.String(length=100), server_default="", nullable=False))
    op.add_column("place_site", sa.Column("contact_phone", sa.String(length=20), server_default="", nullable=False))
    op.add_column("place_site", sa.Column("has_signal", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("place_site", sa.Column("signal_note", sa.String(length=300), server_default="", nullable=False))
    op.add_column("place_site", sa.Column("power_note", sa.String(length=300), server_default="", nullable=False))
    op.add_column("place_site", sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("place_site", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    _make_append_only("blanks_move")


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
