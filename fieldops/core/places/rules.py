"""What may be written about a site where the public is served."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from fieldops.kit.errors import Refusal, Stale

LONGEST: Final = 300
LATITUDES: Final = (-0.6, 2.3)
LONGITUDES: Final = (115.9, 119.2)
"""Bontang and Kutai Timur with some room around them: a point outside is a slip of the finger."""


@dataclass(frozen=True)
class SiteFacts:
    """All that a form says about a site. The point is in degrees; both parts are there or none is."""

    name: str
    address: str
    area_code: str
    latitude: float | None
    longitude: float | None
    contact_name: str
    contact_phone: str
    has_signal: bool
    signal_note: str
    power_note: str


def read_line(typed: str, *, most: int = LONGEST, needed: str = "") -> str:
    """A text in one line, white space folded, control signs dropped. Refuses more than `most` letters, and nothing at
    all when `needed` says what to fill in."""
    line = " ".join(unicodedata.normalize("NFC", typed).split())
    line = "".join(sign for sign in line if unicodedata.category(sign) not in {"Cc", "Cf", "Co", "Cs", "Cn"})
    if needed and not any(sign.isalnum() for sign in line):
        raise WrongText(needed)
    if len(line) > most:
        raise WrongText(f"Paling panjang {most} huruf, yang Anda isi {len(line)}.")
    return line


def read_contact_phone(typed: str) -> str:
    """A number to call, mobile or not, with its signs as typed; empty stays empty. Refuses what nobody can call."""
    number = " ".join(typed.split())
    if not number:
        return ""
    if not re.fullmatch(r"\+?[\d\s.()-]+", number, re.ASCII) or not 6 <= sum(sign.isdigit() for sign in number) <= 15:
        raise WrongText("Isi nomor telepon, misalnya 0812 3456 7890 atau 0548 123456.")
    return number[:20]


def read_degree(typed: str) -> float | None:
    """A latitude or longitude in decimal degrees, with a comma or a dot; None when nothing was typed."""
    plain = "".join(typed.split()).replace("−", "-").replace("°", "").replace(",", ".")
    if not plain:
        return None
    if not re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,12})?", plain, re.ASCII):
        raise WrongPoint("Isi angka desimal, misalnya 0,1324 atau 117.4854.")
    return round(float(plain), 6)


def check_point(latitude: float | None, longitude: float | None) -> None:
    """Refuses (WrongPoint) half a point, and one far outside of the working area; says so when the two were swapped."""
    if latitude is None and longitude is None:
        return
    if latitude is None:
        raise WrongPoint("Isi lintangnya juga, atau kosongkan keduanya.", field="latitude")
    if longitude is None:
        raise WrongPoint("Isi bujurnya juga, atau kosongkan keduanya.", field="longitude")
    if _is_near(latitude, longitude):
        return
    if _is_near(longitude, latitude):
        raise WrongPoint("Lintang dan bujur tertukar? Lintang di sini sekitar 0, bujur sekitar 117.", field="latitude")
    raise WrongPoint("Titik ini jauh di luar Bontang dan Kutai Timur. Periksa lagi angkanya.", field="latitude")


def _is_near(latitude: float, longitude: float) -> bool:
    return LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]


class WrongText(Refusal):
    sentence = "Isi bagian ini."


class WrongPoint(Refusal):
    sentence = "Titik ini belum benar. Periksa lintang dan bujurnya."


class WrongArea(Refusal):
    sentence = "Pilih kecamatan dari daftar."
    field = "area"


class NameTaken(Refusal):
    sentence = "Tempat dengan nama ini sudah ada, mungkin yang nonaktif. Cari di daftar, atau beri nama lain."
    field = "name"


class ChangedMeanwhile(Stale):
    sentence = "Data tempat ini baru saja diubah orang lain. Periksa isian di bawah, lalu simpan lagi bila masih benar."


class OfficeIsFixed(Refusal):
    sentence = "Kantor sendiri selalu aktif. Nama dan alamatnya diatur di pengaturan server."
