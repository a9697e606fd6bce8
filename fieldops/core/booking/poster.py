"""The poster of a booking page: one A4 page with what, when, where, how to book, and a QR code for a wall.

The page keeps 10 mm free on all sides, because office printers cannot print to the edge and a cut-off line of the
head would look careless.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fieldops.kit import pdf, qr
from fieldops.kit.pdf import BOLD, FLAG, GOLD, INK, INK_2, NAVY, WASH, WHITE, Column, mm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reportlab.lib.colors import Color
    from reportlab.pdfgen.canvas import Canvas

PAGE_WIDTH: Final = pdf.A4[0]
PAGE_HEIGHT: Final = pdf.A4[1]
EDGE: Final = 10 * mm
INSIDE: Final = 8 * mm
"""From the edge of the head to its text; the text of the page stands on the same line."""

LEFT: Final = EDGE + INSIDE
WIDTH: Final = PAGE_WIDTH - 2 * LEFT

QR_SIDE: Final = 102 * mm
"""A little over 10 cm, so that it scans from a few steps away."""

_MOST_AIR: Final = 6 * mm
_SCALES: Final = tuple(step / 100 for step in range(100, 28, -3))


@dataclass(frozen=True, kw_only=True)
class Poster:
    """What a poster says. All texts are ready to print; the poster adds only labels.

    `days` holds each day's text with the texts of its sessions; times are in WITA and may say so. `qr_text` is the
    full address in upper case (a smaller code), `address_text` the same address as a person would type it.
    `official_suffix_note` stands under the address. `help_phone` and `bring` may be empty.
    """

    office: str
    programme: str
    programme_meaning: str
    when_text: str
    days: Sequence[tuple[str, Sequence[str]]]
    place: str
    address: str
    opens_text: str
    address_text: str
    qr_text: str
    bring: Sequence[str]
    help_phone: str
    official_suffix_note: str = "Pastikan alamat berakhiran .go.id"
    demo: bool = False


def poster_pdf(poster: Poster) -> bytes:
    """Give the poster as a PDF file of exactly one A4 page.

    Text too long for the page is set smaller until all of it fits; the QR code keeps its size. Refuses with
    ValueError a `qr_text` that needs more than QR version 5, and texts that do not fit even in the smallest type.
    """
    layout = next((fit for fit in (_Layout(poster, scale) for scale in _SCALES) if fit.spare >= 0), None)
    if layout is None:
        raise ValueError("the poster's texts are too long for one page")
    out = io.BytesIO()
    canvas = pdf.new_document(
        out,
        title=f"{poster.programme}, {poster.when_text}",
        author=poster.office,
        subject=f"Poster pendaftaran {poster.programme}",
    )
    layout.draw(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@dataclass(frozen=True)
class _Block:
    """One piece of the page: the air above it (before any spare is dealt out), its height, and how to draw it."""

    above: float
    height: float
    draw: Callable[[Canvas, float], None]


class _Layout:
    """The poster's blocks measured at one text scale; `spare` is the height left over, negative if too long."""

    def __init__(self, poster: Poster, scale: float) -> None:
        self.poster = poster
        self.scale = scale
        self.modules = qr.matrix(poster.qr_text, level="Q")
        self.foot = self._foot()
        made = (self._head(), self._demo(), self._weekend(), self._days(), self._place(), self._code(), self._web())
        self.blocks = [block for block in made if block.height]
        used = sum(block.above + block.height for block in self.blocks) + self.foot.above + self.foot.height
        self.spare = PAGE_HEIGHT - 2 * EDGE - used

    def draw(self, canvas: Canvas) -> None:
        """Draw all blocks from the top, the spare height shared between them, and the foot on the bottom edge."""
        air = min(self.spare / (len(self.blocks) + 1), _MOST_AIR)
        top = PAGE_HEIGHT - EDGE
        for number, block in enumerate(self.blocks):
            top -= block.above + (air if number else 0)
            block.draw(canvas, top)
            top -= block.height
        self.foot.draw(canvas, EDGE + self.foot.height)

    def _head(self) -> _Block:
        poster, scale = self.poster, self.scale
        text = Column(WIDTH).say(poster.office, size=13 * scale, colour=WHITE)
        size = pdf.fitted(poster.programme, BOLD, WIDTH, largest=46 * scale, smallest=24 * scale)
        text.say(poster.programme, size=size, face=BOLD, colour=WHITE, before=1.5 * mm, leading=1.2)
        text.say(poster.programme_meaning, size=14 * scale, colour=WHITE, before=0.5 * mm)
        flag, air, gold, padding = 1.4 * mm, 1 * mm, 1.2 * mm, 6 * mm
        navy = text.height + 2 * padding

        def draw(canvas: Canvas, top: float) -> None:
            width = PAGE_WIDTH - 2 * EDGE
            _fill(canvas, FLAG, EDGE, top - flag, width, flag)
            _fill(canvas, NAVY, EDGE, top - flag - air - navy, width, navy)
            _fill(canvas, GOLD, EDGE, top - flag - air - navy - gold, width, gold)
            text.draw(canvas, LEFT, top - flag - air - padding)

        return _Block(0, flag + air + navy + gold, draw)

    def _demo(self) -> _Block:
        words = "DATA CONTOH · bukan pengumuman sungguhan" if self.poster.demo else ""
        text = Column(WIDTH - 8 * mm).say(words, size=12 * self.scale, face=BOLD)
        padding = 2 * mm
        height = text.height + 2 * padding if words else 0

        def draw(canvas: Canvas, top: float) -> None:
            canvas.setStrokeColor(INK)
            canvas.setLineWidth(1.2)
            canvas.rect(LEFT, top - height, WIDTH, height, stroke=1, fill=0)
            text.draw(canvas, LEFT + 4 * mm, top - padding)

        return _Block(4 * mm, height, draw)

    def _weekend(self) -> _Block:
        words, scale = self.poster.when_text, self.scale
        size = pdf.fitted(words, BOLD, WIDTH, largest=26 * scale, smallest=18 * scale)
        text = Column(WIDTH).say(words, size=size, face=BOLD, colour=NAVY, leading=1.2)
        return _text_block(text, above=5 * mm)

    def _days(self) -> _Block:
        days, scale = self.poster.days, self.scale
        across = len(days) if len(days) <= 3 else 2
        padding, between = 4 * mm, 6 * mm
        width = (WIDTH - 2 * padding - (across - 1) * between) / max(across, 1)
        lines = [_times(times) for _, times in days]
        sizes = (pdf.fitted(line, BOLD, width, largest=20 * scale, smallest=14 * scale) for line in lines)
        size = min(sizes, default=20 * scale)
        texts = [
            Column(width)
            .say("Sesi" if day == self.poster.when_text else day, size=14 * scale)
            .say(line, size=size, face=BOLD, before=0.5 * mm)
            for (day, _), line in zip(days, lines, strict=True)
        ]
        rows = [texts[start : start + across] for start in range(0, len(texts), max(across, 1))]
        heights = [max(text.height for text in row) for row in rows]
        height = sum(heights) + padding * (len(rows) + 1) if rows else 0

        def draw(canvas: Canvas, top: float) -> None:
            _fill(canvas, WASH, LEFT, top - height, WIDTH, height)
            for row, row_height in zip(rows, heights, strict=True):
                top -= padding
                for number, text in enumerate(row):
                    text.draw(canvas, LEFT + padding + number * (width + between), top)
                top -= row_height

        return _Block(3 * mm, height, draw)

    def _place(self) -> _Block:
        text = Column(WIDTH).say(self.poster.place, size=15 * self.scale, face=BOLD)
        text.say(self.poster.address, size=13 * self.scale, colour=INK_2)
        return _text_block(text, above=4 * mm)

    def _code(self) -> _Block:
        poster, scale = self.poster, self.scale
        quiet = qr.QUIET_ZONE * QR_SIDE / len(self.modules)
        left = max(LEFT, quiet)
        aside = left + QR_SIDE + quiet
        text = Column(LEFT + WIDTH - aside)
        text.say("Pindai untuk mendaftar", size=19 * scale, face=BOLD, colour=NAVY, leading=1.2)
        text.say(poster.opens_text.replace(" WITA", "\xa0WITA"), size=14 * scale, before=3 * mm)
        text.say("Tidak dipungut biaya pendaftaran.", size=13 * scale, face=BOLD, before=3 * mm)
        if poster.bring:
            text.say("Bawa", size=13 * scale, face=BOLD, before=5 * mm)
        for thing in poster.bring:
            text.say(thing, size=12 * scale, before=0.6 * mm, indent=4 * mm, mark="•")

        def draw(canvas: Canvas, top: float) -> None:
            pdf.draw_qr(canvas, self.modules, left, top - quiet - QR_SIDE, QR_SIDE)
            text.draw(canvas, aside, top - quiet)

        return _Block(0, quiet + max(QR_SIDE + quiet, text.height + 2 * mm), draw)

    def _web(self) -> _Block:
        poster, scale = self.poster, self.scale
        size = pdf.fitted(poster.address_text, BOLD, WIDTH, largest=27 * scale, smallest=15 * scale)
        text = Column(WIDTH).say("Atau buka alamat ini", size=12 * scale, colour=INK_2)
        text.say(poster.address_text, size=size, face=BOLD, colour=NAVY, leading=1.25)
        text.say(poster.official_suffix_note, size=13 * scale, before=0.5 * mm)
        return _text_block(text, above=0)

    def _foot(self) -> _Block:
        phone = self.poster.help_phone
        text = Column(WIDTH).say(
            f"Tidak bisa daftar lewat ponsel? Hubungi {phone}" if phone else "", size=12 * self.scale
        )
        padding = 3 * mm

        def draw(canvas: Canvas, top: float) -> None:
            if text.lines:
                _fill(canvas, GOLD, EDGE, top - 0.4 * mm, PAGE_WIDTH - 2 * EDGE, 0.4 * mm)
                text.draw(canvas, LEFT, top - padding)

        return _Block(4 * mm, text.height + padding if text.lines else 0, draw)


def _text_block(text: Column, *, above: float) -> _Block:
    def draw(canvas: Canvas, top: float) -> None:
        text.draw(canvas, LEFT, top)

    return _Block(above, text.height, draw)


def _times(times: Sequence[str]) -> str:
    """Put the sessions of a day on a line, with the zone once at the end unless the texts say it themselves."""
    line = "  ·  ".join(time.replace(" ", "\xa0") for time in times)
    return line if not times or "WIT" in line or "WIB" in line else f"{line}\xa0WITA"


def _fill(canvas: Canvas, colour: Color, x: float, y: float, width: float, height: float) -> None:
    canvas.setFillColor(colour)
    canvas.rect(x, y, width, height, stroke=0, fill=1)
