"""The writes about blank passports. Each is one move of a range of numbers, whole or not at all.

All of them lock the blanks by serial number, look at where each is, and refuse (NotThere) with the numbers that are
elsewhere. The same form key again changes nothing and gives the same move. Days are the office's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.blanks import queries, rules
from fieldops.core.blanks.models import Blank, BlankMove
from fieldops.core.blanks.rules import Move, Place, Range, State
from fieldops.kit import clock
from fieldops.kit.db import violated
from fieldops.kit.errors import Stale

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor


def receive(
    session: Session, first: str, last: str, *, day: date, note: str, form_key: str, actor: Actor, now: datetime
) -> int:
    """Blanks came from the regional office; `note` is the document's number. Gives the move's id.

    Refuses numbers that were received before, wherever they are now.
    """
    return _move(session, Move.RECEIPT, first, last, day=day, note=note, form_key=form_key, actor=actor, now=now)


def issue(
    session: Session,
    first: str,
    last: str,
    *,
    source: str,
    ref: str,
    title: str,
    day: date,
    form_key: str,
    actor: Actor,
    now: datetime,
) -> int:
    """A trip takes blanks along; `title` says which, to whoever asks for the same numbers. Gives the move's id.

    Refuses numbers that are not in the office, with who has them.
    """
    who = {"source": source, "ref": ref}
    return _move(session, Move.ISSUE, first, last, **who, day=day, note=title, form_key=form_key, actor=actor, now=now)


def give_back(
    session: Session,
    first: str,
    last: str,
    *,
    source: str,
    ref: str,
    day: date,
    form_key: str,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> int:
    """Blanks come back unused. Refuses numbers that (source, ref) does not have. Gives the move's id."""
    who = {"source": source, "ref": ref}
    return _move(session, Move.RETURN, first, last, **who, day=day, note=note, form_key=form_key, actor=actor, now=now)


def use(
    session: Session,
    first: str,
    last: str,
    *,
    day: date,
    form_key: str,
    actor: Actor,
    now: datetime,
    source: str = "",
    ref: str = "",
    note: str = "",
) -> int:
    """Blanks became passports: those that (source, ref) has, or those in the office when it is not given. Refuses
    numbers that are elsewhere. Gives the move's id."""
    who = {"source": source, "ref": ref}
    return _move(session, Move.USE, first, last, **who, day=day, note=note, form_key=form_key, actor=actor, now=now)


def spoil(
    session: Session,
    first: str,
    last: str,
    *,
    day: date,
    reason: str,
    form_key: str,
    actor: Actor,
    now: datetime,
    source: str = "",
    ref: str = "",
) -> int:
    """Blanks are spoiled: those that (source, ref) has, or those in the office when it is not given. Refuses to do it
    without a reason, and numbers that are elsewhere. Gives the move's id."""
    if not reason.strip():
        raise rules.NeedReason
    who = {"source": source, "ref": ref}
    return _move(session, Move.SPOIL, first, last, **who, day=day, note=reason, form_key=form_key, actor=actor, now=now)


def transfer(
    session: Session, first: str, last: str, *, day: date, note: str, form_key: str, actor: Actor, now: datetime
) -> int:
    """Blanks go to another office for good; `note` is the office and the document's number. Refuses to do it without
    one, and numbers that are not in the office. Gives the move's id."""
    if not note.strip():
        raise rules.NeedDocument
    return _move(session, Move.TRANSFER, first, last, day=day, note=note, form_key=form_key, actor=actor, now=now)


