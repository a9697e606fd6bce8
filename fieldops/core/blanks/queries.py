"""Reads about blank passports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from fieldops.core.blanks import rules
from fieldops.core.blanks.models import Blank, BlankMove
from fieldops.core.blanks.rules import Account, Move, MoveFact, Place, Range, State
from fieldops.core.booking.models import Applicant, Booking, BookingSession
from fieldops.core.booking.rules import State as BookingState
from fieldops.core.people.models import Person
from fieldops.kit import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date, datetime

    from sqlalchemy.orm import Session

PAGE = 50


@dataclass(frozen=True)
class OutRow:
    """Blanks that somebody has. `title` is what was written when they were issued."""

    source: str
    ref: str
    title: str
    serials: tuple[str, ...]

    @property
    def ranges(self) -> list[Range]:
        return rules.ranges(self.serials)


@dataclass(frozen=True)
class Stock:
    """How many blanks are where; used and spoiled in one calendar year of the office."""

    in_stock: int
    ranges: tuple[Range, ...]
    out: tuple[OutRow, ...]
    used: int
    spoiled: int

    @property
    def out_count(self) -> int:
        return sum(len(one.serials) for one in self.out)


def stock(session: Session, *, year: int) -> Stock:
    """What is in the office, who has what, and what `year` used and spoiled. Four queries."""
    here = session.scalars(select(Blank.serial).where(Blank.state == State.STOCK.value)).all()
    with_whom: dict[tuple[str, str], list[str]] = {}
    for row in session.execute(select(Blank.source, Blank.ref, Blank.serial).where(Blank.state == State.OUT.value)):
        with_whom.setdefault((row.source, row.ref), []).append(row.serial)
    named = titles(session, with_whom)
    out = tuple(
        OutRow(*pair, named.get(pair, ""), tuple(sorted(serials))) for pair, serials in sorted(with_whom.items())
    )
    first, until = clock.year_bounds(year)
    undone = select(BlankMove.undoes).where(BlankMove.undoes.is_not(None))
    counted = {
        row.kind: row.total
        for row in session.execute(
            select(BlankMove.kind, func.sum(BlankMove.count).label("total"))
            .where(
                BlankMove.kind.in_([Move.USE.value, Move.SPOIL.value]),
                BlankMove.day >= first,
                BlankMove.day < until,
                BlankMove.id.not_in(undone),
            )
            .group_by(BlankMove.kind)
        )
    }
    used, spoiled = (int(counted.get(kind, 0)) for kind in (Move.USE.value, Move.SPOIL.value))
    return Stock(len(here), tuple(rules.ranges(here)), out, used, spoiled)


def in_stock(session: Session) -> list[Range]:
    """What is in the office. One query."""
    return rules.ranges(session.scalars(select(Blank.serial).where(Blank.state == State.STOCK.value)))


def check_in_stock(session: Session, serials: Collection[str]) -> None:
    """Refuses (NotThere) the numbers that are not in the office, each with where it is or who has it."""
    found = places(session, serials)
    pairs = {(one.source, one.ref) for one in found.values() if one.state is State.OUT}
    rules.check_places(serials, found, rules.STOCK, titles(session, pairs))


def titles(session: Session, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What was written when blanks were last issued to these sources and refs."""
    if not pairs:
        return {}
    rows = session.execute(
        select(BlankMove.source, BlankMove.ref, BlankMove.note)
        .where(BlankMove.kind == Move.ISSUE.value, BlankMove.ref.in_({ref for _, ref in pairs}))
        .order_by(BlankMove.id)
    )
    return {(row.source, row.ref): row.note for row in rows if (row.source, row.ref) in pairs}


