"""Reads of leave, of the duties that it breaks, and of time off that was earned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from fieldops.core.calendar.queries import closed_days
from fieldops.core.people.models import Person
from fieldops.core.roster.absences import rules
from fieldops.core.roster.absences.rules import LIVE, State
from fieldops.core.roster.models import AbsencePeriod, Busy, CompensationDay, Post
from fieldops.core.roster.rules import Absence, Duty, PostState
from fieldops.core.roster.rules.intervals import LEAVE, Interval

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

POST = "post"
"""The source of promises that posts make, which are read from the posts themselves. Posts know of leave (what is closed
earns time off), so leave does not import `posts.queries.POST`; a test keeps the two equal."""


@dataclass(frozen=True)
class AbsenceRow:
    """One request of leave, as a list or its own page shows it."""

    id: UUID
    person_id: UUID
    person: str
    kind: Absence
    interval: Interval
    note: str
    state: State
    is_imported: bool
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str

    @property
    def when(self) -> str:
        return rules.when(self.interval)

    def can_withdraw(self, now: datetime) -> bool:
        """Whether the person himself can still take it back."""
        return self.state is State.REQUESTED or (self.state is State.APPROVED and now < self.interval.starts_at)

    def can_refuse(self, now: datetime) -> bool:
        """Whether somebody else can still say no, or take back a yes."""
        return self.state is State.REQUESTED or (self.state is State.APPROVED and now < self.interval.ends_at)


def _absences() -> Select[AbsencePeriod, str, str, str]:
    requester, decider = aliased(Person), aliased(Person)
    return (
        select(AbsencePeriod, Person.name, requester.name, decider.name)
        .join(Person, Person.id == AbsencePeriod.person_id)
        .join(requester, requester.id == AbsencePeriod.requested_by)
        .outerjoin(decider, decider.id == AbsencePeriod.decided_by)
    )


def _read(session: Session, query: Select[AbsencePeriod, str, str, str]) -> list[AbsenceRow]:
    return [
        AbsenceRow(
            id=row.id,
            person_id=row.person_id,
            person=person,
            kind=Absence(row.kind),
            interval=Interval(row.starts_at, row.ends_at),
            note=row.note,
            state=State(row.state),
            is_imported=bool(row.calendar_uid),
            requested_by=requester,
            requested_at=row.requested_at,
            decided_by=decider,
            decided_at=row.decided_at,
            decision_note=row.decision_note,
        )
        for row, person, requester, decider in session.execute(query)
    ]


def one(session: Session, absence_id: UUID) -> AbsenceRow | None:
    return next(iter(_read(session, _absences().where(AbsencePeriod.id == absence_id))), None)


def coming_of(session: Session, person_id: UUID, *, now: datetime) -> list[AbsenceRow]:
    """Live leave of a person that is not over, soonest first. One query."""
    query = _absences().where(
        AbsencePeriod.person_id == person_id, AbsencePeriod.state.in_(LIVE), AbsencePeriod.ends_at > now
    )
    return _read(session, query.order_by(AbsencePeriod.starts_at))


def past_of(session: Session, person_id: UUID, *, now: datetime, limit: int = 50) -> list[AbsenceRow]:
    """What is over, was refused or withdrawn, newest first. One query."""
    over = or_(AbsencePeriod.state.not_in(LIVE), AbsencePeriod.ends_at <= now)
    query = _absences().where(AbsencePeriod.person_id == person_id, over)
    return _read(session, query.order_by(AbsencePeriod.starts_at.desc()).limit(limit))


def waiting(session: Session) -> list[AbsenceRow]:
    """All requests that wait for a decision, soonest first. One query."""
    query = _absences().where(AbsencePeriod.state == State.REQUESTED)
    return _read(session, query.order_by(AbsencePeriod.starts_at, Person.name))


def away(session: Session, *, now: datetime, limit: int = 100) -> list[AbsenceRow]:
    """Approved leave that is not over, soonest first. One query."""
    query = _absences().where(AbsencePeriod.state == State.APPROVED, AbsencePeriod.ends_at > now)
    return _read(session, query.order_by(AbsencePeriod.starts_at, Person.name).limit(limit))


def others_away(session: Session, row: AbsenceRow) -> list[AbsenceRow]:
    """Live leave of other people in these hours, by name. One query."""
    query = _absences().where(
        AbsencePeriod.person_id != row.person_id,
        AbsencePeriod.state.in_(LIVE),
        AbsencePeriod.starts_at < row.interval.ends_at,
        AbsencePeriod.ends_at > row.interval.starts_at,
    )
    return _read(session, query.order_by(Person.name, AbsencePeriod.starts_at))


def live_in(session: Session, person_id: UUID, interval: Interval, *, without: UUID | None = None) -> list[AbsenceRow]:
    """Live leave of a person that overlaps an interval, soonest first; `without` is not looked at. One query."""
    query = _absences().where(
        AbsencePeriod.person_id == person_id,
        AbsencePeriod.state.in_(LIVE),
        AbsencePeriod.starts_at < interval.ends_at,
        AbsencePeriod.ends_at > interval.starts_at,
    )
    if without is not None:
        query = query.where(AbsencePeriod.id != without)
    return _read(session, query.order_by(AbsencePeriod.starts_at))


# -- duties that leave breaks -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class BrokenDuty:
    """A duty, or another promise, of somebody who is away or asks to be. `source` and `ref` name the service.

    `post_id` is empty for a promise that is no post, as that of the lead of a weekend day.
    """

    absence_id: UUID
    person_id: UUID
    person: str
    title: str
    interval: Interval
    source: str
    ref: str
    sentence: str
    post_id: UUID | None = None
    duty: Duty | None = None
    is_draft: bool = False

    @property
    def when(self) -> str:
        return rules.when(self.interval)


_OPEN = (PostState.DRAFT, PostState.PUBLISHED)


def _posts(session: Session, *where: ColumnElement[bool], now: datetime) -> list[BrokenDuty]:
    rows = session.execute(
        select(Post, Person.name, AbsencePeriod)
        .join(AbsencePeriod, AbsencePeriod.person_id == Post.person_id)
        .join(Person, Person.id == Post.person_id)
        .where(
            Post.state.in_(_OPEN),
            Post.ends_at > now,
            AbsencePeriod.starts_at < Post.ends_at,
            AbsencePeriod.ends_at > Post.starts_at,
            *where,
        )
        .order_by(Post.starts_at, Person.name, AbsencePeriod.starts_at)
    )
    found = []
    for post, person, leave in rows:
        interval, away_at = Interval(post.starts_at, post.ends_at), Interval(leave.starts_at, leave.ends_at)
        found.append(
            BrokenDuty(
                absence_id=leave.id,
                person_id=leave.person_id,
                person=person,
                title=post.title,
                interval=interval,
                source=post.source,
                ref=post.ref,
                sentence=rules.overlap_words(Absence(leave.kind), away_at, interval),
                post_id=post.id,
                duty=Duty(post.duty),
                is_draft=post.state == PostState.DRAFT,
            )
        )
    return found


def _promises(session: Session, *where: ColumnElement[bool], now: datetime) -> list[BrokenDuty]:
    rows = session.execute(
        select(Busy, Person.name, AbsencePeriod)
        .join(AbsencePeriod, AbsencePeriod.person_id == Busy.holder_id)
        .join(Person, Person.id == Busy.holder_id)
        .where(
            Busy.holder_kind == "person",
            Busy.kind != LEAVE,
            Busy.source != POST,
            Busy.ends_at > now,
            AbsencePeriod.starts_at < Busy.ends_at,
            AbsencePeriod.ends_at > Busy.starts_at,
            *where,
        )
        .order_by(Busy.starts_at, Person.name)
    )
    found = []
    for busy, person, leave in rows:
        interval, away_at = Interval(busy.starts_at, busy.ends_at), Interval(leave.starts_at, leave.ends_at)
        found.append(
            BrokenDuty(
                absence_id=leave.id,
                person_id=leave.person_id,
                person=person,
                title=busy.title,
                interval=interval,
                source=busy.source,
                ref=busy.ref,
                sentence=rules.overlap_words(Absence(leave.kind), away_at, interval),
            )
        )
    return found


def broken_posts(session: Session, *, now: datetime) -> list[BrokenDuty]:
    """Posts, draft or published and not over, of somebody whose approved leave overlaps them. One query.

    Nothing is stored: when the leave is withdrawn or the post gets somebody else, it is not here any more.
    """
    return _posts(session, AbsencePeriod.state == State.APPROVED, now=now)


def broken_by(session: Session, absence_ids: Collection[UUID], *, now: datetime) -> dict[UUID, list[BrokenDuty]]:
    """What each leave breaks, or would break when it is approved: posts and other promises. Two queries."""
    if not absence_ids:
        return {}
    ids = AbsencePeriod.id.in_(absence_ids)
    found: dict[UUID, list[BrokenDuty]] = {absence_id: [] for absence_id in absence_ids}
    for duty in sorted(
        [*_posts(session, ids, now=now), *_promises(session, ids, now=now)], key=lambda one: one.interval.starts_at
    ):
        found[duty.absence_id].append(duty)
    return found


def broken_count(session: Session, *, now: datetime) -> int:
    """How many duties approved leave has broken, of weekends and trips alike. One query.

    Somebody's stretches of one trip are one duty: one person has to be found for them.
    """
    return len({(one.source, one.ref, one.person_id) for one in broken_posts(session, now=now)})


@dataclass(frozen=True)
class StandIn:
    """Somebody who could take over a duty, and in a sentence why he comes at this place of the list."""

    name: str
    reason: str


@dataclass(frozen=True)
class Cover:
    """A duty whose person is on approved leave, and the best of those who could take it over (`fits` in all)."""

    duty: BrokenDuty
    best: tuple[StandIn, ...]
    fits: int


BEST = 3
"""So many of those who could stand in are shown beside a broken duty; the page where one is chosen has them all."""


# -- what was imported ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Imported:
    """Leave that came from a calendar before."""

    id: UUID
    state: State
    interval: Interval
    note: str


def imported(session: Session, person_id: UUID, uids: Collection[str]) -> dict[str, Imported]:
    """What is known of these events of a person's calendar. One query."""
    if not uids:
        return {}
    rows = session.execute(
        select(
            AbsencePeriod.calendar_uid,
            AbsencePeriod.id,
            AbsencePeriod.state,
            AbsencePeriod.starts_at,
            AbsencePeriod.ends_at,
            AbsencePeriod.note,
        ).where(AbsencePeriod.person_id == person_id, AbsencePeriod.calendar_uid.in_(uids))
    )
    return {
        row.calendar_uid: Imported(row.id, State(row.state), Interval(row.starts_at, row.ends_at), row.note)
        for row in rows
    }


