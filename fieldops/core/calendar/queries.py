"""Reads of the calendar: which days are closed, and working days with holidays and cuti bersama skipped.

A day that only the office closes is no working day of its staff, but it moves no date that others set; so the
working-day counts here, which serve the deadlines of the treasury, know the national calendar only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from fieldops.core.calendar import rules
from fieldops.core.calendar.models import Holiday
from fieldops.core.calendar.rules import COUNTRYWIDE, HolidayKind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class HolidayRow:
    """One reason why a day is closed. A day can have several."""

    day: date
    name: str
    kind: HolidayKind
    source: str


def holidays_on(session: Session, days: Collection[date]) -> dict[date, list[HolidayRow]]:
    """The reasons why these days are closed; a day that is not closed is not in the answer. One query."""
    if not days:
        return {}
    rows = session.execute(
        select(Holiday.day, Holiday.name, Holiday.kind, Holiday.source)
        .where(Holiday.day.in_(days))
        .order_by(Holiday.day, Holiday.name)
    )
    found: dict[date, list[HolidayRow]] = {}
    for row in rows:
        found.setdefault(row.day, []).append(HolidayRow(row.day, row.name, HolidayKind(row.kind), row.source))
    return found


def closed_days(
    session: Session, first: date, last: date, *, kinds: Collection[HolidayKind] = tuple(HolidayKind)
) -> set[date]:
    """Days from `first` to `last`, both included, with a holiday of one of these kinds."""
    return set(
        session.scalars(
            select(Holiday.day).where(
                Holiday.day >= first, Holiday.day <= last, Holiday.kind.in_([kind.value for kind in kinds])
            )
        )
    )


def working_days_between(session: Session, after: date, last: date) -> int:
    """How many working days follow `after`, up to and with `last`: the days left until a deadline on `last`."""
    return rules.working_days(after, last, closed_days(session, after, last, kinds=COUNTRYWIDE))


def nth_working_day_after(session: Session, month_end: date, n: int) -> date:
    """The `n`th working day after `month_end`. Reads one year ahead; refuses n over 150 with ValueError."""
    if n > 150:
        raise ValueError("only dates within a year can be told")
    ahead = closed_days(session, month_end, month_end + timedelta(days=366), kinds=COUNTRYWIDE)
    return rules.nth_working_day(month_end, n, ahead)


def is_loaded(session: Session, year: int) -> bool:
    """Whether the holidays of a year are known. Without them a date counted in working days is only a guess."""
    known = exists().where(
        Holiday.day >= date(year, 1, 1), Holiday.day < date(year + 1, 1, 1), Holiday.kind == HolidayKind.NATIONAL
    )
    return bool(session.scalar(select(known)))
