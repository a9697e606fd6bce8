"""Telling people, reading, and the outbox of mail. What leaves the house leaves after the commit: the worker sends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import SYSTEM
from fieldops.core.notices import rules
from fieldops.core.notices.models import Notice, Preference
from fieldops.core.notices.rules import Letter, MailState
from fieldops.core.people.models import Person
from fieldops.core.people.rules import Role
from fieldops.kit import clock
from fieldops.kit.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor

_BATCH = 500
_OPEN = (MailState.WAITING.value, MailState.FAILED.value)


def tell(
    session: Session,
    person_ids: Iterable[UUID],
    *,
    kind: str,
    title: str,
    body: str,
    link: str,
    key: str,
    now: datetime,
    by_mail: bool = True,
) -> int:
    """Tell people one fact in the caller's transaction; returns how many heard it now.

    `key` names the fact, as `roster:2026-11-28:3` (what, which, which revision): who was told under it already is not
    told again. `link` is a path of the staff pages. Who is not active, or does not exist, is left out. A mail waits
    for the worker when the person has an address and wants mail; `by_mail=False` tells in the inbox only.

    Locks nothing itself, but until the commit PostgreSQL keeps others from locking the rows of the told people (as
    `promise_person` does), so call it last. It writes in the order of the people's ids; call it in that order too
    when each of several people is told something else. Refuses (BadNotice) a link elsewhere, an empty title or
    key.
    """
    said = rules.text(kind=kind, title=title, body=body, link=link, key=key)
    people = session.execute(
        select(Person.id, Person.email, func.coalesce(Preference.by_mail, True))
        .outerjoin(Preference, Preference.person_id == Person.id)
        .where(Person.id.in_(set(person_ids)), Person.is_active)
        .order_by(Person.id)
    ).all()
    if not people:
        return 0
    rows = []
    for person_id, address, wanted in people:
        mailed = bool(by_mail and address and wanted)
        rows.append(
            {
                "id": uuid4(),
                "person_id": person_id,
                "key": said.key,
                "kind": said.kind,
                "title": said.title,
                "body": said.body,
                "link": said.link,
                "made_at": now,
                "read_at": None,
                "mail_state": (MailState.WAITING if mailed else MailState.NONE).value,
                "mail_tries": 0,
                "mail_next_at": now if mailed else None,
                "mail_error": "",
            }
        )
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    added = dialect.insert(cast("Table", Notice.__table__)).values(rows)
    added = added.on_conflict_do_nothing(index_elements=["person_id", "key"])
    return len(session.execute(added.returning(Notice.id)).all())


def mark_read(session: Session, person_id: UUID, notice_id: UUID, *, now: datetime) -> str:
    """Mark a notice of this person as read; returns its link. Twice changes nothing. Refuses (NotFound) another's."""
    own = (Notice.id == notice_id, Notice.person_id == person_id)
    link = session.scalar(select(Notice.link).where(*own))
    if link is None:
        raise NotFound
    session.execute(update(Notice).where(*own, Notice.read_at.is_(None)).values(read_at=now))
    return link


def mark_all_read(session: Session, person_id: UUID, *, until: datetime, now: datetime) -> None:
    """Mark all that this person was told up to `until` as read: what came after the page was drawn stays unread."""
    session.execute(
        update(Notice)
        .where(Notice.person_id == person_id, Notice.read_at.is_(None), Notice.made_at <= until)
        .values(read_at=now)
    )


