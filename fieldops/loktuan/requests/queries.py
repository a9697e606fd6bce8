"""Reads of requests, and how often the mobile service was in a kecamatan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import case, func, select

from fieldops.core.booking.models import BookingPage
from fieldops.core.booking.rules import show_code
from fieldops.core.places.models import Area, Site
from fieldops.kit import clock
from fieldops.loktuan.models import Trip, TripRequest
from fieldops.loktuan.requests.rules import OPEN, ApplicantKind, Rhythm, State, days_told
from fieldops.loktuan.trips.rules import Status

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PAGE: Final = 50
SOURCE: Final = "request"
"""The source of its files."""

_PLANNED = ("approved", "published", "closed")
_DONE = ("published", "closed")


@dataclass(frozen=True)
class RequestRow:
    """A request without the contact and the names: what a list and the public page show."""

    id: UUID
    code: str
    token: str
    kind: ApplicantKind
    organisation: str
    area_code: str
    area_name: str
    area_state: str
    place: str
    address: str
    wanted_from: date
    wanted_to: date
    people: int
    note: str
    state: State
    decision_note: str
    made_at: datetime
    made_by: UUID | None
    decided_at: datetime | None
    decided_by: UUID | None
    phone_last4: str
    erased_at: datetime | None

    @property
    def shown_code(self) -> str:
        return show_code(self.code)

    @property
    def days(self) -> str:
        return days_told(self.wanted_from, self.wanted_to)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


_ROWS: Any = select(
    TripRequest.id,
    TripRequest.code,
    TripRequest.token,
    TripRequest.applicant_kind,
    TripRequest.organisation,
    TripRequest.area_code,
    Area.name,
    Area.in_working_area,
    TripRequest.place,
    TripRequest.address,
    TripRequest.wanted_from,
    TripRequest.wanted_to,
    TripRequest.people,
    TripRequest.note,
    TripRequest.state,
    TripRequest.decision_note,
    TripRequest.made_at,
    TripRequest.made_by,
    TripRequest.decided_at,
    TripRequest.decided_by,
    TripRequest.contact_phone_last4,
    TripRequest.erased_at,
).join(Area, Area.code == TripRequest.area_code)


def _row(found: Any) -> RequestRow:
    facts = list(found)
    facts[3], facts[14] = ApplicantKind(facts[3]), State(facts[14])
    return RequestRow(*facts)


def _one(session: Session, *where: Any) -> RequestRow | None:
    found = session.execute(_ROWS.where(*where)).one_or_none()
    return None if found is None else _row(found)


def one(session: Session, request_id: UUID) -> RequestRow | None:
    return _one(session, TripRequest.id == request_id)


def by_token(session: Session, token: str) -> RequestRow | None:
    """The request whose private link holds this token."""
    return _one(session, TripRequest.token == token)


def by_code(session: Session, code: str) -> RequestRow | None:
    """The request with this code, as `booking.rules.read_code` gives it."""
    return _one(session, TripRequest.code == code)


@dataclass(frozen=True)
class Listing:
    """One page of requests, and how many there are of each state."""

    rows: list[RequestRow]
    counts: dict[State, int]
    has_more: bool


def listing(session: Session, state: State | None = None, *, page: int = 1) -> Listing:
    """Those that wait for an answer first, then the newest. Two queries."""
    waiting = case((TripRequest.state == State.NEW.value, 0), else_=1)
    query = _ROWS.order_by(waiting, TripRequest.made_at.desc(), TripRequest.id)
    if state is not None:
        query = query.where(TripRequest.state == state.value)
    rows = [_row(one) for one in session.execute(query.offset((page - 1) * PAGE).limit(PAGE + 1))]
    counted = session.execute(select(TripRequest.state, func.count()).group_by(TripRequest.state))
    return Listing(rows[:PAGE], {State(name): number for name, number in counted}, len(rows) > PAGE)


@dataclass(frozen=True)
class Contact:
    """The personal part of a request. Whoever reads it leaves a line in the audit log: `service.read_contact`."""

    name: str
    phone_sealed: bytes | None
    names: tuple[str, ...]


def contact(session: Session, request_id: UUID) -> Contact | None:
    found = session.execute(
        select(TripRequest.contact_name, TripRequest.contact_phone_sealed, TripRequest.names).where(
            TripRequest.id == request_id
        )
    ).one_or_none()
    return None if found is None else Contact(found[0], found[1], tuple(found[2]))


def rhythms(
    session: Session, area_codes: Iterable[str], *, now: datetime, month: date | None = None
) -> dict[str, Rhythm]:
    """For each kecamatan the trips of the office's month, or of the month of a day, and the last one that was. One
    query."""
    first = clock.office_day(now).replace(day=1)
    other = month if month is not None and month.replace(day=1) != first else None
    first = (other or first).replace(day=1)
    until = (first + timedelta(days=32)).replace(day=1)
    begins, ends = clock.day_bounds(first)[0], clock.day_bounds(until)[0]
    in_month = (Trip.departs_at >= begins) & (Trip.departs_at < ends) & Trip.status.in_(_PLANNED)
    codes = set(area_codes)
    found = session.execute(
        select(
            Site.area_code,
            func.count().filter(in_month),
            func.max(Trip.departs_at).filter(Trip.status.in_(_DONE), Trip.departs_at < now),
        )
        .join(Site, Site.id == Trip.site_id)
        .where(Site.area_code.in_(codes))
        .group_by(Site.area_code)
    )
    known = {code: Rhythm(number, clock.office_day(last) if last else None, other) for code, number, last in found}
    return {code: known.get(code, Rhythm(month=other)) for code in codes}


@dataclass(frozen=True)
class PlannedTrip:
    """A trip that was planned for a request."""

    id: UUID
    departs_at: datetime
    status: Status


def trips_of(session: Session, request_id: UUID) -> list[PlannedTrip]:
    """Every trip of a request, the latest first. One query."""
    rows = session.execute(
        select(Trip.id, Trip.departs_at, Trip.status)
        .where(Trip.request_id == request_id)
        .order_by(Trip.departs_at.desc(), Trip.id)
    )
    return [PlannedTrip(row[0], row[1], Status(row[2])) for row in rows]


@dataclass(frozen=True)
class ToldTrip:
    """The trip that a request led to, once the public knows of it."""

    departs_at: datetime
    status: str
    end_reason: str
    page_code: str
    collective_token: str

    @property
    def state(self) -> str:
        """published, closed, cancelled or postponed: a trip that is planned anew has no date yet for whoever waits."""
        return self.status if self.status in ("published", "closed", "cancelled") else "postponed"


def told_trip(session: Session, request_id: UUID) -> ToldTrip | None:
    """The trip of a request that the public knows of, one that takes place before one that does not; None before one
    was published. One query."""
    found = session.execute(
        select(Trip.departs_at, Trip.status, Trip.end_reason, BookingPage.code, Trip.collective_token)
        .join(BookingPage, BookingPage.id == Trip.page_id)
        .where(Trip.request_id == request_id, Trip.published_at.is_not(None))
        .order_by(case((Trip.status == "published", 0), else_=1), Trip.published_at.desc(), Trip.id)
        .limit(1)
    ).one_or_none()
    return None if found is None else ToldTrip(*found)
