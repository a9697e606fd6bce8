"""The rules of a trip: times, sessions, the crew's hours, what may follow what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, time, timedelta
from itertools import pairwise
from math import hypot
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.core.booking.rules import Pool
from fieldops.core.roster.rules import Duty
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.rules import CrewSeat, Plan, SessionPlan, Status, Step
from fieldops.loktuan.trips.rules.geometry import Point, apart, distance_km, frame
from tests.make import at

TODAY = date(2026, 11, 25)
A, B = uuid4(), uuid4()


def service(day: str, starts: str, ends: str, seats: int = 5) -> SessionPlan:
    return SessionPlan(
        date.fromisoformat(day), time.fromisoformat(starts), time.fromisoformat(ends), {Pool.PUBLIC: seats}
    )


def plan(departs: str, returns: str, *sessions: SessionPlan, crew: tuple[CrewSeat, ...] = ()) -> Plan:
    return Plan(UUID(int=1), at(departs), at(returns), sessions, crew=crew)


TWICE = (CrewSeat(Duty.QUEUE, A), CrewSeat(Duty.DRIVER, None), CrewSeat(Duty.DRIVER, A))
GOOD = plan("2026-12-09 06:30", "2026-12-09 17:00", service("2026-12-09", "08:30", "11:00"))


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (replace(GOOD, returns_at=GOOD.departs_at), "returns"),
        (plan("2026-11-24 06:30", "2026-11-24 17:00", service("2026-11-24", "08:30", "11:00")), "departs"),
        (plan("2028-12-09 06:30", "2028-12-09 17:00", service("2028-12-09", "08:30", "11:00")), "departs"),
        (replace(GOOD, returns_at=GOOD.departs_at + timedelta(days=15)), "returns"),
        (replace(GOOD, sessions=()), "day-0"),
        (replace(GOOD, sessions=(service("2026-12-09", "11:00", "11:00"),)), "ends-0"),
        (replace(GOOD, sessions=(service("2026-12-09", "08:30", "11:00", 0),)), "umum-0"),
        (replace(GOOD, sessions=(service("2026-12-09", "06:00", "11:00"),)), "day-0"),
        (replace(GOOD, sessions=(service("2026-12-10", "08:30", "11:00"),)), "day-0"),
        (
            replace(GOOD, sessions=(service("2026-12-09", "08:30", "11:00"), service("2026-12-09", "10:59", "12:00"))),
            "starts-1",
        ),
        (
            replace(GOOD, crew=(CrewSeat(Duty.QUEUE, A), CrewSeat(Duty.DRIVER, None), CrewSeat(Duty.DRIVER, A))),
            "person-2",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(made: Plan, field: str) -> None:
    with pytest.raises(rules.WrongTrip) as refused:
        rules.check_plan(made, TODAY)
    assert refused.value.field == field


LATE = service("2026-12-09", "13:00", "15:00")
FULL = replace(GOOD, sessions=(*GOOD.sessions, LATE), crew=TWICE[:2], purpose="Layanan")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (replace(FULL), True),
        (replace(FULL, sessions=(LATE, *GOOD.sessions)), True),
        (replace(FULL, sessions=(*GOOD.sessions, replace(LATE, id=A, seats=LATE.seats | {Pool.WALK_IN: 0}))), True),
        (replace(FULL, override_reason="Tidak ada orang lain.", distance_km=9), True),
        (replace(FULL, sessions=GOOD.sessions), False),
        (replace(FULL, sessions=(*GOOD.sessions, replace(LATE, seats={Pool.PRIORITY: 5}))), False),
        (replace(FULL, site_id=A), False),
        (replace(FULL, departs_at=FULL.departs_at + timedelta(minutes=1)), False),
        (replace(FULL, returns_at=FULL.returns_at + timedelta(minutes=1)), False),
        (replace(FULL, vehicle_ids=frozenset({A})), False),
        (replace(FULL, item_ids=frozenset({A})), False),
        (replace(FULL, crew=TWICE[1:]), False),
        (replace(FULL, costs=(rules.CostLine(rules.CostKind.FUEL, "Solar", 1, 1),)), False),
        (replace(FULL, purpose="Lain"), False),
    ],
)
def test_two_plans_are_the_same_when_they_say_the_same(other: Plan, same: bool) -> None:
    assert rules.is_same(FULL, other) is same


def test_sessions_back_to_back_and_two_empty_places_are_fine() -> None:
    sessions = (service("2026-12-09", "08:30", "11:00"), service("2026-12-09", "11:00", "13:00"))
    rules.check_plan(replace(GOOD, sessions=sessions, crew=(CrewSeat(Duty.QUEUE, None),) * 2), TODAY)


@pytest.mark.parametrize(
    ("made", "pieces"),
    [
        (GOOD, [("2026-12-09 06:30", "2026-12-09 17:00")]),
        (
            plan(
                "2026-12-09 06:00",
                "2026-12-10 18:00",
                service("2026-12-09", "09:00", "15:00"),
                service("2026-12-10", "08:00", "12:00"),
            ),
            [("2026-12-09 06:00", "2026-12-09 15:00"), ("2026-12-10 08:00", "2026-12-10 18:00")],
        ),
        # The drive through the night of the year's end is a duty of its own, next to the service.
        (
            plan("2026-12-31 22:00", "2027-01-01 16:00", service("2027-01-01", "08:00", "12:00")),
            [("2026-12-31 22:00", "2027-01-01 08:00"), ("2027-01-01 08:00", "2027-01-01 16:00")],
        ),
        # Who leaves at noon of the day before does not drive for twenty hours.
        (
            plan("2026-12-08 12:00", "2026-12-10 10:00", service("2026-12-09", "08:00", "15:00")),
            [
                ("2026-12-08 12:00", "2026-12-09 00:00"),
                ("2026-12-09 08:00", "2026-12-09 15:00"),
                ("2026-12-09 22:00", "2026-12-10 10:00"),
            ],
        ),
    ],
)
def test_the_crew_works_in_stretches(made: Plan, pieces: list[tuple[str, str]]) -> None:
    found = rules.stretches(made.departs_at, made.returns_at, made.sessions)
    assert [(one.starts_at, one.ends_at) for one in found] == [(at(starts), at(ends)) for starts, ends in pieces]


@given(
    lead=st.integers(0, 60),
    tail=st.integers(0, 60),
    days=st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True),
)
def test_stretches_never_overlap_and_stay_within_the_trip(lead: int, tail: int, days: list[int]) -> None:
    sessions = tuple(service(str(date(2026, 12, 29) + timedelta(days=n)), "08:00", "15:00") for n in days)
    first, last = min(one.interval.starts_at for one in sessions), max(one.interval.ends_at for one in sessions)
    departs, returns = first - timedelta(hours=lead), last + timedelta(hours=tail)
    pieces = rules.stretches(departs, returns, sessions)
    assert all(one.ends_at > one.starts_at for one in pieces)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(pieces))
    assert departs <= pieces[0].starts_at
    assert pieces[-1].ends_at <= returns
    assert all(
        any(p.starts_at <= s.interval.starts_at and s.interval.ends_at <= p.ends_at for p in pieces) for s in sessions
    )


def test_without_a_signal_booking_closes_twelve_hours_before() -> None:
    one = GOOD.sessions[0]
    opens = at("2026-11-25 10:00")
    assert rules.window(one, opens, has_signal=False).closes_at == at("2026-12-08 20:30")
    assert rules.window(one, opens, has_signal=True).closes_at == at("2026-12-09 06:30")
    late = rules.window(one, at("2026-12-09 07:00"), has_signal=False)
    assert late.opens_at == late.closes_at


@pytest.mark.parametrize(
    ("step", "allowed"),
    [
        (Step.SUBMIT, {Status.DRAFT}),
        (Step.RETURN, {Status.SUBMITTED}),
        (Step.APPROVE, {Status.SUBMITTED}),
        (Step.PUBLISH, {Status.APPROVED}),
        (Step.POSTPONE, {Status.DRAFT, Status.SUBMITTED, Status.APPROVED, Status.PUBLISHED}),
        (Step.CANCEL, {Status.DRAFT, Status.SUBMITTED, Status.APPROVED, Status.PUBLISHED, Status.POSTPONED}),
        (Step.CLOSE, {Status.APPROVED, Status.PUBLISHED}),
    ],
)
def test_a_step_starts_only_where_it_may(step: Step, allowed: set[Status]) -> None:
    assert {status for status in Status if rules.may(step, status)} == allowed
    for status in set(Status) - allowed:
        with pytest.raises(rules.WrongStep):
            rules.after(step, status)


@pytest.mark.parametrize(
    ("seats", "people", "last", "told"),
    [
        (60, None, None, 0),
        (60, 40, date(2026, 11, 30), 0),
        (20, None, None, 1),
        (60, 29, None, 1),
        (30, 40, None, 1),
        (60, 40, date(2026, 12, 1), 1),
        (10, 20, date(2026, 12, 1), 3),
    ],
)
def test_what_a_planner_should_know_is_said_and_not_enforced(
    seats: int, people: int | None, last: date | None, told: int
) -> None:
    assert len(rules.notes(seats, people, last, date(2026, 12, 9))) == told


def test_a_trip_needs_a_lead_a_vehicle_and_its_driver() -> None:
    assert rules.missing(GOOD) == ["penanggung jawab", "kendaraan"]
    with_car = replace(GOOD, vehicle_ids=frozenset({A}), crew=(CrewSeat(Duty.SUPERVISOR, A),))
    assert rules.missing(with_car) == ["pengemudi"]
    rules.check_complete(replace(with_car, crew=(CrewSeat(Duty.SUPERVISOR, A), CrewSeat(Duty.DRIVER, B))))
    with pytest.raises(rules.NotComplete, match="penanggung jawab dan kendaraan"):
        rules.check_complete(GOOD)


def test_a_reason_is_due_and_short() -> None:
    assert rules.read_reason("  hujan   lebat ", field="reason") == "hujan lebat"
    for typed in ("", "   ", "x" * 301):
        with pytest.raises(rules.NeedReason):
            rules.read_reason(typed, field="reason")


def test_distances_are_straight_lines() -> None:
    bontang, sangatta = Point(0.12, 117.47), Point(0.50, 117.54)
    assert distance_km(bontang, bontang) == 0
    assert distance_km(bontang, sangatta) == distance_km(sangatta, bontang) == 43


def test_the_map_holds_every_point_with_north_above() -> None:
    points = [Point(0.1, 117.5), Point(1.9, 116.4), Point(0.9, 118.9)]
    drawn = frame(points, width=640, margin=40)
    places = [drawn.place(one) for one in points]
    assert all(40 <= x <= 600 and 40 <= y <= drawn.height - 40 for x, y in places)
    assert places[1][1] < places[2][1] < places[0][1]
    assert places[1][0] < places[0][0] < places[2][0]


def test_times_are_said_in_office_time() -> None:
    assert rules.moment(at("2026-12-09 06:30").astimezone(UTC)) == "9 Des 2026, 06.30 WITA"


def test_dots_of_the_map_do_not_lie_on_each_other() -> None:
    crowd = [(100, 100), (100, 100), (104, 101), (300, 40), (110, 96)]
    moved = apart(crowd, 28)
    pairs = [(one, other) for n, one in enumerate(moved) for other in moved[:n]]
    assert all(hypot(one[0] - other[0], one[1] - other[1]) >= 27 for one, other in pairs)
    assert moved[3] == (300, 40)
    assert apart([(0, 0), (28, 0)], 28) == [(0, 0), (28, 0)]
