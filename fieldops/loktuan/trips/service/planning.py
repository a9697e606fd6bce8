"""Saving a plan: site, dates, seats, people, vehicles and kit in one transaction, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.blanks import service as blanks
from fieldops.core.blanks.queries import account
from fieldops.core.blanks.rules import ranges
from fieldops.core.booking.service import pages
from fieldops.core.fleet import service as fleet
from fieldops.core.roster import service as roster
from fieldops.core.roster.models import Post
from fieldops.core.roster.posts.service import needs as posts
from fieldops.core.roster.posts.service import seats
from fieldops.core.roster.rules import Absence, Clash, Interval
from fieldops.core.roster.rules.posting import NeedOverride, Unfit
from fieldops.kit import clock, keys
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Refusal, Stale
from fieldops.loktuan.models import Trip, TripCost, TripRequest, TripThing
from fieldops.loktuan.requests.rules import State as RequestState
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.crew import crew
from fieldops.loktuan.trips.queries.sites import SiteFacts, site_facts
from fieldops.loktuan.trips.queries.trips import AWAY, SOURCE, booked_sessions, made_with, sessions_of
from fieldops.loktuan.trips.rules import Plan, SessionPlan, Status
from fieldops.loktuan.trips.service import telling

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor

EDITABLE = (Status.DRAFT, Status.SUBMITTED, Status.APPROVED, Status.PUBLISHED, Status.POSTPONED)


def create(
    session: Session, plan: Plan, *, request_id: UUID | None, form_key: str, actor: Actor, now: datetime
) -> UUID:
    """A draft trip that holds its people, vehicles and kit. Returns its id; the same form key again the same trip.

    Locks as `change`. Refuses (Stale) the same form while it is being saved, another plan under a key that is spent
    (KeyReused), what `rules.check_plan` refuses, and clashes, each with who holds what until when.
    """
    known = made_before(session, plan, form_key)
    if known is not None:
        return known
    rules.check_plan(plan, clock.office_day(now))
    if request_id is not None:
        _check_request(session, request_id)
    site = _site(session, plan)
    trip_id = uuid4()
    page_id = pages.open_page(
        session,
        source=SOURCE,
        ref=str(trip_id),
        scope=f"{rules.SCOPE}:{trip_id.hex}",
        title=rules.PROGRAMME,
        place=site.name,
        address=site.address,
    )
    made = insert(Trip).values(
        id=trip_id,
        request_id=request_id,
        site_id=plan.site_id,
        page_id=page_id,
        departs_at=plan.departs_at,
        returns_at=plan.returns_at,
        status=Status.DRAFT,
        purpose=plan.purpose,
        collective_token=keys.token(),
        form_key=form_key,
        made_by=actor.person_id,
        made_at=now,
    )
    try:
        session.execute(made)
    except IntegrityError as error:
        if violated(error, "uq_loktuan_trip_form_key", "loktuan_trip.form_key"):
            raise Stale from error  # the same form was sent twice at once
        raise
    _write_sessions(session, trip_id, page_id, plan, site, now=now)
    _write(session, trip_id, plan, site, actor=actor, now=now)
    audit.record(session, actor, "trip.create", "trip", trip_id, now=now, sessions=len(plan.sessions))
    return trip_id


def made_before(session: Session, plan: Plan, form_key: str) -> UUID | None:
    """The trip that this form has made already. Refuses KeyReused when it was another plan; a trip that was changed
    since does not tell any more what the form held."""
    trip_id = made_with(session, form_key)
    if trip_id is None:
        return None
    there = telling.known(session, trip_id)
    if there.revision == 1 and there.status is Status.DRAFT and not rules.is_same(plan, there.plan):
        raise rules.KeyReused
    return trip_id


def _check_request(session: Session, request_id: UUID) -> None:
    """Locks the request. Refuses one that nobody accepted, or that was withdrawn meanwhile."""
    state = session.execute(
        select(TripRequest.state).where(TripRequest.id == request_id).with_for_update()
    ).scalar_one_or_none()
    if state is None:
        raise NotFound
    if state != RequestState.ACCEPTED:
        raise rules.WrongTrip("Permintaan ini belum diterima, ditolak, atau sudah ditarik. Terima dulu permintaannya.")


def locked(session: Session, trip_id: UUID) -> Trip:
    """The trip, locked. Refuses NotFound."""
    found = session.scalars(select(Trip).where(Trip.id == trip_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    session.expunge(found)
    return found


def change(session: Session, trip_id: UUID, plan: Plan, *, revision: int, actor: Actor, now: datetime) -> None:
    """Bring a trip to another plan; what it does not need any more is free at once.

    When the crew, a vehicle or the dates of an approved trip change, its revision rises: its letter is out of date,
    and whoever is touched is told. Locks the trip, then sessions, the agenda's events, posts, people, vehicles and
    kit. Refuses a revision that is not the current one (ChangedMeanwhile), a trip that is over, times of a session with
    people on it (SessionInUse), and clashes.
    """
    trip = locked(session, trip_id)
    if trip.revision != revision:
        raise rules.ChangedMeanwhile
    if Status(trip.status) not in EDITABLE:
        raise rules.WrongStep(f"Perjalanan ini berstatus {Status(trip.status).label}, jadi tidak bisa diubah lagi.")
    begun = trip.status in rules.TOLD and trip.departs_at <= now and plan.departs_at == trip.departs_at
    rules.check_plan(plan, clock.office_day(trip.departs_at if begun else now))
    site = _site(session, plan)
    again = trip.status == Status.POSTPONED
    before = telling.known(session, trip_id)
    if plan.site_id != trip.site_id and not again and any(sum(one.taken.values()) for one in before.sessions):
        raise rules.SiteInUse
    if trip.status in rules.TOLD:
        rules.check_complete(plan)
    if again:
        _begin_again(session, trip_id, revision)
    session.execute(
        update(Trip)
        .where(Trip.id == trip_id)
        .values(
            site_id=plan.site_id,
            departs_at=plan.departs_at,
            returns_at=plan.returns_at,
            purpose=plan.purpose,
            revision=Trip.revision + 1,
            **({"status": Status.DRAFT, "ended_at": None, "end_reason": ""} if again else {}),
        )
    )
    pages.rename_page(session, trip.page_id, title=rules.PROGRAMME, place=site.name, address=site.address)
    _write_sessions(session, trip_id, trip.page_id, plan, site, now=now)
    if trip.status == Status.PUBLISHED:
        pages.set_open(session, str(trip_id), is_open=True)
        telling.agenda_follows(session, trip_id, now=now)
    _write(session, trip_id, plan, site, actor=actor, now=now)
    audit.record(session, actor, "trip.change", "trip", trip_id, now=now, revision=revision + 1)
    if trip.status in rules.TOLD:
        telling.publish_crew(session, trip_id, actor=actor, now=now)
        telling.tell_changed(session, before, actor=actor, now=now)


def _begin_again(session: Session, trip_id: UUID, revision: int) -> None:
    """A postponed trip is planned anew: what was noted of the first attempt's things is gone, odometer readings stay
    with the vehicle but not with the trip, and sessions that people had booked stay closed for the record. Their people
    move to a new session of the same page."""
    nothing = {"out_at": None, "out_by": None, "back_at": None, "back_by": None, "back_state": "", "note": ""}
    session.execute(update(TripThing).where(TripThing.trip_id == trip_id).values(**nothing))
    fleet.put_aside_readings(session, source=SOURCE, ref=str(trip_id), aside=f"{trip_id}:{revision}")
    for session_id in booked_sessions(session, [one.id for one in sessions_of(session, trip_id)]):
        pages.put_aside(session, session_id)


def _site(session: Session, plan: Plan) -> SiteFacts:
    found = site_facts(session, [plan.site_id])
    if not found:
        raise rules.WrongTrip("Pilih lokasi dari daftar.", field="site")
    return found[0]


def _write(session: Session, trip_id: UUID, plan: Plan, site: SiteFacts, *, actor: Actor, now: datetime) -> None:
    """People, what goes along, and costs; the sessions are written before."""
    plan = replace(plan, distance_km=site.distance_km or 0)
    title = rules.title_of(site.name)
    _write_crew(session, trip_id, title, plan, actor=actor, now=now)
    _write_things(session, trip_id, title, plan, now=now)
    _write_blanks(session, trip_id, title, plan, actor=actor, now=now)
    session.execute(delete(TripCost).where(TripCost.trip_id == trip_id))
    if plan.costs:
        rows = [
            {
                "trip_id": trip_id,
                "position": n,
                "kind": line.kind,
                "text": line.text,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
            }
            for n, line in enumerate(plan.costs, 1)
        ]
        session.execute(insert(TripCost), rows)


# -- sessions ---------------------------------------------------------------------------------------------------


def _write_sessions(
    session: Session, trip_id: UUID, page_id: UUID, plan: Plan, site: SiteFacts, *, now: datetime
) -> None:
    there = {row.id: row for row in sessions_of(session, trip_id)}
    pages.lock_sessions(session, there)
    booked = booked_sessions(session, there)
    wanted = {one.id: (n, one) for n, one in enumerate(plan.sessions) if one.id in there}
    for session_id in there.keys() - wanted.keys():
        if booked.get(session_id):
            raise rules.SessionInUse(
                f"Sesi {rules.moment(there[session_id].starts_at)} sudah punya pendaftar, jadi tidak bisa dihapus."
            )
        pages.drop_session(session, session_id, reason="Sesi ini ditiadakan.")
    for n, one in enumerate(plan.sessions):
        window = rules.window(one, now, has_signal=site.has_signal)
        if one.id is None or one.id not in there:
            pages.add_session(
                session,
                page_id,
                source_ref=str(trip_id),
                day=one.day,
                ends_at=one.interval.ends_at,
                window=window,
                seats=one.seats,
            )
            continue
        old = there[one.id]
        if (old.starts_at, old.ends_at) != (one.interval.starts_at, one.interval.ends_at):
            if booked.get(one.id):
                raise rules.SessionInUse(field=f"starts-{n}")
            pages.change_session(session, one.id, day=one.day, ends_at=one.interval.ends_at, window=window)
        elif old.closes_at != window.closes_at:
            kept = replace(window, opens_at=min(old.opens_at, window.closes_at))
            pages.change_session(session, one.id, day=one.day, ends_at=one.interval.ends_at, window=kept)
        _write_seats(session, one.id, one, n, now=now)


def _write_seats(session: Session, session_id: UUID, plan: SessionPlan, n: int, *, now: datetime) -> None:
    for pool, wanted in plan.seats.items():
        try:
            pages.set_seats(session, session_id, pool, wanted, now=now)
        except Refusal as refusal:
            refusal.field = f"{pool.value}-{n}"
            raise


# -- crew -------------------------------------------------------------------------------------------------------


def _write_crew(session: Session, trip_id: UUID, title: str, plan: Plan, *, actor: Actor, now: datetime) -> None:
    """Posts as the plan wants them, then people: first those off who go elsewhere, then everybody on."""
    reason = plan.override_reason.strip()
    held = {row.place: row.person_id for row in crew(session, trip_id)}
    roster.release_all(session, source=AWAY, prefix=f"{trip_id.hex}:")
    _rename_posts(session, trip_id, title)
    try:
        posts.need(session, source=SOURCE, ref=str(trip_id), plans=rules.post_plans(title, plan), actor=actor, now=now)
        rows = crew(session, trip_id)
        people = {post.person_id for row in rows for post in row.posts} | {seat.person_id for seat in plan.crew}
        roster.lock_people(session, {one for one in people if one})
        for row in rows:
            wanted = plan.crew[row.place - 1].person_id
            if wanted == held.get(row.place):
                continue  # what the roster has arranged on single stretches stays
            for post in row.posts:
                if post.person_id is not None and post.person_id != wanted:
                    seats.clear(
                        session,
                        post.id,
                        revision=post.revision,
                        reason=reason or "Tim perjalanan diubah.",
                        actor=actor,
                        now=now,
                    )
        for row in crew(session, trip_id):
            _seat(session, row, plan, reason, actor=actor, now=now)
        _spread_reasons(session, trip_id)
        _hold_nights(session, trip_id, title)
    except Clash as clash:
        raise rules.WrongTrip(clash.sentence) from clash


def _rename_posts(session: Session, trip_id: UUID, title: str) -> None:
    """A site that has another name by now, or another site: the posts are called after it, and stay the same posts."""
    rows = session.execute(select(Post.id, Post.title).where(Post.source == SOURCE, Post.ref == str(trip_id)))
    for post_id, old in rows.all():
        number = int(old.rpartition("(")[2].rstrip(")"))
        if old != rules.piece_title(title, number):
            new = rules.piece_title(title, number)
            session.execute(update(Post).where(Post.id == post_id).values(title=new))


def _hold_nights(session: Session, trip_id: UUID, title: str) -> None:
    """Between two stretches the crew is at the site: nobody can have them, and it is no duty and counts nothing."""
    for row in crew(session, trip_id):
        for n, (one, after) in enumerate(pairwise(row.posts)):
            if one.person_id is not None and one.person_id == after.person_id and one.ends_at < after.starts_at:
                roster.promise_person(
                    session,
                    one.person_id,
                    Interval(one.ends_at, after.starts_at),
                    kind=Absence.TRAVEL.value,
                    title=f"{title}, di lokasi",
                    source=AWAY,
                    ref=f"{trip_id.hex}:{row.place}:{n}",
                )


def _spread_reasons(session: Session, trip_id: UUID) -> None:
    """A reason is given for a person on the whole trip: the first of two stretches breaks no rule before the second."""
    for row in crew(session, trip_id):
        reason = next((post.override_reason for post in row.posts if post.override_reason), "")
        bare = [post.id for post in row.posts if post.person_id and not post.override_reason]
        if reason and bare:
            session.execute(update(Post).where(Post.id.in_(bare)).values(override_reason=reason))


def _seat(session: Session, row: Any, plan: Plan, reason: str, *, actor: Actor, now: datetime) -> None:
    wanted = plan.crew[row.place - 1].person_id
    if wanted is None:
        return
    for post in row.posts:
        if post.person_id is not None:
            continue
        try:
            seats.assign(session, post.id, wanted, revision=post.revision, override_reason=reason, actor=actor, now=now)
        except NeedOverride as refusal:
            raise NeedOverride(refusal.sentence, field="override_reason") from refusal
        except Unfit as refusal:
            raise Unfit(refusal.sentence, field=f"person-{row.place - 1}") from refusal


# -- what goes along --------------------------------------------------------------------------------------------


def _write_things(session: Session, trip_id: UUID, title: str, plan: Plan, *, now: datetime) -> None:
    wanted = {("vehicle", one) for one in plan.vehicle_ids} | {("kit", one) for one in plan.item_ids}
    there = {
        (row.holder_kind, row.holder_id): row
        for row in session.scalars(select(TripThing).where(TripThing.trip_id == trip_id))
    }
    gone = [row for key, row in there.items() if key not in wanted]
    if any(row.out_at is not None and row.back_at is None for row in gone):
        raise rules.WrongTrip("Barang yang sudah dibawa tidak bisa dikeluarkan dari rencana. Catat kembalinya.")
    try:
        fleet.hold(
            session,
            vehicle_ids=plan.vehicle_ids,
            item_ids=plan.item_ids,
            interval=plan.interval,
            title=title,
            source=SOURCE,
            ref=str(trip_id),
        )
    except NotFound as error:
        raise rules.WrongTrip("Kendaraan atau perlengkapan itu tidak ada di daftar. Pilih lagi.") from error
    if gone:
        session.execute(delete(TripThing).where(TripThing.id.in_([row.id for row in gone])))
    new = [{"trip_id": trip_id, "holder_kind": kind, "holder_id": one} for kind, one in sorted(wanted - there.keys())]
    if new:
        session.execute(insert(TripThing), new)


def _write_blanks(session: Session, trip_id: UUID, title: str, plan: Plan, *, actor: Actor, now: datetime) -> None:
    """Set blanks aside as the plan wants them; what it does not name any more and is still with the trip goes back."""
    if plan.blanks is None:
        return
    about: dict[str, Any] = {"source": SOURCE, "ref": str(trip_id)}
    held = set(account(session, **about).out)
    about |= {"day": clock.office_day(now), "actor": actor, "now": now}
    try:
        for span in ranges(held - plan.serials):
            blanks.give_back(session, span.first, span.last, form_key=str(uuid4()), **about)
        for span in ranges(plan.serials - held):
            blanks.issue(session, span.first, span.last, title=title, form_key=str(uuid4()), **about)
    except Refusal as refusal:
        refusal.field = "blanks"
        raise
