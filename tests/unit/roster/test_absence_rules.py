"""Leave as instants of the office, however the server's clock is set; who decides; what pays for time off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.core.roster.absences import rules
from fieldops.core.roster.absences.rules import CompensationRule, Part, State, period
from fieldops.core.roster.rules import Absence, Interval, overlaps
from fieldops.core.roster.rules.intervals import shared
from fieldops.kit import clock
from tests.zones import standing_in

MONDAY, TUESDAY, SUNDAY = date(2026, 11, 30), date(2026, 12, 1), date(2026, 11, 29)
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # Wednesday, 10.00 WITA


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# -- parts of a day


@pytest.mark.parametrize(
    ("first", "last", "part", "starts", "ends", "expected"),
    [
        # WITA is UTC+8: the office's Monday begins on Sunday, 16.00 UTC.
        (MONDAY, MONDAY, Part.FULL, None, None, ("2026-11-29 16:00", "2026-11-30 16:00")),
        (MONDAY, TUESDAY, Part.FULL, None, None, ("2026-11-29 16:00", "2026-12-01 16:00")),
        (MONDAY, MONDAY, Part.MORNING, None, None, ("2026-11-29 23:30", "2026-11-30 04:00")),
        (MONDAY, MONDAY, Part.AFTERNOON, None, None, ("2026-11-30 04:00", "2026-11-30 08:00")),
        (MONDAY, MONDAY, Part.HOURS, time(9), time(11, 30), ("2026-11-30 01:00", "2026-11-30 03:30")),
        (MONDAY, TUESDAY, Part.HOURS, time(13), time(10), ("2026-11-30 05:00", "2026-12-01 02:00")),
        (MONDAY, MONDAY, Part.FULL, time(9), time(8), ("2026-11-29 16:00", "2026-11-30 16:00")),  # hours not asked for
        (date(2028, 2, 29), date(2028, 2, 29), Part.FULL, None, None, ("2028-02-28 16:00", "2028-02-29 16:00")),
        (date(2026, 12, 31), date(2027, 1, 1), Part.FULL, None, None, ("2026-12-30 16:00", "2027-01-01 16:00")),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Makassar", "America/New_York", "Pacific/Kiritimati"])
def test_d22_a_day_is_the_offices_day_wherever_the_server_stands(
    zone, first, last, part, starts, ends, expected
) -> None:
    """D22: the server in UTC or anywhere, the day is WITA's."""
    with standing_in(zone):
        found = period(first, last, part, starts, ends)
    assert (found.starts_at, found.ends_at) == tuple(map(utc, expected))
    assert found.starts_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("first", "last", "part", "starts", "ends", "field"),
    [
        (TUESDAY, MONDAY, Part.FULL, None, None, "last"),
        (MONDAY, TUESDAY, Part.MORNING, None, None, "last"),
        (MONDAY, TUESDAY, Part.AFTERNOON, None, None, "last"),
        (MONDAY, MONDAY, Part.HOURS, None, time(9), "starts"),
        (MONDAY, MONDAY, Part.HOURS, time(9), None, "ends"),
        (MONDAY, MONDAY, Part.HOURS, time(9), time(9), "ends"),
        (MONDAY, MONDAY, Part.HOURS, time(9), time(8, 59), "ends"),
    ],
)
def test_what_cannot_be_a_period_is_refused_at_its_field(first, last, part, starts, ends, field) -> None:
    with pytest.raises(rules.WrongPeriod) as refused:
        period(first, last, part, starts, ends)
    assert refused.value.field == field


def test_d11_two_halves_of_a_day_stand_side_by_side_and_a_full_day_takes_both() -> None:
    """D11: morning and afternoon touch and do not overlap; together they are a day of work. A full day overlaps
    each."""
    morning, afternoon, full = (period(MONDAY, MONDAY, part) for part in (Part.MORNING, Part.AFTERNOON, Part.FULL))
    assert morning.ends_at == afternoon.starts_at
    assert not overlaps(morning, afternoon)
    assert overlaps(full, morning)
    assert overlaps(full, afternoon)
    together = rules.halves_needed(morning, set()) + rules.halves_needed(afternoon, set())
    assert together == rules.halves_needed(full, set()) == 2


