"""When a report may be closed, as rules: counts that agree, and what is still missing. No database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fieldops.kit.errors import Refusal, Stale
from fieldops.kit.indonesian import join_words

MAX_WORDS: Final = 2000
MAX_INCIDENT: Final = 600


class BackState(StrEnum):
    """How a thing came back. A missing or damaged one leaves a task with an owner."""

    GOOD = "good"
    DAMAGED = "damaged"
    MISSING = "missing"

    @property
    def label(self) -> str:
        return {"good": "Kembali baik", "damaged": "Rusak", "missing": "Tidak kembali"}[self.value]


@dataclass(frozen=True)
class Counts:
    """People of a trip by what became of them. `booked` are all who had a place, walk-ins too."""

    booked: int = 0
    arrived: int = 0
    returned: int = 0
    served: int = 0
    issued: int = 0
    no_show: int = 0
    walk_in: int = 0
    collective: int = 0
    cancelled: int = 0

    @property
    def in_process(self) -> int:
        """Served, and the passport is not issued yet: no output so far."""
        return self.served - self.issued

    @property
    def waiting(self) -> int:
        """Came, and nobody has said what became of them."""
        return self.arrived - self.served - self.returned


@dataclass(frozen=True)
class Ready:
    """What the gate looks at. Names are of vehicles and items."""

    is_over: bool
    summary: str
    readings_missing: tuple[str, ...]
    not_checked: tuple[str, ...]
    blanks_open: int
    has_incident: bool
    has_photo: bool
    without_outcome: int
    crew_present: int
    crew_unmarked: tuple[str, ...] = ()
    grace_over: bool = True


class Where(StrEnum):
    """The part of the pages where something that is missing is mended: a heading of the day's page, the people's list,
    or an input of the report."""

    CREW = "crew"
    PEOPLE = "people"
    ODOMETER = "odometer"
    OUT = "out"
    BLANKS = "blanks"
    INCIDENTS = "incidents"
    PHOTOS = "photos"
    SUMMARY = "summary"


@dataclass(frozen=True)
class Lack:
    """Something that keeps a report open; nothing but waiting helps where `where` is None."""

    sentence: str
    where: Where | None = None


def lacking(ready: Ready) -> list[Lack]:
    """Everything that keeps a report from being closed, a sentence each; nothing when it may be."""
    found = []
    if not ready.is_over:
        found.append(Lack("Perjalanan belum selesai."))
    if not ready.crew_present:
        found.append(Lack("Belum ada anggota tim yang dicatat hadir.", Where.CREW))
    elif ready.crew_unmarked and not ready.grace_over:
        told = (
            f"Belum dicatat hadir: {join_words(ready.crew_unmarked)}. Tandai hadir, atau tutup laporan sejam sesudah "
            "kembali; yang tidak ditandai dicatat tidak hadir."
        )
        found.append(Lack(told, Where.CREW))
    if ready.without_outcome:
        told = f"{ready.without_outcome} pemohon sudah hadir tetapi belum dicatat selesai atau berkas kurang."
        found.append(Lack(told, Where.PEOPLE))
    if ready.readings_missing:
        found.append(Lack(f"Angka odometer belum lengkap: {join_words(ready.readings_missing)}.", Where.ODOMETER))
    if ready.not_checked:
        found.append(Lack(f"Belum dicatat keluar atau kembalinya: {join_words(ready.not_checked)}.", Where.OUT))
    if ready.blanks_open:
        found.append(Lack(f"{ready.blanks_open} blangko belum dicatat dipakai, rusak, atau kembali.", Where.BLANKS))
    if not ready.has_incident:
        found.append(Lack("Tulis kejadian, atau centang bahwa tidak ada kejadian.", Where.INCIDENTS))
    if not ready.has_photo:
        found.append(Lack("Lampirkan foto, atau tulis mengapa tidak ada foto.", Where.PHOTOS))
    if not ready.summary.strip():
        found.append(Lack("Tulis ringkasan pelaksanaan.", Where.SUMMARY))
    return found


class ReportOpen(Refusal):
    """The gate is shut; the report's page lists all that is missing."""

    sentence = "Laporan belum bisa ditutup. Lengkapi dulu yang disebut di bawah."


class WrongWords(Refusal):
    sentence = "Tulisan ini terlalu panjang."


class WrittenMeanwhile(Stale):
    sentence = (
        "Laporan ini baru saja diubah orang lain. Tulisan Anda masih ada di bawah: salin yang perlu, muat ulang "
        "halaman, lalu simpan lagi."
    )


class TooSoon(Refusal):
    sentence = "Kehadiran baru bisa dicatat pada hari tugasnya."


class NotRunning(Refusal):
    sentence = "Perjalanan ini belum disetujui atau sudah ditutup, jadi pelaksanaannya tidak bisa dicatat."
    status = 409


def read_words(typed: str, *, field: str, most: int = MAX_WORDS) -> str:
    """A text of several lines; blanks at the ends of lines go, line breaks stay. Refuses one that is too long."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    seen = ("".join(sign if sign.isprintable() else " " for sign in line).rstrip() for line in lines)
    text = "\n".join(seen).strip()
    if len(text) > most:
        raise WrongWords(f"Paling panjang {most} huruf, yang diisi {len(text)}.", field=field)
    return text
