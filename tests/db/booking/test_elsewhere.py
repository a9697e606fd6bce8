"""Which sessions of other pages are told when a page has no room."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fieldops.core.booking.queries import public as queries
from fieldops.core.booking.rules import Pool, Window
from fieldops.core.booking.service import pages
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from tests.make import made

if TYPE_CHECKING:
    from tests.make import Office


def page(title: str, *, scope: str, days: int = 3, address: str = "Jalan Awang Long", **window: Any) -> None:
    """A page with one session of two seats in so many days."""
    now = office_clock.now()
    starts = now + timedelta(days=days)
    usual = Window(now, starts - timedelta(hours=1), starts - timedelta(hours=1), starts, is_open=True)
    place = {"title": title, "place": "Kantor", "address": address}
    page_id = made(pages.open_page, source="persari", ref=title, scope=scope, **place)
    session = {"source_ref": title, "day": office_clock.office_day(starts), "ends_at": starts + timedelta(hours=1)}
    made(pages.add_session, page_id, **session, window=replace(usual, **window), seats={Pool.PUBLIC: 2})


def test_other_pages_of_the_weekend_or_the_place_are_found_for_six_weeks(office: Office) -> None:
    page("this one", scope="this weekend")
    page("same weekend", scope="this weekend", days=4, address="Jalan Lain")
    page("same place", scope="next weekend", days=10)
    page("in six weeks", scope="then", days=42)
    page("later", scope="later", days=43)
    page("another address", scope="next weekend", address="Jalan Lain")
    page("a draft", scope="this weekend", is_open=False)
    page("too late", scope="this weekend", closes_at=office_clock.now())
    with reading() as session:
        here = next(one for one in queries.open_pages(session, now=office_clock.now()) if one.title == "this one")
        known = queries.page_by_code(session, here.code)
        assert known is not None
        found = queries.slots_elsewhere(session, known, Pool.PUBLIC, now=office_clock.now())
    assert [(one.title, one.slot.left) for one in found] == [
        ("same weekend", 2),
        ("same place", 2),
        ("in six weeks", 2),
    ]