def test_d7_a_duty_over_midnight_overlaps_the_leave_of_its_second_day_by_two_hours() -> None:
    """D7: leave on Sunday, duty from Saturday 20.00 to Sunday 02.00."""
    leave = period(SUNDAY, SUNDAY, Part.FULL)
    starts = clock.at_office(SUNDAY - timedelta(days=1), time(20))
    duty = Interval(starts, starts + timedelta(hours=6))
    assert rules.overlap_words(Absence.ANNUAL, leave, duty) == "Cuti tahunan bertumpuk 2 jam"
    before = Interval(starts, starts + timedelta(hours=4))
    assert not overlaps(leave, before)
    assert shared(leave, before) == timedelta()


@pytest.mark.parametrize(
    ("interval", "field"),
    [
        (period(date(2026, 11, 26), date(2027, 11, 27), Part.FULL), "last"),
        (period(date(2028, 1, 1), date(2028, 1, 1), Part.FULL), "first"),
        (period(date(2026, 10, 24), date(2026, 10, 24), Part.FULL), "first"),
    ],
)
def test_slips_of_the_finger_are_refused(interval, field) -> None:
    with pytest.raises(rules.WrongPeriod) as refused:
        rules.check_period(interval, NOW)
    assert refused.value.field == field


@pytest.mark.parametrize("first", [date(2026, 10, 25), date(2026, 11, 25), date(2027, 12, 29)])
def test_sick_leave_of_last_month_and_leave_in_a_year_can_be_meant(first) -> None:
    rules.check_period(period(first, first, Part.FULL), NOW)


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (period(MONDAY, MONDAY, Part.FULL), "Senin, 30 November 2026"),
        (period(MONDAY, TUESDAY, Part.FULL), "Senin, 30 November 2026 sampai Selasa, 1 Desember 2026"),
        (period(MONDAY, MONDAY, Part.MORNING), "Senin, 30 November 2026, pagi (07.30–12.00 WITA)"),
        (period(MONDAY, MONDAY, Part.AFTERNOON), "Senin, 30 November 2026, siang (12.00–16.00 WITA)"),
        (period(MONDAY, MONDAY, Part.HOURS, time(9), time(11)), "Senin, 30 November 2026, 09.00–11.00 WITA"),
        (
            period(MONDAY, TUESDAY, Part.HOURS, time(13), time(10)),
            "Senin, 30 November 2026, 13.00 WITA sampai Selasa, 1 Desember 2026, 10.00 WITA",
        ),
    ],
)
def test_a_period_reads_as_people_say_it(interval, words) -> None:
    assert rules.when(interval) == words


# -- who and until when


def test_nobody_decides_his_own_request_and_the_system_decides_none() -> None:
    me = uuid4()
    rules.check_decider(me, uuid4())
    for decider in (me, None):
        with pytest.raises(rules.OwnRequest):
            rules.check_decider(me, decider)


@pytest.mark.parametrize(
    ("state", "hours", "refusal"),
    [
        (State.REQUESTED, 1, None),
        (State.REQUESTED, -1, None),
        (State.APPROVED, 1, None),
        (State.APPROVED, 0, rules.Begun),
        (State.APPROVED, -1, rules.Begun),
        (State.WITHDRAWN, 1, None),
        (State.REFUSED, 1, rules.Decided),
    ],
)
def test_approved_leave_is_withdrawn_only_before_it_begins(state, hours, refusal) -> None:
    starts_at = NOW + timedelta(hours=hours)
    if refusal is None:
        rules.check_withdrawable(state, starts_at, NOW)
        return
    with pytest.raises(refusal):
        rules.check_withdrawable(state, starts_at, NOW)


@pytest.mark.parametrize(
    ("state", "hours", "refusal"),
    [
        (State.REQUESTED, -9, None),
        (State.APPROVED, 1, None),
        (State.APPROVED, 0, rules.Begun),
        (State.WITHDRAWN, 1, rules.Decided),
    ],
)
def test_a_yes_is_taken_back_only_until_the_leave_is_over(state, hours, refusal) -> None:
    ends_at = NOW + timedelta(hours=hours)
    if refusal is None:
        rules.check_refusable(state, ends_at, NOW)
        return
    with pytest.raises(refusal):
        rules.check_refusable(state, ends_at, NOW)


# -- compensation