def undo(session: Session, move_id: int, *, form_key: str, actor: Actor, now: datetime) -> int:
    """Take a move back that was written down wrongly: its blanks are where they were before it. The line stays, with
    another that says so. Gives the id of that line.

    Again gives the same line. Locks the blanks by serial number. Refuses a move some of whose blanks moved later
    (NotLast), a taking back, and an unknown move (NoMove).
    """
    found = queries.move(session, move_id)
    if found is None:
        raise rules.NoMove
    _lock(session, rules.expand(found.span))
    again = session.execute(select(BlankMove.id).where(BlankMove.undoes == move_id)).scalar_one_or_none()
    if again is not None:
        return again
    if found.kind is Move.UNDO or queries.later_moves(session, found.span, move_id):
        raise rules.NotLast
    place = rules.before(found.kind, found.source, found.ref)
    serials = rules.expand(found.span)
    if place is None:
        session.execute(delete(Blank).where(Blank.serial.in_(serials)))
    else:
        _put(session, serials, place, now=now)
    return _write(
        session,
        Move.UNDO,
        found.span,
        source=found.source,
        ref=found.ref,
        day=clock.office_day(now),
        note="",
        form_key=form_key,
        undoes=move_id,
        actor=actor,
        now=now,
    )


# -- what they share --------------------------------------------------------------------------------------------


def _move(
    session: Session,
    kind: Move,
    first: str,
    last: str,
    *,
    day: date,
    note: str,
    form_key: str,
    actor: Actor,
    now: datetime,
    source: str = "",
    ref: str = "",
) -> int:
    span = rules.range_of(first, last)
    note = rules.note_of(note)
    if bool(source) != bool(ref):
        raise ValueError("source and ref are given together")
    serials = rules.expand(span)
    _lock(session, serials)
    known = session.execute(
        select(BlankMove.id, BlankMove.kind, BlankMove.first, BlankMove.last).where(BlankMove.form_key == form_key)
    ).one_or_none()
    if known is not None:
        if (known.kind, known.first, known.last) != (kind.value, span.first, span.last):
            raise Stale  # another form under the same key
        return int(known.id)
    rules.check_day(day, clock.office_day(now))
    found = queries.places(session, serials)
    pairs = {(one.source, one.ref) for one in found.values() if one.state is State.OUT}
    rules.check_places(serials, found, rules.before(kind, source, ref), queries.titles(session, pairs))
    place = rules.after(kind, source, ref)
    if kind is Move.RECEIPT:
        _insert(session, serials, now=now)
    else:
        _put(session, serials, place, now=now)
    return _write(
        session, kind, span, source=source, ref=ref, day=day, note=note, form_key=form_key, actor=actor, now=now
    )


def _lock(session: Session, serials: list[str]) -> None:
    query = select(Blank.serial).where(Blank.serial.in_(serials)).order_by(Blank.serial)
    session.execute(query.with_for_update(key_share=True)).all()


def _insert(session: Session, serials: list[str], *, now: datetime) -> None:
    rows = [
        {"serial": serial, "state": State.STOCK.value, "source": "", "ref": "", "changed_at": now} for serial in serials
    ]
    try:
        session.execute(insert(Blank), rows)
    except IntegrityError as error:
        if violated(error, "pk_blanks_blank", "blanks_blank.serial"):
            raise Stale from error  # two received the same number at once
        raise


def _put(session: Session, serials: list[str], place: Place, *, now: datetime) -> None:
    session.execute(
        update(Blank)
        .where(Blank.serial.in_(serials))
        .values(state=place.state.value, source=place.source, ref=place.ref, changed_at=now)
    )


def _write(
    session: Session,
    kind: Move,
    span: Range,
    *,
    source: str,
    ref: str,
    day: date,
    note: str,
    form_key: str,
    actor: Actor,
    now: datetime,
    undoes: int | None = None,
) -> int:
    row: dict[str, Any] = {
        "kind": kind.value,
        "first": span.first,
        "last": span.last,
        "count": span.count,
        "source": source,
    }
    row |= {"ref": ref, "day": day, "note": note, "undoes": undoes, "form_key": form_key}
    try:
        move_id = session.execute(
            insert(BlankMove).values(**row, made_by=actor.person_id, made_at=now).returning(BlankMove.id)
        ).scalar_one()
    except IntegrityError as error:
        if violated(error, "uq_blanks_move_form_key", "blanks_move.form_key"):
            raise Stale from error  # one form, twice at once
        raise
    detail = {"first": span.first, "last": span.last, "count": span.count, "source": source, "ref": ref}
    audit.record(session, actor, f"blanks.{kind.value}", "blanks", str(move_id), now=now, **detail)
    return int(move_id)
