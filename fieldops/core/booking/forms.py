"""The shape of what people type. Every field is read by a rule; what was typed stays."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wtforms import Form, RadioField, StringField

from fieldops.core.booking import rules
from fieldops.kit.forms import Read, options

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICES = [(one.value, one.label) for one in rules.Service]
HELPS = [("", "Tidak perlu"), *[(one.value, one.label) for one in rules.Help]]
_WHO_IS_FIRST = "Kursi prioritas untuk lansia, disabilitas, balita, dan ibu hamil. Pilih salah satu."


def _nik_or_kept(typed: str) -> str:
    """On a correction the stored NIK may stay: it cannot be shown again, because it is not kept."""
    return rules.read_nik(typed) if typed.strip() else ""


@lru_cache(maxsize=16)
def data_form(people: int, *, correcting: bool, priority: bool) -> type[Form]:
    """The data page for a number of people: `name_1`, `nik_1`, `service_1`, `help_1`, …, and one phone.

    A priority seat needs to know why for at least one person, which is checked in `choices_are_known`: nothing is
    chosen beforehand, and who comes alone cannot need nothing.
    """
    fields: dict[str, Any] = {}
    for n in range(1, people + 1):
        who = f" orang ke-{n}" if people > 1 else ""
        fields[f"name_{n}"] = Read(f"Nama lengkap{who} sesuai KTP", rules.read_name)
        fields[f"nik_{n}"] = Read(f"NIK{who}", _nik_or_kept if correcting else rules.read_nik)
        fields[f"service_{n}"] = RadioField(
            f"Keperluan{who}", choices=options(SERVICES), validate_choice=False, default=rules.Service.NEW.value
        )
        fields[f"help_{n}"] = RadioField(
            f"Perlu bantuan khusus{who}" + ("" if priority else " (opsional)"),
            choices=options(HELPS[1:] if priority and people == 1 else HELPS),
            validate_choice=False,
            default=None if priority else "",
        )
    fields["phone"] = Read("Nomor ponsel atau WhatsApp", rules.read_phone)
    fields["session"] = StringField("Sesi")
    return type("DataForm", (Form,), fields)


def choices_are_known(form: Form, people: int, *, priority: bool) -> bool:
    """Check the radios by hand, with sentences of ours; True when all are fine."""
    fine = True
    for n in range(1, people + 1):
        service, help_ = form[f"service_{n}"], form[f"help_{n}"]
        if service.data not in dict(SERVICES):
            service.errors = ["Pilih keperluan: paspor baru atau penggantian."]
            fine = False
        if priority and people == 1 and help_.data not in dict(HELPS[1:]):
            help_.errors = [_WHO_IS_FIRST]
            fine = False
        elif help_.data not in dict(HELPS):
            help_.errors = ["Pilih salah satu jenis bantuan, atau “Tidak perlu”."]
            fine = False
    if fine and priority and not any(form[f"help_{n}"].data for n in range(1, people + 1)):
        form["help_1"].errors = [_WHO_IS_FIRST]
        fine = False
    return fine


def niks_are_there(form: Form, people: int, *, kept: int) -> bool:
    """On a correction the first `kept` people may keep their NIK; everybody else types one. True when all are fine."""
    fine = True
    for n in range(kept + 1, people + 1):
        nik = form[f"nik_{n}"]
        if not nik.errors and not nik.value:
            nik.errors = [rules.WrongNik.sentence]
            fine = False
    return fine


class WalkInForm(Form):
    """Somebody at the desk without a booking. The NIK may be left out when there is no time."""

    session = RadioField("Sesi", choices=[], validate_choice=False)
    name = Read("Nama lengkap sesuai KTP", rules.read_name)
    nik = Read("NIK", _nik_or_kept)
    service = RadioField("Keperluan", choices=options(SERVICES), default=rules.Service.NEW.value)
    help = RadioField("Perlu bantuan khusus (opsional)", choices=options(HELPS), default="")


class FindForm(Form):
    """Find a ticket again."""

    code = StringField("Kode tiket")
    last4 = StringField("4 angka terakhir nomor ponsel")


def people_in(values: Mapping[str, str]) -> int:
    """How many people a form is for: 1 to 4, anything else reads as 1."""
    typed = values.get("people", "1")
    return int(typed) if typed in {"1", "2", "3", "4"} else 1
