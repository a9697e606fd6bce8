"""The demonstration office has vehicles that went somewhere and blanks that add up."""

from __future__ import annotations

from fieldops import check
from fieldops.core.blanks import queries as blanks
from fieldops.core.fleet import queries
from fieldops.core.fleet.models import Outage
from fieldops.demo import blanks as blanks_demo
from fieldops.demo import fleet as demo
from fieldops.kit.db import reading
from tests.make import NOW, Office, made
from tests.web import steps


def test_the_demonstration_is_filled_by_the_same_rules(office: Office) -> None:
    made(demo.fill, office["supervisor"], now=NOW)
    made(blanks_demo.fill, office["tu"], now=NOW)
    with reading() as session:
        bus = next(one for one in queries.vehicles(session) if one.name == "Minibus Toyota")
        assert [one.km for one in queries.distances(session, bus.id)] == [96, 214, 88]
        case = next(one for one in queries.items(session) if one.name == "Koper Pelican")
        assert len(queries.parts(session, case.id)) == 3
        stock = blanks.stock(session, year=2026)
    assert (stock.in_stock, stock.used, stock.spoiled) == (188, 111, 1)
    assert steps.count(Outage) == 1
    assert check.problems() == []
