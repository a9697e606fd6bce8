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


def lacking(ready: Ready) -> list[str]:
    """Everything that keeps a report from being closed, a sentence each; nothing when it may be."""
    found = []
    if not ready.is_over:
        found.append("Perjalanan belum selesai.")
    if not ready.crew_present:
        found.append("Belum ada anggota tim yang dicatat hadir.")
    elif ready.crew_unmarked and not ready.grace_over:
        found.append(
            f"Belum dicatat hadir: {join_words(ready.crew_unmarked)}. Tandai hadir, atau tutup laporan sejam sesudah "
            "kembali; yang tidak ditandai dicatat tidak hadir."
        )
    if ready.without_outcome:
        found.append(f"{ready.without_outcome} pemohon sudah hadir tetapi belum dicatat selesai atau berkas kurang.")
    if ready.readings_missing:
        found.append(f"Angka odometer belum lengkap: {join_words(ready.readings_missing)}.")
    if ready.not_checked:
        found.append(f"Belum dicatat keluar atau kembalinya: {join_words(ready.not_checked)}.")
    if ready.blanks_open:
        found.append(f"{ready.blanks_open} blangko belum dicatat dipakai, rusak, atau kembali.")
    if not ready.has_incident:
        found.append("Tulis kejadian, atau centang bahwa tidak ada kejadian.")
    if not ready.has_photo:
        found.append("Lampirkan foto, atau tulis mengapa tidak ada foto.")
    if not ready.summary.strip():
        found.append("Tulis ringkasan pelaksanaan.")
    return found


class ReportOpen(Refusal):
    """The gate is shut; the sentence names all that is missing."""

    sentence = "Laporan belum bisa ditutup."


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
