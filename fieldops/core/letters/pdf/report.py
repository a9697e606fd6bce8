"""The report of a trip: what it rested on, who went, what came of it, what is left to do, and pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from PIL import Image, UnidentifiedImageError
from reportlab.lib.utils import ImageReader

from fieldops.core.letters import narrative
from fieldops.core.letters.pdf import parts
from fieldops.core.letters.pdf.assignment import crew_rows
from fieldops.core.letters.pdf.paper import BODY, LEFT, SMALL, WIDTH, Paper, shared
from fieldops.kit.indonesian import plain_date
from fieldops.kit.pdf import HAIRLINE, INK_2, Column, mm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reportlab.pdfgen.canvas import Canvas

    from fieldops.core.letters.documents import Photo, TripReportDoc

_CREW: Final = (
    *(("No.", 9, "centre"), ("Nama", 47, "left"), ("NIP", 44, "left")),
    *(("Pangkat/Gol.", 30, "left"), ("Tugas", 38, "left")),
)
_GAP: Final = 6 * mm
_PHOTO_WIDTH: Final = (WIDTH - _GAP) / 2
_PHOTO_HEIGHT: Final = _PHOTO_WIDTH * 3 / 4


def report_pdf(report: TripReportDoc) -> bytes:
    """Give the report as A4 PDF. The same report gives the same bytes.

    Refuses with ValueError a photo that is no picture.
    """
    paper = Paper(
        title=f"Laporan pelaksanaan {report.programme}, {report.place}",
        author=report.head.office,
        foot=f"Laporan pelaksanaan {report.programme}, surat tugas {report.letter_number}",
        demo=report.demo,
    )
    parts.head(paper, report.head)
    parts.title(paper, "LAPORAN PELAKSANAAN", narrative.capital(report.programme), report.place)
    chapters = iter("ABCDEFGHIJKLMN")
    keeps = {"Foto kegiatan": _PHOTO_HEIGHT + 45 * mm if report.photos else 0.0, "Penutup": parts.SIGNED}
    for name, write in (
        ("Dasar", _basis),
        ("Waktu dan tempat", _when_and_where),
        ("Petugas", _crew),
        ("Kendaraan", _vehicles),
        ("Hasil layanan", _outcome),
        ("Blangko paspor", _blanks),
        ("Perlengkapan", _kit),
        ("Kejadian", _incidents),
        ("Kendala", _obstacles),
        ("Tindak lanjut", _follow_up),
        ("Foto kegiatan", _photos),
        ("Penutup", _closing),
    ):
        paper.heading(f"{next(chapters)}. {name}", keep=max(22 * mm, keeps.get(name, 0.0)))
        write(paper, report)
    _sign(paper, report)
    return paper.made()


def _basis(paper: Paper, report: TripReportDoc) -> None:
    paper.say(narrative.basis(report))


def _when_and_where(paper: Paper, report: TripReportDoc) -> None:
    where = f"{report.place}, {report.address}" if report.address else report.place
    paper.facts([("Waktu", parts.span(report.departed_at, report.returned_at)), ("Tempat", where)], label=24 * mm)


def _crew(paper: Paper, report: TripReportDoc) -> None:
    paper.say(narrative.crew(len(report.crew)))
    if report.crew:
        paper.air(1.5 * mm)
        paper.table(shared(_CREW), crew_rows(report.crew))


def _vehicles(paper: Paper, report: TripReportDoc) -> None:
    if not report.vehicles:
        paper.say("Tidak ada kendaraan dinas yang dipakai.")
    for one in report.vehicles:
        paper.say(narrative.vehicle(one))


def _outcome(paper: Paper, report: TripReportDoc) -> None:
    for sentence in narrative.outcome(report.counts):
        paper.say(sentence)
    _text(paper, report.summary, "")
    paper.air(1.5 * mm)
    across = shared((("Uraian", 60, "left"), ("Orang", 25, "right")), 85 * mm)
    paper.table(across, narrative.outcome_rows(report.counts))


def _blanks(paper: Paper, report: TripReportDoc) -> None:
    paper.say(narrative.blanks(report.blanks))
    if report.blanks.taken:
        paper.air(1.5 * mm)
        across = shared((("Uraian", 40, "left"), ("Jumlah", 22, "right"), ("Nomor seri", 106, "left")))
        paper.table(across, narrative.blank_rows(report.blanks))


def _kit(paper: Paper, report: TripReportDoc) -> None:
    paper.say(narrative.kit(report.kit))
    rows = narrative.kit_rows(report.kit)
    if rows:
        paper.air(1.5 * mm)
        paper.table(shared((("Perlengkapan", 62, "left"), ("Keadaan", 30, "left"), ("Catatan", 76, "left"))), rows)


def _incidents(paper: Paper, report: TripReportDoc) -> None:
    for sentence in narrative.incidents(report.incidents):
        paper.say(sentence, before=0.6 * mm)


def _obstacles(paper: Paper, report: TripReportDoc) -> None:
    _text(paper, report.obstacles, "Tidak ada kendala yang berarti.")


def _follow_up(paper: Paper, report: TripReportDoc) -> None:
    _text(paper, report.follow_up, "Tidak ada yang perlu ditindaklanjuti.")


def _text(paper: Paper, text: str, otherwise: str) -> None:
    for paragraph in text.splitlines() or [otherwise]:
        paper.say(paragraph, before=0.8 * mm)


def _photos(paper: Paper, report: TripReportDoc) -> None:
    if not report.photos:
        reason = report.no_photo_reason
        paper.say(f"Tidak ada foto kegiatan: {reason}" if reason else "Tidak ada foto kegiatan.")
    for start in range(0, len(report.photos), 2):
        _two(paper, report.photos[start : start + 2])


def _two(paper: Paper, photos: Sequence[Photo]) -> None:
    captions = [Column(_PHOTO_WIDTH).say(one.caption, size=SMALL, colour=INK_2) for one in photos]
    below = max(one.height for one in captions)
    paper.need(_PHOTO_HEIGHT + 1 * mm + below)
    top = paper.top
    for n, (photo, caption) in enumerate(zip(photos, captions, strict=True)):
        x = n * (_PHOTO_WIDTH + _GAP)
        _picture(paper, photo, x, top)
        paper.put(caption, x, top - _PHOTO_HEIGHT - 1 * mm)
    paper.top = top - _PHOTO_HEIGHT - 1 * mm - below - 3 * mm


def _picture(paper: Paper, photo: Photo, x: float, top: float) -> None:
    try:
        with Image.open(io.BytesIO(photo.jpeg)) as found:
            width, height = found.size
    except UnidentifiedImageError as error:
        raise ValueError("a photo of the report is no picture") from error
    scale = min(_PHOTO_WIDTH / width, _PHOTO_HEIGHT / height)
    wide, high = width * scale, height * scale

    def draw(canvas: Canvas) -> None:
        canvas.setStrokeColor(HAIRLINE)
        canvas.setLineWidth(0.5)
        canvas.rect(LEFT + x, top - _PHOTO_HEIGHT, _PHOTO_WIDTH, _PHOTO_HEIGHT, stroke=1, fill=0)
        left, low = LEFT + x + (_PHOTO_WIDTH - wide) / 2, top - (_PHOTO_HEIGHT + high) / 2
        canvas.drawImage(ImageReader(io.BytesIO(photo.jpeg)), left, low, wide, high)

    paper.draw(draw)


def _closing(paper: Paper, report: TripReportDoc) -> None:
    paper.say(narrative.closing(report))


def _sign(paper: Paper, report: TripReportDoc) -> None:
    known = parts.signature(report.head_signer, above=("Mengetahui,",))
    wrote = parts.signature(report.writer, above=(f"{report.city}, {plain_date(report.day)}",))
    parts.signatures(paper, [(0.0, known), (WIDTH - parts.SIGN_WIDTH, wrote)], least=BODY)
