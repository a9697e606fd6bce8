"""How many seats there are and how many are taken: of a whole service, and of its sessions by pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from fieldops.core.booking.models import BookingSession, Seat
from fieldops.core.booking.rules import Pool

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class PoolCount:
    seats: int = 0
    taken: int = 0


def seat_counts(session: Session, source_refs: Collection[str]) -> dict[str, tuple[int, int]]:
    """Seats and taken seats of these services; one without seats is not there. One query."""
    rows = session.execute(
        select(BookingSession.source_ref, func.count(Seat.id), func.count(Seat.applicant_id))
        .join(Seat, Seat.session_id == BookingSession.id)
        .where(BookingSession.source_ref.in_(source_refs))
        .group_by(BookingSession.source_ref)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def pool_counts(session: Session, session_ids: Collection[UUID]) -> dict[UUID, dict[Pool, PoolCount]]:
    """Seats and taken seats of these sessions by pool. One query."""
    rows = session.execute(
        select(Seat.session_id, Seat.pool, func.count(), func.count(Seat.applicant_id))
        .where(Seat.session_id.in_(session_ids))
        .group_by(Seat.session_id, Seat.pool)
    )
    found: dict[UUID, dict[Pool, PoolCount]] = {}
    for row in rows:
        found.setdefault(row[0], {})[Pool(row[1])] = PoolCount(row[2], row[3])
    return found
