"""On the day and after it: what leaves and comes back, who is there, what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import insert, select, update

from fieldops.core.audit import service as audit
from fieldops.core.fleet import queries as fleet_queries
from fieldops.core.fleet import service as fleet
from fieldops.core.roster.posts.service import closing
from fieldops.kit import clock
from fieldops.kit.errors import NotFound
from fieldops.loktuan.models import Trip, TripIncident, TripTask, TripThing
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.crew import crew
from fieldops.loktuan.trips.queries.trips import SOURCE
from fieldops.loktuan.trips.rules import Status, reporting
from fieldops.loktuan.trips.rules.reporting import BackState
from fieldops.loktuan.trips.service import telling
from fieldops.loktuan.trips.service.planning import locked

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor


def running(session: Session, trip_id: UUID) -> Trip:
    """The trip, locked, while it is carried out. Refuses one that was not approved or is closed (NotRunning)."""
    trip = locked(session, trip_id)
    if Status(trip.status) not in rules.TOLD:
        raise reporting.NotRunning
    return trip


def check_out(session: Session, trip_id: UUID, thing_ids: set[UUID], *, actor: Actor, now: datetime) -> int:
    """These things leave the office; gives how many were not out before. Said again, the first time stays."""
    running(session, trip_id)
    here = (TripThing.trip_id == trip_id, TripThing.id.in_(thing_ids), TripThing.out_at.is_(None))
    gone = session.execute(update(TripThing).where(*here).values(out_at=now, out_by=actor.person_id))
    if gone.rowcount:  # type: ignore[attr-defined]
        audit.record(session, actor, "trip.out", "trip", trip_id, now=now, things=gone.rowcount)  # type: ignore[attr-defined]
    return int(gone.rowcount)  # type: ignore[attr-defined]


def check_back(
    session: Session, trip_id: UUID, thing_id: UUID, state: BackState, *, note: str, actor: Actor, now: datetime
) -> None:
    """One thing is back, or it is not: a missing or damaged one becomes a task of the planner, and he is told. When it
    turns up later, also after the report, saying so closes the task. Locks the trip. Refuses a thing that never
    left."""
    trip = locked(session, trip_id)
    thing = session.execute(
        select(TripThing).where(TripThing.id == thing_id, TripThing.trip_id == trip_id)
    ).scalar_one_or_none()
    if thing is None:
        raise NotFound
    turned_up = state is BackState.GOOD and thing.back_state in {BackState.DAMAGED, BackState.MISSING}
    if Status(trip.status) not in rules.TOLD and not (trip.status == Status.CLOSED and turned_up):
        raise reporting.NotRunning
    if thing.out_at is None:
        raise rules.WrongTrip("Barang ini belum dicatat keluar.", field=f"back-{thing_id}")
    note = reporting.read_words(note, field=f"note-{thing_id}", most=300)
    session.execute(
        update(TripThing)
        .where(TripThing.id == thing_id)
        .values(back_at=now, back_by=actor.person_id, back_state=state, note=note)
    )
    audit.record(session, actor, "trip.back", "trip", trip_id, now=now, thing=str(thing_id), state=state.value)
    _follow(session, trip, thing, state, note, actor=actor, now=now)


def _follow(
    session: Session, trip: Trip, thing: TripThing, state: BackState, note: str, *, actor: Actor, now: datetime
) -> None:
    key = f"thing:{thing.id}"
    there = session.execute(
        select(TripTask).where(TripTask.trip_id == trip.id, TripTask.key == key)
    ).scalar_one_or_none()
    if state is BackState.GOOD:
        if there is not None and there.done_at is None:
            _done(session, there.id, "Sudah kembali dalam keadaan baik.", actor=actor, now=now)
        return
    name = fleet_queries.names(session, thing.holder_kind, [thing.holder_id]).get(thing.holder_id, "Barang")
    text = f"{name}: {state.label.lower()}{f', {note}' if note else ''}."[:300]
    values = {"text": text, "done_at": None, "done_by": None, "done_note": ""}
    if there is not None:
        session.execute(update(TripTask).where(TripTask.id == there.id).values(**values))
        return
    session.execute(insert(TripTask).values(trip_id=trip.id, key=key, owner_id=trip.made_by, made_at=now, **values))
    found = telling.known(session, trip.id)
    telling.tell(
        session,
        {trip.made_by},
        "Barang perjalanan perlu ditindaklanjuti",
        f"{found.row.title}. {text}",
        trip_id=trip.id,
        key=key,
        now=now,
    )


def finish_task(session: Session, trip_id: UUID, task_id: UUID, *, note: str, actor: Actor, now: datetime) -> None:
    """A task is done, with a word how. Refuses no word. Done again changes nothing."""
    note = rules.read_reason(note, field=f"done-{task_id}")
    task = session.execute(
        select(TripTask).where(TripTask.id == task_id, TripTask.trip_id == trip_id).with_for_update()
    ).scalar_one_or_none()
    if task is None:
        raise NotFound
    if task.done_at is None:
        _done(session, task_id, note, actor=actor, now=now)


def _done(session: Session, task_id: UUID, note: str, *, actor: Actor, now: datetime) -> None:
    values = {"done_at": now, "done_by": actor.person_id, "done_note": note}
    session.execute(update(TripTask).where(TripTask.id == task_id).values(**values))
    audit.record(session, actor, "trip.task_done", "trip_task", task_id, now=now)


def put_odometer(
    session: Session, trip_id: UUID, vehicle_id: UUID, moment: str, km: int, *, actor: Actor, now: datetime
) -> None:
    """What the odometer showed when a vehicle of this trip left ('out') or came back ('in'). It counts for the time
    when the trip left or came back, whenever it is written down. Locks the trip, then the vehicle. Refuses a vehicle
    that does not go along, and what `fleet.put_reading` refuses."""
    trip = running(session, trip_id)
    along = session.execute(
        select(TripThing.out_at, TripThing.back_at).where(
            TripThing.trip_id == trip_id, TripThing.holder_kind == "vehicle", TripThing.holder_id == vehicle_id
        )
    ).one_or_none()
    if along is None:
        raise NotFound
    # Things may be ticked off late, even after the return; the reading of the start belongs before the one of the end.
    left = min(along.out_at or trip.departs_at, trip.departs_at)
    at = min(left if moment == "out" else along.back_at or trip.returns_at, now)
    fleet.put_reading(
        session, vehicle_id, source=SOURCE, ref=str(trip_id), moment=moment, km=km, at=at, actor=actor, now=now
    )


def note_presence(
    session: Session, trip_id: UUID, person_id: UUID, *, post_id: UUID | None = None, actor: Actor, now: datetime
) -> None:
    """The crew's leader, or whoever stands beside, says that somebody is here: on the stretch `post_id`, or on those of
    today. The first time counts. Refuses somebody who is not of the crew, and days to come (TooSoon)."""
    running(session, trip_id)
    mine = [post for row in crew(session, trip_id) for post in row.posts_of(person_id)]
    if not mine:
        raise NotFound
    today = clock.office_day(now)
    begun = [post for post in mine if clock.office_day(post.starts_at) <= today]
    meant = [
        post for post in begun if post.id == post_id or (post_id is None and today <= clock.office_day(post.ends_at))
    ]
    if not meant:
        raise reporting.TooSoon
    closing.lock(session, [post.id for post in meant])
    for post in meant:
        closing.note_presence(session, post.id, person_id, leaving=False, now=now)
    audit.record(session, actor, "trip.presence", "trip", trip_id, now=now, posts=len(meant))


def add_incident(
    session: Session, trip_id: UUID, *, happened_at: datetime, text: str, form_key: str, actor: Actor, now: datetime
) -> None:
    """Write down something that happened. The same form key again changes nothing. Refuses no text, too much of it,
    and a time to come or long before the trip."""
    trip = running(session, trip_id)
    known = session.execute(select(TripIncident.id).where(TripIncident.form_key == form_key)).scalar_one_or_none()
    if known is not None:
        return
    text = reporting.read_words(text, field="incident", most=reporting.MAX_INCIDENT)
    if not text:
        raise rules.NeedReason("Tulis apa yang terjadi.", field="incident")
    if not trip.departs_at - rules.LONGEST <= happened_at <= now:
        raise rules.WrongTrip("Waktu kejadian harus di sekitar perjalanan dan tidak di masa depan.", field="at")
    session.execute(
        insert(TripIncident).values(
            trip_id=trip_id,
            happened_at=happened_at,
            text=text,
            form_key=form_key,
            made_by=actor.person_id,
            made_at=now,
        )
    )
    audit.record(session, actor, "trip.incident", "trip", trip_id, now=now)
