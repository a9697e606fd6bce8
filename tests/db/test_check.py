"""`fieldops check` says nothing about a healthy office and names whatever is broken, and nothing else.

Constraints and triggers stand before most of these breaks, so they are planted past them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Uuid, bindparam, create_engine, text

from fieldops import check, migrate
from fieldops.core.attendance.rules import Stage
from fieldops.core.audit.rules import staff
from fieldops.core.booking.service import tickets, upkeep
from fieldops.weekend import service as weekend
from fieldops.weekend.rules import Programme
from tests.make import NOW, SUNDAY, Day, Office, made, make_booking, make_day, make_tap, make_walk_in
from tests.server import Server, shift_to

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Connection

    from fieldops.kit.db import Database
    from fieldops.settings import Settings
    from tests.make import Booked


@dataclass(frozen=True)
class Scene:
    """A healthy office: a published day with a ticket for one, a family of two, a hold and an issued passport, and a
    cancelled day."""

    day: Day
    gone: Day
    one: Booked
    family: Booked
    held: Booked
    issued: Booked

    @property
    def ids(self) -> dict[str, UUID]:
        """The names that the breaks below use."""
        return {
            "day": self.day.id,
            "gone": self.gone.id,
            "first": self.day.sessions[0],
            "second": self.day.sessions[1],
            "one": self.one.id,
            "person": self.one.people[0],
            "partner": self.family.people[1],
            "held": self.held.id,
            "holder": self.held.people[0],
            "issued": self.issued.people[0],
            "nobody": UUID(int=7),
        }


@pytest.fixture
def scene(office: Office) -> Scene:
    planner = office["supervisor"]
    day = made(make_day, planner, lead_id=office["officer"])
    gone = made(make_day, planner, Programme.ON_SEVEN, SUNDAY)
    made(weekend.cancel, gone.id, reason="Listrik padam", actor=staff(planner), now=NOW)
    first, second = day.sessions
    issued = made(make_booking, day.page_code, second)
    for stage in (Stage.ARRIVED, Stage.SERVED, Stage.ISSUED):
        made(make_tap, issued.people[0], stage, office["tu"])
    return Scene(
        day,
        gone,
        one=made(make_booking, day.page_code, first),
        family=made(make_booking, day.page_code, first, 2),
        held=made(make_booking, day.page_code, second, confirmed=False),
        issued=issued,
    )


def test_a_healthy_office_has_no_problems(scene: Scene, office: Office, clock) -> None:
    """With whatever happens in one: moved, cancelled, left, walked in, returned, undone, cancelled day, erased."""
    first, second = scene.day.sessions
    moved = made(make_booking, scene.day.page_code, second)
    made(tickets.cancel, scene.family.token, now=NOW)
    made(tickets.move, moved.token, first, now=NOW, minutes=10)
    tap = uuid4()
    made(make_tap, scene.one.people[0], Stage.ARRIVED, office["officer"], tap_id=tap)
    made(make_tap, scene.one.people[0], Stage.ARRIVED, office["officer"], undoes=tap)
    made(make_tap, moved.people[0], Stage.ARRIVED, office["officer"])
    made(make_tap, moved.people[0], Stage.RETURNED, office["officer"])
    assert check.problems() == []
    clock.at("2026-11-28 09:00")
    walked_in = made(make_walk_in, first, office["officer"])
    for stage in (Stage.SERVED, Stage.ISSUED):
        made(make_tap, walked_in, stage, office["tu"], count_by="service")
    made(upkeep.sweep_holds, now=clock.forward())
    assert check.problems() == []
    made(weekend.cancel, scene.day.id, reason="Listrik padam", actor=staff(office["supervisor"]), now=clock.forward())
    assert check.problems() == []
    clock.forward(days=91)
    assert made(upkeep.erase_old, now=clock.forward(), days=90) > 0
    assert check.problems() == []


# -- one break after the other ----------------------------------------------------------------------------------


def sql(connection: Connection, statement: str, ids: dict[str, UUID]) -> Any:
    """Run one statement; `:name` is one of the scene's ids."""
    names = set(re.findall(r"(?<!:):(\w+)", statement))
    bound = text(statement).bindparams(*(bindparam(name, ids[name], Uuid()) for name in names))
    return connection.execute(bound)


