"""What becomes of a ticket: moved, cancelled, in part or whole, by its owner."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from fieldops import check
from fieldops.core.attendance.rules import Stage
from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff as by_staff
from fieldops.core.booking import rules
from fieldops.core.booking.models import Applicant, Booking, Seat
from fieldops.core.booking.rules import Pool, State
from fieldops.core.booking.service import holds, tickets
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from fieldops.kit.errors import NotFound
from fieldops.weekend import service as weekend
from fieldops.weekend.rules import Programme
from tests import cast
from tests.make import SUNDAY, Booked, Day, Office, SessionPlan, made, make_booking, make_day, make_tap, make_wish

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def day(office: Office) -> Day:
    return made(make_day, office["supervisor"])


@pytest.fixture(autouse=True)
def _sound(db: object) -> Iterator[None]:
    yield
    assert check.problems() == []


def move(ticket: Booked, session_id: Any) -> holds.Held:
    return made(tickets.move, ticket.token, session_id, now=office_clock.now(), minutes=10)


def cancel(ticket: Booked) -> None:
    made(tickets.cancel, ticket.token, now=office_clock.now())


def leave(ticket: Booked, position: int) -> None:
    made(tickets.cancel_person, ticket.token, position, now=office_clock.now())


def row(ticket: Booked) -> Booking:
    with reading() as session:
        return session.get_one(Booking, ticket.id)


def free(session_id: Any, pool: Pool = Pool.PUBLIC) -> int:
    with reading() as session:
        seats = select(func.count()).where(Seat.session_id == session_id, Seat.pool == pool)
        return session.execute(seats.where(Seat.applicant_id.is_(None))).scalar_one()


def audited(action: str) -> int:
    with reading() as session:
        return session.execute(select(func.count()).where(AuditEntry.action == action)).scalar_one()


# -- moving -----------------------------------------------------------------------------------------------------


def test_a_moved_ticket_keeps_its_code_and_address_and_its_sequence_rises(day: Day) -> None:
    ticket = made(make_booking, day.page_code, day.sessions[0], 2)
    before = row(ticket)
    for n, target in enumerate([day.sessions[1], day.sessions[0], day.sessions[1]], 1):
        assert move(ticket, target).state is State.BOOKED
        now = row(ticket)
        assert (now.session_id, now.sequence) == (target, n)
        assert (now.code, now.token, now.entry_token) == (before.code, before.token, before.entry_token)
    assert (free(day.sessions[0]), free(day.sessions[1])) == (3, 1)


def test_moving_to_where_it_is_changes_nothing_even_when_that_session_is_full(day: Day) -> None:
    ticket = made(make_booking, day.page_code, day.sessions[0], 3)
    assert free(day.sessions[0]) == 0
    assert move(ticket, day.sessions[0]).state is State.BOOKED
    assert row(ticket).sequence == 0
    assert audited("booking.move") == 0


def test_own_seats_do_not_stand_in_the_way_between_two_full_sessions(day: Day) -> None:
    one = made(make_booking, day.page_code, day.sessions[0], 3)
    other = made(make_booking, day.page_code, day.sessions[1], 2)
    with pytest.raises(rules.Full):
        move(one, day.sessions[1])
    assert row(one).session_id == day.sessions[0]
    assert free(day.sessions[1]) == 1, "a refused move takes nothing"
    cancel(other)
    move(one, day.sessions[1])
    assert (free(day.sessions[0]), free(day.sessions[1])) == (3, 0)


def test_a_hold_that_ran_out_moves_within_its_own_full_session(day: Day, clock) -> None:
    held = made(make_booking, day.page_code, day.sessions[0], 3, confirmed=False)
    clock.forward(minutes=11)
    assert move(held, day.sessions[0]).state is State.HELD
    assert row(held).held_until == office_clock.now() + timedelta(minutes=10)
    assert made(tickets.confirm, held.token, now=office_clock.now()).state is State.BOOKED


def test_a_ticket_moves_only_on_its_own_page_to_what_is_open(office: Office, day: Day, clock) -> None:
    ticket = made(make_booking, day.page_code, day.sessions[0])
    other = made(make_day, office["supervisor"], Programme.ON_SEVEN)
    with pytest.raises(rules.Closed):
        move(ticket, other.sessions[0])
    clock.at("2026-11-28 07:30")
    with pytest.raises(rules.TooLate):
        move(ticket, day.sessions[1])
    assert row(ticket).session_id == day.sessions[0]


def test_a_priority_ticket_looks_for_a_kept_seat_where_it_goes(day: Day) -> None:
    who = cast.stranger(help="hamil")
    ticket = made(make_booking, day.page_code, day.sessions[0], [who], pool=Pool.PRIORITY)
    move(ticket, day.sessions[1])
    assert (free(day.sessions[1], Pool.PRIORITY), free(day.sessions[1])) == (0, 3)


def test_after_the_start_a_ticket_neither_moves_nor_is_cancelled(office: Office, clock) -> None:
    saturday = made(make_day, office["supervisor"], Programme.ON_SEVEN)
    sunday = made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY)
    ticket = made(make_booking, saturday.page_code, saturday.sessions[0], 2)
    clock.at("2026-11-28 08:00")
    for act in (lambda: move(ticket, sunday.sessions[0]), lambda: cancel(ticket), lambda: leave(ticket, 1)):
        with pytest.raises(rules.Started):
            act()
    assert row(ticket).state == State.BOOKED


def test_whoever_is_here_stays_and_the_rest_of_the_family_may_go(office: Office, day: Day, clock) -> None:
    ticket = made(make_booking, day.page_code, day.sessions[1], 2)
    clock.at("2026-11-28 07:00")
    made(make_tap, ticket.people[0], Stage.ARRIVED, office["officer"])
    for act in (lambda: cancel(ticket), lambda: leave(ticket, 1)):
        with pytest.raises(rules.AlreadyHere):
            act()
    leave(ticket, 2)
    assert free(day.sessions[1]) == 2


# -- cancelling -------------------------------------------------------------------------------------------------


def test_one_of_four_leaves_and_one_seat_is_free(office: Office) -> None:
    day = made(make_day, office["supervisor"], plans=[SessionPlan(time(8), time(9), 4, 0, 0)])
    ticket = made(make_booking, day.page_code, day.sessions[0], 4)
    for _ in range(2):
        leave(ticket, 3)
        assert free(day.sessions[0]) == 1
    with reading() as session:
        live = select(Applicant.position).where(Applicant.is_live).order_by(Applicant.position)
        assert list(session.scalars(live)) == [1, 2, 4]
    assert row(ticket).state == State.BOOKED
    assert audited("booking.cancel_person") == 1


def test_the_last_one_who_leaves_cancels_the_ticket(day: Day) -> None:
    ticket = made(make_booking, day.page_code, day.sessions[0], 2)
    leave(ticket, 1)
    leave(ticket, 2)
    assert row(ticket).state == State.CANCELLED
    assert free(day.sessions[0]) == 3
    with pytest.raises(NotFound):
        leave(ticket, 5)


def test_a_family_of_three_cancelled_twice_frees_three_seats_once(day: Day, clock) -> None:
    ticket = made(make_booking, day.page_code, day.sessions[0], cast.FAMILY)
    cancel(ticket)
    assert free(day.sessions[0]) == 3
    again = made(make_booking, day.page_code, day.sessions[0], cast.FAMILY)
    cancel(ticket)
    assert row(again).state == State.BOOKED
    assert free(day.sessions[0]) == 0, "the second cancel touches nobody else"
    assert audited("booking.cancel") == 1
    assert row(ticket).sequence == 1
    with pytest.raises(rules.NotLive):
        move(ticket, day.sessions[1])
    with pytest.raises(rules.NotLive):
        made(tickets.confirm, ticket.token, now=office_clock.now())


def test_cancelling_then_booking_restores_the_number_of_seats(day: Day) -> None:
    for size in (3, 2, 1, 3):
        cancel(made(make_booking, day.page_code, day.sessions[0], size))
        assert free(day.sessions[0]) == 3


def test_a_person_who_is_live_elsewhere_does_not_come_back_with_an_old_hold(day: Day, clock) -> None:
    old = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], confirmed=False)
    clock.forward(minutes=11)
    made(make_booking, day.page_code, day.sessions[1], [cast.SITI])
    assert row(old).state == State.EXPIRED
    with pytest.raises(rules.AlreadyBooked):
        move(old, day.sessions[1])
    with pytest.raises(rules.HoldGone):
        made(tickets.confirm, old.token, now=office_clock.now())


# -- the office cancels -----------------------------------------------------------------------------------------


def test_people_of_a_cancelled_day_keep_their_ticket_and_may_move(office: Office) -> None:
    planner = office["supervisor"]
    saturday = made(make_day, planner, Programme.ON_SEVEN)
    sunday = made(make_day, planner, Programme.ON_SEVEN, SUNDAY)
    ticket = made(make_booking, saturday.page_code, saturday.sessions[0], 2)
    held = made(make_booking, saturday.page_code, saturday.sessions[0], confirmed=False)
    made(weekend.cancel, saturday.id, reason="Banjir", actor=by_staff(planner), now=office_clock.now())
    with pytest.raises(rules.Closed):
        made(tickets.confirm, held.token, now=office_clock.now())
    with pytest.raises(rules.Closed):
        move(ticket, saturday.sessions[1])
    with pytest.raises(rules.Closed):
        made(
            holds.hold,
            make_wish(saturday.page_code, saturday.sessions[0]),
            now=office_clock.now(),
            minutes=10,
        )
    assert row(ticket).state == State.BOOKED
    move(ticket, sunday.sessions[0])
    move(held, sunday.sessions[0])
    assert made(tickets.confirm, held.token, now=office_clock.now()).state is State.BOOKED
    assert free(sunday.sessions[0]) == 0


def test_every_step_is_in_the_audit_log_once_and_names_nobody(day: Day) -> None:
    who = replace(cast.SITI, name="Siti Nurhaliza")
    ticket = made(make_booking, day.page_code, day.sessions[0], [who, cast.BUDI], phone=cast.SITI_PHONE)
    move(ticket, day.sessions[1])
    leave(ticket, 2)
    cancel(ticket)
    with reading() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.object_id == str(ticket.id)).order_by(AuditEntry.id)
        ).all()
    assert [one.action.removeprefix("booking.") for one in entries] == [
        "hold",
        "confirm",
        "move",
        "cancel_person",
        "cancel",
    ]
    assert {(one.actor_kind, one.actor_id) for one in entries} == {("public", None)}
    assert entries[2].detail == {"before": str(day.sessions[0]), "after": str(day.sessions[1])}
    written = repr([(one.object_id, one.detail) for one in entries])
    for secret in (who.name, "Nurhaliza", who.nik, who.nik[-4:], cast.SITI_PHONE, ticket.token, str(ticket.code)):
        assert secret not in written
