"""Words of letters, how their numbers are read and written, and what is refused."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from fieldops.kit.errors import NotFound, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

LONGEST_NUMBER: Final = 60
LONGEST_REASON: Final = 300
HEAD: Final = "head"
"""The part of a letter's content that is the office's stationery. Another telephone number makes no letter old."""

# Capitals, digits and the signs between them: WIM.18-1623.PR.01.01, W.18.IMI.1-UM.01.01-4562, 12/ST/2026.
_NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./()_-]*")


class Kind(StrEnum):
    """What letters there are. Each kind counts its own numbers."""

    ASSIGNMENT = "surat-tugas"

    @property
    def label(self) -> str:
        return {"surat-tugas": "Surat tugas"}[self.value]

    @property
    def code(self) -> str:
        """What stands for the kind in a register number."""
        return {"surat-tugas": "ST"}[self.value]


class State(StrEnum):
    """Of the versions of a letter at most one is issued."""

    ISSUED = "issued"
    VOID = "void"

    @property
    def label(self) -> str:
        return {"issued": "Berlaku", "void": "Tidak berlaku"}[self.value]


class TravelKind(StrEnum):
    """Kinds of travel on duty as PMK 113/PMK.05/2012, changed by PMK 119/2023, tells them apart."""

    BEYOND = "beyond"
    LONG = "long"
    SHORT = "short"

    @property
    def label(self) -> str:
        return {
            "beyond": "Perjalanan dinas melewati batas kota",
            "long": "Perjalanan dinas dalam kota lebih dari 8 jam",
            "short": "Perjalanan dinas dalam kota sampai dengan 8 jam",
        }[self.value]


def travel_kind(home: str, destination: str, away: timedelta) -> TravelKind:
    """The kind of a journey of `away` from one area to another, both by Kemendagri code (`64.74`, `64.08.13`).

    Beyond the city means another kabupaten or kota, however near. Refuses with ValueError a code that names none.
    """
    if any(re.fullmatch(r"\d\d\.\d\d(\.\d+)*", code) is None for code in (home, destination)):
        raise ValueError(f"no kabupaten or kota in {home!r} or {destination!r}")
    if home[:5] != destination[:5]:
        return TravelKind.BEYOND
    return TravelKind.LONG if away.total_seconds() > 8 * 3600 else TravelKind.SHORT


def register(number: int) -> str:
    """`001`, `042`, `1234`: a number as the register writes it."""
    return f"{number:03d}"


def register_number(kind: Kind, number: int, year: int) -> str:
    """`001/ST/2026`: the number that FieldOps gave, beside which the office's own may stand."""
    return f"{register(number)}/{kind.code}/{year}"


def version_text(version: int) -> str:
    """`versi 2`."""
    return f"versi {version}"


class WrongNumber(Refusal):
    sentence = (
        f"Tulis nomor resmi seperti WIM.18-1623.PR.01.01, paling banyak {LONGEST_NUMBER} tanda: huruf, angka, titik, "
        "garis miring, atau tanda hubung. Boleh dikosongkan."
    )
    field = "official_number"


class NothingChanged(Refusal):
    sentence = (
        "Surat ini sudah terbit dan isinya sama: tidak ada yang berubah, jadi tidak perlu versi baru. "
        "Cetak lagi versi yang berlaku."
    )


class NobodySent(Refusal):
    sentence = "Surat tugas perlu paling sedikit satu petugas. Isi dulu petugasnya."
    field = "crew"


class NeedReason(Refusal):
    sentence = "Tulis alasan surat ini tidak berlaku lagi."
    field = "reason"


class LongReason(Refusal):
    sentence = f"Alasan paling banyak {LONGEST_REASON} huruf. Persingkat sedikit."
    field = "reason"


class AlreadySent(Refusal):
    sentence = "Formulir ini sudah dikirim untuk surat lain. Muat ulang halamannya, lalu coba lagi."
    status = 409


class NoLetter(NotFound):
    sentence = "Surat ini tidak ditemukan. Periksa lagi alamatnya, atau cari di daftar surat."


class UnknownCode(NotFound):
    sentence = (
        "Kode ini tidak dikenal di FieldOps, jadi suratnya tidak bisa diperiksa di sini. Pindai sekali lagi, atau "
        "tanyakan langsung ke kantor."
    )


class NumberStands(Refusal):
    sentence = (
        "Nomor resmi surat ini sudah tercatat dan ikut tercetak. Bila nomornya salah, terbitkan versi baru dari "
        "halaman perjalanannya."
    )
    field = "official_number"
    status = 409


class NotInForce(Refusal):
    sentence = "Versi ini tidak berlaku lagi, jadi nomornya tidak bisa diisi. Buka versi yang berlaku."
    status = 409


def read_official_number(typed: str | None) -> str:
    """The number that the office gives, as `WIM.18-1623.PR.01.01`; empty when it is not known yet.

    Blanks around it and doubled ones go. Refuses other signs and more than 60 (WrongNumber).
    """
    text = " ".join((typed or "").split())
    if text and (len(text) > LONGEST_NUMBER or _NUMBER.fullmatch(text) is None):
        raise WrongNumber
    return text


def read_void_reason(typed: str | None) -> str:
    """Why a letter is void. Refuses none (NeedReason) and more than 300 letters (LongReason)."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in typed or "").split())
    if not text:
        raise NeedReason
    if len(text) > LONGEST_REASON:
        raise LongReason
    return text


def same_content(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two contents say the same, a list as a tuple. The head does not count: new stationery makes no letter
    void."""
    return bool(_without_head(old) == _without_head(new))


def _without_head(content: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps({name: value for name, value in content.items() if name != HEAD}))
