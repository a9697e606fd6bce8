"""The planning form: what is typed and what it means, and where two plans differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldops.loktuan.trips import forms
from fieldops.loktuan.trips.forms import Typed, read_plan, read_rupiah, typed_from
from tests.unit.loktuan.test_trip_rules import GOOD


def test_a_plan_typed_again_is_the_same_plan() -> None:
    plan, errors = read_plan(typed_from(GOOD))
    assert errors == []
    assert plan is not None
    assert replace(plan, sessions=()) == replace(GOOD, sessions=())
    assert [(one.day, one.starts, one.ends) for one in plan.sessions] == [
        (one.day, one.starts, one.ends) for one in GOOD.sessions
    ]


def test_a_session_that_stands_there_twice_is_a_second_one() -> None:
    known = "0f1e1d00-b017-4a06-8000-000000000009"
    fields = dict(typed_from(GOOD).fields) | {"session-0": known, "session-1": known}
    fields |= {"day-1": "2026-12-09", "starts-1": "13.00", "ends-1": "14.00", "umum-1": "3"}
    plan, _ = read_plan(Typed(fields))
    assert plan is not None
    assert [str(one.id) for one in plan.sessions] == [known, "None"]


def test_differences_are_told_with_what_stands_there_now() -> None:
    now = typed_from(GOOD)
    mine = Typed(dict(now.fields) | {"purpose": "Sosialisasi", "ends-0": "12.00"}, frozenset({"a"}))
    assert forms.differences(now, mine, {"a": "Minibus"}) == [
        ("vehicles", "Kendaraan", "kosong"),
        ("purpose", "Maksud perjalanan", "kosong"),
        ("ends-0", "Sesi 1, selesai", "11.00"),
    ]
    assert forms.differences(now, now, {}) == []


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("150.000", 150_000), ("Rp 6.800", 6_800), ("0", 0), ("12,50", None), ("-1", None), ("", None)],
)
def test_money_is_whole_rupiah(typed: str, amount: int | None) -> None:
    assert read_rupiah(typed) == amount
