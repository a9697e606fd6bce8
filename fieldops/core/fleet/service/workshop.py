"""Workshop time of vehicles and kit. It is true whoever was promised the thing: those are told, nothing is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.fleet import queries, rules
from fieldops.core.fleet.models import KitItem, Outage, Vehicle
from fieldops.core.fleet.rules import SOURCE, Holder
from fieldops.core.notices import service as notices
from fieldops.core.people.models import Person
from fieldops.core.people.rules import Role
from fieldops.core.roster import service as roster
from fieldops.core.roster.rules import Interval
from fieldops.core.roster.rules.taking import hours
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Stale

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.core.fleet.rules import Taken

_NAMED = 5
"""So many broken promises are named in a notice; the page lists all."""


def put_outage(
    session: Session,
    *,
    holder_kind: Holder,
    holder_id: UUID,
    interval: Interval,
    reason: str,
    form_key: str,
    actor: Actor,
    now: datetime,
) -> tuple[UUID, list[Taken]]:
    """A thing is in the workshop for this time; gives the outage's id and the promises that it breaks, by start.
    They stay where they are; supervisors are told once, their planners decide. From now on the thing cannot be
    promised for that time.

    The same form again gives the same outage. Locks the vehicle or item. Refuses an unknown thing (NotFound), to do it
    without a reason, and a time that is over, backwards or longer than a year.
    """
    reason = rules.line_of(reason, most=rules.LONGEST_NOTE, field="reason")
    name = _lock(session, holder_kind, holder_id)
    known = session.execute(
        select(Outage.id, Outage.holder_id, Outage.starts_at, Outage.ends_at).where(Outage.form_key == form_key)
    ).one_or_none()
    if known is not None:
        if known.holder_id != holder_id:
            raise Stale
        return known.id, queries.broken_by(session, holder_kind, holder_id, Interval(known.starts_at, known.ends_at))
    if not reason:
        raise rules.NeedReason
    rules.check_outage(interval, now)
    outage_id = uuid4()
    row = {"id": outage_id, "holder_kind": holder_kind.value, "holder_id": holder_id, "reason": reason}
    span = {"starts_at": interval.starts_at, "ends_at": interval.ends_at}
    try:
        session.execute(insert(Outage).values(**row, **span, form_key=form_key, made_by=actor.person_id, made_at=now))
    except IntegrityError as error:
        if violated(error, "uq_fleet_outage_form_key", "fleet_outage.form_key"):
            raise Stale from error  # one key, two things at once
        raise
    title = reason[:200]
    roster.promise_workshop(
        session, holder_kind.value, holder_id, interval, title=title, source=SOURCE, ref=str(outage_id)
    )
    broken = queries.broken_by(session, holder_kind, holder_id, interval)
    audit.record(
        session, actor, "fleet.outage", holder_kind.value, holder_id, now=now, outage=str(outage_id), breaks=len(broken)
    )
    _tell(session, holder_kind, holder_id, outage_id, name, interval, broken, now=now)
    return outage_id, broken


def end_outage(session: Session, outage_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The thing is back early, or the workshop time is called off before it began: from now on it can be promised.

    Again, and when it is over anyway, changes nothing. Locks the vehicle or item. An unknown outage is NotFound.
    """
    row = queries.outage(session, outage_id)
    if row is None:
        raise NotFound
    _lock(session, row.holder_kind, row.holder_id)
    row = queries.outage(session, outage_id)
    if row is None or row.ended_at is not None or row.interval.ends_at <= now:
        return
    roster.release(session, source=SOURCE, ref=str(outage_id))
    if row.interval.starts_at < now:
        roster.promise_workshop(
            session,
            row.holder_kind.value,
            row.holder_id,
            Interval(row.interval.starts_at, now),
            title=row.reason[:200],
            source=SOURCE,
            ref=str(outage_id),
        )
    session.execute(update(Outage).where(Outage.id == outage_id).values(ended_at=now))
    audit.record(
        session, actor, "fleet.outage_end", row.holder_kind.value, row.holder_id, now=now, outage=str(outage_id)
    )


def _lock(session: Session, holder_kind: Holder, holder_id: UUID) -> str:
    """The name of the thing, with its row locked."""
    table = Vehicle if holder_kind is Holder.VEHICLE else KitItem
    name = session.execute(
        select(table.name).where(table.id == holder_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if name is None:
        raise NotFound
    return str(name)


def _tell(
    session: Session,
    holder_kind: Holder,
    holder_id: UUID,
    outage_id: UUID,
    name: str,
    interval: Interval,
    broken: list[Taken],
    *,
    now: datetime,
) -> None:
    people = session.scalars(select(Person.id).where(Person.is_active, Person.role == Role.SUPERVISOR.value))
    said = [f"{hours(interval)}."]
    if broken:
        said.append(f"{len(broken)} janji terdampak, cari penggantinya:")
        said += [f"{one.title}, {hours(one.interval)}." for one in broken[:_NAMED]]
    notices.tell(
        session,
        set(people),
        kind="fleet.outage",
        title=f"{name} masuk bengkel",
        body=" ".join(said),
        link=f"/fleet/{'vehicles' if holder_kind is Holder.VEHICLE else 'items'}/{holder_id}",
        key=f"fleet-outage:{outage_id}",
        now=now,
    )
