"""Trips through their life on both databases: what they hold, what they free, who hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fieldops import check
from fieldops.core.agenda.models import ServiceEvent
from fieldops.core.audit.rules import staff
from fieldops.core.blanks.queries import account, in_stock
from fieldops.core.blanks.rules import ranges, ranges_in
from fieldops.core.booking.models import Booking, BookingSession
from fieldops.core.booking.rules import Pool
from fieldops.core.fleet import service as fleet
from fieldops.core.fleet.rules import Holder
from fieldops.core.notices.models import Notice
from fieldops.core.people.rules import Role
from fieldops.core.roster.models import Busy, Post
from fieldops.core.roster.rules import Clash, Duty, Interval
from fieldops.core.roster.rules.posting import NeedOverride, Unfit
from fieldops.kit import clock
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import Refusal
from fieldops.loktuan.models import Trip, TripThing
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.facts import facts
from fieldops.loktuan.trips.queries.sites import areas, last_services
from fieldops.loktuan.trips.rules import CrewSeat, SessionPlan, Status, Step
from fieldops.loktuan.trips.service import deciding, ending
from tests.make import Office, at, made, make_absence, make_blanks, make_booking, make_post
from tests.trips import DAY, Ground, change, make_ground, make_trip, plan_of, without_crew

if TYPE_CHECKING:
    pass


@pytest.fixture
def ground(office: Office) -> Ground:
    return made(make_ground, office)


def held(kind: str | None = None) -> int:
    with reading() as session:
        query = select(func.count(Busy.id))
        return session.execute(query if kind is None else query.where(Busy.holder_kind == kind)).scalar_one()


def count(model: Any, *where: Any) -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(model).where(*where)).scalar_one()


def show(trip_id: UUID) -> Any:
    with reading() as session:
        return facts(session, trip_id)


def act(work: Any, trip_id: UUID, who: UUID, **more: Any) -> None:
    with transaction() as session:
        revision = session.execute(select(Trip.revision).where(Trip.id == trip_id)).scalar_one()
        work(session, trip_id, revision=revision, actor=staff(who), now=clock.now(), **more)


def end(trip_id: UUID, step: Step, who: UUID, reason: str = "Jalan putus.") -> None:
    with transaction() as session:
        revision = session.execute(select(Trip.revision).where(Trip.id == trip_id)).scalar_one()
        ending.end(session, trip_id, step, revision=revision, reason=reason, actor=staff(who), now=clock.now())


def test_one_save_holds_people_vehicle_and_the_parts_of_a_case(ground: Ground) -> None:
    trip_id = made(make_trip, ground)
    found = show(trip_id)
    assert (held("person"), held("vehicle"), held("kit")) == (4, 1, 2)
    assert found.status is Status.DRAFT
    assert [row.person_id for row in found.crew] == [ground.lead, *ground.crew]
    assert (found.row.seats, found.row.taken) == (25, 0)
    assert found.plan.interval == Interval(at(f"{DAY} 06:30"), at(f"{DAY} 17:00"))


def test_the_same_form_twice_is_one_trip(ground: Ground) -> None:
    key = str(uuid4())
    first = made(make_trip, ground, form_key=key)
    assert made(make_trip, ground, form_key=key) == first
    assert count(Trip) == 1


def test_a_clash_leaves_nothing_behind(ground: Ground) -> None:
    """D26: an error is shown and nothing was saved."""
    made(make_trip, ground)
    before = held()
    with pytest.raises(Clash, match="Minibus Uji"):
        made(make_trip, ground, without_crew(plan_of(ground)))
    assert (count(Trip), held(), count(TripThing)) == (1, before, 2)


def test_a_part_of_a_case_that_is_out_is_found_and_so_is_the_case(ground: Ground) -> None:
    made(make_trip, ground)
    for items in ({ground.camera}, {ground.case}):
        wanted = replace(without_crew(plan_of(ground)), vehicle_ids=frozenset(), item_ids=frozenset(items))
        with pytest.raises(Clash, match="Uji"):
            made(make_trip, ground, wanted)


def test_back_to_back_works_and_a_minute_over_does_not(ground: Ground) -> None:
    made(make_trip, ground)
    later = replace(
        without_crew(plan_of(ground)),
        departs_at=at(f"{DAY} 17:00"),
        returns_at=at(f"{DAY} 22:00"),
        sessions=(SessionPlan(DAY, time(18), time(20), {Pool.PUBLIC: 3}),),
    )
    with pytest.raises(Clash):
        made(make_trip, ground, replace(later, departs_at=at(f"{DAY} 16:59")))
    made(make_trip, ground, later)
    assert count(Trip) == 2


def test_a_person_on_leave_or_on_another_duty_is_refused_at_his_place(ground: Ground) -> None:
    made(make_absence, ground.crew[1], DAY, approved_by=ground.head)
    with pytest.raises(Unfit, match="Citra Wawancara") as refused:
        made(make_trip, ground)
    assert refused.value.field == "person-2"
    made(make_post, ground.crew[0], f"{DAY} 16:00", 4)
    swapped = (CrewSeat(Duty.DRIVER, ground.crew[0]),)
    with pytest.raises(Unfit, match="Budi Sopir"):
        made(make_trip, ground, replace(plan_of(ground), crew=swapped))
    assert count(Trip) == 0


def test_too_little_rest_needs_a_reason_that_stays(ground: Ground) -> None:
    made(make_post, ground.crew[0], "2026-12-08 18:00", 6)
    with pytest.raises(NeedOverride) as refused:
        made(make_trip, ground)
    assert refused.value.field == "override_reason"
    trip_id = made(make_trip, ground, replace(plan_of(ground), override_reason="Tidak ada pengemudi lain."))
    assert show(trip_id).plan.override_reason == "Tidak ada pengemudi lain."


def test_what_is_taken_out_of_a_plan_is_free_at_once(ground: Ground) -> None:
    trip_id = made(make_trip, ground)
    lean = replace(plan_of(ground), vehicle_ids=frozenset({ground.other_vehicle}), item_ids=frozenset())
    lean = replace(lean, crew=lean.crew[:2], sessions=show(trip_id).plan.sessions)
    change(trip_id, lean, ground)
    assert (held("person"), held("vehicle"), held("kit")) == (2, 1, 0)
    assert count(TripThing) == 1
    made(make_trip, ground, replace(without_crew(plan_of(ground)), item_ids=frozenset({ground.camera})))


def test_two_people_change_places_in_one_save(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    plan = show(trip_id).plan
    one, two, three, four = plan.crew
    swapped = (one, replace(two, person_id=four.person_id), three, replace(four, person_id=two.person_id))
    change(trip_id, replace(plan, crew=swapped), ground)
    assert [row.person_id for row in show(trip_id).crew] == [seat.person_id for seat in swapped]
    assert held("person") == 4


def test_an_old_page_does_not_write_over_a_newer_plan(ground: Ground) -> None:
    trip_id = made(make_trip, ground)
    change(trip_id, show(trip_id).plan, ground)
    with pytest.raises(rules.ChangedMeanwhile):
        change(trip_id, show(trip_id).plan, ground, revision=1)


def test_a_session_with_people_on_it_keeps_its_time_and_its_seats(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    found = show(trip_id)
    made(make_booking, found.row.page_code, found.sessions[0].id)
    plan = found.plan
    moved = (replace(plan.sessions[0], starts=time(9)), plan.sessions[1])
    with pytest.raises(rules.SessionInUse):
        change(trip_id, replace(plan, sessions=moved), ground)
    with pytest.raises(rules.SessionInUse):
        change(trip_id, replace(plan, sessions=plan.sessions[1:]), ground)
    fewer = replace(plan.sessions[0], seats={**plan.sessions[0].seats, Pool.PUBLIC: 0})
    with pytest.raises(Refusal) as refused:
        change(trip_id, replace(plan, sessions=(fewer, plan.sessions[1])), ground)
    assert refused.value.field == "umum-0"
    more = replace(plan.sessions[0], seats={**plan.sessions[0].seats, Pool.PUBLIC: 7})
    change(trip_id, replace(plan, sessions=(more,)), ground)
    assert [one.seats.get(Pool.PUBLIC) for one in show(trip_id).sessions] == [7]


def test_a_trip_is_submitted_approved_and_published(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.SUBMITTED)
    assert count(Notice, Notice.person_id == ground.head) == 1
    assert count(Post, Post.state == "published") == 0
    act(deciding.approve, trip_id, ground.head)
    assert count(Post, Post.state == "published") == 4
    assert count(Notice, Notice.person_id == ground.crew[0]) == 1
    assert count(ServiceEvent) == 0
    act(deciding.publish, trip_id, ground.planner)
    with reading() as session:
        event = session.scalars(select(ServiceEvent)).one()
    assert (event.starts_at, event.ends_at, event.people_expected) == (at(f"{DAY} 08:30"), at(f"{DAY} 15:00"), 25)
    assert count(BookingSession, BookingSession.is_open) == 2


def test_an_incomplete_plan_is_not_submitted(ground: Ground) -> None:
    trip_id = made(make_trip, ground, without_crew(plan_of(ground)))
    with pytest.raises(rules.NotComplete, match="penanggung jawab dan pengemudi"):
        act(deciding.submit, trip_id, ground.planner)
    assert show(trip_id).status is Status.DRAFT


def test_a_plan_is_given_back_with_a_reason(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.SUBMITTED)
    with pytest.raises(rules.NeedReason):
        act(deciding.send_back, trip_id, ground.head, reason=" ")
    act(deciding.send_back, trip_id, ground.head, reason="Tambah petugas antrean.")
    assert show(trip_id).status is Status.DRAFT
    assert count(Notice, Notice.title == "Rencana perjalanan dikembalikan") == 1


def test_of_two_trips_for_one_car_the_second_is_refused_before_anybody_approves(ground: Ground) -> None:
    """D25: two pending requests never both get the minibus, because pending ones hold it already."""
    made(make_trip, ground, status=Status.SUBMITTED)
    with pytest.raises(Clash, match="LOKTUAN Kantor Camat Sangatta Utara"):
        made(make_trip, ground, replace(without_crew(plan_of(ground)), item_ids=frozenset()))


def test_what_broke_since_the_plan_stops_the_approval(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.SUBMITTED)
    made(make_absence, ground.crew[2], DAY, approved_by=ground.head)
    with transaction() as session:
        fleet.put_outage(
            session,
            holder_kind=Holder.VEHICLE,
            holder_id=ground.vehicle,
            interval=Interval(at(f"{DAY} 10:00"), at(f"{DAY} 12:00")),
            reason="Rem",
            form_key=str(uuid4()),
            actor=staff(ground.planner),
            now=clock.now(),
        )
    with pytest.raises(rules.ClashesLeft) as refused:
        act(deciding.approve, trip_id, ground.head)
    assert "Doni Berkas" in refused.value.sentence
    assert "Minibus Uji" in refused.value.sentence
    assert show(trip_id).status is Status.SUBMITTED


@pytest.mark.parametrize("step", [Step.POSTPONE, Step.CANCEL])
def test_a_trip_that_ends_frees_everything_and_tells_everybody(ground: Ground, step: Step) -> None:
    """D40: vehicle, kit, crew, seats and the agenda are released, and bookings keep their place in the record."""
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    found = show(trip_id)
    made(make_booking, found.row.page_code, found.sessions[0].id)
    end(trip_id, step, ground.planner)
    assert held() == 0
    assert count(Post, Post.state != "cancelled") == 0
    assert count(BookingSession, BookingSession.is_open) == 0
    assert count(BookingSession, BookingSession.closed_reason == "Jalan putus.") == 2
    assert count(ServiceEvent, ServiceEvent.status == "cancelled") == 1
    assert count(Booking, Booking.state == "booked") == 1
    told = Notice.title == ("Perjalanan ditunda" if step is Step.POSTPONE else "Perjalanan dibatalkan")
    assert count(Notice, told) == 4  # three officers and the head; the planner did it himself
    made(make_trip, ground)


def test_a_postponed_trip_is_planned_anew(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    plan = show(trip_id).plan
    end(trip_id, Step.POSTPONE, ground.planner)
    later = date(2026, 12, 16)
    sessions = tuple(replace(one, day=later, id=one.id) for one in plan.sessions)
    anew = replace(
        plan,
        departs_at=at(f"{later} 06:30"),
        returns_at=at(f"{later} 17:00"),
        sessions=sessions,
        crew=plan_of(ground).crew,
    )
    change(trip_id, anew, ground)
    found = show(trip_id)
    assert (found.status, found.row.days[0], found.row.end_reason) == (Status.DRAFT, later, "")
    assert held() == 7


def test_ending_without_a_reason_or_twice(ground: Ground) -> None:
    trip_id = made(make_trip, ground)
    with pytest.raises(rules.NeedReason):
        end(trip_id, Step.CANCEL, ground.planner, reason="")
    end(trip_id, Step.CANCEL, ground.planner)
    end(trip_id, Step.CANCEL, ground.planner)
    with pytest.raises(rules.WrongStep):
        change(trip_id, plan_of(ground), ground)


def test_what_has_left_must_come_back_before_a_trip_ends(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.APPROVED)
    with transaction() as session:
        session.execute(update(TripThing).values(out_at=clock.now()))
    with pytest.raises(rules.WrongStep, match="sudah keluar"):
        end(trip_id, Step.CANCEL, ground.planner)


def test_a_change_after_approval_tells_whoever_it_touches(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.APPROVED)
    plan = show(trip_id).plan
    gone = ground.crew[2]
    change(trip_id, replace(plan, crew=(*plan.crew[:3], CrewSeat(Duty.VERIFICATION, None))), ground)
    assert show(trip_id).revision == 2
    assert count(Notice, Notice.person_id == gone, Notice.title == "Giliran Anda dilepas") == 1
    assert show(trip_id).crew[3].person is None


def test_a_trip_across_midnight_and_the_end_of_the_year(ground: Ground) -> None:
    new_year = date(2027, 1, 1)
    plan = replace(
        plan_of(ground),
        departs_at=at("2026-12-31 22:00"),
        returns_at=at("2027-01-01 16:00"),
        sessions=(SessionPlan(new_year, time(8), time(12), {Pool.PUBLIC: 10}),),
        override_reason="Malam tahun baru, disetujui tim.",
    )
    trip_id = made(make_trip, ground, plan, status=Status.PUBLISHED)
    found = show(trip_id)
    assert found.row.days == (date(2026, 12, 31), new_year)
    assert [len(row.posts) for row in found.crew] == [2, 2, 2, 2]
    evening = replace(
        without_crew(plan),
        departs_at=at("2027-01-01 15:59"),
        returns_at=at("2027-01-01 20:00"),
        sessions=(SessionPlan(new_year, time(17), time(19), {Pool.PUBLIC: 1}),),
    )
    with pytest.raises(Clash):
        made(make_trip, ground, evening)
    made(make_trip, ground, replace(evening, departs_at=at("2027-01-01 16:00")))


def test_two_planners_press_save_together_on_one_car(ground: Ground) -> None:
    """Each has a connection of his own; one gets the car, the other is told who has it, and half a trip is nowhere."""
    start, told = Barrier(2), []

    def press(item: UUID) -> None:
        wanted = replace(without_crew(plan_of(ground)), item_ids=frozenset({item}) if item else frozenset())
        start.wait()
        try:
            made(make_trip, ground, wanted)
            told.append("saved")
        except Clash as clash:
            told.append(clash.sentence)

    threads = [Thread(target=press, args=(None,)) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert sorted(one == "saved" for one in told) == [False, True]
    assert any("Minibus Uji" in one for one in told)
    assert (count(Trip), held("vehicle")) == (1, 1)


def test_two_taps_on_save_are_one_trip(ground: Ground) -> None:
    """Each has a connection of its own, and neither saw the trip of the other when it began."""
    start, key, told = Barrier(2), str(uuid4()), []

    def press() -> None:
        start.wait()
        told.append(again_when_stale(lambda session: make_trip(session, ground, form_key=key)))

    threads = [Thread(target=press) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert len(told) == 2
    assert told[0] == told[1]
    assert (count(Trip), held("vehicle")) == (1, 1)


def test_who_has_waited_longest_stands_first(ground: Ground) -> None:
    today = clock.today()
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    with reading() as session:
        assert last_services(session, today) == {}
        found = {one.code: one for one in areas(session, today)}
        assert found["64.08.04"].next_trip == trip_id
        assert last_services(session, DAY) == {"64.08.04": DAY}
        rows = areas(session, DAY)
    assert rows[-1].code == "64.08.04"
    assert len(rows) == 21
    assert {row.code for row in rows if row.in_working_area == "confirm"} == {"64.08.02", "64.08.05"}


def test_head_is_not_the_planner(office: Office, ground: Ground) -> None:
    assert office[Role.HEAD] == ground.head != ground.planner


# -- blanks that the plan sets aside ----------------------------------------------------------------------------


def set_aside(trip_id: UUID) -> list[str]:
    with reading() as session:
        return [str(span) for span in ranges(account(session, "loktuan", str(trip_id)).out)]


def test_a_plan_sets_blanks_aside_and_changes_which(ground: Ground) -> None:
    made(make_blanks, ground.planner)
    trip_id = made(make_trip, ground, plan_of(ground, blanks=ranges_in("X1001001-X1001010")))
    assert set_aside(trip_id) == ["X1001001–X1001010"]
    change(trip_id, plan_of(ground), ground)  # a plan that says nothing of blanks leaves them
    assert set_aside(trip_id) == ["X1001001–X1001010"]
    change(trip_id, plan_of(ground, blanks=ranges_in("X1001006-X1001012, X1001020")), ground)
    assert set_aside(trip_id) == ["X1001006–X1001012", "X1001020"]
    change(trip_id, plan_of(ground, blanks=()), ground)
    assert set_aside(trip_id) == []
    assert not check.problems()


def test_two_plans_cannot_have_one_blank(ground: Ground) -> None:
    made(make_blanks, ground.planner)
    made(make_trip, ground, plan_of(ground, blanks=ranges_in("X1001001-X1001010")))
    other = without_crew(plan_of(ground, DAY + timedelta(days=7), blanks=ranges_in("X1001010-X1001011")))
    with pytest.raises(Refusal, match="X1001010 dibawa LOKTUAN Kantor Camat Sangatta Utara") as refused:
        made(make_trip, ground, other)
    assert refused.value.field == "blanks"
    assert count(Trip) == 1


def test_blanks_of_a_draft_that_is_cancelled_are_in_the_office(ground: Ground) -> None:
    made(make_blanks, ground.planner)
    trip_id = made(make_trip, ground, plan_of(ground, blanks=ranges_in("X1001001-X1001010")))
    about = {"revision": 1, "reason": "Tidak jadi", "actor": staff(ground.planner), "now": clock.now()}
    made(ending.end, trip_id, Step.CANCEL, **about)
    assert set_aside(trip_id) == []
    with reading() as session:
        assert [str(span) for span in in_stock(session)] == ["X1001001–X1001100"]
