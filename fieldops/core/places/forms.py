"""The shape of what is typed about a site."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, Form, SelectField, StringField

from fieldops.core.places import rules
from fieldops.core.places.rules import SiteFacts
from fieldops.kit.errors import Refusal
from fieldops.kit.forms import Read, refuse
from fieldops.kit.indonesian import number

if TYPE_CHECKING:
    from fieldops.core.places.queries import SiteDetail


class SiteForm(Form):
    """One site. `revision` is the one the form was drawn from."""

    name = Read("Nama tempat", partial(rules.read_line, most=120, needed="Isi nama tempat."))
    address = Read("Alamat", partial(rules.read_line, needed="Isi alamat, supaya petugas dan pemohon sampai."))
    area = SelectField("Kecamatan", choices=[], validate_choice=False)
    latitude = Read("Lintang", rules.read_degree)
    longitude = Read("Bujur", rules.read_degree)
    contact_name = Read("Nama narahubung", partial(rules.read_line, most=100))
    contact_phone = Read("Telepon narahubung", rules.read_contact_phone)
    has_signal = BooleanField("Ada sinyal ponsel")
    signal_note = Read("Catatan sinyal", rules.read_line)
    power_note = Read("Catatan listrik", rules.read_line)
    revision = StringField()


def values_of(site: SiteDetail) -> dict[str, Any]:
    """What the form holds about a site that is there."""
    texts = ("name", "address", "contact_name", "contact_phone", "has_signal", "signal_note", "power_note", "revision")
    return {
        **{name: getattr(site, name) for name in texts},
        "area": site.area_code or "",
        "latitude": _degree(site.latitude),
        "longitude": _degree(site.longitude),
    }


def _degree(value: float | None) -> str:
    return "" if value is None else number(value, 6).rstrip("0").rstrip(",")


def read_site(form: SiteForm, *, office: bool = False) -> SiteFacts | None:
    """What was typed, understood; puts a sentence at each field that cannot be read and gives None then. The office's
    own name and address are not asked for."""
    fine = form.validate()
    if office:
        for fixed in (form.name, form.address):
            fixed.errors, fixed.value = [], fixed.value or ""
        fine = not any(field.errors for field in form)
    if not fine:
        return None
    try:
        rules.check_point(form.latitude.value, form.longitude.value)
    except Refusal as refusal:
        refuse(form, refusal)
        return None
    return SiteFacts(
        name=form.name.value,
        address=form.address.value,
        area_code=form.area.data or "",
        latitude=form.latitude.value,
        longitude=form.longitude.value,
        contact_name=form.contact_name.value,
        contact_phone=form.contact_phone.value,
        has_signal=bool(form.has_signal.data),
        signal_note=form.signal_note.value,
        power_note=form.power_note.value,
    )
