"""Forms: WTForms for the shape of input, and what every page needs to show what is wrong.

A form key is made when the form is drawn; the same key always gives the same result (docs/decisions/0004-keys.md).
"""

from __future__ import annotations

import re
import uuid
from datetime import date, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from wtforms import Form, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from fieldops.kit.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def new_key() -> str:
    """A key for one form or one tap."""
    return str(uuid.uuid4())


def read_key(typed: str | None) -> str | None:
    """The canonical form of a key that came back, or None when it is no key of ours."""
    try:
        return str(uuid.UUID(typed or ""))
    except ValueError:
        return None


def read_time(text: str | None) -> time | None:
    """07.30, 7.30 or 07:30 as a time of day."""
    found = re.fullmatch(r"(\d{1,2})[.:](\d{2})", (text or "").strip(), re.ASCII)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def read_number(text: str) -> int | None:
    """A whole number of at most four digits, zero or more."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def read_date(text: str | None) -> date | None:
    """2026-11-30 as browsers send it, or 30/11/2026, 30-11-2026, 30.11.2026 as people type it; years 2000 to 2099."""
    text = (text or "").strip()
    typed = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text, re.ASCII)
    sent = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text, re.ASCII)
    parts = typed.groups()[::-1] if typed else sent.groups() if sent else None
    if parts is None or not parts[0].startswith("20"):
        return None
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None


def read_id(text: str | None) -> UUID | None:
    """The id of a row, or None when it is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


class Read(StringField):
    """A text field read by a rule: what was typed stays in `data`, what was understood is in `value`."""

    def __init__(self, label: str, reader: Callable[[str], Any], **keywords: Any) -> None:
        super().__init__(label, **keywords)
        self.reader = reader
        self.value: Any = None

    def pre_validate(self, form: Form) -> None:
        try:
            self.value = self.reader(self.data or "")
        except Refusal as refusal:
            raise StopValidation(refusal.sentence) from refusal


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Choices of a radio or select field from (value, words)."""
    return [SelectChoice(value=value, label=words) for value, words in pairs]


def refuse(form: Form, refusal: Refusal) -> list[tuple[str | None, str]]:
    """Put a refusal at its field, or at the top when it has none; returns the list for the summary."""
    field = form._fields.get(refusal.field or "")
    if field is not None:
        field.errors = [*field.errors, refusal.sentence]
        return summary(form)
    return [(None, refusal.sentence), *summary(form)]


def summary(form: Form) -> list[tuple[str | None, str]]:
    """All complaints in the order of the fields: (id of the input, sentence)."""
    return [(field.id, str(error)) for field in form for error in field.errors]
