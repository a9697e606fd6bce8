"""Trips for tests: a site, a crew that has every skill, a vehicle with a camera, and plans that use them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from fieldops.core.audit.rules import staff
from fieldops.core.booking.rules import Pool
from fieldops.core.fleet.models import KitItem, Vehicle
from fieldops.core.people.models import PersonCompetence
from fieldops.core.people.rules import Competence, Role
from fieldops.core.places.models import Site
from fieldops.core.roster.rules import Duty
from fieldops.kit import clock
from fieldops.kit.db import transaction
from fieldops.loktuan.models import Trip
from fieldops.loktuan.trips.rules import CrewSeat, Plan, SessionPlan, Status
from fieldops.loktuan.trips.service import deciding, planning
from tests.make import at, people

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tests.make import Office

DAY = date(2026, 12, 9)
"""A Wednesday, two weeks after the tests' today; a working day."""
SKILLS = [one for one in Competence if one is not Competence.LEAD]


@dataclass(frozen=True)
class Ground:
    """What a trip is planned from. `crew` are three officers with all skills; the supervisor leads."""

    site: UUID
    far_site: UUID
    crew: tuple[UUID, ...]
    lead: UUID
    vehicle: UUID
    other_vehicle: UUID
    case: UUID
    camera: UUID
    planner: UUID
    head: UUID


def make_ground(session: Session, office: Office) -> Ground:
    crew = tuple(
        people.add_person(session, name=name, role=Role.OFFICER, section="Verdokim", now=clock.now())
        for name in ("Budi Sopir", "Citra Wawancara", "Doni Berkas")
    )
    for person_id in crew:
        session.execute(insert(PersonCompetence), [{"person_id": person_id, "competence": one} for one in SKILLS])
    sites, vehicles, items = ([uuid4() for _ in range(2)] for _ in range(3))
    rows = [("Kantor Camat Sangatta Utara", "64.08.04", True), ("Balai Desa Sandaran", "64.08.11", False)]
    for site_id, (name, area, signal) in zip(sites, rows, strict=True):
        session.execute(
            insert(Site).values(id=site_id, name=name, address="Jl. Uji No. 1", area_code=area, has_signal=signal)
        )
    for vehicle_id, name in zip(vehicles, ("Minibus Uji", "Mobil Uji"), strict=True):
        session.execute(insert(Vehicle).values(id=vehicle_id, name=name, seats=8))
    session.execute(insert(KitItem).values(id=items[0], name="Koper Uji", kind="case"))
    session.execute(insert(KitItem).values(id=items[1], name="Kamera Uji", kind="camera", part_of=items[0]))
    lead = office[Role.SUPERVISOR]
    return Ground(*sites, crew, lead, *vehicles, *items, lead, office[Role.HEAD])


def plan_of(ground: Ground, day: date = DAY, **changes: Any) -> Plan:
    """A day of service with everything it needs."""
    sessions = (
        SessionPlan(day, time(8, 30), time(11), {Pool.PUBLIC: 5, Pool.COLLECTIVE: 10, Pool.WALK_IN: 2}),
        SessionPlan(day, time(13), time(15), {Pool.PUBLIC: 5, Pool.PRIORITY: 3}),
    )
    driver, interviewer, verifier = ground.crew
    crew = (
        CrewSeat(Duty.SUPERVISOR, ground.lead),
        CrewSeat(Duty.DRIVER, driver),
        CrewSeat(Duty.INTERVIEW, interviewer),
        CrewSeat(Duty.VERIFICATION, verifier),
    )
    made = Plan(
        site_id=ground.site,
        departs_at=at(f"{day} 06:30"),
        returns_at=at(f"{day} 17:00"),
        sessions=sessions,
        vehicle_ids=frozenset({ground.vehicle}),
        item_ids=frozenset({ground.case}),
        crew=crew,
    )
    return replace(made, **changes)


def without_crew(plan: Plan) -> Plan:
    return replace(plan, crew=())


def make_trip(
    session: Session,
    ground: Ground,
    plan: Plan | None = None,
    *,
    status: Status = Status.DRAFT,
    form_key: str | None = None,
    request_id: UUID | None = None,
    now: datetime | None = None,
) -> UUID:
    """A trip that has got as far as `status`, through the services."""
    now = now or clock.now()
    planner, head = staff(ground.planner), staff(ground.head)
    trip_id = planning.create(
        session,
        plan or plan_of(ground),
        request_id=request_id,
        form_key=form_key or str(uuid4()),
        actor=planner,
        now=now,
    )
    if status is not Status.DRAFT:
        deciding.submit(session, trip_id, revision=1, actor=planner, now=now)
    if status in {Status.APPROVED, Status.PUBLISHED}:
        deciding.approve(session, trip_id, revision=1, actor=head, now=now)
    if status is Status.PUBLISHED:
        deciding.publish(session, trip_id, revision=1, actor=planner, now=now)
    return trip_id


def change(trip_id: UUID, plan: Plan, ground: Ground, *, revision: int | None = None) -> None:
    """Save another plan, in a transaction of its own."""
    with transaction() as session:
        current = session.execute(select(Trip.revision).where(Trip.id == trip_id)).scalar_one()
        planning.change(
            session, trip_id, plan, revision=revision or current, actor=staff(ground.planner), now=clock.now()
        )
