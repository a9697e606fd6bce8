"""Reads of places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select

from fieldops.core.places.models import Area, Site

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

OFFICE_SITE: Final = UUID("0f1e1d00-b017-4a06-8000-000000000001")
"""The id of the office's own site. It is fixed, so the office may change its name and address."""


@dataclass(frozen=True)
class AreaRow:
    """A unit of the map. `in_working_area` is 'yes', 'confirm' (the office has to say) or '' (does not apply)."""

    code: str
    level: str
    name: str
    parent_code: str | None
    latitude: float | None
    longitude: float | None
    in_working_area: str


@dataclass(frozen=True)
class SiteRow:
    """A place where the public is served."""

    id: UUID
    name: str
    address: str
    area_code: str | None


def areas(session: Session, *, level: str | None = None, parent_code: str | None = None) -> list[AreaRow]:
    """Areas by code, all of them or those of one level ('kecamatan', 'kelurahan') or below one parent."""
    query = select(
        Area.code,
        Area.level,
        Area.name,
        Area.parent_code,
        Area.latitude,
        Area.longitude,
        Area.in_working_area,
    ).order_by(Area.code)
    if level is not None:
        query = query.where(Area.level == level)
    if parent_code is not None:
        query = query.where(Area.parent_code == parent_code)
    return [AreaRow(*row) for row in session.execute(query)]


def sites(session: Session) -> list[SiteRow]:
    """All sites by name."""
    rows = session.execute(select(Site.id, Site.name, Site.address, Site.area_code).order_by(Site.name))
    return [SiteRow(*row) for row in rows]


def default_site(session: Session) -> SiteRow | None:
    """The office itself, where a weekend day takes place unless somebody says otherwise; None before the seed ran."""
    row = session.execute(
        select(Site.id, Site.name, Site.address, Site.area_code).where(Site.id == OFFICE_SITE)
    ).one_or_none()
    return None if row is None else SiteRow(*row)
