"""Notices: What people are told, and the outbox of mail."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "notices_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(length=1000), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_state", sa.String(length=10), nullable=False),
        sa.Column("mail_tries", sa.Integer(), nullable=False),
        sa.Column("mail_next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_error", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "(mail_state in ('waiting', 'failed')) = (mail_next_at is not null)",
            name=op.f("ck_notices_notice_mail_next_at"),
        ),
        sa.CheckConstraint(
            "mail_state in ('none', 'waiting', 'sent', 'failed', 'given_up')", name=op.f("ck_notices_notice_mail_state")
        ),
        sa.CheckConstraint("mail_tries >= 0", name=op.f("ck_notices_notice_mail_tries")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_notices_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices_notice")),
        sa.UniqueConstraint("person_id", "key", name="uq_notices_notice_key"),
    )
    op.create_index(
        "ix_notices_notice_given_up",
        "notices_notice",
        ["made_at"],
        unique=False,
        postgresql_where=sa.text("mail_state = 'given_up'"),
        sqlite_where=sa.text("mail_state = 'given_up'"),
    )
    op.create_index("ix_notices_notice_inbox", "notices_notice", ["person_id", "made_at", "id"], unique=False)
    op.create_index(
        "ix_notices_notice_mail_next_at",
        "notices_notice",
        ["mail_next_at"],
        unique=False,
        postgresql_where=sa.text("mail_next_at is not null"),
        sqlite_where=sa.text("mail_next_at is not null"),
    )
    op.create_index(
        "ix_notices_notice_unread",
        "notices_notice",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("read_at is null"),
        sqlite_where=sa.text("read_at is null"),
    )
    op.create_table(
        "notices_preference",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_notices_preference_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notices_preference")),
    )
