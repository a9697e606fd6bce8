"""The write functions of the busy table: a promise that asks whether its holder is free, and leave and workshop time,
which do not."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from fieldops.core.people.models import Person
from fieldops.core.roster.models import Busy
from fieldops.core.roster.rules import Clash, Interval
from fieldops.core.roster.rules.intervals import LEAVE, shared
from fieldops.core.roster.rules.taking import WORKSHOP, taken
from fieldops.kit import clock
from fieldops.kit.indonesian import clock_time, duration, long_date

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


def promise_person(
    session: Session, person_id: UUID, interval: Interval, *, kind: str, title: str, source: str, ref: str
) -> None:
    """Promise a person for an interval. Replaces the promise of people of the same source and ref.

    Locks the person's row, so that two planners cannot both see him free. Refuses with Clash, which names the other
    promise and its hours, or the leave and how long it overlaps. The same promise for the same hours again is no new
    one and asks nothing: leave that was approved over it meanwhile has marked it, and its planner decides.
    """
    person = _lock(session, person_id)
    same = update(Busy).where(
        Busy.holder_kind == "person",
        Busy.holder_id == person_id,
        Busy.source == source,
        Busy.ref == ref,
        Busy.starts_at == interval.starts_at,
        Busy.ends_at == interval.ends_at,
    )
    if session.execute(same.values(kind=kind, title=title).returning(Busy.id)).scalar_one_or_none() is not None:
        return
    release(session, source=source, ref=ref, holder_kind="person")
    other = session.execute(
        select(Busy.title, Busy.kind, Busy.starts_at, Busy.ends_at)
        .where(
            Busy.holder_kind == "person",
            Busy.holder_id == person_id,
            Busy.starts_at < interval.ends_at,
            Busy.ends_at > interval.starts_at,
        )
        .order_by(Busy.starts_at)
        .limit(1)
    ).one_or_none()
    if other is not None:
        raise Clash(_clash(person, other.title, other.kind, Interval(other.starts_at, other.ends_at), interval))
    _promise(session, "person", person_id, interval, kind=kind, title=title, source=source, ref=ref)


def promise(
    session: Session,
    holder_kind: str,
    holder_id: UUID,
    holder_name: str,
    interval: Interval,
    *,
    kind: str,
    title: str,
    source: str,
    ref: str,
) -> None:
    """Promise a vehicle or an item of kit for an interval; replaces what it was promised to this source and ref.

    The caller holds the lock on the holder's row, so that two planners cannot both see it free. Refuses with Clash,
    which names the holder, the other promise and its hours; a time in the workshop refuses too, also a promise that
    was there before it and is made again. Back-to-back is no clash.
    """
    mine = (Busy.holder_kind == holder_kind, Busy.holder_id == holder_id)
    session.execute(delete(Busy).where(*mine, Busy.source == source, Busy.ref == ref))
    other = session.execute(
        select(Busy.title, Busy.kind, Busy.starts_at, Busy.ends_at)
        .where(*mine, Busy.starts_at < interval.ends_at, Busy.ends_at > interval.starts_at)
        .order_by(Busy.starts_at, Busy.id)
        .limit(1)
    ).one_or_none()
    if other is not None:
        told = taken(holder_name, other.title, other.kind, Interval(other.starts_at, other.ends_at))
        raise Clash(
            f"{told} Pilih yang lain atau ubah jamnya.", field="vehicles" if holder_kind == "vehicle" else "items"
        )
    _promise(session, holder_kind, holder_id, interval, kind=kind, title=title, source=source, ref=ref)


def promise_away(session: Session, person_id: UUID, interval: Interval, *, title: str, source: str, ref: str) -> None:
    """Put leave into the busy table although duties may overlap it; those are marked, not taken away.

    Replaces the promise of the same source and ref. Locks the person's row.
    """
    _lock(session, person_id)
    release(session, source=source, ref=ref)
    _promise(session, "person", person_id, interval, kind=LEAVE, title=title, source=source, ref=ref)


def promise_workshop(
    session: Session, holder_kind: str, holder_id: UUID, interval: Interval, *, title: str, source: str, ref: str
) -> None:
    """Put workshop time into the busy table although promises may overlap it; they stay, their planners decide.

    Replaces the promise of the same source and ref. The caller holds the lock on the holder's row.
    """
    release(session, source=source, ref=ref)
    _promise(session, holder_kind, holder_id, interval, kind=WORKSHOP, title=title, source=source, ref=ref)


def _lock(session: Session, person_id: UUID) -> str:
    """The person's name, with his row locked."""
    query = select(Person.name).where(Person.id == person_id).with_for_update(key_share=True)
    return session.execute(query).scalar_one()


def _clash(person: str, title: str, kind: str, other: Interval, wanted: Interval) -> str:
    if kind == LEAVE:
        day = long_date(clock.office_day(max(other.starts_at, wanted.starts_at)))
        return (
            f"{person} tidak bisa bertugas: {title} bertumpuk {duration(shared(other, wanted))}, {day}. "
            "Pilih orang lain."
        )
    day = long_date(clock.office_day(other.starts_at))
    hours = f"{clock_time(other.starts_at, clock.ZONE)}–{clock_time(other.ends_at, clock.ZONE)} WITA"
    return f"{person} sudah bertugas: {title}, {day}, {hours}. Pilih orang lain atau lepas tugas itu."


def _promise(
    session: Session,
    holder_kind: str,
    holder_id: UUID,
    interval: Interval,
    *,
    kind: str,
    title: str,
    source: str,
    ref: str,
) -> None:
    session.execute(
        insert(Busy).values(
            holder_kind=holder_kind,
            holder_id=holder_id,
            starts_at=interval.starts_at,
            ends_at=interval.ends_at,
            kind=kind,
            title=title,
            source=source,
            ref=ref,
        )
    )


def lock_people(session: Session, person_ids: Collection[UUID]) -> None:
    """Lock people by id, before several of them are promised in one transaction. As `promise_person` does, it leaves
    alone whoever only tells them something."""
    here = select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id)
    session.execute(here.with_for_update(key_share=True)).all()


def release(session: Session, *, source: str, ref: str, holder_kind: str | None = None) -> None:
    """Free everything that was promised by this source and ref, or only its people, vehicles or kit. Freeing needs no
    lock."""
    kinds = [] if holder_kind is None else [Busy.holder_kind == holder_kind]
    session.execute(delete(Busy).where(Busy.source == source, Busy.ref == ref, *kinds))


def release_all(session: Session, *, source: str, prefix: str) -> None:
    """Free everything of a source whose ref begins with `prefix`."""
    session.execute(delete(Busy).where(Busy.source == source, Busy.ref.startswith(prefix, autoescape=True)))
