"""Papers for the tests: one of each, and one that is as long as it gets."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from PIL import Image

from fieldops.core.letters.documents import (
    Assignment,
    AssignmentLetter,
    AttendanceSession,
    AttendanceSheet,
    Attendant,
    BlankCounts,
    CrewMember,
    IncidentTold,
    KitBack,
    LetterHead,
    Photo,
    ServiceCounts,
    Signer,
    SpdSheet,
    TripReportDoc,
    VehicleUsed,
)
from fieldops.core.letters.rules import Kind, TravelKind
from fieldops.kit import clock


def at(text: str) -> datetime:
    """A moment at the office."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)


HEAD: Final = LetterHead(
    ministry="Kementerian Imigrasi dan Pemasyarakatan Republik Indonesia",
    directorate="Direktorat Jenderal Imigrasi",
    region="Kantor Wilayah Direktorat Jenderal Imigrasi Kalimantan Timur",
    office="Kantor Imigrasi Kelas III Non TPI Bontang",
    address="Kota Bontang, Kalimantan Timur",
    contact="Telepon 0548 123456 · bontang.imigrasi.go.id",
)
LEAD: Final = CrewMember(
    name="Eko Prasetyo, S.H., M.Si.", nip="198209052000121001", rank="Penata Muda Tk. I (III/b)", duty="Ketua tim"
)
CREW: Final = (
    LEAD,
    CrewMember(name="Nur'aini D’Souza", nip="199001012015032002", rank="Pengatur (II/c)", duty="Wawancara"),
    CrewMember(name="<b>Tono & Tini</b>", duty="Pengemudi"),
)
HEAD_OF_OFFICE: Final = Signer(title="Kepala Kantor", name="Sri Kepala, S.H.", nip="197001011995032001")
ASSIGNMENT: Final = Assignment(
    head=HEAD,
    considering=("bahwa warga Sangatta Utara memerlukan layanan paspor;", "bahwa perlu menugaskan pegawai."),
    basis=("Undang-Undang Nomor 6 Tahun 2011 tentang Keimigrasian;", "Surat Camat tanggal 2 Februari 2026."),
    crew=CREW,
    task="Melaksanakan layanan paspor keliling (LOKTUAN)",
    place="Balai Pertemuan Umum Sangatta Utara",
    address="Jl. Yos Sudarso II, Kabupaten Kutai Timur",
    departs_at=at("2026-03-01T06:30"),
    returns_at=at("2026-03-02T18:00"),
    vehicles=(VehicleUsed(name="Mobil layanan paspor keliling", plate="KT 1234 DA"),),
    budget="DIPA Kantor Imigrasi Kelas III Non TPI Bontang Tahun Anggaran 2026",
    city="Bontang",
    signer=HEAD_OF_OFFICE,
    copies=("Kepala Kantor Wilayah;", "Kepala Subbagian Tata Usaha."),
)
URL: Final = "https://imigrasi-bontang.go.id/V/ABCDEFGHJKMNPQRSTVWXYZ0123"
LETTER: Final = AssignmentLetter(
    assignment=ASSIGNMENT,
    kind=Kind.ASSIGNMENT,
    number=1,
    year=2026,
    version=1,
    day=date(2026, 3, 1),
    verify_url=URL,
)


def crowd(count: int) -> tuple[CrewMember, ...]:
    """So many people with names of 80 letters."""
    return tuple(
        CrewMember(
            name=(f"Petugas {n} " + "Abdurrahmansyah " * 6)[:79] + "h",
            nip=f"198209052000{n:06d}",
            rank="Penata Muda Tingkat I (III/b)",
            duty="Verifikasi dan pemeriksaan kelengkapan berkas",
        )
        for n in range(1, count + 1)
    )


def letter(**changes: Any) -> AssignmentLetter:
    """The letter with another content: `crew=…`, `task=…`."""
    return replace(LETTER, assignment=replace(ASSIGNMENT, **changes))


LONG_LETTER: Final = replace(
    letter(
        crew=crowd(40),
        considering=tuple("bahwa layanan ini perlu " + "dan sungguh perlu " * 40 for _ in range(4)),
        basis=tuple(f"Peraturan nomor {n} tentang Keimigrasian;" for n in range(1, 30)),
        place="Balai Pertemuan Umum " * 8,
        vehicles=tuple(VehicleUsed(name=f"Mobil {n}", plate=f"KT {n} AB") for n in range(1, 6)),
        copies=tuple(f"Kepala Seksi {n};" for n in range(1, 12)),
    ),
    official_number="WIM.18-1623.PR.01.01",
    version=3,
    demo=True,
)