RULE = CompensationRule(half=240, full=420, days=90, holiday_half=120, holiday_full=240)


@pytest.mark.parametrize(
    ("minutes", "holiday", "halves"),
    [
        *((0, False, 0), (239, False, 0), (240, False, 1), (419, False, 1), (420, False, 2), (1440, False, 2)),
        *((119, True, 0), (120, True, 1), (239, True, 1), (240, True, 2)),
    ],
)
def test_a_duty_earns_by_its_minutes(minutes, holiday, halves) -> None:
    assert rules.earned(minutes, holiday, RULE) == halves


def test_without_a_rule_nothing_is_earned() -> None:
    assert CompensationRule.of({}) is None
    assert rules.earned(1440, True, None) == 0
    numbers = {"half": 240, "full": 420, "days": 90, "holiday-half": 120, "holiday-full": 240}
    assert CompensationRule.of(numbers) == RULE
    assert rules.expires(date(2026, 11, 28), RULE) == date(2027, 2, 26)


@pytest.mark.parametrize(
    ("interval", "halves"),
    [
        (period(MONDAY, MONDAY, Part.FULL), 2),
        (period(MONDAY, MONDAY, Part.MORNING), 1),
        (period(MONDAY, MONDAY, Part.AFTERNOON), 1),
        (period(MONDAY, MONDAY, Part.HOURS, time(10), time(14)), 2),
        (period(MONDAY, MONDAY, Part.HOURS, time(16), time(20)), 0),
        (period(SUNDAY, SUNDAY, Part.FULL), 0),
        (period(date(2026, 11, 27), MONDAY, Part.FULL), 4),  # Friday to Monday
        (period(MONDAY, date(2026, 12, 2), Part.FULL), 4),  # Tuesday is closed
    ],
)
def test_only_working_days_need_time_off(interval, halves) -> None:
    assert rules.halves_needed(interval, {TUESDAY}) == halves


@dataclass(frozen=True)
class Row:
    halves: int


@pytest.mark.parametrize(
    ("held", "needed", "picked"),
    [
        ([2, 2], 2, [0]),
        ([1, 2], 2, [1]),  # the half alone would leave a half that nothing pays for
        ([1, 2, 1], 2, [0, 2]),
        ([2, 1], 1, [1]),
        ([1, 1, 2], 4, [0, 1, 2]),
        ([2, 1, 2], 3, [0, 1]),
    ],
)
def test_the_oldest_days_off_are_used_first_and_none_is_split(held, needed, picked) -> None:
    rows = [Row(halves) for halves in held]
    assert [any(one is row for one in rules.pick(rows, needed)) for row in rows] == [
        n in picked for n in range(len(rows))
    ]


@pytest.mark.parametrize(
    ("held", "needed", "said"),
    [
        ([], 1, "0 hari. Yang diperlukan: ½ hari"),
        ([1, 2], 4, "1½ hari. Yang diperlukan: 2 hari"),
        ([2, 2], 1, "hanya hari penuh"),
    ],
)
def test_too_few_days_off_are_refused_with_what_is_left(held, needed, said) -> None:
    with pytest.raises(rules.NotEnough, match=said):
        rules.pick([Row(halves) for halves in held], needed)


@given(st.lists(st.sampled_from([1, 2]), max_size=8), st.integers(1, 12))
def test_days_off_pay_exactly_whenever_they_can(held, needed) -> None:
    rows = [Row(halves) for halves in held]
    sums = [
        places
        for size in range(len(rows) + 1)
        for places in combinations(range(len(rows)), size)
        if sum(held[n] for n in places) == needed
    ]
    if not sums:
        with pytest.raises(rules.NotEnough):
            rules.pick(rows, needed)
        return
    taken = rules.pick(rows, needed)
    assert sum(one.halves for one in taken) == needed
    places = tuple(n for n, row in enumerate(rows) if any(one is row for one in taken))
    # As early as can be: of all ways to pay, the first in the order of the rows.
    best = max(sums, key=lambda way: [n in way for n in range(len(rows))])
    assert places == best


@pytest.mark.parametrize(("halves", "words"), [(0, "0 hari"), (1, "½ hari"), (2, "1 hari"), (5, "2½ hari")])
def test_days_off_in_words(halves, words) -> None:
    assert rules.days_words(halves) == words
