"""What the database itself refuses about trips, whatever the code above it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from fieldops.kit.db import transaction, violated
from fieldops.loktuan.models import Trip, TripCost, TripIncident, TripReport, TripTask, TripThing
from tests.make import NOW, Office, made
from tests.trips import make_ground, make_trip

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def row_of(session: Session, trip_id: UUID) -> dict[str, Any]:
    """A trip that is there, as a new row: another id, another link, another form."""
    table = Trip.__table__
    row = dict(session.execute(select(table).where(table.c.id == trip_id)).mappings().one())
    return row | {"id": uuid4(), "collective_token": str(uuid4())[:26], "form_key": str(uuid4())}


def thing(trip_id: UUID, **changes: Any) -> dict[str, Any]:
    return {"trip_id": trip_id, "holder_kind": "kit", "holder_id": uuid4()} | changes


def cost(trip_id: UUID, **changes: Any) -> dict[str, Any]:
    row = {"trip_id": trip_id, "position": 1, "kind": "fuel", "text": "Solar", "quantity": 1, "unit_price": 1}
    return row | changes


def incident(trip_id: UUID, who: UUID, **changes: Any) -> dict[str, Any]:
    row = {"trip_id": trip_id, "happened_at": NOW, "text": "x", "form_key": str(uuid4())}
    return row | {"made_by": who, "made_at": NOW} | changes


def task(trip_id: UUID, who: UUID, **changes: Any) -> dict[str, Any]:
    return {"trip_id": trip_id, "key": "x", "text": "x", "owner_id": who, "made_at": NOW} | changes


SAME = uuid4()
# name: (model, rows made of (trip, its row, person), columns that SQLite names)
BROKEN: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "ck_loktuan_trip_interval": (Trip, lambda t, row, w: [row | {"returns_at": row["departs_at"]}], ()),
    "ck_loktuan_trip_status": (Trip, lambda t, row, w: [row | {"status": "done"}], ()),
    "uq_loktuan_trip_collective_token": (
        Trip,
        lambda t, row, w: [row, row | {"id": uuid4(), "form_key": "k"}],
        ("loktuan_trip.collective_token",),
    ),
    "uq_loktuan_trip_form_key": (
        Trip,
        lambda t, row, w: [row, row | {"id": uuid4(), "collective_token": "k"}],
        ("loktuan_trip.form_key",),
    ),
    "ck_loktuan_thing_holder_kind": (TripThing, lambda t, row, w: [thing(t, holder_kind="person")], ()),
    "ck_loktuan_thing_back_state": (TripThing, lambda t, row, w: [thing(t, back_state="lost")], ()),
    "uq_loktuan_thing_once": (
        TripThing,
        lambda t, row, w: [thing(t, holder_id=SAME), thing(t, holder_id=SAME)],
        ("loktuan_thing.trip_id", "loktuan_thing.holder_kind", "loktuan_thing.holder_id"),
    ),
    "ck_loktuan_cost_kind": (TripCost, lambda t, row, w: [cost(t, kind="gift")], ()),
    "ck_loktuan_cost_amount": (TripCost, lambda t, row, w: [cost(t, unit_price=-1)], ()),
    "uq_loktuan_incident_form_key": (
        TripIncident,
        lambda t, row, w: [incident(t, w, form_key="k"), incident(t, w, form_key="k")],
        ("loktuan_incident.form_key",),
    ),
    "uq_loktuan_task_key": (
        TripTask,
        lambda t, row, w: [task(t, w), task(t, w)],
        ("loktuan_task.trip_id", "loktuan_task.key"),
    ),
}


@pytest.fixture
def trip_id(office: Office) -> UUID:
    return made(lambda session: make_trip(session, make_ground(session, office)))


def put_in(model: Any, *rows: dict[str, Any]) -> None:
    with transaction() as session:
        for row in rows:
            session.execute(insert(model).values(row))


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_database_refuses_what_no_code_may_write(office: Office, trip_id: UUID, name: str) -> None:
    model, rows, columns = BROKEN[name]
    row = made(row_of, trip_id)
    with pytest.raises(IntegrityError) as refused:
        put_in(model, *rows(trip_id, row, office["officer"]))
    assert violated(refused.value, name, *columns), str(refused.value.orig)


def test_each_copy_alone_is_taken(office: Office, trip_id: UUID) -> None:
    """So what is refused above is refused for the reason that its name says."""
    put_in(Trip, made(row_of, trip_id))
    put_in(TripThing, thing(trip_id))
    put_in(TripCost, cost(trip_id))
    put_in(TripIncident, incident(trip_id, office["officer"]))
    put_in(TripTask, task(trip_id, office["officer"]))


def test_a_trip_has_one_report(trip_id: UUID) -> None:
    row = {"trip_id": trip_id, "counts": {}, "changed_at": NOW}
    with pytest.raises(IntegrityError) as refused:
        put_in(TripReport, row, row)
    assert violated(refused.value, "pk_loktuan_report", "loktuan_report.trip_id"), str(refused.value.orig)