# -- compensation -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CompensationRow:
    """Time off from the duty that earned it to the leave that used it."""

    id: UUID
    person_id: UUID
    person: str
    title: str
    duty: Duty
    halves: int
    earned_on: date
    expires_on: date
    absence_id: UUID | None
    used_for: str
    cancelled_reason: str

    @property
    def amount(self) -> str:
        return rules.days_words(self.halves)

    def is_open(self, today: date) -> bool:
        """Whether it can still be used for leave that begins today."""
        return self.absence_id is None and not self.cancelled_reason and self.expires_on >= today


def compensation(
    session: Session, *, person_id: UUID | None = None, today: date, limit: int = 500
) -> list[CompensationRow]:
    """Time off of one person or of everybody: what can be used first, by the day it expires. One query."""
    usable = and_(
        CompensationDay.absence_id.is_(None),
        CompensationDay.cancelled_reason == "",
        CompensationDay.expires_on >= today,
    )
    query = (
        select(CompensationDay, Person.name, Post.title, Post.duty, AbsencePeriod)
        .join(Person, Person.id == CompensationDay.person_id)
        .join(Post, Post.id == CompensationDay.post_id)
        .outerjoin(AbsencePeriod, AbsencePeriod.id == CompensationDay.absence_id)
        .order_by(
            case((usable, 0), else_=1),
            case((usable, CompensationDay.expires_on)),
            CompensationDay.earned_on.desc(),
            Person.name,
            CompensationDay.id,
        )
        .limit(limit)
    )
    if person_id is not None:
        query = query.where(CompensationDay.person_id == person_id)
    return [
        CompensationRow(
            id=row.id,
            person_id=row.person_id,
            person=person,
            title=title,
            duty=Duty(duty),
            halves=row.halves,
            earned_on=row.earned_on,
            expires_on=row.expires_on,
            absence_id=row.absence_id,
            used_for=rules.when(Interval(leave.starts_at, leave.ends_at)) if leave is not None else "",
            cancelled_reason=row.cancelled_reason,
        )
        for row, person, title, duty, leave in session.execute(query)
    ]


def halves_needed(session: Session, interval: Interval) -> int:
    """Half days of work in an interval, by the calendar of the office. One query."""
    days = rules.days_of(interval)
    return rules.halves_needed(interval, closed_days(session, days[0], days[-1]))


def usable_halves(session: Session, person_id: UUID, day: date) -> int:
    """Half days off that leave which begins on `day` may use, summed over its rows. One query."""
    return int(
        session.scalar(
            select(func.coalesce(func.sum(CompensationDay.halves), 0)).where(
                CompensationDay.person_id == person_id,
                CompensationDay.absence_id.is_(None),
                CompensationDay.cancelled_reason == "",
                CompensationDay.expires_on >= day,
            )
        )
        or 0
    )
