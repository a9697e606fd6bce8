"""Small pieces for printed pages: the embedded fonts, a stack of wrapped text, and a QR code in vectors.

Units are points (1/72 inch) with the origin at the lower left, as in reportlab; `mm` converts. Text is drawn as it
is, never parsed as markup, so a name like `<b>` stays a name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from fieldops.kit.lettering import BOLD, REGULAR, drawable, font_file, wrapped

if TYPE_CHECKING:
    import io
    from collections.abc import Sequence

__all__ = [
    "A4", "BOLD", "FLAG", "GOLD", "HAIRLINE", "INK", "INK_2", "NAVY", "REGULAR", "WASH", "WHITE",
    "Column", "Line", "draw_qr", "fitted", "mm", "new_document", "width_of",
]  # fmt: skip

INK: Final = HexColor("#14212E")
INK_2: Final = HexColor("#45525F")
NAVY: Final = HexColor("#0F2D52")
GOLD: Final = HexColor("#E0B040")
FLAG: Final = HexColor("#C8102E")
WASH: Final = HexColor("#F4F6F9")
HAIRLINE: Final = HexColor("#C9D1D9")
WHITE: Final = HexColor("#FFFFFF")


@cache
def register_faces() -> None:
    """Make REGULAR and BOLD known to reportlab; they are embedded, as a subset, in every file that uses them."""
    for face in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(face, str(font_file(face))))


def new_document(out: io.BytesIO, *, title: str, author: str, subject: str = "") -> Canvas:
    """Begin an A4 document in Indonesian. No time of making is written: the same content gives the same bytes."""
    register_faces()
    canvas = Canvas(out, pagesize=A4, pageCompression=1, invariant=1, lang="id-ID", initialFontName=REGULAR)
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setSubject(subject)
    canvas.setCreator("FieldOps")
    return canvas


def width_of(text: str, face: str, size: float) -> float:
    """Give the width of one line in points."""
    register_faces()
    width: float = pdfmetrics.stringWidth(text, face, size)
    return width


def fitted(text: str, face: str, width: float, *, largest: float, smallest: float) -> float:
    """Give the font size between `smallest` and `largest` at which the text just fits one line of `width` points.

    A text that is too wide even at `smallest` gets `smallest`: the caller then wraps it.
    """
    full = width_of(drawable(text), face, largest)
    return max(smallest, min(largest, largest * width / full)) if full else largest


@dataclass(frozen=True)
class Line:
    """One line of text with its place in the column: `x` and `baseline` in points from the column's upper left."""

    text: str
    x: float
    baseline: float
    face: str
    size: float
    colour: Color


@dataclass
class Column:
    """A stack of wrapped text of a given `width`, measured before it is drawn. `height` grows downwards."""

    width: float
    height: float = 0.0
    lines: list[Line] = field(default_factory=list)

    def say(
        self,
        text: str,
        *,
        size: float,
        face: str = REGULAR,
        colour: Color = INK,
        before: float = 0.0,
        leading: float = 1.3,
        indent: float = 0.0,
        mark: str = "",
    ) -> Column:
        """Add a paragraph: `before` points of air above it unless it is the first, `mark` in front of its first line.

        An empty text adds nothing, not even the air.
        """
        room = self.width - indent
        pieces = wrapped(drawable(text), room, lambda piece: width_of(piece, face, size))
        if pieces and self.lines:
            self.height += before
        for number, piece in enumerate(pieces):
            # Vera's capitals stand 0.73 of the size high; centring them in the line looks even above and below.
            baseline = self.height + size * (leading + 0.73) / 2
            if mark and number == 0:
                self.lines.append(Line(mark, 0.0, baseline, face, size, colour))
            self.lines.append(Line(piece, indent, baseline, face, size, colour))
            self.height += size * leading
        return self

    def draw(self, canvas: Canvas, x: float, top: float) -> None:
        """Draw with the upper left at (`x`, `top`)."""
        for line in self.lines:
            canvas.setFont(line.face, line.size)
            canvas.setFillColor(line.colour)
            canvas.drawString(x + line.x, top - line.baseline, line.text)


def draw_qr(canvas: Canvas, modules: Sequence[Sequence[bool]], x: float, y: float, side: float) -> None:
    """Draw a QR code as one filled path with its lower left at (`x`, `y`), `side` points wide.

    The quiet zone (4 modules of white) is the caller's to leave free.
    """
    module = side / len(modules)
    path = canvas.beginPath()
    for row_number, row in enumerate(modules, start=1):
        bottom = y + side - row_number * module
        column = 0
        while column < len(row):
            start = column
            while column < len(row) and row[column]:
                column += 1
            if column > start:
                path.rect(x + start * module, bottom, (column - start) * module, module)
            column += 1
    canvas.setFillColor(Color(0, 0, 0))
    canvas.drawPath(path, stroke=0, fill=1)
