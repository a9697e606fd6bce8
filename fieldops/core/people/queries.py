"""Reads about staff."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, or_, select

from fieldops.core.audit.models import AuditEntry
from fieldops.core.people.models import PeopleImport, Person, PersonCompetence, SignInLink, StaffSession
from fieldops.core.people.rules import GRANTS, SESSION_LIFE, Competence, Me, Means, Role
from fieldops.core.people.rules.facts import Facts
from fieldops.core.people.rules.sheet import Known, Line
from fieldops.kit import keys

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

PAGE = 50


@dataclass(frozen=True)
class PersonRow:
    id: UUID
    name: str
    role: Role
    section: str


# -- who is signed in ---------------------------------------------------------------------------------------------


def signed_in(session: Session, token: str, *, now: datetime) -> tuple[Me, datetime] | None:
    """Whoever holds this session token and when he was last seen; None when ended, too old, idle or inactive."""
    row = session.execute(
        select(
            StaffSession.id,
            StaffSession.made_at,
            StaffSession.seen_at,
            StaffSession.means,
            StaffSession.proved_at,
            Person.id,
            Person.name,
            Person.role,
        )
        .join(Person, Person.id == StaffSession.person_id)
        .where(StaffSession.token_hash == keys.digest(token), StaffSession.ended_at.is_(None), Person.is_active)
    ).one_or_none()
    if row is None:
        return None
    session_id, made_at, seen_at, means, proved_at, person_id, name, role = row
    if not _is_live(Role(role), made_at, seen_at, now):
        return None
    me = Me(id=person_id, name=name, role=Role(role), session_id=session_id, means=Means(means), proved_at=proved_at)
    return me, seen_at


def _is_live(role: Role, made_at: datetime, seen_at: datetime, now: datetime) -> bool:
    return now < made_at + SESSION_LIFE and now < seen_at + role.idle


@dataclass(frozen=True)
class SessionRow:
    """A signed-in browser, for the page of its owner and for administrators."""

    id: UUID
    device: str
    means: Means
    made_at: datetime
    seen_at: datetime


def live_sessions(session: Session, person_id: UUID, role: Role, *, now: datetime) -> list[SessionRow]:
    """The browsers in which this person is signed in, the newest use first."""
    rows = session.execute(
        select(StaffSession.id, StaffSession.device, StaffSession.means, StaffSession.made_at, StaffSession.seen_at)
        .where(
            StaffSession.person_id == person_id,
            StaffSession.ended_at.is_(None),
            StaffSession.made_at > now - SESSION_LIFE,
        )
        .order_by(StaffSession.seen_at.desc(), StaffSession.id)
    )
    return [
        SessionRow(row.id, row.device, Means(row.means), row.made_at, row.seen_at)
        for row in rows
        if _is_live(role, row.made_at, row.seen_at, now)
    ]


def link_person(session: Session, token: str, *, now: datetime, purpose: str = "session") -> PersonRow | None:
    """Whom a link would sign in, without spending it; None when it is dead."""
    row = session.execute(
        select(Person.id, Person.name, Person.role, Person.section)
        .join(SignInLink, SignInLink.person_id == Person.id)
        .where(
            SignInLink.token_hash == keys.digest(token),
            SignInLink.purpose == purpose,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
            Person.is_active,
        )
    ).one_or_none()
    return None if row is None else PersonRow(row.id, row.name, Role(row.role), row.section)


def by_sign_in_name(session: Session, kind: str, value: str) -> UUID | None:
    """The active person with this e-mail or NIP."""
    column = Person.nip if kind == "nip" else Person.email
    return session.scalar(select(Person.id).where(column == value, Person.is_active, column != ""))


# -- who works here -----------------------------------------------------------------------------------------------


def active_people(session: Session) -> list[PersonRow]:
    """All active staff by name."""
    rows = session.execute(
        select(Person.id, Person.name, Person.role, Person.section).where(Person.is_active).order_by(Person.name)
    )
    return [PersonRow(row.id, row.name, Role(row.role), row.section) for row in rows]


def people_who_may(session: Session, permission: str) -> set[UUID]:
    """Active people whose role has this permission. One query."""
    roles = [role.value for role, granted in GRANTS.items() if permission in granted]
    return set(session.scalars(select(Person.id).where(Person.is_active, Person.role.in_(roles))))


def names(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    """Names of people by id, for pages that say who did it."""
    if not ids:
        return {}
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}


@dataclass(frozen=True)
class Member:
    """A member of staff with everything that is written about him."""

    id: UUID
    facts: Facts
    is_active: bool
    revision: int
    changed_at: datetime | None = None
    changed_by: str = ""

    @property
    def name(self) -> str:
        return self.facts.name


@dataclass(frozen=True)
class Wanted:
    """What the list is asked for. An empty text asks for all."""

    text: str = ""
    section: str = ""
    role: str = ""
    competence: str = ""
    active: str = "yes"
    page: int = 1


@dataclass(frozen=True)
class Found:
    """One page of the list, and how many there are in all."""

    people: list[Member] = field(default_factory=list)
    total: int = 0


def people(session: Session, wanted: Wanted) -> Found:
    """Staff as asked for, by name, fifty at a time. Three queries."""
    where = []
    if wanted.text:
        text = wanted.text
        where.append(
            or_(
                Person.name.icontains(text, autoescape=True),
                Person.email.icontains(text, autoescape=True),
                Person.nip.contains("".join(text.split()), autoescape=True),
            )
        )
    if wanted.section:
        where.append(Person.section == wanted.section)
    if wanted.role:
        where.append(Person.role == wanted.role)
    if wanted.competence:
        holders = select(PersonCompetence.person_id).where(PersonCompetence.competence == wanted.competence)
        where.append(Person.id.in_(holders))
    if wanted.active in {"yes", "no"}:
        where.append(Person.is_active.is_(wanted.active == "yes"))
    total = session.scalar(select(func.count()).select_from(Person).where(*where)) or 0
    rows = session.scalars(
        select(Person).where(*where).order_by(Person.name, Person.id).limit(PAGE).offset((wanted.page - 1) * PAGE)
    ).all()
    return Found(_members(session, rows), total)


def person(session: Session, person_id: UUID) -> Member | None:
    """One person, with the name of whoever changed him last. Three queries."""
    row = session.get(Person, person_id)
    if row is None:
        return None
    who = names(session, {row.changed_by}) if row.changed_by else {}
    return _members(session, [row], who)[0]


def _members(session: Session, rows: Iterable[Person], who: dict[UUID, str] | None = None) -> list[Member]:
    rows = list(rows)
    held: dict[UUID, set[Competence]] = {row.id: set() for row in rows}
    if rows:
        for found in session.execute(
            select(PersonCompetence.person_id, PersonCompetence.competence).where(PersonCompetence.person_id.in_(held))
        ):
            held[found.person_id].add(Competence(found.competence))
    return [
        Member(
            row.id,
            Facts(row.name, Role(row.role), row.section, row.nip, row.rank, row.email, frozenset(held[row.id])),
            row.is_active,
            row.revision,
            row.changed_at,
            (who or {}).get(row.changed_by, "") if row.changed_by else "",
        )
        for row in rows
    ]


def sections(session: Session) -> list[str]:
    """The sections that somebody is in."""
    rows = session.scalars(select(Person.section).where(Person.section != "").distinct().order_by(Person.section))
    return list(rows)


@dataclass(frozen=True)
class Trace:
    """One line of the audit log about a person."""

    at: datetime
    action: str
    who: str
    detail: dict[str, Any]


def traces(session: Session, person_id: UUID, *, limit: int = 20) -> list[Trace]:
    """What was done to this person's entry and ways in, the newest first. Two queries."""
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.action, AuditEntry.actor_id, AuditEntry.detail)
        .where(AuditEntry.object_kind == "person", AuditEntry.object_id == str(person_id))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    ).all()
    who = names(session, {row.actor_id for row in rows if row.actor_id})
    return [Trace(row.at, row.action, who.get(row.actor_id, ""), row.detail) for row in rows]


