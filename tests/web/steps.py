"""The way from a poster to a ticket by HTTP, one step at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from fieldops.core.booking.models import Booking
from fieldops.kit import db
from fieldops.schema import Model
from tests import cast
from tests.cast import PersonIn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.client import Answer, Client
    from tests.make import Day

SQLITE = pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
"""For what happens before or after the database: one kind is enough."""


def typed(people: Sequence[PersonIn] | PersonIn = cast.SITI, phone: str = cast.SITI_PHONE) -> dict[str, str]:
    """What people type on the data page."""
    if isinstance(people, PersonIn):
        people = (people,)
    values = {"phone": phone}
    for n, who in enumerate(people, 1):
        values |= {f"name_{n}": who.name, f"nik_{n}": who.nik, f"service_{n}": who.service.value, f"help_{n}": who.help}
    return values


def data_page(client: Client, day: Day, *, session: int = 0, people: int = 1, pool: str = "umum") -> Answer:
    """P1 sent: the empty data page."""
    first = client.get("booking.page_show", code=day.page_code, **({"pool": pool} if pool != "umum" else {}))
    return client.submit(first, {"session": day.sessions[session], "people": people})


def check_page(client: Client, day: Day, values: Mapping[str, Any] | None = None, **options: Any) -> Answer:
    """P2 sent: the check page."""
    return client.follow(client.submit(data_page(client, day, **options), values or typed()))


def ticket_page(client: Client, day: Day, values: Mapping[str, Any] | None = None, **options: Any) -> Answer:
    """P3 sent: the ticket."""
    return client.follow(client.submit(check_page(client, day, values, **options)))


def token_of(answer: Answer) -> str:
    """The owner's token in an address of /T/ or /D/."""
    return answer.path.split("/")[2]


def bookings() -> list[Booking]:
    with db.reading() as session:
        return list(session.scalars(select(Booking).order_by(Booking.made_at)))


def count(model: type[Any], **equal: Any) -> int:
    """How many rows of a table have these values."""
    with db.reading() as session:
        return len(session.scalars(select(model).filter_by(**equal)).all())


def dump() -> dict[str, list[str]]:
    """Every row of every table as text; when somebody was last seen is left out."""
    with db.reading() as session:
        return {
            table.name: sorted(
                repr(tuple(row))
                for row in session.execute(
                    select(*[one for one in table.columns if (table.name, one.name) != ("people_session", "seen_at")])
                )
            )
            for table in Model.metadata.sorted_tables
        }
