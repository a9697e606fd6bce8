"""Telling, reading and paging: one fact is told once, and nobody sees or marks what is another's."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.notices import queries, service
from fieldops.core.notices.models import Notice
from fieldops.core.notices.rules import COUNTED, BadNotice
from fieldops.core.people.models import Person
from fieldops.core.people.rules import Role
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading, transaction, violated
from fieldops.kit.errors import NotFound
from tests.make import made, make_address, make_notice


@pytest.fixture
def officer(office) -> UUID:
    return office[Role.OFFICER]


def rows() -> list[Notice]:
    with reading() as session:
        return list(session.scalars(select(Notice).order_by(Notice.made_at, Notice.id)))


def inbox(person_id: UUID, before: UUID | None = None) -> queries.Inbox:
    with reading() as session:
        return queries.inbox(session, person_id, before=before)


def unread(person_id: UUID) -> int:
    with reading() as session:
        return queries.unread(session, person_id)


def test_a_fact_told_twice_is_told_once_and_another_fact_again(office, officer, clock) -> None:
    both = (officer, office[Role.SUPERVISOR])
    assert made(make_notice, *both, key="roster:1:1", title="Jadwal terbit") == 2
    clock.forward(hours=1)
    assert made(make_notice, *both, officer, key="roster:1:1", title="Lain") == 0
    assert made(make_notice, office[Role.TU], *both, key="roster:1:1") == 1, "who was not told yet hears it"
    assert made(make_notice, officer, key="roster:1:2") == 1
    assert {row.title for row in rows() if row.key == "roster:1:1" and row.person_id in both} == {"Jadwal terbit"}
    assert len(rows()) == 4


def test_twice_in_one_transaction_is_once(officer) -> None:
    with transaction() as session:
        assert [make_notice(session, officer, key="k") for _ in range(3)] == [1, 0, 0]
    assert len(rows()) == 1


def test_two_transactions_that_tell_the_same_at_once_tell_it_once(office, db) -> None:
    people = sorted(office.people.values())
    together = threading.Barrier(2)

    def tell(order: int) -> int:
        together.wait(10)
        with transaction() as session:
            return make_notice(session, *people[::order], key="k")

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(tell, (1, -1)))
    assert sum(told) == len(people) == len(rows())


def test_what_is_rolled_back_was_never_told(officer) -> None:
    made(make_address, officer)

    def broken(session) -> None:
        make_notice(session, officer)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        made(broken)
    assert rows() == []
    assert unread(officer) == 0
    with reading() as session:
        assert not queries.is_due(session, now=office_clock.now())


def test_who_is_not_active_or_not_there_is_left_out(office, officer) -> None:
    with transaction() as session:
        session.execute(update(Person).where(Person.id == officer).values(is_active=False))
    assert made(make_notice, officer, uuid4(), office[Role.TU]) == 1
    assert [row.person_id for row in rows()] == [office[Role.TU]]
    assert made(make_notice) == 0


def test_what_no_notice_may_hold_stops_the_caller(officer) -> None:
    for wrong in ({"link": "https://evil.example/"}, {"title": " "}):
        with pytest.raises(BadNotice):
            made(make_notice, officer, **wrong)
    assert rows() == []


def test_a_mail_waits_for_who_has_an_address_and_wants_it(office, officer) -> None:
    def state() -> tuple[str, bool]:
        (row,) = [row for row in rows() if row.key == key]
        return row.mail_state, row.mail_next_at == office_clock.now()

    key = "without an address"
    made(make_notice, officer, key=key)
    assert state() == ("none", False)
    made(make_address, officer)
    key = "with one"
    made(make_notice, officer, key=key)
    assert state() == ("waiting", True)
    key = "in the inbox only"
    made(make_notice, officer, key=key, by_mail=False)
    assert state() == ("none", False)
    for wanted, expected in ((False, ("none", False)), (True, ("waiting", True)), (False, ("none", False))):
        made(service.choose_mail, officer, by_mail=wanted, actor=_actor(officer), now=office_clock.now())
        key = f"wanted: {wanted} {uuid4()}"
        made(make_notice, officer, key=key)
        assert state() == expected


def _actor(person_id: UUID):
    from fieldops.core.audit.rules import staff

    return staff(person_id)


@pytest.mark.parametrize(
    ("name", "changes", "columns"),
    [
        ("uq_notices_notice_key", {}, ("notices_notice.person_id", "notices_notice.key")),
        ("ck_notices_notice_mail_state", {"key": "b", "mail_state": "lost", "mail_next_at": None}, ()),
        ("ck_notices_notice_mail_next_at", {"key": "b", "mail_state": "sent"}, ()),
        ("ck_notices_notice_mail_next_at", {"key": "b", "mail_next_at": None}, ()),
        ("ck_notices_notice_mail_tries", {"key": "b", "mail_tries": -1}, ()),
    ],
)
def test_the_database_refuses_what_no_code_may_write(officer, name: str, changes: dict, columns: tuple) -> None:
    made(make_address, officer)
    made(make_notice, officer, key="a")
    table = Notice.__table__
    with reading() as session:
        row = dict(session.execute(select(table)).mappings().one())
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.execute(insert(table).values(row | {"id": uuid4()} | changes))
    assert violated(refused.value, name, *columns), str(refused.value.orig)


# -- reading


def test_a_notice_is_read_once_and_keeps_its_first_time(officer, clock) -> None:
    made(make_notice, officer, link="/today")
    (row,) = rows()
    first = office_clock.now()
    assert made(service.mark_read, officer, row.id, now=first) == "/today"
    clock.forward(hours=1)
    assert made(service.mark_read, officer, row.id, now=office_clock.now()) == "/today"
    assert rows()[0].read_at == first
    assert unread(officer) == 0


def test_anothers_notice_is_neither_seen_nor_marked(office, officer) -> None:
    made(make_notice, officer)
    (row,) = rows()
    other = office.other_officer
    with reading() as session:
        assert queries.notice(session, other, row.id) is None
        assert queries.notice(session, officer, row.id) is not None
    for notice_id in (row.id, uuid4()):
        with pytest.raises(NotFound):
            made(service.mark_read, other, notice_id, now=office_clock.now())
    made(service.mark_all_read, other, until=office_clock.now(), now=office_clock.now())
    assert unread(officer) == 1
    assert inbox(other).rows == ()
    with pytest.raises(NotFound):
        inbox(other, before=row.id)


def test_all_read_leaves_what_came_after_the_page_was_drawn(officer, clock) -> None:
    made(make_notice, officer, title="lama")
    drawn = clock.forward(minutes=1)
    clock.forward(seconds=1)
    made(make_notice, officer, title="baru")
    made(service.mark_all_read, officer, until=drawn, now=office_clock.now())
    assert [row.title for row in rows() if row.read_at is None] == ["baru"]


def test_paging_goes_by_fifty_and_misses_none_though_many_have_one_time(officer, clock) -> None:
    for n in range(70):  # seventy at one instant, then one a minute
        made(make_notice, officer, title=f"{n}")
    for n in range(70, 103):
        clock.forward(minutes=1)
        made(make_notice, officer, title=f"{n}")
    first = inbox(officer)
    second = inbox(officer, before=first.older)
    third = inbox(officer, before=second.older)
    assert [len(page.rows) for page in (first, second, third)] == [50, 50, 3]
    assert third.older is None
    assert [row.title for row in first.rows[:33]] == [f"{n}" for n in range(102, 69, -1)]
    assert len({row.id for page in (first, second, third) for row in page.rows}) == 103
    # What comes meanwhile moves nothing between the pages.
    clock.forward(minutes=1)
    made(make_notice, officer)
    assert inbox(officer, before=first.older) == second


def test_an_exact_page_has_no_next_one(officer, clock) -> None:
    for _ in range(50):
        made(make_notice, officer)
    assert inbox(officer).older is None
    made(make_notice, officer)
    found = inbox(officer)
    assert len(found.rows) == 50
    assert len(inbox(officer, before=found.older).rows) == 1


def test_the_number_of_unread_is_counted_up_to_a_hundred(officer) -> None:
    assert unread(officer) == 0
    with transaction() as session:
        for _ in range(COUNTED + 5):
            make_notice(session, officer)
    assert unread(officer) == COUNTED
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == COUNTED + 5


def test_the_inbox_and_the_number_are_read_from_their_indexes(officer, db) -> None:
    """However long the history: the pages that everybody opens never read the whole table."""
    from sqlalchemy import event, text

    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_more) -> None:
        asked.append((statement, parameters))

    event.listen(db.reader, "before_cursor_execute", note)
    unread(officer)
    inbox(officer)
    with reading() as session:
        queries.is_due(session, now=office_clock.now())
    event.remove(db.reader, "before_cursor_execute", note)
    plans = []
    with db.engine.connect() as connection:
        if not db.is_sqlite:  # an empty table is read as a whole, whatever indexes it has
            connection.execute(text("set enable_seqscan = off"))
            connection.execute(text("set enable_bitmapscan = off"))
        for statement, parameters in asked:
            explain = "explain query plan " if db.is_sqlite else "explain "
            rows_of = connection.exec_driver_sql(explain + statement, parameters)
            plans.append(" ".join(str(row) for row in rows_of))
    assert "ix_notices_notice_unread" in plans[0], plans[0]
    assert "ix_notices_notice_inbox" in plans[1], plans[1]
    assert "TEMP B-TREE" not in plans[1], plans[1]
    assert "ix_notices_notice_mail_next_at" in plans[2], plans[2]


# -- what is old


@pytest.mark.parametrize(("days", "gone"), [(179, False), (180, False), (181, True)])
def test_what_was_read_is_erased_after_its_days(officer, clock, days: int, gone: bool) -> None:
    made(make_notice, officer)
    made(make_notice, officer, title="belum dibaca")
    (read,) = [row.id for row in rows() if row.title != "belum dibaca"]
    made(service.mark_read, officer, read, now=office_clock.now())
    clock.forward(days=days)
    assert made(service.erase_old, now=office_clock.now(), days=180) == int(gone)
    assert made(service.erase_old, now=office_clock.now(), days=180) == 0
    assert [row.title for row in rows()].count("belum dibaca") == 1, "unread ones stay"
    assert len(rows()) == 2 - gone


def test_what_nobody_will_read_any_more_is_erased_too(officer, clock) -> None:
    made(make_notice, officer)
    with transaction() as session:
        session.execute(update(Person).where(Person.id == officer).values(is_active=False))
    later = office_clock.now() + timedelta(days=181)
    assert made(service.erase_old, now=later, days=180) == 1
    assert rows() == []
