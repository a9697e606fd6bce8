"""Needs of a shift: what is typed, how a shift is called, and when it is."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from fieldops.core.roster.rules import Duty, Interval
from fieldops.core.roster.rules.posting import closes_with
from fieldops.kit import clock
from fieldops.weekend.rules import Programme
from fieldops.weekend.shifts import forms, rules
from fieldops.weekend.shifts.rules import ShiftNeed, WrongNeeds

SATURDAY = date(2026, 11, 28)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=clock.ZONE)


@pytest.mark.parametrize(
    ("starts", "ends", "first", "last"),
    [
        (time(7, 30), time(11, 30), "28 07:30", "28 11:30"),
        (time(18), time(2), "28 18:00", "29 02:00"),
        (time(0), time(0, 30), "28 00:00", "28 00:30"),
    ],
)
def test_a_shift_that_ends_before_it_starts_ends_the_next_day(starts, ends, first, last):
    """D2: Saturday 18.00 to Sunday 02.00 is one duty of eight hours, dated Saturday."""
    found = rules.interval_of(SATURDAY, ShiftNeed(starts, ends, {}))
    assert found == Interval(at(first), at(last))
    assert clock.office_day(found.starts_at) == SATURDAY


def test_each_place_is_a_post_and_two_shifts_of_one_part_of_the_day_are_told_apart():
    shifts = [
        ShiftNeed(time(10), time(12), {Duty.QUEUE: 1}),
        ShiftNeed(time(7, 30), time(9, 30), {Duty.VERIFICATION: 2, Duty.QUEUE: 0}),
        ShiftNeed(time(19), time(1), {Duty.SIGERAK: 1}),
    ]
    plans = rules.plans_of(Programme.PERSARI, SATURDAY, shifts)
    assert [(plan.title, plan.duty.value, plan.number) for plan in plans] == [
        ("PERSARI pagi", "verification", 1),
        ("PERSARI pagi", "verification", 2),
        ("PERSARI pagi 2", "queue", 1),
        ("PERSARI malam", "sigerak", 1),
    ]


@pytest.mark.parametrize(
    ("shifts", "words"),
    [
        ([ShiftNeed(time(8), time(9), {Duty.QUEUE: 1}), ShiftNeed(time(8), time(12), {Duty.QUEUE: 1})], "Dua giliran"),
        ([ShiftNeed(time(8), time(8), {Duty.QUEUE: 1})], "harus berbeda"),
        ([ShiftNeed(time(8), time(9), {Duty.QUEUE: 21})], "antara 0 dan 20"),
        ([ShiftNeed(time(8), time(9), {Duty.QUEUE: 0})], "paling sedikit satu orang"),
    ],
)
def test_absurd_needs_are_refused_by_name(shifts, words):
    with pytest.raises(WrongNeeds) as refused:
        rules.check_needs(shifts)
    assert words in refused.value.sentence


def test_typed_needs_come_back_as_they_were():
    shifts = [ShiftNeed(time(7, 30), time(11, 30), {duty: n for n, duty in enumerate(Duty)})]
    assert forms.read_needs(forms.need_values(shifts)) == shifts


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"starts_2": "7.61", "ends_2": "11.30", "queue_2": "1"}, "Baris 2: tulis jam"),
        ({"starts_1": "07.30", "ends_1": "", "queue_1": "1"}, "Baris 1: tulis jam"),
        ({"starts_1": "07.30", "ends_1": "11.30", "queue_1": "dua"}, "Baris 1: jumlah orang"),
        ({"starts_1": "07.30", "ends_1": "11.30", "queue_1": "-1"}, "Baris 1: jumlah orang"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_its_number(typed, words):
    with pytest.raises(WrongNeeds) as refused:
        forms.read_needs(typed)
    assert words in refused.value.sentence


@pytest.mark.parametrize(
    ("values", "saturday", "weekends"),
    [
        ({}, "2026-11-28", 4),
        ({"from": "2026-11-29", "weekends": "12"}, "2026-11-28", 12),
        ({"from": "2026-12-01", "weekends": "99"}, "2026-12-05", 12),
        ({"from": "kapan", "weekends": "-3"}, "2026-11-28", 4),
        ({"from": "9999-12-31", "weekends": "1"}, "2026-11-28", 1),
    ],
)
def test_the_span_of_an_address_is_always_whole_weekends(values, saturday, weekends):
    found = forms.read_span(values, date(2026, 11, 25))
    assert (found.saturday.isoformat(), found.weekends) == (saturday, weekends)


PLAN = Interval(at("28 20:00"), at("29 02:00"))


@pytest.mark.parametrize(
    ("came", "left", "counts", "assumed"),
    [
        (None, None, PLAN, True),
        ("28 20:05", "29 02:10", Interval(at("28 20:05"), at("29 02:00")), False),
        ("28 19:30", None, PLAN, True),
        ("28 21:00", None, Interval(at("28 21:00"), at("29 02:00")), True),
        ("29 03:00", "29 04:00", PLAN, True),
    ],
)
def test_a_forgotten_check_out_ends_as_planned_and_says_so(came, left, counts, assumed):
    """D4, D23: never 23.59.59, never more than planned, also after midnight."""
    found = closes_with(PLAN, at(came) if came else None, at(left) if left else None)
    assert found == (counts, assumed)
