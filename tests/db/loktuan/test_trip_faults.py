"""What a review of trips found, each once: states that got stuck, people who were forgotten, ends that must not be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update

from fieldops.core.attendance.rules import Stage
from fieldops.core.audit.rules import staff
from fieldops.core.booking.models import BookingSession, Seat
from fieldops.core.booking.rules import Pool
from fieldops.core.booking.service import tickets
from fieldops.core.fleet import queries as fleet
from fieldops.core.notices.models import Notice
from fieldops.core.people.models import Person, PersonCompetence
from fieldops.core.places.models import Site
from fieldops.core.roster.models import Post, Swap
from fieldops.core.roster.posts.service import seats
from fieldops.kit import clock
from fieldops.kit.db import reading, transaction
from fieldops.loktuan.models import TripRequest, TripThing
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.facts import TripFacts
from fieldops.loktuan.trips.queries.running import count as count_people
from fieldops.loktuan.trips.rules import SessionPlan, Status, Step, reporting
from fieldops.loktuan.trips.rules.reporting import BackState
from fieldops.loktuan.trips.service import closing, deciding, planning, running, signal, telling
from tests.db.loktuan.test_running import EVENING, carry_out, close, do, run
from tests.db.loktuan.test_trips import act, change, count, end, held, show
from tests.make import Office, at, made, make_booking, make_request, make_tap
from tests.trips import DAY, SKILLS, Ground, make_ground, make_trip, plan_of

LATER = date(2026, 12, 16)


@pytest.fixture
def ground(office: Office) -> Ground:
    return made(make_ground, office)


@pytest.fixture
def trip_id(ground: Ground) -> UUID:
    return made(make_trip, ground, status=Status.PUBLISHED)


def book(trip_id: UUID, people: int = 1) -> Any:
    found = show(trip_id)
    return made(make_booking, found.row.page_code, found.sessions[0].id, people)


def again(trip_id: UUID, ground: Ground) -> TripFacts:
    """Postpone, and plan the same for a week later."""
    end(trip_id, Step.POSTPONE, ground.planner)
    there = show(trip_id)
    sessions = tuple(replace(one, day=LATER) for one in there.plan.sessions)
    change(trip_id, replace(plan_of(ground, LATER), sessions=sessions, crew=there.plan.crew), ground)
    return show(trip_id)


def two_days(ground: Ground) -> rules.Plan:
    sessions = tuple(SessionPlan(day, time(8), time(12), {Pool.PUBLIC: 5}) for day in (DAY, DAY + timedelta(days=1)))
    return replace(plan_of(ground), sessions=sessions, returns_at=at("2026-12-10 17:00"))


def test_a_postponed_trip_with_people_is_planned_anew_and_they_can_move(ground: Ground, trip_id: UUID) -> None:
    booked = book(trip_id)
    old = show(trip_id).sessions[0].id
    found = again(trip_id, ground)
    assert [one.day for one in found.sessions] == [LATER, LATER]
    assert old not in {one.id for one in found.sessions}
    act(deciding.submit, trip_id, ground.planner)
    act(deciding.approve, trip_id, ground.head)
    act(deciding.publish, trip_id, ground.planner)
    with reading() as session:
        closed = session.execute(select(BookingSession).where(BookingSession.id == old)).scalar_one()
        assert (closed.is_open, closed.closed_reason, closed.source_ref) == (False, "Jalan putus.", "")
    with transaction() as session:
        tickets.move(session, booked.token, found.sessions[0].id, now=clock.now(), minutes=10)
    assert show(trip_id).row.taken == 1
    assert count(Seat, Seat.session_id == old, Seat.applicant_id.is_not(None)) == 0


def test_a_postponed_trip_is_offered_with_its_old_crew_and_with_fresh_checks(ground: Ground, trip_id: UUID) -> None:
    things = {one.id for one in show(trip_id).things}
    do(running.check_out, trip_id, things, who=ground.lead)
    for one in things:
        do(running.check_back, trip_id, one, BackState.GOOD, note="", who=ground.lead)
    found = again(trip_id, ground)
    assert [row.person_id for row in found.crew] == [ground.lead, *ground.crew]
    assert count(TripThing, TripThing.out_at.is_not(None)) == 0
    assert held("person") == 4


def test_a_place_that_had_a_swap_can_be_needed_again(ground: Ground, trip_id: UUID) -> None:
    post = show(trip_id).crew[1].posts[0]
    row = {"post_id": post.id, "giver_id": post.person_id, "state": "withdrawn", "form_key": str(uuid4())}
    with transaction() as session:
        session.execute(insert(Swap).values(**row, offered_by=post.person_id, offered_at=clock.now()))
    found = again(trip_id, ground)
    assert post.id in {piece.id for seat in found.crew for piece in seat.posts}
    assert count(Swap) == 1


def test_who_left_the_office_breaks_the_plan_and_not_its_page(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.SUBMITTED)
    with transaction() as session:
        session.execute(update(Person).where(Person.id == ground.crew[1]).values(is_active=False))
    with reading() as session:
        told = deciding.clashes(session, show(trip_id), now=clock.now())
    assert told == ["Citra Wawancara tidak aktif atau bukan petugas lagi. Pilih orang lain."]
    with pytest.raises(rules.ClashesLeft, match="Citra Wawancara"):
        act(deciding.approve, trip_id, ground.head)


def test_the_second_reason_of_a_second_return_arrives_too(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.SUBMITTED)
    for n in range(2):
        moment = clock.now() + timedelta(minutes=n)
        do(deciding.send_back, trip_id, revision=1, reason=f"Kurang {n}", who=ground.head, at=moment)
        if n == 0:
            do(deciding.submit, trip_id, revision=1, who=ground.planner, at=moment)
    assert count(Notice, Notice.title == "Rencana perjalanan dikembalikan") == 2


def test_what_the_roster_arranged_on_one_stretch_stays_when_a_plan_is_saved(ground: Ground) -> None:
    trip_id = made(make_trip, ground, two_days(ground), status=Status.PUBLISHED)
    substitute = made(make_substitute)
    second = show(trip_id).crew[2].posts[1]
    with transaction() as session:
        who = staff(ground.planner)
        seats.assign(
            session, second.id, substitute, revision=second.revision, override_reason="", actor=who, now=clock.now()
        )
    change(trip_id, show(trip_id).plan, ground)
    row = show(trip_id).crew[2]
    assert [post.person_id for post in row.posts] == [ground.crew[1], substitute]
    assert [one.name for one in row.members] == ["Citra Wawancara", "Eka Pengganti"]
    do(running.note_presence, trip_id, substitute, who=ground.lead, at=at("2026-12-10 07:00"))
    assert [bool(post.checked_in_at) for post in show(trip_id).crew[2].posts] == [False, True]


def make_substitute(session: Any) -> UUID:
    person_id = uuid4()
    session.execute(insert(Person).values(id=person_id, name="Eka Pengganti", role="officer", section="Verdokim"))
    session.execute(insert(PersonCompetence), [{"person_id": person_id, "competence": one} for one in SKILLS])
    return person_id


def test_presence_is_of_a_day_and_never_of_days_to_come(ground: Ground) -> None:
    trip_id = made(make_trip, ground, two_days(ground), status=Status.PUBLISHED)
    with pytest.raises(reporting.TooSoon):
        do(running.note_presence, trip_id, ground.lead, who=ground.lead, at=at("2026-12-08 07:00"))
    do(running.note_presence, trip_id, ground.lead, who=ground.lead, at=at(f"{DAY} 06:40"))
    assert [bool(post.checked_in_at) for post in show(trip_id).crew[0].posts] == [True, False]
    do(running.note_presence, trip_id, ground.lead, who=ground.lead, at=at("2026-12-10 07:40"))
    assert all(post.checked_in_at for post in show(trip_id).crew[0].posts)


def test_a_site_with_another_name_leaves_the_crew_where_it_is(ground: Ground, trip_id: UUID) -> None:
    do(running.note_presence, trip_id, ground.lead, who=ground.lead, at=at(f"{DAY} 06:40"))
    before = [post.id for row in show(trip_id).crew for post in row.posts]
    with transaction() as session:
        session.execute(
            update(Site).where(Site.id == ground.site).values(name="Kantor Camat Sangatta Utara, Gedung Baru")
        )
    change(trip_id, show(trip_id).plan, ground)
    found = show(trip_id)
    assert [post.id for row in found.crew for post in row.posts] == before
    assert found.crew[0].posts[0].checked_in_at is not None
    assert count(Post, Post.title.contains("Gedung Baru")) == 4


def test_the_longest_name_of_a_site_makes_no_two_posts_one(ground: Ground) -> None:
    with transaction() as session:
        session.execute(update(Site).where(Site.id == ground.site).values(name="Balai " + "a" * 114))
    trip_id = made(make_trip, ground, two_days(ground))
    assert [len(row.posts) for row in show(trip_id).crew] == [2, 2, 2, 2]


def test_people_who_booked_a_place_are_not_sent_to_another(ground: Ground, trip_id: UUID) -> None:
    plan = replace(show(trip_id).plan, site_id=ground.far_site)
    change(trip_id, plan, ground)
    book(trip_id)
    with pytest.raises(rules.SiteInUse):
        change(trip_id, replace(show(trip_id).plan, site_id=ground.site), ground)


def test_an_approved_trip_stays_complete_and_its_crew_hears_of_another_car(ground: Ground, trip_id: UUID) -> None:
    plan = show(trip_id).plan
    with pytest.raises(rules.NotComplete):
        change(trip_id, replace(plan, vehicle_ids=frozenset()), ground)
    change(trip_id, replace(plan, vehicle_ids=frozenset({ground.other_vehicle})), ground)
    told = Notice.title == "Rencana perjalanan berubah"
    assert count(Notice, told, Notice.person_id == ground.crew[0]) == 1
    change(trip_id, show(trip_id).plan, ground)
    assert count(Notice, told, Notice.person_id == ground.crew[0]) == 1


def test_cancelling_after_postponing_still_says_why_on_the_tickets(ground: Ground, trip_id: UUID) -> None:
    book(trip_id)
    end(trip_id, Step.POSTPONE, ground.planner)
    end(trip_id, Step.CANCEL, ground.planner, reason="Tidak ada anggaran.")
    assert count(BookingSession, BookingSession.closed_reason == "Tidak ada anggaran.") == 2


def test_a_trip_that_people_came_to_is_not_cancelled(ground: Ground, trip_id: UUID) -> None:
    booked = book(trip_id)
    made(make_tap, booked.people[0], Stage.ARRIVED, ground.crew[1], now=at(f"{DAY} 08:40"))
    with pytest.raises(rules.WrongStep, match="1 pemohon"):
        end(trip_id, Step.CANCEL, ground.planner)
    assert show(trip_id).status is Status.PUBLISHED


def test_one_of_a_family_who_cancels_is_counted_as_cancelled(ground: Ground, trip_id: UUID) -> None:
    booked = book(trip_id, 2)
    with transaction() as session:
        tickets.cancel_person(session, booked.token, 2, now=clock.now())
    with reading() as session:
        found = count_people(session, [trip_id])[trip_id]
    assert (found.booked, found.cancelled) == (1, 1)


def test_a_missing_thing_may_turn_up_after_the_report(ground: Ground, trip_id: UUID) -> None:
    thing = next(one for one in show(trip_id).things if one.holder_kind == "kit")
    carry_out(trip_id, ground)
    do(running.check_back, trip_id, thing.id, BackState.MISSING, note="", who=ground.lead, at=EVENING)
    close(trip_id, ground)
    do(running.check_back, trip_id, thing.id, BackState.GOOD, note="", who=ground.lead, at=at("2026-12-11 09:00"))
    assert run(trip_id).tasks[0].done_at is not None
    with pytest.raises(reporting.NotRunning):
        do(running.check_back, trip_id, thing.id, BackState.DAMAGED, note="", who=ground.lead, at=EVENING)


def test_of_two_writers_of_a_report_the_second_is_told(ground: Ground, trip_id: UUID) -> None:
    words = closing.ReportWords("Lancar.", "", "", True, "")
    do(closing.write, trip_id, words, who=ground.lead, at=EVENING)
    with pytest.raises(reporting.WrittenMeanwhile):
        do(closing.write, trip_id, replace(words, summary="Lain."), who=ground.crew[0], at=EVENING)
    seen = run(trip_id).report.changed_at
    assert seen is not None
    do(closing.write, trip_id, replace(words, summary="Lain.", seen=seen.isoformat()), who=ground.lead, at=EVENING)
    assert run(trip_id).report.summary == "Lain."


def test_signs_that_nobody_sees_do_not_stop_a_report(ground: Ground, trip_id: UUID) -> None:
    words = closing.ReportWords("Lan\x00car.\x07\r\nSelesai.", "", "", True, "")
    do(closing.write, trip_id, words, who=ground.lead, at=EVENING)
    assert run(trip_id).report.summary == "Lan car.\nSelesai."
    end(trip_id, Step.CANCEL, ground.planner, reason="Hu\x00jan")
    assert show(trip_id).row.end_reason == "Hu jan"


def test_a_request_that_nobody_accepted_gets_no_trip(ground: Ground) -> None:
    made(make_request)
    with reading() as session:
        request_id = session.execute(select(TripRequest.id)).scalar_one()
    with pytest.raises(rules.WrongTrip, match="belum diterima"):
        made(make_trip, ground, request_id=request_id)


def test_two_planners_with_the_same_people_in_another_order_both_get_an_answer(ground: Ground) -> None:
    """They wait for each other, in one order; on PostgreSQL nobody ends in a deadlock."""
    start, told = Barrier(2), []

    def press(flip: bool) -> None:
        plan = replace(plan_of(ground), vehicle_ids=frozenset(), item_ids=frozenset())
        crew = plan.crew[::-1] if flip else plan.crew
        start.wait()
        try:
            made(make_trip, ground, replace(plan, crew=crew))
            told.append("saved")
        except (rules.WrongTrip, seats.Unfit) as refusal:
            told.append(refusal.sentence)

    threads = [Thread(target=press, args=(flip,)) for flip in (False, True)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert sorted(one == "saved" for one in told) == [False, True]


def test_the_crew_of_a_trip_is_not_free_in_the_middle_of_it(ground: Ground) -> None:
    """Service on Wednesday and Friday: on Thursday they are at the site, and it is no duty of theirs."""
    days = (DAY, DAY + timedelta(days=2))
    sessions = tuple(SessionPlan(day, time(8), time(12), {Pool.PUBLIC: 5}) for day in days)
    plan = replace(plan_of(ground), sessions=sessions, returns_at=at("2026-12-11 17:00"))
    trip_id = made(make_trip, ground, plan, status=Status.APPROVED)
    between = replace(plan_of(ground, DAY + timedelta(days=1)), vehicle_ids=frozenset(), item_ids=frozenset())
    with pytest.raises(seats.Unfit, match="di lokasi"):
        made(make_trip, ground, between)
    change(trip_id, show(trip_id).plan, ground)
    assert held("person") == 12
    end(trip_id, Step.CANCEL, ground.planner)
    assert held() == 0
    made(make_trip, ground, between)


def test_odometer_of_a_first_attempt_stays_with_the_vehicle_alone(ground: Ground, trip_id: UUID) -> None:
    found = show(trip_id)
    things = {one.id for one in found.things}
    do(running.check_out, trip_id, things, who=ground.lead)
    for moment, km in (("out", 1000), ("in", 1040)):
        do(running.put_odometer, trip_id, ground.vehicle, moment, km, who=ground.lead, at=EVENING)
    for one in things:
        do(running.check_back, trip_id, one, BackState.GOOD, note="", who=ground.lead)
    assert {(one.km_out, one.km_in) for one in run(trip_id).things if one.is_vehicle} == {(1000, 1040)}
    again(trip_id, ground)
    assert {(one.km_out, one.km_in) for one in run(trip_id).things if one.is_vehicle} == {(None, None)}
    with reading() as session:
        assert [one.fact.km for one in fleet.readings(session, ground.vehicle)] == [1000, 1040]


@pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHED])
def test_the_end_of_booking_follows_the_signal_of_the_site(ground: Ground, status: Status) -> None:
    trip_id = made(make_trip, ground, status=status)
    starts = [one.starts_at for one in show(trip_id).sessions]

    def closes_after(has_signal: bool) -> list[timedelta]:
        with transaction() as session:
            session.execute(update(Site).where(Site.id == ground.site).values(has_signal=has_signal))
        assert made(signal.follow, now=clock.now()) == 2
        assert made(signal.follow, now=clock.now()) == 0
        return [start - one.closes_at for start, one in zip(starts, show(trip_id).sessions, strict=True)]

    assert closes_after(has_signal=False) == [timedelta(hours=12)] * 2
    told = Notice.title == "Tutup pendaftaran berubah"
    assert count(Notice, told, Notice.person_id == ground.planner) == (status is Status.PUBLISHED)
    assert closes_after(has_signal=True) == [timedelta(hours=2)] * 2
    assert all(one.opens_at <= one.closes_at for one in show(trip_id).sessions)
    end(trip_id, Step.CANCEL, ground.planner)
    with transaction() as session:
        session.execute(update(Site).where(Site.id == ground.site).values(has_signal=False))
    assert made(signal.follow, now=clock.now()) == 0


def test_the_agenda_is_locked_before_the_people(ground: Ground, trip_id: UUID, monkeypatch: Any) -> None:
    """Whoever closes a trip takes the events and then the posts; a changed plan does not come the other way."""
    order = []
    for module, name in ((telling, "agenda_follows"), (planning.posts, "need"), (planning.fleet, "hold")):
        was = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, was=was, name=name, **k: (order.append(name), was(*a, **k))[1])
    plan = plan_of(ground)
    kept = tuple(replace(one, id=old.id) for one, old in zip(plan.sessions, show(trip_id).sessions, strict=True))
    change(trip_id, replace(plan, sessions=kept, purpose="Layanan"), ground)
    assert order == ["agenda_follows", "need", "hold"]
