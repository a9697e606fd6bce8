"""Pages that only show cannot write: the database itself refuses, on both kinds."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from fieldops.core.people.models import Person
from fieldops.kit.db import reading


@pytest.mark.parametrize(
    "write",
    [
        text("update people_person set name = 'x'"),
        update(Person.__table__).values(name="x"),
        update(Person).values(name="x"),
    ],
    ids=["text", "table", "object"],
)
def test_a_reader_writes_nothing(office: Any, write: Any) -> None:
    with reading() as session:
        before = session.scalars(select(Person.name)).all()
    with reading() as session, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        session.execute(write)
    with reading() as session:
        assert session.scalars(select(Person.name)).all() == before
