"""Reads about vehicles and kit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from fieldops.core.fleet import rules
from fieldops.core.fleet.models import KitItem, Outage, Reading, Vehicle
from fieldops.core.fleet.rules import Distance, Holder, Kind, Moment, ReadingFact, Taken
from fieldops.core.roster.models import Busy
from fieldops.core.roster.rules import Interval
from fieldops.core.roster.rules.taking import hours
from fieldops.core.roster.rules.taking import taken as taken_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class VehicleRow:
    id: UUID
    name: str
    plate: str
    seats: int
    note: str
    is_active: bool
    revision: int

    @property
    def holder(self) -> Holder:
        return Holder.VEHICLE


@dataclass(frozen=True)
class ItemRow:
    """An item of kit; `part_of` and `case` are the id and name of the case it lies in."""

    id: UUID
    name: str
    kind: Kind
    tag: str
    part_of: UUID | None
    case: str
    note: str
    is_active: bool
    revision: int

    @property
    def holder(self) -> Holder:
        return Holder.KIT

    @property
    def full_name(self) -> str:
        return in_case(self.name, self.case)


def in_case(name: str, case: str) -> str:
    """`Kamera 1 (bagian dari Koper Pelican)`."""
    return f"{name} (bagian dari {case})" if case else name


_VEHICLE = (
    Vehicle.id,
    Vehicle.name,
    Vehicle.plate,
    Vehicle.seats,
    Vehicle.note,
    Vehicle.is_active,
    Vehicle.revision,
)


def vehicles(session: Session, *, active_only: bool = False) -> list[VehicleRow]:
    """All vehicles, active ones first, by name. One query."""
    query = select(*_VEHICLE).order_by(Vehicle.is_active.desc(), Vehicle.name)
    if active_only:
        query = query.where(Vehicle.is_active)
    return [VehicleRow(*row) for row in session.execute(query)]


def vehicle(session: Session, vehicle_id: UUID) -> VehicleRow | None:
    row = session.execute(select(*_VEHICLE).where(Vehicle.id == vehicle_id)).one_or_none()
    return None if row is None else VehicleRow(*row)


def items(session: Session, *, active_only: bool = False) -> list[ItemRow]:
    """All kit by kind in the order of the screen, active ones first, then by name. One query."""
    order = list(Kind)
    found = [one for one in _items(session) if one.is_active or not active_only]
    return sorted(found, key=lambda one: (order.index(one.kind), not one.is_active, one.name))


def item(session: Session, item_id: UUID) -> ItemRow | None:
    return next(iter(_items(session, KitItem.id == item_id)), None)


def parts(session: Session, case_id: UUID) -> list[ItemRow]:
    """What lies in a case, by name."""
    return sorted(_items(session, KitItem.part_of == case_id), key=lambda one: one.name)


def _items(session: Session, *conditions: object) -> list[ItemRow]:
    case = KitItem.__table__.alias("holding_case")
    rows = session.execute(
        select(
            KitItem.id,
            KitItem.name,
            KitItem.kind,
            KitItem.tag,
            KitItem.part_of,
            case.c.name,
            KitItem.note,
            KitItem.is_active,
            KitItem.revision,
        )
        .outerjoin(case, case.c.id == KitItem.part_of)
        .where(*conditions)  # type: ignore[arg-type]
    ).all()
    return [ItemRow(i, name, Kind(kind), tag, of, box or "", *more) for i, name, kind, tag, of, box, *more in rows]


def names(session: Session, kind: str, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of vehicles or items of kit, also of retired ones. `kind` is 'vehicle' or 'kit'."""
    table = Vehicle if kind == Holder.VEHICLE else KitItem
    rows = session.execute(select(table.id, table.name).where(table.id.in_(ids)))
    return {row.id: row.name for row in rows}


# -- promises ---------------------------------------------------------------------------------------------------


def promises(
    session: Session, holder_kind: str, ids: Collection[UUID] | None, *, since: datetime, until: datetime | None = None
) -> dict[UUID, list[Taken]]:
    """Promises and workshop times that are not over at `since` (and begin before `until`), by thing, by start.

    `ids` None: of all things of the kind.
    """
    query = select(Busy.holder_id, Busy.title, Busy.kind, Busy.starts_at, Busy.ends_at, Busy.source, Busy.ref).order_by(
        Busy.starts_at, Busy.id
    )
    query = query.where(Busy.holder_kind == holder_kind, Busy.ends_at > since)
    if ids is not None:
        query = query.where(Busy.holder_id.in_(ids))
    if until is not None:
        query = query.where(Busy.starts_at < until)
    found: dict[UUID, list[Taken]] = {}
    for row in session.execute(query):
        one = Taken(row.title, row.kind, Interval(row.starts_at, row.ends_at), row.source, row.ref)
        found.setdefault(row.holder_id, []).append(one)
    return found


@dataclass(frozen=True)
class ChoiceRow:
    """A vehicle or an item that a planner can take. `clash` says who has it and when; None: it is free."""

    kind: Holder
    id: UUID
    name: str
    kind_label: str
    seats: int | None
    part_of: UUID | None
    clash: str | None


