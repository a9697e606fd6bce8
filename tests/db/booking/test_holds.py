"""From a wish to a hold to a ticket: who gets a seat, who does not, and what is left behind by a refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select, text

from fieldops import check
from fieldops.core.booking import rules
from fieldops.core.booking.models import Applicant, Booking, Seat
from fieldops.core.booking.rules import Pool, State, check_sign
from fieldops.core.booking.service import holds, tickets
from fieldops.kit import clock as office_clock
from fieldops.kit import keys
from fieldops.kit.db import again_when_stale, reading
from fieldops.kit.errors import NotFound, Stale
from fieldops.weekend.rules import Programme
from tests import cast
from tests.make import PLANS as USUAL
from tests.make import SUNDAY, Day, Office, SessionPlan, made, make_booking, make_day, make_wish

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def day(office: Office) -> Day:
    """Two sessions, each with three seats for everybody, one kept for KALIORANG and one for who just comes."""
    return made(make_day, office["supervisor"])


@pytest.fixture(autouse=True)
def _sound(db: object) -> Iterator[None]:
    """Whatever a test did, the invariants hold."""
    yield
    assert check.problems() == []


def hold(wish: holds.Wish, **options: Any) -> holds.Held:
    return made(holds.hold, wish, now=office_clock.now(), minutes=options.pop("minutes", 10), **options)


def confirm(token: str) -> holds.Held:
    return made(tickets.confirm, token, now=office_clock.now())


def state_of(token: str) -> str:
    with reading() as session:
        return session.execute(select(Booking.state).where(Booking.token == token)).scalar_one()


def free(session_id: object, pool: Pool = Pool.PUBLIC) -> int:
    """Seats nobody sits on, held or booked."""
    with reading() as session:
        seats = select(func.count()).where(Seat.session_id == session_id, Seat.pool == pool)
        return session.execute(seats.where(Seat.applicant_id.is_(None))).scalar_one()


def count(model: Any, *where: Any) -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(model).where(*where)).scalar_one()


def test_a_hold_takes_the_seats_and_sending_it_gives_a_ticket_with_a_code(day: Day) -> None:
    held = hold(make_wish(day.page_code, day.sessions[0], 2))
    assert held.state is State.HELD
    assert free(day.sessions[0]) == 1
    assert count(Booking, Booking.code.is_not(None)) == 0, "no code before the ticket"
    first = confirm(held.token)
    again = confirm(held.token)
    assert (first, again) == (holds.Held(held.token, State.BOOKED),) * 2
    with reading() as session:
        row = session.execute(select(Booking.code, Booking.held_until, Booking.entry_token, Booking.token)).one()
        assert session.scalars(select(Seat.held_until).where(Seat.applicant_id.is_not(None))).all() == [None, None]
    assert rules.read_code(row.code) == row.code
    assert row.held_until is None
    assert row.entry_token != row.token, "the code on paper must not open the ticket"


def test_neither_nik_nor_phone_is_stored_in_the_clear(day: Day, db) -> None:
    made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)
    with reading() as session:
        booking, who = session.scalars(select(Booking)).one(), session.scalars(select(Applicant)).one()
    everything = repr([vars(booking), vars(who)])
    for secret in (cast.SITI.nik, cast.SITI.nik[:6], cast.SITI_PHONE, cast.SITI_PHONE[3:]):
        assert secret not in everything
    assert who.nik_hash == keys.keyed_hash("nik", cast.SITI.nik)
    assert (who.nik_last4, booking.phone_last4) == ("0001", "0001")
    assert keys.unseal(booking.phone_sealed, str(booking.id)) == cast.SITI_PHONE


# -- one form, one result ---------------------------------------------------------------------------------------


def test_the_same_form_again_is_the_same_hold_and_takes_nothing_more(day: Day) -> None:
    wish = make_wish(day.page_code, day.sessions[0], 2)
    assert hold(wish) == hold(wish) == hold(wish)
    assert free(day.sessions[0]) == 1
    assert count(Booking) == 1


def test_another_text_under_the_same_key_corrects_the_hold(day: Day) -> None:
    wish = make_wish(day.page_code, day.sessions[0], 2)
    first = hold(wish)
    corrected = replace(wish, session_id=day.sessions[1], people=(cast.SITI,))
    assert hold(corrected) == first
    assert (free(day.sessions[0]), free(day.sessions[1])) == (3, 2)
    with reading() as session:
        assert session.scalars(select(Applicant.name)).all() == [cast.SITI.name]
    assert hold(wish) == first, "and back again"


@pytest.mark.parametrize("db_kind", ["postgresql"], indirect=True)
def test_a_booking_that_moved_before_its_session_was_locked_is_looked_at_again(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The locking statement may have waited, and may know only the session where the booking was before."""
    wish, now = make_wish(day.page_code, day.sessions[0], [cast.SITI]), office_clock.now()
    token, there = hold(wish).token, day.sessions[1]
    for service in (holds, tickets):
        monkeypatch.setattr(service, "_LOCK", text("select id from booking_session where false"))
    with pytest.raises(Stale):
        hold(replace(wish, session_id=there))
    with pytest.raises(Stale):
        hold(make_wish(day.page_code, there, [cast.SITI]))
    with pytest.raises(Stale):
        confirm(token)
    with pytest.raises(Stale):
        made(tickets.move, token, there, now=now, minutes=10)
    with pytest.raises(Stale):
        made(tickets.cancel, token, now=now)
    assert (state_of(token), free(day.sessions[0]), free(there)) == (State.HELD, 2, 3)


