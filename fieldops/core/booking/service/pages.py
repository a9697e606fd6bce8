"""Pages, sessions and seats: what can be booked at all."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import bindparam, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.booking.models import SESSIONS, Booking, BookingPage, BookingSession, Seat
from fieldops.core.booking.rules import CODE_ALPHABET, LIVE, Pool, SeatsInUse, Window
from fieldops.kit import keys
from fieldops.kit.errors import Stale

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session


def open_page(session: Session, *, source: str, ref: str, scope: str, title: str, place: str, address: str) -> UUID:
    """The page of `(source, ref)`, made when it is new. `scope` is where one person may have one live place."""
    here = select(BookingPage.id).where(BookingPage.source == source, BookingPage.ref == ref)
    found = session.execute(here).scalar_one_or_none()
    if found is not None:
        return found
    page_id = uuid4()
    made = insert(BookingPage).values(
        id=page_id,
        code=keys.pick(CODE_ALPHABET, 5),
        source=source,
        ref=ref,
        scope=scope,
        title=title,
        place=place,
        address=address,
    )
    try:
        session.execute(made)
    except IntegrityError as error:
        raise Stale from error
    return page_id


def add_session(
    session: Session,
    page_id: UUID,
    *,
    source_ref: str,
    day: date,
    ends_at: datetime,
    window: Window,
    seats: dict[Pool, int],
) -> UUID:
    """A session with its seats, numbered from 1, pools in a fixed order. All instants aware UTC, `day` the office's."""
    session_id = uuid4()
    session.execute(
        insert(BookingSession).values(
            id=session_id,
            page_id=page_id,
            source_ref=source_ref,
            day=day,
            starts_at=window.starts_at,
            ends_at=ends_at,
            opens_at=window.opens_at,
            closes_at=window.closes_at,
            rolls_at=window.rolls_at,
            is_open=window.is_open,
        )
    )
    pools = [pool for pool in Pool for _ in range(seats.get(pool, 0))]
    if pools:
        session.execute(
            insert(Seat),
            [{"session_id": session_id, "number": n, "pool": pool} for n, pool in enumerate(pools, 1)],
        )
    return session_id


def rename_page(session: Session, page_id: UUID, *, title: str, place: str, address: str) -> None:
    """The page leads to another place, or its place has another name; its code and its poster's address stay."""
    values = {"title": title, "place": place, "address": address}
    session.execute(update(BookingPage).where(BookingPage.id == page_id).values(values))


def change_session(session: Session, session_id: UUID, *, day: date, ends_at: datetime, window: Window) -> None:
    """Move a session that nobody has booked. Whether it is open for the public stays. Locks the session."""
    lock_sessions(session, [session_id])
    session.execute(
        update(BookingSession)
        .where(BookingSession.id == session_id)
        .values(
            day=day,
            starts_at=window.starts_at,
            ends_at=ends_at,
            opens_at=window.opens_at,
            closes_at=window.closes_at,
            rolls_at=window.rolls_at,
        )
    )


def set_closing(session: Session, session_id: UUID, closes_at: datetime) -> None:
    """Another end of online booking; a session that was to open later opens by then. The caller has locked it."""
    opens_at = case((BookingSession.opens_at > closes_at, closes_at), else_=BookingSession.opens_at)
    values = {"closes_at": closes_at, "opens_at": opens_at}
    session.execute(update(BookingSession).where(BookingSession.id == session_id).values(**values))


def drop_session(session: Session, session_id: UUID, *, reason: str) -> None:
    """Take away a session without live bookings: its row goes when nobody ever booked it, otherwise it stays closed
    for the record and belongs to no service day any more. Locks the session. Refuses (SeatsInUse) live bookings."""
    lock_sessions(session, [session_id])
    states = set(session.scalars(select(Booking.state).where(Booking.session_id == session_id).distinct()))
    if states & set(LIVE):
        raise SeatsInUse("Sesi ini sudah punya pendaftar, jadi tidak bisa dihapus.")
    session.execute(delete(Seat).where(Seat.session_id == session_id))
    if states:
        values = {"is_open": False, "closed_reason": reason, "source_ref": ""}
        session.execute(update(BookingSession).where(BookingSession.id == session_id).values(values))
    else:
        session.execute(delete(BookingSession).where(BookingSession.id == session_id))


def put_aside(session: Session, session_id: UUID) -> None:
    """A session that will not take place keeps its people for the record and belongs to no service day any more; its
    free seats go. Why it is closed stays. Locks the session."""
    lock_sessions(session, [session_id])
    session.execute(delete(Seat).where(Seat.session_id == session_id, Seat.applicant_id.is_(None)))
    values = {"is_open": False, "source_ref": ""}
    session.execute(update(BookingSession).where(BookingSession.id == session_id).values(values))


_LOCK = (
    select(SESSIONS.c.id)
    .where(SESSIONS.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(SESSIONS.c.id)
    .with_for_update()
)


def lock_sessions(session: Session, session_ids: Iterable[UUID]) -> bool:
    """Lock the rows that own the scarcity, in the order of their ids. False on SQLite, where whoever writes has had
    the whole database since he began, so that what he has read is still so."""
    if session.get_bind().dialect.name == "sqlite":
        return False
    session.execute(_LOCK, {"ids": sorted(set(session_ids))}).all()
    return True


def set_seats(session: Session, session_id: UUID, pool: Pool, wanted: int, *, now: datetime) -> None:
    """Add or remove free rows until the pool has `wanted` seats. Locks the session.

    Refuses (SeatsInUse) to go below the seats that are taken; never takes one away from anybody.
    """
    lock_sessions(session, [session_id])
    there = session.execute(
        select(Seat.id, Seat.applicant_id)
        .where(Seat.session_id == session_id, Seat.pool == pool)
        .order_by(Seat.number.desc())
    ).all()
    taken = sum(1 for seat in there if seat.applicant_id is not None)
    if wanted < taken:
        told = f"Sudah ada {taken} kursi {pool.label} yang terisi. Isi paling sedikit {taken}."
        raise SeatsInUse(told, field=pool.value)
    spare = [seat.id for seat in there if seat.applicant_id is None][: max(0, len(there) - wanted)]
    if spare:
        session.execute(delete(Seat).where(Seat.id.in_(spare), Seat.applicant_id.is_(None)))
    if wanted > len(there):
        last = session.execute(select(func.max(Seat.number)).where(Seat.session_id == session_id)).scalar() or 0
        session.execute(
            insert(Seat),
            [{"session_id": session_id, "number": last + n, "pool": pool} for n in range(1, wanted - len(there) + 1)],
        )


def set_open(session: Session, source_ref: str, *, is_open: bool, reason: str = "") -> None:
    """Open or close all sessions of one service day for the public. Locks them in order."""
    lock_sessions(session, session.scalars(select(BookingSession.id).where(BookingSession.source_ref == source_ref)))
    session.execute(
        update(BookingSession)
        .where(BookingSession.source_ref == source_ref)
        .values(is_open=is_open, closed_reason=reason)
    )
