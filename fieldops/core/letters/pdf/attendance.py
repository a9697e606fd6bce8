"""The list of those who come, to be signed by hand where there is no phone: the public by session, then the crew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fieldops.core.letters.pdf import parts
from fieldops.core.letters.pdf.assignment import crew_rows
from fieldops.core.letters.pdf.paper import SMALL, Paper, shared
from fieldops.kit import clock
from fieldops.kit.indonesian import clock_time, ending, long_date, number
from fieldops.kit.pdf import INK_2, mm

if TYPE_CHECKING:
    from fieldops.core.letters.documents import AttendanceSession, AttendanceSheet

_PEOPLE: Final = (
    ("No.", 10, "centre"),
    ("Nama", 58, "left"),
    ("NIK", 22, "left"),
    ("Keperluan", 40, "left"),
    ("Tanda tangan", 38, "left"),
)
_CREW: Final = (
    *(("No.", 10, "centre"), ("Nama", 54, "left"), ("NIP", 44, "left")),
    *(("Tugas", 28, "left"), ("Tanda tangan", 32, "left")),
)
_ROW: Final = 10 * mm
"""Room for a signature."""


def attendance_pdf(sheet: AttendanceSheet) -> bytes:
    """Give the list as A4 PDF: a table for each session, one for those without a booking, one for the crew, totals.

    Of an NIK only the last digits are in it. Numbers go on from session to session. The same sheet gives the same
    bytes.
    """
    paper = Paper(
        title=f"Daftar hadir {sheet.title}, {long_date(sheet.day)}",
        author=sheet.head.office,
        foot=f"Daftar hadir {sheet.title}, {long_date(sheet.day)} · berisi data pribadi, simpan dengan aman",
        demo=sheet.demo,
    )
    parts.head(paper, sheet.head)
    parts.title(paper, "DAFTAR HADIR", sheet.title)
    where = f"{sheet.place}, {sheet.address}" if sheet.address else sheet.place
    paper.facts([("Hari, tanggal", long_date(sheet.day)), ("Tempat", where), ("Surat tugas", sheet.letter_number)])
    count = 0
    for one in sheet.sessions:
        _session(paper, one, count)
        count += len(one.people)
    if not count:
        paper.say("Tidak ada yang terdaftar untuk hari ini.", before=4 * mm)
    _spare(paper, sheet.spare_rows)
    _totals(paper, sheet, count)
    _crew(paper, sheet)
    return paper.made()


def _session(paper: Paper, session: AttendanceSession, before: int) -> None:
    begins, ends = clock_time(session.starts_at, clock.ZONE), clock_time(session.ends_at, clock.ZONE)
    paper.heading(f"Sesi {begins}–{ends} {clock.ZONE_NAME}", keep=32 * mm)
    if not session.people:
        paper.say("Tidak ada yang terdaftar pada sesi ini.")
        return
    rows = [
        [f"{n}.", one.name, ending(one.nik_last4), _service(one.service, one.note), ""]
        for n, one in enumerate(session.people, start=before + 1)
    ]
    paper.table(shared(_PEOPLE), rows, lowest=_ROW)


def _service(service: str, note: str) -> str:
    return f"{service} · {note}" if note else service


def _spare(paper: Paper, rows: int) -> None:
    if rows:
        paper.heading("Datang langsung", keep=32 * mm)
        paper.table(shared(_PEOPLE), [["", "", "", "", ""]] * rows, lowest=_ROW)


def _totals(paper: Paper, sheet: AttendanceSheet, count: int) -> None:
    across = shared((("Sesi", 110, "left"), ("Terdaftar", 29, "right"), ("Hadir", 29, "right")))
    rows = [
        [f"{clock_time(one.starts_at, clock.ZONE)} {clock.ZONE_NAME}", number(len(one.people)), ""]
        for one in sheet.sessions
    ]
    paper.heading("Jumlah", keep=30 * mm)
    paper.table(across, [*rows, ["Seluruhnya", number(count), ""]], total=True)
    paper.say("Kolom hadir diisi petugas setelah layanan selesai.", size=SMALL, colour=INK_2, before=1 * mm)


def _crew(paper: Paper, sheet: AttendanceSheet) -> None:
    if not sheet.crew:
        return
    paper.heading("Petugas", keep=32 * mm)
    rows = [[row[0], row[1], row[2], row[4], ""] for row in crew_rows(sheet.crew)]
    paper.table(shared(_CREW), rows, lowest=_ROW)
