"""Timed upkeep: sweep dead holds, erase personal data. Both are idempotent; a missed run heals at the next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import SYSTEM
from fieldops.core.booking.models import Applicant, Booking, BookingSession
from fieldops.core.booking.rules import State
from fieldops.core.booking.service.holds import end
from fieldops.core.booking.service.pages import lock_sessions
from fieldops.kit import clock

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# An expired hold stays confirmable while nobody wants its seats; after this it is put away.
SWEEP_AFTER = timedelta(minutes=30)
ERASED = "(dihapus)"


def sweep_holds(session: Session, *, now: datetime) -> int:
    """Mark holds that ran out half an hour ago as expired; returns how many."""
    over = (Booking.state == State.HELD) & (Booking.held_until < now - SWEEP_AFTER)
    lock_sessions(session, session.scalars(select(Booking.session_id).where(over)))
    dead = session.scalars(select(Booking.id).where(over).with_for_update(skip_locked=True)).all()
    if dead:
        end(session, set(dead), State.EXPIRED, now=now)
    return len(dead)


def erase_old(session: Session, *, now: datetime, days: int) -> int:
    """Erase names, NIK hashes and phone numbers `days` after the service day; holds that came to nothing after one
    day. Counts, events and ledger lines stay. Returns the number of bookings."""
    until = clock.office_day(now) - timedelta(days=days)
    old = session.scalars(
        select(Booking.id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .where(
            Booking.erased_at.is_(None),
            (BookingSession.day < until)
            | ((Booking.state == State.EXPIRED) & (Booking.ended_at < now - timedelta(days=1))),
        )
        .limit(500)
        .with_for_update(of=Booking, skip_locked=True)
    ).all()
    if not old:
        return 0
    session.execute(
        update(Applicant)
        .where(Applicant.booking_id.in_(old))
        .values(name=ERASED, name_key="", nik_hash=None, nik_last4="", help="", erased_at=now)
    )
    session.execute(
        update(Booking)
        .where(Booking.id.in_(old))
        .values(phone_hash=None, phone_sealed=None, phone_last4="", erased_at=now)
    )
    audit.record(session, SYSTEM, "booking.erase", "booking", "-", now=now, count=len(old))
    return len(old)
