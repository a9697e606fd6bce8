"""The only clock. Instants are aware UTC; days and weeks are the office's (Asia/Makassar, WITA, UTC+8)."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONE = ZoneInfo("Asia/Makassar")
ZONE_NAME = "WITA"

_fixed: datetime | None = None


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _fixed or datetime.now(UTC)


def today() -> date:
    """The office's date right now."""
    return office_day(now())


def office_day(instant: datetime) -> date:
    """The office's date at an aware instant: Saturday 07.30 WITA is Saturday although it is Friday in UTC."""
    return instant.astimezone(ZONE).date()


def in_office(instant: datetime) -> datetime:
    """The same instant on the office's wall clock."""
    return instant.astimezone(ZONE)


def at_office(day: date, clock: time) -> datetime:
    """The UTC instant of a wall-clock time at the office on `day`."""
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Half-open UTC bounds [from, until) of an office day."""
    return at_office(day, time()), at_office(day + timedelta(days=1), time())


def year_bounds(year: int) -> tuple[date, date]:
    """Half-open bounds of an output year: output years are calendar years of the office."""
    return date(year, 1, 1), date(year + 1, 1, 1)


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """For tests and demonstrations: `now()` answers `instant` inside the block."""
    global _fixed
    before, _fixed = _fixed, instant.astimezone(UTC)
    try:
        yield
    finally:
        _fixed = before
