"""The trip that a contact's link leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from fieldops.core.booking.models import BookingPage
from fieldops.loktuan.models import Trip, TripRequest

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class GroupTrip:
    """What the contact needs to know of a trip. The contact's number is of the request that led to it, if any."""

    token: str
    page_id: UUID
    page_code: str
    title: str
    place: str
    address: str
    departs_at: datetime
    status: str
    end_reason: str
    request_id: UUID | None
    phone_sealed: bytes | None

    @property
    def is_published(self) -> bool:
        return self.status == "published"


def by_token(session: Session, token: str) -> GroupTrip | None:
    """The trip of this link, once it was published; a planned one does not exist for the public. One that is planned
    anew does: its people stand on the list. One query."""
    row: Any = session.execute(
        select(
            Trip.collective_token,
            BookingPage.id,
            BookingPage.code,
            BookingPage.title,
            BookingPage.place,
            BookingPage.address,
            Trip.departs_at,
            Trip.status,
            Trip.end_reason,
            TripRequest.id,
            TripRequest.contact_phone_sealed,
        )
        .join(BookingPage, BookingPage.id == Trip.page_id)
        .outerjoin(TripRequest, TripRequest.id == Trip.request_id)
        .where(Trip.collective_token == token, Trip.published_at.is_not(None))
    ).one_or_none()
    return None if row is None else GroupTrip(*row)
