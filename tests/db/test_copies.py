"""The database that a test gets is like new, whatever the test before did with it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, inspect, text

from fieldops.core.people.rules import Role
from fieldops.kit import db as kit_db
from fieldops.kit import keys
from tests import conftest
from tests.make import made, make_booking, make_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection


SCHEMA = {
    "sqlite": {"schema": "select type, name, sql from sqlite_master"},
    "postgresql": {
        "indexes": "select indexdef from pg_indexes where schemaname = 'public' order by 1",
        "triggers": "select tgname, tgenabled from pg_trigger order by 1, 2",
        "next numbers": "select * from pg_sequences order by sequencename",
    },
}


@contextmanager
def lent(databases: Any, kind: str) -> Iterator[Connection]:
    with databases.fresh(kind, "office") as address:
        engine = create_engine(address)
        with engine.connect() as connection:
            yield connection
        engine.dispose()


def all_of_it(connection: Connection) -> dict[str, list[Any]]:
    """Every row of every table in the order in which they lie there, the indexes, and the next number of each log."""
    names = inspect(connection).get_table_names()
    asked = {name: f"select * from {name}" for name in names} | SCHEMA[connection.dialect.name]
    return {name: list(connection.execute(text(question)).all()) for name, question in asked.items()}


def used(databases: Any, kind: str) -> str:
    """Weekends are made and booked in it, as tests do; its address."""
    with databases.fresh(kind, "office") as address, databases.connected(address):
        office = conftest._offices[kind]
        with conftest.office_clock.frozen(conftest.NOW):
            day = made(make_day, office[Role.SUPERVISOR])
            made(make_booking, day.page_code, day.sessions[0], 2)
        with kit_db.transaction() as session:
            session.execute(text("delete from calendar_holiday"))
            session.execute(text("update people_person set name = 'Seseorang'"))
        return address


@pytest.fixture
def new(databases, db_kind, tmp_path) -> dict[str, list[Any]]:
    """What is in a copy that nobody has used."""
    keys.use(conftest.SECRET)
    made_databases = conftest.Databases(tmp_path, lambda: databases._server())
    made_databases._templates = {(db_kind, "office"): databases._template(db_kind, "office")}
    with lent(made_databases, db_kind) as connection:
        found = all_of_it(connection)
    made_databases.close()
    return found


def test_rows_and_numbers_are_as_they_were(databases, db_kind, new):
    address = used(databases, db_kind)
    with lent(databases, db_kind) as connection:
        assert connection.engine.url.render_as_string(hide_password=False) == address
        assert all_of_it(connection) == new


@pytest.mark.parametrize(
    "change",
    [
        "alter table people_person add column shoe_size integer",
        "drop table office_heartbeat",
        "drop index uq_booking_applicant_live_person",
        "create table loose (id integer)",
    ],
)
def test_tables_are_as_they_were(databases, db_kind, new, change):
    with lent(databases, db_kind) as connection:
        connection.execute(text(change))
        connection.commit()
        assert all_of_it(connection) != new
    with lent(databases, db_kind) as connection:
        assert all_of_it(connection) == new


@pytest.mark.parametrize("db_kind", ["postgresql"])
@pytest.mark.parametrize("log", ["audit_entry", "blanks_move"])
def test_triggers_are_as_they_were(databases, db_kind, new, log):
    with lent(databases, db_kind) as connection:
        connection.execute(text(f"alter table {log} disable trigger {log}_append_only"))
        connection.commit()
        assert all_of_it(connection) != new
    with lent(databases, db_kind) as connection:
        assert all_of_it(connection) == new


@pytest.mark.parametrize("db_kind", ["postgresql"])
def test_who_is_left_over_from_the_test_before_is_sent_away(databases, db_kind, new):
    with databases.fresh(db_kind, "office") as address:
        engine = create_engine(address)
        left_over = engine.connect()
        left_over.execute(text("delete from calendar_holiday"))  # its rows stay locked
    with lent(databases, db_kind) as connection:
        assert all_of_it(connection) == new
    left_over.invalidate()
    left_over.close()
    engine.dispose()


@pytest.mark.parametrize("db_kind", ["postgresql"])
def test_this_process_stays_connected_while_the_copy_is_the_same(databases, db_kind, monkeypatch):
    def connection() -> Any:
        with databases.fresh(db_kind, "office") as address, databases.connected(address):
            return made(lambda session: session.scalar(text("select pg_backend_pid()")))

    monkeypatch.setattr("tests.databases.USES", 0)
    first = connection()
    monkeypatch.setattr("tests.databases.USES", 50)
    assert connection() == first
    monkeypatch.setattr("tests.databases.USES", 0)
    assert connection() != first


def test_two_at_the_same_time_are_two(databases, db_kind):
    with databases.fresh(db_kind, "office") as one, databases.fresh(db_kind, "office") as another:
        assert one != another


@pytest.mark.parametrize("db_kind", ["postgresql"])
def test_an_old_copy_gives_way_to_a_new_one_at_the_same_address(databases, db_kind, new, monkeypatch):
    monkeypatch.setattr("tests.databases.USES", 3)
    addresses, numbers = set(), set()
    for _ in range(4):
        with lent(databases, db_kind) as connection:
            addresses.add(connection.engine.url)
            numbers.add(connection.scalar(text("select oid from pg_database where datname = current_database()")))
    assert len(addresses) == 1
    assert len(numbers) == 2
    with lent(databases, db_kind) as connection:
        assert all_of_it(connection) == new
