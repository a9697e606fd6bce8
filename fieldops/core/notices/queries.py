"""Reads of notices: the inbox of one person, and the outbox for whoever keeps the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Uuid, func, literal, select, tuple_

from fieldops.core.notices.models import Notice, Preference
from fieldops.core.notices.rules import COUNTED, MailState
from fieldops.core.people.models import Person
from fieldops.kit.db import UTCDateTime
from fieldops.kit.errors import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.sql import Select

PAGE = 50


@dataclass(frozen=True)
class NoticeRow:
    id: UUID
    title: str
    body: str
    link: str
    made_at: datetime
    is_read: bool


@dataclass(frozen=True)
class Inbox:
    """A page of the inbox, newest first. `older` is the notice after which the next page begins."""

    rows: tuple[NoticeRow, ...]
    older: UUID | None


@dataclass(frozen=True)
class MailWish:
    """Where a person's mail would go, and whether the person wants it."""

    address: str
    by_mail: bool


@dataclass(frozen=True)
class MailRow:
    """A mail that is not out yet, without what it says."""

    id: UUID
    name: str
    made_at: datetime
    state: MailState
    tries: int
    next_at: datetime | None
    error: str


@dataclass(frozen=True)
class Outbox:
    """What stands in the outbox: how many, and the first of those that went wrong."""

    waiting: int
    failed: int
    given_up: int
    troubled: tuple[MailRow, ...]


def unread(session: Session, person_id: UUID) -> int:
    """How many notices a person has not read, counted up to COUNTED. One query on a partial index."""
    some = select(Notice.id).where(Notice.person_id == person_id, Notice.read_at.is_(None)).limit(COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def inbox(session: Session, person_id: UUID, *, before: UUID | None = None) -> Inbox:
    """A page of a person's notices; `before` is the last one of the page before. One query, two with `before`.

    Refuses (NotFound) a `before` that is not this person's.
    """
    asked = _notices(person_id).order_by(Notice.made_at.desc(), Notice.id.desc()).limit(PAGE + 1)
    if before is not None:
        at = session.scalar(select(Notice.made_at).where(Notice.id == before, Notice.person_id == person_id))
        if at is None:
            raise NotFound
        here = tuple_(literal(at, UTCDateTime()), literal(before, Uuid()))
        asked = asked.where(tuple_(Notice.made_at, Notice.id) < here)
    rows = tuple(NoticeRow(*row) for row in session.execute(asked))
    return Inbox(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def notice(session: Session, person_id: UUID, notice_id: UUID) -> NoticeRow | None:
    """One notice of this person; None when there is none, or it is somebody else's."""
    row = session.execute(_notices(person_id).where(Notice.id == notice_id)).one_or_none()
    return None if row is None else NoticeRow(*row)


def _notices(person_id: UUID) -> Select[UUID, str, str, str, datetime, bool]:
    return select(Notice.id, Notice.title, Notice.body, Notice.link, Notice.made_at, Notice.read_at.is_not(None)).where(
        Notice.person_id == person_id
    )


def mail_wish(session: Session, person_id: UUID) -> MailWish:
    """Where this person's mail goes. One query."""
    row = session.execute(
        select(Person.email, func.coalesce(Preference.by_mail, True))
        .outerjoin(Preference, Preference.person_id == Person.id)
        .where(Person.id == person_id)
    ).one()
    return MailWish(row[0], bool(row[1]))


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether any mail may be tried now. One query on a partial index, so that a quiet minute writes nothing."""
    return session.scalar(select(Notice.id).where(Notice.mail_next_at <= now).limit(1)) is not None


def is_queued(session: Session) -> bool:
    """Whether any mail waits, due or not."""
    return session.scalar(select(Notice.id).where(Notice.mail_next_at.is_not(None)).limit(1)) is not None


def outbox(session: Session) -> Outbox:
    """What waits, failed and was given up. Four queries on partial indexes."""
    states = {
        row[0]: row[1]
        for row in session.execute(
            select(Notice.mail_state, func.count()).where(Notice.mail_next_at.is_not(None)).group_by(Notice.mail_state)
        )
    }
    given_up = Notice.mail_state == literal(MailState.GIVEN_UP.value, literal_execute=True)
    count = session.scalar(select(func.count()).select_from(Notice).where(given_up)) or 0
    asked = select(
        Notice.id,
        Person.name,
        Notice.made_at,
        Notice.mail_state,
        Notice.mail_tries,
        Notice.mail_next_at,
        Notice.mail_error,
    ).join(Person, Person.id == Notice.person_id)
    tried = (Notice.mail_next_at.is_not(None), Notice.mail_state == MailState.FAILED.value)
    rows = [
        *session.execute(asked.where(given_up).order_by(Notice.made_at.desc()).limit(PAGE)),
        *session.execute(asked.where(*tried).order_by(Notice.mail_next_at).limit(PAGE)),
    ]
    troubled = tuple(MailRow(row[0], row[1], row[2], MailState(row[3]), *row[4:]) for row in rows)
    return Outbox(states.get(MailState.WAITING, 0), states.get(MailState.FAILED, 0), count, troubled)
