"""A trip on one page: to plan it, to change it, to see what stands against it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from flask import abort, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.blanks import queries as blanks
from fieldops.core.blanks.rules import ranges
from fieldops.core.fleet import queries as fleet
from fieldops.core.roster.rules import Duty
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, read_date, read_id, read_key, read_number
from fieldops.kit.page import go, page
from fieldops.loktuan.routes import bp
from fieldops.loktuan.trips import forms, rules
from fieldops.loktuan.trips.queries.crew import crew_choices, crew_complaints, crew_ground
from fieldops.loktuan.trips.queries.facts import facts, request_facts
from fieldops.loktuan.trips.queries.sites import other_trip, site_facts
from fieldops.loktuan.trips.queries.trips import SOURCE
from fieldops.loktuan.trips.service import planning

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from fieldops.core.fleet.queries import ChoiceRow
    from fieldops.loktuan.trips.forms import Errors, Typed
    from fieldops.loktuan.trips.queries.crew import CrewChoice
    from fieldops.loktuan.trips.queries.facts import RequestFacts, TripFacts
    from fieldops.loktuan.trips.queries.sites import SiteFacts
    from fieldops.loktuan.trips.rules import Plan


@bp.get("/trips/new")
@needs("trip.plan")
def trip_new() -> Response:
    """An empty plan, or one for a request."""
    asked = _request()
    if asked is not None and not asked.is_accepted:
        raise NotFound("Permintaan ini belum diterima, ditolak, atau sudah ditarik. Terima dulu permintaannya.")
    day = asked.wanted_from if asked else read_date(request.args.get("day"))
    today = clock.today()
    first = day if day is not None and day >= today else forms.next_working_day(today)
    return _form(None, forms.first_plan(first), [], 200, asked=asked)


def _request() -> RequestFacts | None:
    """The request that this trip answers, if the address or the form names one."""
    request_id = read_id(request.values.get("request"))
    if request_id is None:
        return None
    with reading() as session:
        found = request_facts(session, request_id)
    if found is None:
        raise NotFound
    return found


@bp.post("/trips")
@needs("trip.plan")
def trip_create() -> Response:
    """Keep the plan as a draft that holds what it takes, or only look whether it could."""
    asked, typed = _request(), forms.typed_of(request.form)
    key = read_key(request.form.get("key"))
    if key is None:
        abort(422)
    try:
        before = _before(typed, key)
    except rules.KeyReused as refusal:
        return _form(None, typed, [(None, refusal.sentence)], 422, asked=asked, key=new_key())
    if before is not None:  # a second tap must not meet the promises of the first
        return go(url_for(".trip_show", trip_id=before))
    plan, errors = _checked(typed, None)
    if plan is None or errors or request.form.get("action") == "look":
        return _form(None, typed, errors, 422 if errors else 200, asked=asked, looked=not errors)
    wanted = plan
    try:
        trip_id = again_when_stale(
            lambda session: planning.create(
                session,
                wanted,
                request_id=asked.id if asked else None,
                form_key=key,
                actor=staff(current_user.id),
                now=clock.now(),
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(None, typed, [(refusal.field, refusal.sentence)], refusal.status, asked=asked)
    return go(url_for(".trip_show", trip_id=trip_id))


def _before(typed: Typed, key: str) -> UUID | None:
    plan, _ = forms.read_plan(typed)
    if plan is None:
        return None
    with reading() as session:
        return planning.made_before(session, plan, key)


@bp.get("/trips/<uuid:trip_id>/edit")
@needs("trip.plan")
def trip_edit(trip_id: UUID) -> Response:
    """The plan as it stands, to change it."""
    found = _facts(trip_id)
    return _form(found, _typed_from(found), [], 200)


@bp.post("/trips/<uuid:trip_id>/edit")
@needs("trip.plan")
def trip_change(trip_id: UUID) -> Response:
    """Save the changed plan, or only look whether it could be."""
    found, typed = _facts(trip_id), forms.typed_of(request.form)
    plan, errors = _checked(typed, found)
    if plan is None or errors or request.form.get("action") == "look":
        return _form(found, typed, errors, 422 if errors else 200, looked=not errors)
    revision = read_number(request.form.get("revision", "")) or 0
    try:
        with transaction() as session:
            planning.change(session, trip_id, plan, revision=revision, actor=staff(current_user.id), now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        overtaken = isinstance(refusal, rules.ChangedMeanwhile)
        errors = [(refusal.field, refusal.sentence)]
        return _form(_facts(trip_id), typed, errors, refusal.status, overtaken=overtaken)
    return go(url_for(".trip_show", trip_id=trip_id))


def _typed_from(found: TripFacts) -> Typed:
    """The plan as it stands, with the blanks that are set aside and not used yet."""
    with reading() as session:
        out = blanks.account(session, SOURCE, str(found.row.id)).out
    return forms.typed_from(replace(found.plan, blanks=tuple(ranges(out))))


def _facts(trip_id: UUID) -> TripFacts:
    with reading() as session:
        found = facts(session, trip_id)
    if found is None:
        raise NotFound
    return found


def _checked(typed: Typed, found: TripFacts | None) -> tuple[Plan | None, Errors]:
    """The plan, and everything that stands against it: what was mistyped, or else every clash by name."""
    plan, errors = forms.read_plan(typed)
    if plan is None:
        return None, errors
    try:
        begun = found is not None and found.row.departs_at == plan.departs_at
        rules.check_plan(plan, clock.office_day(plan.departs_at) if begun else clock.today())
    except Refusal as refusal:
        return plan, [(refusal.field, refusal.sentence)]
    with reading() as session:
        crew, along = _choices(session, plan, found)
        elsewhere = _blanks_elsewhere(session, plan, found)
    told: Errors = [(f"person-{n}", sentence) for n, sentence in crew_complaints(plan, crew)]
    return plan, told + _taken(plan, along) + elsewhere


def _choices(
    session: Session, plan: Plan, found: TripFacts | None
) -> tuple[dict[Duty, list[CrewChoice]], list[ChoiceRow]]:
    own = {post.id for row in found.crew for post in row.posts} if found else set()
    mine = (SOURCE, str(found.row.id)) if found else None
    site = next(iter(site_facts(session, [plan.site_id])), None)
    plan = replace(plan, distance_km=(site.distance_km if site else None) or 0)
    return (
        crew_choices(crew_ground(session, plan, clock.today()), plan, own, found.row.id if found else None),
        fleet.choices(session, plan.interval, without=mine),
    )


def _taken(plan: Plan, along: list[ChoiceRow]) -> Errors:
    """The vehicles and items of the plan that are somebody else's then, each with what is free instead."""
    told: Errors = []
    for one in along:
        wanted = plan.vehicle_ids if one.kind == "vehicle" else plan.item_ids
        if one.clash is None or one.id not in wanted:
            continue
        same = [
            other.name
            for other in along
            if other.clash is None and (other.kind, other.kind_label) == (one.kind, one.kind_label)
        ]
        free = [name for name in same if name not in {row.name for row in along if row.id in wanted}][:3]
        instead = f"Yang bebas: {', '.join(free)}." if free else "Tidak ada yang lain pada waktu itu."
        told.append((f"thing-{one.id}", f"{one.clash} {instead}"))
    return told


