"""The shape of what a contact enters: one person, or a pasted list."""

from __future__ import annotations

from wtforms import Form, RadioField, TextAreaField

from fieldops.core.booking import rules
from fieldops.core.booking.forms import HELPS, SERVICES
from fieldops.kit.forms import Read, options

_SESSION = "Pilih salah satu sesi."
_SERVICE = "Pilih keperluan: paspor baru atau penggantian."


def _phone_or_none(typed: str) -> str:
    return rules.read_phone(typed) if typed.strip() else ""


class PersonForm(Form):
    """One person. Without a number of his own the contact's is kept."""

    session = RadioField("Sesi", choices=[], validate_choice=False)
    name = Read("Nama lengkap sesuai KTP", rules.read_name)
    nik = Read("NIK", rules.read_nik)
    phone = Read("Nomor ponsel orang ini", _phone_or_none)
    service = RadioField("Keperluan", choices=options(SERVICES), validate_choice=False, default=rules.Service.NEW.value)
    help = RadioField("Perlu bantuan khusus (opsional)", choices=options(HELPS), validate_choice=False, default="")


class ManyForm(Form):
    """A pasted list for one session."""

    session = RadioField("Sesi", choices=[], validate_choice=False)
    service = RadioField(
        "Keperluan semua orang di daftar ini",
        choices=options(SERVICES),
        validate_choice=False,
        default=rules.Service.NEW.value,
    )
    lines = TextAreaField("Daftar orang")


class MoveForm(Form):
    """Where the people of a session that is not to be go."""

    session = RadioField("Pindahkan ke", choices=[], validate_choice=False)


def choices_are_known(form: PersonForm | ManyForm | MoveForm) -> bool:
    """Check the radios by hand, with sentences of ours; True when all are fine."""
    known = {
        "session": ({str(one.value) for one in form.session.choices}, _SESSION),
        "service": (set(dict(SERVICES)), _SERVICE),
        "help": (set(dict(HELPS)), "Pilih salah satu jenis bantuan, atau “Tidak perlu”."),
    }
    fine = True
    for name, (values, sentence) in known.items():
        if name in form and form[name].data not in values:
            form[name].errors = [sentence]
            fine = False
    return fine
