"""Reads of posts, and all that the rules need to judge them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from fieldops.core.calendar.models import Holiday
from fieldops.core.people.models import Person, PersonCompetence
from fieldops.core.people.rules import Role, skills_of
from fieldops.core.roster.models import Busy, PointLine, Post, Wish
from fieldops.core.roster.rules import Duty, Interval, Outcome, PostState
from fieldops.core.roster.rules.fitness import LIMITS, Limits, Officer, Promise, Slot
from fieldops.core.roster.rules.points import points_of
from fieldops.kit import clock

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from fieldops.settings import Settings

POST = "post"  # the source of a duty's promise in the busy table
ROSTERED = (Role.OFFICER, Role.SUPERVISOR, Role.TU)  # who takes part in weekend shifts
LOOK_BACK = timedelta(days=365)
_MIDNIGHT = datetime.min.time()
_AROUND = timedelta(days=16)  # as far as rest and days in a row reach


@dataclass(frozen=True)
class PostRow:
    """A post as pages show it. Instants are UTC, `day` is the office's."""

    id: UUID
    source: str
    ref: str
    day: date
    title: str
    duty: Duty
    number: int
    starts_at: datetime
    ends_at: datetime
    distance_km: int
    state: PostState
    person_id: UUID | None
    person: str | None
    is_pinned: bool
    why: str
    override_reason: str
    gap_owner: str | None
    outcome: Outcome
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    actual_starts_at: datetime | None
    actual_ends_at: datetime | None
    is_assumed: bool
    revision: int
    changed_at: datetime

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)

    @property
    def days(self) -> list[date]:
        """The office days on which it runs: two for a duty over midnight. It counts on the first."""
        last = clock.office_day(self.ends_at - timedelta(microseconds=1))
        return [self.day + timedelta(days=n) for n in range((last - self.day).days + 1)]

    @property
    def is_gap(self) -> bool:
        return self.person_id is None


def _rows() -> Select[Post, str, str]:
    owner = aliased(Person)
    return (
        select(Post, Person.name, owner.name)
        .join(Person, Person.id == Post.person_id, isouter=True)
        .join(owner, owner.id == Post.gap_owner_id, isouter=True)
        .order_by(Post.starts_at, Post.title, Post.duty, Post.number)
    )


def _read(session: Session, query: Select[Post, str, str]) -> list[PostRow]:
    order = list(Duty)
    found = [
        PostRow(
            id=post.id,
            source=post.source,
            ref=post.ref,
            day=post.day,
            title=post.title,
            duty=Duty(post.duty),
            number=post.number,
            starts_at=post.starts_at,
            ends_at=post.ends_at,
            distance_km=post.distance_km,
            state=PostState(post.state),
            person_id=post.person_id,
            person=name,
            is_pinned=post.is_pinned,
            why=post.why,
            override_reason=post.override_reason,
            gap_owner=owner,
            outcome=Outcome(post.outcome),
            checked_in_at=post.checked_in_at,
            checked_out_at=post.checked_out_at,
            actual_starts_at=post.actual_starts_at,
            actual_ends_at=post.actual_ends_at,
            is_assumed=post.is_assumed,
            revision=post.revision,
            changed_at=post.changed_at,
        )
        for post, name, owner in session.execute(query)
    ]
    return sorted(found, key=lambda row: (row.starts_at, row.title, order.index(row.duty), row.number))


def posts_between(session: Session, first: date, last: date, *, source: str | None = None) -> list[PostRow]:
    """All posts that start on these days of the office, both included, without cancelled ones. One query."""
    query = _rows().where(Post.day >= first, Post.day <= last, Post.state != PostState.CANCELLED)
    return _read(session, query if source is None else query.where(Post.source == source))


def posts_of(session: Session, person_id: UUID, first: date, last: date) -> list[PostRow]:
    """What a person has been told to do on these days: published and locked posts. One query."""
    told = (PostState.PUBLISHED, PostState.LOCKED)
    query = _rows().where(Post.person_id == person_id, Post.day >= first, Post.day <= last, Post.state.in_(told))
    return _read(session, query)


def last_told_day(session: Session, today: date, *, source: str) -> date | None:
    """The last day up to `today` on which somebody stood, or was to stand, for this source. One query."""
    told = (PostState.PUBLISHED, PostState.LOCKED)
    here = (Post.source == source, Post.day <= today, Post.state.in_(told), Post.person_id.is_not(None))
    return session.scalar(select(func.max(Post.day)).where(*here))


