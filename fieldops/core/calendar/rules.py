"""Working days. Pure: which days are closed comes as an argument."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

SATURDAY = 5


class HolidayKind(StrEnum):
    """Why a day is closed. OFFICE is the office's own choice and moves no date that others set."""

    NATIONAL = "nasional"
    JOINT_LEAVE = "cuti bersama"
    OFFICE = "kantor"


COUNTRYWIDE = (HolidayKind.NATIONAL, HolidayKind.JOINT_LEAVE)


def is_working_day(day: date, closed: Collection[date]) -> bool:
    """Monday to Friday and not closed."""
    return day.weekday() < SATURDAY and day not in closed


def working_days(after: date, last: date, closed: Collection[date]) -> int:
    """How many working days follow `after`, up to and with `last`. 0 when `last` is not after `after`."""
    return sum(is_working_day(after + timedelta(n), closed) for n in range(1, (last - after).days + 1))


def nth_working_day(after: date, n: int, closed: Collection[date]) -> date:
    """The `n`th working day that follows `after`. Refuses n < 1 with ValueError."""
    if n < 1:
        raise ValueError("the first working day is number 1")
    day = after
    while n:
        day += timedelta(days=1)
        n -= is_working_day(day, closed)
    return day


def weekends(first: date, last: date, closed: Collection[date]) -> int:
    """How many weekends have at least one open Saturday or Sunday from `first` to `last`, both included."""
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    open_days = (day for day in days if day.weekday() >= SATURDAY and day not in closed)
    return len({day.isocalendar()[:2] for day in open_days})
