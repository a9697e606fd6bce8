"""Areas of the map and the sites where service happens."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String
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
    """A place where the public is served."""

    __tablename__ = "place_site"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    address: Mapped[str] = mapped_column(String(300))
    area_code: Mapped[str | None] = mapped_column(ForeignKey("place_area.code"))
