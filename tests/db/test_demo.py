"""The demonstration office is one that somebody can believe, and that can be tried."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from fieldops import check, demo, seed
from fieldops.core.achievement import queries as achievement
from fieldops.core.booking.models import BookingSession, Seat
from fieldops.core.booking.queries import desk
from fieldops.core.booking.rules import Pool
from fieldops.kit import clock
from fieldops.kit import db as kit_db
from tests.web import steps

MONDAY = datetime(2026, 11, 30, 5, 50, tzinfo=clock.ZONE)
"""Before the hour at which a weekend opens."""


@steps.SQLITE
def test_the_figures_of_the_year_fit_its_target_and_there_are_seats_to_book(db) -> None:
    with kit_db.transaction() as session:
        seed.load_plan(session, now=MONDAY)
    demo.fill(now=MONDAY, weeks_back=0, weeks_ahead=0, say=lambda _text: None)
    assert check.problems() == []
    today = clock.office_day(MONDAY)
    free = (
        select(func.count(Seat.id))
        .join(BookingSession, BookingSession.id == Seat.session_id)
        .where(BookingSession.is_open, BookingSession.opens_at <= MONDAY, BookingSession.starts_at > MONDAY)
        .where(Seat.pool == Pool.PUBLIC, Seat.applicant_id.is_(None))
    )
    with kit_db.reading() as session:
        (row,) = achievement.year_rows(session, 2026, today, ro_id="baa-001")
        waiting = desk.count_in_process(session, 2026)
        gap = achievement.gap_of(session, row, 2026, today, in_process=waiting)
        months = [total.volume for total in achievement.month_totals(session, "baa-001", 2026)]
        assert session.execute(free).scalar_one() > 15
    assert 0.9 < row.realisation / row.expected < 1.1
    assert min(months[:11]) > 250
    assert 0 < gap.seats < 120, "what the weekends of this office can hold"
