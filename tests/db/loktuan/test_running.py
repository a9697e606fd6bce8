"""The day of a trip and its report, on both databases: what leaves and comes back, blanks, figures, closing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fieldops.core.agenda.models import ServiceEvent
from fieldops.core.attendance.rules import Stage
from fieldops.core.audit.rules import staff
from fieldops.core.blanks import service as blanks
from fieldops.core.blanks.models import Blank
from fieldops.core.blanks.rules import State
from fieldops.core.booking.rules import Pool
from fieldops.core.fleet import queries as fleet
from fieldops.core.letters.models import Letter
from fieldops.core.notices.models import Notice
from fieldops.core.roster.models import PointLine, Post
from fieldops.kit import clock
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import Refusal
from fieldops.loktuan.models import TripTask
from fieldops.loktuan.requests import service as requests
from fieldops.loktuan.requests.rules import State as RequestState
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.running import run_facts
from fieldops.loktuan.trips.queries.trips import SOURCE, trips
from fieldops.loktuan.trips.rules import CrewSeat, SessionPlan, Status, Step, reporting
from fieldops.loktuan.trips.rules.reporting import BackState
from fieldops.loktuan.trips.service import closing, lettering, running
from fieldops.settings import load
from tests.db.loktuan.test_trips import change, count, end, show
from tests.make import Office, at, made, make_blanks, make_booking, make_request, make_tap, make_walk_in
from tests.trips import DAY, Ground, make_ground, make_trip, plan_of

if TYPE_CHECKING:
    from fieldops.loktuan.trips.queries.running import RunFacts

MORNING, EVENING = at(f"{DAY} 06:40"), at(f"{DAY} 17:10")


@pytest.fixture
def ground(office: Office) -> Ground:
    return made(make_ground, office)


@pytest.fixture
def trip_id(ground: Ground) -> UUID:
    return made(make_trip, ground, status=Status.PUBLISHED)


def do(work: Any, *arguments: Any, who: UUID, at: datetime = MORNING, **more: Any) -> Any:
    with transaction() as session:
        return work(session, *arguments, actor=staff(who), now=at, **more)


def run(trip_id: UUID) -> RunFacts:
    with reading() as session:
        found = run_facts(session, trip_id)
    assert found is not None
    return found


def lacking(trip_id: UUID, now: datetime = EVENING) -> list[str]:
    return [one.sentence for one in reporting.lacking(run(trip_id).ready(now))]


def move_blanks(trip_id: UUID, ground: Ground, move: Any, first: str, last: str, **more: Any) -> None:
    about = {"source": SOURCE, "ref": str(trip_id), "day": DAY, "form_key": str(uuid4())}
    do(move, first, last, who=ground.planner, at=EVENING, **about, **more)


def carry_out(trip_id: UUID, ground: Ground, *, absent: UUID | None = None) -> None:
    """A day without trouble: everything out and back, everybody there, two people served."""
    found = show(trip_id)
    things = {one.id for one in found.things}
    do(running.check_out, trip_id, things, who=ground.lead)
    for row in found.crew:
        if row.person_id != absent:
            do(running.note_presence, trip_id, row.person_id, who=ground.lead)
    do(running.put_odometer, trip_id, ground.vehicle, "out", 12_000, who=ground.lead)
    do(running.put_odometer, trip_id, ground.vehicle, "in", 12_130, who=ground.lead, at=EVENING)
    for one in things:
        do(running.check_back, trip_id, one, BackState.GOOD, note="", who=ground.lead, at=EVENING)
    words = closing.ReportWords("Lancar.", "", "", True, "Kamera tertinggal.")
    do(closing.write, trip_id, words, who=ground.lead, at=EVENING)


def close(trip_id: UUID, ground: Ground, now: datetime = EVENING) -> None:
    do(closing.close, trip_id, revision=show(trip_id).revision, who=ground.planner, at=now)


def test_a_day_without_trouble_is_closed_with_its_figures(ground: Ground, trip_id: UUID) -> None:
    found = show(trip_id)
    one = made(make_booking, found.row.page_code, found.sessions[0].id, 2)
    made(make_booking, found.row.page_code, found.sessions[1].id)
    for who in one.people:
        made(make_tap, who, Stage.ARRIVED, ground.crew[1], now=at(f"{DAY} 08:40"))
        made(make_tap, who, Stage.SERVED, ground.crew[1], now=at(f"{DAY} 09:00"))
    made(make_tap, one.people[0], Stage.ISSUED, ground.planner, now=at(f"{DAY} 16:00"))
    walked = made(make_walk_in, found.sessions[0].id, ground.crew[1], now=at(f"{DAY} 09:30"))
    made(make_tap, walked, Stage.RETURNED, ground.crew[1], now=at(f"{DAY} 09:40"))
    carry_out(trip_id, ground)
    assert lacking(trip_id) == []
    close(trip_id, ground)
    done = run(trip_id)
    assert done.counts == reporting.Counts(
        booked=4, arrived=3, returned=1, served=2, issued=1, no_show=1, walk_in=1, collective=0, cancelled=0
    )
    assert done.counts.in_process == 1
    assert (done.report.counts, done.late, done.trip.status) == (done.counts, 0, Status.CLOSED)
    assert count(ServiceEvent, ServiceEvent.status == "done") == 1
    assert count(Post, Post.state == "locked", Post.outcome == "worked") == 4
    assert count(PointLine) == 4
    close(trip_id, ground)
    assert count(PointLine) == 4


def test_what_comes_after_the_closing_is_counted_and_marked(ground: Ground, trip_id: UUID) -> None:
    """An officer's phone comes back into the signal next morning: the figures move, and the report says so."""
    found = show(trip_id)
    booked = made(make_booking, found.row.page_code, found.sessions[0].id)
    carry_out(trip_id, ground)
    close(trip_id, ground)
    late = at("2026-12-10 09:00")
    for stage in (Stage.ARRIVED, Stage.SERVED):
        made(make_tap, booked.people[0], stage, ground.crew[1], happened_at=at(f"{DAY} 10:00"), now=late)
    done = run(trip_id)
    assert done.late == 2
    assert done.report.counts is not None
    assert (done.report.counts.served, done.counts.served) == (0, 1)
    assert done.trip.status is Status.CLOSED


