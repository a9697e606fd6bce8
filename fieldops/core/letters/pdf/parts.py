"""Parts that several papers share: the head of the office, who signs, the verification code, dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fieldops.core.letters.documents import UNSIGNED
from fieldops.core.letters.pdf.paper import BODY, LEFT, SMALL, WIDTH, Paper
from fieldops.kit import clock, pdf, qr
from fieldops.kit.indonesian import clock_time, date_time, long_date
from fieldops.kit.pdf import BOLD, INK, INK_2, REGULAR, Column, mm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from reportlab.pdfgen.canvas import Canvas

    from fieldops.core.letters.documents import LetterHead, Signer

QR_SIDE: Final = 27 * mm
SIGN_WIDTH: Final = 74 * mm
BOX: Final = 17 * mm
"""The height of the frame in which a signature will stand."""

SIGNED: Final = 70 * mm
"""Room for a last paragraph and the signatures beneath it: a page with signatures alone proves nothing."""


def letters(count: int) -> list[str]:
    """`a.`, `b.`, … `z.`, `aa.`: marks of paragraphs."""
    return [f"{chr(97 + n % 26) * (n // 26 + 1)}." for n in range(count)]


def numbers(count: int) -> list[str]:
    """`1.`, `2.` and so on: marks of paragraphs."""
    return [f"{n}." for n in range(1, count + 1)]


def nip_text(nip: str) -> str:
    """An NIP as it is written, 8-6-1-3; another text stays, none is a dash."""
    if len(nip) != 18 or not nip.isdigit():
        return nip or "–"
    return f"{nip[:8]}\xa0{nip[8:14]}\xa0{nip[14]}\xa0{nip[15:]}"


def span(starts_at: datetime, ends_at: datetime) -> str:
    """When something is, at the office: within a day, or over several."""
    first, last = clock.office_day(starts_at), clock.office_day(ends_at)
    if first == last:
        begins, ends = clock_time(starts_at, clock.ZONE), clock_time(ends_at, clock.ZONE)
        return f"{long_date(first)}, pukul {begins} sampai dengan {ends}\xa0{clock.ZONE_NAME}"
    begins, ends = date_time(starts_at, clock.ZONE), date_time(ends_at, clock.ZONE)
    return f"{begins} sampai dengan {ends}"


def head(paper: Paper, of: LetterHead) -> None:
    """The office's stationery, centred, with a double line beneath."""
    for text, size, face in (
        (of.ministry.upper(), 11.0, BOLD),
        (of.directorate.upper(), 10.5, BOLD),
        (of.region.upper(), 9.5, REGULAR),
        (of.office.upper(), 11.0, BOLD),
        (of.address, SMALL, REGULAR),
        (of.contact, SMALL, REGULAR),
    ):
        paper.say(text, size=size, face=face, align="centre", before=0.3 * mm)
    paper.top -= 2 * mm
    paper.rule(weight=1.6)
    paper.top -= 0.9 * mm
    paper.rule(weight=0.5)
    paper.top -= 5 * mm


def title(paper: Paper, text: str, *below: str) -> None:
    """The name of the paper, with lines beneath it."""
    paper.say(text, size=13, face=BOLD, align="centre")
    for line in below:
        paper.say(line, size=BODY, align="centre", before=0.6 * mm)
    paper.top -= 3 * mm


def signature(signer: Signer, *, above: Sequence[str] = (), width: float = SIGN_WIDTH) -> tuple[Column, Column]:
    """What stands above the frame of a signature, and what beneath it.

    The frame is drawn by `signatures`. Nothing in it looks like a signature: signing is the business of BSrE.
    """
    over = Column(width)
    for line in (*above, f"{signer.title},"):
        over.say(line, size=BODY)
    under = Column(width).say(signer.name, size=BODY, face=BOLD)
    under.say(f"NIP {nip_text(signer.nip)}" if signer.nip else "", size=BODY)
    return over, under


def signatures(paper: Paper, places: Sequence[tuple[float, tuple[Column, Column]]], *, least: float = 0.0) -> float:
    """Draw signature places side by side, each at its `x`; gives the upper edge. They stay on one page.

    `least` is the height that something beside them needs.
    """
    over = max(one[0].height for _, one in places)
    under = max(one[1].height for _, one in places)
    height = max(over + BOX + under + 4 * mm, least)
    paper.air(5 * mm)
    paper.need(height)
    top = paper.top
    for x, (above, below) in places:
        paper.put(above, x, top - (over - above.height))
        _frame(paper, x, top - over - 2 * mm)
        paper.put(below, x, top - over - BOX - 4 * mm)
    paper.top -= height
    return top


def _frame(paper: Paper, x: float, top: float) -> None:
    def box(canvas: Canvas) -> None:
        canvas.setStrokeColor(INK_2)
        canvas.setLineWidth(0.6)
        canvas.setDash(2, 2)
        canvas.rect(LEFT + x, top - BOX, SIGN_WIDTH, BOX, stroke=1, fill=0)
        canvas.setDash()
        canvas.setFont(REGULAR, SMALL)
        canvas.setFillColor(INK_2)
        canvas.drawCentredString(LEFT + x + SIGN_WIDTH / 2, top - BOX / 2 - SMALL / 3, UNSIGNED)

    paper.draw(box)


def verification(paper: Paper, url: str, top: float) -> None:
    """The code at the left, beside the signature, and what it is not."""
    modules = qr.matrix(url.upper(), level="M", max_version=6)
    quiet = qr.QUIET_ZONE * QR_SIDE / len(modules)

    def code(canvas: Canvas) -> None:
        pdf.draw_qr(canvas, modules, LEFT, top - quiet - QR_SIDE, QR_SIDE)

    paper.draw(code)
    room = WIDTH - SIGN_WIDTH - QR_SIDE - 2 * quiet - 2 * mm
    text = Column(room).say("Verifikasi FieldOps, bukan tanda tangan elektronik", size=7.5, face=BOLD, colour=INK)
    text.say("Pindai untuk melihat apakah surat ini berlaku:", size=7, colour=INK_2, before=1 * mm)
    text.say(url.partition("://")[2], size=7, colour=INK_2)
    paper.put(text, QR_SIDE + quiet, top - quiet)
