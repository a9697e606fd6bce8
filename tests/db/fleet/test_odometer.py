"""One reading for each end of a trip, in the order of the road."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.fleet import queries, rules, service
from fieldops.kit.db import reading
from fieldops.kit.errors import NotFound
from tests.db.fleet.things import make_vehicle
from tests.make import NOW, Office, made

MONDAY, TUESDAY = NOW - timedelta(days=2), NOW - timedelta(days=1)


@pytest.fixture
def who(office: Office) -> UUID:
    return office["officer"]


@pytest.fixture
def car(who: UUID) -> UUID:
    return made(make_vehicle, who)


def put(who: UUID, car: UUID, ref: str, moment: str, km: int, at: datetime, **changes) -> UUID:
    values = {"source": "trip", "ref": ref, "moment": moment, "km": km, "at": at, "actor": staff(who), "now": NOW}
    return made(service.put_reading, car, **(values | changes))


def driven(car: UUID) -> list[tuple[str, int | None]]:
    with reading() as session:
        return [(one.ref, one.km) for one in queries.distances(session, car)]


def test_trips_entered_out_of_order_are_told_in_the_order_of_the_road(who, car) -> None:
    put(who, car, "B", "in", 12_400, TUESDAY + timedelta(hours=6))
    put(who, car, "B", "out", 12_150, TUESDAY)
    put(who, car, "A", "out", 12_000, MONDAY)
    assert driven(car) == [("A", None), ("B", 250)]
    put(who, car, "A", "in", 12_120, MONDAY + timedelta(hours=5))
    assert driven(car) == [("A", 120), ("B", 250)]


def test_a_typing_error_is_corrected_in_its_own_reading(who, car) -> None:
    put(who, car, "A", "out", 12_000, MONDAY)
    first = put(who, car, "A", "in", 12_012, MONDAY + timedelta(hours=5))
    assert put(who, car, "A", "in", 12_120, MONDAY + timedelta(hours=5)) == first
    assert put(who, car, "A", "in", 12_120, MONDAY + timedelta(hours=5)) == first
    assert driven(car) == [("A", 120)]
    with reading() as session:
        details = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "fleet.reading_correct")).all()
    assert [(one["km_before"], one["km"]) for one in details] == [(12_012, 12_120)]


def test_coming_back_with_less_than_at_the_start_is_refused_with_both_figures(who, car) -> None:
    put(who, car, "A", "out", 12_000, MONDAY)
    with pytest.raises(rules.BelowOut, match=r"kembali 11\.900 km .* berangkat 12\.000 km"):
        put(who, car, "A", "in", 11_900, MONDAY + timedelta(hours=5))
    assert driven(car) == [("A", None)]


def test_a_reading_against_its_neighbours_names_them(who, car) -> None:
    put(who, car, "B", "out", 12_150, TUESDAY)
    with pytest.raises(rules.AgainstNeighbour) as refused:
        put(who, car, "A", "in", 12_500, MONDAY)
    assert refused.value.sentence == (
        "12.500 km lebih besar daripada yang sesudahnya: 12.150 km saat berangkat, Selasa, 24 November 2026, "
        "pukul 10.00 WITA. Periksa keduanya, lalu perbaiki yang keliru."
    )
    with pytest.raises(rules.AgainstNeighbour, match="lebih kecil daripada yang lebih dulu"):
        put(who, car, "C", "out", 12_000, TUESDAY + timedelta(hours=1))


def test_another_vehicle_has_its_own_road(who, car) -> None:
    put(who, car, "A", "out", 90_000, MONDAY)
    other = made(make_vehicle, who, "Avanza Uji")
    put(who, other, "A", "out", 100, TUESDAY)
    assert driven(other) == [("A", None)]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"at": NOW + timedelta(minutes=6)}, rules.NotYet),
        ({"km": -1}, rules.WrongKm),
        ({"km": 2_000_001}, rules.WrongKm),
    ],
)
def test_what_cannot_be_is_refused(who, car, changes, refusal) -> None:
    with pytest.raises(refusal):
        put(who, car, "A", "out", **({"km": 1, "at": NOW} | changes))


def test_an_unknown_vehicle_is_not_found(who) -> None:
    with pytest.raises(NotFound):
        put(who, uuid4(), "A", "out", 1, NOW)
