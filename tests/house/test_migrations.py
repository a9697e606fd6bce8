"""The migrations are one line that ends where the code is, and the three logs keep what they are told."""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, func, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError

from fieldops import migrate, schema
from fieldops.core.attendance.rules import Stage
from fieldops.core.people.rules import Role
from fieldops.core.roster.models import PointLine
from fieldops.kit.db import reading, transaction
from fieldops.seed import load_plan
from fieldops.settings import ROOT
from fieldops.weekend.rules import Programme
from tests.make import (
    NOW,
    SATURDAY,
    SUNDAY,
    SessionPlan,
    made,
    make_blanks,
    make_booking,
    make_day,
    make_tap,
    make_walk_in,
)


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(migrate.config())


def test_the_migrations_are_one_line_with_one_head():
    found = list(scripts().walk_revisions())
    assert len(scripts().get_heads()) == 1
    assert [script.revision for script in found] == [f"{number:04}" for number in range(len(found), 0, -1)]


def test_the_head_file_and_the_file_names_agree_with_the_revisions():
    assert (ROOT / "migrations" / "HEAD").read_text(encoding="utf-8").strip() == migrate.head()
    for script in scripts().walk_revisions():
        assert re.fullmatch(rf"{script.revision}_[a-z0-9_]+\.py", script.path.rpartition("/")[2])


def test_a_migrated_database_is_at_the_head(db):
    assert migrate.current(db) == migrate.head()


def test_the_models_are_what_the_migrations_made(db):
    with db.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, schema.metadata) == []


def test_the_check_constraints_are_what_the_migrations_made(db):
    with db.reader.connect() as connection:
        found = inspect(connection)
        for table in schema.metadata.sorted_tables:
            wanted = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
            assert {one["name"] for one in found.get_check_constraints(table.name)} == wanted, table.name


@pytest.mark.parametrize("db_kind", ["sqlite"])
def test_partial_indexes_have_the_conditions_of_the_models(db):
    """The comparison above sees names and columns only, and the condition is what a unique index promises."""

    def indexes(connection) -> dict[str, str]:
        rows = connection.execute(text("select name, sql from sqlite_master where type = 'index' and sql is not null"))
        return {name: re.sub(r"[\s\"()]+", " ", sql).lower() for name, sql in rows}

    from_models = create_engine("sqlite://")
    with from_models.begin() as connection:
        schema.metadata.create_all(connection)
        wanted = indexes(connection)
    from_models.dispose()
    with db.reader.connect() as connection:
        assert indexes(connection) == wanted
    assert any(" where " in sql for sql in wanted.values())


def test_a_new_database_has_no_account_in_it(db):
    """V6.3.2: neither the migrations nor the plan's data make anybody who could sign in."""
    with transaction() as session:
        load_plan(session, now=NOW)
    with reading() as session:
        for name in ("people_person", "people_sign_in_link"):
            assert session.scalar(select(func.count()).select_from(schema.metadata.tables[name])) == 0


def test_0003_numbers_the_walk_ins_that_are_there_by_day_in_the_order_they_came(clock, office):
    plans = [SessionPlan(time(hour), time(hour + 1), 0, 0, 2) for hour in (8, 9)]
    days = [made(make_day, office[Role.SUPERVISOR], Programme.ON_SEVEN, day, plans=plans) for day in (SATURDAY, SUNDAY)]
    for day in days:
        clock.at(f"{day.date} 08:05")
        for session_id in (day.sessions[1], day.sessions[0]):
            made(make_walk_in, session_id, office[Role.OFFICER])
            clock.forward(minutes=1)
    table = schema.metadata.tables["booking_booking"]
    numbers = select(table.c.walk_in_day, table.c.walk_in_number).order_by(table.c.made_at)
    with transaction() as session:
        before = session.execute(numbers).all()
        session.execute(table.update().values(walk_in_day=None, walk_in_number=None))
        scripts().get_revision("0003").module.number_walk_ins(session.connection())
        assert session.execute(numbers).all() == before
    assert [(row.walk_in_day, row.walk_in_number) for row in before] == [
        (SATURDAY, 1),
        (SATURDAY, 2),
        (SUNDAY, 1),
        (SUNDAY, 2),
    ]


# -- the three logs


@pytest.fixture
def told(clock, office) -> None:
    """Every log has a line: a day was made, somebody came and got a passport, an officer got points, blanks came."""
    day = made(make_day, office[Role.SUPERVISOR])
    booked = made(make_booking, day.page_code, day.sessions[0])
    clock.at(f"{SATURDAY} 08:05")
    for stage in (Stage.ARRIVED, Stage.SERVED, Stage.ISSUED):
        made(make_tap, booked.people[0], stage, office[Role.SUPERVISOR])
        clock.forward(minutes=1)
    with transaction() as session:
        parts = dict.fromkeys(("minutes", "base", "weekend", "holiday", "night", "distance"), 0)
        line = {"person_id": office[Role.OFFICER], "day": date(2026, 11, 28), "title": "PERSARI", "made_at": NOW}
        session.execute(insert(PointLine).values(source="post", ref="1", turn=1, **line, **parts))
        make_blanks(session, office[Role.TU])


def lines(name: str) -> list[tuple]:
    table = schema.metadata.tables[name]
    with reading() as session:
        return [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]


@pytest.mark.parametrize("name", schema.APPEND_ONLY)
def test_a_log_refuses_update_and_delete_in_the_database(db, told, name):
    before = lines(name)
    assert before, f"no line in {name}"
    table = schema.metadata.tables[name]
    key = next(iter(table.primary_key))
    statements = [table.update().values({key: key}), table.delete()]
    if not db.is_sqlite:
        statements.append(text(f"truncate {name} cascade"))
    for statement in statements:
        with pytest.raises(DatabaseError, match=f"{name} is append-only"), transaction() as session:
            session.execute(statement)
    assert lines(name) == before


def test_the_logs_that_the_code_names_are_those_with_triggers(db):
    where = "tbl_name from sqlite_master where type = 'trigger'"
    if not db.is_sqlite:
        where = "event_object_table from information_schema.triggers"
    with reading() as session:
        assert set(session.scalars(text(f"select distinct {where}"))) == set(schema.APPEND_ONLY)
