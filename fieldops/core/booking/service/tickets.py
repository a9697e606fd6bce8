"""From hold to ticket, and what a ticket's owner may do with it. Whoever has the token is the owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.attendance import queries as attendance
from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import PUBLIC, Actor
from fieldops.core.booking import rules
from fieldops.core.booking.models import APPLICANTS, BOOKINGS, SEATS, SESSIONS, Applicant, Booking, BookingSession, Seat
from fieldops.core.booking.rules import CODE_ALPHABET, CODE_LENGTH, Pool, State
from fieldops.core.booking.service.holds import Held, claim, end, free_seats, sit
from fieldops.kit import keys
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Stale

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.orm import Session


_PEOPLE = (
    select(func.count())
    .select_from(APPLICANTS)
    .where(APPLICANTS.c.booking_id == BOOKINGS.c.id, APPLICANTS.c.is_live)
    .correlate(BOOKINGS)
    .scalar_subquery()
)
_BOOKING = (
    select(
        BOOKINGS.c.id,
        BOOKINGS.c.token,
        BOOKINGS.c.page_id,
        BOOKINGS.c.session_id,
        BOOKINGS.c.scope,
        BOOKINGS.c.state,
        BOOKINGS.c.code,
        BOOKINGS.c.pool,
        BOOKINGS.c.held_until,
        BOOKINGS.c.erased_at,
        SESSIONS.c.starts_at,
        SESSIONS.c.is_open,
        _PEOPLE.label("people"),
    )
    .join(SESSIONS, SESSIONS.c.id == BOOKINGS.c.session_id)
    .where(BOOKINGS.c.token == bindparam("token"))
    .with_for_update(of=BOOKINGS)
)
_LOCK = (
    select(SESSIONS.c.id)
    .where(
        or_(
            SESSIONS.c.id
            == select(BOOKINGS.c.session_id).where(BOOKINGS.c.token == bindparam("token")).scalar_subquery(),
            SESSIONS.c.id.in_(bindparam("also", expanding=True)),
        )
    )
    .order_by(SESSIONS.c.id)
    .with_for_update()
)


def _locked(session: Session, token: str, *also_sessions: UUID) -> Row[tuple[Booking]]:
    """The booking of a token with its session (and the wanted ones) locked, read after the lock. Refuses NotFound."""
    locked = None
    if session.get_bind().dialect.name != "sqlite":
        locked = session.scalars(_LOCK, {"token": token, "also": also_sessions}).all()
    booking = session.execute(_BOOKING, {"token": token}).one_or_none()
    if booking is None or booking.erased_at is not None:
        raise NotFound("Tiket tidak ditemukan.")
    if locked is not None and booking.session_id not in locked:
        raise Stale
    return booking  # type: ignore[return-value]


def _refuse_begun(booking: Row[tuple[Booking]], now: datetime) -> None:
    """Refuses (Started) a session that has begun. One that the office closed never did: whoever opens his ticket days
    later may still move or let go."""
    if booking.is_open and now >= booking.starts_at:
        raise rules.Started


_KEEP_SEATS = (
    update(SEATS)
    .where(
        SEATS.c.applicant_id.in_(
            select(APPLICANTS.c.id).where(APPLICANTS.c.booking_id == bindparam("booking"), APPLICANTS.c.is_live)
        )
    )
    .values(held_until=None)
)
_CONFIRM = (
    update(BOOKINGS)
    .where(BOOKINGS.c.id == bindparam("booking"))
    .values(state=State.BOOKED, booked_at=bindparam("now"), held_until=None, code=bindparam("drawn"))
)


def confirm(session: Session, token: str, *, now: datetime) -> Held:
    """Turn a hold into a booking with its ticket code. Sent twice, the second answer is the same ticket.

    Locks the session. A hold that ran out still counts while nobody took its seats and the sweep (half an hour later)
    has not put it away; otherwise refuses with HoldGone. Stale when the code that was drawn is another's.
    """
    booking = _locked(session, token)
    if booking.state == State.BOOKED:
        return Held(token, State.BOOKED)
    if booking.state == State.CANCELLED:
        raise rules.NotLive
    if booking.state == State.EXPIRED or not booking.people:
        raise rules.HoldGone
    if not booking.is_open:
        raise rules.Closed
    if now >= booking.starts_at:
        raise rules.Past
    changed = session.execute(_KEEP_SEATS, {"booking": booking.id})
    if changed.rowcount != booking.people:  # type: ignore[attr-defined]
        raise rules.HoldGone
    _give_code(session, booking.id, now=now)
    audit.record(session, PUBLIC, "booking.confirm", "booking", booking.id, now=now, people=booking.people)
    return Held(token, State.BOOKED)


def _give_code(session: Session, booking_id: UUID, *, now: datetime) -> None:
    """Write the state and a fresh code. 23^6 codes: one that is taken is so rare that all is done again (Stale)."""
    body = keys.pick(CODE_ALPHABET, CODE_LENGTH)
    try:
        session.execute(_CONFIRM, {"booking": booking_id, "now": now, "drawn": body + rules.check_sign(body)})
    except IntegrityError as error:
        if violated(error, "uq_booking_booking_code", "booking_booking.code"):
            raise Stale from error
        raise


def move(session: Session, token: str, target_id: UUID, *, now: datetime, minutes: int, actor: Actor = PUBLIC) -> Held:
    """Move a booking or a hold to another session of the same page: new seats first, then the old ones are free.

    The same booking row keeps its ticket; its ICS sequence rises. Moving to where it is already changes nothing.
    Locks both sessions in order. Refuses a closed or full target (the old seat stays), a session that has begun,
    people who have arrived, a cancelled ticket.
    """
    booking = _locked(session, token, target_id)
    if booking.state == State.CANCELLED:
        raise rules.NotLive
    if booking.session_id == target_id and booking.state == State.BOOKED:
        return Held(token, State.BOOKED)
    rows = {
        row.id: row
        for row in session.execute(
            select(
                BookingSession.id,
                BookingSession.page_id,
                BookingSession.opens_at,
                BookingSession.closes_at,
                BookingSession.rolls_at,
                BookingSession.starts_at,
                BookingSession.is_open,
            ).where(BookingSession.id.in_([booking.session_id, target_id]))
        )
    }
    target = rows.get(target_id)
    if target is None or target.page_id != booking.page_id:
        raise rules.Closed
    window = rules.Window(*target[2:])
    rules.check_window(window, now)
    here = select(Applicant.id).where(Applicant.booking_id == booking.id).order_by(Applicant.position)
    if booking.state != State.EXPIRED:
        here = here.where(Applicant.is_live)
    people = list(session.scalars(here))
    if booking.state == State.BOOKED:
        _refuse_begun(booking, now)
        _refuse_arrived(session, people)
    pools = rules.pools_for(Pool(booking.pool), window.rolls_at, now)
    if booking.session_id == target_id:
        free_seats(session, [booking.id])
    seats = claim(session, target_id, pools, len(people), now=now)
    free_seats(session, [booking.id])
    held_until = None if booking.state == State.BOOKED else now + timedelta(minutes=minutes)
    if booking.state == State.EXPIRED:
        _revive(session, booking.id)
    sit(session, seats, people, now=now, held_until=held_until)
    state = State.BOOKED if booking.state == State.BOOKED else State.HELD
    session.execute(
        update(Booking)
        .where(Booking.id == booking.id)
        .values(
            session_id=target_id,
            state=state,
            held_until=held_until,
            ended_at=None,
            sequence=Booking.sequence + (1 if state is State.BOOKED else 0),
        )
    )
    audit.record(
        session,
        actor,
        "booking.move",
        "booking",
        booking.id,
        now=now,
        before=str(booking.session_id),
        after=str(target_id),
    )
    return Held(token, state)


def _revive(session: Session, booking_id: UUID) -> None:
    """An expired hold comes back to life; refused when its person is live elsewhere by now."""
    try:
        session.execute(update(Applicant).where(Applicant.booking_id == booking_id).values(is_live=True))
    except IntegrityError as error:
        if violated(error, "uq_booking_applicant_live_person", "booking_applicant.scope", "nik_hash"):
            raise rules.AlreadyBooked from error
        raise


def _refuse_arrived(session: Session, people: list[UUID]) -> None:
    states = attendance.states(session, people)
    if any(state.arrived for state in states.values()):
        raise rules.AlreadyHere


def cancel(session: Session, token: str, *, now: datetime, actor: Actor = PUBLIC) -> None:
    """Cancel all people of a ticket and free their seats. Cancelling again changes nothing.

    Locks the session. Refuses once the session has begun or somebody has arrived.
    """
    booking = _locked(session, token)
    if booking.state == State.CANCELLED:
        return
    people = list(session.scalars(select(Applicant.id).where(Applicant.booking_id == booking.id)))
    if booking.state == State.BOOKED:
        _refuse_begun(booking, now)
        _refuse_arrived(session, people)
    end(session, {booking.id}, State.CANCELLED, now=now)
    session.execute(update(Booking).where(Booking.id == booking.id).values(sequence=Booking.sequence + 1))
    audit.record(session, actor, "booking.cancel", "booking", booking.id, now=now, people=len(people))


def cancel_person(session: Session, token: str, position: int, *, now: datetime) -> None:
    """Take one person off a family ticket; the others stay. The last one left cancels the ticket."""
    booking = _locked(session, token)
    people = session.execute(
        select(Applicant.id, Applicant.position, Applicant.is_live).where(Applicant.booking_id == booking.id)
    ).all()
    who = next((one for one in people if one.position == position), None)
    if who is None:
        raise NotFound
    if not who.is_live:
        return
    if sum(one.is_live for one in people) == 1:
        cancel(session, token, now=now)
        return
    _refuse_begun(booking, now)
    _refuse_arrived(session, [who.id])
    session.execute(
        update(Seat).where(Seat.applicant_id == who.id).values(applicant_id=None, held_until=None, taken_at=None)
    )
    session.execute(update(Applicant).where(Applicant.id == who.id).values(is_live=False))
    audit.record(session, PUBLIC, "booking.cancel_person", "booking", booking.id, now=now, position=position)
