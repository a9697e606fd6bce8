"""Publishing services for others to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from fieldops.core.agenda.models import ServiceEvent

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_FOLLOWED = ("title", "place", "area_code", "starts_at", "ends_at", "people_expected", "status")


def publish(session: Session, *, source: str, ref: str, now: datetime, **facts: Any) -> int:
    """Insert or update the service `(source, ref)` in the planner's own transaction; returns its revision.

    `facts`: title, place, area_code, starts_at and ends_at (aware UTC), people_expected, status. The revision rises
    only when one of them changed, so publishing twice changes nothing. Locks the event's row.
    """
    here = select(ServiceEvent).where(ServiceEvent.source == source, ServiceEvent.ref == ref)
    event = session.scalars(here.with_for_update()).one_or_none()
    if event is None:
        session.execute(insert(ServiceEvent).values(source=source, ref=ref, revision=1, changed_at=now, **facts))
        return 1
    if all(getattr(event, name) == facts[name] for name in _FOLLOWED):
        return event.revision
    session.execute(
        update(ServiceEvent)
        .where(ServiceEvent.id == event.id)
        .values(revision=event.revision + 1, changed_at=now, **facts)
    )
    return event.revision + 1


def withdraw(session: Session, *, source: str, ref: str, now: datetime) -> None:
    """The service will not take place: mark it cancelled and raise its revision, once."""
    session.execute(
        update(ServiceEvent)
        .where(ServiceEvent.source == source, ServiceEvent.ref == ref, ServiceEvent.status != "cancelled")
        .values(status="cancelled", revision=ServiceEvent.revision + 1, changed_at=now)
    )
