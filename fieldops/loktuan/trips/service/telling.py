"""What others follow of a trip: the agenda, the crew's duties, and who hears what."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from fieldops.core.agenda import service as agenda
from fieldops.core.agenda.queries import standing
from fieldops.core.notices import service as notices
from fieldops.core.people.models import Person
from fieldops.core.people.rules import GRANTS
from fieldops.core.roster.posts.service import publishing
from fieldops.kit import clock
from fieldops.kit.errors import NotFound
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.facts import TripFacts, facts
from fieldops.loktuan.trips.queries.trips import SOURCE

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor


def known(session: Session, trip_id: UUID) -> TripFacts:
    found = facts(session, trip_id)
    if found is None:
        raise NotFound
    return found


def event_ref(trip_id: UUID, day: date) -> str:
    """One service a day: whoever follows the trip follows its hours, not its nights."""
    return f"{trip_id.hex}:{day.isoformat()}"


def agenda_follows(session: Session, trip_id: UUID, *, now: datetime, status: str = "planned") -> None:
    """Publish each day of service as planned or done, and withdraw those that are not part of the trip any more."""
    found = known(session, trip_id)
    days: dict[date, list[rules.SessionPlan]] = {}
    for one in found.plan.sessions:
        days.setdefault(one.day, []).append(one)
    for day, sessions in days.items():
        agenda.publish(
            session,
            source=SOURCE,
            ref=event_ref(trip_id, day),
            now=now,
            title=f"{found.row.title}, layanan paspor keliling",
            place=found.site.name,
            area_code=found.site.area_code,
            starts_at=min(one.interval.starts_at for one in sessions),
            ends_at=max(one.interval.ends_at for one in sessions),
            people_expected=sum(one.total for one in sessions),
            status=status,
        )
    wanted = {event_ref(trip_id, day) for day in days}
    for ref in standing(session, SOURCE, f"{trip_id.hex}:"):
        if ref not in wanted:
            agenda.withdraw(session, source=SOURCE, ref=ref, now=now)


def agenda_ends(session: Session, trip_id: UUID, *, now: datetime) -> int:
    """Withdraw every day of the trip; gives how many there were."""
    refs = standing(session, SOURCE, f"{trip_id.hex}:")
    for ref in refs:
        agenda.withdraw(session, source=SOURCE, ref=ref, now=now)
    return len(refs)


def publish_crew(session: Session, trip_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Make the crew's drafts promises; everybody hears of his own once. Gaps stay visible."""
    found = known(session, trip_id)
    publishing.publish(
        session,
        *(clock.office_day(instant) for instant in (found.plan.departs_at, found.plan.returns_at)),
        source=SOURCE,
        ref=str(trip_id),
        with_gaps=True,
        actor=actor,
        now=now,
    )


def who_may(session: Session, permission: str) -> set[UUID]:
    """Everybody on duty in the office whose role has this permission."""
    roles = [role for role, granted in GRANTS.items() if permission in granted]
    return set(session.scalars(select(Person.id).where(Person.is_active, Person.role.in_(roles))))


def tell(session: Session, people: set[UUID], title: str, body: str, *, trip_id: UUID, key: str, now: datetime) -> None:
    """Tell people of a trip; locks are taken by then, because it comes last."""
    link = f"/loktuan/trips/{trip_id}"
    notices.tell(session, people, kind="trip", title=title, body=body, link=link, key=f"trip:{trip_id}:{key}", now=now)


def tell_changed(session: Session, before: TripFacts, *, actor: Actor, now: datetime) -> None:
    """An approved trip has another crew, vehicle, place or time: the crew of before and now hears it, and whoever
    issues letters, because the letter in force says something else. Call it after the change."""
    after = known(session, before.row.id)
    sides = [
        (
            one.plan.site_id,
            one.plan.interval,
            one.plan.vehicle_ids,
            tuple(member.id for row in one.crew for member in row.members),
        )
        for one in (before, after)
    ]
    if sides[0] == sides[1]:
        return
    people = {member.id for one in (before, after) for row in one.crew for member in row.members}
    people = {one for one in people | who_may(session, "letter.issue") if one != actor.person_id}
    body = (
        f"{after.row.title}, {rules.span(after.row.departs_at, after.row.returns_at)}. Tim, kendaraan, tempat, atau "
        "waktunya berubah. Surat tugas yang sudah terbit perlu versi baru."
    )
    key = f"changed:{after.revision}"
    tell(session, people, "Rencana perjalanan berubah", body, trip_id=after.row.id, key=key, now=now)
