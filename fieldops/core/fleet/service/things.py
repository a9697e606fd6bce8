"""The lists of vehicles and kit: add, change, retire, bring back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.fleet import queries, rules
from fieldops.core.fleet.models import KitItem, Vehicle
from fieldops.core.fleet.rules import SOURCE, Holder, ItemIn, Kind, VehicleIn
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Stale

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor


def add_vehicle(session: Session, vehicle: VehicleIn, *, form_key: str, actor: Actor, now: datetime) -> UUID:
    """A new vehicle; its id is the form's key, so the same form again gives the same vehicle. Refuses a name or plate
    that another one has."""
    return _add(session, Vehicle, Holder.VEHICLE, _values(vehicle), form_key, actor=actor, now=now)


def add_item(session: Session, item: ItemIn, *, form_key: str, actor: Actor, now: datetime) -> UUID:
    """A new item of kit; its id is the form's key, so the same form again gives the same item.

    Locks the case that it goes into. Refuses a name or tag that another one has, a case that is none (WrongCase) and
    one that is promised (CasePromised).
    """
    item_id = UUID(form_key)
    if session.execute(select(KitItem.id).where(KitItem.id == item_id)).scalar_one_or_none() is None:
        _check_case(session, None, item.part_of, now=now)
    return _add(session, KitItem, Holder.KIT, _values(item), form_key, actor=actor, now=now)


def change_vehicle(
    session: Session, vehicle_id: UUID, vehicle: VehicleIn, *, revision: int, actor: Actor, now: datetime
) -> None:
    """Change a vehicle as it was shown. Refuses with Changed (409) when somebody was faster, and what `add_vehicle`
    refuses. Locks the vehicle."""
    _lock(session, Vehicle, [vehicle_id])
    _change(session, Vehicle, Holder.VEHICLE, vehicle_id, _values(vehicle), revision, actor=actor, now=now)


def change_item(session: Session, item_id: UUID, item: ItemIn, *, revision: int, actor: Actor, now: datetime) -> None:
    """Change an item as it was shown; into a case and out of it only while neither is promised.

    Locks the item, its old and its new case, by id. Refuses with Changed (409) when somebody was faster, and what
    `add_item` refuses.
    """
    before = queries.item(session, item_id)
    if before is None:
        raise NotFound
    _lock(session, KitItem, [one for one in (item_id, before.part_of, item.part_of) if one is not None])
    before = queries.item(session, item_id)
    if item.kind is not Kind.CASE and queries.parts(session, item_id):
        raise rules.WrongKind("Masih ada isi di koper ini. Keluarkan dulu isinya, baru jenisnya diubah.")
    if before is not None and before.revision == revision and before.part_of != item.part_of:
        _check_case(session, item_id, item.part_of, now=now)
        _check_unpromised(session, [one for one in (item_id, before.part_of) if one is not None], now=now)
    _change(session, KitItem, Holder.KIT, item_id, _values(item), revision, actor=actor, now=now)


def set_active(
    session: Session, holder_kind: Holder, holder_id: UUID, active: bool, *, revision: int, actor: Actor, now: datetime
) -> None:
    """Retire a thing, or bring it back. It stays for the record.

    Again changes nothing. Locks the thing. Refuses to retire what is still promised (StillPromised names the promise);
    Changed (409) when somebody was faster.
    """
    table: Any = Vehicle if holder_kind is Holder.VEHICLE else KitItem
    _lock(session, table, [holder_id])
    row = session.execute(select(table.is_active, table.name).where(table.id == holder_id)).one_or_none()
    if row is None:
        raise NotFound
    if row.is_active == active:
        return
    if not active:
        found = queries.promises(session, holder_kind, [holder_id], since=now).get(holder_id, [])
        held = next((one for one in found if one.source != SOURCE), None)
        if held is not None:
            raise rules.StillPromised(
                f"{row.name} masih dijanjikan: {held.title}. Ganti dulu di sana, baru dinonaktifkan."
            )
    _change(session, table, holder_kind, holder_id, {"is_active": active}, revision, actor=actor, now=now)


# -- what they share --------------------------------------------------------------------------------------------


def _values(thing: VehicleIn | ItemIn) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


def _lock(session: Session, table: Any, ids: list[UUID]) -> None:
    session.execute(select(table.id).where(table.id.in_(ids)).order_by(table.id).with_for_update(key_share=True)).all()


def _add(
    session: Session, table: Any, kind: Holder, values: dict[str, Any], form_key: str, *, actor: Actor, now: datetime
) -> UUID:
    thing_id = UUID(form_key)
    if session.execute(select(table.id).where(table.id == thing_id)).scalar_one_or_none() is not None:
        return thing_id
    try:
        session.execute(insert(table).values(id=thing_id, **values))
    except IntegrityError as error:
        raise _double(error) from error
    audit.record(session, actor, "fleet.add", kind.value, thing_id, now=now)
    return thing_id


def _change(
    session: Session,
    table: Any,
    kind: Holder,
    thing_id: UUID,
    values: dict[str, Any],
    revision: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    try:
        done = session.execute(
            update(table)
            .where(table.id == thing_id, table.revision == revision)
            .values(**values, revision=revision + 1)
            .returning(table.id)
        ).scalar_one_or_none()
    except IntegrityError as error:
        raise _double(error) from error
    if done is None:
        if session.execute(select(table.id).where(table.id == thing_id)).scalar_one_or_none() is None:
            raise NotFound
        raise rules.Changed
    audit.record(session, actor, "fleet.change", kind.value, thing_id, now=now, revision=revision + 1)


def _double(error: IntegrityError) -> Exception:
    """The refusal that the broken constraint stands for, or the error itself."""
    for constraint, column, refusal in (
        ("uq_fleet_vehicle_name", "fleet_vehicle.name", rules.NameTaken),
        ("uq_fleet_vehicle_plate", "fleet_vehicle.plate", rules.PlateTaken),
        ("uq_fleet_kit_item_name", "fleet_kit_item.name", rules.NameTaken),
        ("uq_fleet_kit_item_tag", "fleet_kit_item.tag", rules.TagTaken),
        ("pk_fleet_vehicle", "fleet_vehicle.id", Stale),  # one form, twice at once
        ("pk_fleet_kit_item", "fleet_kit_item.id", Stale),
    ):
        if violated(error, constraint, column):
            return refusal()
    return error


def _check_case(session: Session, item_id: UUID | None, case_id: UUID | None, *, now: datetime) -> None:
    """Refuses a case that is none, is retired or lies in another; an item that is a case itself; a promised one."""
    if case_id is None:
        return
    _lock(session, KitItem, [case_id])
    case = queries.item(session, case_id)
    is_case = item_id is not None and queries.parts(session, item_id)
    if (
        case is None
        or case.kind is not Kind.CASE
        or not case.is_active
        or case.part_of
        or case_id == item_id
        or is_case
    ):
        raise rules.WrongCase
    _check_unpromised(session, [case_id], now=now)


def _check_unpromised(session: Session, ids: list[UUID], *, now: datetime) -> None:
    found = queries.promises(session, Holder.KIT, ids, since=now)
    if any(one.source != SOURCE for held in found.values() for one in held):
        raise rules.CasePromised
