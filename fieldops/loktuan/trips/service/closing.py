"""Writing and closing the report of a trip."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import insert, select, update

from fieldops.core.audit import service as audit
from fieldops.core.calendar.queries import holidays_on
from fieldops.core.roster.posts.service import closing as duties
from fieldops.core.roster.rules import Outcome, PostState
from fieldops.core.roster.rules.posting import Closing
from fieldops.kit.errors import NotFound
from fieldops.loktuan.models import Trip, TripReport
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.running import RunFacts, run_facts
from fieldops.loktuan.trips.rules import Status, Step, reporting
from fieldops.loktuan.trips.service import telling
from fieldops.loktuan.trips.service.planning import locked
from fieldops.loktuan.trips.service.running import running

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.core.roster.absences.rules import CompensationRule


@dataclass(frozen=True)
class ReportWords:
    """What people write into a report; everything else comes from the events. `seen` is when the report that the page
    showed was last changed (ISO), empty for a new one."""

    summary: str
    obstacles: str
    follow_up: str
    no_incident: bool
    no_photo_reason: str
    seen: str = ""


def write(session: Session, trip_id: UUID, words: ReportWords, *, actor: Actor, now: datetime) -> None:
    """Keep the words of a report. Locks the trip. Refuses texts that are too long, a closed report, and
    one that somebody else has changed since it was shown (WrittenMeanwhile)."""
    running(session, trip_id)
    there = session.execute(select(TripReport.changed_at).where(TripReport.trip_id == trip_id)).scalar_one_or_none()
    if (there.isoformat() if there else "") != words.seen:
        raise reporting.WrittenMeanwhile
    values = {
        "summary": reporting.read_words(words.summary, field="summary"),
        "obstacles": reporting.read_words(words.obstacles, field="obstacles"),
        "follow_up": reporting.read_words(words.follow_up, field="follow_up"),
        "no_incident": words.no_incident,
        "no_photo_reason": reporting.read_words(words.no_photo_reason, field="no_photo_reason", most=300),
        "changed_at": now,
    }
    if there is None:
        session.execute(insert(TripReport).values(trip_id=trip_id, counts={}, **values))
    else:
        session.execute(update(TripReport).where(TripReport.trip_id == trip_id).values(**values))
    audit.record(session, actor, "trip.report", "trip", trip_id, now=now)


def close(
    session: Session,
    trip_id: UUID,
    *,
    revision: int,
    actor: Actor,
    now: datetime,
    compensation: CompensationRule | None = None,
) -> None:
    """Close the report with the figures of now: the trip is done, the agenda is told, the crew's duties are closed
    (who was noted as present worked, the others did not), and what came along is free.

    Events that come later are seen beside the figures; they reopen nothing. Locks the trip, the agenda's events, the
    posts. Refuses (ReportOpen) while anything is missing, and an old revision.
    """
    trip = locked(session, trip_id)
    if trip.status == Status.CLOSED:
        return
    if trip.revision != revision:
        raise rules.ChangedMeanwhile
    status = rules.after(Step.CLOSE, Status(trip.status))
    found = run_facts(session, trip_id)
    if found is None:
        raise NotFound
    if reporting.lacking(found.ready(now)):
        raise reporting.ReportOpen
    session.execute(update(Trip).where(Trip.id == trip_id).values(status=status, ended_at=now))
    session.execute(
        update(TripReport)
        .where(TripReport.trip_id == trip_id)
        .values(counts=asdict(found.counts), closed_by=actor.person_id, closed_at=now, changed_at=now)
    )
    if trip.status == Status.PUBLISHED:
        telling.agenda_follows(session, trip_id, status="done", now=now)
    _close_duties(session, found, actor=actor, now=now, compensation=compensation)
    audit.record(session, actor, "trip.close", "trip", trip_id, now=now, **asdict(found.counts))
    heads = telling.who_may(session, "trip.approve") - ({actor.person_id} if actor.person_id else set())
    body = f"{found.trip.row.title}: {found.counts.served} dilayani, {found.counts.issued} paspor terbit."
    telling.tell(session, heads, "Laporan perjalanan ditutup", body, trip_id=trip_id, key="closed", now=now)


def _close_duties(
    session: Session, found: RunFacts, *, actor: Actor, now: datetime, compensation: CompensationRule | None
) -> None:
    days = {one.day for one in found.trip.sessions} | set(found.trip.row.days)
    holidays = frozenset(holidays_on(session, sorted(days)))
    posts = [post for row in found.trip.crew for post in row.posts]
    duties.lock(session, [post.id for post in posts])
    for post in posts:
        if post.person_id is not None and post.state is PostState.PUBLISHED:
            outcome = Outcome.WORKED if post.checked_in_at else Outcome.ABSENT
            duties.close(
                session,
                post.id,
                Closing(outcome),
                holidays=holidays,
                actor=actor,
                now=now,
                compensation=compensation,
            )
