"""Areas of the map and the sites where service happens."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Area(Model):
    """A province, kabupaten, kota, kecamatan or kelurahan by its Kemendagri code. Points are approximate."""

    __tablename__ = "place_area"
    __table_args__ = (CheckConstraint("in_working_area in ('yes', 'confirm', '')", name="in_working_area"),)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    level: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("place_area.code"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    in_working_area: Mapped[str] = mapped_column(String(10), default="")
    source: Mapped[str] = mapped_column(String(200))


class Site(Model):
    """A place where the public is served. The point and the notes are for whoever drives there.

    Without a signal online booking closes early, because the list has to be on the phones before they leave.
    """

    __tablename__ = "place_site"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    address: Mapped[str] = mapped_column(String(300))
    area_code: Mapped[str | None] = mapped_column(ForeignKey("place_area.code"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    contact_name: Mapped[str] = mapped_column(String(100), default="", server_default="")
    contact_phone: Mapped[str] = mapped_column(String(20), default="", server_default="")
    has_signal: Mapped[bool] = mapped_column(default=True, server_default=true())
    signal_note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    power_note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
