"""Letters and papers as PDF: every text is there and on its page, whatever it is and however long the crew."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pypdf import PdfReader

from fieldops.core.letters.documents import UNSIGNED, Assignment, BlankCounts, Photo
from fieldops.core.letters.pdf.assignment import assignment_pdf
from fieldops.core.letters.pdf.attendance import attendance_pdf
from fieldops.core.letters.pdf.report import report_pdf
from fieldops.core.letters.pdf.spd import spd_pdf
from fieldops.kit import pdf, qr
from tests import papers

MM = 72 / 25.4
ALL: dict[str, tuple[Callable[[Any], bytes], Any]] = {
    "letter": (assignment_pdf, papers.LETTER),
    "letter of one": (assignment_pdf, papers.letter(crew=papers.crowd(1))),
    "long letter": (assignment_pdf, papers.LONG_LETTER),
    "void letter": (assignment_pdf, replace(papers.LETTER, is_void=True, version=2)),
    "sheet": (attendance_pdf, papers.SHEET),
    "spd": (spd_pdf, papers.SPD),
    "report": (report_pdf, papers.REPORT),
    "long report": (report_pdf, papers.LONG_REPORT),
    "empty report": (report_pdf, papers.EMPTY_REPORT),
}


def pages_of(found: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(found)).pages]


def words_of(found: bytes) -> str:
    return " ".join(" ".join(pages_of(found)).split())


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", ALL)
def test_no_text_leaves_its_page_and_none_lies_on_another(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, float, float, float, float, str]] = []
    draw = pdf.Column.draw

    def record(self: pdf.Column, canvas: Any, x: float, top: float) -> None:
        for line in self.lines:
            left, base = x + line.x, top - line.baseline
            right = left + pdf.width_of(line.text, line.face, line.size)
            up, down = base + 0.72 * line.size, base - 0.2 * line.size
            drawn.append((canvas.getPageNumber(), left, right, down, up, line.text))
        draw(self, canvas, x, top)

    monkeypatch.setattr(pdf.Column, "draw", record)
    make, paper = ALL[name]
    make(paper)
    assert len(drawn) > 20
    for n, (page, left, right, down, up, text) in enumerate(drawn):
        assert left >= 18 * MM, text
        assert right <= 194 * MM, text
        assert down >= 17 * MM, text
        assert up <= 284 * MM, text
        for other_page, *box, other in drawn[n + 1 :]:
            apart = other_page != page or box[0] >= right or box[1] <= left or box[2] >= up or box[3] <= down
            assert apart, f"page {page}: {text!r} lies on {other!r}"


@pytest.mark.parametrize("name", ALL)
def test_the_same_paper_gives_the_same_bytes_and_every_page_says_which_it_is(name: str) -> None:
    make, paper = ALL[name]
    found = make(paper)
    assert found == make(paper)
    pages = pages_of(found)
    for n, text in enumerate(pages, 1):
        assert f"Halaman {n} dari {len(pages)}" in " ".join(text.split())


# -- the letter


def test_the_letter_says_all_it_has_to() -> None:
    words = words_of(assignment_pdf(papers.LETTER))
    for text in (
        "KEMENTERIAN IMIGRASI DAN PEMASYARAKATAN REPUBLIK INDONESIA",
        "KANTOR IMIGRASI KELAS III NON TPI BONTANG",
        "Telepon 0548 123456",
        "SURAT TUGAS",
        "NOMOR ....",
        "Nomor register 001/ST/2026 · Versi 1",
        "Menimbang",
        "bahwa perlu menugaskan pegawai.",
        "Dasar",
        "MEMBERI TUGAS",
        "Kepada:",
        "Nur'aini D’Souza",
        "<b>Tono & Tini</b>",
        "19820905 200012 1 001",
        "Penata Muda Tk. I",
        "Melaksanakan layanan paspor keliling (LOKTUAN) di Balai Pertemuan Umum",
        "Minggu, 1 Maret 2026, pukul 06.30 WITA sampai dengan Senin, 2 Maret 2026, pukul 18.00 WITA",
        "nomor polisi KT 1234 DA",
        "dibebankan pada DIPA",
        "Bontang, 1 Maret 2026",
        "Kepala Kantor,",
        UNSIGNED,
        "Sri Kepala, S.H.",
        "NIP 19700101 199503 2 001",
        "Tembusan:",
        "Verifikasi FieldOps, bukan tanda tangan elektronik",
    ):
        assert text in words, text
    assert "menggantikan" not in words
    assert "TIDAK BERLAKU" not in words
    assert "CONTOH" not in words
    assert "Ditandatangani" not in words
    assert "BSrE" not in words


def test_forty_people_stand_in_it_and_the_head_of_their_table_on_each_page() -> None:
    found = assignment_pdf(papers.letter(crew=papers.crowd(40)))
    pages = pages_of(found)
    everything = squeezed("".join(pages))
    for one in papers.crowd(40):
        assert squeezed(one.name) in everything
        assert one.nip in everything
    with_people = [text for text in pages if "Petugas" in text]
    assert len(with_people) > 2
    assert all("Pangkat/Gol." in text for text in with_people)


@pytest.mark.parametrize("crew", range(1, 30))
def test_the_signature_never_stands_alone_on_a_page(crew: int) -> None:
    last = " ".join(pages_of(assignment_pdf(papers.letter(crew=papers.crowd(crew))))[-1].split())
    assert UNSIGNED in last
    assert "Melaporkan pelaksanaan tugas secara tertulis" in last


def test_a_new_version_says_which_one_it_takes_the_place_of() -> None:
    words = words_of(assignment_pdf(replace(papers.LETTER, version=2, official_number="WIM.18-1623.PR.01.01")))
    assert "NOMOR WIM.18-1623.PR.01.01" in words
    assert "Versi 2, menggantikan versi 1" in words
    assert "....." not in words


def test_void_and_demo_are_said_across_every_page() -> None:
    void = pages_of(assignment_pdf(replace(papers.LONG_LETTER, is_void=True, demo=False)))
    assert len(void) > 3
    assert all("TIDAK BERLAKU" in text for text in void)
    demo = pages_of(assignment_pdf(papers.LONG_LETTER))
    assert all("CONTOH" in text for text in demo)


def test_half_past_six_at_the_office_is_the_office_s_day_though_it_is_yesterday_in_utc() -> None:
    departs = datetime(2026, 2, 28, 22, 30, tzinfo=UTC)
    returns = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    words = words_of(assignment_pdf(papers.letter(departs_at=departs, returns_at=returns)))
    assert "Minggu, 1 Maret 2026, pukul 06.30 sampai dengan 17.00 WITA" in words
    assert "Februari 2026, pukul" not in words


def test_what_is_stored_prints_the_same_letter() -> None:
    again = Assignment.read(papers.ASSIGNMENT.stored())
    assert again.stored() == papers.ASSIGNMENT.stored()
    assert assignment_pdf(replace(papers.LETTER, assignment=again)) == assignment_pdf(papers.LETTER)
    in_utc = replace(
        papers.ASSIGNMENT,
        departs_at=papers.ASSIGNMENT.departs_at.astimezone(UTC),
        returns_at=papers.ASSIGNMENT.returns_at.astimezone(UTC),
    )
    assert in_utc.stored() == papers.ASSIGNMENT.stored()


# -- the other papers


def test_the_list_has_everybody_by_session_with_the_last_digits_only() -> None:
    pages = pages_of(attendance_pdf(papers.SHEET))
    words = " ".join(" ".join(pages).split())
    assert words.count("Pemohon ") == 30
    assert "Sesi 08.00–09.30 WITA" in words
    assert "31. Oma Wilhelmina" in words
    assert "Penggantian · lansia" in words
    assert "0007" in words
    assert "Tidak ada yang terdaftar pada sesi ini." in words
    assert "Seluruhnya 31" in words
    assert "Datang langsung" in words
    assert "Nur'aini D’Souza" in words
    assert all("Tanda tangan" in text for text in pages if "Pemohon " in text)


def test_a_list_of_nobody_says_so() -> None:
    assert "Tidak ada yang terdaftar untuk hari ini." in words_of(attendance_pdf(replace(papers.SHEET, sessions=())))


def test_the_travel_data_are_complete() -> None:
    words = words_of(spd_pdf(papers.SPD))
    for text in (
        "Eko Prasetyo, S.H., M.Si.",
        "19820905 200012 1 001",
        "Perjalanan dinas melewati batas kota",
        "2 (dua) hari",
        "1 Maret 2026",
        "2 Maret 2026",
        "Kendaraan dinas KT 1234 DA",
        "DIPA Kantor Imigrasi",
        "bukan SPD",
    ):
        assert text in words, text


def test_each_traveller_has_a_page_of_his_own() -> None:
    pages = pages_of(spd_pdf(*(replace(papers.SPD, traveller=one) for one in papers.CREW)))
    assert len(pages) == 3
    for one, text in zip(papers.CREW, pages, strict=True):
        assert one.name in " ".join(text.split())
    with pytest.raises(ValueError, match="needs a traveller"):
        spd_pdf()


def test_a_journey_is_counted_in_office_days() -> None:
    evening = replace(papers.SPD, departs_at=papers.at("2026-03-01T06:00"), returns_at=papers.at("2026-03-01T20:00"))
    midnight = replace(evening, returns_at=papers.at("2026-03-02T00:00"))
    early = replace(evening, departs_at=datetime(2026, 2, 28, 22, 0, tzinfo=UTC))
    assert [one.days for one in (evening, midnight, early, papers.SPD)] == [1, 1, 1, 2]


def test_the_report_says_every_figure() -> None:
    words = words_of(report_pdf(papers.REPORT))
    for text in (
        "berdasarkan surat tugas nomor 001/ST/2026 tanggal 27 Februari 2026",
        "Terdaftar 40 orang; 37 orang hadir dan 5 orang tidak hadir.",
        "Dalam proses 30",
        "jarak tempuh 140 km",
        "E1000001–E1000033",
        "Jumlahnya sesuai.",
        "Pemindai sidik jari rusak Kabel putus",
        "Minggu, 1 Maret 2026, pukul 10.15 WITA: Listrik padam 20 menit.",
        "Antrean pagi",
        "Mengetahui,",
        "Bontang, 4 Maret 2026",
    ):
        assert text in words, text
    images = [len(page.images) for page in PdfReader(io.BytesIO(report_pdf(papers.REPORT))).pages]
    assert sum(images) == 2


@pytest.mark.parametrize("lines", range(0, 60, 3))
def test_the_headings_of_photos_and_of_the_end_stay_with_what_follows(lines: int) -> None:
    report = replace(papers.REPORT, obstacles="\n".join(f"Kendala {n}." for n in range(lines)))
    pages = pages_of(report_pdf(report))
    assert all(("Foto kegiatan" in text) == ("Antrean pagi" in text) for text in pages)
    assert all(("Penutup" in text) == (UNSIGNED in text) for text in pages)


def test_an_empty_report_says_in_words_that_there_was_nothing() -> None:
    words = words_of(report_pdf(replace(papers.EMPTY_REPORT, no_photo_reason="ponsel rusak")))
    for text in (
        "Tidak ada yang terdaftar dan tidak ada yang datang.",
        "Tidak ada blangko paspor yang dibawa.",
        "Tidak ada kejadian khusus",
        "Tidak ada kendala yang berarti.",
        "Tidak ada kendaraan dinas",
        "Tidak ada foto kegiatan: ponsel rusak",
    ):
        assert text in words, text


def test_blanks_that_do_not_add_up_are_named() -> None:
    short = replace(papers.REPORT, blanks=BlankCounts(taken=10, used=5, spoiled=1, back=3))
    over = replace(papers.REPORT, blanks=BlankCounts(taken=5, used=5, spoiled=0, back=1))
    assert "Sebanyak 1 blangko belum dipertanggungjawabkan." in words_of(report_pdf(short))
    assert "melebihi yang diterima sebanyak 1 blangko" in words_of(report_pdf(over))


def test_a_photo_that_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="no picture"):
        report_pdf(replace(papers.REPORT, photos=(Photo(jpeg=b"nothing"),)))


def test_the_date_of_a_letter_is_written_without_the_day_of_the_week() -> None:
    assert "Bontang, 31 Desember 2026" in words_of(assignment_pdf(replace(papers.LETTER, day=date(2026, 12, 31))))


def test_the_code_on_the_letter_is_the_address_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(pdf, "draw_qr", lambda _canvas, modules, *_place: drawn.append(modules))
    assignment_pdf(papers.LETTER)
    assert drawn == [qr.matrix(papers.URL.upper(), level="M", max_version=6)]
