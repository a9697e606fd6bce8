"""Reads of the plan's rows and the ledger. Days are the office's; volumes are whole units of the RO."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, extract, func, select, tuple_

from fieldops.core.achievement import rules
from fieldops.core.achievement.models import Line, Ro, Target
from fieldops.core.calendar import queries as calendar
from fieldops.core.calendar import rules as calendar_rules
from fieldops.kit import clock

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PAGE = 50


@dataclass(frozen=True)
class YearRow:
    """One RO in one year.

    `realisation` is None when nobody has told: no ledger line of an RO that FieldOps does not count itself. `capaian`
    is None without a target or a realisation, in percent otherwise. `by_source` is the realisation in its parts,
    largest first. `expected` is the volume that an even pace would have reached today.
    """

    ro_id: str
    code: str
    name: str
    unit: str
    national_priority: bool
    target: int | None
    funding: int | None
    realisation: int | None
    by_source: tuple[tuple[str, int], ...]
    expected: int | None

    @property
    def has_target(self) -> bool:
        """A blank or 0 target is no target: shown as 'target belum ditetapkan'."""
        return bool(self.target)

    @property
    def capaian(self) -> Decimal | None:
        return rules.capaian(self.realisation, self.target)


def years(session: Session) -> list[int]:
    """The years of the plan, in order."""
    return list(session.scalars(select(Target.year).distinct().order_by(Target.year)))


def year_rows(session: Session, year: int, today: date, *, ro_id: str | None = None) -> list[YearRow]:
    """All ROs of the plan (or one) with target, funding and realisation of `year`, as printed. Two queries."""
    first, until = clock.year_bounds(year)
    # All lines have an RO; saying so gives one range of the index (ro_id, day) for each, and older years cost nothing.
    sums = (
        select(Line.ro_id, Line.source, func.sum(Line.volume).label("volume"))
        .where(Line.ro_id.in_(select(Ro.id)), Line.day >= first, Line.day < until)
        .group_by(Line.ro_id, Line.source)
        .order_by(func.sum(Line.volume).desc(), Line.source)
    )
    plan = (
        select(Ro.id, Ro.code, Ro.name, Ro.unit, Ro.national_priority, Target.volume, Target.funding)
        .outerjoin(Target, and_(Target.ro_id == Ro.id, Target.year == year))
        .order_by(Ro.position)
    )
    if ro_id is not None:
        sums, plan = sums.where(Line.ro_id == ro_id), plan.where(Ro.id == ro_id)
    parts: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for ro, source, volume in session.execute(sums):
        parts[ro].append((source, int(volume)))
    elapsed = rules.year_elapsed(year, today)
    return [_year_row(row, parts.get(row.id), elapsed) for row in session.execute(plan)]


def _year_row(row: Any, parts: list[tuple[str, int]] | None, elapsed: Decimal) -> YearRow:
    told = parts is not None or row.id in rules.COUNTED_HERE
    return YearRow(
        ro_id=row.id,
        code=row.code,
        name=row.name,
        unit=row.unit,
        national_priority=row.national_priority,
        target=row.volume,
        funding=row.funding,
        realisation=sum(volume for _, volume in parts or ()) if told else None,
        by_source=tuple(parts or ()),
        expected=rules.expected_by_now(row.volume, elapsed),
    )


@dataclass(frozen=True)
class PlanYear:
    """What the plan says about one RO in one year, and where the plan says it."""

    year: int
    target: int | None
    funding: int | None
    source: str


def plan_years(session: Session, ro_id: str) -> list[PlanYear]:
    """The plan of one RO, year by year; empty when there is no such RO."""
    rows = session.execute(
        select(Target.year, Target.volume, Target.funding, Ro.source)
        .join(Ro, Ro.id == Target.ro_id)
        .where(Ro.id == ro_id)
        .order_by(Target.year)
    )
    return [PlanYear(*row) for row in rows]


# -- what is still to do ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gap:
    """What the rest of the year must bring. `seats` is None without a target or without a weekend left."""

    people: int | None
    weekends: int
    seats: int | None


def gap_of(session: Session, row: YearRow, year: int, today: date, *, in_process: int) -> Gap:
    """People missing for 100 %, and the seats each open weekend from today to 31 December must have for them.

    A weekend is open unless the calendar closes both its days, for whatever reason.
    """
    first, last = max(today, date(year, 1, 1)), date(year, 12, 31)
    weekends = calendar_rules.weekends(first, last, calendar.closed_days(session, first, last))
    done = row.realisation or 0
    return Gap(
        people=max(row.target - done - in_process, 0) if row.target else None,
        weekends=weekends,
        seats=rules.seats_per_weekend(row.target, done, in_process, weekends),
    )


# -- the rows behind a number -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class LedgerLine:
    """One line of the ledger. `subject` and `ref` name no person; `made_at` is when it was written."""

    id: int
    day: date
    volume: int
    source: str
    ref: str
    subject: str
    made_at: datetime
    actor_id: UUID | None


@dataclass(frozen=True)
class LinePage:
    """Up to 50 lines, newest day first, and where the next page begins (None on the last)."""

    lines: tuple[LedgerLine, ...]
    next_after: tuple[date, int] | None


def lines(
    session: Session,
    ro_id: str,
    year: int,
    month: int | None = None,
    source: str | None = None,
    *,
    until: int | None = None,
    after: tuple[date, int] | None = None,
) -> LinePage:
    """The ledger lines behind a number: of one RO in a year, in a month of it or until its end, or of one source.

    Newest day first. `after` is the (day, id) that the page before gave, so a long ledger costs no more than a short.
    """
    query = select(
        Line.id, Line.day, Line.volume, Line.source, Line.ref, Line.subject, Line.made_at, Line.actor_id
    ).where(Line.ro_id == ro_id, *_period(year, month, until))
    if source is not None:
        query = query.where(Line.source == source)
    if after is not None:
        query = query.where(Line.day <= after[0], tuple_(Line.day, Line.id) < tuple_(*after))
    rows = session.execute(query.order_by(Line.day.desc(), Line.id.desc()).limit(PAGE + 1)).all()
    found = tuple(LedgerLine(*row) for row in rows[:PAGE])
    return LinePage(found, (found[-1].day, found[-1].id) if len(rows) > PAGE else None)


def _period(year: int, month: int | None = None, until: int | None = None) -> tuple[Any, ...]:
    first, last = date(year, month or 1, 1), rules.month_end(year, month or until or 12)
    return Line.day >= first, Line.day <= last


@dataclass(frozen=True)
class MonthTotal:
    """What one month adds (as SAKTI wants it, not cumulative), what it comes to, and its parts by source."""

    month: int
    volume: int
    cumulative: int
    by_source: dict[str, int]


def month_totals(session: Session, ro_id: str, year: int) -> list[MonthTotal]:
    """The twelve months of one RO; a month without lines adds 0. One query."""
    month_of = extract("month", Line.day)
    rows = session.execute(
        select(month_of, Line.source, func.sum(Line.volume))
        .where(Line.ro_id == ro_id, *_period(year))
        .group_by(month_of, Line.source)
    )
    parts: dict[int, dict[str, int]] = {month: {} for month in range(1, 13)}
    for month, source, volume in rows:
        parts[int(month)][source] = int(volume)
    totals, cumulative = [], 0
    for month, by_source in parts.items():
        cumulative += sum(by_source.values())
        totals.append(MonthTotal(month, sum(by_source.values()), cumulative, by_source))
    return totals


def total_of(totals: list[MonthTotal], month: int | None, source: str | None, *, until: int | None = None) -> int:
    """The volume behind one number: of a month, until its end or of the year, of one source or all."""
    chosen = [total for total in totals if month in {None, total.month} and total.month <= (until or 12)]
    return sum(total.volume if source is None else total.by_source.get(source, 0) for total in chosen)


# -- the report to come -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deadline:
    """The month that is to be reported next, by which day, and how many working days are left after today.

    `is_certain` is False when the holidays of the deadline's year are not in the calendar yet.
    """

    month: date
    day: date
    working_days_left: int
    is_certain: bool


def next_deadline(session: Session, today: date) -> Deadline:
    """Last month until its deadline is over, then this month (fifth working day of the month after)."""
    before = rules.month_end(today.year, today.month - 1)
    day = calendar.nth_working_day_after(session, before, rules.REPORT_WORKING_DAY)
    if day < today:
        before = rules.month_end(today.year, today.month)
        day = calendar.nth_working_day_after(session, before, rules.REPORT_WORKING_DAY)
    return Deadline(
        month=before,
        day=day,
        working_days_left=calendar.working_days_between(session, today, day),
        is_certain=calendar.is_loaded(session, day.year),
    )


# -- does the ledger say what happened? -------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A subject whose net volume in the ledger is not what the events say."""

    subject: str
    source: str
    day: date
    wanted: int
    found: int


def recompute_differences(
    session: Session,
    wanted: Mapping[str, tuple[str, date, int]],
    *,
    ro_id: str = rules.PASSPORT_RO,
    sources: Collection[str] | None = None,
) -> list[Difference]:
    """Every subject whose ledger net is not what it should be. Writes nothing.

    `wanted` says for each subject its source, its day and 0 or 1. A subject that is only in the ledger should be 0;
    `sources` leaves the lines of other sources out. The source and day of a difference are those wanted, or of the
    subject's first ledger line.
    """
    query = select(Line.subject, Line.source, Line.day, Line.volume).where(Line.ro_id == ro_id).order_by(Line.id)
    if sources is not None:
        query = query.where(Line.source.in_(sources))
    found: dict[str, int] = {}
    where: dict[str, tuple[str, date]] = {}
    for subject, source, day, volume in session.execute(query):
        found[subject] = found.get(subject, 0) + volume
        where.setdefault(subject, (source, day))
    differences = []
    for subject in sorted({*wanted, *found}):
        source, day, should = wanted[subject] if subject in wanted else (*where[subject], 0)
        if found.get(subject, 0) != should:
            differences.append(Difference(subject, source, day, should, found.get(subject, 0)))
    return differences
