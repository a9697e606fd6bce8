"""Postponing and cancelling: everybody is told and everything is free, in one list that people can read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from sqlalchemy import update

from fieldops.core.audit import service as audit
from fieldops.core.blanks import service as blanks
from fieldops.core.blanks.queries import account
from fieldops.core.blanks.rules import ranges
from fieldops.core.booking.service import pages
from fieldops.core.letters import service as letters
from fieldops.core.roster import service as roster
from fieldops.core.roster.posts.service import needs as posts
from fieldops.kit import clock
from fieldops.loktuan.models import Trip
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.running import count
from fieldops.loktuan.trips.queries.trips import AWAY, SOURCE
from fieldops.loktuan.trips.rules import Status, Step
from fieldops.loktuan.trips.service import telling
from fieldops.loktuan.trips.service.planning import locked

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor


def end(
    session: Session, trip_id: UUID, step: Step, *, revision: int, reason: str, actor: Actor, now: datetime
) -> None:
    """Postpone or cancel a trip (`step`): seats are closed with the reason, crew, vehicles and kit are free, the
    blanks are in stock again, the agenda is told, the letter is void, and everybody who was to come along or approved
    it hears why.

    Bookings stay, so that nobody loses his place in the record; their tickets say why. Doing it again changes
    nothing. Locks the trip, its sessions, the agenda's events, the posts. Refuses no reason, an old revision, things
    that have left already (they have to come back first), and a trip that somebody has come to.
    """
    reason = rules.read_reason(reason, field="reason")
    trip = locked(session, trip_id)
    if trip.status == rules.target(step):
        return
    if trip.revision != revision:
        raise rules.ChangedMeanwhile
    status = rules.after(step, Status(trip.status))
    found = telling.known(session, trip_id)
    if any(one.out_at is not None and one.back_at is None for one in found.things):
        raise rules.WrongStep("Kendaraan atau perlengkapan sudah keluar. Catat dulu kembalinya di halaman pelaksanaan.")
    came = count(session, [trip_id])[trip_id].arrived
    if came:
        raise rules.WrongStep(
            f"Sudah ada {came} pemohon yang tercatat hadir, jadi perjalanan ini tidak bisa ditunda atau dibatalkan. "
            "Tutup lewat laporannya."
        )
    session.execute(
        update(Trip)
        .where(Trip.id == trip_id)
        .values(status=status, ended_at=now, end_reason=reason, revision=Trip.revision + 1)
    )
    was_public = trip.published_at is not None
    pages.lock_sessions(session, [one.id for one in found.sessions])
    pages.set_open(session, str(trip_id), is_open=False, reason=reason if was_public else "")
    telling.agenda_ends(session, trip_id, now=now)
    posts.withdraw(session, source=SOURCE, ref=str(trip_id), actor=actor, now=now)
    roster.release(session, source=SOURCE, ref=str(trip_id))
    roster.release_all(session, source=AWAY, prefix=f"{trip_id.hex}:")
    _give_back(session, trip_id, revision, actor=actor, now=now)
    letters.void(session, source=SOURCE, ref=str(trip_id), reason=reason, actor=actor, now=now)
    audit.record(session, actor, f"trip.{step.value}", "trip", trip_id, now=now, before=str(trip.status))
    touched = {row.person_id for row in found.crew if row.person_id} | {
        trip.made_by,
        *telling.who_may(session, "trip.approve"),
    }
    touched.discard(actor.person_id)
    word = "ditunda" if step is Step.POSTPONE else "dibatalkan"
    body = f"{found.row.title}, {rules.moment(found.row.departs_at)}: {reason}"
    telling.tell(session, touched, f"Perjalanan {word}", body, trip_id=trip_id, key=f"end:{revision}", now=now)


def _give_back(session: Session, trip_id: UUID, revision: int, *, actor: Actor, now: datetime) -> None:
    """Nothing has left, so the blanks that were set aside for the trip are still in the office."""
    about = {"source": SOURCE, "ref": str(trip_id)}
    for span in ranges(account(session, **about).out):
        key = str(uuid5(trip_id, f"{span}:{revision}"))
        day = clock.office_day(now)
        blanks.give_back(session, span.first, span.last, day=day, form_key=key, actor=actor, now=now, **about)
