"""Claiming seats: a hold of ten minutes that belongs to an unguessable token and turns into the booking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import and_, bindparam, case, delete, func, insert, null, or_, select, true, union_all, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import PUBLIC
from fieldops.core.booking import rules
from fieldops.core.booking.models import APPLICANTS, BOOKINGS, PAGES, SEATS, SESSIONS, Applicant, Booking, Seat
from fieldops.core.booking.rules import Pool, State
from fieldops.kit import keys
from fieldops.kit.db import violated
from fieldops.kit.errors import Stale

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class PersonIn:
    """One person as typed and understood. `nik` is 16 digits or, at the walk-in desk only, empty.

    `kept_hash` and `kept_last4` carry an unchanged NIK through a correction, since the number itself is not stored.
    """

    name: str
    nik: str
    service: rules.Service
    help: str = ""
    kept_hash: str | None = None
    kept_last4: str = ""

    @cached_property
    def nik_hash(self) -> str | None:
        return keys.keyed_hash("nik", self.nik) if self.nik else self.kept_hash

    @property
    def nik_last4(self) -> str:
        return self.nik[-4:] if self.nik else self.kept_last4


@dataclass(frozen=True)
class Wish:
    """What somebody asks for on the data page. `phone` is E.164, `form_key` was made when the form was drawn."""

    page_code: str
    session_id: UUID
    pool: Pool
    phone: str
    people: tuple[PersonIn, ...]
    form_key: str

    @cached_property
    def phone_hash(self) -> str:
        return keys.keyed_hash("phone", self.phone)

    @cached_property
    def digest(self) -> str:
        people = [(who.name, who.nik_hash, who.service.value, who.help) for who in self.people]
        return keys.keyed_hash("form", repr((str(self.session_id), self.pool.value, self.phone, people)))


@dataclass(frozen=True)
class Held:
    """The owner's token of a booking and how far it is."""

    token: str
    state: State


_SCOPE = select(PAGES.c.scope).where(PAGES.c.code == bindparam("code")).scalar_subquery()
_SAME_PERSON = select(APPLICANTS.c.booking_id, APPLICANTS.c.nik_hash).where(
    APPLICANTS.c.scope == _SCOPE, APPLICANTS.c.nik_hash.in_(bindparam("hashes", expanding=True)), APPLICANTS.c.is_live
)
# Bookings with a person of the wish on them, `nik_hash` says which, and the one made with this form key. As a union and
# not as one condition with "or", for which PostgreSQL would read all bookings there are.
_INVOLVED = union_all(
    _SAME_PERSON, select(BOOKINGS.c.id, null()).where(BOOKINGS.c.form_key == bindparam("form_key"))
).subquery("involved")
_ON_PHONE = (
    select(func.count())
    .select_from(BOOKINGS)
    .where(
        BOOKINGS.c.scope == _SCOPE,
        BOOKINGS.c.phone_hash == bindparam("phone_hash"),
        BOOKINGS.c.channel != rules.Channel.COLLECTIVE,  # a whole group may stand on the number of its contact
        or_(
            BOOKINGS.c.state == State.BOOKED,
            and_(BOOKINGS.c.state == State.HELD, BOOKINGS.c.held_until >= bindparam("now")),
        ),
        BOOKINGS.c.form_key != bindparam("form_key"),
        BOOKINGS.c.id.not_in(_SAME_PERSON.with_only_columns(APPLICANTS.c.booking_id)),  # would be replaced
    )
    .scalar_subquery()
)
_GROUND = (
    select(
        PAGES.c.id.label("page_id"),
        PAGES.c.scope,
        SESSIONS.c.opens_at,
        SESSIONS.c.closes_at,
        SESSIONS.c.rolls_at,
        SESSIONS.c.starts_at,
        SESSIONS.c.is_open,
        _ON_PHONE.label("on_phone"),
        BOOKINGS.c.id,
        BOOKINGS.c.token,
        BOOKINGS.c.state,
        BOOKINGS.c.form_key,
        BOOKINGS.c.form_digest,
        BOOKINGS.c.session_id,
        BOOKINGS.c.held_until,
        BOOKINGS.c.phone_hash,
        BOOKINGS.c.erased_at,
        _INVOLVED.c.nik_hash,
    )
    .select_from(
        PAGES.join(SESSIONS, SESSIONS.c.page_id == PAGES.c.id)
        .outerjoin(_INVOLVED, true())
        .outerjoin(BOOKINGS, BOOKINGS.c.id == _INVOLVED.c.booking_id)
    )
    .where(PAGES.c.code == bindparam("code"), SESSIONS.c.id == bindparam("session_id"))
)
_LOCK = (
    select(SESSIONS.c.id)
    .where(
        SESSIONS.c.id.in_(
            union_all(
                select(bindparam("session_id", type_=SESSIONS.c.id.type)),
                select(BOOKINGS.c.session_id).join(_INVOLVED, BOOKINGS.c.id == _INVOLVED.c.booking_id),
            )
        )
    )
    .order_by(SESSIONS.c.id)
    .with_for_update(of=SESSIONS)
)