def choices(session: Session, interval: Interval, *, without: tuple[str, str] | None = None) -> list[ChoiceRow]:
    """Every active vehicle and item, with what stands against it in the interval; vehicles first.

    A case clashes when one of its parts does, and a part when its case is promised. `without` is the (source, ref)
    whose own promises do not count. Four queries.
    """
    busy = {kind: promises(session, kind, None, since=interval.starts_at, until=interval.ends_at) for kind in Holder}

    def clash(kind: Holder, thing: UUID, name: str) -> str | None:
        for one in busy[kind].get(thing, []):
            if (one.source, one.ref) != without:
                return taken_words(name, one.title, one.kind, one.interval)
        return None

    found = [
        ChoiceRow(
            Holder.VEHICLE,
            one.id,
            one.name,
            Holder.VEHICLE.label,
            one.seats,
            None,
            clash(Holder.VEHICLE, one.id, one.name),
        )
        for one in vehicles(session, active_only=True)
    ]
    kit = items(session, active_only=True)
    inside: dict[UUID, list[ItemRow]] = {}
    for each in kit:
        if each.part_of is not None:
            inside.setdefault(each.part_of, []).append(each)
    for each in kit:
        told = (clash(Holder.KIT, one.id, one.full_name) for one in (each, *inside.get(each.id, [])))
        against = next((one for one in told if one), None)
        found.append(ChoiceRow(Holder.KIT, each.id, each.name, each.kind.label, None, each.part_of, against))
    return found


@dataclass(frozen=True)
class HeldRow:
    """A vehicle or item that is promised."""

    kind: Holder
    id: UUID
    name: str
    interval: Interval


def held_by(session: Session, source: str, ref: str) -> list[HeldRow]:
    """What of vehicles and kit this source and ref has, parts of cases too; vehicles first, by name. Three queries."""
    rows = session.execute(
        select(Busy.holder_kind, Busy.holder_id, Busy.starts_at, Busy.ends_at).where(
            Busy.source == source, Busy.ref == ref, Busy.holder_kind.in_([Holder.VEHICLE.value, Holder.KIT.value])
        )
    ).all()
    known = {kind: names(session, kind, [row.holder_id for row in rows if row.holder_kind == kind]) for kind in Holder}
    found = [
        HeldRow(
            Holder(row.holder_kind),
            row.holder_id,
            known[Holder(row.holder_kind)].get(row.holder_id, ""),
            Interval(row.starts_at, row.ends_at),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.kind != Holder.VEHICLE, one.name))


# -- the workshop -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OutageRow:
    id: UUID
    holder_kind: Holder
    holder_id: UUID
    interval: Interval
    reason: str
    ended_at: datetime | None

    @property
    def when(self) -> str:
        return hours(self.interval)


def outage(session: Session, outage_id: UUID) -> OutageRow | None:
    return next(iter(_outages(session, Outage.id == outage_id)), None)


def outages(session: Session, holder_kind: str, holder_id: UUID, *, limit: int = 20) -> list[OutageRow]:
    """Workshop times of a thing, the latest first."""
    return _outages(session, Outage.holder_kind == holder_kind, Outage.holder_id == holder_id)[:limit]


def _outages(session: Session, *conditions: object) -> list[OutageRow]:
    rows = session.execute(
        select(
            Outage.id,
            Outage.holder_kind,
            Outage.holder_id,
            Outage.starts_at,
            Outage.ends_at,
            Outage.reason,
            Outage.ended_at,
        )
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(Outage.starts_at.desc())
        .limit(100)
    )
    return [
        OutageRow(i, Holder(kind), holder, Interval(starts, ends), reason, ended)
        for i, kind, holder, starts, ends, reason, ended in rows
    ]


def broken_by(session: Session, holder_kind: str, holder_id: UUID, interval: Interval) -> list[Taken]:
    """Promises that workshop time in this interval breaks, by start."""
    found = promises(session, holder_kind, [holder_id], since=interval.starts_at, until=interval.ends_at)
    return [one for one in found.get(holder_id, []) if one.source != rules.SOURCE]


# -- the odometer -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReadingRow:
    id: UUID
    vehicle_id: UUID
    fact: ReadingFact


def reading(session: Session, reading_id: UUID) -> ReadingRow | None:
    return next(iter(_readings(session, Reading.id == reading_id)), None)


def readings(session: Session, vehicle_id: UUID, *, since: datetime | None = None) -> list[ReadingRow]:
    """Readings of a vehicle, all or those from an instant on, by the time at which they were true."""
    later = [] if since is None else [Reading.at >= since]
    return _readings(session, Reading.vehicle_id == vehicle_id, *later)


def _readings(session: Session, *conditions: object) -> list[ReadingRow]:
    rows: Iterable[Reading] = session.scalars(
        select(Reading).where(*conditions).order_by(Reading.at, Reading.km)  # type: ignore[arg-type]
    )
    return [
        ReadingRow(row.id, row.vehicle_id, ReadingFact(row.source, row.ref, Moment(row.moment), row.km, row.at))
        for row in rows
    ]


def distances(session: Session, vehicle_id: UUID, *, since: datetime | None = None) -> list[Distance]:
    """The trips of a vehicle by the odometer, in the order in which they were driven, however they were entered.

    With `since`, a trip that began before it lacks its departure.
    """
    return rules.distances([one.fact for one in readings(session, vehicle_id, since=since)])