def test_a_report_is_not_closed_while_anything_is_missing(ground: Ground, trip_id: UUID) -> None:
    found = show(trip_id)
    booked = made(make_booking, found.row.page_code, found.sessions[0].id)
    made(make_tap, booked.people[0], Stage.ARRIVED, ground.crew[1], now=at(f"{DAY} 08:40"))
    made(make_blanks, ground.planner)
    move_blanks(trip_id, ground, blanks.issue, "X1001001", "X1001003", title="LOKTUAN")
    told = " ".join(lacking(trip_id, MORNING))
    for word in (
        "belum selesai",
        "tim",
        "1 pemohon",
        "odometer",
        "Koper Uji",
        "3 blangko",
        "kejadian",
        "foto",
        "ringkasan",
    ):
        assert word in told
    with pytest.raises(reporting.ReportOpen):
        close(trip_id, ground)
    assert show(trip_id).status is Status.PUBLISHED


def test_blanks_are_accounted_for_by_serial(ground: Ground, trip_id: UUID) -> None:
    """D29: issued is used, spoiled and returned; another trip cannot take one of them."""
    made(make_blanks, ground.planner)
    move_blanks(trip_id, ground, blanks.issue, "X1001001", "X1001050", title="LOKTUAN")
    with pytest.raises(Refusal, match="X1001050"):
        do(
            blanks.issue,
            "X1001050",
            "X1001060",
            source=SOURCE,
            ref=str(uuid4()),
            title="Lain",
            day=DAY,
            form_key=str(uuid4()),
            who=ground.planner,
        )
    move_blanks(trip_id, ground, blanks.use, "X1001001", "X1001030")
    move_blanks(trip_id, ground, blanks.spoil, "X1001031", "X1001031", reason="Tercetak miring")
    assert any("19 blangko" in one for one in lacking(trip_id))
    move_blanks(trip_id, ground, blanks.give_back, "X1001032", "X1001050")
    account = run(trip_id).blanks
    assert [many for _, many, _ in account.lines] == [50, 30, 1, 19, 0]
    assert not any("blangko" in one for one in lacking(trip_id))
    assert count(Blank, Blank.state == State.STOCK.value) == 69


def test_blanks_of_a_trip_that_ends_are_in_stock_again(ground: Ground, trip_id: UUID) -> None:
    made(make_blanks, ground.planner)
    move_blanks(trip_id, ground, blanks.issue, "X1001001", "X1001050", title="LOKTUAN")
    move_blanks(trip_id, ground, blanks.spoil, "X1001007", "X1001007", reason="Basah")
    end(trip_id, Step.POSTPONE, ground.planner)
    assert count(Blank, Blank.state == State.STOCK.value) == 99
    assert run(trip_id).blanks.is_settled


