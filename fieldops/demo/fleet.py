"""What a demonstration office shows of its vehicles and kit: past trips by the odometer, a case, a service to come."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fieldops.core.audit.rules import staff
from fieldops.core.fleet import queries, service
from fieldops.core.fleet.rules import Holder, ItemIn, Kind, Moment
from fieldops.core.roster.rules import Interval
from fieldops.kit import clock

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

_DRIVES = ((35, 14_820, 96), (21, 14_951, 214), (7, 15_230, 88))
"""Days ago, the odometer at the start, kilometres."""
_IN_CASE = ("Kamera 1", "Perekam sidik jari 1", "Papan tanda tangan")


def fill(session: Session, who: UUID, *, now: datetime) -> None:
    """Readings of three trips, three things in the case, a patrol car that goes to the workshop next week."""
    actor = staff(who)
    vehicles = {one.name: one.id for one in queries.vehicles(session)}
    today = clock.office_day(now)
    for days, km, distance in _DRIVES:
        day = today - timedelta(days=days)
        for moment, shown, hour in ((Moment.OUT, km, 7), (Moment.IN, km + distance, 16)):
            at = clock.at_office(day, time(hour))
            drive: dict[str, Any] = {"source": "demo", "ref": day.isoformat(), "moment": moment, "at": at}
            service.put_reading(session, vehicles["Minibus Toyota"], km=shown, actor=actor, now=now, **drive)
    kit = queries.items(session)
    case = next(one for one in kit if one.kind is Kind.CASE)
    for one in kit:
        if one.name in _IN_CASE:
            item = ItemIn(one.name, one.kind, one.tag, case.id, one.note)
            service.change_item(session, one.id, item, revision=one.revision, actor=actor, now=now)
    monday = today + timedelta(days=7 - today.weekday())
    service.put_outage(
        session,
        holder_kind=Holder.VEHICLE,
        holder_id=vehicles["Isuzu D-Max kabin ganda"],
        interval=Interval(
            clock.at_office(monday + timedelta(days=1), time(8)), clock.at_office(monday + timedelta(days=2), time(16))
        ),
        reason="Servis berkala 20.000 km",
        form_key=str(uuid4()),
        actor=actor,
        now=now,
    )