@pytest.mark.parametrize(
    "changes", [{"people": (cast.BUDI,)}, {"phone": cast.phone(77)}, {"pool": Pool.PRIORITY}], ids=str
)
def test_once_it_is_a_ticket_another_text_under_the_same_key_is_refused(day: Day, changes: dict[str, Any]) -> None:
    wish = make_wish(day.page_code, day.sessions[0], [cast.SITI])
    token = hold(wish).token
    confirm(token)
    assert hold(wish) == holds.Held(token, State.BOOKED)
    with pytest.raises(rules.KeyReused):
        hold(replace(wish, **changes))
    assert state_of(token) == State.BOOKED
    made(tickets.cancel, token, now=office_clock.now())
    assert hold(wish) == holds.Held(token, State.CANCELLED), "the same form never books again by itself"
    with pytest.raises(rules.KeyReused):
        hold(replace(wish, **changes))


# -- time on a hold ---------------------------------------------------------------------------------------------


def test_a_seat_of_a_hold_that_ran_out_goes_to_whoever_asks_and_its_owner_is_told(day: Day, clock) -> None:
    late = hold(make_wish(day.page_code, day.sessions[0], 3))
    clock.forward(minutes=10)
    with pytest.raises(rules.Full):
        hold(make_wish(day.page_code, day.sessions[0]))
    clock.forward(seconds=1)
    other = hold(make_wish(day.page_code, day.sessions[0]))
    assert state_of(late.token) == State.EXPIRED
    with pytest.raises(rules.HoldGone):
        confirm(late.token)
    confirm(other.token)
    assert free(day.sessions[0]) == 2, "the other two of the family are free again too"


def test_sending_late_is_fine_while_nobody_took_the_seat_and_then_the_other_is_refused(day: Day, clock) -> None:
    late = hold(make_wish(day.page_code, day.sessions[0], 3))
    clock.forward(minutes=29)
    assert confirm(late.token).state is State.BOOKED
    with pytest.raises(rules.Full):
        hold(make_wish(day.page_code, day.sessions[0]))


def test_a_hold_whose_seats_are_gone_is_no_ticket(day: Day) -> None:
    booked = made(make_booking, day.page_code, day.sessions[0], 2, confirmed=False)
    made(holds.free_seats, [booked.id])
    with pytest.raises(rules.HoldGone):
        confirm(booked.token)
    made(tickets.cancel, booked.token, now=office_clock.now())


def test_a_hold_that_was_taken_can_be_made_again_with_its_own_form(day: Day, clock) -> None:
    wish = make_wish(day.page_code, day.sessions[0], 3)
    late = hold(wish)
    clock.forward(minutes=11)
    hold(make_wish(day.page_code, day.sessions[0]))
    with pytest.raises(rules.Full) as full:
        hold(wish)
    assert (full.value.wanted, full.value.left) == (3, 2)
    again = hold(replace(wish, session_id=day.sessions[1]))
    assert again == late
    assert confirm(late.token).state is State.BOOKED


