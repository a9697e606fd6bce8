"""Reads of weekend days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select

from fieldops.core.booking.models import BookingPage, BookingSession, Seat
from fieldops.core.booking.queries.seats import pool_counts, seat_counts
from fieldops.core.booking.rules import Pool
from fieldops.core.people.models import Person
from fieldops.core.places.models import Site
from fieldops.core.roster.models import Post
from fieldops.core.roster.rules import Duty, PostState
from fieldops.kit.indonesian import join_words
from fieldops.weekend import rules
from fieldops.weekend.models import WeekendDay, WeekendTemplate, WeekendTemplateSession
from fieldops.weekend.rules import Programme, Release, SessionPlan, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from fieldops.core.booking.queries.seats import PoolCount


@dataclass(frozen=True)
class Template:
    programme: Programme
    weekday: int
    release: Release
    sessions: tuple[SessionPlan, ...]


def templates(session: Session) -> list[Template]:
    """All weekly templates, PERSARI first."""
    plans: dict[UUID, list[SessionPlan]] = {}
    for row in session.scalars(select(WeekendTemplateSession).order_by(WeekendTemplateSession.starts)):
        plan = SessionPlan(row.starts, row.ends, row.seats_public, row.seats_priority, row.seats_walk_in)
        plans.setdefault(row.template_id, []).append(plan)
    rows = session.scalars(select(WeekendTemplate).order_by(WeekendTemplate.programme.desc(), WeekendTemplate.weekday))
    return [
        Template(
            Programme(row.programme),
            row.weekday,
            Release(row.opens_days_before, row.opens_at, row.closes_hours_before, row.rolls_hours_before),
            tuple(plans.get(row.id, [])),
        )
        for row in rows
    ]


def template(session: Session, programme: Programme, weekday: int) -> Template | None:
    return next((one for one in templates(session) if (one.programme, one.weekday) == (programme, weekday)), None)


@dataclass(frozen=True)
class DayFacts:
    """What followers of a day need to know. Instants are UTC."""

    starts_at: datetime
    ends_at: datetime
    seats: int
    place: str
    area_code: str | None


AHEAD = timedelta(days=30)


def no_day_until(session: Session, today: date) -> date | None:
    """The last of the next 30 days, when none of them has a published service day; else None. One query."""
    last = today + AHEAD
    there = (WeekendDay.day >= today, WeekendDay.day <= last, WeekendDay.status == Status.PUBLISHED)
    return None if session.scalar(select(WeekendDay.id).where(*there).limit(1)) else last


def day_facts(session: Session, day_id: UUID) -> DayFacts:
    starts_at, ends_at = session.execute(
        select(func.min(BookingSession.starts_at), func.max(BookingSession.ends_at)).where(
            BookingSession.source_ref == str(day_id)
        )
    ).one()
    seats = session.execute(
        select(func.count(Seat.id))
        .join(BookingSession, BookingSession.id == Seat.session_id)
        .where(BookingSession.source_ref == str(day_id))
    ).scalar_one()
    site = session.execute(
        select(Site.name, Site.area_code).join(WeekendDay, WeekendDay.site_id == Site.id).where(WeekendDay.id == day_id)
    ).one()
    return DayFacts(starts_at, ends_at, seats, site.name, site.area_code)


@dataclass(frozen=True)
class DayRow:
    """A service day in a list or on its own page. `lead` is who leads by the published roster, else who was named."""

    id: UUID
    programme: Programme
    day: date
    status: Status
    place: str
    address: str
    lead: str | None
    page_code: str
    override_reason: str
    override_by: str | None
    cancel_reason: str
    published_at: datetime | None
    seats: int
    taken: int


def _days(session: Session, *conditions: object) -> list[DayRow]:
    lead, overrider = Person.__table__.alias("lead"), Person.__table__.alias("overrider")
    rows: Sequence[Any] = session.execute(
        select(
            WeekendDay.id,
            WeekendDay.programme,
            WeekendDay.day,
            WeekendDay.status,
            Site.name.label("place"),
            Site.address,
            lead.c.name.label("lead"),
            BookingPage.code.label("page_code"),
            WeekendDay.override_reason,
            overrider.c.name.label("override_by"),
            WeekendDay.cancel_reason,
            WeekendDay.published_at,
        )
        .join(Site, Site.id == WeekendDay.site_id)
        .join(BookingPage, BookingPage.id == WeekendDay.page_id)
        .outerjoin(lead, lead.c.id == WeekendDay.lead_id)
        .outerjoin(overrider, overrider.c.id == WeekendDay.override_by)
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(WeekendDay.day, WeekendDay.programme.desc())
    ).all()
    counts = seat_counts(session, [str(row.id) for row in rows])
    leads = _leads(session, {rules.shift_ref(Programme(row.programme), row.day) for row in rows})
    found = []
    for row in rows:
        by_roster = leads.get(rules.shift_ref(Programme(row.programme), row.day))
        seats, taken = counts.get(str(row.id), (0, 0))
        facts = dict(row._mapping) | {"programme": Programme(row.programme), "status": Status(row.status)}
        facts["lead"] = join_words(by_roster) if by_roster else row.lead
        found.append(DayRow(**facts, seats=seats, taken=taken))
    return found


def _leads(session: Session, refs: Collection[str]) -> dict[str, list[str]]:
    """The names of those who lead the shifts of a day by the published roster, in order of time. One query."""
    told = (PostState.PUBLISHED, PostState.LOCKED)
    rows = session.execute(
        select(Post.ref, Person.name)
        .join(Person, Person.id == Post.person_id)
        .where(Post.source == rules.SOURCE, Post.ref.in_(refs), Post.duty == Duty.SUPERVISOR, Post.state.in_(told))
        .order_by(Post.starts_at, Person.name)
    )
    found: dict[str, dict[str, None]] = {}
    for ref, name in rows:
        found.setdefault(ref, {})[name] = None
    return {ref: list(names) for ref, names in found.items()}


def days_from(session: Session, first: date, *, limit: int = 60) -> list[DayRow]:
    """Service days on or after an office day, soonest first. Three queries."""
    return _days(session, WeekendDay.day >= first)[:limit]


def day(session: Session, day_id: UUID) -> DayRow | None:
    return next(iter(_days(session, WeekendDay.id == day_id)), None)


@dataclass(frozen=True)
class SessionRow:
    id: UUID
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    rolls_at: datetime
    pools: dict[Pool, PoolCount]


def day_sessions(session: Session, day_id: UUID) -> list[SessionRow]:
    """The sessions of a day with seats and taken seats per pool. Two queries."""
    rows = session.execute(
        select(
            BookingSession.id,
            BookingSession.starts_at,
            BookingSession.ends_at,
            BookingSession.opens_at,
            BookingSession.closes_at,
            BookingSession.rolls_at,
        )
        .where(BookingSession.source_ref == str(day_id))
        .order_by(BookingSession.starts_at)
    ).all()
    pools = pool_counts(session, [row.id for row in rows])
    return [SessionRow(*row, pools.get(row.id, {})) for row in rows]


def planned(session: Session, first: date, until: date) -> set[tuple[Programme, date]]:
    """Programme and date of live days in [first, until)."""
    rows = session.execute(
        select(WeekendDay.programme, WeekendDay.day).where(
            WeekendDay.day >= first, WeekendDay.day < until, WeekendDay.status != Status.CANCELLED
        )
    )
    return {(Programme(row[0]), row[1]) for row in rows}