def test_a_missing_item_becomes_a_task_until_it_turns_up(ground: Ground, trip_id: UUID) -> None:
    thing = next(one for one in show(trip_id).things if one.holder_kind == "kit")
    with pytest.raises(rules.WrongTrip, match="belum dicatat keluar"):
        do(running.check_back, trip_id, thing.id, BackState.GOOD, note="", who=ground.lead)
    do(running.check_out, trip_id, {thing.id}, who=ground.lead)
    do(running.check_back, trip_id, thing.id, BackState.MISSING, note="Tertinggal di balai", who=ground.crew[0])
    with reading() as session:
        task = session.scalars(select(TripTask)).one()
    assert task.text == "Koper Uji: tidak kembali, Tertinggal di balai."
    assert (task.owner_id, task.done_at) == (ground.planner, None)
    assert count(Notice, Notice.title == "Barang perjalanan perlu ditindaklanjuti") == 1
    do(running.check_back, trip_id, thing.id, BackState.GOOD, note="", who=ground.lead, at=EVENING)
    assert count(TripTask, TripTask.done_at.is_not(None)) == 1


def test_a_task_is_finished_with_a_word(ground: Ground, trip_id: UUID) -> None:
    thing = show(trip_id).things[0]
    do(running.check_out, trip_id, {thing.id}, who=ground.lead)
    do(running.check_back, trip_id, thing.id, BackState.DAMAGED, note="", who=ground.lead)
    task_id = run(trip_id).tasks[0].id
    with pytest.raises(rules.NeedReason):
        do(running.finish_task, trip_id, task_id, note=" ", who=ground.planner)
    do(running.finish_task, trip_id, task_id, note="Diperbaiki bengkel.", who=ground.planner)
    assert run(trip_id).tasks[0].done_note == "Diperbaiki bengkel."


def test_the_odometer_follows_the_trip_and_not_the_hour_of_writing(ground: Ground, trip_id: UUID) -> None:
    things = {one.id for one in show(trip_id).things}
    do(running.check_out, trip_id, things, who=ground.lead)
    do(running.put_odometer, trip_id, ground.vehicle, "out", 12_000, who=ground.lead, at=EVENING)
    with pytest.raises(Refusal):
        do(running.put_odometer, trip_id, ground.vehicle, "in", 11_999, who=ground.lead, at=EVENING)
    do(running.put_odometer, trip_id, ground.vehicle, "in", 12_130, who=ground.lead, at=EVENING)
    with reading() as session:
        assert [one.km for one in fleet.distances(session, ground.vehicle)] == [130]
    vehicle = next(one for one in run(trip_id).things if one.is_vehicle)
    assert (vehicle.km_out, vehicle.km_in) == (12_000, 12_130)


def test_a_day_that_is_written_down_after_the_return(ground: Ground, trip_id: UUID) -> None:
    """Nobody ticked anything in the morning: what left, and both readings, are noted when all are back."""
    later = EVENING + timedelta(hours=1)
    do(running.check_out, trip_id, {one.id for one in show(trip_id).things}, who=ground.lead, at=later)
    do(running.put_odometer, trip_id, ground.vehicle, "out", 12_000, who=ground.lead, at=later)
    do(running.put_odometer, trip_id, ground.vehicle, "in", 12_130, who=ground.lead, at=later)
    with reading() as session:
        assert [one.km for one in fleet.distances(session, ground.vehicle)] == [130]


def test_whoever_was_not_noted_is_absent_an_hour_after_the_return(ground: Ground, trip_id: UUID) -> None:
    carry_out(trip_id, ground, absent=ground.crew[2])
    assert any("Doni Berkas" in one for one in lacking(trip_id))
    later = EVENING + timedelta(hours=1)
    assert lacking(trip_id, later) == []
    close(trip_id, ground, later)
    assert count(Post, Post.outcome == "absent", Post.person_id == ground.crew[2]) == 1
    assert count(PointLine) == 3