def test_a_hold_is_no_ticket_after_the_session_began(day: Day, clock) -> None:
    clock.at("2026-11-28 05:59")
    held = hold(make_wish(day.page_code, day.sessions[0]), minutes=180)
    clock.at("2026-11-28 08:00")
    with pytest.raises(rules.Past):
        confirm(held.token)


# -- all or none ------------------------------------------------------------------------------------------------


def test_three_people_for_two_seats_are_refused_whole_and_hold_nothing(day: Day) -> None:
    made(make_booking, day.page_code, day.sessions[0], 1)
    with pytest.raises(rules.Full) as refused:
        hold(make_wish(day.page_code, day.sessions[0], 3))
    assert (refused.value.wanted, refused.value.left) == (3, 2)
    assert "tinggal 2" in refused.value.sentence
    assert free(day.sessions[0]) == 2
    assert count(Booking) == count(Applicant) == 1
    hold(make_wish(day.page_code, day.sessions[0], 2))


def test_a_refused_correction_leaves_the_first_hold_as_it_was(day: Day) -> None:
    made(make_booking, day.page_code, day.sessions[1], 2)
    wish = make_wish(day.page_code, day.sessions[0], [cast.SITI, cast.BUDI])
    token = hold(wish).token
    with pytest.raises(rules.Full):
        hold(replace(wish, session_id=day.sessions[1]))
    assert (free(day.sessions[0]), free(day.sessions[1])) == (1, 1)
    confirm(token)


def test_a_walk_in_seat_and_a_priority_seat_are_not_for_the_public(day: Day) -> None:
    made(make_booking, day.page_code, day.sessions[0], 3)
    with pytest.raises(rules.Full):
        hold(make_wish(day.page_code, day.sessions[0]))
    assert free(day.sessions[0], Pool.PRIORITY) == free(day.sessions[0], Pool.WALK_IN) == 1


def test_priority_seats_nobody_took_are_for_everybody_at_their_hour(day: Day, clock) -> None:
    made(make_booking, day.page_code, day.sessions[0], 3)
    clock.at("2026-11-27 07:59:59")
    with pytest.raises(rules.Full):
        hold(make_wish(day.page_code, day.sessions[0]))
    clock.at("2026-11-27 08:00")
    confirm(hold(make_wish(day.page_code, day.sessions[0])).token)
    assert (free(day.sessions[0], Pool.PRIORITY), free(day.sessions[0], Pool.WALK_IN)) == (0, 1)


def test_who_needs_help_takes_a_kept_seat_first_and_an_ordinary_one_then(day: Day) -> None:
    for left in ((0, 3), (0, 2)):
        made(make_booking, day.page_code, day.sessions[0], [cast.stranger(help="lansia")], pool=Pool.PRIORITY)
        assert (free(day.sessions[0], Pool.PRIORITY), free(day.sessions[0])) == left


# -- one person, one place --------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["same session", "other session", "other programme", "sunday"])
def test_one_nik_has_one_ticket_in_a_weekend_over_both_programmes(office: Office, day: Day, where: str) -> None:
    sunday = made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY)
    saturday = made(make_day, office["supervisor"], Programme.ON_SEVEN)
    code, session_id = {
        "same session": (day.page_code, day.sessions[0]),
        "other session": (day.page_code, day.sessions[1]),
        "other programme": (saturday.page_code, saturday.sessions[0]),
        "sunday": (sunday.page_code, sunday.sessions[0]),
    }[where]
    ticket = made(make_booking, day.page_code, day.sessions[0], [cast.BUDI, cast.SITI], phone=cast.SITI_PHONE)
    twin = replace(cast.SITI, name="Siti N.")
    with pytest.raises(rules.AlreadyBooked) as refused:
        hold(make_wish(code, session_id, [cast.SUHARTO, twin], phone=cast.SITI_PHONE))
    assert refused.value.field == "nik_2"
    made(tickets.cancel_person, ticket.token, 2, now=office_clock.now())
    hold(make_wish(code, session_id, [cast.SUHARTO, twin]))


def test_the_next_weekend_is_another_place(office: Office, day: Day, clock) -> None:
    made(make_booking, day.page_code, day.sessions[0], [cast.SITI])
    clock.at("2026-11-27 09:00")
    next_saturday = day.date + timedelta(days=7)
    release = replace(made_release(), opens_days_before=14)
    later = made(make_day, office["supervisor"], day=next_saturday, release=release)
    hold(make_wish(later.page_code, later.sessions[0], [cast.SITI]))


