"""Who asks for the mobile service, for when and how many; the life of a request; what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from fieldops.core.booking.rules import WrongName, read_name
from fieldops.kit.errors import Refusal
from fieldops.kit.indonesian import long_date, short_date

LOOK_AHEAD: Final = 180
"""So many days ahead a date may be asked for."""
USUAL_PEOPLE: Final = 30
"""What the page says about how many come at least. It is told, and nobody is sent away for fewer."""
MAX_PEOPLE: Final = 2000
MAX_NAMES: Final = 2000
LONGEST_NOTE: Final = 600
LONGEST_REASON: Final = 300
ERASED: Final = "(dihapus)"


class ApplicantKind(StrEnum):
    """Who asks."""

    KECAMATAN = "kecamatan"
    COMPANY = "company"
    SCHOOL = "school"
    COMMUNITY = "community"

    @property
    def label(self) -> str:
        return {
            "kecamatan": "Kecamatan, kelurahan, atau desa",
            "company": "Perusahaan",
            "school": "Sekolah, kampus, atau pesantren",
            "community": "Komunitas atau kelompok warga",
        }[self.value]


class State(StrEnum):
    """The life of a request."""

    NEW = "new"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return {
            "new": "Menunggu jawaban",
            "accepted": "Diterima",
            "declined": "Belum bisa dipenuhi",
            "withdrawn": "Ditarik",
        }[self.value]

    @property
    def chip(self) -> str:
        """The kind of chip that shows it."""
        return {"new": "wait", "accepted": "ok", "declined": "bad", "withdrawn": "off"}[self.value]


OPEN: Final = frozenset({State.NEW, State.ACCEPTED})
"""Can still be withdrawn, and a letter can still be attached."""


@dataclass(frozen=True)
class RequestFacts:
    """All that a form says. `phone` is E.164; `wanted_from` and `wanted_to` are the office's days."""

    kind: ApplicantKind
    organisation: str
    contact_name: str
    phone: str
    area_code: str
    place: str
    address: str
    wanted_from: date
    wanted_to: date
    people: int
    names: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Rhythm:
    """How often the mobile service was in a kecamatan: trips of one month, planned ones too, and the last one that was.
    `month` is a day of a month that is not the current one."""

    in_month: int = 0
    last: date | None = None
    month: date | None = None

    @property
    def told(self) -> str:
        if self.in_month == 0 and self.last is None:
            return "belum pernah ada perjalanan"
        when = f"pada {' '.join(long_date(self.month).split()[-2:])}" if self.month else "bulan ini"
        told = f"{self.in_month or 'belum ada'} perjalanan {when}"
        return f"{told}, terakhir {short_date(self.last)}" if self.last else f"{told}, sebelumnya belum pernah"


def read_people(typed: str) -> int:
    """How many people it is for. Dots of thousands are fine; 1 to 2,000."""
    digits = "".join(typed.split()).replace(".", "")
    if not digits.isascii() or not digits.isdigit() or not 1 <= int(digits[:9]) <= MAX_PEOPLE:
        raise WrongPeople
    return int(digits)


def read_names(typed: str) -> tuple[str, ...]:
    """Full names, one a line; empty lines are left out. Refuses (WrongNames) a line that is no name, by its number."""
    lines = [(number, line) for number, line in enumerate(typed.splitlines(), 1) if line.strip()]
    if len(lines) > MAX_NAMES:
        raise WrongNames(f"Paling banyak {MAX_NAMES} nama, yang Anda isi {len(lines)}.")
    found = []
    for number, line in lines:
        try:
            found.append(read_name(line))
        except WrongName as wrong:
            raise WrongNames(f"Baris {number}: {wrong.sentence}") from wrong
    return tuple(found)


def check_days(first: date, last: date, today: date) -> None:
    """Refuses days that are over, in the wrong order or too far ahead."""
    if first < today:
        raise WrongDays("Tanggal ini sudah lewat. Isi tanggal hari ini atau sesudahnya.", field="first")
    if last < first:
        raise WrongDays("Tanggal akhir harus sama atau sesudah tanggal awal.", field="last")
    until = today + timedelta(days=LOOK_AHEAD)
    if last > until:
        raise WrongDays(f"Paling jauh {LOOK_AHEAD} hari ke depan, sampai {long_date(until)}.", field="last")


def days_told(first: date, last: date) -> str:
    """`Sabtu, 5 Desember 2026`, or two days with `sampai` between them."""
    return long_date(first) if first == last else f"{long_date(first)} sampai {long_date(last)}"


def due_for_erasure(*, state: State, wanted_to: date, decided_on: date | None, today: date, days: int) -> bool:
    """Whether contact and names have to go: `days` after the answer, or after the last wanted day when none came.

    An accepted request keeps its contact until the wanted days are over too: the trip is still to come.
    """
    ends = [wanted_to] if decided_on is None else [decided_on]
    if state is State.ACCEPTED:
        ends.append(wanted_to)
    return max(ends) + timedelta(days=days) < today


# -- refusals ---------------------------------------------------------------------------------------------------


class WrongPeople(Refusal):
    sentence = "Isi perkiraan jumlah orang dengan angka, 1 sampai 2.000."
    field = "people"


class WrongNames(Refusal):
    sentence = "Tulis satu nama per baris."
    field = "names"


class WrongDays(Refusal):
    sentence = "Isi tanggal yang diinginkan, misalnya 30/11/2026."
    field = "first"


class WrongKind(Refusal):
    sentence = "Pilih siapa yang mengajukan."
    field = "kind"


class WrongArea(Refusal):
    sentence = "Pilih kecamatan dari daftar."
    field = "area"


class KeyReused(Refusal):
    sentence = "Isian ini sudah terkirim dengan data lain. Buka halaman permintaan Anda, atau mulai permintaan baru."


class NeedReason(Refusal):
    sentence = "Tulis alasannya dengan ramah: yang mengajukan akan membacanya."
    field = "reason"


class Decided(Refusal):
    """Somebody was faster, or the contact withdrew it."""

    sentence = "Permintaan ini sudah dijawab atau sudah ditarik. Lihat keadaannya di halaman ini."
    status = 409


class NoLongerOpen(Refusal):
    sentence = "Permintaan ini sudah selesai, jadi tidak bisa diubah lagi. Ajukan permintaan baru bila perlu."
