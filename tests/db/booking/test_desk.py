"""Officers' taps: what is stored, what it adds up to, and how the yearly figure follows."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from fieldops import check
from fieldops.core.achievement.models import Line
from fieldops.core.attendance import queries as attendance
from fieldops.core.attendance.models import AttendanceEvent
from fieldops.core.attendance.rules import Stage, Verdict
from fieldops.core.attendance.service import TapReused
from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff as by_staff
from fieldops.core.booking import rules
from fieldops.core.booking.models import Applicant, Booking, Seat
from fieldops.core.booking.queries import desk as queries
from fieldops.core.booking.rules import Channel, Pool, State
from fieldops.core.booking.service import holds, tickets
from fieldops.kit import clock as office_clock
from fieldops.kit.clock import ZONE
from fieldops.kit.db import reading
from fieldops.kit.errors import NotFound
from fieldops.weekend import service as weekend
from fieldops.weekend.rules import Programme
from tests import cast
from tests.make import (
    SUNDAY,
    Booked,
    Day,
    Office,
    SessionPlan,
    made,
    make_booking,
    make_day,
    make_tap,
    make_walk_in,
    make_wish,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldops.core.attendance.rules import Progress
    from fieldops.core.attendance.service import Outcome


@pytest.fixture
def day(office: Office) -> Day:
    return made(make_day, office["supervisor"])


@pytest.fixture
def siti(day: Day, clock) -> Booked:
    """Booked on Wednesday; now it is Saturday 07.45."""
    ticket = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)
    clock.at("2026-11-28 07:45")
    return ticket


@pytest.fixture(autouse=True)
def _sound(db: object) -> Iterator[None]:
    yield
    assert check.problems() == []


def tap(ticket: Booked | UUID, stage: Stage, office: Office, role: str = "officer", **options: Any) -> Outcome:
    who = ticket.people[0] if isinstance(ticket, Booked) else ticket
    return made(make_tap, who, stage, office[role], **options)


def state_of(ticket: Booked) -> Progress:
    with reading() as session:
        return attendance.states(session, ticket.people)[ticket.people[0]]


def last_event(ticket: Booked, stage: Stage) -> UUID:
    return state_of(ticket).standing[stage].id


def ledger() -> list[tuple[date, int, str, str]]:
    with reading() as session:
        rows = session.execute(select(Line.day, Line.volume, Line.source, Line.ro_id).order_by(Line.id))
        return [tuple(row) for row in rows]


def count(model: Any, *where: Any) -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(model).where(*where)).scalar_one()


# -- taps -------------------------------------------------------------------------------------------------------


def test_the_same_tap_again_is_the_same_event_and_the_same_answer(siti: Booked, office: Office) -> None:
    key = uuid4()
    first, again = (tap(siti, Stage.ARRIVED, office, tap_id=key) for _ in range(2))
    assert first.verdict is again.verdict is Verdict.APPLIED
    assert count(AttendanceEvent) == 1
    assert count(AuditEntry, AuditEntry.action == "attendance.set") == 1


def test_a_second_officer_is_a_duplicate_that_is_kept_and_his_earlier_time_stands(siti: Booked, office: Office) -> None:
    now = office_clock.now()
    tap(siti, Stage.ARRIVED, office)
    second = made(make_tap, siti.people[0], Stage.ARRIVED, office.other_officer, happened_at=now - timedelta(minutes=9))
    assert second.verdict is Verdict.DUPLICATE
    assert count(AttendanceEvent) == 2, "nothing recorded is lost"
    assert state_of(siti).at(Stage.ARRIVED) == now - timedelta(minutes=9)
    assert state_of(siti).last.actor_id == office["officer"], "the name is of whose tap counted"


def test_a_taps_number_of_one_person_is_refused_for_another(siti: Booked, office: Office, day: Day) -> None:
    key = uuid4()
    other = made(make_walk_in, day.sessions[1], office["officer"])
    tap(siti, Stage.ARRIVED, office, tap_id=key)
    with pytest.raises(TapReused):
        tap(other, Stage.SERVED, office, tap_id=key)


def test_an_unknown_person_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        tap(uuid4(), Stage.ARRIVED, office)
    assert count(AttendanceEvent) == 0


def test_an_undo_takes_back_the_event_it_names_once(siti: Booked, office: Office) -> None:
    tap(siti, Stage.ARRIVED, office)
    named = last_event(siti, Stage.ARRIVED)
    wrong = tap(siti, Stage.ARRIVED, office, undoes=uuid4())
    assert wrong.verdict is Verdict.DUPLICATE
    assert state_of(siti).arrived
    assert tap(siti, Stage.ARRIVED, office, undoes=named).verdict is Verdict.APPLIED
    assert not state_of(siti).arrived
    assert tap(siti, Stage.ARRIVED, office).verdict is Verdict.APPLIED, "here after all"
    assert tap(siti, Stage.ARRIVED, office, undoes=named).verdict is Verdict.DUPLICATE, "an old button"
    assert state_of(siti).arrived
    assert count(AttendanceEvent) == 5


def test_a_stage_below_another_is_not_taken_back(siti: Booked, office: Office) -> None:
    for stage in (Stage.ARRIVED, Stage.SERVED):
        tap(siti, stage, office)
    refused = tap(siti, Stage.ARRIVED, office, undoes=last_event(siti, Stage.ARRIVED))
    assert (refused.verdict, refused.flag) == (Verdict.REVIEW, "later-stage")
    assert state_of(siti).stage is Stage.SERVED


def test_service_after_a_cancellation_is_recorded_flagged_and_counted(siti: Booked, office: Office, clock) -> None:
    clock.at("2026-11-28 07:00")
    made(tickets.cancel, siti.token, now=office_clock.now())
    clock.at("2026-11-28 08:10")
    for stage in (Stage.ARRIVED, Stage.SERVED):
        assert (tap(siti, stage, office).verdict, tap(siti, stage, office).verdict) == (
            Verdict.APPLIED,
            Verdict.DUPLICATE,
        )
    tap(siti, Stage.ISSUED, office, "tu")
    assert count(AttendanceEvent, AttendanceEvent.flag == "cancelled-before") == 3
    assert [volume for _, volume, _, _ in ledger()] == [1]


def test_somebody_who_comes_on_another_day_is_flagged(siti: Booked, office: Office, clock) -> None:
    clock.at("2026-11-29 08:00")
    assert tap(siti, Stage.ARRIVED, office).flag == "other-day"
    assert tap(siti, Stage.SERVED, office).flag == ""


def test_half_past_seven_is_the_day_of_the_service_although_it_is_friday_in_utc(siti: Booked, office: Office) -> None:
    moment = datetime(2026, 11, 28, 7, 30, tzinfo=ZONE)
    assert tap(siti, Stage.ARRIVED, office, happened_at=moment).flag == ""


def test_taps_that_arrive_in_any_number_leave_one_standing_event_of_each_stage(siti: Booked, office: Office) -> None:
    """Phones send again what they are not sure of; the state is that of each tap sent once."""
    chance = random.Random(7)
    now = office_clock.now()
    outbox = [(uuid4(), stage) for stage in (Stage.ARRIVED, Stage.RETURNED, Stage.SERVED, Stage.ISSUED)]
    sent: list[tuple[UUID, Stage]] = []
    for one in outbox:
        sent += [one] * chance.randint(1, 3)
        sent += chance.sample(sent, min(2, len(sent)))
    for tap_id, stage in sent:
        tap(siti, stage, office, "tu", tap_id=tap_id, happened_at=now)
    assert len(sent) > len(outbox)
    assert count(AttendanceEvent) == len(outbox)
    assert set(state_of(siti).standing) == set(Stage)
    assert sum(volume for _, volume, _, _ in ledger()) == 1


# -- the yearly figure ------------------------------------------------------------------------------------------


def test_only_an_issued_passport_counts_and_each_change_is_one_more_line(siti: Booked, office: Office, clock) -> None:
    for stage in (Stage.ARRIVED, Stage.SERVED):
        tap(siti, stage, office)
    assert ledger() == []
    clock.at("2026-12-01 15:00")
    for _ in range(2):
        tap(siti, Stage.ISSUED, office, "tu")
    wanted = (date(2026, 12, 1), 1, "persari", "baa-001")
    assert ledger() == [wanted]
    clock.at("2027-01-04 09:00")
    named = last_event(siti, Stage.ISSUED)
    for _ in range(2):
        tap(siti, Stage.ISSUED, office, "tu", undoes=named)
    reversal = (date(2026, 12, 1), -1, "persari", "baa-001")
    assert ledger() == [wanted, reversal], "the month that was wrong is the month that is corrected"
    tap(siti, Stage.ISSUED, office, "tu")
    assert ledger() == [wanted, reversal, (date(2027, 1, 4), 1, "persari", "baa-001")]


def test_the_office_may_count_by_the_day_of_service(siti: Booked, office: Office, clock) -> None:
    for stage in (Stage.ARRIVED, Stage.SERVED):
        tap(siti, stage, office)
    clock.at("2027-01-04 09:00")
    tap(siti, Stage.ISSUED, office, "tu", count_by="service")
    assert [day for day, *_ in ledger()] == [date(2026, 11, 28)]


def test_a_passport_issued_at_half_past_midnight_counts_on_the_day_of_the_office(
    siti: Booked, office: Office, clock
) -> None:
    for stage in (Stage.ARRIVED, Stage.SERVED):
        tap(siti, stage, office)
    clock.at("2027-01-01 00:30")
    tap(siti, Stage.ISSUED, office, "tu")
    assert [day for day, *_ in ledger()] == [date(2027, 1, 1)]


def test_a_passport_of_somebody_never_served_waits_for_a_person_and_does_not_count(
    siti: Booked, office: Office
) -> None:
    tap(siti, Stage.ARRIVED, office)
    outcome = tap(siti, Stage.ISSUED, office, "tu")
    assert (outcome.verdict, outcome.flag) == (Verdict.REVIEW, "not-served")
    assert ledger() == []


def test_a_family_counts_by_people(office: Office, day: Day, clock) -> None:
    family = made(make_booking, day.page_code, day.sessions[0], cast.FAMILY)
    clock.at("2026-11-28 08:00")
    for who in family.people[:2]:
        for stage, role in ((Stage.ARRIVED, "officer"), (Stage.SERVED, "officer"), (Stage.ISSUED, "tu")):
            made(make_tap, who, stage, office[role])
    assert sum(volume for _, volume, _, _ in ledger()) == 2
    with reading() as session:
        rows = queries.people_of_day(session, day.date)
        found = queries.counts(rows, cancelled=queries.cancelled_on(session, day.date), now=office_clock.now())
        assert queries.count_in_process(session, 2026) == 0
    assert (found.booked, found.arrived, found.served, found.issued, found.cancelled, found.no_show) == (
        3,
        2,
        2,
        2,
        0,
        0,
    )
    clock.at("2026-11-29 00:00")
    assert queries.counts(rows, now=office_clock.now()).no_show == 1


def test_in_process_are_those_served_whose_passport_is_not_known_to_be_issued(
    siti: Booked, office: Office, clock
) -> None:
    def waiting() -> int:
        with reading() as session:
            assert len(queries.in_process(session, 2026)) == queries.count_in_process(session, 2026)
            assert queries.count_in_process(session, 2027) == 0
            return queries.count_in_process(session, 2026)

    tap(siti, Stage.ARRIVED, office)
    assert waiting() == 0
    tap(siti, Stage.SERVED, office)
    tap(siti, Stage.SERVED, office)
    assert waiting() == 1
    tap(siti, Stage.ISSUED, office, "tu")
    assert waiting() == 0
    tap(siti, Stage.ISSUED, office, "tu", undoes=last_event(siti, Stage.ISSUED))
    assert waiting() == 1
    tap(siti, Stage.SERVED, office, undoes=last_event(siti, Stage.SERVED))
    assert waiting() == 0


# -- walk-ins ---------------------------------------------------------------------------------------------------


def seats(session_id: UUID, pool: Pool) -> int:
    return count(Seat, Seat.session_id == session_id, Seat.pool == pool, Seat.applicant_id.is_(None))


def test_a_walk_in_takes_a_walk_in_seat_is_here_and_the_same_form_gives_the_same_number(
    day: Day, office: Office, clock
) -> None:
    clock.at("2026-11-28 08:20")
    key, tap_id = str(uuid4()), uuid4()
    first, again = (
        made(make_walk_in, day.sessions[0], office["officer"], cast.NURAINI, form_key=key, tap_id=tap_id)
        for _ in range(2)
    )
    assert first == again
    assert (seats(day.sessions[0], Pool.WALK_IN), seats(day.sessions[0], Pool.PUBLIC)) == (0, 3)
    with reading() as session:
        row = queries.person(session, first)
    assert (row.channel, row.shown_number, row.progress.stage) == (Channel.WALK_IN, "W-1", Stage.ARRIVED)
    assert count(Booking) == count(AttendanceEvent) == 1
    with pytest.raises(rules.Full):
        made(make_walk_in, day.sessions[0], office["officer"])
    assert seats(day.sessions[0], Pool.PUBLIC) == 3, "a free public seat is not a walk-in's"


def number(applicant_id: UUID) -> str:
    with reading() as session:
        row = queries.person(session, applicant_id)
    assert row is not None
    return row.shown_number


def test_walk_ins_are_counted_over_the_sessions_of_a_day_and_keep_their_number(day: Day, office: Office, clock) -> None:
    planner, officer = office["supervisor"], office["officer"]
    plans = [SessionPlan(time(hour), time(hour + 1), 1, 0, 2) for hour in (13, 14)]
    other = made(make_day, planner, Programme.ON_SEVEN, plans=plans)
    sunday = made(make_day, planner, Programme.ON_SEVEN, SUNDAY, plans=plans)
    assert other.page_code == sunday.page_code != day.page_code
    clock.at("2026-11-28 08:20")
    came = [made(make_walk_in, one, officer) for one in (day.sessions[1], day.sessions[0])]
    came += [made(make_walk_in, one, officer) for one in (other.sessions[0], other.sessions[1], other.sessions[0])]
    clock.at("2026-11-29 08:20")
    came.append(made(make_walk_in, sunday.sessions[1], officer))
    numbers = ["W-1", "W-2", "W-1", "W-2", "W-3", "W-1"]
    assert [number(one) for one in came] == numbers
    with reading() as session:
        arrived = queries.person(session, came[0]).progress.last.id
    made(make_tap, came[0], Stage.ARRIVED, officer, undoes=arrived)
    made(weekend.set_seats, day.id, day.sessions[0], {Pool.PUBLIC: 9}, actor=by_staff(planner), now=office_clock.now())
    assert [number(one) for one in came] == numbers


def test_a_walk_in_with_a_place_this_weekend_is_led_to_it(day: Day, office: Office, clock) -> None:
    sunday = made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY)
    made(make_booking, sunday.page_code, sunday.sessions[0], [cast.SITI])
    clock.at("2026-11-28 08:20")
    with pytest.raises(rules.AlreadyBooked) as refused:
        made(make_walk_in, day.sessions[0], office["officer"], cast.SITI)
    assert refused.value.field == "nik"
    assert seats(day.sessions[0], Pool.WALK_IN) == 1
    made(make_walk_in, day.sessions[0], office["officer"], cast.stranger(nik=""))


def test_a_walk_in_has_his_place_and_books_no_second_one(day: Day, office: Office, clock) -> None:
    sunday = made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY)
    clock.at("2026-11-28 08:20")
    made(make_walk_in, day.sessions[0], office["officer"], cast.SITI)
    wish = make_wish(sunday.page_code, sunday.sessions[0], [cast.SITI])
    with pytest.raises(rules.AlreadyBooked):
        made(holds.hold, wish, now=office_clock.now(), minutes=10)


@pytest.mark.parametrize(("moment", "fine"), [("2026-11-27 23:59", False), ("2026-11-28 00:00", True),
                                              ("2026-11-28 23:59", True), ("2026-11-29 00:00", False)])  # fmt: skip
def test_walk_ins_are_written_on_the_day_itself(day: Day, office: Office, clock, moment: str, fine: bool) -> None:
    clock.at(moment)
    if fine:
        made(make_walk_in, day.sessions[0], office["officer"])
        return
    with pytest.raises(rules.Past):
        made(make_walk_in, day.sessions[0], office["officer"])


def test_no_walk_in_on_a_draft_or_a_cancelled_day_or_in_no_session(office: Office, day: Day, clock) -> None:
    draft = made(make_day, office["supervisor"], Programme.ON_SEVEN, published=False)
    made(weekend.cancel, day.id, reason="Banjir", actor=by_staff(office["supervisor"]), now=office_clock.now())
    clock.at("2026-11-28 08:20")
    for session_id, refusal in (
        (draft.sessions[0], rules.Closed),
        (day.sessions[0], rules.Closed),
        (uuid4(), NotFound),
    ):
        with pytest.raises(refusal):
            made(make_walk_in, session_id, office["officer"])
    assert count(Applicant) == 0


# -- the list ---------------------------------------------------------------------------------------------------


def test_every_live_booking_of_the_day_is_in_the_list_and_only_those(office: Office, day: Day, clock) -> None:
    booked = made(make_booking, day.page_code, day.sessions[0], 2)
    gone = made(make_booking, day.page_code, day.sessions[1], 1)
    made(make_booking, day.page_code, day.sessions[1], 1, confirmed=False)
    partly = made(make_booking, day.page_code, day.sessions[1], 1, pool=Pool.PRIORITY)
    made(tickets.cancel, gone.token, now=office_clock.now())
    clock.at("2026-11-28 07:00")
    with reading() as session:
        rows = queries.people_of_day(session, day.date)
        assert {row.id for row in rows} == {*booked.people, *partly.people}
        assert queries.cancelled_on(session, day.date) == 1
        assert queries.people_of_day(session, SUNDAY) == []


@pytest.mark.parametrize(
    "typed", ["Nur'aini", "nuraini", "NUR’AINI", "nurʼaini", "kusumawardhani nur", "Kusuma", "wardhani"]
)
def test_a_name_is_found_by_either_apostrophe_and_by_parts(office: Office, day: Day, typed: str) -> None:
    made(make_booking, day.page_code, day.sessions[0], [cast.NURAINI, cast.DSOUZA, cast.SUHARTO])
    with reading() as session:
        assert [row.name for row in queries.by_name(session, typed, day.date)] == [cast.NURAINI.name]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "' or 1=1 --", "nur%aini", "ainiX", ".", "- ,"])
def test_signs_of_sql_find_nobody(office: Office, day: Day, typed: str) -> None:
    made(make_booking, day.page_code, day.sessions[0], [cast.NURAINI])
    with reading() as session:
        assert queries.by_name(session, typed, day.date) == []


@pytest.mark.parametrize("typed", ["x" * 60_000, "a " * 3_000, "ﷺ" * 5_000])
def test_a_very_long_text_is_searched_and_found_nowhere(office: Office, day: Day, typed: str) -> None:
    made(make_booking, day.page_code, day.sessions[0], [cast.BUDI])
    with reading() as session:
        found = queries.by_name(session, typed, day.date)
    assert len(found) <= 1


def test_the_state_of_a_booking_says_who_may_be_shown(office: Office, day: Day) -> None:
    held = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], confirmed=False)
    with reading() as session:
        assert queries.person(session, held.people[0]) is None
        assert queries.by_ticket(session, token=held.entry_token) == []
        assert session.get_one(Booking, held.id).state == State.HELD
