"""The shape of a service day as typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import Form, SelectField, StringField, TextAreaField

from fieldops.kit.forms import read_number, read_time
from fieldops.weekend.rules import Release, SessionPlan, wrong_sessions

if TYPE_CHECKING:
    from fieldops.weekend.queries import Template

ROWS = 8
_PARTS = ("starts", "ends", "public", "priority", "walk_in")


class DayForm(Form):
    """A service day: place, lead, release times. The session rows are read by `read_sessions`."""

    site = SelectField("Tempat", choices=[], validate_choice=False)
    lead = SelectField("Penanggung jawab (opsional)", choices=[], validate_choice=False)
    opens_days_before = StringField("Dibuka berapa hari sebelumnya")
    opens_at = StringField("Jam buka pendaftaran (WITA)")
    closes_hours_before = StringField("Ditutup berapa jam sebelum sesi")
    rolls_hours_before = StringField("Kursi prioritas dilepas berapa jam sebelum sesi")
    override_reason = TextAreaField("Alasan tetap buka pada hari libur")


def defaults(template: Template) -> dict[str, str]:
    """What the form holds before anything is typed."""
    values = {
        "opens_days_before": str(template.release.opens_days_before),
        "opens_at": f"{template.release.opens_at:%H.%M}",
        "closes_hours_before": str(template.release.closes_hours_before),
        "rolls_hours_before": str(template.release.rolls_hours_before),
    }
    for n, plan in enumerate(template.sessions, 1):
        numbers = (plan.seats_public, plan.seats_priority, plan.seats_walk_in)
        texts = (f"{plan.starts:%H.%M}", f"{plan.ends:%H.%M}", *map(str, numbers))
        values |= {f"{part}_{n}": text for part, text in zip(_PARTS, texts, strict=True)}
    return values


def rows(values: Any) -> list[dict[str, str]]:
    """The session rows as typed, always `ROWS` of them."""
    return [{part: values.get(f"{part}_{n}", "") for part in _PARTS} for n in range(1, ROWS + 1)]


def read_sessions(values: Any) -> tuple[list[SessionPlan], list[tuple[str, str]]]:
    """The typed sessions, empty rows left out, and what is wrong in them: (id of the input, sentence), row by row."""
    plans: dict[int, SessionPlan] = {}
    wrong: dict[str, str] = {}
    for n, row in enumerate(rows(values), 1):
        if not any(text.strip() for text in row.values()):
            continue
        times = {part: read_time(row[part]) for part in _PARTS[:2]}
        seats = {part: read_number(row[part] or "0") for part in _PARTS[2:]}
        told = {
            f"{part}_{n}": f"Baris {n}: tulis jam {'mulai' if part == 'starts' else 'selesai'} seperti 08.00."
            for part, at in times.items()
            if at is None
        }
        told |= {
            f"{part}_{n}": f"Baris {n}: jumlah kursi ditulis dengan angka."
            for part, number in seats.items()
            if number is None
        }
        if not told:
            plans[n] = SessionPlan(*times.values(), *seats.values())  # type: ignore[arg-type]
        wrong |= told
    if plans or not wrong:
        for refusal in wrong_sessions(list(plans.values())):
            at = next((n for n, plan in plans.items() if plan is refusal.plan), None)
            wrong[f"{refusal.part}_{at}" if at else "sessions"] = refusal.sentence
    inputs = ["sessions", *(f"{part}_{n}" for n in range(1, ROWS + 1) for part in _PARTS)]
    return list(plans.values()), [(one, wrong[one]) for one in inputs if one in wrong]


def read_release(form: DayForm) -> Release | None:
    """The release times; puts a sentence at each field that cannot be read and returns None then."""
    opens_at = read_time(form.opens_at.data or "")
    if opens_at is None:
        form.opens_at.errors = ["Tulis jam seperti 08.00."]
    numbers = []
    for field, most in ((form.opens_days_before, 60), (form.closes_hours_before, 72), (form.rolls_hours_before, 72)):
        number = read_number(field.data or "")
        if number is None or number > most:
            field.errors = [f"Tulis angka antara 0 dan {most}."]
        numbers.append(number)
    if opens_at is None or any(field.errors for field in form):
        return None
    days, closes, rolls = (number or 0 for number in numbers)
    return Release(days, opens_at, closes, rolls)