def made_release() -> Any:
    from tests.make import RELEASE

    return RELEASE


def test_a_new_hold_of_one_person_replaces_his_own_and_not_that_of_a_stranger(day: Day, clock) -> None:
    first = hold(make_wish(day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE))
    with pytest.raises(rules.HeldElsewhere) as refused:
        hold(make_wish(day.page_code, day.sessions[1], [cast.SITI]))
    assert refused.value.field == "nik_1"
    assert state_of(first.token) == State.HELD
    second = hold(make_wish(day.page_code, day.sessions[1], [cast.SITI], phone=cast.SITI_PHONE))
    assert (state_of(first.token), state_of(second.token)) == (State.EXPIRED, State.HELD)
    assert (free(day.sessions[0]), free(day.sessions[1])) == (3, 2)
    clock.forward(minutes=11)
    third = hold(make_wish(day.page_code, day.sessions[0], [cast.SITI]))
    assert (state_of(second.token), state_of(third.token)) == (State.EXPIRED, State.HELD)


def test_the_same_nik_twice_in_one_family_is_told_at_the_second(day: Day) -> None:
    with pytest.raises(rules.SameNikTwice) as refused:
        hold(make_wish(day.page_code, day.sessions[0], [cast.SITI, cast.BUDI, replace(cast.BUDI, name="Budi S.")]))
    assert refused.value.field == "nik_3"
    assert count(Booking) == 0


def test_a_phone_serves_four_bookings_of_a_weekend_and_a_cancelled_one_makes_room(office: Office) -> None:
    day = made(make_day, office["supervisor"], plans=[replace(USUAL[0], seats_public=8)])
    booked = [made(make_booking, day.page_code, day.sessions[0], phone=cast.SITI_PHONE) for _ in range(4)]
    with pytest.raises(rules.TooManyOnPhone):
        hold(make_wish(day.page_code, day.sessions[0], phone=cast.SITI_PHONE))
    made(tickets.cancel, booked[0].token, now=office_clock.now())
    hold(make_wish(day.page_code, day.sessions[0], phone=cast.SITI_PHONE))
    with pytest.raises(rules.TooManyOnPhone):
        hold(make_wish(day.page_code, day.sessions[0], phone=cast.SITI_PHONE))


def test_on_a_phone_counts_what_lives_in_this_weekend_beside_the_new_hold(office: Office, clock) -> None:
    plans, release = [replace(USUAL[0], seats_public=8)], replace(made_release(), opens_days_before=14)
    day = made(make_day, office["supervisor"], plans=plans, release=release)
    later = made(make_day, office["supervisor"], day=day.date + timedelta(days=7), release=release)
    for _ in range(3):
        made(make_booking, day.page_code, day.sessions[0], phone=cast.SITI_PHONE)
    fourth = make_wish(day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)
    hold(fourth)
    fourth = replace(fourth, people=(cast.BUDI,))
    hold(fourth)  # corrected
    hold(replace(fourth, form_key=str(uuid4())))  # replaced
    hold(make_wish(later.page_code, later.sessions[0], phone=cast.SITI_PHONE))
    one_more = make_wish(day.page_code, day.sessions[0], phone=cast.SITI_PHONE)
    with pytest.raises(rules.TooManyOnPhone):
        hold(one_more)
    clock.forward(minutes=11)
    hold(one_more)


# -- where and when ---------------------------------------------------------------------------------------------


def test_a_session_belongs_to_its_page(office: Office, day: Day) -> None:
    other = made(make_day, office["supervisor"], Programme.ON_SEVEN)
    for code, session_id in ((day.page_code, other.sessions[0]), ("ZZZZZ", day.sessions[0]), (day.page_code, uuid4())):
        with pytest.raises(rules.Closed):
            hold(make_wish(code, session_id))
    assert count(Booking) == 0


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [
        ("2026-11-23 07:59:59", rules.NotYet),
        ("2026-11-23 08:00", None),
        ("2026-11-28 05:59:59", None),
        ("2026-11-28 06:00", rules.TooLate),
        ("2026-11-28 08:00", rules.Past),
        ("2026-11-28 08:01", rules.Past),
    ],
)
def test_the_window_of_a_session_has_sharp_edges(day: Day, clock, moment: str, refusal: Any) -> None:
    clock.at(moment)
    wish = make_wish(day.page_code, day.sessions[0])
    if refusal is None:
        hold(wish)
        return
    with pytest.raises(refusal):
        hold(wish)


