"""Vehicles and kit for the tests, and holding them as a trip would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from fieldops.core.audit.rules import staff
from fieldops.core.fleet import service as fleet
from fieldops.core.fleet.rules import ItemIn, Kind, VehicleIn
from fieldops.core.roster.rules import Interval
from fieldops.kit.db import transaction
from tests.make import NOW, at

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def make_vehicle(session: Session, who: UUID, name: str = "Hiace Uji", *, seats: int = 14, plate: str = "") -> UUID:
    vehicle = VehicleIn(name, plate, seats, "")
    return fleet.add_vehicle(session, vehicle, form_key=str(uuid4()), actor=staff(who), now=NOW)


def make_item(
    session: Session, who: UUID, name: str, kind: Kind = Kind.CAMERA, *, part_of: UUID | None = None, tag: str = ""
) -> UUID:
    item = ItemIn(name, kind, tag, part_of, "")
    return fleet.add_item(session, item, form_key=str(uuid4()), actor=staff(who), now=NOW)


def hours(starts: str, ends: str) -> Interval:
    """`2026-11-28 07:00` to `2026-11-28 16:00`, the office's time."""
    return Interval(at(starts), at(ends))


DAY = hours("2026-11-28 07:00", "2026-11-28 16:00")


def hold(ref: str, interval: Interval = DAY, *, vehicles: Any = (), items: Any = (), title: str = "") -> None:
    """A trip takes exactly these, in a transaction of its own."""
    with transaction() as session:
        fleet.hold(
            session,
            vehicle_ids=vehicles,
            item_ids=items,
            interval=interval,
            title=title or f"LOKTUAN {ref}",
            source="trip",
            ref=ref,
        )
