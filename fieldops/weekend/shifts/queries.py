"""Reads of needs, the days that a roster covers, and duties that leave has broken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from fieldops.core.calendar.queries import holidays_on
from fieldops.core.roster.absences.queries import BEST, Cover, StandIn, broken_posts
from fieldops.core.roster.posts.queries import Ground, ground
from fieldops.core.roster.rules import Duty
from fieldops.core.roster.rules.ranking import candidates
from fieldops.kit import clock
from fieldops.weekend.models import WeekendDay, WeekendNeed
from fieldops.weekend.rules import Programme, Status
from fieldops.weekend.service import SOURCE
from fieldops.weekend.shifts.rules import ShiftNeed

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def needs(session: Session) -> dict[tuple[Programme, int], list[ShiftNeed]]:
    """The needs of an ordinary day for each programme and weekday, shifts in order. One query."""
    found: dict[tuple[Programme, int], dict[tuple[time, time], dict[Duty, int]]] = {}
    order = (WeekendNeed.programme.desc(), WeekendNeed.weekday, WeekendNeed.starts)
    for row in session.scalars(select(WeekendNeed).order_by(*order)):
        shifts = found.setdefault((Programme(row.programme), row.weekday), {})
        shifts.setdefault((row.starts, row.ends), {})[Duty(row.duty)] = row.people
    return {
        key: [ShiftNeed(starts, ends, people) for (starts, ends), people in shifts.items()]
        for key, shifts in found.items()
    }


@dataclass(frozen=True)
class RosterDay:
    """A day on which a programme would need people. `closed` says why it does not run."""

    programme: Programme
    day: date
    closed: str
    lead_id: UUID | None
    day_id: UUID | None


def roster_days(session: Session, saturday: date, weekends: int) -> list[RosterDay]:
    """Days of these weekends for which a programme has needs. A holiday is closed unless the day was planned all the
    same, under a name; a day that was cancelled is closed. Three queries."""
    last = saturday + timedelta(weeks=weekends - 1, days=1)
    rows = session.scalars(select(WeekendDay).where(WeekendDay.day >= saturday, WeekendDay.day <= last))
    live: dict[tuple[str, date], WeekendDay] = {}
    gone: set[tuple[str, date]] = set()
    for row in rows:
        if row.status == Status.CANCELLED:
            gone.add((row.programme, row.day))
        else:
            live[row.programme, row.day] = row
    wanted = sorted(
        (saturday + timedelta(weeks=week, days=weekday - 5), programme.value, programme)
        for programme, weekday in needs(session)
        for week in range(weekends)
    )
    holidays = holidays_on(session, [day for day, _, _ in wanted])
    days = []
    for day, value, programme in wanted:
        planned = live.get((value, day))
        closed = ""
        if planned is None and (value, day) in gone:
            closed = "Hari layanan dibatalkan."
        elif planned is None and day in holidays:
            closed = f"Libur: {', '.join(row.name for row in holidays[day])}."
        lead_id, day_id = (planned.lead_id, planned.id) if planned is not None else (None, None)
        days.append(RosterDay(programme, day, closed, lead_id, day_id))
    return days


def covers(session: Session, *, now: datetime) -> list[Cover]:
    """Every weekend post, draft or published and not over, that approved leave has broken, in order of time.

    One query, and those of `ground` for each day that has such a post.
    """
    grounds: dict[date, Ground] = {}
    found: dict[UUID, Cover] = {}
    for duty in broken_posts(session, now=now):
        if duty.source != SOURCE or duty.post_id is None or duty.post_id in found:
            continue
        day = clock.office_day(duty.interval.starts_at)
        if day not in grounds:
            grounds[day] = ground(session, day, day, today=clock.office_day(now))
        here = grounds[day]
        ranked = candidates(here.slot(duty.post_id), here.officers, here.promises, here.slots, here.limits, here.wishes)
        fit = [one for one in ranked if one.fits and one.officer.id != duty.person_id]
        best = tuple(StandIn(one.officer.name, one.reason) for one in fit[:BEST])
        found[duty.post_id] = Cover(duty, best, len(fit))
    return list(found.values())
