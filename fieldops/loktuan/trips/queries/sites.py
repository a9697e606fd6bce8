"""Where trips go, how far that is, and which kecamatan has waited how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select

from fieldops.core.booking.models import BookingSession
from fieldops.core.places.models import Area, Site
from fieldops.kit import clock
from fieldops.loktuan.models import Trip
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.rules import Status
from fieldops.loktuan.trips.rules.geometry import Point, distance_km

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from fieldops.loktuan.trips.rules import Plan

from fieldops.loktuan.trips.queries.trips import TripRow, trips

OFFICE_AREA = "64.74"


def _office(session: Session) -> Point | None:
    """The middle of the town where the office is."""
    row = session.execute(select(Area.latitude, Area.longitude).where(Area.code == OFFICE_AREA)).one_or_none()
    if row is None or row.latitude is None or row.longitude is None:
        return None
    return Point(row.latitude, row.longitude)


@dataclass(frozen=True)
class SiteFacts:
    """Where a trip goes. `point` may be the middle of its kecamatan: then `is_approximate`. `area` is its name."""

    id: UUID
    name: str
    address: str
    area_code: str | None
    area: str
    contact_name: str
    contact_phone: str
    has_signal: bool
    signal_note: str
    power_note: str
    point: Point | None
    is_approximate: bool
    distance_km: int | None


def site_facts(session: Session, site_ids: Collection[UUID] | None = None, *, active: bool = False) -> list[SiteFacts]:
    """Sites by name with their distance from the office, a straight line. Two queries."""
    office = _office(session)
    query = select(Site, Area.name, Area.latitude, Area.longitude).outerjoin(Area, Area.code == Site.area_code)
    if site_ids is not None:
        query = query.where(Site.id.in_(site_ids))
    if active:
        query = query.where(Site.is_active)
    return [_site(row, office) for row in session.execute(query.order_by(Site.name))]


def _site(row: Any, office: Any) -> SiteFacts:
    site = row[0]
    exact = site.latitude is not None
    latitude, longitude = (site.latitude, site.longitude) if exact else (row.latitude, row.longitude)
    point = Point(latitude, longitude) if latitude is not None else None
    return SiteFacts(
        id=site.id,
        name=site.name,
        address=site.address,
        area_code=site.area_code,
        area=row.name or "",
        contact_name=site.contact_name,
        contact_phone=site.contact_phone,
        has_signal=site.has_signal,
        signal_note=site.signal_note,
        power_note=site.power_note,
        point=point,
        is_approximate=not exact,
        distance_km=distance_km(office, point) if office and point else None,
    )


@dataclass(frozen=True)
class AreaService:
    """A kecamatan with its last mobile service and the next one that is planned."""

    code: str
    name: str
    in_working_area: str
    point: Point | None
    distance_km: int | None
    last_day: date | None
    next_trip: UUID | None
    next_day: date | None


def areas(session: Session, today: date) -> list[AreaService]:
    """Every kecamatan of the plan's area: served longest ago first, never served before all. Four queries."""
    rows = session.scalars(select(Area).where(Area.level == "kecamatan").order_by(Area.code)).all()
    office = _office(session)
    last = last_services(session, today)
    coming: dict[str, TripRow] = {}
    for row in trips(session, first=today):
        if row.status in rules.LIVE and row.area_code:
            coming.setdefault(row.area_code, row)
    found = []
    for area in rows:
        point = (
            Point(area.latitude, area.longitude) if area.latitude is not None and area.longitude is not None else None
        )
        ahead = coming.get(area.code)
        found.append(
            AreaService(
                area.code,
                area.name,
                area.in_working_area,
                point,
                distance_km(office, point) if office and point else None,
                last.get(area.code),
                ahead.id if ahead else None,
                ahead.days[0] if ahead else None,
            )
        )
    return sorted(found, key=lambda area: (area.last_day or date.min, area.code))


def other_trip(session: Session, plan: Plan, area_code: str, without: UUID | None) -> date | None:
    """The first day of another trip, done or planned, to this kecamatan in the month of the plan. Two queries."""
    first = clock.office_day(plan.departs_at).replace(day=1)
    until = (first + timedelta(days=32)).replace(day=1)
    standing = (*rules.LIVE, Status.CLOSED)
    days = [
        row.days[0]
        for row in trips(session, first=first, until=until)
        if row.area_code == area_code and row.status in standing and row.id != without and row.days[0] >= first
    ]
    return min(days, default=None)


def last_services(session: Session, today: date) -> dict[str, date]:
    """The last day of a mobile service that took place in each kecamatan, up to today. One query."""
    rows = session.execute(
        select(Site.area_code, func.max(BookingSession.day))
        .join(Trip, Trip.site_id == Site.id)
        .join(BookingSession, BookingSession.page_id == Trip.page_id)
        .where(
            Site.area_code.is_not(None),
            BookingSession.day <= today,
            BookingSession.source_ref != "",
            Trip.status.in_([Status.PUBLISHED, Status.CLOSED]),
        )
        .group_by(Site.area_code)
    )
    return {code: day for code, day in rows if code is not None}
