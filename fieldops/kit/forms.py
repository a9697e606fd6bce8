"""Forms: WTForms for the shape of input, and what every page needs to show what is wrong.

A form key is made when the form is drawn; the same key always gives the same result (docs/decisions/0004-keys.md).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

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
