"""The shape of a move of blanks as typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wtforms import Form, SelectField, StringField

from fieldops.core.blanks import rules
from fieldops.core.blanks.rules import Move, Range
from fieldops.kit.errors import Refusal
from fieldops.kit.forms import options, read_date, refuse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from fieldops.core.blanks.queries import OutRow

AT_OFFICE: Final = "office"


class MoveForm(Form):
    """A range of numbers, the day, who had them, and a note whose meaning depends on the move."""

    first = StringField("Nomor pertama")
    last = StringField("Nomor terakhir")
    holder = SelectField("Blangko ini sebelumnya", choices=[], validate_choice=False)
    day = StringField("Tanggal")
    note = StringField("Catatan")


class FindForm(Form):
    serial = StringField("Nomor seri")


@dataclass(frozen=True)
class Wording:
    """How the form of a move speaks. `asks_holder`: the blanks may be with a trip."""

    title: str
    note: str
    note_hint: str
    needs_note: bool
    asks_holder: bool


WORDINGS: Final = {
    Move.RECEIPT: Wording(
        "Terima blangko", "Nomor dokumen", "Misalnya nomor berita acara dari kantor wilayah.", False, False
    ),
    Move.USE: Wording("Catat terpakai", "Catatan", "", False, True),
    Move.SPOIL: Wording("Catat rusak", "Sebab", "Misalnya salah cetak atau tinta luntur.", True, True),
    Move.RETURN: Wording("Terima kembali", "Catatan", "", False, True),
    Move.TRANSFER: Wording(
        "Kirim ke kantor lain", "Kantor dan nomor dokumen", "Misalnya Kanim Samarinda, BA-3/2026.", True, False
    ),
}
"""The moves that have a form; blanks are issued on the page of the trip."""


@dataclass(frozen=True)
class MoveIn:
    """A move as read. `source` and `ref` are empty for blanks in the office."""

    span: Range
    day: date
    source: str
    ref: str
    note: str


def holder_value(row: OutRow) -> str:
    """Who has blanks, as the value of a choice."""
    return f"{row.source}:{row.ref}"


def fill(form: MoveForm, kind: Move, out: Sequence[OutRow]) -> MoveForm:
    """Put the choices and the labels into a form."""
    here = [] if kind is Move.RETURN else [(AT_OFFICE, "Di kantor")]
    rows = [(holder_value(one), f"Dibawa {one.title or one.ref} ({len(one.serials)} blangko)") for one in out]
    form.holder.choices = options([*here, *rows] or [("", "Tidak ada blangko yang sedang dibawa")])
    form.note.label.text = WORDINGS[kind].note
    return form


def move_of(form: MoveForm, kind: Move, out: Sequence[OutRow]) -> MoveIn | None:
    """The move as read; puts a sentence at each field that cannot be read and returns None then."""
    span, note, holder = None, "", ("", "")
    try:
        span = rules.range_of(form.first.data or "", form.last.data or "")
    except Refusal as refusal:
        refuse(form, refusal)
    day = read_date(form.day.data)
    if day is None:
        refuse(form, Refusal("Isi tanggal seperti 30/11/2026.", field="day"))
    try:
        note = rules.note_of(form.note.data or "")
    except Refusal as refusal:
        refuse(form, refusal)
    if WORDINGS[kind].asks_holder and not (form.holder.data == AT_OFFICE and kind is not Move.RETURN):
        found = next(((one.source, one.ref) for one in out if holder_value(one) == form.holder.data), None)
        if found is None:
            refuse(form, Refusal("Pilih di mana blangkonya.", field="holder"))
        holder = found or holder
    return None if form.errors or span is None or day is None else MoveIn(span, day, *holder, note)
