"""Trips as a list, as a month, and on a schematic map."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import abort, request, url_for

from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import reading
from fieldops.kit.indonesian import MONTHS
from fieldops.kit.page import page
from fieldops.loktuan.routes import bp
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries import sites
from fieldops.loktuan.trips.queries.running import count
from fieldops.loktuan.trips.queries.trips import trips
from fieldops.loktuan.trips.rules.geometry import apart, frame

if TYPE_CHECKING:
    from flask import Response

    from fieldops.loktuan.trips.queries.sites import AreaService
    from fieldops.loktuan.trips.queries.trips import TripRow


@bp.get("/")
@needs("trip.read")
def trip_list() -> Response:
    """Coming trips, and those of the last half year."""
    today = clock.today()
    with reading() as session:
        coming = trips(session, first=today)
        past = trips(session, first=today - timedelta(days=183), until=today, newest_first=True)
        counts = count(session, [row.id for row in past if row.status in (*rules.TOLD, rules.Status.CLOSED)])
    there = {row.id for row in coming}
    over = (rules.Status.CANCELLED, rules.Status.CLOSED)
    return page(
        "loktuan/list.html",
        coming=[row for row in coming if row.status not in over],
        past=[row for row in reversed(coming) if row.status in over] + [row for row in past if row.id not in there],
        counts=counts,
    )


@bp.get("/month")
@needs("trip.read")
def trip_month() -> Response:
    """One month, week by week, Monday first."""
    today = clock.today()
    asked = request.args.get("month", f"{today:%Y-%m}")
    try:
        first = date.fromisoformat(f"{asked}-01")
    except ValueError:
        abort(404)
    if first.year not in YEARS:
        abort(404)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    with reading() as session:
        rows = trips(session, first=weeks[0][0], until=weeks[-1][-1] + timedelta(days=1))
    rows = [row for row in rows if row.status is not rules.Status.CANCELLED]
    days = {day: [row for row in rows if row.days[0] <= day <= row.days[1]] for week in weeks for day in week}
    return page(
        "loktuan/month.html",
        first=first,
        name=f"{MONTHS[first.month - 1]} {first.year}",
        weeks=weeks,
        days=days,
        today=today,
        before=_month(first - timedelta(days=1)),
        after=_month(first + timedelta(days=32)),
    )


YEARS = range(2020, 2100)


def _month(day: date) -> str:
    """The address of a day's month; empty at the ends of the calendar."""
    return url_for(".trip_month", month=f"{day:%Y-%m}") if day.year in YEARS else ""


@dataclass(frozen=True)
class Dot:
    """A kecamatan on the map, with its number in the list. `x` and `y` are from the upper left."""

    area: AreaService
    number: int
    x: int
    y: int


WIDTH, MARGIN, APART = 400, 24, 28


@bp.get("/map")
@needs("trip.read")
def trip_map() -> Response:
    """Every kecamatan by its approximate point, with its trips, and the list of who has waited longest."""
    today = clock.today()
    with reading() as session:
        found = sites.areas(session, today)
        ahead: list[TripRow] = [row for row in trips(session, first=today) if row.status in rules.LIVE]
    placed = [(n, area) for n, area in enumerate(found, 1) if area.point is not None]
    dots, height = [], 0
    if placed:
        points = [area.point for _, area in placed if area.point is not None]
        drawn = frame(points, width=WIDTH, margin=MARGIN)
        places = apart([drawn.place(point) for point in points], APART)
        height = max(drawn.height, max(y for _, y in places) + MARGIN)
        dots = [Dot(area, n, x, y) for (n, area), (x, y) in zip(placed, places, strict=True)]
    return page(
        "loktuan/map.html",
        areas=found,
        dots=dots,
        width=WIDTH,
        height=height,
        ahead=ahead,
        today=today,
    )
