"""The lists of vehicles and kit, and one thing: look, add, change, retire."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import abort, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.fleet import forms, queries, rules, service
from fieldops.core.fleet.routes import bp
from fieldops.core.fleet.rules import Holder, Kind
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, read_key, refuse, summary
from fieldops.kit.page import go, page

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from fieldops.core.fleet.queries import ItemRow, VehicleRow

Errors = list[tuple[str | None, str]]
_YEAR = timedelta(days=366)


@bp.get("")
@needs("fleet.read")
def thing_list() -> Response:
    """Vehicles, then kit by kind, each with where it is now."""
    now = clock.now()
    with reading() as session:
        vehicles, kit = queries.vehicles(session), queries.items(session)
        until = now + timedelta(microseconds=1)
        current = {
            thing: rules.where(taken, now)
            for kind in Holder
            for thing, taken in queries.promises(session, kind, None, since=now, until=until).items()
        }
    groups = [(kind, list(found)) for kind, found in groupby(kit, key=lambda one: one.kind)]
    return page("fleet/thing_list.html", vehicles=vehicles, groups=groups, current=current, where=rules.where_words)


# -- one thing --------------------------------------------------------------------------------------------------


def load(session: Session, vehicle_id: UUID | None, item_id: UUID | None) -> VehicleRow | ItemRow:
    """The vehicle or the item of an address. Refuses (NotFound) an unknown one."""
    found: VehicleRow | ItemRow | None = None
    if vehicle_id is not None:
        found = queries.vehicle(session, vehicle_id)
    elif item_id is not None:
        found = queries.item(session, item_id)
    if found is None:
        raise NotFound
    return found


def address(name: str, thing: VehicleRow | ItemRow) -> str:
    """The address of a view of this thing."""
    if thing.holder is Holder.VEHICLE:
        return url_for(f"fleet.{name}", vehicle_id=thing.id)
    return url_for(f"fleet.{name}", item_id=thing.id)


@bp.get("/vehicles/<uuid:vehicle_id>")
@bp.get("/items/<uuid:item_id>")
@needs("fleet.read")
def thing_show(vehicle_id: UUID | None = None, item_id: UUID | None = None) -> Response:
    """One thing: where it is, what it is promised to, its time in the workshop, what lies in it, how far it went."""
    return show(vehicle_id, item_id, [], 200)


def show(vehicle_id: UUID | None, item_id: UUID | None, errors: Errors, status: int) -> Response:
    """The page of a thing."""
    now = clock.now()
    values: dict[str, Any] = {"errors": errors, "now": now}
    with reading() as session:
        thing = load(session, vehicle_id, item_id)
        coming = queries.promises(session, thing.holder, [thing.id], since=now).get(thing.id, [])
        values["outages"] = outages = queries.outages(session, thing.holder, thing.id)
        values["broken"] = {
            one.id: [
                each
                for each in queries.broken_by(session, thing.holder, thing.id, one.interval)
                if each.interval.ends_at > now
            ]
            for one in outages
            if one.ended_at is None and one.interval.ends_at > now
        }
        values["parts"] = queries.parts(session, thing.id) if item_id is not None else []
        rows = queries.readings(session, thing.id, since=now - _YEAR) if vehicle_id is not None else []
    values["drives"] = rules.distances([one.fact for one in rows])[::-1]
    values["reading_ids"] = {(one.fact.trip, one.fact.moment): one.id for one in rows}
    values |= {"thing": thing, "promises": [one for one in coming if one.source != rules.SOURCE]}
    values["where"] = rules.where_words(rules.where(coming, now))
    return page("fleet/thing_show.html", status=status, address=address, **values)


@bp.post("/vehicles/<uuid:vehicle_id>/active")
@bp.post("/items/<uuid:item_id>/active")
@needs("fleet.manage")
def thing_active(vehicle_id: UUID | None = None, item_id: UUID | None = None) -> Response:
    """Retire a thing, or bring it back."""
    with reading() as session:
        thing = load(session, vehicle_id, item_id)
    wanted = request.form.get("active")
    if wanted not in {"yes", "no"}:
        abort(422)
    try:
        with transaction() as session:
            service.set_active(
                session,
                thing.holder,
                thing.id,
                wanted == "yes",
                revision=forms.whole(request.form.get("revision")),
                actor=staff(current_user.id),
                now=clock.now(),
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return show(vehicle_id, item_id, [(None, refusal.sentence)], refusal.status)
    return go(address("thing_show", thing))


# -- vehicles ---------------------------------------------------------------------------------------------------


def _vehicle_page(
    form: forms.VehicleForm, errors: Errors, status: int, *, thing: VehicleRow | None = None, key: str = ""
) -> Response:
    return page("fleet/vehicle_edit.html", status=status, form=form, errors=errors, thing=thing, key=key)


@bp.get("/vehicles/new")
@needs("fleet.manage")
def vehicle_new() -> Response:
    """The empty form of a vehicle."""
    return _vehicle_page(forms.VehicleForm(), [], 200, key=new_key())


@bp.post("/vehicles")
@needs("fleet.manage")
def vehicle_create() -> Response:
    """Add a vehicle."""
    key, form = read_key(request.form.get("key")), forms.VehicleForm(request.form)
    if key is None:
        abort(422)
    known = forms.vehicle_of(form)
    if known is None:
        return _vehicle_page(form, summary(form), 422, key=key)
    options: dict[str, Any] = {"form_key": key, "actor": staff(current_user.id), "now": clock.now()}
    try:
        vehicle_id = again_when_stale(lambda session: service.add_vehicle(session, known, **options))
    except Refusal as refusal:
        return _vehicle_page(form, refuse(form, refusal), refusal.status, key=key)
    return go(url_for(".thing_show", vehicle_id=vehicle_id))


@bp.get("/vehicles/<uuid:vehicle_id>/edit")
@needs("fleet.manage")
def vehicle_edit(vehicle_id: UUID) -> Response:
    """The form of a vehicle as it is."""
    thing = _vehicle(vehicle_id)
    return _vehicle_page(forms.vehicle_form(thing), [], 200, thing=thing)


def _vehicle(vehicle_id: UUID) -> VehicleRow:
    with reading() as session:
        found = queries.vehicle(session, vehicle_id)
    if found is None:
        raise NotFound
    return found


@bp.post("/vehicles/<uuid:vehicle_id>")
@needs("fleet.manage")
def vehicle_change(vehicle_id: UUID) -> Response:
    """Keep the changes. A form of an older revision comes back with 409; all typed stays."""
    thing, form = _vehicle(vehicle_id), forms.VehicleForm(request.form)
    known = forms.vehicle_of(form)
    if known is None:
        return _vehicle_page(form, summary(form), 422, thing=thing)
    options: dict[str, Any] = {
        "revision": forms.whole(form.revision.data),
        "actor": staff(current_user.id),
        "now": clock.now(),
    }
    try:
        with transaction() as session:
            service.change_vehicle(session, vehicle_id, known, **options)
    except NotFound:
        raise
    except Refusal as refusal:
        thing = _vehicle(vehicle_id)
        form.revision.data = str(thing.revision)
        return _vehicle_page(form, refuse(form, refusal), refusal.status, thing=thing)
    return go(url_for(".thing_show", vehicle_id=vehicle_id))


# -- kit --------------------------------------------------------------------------------------------------------


def _item_page(
    form: forms.ItemForm, errors: Errors, status: int, *, thing: ItemRow | None = None, key: str = ""
) -> Response:
    with reading() as session:
        cases = [
            one
            for one in queries.items(session, active_only=True)
            if one.kind is Kind.CASE and one.part_of is None and (thing is None or one.id != thing.id)
        ]
    forms.fill_item(form, cases)
    return page("fleet/item_edit.html", status=status, form=form, errors=errors, thing=thing, key=key)


@bp.get("/items/new")
@needs("fleet.manage")
def item_new() -> Response:
    """The empty form of an item of kit."""
    return _item_page(forms.ItemForm(), [], 200, key=new_key())


@bp.post("/items")
@needs("fleet.manage")
def item_create() -> Response:
    """Add an item of kit."""
    key, form = read_key(request.form.get("key")), forms.ItemForm(request.form)
    if key is None:
        abort(422)
    known = forms.item_of(form)
    if known is None:
        return _item_page(form, summary(form), 422, key=key)
    options: dict[str, Any] = {"form_key": key, "actor": staff(current_user.id), "now": clock.now()}
    try:
        item_id = again_when_stale(lambda session: service.add_item(session, known, **options))
    except Refusal as refusal:
        return _item_page(form, refuse(form, refusal), refusal.status, key=key)
    return go(url_for(".thing_show", item_id=item_id))


@bp.get("/items/<uuid:item_id>/edit")
@needs("fleet.manage")
def item_edit(item_id: UUID) -> Response:
    """The form of an item as it is."""
    thing = _item(item_id)
    return _item_page(forms.item_form(thing), [], 200, thing=thing)


def _item(item_id: UUID) -> ItemRow:
    with reading() as session:
        found = queries.item(session, item_id)
    if found is None:
        raise NotFound
    return found


@bp.post("/items/<uuid:item_id>")
@needs("fleet.manage")
def item_change(item_id: UUID) -> Response:
    """Keep the changes. A form of an older revision comes back with 409; all typed stays."""
    thing, form = _item(item_id), forms.ItemForm(request.form)
    known = forms.item_of(form)
    if known is None:
        return _item_page(form, summary(form), 422, thing=thing)
    options: dict[str, Any] = {
        "revision": forms.whole(form.revision.data),
        "actor": staff(current_user.id),
        "now": clock.now(),
    }
    try:
        with transaction() as session:
            service.change_item(session, item_id, known, **options)
    except NotFound:
        raise
    except Refusal as refusal:
        thing = _item(item_id)
        form.revision.data = str(thing.revision)
        return _item_page(form, refuse(form, refusal), refusal.status, thing=thing)
    return go(url_for(".thing_show", item_id=item_id))
