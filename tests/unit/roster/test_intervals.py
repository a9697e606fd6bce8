"""What two intervals share, what one leaves of another, and how long it is in words."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldops.core.roster.rules import Interval, merge, overlaps
from fieldops.core.roster.rules.fitness import gap_between
from fieldops.core.roster.rules.intervals import shared, without
from tests.unit.roster.cases import SATURDAY, at


def hours(first: float, last: float) -> Interval:
    return Interval(at(SATURDAY, first), at(SATURDAY, last))


intervals = st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda pair: hours(pair[0], sum(pair)))


def covered(parts) -> set[int]:
    """The hours that are in one of the parts, counted from Saturday 00.00."""
    hour = timedelta(hours=1)
    midnight = at(SATURDAY, 0)
    return {
        number
        for part in parts
        for number in range((part.starts_at - midnight) // hour, (part.ends_at - midnight) // hour)
    }


@settings(deadline=None)
@given(intervals, intervals)
def test_what_two_share_and_what_lies_between_them_is_mutual(one, other):
    assert shared(one, other) == shared(other, one)
    assert gap_between(one, other) == gap_between(other, one)
    assert (shared(one, other) > timedelta()) == overlaps(one, other) == (gap_between(one, other) < timedelta())


@settings(deadline=None)
@given(st.lists(intervals, max_size=6))
def test_merged_intervals_cover_the_same_hours_once(many):
    merged = merge(many)
    assert covered(merged) == covered(many)
    assert sum((part.length for part in merged), timedelta()) == timedelta(hours=len(covered(many)))
    assert merge(reversed(many)) == merge(merged) == merged


@settings(deadline=None)
@given(intervals, st.lists(intervals, max_size=4))
def test_what_is_left_of_an_interval_is_what_nothing_else_covers(one, taken):
    left = without(one, taken)
    assert covered(left) == covered([one]) - covered(taken)
    assert sum((part.length for part in left), timedelta()) == timedelta(hours=len(covered(left)))


def test_an_interval_that_touches_another_joins_it_and_an_empty_one_is_nothing():
    assert merge([hours(10, 12), hours(8, 10)]) == (hours(8, 12),)
    assert merge([hours(8, 8)]) == ()
    assert without(hours(8, 12), [hours(12, 14)]) == (hours(8, 12),)
