"""Numbers of letters, kinds of travel, and the sentences of a report."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fieldops.core.letters import narrative, rules
from fieldops.core.letters.documents import KitBack, VehicleUsed, head_of
from fieldops.core.letters.rules import Kind, TravelKind, travel_kind
from fieldops.settings import Settings
from tests.papers import BLANKS, COUNTS, NOBODY

BONTANG = "64.74"


def test_a_register_number_has_at_least_three_digits() -> None:
    assert rules.register(1) == "001"
    assert rules.register_number(Kind.ASSIGNMENT, 42, 2026) == "042/ST/2026"
    assert rules.register(1234) == "1234"


@pytest.mark.parametrize(
    ("destination", "hours", "kind"),
    [
        ("64.08.11", 3, TravelKind.BEYOND),
        ("64.08", 30, TravelKind.BEYOND),
        ("64.74.01", 8, TravelKind.SHORT),
        ("64.74.03.1005", 8.5, TravelKind.LONG),
        ("64.74", 30, TravelKind.LONG),
        ("64.72", 2, TravelKind.BEYOND),
    ],
)
def test_another_kabupaten_is_beyond_the_city_and_within_it_eight_hours_decide(
    destination: str, hours: float, kind: TravelKind
) -> None:
    assert travel_kind(BONTANG, destination, timedelta(hours=hours)) is kind


@pytest.mark.parametrize("code", ["64", "", "Bontang", "64.7"])
def test_a_journey_to_no_kabupaten_has_no_kind(code: str) -> None:
    with pytest.raises(ValueError, match="no kabupaten"):
        travel_kind(BONTANG, code, timedelta(hours=1))


def test_content_is_the_same_whatever_the_head_says_and_however_lists_are_kept() -> None:
    assert rules.same_content({"crew": ("a", "b"), "head": {"office": "x"}}, {"crew": ["a", "b"]})
    assert not rules.same_content({"crew": ["a"]}, {"crew": ["a", "b"]})


def test_the_head_of_letters_comes_from_the_settings(settings: Settings) -> None:
    found = head_of(replace(settings, letter_contact="bontang.imigrasi.go.id"))
    assert found.office == "Kantor Imigrasi Kelas III Non TPI Bontang"
    assert found.contact == "Telepon 0548 123456 · bontang.imigrasi.go.id"
    assert head_of(replace(settings, office_phone="")).contact == ""


def test_the_outcome_is_told_with_noughts_in_words() -> None:
    assert narrative.outcome(COUNTS) == [
        "Terdaftar 40 orang; 37 orang hadir dan 5 orang tidak hadir.",
        "Di antaranya 2 orang datang langsung dan 30 orang terdaftar secara kolektif.",
        (
            "Selesai dilayani 33 orang; 2 orang diminta melengkapi berkas. Dari yang dilayani, "
            "3 paspor sudah terbit dan 30 masih dalam proses."
        ),
    ]
    few = replace(COUNTS, no_show=0, walk_in=0, collective=0, returned=0, issued=0, in_process=0)
    assert narrative.outcome(few) == [
        "Terdaftar 40 orang; 37 orang hadir dan tidak ada yang tidak hadir.",
        "Di antaranya tidak ada yang datang langsung dan tidak ada yang terdaftar secara kolektif.",
        (
            "Selesai dilayani 33 orang; tidak ada yang berkasnya kurang. Dari yang dilayani, "
            "belum ada paspor yang terbit dan tidak ada yang masih dalam proses."
        ),
    ]
    assert narrative.outcome(replace(NOBODY, booked=5, no_show=5)) == [
        "Terdaftar 5 orang, tetapi tidak ada yang hadir."
    ]
    assert narrative.outcome(replace(NOBODY, arrived=2, walk_in=2))[0] == (
        "Tidak ada yang terdaftar sebelumnya; 2 orang datang."
    )
    assert narrative.outcome(NOBODY) == ["Tidak ada yang terdaftar dan tidak ada yang datang."]


def test_blanks_kit_and_vehicles_are_told_with_noughts_in_words() -> None:
    assert narrative.blanks(BLANKS) == (
        "Diterima 40 blangko paspor; 33 dipakai, 1 rusak, dan 6 kembali ke kantor. Jumlahnya sesuai."
    )
    assert "tidak ada yang dipakai, tidak ada yang rusak" in narrative.blanks(replace(BLANKS, used=0, spoiled=0))
    assert narrative.ranges((("E1", "E3"), ("E5", "E5"))) == "E1–E3, E5"
    good, bad = KitBack(name="Kamera", state="good"), KitBack(name="Genset", state="missing")
    unseen = KitBack(name="Kabel", state="")
    assert narrative.kit((good, good)) == "Seluruh perlengkapan (2) kembali dalam keadaan baik."
    assert narrative.kit((good, bad, unseen)) == (
        "Dari 3 perlengkapan, 1 kembali dalam keadaan baik, tidak ada yang rusak, 1 hilang, dan 1 belum diperiksa."
    )
    assert narrative.kit_rows((good, bad)) == [["Genset", "hilang", "–"]]
    assert "tidak dicatat lengkap" in narrative.vehicle(VehicleUsed(name="Mobil", odometer_out=1))
