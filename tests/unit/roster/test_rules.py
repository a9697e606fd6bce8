"""Two promises clash when they share an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.core.roster.rules import Interval, overlaps

START = datetime(2026, 11, 28, tzinfo=UTC)


def hours(first: float, last: float) -> Interval:
    return Interval(START + timedelta(hours=first), START + timedelta(hours=last))


intervals = st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda pair: hours(pair[0], sum(pair)))


@given(intervals, intervals)
def test_a_clash_is_mutual_and_means_a_shared_hour(one: Interval, other: Interval) -> None:
    assert overlaps(one, other) == overlaps(other, one)
    assert overlaps(one, one)
    first = max(one.starts_at, other.starts_at)
    assert overlaps(one, other) == (first < one.ends_at and first < other.ends_at)


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (hours(8, 10), hours(10, 12), False),
        (hours(8, 10), hours(9.99, 12), True),
        (hours(8, 12), hours(9, 10), True),
        (hours(8, 10), hours(32, 34), False),
    ],
)
def test_back_to_back_is_no_clash(one: Interval, other: Interval, clash: bool) -> None:
    assert overlaps(one, other) is overlaps(other, one) is clash
