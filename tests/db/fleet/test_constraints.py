"""What the database itself refuses about vehicles and kit, whatever the code above it does."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from fieldops import check
from fieldops.core.fleet.models import KitItem, Outage, Reading, Vehicle
from fieldops.core.roster.models import Busy
from fieldops.kit.db import transaction, violated
from tests.db.fleet.things import DAY
from tests.make import NOW, Office, made


def vehicle(**changes: Any) -> dict[str, Any]:
    return {"name": f"Mobil {uuid4()}", "seats": 5} | changes


def item(**changes: Any) -> dict[str, Any]:
    return {"name": f"Alat {uuid4()}", "kind": "camera"} | changes


def outage(who: UUID, **changes: Any) -> dict[str, Any]:
    row = {"holder_kind": "kit", "holder_id": uuid4(), "starts_at": DAY.starts_at, "ends_at": DAY.ends_at}
    return row | {"reason": "Servis", "form_key": str(uuid4()), "made_by": who, "made_at": NOW} | changes


def reading(who: UUID, car: UUID, **changes: Any) -> dict[str, Any]:
    row = {"vehicle_id": car, "source": "trip", "ref": "1", "moment": "out", "km": 1, "at": NOW}
    return row | {"made_by": who, "made_at": NOW} | changes


SAME = uuid4()
# name: (model, rows made of (person, vehicle), columns that SQLite names)
BROKEN: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "uq_fleet_vehicle_name": (Vehicle, lambda w, c: [vehicle(name="x"), vehicle(name="x")], ("fleet_vehicle.name",)),
    "uq_fleet_vehicle_plate": (
        Vehicle,
        lambda w, c: [vehicle(plate="KT 1"), vehicle(plate="KT 1")],
        ("fleet_vehicle.plate",),
    ),
    "ck_fleet_vehicle_seats": (Vehicle, lambda w, c: [vehicle(seats=0)], ()),
    "uq_fleet_kit_item_name": (KitItem, lambda w, c: [item(name="x"), item(name="x")], ("fleet_kit_item.name",)),
    "uq_fleet_kit_item_tag": (KitItem, lambda w, c: [item(tag="1"), item(tag="1")], ("fleet_kit_item.tag",)),
    "ck_fleet_kit_item_kind": (KitItem, lambda w, c: [item(kind="lain")], ()),
    "ck_fleet_kit_item_part_of": (KitItem, lambda w, c: [item(id=SAME, part_of=SAME)], ()),
    "ck_fleet_outage_interval": (Outage, lambda w, c: [outage(w, ends_at=DAY.starts_at)], ()),
    "ck_fleet_outage_holder_kind": (Outage, lambda w, c: [outage(w, holder_kind="person")], ()),
    "uq_fleet_outage_form_key": (
        Outage,
        lambda w, c: [outage(w, form_key="k"), outage(w, form_key="k")],
        ("fleet_outage.form_key",),
    ),
    "uq_fleet_reading_once": (
        Reading,
        lambda w, c: [reading(w, c), reading(w, c, km=2)],
        ("fleet_reading.vehicle_id", "fleet_reading.moment"),
    ),
    "ck_fleet_reading_moment": (Reading, lambda w, c: [reading(w, c, moment="mid")], ()),
    "ck_fleet_reading_km": (Reading, lambda w, c: [reading(w, c, km=-1)], ()),
}


def put_in(model: Any, *rows: dict[str, Any]) -> None:
    with transaction() as session:
        for row in rows:
            session.execute(insert(model).values(row))


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_database_refuses_what_no_code_may_write(office: Office, name: str) -> None:
    model, rows, columns = BROKEN[name]
    car = made(lambda session: session.scalars(select(Vehicle.id).limit(1)).one())
    with pytest.raises(IntegrityError) as refused:
        put_in(model, *rows(office["officer"], car))
    assert violated(refused.value, name, *columns), str(refused.value.orig)


def test_plates_and_tags_may_be_unknown_of_many(office: Office) -> None:
    put_in(Vehicle, vehicle(), vehicle())
    put_in(KitItem, item(), item())


def test_the_check_finds_a_vehicle_in_two_places(office: Office) -> None:
    car = made(lambda session: session.scalars(select(Vehicle.id).limit(1)).one())
    row = {"holder_kind": "vehicle", "holder_id": car, "starts_at": DAY.starts_at, "ends_at": DAY.ends_at}
    row |= {"kind": "trip", "title": "LOKTUAN", "source": "trip"}
    put_in(Busy, row | {"ref": "1"})
    assert check.problems() == []
    put_in(Busy, row | {"ref": "2"})
    assert len(check.problems()) == 1
    assert "of one holder overlap" in check.problems()[0]
