"""How the people of a service day can be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from fieldops.core.booking import rules
from fieldops.core.booking.models import Applicant, Booking, BookingPage, BookingSession
from fieldops.core.booking.rules import State
from fieldops.kit import keys

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Contact:
    """A booking with its people and the number that they gave."""

    booking_id: UUID
    shown_code: str
    day: date
    starts_at: datetime
    names: tuple[str, ...]
    phone: str


def contacts(session: Session, source_ref: str, page_code: str = "") -> list[Contact]:
    """Everybody with a ticket for the sessions of one service day (with `page_code`: for those of a whole page) who
    left a number, by session and name; a cancelled day still has its tickets. What is erased has no number any more.
    One query.

    Whoever reads it leaves a line in the audit log: `service.contacts.read_contacts`.
    """
    which = BookingSession.source_ref == source_ref
    if page_code:
        page = select(BookingPage.id).where(BookingPage.code == page_code)
        which = BookingSession.page_id == page.scalar_subquery()
    rows = session.execute(
        select(
            Booking.id, Booking.code, Booking.phone_sealed, BookingSession.day, BookingSession.starts_at, Applicant.name
        )
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .join(Applicant, Applicant.booking_id == Booking.id)
        .where(
            which,
            Booking.state == State.BOOKED,
            Booking.phone_sealed.is_not(None),
            Applicant.is_live,
        )
        .order_by(Applicant.position)
    )
    found: dict[UUID, Contact] = {}
    for row in rows:
        before = found.get(row.id)
        names = (*(before.names if before else ()), row.name)
        phone = before.phone if before else keys.unseal(row.phone_sealed, str(row.id)).replace("+62", "0")
        found[row.id] = Contact(row.id, rules.show_code(row.code), row.day, row.starts_at, names, phone)
    return sorted(found.values(), key=lambda one: (one.starts_at, one.names))
