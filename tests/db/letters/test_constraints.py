"""What the database itself refuses about letters, whatever the code above it does."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from fieldops.core.letters.models import Letter
from fieldops.core.people.rules import Role
from fieldops.kit.db import transaction, violated
from tests.make import NOW, Office


def letter(who: UUID, **changes: Any) -> dict[str, Any]:
    row = {"kind": "surat-tugas", "year": 2026, "number": 1, "version": 1, "day": date(2026, 3, 1), "source": "test"}
    row |= {"ref": "1", "subject": "x", "content": {}, "state": "issued", "token": str(uuid4())[:26]}
    return row | {"form_key": str(uuid4()), "issued_by": who, "issued_at": NOW} | changes


# name: (rows made of a person, columns that SQLite names)
BROKEN: dict[str, tuple[Any, tuple[str, ...]]] = {
    "ck_letters_letter_state": (lambda w: [letter(w, state="lain")], ()),
    "ck_letters_letter_voided": (lambda w: [letter(w, state="void")], ()),
    "ck_letters_letter_number": (lambda w: [letter(w, version=0)], ()),
    "uq_letters_letter_number": (
        lambda w: [letter(w), letter(w, ref="2")],
        ("letters_letter.number", "letters_letter.version"),
    ),
    "uq_letters_letter_valid": (
        lambda w: [letter(w), letter(w, number=2)],
        ("letters_letter.source", "letters_letter.ref"),
    ),
    "uq_letters_letter_token": (
        lambda w: [letter(w, token="a"), letter(w, token="a", ref="2", number=2)],
        ("letters_letter.token",),
    ),
    "uq_letters_letter_form_key": (
        lambda w: [letter(w, form_key="a"), letter(w, form_key="a", ref="2", number=2)],
        ("letters_letter.form_key",),
    ),
}


def put_in(*rows: dict[str, Any]) -> None:
    with transaction() as session:
        for row in rows:
            session.execute(insert(Letter).values(row))


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_database_refuses_what_no_code_may_write(clock, office: Office, name: str) -> None:
    rows, columns = BROKEN[name]
    with pytest.raises(IntegrityError) as refused:
        put_in(*rows(office[Role.TU]))
    assert violated(refused.value, name, *columns), str(refused.value.orig)


def test_a_void_letter_leaves_room_for_the_next_version(clock, office: Office) -> None:
    who = office[Role.TU]
    put_in(letter(who, state="void", voided_at=NOW), letter(who, version=2))
