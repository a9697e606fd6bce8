"""Reads of letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from fieldops.core.letters import rules
from fieldops.core.letters.models import Letter
from fieldops.core.letters.rules import Kind, State
from fieldops.core.people.models import Person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class LetterRow:
    """One version of a letter, without its content."""

    id: UUID
    kind: Kind
    year: int
    number: int
    version: int
    official_number: str
    day: date
    source: str
    ref: str
    subject: str
    state: State
    token: str
    issued_by: str
    issued_at: datetime
    voided_at: datetime | None
    void_reason: str

    @property
    def register_number(self) -> str:
        return rules.register_number(self.kind, self.number, self.year)

    @property
    def is_valid(self) -> bool:
        return self.state is State.ISSUED


@dataclass(frozen=True)
class LetterFull:
    """A version with all that stands in it."""

    row: LetterRow
    content: dict[str, Any]


_COLUMNS = (
    *(Letter.id, Letter.kind, Letter.year, Letter.number, Letter.version, Letter.official_number, Letter.day),
    *(Letter.source, Letter.ref, Letter.subject, Letter.state, Letter.token),
    Person.name.label("issued_by"),
    *(Letter.issued_at, Letter.voided_at, Letter.void_reason),
)
_ROWS = select(*_COLUMNS).join(Person, Person.id == Letter.issued_by)


def _row(found: Any) -> LetterRow:
    parts = dict(found._mapping) | {"kind": Kind(found.kind), "state": State(found.state)}
    parts.pop("content", None)
    return LetterRow(**parts)


def letter(session: Session, letter_id: UUID) -> LetterFull | None:
    """A version by its id, with its content. One query."""
    found = session.execute(_ROWS.add_columns(Letter.content).where(Letter.id == letter_id)).one_or_none()
    return LetterFull(_row(found), found.content) if found is not None else None


def letters_of(session: Session, source: str, ref: str) -> list[LetterRow]:
    """All versions of the letters of a (source, ref), the newest first. One query."""
    where = (Letter.source == source, Letter.ref == ref)
    rows = session.execute(_ROWS.where(*where).order_by(Letter.kind, Letter.version.desc()))
    return [_row(one) for one in rows]


def current(session: Session, source: str, ref: str, kind: Kind = Kind.ASSIGNMENT) -> LetterFull | None:
    """The letter in force of a (source, ref), or None. One query."""
    where = (Letter.source == source, Letter.ref == ref, Letter.kind == kind, Letter.state == State.ISSUED)
    found = session.execute(_ROWS.add_columns(Letter.content).where(*where)).one_or_none()
    return LetterFull(_row(found), found.content) if found is not None else None


def register_of(session: Session, year: int) -> list[list[LetterRow]]:
    """The register of a year: each number with its versions, the newest number and version first. One query."""
    rows = session.execute(
        _ROWS.where(Letter.year == year).order_by(Letter.kind, Letter.number.desc(), Letter.version.desc())
    )
    numbers: dict[tuple[Kind, int], list[LetterRow]] = {}
    for one in map(_row, rows):
        numbers.setdefault((one.kind, one.number), []).append(one)
    return list(numbers.values())


def years(session: Session) -> list[int]:
    """The years that have letters, the newest first."""
    return list(session.scalars(select(Letter.year).group_by(Letter.year).order_by(Letter.year.desc())))


def versions(session: Session, row: LetterRow) -> list[LetterRow]:
    """All versions of this letter, the newest first. One query."""
    where = (Letter.kind == row.kind, Letter.year == row.year, Letter.number == row.number)
    return [_row(one) for one in session.execute(_ROWS.where(*where).order_by(Letter.version.desc()))]


@dataclass(frozen=True)
class Verdict:
    """What is to be said about a printed version: in force, replaced or cancelled."""

    letter: LetterFull
    versions: tuple[LetterRow, ...]

    @property
    def row(self) -> LetterRow:
        return self.letter.row

    @property
    def replaced_by(self) -> LetterRow | None:
        """The version that took its place at that moment; None when it is in force, or was cancelled first."""
        after = (one for one in self.versions if one.version == self.row.version + 1)
        return next((one for one in after if one.issued_at == self.row.voided_at), None)

    @property
    def in_force(self) -> LetterRow | None:
        """The version that counts now."""
        return next((one for one in self.versions if one.is_valid), None)


def verdict(session: Session, token: str) -> Verdict | None:
    """What the code on a letter stands for. Two queries."""
    found = session.execute(_ROWS.add_columns(Letter.content).where(Letter.token == token)).one_or_none()
    if found is None:
        return None
    row = _row(found)
    return Verdict(LetterFull(row, found.content), tuple(versions(session, row)))


def is_stale(letter: LetterFull, content: Mapping[str, Any]) -> bool:
    """Whether a letter says something else than `content` (as `Assignment.stored()` gives it) would say today."""
    return not rules.same_content(letter.content, content)
