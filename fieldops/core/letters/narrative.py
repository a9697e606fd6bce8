"""The sentences of a trip's report, made of its figures. No figure is left out, and nought is said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldops.kit.clock import ZONE
from fieldops.kit.indonesian import date_time, in_words, join_words, number, plain_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fieldops.core.letters.documents import (
        BlankCounts,
        IncidentTold,
        KitBack,
        ServiceCounts,
        TripReportDoc,
        VehicleUsed,
    )


def capital(text: str) -> str:
    """The text with a capital in front, as a sentence begins."""
    return text[:1].upper() + text[1:]


def people(count: int) -> str:
    """`12 orang`."""
    return f"{number(count)} orang"


def basis(report: TripReportDoc) -> str:
    """On what the trip rests."""
    return (
        f"{capital(report.programme)} dilaksanakan berdasarkan surat tugas nomor {report.letter_number} "
        f"tanggal {plain_date(report.letter_day)}."
    )


def outcome(counts: ServiceCounts) -> list[str]:
    """What became of those who were booked and those who came, in sentences."""
    if not counts.booked and not counts.arrived:
        return ["Tidak ada yang terdaftar dan tidak ada yang datang."]
    said = [_came(counts)]
    if counts.arrived:
        said.append(_ways(counts))
        said.append(_served(counts))
    return said


def _came(counts: ServiceCounts) -> str:
    if not counts.booked:
        return f"Tidak ada yang terdaftar sebelumnya; {people(counts.arrived)} datang."
    begins = f"Terdaftar {people(counts.booked)}"
    if not counts.arrived:
        return f"{begins}, tetapi tidak ada yang hadir."
    absent = f"{people(counts.no_show)} tidak hadir" if counts.no_show else "tidak ada yang tidak hadir"
    return f"{begins}; {people(counts.arrived)} hadir dan {absent}."


def _ways(counts: ServiceCounts) -> str:
    walk_in = f"{people(counts.walk_in)} datang langsung" if counts.walk_in else "tidak ada yang datang langsung"
    group = (
        f"{people(counts.collective)} terdaftar secara kolektif"
        if counts.collective
        else "tidak ada yang terdaftar secara kolektif"
    )
    return f"Di antaranya {walk_in} dan {group}."


def _served(counts: ServiceCounts) -> str:
    begins = f"Selesai dilayani {people(counts.served)}" if counts.served else "Belum ada yang selesai dilayani"
    short = (
        f"{people(counts.returned)} diminta melengkapi berkas" if counts.returned else "tidak ada yang berkasnya kurang"
    )
    if not counts.served:
        return f"{begins}; {short}."
    issued = f"{number(counts.issued)} paspor sudah terbit" if counts.issued else "belum ada paspor yang terbit"
    waiting = (
        f"{number(counts.in_process)} masih dalam proses" if counts.in_process else "tidak ada yang masih dalam proses"
    )
    return f"{begins}; {short}. Dari yang dilayani, {issued} dan {waiting}."


def outcome_rows(counts: ServiceCounts) -> list[list[str]]:
    """The same as rows of a table."""
    pairs = (
        ("Terdaftar", counts.booked),
        ("Hadir", counts.arrived),
        ("Tidak hadir", counts.no_show),
        ("Berkas kurang", counts.returned),
        ("Selesai dilayani", counts.served),
        ("Paspor terbit", counts.issued),
        ("Dalam proses", counts.in_process),
        ("Datang langsung", counts.walk_in),
        ("Terdaftar kolektif", counts.collective),
    )
    return [[name, number(count)] for name, count in pairs]


def blanks(counts: BlankCounts) -> str:
    """What became of the blank passports, and whether the sum is right."""
    if not counts.taken:
        return "Tidak ada blangko paspor yang dibawa."
    used = f"{number(counts.used)} dipakai" if counts.used else "tidak ada yang dipakai"
    spoiled = f"{number(counts.spoiled)} rusak" if counts.spoiled else "tidak ada yang rusak"
    back = f"{number(counts.back)} kembali ke kantor" if counts.back else "tidak ada yang kembali"
    said = f"Diterima {number(counts.taken)} blangko paspor; {used}, {spoiled}, dan {back}."
    missing = counts.taken - counts.used - counts.spoiled - counts.back
    if missing > 0:
        return f"{said} Sebanyak {number(missing)} blangko belum dipertanggungjawabkan."
    if missing < 0:
        return f"{said} Jumlahnya melebihi yang diterima sebanyak {number(-missing)} blangko dan harus diperiksa."
    return f"{said} Jumlahnya sesuai."


def blank_rows(counts: BlankCounts) -> list[list[str]]:
    """What became of the blanks, with their serial numbers."""
    lines = (
        ("Diterima", counts.taken, counts.taken_ranges),
        ("Dipakai", counts.used, counts.used_ranges),
        ("Rusak", counts.spoiled, counts.spoiled_ranges),
        ("Kembali", counts.back, counts.back_ranges),
    )
    return [[name, number(count), ranges(found) or "–"] for name, count, found in lines]


def ranges(found: Sequence[tuple[str, str]]) -> str:
    """`E1000001–E1000020, E1000023`."""
    return ", ".join(first if first == last else f"{first}–{last}" for first, last in found)


def kit(items: Sequence[KitBack]) -> str:
    """In what state the kit came back."""
    if not items:
        return "Tidak ada perlengkapan yang dicatat untuk perjalanan ini."
    of = {state: [one for one in items if one.state == state] for state in ("good", "damaged", "missing", "")}
    if len(of["good"]) == len(items):
        return f"Seluruh perlengkapan ({number(len(items))}) kembali dalam keadaan baik."
    said = [
        f"{number(len(of['good']))} kembali dalam keadaan baik" if of["good"] else "tidak ada yang kembali baik",
        f"{number(len(of['damaged']))} rusak" if of["damaged"] else "tidak ada yang rusak",
        f"{number(len(of['missing']))} hilang" if of["missing"] else "tidak ada yang hilang",
    ]
    if of[""]:
        said.append(f"{number(len(of['']))} belum diperiksa")
    return f"Dari {number(len(items))} perlengkapan, {join_words(said)}."


def kit_rows(items: Sequence[KitBack]) -> list[list[str]]:
    """Only what did not come back well, or has a note."""
    words = {"good": "baik", "damaged": "rusak", "missing": "hilang", "": "belum diperiksa"}
    return [[one.name, words[one.state], one.note or "–"] for one in items if one.state != "good" or one.note]


def vehicle(used: VehicleUsed) -> str:
    """A vehicle with its odometer and how far it went."""
    if used.odometer_out is None or used.odometer_back is None or used.distance_km is None:
        return f"{used.text}; odometer tidak dicatat lengkap."
    return (
        f"{used.text}; odometer {number(used.odometer_out)} km saat berangkat dan {number(used.odometer_back)} km saat "
        f"kembali, jarak tempuh {number(used.distance_km)} km."
    )


def incidents(found: Sequence[IncidentTold]) -> list[str]:
    """What happened, or that nothing did."""
    if not found:
        return ["Tidak ada kejadian khusus selama perjalanan dan layanan."]
    return [f"{date_time(one.happened_at, ZONE)}: {one.text}" for one in found]


def crew(count: int) -> str:
    """How many were sent."""
    return (
        f"Petugas yang ditugaskan berjumlah {number(count)} ({in_words(count)}) orang."
        if count
        else ("Tidak ada petugas yang tercatat.")
    )


def closing(report: TripReportDoc) -> str:
    """The last sentence."""
    return f"Demikian laporan pelaksanaan {report.programme} ini dibuat untuk digunakan sebagaimana mestinya."