def test_incidents_once_and_at_a_time_that_can_be(ground: Ground, trip_id: UUID) -> None:
    key, when = str(uuid4()), at(f"{DAY} 09:00")
    for _ in range(2):
        do(
            running.add_incident,
            trip_id,
            happened_at=when,
            text="Listrik padam",
            form_key=key,
            who=ground.lead,
            at=EVENING,
        )
    assert [one.text for one in run(trip_id).incidents] == ["Listrik padam"]
    for happened_at, text in ((EVENING + timedelta(hours=1), "Besok"), (at("2026-01-01 09:00"), "Dulu"), (when, "  ")):
        with pytest.raises(Refusal):
            do(
                running.add_incident,
                trip_id,
                happened_at=happened_at,
                text=text,
                form_key=str(uuid4()),
                who=ground.lead,
                at=EVENING,
            )


def test_nothing_is_noted_for_a_trip_that_nobody_approved_or_that_is_closed(ground: Ground, trip_id: UUID) -> None:
    later = plan_of(ground, date(2026, 12, 16))
    draft = made(make_trip, ground, later)
    with pytest.raises(reporting.NotRunning):
        do(running.check_out, draft, set(), who=ground.lead)
    carry_out(trip_id, ground)
    close(trip_id, ground)
    with pytest.raises(reporting.NotRunning):
        do(
            running.add_incident,
            trip_id,
            happened_at=MORNING,
            text="x",
            form_key=str(uuid4()),
            who=ground.lead,
            at=EVENING,
        )


# -- one trip and another, one day and another ------------------------------------------------------------------


def presence(trip_id: UUID, person_id: UUID) -> list[datetime | None]:
    """When somebody was noted as here, for each of his stretches."""
    return [post.checked_in_at for row in show(trip_id).crew for post in row.posts_of(person_id)]


def test_d35_who_is_on_a_trip_stays_there_when_he_gets_another(ground: Ground, trip_id: UUID) -> None:
    """D35: a unit on scene at A gets job B: it stays on scene at A, B waits."""
    driver = ground.crew[0]
    do(running.note_presence, trip_id, driver, who=ground.lead)
    with pytest.raises(Refusal, match="Budi Sopir"):  # while he is out he cannot be sent anywhere
        made(make_trip, ground, replace(plan_of(ground), crew=(plan_of(ground).crew[1],)))
    tomorrow = plan_of(ground, DAY + timedelta(days=1))
    other = made(make_trip, ground, tomorrow, status=Status.PUBLISHED, now=MORNING + timedelta(hours=3))
    assert (presence(trip_id, driver), presence(other, driver)) == ([MORNING], [None])
    with pytest.raises(reporting.TooSoon):
        do(running.note_presence, other, driver, who=ground.lead, at=EVENING)
    there = MORNING + timedelta(days=1)
    do(running.note_presence, other, driver, who=ground.lead, at=there)
    assert (presence(trip_id, driver), presence(other, driver)) == ([MORNING], [there])
    carry_out(trip_id, ground)
    close(trip_id, ground, there)
    assert (show(trip_id).status, show(other).status) == (Status.CLOSED, Status.PUBLISHED)
    assert presence(other, driver) == [there]


def test_d41_a_trip_whose_first_part_is_over_goes_on(ground: Ground) -> None:
    """D41: two segments, the first ended: it is not done. Here two days, and everything of the first is settled."""
    second = DAY + timedelta(days=1)
    days = tuple(SessionPlan(day, time(8), time(12), {Pool.PUBLIC: 5}) for day in (DAY, second))
    trip_id = made(
        make_trip,
        ground,
        replace(plan_of(ground), sessions=days, returns_at=at(f"{second} 17:00")),
        status=Status.PUBLISHED,
    )
    found = show(trip_id)
    first, other = (made(make_booking, found.row.page_code, one.id) for one in found.sessions)
    for stage in (Stage.ARRIVED, Stage.SERVED):
        made(make_tap, first.people[0], stage, ground.crew[1], now=at(f"{DAY} 09:00"))
    carry_out(trip_id, ground)
    night = at(f"{DAY} 20:00")
    assert lacking(trip_id, night)[0] == "Perjalanan belum selesai."
    with pytest.raises(reporting.ReportOpen):
        close(trip_id, ground, night)
    assert show(trip_id).status is Status.PUBLISHED
    assert count(ServiceEvent, ServiceEvent.status == "planned") == 2
    assert count(Post, Post.state == "published") == 8
    morning = at(f"{second} 08:10")
    with reading() as session:
        assert [row.id for row in trips(session, first=second)] == [trip_id], "it is not among those of the past"
    made(make_tap, other.people[0], Stage.ARRIVED, ground.crew[1], now=morning)
    made(make_tap, other.people[0], Stage.SERVED, ground.crew[1], now=morning)
    for person_id in (ground.lead, *ground.crew):
        do(running.note_presence, trip_id, person_id, who=ground.lead, at=morning)
    close(trip_id, ground, at(f"{second} 17:10"))
    assert run(trip_id).counts.served == 2
    assert count(ServiceEvent, ServiceEvent.status == "done") == 2