def test_sessions_before_and_after_eight_are_of_one_office_day(office: Office) -> None:
    from datetime import date, time

    from fieldops.core.booking.models import BookingSession
    from fieldops.core.booking.queries import desk

    plans = [SessionPlan(time(0, 30), time(1), 1, 0, 0), SessionPlan(time(7, 30), time(8, 30), 1, 0, 0),
             SessionPlan(time(8, 30), time(9), 1, 0, 0)]  # fmt: skip
    day = made(make_day, office["supervisor"], plans=plans)
    for session_id in day.sessions:
        made(make_booking, day.page_code, session_id)
    with reading() as session:
        assert set(session.scalars(select(BookingSession.day))) == {date(2026, 11, 28)}
        assert len(desk.people_of_day(session, date(2026, 11, 28))) == 3
        assert desk.people_of_day(session, date(2026, 11, 27)) == []


def test_a_code_that_is_taken_is_drawn_again(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["222222", "222222", "222222", "333333"])
    monkeypatch.setattr(keys, "pick", lambda _alphabet, _length: next(drawn))
    first = made(make_booking, day.page_code, day.sessions[0])
    held = hold(make_wish(day.page_code, day.sessions[0]))
    with pytest.raises(Stale):
        confirm(held.token)
    again_when_stale(lambda session: tickets.confirm(session, held.token, now=office_clock.now()))
    with reading() as session:
        codes = set(session.scalars(select(Booking.code)))
    assert codes == {first.code, "333333" + check_sign("333333")}


def test_an_unknown_token_confirms_moves_and_cancels_nothing(day: Day) -> None:
    made(make_booking, day.page_code, day.sessions[0])
    now = office_clock.now()
    for act in (
        lambda: made(tickets.confirm, "0" * 26, now=now),
        lambda: made(tickets.move, "0" * 26, day.sessions[1], now=now, minutes=10),
        lambda: made(tickets.cancel, "0" * 26, now=now),
        lambda: made(tickets.cancel_person, "0" * 26, 1, now=now),
    ):
        with pytest.raises(NotFound):
            act()
    assert count(Booking, Booking.state == State.BOOKED) == 1


@pytest.mark.parametrize("name", ["ﷺ" * 100, "ﬃ" * 100, "ß" * 100, "x" * 100], ids=["ligature", "ffi", "eszett", "x"])
def test_a_name_that_grows_when_it_is_folded_for_search_still_fits(day: Day, name: str) -> None:
    who = replace(cast.SITI, name=rules.read_name(name))
    booked = made(make_booking, day.page_code, day.sessions[0], [who])
    with reading() as session:
        assert session.get(Applicant, booked.people[0]).name == name


def test_a_hold_and_its_confirmation_read_no_whole_table(db: Any, day: Day) -> None:
    """However many bookings there are: each statement finds its rows by an index."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    confirm(hold(make_wish(day.page_code, day.sessions[0])).token)
    event.remove(db.engine, "before_cursor_execute", note)
    with db.engine.connect() as connection:
        if not db.is_sqlite:  # an almost empty table is read as a whole, whatever indexes it has
            connection.execute(text("set enable_seqscan = off"))
        explain = "explain query plan " if db.is_sqlite else "explain (format json) "
        plans = [connection.exec_driver_sql(explain + one, values).all() for one, values in asked]
    assert len(plans) >= 4
    if db.is_sqlite:
        whole = [step[-1] for plan in plans for step in plan if step[-1].startswith("SCAN booking_")]
    else:
        whole = [step for plan in plans for step in _without_condition(plan[0][0][0]["Plan"])]
    assert whole == []


def _without_condition(step: dict[str, Any]) -> Iterator[str]:
    """Tables of bookings that PostgreSQL would read from end to end."""
    kind, table = step["Node Type"], step.get("Relation Name", "")
    if "Scan" in kind and table.startswith("booking_") and not {"Index Cond", "Recheck Cond"} & step.keys():
        yield f"{kind} {table}"
    for part in step.get("Plans", ()):
        yield from _without_condition(part)
