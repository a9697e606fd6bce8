"""Dates, times and numbers as people in Indonesia read them.

Every function is pure: instants are aware datetimes and the zone comes as an argument. Numbers use a dot for
thousands and a comma for decimals; times of day use a dot (EYD V).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
"""Names of the days, Monday first, as `date.weekday()` counts."""

DAYS_SHORT: Final = ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min")

MONTHS: Final = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
"""Names of the months, January at index 0."""

MONTHS_SHORT: Final = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")

_ONES: Final = (
    *("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"),
)
_OTHER_MARKS: Final = str.maketrans(",.", ".,")


def long_date(day: date) -> str:
    """Give a day as `Sabtu, 5 Desember 2026`.

    Refuses a datetime with TypeError: its day depends on a zone, and 23.30 UTC is tomorrow in the office.
    """
    _refuse_instant(day)
    return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def plain_date(day: date) -> str:
    """Give a day as `5 Desember 2026`, as letters are dated. Refuses a datetime as `long_date` does."""
    _refuse_instant(day)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Give a day as `5 Des 2026`. Refuses a datetime as `long_date` does."""
    _refuse_instant(day)
    return f"{day.day} {MONTHS_SHORT[day.month - 1]} {day.year}"


def clock_time(instant: datetime, zone: tzinfo) -> str:
    """Give the time of day of an aware instant in `zone` as `09.30`. Refuses a naive datetime with ValueError."""
    local = _local(instant, zone)
    return f"{local.hour:02d}.{local.minute:02d}"


def date_time(instant: datetime, zone: tzinfo, zone_name: str = "WITA") -> str:
    """Give an aware instant in `zone` as `Sabtu, 5 Desember 2026, pukul 09.30 WITA`.

    `zone_name` is the word printed after the time and must belong to `zone`. Refuses a naive datetime with
    ValueError.
    """
    local = _local(instant, zone)
    return (
        f"{DAYS[local.weekday()]}, {local.day} {MONTHS[local.month - 1]} {local.year}, "
        f"pukul {local.hour:02d}.{local.minute:02d} {zone_name}"
    )


def duration(spent: timedelta, *, down: bool = False) -> str:
    """Give a length of time as `2 jam`, `1 jam 30 menit` or `45 menit`, in hours even when it is days.

    A part of a minute counts as one, so that what is too long never reads as just long enough. `down` drops it: for
    what is too short, as a rest. Refuses a negative one with ValueError.
    """
    if spent < timedelta():
        raise ValueError("a length of time is not below zero")
    minute = timedelta(minutes=1)
    hours, minutes = divmod(spent // minute if down else -(-spent // minute), 60)
    parts = [f"{number(hours)} jam"] if hours else []
    if minutes or not hours:
        parts.append(f"{minutes} menit")
    return " ".join(parts)


def number(value: int | Decimal | float, decimals: int = 0) -> str:
    """Give a number as `1.234.567`, or `4,5` with one decimal. Halves round away from zero."""
    if isinstance(value, int):
        whole = f"{value:,}".replace(",", ".")
        return f"{whole},{'0' * decimals}" if decimals else whole
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,f}".translate(_OTHER_MARKS)


def percent(value: int | Decimal | float) -> str:
    """Give `89,8 %` for 89.8: the value is already in hundredths, not a share of one.

    One decimal everywhere; two below 1 %, so that the first passport of a year is more than `0,0 %`. The space before
    the sign does not break.
    """
    exact = Decimal(str(value))
    is_small = 0 < abs(exact.quantize(Decimal("0.01"), ROUND_HALF_UP)) < 1
    return f"{number(exact, 2 if is_small else 1)}\u00a0%"


def ending(digits: str) -> str:
    """Give the last digits of a number that is not shown whole as `…0001`. A word joiner keeps dots and digits on one
    line.
    """
    return f"…\u2060{digits}"


def in_words(count: int) -> str:
    """Give a number from 0 to 999 in words: `sebelas`, `dua puluh satu`, `seratus lima`. Refuses others with
    ValueError."""
    if not 0 <= count <= 999:
        raise ValueError(f"only 0 to 999 is written in words here, not {count}")
    if count < 12:
        return _ONES[count]
    if count < 20:
        return f"{_ONES[count - 10]} belas"
    tens, ones = divmod(count, 10)
    if count < 100:
        return f"{_ONES[tens]} puluh {_ONES[ones] if ones else ''}".strip()
    hundreds, rest = divmod(count, 100)
    begins = "seratus" if hundreds == 1 else f"{_ONES[hundreds]} ratus"
    return f"{begins} {in_words(rest) if rest else ''}".strip()


def rupiah(amount: int) -> str:
    """Give whole rupiah as `Rp171.298.000`; a negative amount as `-Rp1.000`."""
    return f"{'-' if amount < 0 else ''}Rp{abs(amount):,}".replace(",", ".")


def wait(seconds: int) -> str:
    """Give a span to wait as `15 detik`, `2 menit` or `1 jam`; from a minute on rounded up, never too early."""
    if seconds < 60:
        return f"{seconds} detik"
    return f"{-(-seconds // 60)} menit" if seconds <= 3540 else f"{-(-seconds // 3600)} jam"


def join_words(words: Sequence[str]) -> str:
    """Join as in a sentence: `a`, `a dan b`, `a, b, dan c`; nothing gives an empty text."""
    if len(words) <= 2:
        return " dan ".join(words)
    return f"{', '.join(words[:-1])}, dan {words[-1]}"


def _refuse_instant(day: date) -> None:
    if isinstance(day, datetime):
        raise TypeError("a date is needed; take the office's day of the instant first")


def _local(instant: datetime, zone: tzinfo) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    return instant.astimezone(zone)