def loosen(connection: Connection, *things: str) -> None:
    """Drop indexes and constraints: 'index', or 'table.constraint' (SQLite's table is made anew without any)."""
    sqlite = connection.dialect.name == "sqlite"
    for thing in things:
        table, dot, constraint = thing.partition(".")
        if not dot:
            connection.execute(text(f"drop index {thing}"))
        elif sqlite:
            connection.execute(text(f"create table loose as select * from {table}"))
            connection.execute(text(f"drop table {table}"))
            connection.execute(text(f"alter table loose rename to {table}"))
        else:
            connection.execute(text(f"alter table {table} drop constraint {constraint}"))


def plant(database: Database, ids: dict[str, UUID], statements: tuple[str, ...], without: tuple[str, ...]) -> None:
    """Break something: no foreign keys, no triggers, and not the constraints in `without`."""
    engine = create_engine(database.url)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":  # a connection that asks for no foreign keys has none
            for name in connection.execute(text("select name from sqlite_master where type = 'trigger'")).scalars():
                connection.execute(text(f"drop trigger {name}"))
        else:
            connection.execute(text("set session_replication_role = replica"))
        loosen(connection, *without)
        for statement in statements:
            sql(connection, statement, ids)
    engine.dispose()


@dataclass(frozen=True)
class Break:
    """What is done, past which constraints, and every sentence that must come of it, with names for ids.

    `{seat}` is the number that `seat` selects after the break.
    """

    does: tuple[str, ...]
    says: tuple[str, ...]
    without: tuple[str, ...] = ()
    seat: str = ""


FREE = "select min(id) from booking_seat where session_id = :second and applicant_id is null"
SEAT_OF = "select id from booking_seat where applicant_id = "
NIK = "select nik_hash from booking_applicant where id = :issued"
COPY_OF_A_LINE = (
    "insert into achievement_line (ro_id, day, volume, source, ref, subject, made_at) "
    "select ro_id, day, 1, source, 'planted', {}, made_at from achievement_line"
)

