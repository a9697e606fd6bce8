"""What must be true after a race, and who takes part in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from fieldops import check
from fieldops.core.booking.models import Applicant, Booking, Seat
from fieldops.core.people import service as people
from fieldops.kit.db import reading
from tests.make import NOW, made, make_link
from tests.races.visitors import Browser

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from fieldops.core.people.rules import Role
    from tests.server import Server


def all_is_well() -> None:
    """All invariants hold."""
    problems = check.problems()
    assert not problems, problems[:5]


def check_is_green(server: Server) -> None:
    """`fieldops check`, the command."""
    checked = server.run("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def people_of(session: Session, session_id: UUID, *states: str) -> list[UUID]:
    """Live people of a session whose booking is in one of these states."""
    return list(
        session.scalars(
            select(Applicant.id)
            .join(Booking, Booking.id == Applicant.booking_id)
            .where(Booking.session_id == session_id, Booking.state.in_(states), Applicant.is_live)
        )
    )


def seats_of(session: Session, session_id: UUID, *, taken: bool | None = None) -> int:
    """How many seats a session has, all or the taken ones."""
    seats = list(session.scalars(select(Seat.applicant_id).where(Seat.session_id == session_id)))
    return len(seats) if taken is None else sum((one is not None) == taken for one in seats)


def count(table: Any, *where: Any) -> int:
    """Rows of a table, read afresh."""
    with reading() as session:
        return session.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def sign_in(server: Server, person_id: UUID, address: str = "10.99.0.1") -> Browser:
    """A browser in which this person has signed in with a link."""
    token = made(make_link, person_id)
    browser = Browser(server.staff, address)
    shown = browser.get(f"/sign-in/{token}")
    assert shown.status == 200, shown.sentence
    used = browser.post(f"/sign-in/{token}", {})
    assert used.status == 303, used.sentence
    return browser


def staff_of(role: Role, how_many: int) -> list[UUID]:
    """New members of staff."""
    return [
        made(people.add_person, name=f"{role.label} {n}", role=role, section="Verdokim", now=NOW)
        for n in range(1, how_many + 1)
    ]
