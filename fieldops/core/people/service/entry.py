"""Ways in: single-use links, the step from password to code, sessions and their end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import PUBLIC, SYSTEM, Actor, staff
from fieldops.core.credentials import queries as credentials
from fieldops.core.credentials import service as credentials_service
from fieldops.core.people.models import Person, SignInLink, StaffSession
from fieldops.core.people.rules import (
    LINK_LIFE,
    SESSION_LIFE,
    STEP_LIFE,
    LinkDead,
    Means,
    NoSignInName,
    NotYours,
    Role,
    SignInFailed,
    StepOver,
    may_help,
)
from fieldops.kit import keys
from fieldops.kit.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Entered:
    """What the browser gets: the token of a session, or of the way to the second step."""

    token: str
    needs_code: bool


@dataclass(frozen=True)
class Invitation:
    """A link that lets somebody choose a password. The token is nowhere else; `first` when he never had one."""

    person_id: UUID
    name: str
    email: str
    token: str
    expires_at: datetime
    first: bool


# -- links --------------------------------------------------------------------------------------------------------


def make_link(session: Session, person_id: UUID, *, now: datetime) -> str:
    """A single-use sign-in token for a person, good for 24 hours; only its hash is kept. Made by a command."""
    token = _make(session, person_id, "session", LINK_LIFE, now=now)
    audit.record(session, SYSTEM, "link.make", "person", person_id, now=now)
    return token


def _make(session: Session, person_id: UUID, purpose: str, life: timedelta, *, now: datetime) -> str:
    token = keys.token()
    session.execute(
        insert(SignInLink).values(
            person_id=person_id, token_hash=keys.digest(token), purpose=purpose, made_at=now, expires_at=now + life
        )
    )
    return token


def _good(token: str, purpose: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        SignInLink.token_hash == keys.digest(token),
        SignInLink.purpose == purpose,
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > now,
    )


def _owner(session: Session, token: str, purpose: str, *, now: datetime) -> UUID | None:
    """Whose link this is, with his row locked; None when it is dead or he is switched off."""
    person_id = session.scalar(select(SignInLink.person_id).where(_good(token, purpose, now)))
    return person_id if person_id is not None and lock_person(session, person_id) else None


def _spend(session: Session, token: str, purpose: str, *, now: datetime) -> UUID | None:
    """Spend a link; None when it is dead. One conditional UPDATE decides, so of two taps only one wins."""
    if _owner(session, token, purpose, now=now) is None:
        return None
    return session.execute(
        update(SignInLink).where(_good(token, purpose, now)).values(used_at=now).returning(SignInLink.person_id)
    ).scalar_one_or_none()


def lock_person(session: Session, person_id: UUID) -> bool:
    """Lock a person, and with him his links, sessions and credentials; whether he is active."""
    found = session.scalar(select(Person.is_active).where(Person.id == person_id).with_for_update())
    return bool(found)


def kill_links(session: Session, person_id: UUID, *, now: datetime) -> None:
    """No link that was made for this person works any more."""
    session.execute(
        update(SignInLink).where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None)).values(used_at=now)
    )


def use_link(session: Session, token: str, *, device: str = "", now: datetime) -> Entered:
    """Spend a sign-in link. Whoever has a second step is asked for it all the same.

    Refuses (LinkDead) spent, expired and unknown links alike.
    """
    person_id = _spend(session, token, "session", now=now)
    if person_id is None:
        raise LinkDead
    return enter(session, person_id, Means.LINK, device=device, now=now)


def invite(
    session: Session,
    person_id: UUID,
    *,
    actor_id: UUID,
    now: datetime,
    tell: Callable[[Session, Invitation], None] | None = None,
) -> Invitation:
    """A link with which a person chooses a password: the first one, or a new one when it was forgotten.

    Older links die. The password and the second step stay as they are until it is used. `tell` may put a letter into
    the same transaction. Refuses NotYours (a supervisor helps officers only), NoSignInName, NotFound.
    """
    helper = session.execute(select(Person.role).where(Person.id == actor_id, Person.is_active)).scalar_one_or_none()
    row = session.execute(
        select(Person.name, Person.role, Person.email, Person.nip)
        .where(Person.id == person_id, Person.is_active)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    if helper is None or not may_help(Role(helper), Role(row.role)):
        raise NotYours
    if not (row.email or row.nip):
        raise NoSignInName
    kill_links(session, person_id, now=now)
    token = _make(session, person_id, "password", LINK_LIFE, now=now)
    first = credentials.kept_hash(session, person_id) is None
    audit.record(session, staff(actor_id), "password.invite", "person", person_id, now=now, first=first)
    made = Invitation(person_id, row.name, row.email, token, now + LINK_LIFE, first)
    if tell is not None:
        tell(session, made)
    return made


def use_password_link(session: Session, token: str, made: str, *, device: str, now: datetime) -> Entered:
    """Spend an invitation: the hash `made` becomes the password, every other session ends, and he is in.

    A second step stays and is asked for. Refuses (LinkDead) spent, expired and unknown links alike.
    """
    person_id = _spend(session, token, "password", now=now)
    if person_id is None:
        raise LinkDead
    renew_password(session, person_id, made, now=now)
    return enter(session, person_id, Means.PASSWORD, device=device, now=now)


def renew_password(session: Session, person_id: UUID, made: str, *, now: datetime) -> None:
    """Another password: no session and no link of before works any more. The caller has locked the person."""
    credentials_service.set_password(session, person_id, made, actor=staff(person_id), now=now)
    end_all(session, person_id, actor=staff(person_id), now=now, why="password.set")
    kill_links(session, person_id, now=now)


# -- in -----------------------------------------------------------------------------------------------------------


def enter_by_password(session: Session, person_id: UUID, seen: str, *, device: str, now: datetime) -> Entered:
    """The password fitted the hash `seen`. Refuses (SignInFailed) when either the hash or the person is gone since."""
    if not lock_person(session, person_id) or credentials.kept_hash(session, person_id) != seen:
        raise SignInFailed
    return enter(session, person_id, Means.PASSWORD, device=device, now=now)


def enter(session: Session, person_id: UUID, means: Means, *, device: str, now: datetime) -> Entered:
    """The first proof was right: a session, or for whoever has a second step the way to it."""
    if credentials.has_second_step(session, person_id):
        return Entered(_make(session, person_id, "step", STEP_LIFE, now=now), needs_code=True)
    return Entered(open_session(session, person_id, means, device=device, now=now), needs_code=False)


def enter_by_passkey(
    session: Session,
    person_id: UUID,
    credential_id: bytes,
    *,
    seen: int,
    count: int,
    challenge: bytes,
    device: str,
    now: datetime,
) -> str | None:
    """A passkey signed `challenge`: the token of a session, both steps at once. None when the person is switched off,
    the passkey is gone, or either was used meanwhile: a challenge signs in once."""
    if not lock_person(session, person_id):
        return None
    mark = keys.digest(challenge.hex())
    if session.scalar(select(StaffSession.id).where(StaffSession.challenge_hash == mark)) is not None:
        return None
    if not credentials_service.use_passkey(session, credential_id, seen=seen, count=count, now=now):
        return None
    return open_session(session, person_id, Means.PASSKEY, device=device, challenge_hash=mark, now=now)


def finish_step(session: Session, token: str, typed: str, *, device: str, now: datetime) -> str | None:
    """The second step: the token of a session, or None when the code is wrong (and the way stays open).

    Refuses StepOver, and WrongCode for what cannot be a code.
    """
    person_id = _owner(session, token, "step", now=now)
    if person_id is None:
        raise StepOver
    if not credentials_service.spend_code(session, person_id, typed, actor=staff(person_id), now=now):
        return None
    if _spend(session, token, "step", now=now) is None:
        raise StepOver
    return open_session(session, person_id, Means.TWO_STEP, device=device, now=now)


def open_session(
    session: Session,
    person_id: UUID,
    means: Means,
    *,
    device: str,
    now: datetime,
    challenge_hash: str | None = None,
) -> str:
    """A new session with a fresh token, which only the cookie holds."""
    token = keys.token()
    session.execute(
        insert(StaffSession).values(
            person_id=person_id,
            token_hash=keys.digest(token),
            made_at=now,
            seen_at=now,
            proved_at=now,
            means=means.value,
            device=device,
            challenge_hash=challenge_hash,
        )
    )
    audit.record(session, staff(person_id), "session.open", "person", person_id, now=now, means=means.value)
    return token


def refused(session: Session, person_id: UUID | None, why: str, *, now: datetime) -> None:
    """Note that somebody could not sign in. Whom he wanted to be is noted when it is somebody."""
    audit.record(session, PUBLIC, "session.refuse", "person", person_id or "-", now=now, why=why)


PERSONS = frozenset({"code of", "proof"})
"""Limits that count a person, by his id. The others count what was typed, or an address."""


def limited(session: Session, what: str, who: str, *, now: datetime) -> None:
    """Note that a limit on tries stopped somebody. A person stands there by his id, anything else as a keyed hash."""
    if what in PERSONS:
        audit.record(session, PUBLIC, "session.limit", "person", who, now=now, what=what)
    else:
        audit.record(
            session, PUBLIC, "session.limit", "throttle", keys.keyed_hash("limit", who)[:32], now=now, what=what
        )


def note_seen(session: Session, session_id: UUID, *, now: datetime) -> None:
    """Remember that a session is in use (called at most once in five minutes)."""
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(seen_at=now))


def note_proved(session: Session, session_id: UUID, *, now: datetime) -> None:
    """Remember that he proved once more who he is."""
    session.execute(update(StaffSession).where(StaffSession.id == session_id).values(proved_at=now))


# -- out ----------------------------------------------------------------------------------------------------------


def end_session(session: Session, session_id: UUID, person_id: UUID, *, now: datetime) -> None:
    """Sign out: the session is dead at once, on this browser and wherever its cookie was copied to."""
    end_one(session, session_id, person_id, actor=staff(person_id), now=now)


def end_one(session: Session, session_id: UUID, person_id: UUID, *, actor: Actor, now: datetime) -> None:
    """End one session of a person; one that is over stays over. A session of somebody else is not found."""
    ended = session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.person_id == person_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(StaffSession.id)
    ).one_or_none()
    if ended is not None:
        audit.record(session, actor, "session.end", "person", person_id, now=now)


def end_all(
    session: Session, person_id: UUID, *, actor: Actor, now: datetime, why: str, but: UUID | None = None
) -> int:
    """End every session of a person (but one); gives how many."""
    ended = session.scalars(
        update(StaffSession)
        .where(
            StaffSession.person_id == person_id,
            StaffSession.ended_at.is_(None),
            StaffSession.id != (but or UUID(int=0)),
        )
        .values(ended_at=now)
        .returning(StaffSession.id)
    ).all()
    if ended:
        audit.record(session, actor, "session.end-all", "person", person_id, now=now, why=why, sessions=len(ended))
    return len(ended)


KEPT = timedelta(days=90)
"""So long the rows of dead links and ended sessions stay: who came in when, if somebody asks. Then the log has it."""


def forget(session: Session, *, now: datetime) -> int:
    """Delete sign-in links that died and sessions that ended more than `KEPT` ago; gives how many.

    A session that nobody ended is over at `SESSION_LIFE` at the latest. The second time changes nothing.
    """
    before = now - KEPT
    links = session.scalars(delete(SignInLink).where(SignInLink.expires_at < before).returning(SignInLink.id)).all()
    over = or_(StaffSession.ended_at < before, StaffSession.made_at < before - SESSION_LIFE)
    sessions = session.scalars(delete(StaffSession).where(over).returning(StaffSession.id)).all()
    if links or sessions:
        counts = {"links": len(links), "sessions": len(sessions)}
        audit.record(session, SYSTEM, "session.forget", "session", "-", now=now, **counts)
    return len(links) + len(sessions)