@dataclass(frozen=True)
class Ground:
    """What a hold stands on: page and session, how many bookings the phone number has that would stay beside it, and
    the bookings that it would correct or replace."""

    page_id: UUID
    scope: str
    window: rules.Window
    on_phone: int
    involved: Sequence[Any]


def _locked(session: Session, wish: Wish, *, now: datetime) -> Ground:
    """The ground with the wanted session locked and those of all bookings in it, in order; Stale when one of them has
    moved meanwhile. The session belongs to this page; a foreign id is told nothing (Closed)."""
    asked = {
        "code": wish.page_code,
        "session_id": wish.session_id,
        "form_key": wish.form_key,
        "hashes": [who.nik_hash for who in wish.people],
        "phone_hash": wish.phone_hash,
        "now": now,
    }
    locked = None
    if session.get_bind().dialect.name != "sqlite":
        locked = session.execute(_LOCK, asked).scalars().all()
    rows = session.execute(_GROUND, asked).all()
    if not rows:
        raise rules.Closed
    page_id, scope, *window, on_phone = rows[0][:8]
    involved = [row for row in rows if row.id is not None]
    if locked is not None and any(row.session_id not in locked for row in involved):
        raise Stale
    return Ground(page_id, scope, rules.Window(*window), on_phone, involved)


_BOOK = insert(BOOKINGS)


def hold(session: Session, wish: Wish, *, now: datetime, minutes: int) -> Held:
    """Claim one seat a person for ten minutes, all or none. The same key and content again gives the same hold.

    Locks the wanted session and those of every booking that may be corrected or replaced, in order, then looks.
    Refuses: a page that does not own the session, a closed window, a NIK that has a live place in this scope, a phone
    with too many bookings, too few seats (Full), a key used for something else (KeyReused). A changed form under the
    same key corrects the hold; once it is booked it does not.
    """
    found = _locked(session, wish, now=now)
    own = next((row for row in found.involved if row.form_key == wish.form_key), None)
    if own is not None:
        if own.form_digest == wish.digest and own.state != State.EXPIRED:
            return Held(own.token, State(own.state))
        if own.state not in {State.HELD, State.EXPIRED} or own.erased_at is not None:
            raise rules.KeyReused
    rules.check_window(found.window, now)
    others = [row for row in found.involved if own is None or row.id != own.id]
    _check_people(session, wish, found.on_phone, others, now=now)
    pools = rules.pools_for(wish.pool, found.window.rolls_at, now)
    held_until = now + timedelta(minutes=minutes)
    booking_id, token = (own.id, own.token) if own else (uuid4(), keys.token())
    values = {
        "page_id": found.page_id,
        "session_id": wish.session_id,
        "scope": found.scope,
        "state": State.HELD,
        "channel": rules.Channel.ONLINE,
        "pool": wish.pool,
        "form_digest": wish.digest,
        "phone_hash": wish.phone_hash,
        "phone_sealed": keys.seal(wish.phone, str(booking_id)),
        "phone_last4": wish.phone[-4:],
        "held_until": held_until,
        "ended_at": None,
    }
    if own is not None:
        free_seats(session, [booking_id])
        session.execute(delete(Applicant).where(Applicant.booking_id == booking_id))
    seats = claim(session, wish.session_id, pools, len(wish.people), now=now)
    if own is None:
        values |= {"id": booking_id, "token": token, "entry_token": keys.entry_token()}
        values |= {"form_key": wish.form_key, "made_at": now}
        try:
            session.execute(_BOOK, values)
        except IntegrityError as error:
            if violated(error, "uq_booking_booking_form_key", "booking_booking.form_key"):
                raise Stale from error
            raise
    else:
        session.execute(update(Booking).where(Booking.id == booking_id).values(values))
    seat_people(session, booking_id, found.scope, wish.people, seats, now=now, held_until=held_until)
    audit.record(
        session,
        PUBLIC,
        "booking.hold",
        "booking",
        booking_id,
        now=now,
        people=len(wish.people),
        pool=wish.pool.value,
        at=str(wish.session_id),
    )
    return Held(token, State.HELD)


_FREE = (
    select(SEATS.c.id, SEATS.c.applicant_id)
    .where(
        SEATS.c.session_id == bindparam("session_id"),
        SEATS.c.pool.in_(bindparam("pools", expanding=True)),
        or_(SEATS.c.applicant_id.is_(None), SEATS.c.held_until < bindparam("now")),
    )
    .order_by(case((SEATS.c.pool == bindparam("first"), 0), else_=1), SEATS.c.number)
    .limit(bindparam("wanted"))
)


