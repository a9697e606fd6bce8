"""What happened on a trip: readings, blanks, incidents, tasks, photos, the report and its counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from fieldops.core.attendance import queries as attendance
from fieldops.core.attendance.models import AttendanceEvent
from fieldops.core.attendance.rules import Stage
from fieldops.core.blanks import queries as blanks
from fieldops.core.booking.models import Applicant, Booking, BookingSession
from fieldops.core.booking.rules import Channel, State
from fieldops.core.files import queries as files
from fieldops.core.fleet import queries as fleet
from fieldops.core.fleet.models import Reading
from fieldops.core.people.models import Person
from fieldops.core.roster.posts.service.closing import GRACE
from fieldops.loktuan.models import TripIncident, TripReport, TripTask
from fieldops.loktuan.trips.queries.facts import TripFacts, facts
from fieldops.loktuan.trips.queries.trips import SOURCE
from fieldops.loktuan.trips.rules.reporting import Counts, Ready

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from fieldops.core.blanks.rules import Account
    from fieldops.core.files.queries import FileRow

PHOTOS = "loktuan-photo"


@dataclass(frozen=True)
class ThingLine:
    """A vehicle or an item with its name, its checks and, for a vehicle, what the odometer showed."""

    id: UUID
    holder_kind: str
    holder_id: UUID
    name: str
    out_at: datetime | None
    out_by: str | None
    back_at: datetime | None
    back_by: str | None
    back_state: str
    note: str
    km_out: int | None
    km_in: int | None

    @property
    def is_vehicle(self) -> bool:
        return self.holder_kind == "vehicle"


@dataclass(frozen=True)
class IncidentRow:
    id: UUID
    happened_at: datetime
    text: str
    made_by: str


@dataclass(frozen=True)
class TaskRow:
    id: UUID
    text: str
    owner: str
    made_at: datetime
    done_at: datetime | None
    done_by: str | None
    done_note: str


@dataclass(frozen=True)
class ReportRow:
    """The report as it is written; `counts` are those of the moment when it was closed."""

    summary: str
    obstacles: str
    follow_up: str
    no_incident: bool
    no_photo_reason: str
    counts: Counts | None
    closed_by: str | None
    closed_at: datetime | None
    changed_at: datetime | None


NO_REPORT = ReportRow("", "", "", False, "", None, None, None, None)


@dataclass(frozen=True)
class RunFacts:
    """A trip on its day and after it. `counts` are of now; `late` is how many events of before the closing
    came after it."""

    trip: TripFacts
    things: tuple[ThingLine, ...]
    blanks: Account
    incidents: tuple[IncidentRow, ...]
    tasks: tuple[TaskRow, ...]
    photos: tuple[FileRow, ...]
    report: ReportRow
    counts: Counts
    late: int

    def ready(self, now: datetime) -> Ready:
        """What the gate of the report looks at."""
        vehicles = [one for one in self.things if one.is_vehicle]
        pieces = [post for row in self.trip.crew for post in row.posts if post.person_id]
        return Ready(
            is_over=self.trip.row.returns_at <= now,
            summary=self.report.summary,
            readings_missing=tuple(one.name for one in vehicles if one.km_out is None or one.km_in is None),
            not_checked=tuple(one.name for one in self.things if one.out_at is None or not one.back_state),
            blanks_open=len(self.blanks.out),
            has_incident=bool(self.incidents) or self.report.no_incident,
            has_photo=bool(self.photos) or bool(self.report.no_photo_reason),
            without_outcome=self.counts.waiting,
            crew_present=sum(1 for one in pieces if one.checked_in_at),
            crew_unmarked=tuple(dict.fromkeys(one.person or "" for one in pieces if not one.checked_in_at)),
            grace_over=now >= self.trip.row.returns_at + GRACE,
        )


def run_facts(session: Session, trip_id: UUID) -> RunFacts | None:
    """Everything about a trip that is under way. About twenty queries, however many people come."""
    trip = facts(session, trip_id)
    if trip is None:
        return None
    report = _report(session, trip_id)
    return RunFacts(
        trip=trip,
        things=tuple(_things(session, trip)),
        blanks=blanks.account(session, SOURCE, str(trip_id)),
        incidents=tuple(_incidents(session, trip_id)),
        tasks=tuple(tasks(session, trip_id)),
        photos=tuple(files.files_of(session, PHOTOS, str(trip_id))),
        report=report,
        counts=count(session, [trip_id])[trip_id],
        late=_late(session, trip_id, report.closed_at),
    )


def _things(session: Session, trip: TripFacts) -> list[ThingLine]:
    names = {
        kind: fleet.names(session, kind, [one.holder_id for one in trip.things if one.holder_kind == kind])
        for kind in ("vehicle", "kit")
    }
    km = {
        (row.vehicle_id, row.moment): row.km
        for row in session.execute(
            select(Reading.vehicle_id, Reading.moment, Reading.km).where(
                Reading.source == SOURCE, Reading.ref == str(trip.row.id)
            )
        )
    }
    found = [
        ThingLine(
            one.id,
            one.holder_kind,
            one.holder_id,
            names[one.holder_kind].get(one.holder_id, ""),
            one.out_at,
            one.out_by,
            one.back_at,
            one.back_by,
            one.back_state,
            one.note,
            km.get((one.holder_id, "out")),
            km.get((one.holder_id, "in")),
        )
        for one in trip.things
    ]
    return sorted(found, key=lambda one: (not one.is_vehicle, one.name))


def _incidents(session: Session, trip_id: UUID) -> list[IncidentRow]:
    rows = session.execute(
        select(TripIncident.id, TripIncident.happened_at, TripIncident.text, Person.name)
        .join(Person, Person.id == TripIncident.made_by)
        .where(TripIncident.trip_id == trip_id)
        .order_by(TripIncident.happened_at, TripIncident.id)
    )
    return [IncidentRow(*row) for row in rows]


def tasks(session: Session, trip_id: UUID) -> list[TaskRow]:
    """What is left to do, open ones first. One query."""
    owner, doer = aliased(Person), aliased(Person)
    rows = session.execute(
        select(
            TripTask.id, TripTask.text, owner.name, TripTask.made_at, TripTask.done_at, doer.name, TripTask.done_note
        )
        .join(owner, owner.id == TripTask.owner_id)
        .outerjoin(doer, doer.id == TripTask.done_by)
        .where(TripTask.trip_id == trip_id)
        .order_by(TripTask.done_at.is_not(None), TripTask.made_at, TripTask.id)
    )
    return [TaskRow(*row) for row in rows]


def _report(session: Session, trip_id: UUID) -> ReportRow:
    found = session.execute(
        select(TripReport, Person.name)
        .outerjoin(Person, Person.id == TripReport.closed_by)
        .where(TripReport.trip_id == trip_id)
    ).one_or_none()
    if found is None:
        return NO_REPORT
    one, closed_by = found
    counts = Counts(**one.counts) if one.counts else None
    words = (one.summary, one.obstacles, one.follow_up, one.no_incident, one.no_photo_reason)
    return ReportRow(*words, counts, closed_by, one.closed_at, one.changed_at)


def _late(session: Session, trip_id: UUID, closed_at: datetime | None) -> int:
    """How many events of before the closing came after it. A passport that is issued days later is none of them."""
    if closed_at is None:
        return 0
    return session.execute(
        select(func.count(AttendanceEvent.n))
        .join(Applicant, Applicant.id == AttendanceEvent.applicant_id)
        .join(Booking, Booking.id == Applicant.booking_id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .where(
            BookingSession.source_ref == str(trip_id),
            AttendanceEvent.received_at > closed_at,
            AttendanceEvent.happened_at <= closed_at,
        )
    ).scalar_one()


def count(session: Session, trip_ids: Collection[UUID]) -> dict[UUID, Counts]:
    """How many people booked, came, were served and got their passport, trip by trip. Two queries.

    People are counted, not bookings; who cancelled counts only when he was there all the same.
    """
    rows = session.execute(
        select(BookingSession.source_ref, Applicant.id, Applicant.is_live, Booking.state, Booking.channel)
        .join(Booking, Booking.id == Applicant.booking_id)
        .join(BookingSession, BookingSession.id == Booking.session_id)
        .where(BookingSession.source_ref.in_([str(one) for one in trip_ids]))
    ).all()
    states = attendance.states(session, [row.id for row in rows])
    found: dict[str, Counter[str]] = {str(one): Counter() for one in trip_ids}
    for row in rows:
        state, mine = states[row.id], found[row.source_ref]
        live = row.is_live and row.state == State.BOOKED
        if not live and not state.arrived:
            mine["cancelled"] += row.state in (State.BOOKED, State.CANCELLED)
            continue
        mine["booked"] += 1
        mine["arrived"] += state.arrived
        mine["returned"] += state.stage is Stage.RETURNED
        mine["served"] += state.served
        mine["issued"] += state.issued
        mine["no_show"] += not state.arrived
        mine["walk_in"] += row.channel == Channel.WALK_IN
        mine["collective"] += row.channel == Channel.COLLECTIVE
    return {one: Counts(**found[str(one)]) for one in trip_ids}
