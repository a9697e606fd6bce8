"""Reads of places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import case, func, select

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


def area_label(area: AreaRow) -> str:
    """The name of a kecamatan in a list to choose from; says when the office still has to confirm that it serves it."""
    return f"{area.name} (perlu konfirmasi)" if area.in_working_area == "confirm" else area.name


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


@dataclass(frozen=True)
class SiteDetail:
    """All about a site, with the name of its kecamatan. `area_state` is the kecamatan's `in_working_area`."""

    id: UUID
    name: str
    address: str
    area_code: str | None
    area_name: str
    area_state: str
    latitude: float | None
    longitude: float | None
    contact_name: str
    contact_phone: str
    has_signal: bool
    signal_note: str
    power_note: str
    is_active: bool
    revision: int

    @property
    def is_office(self) -> bool:
        return self.id == OFFICE_SITE

    @property
    def point(self) -> str:
        """`0.1324,117.4854` as maps understand it; empty when it is not known."""
        return "" if self.latitude is None else f"{self.latitude},{self.longitude}"


_DETAIL: Any = select(
    Site.id,
    Site.name,
    Site.address,
    Site.area_code,
    func.coalesce(Area.name, ""),
    func.coalesce(Area.in_working_area, ""),
    Site.latitude,
    Site.longitude,
    Site.contact_name,
    Site.contact_phone,
    Site.has_signal,
    Site.signal_note,
    Site.power_note,
    Site.is_active,
    Site.revision,
).outerjoin(Area, Area.code == Site.area_code)


def sites(session: Session) -> list[SiteRow]:
    """The active sites: the office first, then by name."""
    rows = session.execute(
        select(Site.id, Site.name, Site.address, Site.area_code)
        .where(Site.is_active)
        .order_by(case((Site.id == OFFICE_SITE, 0), else_=1), Site.name)
    )
    return [SiteRow(*row) for row in rows]


def all_sites(session: Session, *, active: bool = True) -> list[SiteDetail]:
    """Sites with all that is known: the office, then the others by kecamatan and name. One query."""
    order = (case((Site.id == OFFICE_SITE, 0), else_=1), Area.name, Site.name)
    rows = session.execute(_DETAIL.where(Site.is_active == active).order_by(*order))
    return [SiteDetail(*row) for row in rows]


def site(session: Session, site_id: UUID) -> SiteDetail | None:
    """One site, active or not."""
    row = session.execute(_DETAIL.where(Site.id == site_id)).one_or_none()
    return None if row is None else SiteDetail(*row)


def default_site(session: Session) -> SiteRow | None:
    """The office itself, where a weekend day takes place unless somebody says otherwise; None before the seed ran."""
    row = session.execute(
        select(Site.id, Site.name, Site.address, Site.area_code).where(Site.id == OFFICE_SITE)
    ).one_or_none()
    return None if row is None else SiteRow(*row)