def choose_mail(session: Session, person_id: UUID, *, by_mail: bool, actor: Actor, now: datetime) -> None:
    """Switch a person's mail on or off. Off also holds back what waits; the inbox stays as it is."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    chosen = {"by_mail": by_mail, "changed_at": now}
    session.execute(
        dialect.insert(cast("Table", Preference.__table__))
        .values(person_id=person_id, **chosen)
        .on_conflict_do_update(index_elements=["person_id"], set_=chosen)
    )
    audit.record(session, actor, "notices.mail", "person", person_id, now=now, by_mail=by_mail)


# -- the outbox: only the worker calls these, each in a short transaction of its own


def claim(session: Session, *, now: datetime) -> Letter | None:
    """Take the mail that is due longest, for the time of a lease; None when nothing is due.

    On the way it closes what is not to be sent any more: the person has no address, wants no mail or is not active;
    the last try ended without an answer. Locks the notice and skips those that another worker has in hand.
    """
    while True:
        row = session.execute(
            select(Notice.id, Notice.person_id, Notice.title, Notice.body, Notice.mail_tries, Notice.made_at)
            .where(Notice.mail_next_at <= now)
            .order_by(Notice.mail_next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        person = session.execute(
            select(Person.name, Person.email, Person.is_active, func.coalesce(Preference.by_mail, True))
            .outerjoin(Preference, Preference.person_id == Person.id)
            .where(Person.id == row.person_id)
        ).one()
        if not (person.email and person.is_active and person[3]):
            _close(session, row.id, MailState.NONE)
        elif row.mail_tries > len(rules.DELAYS):
            _give_up(session, row.id, "interrupted", now=now)
        else:
            tries = row.mail_tries + 1
            session.execute(
                update(Notice).where(Notice.id == row.id).values(mail_tries=tries, mail_next_at=now + rules.LEASE)
            )
            return Letter(row.id, person.name, person.email, row.title, row.body, tries, row.made_at)


def mark_sent(session: Session, letter: Letter) -> None:
    """The mail is out."""
    _close(session, letter.notice_id, MailState.SENT)


def mark_failed(session: Session, letter: Letter, error: str, *, permanent: bool, now: datetime) -> bool:
    """The mail did not go out: try again later, or give up at once when it was refused for good; True when given up.

    `error` is a class of rules.error_words, with the code of the answer. Changes nothing when the mail was taken
    again meanwhile.
    """
    wait = None if permanent else rules.next_try(letter.tries)
    mine = select(Notice.id).where(
        Notice.id == letter.notice_id, Notice.mail_tries == letter.tries, Notice.mail_state.in_(_OPEN)
    )
    if session.scalar(mine.with_for_update()) is None:
        return False
    if wait is None:
        _give_up(session, letter.notice_id, error, now=now)
        return True
    session.execute(
        update(Notice)
        .where(Notice.id == letter.notice_id)
        .values(mail_state=MailState.FAILED.value, mail_next_at=now + wait, mail_error=error)
    )
    return False


def _close(session: Session, notice_id: UUID, state: MailState, error: str = "") -> None:
    session.execute(
        update(Notice).where(Notice.id == notice_id).values(mail_state=state.value, mail_next_at=None, mail_error=error)
    )


def _give_up(session: Session, notice_id: UUID, error: str, *, now: datetime) -> None:
    """Give up one mail, and tell the administrators once a day, in the inbox only: their mail may fail as well."""
    _close(session, notice_id, MailState.GIVEN_UP, error)
    admins = session.scalars(select(Person.id).where(Person.role == Role.ADMIN.value, Person.is_active)).all()
    tell(
        session,
        admins,
        kind="mail.given-up",
        title="Ada email yang tidak terkirim",
        body="Sebabnya tertulis di halaman Email keluar. Orangnya tetap melihat pemberitahuan di FieldOps.",
        link="/admin/mail",
        key=f"mail.given-up:{clock.office_day(now)}",
        now=now,
        by_mail=False,
    )


def drop_mail(session: Session) -> int:
    """Mail is off on this server: nothing waits any more, so that switching it on later floods nobody."""
    done = session.execute(
        update(Notice)
        .where(Notice.mail_next_at.is_not(None))
        .values(mail_state=MailState.NONE.value, mail_next_at=None, mail_error="")
        .returning(Notice.id)
    )
    return len(done.all())


# -- for whoever keeps the server


def send_again(session: Session, notice_id: UUID | None, *, actor: Actor, now: datetime) -> int:
    """Let the worker try at once: one mail that failed or was given up, or with None all of them; returns how many.

    A mail that was given up gets all its tries again. Refuses (NotFound) a mail that is sent, waits or was none.
    """
    this = [] if notice_id is None else [Notice.id == notice_id]
    given_up, again = MailState.GIVEN_UP.value, {"mail_next_at": now}
    count = 0
    for state, values in (
        (given_up, {**again, "mail_state": MailState.WAITING.value, "mail_tries": 0}),
        (MailState.FAILED.value, again),
    ):
        changed = update(Notice).where(Notice.mail_state == state, *this).values(values).returning(Notice.id)
        count += len(session.execute(changed).all())
    if notice_id is not None and count == 0:
        raise NotFound
    audit.record(session, actor, "mail.again", "notice", notice_id or "-", now=now, count=count)
    return count


def erase_old(session: Session, *, now: datetime, days: int) -> int:
    """Erase notices that are older than `days` and were read, or whose person is not active any more; returns how
    many, at most a batch. Unread ones of the others stay."""
    gone = select(Person.id).where(Person.is_active.is_(False))
    old = session.scalars(
        select(Notice.id)
        .where(
            Notice.made_at < now - timedelta(days=days),
            or_(Notice.read_at.is_not(None), Notice.person_id.in_(gone)),
        )
        .limit(_BATCH)
    ).all()
    if old:
        session.execute(delete(Notice).where(Notice.id.in_(old)))
        audit.record(session, SYSTEM, "notices.erase", "notice", "-", now=now, count=len(old))
    return len(old)
