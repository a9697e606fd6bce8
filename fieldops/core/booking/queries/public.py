"""Reads of booking: frozen rows for pages, one or two queries each, none that grows with the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select

from fieldops.core.booking import rules
from fieldops.core.booking.models import APPLICANTS, BOOKINGS, PAGES, SESSIONS, BookingPage, BookingSession, Seat
from fieldops.core.booking.rules import Pool, State
from fieldops.kit import clock
from fieldops.kit.indonesian import clock_time, long_date, short_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

FEW = 5
AHEAD = timedelta(weeks=6)


@dataclass(frozen=True)
class PageRow:
    id: UUID
    code: str
    source: str
    scope: str
    title: str
    place: str
    address: str


@dataclass(frozen=True)
class Slot:
    """A session as the public sees it. `state`: open, few, full, closed, early, late, begun, past; own for
    whoever has seats in it. `walk_in`: free seats that are given out on the spot."""

    id: UUID
    day: date
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    left: int
    total: int
    walk_in: int
    state: str
    note: str
    label: str

    @property
    def is_free(self) -> bool:
        return self.state in {"open", "few"}


@dataclass(frozen=True)
class DaySlots:
    date: date
    closed_reason: str
    slots: tuple[Slot, ...]


def page_by_code(session: Session, code: str) -> PageRow | None:
    row = session.execute(
        select(
            BookingPage.id,
            BookingPage.code,
            BookingPage.source,
            BookingPage.scope,
            BookingPage.title,
            BookingPage.place,
            BookingPage.address,
        ).where(BookingPage.code == code)
    ).one_or_none()
    return None if row is None else PageRow(*row)


_Counts = dict[tuple[UUID, str], tuple[int, int, datetime | None]]
_SESSION = (
    BookingSession.id,
    BookingSession.day,
    BookingSession.starts_at,
    BookingSession.ends_at,
    BookingSession.opens_at,
    BookingSession.closes_at,
    BookingSession.rolls_at,
    BookingSession.is_open,
    BookingSession.closed_reason,
)


def day_slots(session: Session, page_id: UUID, pool: Pool, *, now: datetime) -> tuple[DaySlots, ...]:
    """All sessions of a page that the public may know of, with honest numbers for one pool. Two queries.

    Sessions of unpublished days are left out; a closed day is there with its reason.
    """
    sessions = session.execute(
        select(*_SESSION)
        .where(
            BookingSession.page_id == page_id,
            or_(BookingSession.is_open, BookingSession.closed_reason != ""),
        )
        .order_by(BookingSession.starts_at)
    ).all()
    counts = _counts(session, BookingSession.page_id == page_id, now)
    days: dict[date, list[Slot]] = {}
    reasons: dict[date, str] = {}
    for row in sessions:
        days.setdefault(row.day, []).append(_slot(row, counts, pool, now))
        reasons[row.day] = row.closed_reason or reasons.get(row.day, "")
    return tuple(_one_day(day, reasons[day], slots) for day, slots in days.items())


def _counts(session: Session, which: ColumnElement[bool], now: datetime) -> _Counts:
    """By session and pool: seats, free seats, and when the last was taken."""
    found = session.execute(
        select(
            Seat.session_id,
            Seat.pool,
            func.count(),
            func.count().filter(or_(Seat.applicant_id.is_(None), Seat.held_until < now)),
            func.max(Seat.taken_at),
        )
        .join(BookingSession, BookingSession.id == Seat.session_id)
        .where(which)
        .group_by(Seat.session_id, Seat.pool)
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in found}


def _slot(row: Any, counts: _Counts, pool: Pool, now: datetime) -> Slot:
    seats = [counts.get((row.id, one.value), (0, 0, None)) for one in rules.pools_for(pool, row.rolls_at, now)]
    total, left = sum(seat[0] for seat in seats), sum(seat[1] for seat in seats)
    out_at = max((seat[2] for seat in seats if seat[2]), default=None)
    walk_in = counts.get((row.id, Pool.WALK_IN.value), (0, 0, None))[1]
    state, note = _slot_state(row, total, left, walk_in, out_at, now)
    when = f"{long_date(row.day)}, pukul {clock_time(row.starts_at, clock.ZONE)} WITA, {note}"
    times = (row.starts_at, row.ends_at, row.opens_at, row.closes_at)
    return Slot(row.id, row.day, *times, left, total, walk_in, state, note, when)


@dataclass(frozen=True)
class Other:
    """A session on another page."""

    page_code: str
    title: str
    place: str
    scope: str
    slot: Slot


def slots_elsewhere(session: Session, page: PageRow, pool: Pool, *, now: datetime) -> tuple[Other, ...]:
    """The sessions of the next six weeks that can be or will be booked on other pages of the same weekend or of the
    same place, soonest first, at most a hundred. Two queries, by the day."""
    today = clock.office_day(now)
    same_place = and_(BookingPage.place == page.place, BookingPage.address == page.address)
    rows = session.execute(
        select(*_SESSION, BookingPage.code, BookingPage.title, BookingPage.place, BookingPage.scope)
        .join(BookingPage, BookingPage.id == BookingSession.page_id)
        .where(
            BookingSession.day.between(today, today + AHEAD),
            BookingSession.is_open,
            BookingSession.closes_at > now,
            BookingPage.id != page.id,
            or_(BookingPage.scope == page.scope, same_place),
        )
        .order_by(BookingSession.starts_at)
        .limit(100)
    ).all()
    counts = _counts(session, BookingSession.id.in_([row.id for row in rows]), now) if rows else {}
    return tuple(Other(row.code, row.title, row.place, row.scope, _slot(row, counts, pool, now)) for row in rows)


def _one_day(day: date, reason: str, slots: list[Slot]) -> DaySlots:
    """A day that was cancelled and planned again shows only what is planned now."""
    standing = [slot for slot in slots if slot.state != "closed"]
    return DaySlots(day, "" if standing else reason, tuple(standing or slots))


def _slot_state(
    row: Any, total: int, left: int, walk_in: int, out_at: datetime | None, now: datetime
) -> tuple[str, str]:
    """The state word and the sentence beside the time."""
    phase = rules.phase(row, row.ends_at, now)
    if phase == "closed":
        return phase, "Ditutup"
    if phase == "past":
        return phase, "Sudah lewat"
    if phase == "early":
        return phase, f"Dibuka {moment(row.opens_at)}"
    if phase in {"begun", "late"}:
        said = "Sudah dimulai" if phase == "begun" else "Pendaftaran daring ditutup"
        return phase, f"{said} · {walk_in} kursi untuk yang datang langsung" if walk_in else said
    if left == 0:
        ran_out = f" · {total} kursi habis {moment(out_at)}" if out_at and total else ""
        return "full", f"Penuh{ran_out}"
    if left <= FEW:
        return "few", f"Sisa {left}, hampir penuh"
    return "open", f"Sisa {left}"


def moment(instant: datetime) -> str:
    """30 Nov, 08.04: an instant in a few signs, at the office."""
    day = short_date(clock.office_day(instant)).rsplit(" ", 1)[0]
    return f"{day}, {clock_time(instant, clock.ZONE)}"


def short_day(day: date) -> str:
    """Sabtu 5 Des: a day in a sentence."""
    return f"{long_date(day).partition(',')[0]} {short_date(day).rsplit(' ', 1)[0]}"


@dataclass(frozen=True)
class OpenPage:
    code: str
    title: str
    place: str
    first_day: date
    last_day: date
    opens_at: datetime


def open_pages(session: Session, *, now: datetime) -> list[OpenPage]:
    """Pages with a published session that has not begun, soonest first."""
    rows = session.execute(
        select(
            BookingPage.code,
            BookingPage.title,
            BookingPage.place,
            func.min(BookingSession.day),
            func.max(BookingSession.day),
            func.min(BookingSession.opens_at),
        )
        .join(BookingSession, BookingSession.page_id == BookingPage.id)
        .where(BookingSession.is_open, BookingSession.starts_at > now)
        .group_by(BookingPage.id, BookingPage.code, BookingPage.title, BookingPage.place)
        .order_by(func.min(BookingSession.starts_at))
        .limit(30)
    )
    return [OpenPage(*row) for row in rows]


@dataclass(frozen=True)
class PersonRow:
    id: UUID
    position: int
    name: str
    nik_hash: str | None
    nik_last4: str
    service: rules.Service
    help: str
    is_live: bool

    @property
    def short(self) -> str:
        return rules.short_name(self.name)

    @property
    def help_label(self) -> str:
        return rules.help_label(self.help)


@dataclass(frozen=True)
class Ticket:
    """A booking with its session, page and people."""

    id: UUID
    token: str
    entry_token: str
    code: str | None
    state: State
    pool: Pool
    form_key: str
    phone_last4: str
    phone_sealed: bytes | None
    held_until: datetime | None
    made_at: datetime
    sequence: int
    session_id: UUID
    day: date
    starts_at: datetime
    ends_at: datetime
    is_open: bool
    closed_reason: str
    page: PageRow
    people: tuple[PersonRow, ...]

    @property
    def shown_code(self) -> str:
        return rules.show_code(self.code) if self.code else ""

    @property
    def live_people(self) -> tuple[PersonRow, ...]:
        return tuple(who for who in self.people if who.is_live) or self.people


# Named as the fields of Ticket; the next two in the order of the fields of PageRow and PersonRow.
_BOOKING = (
    BOOKINGS.c.id,
    BOOKINGS.c.token,
    BOOKINGS.c.entry_token,
    BOOKINGS.c.code,
    BOOKINGS.c.state,
    BOOKINGS.c.pool,
    BOOKINGS.c.form_key,
    BOOKINGS.c.phone_last4,
    BOOKINGS.c.phone_sealed,
    BOOKINGS.c.held_until,
    BOOKINGS.c.made_at,
    BOOKINGS.c.sequence,
    BOOKINGS.c.session_id,
    SESSIONS.c.day,
    SESSIONS.c.starts_at,
    SESSIONS.c.ends_at,
    SESSIONS.c.is_open,
    SESSIONS.c.closed_reason,
)
_PAGE = (PAGES.c.id, PAGES.c.code, PAGES.c.source, PAGES.c.scope, PAGES.c.title, PAGES.c.place, PAGES.c.address)
_PERSON = (
    APPLICANTS.c.id,
    APPLICANTS.c.position,
    APPLICANTS.c.name,
    APPLICANTS.c.nik_hash,
    APPLICANTS.c.nik_last4,
    APPLICANTS.c.service,
    APPLICANTS.c.help,
    APPLICANTS.c.is_live,
)
_FIELDS = tuple(column.key for column in _BOOKING)
_TO_PAGE = len(_BOOKING)
_TO_PERSON = _TO_PAGE + len(_PAGE)
_TICKETS = (
    select(*_BOOKING, *_PAGE, *_PERSON)
    .join(SESSIONS, SESSIONS.c.id == BOOKINGS.c.session_id)
    .join(PAGES, PAGES.c.id == BOOKINGS.c.page_id)
    .outerjoin(APPLICANTS, APPLICANTS.c.booking_id == BOOKINGS.c.id)
    .order_by(APPLICANTS.c.position)
)
_BY_TOKEN = _TICKETS.where(BOOKINGS.c.token == bindparam("token"))
_BY_CODE = _TICKETS.where(BOOKINGS.c.code == bindparam("code"))


def _person(row: Any) -> PersonRow:
    who, position, name, nik_hash, nik_last4, service, needs, is_live = row[_TO_PERSON:]
    return PersonRow(who, position, name, nik_hash, nik_last4, rules.Service(service), needs, is_live)


def _ticket(rows: Sequence[Any]) -> Ticket | None:
    """One row a person; each repeats the booking."""
    if not rows:
        return None
    facts = dict(zip(_FIELDS, rows[0], strict=False))
    facts |= {"state": State(facts["state"]), "pool": Pool(facts["pool"])}
    page = PageRow(*rows[0][_TO_PAGE:_TO_PERSON])
    return Ticket(**facts, page=page, people=tuple(_person(row) for row in rows if row[_TO_PERSON] is not None))


def ticket_by_token(session: Session, token: str) -> Ticket | None:
    """The booking whose owner's token this is."""
    return _ticket(session.execute(_BY_TOKEN, {"token": token}).all())


def ticket_by_code(session: Session, code: str) -> Ticket | None:
    """The booking with this ticket code (as `rules.read_code` gives it)."""
    return _ticket(session.execute(_BY_CODE, {"code": code}).all())
