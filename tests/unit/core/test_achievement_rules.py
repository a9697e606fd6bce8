"""Percentages, pace, the next ledger line, and the treasury's score."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.core.achievement import rules
from fieldops.core.achievement.rules import Posted, RoReport, capaian, next_line

DAY = date(2026, 12, 5)
LATER = date(2027, 1, 9)


# -- against the target -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("realisation", "target", "percent"),
    [
        (4312, 4800, "89.83"),
        (3, 4, "75.00"),
        (0, 4800, "0.00"),
        (5, 4, "125.00"),
        (1, 800, "0.13"),  # 0.125 rounds half up, not to even
        (1, 160, "0.63"),  # 0.625 likewise
        (-1, 800, "-0.13"),
    ],
)
def test_capaian_is_realisation_by_target_rounded_half_up_and_not_capped(realisation, target, percent):
    assert capaian(realisation, target) == Decimal(percent)
    assert str(capaian(realisation, target)) == percent


@pytest.mark.parametrize("target", [None, 0])
@pytest.mark.parametrize("realisation", [None, 0, 3])
def test_a_blank_or_zero_target_gives_no_percentage_at_all(realisation, target):
    assert capaian(realisation, target) is None


def test_a_realisation_that_nobody_told_gives_no_percentage():
    assert capaian(None, 4) is None


@pytest.mark.parametrize(
    ("today", "percent"),
    [
        (date(2025, 12, 31), "0.00"),
        (date(2026, 1, 1), "0.27"),
        (date(2026, 11, 25), "90.14"),
        (date(2026, 12, 31), "100.00"),
        (date(2027, 1, 1), "100.00"),
    ],
)
def test_the_pace_is_the_share_of_calendar_days_that_are_over_with_today(today, percent):
    assert rules.year_elapsed(2026, today) == Decimal(percent)


def test_a_leap_year_has_its_extra_day():
    assert rules.year_elapsed(2028, date(2028, 7, 1)) == Decimal("50.00")


def test_an_even_pace_would_have_reached_this_volume_today():
    assert rules.expected_by_now(4800, Decimal("90.14")) == 4327
    assert rules.expected_by_now(None, Decimal("90.14")) is None
    assert rules.expected_by_now(0, Decimal("90.14")) is None


@pytest.mark.parametrize(
    ("target", "realisation", "in_process", "weekends", "seats"),
    [
        (4800, 4312, 96, 5, 79),  # 392 / 5 = 78.4
        (4800, 4312, 0, 5, 98),
        (4800, 4790, 0, 5, 2),
        (4800, 4704, 96, 5, 0),
        (4800, 5000, 0, 0, 0),
        (4800, 4312, 96, 0, None),
        (None, 12, 0, 5, None),
        (0, 12, 0, 5, None),
    ],
)
def test_the_seats_per_weekend_close_the_gap_and_people_in_process_need_none(
    target, realisation, in_process, weekends, seats
):
    assert rules.seats_per_weekend(target, realisation, in_process, weekends) == seats


def test_a_source_is_shown_as_the_name_of_its_programme():
    assert rules.source_label("bontang-on-seven") == "BONTANG ON SEVEN"
    assert rules.source_label("persari") == "PERSARI"


# -- the ledger -------------------------------------------------------------------------------------------------


def test_the_first_line_of_a_subject_carries_the_day_and_the_source_given():
    assert next_line([], 1, source="persari", day=DAY) == Posted("persari", DAY, 1)


def test_nothing_is_written_when_the_net_is_right_already():
    issued = Posted("persari", DAY, 1)
    assert next_line([], 0, source="persari", day=DAY) is None
    assert next_line([issued], 1, source="persari", day=LATER) is None
    assert next_line([issued, Posted("persari", DAY, -1)], 0, source="persari", day=LATER) is None


def test_taking_back_corrects_the_day_and_the_source_of_the_line_taken_back():
    issued = [Posted("persari", DAY, 1)]
    assert next_line(issued, 0, source="bontang-on-seven", day=LATER) == Posted("persari", DAY, -1)


def test_taking_back_for_the_second_time_corrects_the_second_line_and_not_the_first():
    posted = [Posted("persari", DAY, 1), Posted("persari", DAY, -1), Posted("persari", LATER, 1)]
    assert next_line(posted, 0, source="persari", day=date(2027, 2, 6)) == Posted("persari", LATER, -1)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 60)), max_size=20))
def test_whatever_is_marked_and_undone_every_day_nets_to_0_but_the_day_that_stands(wishes):
    posted: list[Posted] = []
    for wanted, ahead in wishes:
        before = len(posted)
        line = next_line(posted, wanted, source="persari", day=DAY + timedelta(ahead))
        posted += [line] if line else []
        assert sum(one.volume for one in posted) == wanted
        assert len(posted) - before <= 1
    by_day: dict[date, int] = {}
    for line in posted:
        by_day[line.day] = by_day.get(line.day, 0) + line.volume
    assert sorted(by_day.values()) == [0] * (len(by_day) - sum(by_day.values())) + [1] * sum(by_day.values())


# -- the report -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "month", "end"),
    [
        (2026, 11, date(2026, 11, 30)),
        (2026, 12, date(2026, 12, 31)),
        (2028, 2, date(2028, 2, 29)),
        (2027, 0, date(2026, 12, 31)),
    ],
)
def test_a_month_ends_on_its_last_day_and_month_0_is_december_of_the_year_before(year, month, end):
    assert rules.month_end(year, month) == end


def report(**facts: object) -> RoReport:
    numbers = {"pcro": 100, "tpcro": 100, "rvro": 1, "volume": 1} | facts
    return RoReport(
        confirmed=bool(numbers.pop("confirmed", True)),
        **{name: Decimal(str(value)) for name, value in numbers.items()},
    )


def test_the_worked_example_of_the_treasury_score_comes_out():
    reports = [report(), report(), report(pcro=34, tpcro=42, rvro=34, volume=100)]
    assert rules.ikpa_of_ro(reports[2], 11) == Decimal("80.95")
    score = rules.ikpa(reports, 11, on_time=[True])
    assert score is not None
    assert (score.timeliness, score.achievement) == (Decimal(100), Decimal("93.65"))
    assert (score.value, score.contribution) == (Decimal("95.56"), Decimal("23.89"))
    assert score.grade == "Sangat Baik"


@pytest.mark.parametrize(
    ("facts", "month", "score"),
    [
        ({"confirmed": False}, 11, "0.00"),
        ({"pcro": 0, "rvro": 1}, 11, "0.00"),
        ({"pcro": 0, "rvro": 1}, 12, "0.00"),
        ({"pcro": 50, "tpcro": 40}, 11, "100.00"),
        ({"pcro": 50, "tpcro": 0}, 11, "100.00"),
        ({"pcro": 90, "tpcro": 100, "rvro": 3, "volume": 4}, 12, "75.00"),
        ({"pcro": 100, "tpcro": 40, "rvro": 3, "volume": 4}, 6, "75.00"),
        ({"pcro": 100, "rvro": 5, "volume": 4}, 12, "100.00"),
    ],
)
def test_one_ro_scores_progress_against_plan_but_volume_in_december_or_when_done(facts, month, score):
    assert rules.ikpa_of_ro(report(**facts), month) == Decimal(score)


def test_december_is_not_taken_to_be_100_and_a_late_report_costs_its_share_of_30():
    score = rules.ikpa([report(pcro=90, rvro=3, volume=4)], 12, on_time=[True, False])
    assert score is not None
    assert (score.timeliness, score.achievement, score.value) == (Decimal(50), Decimal(75), Decimal("67.50"))
    assert score.grade == "Kurang"


def test_an_ro_without_a_volume_is_refused_and_an_empty_report_has_no_score():
    with pytest.raises(ValueError, match="DIPA volume"):
        rules.ikpa_of_ro(report(volume=0), 11)
    assert rules.ikpa([], 11, on_time=[]) is None


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        ("95", "Sangat Baik"),
        ("94.99", "Baik"),
        ("89", "Baik"),
        ("88.99", "Cukup"),
        ("70", "Cukup"),
        ("69.99", "Kurang"),
    ],
)
def test_the_grades_begin_at_95_89_and_70(value, grade):
    assert rules.Ikpa(Decimal(0), Decimal(0), Decimal(value), Decimal(0)).grade == grade
