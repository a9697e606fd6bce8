"""The shape of a vehicle, an item of kit, workshop time and a reading of the odometer as typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import Form, SelectField, StringField, TextAreaField

from fieldops.core.fleet import rules
from fieldops.core.fleet.rules import ItemIn, Kind, VehicleIn
from fieldops.core.roster.rules import Interval
from fieldops.kit import clock
from fieldops.kit.errors import Refusal
from fieldops.kit.forms import options, read_date, read_id, read_number, read_time, refuse

if TYPE_CHECKING:
    from datetime import datetime

    from fieldops.core.fleet.queries import ItemRow, VehicleRow


class VehicleForm(Form):
    name = StringField("Nama")
    plate = StringField("Nomor polisi")
    seats = StringField("Jumlah kursi, termasuk pengemudi")
    note = TextAreaField("Catatan")
    revision = StringField()


class ItemForm(Form):
    name = StringField("Nama")
    kind = SelectField("Jenis", choices=[], validate_choice=False)
    tag = StringField("Nomor inventaris")
    part_of = SelectField("Disimpan di koper", choices=[], validate_choice=False)
    note = TextAreaField("Catatan")
    revision = StringField()


class OutageForm(Form):
    starts_on = StringField("Mulai tanggal")
    starts = StringField("Jam mulai (WITA)")
    ends_on = StringField("Sampai tanggal")
    ends = StringField("Jam selesai (WITA)")
    reason = StringField("Alasan")


class ReadingForm(Form):
    km = StringField("Angka odometer (km)")
    day = StringField("Tanggal")
    at = StringField("Jam (WITA)")


KINDS = [("", "Pilih jenisnya"), *((kind.value, kind.label) for kind in Kind)]


def vehicle_form(row: VehicleRow) -> VehicleForm:
    """The form of a vehicle as it is now."""
    names = ("name", "plate", "seats", "note", "revision")
    return VehicleForm(data={name: getattr(row, name) for name in names})


def item_form(row: ItemRow) -> ItemForm:
    """The form of an item as it is now."""
    values = {name: getattr(row, name) for name in ("name", "tag", "note", "revision")}
    return ItemForm(data={**values, "kind": row.kind.value, "part_of": str(row.part_of or "")})


def fill_item(form: ItemForm, cases: list[ItemRow]) -> ItemForm:
    """Put the choices into the form of an item."""
    form.kind.choices = options(KINDS)
    form.part_of.choices = options([("", "Tidak di dalam koper"), *((str(one.id), one.name) for one in cases)])
    return form


def vehicle_of(form: VehicleForm) -> VehicleIn | None:
    """The vehicle as read; puts a sentence at each field that cannot be read and returns None then."""
    name, plate, note = _name(form), "", ""
    seats = read_number(form.seats.data or "")
    if seats is None or not 1 <= seats <= rules.MOST_SEATS:
        refuse(form, rules.WrongSeats())
    try:
        plate = rules.read_plate(form.plate.data or "")
    except Refusal as refusal:
        refuse(form, refusal)
    note = _line(form, "note", rules.LONGEST_NOTE)
    return None if form.errors or seats is None else VehicleIn(name, plate, seats, note)


def item_of(form: ItemForm) -> ItemIn | None:
    """The item as read; puts a sentence at each field that cannot be read and returns None then."""
    name, kind = _name(form), None
    try:
        kind = Kind(form.kind.data or "")
    except ValueError:
        refuse(form, rules.WrongKind())
    tag = _line(form, "tag", rules.LONGEST_TAG)
    part_of = read_id(form.part_of.data)
    if form.part_of.data and part_of is None:
        refuse(form, rules.WrongCase())
    note = _line(form, "note", rules.LONGEST_NOTE)
    return None if form.errors or kind is None else ItemIn(name, kind, tag, part_of, note)


def outage_of(form: OutageForm) -> Interval | None:
    """The hours of workshop time; puts a sentence at each field that cannot be read and returns None then."""
    starts_at = _instant(form, "starts_on", "starts")
    ends_at = _instant(form, "ends_on", "ends")
    return None if starts_at is None or ends_at is None else Interval(starts_at, ends_at)


def reading_of(form: ReadingForm) -> tuple[int, datetime] | None:
    """Kilometres and instant; puts a sentence at each field that cannot be read and returns None then."""
    km = None
    try:
        km = rules.read_km(form.km.data or "")
    except Refusal as refusal:
        refuse(form, refusal)
    at = _instant(form, "day", "at")
    return None if km is None or at is None else (km, at)


def whole(typed: str | None) -> int:
    """The revision that came back; 0 when it is none, which no thing has."""
    text = typed or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _name(form: VehicleForm | ItemForm) -> str:
    name = _line(form, "name", rules.LONGEST_NAME)
    if not name and not form.name.errors:
        refuse(form, rules.NeedName())
    return name


def _line(form: Form, field: str, most: int) -> str:
    try:
        return rules.line_of(form[field].data or "", most=most, field=field)
    except Refusal as refusal:
        refuse(form, refusal)
        return ""


def _instant(form: Form, day_field: str, time_field: str) -> datetime | None:
    day, at = read_date(form[day_field].data), read_time(form[time_field].data)
    if day is None:
        refuse(form, Refusal("Isi tanggal seperti 30/11/2026.", field=day_field))
    if at is None:
        refuse(form, Refusal("Tulis jam seperti 08.00.", field=time_field))
    return None if day is None or at is None else clock.at_office(day, at)
