"""The writes of weekend days: from template to draft, published, cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.agenda import service as agenda
from fieldops.core.audit import service as audit
from fieldops.core.booking.rules import Pool
from fieldops.core.booking.service import pages
from fieldops.core.calendar.queries import holidays_on
from fieldops.core.people.models import Person
from fieldops.core.places.models import Site
from fieldops.core.roster import service as roster
from fieldops.core.roster.models import Post
from fieldops.core.roster.posts.service import needs as posts
from fieldops.core.roster.rules import Duty, Interval, PostState
from fieldops.kit import clock
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Stale
from fieldops.weekend import queries, rules
from fieldops.weekend.models import WeekendDay, WeekendTemplate, WeekendTemplateSession
from fieldops.weekend.rules import Programme, Release, SessionPlan, Status

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor

SOURCE = rules.SOURCE


def set_template(
    session: Session, programme: Programme, weekday: int, release: Release, plans: list[SessionPlan]
) -> UUID:
    """Write the weekly template of a programme's weekday when there is none yet; returns its id."""
    found = session.execute(
        select(WeekendTemplate.id).where(WeekendTemplate.programme == programme, WeekendTemplate.weekday == weekday)
    ).scalar_one_or_none()
    if found is not None:
        return found
    template_id = uuid4()
    session.execute(
        insert(WeekendTemplate).values(
            id=template_id,
            programme=programme,
            weekday=weekday,
            opens_days_before=release.opens_days_before,
            opens_at=release.opens_at,
            closes_hours_before=release.closes_hours_before,
            rolls_hours_before=release.rolls_hours_before,
        )
    )
    for plan in plans:
        session.execute(
            insert(WeekendTemplateSession).values(
                template_id=template_id,
                starts=plan.starts,
                ends=plan.ends,
                seats_public=plan.seats_public,
                seats_priority=plan.seats_priority,
                seats_walk_in=plan.seats_walk_in,
            )
        )
    return template_id


def create_day(
    session: Session,
    *,
    programme: Programme,
    day: date,
    site_id: UUID,
    lead_id: UUID | None,
    release: Release,
    plans: list[SessionPlan],
    override_reason: str,
    form_key: str,
    actor: Actor,
    now: datetime,
) -> UUID:
    """A draft service day with its sessions and seats; nobody outside sees it. Returns its id.

    The same form key again returns the same day. Refuses a wrong or past day, a holiday without a reason
    (HolidayClosed), a reason that is too long, overlapping sessions, and a second day of the same programme and date
    (DayExists).
    """
    known = session.execute(select(WeekendDay.id).where(WeekendDay.form_key == form_key)).scalar_one_or_none()
    if known is not None:
        return known
    rules.check_day(programme, day, clock.office_day(now))
    rules.check_sessions(plans)
    closed = [row.name for row in holidays_on(session, [day]).get(day, [])]
    override_reason = rules.read_reason(override_reason, field="override_reason")
    rules.check_holiday(closed, override_reason)
    site = session.execute(select(Site.name, Site.address).where(Site.id == site_id)).one_or_none()
    if site is None:
        raise NotFound
    page_id = pages.open_page(
        session,
        source=programme.value,
        ref=rules.page_ref(programme, day),
        scope=rules.scope_of(day),
        title=programme.label,
        place=site.name,
        address=site.address,
    )
    day_id = uuid4()
    overridden = bool(closed)
    try:
        session.execute(
            insert(WeekendDay).values(
                id=day_id,
                programme=programme,
                day=day,
                site_id=site_id,
                page_id=page_id,
                lead_id=lead_id,
                status=Status.DRAFT,
                form_key=form_key,
                override_reason=override_reason if overridden else "",
                override_by=actor.person_id if overridden else None,
                made_at=now,
            )
        )
    except IntegrityError as error:
        if violated(error, "uq_weekend_day_live", "weekend_day.programme", "weekend_day.day"):
            raise rules.DayExists from error
        if violated(error, "uq_weekend_day_form_key", "weekend_day.form_key"):
            raise Stale from error
        raise
    for plan in plans:
        pages.add_session(
            session,
            page_id,
            source_ref=str(day_id),
            day=day,
            ends_at=clock.at_office(day, plan.ends),
            window=rules.window(day, plan, release),
            seats={
                Pool.PUBLIC: plan.seats_public,
                Pool.PRIORITY: plan.seats_priority,
                Pool.WALK_IN: plan.seats_walk_in,
            },
        )
    audit.record(
        session,
        actor,
        "weekend.create",
        "weekend_day",
        day_id,
        now=now,
        programme=programme.value,
        day=day.isoformat(),
        sessions=len(plans),
        holiday=closed,
    )
    return day_id