# -- sheets -------------------------------------------------------------------------------------------------------


def known_people(session: Session) -> list[Known]:
    """Everybody, active or not, as a sheet is compared with. Two queries."""
    rows = session.scalars(
        select(Person).order_by(Person.name, Person.id).execution_options(populate_existing=True)
    ).all()
    return [Known(one.id, one.facts, one.is_active) for one in _members(session, rows)]


def lines_of(found: PeopleImport) -> list[Line]:
    """The rows of a sheet as they were read."""
    return [
        Line(row["number"], {column: (cell[0], cell[1]) for column, cell in row["cells"].items()}) for row in found.rows
    ]


@dataclass(frozen=True)
class ImportRow:
    """One import, for its page and for the list."""

    id: UUID
    state: str
    ignored: list[str]
    lines: list[Line]
    new: int
    changed: int
    made_by: UUID
    who: str
    made_at: datetime
    done_at: datetime | None
    undone_at: datetime | None


def one_import(session: Session, import_id: UUID) -> ImportRow | None:
    """One import with its rows. Two queries."""
    found = session.get(PeopleImport, import_id)
    return None if found is None else _import_row(found, names(session, {found.made_by}))


def last_imports(session: Session, *, limit: int = 10) -> list[ImportRow]:
    """The imports that were run, the newest first. Two queries."""
    rows = session.scalars(
        select(PeopleImport).where(PeopleImport.state != "read").order_by(PeopleImport.made_at.desc()).limit(limit)
    ).all()
    who = names(session, {row.made_by for row in rows})
    return [_import_row(row, who) for row in rows]


def _import_row(found: PeopleImport, who: dict[UUID, str]) -> ImportRow:
    new = sum(one["before"] is None for one in found.done)
    return ImportRow(
        found.id,
        found.state,
        list(found.columns),
        lines_of(found),
        new,
        len(found.done) - new,
        found.made_by,
        who.get(found.made_by, ""),
        found.made_at,
        found.done_at,
        found.undone_at,
    )
