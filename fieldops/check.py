"""Invariants that must hold at any moment. Each is a query that someone can run by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, cast, func, or_, select, text
from sqlalchemy.orm import aliased

from fieldops import migrate
from fieldops.core.achievement import queries as achievement
from fieldops.core.agenda.models import ServiceEvent
from fieldops.core.attendance import queries as attendance
from fieldops.core.blanks import queries as blanks
from fieldops.core.booking.models import Applicant, Booking, BookingPage, BookingSession, Seat
from fieldops.core.booking.rules import LIVE, Channel, State
from fieldops.core.letters.models import Letter, LetterCounter
from fieldops.core.notices.models import Notice
from fieldops.core.office.queries import late_jobs
from fieldops.core.roster.absences.rules import State as Leave
from fieldops.core.roster.absences.service import SOURCE as LEAVE_SOURCE
from fieldops.core.roster.models import AbsencePeriod, Busy, CompensationDay, PointLine, Post
from fieldops.core.roster.posts.queries import POST
from fieldops.kit import clock, db
from fieldops.weekend.models import WeekendDay
from fieldops.weekend.queries import no_day_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session


def problems() -> list[str]:
    """Everything that is not as it must be, in words; empty when all is well. Reads only."""
    database = db.database()
    if migrate.current(database) != migrate.head():
        return [f"the database is at revision {migrate.current(database)}, the code at {migrate.head()}"]
    with db.reading() as session:
        return [
            *_file(session),
            *_seats(session),
            *_people(session),
            *_agenda(session),
            *_roster(session),
            *_leave(session),
            *_ledger(session),
            *blanks.differences(session),
            *_mail(session),
            *_letters(session),
        ]


def warnings() -> list[str]:
    """What is in order as data but wants somebody: a timed job that stands still, no service day ahead. Reads only."""
    now = clock.now()
    with db.reading() as session:
        late = [
            f"the job '{job.name}' has not run well since {clock.in_office(job.ran_at):%Y-%m-%d %H:%M} "
            f"{clock.ZONE_NAME}: is the worker alive?"
            for job in late_jobs(session, now=now)
        ]
        last = no_day_until(session, clock.office_day(now))
    return [*late, *([f"no weekend service day is published up to {last}"] if last else [])]


def _file(session: Session) -> Iterator[str]:
    if session.get_bind().dialect.name != "sqlite":
        return
    for row in session.execute(text("PRAGMA quick_check")):
        if row[0] != "ok":
            yield f"SQLite: {row[0]}"
    for row in session.execute(text("PRAGMA foreign_key_check")):
        yield f"SQLite: broken foreign key in {row[0]}"


def _seats(session: Session) -> Iterator[str]:
    row: Any
    over = session.execute(
        select(BookingSession.id, func.count(Applicant.id.distinct()), func.count(Seat.id.distinct()))
        .join(Booking, Booking.session_id == BookingSession.id)
        .join(Applicant, and_(Applicant.booking_id == Booking.id, Applicant.is_live))
        .outerjoin(Seat, Seat.session_id == BookingSession.id)
        .where(Booking.state == State.BOOKED)
        .group_by(BookingSession.id)
        .having(func.count(Applicant.id.distinct()) > func.count(Seat.id.distinct()))
    )
    for row in over:
        yield f"session {row[0]}: {row[1]} people for {row[2]} seats"
    twice = session.execute(
        select(Seat.applicant_id, func.count())
        .where(Seat.applicant_id.is_not(None))
        .group_by(Seat.applicant_id)
        .having(func.count() > 1)
    )
    for row in twice:
        yield f"applicant {row[0]} sits on {row[1]} seats"
    wrong = session.execute(
        select(Seat.id)
        .join(Applicant, Applicant.id == Seat.applicant_id)
        .join(Booking, Booking.id == Applicant.booking_id)
        .where(
            or_(
                Applicant.is_live.is_(False),
                Booking.state.not_in(LIVE),
                Booking.session_id != Seat.session_id,
                and_(Booking.state == State.BOOKED, Seat.held_until.is_not(None)),
                and_(Booking.state == State.HELD, Seat.held_until.is_(None)),
            )
        )
    )
    for row in wrong:
        yield f"seat {row[0]} does not agree with its booking"


def _people(session: Session) -> Iterator[str]:
    row: Any
    standing = session.execute(
        select(Applicant.id)
        .join(Booking, Booking.id == Applicant.booking_id)
        .outerjoin(Seat, Seat.applicant_id == Applicant.id)
        .where(Applicant.is_live, Seat.id.is_(None))
    )
    for row in standing:
        yield f"applicant {row[0]} is live without a seat"
    dead = session.execute(
        select(Applicant.id)
        .join(Booking, Booking.id == Applicant.booking_id)
        .where(Applicant.is_live, Booking.state.not_in(LIVE))
    )
    for row in dead:
        yield f"applicant {row[0]} is live on a booking that is not"
    doubles = session.execute(
        select(Applicant.scope, func.count())
        .where(Applicant.is_live, Applicant.nik_hash.is_not(None))
        .group_by(Applicant.scope, Applicant.nik_hash)
        .having(func.count() > 1)
    )
    for row in doubles:
        yield f"{row[0]}: one person has {row[1]} live places"
    unnumbered = session.execute(
        select(Booking.id).where(Booking.channel == Channel.WALK_IN, Booking.walk_in_number.is_(None))
    )
    for row in unnumbered:
        yield f"walk-in {row[0]} has no number to be called by"
    empty = session.execute(
        select(Booking.id).where(
            Booking.state == State.BOOKED,
            Booking.erased_at.is_(None),
            ~select(Applicant.id).where(Applicant.booking_id == Booking.id, Applicant.is_live).exists(),
        )
    )
    for row in empty:
        yield f"booking {row[0]} is booked for nobody"


def _agenda(session: Session) -> Iterator[str]:
    events = {
        row.ref: row.status
        for row in session.execute(
            select(ServiceEvent.ref, ServiceEvent.status).where(ServiceEvent.source == "weekend")
        )
    }
    for row in session.execute(select(WeekendDay.id, WeekendDay.status)):
        told = events.get(str(row.id))
        if row.status == "published" and told not in {"planned", "done"}:
            yield f"weekend day {row.id} is published, the agenda says {told}"
        if row.status == "cancelled" and told not in {None, "cancelled"}:
            yield f"weekend day {row.id} is cancelled, the agenda says {told}"


_AWAY = ("leave", "workshop")  # these overlap what was promised before them, on purpose


def _roster(session: Session) -> Iterator[str]:
    """Who stands on a post is promised for its hours, nobody else is; nobody works in two places; points follow."""
    promise = and_(Busy.source == POST, Busy.ref == cast(Post.id, String), Busy.holder_id == Post.person_id)
    exact = and_(Busy.starts_at == Post.starts_at, Busy.ends_at == Post.ends_at)
    if session.get_bind().dialect.name == "sqlite":  # keeps ids without hyphens
        promise = and_(
            Busy.source == POST, func.replace(Busy.ref, "-", "") == Post.id, Busy.holder_id == Post.person_id
        )
    stands = and_(Post.person_id.is_not(None), Post.state != "cancelled")
    unpromised = select(Post.id).outerjoin(Busy, and_(promise, exact)).where(stands, Busy.id.is_(None))
    for post_id in session.scalars(unpromised):
        yield f"post {post_id}: its person is not promised for its hours"
    stray = select(Busy.ref).outerjoin(Post, and_(promise, stands)).where(Busy.source == POST, Post.id.is_(None))
    for ref in session.scalars(stray):
        yield f"promise of post {ref}: nobody stands there"
    other = aliased(Busy)
    twice = (
        select(Busy.ref, other.ref)
        .join(other, and_(other.holder_kind == Busy.holder_kind, other.holder_id == Busy.holder_id))
        .where(
            Busy.kind.not_in(_AWAY),
            other.kind.not_in(_AWAY),
            Busy.id < other.id,
            Busy.starts_at < other.ends_at,
            other.starts_at < Busy.ends_at,
        )
    )
    for one, two in session.execute(twice):
        yield f"promises {one} and {two} of one holder overlap"
    lines = select(PointLine.ref).where(PointLine.source == POST).group_by(PointLine.ref, PointLine.person_id)
    for ref in session.scalars(lines.having(func.sum(PointLine.minutes) < 0)):
        yield f"post {ref}: more points taken back than given"


def _ledger(session: Session) -> Iterator[str]:
    rows = session.execute(
        select(Applicant.id, BookingSession.day, BookingPage.source)
        .join(Booking, Booking.id == Applicant.booking_id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .join(BookingPage, BookingPage.id == Booking.page_id)
    ).all()
    states = attendance.all_states(session)
    wanted = {}
    for row in rows:
        state = states.get(row.id)
        if state is not None:
            wanted[str(row.id)] = (row.source, row.day, int(state.issued))  # on which day it counts is not asked
    for gap in achievement.recompute_differences(session, wanted):
        yield f"ledger of {gap.subject}: {gap.found}, from the events it is {gap.wanted}"


def _leave(session: Session) -> Iterator[str]:
    promised = set(session.scalars(select(Busy.ref).where(Busy.source == LEAVE_SOURCE)))
    for row in session.execute(select(AbsencePeriod.id, AbsencePeriod.state)):
        if row.state == Leave.APPROVED and str(row.id) not in promised:
            yield f"absence {row.id} is approved without a promise"
        if row.state != Leave.APPROVED and str(row.id) in promised:
            yield f"absence {row.id} is {row.state}, its promise is still there"
    used = (
        select(CompensationDay.id, AbsencePeriod.id, AbsencePeriod.state)
        .join(AbsencePeriod, AbsencePeriod.id == CompensationDay.absence_id)
        .where(AbsencePeriod.state != Leave.APPROVED)
    )
    for compensation_id, absence_id, state in session.execute(used):
        yield f"compensation {compensation_id} is used by absence {absence_id}, which is {state}"


# The longest delay between two tries is a day (notices/rules.py::DELAYS); a worker takes what is due within a minute.
_MAIL_WAITS = timedelta(days=2)


def _mail(session: Session) -> Iterator[str]:
    late, first = session.execute(
        select(func.count(), func.min(Notice.mail_next_at)).where(Notice.mail_next_at < clock.now() - _MAIL_WAITS)
    ).one()
    if first is not None:
        yield f"mail that nobody takes: {late}, the first is due since {clock.in_office(first):%Y-%m-%d %H:%M}"


def _letters(session: Session) -> Iterator[str]:
    row: Any
    numbers: dict[tuple[str, int], set[int]] = {}
    for row in session.execute(select(Letter.kind, Letter.year, Letter.number).distinct()):
        numbers.setdefault((row.kind, row.year), set()).add(row.number)
    counted = {(row.kind, row.year): row.last for row in session.execute(select(LetterCounter.__table__))}
    for key in sorted(numbers.keys() | counted.keys()):
        used, last = numbers.get(key, set()), counted.get(key, 0)
        if used != set(range(1, last + 1)):
            yield f"letters {key[0]} {key[1]}: {len(used)} numbers, counted to {last}"
    of_two = (
        select(Letter.kind, Letter.year, Letter.number, func.count((Letter.source + ":" + Letter.ref).distinct()))
        .group_by(Letter.kind, Letter.year, Letter.number)
        .having(func.count((Letter.source + ":" + Letter.ref).distinct()) > 1)
    )
    for row in session.execute(of_two):
        yield f"letter {row[0]} {row[1]}/{row[2]} is of {row[3]} things"
