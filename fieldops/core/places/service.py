"""Adding and changing sites. Nobody deletes one: trips of before point to it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.places import rules
from fieldops.core.places.models import Area, Site
from fieldops.core.places.queries import OFFICE_SITE
from fieldops.core.places.rules import SiteFacts
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor

_FIXED_AT_OFFICE = ("name", "address", "area_code")


def add(session: Session, facts: SiteFacts, *, form_key: str, actor: Actor, now: datetime) -> UUID:
    """A new site; its id is the form key, so the same form again is the same site. Locks nothing: the keys of the table
    stand behind. Refuses WrongArea, WrongPoint, NameTaken."""
    site_id = UUID(form_key)
    if session.scalar(select(Site.id).where(Site.id == site_id)) is not None:
        return site_id
    _check(session, facts)
    try:
        session.execute(insert(Site).values(id=site_id, revision=1, is_active=True, **asdict(facts)))
    except IntegrityError as error:
        raise _refusal_of(error) from error
    audit.record(session, actor, "site.add", "site", site_id, now=now, area=facts.area_code)
    return site_id


def change(session: Session, site_id: UUID, facts: SiteFacts, *, revision: int, actor: Actor, now: datetime) -> None:
    """Write what a form holds. Of the office's own site the name, address and kecamatan stay: they are settings.

    Locks the site by the update itself, which only meets the revision that the form was drawn from. Refuses NotFound,
    ChangedMeanwhile, WrongArea, WrongPoint, NameTaken.
    """
    before = session.execute(select(Site.__table__).where(Site.id == site_id)).mappings().one_or_none()
    if before is None:
        raise NotFound
    values: dict[str, Any] = asdict(facts)
    if site_id == OFFICE_SITE:
        values = {name: value for name, value in values.items() if name not in _FIXED_AT_OFFICE}
        rules.check_point(facts.latitude, facts.longitude)
    else:
        _check(session, facts)
    if before["revision"] != revision:
        raise rules.ChangedMeanwhile
    changed = sorted(name for name, value in values.items() if before[name] != value)
    if not changed:
        return
    _write(session, site_id, revision, values)
    audit.record(session, actor, "site.change", "site", site_id, now=now, fields=changed)


def _write(session: Session, site_id: UUID, revision: int, values: dict[str, Any]) -> None:
    wanted = update(Site).where(Site.id == site_id, Site.revision == revision)
    try:
        done = session.execute(wanted.values(revision=revision + 1, **values))
    except IntegrityError as error:
        raise _refusal_of(error) from error
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise rules.ChangedMeanwhile


def set_active(session: Session, site_id: UUID, active: bool, *, actor: Actor, now: datetime) -> None:
    """Take a site out of the lists to choose from, or put it back; the same twice changes nothing. Refuses NotFound and
    (OfficeIsFixed) the office itself."""
    if site_id == OFFICE_SITE:
        raise rules.OfficeIsFixed
    done = session.execute(
        update(Site)
        .where(Site.id == site_id, Site.is_active != active)
        .values(is_active=active, revision=Site.revision + 1)
    )
    if done.rowcount:  # type: ignore[attr-defined]
        audit.record(session, actor, "site.active", "site", site_id, now=now, active=active)
    elif session.scalar(select(Site.id).where(Site.id == site_id)) is None:
        raise NotFound


def _check(session: Session, facts: SiteFacts) -> None:
    rules.check_point(facts.latitude, facts.longitude)
    known = select(Area.code).where(Area.code == facts.area_code, Area.level == "kecamatan")
    if session.scalar(known) is None:
        raise rules.WrongArea


def _refusal_of(error: IntegrityError) -> Exception:
    return rules.NameTaken() if violated(error, "uq_place_site_name", "place_site.name") else error
