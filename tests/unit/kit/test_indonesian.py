"""Dates, times and numbers as they are read in Indonesia."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.kit import indonesian

WITA = ZoneInfo("Asia/Makassar")


@pytest.mark.parametrize(
    ("day", "long", "short"),
    [
        (date(2026, 12, 5), "Sabtu, 5 Desember 2026", "5 Des 2026"),
        (date(2026, 12, 6), "Minggu, 6 Desember 2026", "6 Des 2026"),
        (date(2026, 1, 1), "Kamis, 1 Januari 2026", "1 Jan 2026"),
        (date(2028, 2, 29), "Selasa, 29 Februari 2028", "29 Feb 2028"),
        (date(2026, 3, 2), "Senin, 2 Maret 2026", "2 Mar 2026"),
        (date(2026, 4, 1), "Rabu, 1 April 2026", "1 Apr 2026"),
        (date(2026, 5, 1), "Jumat, 1 Mei 2026", "1 Mei 2026"),
        (date(2026, 6, 30), "Selasa, 30 Juni 2026", "30 Jun 2026"),
        (date(2026, 7, 31), "Jumat, 31 Juli 2026", "31 Jul 2026"),
        (date(2026, 8, 17), "Senin, 17 Agustus 2026", "17 Agu 2026"),
        (date(2026, 9, 10), "Kamis, 10 September 2026", "10 Sep 2026"),
        (date(2026, 10, 11), "Minggu, 11 Oktober 2026", "11 Okt 2026"),
        (date(2026, 11, 25), "Rabu, 25 November 2026", "25 Nov 2026"),
    ],
)
def test_writes_days_in_words(day, long, short):
    assert indonesian.long_date(day) == long
    assert indonesian.short_date(day) == short


def test_refuses_an_instant_where_a_day_is_meant_because_its_day_depends_on_the_zone():
    late = datetime(2026, 12, 4, 23, 30, tzinfo=UTC)
    for write in (indonesian.long_date, indonesian.short_date):
        with pytest.raises(TypeError, match="date is needed"):
            write(late)


@pytest.mark.parametrize(
    ("instant", "clock", "full"),
    [
        (datetime(2026, 12, 5, 1, 30, tzinfo=UTC), "09.30", "Sabtu, 5 Desember 2026, pukul 09.30 WITA"),
        (datetime(2026, 12, 4, 16, 0, tzinfo=UTC), "00.00", "Sabtu, 5 Desember 2026, pukul 00.00 WITA"),
        (datetime(2026, 12, 4, 15, 59, 59, tzinfo=UTC), "23.59", "Jumat, 4 Desember 2026, pukul 23.59 WITA"),
        (datetime(2026, 12, 31, 23, 5, tzinfo=UTC), "07.05", "Jumat, 1 Januari 2027, pukul 07.05 WITA"),
        (datetime(2026, 12, 5, 9, 30, tzinfo=WITA), "09.30", "Sabtu, 5 Desember 2026, pukul 09.30 WITA"),
    ],
)
def test_writes_instants_in_the_zone_of_the_office(instant, clock, full):
    assert indonesian.clock_time(instant, WITA) == clock
    assert indonesian.date_time(instant, WITA) == full


def test_prints_the_name_of_another_zone():
    instant = datetime(2026, 12, 5, 1, 30, tzinfo=UTC)
    assert indonesian.date_time(instant, ZoneInfo("Asia/Jakarta"), "WIB").endswith("pukul 08.30 WIB")


def test_refuses_a_time_without_a_zone():
    naive = datetime(2026, 12, 5, 9, 30)  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        indonesian.clock_time(naive, WITA)
    with pytest.raises(ValueError, match="aware"):
        indonesian.date_time(naive, WITA)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (1000, 0, "1.000"),
        (1234567, 0, "1.234.567"),
        (-4312, 0, "-4.312"),
        (4, 1, "4,0"),
        (Decimal("4.5"), 1, "4,5"),
        (4.5, 1, "4,5"),
        (Decimal("1234.565"), 2, "1.234,57"),
        (2.5, 0, "3"),
        (-0.04, 1, "0,0"),
    ],
)
def test_writes_numbers_with_dots_and_a_comma(value, decimals, text):
    assert indonesian.number(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("89.8"), "89,8"),
        (89.8, "89,8"),
        (89.75, "89,8"),
        (Decimal("89.83333"), "89,8"),
        (75, "75,0"),
        (100, "100,0"),
        (Decimal("1250.04"), "1.250,0"),
        (1, "1,0"),
        (Decimal("1.04"), "1,0"),
        (Decimal("0.995"), "1,0"),
        (Decimal("0.994"), "0,99"),
        (Decimal("0.5"), "0,50"),
        (Decimal("0.0232"), "0,02"),
        (0.005, "0,01"),
        (Decimal("0.0049"), "0,0"),
        (Decimal("0.00"), "0,0"),
        (0, "0,0"),
        (Decimal("-0.02"), "-0,02"),
    ],
)
def test_writes_percentages_with_one_decimal_and_below_one_percent_with_two(value, text):
    assert indonesian.percent(value) == f"{text}\u00a0%"


@pytest.mark.parametrize(
    ("amount", "text"),
    [(171298000, "Rp171.298.000"), (0, "Rp0"), (350000, "Rp350.000"), (-1000, "-Rp1.000"), (-5, "-Rp5")],
)
def test_writes_rupiah(amount, text):
    assert indonesian.rupiah(amount) == text


def test_last_digits_do_not_break_away_from_their_dots():
    assert indonesian.ending("0001") == "…\u20600001"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a dan b"),
        (["a", "b", "c"], "a, b, dan c"),
        (("KTP", "KK", "akta", "paspor"), "KTP, KK, akta, dan paspor"),
    ],
)
def test_joins_words_as_in_a_sentence(words, text):
    assert indonesian.join_words(words) == text


@pytest.mark.parametrize(
    ("spent", "text"),
    [
        ({"hours": 2}, "2 jam"),
        ({"minutes": 90}, "1 jam 30 menit"),
        ({"minutes": 45}, "45 menit"),
        ({"seconds": 61}, "2 menit"),
        ({"seconds": 0}, "0 menit"),
        ({"days": 2}, "48 jam"),
        ({"hours": 1000}, "1.000 jam"),
    ],
)
def test_writes_a_length_of_time(spent, text):
    assert indonesian.duration(timedelta(**spent)) == text


@pytest.mark.parametrize(
    ("spent", "text"),
    [
        ({"hours": 10, "minutes": 59, "seconds": 59}, "10 jam 59 menit"),
        ({"seconds": 59}, "0 menit"),
        ({"hours": 11}, "11 jam"),
    ],
)
def test_what_is_too_short_is_not_rounded_up_to_enough(spent, text):
    assert indonesian.duration(timedelta(**spent), down=True) == text


def test_refuses_a_length_below_zero():
    with pytest.raises(ValueError, match="below zero"):
        indonesian.duration(timedelta(seconds=-1))


@given(st.integers(-(10**15), 10**15))
def test_a_number_reads_back_as_itself(value):
    assert int(indonesian.number(value).replace(".", "")) == value


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1)))
def test_the_day_after_has_the_next_name(day):
    today, tomorrow = (indonesian.long_date(when).split(",")[0] for when in (day, day + timedelta(days=1)))
    names = indonesian.DAYS
    assert names[(names.index(today) + 1) % 7] == tomorrow


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "nol"), (1, "satu"), (10, "sepuluh"), (11, "sebelas"), (12, "dua belas"), (19, "sembilan belas"),
        (20, "dua puluh"), (21, "dua puluh satu"), (99, "sembilan puluh sembilan"), (100, "seratus"),
        (101, "seratus satu"), (111, "seratus sebelas"), (999, "sembilan ratus sembilan puluh sembilan"),
    ],
)  # fmt: skip
def test_a_small_number_is_written_in_words(count, words):
    assert indonesian.in_words(count) == words


def test_numbers_that_are_not_written_in_words_are_refused():
    for count in (-1, 1000):
        with pytest.raises(ValueError, match="0 to 999"):
            indonesian.in_words(count)


def test_letters_are_dated_without_the_day_of_the_week():
    assert indonesian.plain_date(date(2026, 12, 5)) == "5 Desember 2026"
    with pytest.raises(TypeError):
        indonesian.plain_date(datetime(2026, 12, 5, tzinfo=UTC))
