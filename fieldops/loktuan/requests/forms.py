"""The shape of a request as typed, by the public or by an officer with a paper letter in his hand."""

from __future__ import annotations

from functools import partial

from wtforms import Form, RadioField, SelectField, StringField, TextAreaField

from fieldops.core.booking.rules import read_name, read_phone
from fieldops.core.places.rules import read_line
from fieldops.kit.errors import Refusal
from fieldops.kit.forms import Read, options, read_date, refuse
from fieldops.loktuan.requests import rules
from fieldops.loktuan.requests.rules import ApplicantKind, RequestFacts

KINDS = [(one.value, one.label) for one in ApplicantKind]


class RequestForm(Form):
    """One request. `letter` holds no value: it is where complaints about the file stand."""

    kind = RadioField("Siapa yang mengajukan?", choices=options(KINDS), validate_choice=False)
    organisation = Read(
        "Nama instansi, perusahaan, sekolah, atau kelompok",
        partial(read_line, most=120, needed="Isi nama instansi atau kelompok."),
    )
    contact_name = Read("Nama narahubung", read_name)
    phone = Read("Nomor ponsel atau WhatsApp narahubung", read_phone)
    area = SelectField("Kecamatan", choices=[], validate_choice=False)
    place = Read("Nama tempat", partial(read_line, most=120, needed="Isi nama tempatnya, misalnya Balai Desa."))
    address = Read("Alamat tempat", partial(read_line, needed="Isi alamatnya, supaya petugas sampai."))
    first = StringField("Dari tanggal")
    last = StringField("Sampai tanggal")
    people = Read("Perkiraan jumlah pemohon", rules.read_people)
    names = Read("Daftar nama", rules.read_names)
    note = Read("Catatan", partial(read_line, most=rules.LONGEST_NOTE))
    letter = StringField("Surat permohonan")


class DecisionForm(Form):
    reason = TextAreaField("Pesan untuk narahubung")


class FindForm(Form):
    """Find a request again."""

    code = StringField("Kode permintaan")
    last4 = StringField("4 angka terakhir nomor ponsel narahubung")


def read_request(form: RequestForm) -> RequestFacts | None:
    """What was typed, understood; puts a sentence at each field that cannot be read and gives None then."""
    fine = form.validate()
    kind = next((one for one in ApplicantKind if one.value == form.kind.data), None)
    if kind is None:
        form.kind.errors = [rules.WrongKind.sentence]
    if not form.area.data:
        form.area.errors = [rules.WrongArea.sentence]
    first = read_date(form.first.data)
    last = read_date(form.last.data) if (form.last.data or "").strip() else first
    if first is None:
        form.first.errors = [rules.WrongDays.sentence]
    elif last is None:
        form.last.errors = ["Isi tanggal seperti 30/11/2026, atau kosongkan untuk satu hari."]
    if not fine or kind is None or first is None or last is None or not form.area.data:
        return None
    return RequestFacts(
        kind=kind,
        organisation=form.organisation.value,
        contact_name=form.contact_name.value,
        phone=form.phone.value,
        area_code=form.area.data,
        place=form.place.value,
        address=form.address.value,
        wanted_from=first,
        wanted_to=last,
        people=form.people.value,
        names=form.names.value,
        note=form.note.value,
    )


def put_at_letter(form: RequestForm, refusal: Refusal | None, *, was_sent: bool) -> None:
    """What is wrong with the letter; or, when the rest is wrong, that the file has to be chosen once more."""
    if refusal is not None:
        refuse(form, refusal)
    elif was_sent and any(field.errors for field in form):
        form.letter.errors = ["Pilih lagi berkas suratnya: berkas tidak ikut tersimpan selama isian belum lengkap."]
