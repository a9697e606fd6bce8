"""Heartbeats of the worker; why a swap was accepted for another."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "office_heartbeat",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_office_heartbeat")),
    )
    op.add_column("roster_swap", sa.Column("accept_note", sa.String(length=300), server_default="", nullable=False))
