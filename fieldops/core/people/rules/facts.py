"""What is written about a member of staff: each fact has a reader, for the form and for a sheet alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from fieldops.core.people.rules import Competence, Role
from fieldops.kit.errors import Refusal

MAX_NAME, MAX_TEXT, MAX_EMAIL = 120, 60, 200

RECORDED = tuple(Competence)
"""Competences that are written down. Whoever leads by his role need not have leading written down too."""

_ROLE_WORDS = {
    Role.OFFICER: ("petugas", "staf", "pelaksana", "officer"),
    Role.SUPERVISOR: ("kasubsi", "kepala subseksi", "supervisor"),
    Role.TU: ("tata usaha", "tu", "kaur tata usaha"),
    Role.HEAD: ("kepala kantor", "kakanim", "head"),
    Role.ADMIN: ("administrator", "admin"),
    Role.AUDITOR: ("auditor",),
}
_COMPETENCE_WORDS = {
    Competence.LEAD: ("penanggung jawab", "lead"),
    Competence.VERIFICATION: ("verifikasi berkas", "verifikasi", "verification"),
    Competence.INTERVIEW: ("wawancara", "interview"),
    Competence.BIOMETRICS: ("biometrik", "foto biometrik", "biometrics"),
    Competence.DRIVER: ("pengemudi", "sopir", "driver"),
    Competence.PPNS: ("ppns", "penyidik"),
    Competence.INTELLIGENCE: ("intelijen", "intelligence"),
}


class WrongFact(Refusal):
    """One fact that cannot be read; the sentence says why."""


@dataclass(frozen=True)
class Facts:
    """All that is written about a person."""

    name: str
    role: Role
    section: str = ""
    nip: str = ""
    rank: str = ""
    email: str = ""
    competences: frozenset[Competence] = frozenset()


def _folded(typed: str) -> str:
    """White space folded, one form of each letter; refuses signs that nobody sees."""
    text = " ".join(unicodedata.normalize("NFC", typed).split())
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"} for sign in text):
        raise WrongFact("Ada tanda yang tidak terlihat di sini. Ketik ulang, jangan ditempel.")
    return text


def read_name(typed: str) -> str:
    """A full name with titles: letters of any script, dots, commas, apostrophes, hyphens, brackets, a slash."""
    name = _folded(typed)
    if not name:
        raise WrongFact("Isi nama lengkap.")
    if len(name) > MAX_NAME:
        raise WrongFact(f"Nama paling panjang {MAX_NAME} huruf, yang diisi {len(name)}.")
    strange = {sign for sign in name if not (sign.isalpha() or unicodedata.combining(sign) or sign in " .,'’‘`´-()/")}
    if strange or not name[0].isalpha():
        shown = f" Tanda yang tidak dikenal: {' '.join(sorted(strange))}" if strange else ""
        raise WrongFact(f"Nama berisi huruf, titik, koma, dan petik saja, dan diawali huruf.{shown}")
    return name


def read_nip(typed: str) -> str:
    """An NIP of 18 digits, or nothing: birthday, month of appointment (21 for contracts), sex, number."""
    text = unicodedata.normalize("NFKC", typed)
    nip = re.sub(r"[\s.\-]", "", text)
    if not nip:
        return ""
    if not (nip.isascii() and nip.isdigit()):
        raise WrongFact("NIP hanya berisi angka.")
    if len(nip) != 18:
        raise WrongFact(f"NIP terdiri atas 18 angka, yang diisi {len(nip)}.")
    try:
        born = date(int(nip[:4]), int(nip[4:6]), int(nip[6:8]))
    except ValueError:
        raise WrongFact("Delapan angka pertama NIP adalah tanggal lahir, misalnya 19870315. Periksa lagi.") from None
    if born.year < 1930 or not (
        int(nip[8:12]) - born.year >= 15 and (1 <= int(nip[12:14]) <= 12 or nip[12:14] == "21")
    ):
        raise WrongFact("Angka ke-9 sampai ke-14 NIP adalah tahun dan bulan pengangkatan. Periksa lagi.")
    if nip[14] not in "12":
        raise WrongFact("Angka ke-15 NIP adalah 1 (laki-laki) atau 2 (perempuan). Periksa lagi.")
    return nip


def read_text(typed: str) -> str:
    """A rank or a section: a short text, or nothing."""
    text = _folded(typed)
    if len(text) > MAX_TEXT:
        raise WrongFact(f"Paling panjang {MAX_TEXT} huruf, yang diisi {len(text)}.")
    if text[:1] in {"=", "+", "@"}:
        raise WrongFact("Awali dengan huruf atau angka.")
    return text


def read_device_name(typed: str) -> str:
    """What somebody calls his phone."""
    text = _folded(typed)
    if not text:
        raise WrongFact("Beri nama, misalnya “Ponsel saya”.")
    if len(text) > 40:
        raise WrongFact(f"Paling panjang 40 huruf, yang diisi {len(text)}.")
    return text


def read_email(typed: str) -> str:
    """An address in lower case, or nothing. No line break gets through, so none can add a header to a letter."""
    text = unicodedata.normalize("NFKC", typed).strip().lower()
    if not text:
        return ""
    if len(text) > MAX_EMAIL:
        raise WrongFact(f"E-mail paling panjang {MAX_EMAIL} huruf.")
    if not re.fullmatch(
        r"[a-z0-9](?:[a-z0-9._+\-]*[a-z0-9_+\-])?@(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,24}", text
    ):
        raise WrongFact("E-mail ditulis seperti nama@imigrasi.go.id.")
    if ".." in text:
        raise WrongFact("E-mail ditulis seperti nama@imigrasi.go.id.")
    return text


def read_role(typed: str) -> Role:
    """A role by its word on the screen, its code, or what people call it."""
    text = " ".join(typed.casefold().replace(".", " ").split())
    for role, words in _ROLE_WORDS.items():
        if text in words:
            return role
    known = ", ".join(role.label for role in Role)
    if not text:
        raise WrongFact(f"Isi peran: {known}.")
    raise WrongFact(f"Peran ini tidak dikenal. Yang ada: {known}.")


def read_competences(typed: str) -> frozenset[Competence]:
    """Competences in one cell, parted by commas, semicolons or slashes."""
    found = set()
    for part in re.split(r"[,;/\n]| dan ", typed):
        text = " ".join(part.casefold().split())
        if not text:
            continue
        one = next((one for one, words in _COMPETENCE_WORDS.items() if text in words), None)
        if one is None:
            known = ", ".join(one.label for one in RECORDED)
            raise WrongFact(f"Kompetensi “{text[:40]}” tidak dikenal. Yang ada: {known}.")
        found.add(one)
    return frozenset(found)


def show_competences(found: Iterable[Competence]) -> str:
    """Their words, always in one order."""
    return ", ".join(one.label for one in RECORDED if one in set(found))


def read_sign_in_name(typed: str) -> tuple[str, str]:
    """('email', …) or ('nip', …): what somebody types to sign in. Never refuses: a wrong one is found nowhere."""
    text = unicodedata.normalize("NFKC", typed).strip().lower()[:MAX_EMAIL]
    digits = re.sub(r"[\s.\-]", "", text)
    return ("nip", digits) if digits.isdigit() else ("email", text)
