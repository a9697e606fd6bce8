"""The people of the tests. 647499 is no kecamatan, so no NIK here can be anybody's."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Final

from fieldops.core.booking.rules import Help, Service
from fieldops.core.booking.service.holds import PersonIn


def nik(number: int) -> str:
    """The NIK of the cast's person with this number."""
    return f"647499{number:010d}"


def phone(number: int) -> str:
    """A mobile number in E.164 that belongs to the tests."""
    return f"+62812990{number:05d}"


SITI: Final = PersonIn("Siti Nurhaliza Binti Arifin", nik(1), Service.NEW)
SUHARTO: Final = PersonIn("Suharto", nik(2), Service.REPLACEMENT)
NURAINI: Final = PersonIn("Nur'aini Kusumawardhani", nik(3), Service.NEW)
DSOUZA: Final = PersonIn("Maria D’Souza", nik(4), Service.REPLACEMENT)
MARKUP: Final = PersonIn("<b>Tono\"'& Tini</b>", nik(5), Service.NEW)
LONG: Final = PersonIn(("Abdurrahmansyah " * 7)[:100].strip().ljust(100, "h"), nik(6), Service.NEW)
GRANDMOTHER: Final = PersonIn("Oma Wilhelmina", nik(7), Service.REPLACEMENT, Help.ELDERLY.value)
BUDI: Final = PersonIn("Budi Santoso", nik(8), Service.NEW)
FAMILY: Final = (SITI, BUDI, SUHARTO)

NAMES: Final = tuple(who.name for who in (SITI, SUHARTO, NURAINI, DSOUZA, MARKUP, LONG, GRANDMOTHER, BUDI))
SITI_PHONE: Final = phone(1)

_numbers = count(1000)


def stranger(**changes: object) -> PersonIn:
    """Somebody new: another name and NIK at every call."""
    number = next(_numbers)
    return replace(PersonIn(f"Pemohon Nomor {number}", nik(number), Service.NEW), **changes)  # type: ignore[arg-type]


def strange_phone() -> str:
    """A phone number that nobody used yet."""
    return phone(next(_numbers))