def booked(session: Session, *, now: datetime) -> int:
    """How many people hold a place in a session that has not begun: each will need a blank."""
    return session.execute(
        select(func.count(Applicant.id))
        .join(Booking, Booking.id == Applicant.booking_id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .where(Applicant.is_live, Booking.state == BookingState.BOOKED.value, BookingSession.starts_at > now)
    ).scalar_one()


def account(session: Session, source: str, ref: str) -> Account:
    """What became of the blanks that were issued to (source, ref). One query."""
    return rules.account(_facts(session, BlankMove.source == source, BlankMove.ref == ref))


def is_settled(session: Session, source: str, ref: str) -> bool:
    """Whether every blank that was issued to (source, ref) was used, spoiled or returned; true when none was."""
    return account(session, source, ref).is_settled


def places(session: Session, serials: Collection[str]) -> dict[str, Place]:
    """Where these blanks are; what is not known is left out."""
    rows = session.execute(select(Blank.serial, Blank.state, Blank.source, Blank.ref).where(Blank.serial.in_(serials)))
    return {row.serial: Place(State(row.state), row.source, row.ref) for row in rows}


@dataclass(frozen=True)
class MoveRow:
    """A move in a list. `is_undone` says that a later line took it back."""

    id: int
    kind: Move
    span: Range
    count: int
    source: str
    ref: str
    day: date
    note: str
    who: str
    made_at: datetime
    undoes: int | None
    is_undone: bool


def moves(session: Session, *, before: int | None = None, limit: int = PAGE) -> list[MoveRow]:
    """The latest moves first, those with an id below `before` when it is given."""
    return _moves(session, *([BlankMove.id < before] if before is not None else []), limit=limit)


def move(session: Session, move_id: int) -> MoveRow | None:
    return next(iter(_moves(session, BlankMove.id == move_id, limit=1)), None)


def history(session: Session, serial: str) -> list[MoveRow]:
    """Every move of one number, the latest first. Between two numbers of one series and width lie none of another."""
    width = func.length(BlankMove.first) == len(serial)
    return _moves(session, width, BlankMove.first <= serial, BlankMove.last >= serial, limit=200)


def _moves(session: Session, *conditions: Any, limit: int) -> list[MoveRow]:
    later = BlankMove.__table__.alias("later_move")
    rows = session.execute(
        select(BlankMove, Person.name, later.c.id)
        .join(Person, Person.id == BlankMove.made_by)
        .outerjoin(later, later.c.undoes == BlankMove.id)
        .where(*conditions)
        .order_by(BlankMove.id.desc())
        .limit(limit)
    )
    return [
        MoveRow(
            one.id,
            Move(one.kind),
            Range(one.first, one.last),
            one.count,
            one.source,
            one.ref,
            one.day,
            one.note,
            name,
            one.made_at,
            one.undoes,
            undone is not None,
        )
        for one, name, undone in rows
    ]


def later_moves(session: Session, span: Range, than: int) -> list[MoveFact]:
    """Moves after one of them that touch one of its numbers and count."""
    width = func.length(BlankMove.first) == len(span.first)
    touching = (width, BlankMove.first <= span.last, BlankMove.last >= span.first)
    return rules.effective(_facts(session, BlankMove.id > than, *touching))


def _facts(session: Session, *conditions: Any) -> list[MoveFact]:
    rows = session.execute(
        select(
            BlankMove.id,
            BlankMove.kind,
            BlankMove.first,
            BlankMove.last,
            BlankMove.source,
            BlankMove.ref,
            BlankMove.undoes,
        )
        .where(*conditions)
        .order_by(BlankMove.id)
    )
    return [
        MoveFact(row.id, Move(row.kind), Range(row.first, row.last), row.source, row.ref, row.undoes) for row in rows
    ]


def differences(session: Session) -> Iterator[str]:
    """Blanks that are not where the moves say, in words for the nightly check."""
    wanted = rules.replay(_facts(session))
    rows = session.execute(select(Blank.serial, Blank.state, Blank.source, Blank.ref))
    found = {row.serial: Place(State(row.state), row.source, row.ref) for row in rows}
    for serial in sorted(wanted.keys() | found.keys()):
        there, should = found.get(serial), wanted.get(serial)
        if there != should:
            said = (one.state.value if one else "nowhere" for one in (there, should))
            yield "blank {}: it is {}, from the moves it is {}".format(serial, *said)
