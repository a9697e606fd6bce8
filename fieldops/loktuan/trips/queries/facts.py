"""One trip with all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from fieldops.core.people.models import Person
from fieldops.kit import clock
from fieldops.loktuan.models import Trip, TripCost, TripRequest, TripThing
from fieldops.loktuan.requests.rules import State as RequestState
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.rules import CostKind, CostLine, CrewSeat, Plan, SessionPlan, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

from fieldops.loktuan.trips.queries.crew import CrewRow, crew
from fieldops.loktuan.trips.queries.sites import SiteFacts, site_facts
from fieldops.loktuan.trips.queries.trips import SessionRow, TripRow, sessions_of, trip


@dataclass(frozen=True)
class ThingRow:
    """A vehicle or an item that goes along, with its two checks."""

    id: UUID
    holder_kind: str
    holder_id: UUID
    out_at: datetime | None
    back_at: datetime | None
    back_state: str
    note: str
    out_by: str | None
    back_by: str | None


def things(session: Session, trip_id: UUID) -> list[ThingRow]:
    out, back = aliased(Person), aliased(Person)
    rows = session.execute(
        select(
            TripThing.id,
            TripThing.holder_kind,
            TripThing.holder_id,
            TripThing.out_at,
            TripThing.back_at,
            TripThing.back_state,
            TripThing.note,
            out.name.label("out_by"),
            back.name.label("back_by"),
        )
        .outerjoin(out, out.id == TripThing.out_by)
        .outerjoin(back, back.id == TripThing.back_by)
        .where(TripThing.trip_id == trip_id)
        .order_by(TripThing.holder_kind.desc(), TripThing.id)
    )
    return [ThingRow(**row._mapping) for row in rows]


@dataclass(frozen=True)
class TripFacts:
    """A trip with all that its page shows. `plan` is what the planning form would be filled with."""

    row: TripRow
    site: SiteFacts
    plan: Plan
    sessions: tuple[SessionRow, ...]
    crew: tuple[CrewRow, ...]
    things: tuple[ThingRow, ...]
    request_id: UUID | None
    people: int | None
    organisation: str
    revision: int
    collective_token: str
    made_by: str
    approved_by: str | None
    approved_at: datetime | None
    published_at: datetime | None

    @property
    def status(self) -> Status:
        return self.row.status


def facts(session: Session, trip_id: UUID) -> TripFacts | None:
    """One trip with everything around it. Eleven queries, however long it lasts."""
    row = trip(session, trip_id)
    if row is None:
        return None
    planner, approver = aliased(Person), aliased(Person)
    one, made_by, approved_by, request = session.execute(
        select(Trip, planner.name, approver.name, TripRequest)
        .join(planner, planner.id == Trip.made_by)
        .outerjoin(approver, approver.id == Trip.approved_by)
        .outerjoin(TripRequest, TripRequest.id == Trip.request_id)
        .where(Trip.id == trip_id)
    ).one()
    site = site_facts(session, [one.site_id])[0]
    found, along = sessions_of(session, trip_id), things(session, trip_id)
    people = crew(session, trip_id, cancelled=row.status in {Status.POSTPONED, Status.CANCELLED})
    return TripFacts(
        row=row,
        site=site,
        plan=_plan(session, one, site, found, along, people),
        sessions=tuple(found),
        crew=tuple(people),
        things=tuple(along),
        request_id=one.request_id,
        people=request.people if request else None,
        organisation=request.organisation if request else "",
        revision=one.revision,
        collective_token=one.collective_token,
        made_by=made_by,
        approved_by=approved_by,
        approved_at=one.approved_at,
        published_at=one.published_at,
    )


def _plan(
    session: Session,
    one: Trip,
    site: SiteFacts,
    found: Sequence[SessionRow],
    along: Sequence[ThingRow],
    people: Sequence[CrewRow],
) -> Plan:
    costs = session.scalars(select(TripCost).where(TripCost.trip_id == one.id).order_by(TripCost.position))
    return Plan(
        site_id=one.site_id,
        departs_at=one.departs_at,
        returns_at=one.returns_at,
        sessions=tuple(
            SessionPlan(
                row.day,
                row.starts_at.astimezone(clock.ZONE).time(),
                row.ends_at.astimezone(clock.ZONE).time(),
                {pool: row.seats.get(pool, 0) for pool in rules.POOLS},
                row.id,
            )
            for row in found
        ),
        vehicle_ids=frozenset(row.holder_id for row in along if row.holder_kind == "vehicle"),
        item_ids=frozenset(row.holder_id for row in along if row.holder_kind == "kit"),
        crew=tuple(CrewSeat(row.duty, row.person_id) for row in people),
        costs=tuple(CostLine(CostKind(row.kind), row.text, row.quantity, row.unit_price) for row in costs),
        purpose=one.purpose,
        override_reason=next(
            (piece.override_reason for row in people for piece in row.posts if piece.override_reason), ""
        ),
        distance_km=site.distance_km or 0,
    )


@dataclass(frozen=True)
class RequestFacts:
    """What a planner takes over from a request. No contact: that is read on the request's own page."""

    id: UUID
    code: str
    organisation: str
    place: str
    address: str
    area_code: str
    wanted_from: date
    wanted_to: date
    people: int
    is_accepted: bool


def request_facts(session: Session, request_id: UUID) -> RequestFacts | None:
    one = session.get(TripRequest, request_id)
    if one is None:
        return None
    return RequestFacts(
        one.id,
        one.code,
        one.organisation,
        one.place,
        one.address,
        one.area_code,
        one.wanted_from,
        one.wanted_to,
        one.people,
        one.state == RequestState.ACCEPTED,
    )
