"""The list of a group: one person is one booking, one NIK one place, and seats that nobody took go to everybody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from fieldops import check
from fieldops.core.attendance import queries as attendance
from fieldops.core.attendance.rules import Stage
from fieldops.core.audit.models import AuditEntry
from fieldops.core.booking import rules
from fieldops.core.booking.models import Applicant, Booking, BookingPage, BookingSession, Seat
from fieldops.core.booking.queries import collective as lists
from fieldops.core.booking.queries import public as queries
from fieldops.core.booking.rules import Pool, State, Window
from fieldops.core.booking.service import collective, pages
from fieldops.core.booking.service.collective import GroupWish
from fieldops.kit import clock as office_clock
from fieldops.kit import keys
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound
from tests import cast
from tests.make import Office, made, make_booking, make_tap

SEATS = {Pool.COLLECTIVE: 2, Pool.PUBLIC: 1, Pool.PRIORITY: 1}


@dataclass(frozen=True)
class Group:
    page_id: UUID
    code: str
    sessions: tuple[UUID, UUID]


def make_group(session: Any) -> Group:
    """A page as a trip has it: Monday 7 December, two sessions; open to the public from Saturday."""
    about = {"scope": "loktuan:1", "title": "LOKTUAN", "place": "Aula", "address": "Jalan Poros"}
    page_id = pages.open_page(session, source="loktuan", ref="1", **about)
    ids = []
    for hour in (9, 10):
        starts = office_clock.in_office(office_clock.now()).replace(day=7, month=12, hour=hour, minute=0)
        opens, closes, rolls = (starts - timedelta(days=days) for days in (9, 1, 3))
        window = Window(opens, closes, rolls, starts, is_open=True)
        ends_at = starts + timedelta(hours=1)
        ids.append(
            pages.add_session(
                session, page_id, source_ref="1", day=starts.date(), ends_at=ends_at, window=window, seats=SEATS
            )
        )
    code = session.scalar(select(BookingPage.code).where(BookingPage.id == page_id))
    return Group(page_id, code, (ids[0], ids[1]))


@pytest.fixture
def group(office: Office) -> Group:
    return made(make_group)


def wish(group: Group, person: Any = cast.SITI, *, session: int = 0, key: str | None = None) -> GroupWish:
    return GroupWish(group.page_id, group.sessions[session], person, cast.phone(3), key or str(uuid4()))


def add(wanted: GroupWish) -> UUID:
    return made(collective.add, wanted, now=office_clock.now())


def test_a_person_of_the_list_is_booked_at_once_and_the_nik_is_nowhere(group: Group) -> None:
    booking_id = add(wish(group))
    with reading() as session:
        row = session.scalars(select(Booking)).one()
        who = session.scalars(select(Applicant)).one()
        people = lists.listed(session, group.page_id)
    assert (row.id, row.state, row.channel, row.pool) == (booking_id, "booked", "kolektif", "kolektif")
    assert rules.read_code(row.code or "") == row.code
    assert keys.unseal(row.phone_sealed or b"", str(row.id)) == cast.phone(3)
    assert (who.nik_last4, cast.SITI.nik in repr(vars(row)) + repr(vars(who))) == ("0001", False)
    assert [(one.short, one.code, one.can_remove(office_clock.now())) for one in people] == [
        ("Siti A.", row.code, True)
    ]
    assert check.problems() == []


def test_the_same_key_is_the_same_person_and_another_one_is_told(group: Group) -> None:
    first = wish(group)
    assert add(first) == add(first)
    with pytest.raises(rules.KeyReused):
        add(replace(first, person=cast.BUDI))
    with reading() as session:
        assert len(session.scalars(select(AuditEntry.id).where(AuditEntry.action == "booking.collective")).all()) == 1


def test_one_nik_has_one_place_in_the_scope(group: Group, clock: Any) -> None:
    add(wish(group))
    with pytest.raises(rules.AlreadyBooked, match="layanan yang sama") as told:
        add(wish(group, session=1))
    assert told.value.field == "nik"
    clock.at("2026-12-01 10:00")
    made(make_booking, group.code, group.sessions[0], [cast.BUDI])
    with pytest.raises(rules.AlreadyBooked):
        add(wish(group, cast.BUDI))
    with pytest.raises(rules.AlreadyBooked):
        made(make_booking, group.code, group.sessions[1], [cast.SITI])


def test_a_hold_stands_until_it_ran_out_and_then_makes_room(group: Group, clock: Any) -> None:
    clock.at("2026-12-01 10:00")
    made(make_booking, group.code, group.sessions[1], [cast.SITI], confirmed=False)
    with pytest.raises(rules.HeldElsewhere):
        add(wish(group))
    clock.forward(minutes=11)
    add(wish(group))
    with reading() as session:
        assert sorted(session.scalars(select(Booking.state))) == ["booked", "expired"]
    assert check.problems() == []


def test_full_names_what_to_do_and_takes_no_seat_of_others(group: Group) -> None:
    add(wish(group))
    add(wish(group, cast.BUDI))
    with pytest.raises(rules.Full, match="Kursi kelompok di sesi ini sudah habis"):
        add(wish(group, cast.SUHARTO))
    add(wish(group, cast.SUHARTO, session=1))
    with reading() as session:
        found = lists.sessions(session, group.page_id, now=office_clock.now())
    assert [(one.left, one.total, one.state) for one in found] == [(0, 2, "full"), (1, 2, "open")]


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [
        ("2026-12-06 08:59", None),
        ("2026-12-06 09:00", rules.ListClosed),
        ("2026-12-07 08:59", rules.ListClosed),
        ("2026-12-07 09:00", rules.Past),
    ],
)
def test_the_list_is_open_before_the_public_and_closes_at_its_hour(
    group: Group, clock: Any, moment: str, refusal: type[Exception] | None
) -> None:
    early = add(wish(group, cast.BUDI))
    clock.at(moment)
    if refusal is None:
        add(wish(group))
        made(collective.remove, group.page_id, early, now=office_clock.now())
        return
    with pytest.raises(refusal):
        add(wish(group))
    with pytest.raises(rules.ListClosed):
        made(collective.remove, group.page_id, early, now=office_clock.now())


def test_a_closed_session_and_one_of_another_page_take_nobody(group: Group) -> None:
    with pytest.raises(rules.Closed):
        add(replace(wish(group), session_id=uuid4()))
    with pytest.raises(rules.Closed):
        add(replace(wish(group), page_id=uuid4()))
    made(pages.set_open, "1", is_open=False, reason="Banjir")
    with pytest.raises(rules.Closed):
        add(wish(group))


def test_a_person_is_taken_off_once_and_only_from_his_list(group: Group, clock: Any) -> None:
    booking_id = add(wish(group))
    with pytest.raises(NotFound):
        made(collective.remove, uuid4(), booking_id, now=office_clock.now())
    clock.at("2026-12-01 10:00")
    other = made(make_booking, group.code, group.sessions[0], [cast.BUDI])
    with pytest.raises(NotFound):
        made(collective.remove, group.page_id, other.id, now=office_clock.now())
    for _ in range(2):
        made(collective.remove, group.page_id, booking_id, now=office_clock.now())
    with reading() as session:
        assert session.scalar(select(Booking.state).where(Booking.id == booking_id)) == State.CANCELLED
        assert len(session.scalars(select(AuditEntry.id).where(AuditEntry.action == "booking.cancel")).all()) == 1
    add(wish(group))


def test_an_old_form_does_not_pretend_that_somebody_taken_off_is_on_the_list(group: Group) -> None:
    wanted = wish(group)
    made(collective.remove, group.page_id, add(wanted), now=office_clock.now())
    with pytest.raises(rules.TakenOff):
        add(wanted)
    add(replace(wanted, form_key=str(uuid4())))


def test_seats_of_the_group_that_nobody_took_go_to_everybody_and_the_page_counts_them(group: Group, clock: Any) -> None:
    add(wish(group))
    for moment, left, total in (("2026-12-04 08:59", 1, 1), ("2026-12-04 09:00", 3, 4)):
        now = clock.at(moment)
        with reading() as session:
            (day,) = queries.day_slots(session, group.page_id, Pool.PUBLIC, now=now)
        assert (day.slots[0].left, day.slots[0].total) == (left, total), moment
    made(make_booking, group.code, group.sessions[0], 3)
    with pytest.raises(rules.Full):
        made(make_booking, group.code, group.sessions[0], 1)
    with pytest.raises(rules.Full):
        add(wish(group, cast.SUHARTO))
    with reading() as session:
        taken = session.scalars(select(Seat.pool).where(Seat.applicant_id.is_not(None))).all()
    assert sorted(taken) == ["kolektif", "kolektif", "prioritas", "umum"]
    assert check.problems() == []


def test_a_whole_group_on_the_contact_s_number_does_not_use_it_up(group: Group, clock: Any) -> None:
    for session, who in ((0, cast.SITI), (0, cast.SUHARTO), (1, cast.NURAINI), (1, cast.DSOUZA)):
        add(wish(group, who, session=session))
    clock.at("2026-12-01 10:00")
    made(make_booking, group.code, group.sessions[0], [cast.BUDI], phone=cast.phone(3))


def test_check_in_knows_no_difference(group: Group, office: Office, clock: Any) -> None:
    add(wish(group))
    clock.at("2026-12-07 08:50")
    with reading() as session:
        who = session.scalar(select(Applicant.id))
    made(make_tap, who, Stage.ARRIVED, office["officer"])
    with reading() as session:
        assert attendance.states(session, [who])[who].arrived


def test_two_who_want_the_last_seat_of_the_group_at_once_get_one(group: Group) -> None:
    add(wish(group))
    together = threading.Barrier(2)

    def try_it(who: Any) -> str:
        together.wait(10)
        try:
            again_when_stale(lambda session: collective.add(session, wish(group, who), now=office_clock.now()))
        except rules.Full:
            return "full"
        return "in"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, (cast.BUDI, cast.SUHARTO))) == ["full", "in"]
    assert check.problems() == []


def test_the_same_nik_sent_twice_at_once_is_one_place(group: Group) -> None:
    together = threading.Barrier(2)

    def try_it(session_number: int) -> str:
        together.wait(10)
        wanted = wish(group, session=session_number)
        try:
            again_when_stale(lambda session: collective.add(session, wanted, now=office_clock.now()))
        except (rules.AlreadyBooked, rules.HeldElsewhere):
            return "refused"
        return "in"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, (0, 1))) == ["in", "refused"]
    assert check.problems() == []


def test_a_line_has_the_same_key_wherever_it_stands_and_does_not_tell_the_nik() -> None:
    key = collective.line_key("form", cast.SITI.nik)
    assert key == collective.line_key("form", cast.SITI.nik)
    assert len({key, collective.line_key("form", cast.BUDI.nik), collective.line_key("other", cast.SITI.nik)}) == 3
    assert len(key) == 40


def test_people_of_a_closed_session_move_together_as_far_as_the_seats_go(group: Group, clock: Any) -> None:
    clock.forward(days=5)  # moving asks whether the session is open to the public
    old, new = group.sessions
    for who in (cast.SITI, cast.BUDI):
        add(wish(group, who))
        clock.forward(minutes=1)
    other = add(wish(group, cast.NURAINI, session=1))

    def move(target: UUID) -> int:
        return made(collective.move_left, group.page_id, target, now=office_clock.now())

    assert move(new) == 0, "their session stands"
    with transaction() as session:
        session.execute(update(BookingSession).where(BookingSession.id == old).values(is_open=False))
    assert move(new) == 1
    with pytest.raises(rules.Full):
        move(new)
    clock.forward(days=10)  # the day is over; the one on the closed session can still be taken off
    with reading() as session:
        people = lists.listed(session, group.page_id)
    assert {one.short: (one.stands, one.can_remove(office_clock.now())) for one in people} == {
        "Budi S.": (False, True),
        "Nur'aini K.": (True, False),
        "Siti A.": (True, False),
    }
    made(collective.remove, group.page_id, people[0].booking_id, now=office_clock.now())
    with pytest.raises(rules.ListClosed):
        made(collective.remove, group.page_id, other, now=office_clock.now())
    assert check.problems() == []
