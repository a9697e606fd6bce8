"""Where a thing is, and what an odometer can have shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.core.fleet.rules import (
    AgainstNeighbour,
    BelowOut,
    Kind,
    Moment,
    ReadingFact,
    Taken,
    check_reading,
    distances,
    where,
    where_words,
)
from fieldops.core.roster.rules import Interval
from fieldops.core.roster.rules.taking import hours

START = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def taken(kind: str, begins: int, ends: int) -> Taken:
    return Taken("x", kind, Interval(START + timedelta(hours=begins), START + timedelta(hours=ends)), "trip", "1")


def test_the_workshop_is_where_a_promised_thing_is() -> None:
    trip, workshop = taken("trip", 0, 9), taken("workshop", 1, 3)
    assert where([trip, workshop], START) == trip
    assert where([trip, workshop], START + timedelta(hours=1)) == workshop
    assert where([trip, workshop], START + timedelta(hours=3)) == trip
    assert where([trip, workshop], START + timedelta(hours=9)) is None


def test_where_it_is_in_words() -> None:
    assert where_words(None) == "Di kantor"
    assert where_words(taken("trip", 0, 9)) == "Dipakai sampai Sabtu, 28 November 2026, pukul 17.00 WITA"
    assert where_words(taken("workshop", 0, 9)).startswith("Di bengkel sampai")


def test_hours_name_the_second_day_only_when_there_is_one() -> None:
    assert hours(taken("trip", 0, 9).interval) == "Sabtu, 28 November 2026, 08.00–17.00 WITA"
    assert hours(taken("trip", 0, 16).interval) == "Sabtu, 28 November 2026, 08.00–24.00 WITA"
    assert hours(taken("trip", 0, 17).interval).endswith("sampai Minggu, 29 November 2026, 01.00 WITA")


def test_every_kind_has_a_word() -> None:
    assert len({kind.label for kind in Kind}) == len(Kind)


def fact(ref: str, moment: Moment, km: int, hour: int) -> ReadingFact:
    return ReadingFact("trip", ref, moment, km, START + timedelta(hours=hour))


def test_back_before_it_left_is_refused() -> None:
    with pytest.raises(BelowOut, match="sesudah waktu berangkat"):
        check_reading(fact("A", Moment.IN, 10, 1), [fact("A", Moment.OUT, 5, 2)], NOW)
    with pytest.raises(BelowOut):
        check_reading(fact("A", Moment.OUT, 10, 3), [fact("A", Moment.IN, 12, 2)], NOW)


def test_the_far_neighbour_counts_too() -> None:
    known = [fact("A", Moment.OUT, 10, 1), fact("A", Moment.IN, 90, 5)]
    with pytest.raises(AgainstNeighbour):
        check_reading(fact("B", Moment.OUT, 80, 9), known, NOW)
    check_reading(fact("B", Moment.OUT, 90, 9), known, NOW)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(Moment), st.integers(0, 50), st.integers(0, 12))))
def test_whatever_is_typed_in_whatever_order_no_distance_is_negative_and_the_road_only_grows(entries) -> None:
    kept: dict[tuple[str, Moment], ReadingFact] = {}
    for trip, moment, km, hour in entries:
        new = fact(str(trip), moment, km, hour)
        try:
            check_reading(new, kept.values(), NOW)
        except (BelowOut, AgainstNeighbour):
            continue
        kept[new.ref, moment] = new
    assert all(one.km is None or one.km >= 0 for one in distances(list(kept.values())))
    road = sorted(kept.values(), key=lambda one: (one.at, one.km))
    assert [one.km for one in road] == sorted(one.km for one in road)
    assert len(kept) == sum((one.out is not None) + (one.back is not None) for one in distances(road))
