"""The hard rules: what speaks against one person on one post. No proposal breaks them.

Two things at once and duty during leave are refused for good. For the others a responsible person may have a reason;
then the reason is written down. All intervals are half-open and aware; days are the office's (kit/clock.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from fieldops.core.people.rules import Competence
from fieldops.core.roster.rules.duties import Absence, Duty
from fieldops.core.roster.rules.intervals import Interval, overlaps, shared
from fieldops.kit import clock
from fieldops.kit.indonesian import DAYS_SHORT, MONTHS_SHORT, clock_time, duration, join_words

SATURDAY: Final = 5
DAY: Final = timedelta(days=1)
MORNING: Final = time(6)
"""Work that ends by this time of the next morning belongs to the day before and to no other."""

LEAVE: Final = frozenset({"leave", *Absence})
"""Kinds of promises that keep a person away. Every other kind is work and wants its rest."""


# -- what is judged ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Officer:
    """Somebody who may be on the roster. `points` is the ledger of the last 12 months, in hundredths of a point."""

    id: UUID
    name: str
    skills: frozenset[Competence] = frozenset()
    points: int = 0
    last_duty: date | None = None


@dataclass(frozen=True)
class Slot:
    """A post to fill. `day` is the office's day of its start, `points` its planned points in hundredths.

    `person_id` is who has it. A fixed one (pinned or published) is never changed by a proposal, but it counts: its
    hours, and its points. A post whose points are in the ledger already comes with 0 points.
    """

    id: UUID
    starts_at: datetime
    ends_at: datetime
    day: date
    duty: Duty
    title: str
    points: int = 0
    person_id: UUID | None = None
    is_fixed: bool = False

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)


@dataclass(frozen=True)
class Promise:
    """What a person is promised to already: leave by its kind in `LEAVE`, else work (trip, patrol, weekend, duty).

    `ref` is what the promise came from; when that is a post, it is not counted again beside it.
    """

    starts_at: datetime
    ends_at: datetime
    kind: str
    title: str
    ref: str = ""

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)

    @property
    def is_leave(self) -> bool:
        return self.kind in LEAVE


@dataclass(frozen=True)
class Limits:
    """What the office sets.

    `rest` lies between the end of one work and the beginning of the next; two works with no more than `pause` between
    them are one stretch and need none. `days_in_row` counts Saturdays, Sundays and those of `holidays` on which he
    works. `hours_in_24` holds for every window of 24 hours, not for calendar days.
    """

    rest: timedelta = timedelta(hours=11)
    days_in_row: int = 2
    hours_in_24: timedelta = timedelta(hours=12)
    pause: timedelta = timedelta()
    holidays: frozenset[date] = frozenset()


LIMITS: Final = Limits()


# -- what comes out ---------------------------------------------------------------------------------------------


class Severity(StrEnum):
    HARD = "hard"
    REASON = "reason"


class BreakCode(StrEnum):
    """The rules, in the order in which a refusal names them."""

    COMPETENCE = "competence"
    LEAVE = "leave"
    TWICE = "twice"
    OVERLAP = "overlap"
    REST = "rest"
    ROW = "row"
    HOURS = "hours"

    @property
    def severity(self) -> Severity:
        """HARD is never overridden; REASON is, by a person who writes why."""
        never = {BreakCode.LEAVE, BreakCode.TWICE, BreakCode.OVERLAP}
        return Severity.HARD if self in never else Severity.REASON


@dataclass(frozen=True)
class Break:
    """One rule that one person would break on one post. `brief` is what a gap counts ("3 cuti")."""

    code: BreakCode
    sentence: str
    brief: str

    @property
    def severity(self) -> Severity:
        return self.code.severity


def breaks(
    slot: Slot,
    officer: Officer,
    promises: Sequence[Promise] = (),
    duties: Sequence[Slot] = (),
    limits: Limits = LIMITS,
) -> tuple[Break, ...]:
    """Everything that speaks against `officer` on `slot`; nothing when he fits. In the order of `BreakCode`.

    `promises` are his. Of `duties` those count that are his (`person_id`), other than `slot` itself, so the whole
    roster may be given. Both must reach back and ahead as far as the rules look: two weeks do.
    """
    own = [duty for duty in duties if duty.person_id == officer.id and duty.id != slot.id]
    known = {str(slot.id), *(str(duty.id) for duty in own)}
    promises = [promise for promise in promises if promise.ref not in known]
    work: list[Slot | Promise] = sorted(
        [*own, *(promise for promise in promises if not promise.is_leave)],
        key=lambda each: (each.starts_at, each.ends_at, each.title),
    )
    found = [
        *_lacks(slot, officer),
        *_away(slot, promises),
        *_clashes(slot, work),
        *_tired(slot, work, limits),
        *_in_row(slot, work, limits),
        *_too_long(slot, work, limits),
    ]
    order = list(BreakCode)
    return tuple(sorted(found, key=lambda one: order.index(one.code)))


# -- the rules one by one ---------------------------------------------------------------------------------------


def _lacks(slot: Slot, officer: Officer) -> Iterable[Break]:
    missing = slot.duty.needs - officer.skills
    if missing:
        yield Break(
            BreakCode.COMPETENCE,
            f"Tanpa kompetensi {skills_in_words(missing)}.",
            f"tanpa kompetensi {skills_in_words(slot.duty.needs)}",
        )


def _away(slot: Slot, promises: Iterable[Promise]) -> Iterable[Break]:
    """Leave by the instants it shares with the post, whatever the dates say."""
    for leave in sorted(promises, key=lambda each: (each.starts_at, each.title)):
        if leave.is_leave and overlaps(slot.interval, leave.interval):
            brief = {"training": "diklat", "travel": "dinas luar"}.get(leave.kind, "cuti")
            yield Break(
                BreakCode.LEAVE,
                f"{leave.title} bertumpuk {duration(shared(slot.interval, leave.interval))}.",
                brief,
            )


def _clashes(slot: Slot, work: Iterable[Slot | Promise]) -> Iterable[Break]:
    for other in work:
        if not overlaps(slot.interval, other.interval):
            continue
        if isinstance(other, Slot) and (other.title, other.day) == (slot.title, slot.day):
            yield Break(
                BreakCode.TWICE,
                f"Sudah bertugas sebagai {other.duty.label} di {_when(other)}.",
                "sudah di tugas yang sama",
            )
        else:
            by = duration(shared(slot.interval, other.interval))
            yield Break(BreakCode.OVERLAP, f"Sudah bertugas di {_when(other)}, bertumpuk {by}.", "sudah bertugas")


def _tired(slot: Slot, work: Iterable[Slot | Promise], limits: Limits) -> Iterable[Break]:
    for other in work:
        gap = gap_between(slot.interval, other.interval)
        if not needs_rest(gap, limits):
            continue
        if other.ends_at <= slot.starts_at:
            where = f"sejak {other.title} selesai {_at(other.ends_at)}"
        else:
            where = f"sebelum {other.title} mulai {_at(other.starts_at)}"
        yield Break(
            BreakCode.REST,
            f"Jeda istirahat hanya {duration(gap, down=True)} {where}, paling sedikit {duration(limits.rest)}.",
            "jeda istirahat",
        )


def _in_row(slot: Slot, work: Iterable[Slot | Promise], limits: Limits) -> Iterable[Break]:
    worked = {day for other in work for day in days_of(other.interval)}
    row = longest_row(days_of(slot.interval), worked, limits.holidays)
    if len(row) > limits.days_in_row:
        days = join_words([short_day(day) for day in row])
        yield Break(
            BreakCode.ROW,
            f"{len(row)} hari akhir pekan atau libur berturut-turut ({days}), paling banyak {limits.days_in_row}.",
            "hari berturut-turut",
        )


def _too_long(slot: Slot, work: Sequence[Slot | Promise], limits: Limits) -> Iterable[Break]:
    near = [other for other in work if is_near(slot.interval, other.interval)]
    most = most_in_24_hours(slot.interval, [other.interval for other in near])
    if most > limits.hours_in_24:
        together = f" bersama {join_words(list(dict.fromkeys(other.title for other in near)))}" if near else ""
        limit = duration(limits.hours_in_24)
        yield Break(
            BreakCode.HOURS,
            f"{duration(most)} tugas dalam 24 jam{together}, paling banyak {limit}.",
            "batas jam",
        )


# -- the arithmetic, also for the proposal ----------------------------------------------------------------------


def gap_between(one: Interval, other: Interval) -> timedelta:
    """From the end of the earlier to the beginning of the later; negative when they overlap. Symmetric."""
    return max(one.starts_at, other.starts_at) - min(one.ends_at, other.ends_at)


def needs_rest(gap: timedelta, limits: Limits) -> bool:
    """Whether this gap is too long for a pause and too short for a rest. Judged pair by pair."""
    return gap >= timedelta() and limits.pause < gap < limits.rest


def days_of(interval: Interval) -> tuple[date, ...]:
    """The office days that work counts for: the day it begins, and each later one that it reaches past 06.00."""
    first, last = clock.office_day(interval.starts_at), clock.in_office(interval.ends_at)
    until = last.date() if last.time() > MORNING else last.date() - DAY
    return tuple(first + DAY * number for number in range(max((until - first).days, 0) + 1))


def longest_row(days: Iterable[date], worked: Collection[date], holidays: Collection[date]) -> list[date]:
    """The longest row of weekend days that holds one of `days`, when these are worked too. In order of time.

    A Saturday or Sunday without work ends a row. Other weekdays are passed over, unless one is a holiday and worked:
    then it is in the row.
    """
    days = list(days)
    worked = {*worked, *days}

    def counts(day: date) -> bool:
        return day in worked and (day.weekday() >= SATURDAY or day in holidays)

    def walk(day: date, step: Callable[[date], date]) -> list[date]:
        found, day = [], step(day)
        while counts(day) or day.weekday() < SATURDAY:
            if counts(day):
                found.append(day)
            day = step(day)
        return found

    rows = [
        [*reversed(walk(day, lambda each: each - DAY)), day, *walk(day, lambda each: each + DAY)]
        for day in days
        if counts(day)
    ]
    return max(rows, key=len, default=[])


def is_near(one: Interval, other: Interval) -> bool:
    """Whether some window of 24 hours holds a part of both. Symmetric."""
    return gap_between(one, other) < DAY


def most_in_24_hours(slot: Interval, others: Sequence[Interval]) -> timedelta:
    """The most work in any window of 24 hours that reaches into `slot`; `others` in any order, overlaps count twice."""
    every = [slot, *others]
    edges = {edge for one in every for edge in (one.starts_at, one.ends_at, one.starts_at - DAY, one.ends_at - DAY)}
    windows = [Interval(edge, edge + DAY) for edge in edges if slot.starts_at - DAY <= edge <= slot.ends_at]
    return max(sum((shared(window, one) for one in every), timedelta()) for window in windows)


# -- words ------------------------------------------------------------------------------------------------------


def skills_in_words(skills: Iterable[Competence]) -> str:
    """`wawancara dan biometrik`, in the order of the competences. An abbreviation keeps its capitals."""
    labels = [skill.label for skill in Competence if skill in set(skills)]
    return join_words([label if label.isupper() else label[0].lower() + label[1:] for label in labels])


def short_day(day: date) -> str:
    """`Sab 3 Okt`."""
    return f"{DAYS_SHORT[day.weekday()]} {day.day} {MONTHS_SHORT[day.month - 1]}"


def _at(instant: datetime) -> str:
    return f"{short_day(clock.office_day(instant))} {clock_time(instant, clock.ZONE)} {clock.ZONE_NAME}"


def _when(other: Slot | Promise) -> str:
    """`PERSARI (Sab 3 Okt, 08.00–12.00 WITA)`."""
    day = short_day(clock.office_day(other.starts_at))
    hours = f"{clock_time(other.starts_at, clock.ZONE)}–{clock_time(other.ends_at, clock.ZONE)}"
    return f"{other.title} ({day}, {hours} {clock.ZONE_NAME})"
