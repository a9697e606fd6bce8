"""Readings of the odometer: one at each end of a trip."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from fieldops.core.audit import service as audit
from fieldops.core.fleet import queries, rules
from fieldops.core.fleet.models import Reading, Vehicle
from fieldops.core.fleet.rules import Moment, ReadingFact
from fieldops.kit.errors import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor


def put_reading(
    session: Session,
    vehicle_id: UUID,
    *,
    source: str,
    ref: str,
    moment: Moment | str,
    km: int,
    at: datetime,
    actor: Actor,
    now: datetime,
) -> UUID:
    """What the odometer showed `at` an instant when a vehicle left ('out') or came back ('in'); gives the reading's
    id. A second one for the same end of the same trip corrects the first: the audit keeps before and after. The same
    again changes nothing.

    Locks the vehicle. Refuses an unknown vehicle (NotFound), a time to come, and a figure that contradicts the other
    end of the trip or the neighbours in time, whatever the order of entry (BelowOut, AgainstNeighbour).
    """
    lock = select(Vehicle.id).where(Vehicle.id == vehicle_id).with_for_update(key_share=True)
    if session.execute(lock).scalar_one_or_none() is None:
        raise NotFound
    if not 0 <= km <= rules.MOST_KM:
        raise rules.WrongKm
    new = ReadingFact(source, ref, Moment(moment), km, at)
    known = queries.readings(session, vehicle_id)
    same = next((one for one in known if (one.fact.trip, one.fact.moment) == (new.trip, new.moment)), None)
    if same is not None and (same.fact.km, same.fact.at) == (km, at):
        return same.id
    rules.check_reading(new, [one.fact for one in known], now)
    if same is not None:
        session.execute(update(Reading).where(Reading.id == same.id).values(km=km, at=at))
        before = {"km_before": same.fact.km, "at_before": same.fact.at.isoformat()}
        after = {"km": km, "at": at.isoformat()}
        audit.record(session, actor, "fleet.reading_correct", "reading", same.id, now=now, **before, **after)
        return same.id
    reading_id = uuid4()
    session.execute(
        insert(Reading).values(
            id=reading_id,
            vehicle_id=vehicle_id,
            source=source,
            ref=ref,
            moment=new.moment.value,
            km=km,
            at=at,
            made_by=actor.person_id,
            made_at=now,
        )
    )
    audit.record(session, actor, "fleet.reading", "reading", reading_id, now=now, vehicle=str(vehicle_id), km=km)
    return reading_id


def put_aside_readings(session: Session, *, source: str, ref: str, aside: str) -> None:
    """What was read on a first attempt stays in the history of its vehicles under another ref, so that the next attempt
    begins without readings. The same twice."""
    here = (Reading.source == source, Reading.ref == ref)
    session.execute(update(Reading).where(*here).values(ref=aside))
