"""The shape of a request of leave as typed, and of events chosen from a calendar."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wtforms import Form, RadioField, SelectField, StringField, TextAreaField

from fieldops.core.roster.absences.rules import EventIn, NeedKind, Part, WrongPeriod, period
from fieldops.core.roster.rules import Absence
from fieldops.core.roster.rules.intervals import Interval
from fieldops.kit.errors import Refusal
from fieldops.kit.forms import options, read_date, read_time, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = [(kind.value, kind.label) for kind in Absence]
PARTS = [(part.value, part.label) for part in Part]
MOST_SHOWN = 200
"""So many events of a calendar fit into one page and what it sends back."""


class AbsenceForm(Form):
    """One request. `person` is only asked of those who may enter it for somebody else."""

    person = SelectField("Untuk siapa", choices=[], validate_choice=False)
    kind = RadioField("Jenis", choices=options(KINDS), validate_choice=False)
    first = StringField("Mulai tanggal")
    last = StringField("Sampai tanggal")
    part = RadioField("Bagian hari", choices=options(PARTS), validate_choice=False, default=Part.FULL.value)
    starts = StringField("Mulai (WITA)")
    ends = StringField("Selesai (WITA)")
    note = TextAreaField("Catatan")


class UploadForm(Form):
    """A calendar file."""

    person = SelectField("Untuk siapa", choices=[], validate_choice=False)
    file = StringField("Berkas kalender (.ics)")


class ChooseForm(Form):
    """What the chosen events are."""

    kind = RadioField("Jenis untuk semua yang dipilih", choices=options(KINDS), validate_choice=False)
    rows = StringField("Acara")


def read_request(form: AbsenceForm) -> tuple[Absence, Interval] | None:
    """What is asked for and when; puts a sentence at each field that cannot be read and returns None then."""
    kind = interval = None
    try:
        kind = read_kind(form.kind.data)
    except Refusal as refusal:
        refuse(form, refusal)
    try:
        interval = read_period(form)
    except Refusal as refusal:
        refuse(form, refusal)
    return (kind, interval) if kind is not None and interval is not None else None


def read_kind(text: str | None) -> Absence:
    """Refuses (NeedKind) what is none."""
    try:
        return Absence(text or "")
    except ValueError as error:
        raise NeedKind from error


def read_period(form: AbsenceForm) -> Interval:
    """The typed days and hours as instants. Refuses (WrongPeriod) at the field that cannot be read."""
    first = read_date(form.first.data)
    if first is None:
        raise WrongPeriod("Isi tanggal mulai, misalnya 30/11/2026.", field="first")
    last = read_date(form.last.data) if (form.last.data or "").strip() else first
    if last is None:
        raise WrongPeriod("Isi tanggal akhir seperti 30/11/2026, atau kosongkan untuk satu hari.", field="last")
    try:
        part = Part(form.part.data or "")
    except ValueError as error:
        raise WrongPeriod("Pilih bagian hari.", field="part") from error
    return period(first, last, part, read_time(form.starts.data), read_time(form.ends.data))


# -- what a page showed, and what it sends back -----------------------------------------------------------------


def seen(interval: Interval) -> str:
    """An interval for a hidden input: what whoever decides had before his eyes."""
    return "/".join(instant.astimezone(UTC).isoformat() for instant in (interval.starts_at, interval.ends_at))


def read_seen(text: str | None) -> Interval | None:
    """It back; None for anything else."""
    starts, _, ends = (text or "").partition("/")
    try:
        found = Interval(datetime.fromisoformat(starts), datetime.fromisoformat(ends))
    except ValueError:
        return None
    fine = all(one.tzinfo and 2000 <= one.year < 2100 for one in (found.starts_at, found.ends_at))
    return found if fine else None


def pack(event: EventIn) -> str:
    """An event for a hidden input."""
    return json.dumps([event.uid, seen(event.interval), event.title], ensure_ascii=False, separators=(",", ":"))


def unpack(text: str) -> EventIn | None:
    """It back; None for anything else."""
    try:
        uid, hours, title = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    interval = read_seen(hours) if isinstance(hours, str) else None
    texts = isinstance(uid, str) and isinstance(title, str) and 0 < len(uid) <= 200 and 0 < len(title) <= 200
    if not texts or interval is None or interval.starts_at >= interval.ends_at or not (uid + title).isprintable():
        return None
    return EventIn(uid, interval, title)


def read_rows(values: Mapping[str, str]) -> list[tuple[EventIn, bool]]:
    """The events that the page showed, each with whether it was chosen. What cannot be read is left out."""
    found = ((unpack(values.get(f"row_{n}", "")), f"take_{n}" in values) for n in range(1, MOST_SHOWN + 1))
    return [(event, is_chosen) for event, is_chosen in found if event is not None]