def _blanks_elsewhere(session: Session, plan: Plan, found: TripFacts | None) -> Errors:
    """The blanks of the plan that are not in the office, with who has them."""
    held = set(blanks.account(session, SOURCE, str(found.row.id)).out) if found else set()
    try:
        blanks.check_in_stock(session, sorted(plan.serials - held))
    except Refusal as refusal:
        return [("blanks", refusal.sentence)]
    return []


def _form(
    found: TripFacts | None,
    typed: Typed,
    errors: Errors,
    status: int,
    *,
    asked: RequestFacts | None = None,
    looked: bool = False,
    overtaken: bool = False,
    key: str = "",
) -> Response:
    plan, _ = forms.read_plan(typed)
    usable = plan is not None and plan.sessions and plan.returns_at > plan.departs_at
    with reading() as session:
        sites = [one for one in site_facts(session, active=True) if one.area_code]
        if plan is None or not usable:
            plan = forms.read_plan(forms.first_plan(forms.next_working_day(clock.today()), _any(sites)))[0]
        crew, along = _choices(session, plan, found) if plan else ({}, [])
        notes = _notes(session, typed, sites, found, asked)
        stock = blanks.in_stock(session)
    return page(
        "loktuan/plan.html",
        status=status,
        trip=found,
        revision=_shown_revision(found, overtaken=overtaken),
        asked=asked,
        typed=typed,
        key=key or request.form.get("key") or new_key(),
        errors=errors,
        wrong={name: sentence for name, sentence in reversed(errors) if name},
        looked=looked,
        changed=_changed(found, typed, sites, crew, along) if found and overtaken else [],
        sites=sites,
        crew=crew,
        along=along,
        notes=notes,
        stock=stock,
        duties=list(Duty),
        pools=[(pool.value, forms.pool_label(pool)) for pool in rules.POOLS],
        cost_kinds=list(rules.CostKind),
        rules=rules,
    )


def _shown_revision(found: TripFacts | None, *, overtaken: bool) -> str:
    """The revision that the form was drawn from. It becomes the current one only on a page that says what changed."""
    sent = request.form.get("revision", "")
    return sent if sent and not overtaken else str(found.revision) if found else ""


def _changed(
    found: TripFacts,
    typed: Typed,
    sites: list[SiteFacts],
    crew: dict[Duty, list[CrewChoice]],
    along: list[ChoiceRow],
) -> list[tuple[str, str, str]]:
    """What somebody else saved while this page was open, where it is not what stands in the form."""
    words = {str(one.id): one.name for one in sites} | {str(one.id): one.name for one in along}
    words |= {str(one.person_id): one.name for one in crew.get(Duty.QUEUE, [])}
    words |= {one.value: one.label for one in (*Duty, *rules.CostKind)}
    return forms.differences(_typed_from(found), typed, words)


def _any(sites: list[SiteFacts]) -> str:
    """Some site, so that the lists show who is free on the proposed day even before one is chosen."""
    return str(sites[0].id) if sites else str(UUID(int=0))


def _notes(
    session: Session, typed: Typed, sites: list[SiteFacts], found: TripFacts | None, asked: RequestFacts | None
) -> list[str]:
    plan, _ = forms.read_plan(typed)
    if plan is None:
        return []
    site = next((one for one in sites if one.id == plan.site_id), None)
    people = asked.people if asked else found.people if found else None
    mine = found.row.id if found else None
    other = other_trip(session, plan, site.area_code, mine) if site and site.area_code else None
    seats = sum(one.total for one in plan.sessions)
    told = rules.notes(seats, people, other, clock.office_day(plan.departs_at))
    if site is not None and not site.has_signal:
        told.append("Lokasi tanpa sinyal: pendaftaran daring ditutup 12 jam sebelum tiap sesi.")
    return told
