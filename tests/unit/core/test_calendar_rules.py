"""Working days, with the Indonesian calendar of 2026 and 2027."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.core.calendar.rules import is_working_day, nth_working_day, weekends, working_days
from fieldops.seed import public_holidays

CLOSED = {row["day"] for row in public_holidays((2026, 2027))}

# The fifth working day of the month after, national holidays and cuti bersama skipped.
FIFTH = [
    (date(2026, 1, 31), date(2026, 2, 6)),
    (date(2026, 2, 28), date(2026, 3, 6)),
    (date(2026, 3, 31), date(2026, 4, 8)),
    (date(2026, 4, 30), date(2026, 5, 8)),
    (date(2026, 5, 31), date(2026, 6, 8)),
    (date(2026, 6, 30), date(2026, 7, 7)),
    (date(2026, 7, 31), date(2026, 8, 7)),
    (date(2026, 8, 31), date(2026, 9, 7)),
    (date(2026, 9, 30), date(2026, 10, 7)),
    (date(2026, 10, 31), date(2026, 11, 6)),
    (date(2026, 11, 30), date(2026, 12, 7)),
    (date(2026, 12, 31), date(2027, 1, 11)),
]


@pytest.mark.parametrize(("month_end", "deadline"), FIFTH)
def test_the_fifth_working_day_skips_weekends_holidays_and_cuti_bersama(month_end, deadline):
    assert nth_working_day(month_end, 5, CLOSED) == deadline


def test_a_cuti_bersama_is_no_working_day_and_moves_what_comes_after_it():
    christmas_eve = date(2026, 12, 24)
    assert not is_working_day(christmas_eve, CLOSED)
    assert is_working_day(christmas_eve, set())
    assert nth_working_day(date(2026, 12, 23), 1, CLOSED) == date(2026, 12, 28)


def test_eight_working_days_are_left_from_the_25th_of_november_until_the_deadline():
    assert working_days(date(2026, 11, 25), date(2026, 12, 7), CLOSED) == 8


def test_on_the_day_of_the_deadline_and_after_it_no_working_day_is_left():
    assert working_days(date(2026, 12, 7), date(2026, 12, 7), CLOSED) == 0
    assert working_days(date(2026, 12, 9), date(2026, 12, 7), CLOSED) == 0


def test_there_is_no_zeroth_working_day():
    with pytest.raises(ValueError, match="number 1"):
        nth_working_day(date(2026, 11, 30), 0, set())


@pytest.mark.parametrize(
    ("first", "last", "closed", "count"),
    [
        (date(2026, 11, 25), date(2026, 12, 31), set(), 5),
        (date(2026, 11, 28), date(2026, 11, 29), set(), 1),
        (date(2026, 11, 29), date(2026, 11, 29), set(), 1),
        (date(2026, 11, 28), date(2026, 11, 29), {date(2026, 11, 28)}, 1),
        (date(2026, 11, 28), date(2026, 11, 29), {date(2026, 11, 28), date(2026, 11, 29)}, 0),
        (date(2026, 11, 30), date(2026, 12, 4), set(), 0),
        (date(2026, 12, 31), date(2026, 12, 1), set(), 0),
        # A weekend over New Year is one weekend.
        (date(2033, 12, 31), date(2034, 1, 1), set(), 1),
    ],
)
def test_a_weekend_counts_once_and_only_when_one_of_its_days_is_open(first, last, closed, count):
    assert weekends(first, last, closed) == count


@given(
    after=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    n=st.integers(1, 40),
    gaps=st.sets(st.integers(1, 60), max_size=20),
)
def test_the_nth_working_day_is_a_working_day_and_n_working_days_away(after, n, gaps):
    closed = {after + timedelta(gap) for gap in gaps}
    day = nth_working_day(after, n, closed)
    assert is_working_day(day, closed)
    assert working_days(after, day, closed) == n