BREAKS = {
    "more people than seats": Break(
        ("delete from booking_seat where session_id = :first",),
        (
            "session {first}: 3 people for 0 seats",
            *(f"applicant {{{who}}} is live without a seat" for who in ("person", "father", "partner")),
        ),
    ),
    "two seats": Break(
        (f"update booking_seat set applicant_id = :issued where id = ({FREE})",),
        ("applicant {issued} sits on 2 seats",),
        without=("booking_seat.uq_booking_seat_applicant_id",),
    ),
    "a seat of somebody who is not coming": Break(
        ("update booking_applicant set is_live = false where id = :partner",),
        ("seat {seat} does not agree with its booking",),
        seat=f"{SEAT_OF} :partner",
    ),
    "a seat of a cancelled booking": Break(
        ("update booking_booking set state = 'cancelled' where id = :one",),
        ("seat {seat} does not agree with its booking", "applicant {person} is live on a booking that is not"),
        seat=f"{SEAT_OF} :person",
    ),
    "a seat in another session": Break(
        ("update booking_booking set session_id = :second where id = :one",),
        ("seat {seat} does not agree with its booking",),
        seat=f"{SEAT_OF} :person",
    ),
    "a booked seat that will run out": Break(
        ("update booking_seat set held_until = '2026-11-25' where applicant_id = :person",),
        ("seat {seat} does not agree with its booking",),
        seat=f"{SEAT_OF} :person",
    ),
    "a held seat that will never run out": Break(
        ("update booking_seat set held_until = null where applicant_id = :holder",),
        ("seat {seat} does not agree with its booking",),
        seat=f"{SEAT_OF} :holder",
    ),
    "a person without a seat": Break(
        ("update booking_seat set applicant_id = null, held_until = null where applicant_id = :person",),
        ("applicant {person} is live without a seat",),
    ),
    "a person who is live on a dead hold": Break(
        (
            "update booking_seat set applicant_id = null, held_until = null where applicant_id = :holder",
            "update booking_booking set state = 'expired' where id = :held",
        ),
        ("applicant {holder} is live without a seat", "applicant {holder} is live on a booking that is not"),
    ),
    "one person twice in a weekend": Break(
        (f"update booking_applicant set nik_hash = ({NIK}) where id = :person",),
        ("weekend:2026-11-28: one person has 2 live places",),
        without=("uq_booking_applicant_live_person",),
    ),
    "a ticket for nobody": Break(
        (
            "update booking_seat set applicant_id = null where applicant_id = :person",
            "update booking_applicant set is_live = false where id = :person",
        ),
        ("booking {one} is booked for nobody",),
    ),
    "a published day that the agenda does not know": Break(
        ("delete from agenda_service_event where title like 'PERSARI%'",),
        ("weekend day {day} is published, the agenda says None",),
    ),
    "a published day that the agenda has cancelled": Break(
        ("update agenda_service_event set status = 'cancelled' where title like 'PERSARI%'",),
        ("weekend day {day} is published, the agenda says cancelled",),
    ),
    "a cancelled day that the agenda expects": Break(
        ("update agenda_service_event set status = 'planned' where title like 'BONTANG%'",),
        ("weekend day {gone} is cancelled, the agenda says planned",),
    ),
    "a passport without a line": Break(
        ("delete from achievement_line",),
        ("ledger of {issued}: 0, from the events it is 1",),
    ),
    "a passport with two lines": Break(
        (COPY_OF_A_LINE.format("subject"),),
        ("ledger of {issued}: 2, from the events it is 1",),
    ),
    "a line of somebody without a passport": Break(
        ("update achievement_line set subject = 'somebody'",),
        ("ledger of {issued}: 0, from the events it is 1", "ledger of somebody: 1, from the events it is 0"),
    ),
    "a line whose events are gone": Break(
        ("delete from attendance_event where stage = 'issued'",),
        ("ledger of {issued}: 1, from the events it is 0",),
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_named_and_nothing_else(db: Database, scene: Scene, name: str) -> None:
    assert check.problems() == []
    broken, ids = BREAKS[name], scene.ids
    plant(db, ids, broken.does, broken.without)
    named: dict[str, Any] = {**ids, "father": scene.family.people[0]}
    if broken.seat:
        with db.reading() as session:
            named["seat"] = sql(session.connection(), broken.seat, ids).scalar_one()
    assert sorted(check.problems()) == sorted(sentence.format(**named) for sentence in broken.says)


@pytest.mark.parametrize("db_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("does", "says"),
    [
        (
            ("pragma ignore_check_constraints = on", "update weekend_template set weekday = 1 where weekday = 6"),
            "SQLite: CHECK constraint failed in weekend_template",
        ),
        (("update weekend_day set lead_id = :nobody where id = :day",), "SQLite: broken foreign key in weekend_day"),
    ],
)
def test_a_damaged_sqlite_file_is_named(db: Database, scene: Scene, does: tuple[str, ...], says: str) -> None:
    plant(db, scene.ids, does, ())
    assert check.problems() == [says]


def test_a_database_of_another_revision_is_named_and_read_no_further(db: Database, scene: Scene) -> None:
    plant(db, scene.ids, ("update alembic_version set version_num = '0000'", "delete from achievement_line"), ())
    assert check.problems() == [f"the database is at revision 0000, the code at {migrate.head()}"]


def test_the_command_prints_each_problem_and_ends_with_1(
    db: Database, scene: Scene, settings: Settings, tmp_path: Path
) -> None:
    address = db.url.render_as_string(hide_password=False)
    office = Server(address, tmp_path, secret=settings.secret, shift=shift_to(NOW))
    well = office.run("check")
    assert (well.returncode, well.stdout) == (0, "All invariants hold.\n"), well.stderr
    plant(db, scene.ids, ("delete from achievement_line",), ())
    broken = office.run("check")
    assert broken.returncode == 1
    assert broken.stdout.splitlines() == [
        f"ledger of {scene.issued.people[0]}: 0, from the events it is 1",
        "1 problem(s).",
    ]
