"""What each RO has achieved, and the rows behind every number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, request, url_for

from fieldops.core.achievement import queries
from fieldops.core.achievement.rules import PASSPORT_RO, source_label, year_elapsed
from fieldops.core.people import queries as people
from fieldops.kit import clock, indonesian
from fieldops.kit.access import needs
from fieldops.kit.db import reading
from fieldops.kit.errors import NotFound
from fieldops.kit.page import go, page

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

bp = Blueprint("achievement", __name__, url_prefix="/achievement")

_MONTHS = {str(month) for month in range(1, 13)}


def _in_process(session: Session, year: int) -> int | None:
    """People served whose passport is not known to be issued. Booking counts them and lies above, so it is asked
    through the application; None when nobody answers for it."""
    count: Callable[[Session, int], int] | None = current_app.extensions.get("fieldops.in_process")
    return None if count is None else count(session, year)


@bp.get("")
@needs("achievement.read")
def year_index() -> Response:
    """To this year, or to the year of the plan that is nearest to it."""
    this_year = clock.today().year
    with reading() as session:
        years = queries.years(session)
    return go(url_for(".year_show", year=min(max(this_year, years[0]), years[-1]) if years else this_year))


@bp.get("/<int:year>")
@needs("achievement.read")
def year_show(year: int) -> Response:
    """Every RO of the plan against its target and today's pace. Refuses (404) a year that the plan does not know."""
    today = clock.today()
    with reading() as session:
        years = queries.years(session)
        if year not in years:
            raise NotFound
        rows = queries.year_rows(session, year, today)
        in_process = _in_process(session, year)
        passports = next(row for row in rows if row.ro_id == PASSPORT_RO)
        gap = queries.gap_of(session, passports, year, today, in_process=in_process or 0)
        deadline = queries.next_deadline(session, today)
    return page(
        "achievement/year_show.html",
        year=year,
        years=years,
        today=today,
        as_of=min(today, date(year, 12, 31)),
        rows=rows,
        passports=passports,
        in_process=in_process,
        gap=gap,
        pace=year_elapsed(year, today),
        deadline=deadline if year in {today.year, deadline.month.year} else None,
        deadline_month=indonesian.MONTHS[deadline.month.month - 1],
        source_label=source_label,
    )


@bp.get("/<int:year>/<ro_id>")
@needs("achievement.read")
def ro_show(year: int, ro_id: str) -> Response:
    """The rows behind one RO's numbers: months, sources, ledger lines. Refuses (404) an unknown RO or year.

    `month`, `until` (a month) and `source` narrow the lines; `after` is where the page before ended. A source without
    lines is 404 too.
    """
    if not ro_id.isprintable():  # PostgreSQL takes no NUL
        raise NotFound
    today = clock.today()
    month = _month(request.args.get("month"))
    until = None if month else _month(request.args.get("until"))
    source, after = request.args.get("source"), request.args.get("after")
    with reading() as session:
        plan = queries.plan_years(session, ro_id)
        if year not in {one.year for one in plan}:
            raise NotFound
        row = queries.year_rows(session, year, today, ro_id=ro_id)[0]
        if source is not None and source not in dict(row.by_source):
            raise NotFound
        totals = queries.month_totals(session, ro_id, year)
        found = queries.lines(session, ro_id, year, month, source, until=until, after=_after(after))
        names = people.names(session, {line.actor_id for line in found.lines if line.actor_id})
    return page(
        "achievement/ro_show.html",
        year=year,
        row=row,
        plan=plan,
        totals=totals,
        found=found,
        shown_total=queries.total_of(totals, month, source, until=until),
        month=month,
        until=until,
        source=source,
        is_first=after is None,
        next_after=f"{found.next_after[0]}.{found.next_after[1]}" if found.next_after else None,
        names=names,
        pace=year_elapsed(year, today),
        months=indonesian.MONTHS,
        source_label=source_label,
    )


def _month(typed: str | None) -> int | None:
    if typed is None:
        return None
    if typed not in _MONTHS:
        raise NotFound
    return int(typed)


def _after(typed: str | None) -> tuple[date, int] | None:
    """`2026-12-05.17` as (day, id)."""
    if typed is None:
        return None
    day, _, line_id = typed.partition(".")
    try:
        after = date.fromisoformat(day), int(line_id)
    except ValueError:
        raise NotFound from None
    if after[1] not in range(2**63):
        raise NotFound
    return after