def claim(session: Session, session_id: UUID, pools: Sequence[Pool], wanted: int, *, now: datetime) -> list[int]:
    """Ids of `wanted` free seats of a locked session, or Full. Expired holds are free by definition: whoever loses
    them that way is marked expired here, so a dead sweeper can never lock up a weekend."""
    asked = {"session_id": session_id, "pools": list(pools), "first": pools[0], "now": now, "wanted": wanted}
    free = session.execute(_FREE, asked).all()
    if len(free) < wanted:
        raise rules.Full(
            f"Kursi di sesi ini tinggal {len(free)}, sedangkan Anda mendaftar untuk {wanted} orang. "
            "Pilih sesi lain atau kurangi jumlah orang."
            if free
            else None,
            wanted=wanted,
            left=len(free),
        )
    losers = [seat.applicant_id for seat in free if seat.applicant_id is not None]
    if losers:
        bookings = session.scalars(select(Applicant.booking_id).where(Applicant.id.in_(losers))).all()
        end(session, set(bookings), State.EXPIRED, now=now)
    return [seat.id for seat in free]


_PERSON = insert(APPLICANTS)
_SIT = (
    update(SEATS)
    .where(SEATS.c.id == bindparam("seat"), SEATS.c.applicant_id.is_(None))
    .values(applicant_id=bindparam("who"), held_until=bindparam("until"), taken_at=bindparam("now"))
)


def sit(
    session: Session, seats: Sequence[int], people: Sequence[UUID], *, now: datetime, held_until: datetime | None
) -> None:
    """Put people on claimed seats, each only if it is free: nobody is ever written over, lock or no lock."""
    for seat_id, applicant_id in zip(seats, people, strict=True):
        asked = {"seat": seat_id, "who": applicant_id, "until": held_until, "now": now}
        if session.execute(_SIT, asked).rowcount != 1:  # type: ignore[attr-defined]
            raise Stale


def seat_people(
    session: Session,
    booking_id: UUID,
    scope: str,
    people: Sequence[PersonIn],
    seats: Sequence[int],
    *,
    now: datetime,
    held_until: datetime | None,
) -> list[UUID]:
    """Write the people of a booking onto claimed seats. The partial unique index refuses a person who is live
    elsewhere in this scope, whoever was faster."""
    ids = [uuid4() for _ in people]
    rows: list[dict[str, Any]] = [
        {
            "id": applicant_id,
            "booking_id": booking_id,
            "position": n,
            "scope": scope,
            "is_live": True,
            "name": who.name,
            "name_key": rules.search_key(who.name),
            "nik_hash": who.nik_hash,
            "nik_last4": who.nik_last4,
            "service": who.service,
            "help": who.help,
        }
        for n, (applicant_id, who) in enumerate(zip(ids, people, strict=True), 1)
    ]
    try:
        session.execute(_PERSON, rows)
    except IntegrityError as error:
        if violated(error, "uq_booking_applicant_live_person", "booking_applicant.scope", "nik_hash"):
            raise rules.HeldElsewhere from error
        raise
    sit(session, seats, ids, now=now, held_until=held_until)
    return ids


def free_seats(session: Session, booking_ids: Sequence[UUID]) -> None:
    """Make the seats of these bookings free. Freeing needs no lock and is the same the second time."""
    people = select(Applicant.id).where(Applicant.booking_id.in_(booking_ids))
    session.execute(
        update(Seat).where(Seat.applicant_id.in_(people)).values(applicant_id=None, held_until=None, taken_at=None)
    )


def end(session: Session, booking_ids: set[UUID], state: State, *, now: datetime) -> None:
    """Take bookings out of life: seats free, people no longer live, the rows stay."""
    ids = sorted(booking_ids)
    free_seats(session, ids)
    session.execute(update(Applicant).where(Applicant.booking_id.in_(ids)).values(is_live=False))
    session.execute(update(Booking).where(Booking.id.in_(ids)).values(state=state, ended_at=now, held_until=None))


def _check_people(session: Session, wish: Wish, on_phone: int, others: Sequence[Any], *, now: datetime) -> None:
    hashes = [who.nik_hash for who in wish.people]
    for n, nik_hash in enumerate(hashes, 1):
        if nik_hash in hashes[: n - 1]:
            raise rules.SameNikTwice(field=f"nik_{n}")
    replaced = set()
    for other in others:
        field = f"nik_{hashes.index(other.nik_hash) + 1}"
        if other.state == State.BOOKED:
            raise rules.AlreadyBooked(field=field)
        if other.held_until and other.held_until >= now and other.phone_hash != wish.phone_hash:
            raise rules.HeldElsewhere(field=field)
        replaced.add(other.id)
    if replaced:
        end(session, replaced, State.EXPIRED, now=now)
    if on_phone >= rules.BOOKINGS_PER_PHONE:
        raise rules.TooManyOnPhone