def test_who_comes_on_the_second_day_was_not_there_on_the_first(ground: Ground) -> None:
    second = DAY + timedelta(days=1)
    days = tuple(SessionPlan(day, time(8), time(12), {Pool.PUBLIC: 5}) for day in (DAY, second))
    plan = replace(plan_of(ground), sessions=days, returns_at=at(f"{second} 17:00"))
    trip_id = made(make_trip, ground, plan, status=Status.PUBLISHED)
    driver, morning = ground.crew[0], at(f"{second} 08:10")

    def noted() -> list[Any]:
        row = next(one for one in show(trip_id).crew if one.person_id == driver)
        return [post.checked_in_at for post in row.posts_of(driver)]

    do(running.note_presence, trip_id, driver, who=ground.lead, at=morning)
    assert noted() == [None, morning]
    first = next(post for row in show(trip_id).crew for post in row.posts_of(driver))
    do(running.note_presence, trip_id, driver, post_id=first.id, who=ground.lead, at=morning)
    assert noted() == [morning, morning], "the leader says later that he was there"
    with pytest.raises(reporting.TooSoon):
        do(running.note_presence, trip_id, driver, post_id=uuid4(), who=ground.lead, at=morning)


# -- the letter -------------------------------------------------------------------------------------------------


def issue(trip_id: UUID, ground: Ground, key: str | None = None, now: datetime | None = None) -> Any:
    settings = load({"FIELDOPS_SECRET": "x" * 40})
    return do(
        lettering.issue,
        trip_id,
        official_number="",
        form_key=key or str(uuid4()),
        settings=settings,
        who=ground.head,
        at=now or clock.now(),
    )


def test_the_letter_follows_the_crew_and_the_old_one_is_void(ground: Ground, trip_id: UUID) -> None:
    """D34: a change after issue makes version 2 with the same number; both are kept, the crew is told."""
    first = issue(trip_id, ground)
    assert (first.number, first.version, first.year) == (1, 1, 2026)
    with pytest.raises(Refusal, match="tidak ada yang berubah"):
        issue(trip_id, ground)
    plan = show(trip_id).plan
    change(trip_id, replace(plan, crew=(*plan.crew[:3], CrewSeat(plan.crew[3].duty, None))), ground)
    second = issue(trip_id, ground)
    assert (second.number, second.version) == (1, 2)
    with reading() as session:
        states = session.execute(select(Letter.version, Letter.state).order_by(Letter.version)).all()
    assert states == [(1, "void"), (2, "issued")]
    assert count(Notice, Notice.title == "Surat tugas versi 2", Notice.person_id == ground.crew[0]) == 1
    end(trip_id, Step.CANCEL, ground.planner)
    assert count(Letter, Letter.state == "issued") == 0


def test_the_letter_rests_on_the_request_that_was_accepted(ground: Ground, trip_id: UUID) -> None:
    asked = made(make_request).id
    accept = {"reason": "", "actor": staff(ground.planner), "now": clock.now()}
    made(requests.decide, asked, RequestState.ACCEPTED, **accept)
    elsewhere = plan_of(ground, date(2026, 12, 16))
    other = made(make_trip, ground, elsewhere, status=Status.APPROVED, request_id=asked)
    said = []
    for one in (trip_id, other):
        issue(one, ground)
        with reading() as session:
            content = session.scalars(select(Letter.content).where(Letter.ref == str(one))).one()
        said.append(["Kecamatan Kaliorang" in line for line in content["basis"]])
    assert said == [[False, False], [False, True, False]]


def test_numbers_begin_again_with_the_year_in_office_time(ground: Ground, trip_id: UUID) -> None:
    """D31: the last evening of the year in London is the new year at the office."""
    issue(trip_id, ground, now=at("2026-12-31 23:00"))
    later = plan_of(ground, date(2027, 1, 13))
    other = made(make_trip, ground, later, status=Status.APPROVED)
    first = issue(other, ground, now=at("2027-01-01 06:30"))
    assert (first.year, first.number) == (2027, 1)


def test_a_letter_needs_an_approved_trip(ground: Ground) -> None:
    draft = made(make_trip, ground)
    with pytest.raises(rules.WrongStep):
        issue(draft, ground)
