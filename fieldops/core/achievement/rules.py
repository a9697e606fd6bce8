"""What an RO has achieved: percentages, pace, the next ledger line, and the treasury's score. Pure.

Volumes are whole units of the RO (people, operations, reports). Percentages are in hundredths, rounded half up to two
decimals, as SAKTI wants them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

PASSPORT_RO: Final = "baa-001"
"""Layanan Penerbitan Dokumen Perjalanan RI: people whose passport was issued."""

COUNTED_HERE: Final = frozenset({PASSPORT_RO})
"""The ROs that FieldOps counts itself. For any other, no ledger line means that nobody told us, which is not zero."""

REPORT_WORKING_DAY: Final = 5
"""A month is to be in SAKTI by this working day of the next month (treasury guidance on capaian output)."""

HUNDRED: Final = Decimal(100)
_CENT: Final = Decimal("0.01")


def half_up(value: Decimal) -> Decimal:
    """Round to two decimals, halves away from zero."""
    return value.quantize(_CENT, ROUND_HALF_UP)


# -- against the target -----------------------------------------------------------------------------------------


def capaian(realisation: int | None, target: int | None) -> Decimal | None:
    """Realisation / target x 100 (higher is better), not capped: the plan's own tables show 125 %.

    None without a percentage: a target that is blank or 0 ("target belum ditetapkan", never 0 % and never 100 %), or
    a realisation that nobody has told.
    """
    if realisation is None or not target:
        return None
    return half_up(realisation * HUNDRED / target)


def year_elapsed(year: int, today: date) -> Decimal:
    """Today's pace: the share of `year` that is over when today is over, in percent, by calendar days.

    Calendar days and not working days, because this office serves on Saturdays and Sundays too. 0 before the year,
    100 after it.
    """
    first, until = date(year, 1, 1), date(year + 1, 1, 1)
    gone = min(max((today - first).days + 1, 0), (until - first).days)
    return half_up(gone * HUNDRED / (until - first).days)


def expected_by_now(target: int | None, elapsed: Decimal) -> int | None:
    """The volume that an even pace would have reached (rounded half up); None when there is no target."""
    if not target:
        return None
    return int((target * elapsed / HUNDRED).to_integral_value(ROUND_HALF_UP))


def seats_per_weekend(target: int | None, realisation: int, in_process: int, weekends: int) -> int | None:
    """Seats that each weekend still to come must have if weekends alone are to close the gap, rounded up.

    People in process have had their seat. 0 when there is no gap; None without a target or without a weekend left.
    """
    if not target:
        return None
    gap = target - realisation - in_process
    if gap <= 0:
        return 0
    return -(-gap // weekends) if weekends > 0 else None


def source_label(source: str) -> str:
    """The name on screen of where a line comes from: `bontang-on-seven` is BONTANG ON SEVEN."""
    return source.replace("-", " ").upper()


# -- the ledger -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Posted:
    """What a ledger line says: a volume, of a source, on an office day."""

    source: str
    day: date
    volume: int


def next_line(posted: Sequence[Posted], wanted: int, *, source: str, day: date) -> Posted | None:
    """The one line that brings the net volume of `posted` (oldest first) to `wanted`; None when it is there already.

    A line that takes back carries the source and the day of the line that it takes back, so that the month that
    was wrong is the month that is corrected.
    """
    change = wanted - sum(line.volume for line in posted)
    if change == 0:
        return None
    if change < 0:
        taken_back = next(line for line in reversed(posted) if line.volume > 0)
        return Posted(taken_back.source, taken_back.day, change)
    return Posted(source, day, change)


# -- the report -------------------------------------------------------------------------------------------------


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date.fromordinal(_month_start(year, month + 1).toordinal() - 1)


def _month_start(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


@dataclass(frozen=True)
class RoReport:
    """One RO of a month's report, cumulative to that month.

    `volume` is the DIPA volume, `rvro` the realised volume; `pcro` and `tpcro` are progress and planned progress in
    percent.
    """

    confirmed: bool
    pcro: Decimal
    tpcro: Decimal
    rvro: Decimal
    volume: Decimal


@dataclass(frozen=True)
class Ikpa:
    """The IKPA value of capaian output: 30 % timeliness + 70 % achievement, capped at 100; it weighs 25 %."""

    timeliness: Decimal
    achievement: Decimal
    value: Decimal
    contribution: Decimal

    @property
    def grade(self) -> str:
        if self.value >= 95:
            return "Sangat Baik"
        if self.value >= 89:
            return "Baik"
        return "Cukup" if self.value >= 70 else "Kurang"


def ikpa_of_ro(report: RoReport, month: int) -> Decimal:
    """The score of one RO, 0 to 100: progress against plan, but volume against DIPA when it is done or in December.

    Not confirmed or no progress gives 0. Progress without a planned progress gives 100: it is ahead of its plan.
    Refuses a DIPA volume of 0 with ValueError: such an RO cannot be reported.
    """
    if report.volume <= 0:
        raise ValueError("an RO without a DIPA volume has no score")
    if not report.confirmed or report.pcro <= 0:
        return Decimal("0.00")
    if month == 12 or report.pcro >= HUNDRED:
        return half_up(min(report.rvro / report.volume * HUNDRED, HUNDRED))
    if report.tpcro <= 0:
        return half_up(HUNDRED)
    return half_up(min(report.pcro / report.tpcro * HUNDRED, HUNDRED))


def ikpa(reports: Sequence[RoReport], month: int, *, on_time: Sequence[bool]) -> Ikpa | None:
    """The office's IKPA value of capaian output for a month; None when nothing is to be reported.

    `on_time` says of each report so far this year whether it came by the deadline. After PER-5/PB/2024 as others have
    implemented it, so a model of the rule and not the rule: the official value is the treasury's.
    """
    if not reports or not on_time:
        return None
    timeliness = half_up(sum(on_time) * HUNDRED / len(on_time))
    scores = sum((ikpa_of_ro(report, month) for report in reports), Decimal(0))
    achievement = half_up(scores / len(reports))
    value = half_up(timeliness * Decimal("0.3")) + half_up(achievement * Decimal("0.7"))
    return Ikpa(timeliness, achievement, value, half_up(value * Decimal("0.25")))