def post(session: Session, post_id: UUID) -> PostRow | None:
    return next(iter(_read(session, _rows().where(Post.id == post_id))), None)


_limits: Limits = LIMITS


def use_limits(settings: Settings) -> None:
    """Judge by these settings from now on. Called once when a process starts, as for the key and the counts of tries;
    until then the limits are those of `fitness.Limits`."""
    global _limits
    _limits = Limits(
        rest=timedelta(hours=settings.roster_rest_hours),
        days_in_row=settings.roster_days_in_row,
        hours_in_24=timedelta(hours=settings.roster_day_hours),
    )


def office_limits() -> Limits:
    """The limits of this office, without its holidays."""
    return _limits


@dataclass(frozen=True)
class Ground:
    """What the rules stand on: who there is, what they have promised elsewhere, which posts are theirs, holidays."""

    officers: tuple[Officer, ...]
    promises: dict[UUID, tuple[Promise, ...]]
    slots: tuple[Slot, ...]
    holidays: frozenset[date]
    wishes: dict[tuple[UUID, date], bool]
    office: Limits

    @property
    def limits(self) -> Limits:
        """What the office set, with the holidays around these days."""
        return replace(self.office, holidays=self.holidays)

    def officer(self, person_id: UUID) -> Officer | None:
        return next((one for one in self.officers if one.id == person_id), None)

    def duties_of(self, person_id: UUID, *, without: Collection[UUID] = ()) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if slot.person_id == person_id and slot.id not in without)

    def slot(self, post_id: UUID) -> Slot:
        return next(slot for slot in self.slots if slot.id == post_id)


def ground(session: Session, first: date, last: date, *, today: date) -> Ground:
    """Everything that can matter for posts from `first` to `last`. Eight queries, however many people there are."""
    begins = clock.at_office(first, _MIDNIGHT) - _AROUND
    ends = clock.at_office(last, _MIDNIGHT) + _AROUND
    near = (
        select(Post)
        .where(Post.state != PostState.CANCELLED, Post.starts_at < ends, Post.ends_at > begins)
        .order_by(Post.starts_at, Post.id)
    )
    posts = list(session.scalars(near))
    holidays = frozenset(
        session.scalars(select(Holiday.day).where(Holiday.day >= first - _AROUND, Holiday.day <= last + _AROUND))
    )
    promises: dict[UUID, list[Promise]] = defaultdict(list)
    busy = select(Busy.holder_id, Busy.starts_at, Busy.ends_at, Busy.kind, Busy.title, Busy.ref).where(
        Busy.holder_kind == "person", Busy.source != POST, Busy.starts_at < ends, Busy.ends_at > begins
    )
    for row in session.execute(busy.order_by(Busy.starts_at)):
        promises[row.holder_id].append(Promise(row.starts_at, row.ends_at, row.kind, row.title, row.ref))
    wishes = {
        (row.person_id, row.day): row.wants
        for row in session.scalars(select(Wish).where(Wish.day >= first, Wish.day <= last))
    }
    return Ground(
        officers=tuple(officers(session, today=today)),
        promises={who: tuple(theirs) for who, theirs in promises.items()},
        slots=tuple(slot_of(one, holidays) for one in posts),
        holidays=holidays,
        wishes=wishes,
        office=office_limits(),
    )


def slot_of(post: Post, holidays: frozenset[date]) -> Slot:
    """A post as the rules see it. Fixed is what a proposal may not touch: pinned by hand, published or locked. What is
    locked stands in the ledger already, so here it has no points."""
    interval = Interval(post.starts_at, post.ends_at)
    points = points_of(interval, holidays=holidays, distance_km=post.distance_km, zone=clock.ZONE)
    return Slot(
        id=post.id,
        starts_at=post.starts_at,
        ends_at=post.ends_at,
        day=post.day,
        duty=Duty(post.duty),
        title=post.title,
        points=0 if post.state == PostState.LOCKED else points.total,
        person_id=post.person_id,
        is_fixed=post.is_pinned or post.state != PostState.DRAFT,
    )


