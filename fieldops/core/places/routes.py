"""Sites: look, add, change, take out of the lists."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint, abort, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.places import forms, queries, service
from fieldops.core.places.rules import ChangedMeanwhile
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, options, read_key, refuse, summary
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from flask import Response

    from fieldops.core.places.queries import SiteDetail

bp = Blueprint("places", __name__, url_prefix="/sites")

Errors = list[tuple[str | None, str]]


@bp.get("")
@needs("site.read")
def site_list() -> Response:
    """Active sites by kecamatan, or those that are not used any more."""
    active = request.args.get("active") != "no"
    with reading() as session:
        found = queries.all_sites(session, active=active)
    by_area = [(name, list(some)) for name, some in groupby(found, key=_heading)]
    return private(page("places/list.html", by_area=by_area, active=active))


def _heading(site: SiteDetail) -> str:
    return "Kantor" if site.is_office else site.area_name or "Tanpa kecamatan"


def _load(site_id: UUID) -> SiteDetail:
    with reading() as session:
        found = queries.site(session, site_id)
    if found is None:
        raise NotFound
    return found


@bp.get("/<uuid:site_id>")
@needs("site.read")
def site_show(site_id: UUID) -> Response:
    """One site: where it is, whom to call, whether there is a signal and power."""
    return private(page("places/show.html", site=_load(site_id), errors=[]))


def _form_page(
    form: forms.SiteForm, errors: Errors, status: int, *, site: SiteDetail | None = None, key: str = ""
) -> Response:
    with reading() as session:
        areas = queries.areas(session, level="kecamatan")
    form.area.choices = options([("", "Pilih"), *((one.code, queries.area_label(one)) for one in areas)])
    return private(page("places/edit.html", status=status, form=form, site=site, key=key, errors=errors))


@bp.get("/new")
@needs("site.manage")
def site_new() -> Response:
    """An empty form."""
    return _form_page(forms.SiteForm(data={"has_signal": True}), [], 200, key=new_key())


@bp.post("")
@needs("site.manage")
def site_create() -> Response:
    """A new site."""
    key = read_key(request.form.get("key"))
    if key is None:
        abort(422)
    form = forms.SiteForm(request.form)
    facts = forms.read_site(form)
    if facts is None:
        return _form_page(form, summary(form), 422, key=key)
    try:
        site_id = again_when_stale(
            lambda session: service.add(session, facts, form_key=key, actor=staff(current_user.id), now=clock.now())
        )
    except Refusal as refusal:
        return _form_page(form, refuse(form, refusal), refusal.status, key=key)
    return go(url_for(".site_show", site_id=site_id))


@bp.get("/<uuid:site_id>/edit")
@needs("site.manage")
def site_edit(site_id: UUID) -> Response:
    """The form with what is known, and the revision at which it was drawn."""
    site = _load(site_id)
    return _form_page(forms.SiteForm(data=forms.values_of(site)), [], 200, site=site)


@bp.post("/<uuid:site_id>/edit")
@needs("site.manage")
def site_change(site_id: UUID) -> Response:
    """Keep the changes. A form of an older revision comes back with 409; all typed stays."""
    site = _load(site_id)
    form = forms.SiteForm(request.form)
    facts = forms.read_site(form, office=site.is_office)
    if facts is None:
        return _form_page(form, summary(form), 422, site=site)
    typed = form.revision.data or ""
    revision = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
    try:
        with transaction() as session:
            service.change(session, site_id, facts, revision=revision, actor=staff(current_user.id), now=clock.now())
    except NotFound:
        raise
    except ChangedMeanwhile as refusal:
        site = _load(site_id)
        form.revision.data = str(site.revision)
        return _form_page(form, refuse(form, refusal), refusal.status, site=site)
    except Refusal as refusal:
        return _form_page(form, refuse(form, refusal), refusal.status, site=site)
    return go(url_for(".site_show", site_id=site_id))


@bp.post("/<uuid:site_id>/active")
@needs("site.manage")
def site_switch(site_id: UUID) -> Response:
    """Take a site out of the lists to choose from, or put it back."""
    wanted = request.form.get("active")
    site = _load(site_id)
    if wanted not in {"yes", "no"}:
        abort(422)
    try:
        with transaction() as session:
            service.set_active(session, site_id, wanted == "yes", actor=staff(current_user.id), now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        errors = [(None, refusal.sentence)]
        return private(page("places/show.html", status=refusal.status, site=site, errors=errors))
    return go(url_for(".site_show", site_id=site_id))
