"""What officers see: the day's people with where they are, found by ticket, code or name; and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from fieldops.core.attendance import queries as attendance
from fieldops.core.attendance.models import AttendanceEvent as Event
from fieldops.core.attendance.rules import NOTHING, Progress, Stage, Verdict
from fieldops.core.booking import rules
from fieldops.core.booking.models import Applicant, Booking, BookingPage, BookingSession, Seat
from fieldops.core.booking.rules import Channel, Pool, State
from fieldops.kit import clock

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class DeskRow:
    """One person at the desk."""

    id: UUID
    name: str
    nik_last4: str
    service: rules.Service
    help: str
    code: str
    booking_state: State
    pool: Pool
    channel: Channel
    seat: int | None
    walk_in_number: int | None
    session_id: UUID
    day: date
    starts_at: datetime
    title: str
    place: str
    source: str
    progress: Progress

    @property
    def shown_code(self) -> str:
        return rules.show_code(self.code)

    @property
    def help_label(self) -> str:
        return rules.help_label(self.help)

    @property
    def shown_number(self) -> str:
        """W-7: what a walk-in is called by; empty for everybody else."""
        return f"W-{self.walk_in_number}" if self.walk_in_number else ""

    @property
    def stage(self) -> Stage | None:
        return self.progress.stage


def _rows() -> Any:
    return (
        select(
            Applicant.id,
            Applicant.name,
            Applicant.nik_last4,
            Applicant.service,
            Applicant.help,
            Booking.code,
            Booking.state.label("booking_state"),
            Booking.pool,
            Booking.channel,
            Seat.number.label("seat"),
            Booking.walk_in_number,
            BookingSession.id.label("session_id"),
            BookingSession.day,
            BookingSession.starts_at,
            BookingPage.title,
            BookingPage.place,
            BookingPage.source,
        )
        .join(Booking, Booking.id == Applicant.booking_id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .join(BookingPage, BookingPage.id == Booking.page_id)
        .outerjoin(Seat, Seat.applicant_id == Applicant.id)
    )


def _with_states(session: Session, rows: Sequence[Any]) -> list[DeskRow]:
    states = attendance.states(session, [row.id for row in rows])
    return [
        DeskRow(
            **dict(row._mapping)
            | {
                "service": rules.Service(row.service),
                "booking_state": State(row.booking_state),
                "pool": Pool(row.pool),
                "channel": Channel(row.channel),
            },
            progress=states.get(row.id, NOTHING),
        )
        for row in rows
    ]


def people_of_day(session: Session, day: date) -> list[DeskRow]:
    """Everybody with a live booking on an office day, session by session, by name. Two queries."""
    rows = session.execute(
        _rows()
        .where(BookingSession.day == day, Booking.state == State.BOOKED, Applicant.is_live)
        .order_by(
            BookingSession.starts_at, BookingPage.title, BookingSession.id, Applicant.name_key, Applicant.position
        )
    ).all()
    return _with_states(session, rows)


def person(session: Session, applicant_id: UUID) -> DeskRow | None:
    """One person who ever held a ticket, whatever became of it."""
    rows = session.execute(_rows().where(Applicant.id == applicant_id, Booking.code.is_not(None))).all()
    return next(iter(_with_states(session, rows)), None)


def by_ticket(session: Session, *, token: str | None = None, code: str | None = None) -> list[DeskRow]:
    """The people on one ticket, found by the token in its QR or by its code."""
    which = Booking.entry_token == token if token is not None else Booking.code == code
    rows = session.execute(_rows().where(which, Booking.code.is_not(None)).order_by(Applicant.position)).all()
    return _with_states(session, rows)


def by_name(session: Session, typed: str, day: date) -> list[DeskRow]:
    """People of an office day whose name contains every typed word (accents, case, apostrophes do not matter)."""
    words = rules.search_key(typed).split()
    if not words:
        return []
    query = _rows().where(BookingSession.day == day, Booking.state == State.BOOKED, Applicant.is_live)
    for word in words:
        query = query.where(Applicant.name_key.contains(word, autoescape=True))
    rows = session.execute(query.order_by(Applicant.name_key).limit(50)).all()
    return _with_states(session, rows)


def namesakes(rows: Sequence[DeskRow]) -> set[UUID]:
    """Whoever carries the same name as somebody else of these: more than the name has to be shown of them."""
    by_name: dict[str, list[UUID]] = {}
    for row in rows:
        by_name.setdefault(rules.search_key(row.name), []).append(row.id)
    return {one for ids in by_name.values() if len(ids) > 1 for one in ids}


@dataclass(frozen=True)
class DaySession:
    """A session of the day for the walk-in form: free walk-in seats of all there are."""

    id: UUID
    starts_at: datetime
    title: str
    walk_in_left: int
    walk_in_total: int


def sessions_of_day(session: Session, day: date) -> list[DaySession]:
    """Published sessions of an office day."""
    rows = session.execute(
        select(
            BookingSession.id,
            BookingSession.starts_at,
            BookingPage.title,
            func.count(Seat.id).filter(Seat.applicant_id.is_(None)),
            func.count(Seat.id),
        )
        .join(BookingPage, BookingPage.id == BookingSession.page_id)
        .outerjoin(Seat, (Seat.session_id == BookingSession.id) & (Seat.pool == Pool.WALK_IN))
        .where(BookingSession.day == day, BookingSession.is_open)
        .group_by(BookingSession.id, BookingSession.starts_at, BookingPage.title)
        .order_by(BookingSession.starts_at)
    )
    return [DaySession(*row) for row in rows]


def next_service_day(session: Session, after: date) -> date | None:
    """The next office day with a published session."""
    return session.execute(
        select(func.min(BookingSession.day)).where(BookingSession.day > after, BookingSession.is_open)
    ).scalar_one()


@dataclass(frozen=True)
class Counts:
    """Separate counters, because a booking is not output and an arrival is not output."""

    booked: int = 0
    arrived: int = 0
    served: int = 0
    issued: int = 0
    cancelled: int = 0
    no_show: int = 0


def counts(rows: Sequence[DeskRow], *, cancelled: int = 0, now: datetime) -> Counts:
    """Count people. No-show: booked, not arrived, and the office's day is over."""
    today = clock.office_day(now)
    return Counts(
        booked=len(rows),
        arrived=sum(row.progress.arrived for row in rows),
        served=sum(row.progress.served for row in rows),
        issued=sum(row.progress.issued for row in rows),
        cancelled=cancelled,
        no_show=sum(row.day < today and not row.progress.arrived for row in rows),
    )


