"""Places of a crew that leave has broken, and who could go instead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from fieldops.core.roster.absences.queries import BEST, BrokenDuty, Cover, StandIn, broken_posts
from fieldops.core.roster.rules import Duty, Interval
from fieldops.core.roster.rules.fitness import short_day
from fieldops.core.roster.rules.ranking import because
from fieldops.kit import clock
from fieldops.loktuan.trips.queries.crew import crew_choices, crew_ground
from fieldops.loktuan.trips.queries.facts import facts
from fieldops.loktuan.trips.queries.trips import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session


def covers(session: Session, *, now: datetime) -> list[Cover]:
    """Everybody of a crew whose approved leave overlaps his trip, with the best who could go instead for the whole of
    it, in order of time. All his broken stretches are one duty. One query, and for each such trip those of `facts` and
    of `ground`."""
    trips: dict[UUID, dict[tuple[UUID, Duty], list[BrokenDuty]]] = {}
    for one in broken_posts(session, now=now):
        if one.source == SOURCE and one.duty is not None:
            trips.setdefault(UUID(one.ref), {}).setdefault((one.person_id, one.duty), []).append(one)
    found = [each for trip_id, broken in trips.items() for each in _of_trip(session, trip_id, broken, now=now)]
    return sorted(found, key=lambda each: (each.duty.interval.starts_at, each.duty.person))


def _of_trip(
    session: Session, trip_id: UUID, broken: dict[tuple[UUID, Duty], list[BrokenDuty]], *, now: datetime
) -> Iterator[Cover]:
    trip = facts(session, trip_id)
    if trip is None:
        return
    own = {post.id for row in trip.crew for post in row.posts}
    going = {member.id for row in trip.crew for member in row.members}
    choices = crew_choices(crew_ground(session, trip.plan, clock.office_day(now)), trip.plan, own, trip_id)
    day = clock.office_day(trip.row.departs_at)
    for (_, duty), pieces in broken.items():
        fit = [one.standing for one in choices[duty] if one.fits and one.person_id not in going]
        whole = replace(
            pieces[0],
            title=trip.row.title,
            interval=Interval(pieces[0].interval.starts_at, pieces[-1].interval.ends_at),
            sentence=_sentence(pieces),
        )
        best = tuple(StandIn(one.officer.name, because(one, fit, day)) for one in fit[:BEST])
        yield Cover(whole, best, len(fit))


def _sentence(pieces: list[BrokenDuty]) -> str:
    """What leave takes of the trip; of several stretches, day by day."""
    if len(pieces) == 1:
        return pieces[0].sentence
    return "; ".join(f"{short_day(clock.office_day(one.interval.starts_at))}: {one.sentence}" for one in pieces)
