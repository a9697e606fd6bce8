"""Trips of the demonstration office: some that took place, one open for booking, one that waits, one draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select

from fieldops.core.attendance.rules import Kind, Stage
from fieldops.core.attendance.service import Tap
from fieldops.core.audit.rules import staff
from fieldops.core.booking.models import Applicant, Booking, BookingSession
from fieldops.core.booking.rules import Pool
from fieldops.core.booking.service import collective, desk
from fieldops.core.fleet import queries as fleet
from fieldops.core.places.models import Site
from fieldops.core.roster.rules import Duty
from fieldops.kit import clock
from fieldops.loktuan.trips.queries.crew import crew_choices, crew_ground
from fieldops.loktuan.trips.rules import CostKind, CostLine, CrewSeat, Plan, SessionPlan, Status
from fieldops.loktuan.trips.rules.reporting import BackState
from fieldops.loktuan.trips.service import closing, deciding, lettering, planning, running, telling

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.booking.service.holds import PersonIn
    from fieldops.loktuan.trips.queries.facts import TripFacts
    from fieldops.settings import Settings

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


# -- trips that are over ----------------------------------------------------------------------------------------

PAST = (
    ("Gedung Serbaguna PT Badak NGL", 61, 24),
    ("Wisma Pupuk Kaltim", 33, 31),
    ("Kantor Kecamatan Kaliorang", 12, 18),
)
"""Where, how many days ago, how many people of a group."""


def fill_past(
    session: Session, who: Planners, names: Callable[[], PersonIn], *, now: datetime, settings: Settings | None
) -> None:
    """Trips that took place: planned, booked by the group's contact, carried out, reported. Passports of the older
    ones are issued, some of the last one are in process. With `settings` each has its letter."""
    for name, ago, people in PAST:
        day = clock.office_day(now) - timedelta(days=ago)
        day -= timedelta(days=max(0, day.weekday() - 4))
        planned = clock.at_office(day - timedelta(days=20), time(10))
        plan = plan_of(session, name, day, 1, now=planned)
        made = planning.create(
            session, plan, request_id=None, form_key=str(uuid4()), actor=staff(who.planner), now=planned
        )
        carry(session, made, Status.PUBLISHED, who, now=planned)
        if settings is not None:
            key, head = str(uuid4()), staff(who.head)
            lettering.issue(session, made, official_number="", form_key=key, settings=settings, actor=head, now=planned)
        _book(session, made, names, people, now=planned + timedelta(days=5))
        _carry_out(session, made, who, now=now)


def _book(session: Session, trip_id: UUID, names: Callable[[], PersonIn], people: int, *, now: datetime) -> None:
    found = telling.known(session, trip_id)
    for one in found.sessions:
        for _ in range(min(people, one.seats.get(Pool.COLLECTIVE, 0))):
            wish = collective.GroupWish(found.row.page_id, one.id, names(), "+6281299000100", str(uuid4()))
            collective.add(session, wish, now=now)


def _carry_out(session: Session, trip_id: UUID, who: Planners, *, now: datetime) -> None:
    found = telling.known(session, trip_id)
    actor, out, back = staff(who.planner), found.row.departs_at, found.row.returns_at
    running.check_out(session, trip_id, {one.id for one in found.things}, actor=actor, now=out)
    for row in found.crew:
        if row.person_id:
            running.note_presence(session, trip_id, row.person_id, actor=actor, now=out)
    for vehicle_id in found.plan.vehicle_ids:
        last = max((one.fact.km for one in fleet.readings(session, vehicle_id) if one.fact.at < out), default=21_400)
        far = 2 * (found.site.distance_km or 5) + 40
        for moment, km, at in (("out", last + 12, out), ("in", last + 12 + far, back)):
            running.put_odometer(session, trip_id, vehicle_id, moment, km, actor=actor, now=at)
    for one in found.things:
        running.check_back(session, trip_id, one.id, BackState.GOOD, note="", actor=actor, now=back)
    issued = _serve(session, found)
    words = closing.ReportWords(
        "Pelayanan berjalan tertib. Rombongan datang sesuai sesi, berkas diperiksa sebelum foto.",
        "Antrean foto sempat menunggu karena satu laptop dimulai ulang.",
        "Bawa satu laptop cadangan pada perjalanan berikutnya.",
        True,
        "Data contoh tanpa foto.",
    )
    done = back + timedelta(hours=2)
    closing.write(session, trip_id, words, actor=actor, now=done)
    closing.close(session, trip_id, revision=found.revision, actor=actor, now=done)
    for n, applicant_id in enumerate(issued):
        at = back + timedelta(days=4 if n % 7 else 14)
        if at < now:
            _tap(session, applicant_id, Stage.ISSUED, who.planner, at)


def _serve(session: Session, found: TripFacts) -> list[UUID]:
    """Of ten people one does not come, of twenty one lacks a paper; gives those who were served."""
    officer = next(row.person_id for row in found.crew if row.person_id)
    rows = session.execute(
        select(Applicant.id, BookingSession.starts_at)
        .join(Booking, Booking.id == Applicant.booking_id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .where(BookingSession.source_ref == str(found.row.id), Applicant.is_live)
        .order_by(BookingSession.starts_at, Applicant.id)
    ).all()
    served = []
    for n, row in enumerate(rows):
        if n % 10 == 9:
            continue
        came = row.starts_at + timedelta(minutes=4 * (n % 20))
        _tap(session, row.id, Stage.ARRIVED, officer, came)
        _tap(session, row.id, Stage.RETURNED if n % 20 == 8 else Stage.SERVED, officer, came + timedelta(minutes=25))
        served += [] if n % 20 == 8 else [row.id]
    return served


def _tap(session: Session, applicant_id: UUID, stage: Stage, who: UUID, at: datetime) -> None:
    desk.mark(session, Tap(uuid4(), applicant_id, stage, Kind.SET, at, who, device="demo"), count_by="issue", now=at)
