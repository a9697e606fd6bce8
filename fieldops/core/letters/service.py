"""Issuing letters: numbers, versions, and what makes a letter void.

Order of locks: the counter of a kind and year, then the versions of one letter. The counter is locked for a new version
too: so the first letter of a trip and its second cannot be made at the same time. A number is taken in the transaction
that writes its letter; when that rolls back, the number is free again. So the register has no gaps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.letters import rules
from fieldops.core.letters.documents import Assignment
from fieldops.core.letters.models import Letter, LetterCounter
from fieldops.core.letters.rules import Kind, State
from fieldops.kit import keys
from fieldops.kit.db import violated
from fieldops.kit.errors import Stale

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor


@dataclass(frozen=True)
class Issued:
    """A version of a letter that was issued."""

    id: UUID
    number: int
    version: int
    year: int


def issue(
    session: Session,
    *,
    kind: Kind,
    day: date,
    source: str,
    ref: str,
    subject: str,
    content: dict[str, Any],
    official_number: str,
    form_key: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Issued:
    """Issue the letter of a (source, ref), or a new version of it; `day` is the letter's date at the office.

    The first letter takes the next number of its year. Another content, subject or official number makes the next
    version with the same number and year; the version before becomes void, with `reason` or "Diganti versi n". The
    same holds after `void`: whoever is sent after all gets a new version, not a new number. An empty official number
    keeps the one that the letter has. The same form key gives the same letter. `content` is what
    `Assignment.stored()` gives; `subject` is shown to whoever scans the code, so it names nobody.

    Locks the counter, then the letter's versions. Refuses a letter that sends nobody (NobodySent), an official number
    of other signs (WrongNumber), a letter that says what the one in force says (NothingChanged), and a form key of
    another letter (AlreadySent). Two at once in two years, or with one form key, end in Stale for the second.
    """
    official_number = rules.read_official_number(official_number)
    if not Assignment.read(content).crew:
        raise rules.NobodySent
    content = json.loads(json.dumps(content))  # as it comes back, so that a tuple is no change
    _lock_counter(session, kind, day.year)
    known = session.execute(select(Letter).where(Letter.form_key == form_key)).scalar_one_or_none()
    if known is not None:
        if (known.kind, known.source, known.ref) != (kind, source, ref):
            raise rules.AlreadySent
        return Issued(known.id, known.number, known.version, known.year)
    last = _last(session, kind, source, ref)
    if last is None:
        made = Issued(uuid4(), _next(session, kind, day.year), 1, day.year)
    else:
        official_number = official_number or last.official_number
        said = (last.subject, last.official_number) == (subject, official_number)
        if last.state == State.ISSUED and said and rules.same_content(last.content, content):
            raise rules.NothingChanged
        made = Issued(uuid4(), last.number, last.version + 1, last.year)
        if last.state == State.ISSUED:
            words = rules.read_void_reason(reason or f"Diganti {rules.version_text(made.version)}")
            _end(session, last.id, words, actor=actor, now=now)
    values = {"kind": kind, "day": day, "source": source, "ref": ref, "subject": subject, "content": content}
    _insert(session, made, values | {"official_number": official_number, "form_key": form_key}, actor=actor, now=now)
    return made


def void(
    session: Session, *, source: str, ref: str, reason: str, actor: Actor, now: datetime, kind: Kind | None = None
) -> int:
    """Make the letters in force of a (source, ref) void, of one kind or of all; how many there were.

    The number stays used and the letter stays in the register. None in force is no error, so twice is once. Locks the
    letters with all their versions; a very first letter that is issued at the same moment it does not see, so whoever
    cancels a trip locks the trip before. Refuses no reason, or one that is too long (NeedReason, LongReason).
    """
    words = rules.read_void_reason(reason)
    where = [Letter.source == source, Letter.ref == ref]
    if kind is not None:
        where.append(Letter.kind == kind)
    # Whoever is about to issue the next version holds the last one. Wait for him first, then look what is in force.
    session.execute(select(Letter.id).where(*where).order_by(Letter.id).with_for_update()).all()
    found = session.scalars(select(Letter.id).where(*where, Letter.state == State.ISSUED).with_for_update()).all()
    for letter_id in found:
        _end(session, letter_id, words, actor=actor, now=now)
    return len(found)


def set_official_number(session: Session, letter_id: UUID, typed: str, *, actor: Actor, now: datetime) -> None:
    """Note the office's own number on a letter that was issued without one; the same number twice is once.

    Locks the letter. Refuses a letter that nobody has (NoLetter), one that is void (NotInForce), none or a wrong
    number (WrongNumber), and a letter that has another one: that is printed (NumberStands).
    """
    number = rules.read_official_number(typed)
    query = select(Letter.state, Letter.official_number).where(Letter.id == letter_id).with_for_update()
    letter = session.execute(query).one_or_none()
    if letter is None:
        raise rules.NoLetter
    if letter.state != State.ISSUED:
        raise rules.NotInForce
    if not number:
        raise rules.WrongNumber
    if letter.official_number == number:
        return
    if letter.official_number:
        raise rules.NumberStands
    session.execute(update(Letter).where(Letter.id == letter_id).values(official_number=number))
    audit.record(session, actor, "letter.number", "letter", letter_id, now=now)


def _lock_counter(session: Session, kind: Kind, year: int) -> None:
    """The counter's row, made if it is the first letter of the year, and locked."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(LetterCounter).values(kind=kind, year=year, last=0)
    session.execute(row.on_conflict_do_nothing(index_elements=["kind", "year"]))
    of_year = (LetterCounter.kind == kind, LetterCounter.year == year)
    session.execute(select(LetterCounter.last).where(*of_year).with_for_update()).one()


def _next(session: Session, kind: Kind, year: int) -> int:
    """The next number, under the lock of the counter."""
    counted = (
        update(LetterCounter)
        .where(LetterCounter.kind == kind, LetterCounter.year == year)
        .values(last=LetterCounter.last + 1)
        .returning(LetterCounter.last)
    )
    return session.execute(counted).scalar_one()


def _last(session: Session, kind: Kind, source: str, ref: str) -> Letter | None:
    """The newest version of a letter, void or not, locked."""
    return session.scalars(
        select(Letter)
        .where(Letter.kind == kind, Letter.source == source, Letter.ref == ref)
        .order_by(Letter.version.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _end(session: Session, letter_id: UUID, reason: str, *, actor: Actor, now: datetime) -> None:
    changes = {"state": State.VOID, "voided_at": now, "void_reason": reason}
    session.execute(update(Letter).where(Letter.id == letter_id).values(**changes))
    audit.record(session, actor, "letter.void", "letter", letter_id, now=now)


def _insert(session: Session, made: Issued, values: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    try:
        session.execute(
            insert(Letter).values(
                **values,
                id=made.id,
                year=made.year,
                number=made.number,
                version=made.version,
                state=State.ISSUED,
                token=keys.token(),
                issued_by=actor.person_id,
                issued_at=now,
                void_reason="",
            )
        )
    except IntegrityError as error:
        at_once = (
            violated(error, "uq_letters_letter_valid", "letters_letter.kind", "letters_letter.ref"),
            violated(error, "uq_letters_letter_number", "letters_letter.number", "letters_letter.version"),
            violated(error, "uq_letters_letter_form_key", "letters_letter.form_key"),
        )
        if any(at_once):
            raise Stale from error
        raise
    numbers = {"number": made.number, "version": made.version, "year": made.year}
    audit.record(session, actor, "letter.issue", "letter", made.id, now=now, **numbers)
