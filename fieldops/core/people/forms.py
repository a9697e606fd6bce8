"""The shape of what is typed about people and to get in. Passwords and codes are never sent back into a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, Form, RadioField, SelectField, StringField

from fieldops.core.people.rules import Role, facts
from fieldops.core.people.rules.facts import Facts
from fieldops.kit.forms import Read, options

if TYPE_CHECKING:
    from fieldops.core.people.rules import Competence

ROLES = [(role.value, role.label) for role in Role]
COMPETENCES = [(one.value, one.label) for one in facts.RECORDED]

# Why a second step is taken away, and how it was made sure who asks. Words of a list: free text would hold names.
LOST = {
    "lost": "Ponsel hilang atau dicuri",
    "broken": "Ponsel rusak",
    "replaced": "Ponsel diganti, aplikasi tidak ikut pindah",
    "deleted": "Aplikasi autentikator terhapus",
}


class ProofForm(Form):
    """A password or a code, for changes that matter; asked for when the last proof is over ten minutes old."""

    proof = StringField("Kata sandi atau kode 6 angka Anda")


class SignInForm(Form):
    login = StringField("E-mail atau NIP")
    password = StringField("Kata sandi")


class CodeForm(ProofForm):
    code = StringField("Kode 6 angka")


class NewPasswordForm(ProofForm):
    password = StringField("Kata sandi baru")
    again = StringField("Ulangi kata sandi baru")


class PasskeyForm(ProofForm):
    name = Read("Nama perangkat ini", facts.read_device_name)


class DropForm(ProofForm):
    """Taking somebody's second step away."""

    reason = RadioField("Mengapa", choices=options(LOST.items()), validate_choice=False)
    seen = BooleanField("Saya sudah bertemu langsung dengan orangnya dan memeriksa kartu pegawai atau KTP-nya")


class _PersonForm(ProofForm):
    name = Read("Nama lengkap dan gelar", facts.read_name)
    nip = Read("NIP", facts.read_nip)
    rank = Read("Pangkat dan golongan", facts.read_text)
    section = Read("Seksi", facts.read_text)
    role = SelectField("Peran", choices=options(ROLES), validate_choice=False, default=Role.OFFICER.value)
    email = Read("E-mail", facts.read_email)
    revision = StringField()


PersonForm: type[Any] = type(
    "PersonForm",
    (_PersonForm,),
    {"__doc__": "A member of staff.", **{f"can_{value}": BooleanField(label) for value, label in COMPETENCES}},
)


def values_of(known: Facts) -> dict[str, Any]:
    """What the form holds about somebody who is there already."""
    plain = {name: getattr(known, name) for name in ("name", "nip", "rank", "section", "email")}
    return {**plain, "role": known.role.value, **{f"can_{one.value}": True for one in known.competences}}


def read_facts(form: Any) -> Facts | None:
    """What was typed, understood; puts a sentence at each field that cannot be read and gives None then."""
    fine = form.validate()
    if form.role.data not in dict(ROLES):
        form.role.errors = ["Pilih peran dari daftar."]
        fine = False
    if not fine:
        return None
    return Facts(
        name=form.name.value,
        role=Role(form.role.data),
        section=form.section.value,
        nip=form.nip.value,
        rank=form.rank.value,
        email=form.email.value,
        competences=_competences(form),
    )


def _competences(form: Any) -> frozenset[Competence]:
    return frozenset(one for one in facts.RECORDED if form[f"can_{one.value}"].data)


def read_new_password(form: Any) -> str | None:
    """The new password when it was typed twice alike; else the sentence stands at its field."""
    typed, again = form.password.data or "", form.again.data or ""
    if not typed:
        form.password.errors = ["Isi kata sandi baru."]
    elif typed != again:
        form.again.errors = ["Belum sama dengan kata sandi di atasnya. Ketik ulang keduanya."]
    else:
        return typed
    return None