def officers(session: Session, *, today: date) -> list[Officer]:
    """Everybody who can be rostered (ROSTERED), with points of the last 12 months. Four queries."""
    skills: dict[UUID, set[str]] = defaultdict(set)
    for row in session.execute(select(PersonCompetence.person_id, PersonCompetence.competence)):
        skills[row.person_id].add(row.competence)
    ledger = points_by_person(session, today - LOOK_BACK, today)
    last = last_duties(session, today)
    people = session.execute(
        select(Person.id, Person.name, Person.role)
        .where(Person.is_active, Person.role.in_(ROSTERED))
        .order_by(Person.name, Person.id)
    )
    return [
        Officer(
            id=row.id,
            name=row.name,
            skills=skills_of(Role(row.role), skills[row.id]),
            points=ledger.get(row.id, 0),
            last_duty=last.get(row.id),
        )
        for row in people
    ]


_TOTAL = PointLine.base + PointLine.weekend + PointLine.holiday + PointLine.night + PointLine.distance


def points_by_person(session: Session, after: date, last: date) -> dict[UUID, int]:
    """Points of the ledger in hundredths, for duties after `after` up to and with `last`. One query."""
    rows = session.execute(
        select(PointLine.person_id, func.sum(_TOTAL))
        .where(PointLine.day > after, PointLine.day <= last)
        .group_by(PointLine.person_id)
    )
    return {person_id: int(total) for person_id, total in rows}


def last_duties(session: Session, today: date) -> dict[UUID, date]:
    """The day of each person's last duty that was worked or is still unwritten, before or on `today`. One query."""
    worked = or_(Post.outcome == Outcome.WORKED, and_(Post.outcome == "", Post.state == PostState.PUBLISHED))
    rows = session.execute(
        select(Post.person_id, func.max(Post.day))
        .where(Post.person_id.is_not(None), Post.day <= today, worked)
        .group_by(Post.person_id)
    )
    return {person_id: day for person_id, day in rows if person_id is not None}


@dataclass(frozen=True)
class PointRow:
    """What somebody has carried in 12 months. Amounts are hundredths of a point, `minutes` of work."""

    id: UUID
    name: str
    last_duty: date | None
    duties: int
    minutes: int
    base: int
    weekend: int
    holiday: int
    night: int
    distance: int

    @property
    def total(self) -> int:
        return self.base + self.weekend + self.holiday + self.night + self.distance


def point_table(session: Session, *, today: date) -> list[PointRow]:
    """Everybody who can be rostered, the most loaded first. Duties are counted by their lines and reversing lines,
    so a corrected one counts once. Three queries."""
    amounts = [PointLine.minutes, PointLine.base, PointLine.weekend, PointLine.holiday, PointLine.night]
    amounts.append(PointLine.distance)
    signs = func.sum(case((PointLine.minutes > 0, 1), (PointLine.minutes < 0, -1), else_=0))
    sums = {
        row[0]: tuple(int(amount) for amount in row[1:])
        for row in session.execute(
            select(PointLine.person_id, signs, *(func.sum(one) for one in amounts))
            .where(PointLine.day > today - LOOK_BACK, PointLine.day <= today)
            .group_by(PointLine.person_id)
        )
    }
    last = last_duties(session, today)
    people = session.execute(
        select(Person.id, Person.name).where(Person.is_active, Person.role.in_(ROSTERED)).order_by(Person.name)
    )
    rows = [PointRow(row.id, row.name, last.get(row.id), *sums.get(row.id, (0,) * 7)) for row in people]
    return sorted(rows, key=lambda row: (-row.total, row.name))


@dataclass(frozen=True)
class LineRow:
    """One line of the point ledger, with its parts in hundredths of a point."""

    day: date
    title: str
    minutes: int
    base: int
    weekend: int
    holiday: int
    night: int
    distance: int

    @property
    def total(self) -> int:
        return self.base + self.weekend + self.holiday + self.night + self.distance


def point_lines(session: Session, person_id: UUID, *, today: date) -> list[LineRow]:
    """The lines behind a person's points of the last 12 months, newest first. One query."""
    rows = session.scalars(
        select(PointLine)
        .where(PointLine.person_id == person_id, PointLine.day > today - LOOK_BACK, PointLine.day <= today)
        .order_by(PointLine.day.desc(), PointLine.made_at.desc(), PointLine.turn.desc())
    )
    return [
        LineRow(row.day, row.title, row.minutes, row.base, row.weekend, row.holiday, row.night, row.distance)
        for row in rows
    ]
