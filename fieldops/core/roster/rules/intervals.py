"""Half-open stretches of time: when two clash, and what is left of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldops.kit.errors import Refusal

LEAVE = "leave"
"""The kind of a promise to be away: it stops new duties, and it does not ask those that were there before."""


@dataclass(frozen=True)
class Interval:
    """Half-open: [starts_at, ends_at), aware instants. Back-to-back is no clash."""

    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


def overlaps(one: Interval, other: Interval) -> bool:
    """Whether two half-open intervals share an instant. Symmetric."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def shared(one: Interval, other: Interval) -> timedelta:
    """How long both last at once; nothing when they do not overlap. Symmetric."""
    return max(min(one.ends_at, other.ends_at) - max(one.starts_at, other.starts_at), timedelta())


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same instants without overlaps, in order; what touches becomes one."""
    merged: list[Interval] = []
    for one in sorted(intervals, key=lambda each: (each.starts_at, each.ends_at)):
        if one.ends_at <= one.starts_at:
            continue
        if merged and one.starts_at <= merged[-1].ends_at:
            merged[-1] = Interval(merged[-1].starts_at, max(merged[-1].ends_at, one.ends_at))
        else:
            merged.append(one)
    return tuple(merged)


def without(interval: Interval, taken: Iterable[Interval]) -> tuple[Interval, ...]:
    """The parts of `interval` that none of `taken` covers, in order."""
    left, begins = [], interval.starts_at
    for one in merge(taken):
        if one.ends_at <= begins or one.starts_at >= interval.ends_at:
            continue
        if one.starts_at > begins:
            left.append(Interval(begins, one.starts_at))
        begins = one.ends_at
    if begins < interval.ends_at:
        left.append(Interval(begins, interval.ends_at))
    return tuple(left)


class Clash(Refusal):
    """Someone or something is promised already; the sentence names what and when."""

    sentence = "Sudah ada tugas lain pada jam itu."
    field = "lead"
