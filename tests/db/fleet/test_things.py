"""The lists of vehicles and kit: doubles, cases, retiring, and two who change the same."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from fieldops.core.audit.rules import staff
from fieldops.core.fleet import queries, rules, service
from fieldops.core.fleet.rules import Holder, ItemIn, Kind, VehicleIn
from fieldops.kit.db import reading
from fieldops.kit.errors import NotFound
from tests.db.fleet.things import hold, make_item, make_vehicle
from tests.make import NOW, Office, made


@pytest.fixture
def who(office: Office) -> UUID:
    return office["supervisor"]


def change(who: UUID, item_id: UUID, *, revision: int = 1, **changes) -> None:
    values = {"name": "Kamera Uji", "kind": Kind.CAMERA, "tag": "", "part_of": None, "note": ""} | changes
    made(service.change_item, item_id, ItemIn(**values), revision=revision, actor=staff(who), now=NOW)


def test_the_same_form_again_is_the_same_vehicle(who) -> None:
    key, vehicle = str(uuid4()), VehicleIn("Hiace Uji", "KT 1234 AB", 14, "")
    first = made(service.add_vehicle, vehicle, form_key=key, actor=staff(who), now=NOW)
    assert made(service.add_vehicle, vehicle, form_key=key, actor=staff(who), now=NOW) == first
    key, item = str(uuid4()), ItemIn("Kamera Uji", Kind.CAMERA, "", None, "")
    first = made(service.add_item, item, form_key=key, actor=staff(who), now=NOW)
    assert made(service.add_item, item, form_key=key, actor=staff(who), now=NOW) == first


def test_names_plates_and_tags_are_there_once(who) -> None:
    made(make_vehicle, who, "Hiace Uji", plate="KT 1234 AB")
    made(make_item, who, "Kamera Uji", tag="3.05.01")
    with pytest.raises(rules.NameTaken):
        made(make_vehicle, who, "Hiace Uji")
    with pytest.raises(rules.PlateTaken):
        made(make_vehicle, who, "Avanza Uji", plate="KT 1234 AB")
    with pytest.raises(rules.NameTaken):
        made(make_item, who, "Kamera Uji")
    with pytest.raises(rules.TagTaken):
        made(make_item, who, "Kamera Lain", tag="3.05.01")


def test_whoever_changes_what_another_has_changed_is_told(who) -> None:
    camera = made(make_item, who, "Kamera Uji")
    change(who, camera, note="Lensa retak")
    with pytest.raises(rules.Changed):
        change(who, camera, note="Baterai lemah")
    with reading() as session:
        row = queries.item(session, camera)
    assert row is not None
    assert (row.note, row.revision) == ("Lensa retak", 2)
    with pytest.raises(NotFound):
        change(who, uuid4())


def test_what_is_promised_stays_in_its_case(who) -> None:
    box = made(make_item, who, "Koper Uji", Kind.CASE)
    camera = made(make_item, who, "Kamera Uji", part_of=box)
    other = made(make_item, who, "Kamera Lain")
    hold("Sangatta", items=[box])
    with pytest.raises(rules.CasePromised):
        change(who, camera)
    with pytest.raises(rules.CasePromised):
        change(who, other, name="Kamera Lain", part_of=box)
    with pytest.raises(rules.CasePromised):
        made(make_item, who, "Kamera Baru", part_of=box)
    change(who, camera, note="Lensa retak", part_of=box)
    hold("Sangatta")
    change(who, camera, revision=2)
    with reading() as session:
        assert queries.parts(session, box) == []


def test_a_case_lies_in_no_case_and_a_camera_is_none(who) -> None:
    box, small = made(make_item, who, "Koper Uji", Kind.CASE), made(make_item, who, "Koper Kecil", Kind.CASE)
    camera = made(make_item, who, "Kamera Uji", part_of=box)
    for part_of in (box, camera, small, uuid4()):
        if part_of != small:
            with pytest.raises(rules.WrongCase):
                change(who, box, name="Koper Uji", kind=Kind.CASE, part_of=part_of)
    with pytest.raises(rules.WrongCase):  # it has parts itself
        change(who, box, name="Koper Uji", kind=Kind.CASE, part_of=small)
    with pytest.raises(rules.WrongKind):
        change(who, box, name="Koper Uji")


def test_what_is_promised_is_not_retired(who) -> None:
    car = made(make_vehicle, who)
    hold("Sangatta", vehicles=[car])

    def retire(active: bool, revision: int) -> None:
        options = {"revision": revision, "actor": staff(who), "now": NOW}
        made(service.set_active, Holder.VEHICLE, car, active, **options)

    with pytest.raises(rules.StillPromised, match="LOKTUAN Sangatta"):
        retire(False, 1)
    hold("Sangatta")
    with pytest.raises(rules.Changed):
        retire(False, 9)
    retire(False, 1)
    retire(False, 1)
    retire(True, 2)
    with reading() as session:
        row = queries.vehicle(session, car)
    assert row is not None
    assert (row.is_active, row.revision) == (True, 3)
