"""People: passwords, second step, sessions in words, imports."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "credentials_passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("credential_hash", sa.String(length=64), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_credentials_passkey_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials_passkey")),
        sa.UniqueConstraint("credential_hash", name=op.f("uq_credentials_passkey_credential_hash")),
    )
    op.create_index("ix_credentials_passkey_person_id", "credentials_passkey", ["person_id"], unique=False)
    op.create_table(
        "credentials_password",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_credentials_password_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_credentials_password")),
    )
    op.create_table(
        "credentials_recovery_code",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people_person.id"], name=op.f("fk_credentials_recovery_code_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name=op.f("pk_credentials_recovery_code")),
    )
    op.create_table(
        "credentials_totp",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_credentials_totp_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_credentials_totp")),
    )
    op.create_table(
        "people_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('read', 'done', 'undone', 'forgotten')", name=op.f("ck_people_import_state")),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_people_import_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import")),
        sa.UniqueConstraint("form_key", name=op.f("uq_people_import_form_key")),
    )
    op.add_column("people_person", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("people_person", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("people_person", sa.Column("changed_by", sa.Uuid(), nullable=True))
    _add_chosen("people_session", "means", "link", "'link', 'password', 'two-step', 'passkey'")
    op.add_column("people_session", sa.Column("device", sa.String(length=40), server_default="", nullable=False))
    op.add_column("people_session", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("people_session", sa.Column("challenge_hash", sa.String(length=64), nullable=True))
    op.create_index("uq_people_session_challenge_hash", "people_session", ["challenge_hash"], unique=True)
    _add_chosen("people_sign_in_link", "purpose", "session", "'session', 'password', 'step'")
    op.create_index("ix_people_sign_in_link_person_id", "people_sign_in_link", ["person_id"], unique=False)


def _add_chosen(table: str, column: str, default: str, choices: str) -> None:
    """A text column with a check. SQLite takes the check only in the statement that adds the column."""
    op.execute(
        f"alter table {table} add column {column} varchar(10) default '{default}' not null "
        f"constraint ck_{table}_{column} check ({column} in ({choices}))"
    )
