"""Days, names and the rhythm of requests: tables of cases without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fieldops.loktuan.requests import rules
from fieldops.loktuan.requests.rules import Rhythm, State

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(0, 0, None), (0, 180, None), (180, 180, None), (-1, 3, "first"), (5, 4, "last"), (3, 181, "last")],
)
def test_days_lie_ahead_and_not_too_far(first: int, last: int, field: str | None) -> None:
    days = TODAY + timedelta(days=first), TODAY + timedelta(days=last)
    if field is None:
        rules.check_days(*days, TODAY)
        return
    with pytest.raises(rules.WrongDays) as told:
        rules.check_days(*days, TODAY)
    assert told.value.field == field


def test_names_are_read_by_line_and_a_wrong_one_is_told_by_its_number() -> None:
    assert rules.read_names("Siti  Aminah\r\n\n Nur'aini\n") == ("Siti Aminah", "Nur'aini")
    assert rules.read_names("") == ()
    with pytest.raises(rules.WrongNames, match=r"Baris 3: Isi nama dengan huruf"):
        rules.read_names("Siti\n\n6474990000000001")
    with pytest.raises(rules.WrongNames, match="Baris 1: Nama paling panjang 100 huruf, yang Anda isi 101"):
        rules.read_names("x" * 101)
    with pytest.raises(rules.WrongNames, match="Paling banyak 2000 nama, yang Anda isi 2001"):
        rules.read_names("A\n" * 2001)
    assert len(rules.read_names("A\n" * 2000)) == 2000


@pytest.mark.parametrize(
    ("rhythm", "told"),
    [
        (Rhythm(), "belum pernah ada perjalanan"),
        (Rhythm(0, date(2026, 10, 5)), "belum ada perjalanan bulan ini, terakhir 5 Okt 2026"),
        (Rhythm(1), "1 perjalanan bulan ini, sebelumnya belum pernah"),
        (Rhythm(2, date(2026, 11, 5)), "2 perjalanan bulan ini, terakhir 5 Nov 2026"),
        (Rhythm(1, date(2026, 11, 5), date(2026, 12, 31)), "1 perjalanan pada Desember 2026, terakhir 5 Nov 2026"),
        (Rhythm(month=date(2026, 12, 1)), "belum pernah ada perjalanan"),
    ],
)
def test_the_rhythm_is_told_openly(rhythm: Rhythm, told: str) -> None:
    assert rhythm.told == told


@pytest.mark.parametrize(
    ("state", "wanted_to", "decided_on", "due"),
    [
        (State.NEW, -91, None, True),
        (State.NEW, -90, None, False),
        (State.DECLINED, 60, -91, True),
        (State.DECLINED, -200, -90, False),
        (State.WITHDRAWN, 60, -91, True),
        (State.ACCEPTED, 60, -91, False),
        (State.ACCEPTED, -91, -120, True),
        (State.ACCEPTED, -120, -91, True),
    ],
)
def test_when_personal_data_has_to_go(state: State, wanted_to: int, decided_on: int | None, due: bool) -> None:
    decided = None if decided_on is None else TODAY + timedelta(days=decided_on)
    wanted = TODAY + timedelta(days=wanted_to)
    asked = {"state": state, "wanted_to": wanted, "decided_on": decided}
    assert rules.due_for_erasure(**asked, today=TODAY, days=90) is due
