"""Workshop time, and readings of the odometer that were typed wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import abort, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.fleet import forms, queries, service
from fieldops.core.fleet.routes import bp
from fieldops.core.fleet.routes.things import address, load
from fieldops.core.fleet.rules import Holder
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, read_key, refuse, summary
from fieldops.kit.indonesian import clock_time
from fieldops.kit.page import go, page

if TYPE_CHECKING:
    from flask import Response

    from fieldops.core.fleet.queries import ItemRow, ReadingRow, VehicleRow

Errors = list[tuple[str | None, str]]


def _outage_page(
    thing: VehicleRow | ItemRow, form: forms.OutageForm, key: str, errors: Errors, status: int
) -> Response:
    return page("fleet/outage_new.html", status=status, thing=thing, form=form, key=key, errors=errors, address=address)


@bp.get("/vehicles/<uuid:vehicle_id>/workshop")
@bp.get("/items/<uuid:item_id>/workshop")
@needs("fleet.manage")
def outage_new(vehicle_id: UUID | None = None, item_id: UUID | None = None) -> Response:
    """From when to when a thing cannot be used; from now on unless something else is typed."""
    with reading() as session:
        thing = load(session, vehicle_id, item_id)
    now = clock.now()
    typed = {"starts_on": clock.office_day(now).isoformat(), "starts": clock_time(now, clock.ZONE), "ends": "16.00"}
    return _outage_page(thing, forms.OutageForm(data=typed), new_key(), [], 200)


@bp.post("/vehicles/<uuid:vehicle_id>/workshop")
@bp.post("/items/<uuid:item_id>/workshop")
@needs("fleet.manage")
def outage_create(vehicle_id: UUID | None = None, item_id: UUID | None = None) -> Response:
    """Note it, whoever was promised the thing; its page then says whose trips it breaks."""
    with reading() as session:
        thing = load(session, vehicle_id, item_id)
    key, form = read_key(request.form.get("key")), forms.OutageForm(request.form)
    if key is None:
        abort(422)
    interval = forms.outage_of(form)
    if interval is None:
        return _outage_page(thing, form, key, summary(form), 422)
    try:
        again_when_stale(
            lambda session: service.put_outage(
                session,
                holder_kind=thing.holder,
                holder_id=thing.id,
                interval=interval,
                reason=form.reason.data or "",
                form_key=key,
                actor=staff(current_user.id),
                now=clock.now(),
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _outage_page(thing, form, key, refuse(form, refusal), refusal.status)
    return go(address("thing_show", thing))


@bp.post("/outages/<uuid:outage_id>/end")
@needs("fleet.manage")
def outage_end(outage_id: UUID) -> Response:
    """The thing is back, or does not go."""
    with reading() as session:
        row = queries.outage(session, outage_id)
        if row is None:
            raise NotFound
        is_vehicle = row.holder_kind is Holder.VEHICLE
        thing = load(session, row.holder_id if is_vehicle else None, None if is_vehicle else row.holder_id)
    with transaction() as session:
        service.end_outage(session, outage_id, actor=staff(current_user.id), now=clock.now())
    return go(address("thing_show", thing))


# -- the odometer -----------------------------------------------------------------------------------------------


def _reading(reading_id: UUID) -> tuple[ReadingRow, VehicleRow]:
    with reading() as session:
        row = queries.reading(session, reading_id)
        vehicle = queries.vehicle(session, row.vehicle_id) if row else None
    if row is None or vehicle is None:
        raise NotFound
    return row, vehicle


def _reading_page(
    row: ReadingRow, vehicle: VehicleRow, form: forms.ReadingForm, errors: Errors, status: int
) -> Response:
    return page("fleet/reading_edit.html", status=status, row=row, vehicle=vehicle, form=form, errors=errors)


@bp.get("/readings/<uuid:reading_id>")
@needs("fleet.manage")
def reading_edit(reading_id: UUID) -> Response:
    """A reading, to be corrected."""
    row, vehicle = _reading(reading_id)
    typed = {"km": row.fact.km, "day": clock.office_day(row.fact.at).isoformat()}
    form = forms.ReadingForm(data={**typed, "at": clock_time(row.fact.at, clock.ZONE)})
    return _reading_page(row, vehicle, form, [], 200)


@bp.post("/readings/<uuid:reading_id>")
@needs("fleet.manage")
def reading_change(reading_id: UUID) -> Response:
    """Correct a reading; the audit keeps what it was."""
    row, vehicle = _reading(reading_id)
    form = forms.ReadingForm(request.form)
    known = forms.reading_of(form)
    if known is None:
        return _reading_page(row, vehicle, form, summary(form), 422)
    km, at = known
    fact = row.fact
    if at == fact.at.replace(second=0, microsecond=0):
        at = fact.at  # the form knows no seconds
    try:
        with transaction() as session:
            service.put_reading(
                session,
                row.vehicle_id,
                source=fact.source,
                ref=fact.ref,
                moment=fact.moment,
                km=km,
                at=at,
                actor=staff(current_user.id),
                now=clock.now(),
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return _reading_page(row, vehicle, form, refuse(form, refusal), refusal.status)
    return go(url_for(".thing_show", vehicle_id=row.vehicle_id))
