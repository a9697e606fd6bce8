"""Booking: Walk-ins are counted per service day; those who are there get their number in the order they came."""

from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BOOKINGS = sa.table(
    "booking_booking",
    sa.column("id", sa.Uuid()),
    sa.column("page_id", sa.Uuid()),
    sa.column("session_id", sa.Uuid()),
    sa.column("channel", sa.String()),
    sa.column("made_at", sa.DateTime(timezone=True)),
    sa.column("walk_in_day", sa.Date()),
    sa.column("walk_in_number", sa.Integer()),
)
SESSIONS = sa.table("booking_session", sa.column("id", sa.Uuid()), sa.column("day", sa.Date()))


def upgrade() -> None:
    op.add_column("booking_booking", sa.Column("walk_in_day", sa.Date(), nullable=True))
    op.add_column("booking_booking", sa.Column("walk_in_number", sa.Integer(), nullable=True))
    number_walk_ins(op.get_bind())
    op.create_index(
        "uq_booking_booking_walk_in_number",
        "booking_booking",
        ["page_id", "walk_in_day", "walk_in_number"],
        unique=True,
        postgresql_where=sa.text("walk_in_number is not null"),
        sqlite_where=sa.text("walk_in_number is not null"),
    )


def number_walk_ins(connection: sa.Connection) -> None:
    """Until now they were called by the number of their seat, which two sessions of a day could share."""
    walk_ins = connection.execute(
        sa.select(BOOKINGS.c.id, BOOKINGS.c.page_id, SESSIONS.c.day)
        .join(SESSIONS, SESSIONS.c.id == BOOKINGS.c.session_id)
        .where(BOOKINGS.c.channel == "walk-in")
        .order_by(BOOKINGS.c.made_at, BOOKINGS.c.id)
    ).all()
    so_far: Counter[tuple[object, object]] = Counter()
    for walk_in in walk_ins:
        so_far[walk_in.page_id, walk_in.day] += 1
        number = so_far[walk_in.page_id, walk_in.day]
        connection.execute(
            sa.update(BOOKINGS)
            .where(BOOKINGS.c.id == walk_in.id)
            .values(walk_in_day=walk_in.day, walk_in_number=number)
        )
