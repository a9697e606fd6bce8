"""The one write function of the busy table."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, insert, select

from fieldops.core.people.models import Person
from fieldops.core.roster.models import Busy
from fieldops.core.roster.rules import Clash, Interval
from fieldops.kit import clock
from fieldops.kit.indonesian import clock_time, long_date

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


def promise_person(
    session: Session, person_id: UUID, interval: Interval, *, kind: str, title: str, source: str, ref: str
) -> None:
    """Promise a person for an interval. Replaces the promise of the same source and ref.

    Locks the person's row, so that two planners cannot both see him free. Refuses with Clash, which names the other
    promise and its hours.
    """
    person = session.execute(select(Person.name).where(Person.id == person_id).with_for_update()).scalar_one()
    release(session, source=source, ref=ref)
    other = session.execute(
        select(Busy.title, Busy.starts_at, Busy.ends_at)
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
        day = long_date(clock.office_day(other.starts_at))
        hours = f"{clock_time(other.starts_at, clock.ZONE)}–{clock_time(other.ends_at, clock.ZONE)} WITA"
        raise Clash(f"{person} sudah bertugas: {other.title}, {day}, {hours}. Pilih orang lain atau lepas tugas itu.")
    session.execute(
        insert(Busy).values(
            holder_kind="person",
            holder_id=person_id,
            starts_at=interval.starts_at,
            ends_at=interval.ends_at,
            kind=kind,
            title=title,
            source=source,
            ref=ref,
        )
    )


def lock_people(session: Session, person_ids: Collection[UUID]) -> None:
    """Lock people by id, before several of them are promised in one transaction."""
    session.execute(select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update()).all()


def release(session: Session, *, source: str, ref: str) -> None:
    """Free everything that was promised by this source and ref. Freeing needs no lock."""
    session.execute(delete(Busy).where(Busy.source == source, Busy.ref == ref))
