"""Reads of the attendance log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row, select

from fieldops.core.attendance.models import AttendanceEvent as Event
from fieldops.core.attendance.rules import NOTHING, Fact, Kind, Progress, Stage, Verdict, earliest, progress

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session


def _columns() -> Any:
    return select(
        Event.applicant_id,
        Event.id,
        Event.stage,
        Event.kind,
        Event.verdict,
        Event.happened_at,
        Event.actor_id,
        Event.undoes,
        Event.turn,
        Event.flag,
    ).order_by(Event.n)


def _by_person(rows: Iterable[Row[Any]]) -> dict[UUID, list[Fact]]:
    found: dict[UUID, list[Fact]] = {}
    for row in rows:
        fact = Fact(
            row.id,
            Stage(row.stage),
            Kind(row.kind),
            Verdict(row.verdict),
            row.happened_at,
            row.actor_id,
            row.undoes,
            row.turn,
            row.flag,
        )
        found.setdefault(row.applicant_id, []).append(fact)
    return found


def facts(session: Session, applicant_ids: Collection[UUID]) -> dict[UUID, list[Fact]]:
    """The events of these people in the order received, one query."""
    if not applicant_ids:
        return {}
    return _by_person(session.execute(_columns().where(Event.applicant_id.in_(applicant_ids))))


def all_states(session: Session) -> dict[UUID, Progress]:
    """Where everybody is who ever had an event (for the nightly check, not for pages)."""
    events = _by_person(session.execute(_columns()))
    return {who: earliest(progress(found), found) for who, found in events.items()}


def states(session: Session, applicant_ids: Collection[UUID]) -> dict[UUID, Progress]:
    """Where each of these people is; people without events are at NOTHING."""
    events = facts(session, applicant_ids)
    return {who: earliest(progress(events[who]), events[who]) if who in events else NOTHING for who in applicant_ids}
