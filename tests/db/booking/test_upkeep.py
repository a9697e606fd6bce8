"""What time does to bookings: dead holds are put away, personal data is erased, figures stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from fieldops import check
from fieldops.core.achievement.models import Line
from fieldops.core.attendance.models import AttendanceEvent
from fieldops.core.attendance.rules import Stage
from fieldops.core.booking import rules
from fieldops.core.booking.models import Applicant, Booking
from fieldops.core.booking.queries import desk as queries
from fieldops.core.booking.queries import public
from fieldops.core.booking.rules import State
from fieldops.core.booking.service import holds, tickets, upkeep
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from fieldops.kit.errors import NotFound
from tests import cast
from tests.make import Day, Office, made, make_booking, make_day, make_tap, make_walk_in, make_wish

if TYPE_CHECKING:
    from tests.make import Booked


@pytest.fixture
def day(office: Office) -> Day:
    return made(make_day, office["supervisor"])


def sweep() -> int:
    return made(upkeep.sweep_holds, now=office_clock.now())


def erase(days: int = 90) -> int:
    return made(upkeep.erase_old, now=office_clock.now(), days=days)


def state(ticket: Booked) -> str:
    with reading() as session:
        return session.get_one(Booking, ticket.id).state


def test_the_sweep_puts_away_what_ran_out_half_an_hour_ago_and_nothing_else(day: Day, clock) -> None:
    old = made(make_booking, day.page_code, day.sessions[0], 2, confirmed=False)
    booked = made(make_booking, day.page_code, day.sessions[0], 1)
    clock.forward(minutes=40)
    assert sweep() == 0, "exactly half an hour is not over"
    fresh = made(make_booking, day.page_code, day.sessions[1], 1, confirmed=False)
    clock.forward(seconds=1)
    assert (sweep(), sweep()) == (1, 0)
    assert (state(old), state(booked), state(fresh)) == (State.EXPIRED, State.BOOKED, State.HELD)
    with pytest.raises(rules.HoldGone):
        made(tickets.confirm, old.token, now=office_clock.now())
    assert check.problems() == []


def everything() -> str:
    """All rows of the tables that could hold personal data, as text."""
    with reading() as session:
        tables = ("booking_applicant", "booking_booking", "attendance_event", "achievement_line", "audit_entry")
        return repr([session.execute(text(f"select * from {name}")).all() for name in tables])


def test_erasing_takes_names_niks_and_phones_and_leaves_every_figure(day: Day, office: Office, clock) -> None:
    family = made(make_booking, day.page_code, day.sessions[0], [cast.SITI, cast.GRANDMOTHER], phone=cast.SITI_PHONE)
    gone = made(make_booking, day.page_code, day.sessions[1], [cast.BUDI])
    made(tickets.cancel, gone.token, now=office_clock.now())
    clock.at("2026-11-28 08:30")
    made(make_walk_in, day.sessions[0], office["officer"], cast.NURAINI)
    for stage in (Stage.ARRIVED, Stage.SERVED, Stage.ISSUED):
        made(make_tap, family.people[0], stage, office["tu"])

    def figures() -> Any:
        with reading() as session:
            rows = queries.people_of_day(session, day.date)
            return (
                queries.counts(rows, cancelled=queries.cancelled_on(session, day.date), now=office_clock.now()),
                session.scalars(select(Line.volume)).all(),
                session.scalars(select(AttendanceEvent.id).order_by(AttendanceEvent.n)).all(),
                queries.count_in_process(session, 2026),
            )

    clock.at("2027-02-26 23:59")
    before = figures()
    assert erase() == 0
    hashes = [cast.SITI.nik_hash, cast.BUDI.nik_hash]
    assert all(str(one) in everything() for one in hashes)
    clock.at("2027-02-27 00:00")
    assert (erase(), erase()) == (3, 0)
    assert figures() == before
    left = everything()
    for who in (cast.SITI, cast.GRANDMOTHER, cast.BUDI, cast.NURAINI):
        for word in (who.name, who.nik, str(who.nik_hash), rules.search_key(who.name), f"'{who.nik_last4}'"):
            assert word not in left, word
    assert "lansia" not in left, "why somebody needed help is gone too"
    assert f"'{cast.SITI_PHONE[-4:]}'" not in left
    with reading() as session:
        assert set(session.scalars(select(Applicant.name))) == {upkeep.ERASED}
        assert session.scalars(select(Booking.phone_sealed).where(Booking.phone_sealed.is_not(None))).all() == []
    assert check.problems() == []


def test_a_hold_that_came_to_nothing_is_erased_after_a_day(day: Day, clock) -> None:
    held = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], confirmed=False)
    live = made(make_booking, day.page_code, day.sessions[0], [cast.BUDI])
    clock.forward(hours=1)
    sweep()
    clock.forward(hours=24)
    assert erase() == 0
    clock.forward(seconds=1)
    assert (erase(), erase()) == (1, 0)
    left = everything()
    assert cast.SITI.name not in left
    assert cast.BUDI.name in left
    wish = make_wish(day.page_code, day.sessions[0], [cast.SITI], phone=held.phone, form_key=held.form_key)
    with pytest.raises(rules.KeyReused):
        made(holds.hold, wish, now=office_clock.now(), minutes=10)
    for act in (
        lambda: made(tickets.confirm, held.token, now=office_clock.now()),
        lambda: made(tickets.move, held.token, day.sessions[1], now=office_clock.now(), minutes=10),
    ):
        with pytest.raises(NotFound):
            act()
    assert state(live) == State.BOOKED
    assert check.problems() == []


def test_an_erased_ticket_opens_for_nobody(day: Day, clock) -> None:
    ticket = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)
    clock.at("2027-03-15 10:00")
    erase()
    with reading() as session:
        found = public.ticket_by_token(session, ticket.token)
        by_code = public.ticket_by_code(session, str(ticket.code))
    assert found is None or (found.phone_last4, {who.name for who in found.people}) == ("", {upkeep.ERASED})
    assert by_code is None or by_code.phone_last4 == ""
    for act in (tickets.cancel, tickets.confirm):
        with pytest.raises(NotFound):
            made(act, ticket.token, now=office_clock.now())


def test_a_long_backlog_is_erased_in_several_steps(office: Office, clock) -> None:
    from datetime import time

    from tests.make import SessionPlan

    plans = [SessionPlan(time(hour), time(hour + 1), 200, 0, 0) for hour in (8, 9, 10)]
    day = made(make_day, office["supervisor"], plans=plans)

    def many(session: Any) -> None:
        for n in range(501):
            make_booking(session, day.page_code, day.sessions[n % 3], confirmed=False)

    made(many)
    clock.at("2027-03-15 10:00")
    assert (erase(), erase(), erase()) == (500, 1, 0)
