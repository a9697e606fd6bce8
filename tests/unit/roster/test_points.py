"""What duties count, in hundredths of a point."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldops.core.roster.rules import Interval, Points, Weights, describe, points_of, points_together
from fieldops.kit.clock import ZONE
from tests.unit.roster.cases import FRIDAY, SATURDAY, SUNDAY, at

MONDAY = SUNDAY + timedelta(days=1)
HOLIDAYS = frozenset({MONDAY})


def hours(day: date, first: float, last: float) -> Interval:
    return Interval(at(day, first), at(day, last))


def count(interval: Interval, km: int = 0, **more) -> Points:
    return points_of(interval, holidays=HOLIDAYS, distance_km=km, zone=ZONE, **more)


@pytest.mark.parametrize(
    ("interval", "km", "points"),
    [
        # a Friday in the office
        (hours(FRIDAY, 8, 16), 0, Points(480, 800, 0, 0, 0, 0)),
        # Saturday: an hour and a half for each hour
        (hours(SATURDAY, 8, 16), 0, Points(480, 800, 400, 0, 0, 0)),
        (hours(SATURDAY, 8, 9.5), 0, Points(90, 150, 75, 0, 0, 0)),
        # Saturday evening until two: night from 22.00, Sunday is weekend too
        (hours(SATURDAY, 18, 26), 0, Points(480, 800, 400, 0, 200, 0)),
        # Friday night: weekend begins at midnight, night ends at 06.00
        (hours(FRIDAY, 22, 32), 0, Points(600, 1000, 400, 0, 400, 0)),
        # Sunday night into a holiday Monday: two hours weekend, two hours holiday, all of it night
        (hours(SUNDAY, 22, 26), 0, Points(240, 400, 100, 200, 200, 0)),
        # out of a holiday into a Tuesday
        (hours(MONDAY, 20, 26), 0, Points(360, 600, 0, 400, 200, 0)),
        # the way counts once for a duty
        (hours(SATURDAY, 8, 12), 19, Points(240, 400, 200, 0, 0, 0)),
        (hours(SATURDAY, 8, 12), 20, Points(240, 400, 200, 0, 0, 50)),
        (hours(SATURDAY, 8, 12), 60, Points(240, 400, 200, 0, 0, 100)),
        (hours(SATURDAY, 8, 12), 500, Points(240, 400, 200, 0, 0, 200)),
        # three days on the road: every night and every day once
        (hours(FRIDAY, 0, 72), 0, Points(4320, 7200, 2400, 0, 1200, 0)),
        # a minute, halves up: 1/60 of 100 is 1.67
        (Interval(at(SATURDAY, 8), at(SATURDAY, 8) + timedelta(minutes=1)), 0, Points(1, 2, 1, 0, 0, 0)),
    ],
)
def test_hours_weekend_holiday_night_and_way_stand_in_columns_of_their_own(interval, km, points):
    assert count(interval, km) == points
    assert points.total == points.base + points.weekend + points.holiday + points.night + points.distance


def test_a_holiday_on_a_sunday_counts_as_a_holiday_alone():
    points = points_of(hours(SUNDAY, 8, 12), holidays=frozenset({SUNDAY}), distance_km=0, zone=ZONE)
    assert points == Points(240, 400, 0, 400, 0, 0)


def test_days_and_nights_are_those_of_the_zone():
    utc = Interval(datetime(2026, 10, 2, 22, tzinfo=ZoneInfo("UTC")), datetime(2026, 10, 3, 2, tzinfo=ZoneInfo("UTC")))
    assert count(utc) == Points(240, 400, 200, 0, 0, 0)  # Saturday 06.00 to 10.00 in Bontang
    there = points_of(utc, holidays=HOLIDAYS, distance_km=0, zone=ZoneInfo("UTC"))
    assert there == Points(240, 400, 100, 0, 200, 0)


def test_other_weights_count_otherwise_and_none_count_nothing():
    saturday = hours(SATURDAY, 18, 26)
    assert count(saturday, 30, weights=Weights(100, 0, 0, 0, ())) == Points(480, 800, 0, 0, 0, 0)
    assert count(saturday, 30, weights=Weights(50, 100, 0, 25, ((10, 7),))) == Points(480, 400, 800, 0, 100, 7)


def test_d2_a_duty_over_midnight_is_one_duty_of_eight_hours():
    points = count(hours(SATURDAY, 18, 26))
    assert points.minutes == 480
    assert describe(points) == "8 jam 8,00 + akhir pekan 4,00 + malam 2,00"


def test_d14_each_minute_of_overlapping_duties_counts_once_and_night_is_not_doubled():
    """18.00 to 02.00 and 22.00 to 04.00 are ten hours, six of them night."""
    first, second = points_together(
        [(hours(SATURDAY, 18, 26), 0), (hours(SATURDAY, 22, 28), 0)], holidays=HOLIDAYS, zone=ZONE
    )
    assert first == count(hours(SATURDAY, 18, 26))
    assert second == count(hours(SATURDAY, 26, 28)) == Points(120, 200, 100, 0, 100, 0)
    assert first + second == count(hours(SATURDAY, 18, 28))


def test_d14_a_duty_inside_another_counts_nothing_not_even_its_way():
    outer, inner = points_together(
        [(hours(SATURDAY, 8, 16), 30), (hours(SATURDAY, 9, 10), 90)], holidays=HOLIDAYS, zone=ZONE
    )
    assert outer.distance == 50
    assert inner == Points()


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (Points(480, 800, 400), "8 jam 8,00 + akhir pekan 4,00"),
        (Points(450, 750, 0, 750, 100, 50), "7 jam 30 menit 7,50 + hari libur 7,50 + malam 1,00 + jarak 0,50"),
        (Points(45, 75), "45 menit 0,75"),
        (Points(), "0 menit 0,00"),
    ],
)
def test_points_are_described_by_the_columns_that_count(points, words):
    assert describe(points) == words


moments = st.integers(0, 10 * 24).map(lambda hour: at(FRIDAY, hour))
stretches = st.tuples(moments, st.integers(1, 60)).map(
    lambda pair: Interval(pair[0], pair[0] + timedelta(hours=pair[1]))
)


@settings(deadline=None)
@given(stretches, st.integers(1, 59))
def test_a_duty_that_is_cut_in_two_counts_as_much_as_before(whole, hour):
    middle = min(whole.starts_at + timedelta(hours=hour), whole.ends_at)
    halves = (Interval(whole.starts_at, middle), Interval(middle, whole.ends_at))
    assert count(halves[0]) + count(halves[1]) == count(whole)


@settings(deadline=None)
@given(st.lists(stretches, min_size=1, max_size=5))
def test_duties_together_count_the_hours_that_somebody_worked_and_no_more(many):
    together = sum(points_together([(one, 0) for one in many], holidays=HOLIDAYS, zone=ZONE), Points())
    friday, hour = at(FRIDAY, 0), timedelta(hours=1)
    worked = {n for one in many for n in range((one.starts_at - friday) // hour, (one.ends_at - friday) // hour)}
    assert together.minutes == 60 * len(worked)
    single = sum((count(hours(FRIDAY, n, n + 1)) for n in sorted(worked)), Points())
    assert together == single
