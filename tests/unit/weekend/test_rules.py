"""When a programme runs, what closes it, and which sessions can stand beside each other."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.kit import forms
from fieldops.kit.clock import ZONE, office_day
from fieldops.weekend import rules
from fieldops.weekend.rules import Programme, Release, SessionPlan

SATURDAY, SUNDAY, TODAY = date(2026, 11, 28), date(2026, 11, 29), date(2026, 11, 25)


def plan(starts: str, ends: str, *seats: int) -> SessionPlan:
    return SessionPlan(time.fromisoformat(starts), time.fromisoformat(ends), *(seats or (3, 1, 1)))


@given(st.dates(date(2025, 1, 1), date(2029, 12, 31)))
def test_a_weekend_is_one_scope_and_no_two_weekends_share_it(day: date) -> None:
    saturday = rules.saturday_of(day + timedelta(days=5 - day.weekday()))
    assert saturday.weekday() == 5
    assert rules.scope_of(saturday) == rules.scope_of(saturday + timedelta(days=1))
    assert rules.scope_of(saturday) != rules.scope_of(saturday + timedelta(days=7))
    assert rules.page_ref(Programme.PERSARI, saturday) != rules.page_ref(Programme.ON_SEVEN, saturday)


@pytest.mark.parametrize(
    ("programme", "day", "refusal"),
    [
        (Programme.PERSARI, SATURDAY, None),
        (Programme.PERSARI, SUNDAY, rules.WrongDay),
        (Programme.PERSARI, date(2026, 11, 27), rules.WrongDay),
        (Programme.ON_SEVEN, SATURDAY, None),
        (Programme.ON_SEVEN, SUNDAY, None),
        (Programme.ON_SEVEN, date(2026, 11, 30), rules.WrongDay),
        (Programme.PERSARI, date(2026, 11, 21), rules.DayOver),
    ],
)
def test_a_programme_runs_on_its_own_days_that_are_not_over(programme, day, refusal) -> None:
    if refusal is None:
        rules.check_day(programme, day, TODAY)
        return
    with pytest.raises(refusal):
        rules.check_day(programme, day, TODAY)


def test_the_day_itself_can_still_be_planned() -> None:
    rules.check_day(Programme.PERSARI, SATURDAY, SATURDAY)


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_holiday_is_closed_and_the_refusal_names_it(reason: str) -> None:
    with pytest.raises(rules.HolidayClosed) as refused:
        rules.check_holiday(["Cuti Bersama Natal", "Hari Ibu"], reason)
    assert "Cuti Bersama Natal, Hari Ibu" in refused.value.sentence
    assert refused.value.field == "override_reason"


def test_a_holiday_opens_with_a_reason_and_other_days_need_none() -> None:
    rules.check_holiday(["Natal"], "Permintaan warga")
    rules.check_holiday([], "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Listrik\r\n padam ", "Listrik padam"),
        ("Genset <rusak>\x00\x07", "Genset <rusak>"),
        (" \x00\n\t", ""),
        ("x" * 200 + "  ", "x" * 200),
    ],
)
def test_a_reason_is_one_line_without_control_signs(typed: str, kept: str) -> None:
    assert rules.read_reason(typed, field="reason") == kept


def test_a_reason_longer_than_its_column_is_refused_at_its_field() -> None:
    with pytest.raises(rules.LongReason) as refused:
        rules.read_reason("x" * 201, field="override_reason")
    assert refused.value.field == "override_reason"
    assert "200 huruf, yang Anda isi 201" in refused.value.sentence


@pytest.mark.parametrize(
    ("plans", "said", "wrong", "part"),
    [
        ([], "satu sesi", None, ""),
        ([plan("08:00", "08:00")], "Sesi 08.00: jam selesai", 0, "ends"),
        ([plan("09:00", "08:00")], "Sesi 09.00: jam selesai", 0, "ends"),
        ([plan("08:00", "09:00", 0, 0, 0)], "Sesi 08.00: isi jumlah kursi", 0, "public"),
        ([plan("08:00", "09:00", -1, 5, 0)], "Sesi 08.00: isi jumlah kursi", 0, "public"),
        ([plan("08:00", "09:00", 0, 0, 201)], "Sesi 08.00: isi jumlah kursi", 0, "walk_in"),
        ([plan("08:00", "09:30"), plan("09:29", "10:00")], "Sesi 08.00 dan 09.29 bertumpuk", 1, "starts"),
        ([plan("08:00", "12:00"), plan("09:00", "10:00")], "Sesi 08.00 dan 09.00 bertumpuk", 1, "starts"),
        ([plan("08:00", "09:00"), plan("08:00", "09:00")], "bertumpuk", 1, "starts"),
    ],
)
def test_sessions_that_cannot_be_are_told_by_their_hour_whatever_their_order(plans, said, wrong, part) -> None:
    for order in permutations(plans):
        with pytest.raises(rules.WrongSessions) as refused:
            rules.check_sessions(list(order))
        assert said in refused.value.sentence
        assert refused.value.plan == (None if wrong is None else plans[wrong])
        assert refused.value.part == part


def test_everything_wrong_is_told_not_only_the_first() -> None:
    plans = [plan("08:00", "07:00", 0, 0, 0), plan("09:00", "10:00", 201, 1, -1), plan("09:30", "11:00")]
    found = [(one.plan, one.part) for one in rules.wrong_sessions(plans)]
    assert found == [
        *((plans[0], "ends"), (plans[0], "public")),
        *((plans[1], "public"), (plans[1], "walk_in")),
        (plans[2], "starts"),
    ]


def test_back_to_back_sessions_and_a_session_of_one_walk_in_seat_are_fine() -> None:
    rules.check_sessions([plan("09:30", "11:00"), plan("08:00", "09:30"), plan("11:00", "12:00", 0, 0, 1)])


def test_every_moment_of_a_session_is_meant_on_the_clock_of_the_office() -> None:
    window = rules.window(SATURDAY, plan("07:30", "09:00"), Release(5, time(8), 2, 24))
    assert window.starts_at == datetime(2026, 11, 28, 7, 30, tzinfo=ZONE)
    assert window.starts_at.utcoffset() == timedelta(0), "stored in UTC"
    assert (window.starts_at.date(), office_day(window.starts_at)) == (date(2026, 11, 27), SATURDAY)
    assert window.opens_at == datetime(2026, 11, 23, 8, 0, tzinfo=ZONE)
    assert window.closes_at == datetime(2026, 11, 28, 5, 30, tzinfo=ZONE)
    assert window.rolls_at == datetime(2026, 11, 27, 7, 30, tzinfo=ZONE)
    assert not window.is_open, "nothing is open before it is published"


@pytest.mark.parametrize(
    ("programme", "today", "days"),
    [
        (Programme.PERSARI, "2026-11-25", ["2026-11-28", "2026-12-05"]),
        (Programme.PERSARI, "2026-11-28", ["2026-11-28", "2026-12-05"]),
        (Programme.PERSARI, "2026-11-29", ["2026-12-05", "2026-12-12"]),
        (Programme.ON_SEVEN, "2026-12-27", ["2026-12-27", "2027-01-02"]),
    ],
)
def test_coming_days_begin_with_today(programme, today, days) -> None:
    found = rules.next_days(programme, date.fromisoformat(today), 2)
    assert [day.isoformat() for day in found] == days


@pytest.mark.parametrize(("typed", "read"), [("08.00", time(8)), ("8.05", time(8, 5)), (" 07:30 ", time(7, 30))])
def test_a_time_of_day_is_read_as_it_is_written_here(typed: str, read: time) -> None:
    assert forms.read_time(typed) == read


@pytest.mark.parametrize("typed", ["", "8", "24.00", "08.60", "pagi", "08.00 WIB", "08:00+07:00", "08.00Z", "²0.00"])
def test_a_time_of_another_zone_or_shape_is_refused(typed: str) -> None:
    assert forms.read_time(typed) is None


@pytest.mark.parametrize(("typed", "read"), [("0", 0), (" 12 ", 12), ("0007", 7), ("9999", 9999)])
def test_a_number_of_seats_is_read(typed: str, read: int) -> None:
    assert forms.read_number(typed) == read


@pytest.mark.parametrize("typed", ["", "-1", "3.5", "1e3", "٣", "10000", "1 2"])
def test_what_is_no_number_of_seats_is_refused(typed: str) -> None:
    assert forms.read_number(typed) is None
