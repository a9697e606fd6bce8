"""The letter of a trip follows its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldops.core.letters import service as letters
from fieldops.core.letters.rules import Kind
from fieldops.kit import clock
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries import papers
from fieldops.loktuan.trips.queries.trips import SOURCE
from fieldops.loktuan.trips.rules import Status
from fieldops.loktuan.trips.service import telling
from fieldops.loktuan.trips.service.planning import locked

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.core.letters.service import Issued
    from fieldops.settings import Settings


def issue(
    session: Session,
    trip_id: UUID,
    *,
    official_number: str,
    form_key: str,
    settings: Settings,
    actor: Actor,
    now: datetime,
) -> Issued:
    """Issue the letter of assignment of an approved trip, or its next version; the crew of a new version is told.

    Locks the trip, then what `letters.issue` locks. Refuses a trip that was not approved (WrongStep), a plan that the
    letter in force already says, and an official number that is none.
    """
    trip = locked(session, trip_id)
    if Status(trip.status) not in (*rules.TOLD, Status.CLOSED):
        raise rules.WrongStep("Surat tugas baru bisa terbit setelah perjalanan disetujui.")
    found = telling.known(session, trip_id)
    made = letters.issue(
        session,
        kind=Kind.ASSIGNMENT,
        day=clock.office_day(now),
        source=SOURCE,
        ref=str(trip_id),
        subject=f"Layanan paspor keliling di {found.site.name}",
        content=papers.assignment(session, found, settings).stored(),
        official_number=official_number,
        form_key=form_key,
        actor=actor,
        now=now,
        reason="Rencana perjalanan berubah.",
    )
    if made.version > 1:
        crew = {row.person_id for row in found.crew if row.person_id}
        body = f"{found.row.title}, {rules.moment(found.row.departs_at)}. Versi sebelumnya tidak berlaku lagi."
        title, key = f"Surat tugas versi {made.version}", f"letter{made.version}"
        telling.tell(session, crew, title, body, trip_id=trip_id, key=key, now=now)
    return made
