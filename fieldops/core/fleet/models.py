"""Vehicles, kit, outages and odometer readings. When something is promised stands in the roster's busy table."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Vehicle(Model):
    """A vehicle of the office. `plate` may be unknown; a retired one stays for the record."""

    __tablename__ = "fleet_vehicle"
    __table_args__ = (
        Index("uq_fleet_vehicle_plate", "plate", unique=True,
              postgresql_where=text("plate != ''"), sqlite_where=text("plate != ''")),
        CheckConstraint("seats between 1 and 60", name="seats"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    plate: Mapped[str] = mapped_column(String(15), default="")
    seats: Mapped[int]
    note: Mapped[str] = mapped_column(String(300), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=1)


class KitItem(Model):
    """One piece of equipment. A case is an item that others are part of: promising it promises its parts."""

    __tablename__ = "fleet_kit_item"
    __table_args__ = (
        Index("uq_fleet_kit_item_tag", "tag", unique=True,
              postgresql_where=text("tag != ''"), sqlite_where=text("tag != ''")),
        CheckConstraint(
            "kind in ('fingerprint', 'camera', 'scanner', 'reader', 'laptop', 'signature', 'printer', 'generator', "
            "'case', 'other')",
            name="kind",
        ),
        CheckConstraint("part_of is null or part_of != id", name="part_of"),
        Index("ix_fleet_kit_item_part_of", "part_of"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    tag: Mapped[str] = mapped_column(String(40), default="")
    part_of: Mapped[UUID | None] = mapped_column(
        ForeignKey("fleet_kit_item.id", deferrable=True, initially="DEFERRED")  # a backup may have parts before cases
    )
    note: Mapped[str] = mapped_column(String(300), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=1)


class Outage(Model):
    """A time in which a vehicle or an item cannot be used. It is true whoever was promised it: those are told."""

    __tablename__ = "fleet_outage"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="interval"),
        CheckConstraint("holder_kind in ('vehicle', 'kit')", name="holder_kind"),
        Index("ix_fleet_outage_holder", "holder_kind", "holder_id", "starts_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    holder_kind: Mapped[str] = mapped_column(String(10))
    holder_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(300))
    form_key: Mapped[str] = mapped_column(String(60), unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Reading(Model):
    """What the odometer showed when a vehicle left or came back. One of each a trip: a correction changes it."""

    __tablename__ = "fleet_reading"
    __table_args__ = (
        UniqueConstraint("vehicle_id", "source", "ref", "moment", name="uq_fleet_reading_once"),
        CheckConstraint("moment in ('out', 'in')", name="moment"),
        CheckConstraint("km between 0 and 2000000", name="km"),
        Index("ix_fleet_reading_vehicle_id", "vehicle_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("fleet_vehicle.id"))
    source: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60))
    moment: Mapped[str] = mapped_column(String(3))
    km: Mapped[int]
    at: Mapped[datetime]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
