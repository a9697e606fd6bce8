"""A blank is in one place, every move is written down, and a trip's blanks add up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from fieldops import check
from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.blanks import queries, rules, service
from fieldops.core.blanks.models import Blank, BlankMove
from fieldops.core.blanks.rules import Move, Place, State
from fieldops.kit import clock as office_clock
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import Stale
from tests.make import NOW, Office, made, make_blanks, make_booking, make_day

TODAY = date(2026, 11, 25)


@pytest.fixture
def who(office: Office) -> UUID:
    return office["tu"]


def options(who: UUID, **changes):
    return {"day": TODAY, "form_key": str(uuid4()), "actor": staff(who), "now": NOW} | changes


@pytest.fixture
def received(who: UUID) -> int:
    """X1001001–X1001100 in the office."""
    return made(make_blanks, who, now=NOW)


def issue(who: UUID, first: str, last: str, ref: str = "A", **changes) -> int:
    trip = {"source": "trip", "ref": ref, "title": f"LOKTUAN {ref}"}
    return made(service.issue, first, last, **(options(who) | trip | changes))


def of(who: UUID, ref: str = "A", **changes):
    return options(who, source="trip", ref=ref) | changes


def place(serial: str) -> Place | None:
    with reading() as session:
        return queries.places(session, [serial]).get(serial)


def count(state: State) -> int:
    with reading() as session:
        return session.execute(select(func.count()).where(Blank.state == state.value)).scalar_one()


def test_received_blanks_are_in_the_office_and_come_once(who, received) -> None:
    assert count(State.STOCK) == 100
    with pytest.raises(rules.NotThere, match="X1001100 ada di kantor"):
        made(service.receive, "X1001100", "X1001120", note="", **options(who))
    assert count(State.STOCK) == 100


def test_a_second_issue_that_touches_one_of_them_is_refused_and_names_it(who, received) -> None:
    issue(who, "X1001001", "X1001050")
    with pytest.raises(rules.NotThere) as refused:
        issue(who, "X1001050", "X1001060", "B")
    assert refused.value.sentence == "X1001050 dibawa LOKTUAN A. Periksa nomornya; belum ada yang dicatat."
    assert count(State.OUT) == 50
    with pytest.raises(rules.NotThere, match="X1001101–X1001110 tidak ada dalam catatan"):
        issue(who, "X1001091", "X1001110", "B")
    assert place("X1001091") == Place(State.STOCK)


def test_used_spoiled_and_returned_add_up_to_issued(who, received) -> None:
    issue(who, "X1001001", "X1001050")
    made(service.use, "X1001001", "X1001030", **of(who))
    made(service.spoil, "X1001031", "", reason="Tinta luntur", **of(who))
    with reading() as session:
        assert not queries.is_settled(session, "trip", "A")
        assert [str(one) for one in queries.account(session, "trip", "A").lines[-1][2]] == ["X1001032–X1001050"]
    made(service.give_back, "X1001032", "X1001050", **of(who))
    with reading() as session:
        account = queries.account(session, "trip", "A")
        assert queries.is_settled(session, "trip", "A")
        assert queries.account(session, "trip", "B").issued == ()
    assert [count for _, count, _ in account.lines] == [50, 30, 1, 19, 0]
    assert (count(State.STOCK), count(State.USED), count(State.SPOILED)) == (69, 30, 1)
    assert check.problems() == []


def test_the_same_form_again_changes_nothing(who, received) -> None:
    same = {"form_key": str(uuid4())}
    first = issue(who, "X1001001", "X1001010", **same)
    made(service.use, "X1001001", "", **of(who))
    assert issue(who, "X1001001", "X1001010", **same) == first
    assert count(State.OUT) == 9
    with pytest.raises(Stale):
        issue(who, "X1001020", "X1001030", **same)
    with reading() as session:
        assert session.execute(select(func.count()).where(AuditEntry.action == "blanks.issue")).scalar_one() == 1


def test_what_a_trip_does_not_have_it_cannot_use_spoil_or_give_back(who, received) -> None:
    issue(who, "X1001001", "X1001010")
    for function, more in ((service.use, {}), (service.spoil, {"reason": "Basah"}), (service.give_back, {})):
        with pytest.raises(rules.NotThere, match="X1001011 ada di kantor"):
            made(function, "X1001010", "X1001011", **of(who), **more)
        with pytest.raises(rules.NotThere, match="X1001001 dibawa LOKTUAN A"):
            made(function, "X1001001", "", **of(who, "B"), **more)
    with pytest.raises(rules.NotThere, match="X1001001 dibawa LOKTUAN A"):
        made(service.use, "X1001001", "", **options(who))
    assert count(State.OUT) == 10


def test_at_the_office_blanks_are_used_spoiled_and_sent_on(who, received) -> None:
    made(service.use, "X1001001", "X1001010", **options(who))
    made(service.spoil, "X1001011", "", reason="Salah cetak", **options(who))
    made(service.transfer, "X1001012", "X1001020", note="Kanim Samarinda, BA-3/2026", **options(who))
    assert place("X1001012") == Place(State.MOVED)
    for words in ("sudah terpakai", "sudah dicatat rusak", "sudah dikirim ke kantor lain"):
        with pytest.raises(rules.NotThere, match=words):
            issue(who, "X1001001", "X1001030")
    assert check.problems() == []


@pytest.mark.parametrize(
    ("function", "changes", "refusal"),
    [
        (service.spoil, {"reason": " "}, rules.NeedReason),
        (service.transfer, {"note": ""}, rules.NeedDocument),
        (service.receive, {"note": "x" * 301}, rules.LongNote),
        (service.use, {"day": TODAY + timedelta(days=1)}, rules.DayToCome),
    ],
)
def test_what_is_missing_is_asked_for(who, received, function, changes, refusal) -> None:
    with pytest.raises(refusal):
        made(function, "X1001001", "", **options(who, **changes))


# -- taking back


def test_each_move_can_be_taken_back_while_it_is_the_last(who, received) -> None:
    steps = [
        (issue(who, "X1001001", "X1001010"), Place(State.STOCK)),
        (made(service.use, "X1001001", "X1001005", **of(who)), Place(State.OUT, "trip", "A")),
    ]
    with pytest.raises(rules.NotLast):
        made(service.undo, steps[0][0], form_key=str(uuid4()), actor=staff(who), now=NOW)
    for move_id, back in reversed(steps):
        undone = made(service.undo, move_id, form_key=str(uuid4()), actor=staff(who), now=NOW)
        assert made(service.undo, move_id, form_key=str(uuid4()), actor=staff(who), now=NOW) == undone
        assert place("X1001001") == back
    with pytest.raises(rules.NotLast):
        made(service.undo, undone, form_key=str(uuid4()), actor=staff(who), now=NOW)
    made(service.undo, received, form_key=str(uuid4()), actor=staff(who), now=NOW)
    assert place("X1001001") is None
    with reading() as session:
        assert [(one.kind, one.is_undone) for one in queries.history(session, "X1001001")] == [
            (Move.UNDO, False),
            (Move.UNDO, False),
            (Move.UNDO, False),
            (Move.USE, True),
            (Move.ISSUE, True),
            (Move.RECEIPT, True),
        ]
    made(service.receive, "X1001001", "X1001002", note="", **options(who))
    assert check.problems() == []


def test_other_numbers_that_moved_later_are_no_reason(who, received) -> None:
    first = issue(who, "X1001001", "X1001010")
    issue(who, "X1001011", "X1001020", "B")
    made(service.undo, first, form_key=str(uuid4()), actor=staff(who), now=NOW)
    assert place("X1001010") == Place(State.STOCK)
    with pytest.raises(rules.NoMove):
        made(service.undo, 999_999, form_key=str(uuid4()), actor=staff(who), now=NOW)


# -- reads


def test_the_stock_says_what_is_where(who, received) -> None:
    issue(who, "X1001001", "X1001010")
    issue(who, "X1001015", "", "A")
    issue(who, "X1001020", "X1001021", "B")
    made(service.use, "X1001001", "X1001004", **of(who))
    made(service.spoil, "X1001005", "", reason="Basah", **of(who, day=date(2025, 12, 31)))
    wrong = made(service.use, "X1001090", "X1001099", **options(who))
    made(service.undo, wrong, form_key=str(uuid4()), actor=staff(who), now=NOW)
    with reading() as session:
        stock, before = queries.stock(session, year=2026), queries.stock(session, year=2025)
    assert [(one.title, [str(each) for each in one.ranges]) for one in stock.out] == [
        ("LOKTUAN A", ["X1001006–X1001010", "X1001015"]),
        ("LOKTUAN B", ["X1001020–X1001021"]),
    ]
    assert (stock.in_stock, stock.out_count, stock.used, stock.spoiled) == (87, 8, 4, 0)
    assert (before.used, before.spoiled) == (0, 1)


def test_moves_come_page_by_page(who, received) -> None:
    for n in range(1, 6):
        issue(who, f"X100100{n}", "", f"trip {n}")
    with reading() as session:
        page = queries.moves(session, limit=3)
        rest = queries.moves(session, before=page[-1].id, limit=10)
    assert [str(one.span) for one in (*page, *rest)] == [f"X100100{n}" for n in (5, 4, 3, 2, 1)] + ["X1001001–X1001100"]


def test_a_number_of_another_series_has_its_own_history(who, received) -> None:
    made(service.receive, "X100100", "X100101", note="", **options(who))
    made(service.receive, "XA001001", "XA001002", note="", **options(who))
    with reading() as session:
        assert len(queries.history(session, "X1001001")) == 1
        assert len(queries.history(session, "XA001001")) == 1
        assert queries.history(session, "X1009999") == []


def test_demand_is_who_has_booked_a_coming_session(office: Office, clock) -> None:
    day = made(make_day, office["supervisor"])
    made(make_booking, day.page_code, day.sessions[0], 2)
    made(make_booking, day.page_code, day.sessions[1], 1)
    made(make_booking, day.page_code, day.sessions[1], 1, confirmed=False)

    def booked(now: datetime) -> int:
        with reading() as session:
            return queries.booked(session, now=now)

    assert booked(NOW) == 3
    assert booked(datetime(2026, 11, 28, 8, 30, tzinfo=office_clock.ZONE)) == 1
    assert booked(datetime(2026, 11, 28, 10, 0, tzinfo=office_clock.ZONE)) == 0


# -- two at once, and what is broken


def test_two_at_once_never_take_one_number_twice(who, received) -> None:
    """Five rounds: two trips, ranges that share one number."""
    for n in range(5):
        start, said = Barrier(2), []
        first, shared, last = (f"X10010{n}{k}" for k in (1, 5, 9))

        def take(span: tuple[str, str], ref: str, start=start, said=said) -> None:
            start.wait()
            values = options(who) | {"source": "trip", "ref": ref, "title": f"LOKTUAN {ref}"}
            try:
                again_when_stale(lambda session: service.issue(session, *span, **values))
                said.append("ya")
            except rules.NotThere as refused:
                said.append(refused.sentence)

        threads = [
            Thread(target=take, args=((first, shared), f"A{n}")),
            Thread(target=take, args=((shared, last), f"B{n}")),
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(one == "ya" for one in said) == [False, True], said
        assert any(f"{shared} dibawa LOKTUAN" in one for one in said)
    assert check.problems() == []


def test_the_check_finds_a_blank_that_is_not_where_its_moves_say(who, received) -> None:
    with transaction() as session:
        session.execute(update(Blank).where(Blank.serial == "X1001007").values(state="used"))
    assert check.problems() == ["blank X1001007: it is used, from the moves it is stock"]


def test_moves_are_never_changed(who, received) -> None:
    with pytest.raises(Exception, match="append-only"), transaction() as session:
        session.execute(update(BlankMove).values(count=1))
