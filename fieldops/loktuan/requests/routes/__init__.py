"""HTTP of requests. `public`: ask, follow, withdraw; `office`: look, answer, enter for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, request

from fieldops.core.files.routes import LARGEST_REQUEST, letter_in
from fieldops.core.places import queries as places
from fieldops.kit.errors import Refusal
from fieldops.kit.forms import options, read_key
from fieldops.loktuan.requests import forms

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from fieldops.core.files.rules import Upload
    from fieldops.loktuan.requests.rules import RequestFacts

Errors = list[tuple[str | None, str]]


def take_files() -> None:
    """This request may bring a letter; two thousand names are some 200 kB of text beside it."""
    request.max_content_length = LARGEST_REQUEST
    request.max_form_memory_size = 512 * 1024


def sent_key() -> str:
    key = read_key(request.form.get("key"))
    if key is None:
        abort(422)
    return key


def sent() -> tuple[forms.RequestForm, RequestFacts | None, Upload | None]:
    """The form with all complaints at their fields, what was understood, and the letter when one came."""
    form = forms.RequestForm(request.form)
    facts = forms.read_request(form)
    letter, refusal = None, None
    try:
        letter = letter_in("letter")
    except Refusal as found:
        refusal, facts = found, None
    forms.put_at_letter(form, refusal, was_sent=bool(letter))
    return form, facts, letter


def fill_areas(form: forms.RequestForm, session: Session) -> None:
    areas = places.areas(session, level="kecamatan")
    form.area.choices = options([("", "Pilih kecamatan"), *((one.code, places.area_label(one)) for one in areas)])
