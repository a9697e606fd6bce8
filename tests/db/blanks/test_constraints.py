"""What the database itself refuses about blanks, whatever the code above it does."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from fieldops.core.blanks.models import Blank, BlankMove
from fieldops.kit.db import transaction, violated
from tests.make import NOW, Office


def blank(**changes: Any) -> dict[str, Any]:
    return {"serial": "X1234567", "state": "stock", "changed_at": NOW} | changes


def move(who: UUID, **changes: Any) -> dict[str, Any]:
    row = {"kind": "receipt", "first": "X1234567", "last": "X1234567", "count": 1, "day": NOW.date()}
    return row | {"form_key": str(uuid4()), "made_by": who, "made_at": NOW} | changes


# name: (model, rows, columns that SQLite names)
BROKEN: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "pk_blanks_blank": (Blank, lambda w: [blank(), blank(state="used")], ("blanks_blank.serial",)),
    "ck_blanks_blank_state": (Blank, lambda w: [blank(state="hilang")], ()),
    "ck_blanks_blank_out_with_somebody": (Blank, lambda w: [blank(state="out")], ()),
    "ck_blanks_move_kind": (BlankMove, lambda w: [move(w, kind="hilang")], ()),
    "ck_blanks_move_count": (BlankMove, lambda w: [move(w, count=0)], ()),
    "ck_blanks_move_undoes": (BlankMove, lambda w: [move(w, kind="undo")], ()),
    "uq_blanks_move_undoes": (
        BlankMove,
        lambda w: [move(w, id=70), move(w, kind="undo", undoes=70), move(w, kind="undo", undoes=70)],
        ("blanks_move.undoes",),
    ),
    "uq_blanks_move_form_key": (
        BlankMove,
        lambda w: [move(w, form_key="k"), move(w, form_key="k")],
        ("blanks_move.form_key",),
    ),
}


def put_in(model: Any, *rows: dict[str, Any]) -> None:
    with transaction() as session:
        for row in rows:
            session.execute(insert(model).values(row))


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_database_refuses_what_no_code_may_write(office: Office, name: str) -> None:
    model, rows, columns = BROKEN[name]
    with pytest.raises(IntegrityError) as refused:
        put_in(model, *rows(office["tu"]))
    assert violated(refused.value, name, *columns), str(refused.value.orig)