SHEET: Final = AttendanceSheet(
    head=HEAD,
    title="LOKTUAN Sangatta Utara",
    day=date(2026, 3, 1),
    place=ASSIGNMENT.place,
    address=ASSIGNMENT.address,
    sessions=(
        AttendanceSession(
            starts_at=at("2026-03-01T08:00"),
            ends_at=at("2026-03-01T09:30"),
            people=tuple(
                Attendant(name=f"Pemohon {n} <b>Nur'aini</b>", nik_last4=f"{n:04d}", service="Paspor baru")
                for n in range(1, 31)
            ),
        ),
        AttendanceSession(
            starts_at=at("2026-03-01T09:30"),
            ends_at=at("2026-03-01T11:00"),
            people=(Attendant(name="Oma Wilhelmina", nik_last4="0007", service="Penggantian", note="lansia"),),
        ),
        AttendanceSession(starts_at=at("2026-03-01T11:00"), ends_at=at("2026-03-01T12:00"), people=()),
    ),
    crew=CREW,
    spare_rows=3,
    letter_number="001/ST/2026",
)
SPD: Final = SpdSheet(
    head=HEAD,
    orderer=Signer(title="Kuasa Pengguna Anggaran", name="Sri Kepala, S.H."),
    traveller=LEAD,
    purpose=ASSIGNMENT.task,
    kind=TravelKind.BEYOND,
    transport="Kendaraan dinas KT 1234 DA",
    origin="Bontang",
    destination="Sangatta Utara, Kabupaten Kutai Timur",
    departs_at=ASSIGNMENT.departs_at,
    returns_at=ASSIGNMENT.returns_at,
    budget=ASSIGNMENT.budget,
    letter_number="001/ST/2026",
)


def jpeg(width: int = 80, height: int = 60) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "steelblue").save(out, "JPEG")
    return out.getvalue()


COUNTS: Final = ServiceCounts(
    booked=40, arrived=37, returned=2, served=33, issued=3, in_process=30, no_show=5, walk_in=2, collective=30
)
NOBODY: Final = ServiceCounts(
    booked=0, arrived=0, returned=0, served=0, issued=0, in_process=0, no_show=0, walk_in=0, collective=0
)
BLANKS: Final = BlankCounts(
    taken=40,
    used=33,
    spoiled=1,
    back=6,
    taken_ranges=(("E1000001", "E1000040"),),
    used_ranges=(("E1000001", "E1000033"),),
    spoiled_ranges=(("E1000034", "E1000034"),),
    back_ranges=(("E1000035", "E1000040"),),
)
REPORT: Final = TripReportDoc(
    head=HEAD,
    programme="layanan paspor keliling (LOKTUAN)",
    letter_number="001/ST/2026",
    letter_day=date(2026, 2, 27),
    place=ASSIGNMENT.place,
    address=ASSIGNMENT.address,
    departed_at=ASSIGNMENT.departs_at,
    returned_at=ASSIGNMENT.returns_at,
    crew=CREW,
    vehicles=(VehicleUsed(name="Mobil layanan", plate="KT 1234 DA", odometer_out=12000, odometer_back=12140),),
    counts=COUNTS,
    blanks=BLANKS,
    kit=(
        KitBack(name="Kamera", state="good"),
        KitBack(name="Pemindai sidik jari", state="damaged", note="Kabel putus"),
        KitBack(name="Genset", state="missing"),
    ),
    incidents=(IncidentTold(happened_at=at("2026-03-01T10:15"), text="Listrik padam 20 menit."),),
    summary="Layanan berjalan tertib.\nCamat hadir.",
    obstacles="Jaringan lemah.",
    follow_up="Mencari genset.",
    photos=(Photo(jpeg=jpeg(), caption="Antrean pagi"), Photo(jpeg=jpeg(60, 90), caption="Meja berkas")),
    city="Bontang",
    day=date(2026, 3, 4),
    writer=Signer(title="Ketua tim", name="Eko Prasetyo, S.H., M.Si.", nip="198209052000121001"),
    head_signer=HEAD_OF_OFFICE,
)
LONG_REPORT: Final = replace(
    REPORT,
    crew=crowd(12),
    summary="Layanan berjalan tertib dan ramai. " * 57,
    obstacles="\n".join("Jaringan lemah di beberapa meja. " * 5 for _ in range(10)),
    kit=tuple(KitBack(name=f"Barang {n}", state="damaged", note="Perlu diperbaiki " * 6) for n in range(40)),
    incidents=tuple(IncidentTold(happened_at=at("2026-03-01T10:15"), text="Padam. " * 80) for _ in range(8)),
    photos=tuple(Photo(jpeg=jpeg(90, 40), caption="Keterangan foto yang panjang " * 8) for _ in range(7)),
)
EMPTY_REPORT: Final = replace(
    REPORT,
    crew=(),
    vehicles=(),
    counts=NOBODY,
    blanks=BlankCounts(taken=0, used=0, spoiled=0, back=0),
    kit=(),
    incidents=(),
    summary="",
    obstacles="",
    follow_up="",
    photos=(),
)
