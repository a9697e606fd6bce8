"""What is said when somebody wants a vehicle or kit that is promised already."""

from __future__ import annotations

from datetime import time, timedelta

from fieldops.core.roster.rules.intervals import Interval
from fieldops.kit import clock
from fieldops.kit.indonesian import clock_time, long_date

WORKSHOP = "workshop"
"""The kind of a promise to the workshop: it stops new promises, and it does not ask those that were there before."""


def hours(interval: Interval) -> str:
    """`Sabtu, 28 November 2026, 07.00–16.00 WITA`, with the second day too when it ends on another one.

    An end at midnight belongs to the day before and is written 24.00.
    """
    first, last = clock.office_day(interval.starts_at), clock.office_day(interval.ends_at)
    starts, ends = clock_time(interval.starts_at, clock.ZONE), clock_time(interval.ends_at, clock.ZONE)
    if clock.in_office(interval.ends_at).time() == time():
        last, ends = last - timedelta(days=1), "24.00"
    if first == last:
        return f"{long_date(first)}, {starts}–{ends} {clock.ZONE_NAME}"
    return f"{long_date(first)}, {starts} sampai {long_date(last)}, {ends} {clock.ZONE_NAME}"


def taken(name: str, title: str, kind: str, other: Interval) -> str:
    """The sentence without advice: what is taken, by which promise, and when."""
    if kind == WORKSHOP:
        return f"{name} di bengkel: {title}, {hours(other)}."
    return f"{name} sudah dijanjikan: {title}, {hours(other)}."
