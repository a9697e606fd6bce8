"""Promising vehicles and kit, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, or_, select

from fieldops.core.fleet.models import KitItem, Vehicle
from fieldops.core.fleet.queries import in_case
from fieldops.core.fleet.rules import HELD, Holder, Inactive
from fieldops.core.roster import service as roster
from fieldops.core.roster.models import Busy
from fieldops.kit.errors import NotFound, Stale

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from fieldops.core.roster.rules import Interval


@dataclass(frozen=True)
class _Thing:
    id: UUID
    name: str
    part_of: UUID | None = None
    is_active: bool = True


def hold(
    session: Session,
    *,
    vehicle_ids: Collection[UUID],
    item_ids: Collection[UUID],
    interval: Interval,
    title: str,
    source: str,
    ref: str,
) -> None:
    """Promise exactly these vehicles and items to (source, ref) for the interval; what it had before and is not among
    them is free. Nothing of both frees everything. Promises of people are not touched.

    A case brings its active parts along. Locks the vehicles by id, then the items and their parts by id. Refuses with
    Clash the first that is promised elsewhere or in the workshop, by name, with the promise and its hours; a retired
    thing (Inactive) and an unknown one (NotFound). After a refusal the caller's transaction must roll back.
    """
    vehicles = _lock_vehicles(session, set(vehicle_ids))
    items = _lock_items(session, set(item_ids))
    session.execute(
        delete(Busy).where(
            Busy.source == source, Busy.ref == ref, Busy.holder_kind.in_([Holder.VEHICLE.value, Holder.KIT.value])
        )
    )
    for kind, things in ((Holder.VEHICLE, vehicles), (Holder.KIT, items)):
        for one in things:
            roster.promise(
                session, kind.value, one.id, one.name, interval, kind=HELD, title=title, source=source, ref=ref
            )


def _lock_vehicles(session: Session, wanted: set[UUID]) -> list[_Thing]:
    if not wanted:
        return []
    rows = session.execute(
        select(Vehicle.id, Vehicle.name, Vehicle.is_active)
        .where(Vehicle.id.in_(wanted))
        .order_by(Vehicle.id)
        .with_for_update(key_share=True)
    ).all()
    found = [_Thing(row.id, row.name, is_active=row.is_active) for row in rows]
    _check(found, wanted, field="vehicles")
    return sorted(found, key=lambda one: one.name)


def _lock_items(session: Session, wanted: set[UUID]) -> list[_Thing]:
    """The items and the active parts of those that are cases, locked."""
    if not wanted:
        return []
    query = (
        select(KitItem.id, KitItem.name, KitItem.part_of, KitItem.is_active)
        .where(or_(KitItem.id.in_(wanted), KitItem.part_of.in_(wanted)))
        .order_by(KitItem.id)
    )
    rows = session.execute(query.with_for_update(key_share=True)).all()
    if {row.id for row in session.execute(query)} != {row.id for row in rows}:
        raise Stale  # while we waited, something was put into the case or taken out of it
    found = [_Thing(*row) for row in rows]
    _check([one for one in found if one.id in wanted], wanted, field="items")
    boxes = {one.part_of for one in found if one.part_of is not None}
    cases = {row.id: row.name for row in session.execute(select(KitItem.id, KitItem.name).where(KitItem.id.in_(boxes)))}
    named = [
        _Thing(one.id, in_case(one.name, cases[one.part_of] if one.part_of else "")) for one in found if one.is_active
    ]
    return sorted(named, key=lambda one: one.name)


def _check(found: list[_Thing], wanted: set[UUID], *, field: str) -> None:
    if {one.id for one in found} != wanted:
        raise NotFound
    retired = next((one for one in found if not one.is_active), None)
    if retired is not None:
        raise Inactive(f"{retired.name} sudah dinonaktifkan. Pilih yang lain.", field=field)