def cancelled_on(session: Session, day: date) -> int:
    """How many people cancelled a place on this office day."""
    return session.execute(
        select(func.count())
        .select_from(Applicant)
        .join(Booking, Booking.id == Applicant.booking_id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .where(BookingSession.day == day, Booking.code.is_not(None), Applicant.is_live.is_(False))
    ).scalar_one()


def _in_process(year: int) -> Select[Any]:
    """Ids of people served in an output year whose passport is not known to be issued, from the events alone."""
    first, until = clock.year_bounds(year)

    def net(stage: Stage) -> Any:
        change = case((Event.kind == "set", 1), else_=-1)
        return func.coalesce(func.sum(case((Event.stage == stage, change), else_=0)), 0)

    return (
        select(Event.applicant_id)
        .join(Applicant, Applicant.id == Event.applicant_id)
        .join(Booking, Booking.id == Applicant.booking_id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .where(
            Event.verdict == Verdict.APPLIED,
            Event.stage.in_([Stage.SERVED, Stage.ISSUED]),
            BookingSession.day >= first,
            BookingSession.day < until,
        )
        .group_by(Event.applicant_id)
        .having(net(Stage.SERVED) > 0, net(Stage.ISSUED) == 0)
    )


def count_in_process(session: Session, year: int) -> int:
    """How many people are 'dalam proses': served, not yet known to be issued. Never shown as realisation."""
    return session.execute(select(func.count()).select_from(_in_process(year).subquery())).scalar_one()


def in_process(session: Session, year: int, *, limit: int = 500) -> list[DeskRow]:
    """The people behind that number, oldest service first."""
    rows = session.execute(
        _rows().where(Applicant.id.in_(_in_process(year))).order_by(BookingSession.day, Applicant.name_key).limit(limit)
    ).all()
    return _with_states(session, rows)
