"""The list of a group: its contact enters people one by one, and each is a booking of its own, booked at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import PUBLIC, Actor
from fieldops.core.booking import rules
from fieldops.core.booking.models import Applicant, Booking, BookingPage, BookingSession
from fieldops.core.booking.rules import CODE_ALPHABET, CODE_LENGTH, LIVE, Channel, Pool, State
from fieldops.core.booking.service import tickets
from fieldops.core.booking.service.holds import PersonIn, claim, end, seat_people
from fieldops.core.booking.service.pages import lock_sessions
from fieldops.kit import keys
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Stale

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class GroupWish:
    """One person for the list of a page. `phone` is E.164, the person's own or the contact's; empty when neither is
    known."""

    page_id: UUID
    session_id: UUID
    person: PersonIn
    phone: str
    form_key: str

    @property
    def digest(self) -> str:
        who = self.person
        told = (str(self.page_id), str(self.session_id), self.phone, who.name, who.nik_hash, who.service, who.help)
        return keys.keyed_hash("form", repr(told))


def line_key(form_key: str, nik: str) -> str:
    """The key of one line of a pasted list: the same form and NIK is the same person, wherever the line stands."""
    return keys.keyed_hash("form", f"{form_key}/{nik}")[:40]


def add(session: Session, wish: GroupWish, *, actor: Actor = PUBLIC, now: datetime) -> UUID:
    """Put a person on a collective seat and return the booking's id. The same key and content is the same booking.

    The public's opening time does not count: these seats are the group's from the day the list is open. Locks the
    session and those of other live places of this NIK, by id. Refuses: a session of another page or a closed one
    (Closed), one that began (Past), a list past its closing time (ListClosed), a NIK with a live place in this scope
    (AlreadyBooked, HeldElsewhere), no seat of the group left (Full), a key that stands for somebody else (KeyReused)
    or for somebody who was taken off since (TakenOff).
    """
    where = _session_facts(session, wish)
    involved = {row.session_id for row in _others(session, where.scope, wish)}
    locked = {wish.session_id, *involved}
    lock_sessions(session, locked)
    known = session.execute(
        select(Booking.id, Booking.form_digest, Booking.state).where(Booking.form_key == wish.form_key)
    ).one_or_none()
    if known is not None:
        if known.form_digest != wish.digest:
            raise rules.KeyReused
        if known.state != State.BOOKED:
            raise rules.TakenOff
        return UUID(str(known.id))
    window = where.window
    if now >= window.closes_at and now < window.starts_at and window.is_open:
        raise rules.ListClosed(field="session")
    rules.check_window(replace(window, opens_at=now), now)
    _make_room(session, where.scope, wish, locked, now=now)
    try:
        seats = claim(session, wish.session_id, (Pool.COLLECTIVE,), 1, now=now)
    except rules.Full as full:
        raise rules.Full("Kursi kelompok di sesi ini sudah habis. Pilih sesi lain.", wanted=1) from full
    booking_id = _book(session, where, wish, now=now)
    seat_people(session, booking_id, where.scope, [wish.person], seats, now=now, held_until=None)
    audit.record(session, actor, "booking.collective", "booking", booking_id, now=now, at=str(wish.session_id))
    return booking_id


@dataclass(frozen=True)
class SessionFacts:
    page_id: UUID
    scope: str
    window: rules.Window


def _session_facts(session: Session, wish: GroupWish) -> SessionFacts:
    row = session.execute(
        select(
            BookingPage.id,
            BookingPage.scope,
            BookingSession.opens_at,
            BookingSession.closes_at,
            BookingSession.rolls_at,
            BookingSession.starts_at,
            BookingSession.is_open,
        )
        .join(BookingSession, BookingSession.page_id == BookingPage.id)
        .where(BookingPage.id == wish.page_id, BookingSession.id == wish.session_id)
    ).one_or_none()
    if row is None:
        raise rules.Closed
    return SessionFacts(row.id, row.scope, rules.Window(*row[2:]))


@dataclass(frozen=True)
class _Other:
    id: UUID
    session_id: UUID
    state: str
    held_until: datetime | None


def _others(session: Session, scope: str, wish: GroupWish) -> list[_Other]:
    """Other live places of this person in the scope."""
    rows = session.execute(
        select(Booking.id, Booking.session_id, Booking.state, Booking.held_until)
        .join(Applicant, Applicant.booking_id == Booking.id)
        .where(
            Applicant.scope == scope,
            Applicant.nik_hash == wish.person.nik_hash,
            Applicant.is_live,
            Booking.state.in_(LIVE),
        )
    )
    return [_Other(*row) for row in rows]


def _make_room(session: Session, scope: str, wish: GroupWish, locked: set[UUID], *, now: datetime) -> None:
    """Refuse a person who has a place; put away a hold of his that ran out."""
    for other in _others(session, scope, wish):
        if other.state == State.BOOKED:
            raise rules.AlreadyBooked(
                "NIK ini sudah terdaftar untuk layanan yang sama, di daftar ini atau lewat pendaftaran umum.",
                field="nik",
            )
        if other.held_until and other.held_until >= now:
            raise rules.HeldElsewhere(field="nik")
        if other.session_id not in locked:
            raise Stale
        end(session, {other.id}, State.EXPIRED, now=now)


def _book(session: Session, where: SessionFacts, wish: GroupWish, *, now: datetime) -> UUID:
    booking_id = uuid4()
    body = keys.pick(CODE_ALPHABET, CODE_LENGTH)
    phone = wish.phone
    booking = insert(Booking).values(
        id=booking_id,
        page_id=where.page_id,
        session_id=wish.session_id,
        scope=where.scope,
        state=State.BOOKED,
        channel=Channel.COLLECTIVE,
        pool=Pool.COLLECTIVE,
        token=keys.token(),
        entry_token=keys.entry_token(),
        code=body + rules.check_sign(body),
        form_key=wish.form_key,
        form_digest=wish.digest,
        phone_hash=keys.keyed_hash("phone", phone) if phone else None,
        phone_sealed=keys.seal(phone, str(booking_id)) if phone else None,
        phone_last4=phone[-4:],
        made_at=now,
        booked_at=now,
    )
    try:
        session.execute(booking)
    except IntegrityError as error:
        if any(violated(error, f"uq_booking_booking_{one}", f"booking_booking.{one}") for one in ("form_key", "code")):
            raise Stale from error
        raise
    return booking_id


def remove(session: Session, page_id: UUID, booking_id: UUID, *, actor: Actor = PUBLIC, now: datetime) -> None:
    """Take a person off the list and free the seat; again changes nothing.

    Locks the session and the booking. Refuses NotFound (not on this list), ListClosed, and like `tickets.cancel` a
    session that has begun and somebody who has arrived.
    """
    row = session.execute(
        select(Booking.token, Booking.state, BookingSession.closes_at, BookingSession.is_open)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .where(Booking.id == booking_id, Booking.page_id == page_id, Booking.channel == Channel.COLLECTIVE)
    ).one_or_none()
    if row is None:
        raise NotFound
    if row.state == State.CANCELLED:
        return
    if row.is_open and now >= row.closes_at:
        raise rules.ListClosed
    tickets.cancel(session, row.token, now=now, actor=actor)


def move_left(session: Session, page_id: UUID, target_id: UUID, *, actor: Actor = PUBLIC, now: datetime) -> int:
    """Move whoever on a list sits on a session that the office has closed to another session of the page, in the order
    in which they were entered and as far as the group's seats go; gives how many. Nobody left changes nothing.

    Locks the target and the closed sessions by id, then the bookings. Refuses like `tickets.move`: a target that is
    not open (Closed, Past, Late) or has no seat left (Full).
    """
    left = session.execute(
        select(Booking.token, Booking.session_id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .where(
            Booking.page_id == page_id,
            Booking.channel == Channel.COLLECTIVE,
            Booking.state == State.BOOKED,
            BookingSession.is_open.is_(False),
        )
        .order_by(BookingSession.starts_at, Booking.made_at, Booking.id)
    ).all()
    lock_sessions(session, {target_id, *(row.session_id for row in left)})
    moved = 0
    for row in left:
        try:
            tickets.move(session, row.token, target_id, now=now, minutes=0, actor=actor)
        except rules.Full:
            if not moved:
                raise
            break
        moved += 1
    return moved
