"""Reads about staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from fieldops.core.people.models import Person, SignInLink, StaffSession
from fieldops.core.people.rules import SESSION_LIFE, Me, Role
from fieldops.kit import keys

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class PersonRow:
    id: UUID
    name: str
    role: Role
    section: str


def signed_in(session: Session, token: str, *, now: datetime) -> tuple[Me, datetime] | None:
    """Whoever holds this session token and when he was last seen; None when ended, too old, idle or inactive."""
    row = session.execute(
        select(StaffSession.id, StaffSession.made_at, StaffSession.seen_at, Person.id, Person.name, Person.role)
        .join(Person, Person.id == StaffSession.person_id)
        .where(StaffSession.token_hash == keys.digest(token), StaffSession.ended_at.is_(None), Person.is_active)
    ).one_or_none()
    if row is None:
        return None
    session_id, made_at, seen_at, person_id, name, role = row
    if now >= made_at + SESSION_LIFE or now >= seen_at + Role(role).idle:
        return None
    return Me(id=person_id, name=name, role=Role(role), session_id=session_id), seen_at


def link_person(session: Session, token: str, *, now: datetime) -> PersonRow | None:
    """Whom a link would sign in, without spending it; None when it is dead."""
    row = session.execute(
        select(Person.id, Person.name, Person.role, Person.section)
        .join(SignInLink, SignInLink.person_id == Person.id)
        .where(
            SignInLink.token_hash == keys.digest(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
            Person.is_active,
        )
    ).one_or_none()
    return None if row is None else PersonRow(row.id, row.name, Role(row.role), row.section)


def active_people(session: Session) -> list[PersonRow]:
    """All active staff by name."""
    rows = session.execute(
        select(Person.id, Person.name, Person.role, Person.section).where(Person.is_active).order_by(Person.name)
    )
    return [PersonRow(row.id, row.name, Role(row.role), row.section) for row in rows]


def names(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    """Names of people by id, for pages that say who did it."""
    if not ids:
        return {}
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}
