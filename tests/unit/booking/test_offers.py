"""Which sessions of other pages a visitor is told of, and in which words a session cannot be taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from fieldops.core.booking.queries.public import DaySlots, Other, PageRow, Slot
from fieldops.core.booking.routes.offers import Offer, explain, nearest_elsewhere, walk_in_told
from fieldops.kit import clock

SATURDAY = datetime(2026, 11, 28, 8, tzinfo=clock.ZONE)
PAGE = PageRow(UUID(int=0), "HERE", "persari", "weekend:2026-11-28", "PERSARI", "Kantor", "Jalan")


def slot(hours: int, state: str = "open", left: int = 3, *, opens_in: int = 0, walk_in: int = 0) -> Slot:
    """A session so many hours after Saturday 08.00."""
    starts = SATURDAY + timedelta(hours=hours)
    opens = SATURDAY + timedelta(hours=opens_in)
    return Slot(
        UUID(int=hours + 100), starts.date(), starts, starts, opens, starts, left, 6, walk_in, state, "Penuh", ""
    )


def other(page: str, *about: int | str, **more: int) -> Other:
    return Other(page, f"Hal {page}", "Kantor", "", slot(*about, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("others", "people", "pages"),
    [
        ([], 1, []),
        ([other("A", 0, "full", 0), other("B", 1, "late", 0)], 1, []),
        ([other("A", 24), other("B", 2), other("C", 168)], 1, ["B", "A", "C"]),
        ([other("A", 24), other("A", 25), other("A", 26), other("B", 48)], 1, ["A", "B"]),
        ([other("A", 1, "few", 1), other("A", 24, "open", 6), other("B", 2, "few", 2)], 2, ["B", "A"]),
        ([other("A", 48, "early", opens_in=9), other("B", 168), other("C", 72, "early", opens_in=8)], 1, list("BCA")),
        ([other("A", 2, "early"), other("A", 24)], 1, ["A"]),
        ([other(page, hour) for hour, page in enumerate("ABCDE")], 1, list("ABC")),
    ],
)
def test_other_pages_are_told_by_their_nearest_session_with_room(
    others: list[Other], people: int, pages: list[str]
) -> None:
    found = nearest_elsewhere(others, slot(0, "full", 0), people)
    assert [one.page_code for one in found] == pages
    assert all(one.slot.left >= people for one in found)
    if pages[-1:] == ["A"] and len(others) == 2:
        assert found[0].slot.state == "open", "what can be had now comes before what opens later"


AT_TEN = "Sabtu 28 Nov 10.00 (sisa 3)"
FULL, LATE = slot(0, "full", 0), slot(0, "late", 0)


@pytest.mark.parametrize(
    ("gone", "more", "others", "told"),
    [
        (FULL, [slot(2)], [], "Yang terdekat dan masih ada: Sabtu 28 Nov 10.00 (sisa 3)."),
        (FULL, [], [], "Semua sesi lain di halaman ini sudah penuh."),
        (FULL, [], [other("A", 24)], "Di halaman lain masih ada Hal A Minggu 29 Nov 08.00 (sisa 3)."),
        (
            FULL,
            [],
            [other("A", 168, "early", opens_in=48)],
            "Di halaman lain, Hal A Sabtu 5 Des 08.00 dibuka 30 Nov, 08.00 WITA.",
        ),
        (
            FULL,
            [slot(24, "early", opens_in=2)],
            [other("A", 168)],
            "Kursi berikutnya dibuka 28 Nov, 10.00 WITA. Di halaman lain masih ada Hal A Sabtu 5 Des 08.00 (sisa 3).",
        ),
        (
            slot(0, "full", 0, walk_in=2),
            [slot(2)],
            [],
            f"{walk_in_told(2)} Yang terdekat dan masih ada: Sabtu 28 Nov 10.00 (sisa 3).",
        ),
        (LATE, [], [], "Semua sesi lain di halaman ini sudah penuh."),
        (
            slot(0, "late", 0, walk_in=1),
            [],
            [],
            f"{walk_in_told(1)} Semua sesi lain di halaman ini sudah penuh.",
        ),
        (slot(0, "begun", 0, walk_in=1), [slot(2)], [], f"{walk_in_told(1)} Yang terdekat dan masih ada: {AT_TEN}."),
        (slot(0, "past", 0, walk_in=1), [], [], "Semua sesi lain di halaman ini sudah penuh."),
    ],
)
def test_a_refusal_says_what_can_be_had_instead(gone: Slot, more: list[Slot], others: list[Other], told: str) -> None:
    offer = Offer(PAGE, (DaySlots(SATURDAY.date(), "", (gone, *more)),))
    first = {
        "full": "Sesi 08.00 punya 6 kursi, semua terisi.",
        "late": "Pendaftaran daring sesi 08.00 sudah ditutup.",
        "begun": "Sesi 08.00 sudah dimulai.",
        "past": "Sesi 08.00 sudah lewat.",
    }[gone.state]
    assert explain(gone, offer, 1, others) == f"{first} {told}"


@pytest.mark.parametrize(("state", "shown"), [("full", "own"), ("few", "own"), ("late", "own"), ("closed", "closed")])
def test_the_own_session_is_no_choice_and_one_that_the_office_closed_says_so(state: str, shown: str) -> None:
    offer = Offer(PAGE, (DaySlots(SATURDAY.date(), "", (slot(0, state), slot(2))),))
    mine, stranger = offer.owned(slot(0).id, "Milik Anda").days[0].slots
    assert (mine.state, mine.note) == (shown, "Milik Anda" if shown == "own" else "Penuh")
    assert (mine.is_free, stranger) == (False, slot(2))
