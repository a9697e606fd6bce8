"""Reading how people can be reached: the reading itself is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldops.core.audit import service as audit
from fieldops.core.booking.queries import contacts as queries

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.core.booking.queries.contacts import Contact


def read_contacts(session: Session, day_kind: str, day_id: UUID, *, actor: Actor, now: datetime) -> list[Contact]:
    """Names and numbers of a service day's tickets, with a line in the audit log that says who read them. `day_kind`
    is what the audit log calls such a day; its id is the `source_ref` of its sessions."""
    found = queries.contacts(session, str(day_id))
    audit.record(session, actor, "booking.read_contacts", day_kind, day_id, now=now, bookings=len(found))
    return found
