"""Adding and changing people, switching them off and on. Nobody is deleted (but see `imports.undo`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import SYSTEM, Actor, staff
from fieldops.core.people.models import Person, PersonCompetence
from fieldops.core.people.rules import (
    ChangedMeanwhile,
    Competence,
    EmailTaken,
    NipTaken,
    NoAdminAnyMore,
    OwnAccount,
    OwnRole,
    Role,
)
from fieldops.core.people.rules.facts import Facts
from fieldops.core.people.service import entry
from fieldops.kit import clock
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound
from fieldops.kit.indonesian import date_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

_TEXTS = ("name", "section", "nip", "rank", "email")


def add_person(
    session: Session,
    *,
    name: str,
    role: str,
    section: str = "",
    nip: str = "",
    rank: str = "",
    email: str = "",
    competences: Iterable[Competence] = (),
    actor: Actor = SYSTEM,
    now: datetime,
) -> UUID:
    """A new member of staff, without any way to sign in yet. Refuses NipTaken, EmailTaken."""
    person_id = uuid4()
    values = {"name": name, "role": str(role), "section": section, "nip": nip, "rank": rank, "email": email}
    with _taken():
        session.execute(
            insert(Person).values(
                id=person_id, is_active=True, revision=1, changed_at=now, changed_by=actor.person_id, **values
            )
        )
    _put_competences(session, person_id, frozenset(competences))
    audit.record(session, actor, "person.add", "person", person_id, now=now, role=str(role))
    return person_id


def add(session: Session, facts: Facts, *, actor_id: UUID, now: datetime) -> UUID:
    """The same by an administrator. Locks the active administrators; refuses NoAdminAnyMore too."""
    lock(session, actor_id)
    return add_person(session, **vars(facts), actor=staff(actor_id), now=now)


def change(session: Session, person_id: UUID, facts: Facts, *, revision: int, actor_id: UUID, now: datetime) -> bool:
    """Write what a form holds; False when it is what is there already. Another role or e-mail ends his sessions.

    Locks the active administrators and the person. Refuses ChangedMeanwhile (the form is of an older revision),
    OwnRole, NipTaken, EmailTaken, NoAdminAnyMore, NotFound.
    """
    person = lock(session, actor_id, person_id)
    if person.revision != revision:
        raise _changed_meanwhile(session, person)
    return put(session, person, facts, actor_id=actor_id, now=now)


def put(session: Session, person: Person, facts: Facts, *, actor_id: UUID, now: datetime) -> bool:
    """Write facts of a locked person; False when nothing differs. Refuses OwnRole, NipTaken, EmailTaken."""
    if person.id == actor_id and facts.role != person.role:
        raise OwnRole
    before = competences_of(session, person.id)
    changed = [name for name in _TEXTS if getattr(person, name) != getattr(facts, name)]
    if facts.competences != before:
        changed.append("competences")
    detail: dict[str, Any] = {}
    if facts.role != person.role:
        changed.append("role")
        detail = {"before": person.role, "after": facts.role.value}
    if not changed:
        return False
    values = {name: getattr(facts, name) for name in _TEXTS}
    with _taken():
        session.execute(
            update(Person)
            .where(Person.id == person.id)
            .values(role=facts.role.value, revision=Person.revision + 1, changed_at=now, changed_by=actor_id, **values)
        )
    if "competences" in changed:
        session.execute(delete(PersonCompetence).where(PersonCompetence.person_id == person.id))
        _put_competences(session, person.id, facts.competences)
    actor = staff(actor_id)
    audit.record(session, actor, "person.change", "person", person.id, now=now, fields=sorted(changed), **detail)
    if {"role", "email"} & set(changed) and person.id != actor_id:
        entry.end_all(session, person.id, actor=actor, now=now, why="person.change")
        entry.kill_links(session, person.id, now=now)
    return True


def set_active(session: Session, person_id: UUID, active: bool, *, actor_id: UUID, now: datetime) -> None:
    """Switch somebody off or on; the same twice. Off ends his sessions and links at once.

    Locks the active administrators and the person. Refuses OwnAccount, NoAdminAnyMore, NotFound. Nobody switches
    himself off, so an active administrator is always left.
    """
    person = lock(session, actor_id, person_id)
    if person_id == actor_id and not active:
        raise OwnAccount
    if person.is_active == active:
        return
    session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(is_active=active, revision=Person.revision + 1, changed_at=now, changed_by=actor_id)
    )
    actor = staff(actor_id)
    audit.record(session, actor, "person.activate" if active else "person.deactivate", "person", person_id, now=now)
    if not active:
        entry.end_all(session, person_id, actor=actor, now=now, why="person.deactivate")
        entry.kill_links(session, person_id, now=now)


def lock(session: Session, actor_id: UUID, person_id: UUID | None = None) -> Person:
    """Lock all active administrators and one person, in the order of their ids; gives the person (or the actor).

    So two administrators who switch each other off do it one after the other, and the second is told that he is none
    any more. Refuses NoAdminAnyMore, and NotFound when there is no such person.
    """
    wanted = person_id or actor_id
    found = lock_all(session, actor_id, {wanted})
    if wanted not in found:
        raise NotFound
    return found[wanted]


def lock_all(session: Session, actor_id: UUID, ids: set[UUID]) -> dict[UUID, Person]:
    """Lock all active administrators and these people by id; gives them by id. Refuses NoAdminAnyMore."""
    people = session.scalars(
        select(Person)
        .where(((Person.role == Role.ADMIN.value) & Person.is_active) | Person.id.in_(ids))
        .order_by(Person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    actor = next((one for one in people if one.id == actor_id), None)
    if actor is None or not actor.is_active or actor.role != Role.ADMIN:
        raise NoAdminAnyMore
    return {one.id: one for one in people}


def competences_of(session: Session, person_id: UUID) -> frozenset[Competence]:
    """What is written down about one person."""
    rows = session.scalars(select(PersonCompetence.competence).where(PersonCompetence.person_id == person_id))
    return frozenset(Competence(one) for one in rows)


def facts_of(session: Session, person: Person) -> Facts:
    """All that is written about a person."""
    texts = {name: getattr(person, name) for name in _TEXTS}
    return Facts(role=Role(person.role), competences=competences_of(session, person.id), **texts)


def _put_competences(session: Session, person_id: UUID, competences: frozenset[Competence]) -> None:
    if competences:
        rows = [{"person_id": person_id, "competence": one.value} for one in sorted(competences)]
        session.execute(insert(PersonCompetence), rows)


def _changed_meanwhile(session: Session, person: Person) -> ChangedMeanwhile:
    """Says who was faster, and when."""
    who = None
    if person.changed_by is not None:
        who = session.scalar(select(Person.name).where(Person.id == person.changed_by))
    if person.changed_at is None:
        return ChangedMeanwhile()
    when = date_time(person.changed_at, clock.ZONE, clock.ZONE_NAME)
    return ChangedMeanwhile(
        f"Data orang ini baru saja diubah{f' oleh {who}' if who else ''} ({when}). "
        "Periksa isian di bawah, lalu simpan lagi bila masih benar."
    )


class _taken:  # noqa: N801 (used as a block)
    """A unique NIP or e-mail that is there already becomes a refusal."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, IntegrityError):
            return
        if violated(error, "uq_people_person_nip", "people_person.nip"):
            raise NipTaken from error
        if violated(error, "uq_people_person_email", "people_person.email"):
            raise EmailTaken from error
