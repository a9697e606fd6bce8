"""Serial numbers and ranges of them, where a blank is, what became of a trip's blanks, what is low."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.core.blanks.rules import (
    MOST,
    Move,
    MoveFact,
    NotThere,
    Outlook,
    Place,
    Range,
    State,
    WrongRange,
    WrongSerial,
    account,
    after,
    before,
    check_places,
    effective,
    expand,
    range_of,
    ranges,
    ranges_in,
    read_range,
    replay,
    warning,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("X1234501–X1234550", "X1234501–X1234550"),
        ("x 1234501 - x 1234550", "X1234501–X1234550"),
        ("X1234501 sampai X1234550", "X1234501–X1234550"),
        ("X1234501 s.d. X1234550", "X1234501–X1234550"),
        ("AB000001–AB000010", "AB000001–AB000010"),
        ("X0000001", "X0000001"),
    ],
)
def test_a_range_is_read(typed: str, kept: str) -> None:
    assert str(read_range(typed)) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", []),
        (" , ", []),
        ("X1234501-X1234503, x1234510", ["X1234501–X1234503", "X1234510"]),
        ("X1234501-X1234503, X1234503-X1234505", ["X1234501–X1234505"]),
        ("X1234510, X1234501", ["X1234501", "X1234510"]),
    ],
)
def test_several_ranges_are_read(typed: str, kept: list[str]) -> None:
    assert [str(span) for span in ranges_in(typed)] == kept


def test_one_wrong_range_of_several_is_refused() -> None:
    with pytest.raises(WrongSerial):
        ranges_in("X1234501-X1234503, X12")


@pytest.mark.parametrize(
    ("first", "last", "refusal", "field"),
    [
        ("X123", "", WrongSerial, "first"),
        ("X1234501", "1234550", WrongSerial, "last"),
        ("X1234501", "Y1234550", WrongRange, "last"),
        ("X1234501", "X123455", WrongRange, "last"),
        ("X1234550", "X1234501", WrongRange, "last"),
        ("X1000000", "X1002000", WrongRange, "last"),
        ("ABC123456", "", WrongSerial, "first"),
        ("X12345678", "", WrongSerial, "first"),
        ("X１２３４５６", "", WrongSerial, "first"),
    ],
)
def test_what_is_no_range_is_refused_at_its_field(first: str, last: str, refusal, field: str) -> None:
    with pytest.raises(refusal) as refused:
        range_of(first, last)
    assert refused.value.field == field


def test_leading_zeros_stay() -> None:
    assert expand(range_of("X0000099", "X0000101")) == ["X0000099", "X0000100", "X0000101"]
    assert [str(one) for one in ranges(["X000099", "X0000099"])] == ["X000099", "X0000099"]


def test_the_largest_range_is_taken() -> None:
    assert range_of("X1000000", "X1001999").count == MOST


SERIALS = st.builds(
    lambda prefix, width, n: f"{prefix}{n:0{width}d}",
    st.sampled_from(["A", "X", "XA", "AB"]),
    st.sampled_from([6, 7]),
    st.integers(0, 40) | st.integers(999_960, 999_999),
)


@given(st.lists(SERIALS))
def test_ranges_hold_exactly_the_numbers_that_went_in(serials: list[str]) -> None:
    found = ranges(serials)
    assert sorted(one for each in found for one in expand(each)) == sorted(set(serials))
    assert sum(one.count for one in found) == len(set(serials))
    for one, other in pairwise(found):
        assert ranges([*expand(one), *expand(other)]) == [one, other], "two ranges could have been one"
    assert all(serial in each for each in found for serial in expand(each))


@given(SERIALS, SERIALS)
def test_a_number_is_in_a_range_when_it_is_one_of_its_numbers(one: str, other: str) -> None:
    try:
        span = range_of(one, other)
    except WrongRange:
        return
    for serial in (one, other, "X000001", "AB0000001"):
        assert (serial in span) == (serial in expand(span))


# -- moves


def fact(number: int, kind: Move, first: str, last: str = "", ref: str = "", undoes: int | None = None) -> MoveFact:
    return MoveFact(number, kind, range_of(first, last), "trip" if ref else "", ref, undoes)


RECEIPT = fact(1, Move.RECEIPT, "X1000001", "X1000010")
ISSUE = fact(2, Move.ISSUE, "X1000001", "X1000005", "A")


def test_moves_say_where_each_blank_is() -> None:
    found = replay([fact(4, Move.SPOIL, "X1000010"), RECEIPT, ISSUE, fact(3, Move.USE, "X1000001", "", "A")])
    assert found["X1000001"] == Place(State.USED, "trip", "A")
    assert found["X1000002"] == Place(State.OUT, "trip", "A")
    assert found["X1000006"] == Place(State.STOCK)
    assert found["X1000010"] == Place(State.SPOILED)


def test_what_was_taken_back_does_not_count() -> None:
    undo = fact(3, Move.UNDO, "X1000001", "X1000005", "A", undoes=2)
    assert effective([undo, RECEIPT, ISSUE]) == [RECEIPT]
    assert set(replay([RECEIPT, ISSUE, undo]).values()) == {Place(State.STOCK)}
    assert replay([RECEIPT, fact(2, Move.UNDO, "X1000001", "X1000010", undoes=1)]) == {}


@pytest.mark.parametrize("kind", [one for one in Move if one is not Move.UNDO])
@pytest.mark.parametrize("ref", ["", "A"])
def test_no_move_leaves_a_blank_where_it_was(kind: Move, ref: str) -> None:
    source = "trip" if ref else ""
    assert after(kind, source, ref) != before(kind, source, ref) or (kind is Move.RETURN and not ref)


def test_an_account_adds_up() -> None:
    moves = [
        ISSUE,
        fact(3, Move.USE, "X1000001", "X1000002", "A"),
        fact(4, Move.SPOIL, "X1000003", "", "A"),
        fact(5, Move.RETURN, "X1000004", "", "A"),
    ]
    found = account(moves)
    assert [(word, count, [str(one) for one in spans]) for word, count, spans in found.lines] == [
        ("Dibawa", 5, ["X1000001–X1000005"]),
        ("Terpakai", 2, ["X1000001–X1000002"]),
        ("Rusak", 1, ["X1000003"]),
        ("Dikembalikan", 1, ["X1000004"]),
        ("Belum dipertanggungjawabkan", 1, ["X1000005"]),
    ]
    assert not found.is_settled
    assert account([*moves, fact(6, Move.RETURN, "X1000005", "", "A")]).is_settled
    assert account([]).is_settled


def test_a_blank_that_came_back_and_went_out_again_counts_once() -> None:
    found = account(
        [ISSUE, fact(3, Move.RETURN, "X1000001", "X1000005", "A"), fact(4, Move.ISSUE, "X1000001", "", "A")]
    )
    assert (len(found.issued), len(found.returned), found.out) == (5, 4, ("X1000001",))


def test_a_refusal_names_the_numbers_and_where_they_are() -> None:
    found = {"X1000001": Place(State.OUT, "trip", "A"), "X1000002": Place(State.OUT, "trip", "A")}
    found |= {"X1000003": Place(State.STOCK), "X1000004": Place(State.USED)}
    with pytest.raises(NotThere) as refused:
        check_places(
            expand(Range("X1000001", "X1000005")), found, Place(State.STOCK), {("trip", "A"): "LOKTUAN Sangatta"}
        )
    assert refused.value.sentence == (
        "X1000001–X1000002 dibawa LOKTUAN Sangatta; X1000004 sudah terpakai; X1000005 tidak ada dalam catatan. "
        "Periksa nomornya; belum ada yang dicatat."
    )


# -- what is low


def test_the_sum_is_shown_openly() -> None:
    assert Outlook(230, 180, 100).words == "Stok 230 − terdaftar 180 = 50, di bawah cadangan 100"
    assert Outlook(1230, 180, 100).words == "Stok 1.230 − terdaftar 180 = 1.050, cukup untuk cadangan 100"
    assert Outlook(10, 180, 100).words == "Stok 10 − terdaftar 180 = −170, di bawah cadangan 100"


def test_a_warning_begins_below_the_reserve() -> None:
    assert warning(280, 180, 100) is None
    assert warning(279, 180, 100) == Outlook(279, 180, 100)
