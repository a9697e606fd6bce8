"""What officers do: check in, mark, undo, add a walk-in. All of it is attendance events with ids made at the tap."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import and_, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from fieldops.core.achievement import service as achievement
from fieldops.core.achievement.rules import PASSPORT_RO
from fieldops.core.attendance import service as attendance
from fieldops.core.attendance.rules import Kind, Progress, Stage, Verdict
from fieldops.core.attendance.service import Outcome, Tap
from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import staff
from fieldops.core.booking import rules
from fieldops.core.booking.models import Applicant, Booking, BookingPage, BookingSession
from fieldops.core.booking.rules import CODE_ALPHABET, CODE_LENGTH, LIVE, Channel, Pool, State
from fieldops.core.booking.service.holds import PersonIn, claim, seat_people
from fieldops.core.booking.service.pages import lock_sessions
from fieldops.kit import clock, keys
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Stale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session


def mark(session: Session, tap: Tap, *, count_by: str, now: datetime) -> Outcome:
    """Store an officer's tap for one person and let the yearly figure follow.

    Locks the applicant's row: of sixteen officers scanning one ticket, one is applied and fifteen are duplicates.
    When the tap makes the passport issued, one ledger line appears; taking it back writes a reversing line.
    `count_by` is the office's setting: 'issue' or 'service' (whose date decides the month).
    """
    row = session.execute(
        select(Applicant.id, Applicant.is_live, Booking.state, BookingSession.day, BookingPage.source)
        .join(Booking, Booking.id == Applicant.booking_id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .join(BookingPage, BookingPage.id == Booking.page_id)
        .where(Applicant.id == tap.applicant_id)
        .with_for_update(of=Applicant)
    ).one_or_none()
    if row is None:
        raise NotFound
    outcome = attendance.record(
        session,
        tap,
        booking_is_live=row.state == State.BOOKED and row.is_live,
        on_its_day=clock.office_day(tap.happened_at) == row.day,
        now=now,
    )
    if outcome.verdict is Verdict.APPLIED and outcome.after is not outcome.before:
        achievement.settle(
            session,
            ro_id=PASSPORT_RO,
            source=row.source,
            subject=str(tap.applicant_id),
            wanted=int(outcome.after.issued),
            day=counting_day(outcome.after, row.day, count_by=count_by),
            actor_id=tap.actor_id,
            now=now,
        )
        audit.record(
            session,
            staff(tap.actor_id),
            f"attendance.{tap.kind.value}",
            "applicant",
            tap.applicant_id,
            now=now,
            stage=tap.stage.value,
            flag=outcome.flag,
        )
    return outcome


def counting_day(state: Progress, service_day: date, *, count_by: str) -> date:
    """The office's day on which an issued passport counts: of issue (default) or of service."""
    issued_at = state.at(Stage.ISSUED)
    if count_by == "issue" and issued_at is not None:
        return clock.office_day(issued_at)
    return service_day


def walk_in(
    session: Session,
    *,
    session_id: UUID,
    person: PersonIn,
    tap_id: UUID,
    actor_id: UUID,
    form_key: str,
    count_by: str,
    now: datetime,
) -> UUID:
    """Somebody came without a booking: takes a walk-in seat and is here. Returns the applicant's id.

    The same form key again returns the same person. Locks the sessions of that day's page, because they count their
    walk-ins together: the first is W-1. Refuses a day that is over or not published, a NIK with a live place this
    weekend (he is to be checked in instead), and when no walk-in seat is left.
    """
    lock_sessions(session, _same_day(session, session_id))
    known = session.execute(
        select(Applicant.id)
        .join(Booking, Booking.id == Applicant.booking_id)
        .where(Booking.form_key == form_key, Applicant.position == 1)
    ).scalar_one_or_none()
    if known is not None:
        return known
    where = session.execute(
        select(
            BookingSession.page_id, BookingSession.day, BookingSession.is_open, BookingPage.scope, BookingPage.source
        )
        .join(BookingPage, BookingPage.id == BookingSession.page_id)
        .where(BookingSession.id == session_id)
    ).one_or_none()
    if where is None:
        raise NotFound
    if not where.is_open:
        raise rules.Closed
    if where.day != clock.office_day(now):
        raise rules.Past("Datang langsung hanya dicatat pada hari layanannya.", field="session")
    if person.nik_hash is not None:
        clash = session.execute(
            select(Booking.state)
            .join(Applicant, Applicant.booking_id == Booking.id)
            .where(
                Applicant.scope == where.scope,
                Applicant.nik_hash == person.nik_hash,
                Applicant.is_live,
                Booking.state.in_(LIVE),
            )
        ).first()
        if clash is not None:
            raise rules.AlreadyBooked(
                "NIK ini sudah terdaftar untuk layanan ini. Cari namanya di daftar, lalu tandai hadir.", field="nik"
            )
    try:
        seats = claim(session, session_id, (Pool.WALK_IN,), 1, now=now)
    except rules.Full as full:
        raise rules.Full("Kursi datang langsung di sesi ini sudah habis. Pilih sesi lain hari ini.", wanted=1) from full
    booking_id = uuid4()
    body = keys.pick(CODE_ALPHABET, CODE_LENGTH)
    booking = insert(Booking).values(
        id=booking_id,
        page_id=where.page_id,
        session_id=session_id,
        scope=where.scope,
        state=State.BOOKED,
        channel=Channel.WALK_IN,
        pool=Pool.WALK_IN,
        token=keys.token(),
        entry_token=keys.entry_token(),
        code=body + rules.check_sign(body),
        form_key=form_key,
        form_digest="",
        made_at=now,
        booked_at=now,
        walk_in_day=where.day,
        walk_in_number=_next_number(session, where.page_id, where.day),
    )
    try:
        session.execute(booking)
    except IntegrityError as error:
        if violated(error, "uq_booking_booking_walk_in_number", "booking_booking.walk_in_number"):
            raise Stale from error
        raise
    applicant_id = seat_people(session, booking_id, where.scope, [person], seats, now=now, held_until=None)[0]
    audit.record(session, staff(actor_id), "booking.walk_in", "booking", booking_id, now=now)
    tap = Tap(tap_id, applicant_id, Stage.ARRIVED, Kind.SET, now, actor_id)
    mark(session, tap, count_by=count_by, now=now)
    return applicant_id


def _same_day(session: Session, session_id: UUID) -> Sequence[UUID]:
    """This session and the others of its page on its day."""
    here = aliased(BookingSession)
    return session.scalars(
        select(BookingSession.id)
        .join(here, and_(here.page_id == BookingSession.page_id, here.day == BookingSession.day))
        .where(here.id == session_id)
    ).all()


def _next_number(session: Session, page_id: UUID, day: date) -> int:
    """One more than the day's last walk-in; a number is never used twice."""
    last = session.execute(
        select(func.max(Booking.walk_in_number)).where(Booking.page_id == page_id, Booking.walk_in_day == day)
    ).scalar()
    return (last or 0) + 1
