"""A site that loses or gets its signal after a trip was planned: the end of online booking follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import SYSTEM
from fieldops.core.booking.service import pages
from fieldops.core.places.models import Site
from fieldops.loktuan.models import Trip
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.trips import sessions_of
from fieldops.loktuan.trips.rules import Status
from fieldops.loktuan.trips.service import telling
from fieldops.loktuan.trips.service.planning import locked

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from fieldops.loktuan.trips.queries.trips import SessionRow


def follow(session: Session, *, now: datetime) -> int:
    """Move the end of online booking of every coming session that does not fit its site any more, and tell the planner;
    gives how many sessions. The same twice changes nothing. Locks trip after trip, each with its sessions."""
    coming = session.execute(
        select(Trip.id, Site.has_signal)
        .join(Site, Site.id == Trip.site_id)
        .where(Trip.status.in_(rules.LIVE), Trip.returns_at > now)
        .order_by(Trip.id)
    ).all()
    return sum(
        _follow(session, trip_id, has_signal=has_signal, now=now)
        for trip_id, has_signal in coming
        if _late(session, trip_id, has_signal=has_signal, now=now)
    )


def _late(session: Session, trip_id: UUID, *, has_signal: bool, now: datetime) -> list[SessionRow]:
    return [
        one
        for one in sessions_of(session, trip_id)
        if one.starts_at > now and one.closes_at != rules.closes_at(one.starts_at, has_signal=has_signal)
    ]


def _follow(session: Session, trip_id: UUID, *, has_signal: bool, now: datetime) -> int:
    trip = locked(session, trip_id)
    late = _late(session, trip_id, has_signal=has_signal, now=now)
    pages.lock_sessions(session, [one.id for one in late])
    for one in late:
        pages.set_closing(session, one.id, rules.closes_at(one.starts_at, has_signal=has_signal))
    if not late:
        return 0
    audit.record(session, SYSTEM, "trip.closes", "trip", trip_id, now=now, sessions=len(late), signal=has_signal)
    if trip.status == Status.PUBLISHED:
        found = telling.known(session, trip_id)
        body = (
            f"{found.row.title}: sinyal di lokasi sekarang {'ada' if has_signal else 'tidak ada'}. Pendaftaran daring "
            f"ditutup {rules.moment(min(one.closes_at for one in found.sessions))}."
        )
        key = f"closes:{trip.revision}:{int(has_signal)}:{now.isoformat()}"
        telling.tell(session, {trip.made_by}, "Tutup pendaftaran berubah", body, trip_id=trip_id, key=key, now=now)
    return len(late)
