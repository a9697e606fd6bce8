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


def read_contacts(
    session: Session, kind: str, ref: UUID, *, page_code: str = "", actor: Actor, now: datetime
) -> list[Contact]:
    """Names and numbers of the tickets of a service day or a trip, with a line in the audit log that says who read
    them. `kind` is what the audit log calls it; its id is the `source_ref` of its sessions. `page_code`: all sessions
    of this page, also those that were put aside when a trip was planned anew."""
    found = queries.contacts(session, str(ref), page_code)
    audit.record(session, actor, "booking.read_contacts", kind, ref, now=now, bookings=len(found))
    return found
