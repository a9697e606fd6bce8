"""Trips of the demonstration office: one draft, one that waits for the head, one open for booking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select

from fieldops.core.audit.rules import staff
from fieldops.core.booking.rules import Pool
from fieldops.core.fleet import queries as fleet
from fieldops.core.places.models import Site
from fieldops.core.roster.rules import Duty
from fieldops.kit import clock
from fieldops.loktuan.trips.queries.crew import crew_choices, crew_ground
from fieldops.loktuan.trips.rules import CostKind, CostLine, CrewSeat, Plan, SessionPlan, Status
from fieldops.loktuan.trips.service import deciding, planning

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

DUTIES = (Duty.SUPERVISOR, Duty.DRIVER, Duty.VERIFICATION, Duty.INTERVIEW, Duty.QUEUE)
COMING = (
    ("Kantor Kecamatan Teluk Pandan", 12, 1, Status.PUBLISHED),
    ("Kantor Kecamatan Kaliorang", 26, 2, Status.SUBMITTED),
    ("Aula PT Kaltim Prima Coal", 40, 1, Status.DRAFT),
)


@dataclass(frozen=True)
class Planners:
    """Who plans, and who approves."""

    planner: UUID
    head: UUID


def fill(session: Session, who: Planners, *, now: datetime) -> list[UUID]:
    """Plan the coming trips through the services; gives their ids."""
    made = []
    for name, ahead, days, status in COMING:
        first = clock.office_day(now) + timedelta(days=ahead)
        first += timedelta(days=(7 - first.weekday()) % 7 if first.weekday() > 4 - days else 0)
        plan = plan_of(session, name, first, days, now=now)
        trip_id = planning.create(
            session, plan, request_id=None, form_key=str(uuid4()), actor=staff(who.planner), now=now
        )
        carry(session, trip_id, status, who, now=now)
        made.append(trip_id)
    return made


def carry(session: Session, trip_id: UUID, status: Status, who: Planners, *, now: datetime) -> None:
    """Bring a draft as far as `status`."""
    if status is Status.DRAFT:
        return
    deciding.submit(session, trip_id, revision=1, actor=staff(who.planner), now=now)
    if status is Status.SUBMITTED:
        return
    deciding.approve(session, trip_id, revision=1, actor=staff(who.head), now=now)
    if status is Status.PUBLISHED:
        deciding.publish(session, trip_id, revision=1, actor=staff(who.planner), now=now)


def plan_of(session: Session, site_name: str, first: date, days: int, *, now: datetime) -> Plan:
    """A plan with what is free: the first vehicle, some kit, and whoever comes next for each duty."""
    site_id = session.execute(select(Site.id).where(Site.name == site_name)).scalar_one()
    sessions = []
    for day in (first + timedelta(days=n) for n in range(days)):
        sessions.append(SessionPlan(day, time(8, 30), time(11, 30), {Pool.PUBLIC: 6, Pool.COLLECTIVE: 14}))
        seats = {Pool.PUBLIC: 6, Pool.PRIORITY: 4, Pool.WALK_IN: 4}
        sessions.append(SessionPlan(day, time(13), time(15), seats))
    last = first + timedelta(days=days - 1)
    plan = Plan(
        site_id,
        clock.at_office(first, time(6, 30)),
        clock.at_office(last, time(17)),
        tuple(sessions),
        purpose="",
        costs=(
            CostLine(CostKind.PER_DIEM, "Uang harian tim", len(DUTIES) * days, 430_000),
            CostLine(CostKind.FUEL, "Solar", 40, 6_800),
        ),
    )
    free = [one for one in fleet.choices(session, plan.interval) if one.clash is None and one.part_of is None]
    vehicles = [one.id for one in free if one.kind == "vehicle"][:1]
    items: dict[str, UUID] = {}
    for one in free:
        if one.kind == "kit":
            items.setdefault(one.kind_label, one.id)
    choices = crew_choices(crew_ground(session, plan, clock.office_day(now)), plan, ())
    chosen: set[UUID] = set()
    crew = []
    for duty in DUTIES:
        found = next((one.person_id for one in choices[duty] if one.fits and one.person_id not in chosen), None)
        chosen |= {found} if found else set()
        crew.append(CrewSeat(duty, found))
    return replace(plan, vehicle_ids=frozenset(vehicles), item_ids=frozenset(items.values()), crew=tuple(crew))
