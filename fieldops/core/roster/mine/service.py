"""A person's own calendar address and wishes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import staff
from fieldops.core.people.models import Person
from fieldops.core.roster.models import Feed, Wish
from fieldops.kit import keys

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session


def open_feed(session: Session, person_id: UUID, *, now: datetime) -> str:
    """A new private calendar address; gives its token, which is kept only as a hash. The old one is dead.

    Locks the person.
    """
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update()).one()
    close_feed(session, person_id, now=now)
    token = keys.token()
    session.execute(insert(Feed).values(person_id=person_id, token_hash=keys.digest(token), made_at=now))
    audit.record(session, staff(person_id), "feed.open", "person", person_id, now=now)
    return token


def close_feed(session: Session, person_id: UUID, *, now: datetime) -> None:
    """The address stops working at once, on every device. The second time changes nothing."""
    gone = session.execute(
        update(Feed).where(Feed.person_id == person_id, Feed.revoked_at.is_(None)).values(revoked_at=now)
    )
    if gone.rowcount:  # type: ignore[attr-defined]
        audit.record(session, staff(person_id), "feed.close", "person", person_id, now=now)


def feed_since(session: Session, person_id: UUID) -> datetime | None:
    """Since when a person's address works; None when there is none."""
    return session.execute(
        select(Feed.made_at).where(Feed.person_id == person_id, Feed.revoked_at.is_(None))
    ).scalar_one_or_none()


def feed_person(session: Session, token: str) -> UUID | None:
    """Whose calendar this is; None for revoked and unknown tokens and for people who have left."""
    return session.execute(
        select(Feed.person_id)
        .join(Person, Person.id == Feed.person_id)
        .where(Feed.token_hash == keys.digest(token), Feed.revoked_at.is_(None), Person.is_active)
    ).scalar_one_or_none()


def wish(session: Session, person_id: UUID, day: date, wants: bool | None) -> None:
    """Note that somebody would like to work on a day, would rather not, or (None) no longer says."""
    session.execute(delete(Wish).where(Wish.person_id == person_id, Wish.day == day))
    if wants is not None:
        session.execute(insert(Wish).values(person_id=person_id, day=day, wants=wants))


def wishes(session: Session, person_id: UUID, first: date, last: date) -> dict[date, bool]:
    """What somebody has said about these days. One query."""
    rows = session.scalars(select(Wish).where(Wish.person_id == person_id, Wish.day >= first, Wish.day <= last))
    return {row.day: row.wants for row in rows}
