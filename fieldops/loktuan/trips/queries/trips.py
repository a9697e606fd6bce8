"""Trips in lists, and one trip with all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import case, func, select

from fieldops.core.booking.models import Booking, BookingPage, BookingSession
from fieldops.core.booking.queries.seats import pool_counts, seat_counts
from fieldops.core.booking.rules import LIVE as LIVE_BOOKINGS
from fieldops.core.booking.rules import Pool
from fieldops.core.places.models import Area, Site
from fieldops.kit import clock
from fieldops.loktuan.models import Trip
from fieldops.loktuan.trips.rules import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session


SOURCE = "loktuan"
AWAY = "loktuan-away"  # the nights between two stretches: no duty, and no time for another one


@dataclass(frozen=True)
class TripRow:
    """A trip in a list."""

    id: UUID
    status: Status
    departs_at: datetime
    returns_at: datetime
    place: str
    address: str
    area: str
    area_code: str | None
    page_id: UUID
    page_code: str
    seats: int
    taken: int
    end_reason: str

    @property
    def days(self) -> tuple[date, date]:
        return clock.office_day(self.departs_at), clock.office_day(self.returns_at)

    @property
    def title(self) -> str:
        return f"LOKTUAN {self.place}"


def trips(
    session: Session,
    *,
    first: date | None = None,
    until: date | None = None,
    ids: Collection[UUID] | None = None,
    newest_first: bool = False,
    limit: int = 200,
) -> list[TripRow]:
    """Trips that touch the office's days [first, until), or these. Two queries."""
    query = (
        select(
            Trip.id,
            Trip.status,
            Trip.departs_at,
            Trip.returns_at,
            Site.name.label("place"),
            Site.address,
            Area.name.label("area"),
            Site.area_code,
            Trip.page_id,
            BookingPage.code.label("page_code"),
            Trip.end_reason,
        )
        .join(Site, Site.id == Trip.site_id)
        .outerjoin(Area, Area.code == Site.area_code)
        .join(BookingPage, BookingPage.id == Trip.page_id)
    )
    midnight = datetime.min.time()
    if first is not None:
        query = query.where(Trip.returns_at > clock.at_office(first, midnight))
    if until is not None:
        query = query.where(Trip.departs_at < clock.at_office(until, midnight))
    if ids is not None:
        query = query.where(Trip.id.in_(ids))
    order = (Trip.departs_at.desc(), Trip.id) if newest_first else (Trip.departs_at, Trip.id)
    rows: Sequence[Any] = session.execute(query.order_by(*order).limit(limit)).all()
    counts = seat_counts(session, [str(row.id) for row in rows])
    found = []
    for row in rows:
        seats, taken = counts.get(str(row.id), (0, 0))
        facts = dict(row._mapping) | {"status": Status(row.status), "area": row.area or ""}
        found.append(TripRow(**facts, seats=seats, taken=taken))
    return found


def trip(session: Session, trip_id: UUID) -> TripRow | None:
    return next(iter(trips(session, ids=[trip_id])), None)


def made_with(session: Session, form_key: str) -> UUID | None:
    """The trip that this form has made already. One query."""
    return session.execute(select(Trip.id).where(Trip.form_key == form_key)).scalar_one_or_none()


@dataclass(frozen=True)
class SessionRow:
    """A session of a trip with seats and taken seats per pool."""

    id: UUID
    day: date
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    seats: dict[Pool, int]
    taken: dict[Pool, int]


def sessions_of(session: Session, trip_id: UUID) -> list[SessionRow]:
    """Two queries."""
    rows = session.execute(
        select(
            BookingSession.id,
            BookingSession.day,
            BookingSession.starts_at,
            BookingSession.ends_at,
            BookingSession.opens_at,
            BookingSession.closes_at,
        )
        .where(BookingSession.source_ref == str(trip_id))
        .order_by(BookingSession.starts_at)
    ).all()
    pools = pool_counts(session, [row.id for row in rows])
    found = []
    for row in rows:
        mine = pools.get(row.id, {})
        seats, taken = {pool: one.seats for pool, one in mine.items()}, {pool: one.taken for pool, one in mine.items()}
        found.append(SessionRow(*row, seats, taken))
    return found


def booked_sessions(session: Session, session_ids: Collection[UUID]) -> dict[UUID, bool]:
    """Of these sessions those with any booking ever; True when one of them is live. One query."""
    rows = session.execute(
        select(Booking.session_id, func.max(case((Booking.state.in_(LIVE_BOOKINGS), 1), else_=0)))
        .where(Booking.session_id.in_(session_ids))
        .group_by(Booking.session_id)
    )
    return {row[0]: bool(row[1]) for row in rows}
