"""What a duty counts. All amounts are whole hundredths of a point; a point is an hour of ordinary work.

Every minute counts once in `base`. What makes it heavier stands in a column of its own, as an extra part and not as a
factor: a day is ordinary, weekend or holiday (a holiday on a Sunday is a holiday), and night comes on top.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from fieldops.core.roster.rules.intervals import Interval, merge, without
from fieldops.kit.indonesian import duration, number

SATURDAY: Final = 5
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)
"""Night on the office's wall clock: from 22.00 until 06.00 of the next day."""


@dataclass(frozen=True)
class Weights:
    """Hundredths of a point for each hour, and for the way: (from so many km, hundredths for the duty), rising."""

    base: int = 100
    weekend: int = 50
    holiday: int = 100
    night: int = 50
    distance: tuple[tuple[int, int], ...] = ((20, 50), (60, 100), (120, 200))


WEIGHTS: Final = Weights()


@dataclass(frozen=True)
class Points:
    """One duty, in hundredths of a point; `minutes` are minutes of work. `total` is the sum of the five columns."""

    minutes: int = 0
    base: int = 0
    weekend: int = 0
    holiday: int = 0
    night: int = 0
    distance: int = 0

    @property
    def total(self) -> int:
        return self.base + self.weekend + self.holiday + self.night + self.distance

    def __add__(self, other: Points) -> Points:
        return Points(
            self.minutes + other.minutes,
            self.base + other.base,
            self.weekend + other.weekend,
            self.holiday + other.holiday,
            self.night + other.night,
            self.distance + other.distance,
        )


def points_of(
    interval: Interval,
    *,
    holidays: frozenset[date],
    distance_km: int,
    zone: tzinfo,
    weights: Weights = WEIGHTS,
    taken: Iterable[Interval] = (),
) -> Points:
    """What `interval` counts. Days and nights are those of `zone`; `distance_km` is the way out, not both ways.

    Time in `taken` was counted with another duty of the same person and does not count again. A duty of which nothing
    is left counts no distance either. Each column is rounded once, to the nearest hundredth, halves up.
    """
    worked = weekend = holiday = night = timedelta()
    for part in without(interval, taken):
        for piece in _pieces(part, zone):
            local = piece.starts_at.astimezone(zone)
            worked += piece.length
            if local.date() in holidays:
                holiday += piece.length
            elif local.weekday() >= SATURDAY:
                weekend += piece.length
            if local.time() >= NIGHT_BEGINS or local.time() < NIGHT_ENDS:
                night += piece.length
    return Points(
        minutes=_half_up(worked, MINUTE),
        base=_half_up(worked, HOUR, weights.base),
        weekend=_half_up(weekend, HOUR, weights.weekend),
        holiday=_half_up(holiday, HOUR, weights.holiday),
        night=_half_up(night, HOUR, weights.night),
        distance=max((extra for km, extra in weights.distance if distance_km >= km), default=0) if worked else 0,
    )


def points_together(
    duties: Iterable[tuple[Interval, int]], *, holidays: frozenset[date], zone: tzinfo, weights: Weights = WEIGHTS
) -> tuple[Points, ...]:
    """What one person's duties count, each an interval and its way in km, in the order given.

    Time that two duties share counts with the first of them and with no other.
    """
    found: list[Points] = []
    taken: tuple[Interval, ...] = ()
    for interval, distance_km in duties:
        found.append(
            points_of(interval, holidays=holidays, distance_km=distance_km, zone=zone, weights=weights, taken=taken)
        )
        taken = merge((*taken, interval))
    return tuple(found)


def show(hundredths: int) -> str:
    """`14,50` for 1450."""
    return number(Decimal(hundredths) / 100, 2)


def describe(points: Points) -> str:
    """`8 jam 8,00 + akhir pekan 4,00`: the columns that are not 0, in the order of the ledger."""
    columns = {
        "akhir pekan": points.weekend,
        "hari libur": points.holiday,
        "malam": points.night,
        "jarak": points.distance,
    }
    parts = [f"{duration(timedelta(minutes=points.minutes))} {show(points.base)}"]
    return " + ".join(parts + [f"{word} {show(amount)}" for word, amount in columns.items() if amount])


def _pieces(interval: Interval, zone: tzinfo) -> Iterable[Interval]:
    """The interval cut where a day, a night or a morning begins, so that each piece is of one sort."""
    begins = interval.starts_at.astimezone(UTC)
    ends = interval.ends_at.astimezone(UTC)
    while begins < ends:
        day = begins.astimezone(zone).date()
        edges = [
            datetime.combine(each, clock, zone).astimezone(UTC)
            for each in (day, day + timedelta(days=1))
            for clock in (time(), NIGHT_ENDS, NIGHT_BEGINS)
        ]
        until = min([edge for edge in edges if edge > begins] + [ends])
        yield Interval(begins, min(until, ends))
        begins = until


def _half_up(length: timedelta, each: timedelta, amount: int = 1) -> int:
    """`amount` for every `each` in `length`, rounded to a whole number, halves up."""
    return (2 * amount * length + each) // (2 * each)
