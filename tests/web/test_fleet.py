"""Vehicles and kit by HTTP: where each is, whom workshop time breaks, what is typed wrongly."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from fieldops.core.audit.rules import staff as by
from fieldops.core.fleet import service
from fieldops.core.fleet.models import KitItem, Outage, Vehicle
from fieldops.core.fleet.rules import Holder, Kind
from tests.client import Client
from tests.db.fleet.things import hold, make_item, make_vehicle
from tests.make import NOW, Office, made
from tests.web import steps


@pytest.fixture
def supervisor(staff) -> Client:
    return staff("supervisor")


@pytest.fixture
def car(office: Office) -> UUID:
    return made(make_vehicle, office["supervisor"])


def test_the_list_says_where_each_thing_is(staff, office: Office, car: UUID, clock) -> None:
    hold("Sangatta", vehicles=[car])
    case = made(make_item, office["tu"], "Koper Uji", Kind.CASE)
    made(make_item, office["tu"], "Kamera Uji", part_of=case)
    clock.at("2026-11-28 09:00")
    supervisor = staff("supervisor")
    page = supervisor.get("fleet.thing_list")
    assert "Hiace Uji Dipakai sampai Sabtu, 28 November 2026, pukul 16.00 WITA · LOKTUAN Sangatta" in page.words
    assert "Toyota Fortuner 2.8 GR 7 kursi Di kantor" in page.words
    assert "Kamera Uji di Koper Uji Di kantor" in page.words
    shown = supervisor.get("fleet.thing_show", item_id=case)
    assert "Isi koper" in shown.words
    assert "Kamera Uji" in shown.words


def test_an_officer_looks_and_changes_nothing(staff, car: UUID) -> None:
    officer = staff("officer")
    for page in (officer.get("fleet.thing_list"), officer.get("fleet.thing_show", vehicle_id=car)):
        assert [one for one in page.html.select("main form")] == []
        assert "Tambah" not in page.words


def test_a_vehicle_is_added_once_and_changed(supervisor: Client) -> None:
    form = supervisor.get("fleet.vehicle_new")
    typed = {"name": "  Toyota   Hiace ", "plate": "kt 1234 ab", "seats": "14"}
    first = supervisor.submit(form, typed)
    assert supervisor.submit(form, typed).location == first.location
    assert steps.count(Vehicle, name="Toyota Hiace", plate="KT 1234 AB") == 1
    shown = supervisor.follow(first)
    vehicle_id = first.location.rsplit("/", 1)[1]
    edit = supervisor.get("fleet.vehicle_edit", vehicle_id=vehicle_id)
    assert edit.form().values["plate"] == "KT 1234 AB"
    supervisor.submit(edit, {"seats": "12"})
    again = supervisor.submit(edit, {"note": "AC bocor"}, _expected=409)
    assert "Orang lain sudah mengubahnya" in again.complaints[0]
    assert again.form().values["note"] == "AC bocor"
    assert steps.count(Vehicle, name="Toyota Hiace", seats=12, note="") == 1
    supervisor.submit(again)
    assert steps.count(Vehicle, name="Toyota Hiace", note="AC bocor") == 1
    assert shown.h1 == "Toyota Hiace"


WRONG_VEHICLE = {
    "no name": ({"name": " "}, "Isi namanya.", "name"),
    "double": ({"name": "Minibus Toyota"}, "Nama ini sudah dipakai.", "name"),
    "seats": ({"seats": "61"}, "Isi jumlah kursi antara 1 dan 60.", "seats"),
    "no number": ({"seats": "banyak"}, "Isi jumlah kursi antara 1 dan 60.", "seats"),
    "plate": ({"plate": "KT-1234"}, "Tulis nomor polisi dengan huruf dan angka saja", "plate"),
    "note": ({"note": "x" * 301}, "Paling panjang 300 huruf", "note"),
}


@steps.SQLITE
@pytest.mark.parametrize(("changes", "sentence", "field"), WRONG_VEHICLE.values(), ids=WRONG_VEHICLE)
def test_a_wrong_vehicle_is_told_at_its_field_and_all_stays(supervisor: Client, changes, sentence, field) -> None:
    typed = {"name": "Toyota Hiace", "plate": "KT 1 AB", "seats": "14", "note": "Baru"} | changes
    refused = supervisor.submit(supervisor.get("fleet.vehicle_new"), typed, _expected=422)
    assert refused.complaints[0].startswith(sentence)
    assert refused.html.select_one(f"#{field}-error") is not None
    assert {name: refused.form().values[name] for name in typed} == typed
    assert steps.count(Vehicle) == 3


def test_an_item_goes_into_a_case_and_out_again(supervisor: Client, office: Office) -> None:
    case = made(make_item, office["tu"], "Koper Uji", Kind.CASE)
    added = supervisor.submit(
        supervisor.get("fleet.item_new"), {"name": "Kamera Uji", "kind": "camera", "part_of": str(case)}
    )
    item_id = added.location.rsplit("/", 1)[1]
    assert steps.count(KitItem, part_of=case) == 1
    assert "Disimpan di Koper Uji" in supervisor.follow(added).words
    supervisor.submit(supervisor.get("fleet.item_edit", item_id=item_id), {"part_of": ""})
    assert steps.count(KitItem, part_of=case) == 0
    hold("Sangatta", items=[case])
    refused = supervisor.submit(
        supervisor.get("fleet.item_edit", item_id=item_id), {"part_of": str(case)}, _expected=422
    )
    assert "Isi koper tidak bisa diubah selagi" in refused.complaints[0]
    assert refused.form().values["part_of"] == str(case)


@steps.SQLITE
def test_a_wrong_item_is_told_at_its_field(supervisor: Client) -> None:
    form = supervisor.get("fleet.item_new")
    for changes, field in (({"kind": "payung"}, "kind"), ({"name": "x" * 121}, "name"), ({"part_of": "1"}, "part_of")):
        refused = supervisor.submit(form, {"name": "Kamera Uji", "kind": "camera"} | changes, _expected=422)
        assert refused.html.select_one(f"#{field}-error") is not None
    assert steps.count(KitItem, name="Kamera Uji") == 0


def test_what_is_promised_is_not_retired(supervisor: Client, car: UUID) -> None:
    hold("Sangatta", vehicles=[car])
    shown = supervisor.get("fleet.thing_show", vehicle_id=car)
    refused = supervisor.submit(shown, action="/active", _expected=422)
    assert "masih dijanjikan: LOKTUAN Sangatta" in refused.complaints[0]
    hold("Sangatta")
    retired = supervisor.follow(supervisor.submit(shown, action="/active"))
    assert "Nonaktif" in retired.words
    back = supervisor.follow(supervisor.submit(retired, action="/active"))
    assert "Aktifkan lagi" not in back.words
    supervisor.submit(shown, action="/active", _expected=409)


# -- the workshop

TYPED = {"starts_on": "2026-11-25", "starts": "08.00", "ends_on": "2026-12-03", "ends": "16.00", "reason": "Ganti rem"}


def test_workshop_time_is_taken_and_the_page_names_what_it_breaks(supervisor: Client, car: UUID, clock) -> None:
    hold("Sangatta", vehicles=[car])
    form = supervisor.get("fleet.outage_new", vehicle_id=car)
    assert (form.form("/workshop").values["starts_on"], form.form("/workshop").values["starts"]) == (
        "2026-11-25",
        "10.00",
    )
    first = supervisor.submit(form, TYPED, action="/workshop")
    shown = supervisor.follow(first)
    assert "1 janji terdampak" in shown.words
    assert "LOKTUAN Sangatta Sabtu, 28 November 2026, 07.00–16.00 WITA" in shown.words
    assert supervisor.submit(form, TYPED, action="/workshop").location == first.location
    assert steps.count(Outage) == 1
    inbox = supervisor.get("notices.inbox")
    assert "Hiace Uji masuk bengkel" in inbox.words
    clock.forward(minutes=20)
    ended = supervisor.follow(supervisor.submit(supervisor.get("fleet.thing_show", vehicle_id=car), action="/end"))
    assert "Sekarang Di kantor" in ended.words
    assert "selesai lebih awal, Rabu, 25 November 2026, pukul 10.20 WITA" in ended.words


WRONG_OUTAGE = {
    "no reason": ({"reason": ""}, "Tulis alasannya", "reason"),
    "backwards": ({"ends_on": "2026-11-24"}, "Waktu selesai harus sesudah waktu mulai.", "ends_on"),
    "no day": ({"ends_on": ""}, "Isi tanggal seperti 30/11/2026.", "ends_on"),
    "no hour": ({"starts": "pagi"}, "Tulis jam seperti 08.00.", "starts"),
}


@steps.SQLITE
@pytest.mark.parametrize(("changes", "sentence", "field"), WRONG_OUTAGE.values(), ids=WRONG_OUTAGE)
def test_wrong_workshop_time_is_told_at_its_field_and_all_stays(supervisor, car, changes, sentence, field) -> None:
    form = supervisor.get("fleet.outage_new", vehicle_id=car)
    refused = supervisor.submit(form, TYPED | changes, action="/workshop", _expected=422)
    assert refused.complaints[0].startswith(sentence)
    assert refused.html.select_one(f"#{field}-error") is not None
    values = refused.form("/workshop").values
    assert {name: values[name] for name in TYPED} == TYPED | changes
    assert steps.count(Outage) == 0


@steps.SQLITE
def test_kit_goes_to_the_workshop_too(supervisor: Client, office: Office) -> None:
    camera = made(make_item, office["tu"], "Kamera Uji")
    form = supervisor.get("fleet.outage_new", item_id=camera)
    shown = supervisor.follow(supervisor.submit(form, TYPED, action="/workshop"))
    assert "Bengkel: Ganti rem" in shown.words
    assert steps.count(Outage, holder_kind=Holder.KIT.value) == 1
    called_off = supervisor.follow(supervisor.submit(shown, action="/end"))
    assert "Pernah di bengkel" in called_off.words


# -- the odometer


@pytest.fixture
def reading_id(office: Office, car: UUID) -> UUID:
    """The return of a trip of 120 km on Monday."""
    options = {"source": "trip", "ref": "A", "actor": by(office["officer"]), "now": NOW}
    monday = NOW - timedelta(days=2)
    made(service.put_reading, car, moment="out", km=12_000, at=monday, **options)
    return made(service.put_reading, car, moment="in", km=12_120, at=monday + timedelta(hours=5), **options)


def test_a_reading_is_corrected_on_its_page(supervisor: Client, car: UUID, reading_id: UUID) -> None:
    shown = supervisor.get("fleet.thing_show", vehicle_id=car)
    assert "12.120 km" in shown.words
    assert "120 km" in shown.words
    form = supervisor.get("fleet.reading_edit", reading_id=reading_id)
    assert form.form().values == {"km": "12120", "day": "2026-11-23", "at": "15.00"}
    refused = supervisor.submit(form, {"km": "11.900"}, _expected=422)
    assert "Angka saat kembali 11.900 km lebih kecil daripada saat berangkat 12.000 km" in refused.complaints[0]
    assert refused.form().values["km"] == "11.900"
    corrected = supervisor.follow(supervisor.submit(form, {"km": "12.150 km"}))
    assert "150 km" in corrected.words
    for changes, field in (({"km": "x"}, "km"), ({"day": ""}, "day"), ({"at": "8"}, "at")):
        refused = supervisor.submit(form, changes, _expected=422)
        assert refused.html.select_one(f"#{field}-error") is not None


@steps.SQLITE
def test_unknown_things_are_not_found(supervisor: Client) -> None:
    nobody = UUID(int=7)
    supervisor.get("fleet.thing_show", vehicle_id=nobody, _expected=404)
    supervisor.get("fleet.thing_show", item_id=nobody, _expected=404)
    supervisor.get("fleet.reading_edit", reading_id=nobody, _expected=404)
    supervisor.post("fleet.outage_end", outage_id=nobody, _expected=404)
    supervisor.post("fleet.vehicle_create", {"name": "x"}, _expected=422)
