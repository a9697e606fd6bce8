"""From draft to submitted, approved and published, with every promise looked at again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from fieldops.core.audit import service as audit
from fieldops.core.booking.service import pages
from fieldops.core.fleet import queries as fleet
from fieldops.core.roster.posts.queries import ground
from fieldops.core.roster.posts.service import seats
from fieldops.core.roster.rules.fitness import Severity
from fieldops.core.roster.rules.posting import Unfit
from fieldops.kit import clock
from fieldops.loktuan.models import Trip
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.trips import SOURCE, sessions_of
from fieldops.loktuan.trips.rules import Status, Step
from fieldops.loktuan.trips.service import telling
from fieldops.loktuan.trips.service.planning import locked

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.core.roster.posts.queries import Ground
    from fieldops.loktuan.trips.queries.crew import PostPiece
    from fieldops.loktuan.trips.queries.facts import TripFacts


def submit(session: Session, trip_id: UUID, *, revision: int, actor: Actor, now: datetime) -> None:
    """Ask the head for approval. Locks the trip. Refuses an old revision, another state, and an incomplete plan."""
    _step(session, trip_id, Step.SUBMIT, revision)
    found = telling.known(session, trip_id)
    rules.check_complete(found.plan)
    session.execute(update(Trip).where(Trip.id == trip_id).values(submitted_at=now))
    audit.record(session, actor, "trip.submit", "trip", trip_id, now=now)
    heads = telling.who_may(session, "trip.approve")
    body = f"{found.row.title}, {rules.moment(found.row.departs_at)}. Periksa rencananya, lalu setujui atau kembalikan."
    telling.tell(
        session,
        heads,
        "Perjalanan menunggu persetujuan",
        body,
        trip_id=trip_id,
        key=f"submit:{now.isoformat()}",
        now=now,
    )


def send_back(session: Session, trip_id: UUID, *, revision: int, reason: str, actor: Actor, now: datetime) -> None:
    """Give a plan back to its planner with a reason. Locks the trip."""
    reason = rules.read_reason(reason, field="reason")
    trip = _step(session, trip_id, Step.RETURN, revision)
    audit.record(session, actor, "trip.return", "trip", trip_id, now=now)
    found = telling.known(session, trip_id)
    body = f"{found.row.title}, {rules.moment(found.row.departs_at)}: {reason}"
    telling.tell(
        session,
        {trip.made_by},
        "Rencana perjalanan dikembalikan",
        body,
        trip_id=trip_id,
        key=f"return:{now.isoformat()}",
        now=now,
    )


def approve(session: Session, trip_id: UUID, *, revision: int, actor: Actor, now: datetime) -> None:
    """The head says yes: the crew is told. Locks the trip, the posts.

    All promises are looked at again: leave that was approved and workshop time that began since then refuse it
    (ClashesLeft), each named. Also refuses an old revision, another state, an incomplete plan, a trip that is over.
    """
    trip = _step(session, trip_id, Step.APPROVE, revision)
    found = telling.known(session, trip_id)
    rules.check_complete(found.plan)
    if found.row.returns_at <= now:
        raise rules.ClashesLeft("Waktu perjalanan ini sudah lewat. Ubah tanggalnya, lalu ajukan lagi.")
    broken = clashes(session, found, now=now)
    if broken:
        raise rules.ClashesLeft(f"Belum bisa disetujui. {' '.join(broken)} Perbaiki rencananya dulu.")
    values = {"approved_by": actor.person_id, "approved_at": now}
    session.execute(update(Trip).where(Trip.id == trip_id).values(values))
    telling.publish_crew(session, trip_id, actor=actor, now=now)
    audit.record(session, actor, "trip.approve", "trip", trip_id, now=now)
    body = f"{found.row.title}, {rules.moment(found.row.departs_at)}. Terbitkan supaya warga bisa mendaftar."
    telling.tell(
        session,
        {trip.made_by},
        "Perjalanan disetujui",
        body,
        trip_id=trip_id,
        key=f"approve:{now.isoformat()}",
        now=now,
    )


def clashes(session: Session, found: TripFacts, *, now: datetime) -> list[str]:
    """What broke a trip since it was planned: people on leave or over their limits without a reason, vehicles and kit
    in the workshop. A sentence each."""
    first, last = found.row.days
    around = ground(session, first, last, today=clock.office_day(now))
    told = []
    for row in found.crew:
        for post in row.posts:
            told += _against(around, post, row.person)
    mine = (SOURCE, str(found.row.id))
    along = found.plan.vehicle_ids | found.plan.item_ids
    told += [
        one.clash for one in fleet.choices(session, found.plan.interval, without=mine) if one.clash and one.id in along
    ]
    return list(dict.fromkeys(told))


def _against(around: Ground, post: PostPiece, name: str | None) -> list[str]:
    if post.person_id is None:
        return []
    try:
        broken = seats.broken_rules(around, post.id, post.person_id)
    except Unfit:
        return [f"{post.person or name} tidak aktif atau bukan petugas lagi. Pilih orang lain."]
    excused = bool(post.override_reason)
    found = [one for one in broken if not (excused and one.severity is Severity.REASON)]
    return [f"{post.person or name}: {one.sentence}" for one in found]


def publish(session: Session, trip_id: UUID, *, revision: int, actor: Actor, now: datetime) -> None:
    """Open the trip to the public and tell the agenda. Locks the trip, the agenda's events."""
    trip = _step(session, trip_id, Step.PUBLISH, revision)
    if trip.returns_at <= now:
        raise rules.ClashesLeft("Waktu perjalanan ini sudah lewat, jadi tidak bisa diterbitkan.")
    session.execute(update(Trip).where(Trip.id == trip_id).values(published_at=now))
    pages.lock_sessions(session, [one.id for one in sessions_of(session, trip_id)])
    pages.set_open(session, str(trip_id), is_open=True)
    telling.agenda_follows(session, trip_id, now=now)
    audit.record(session, actor, "trip.publish", "trip", trip_id, now=now)


def _step(session: Session, trip_id: UUID, step: Step, revision: int) -> Trip:
    """Lock the trip and take a step from its current revision. A step that was taken already is refused as such."""
    trip = locked(session, trip_id)
    if trip.revision != revision:
        raise rules.ChangedMeanwhile
    session.execute(update(Trip).where(Trip.id == trip_id).values(status=rules.after(step, Status(trip.status))))
    return trip
