"""One-time links and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import SYSTEM, staff
from fieldops.core.people.models import Person, SignInLink, StaffSession
from fieldops.core.people.rules import LINK_LIFE, LinkDead
from fieldops.kit import keys

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def add_person(session: Session, *, name: str, role: str, section: str, now: datetime) -> UUID:
    """A new member of staff, without any way to sign in yet."""
    person_id = uuid4()
    session.execute(insert(Person).values(id=person_id, name=name, role=role, section=section, is_active=True))
    audit.record(session, SYSTEM, "person.add", "person", person_id, now=now, role=role)
    return person_id


def make_link(session: Session, person_id: UUID, *, now: datetime) -> str:
    """A single-use sign-in token for a person, good for 24 hours; only its hash is kept."""
    token = keys.token()
    session.execute(
        insert(SignInLink).values(
            person_id=person_id, token_hash=keys.digest(token), made_at=now, expires_at=now + LINK_LIFE
        )
    )
    audit.record(session, SYSTEM, "link.make", "person", person_id, now=now)
    return token


def use_link(session: Session, token: str, *, now: datetime) -> str:
    """Spend a link and open a session; returns the session token for the cookie.

    One conditional UPDATE decides, so of two taps only one wins. Refuses spent, expired and unknown links alike.
    """
    person_id = session.execute(
        update(SignInLink)
        .where(
            SignInLink.token_hash == keys.digest(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
            SignInLink.person_id.in_(select(Person.id).where(Person.is_active)),
        )
        .values(used_at=now)
        .returning(SignInLink.person_id)
    ).scalar_one_or_none()
    if person_id is None:
        raise LinkDead
    session_token = keys.token()
    session.execute(
        insert(StaffSession).values(
            person_id=person_id, token_hash=keys.digest(session_token), made_at=now, seen_at=now
        )
    )
    audit.record(session, staff(person_id), "session.open", "person", person_id, now=now)
    return session_token


def end_session(session: Session, session_id: UUID, person_id: UUID, *, now: datetime) -> None:
    """Sign out: the session is dead at once, on this browser and wherever its cookie was copied to."""
    session.execute(
        update(StaffSession).where(StaffSession.id == session_id, StaffSession.ended_at.is_(None)).values(ended_at=now)
    )
    audit.record(session, staff(person_id), "session.end", "person", person_id, now=now)


def note_seen(session: Session, session_id: UUID, *, now: datetime) -> None:
    """Remember that a session is in use (called at most once in five minutes)."""
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(seen_at=now))
