"""Reads for the list of a group: its sessions with what is left for it, and the people on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, or_, select

from fieldops.core.booking import rules
from fieldops.core.booking.models import Applicant, Booking, BookingSession, Seat
from fieldops.core.booking.rules import Channel, Pool, State

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class GroupSession:
    """A session with the seats of the group in it. `state`: open, full, late (the list is closed), past, closed."""

    id: UUID
    day: date
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    left: int
    total: int
    state: str

    @property
    def is_free(self) -> bool:
        return self.state == "open"


def sessions(session: Session, page_id: UUID, *, now: datetime) -> list[GroupSession]:
    """The published sessions of a page that have seats for a group, soonest first. One query."""
    free = or_(Seat.applicant_id.is_(None), Seat.held_until < now)
    rows = session.execute(
        select(
            BookingSession.id,
            BookingSession.day,
            BookingSession.starts_at,
            BookingSession.ends_at,
            BookingSession.closes_at,
            BookingSession.is_open,
            func.count().filter(free).label("left"),
            func.count().label("total"),
        )
        .join(Seat, Seat.session_id == BookingSession.id)
        .where(
            BookingSession.page_id == page_id,
            Seat.pool == Pool.COLLECTIVE.value,
            or_(BookingSession.is_open, BookingSession.closed_reason != ""),
        )
        .group_by(BookingSession.id)
        .order_by(BookingSession.starts_at)
    )
    found = []
    for row in rows:
        if not row.is_open:
            state = "closed"
        elif now >= row.starts_at:
            state = "past"
        elif now >= row.closes_at:
            state = "late"
        else:
            state = "open" if row.left else "full"
        found.append(
            GroupSession(row.id, row.day, row.starts_at, row.ends_at, row.closes_at, row.left, row.total, state)
        )
    return found


@dataclass(frozen=True)
class Listed:
    """A person on the list, by a short name: others may see it."""

    booking_id: UUID
    code: str
    entry_token: str
    short: str
    service: rules.Service
    help: str
    day: date
    starts_at: datetime
    closes_at: datetime
    stands: bool
    """False when the office has closed this session: the person needs another one."""

    @property
    def shown_code(self) -> str:
        return rules.show_code(self.code)

    def can_remove(self, now: datetime) -> bool:
        return now < self.closes_at or not self.stands


def listed(session: Session, page_id: UUID) -> list[Listed]:
    """Everybody on the list of a page, by session and in the order they were entered. One query."""
    rows: Any = session.execute(
        select(
            Booking.id,
            Booking.code,
            Booking.entry_token,
            Applicant.name,
            Applicant.service,
            Applicant.help,
            BookingSession.day,
            BookingSession.starts_at,
            BookingSession.closes_at,
            BookingSession.is_open,
        )
        .join(Applicant, Applicant.booking_id == Booking.id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .where(
            Booking.page_id == page_id,
            Booking.channel == Channel.COLLECTIVE.value,
            Booking.state == State.BOOKED.value,
            Applicant.is_live,
        )
        .order_by(BookingSession.starts_at, Booking.made_at, Booking.id)
    )
    return [
        Listed(row[0], row[1] or "", row[2], rules.short_name(row[3]), rules.Service(row[4]), *row[5:]) for row in rows
    ]