def _locked(session: Session, day_id: UUID) -> WeekendDay:
    found = session.scalars(select(WeekendDay).where(WeekendDay.id == day_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    return found


def publish(session: Session, day_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Open the day to the public and tell the agenda; the lead officer is promised for its hours.

    Publishing again changes nothing. Locks the day, then the lead. Refuses a cancelled or past day and a clash of
    the lead (it names the other duty).
    """
    day = _locked(session, day_id)
    if day.status == Status.PUBLISHED:
        return
    if day.status != Status.DRAFT:
        raise rules.NotDraft
    rules.check_day(Programme(day.programme), day.day, clock.office_day(now))
    session.execute(update(WeekendDay).where(WeekendDay.id == day_id).values(status=Status.PUBLISHED, published_at=now))
    pages.set_open(session, str(day_id), is_open=True)
    _tell(session, day, now=now)
    audit.record(session, actor, "weekend.publish", "weekend_day", day_id, now=now)


def _tell(session: Session, day: WeekendDay, *, now: datetime) -> None:
    """The agenda and the busy table follow the day."""
    facts = queries.day_facts(session, day.id)
    title = f"{Programme(day.programme).label}, layanan paspor"
    agenda.publish(
        session,
        source=SOURCE,
        ref=str(day.id),
        now=now,
        title=title,
        place=facts.place,
        area_code=facts.area_code,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        people_expected=facts.seats,
        status="planned",
    )
    if _is_led_by_roster(session, day):
        roster.release(session, source=SOURCE, ref=str(day.id))
    elif day.lead_id is not None:
        roster.promise_person(
            session,
            day.lead_id,
            Interval(facts.starts_at, facts.ends_at),
            kind="weekend",
            title=title,
            source=SOURCE,
            ref=str(day.id),
        )


def _is_led_by_roster(session: Session, day: WeekendDay) -> bool:
    """Whether the roster has promised a supervisor for this day already: the lead, or somebody else in his place, as
    when he is on leave. Then the day itself promises nobody."""
    ref = rules.shift_ref(Programme(day.programme), day.day)
    leads = (Post.duty == Duty.SUPERVISOR) & Post.person_id.is_not(None)
    stands = leads | (Post.person_id == day.lead_id)
    here = (Post.source == SOURCE, Post.ref == ref, Post.state != PostState.CANCELLED, stands)
    return session.execute(select(Post.id).where(*here).limit(1)).scalar_one_or_none() is not None


def set_seats(
    session: Session, day_id: UUID, session_id: UUID, seats: dict[Pool, int], *, actor: Actor, now: datetime
) -> None:
    """Change how many seats a session has per pool. Refuses to go below what is taken."""
    day = _locked(session, day_id)
    if day.status == Status.CANCELLED:
        raise rules.NotDraft
    if session_id not in {one.id for one in queries.day_sessions(session, day_id)}:
        raise NotFound
    for pool, wanted in seats.items():
        pages.set_seats(session, session_id, pool, wanted, now=now)
    if day.status == Status.PUBLISHED:
        _tell(session, day, now=now)
    after = {pool.value: wanted for pool, wanted in seats.items()}
    audit.record(session, actor, "weekend.seats", "booking_session", session_id, now=now, after=after)


def cancel(session: Session, day_id: UUID, *, reason: str, actor: Actor, now: datetime) -> None:
    """The day will not take place: the public sees it closed, every ticket says why and offers another session.

    Bookings stay, so that nobody loses his place in the record. The agenda is told, the lead is free again.
    Cancelling again changes nothing. Refuses to do it without a reason (NeedReason) or with one that is too long.
    """
    reason = rules.read_reason(reason, field="reason")
    if not reason:
        raise rules.NeedReason
    day = _locked(session, day_id)
    if day.status == Status.CANCELLED:
        return
    was = day.status
    session.execute(
        update(WeekendDay)
        .where(WeekendDay.id == day_id)
        .values(status=Status.CANCELLED, cancelled_at=now, cancel_reason=reason)
    )
    pages.set_open(session, str(day_id), is_open=False, reason=reason if was == Status.PUBLISHED else "")
    agenda.withdraw(session, source=SOURCE, ref=str(day_id), now=now)
    roster.release(session, source=SOURCE, ref=str(day_id))
    shifts = rules.shift_ref(Programme(day.programme), day.day)
    posts.withdraw(session, source=SOURCE, ref=shifts, actor=actor, now=now)
    audit.record(session, actor, "weekend.cancel", "weekend_day", day_id, now=now, before=str(was))


def check_lead(session: Session, lead_id: UUID | None) -> UUID | None:
    """The lead must be an active member of staff; anything else is no lead."""
    if lead_id is None:
        return None
    return session.execute(select(Person.id).where(Person.id == lead_id, Person.is_active)).scalar_one_or_none()
