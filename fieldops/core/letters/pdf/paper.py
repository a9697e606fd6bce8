"""A paper of several A4 pages, written from the top down: text that flows, tables with a repeated head, blocks that
stay together. Every page gets its number, and across it CONTOH or TIDAK BERLAKU where that is due.

Pages are kept as lists of drawing steps until the last one is known, because each says how many there are.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from reportlab.lib.colors import HexColor

from fieldops.kit import pdf
from fieldops.kit.lettering import drawable
from fieldops.kit.pdf import BOLD, HAIRLINE, INK, INK_2, REGULAR, WASH, Column, mm

if TYPE_CHECKING:
    from reportlab.lib.colors import Color
    from reportlab.pdfgen.canvas import Canvas

PAGE_WIDTH: Final = pdf.A4[0]
PAGE_HEIGHT: Final = pdf.A4[1]
LEFT: Final = 24 * mm
RIGHT: Final = 18 * mm
TOP: Final = PAGE_HEIGHT - 16 * mm
BOTTOM: Final = 20 * mm
WIDTH: Final = PAGE_WIDTH - LEFT - RIGHT
FOOT: Final = 11 * mm
BODY: Final = 9.5
SMALL: Final = 8.0
CELL: Final = 1.4 * mm
"""Air inside a cell, on all sides."""

VOID: Final = HexColor("#F0C4CA")
SAMPLE: Final = HexColor("#E3E7EC")
_ABOVE_BASELINE: Final = 1.015
"""From the top of a line of Column to its baseline, in sizes."""

Draw = Callable[["Canvas"], None]


@dataclass(frozen=True)
class Across:
    """A column of a table: its head, its width in points, and where its text stands ('left', 'centre', 'right')."""

    head: str
    width: float
    align: str = "left"


def shared(parts: Sequence[tuple[str, float, str]], width: float = WIDTH) -> list[Across]:
    """Columns whose widths are shares of `width`: (head, share, align)."""
    whole = sum(share for _, share, _ in parts)
    return [Across(head, width * share / whole, align) for head, share, align in parts]


def aligned(column: Column, align: str) -> Column:
    """The same lines, moved to the middle or to the right of their column."""
    if align == "left":
        return column
    part = 0.5 if align == "centre" else 1.0
    lines = [
        replace(line, x=line.x + part * max(0.0, column.width - line.x - pdf.width_of(line.text, line.face, line.size)))
        for line in column.lines
    ]
    return Column(column.width, column.height, lines)


@dataclass
class Paper:
    """A document in the making. `top` is where the next thing goes, in points from the lower edge."""

    title: str
    author: str
    foot: str = ""
    demo: bool = False
    across: str = ""
    pages: list[list[Draw]] = field(default_factory=lambda: [[]])
    top: float = TOP

    # -- room

    @property
    def is_at_top(self) -> bool:
        return bool(self.top == TOP)

    def turn(self) -> None:
        """Begin a new page."""
        self.pages.append([])
        self.top = TOP

    def need(self, height: float) -> None:
        """Begin a new page unless `height` is free; at the top of one nothing helps."""
        if self.top - height < BOTTOM and not self.is_at_top:
            self.turn()

    def air(self, height: float) -> None:
        """Leave a gap, but none at the top of a page."""
        if not self.is_at_top:
            self.top -= height

    # -- text

    def say(
        self,
        text: str,
        *,
        size: float = BODY,
        face: str = REGULAR,
        colour: Color = INK,
        before: float = 0.0,
        align: str = "left",
        x: float = 0.0,
        indent: float = 0.0,
        mark: str = "",
        leading: float = 1.3,
    ) -> None:
        """Write a paragraph over the width that is left from `x`; it goes on over the page where it must."""
        column = Column(WIDTH - x).say(
            text, size=size, face=face, colour=colour, indent=indent, mark=drawable(mark), leading=leading
        )
        if column.lines:
            self.air(before)
            self.flow(aligned(column, align), x)

    def flow(self, column: Column, x: float = 0.0) -> None:
        """Write a column line by line; a line that does not fit begins the next page."""
        done = 0.0
        for line in column.lines:
            above = line.size * _ABOVE_BASELINE
            if self.top - (line.baseline - done) - 0.4 * line.size < BOTTOM and not (
                self.is_at_top and line.baseline - done <= above
            ):
                self.turn()
                done = line.baseline - above
            piece = Column(column.width, lines=[replace(line, baseline=line.baseline - done)])
            self.put(piece, x, self.top)
        self.top -= column.height - done

    def put(self, column: Column, x: float, top: float) -> None:
        """Write a column at a place of the current page, `x` from the left margin."""
        self.pages[-1].append(lambda canvas: column.draw(canvas, LEFT + x, top))

    def draw(self, step: Draw) -> None:
        """Add a drawing step to the current page."""
        self.pages[-1].append(step)

    def heading(self, text: str, *, keep: float = 18 * mm) -> None:
        """A heading that stays with the first lines of what follows."""
        self.need(keep)
        self.say(text, face=BOLD, size=10.5, before=4 * mm)
        self.top -= 1 * mm

    def listed(self, items: Sequence[str], marks: Sequence[str], *, x: float = 0.0, keep: float = 0.0) -> None:
        """Numbered paragraphs. The last one begins where `keep` points are free, for what must not stand alone."""
        for n, (item, mark) in enumerate(zip(items, marks, strict=True), start=1):
            if n == len(items):
                self.need(keep)
            self.say(item, x=x, indent=6.5 * mm, mark=mark, before=0.6 * mm)

    def labelled(self, label: str, items: Sequence[str], marks: Sequence[str], *, keep: float = 0.0) -> None:
        """`Menimbang : a. …` with the paragraphs beside the label, kept as in `listed`; nothing without items."""
        if not items:
            return
        self.air(2.5 * mm)
        self.need(2 * BODY * 1.3 + 0.6 * mm)
        start = Column(32 * mm).say(label, size=BODY)
        colon = Column(4 * mm).say(":", size=BODY)
        below = 0.0 if self.is_at_top else 0.6 * mm
        self.put(start, 0, self.top - below)
        self.put(colon, 27 * mm, self.top - below)
        self.listed(items, marks, x=30 * mm, keep=keep)

    def facts(self, pairs: Sequence[tuple[str, str]], *, label: float = 52 * mm) -> None:
        """Lines of label, colon and value; a value that is empty is a dash."""
        for name, value in pairs:
            words = Column(label - 3 * mm).say(name, size=BODY)
            text = Column(WIDTH - label - 4 * mm).say(value or "–", size=BODY)
            self.need(max(words.height, text.height))
            self.put(words, 0, self.top)
            self.put(Column(4 * mm).say(":", size=BODY), label, self.top)
            self.put(text, label + 4 * mm, self.top)
            self.top -= max(words.height, text.height) + 1 * mm

    # -- tables

    def table(
        self, across: Sequence[Across], rows: Sequence[Sequence[str]], *, size: float = 8.5, lowest: float = 0.0,
        total: bool = False,
    ) -> None:  # fmt: skip
        """A table with lines around its cells; its head is repeated on every page. A row is never torn.

        `lowest` is the least height of a row, for writing by hand. `total`: the last row is the sum, in bold.
        """
        head = self._cells(across, [one.head for one in across], size, BOLD)
        drawn = [
            self._cells(across, row, size, BOLD if total and n == len(rows) - 1 else REGULAR)
            for n, row in enumerate(rows)
        ]
        first = self._height(drawn[0], lowest) if drawn else 0.0
        self.need(self._height(head, 0) + first)
        self._row(across, head, self._height(head, 0), fill=True)
        for cells in drawn:
            height = self._height(cells, lowest)
            if self.top - height < BOTTOM and not self.is_at_top:
                self.turn()
                self._row(across, head, self._height(head, 0), fill=True)
            self._row(across, cells, height, fill=False)

    @staticmethod
    def _cells(across: Sequence[Across], texts: Sequence[str], size: float, face: str) -> list[Column]:
        return [
            aligned(Column(one.width - 2 * CELL).say(text, size=size, face=face), one.align)
            for one, text in zip(across, texts, strict=True)
        ]

    @staticmethod
    def _height(cells: Sequence[Column], lowest: float) -> float:
        return float(max(lowest, *(cell.height + 2 * CELL for cell in cells)))

    def _row(self, across: Sequence[Across], cells: Sequence[Column], height: float, *, fill: bool) -> None:
        top, whole = self.top, sum(one.width for one in across)

        def lines(canvas: Canvas) -> None:
            canvas.setStrokeColor(INK_2)
            canvas.setLineWidth(0.5)
            if fill:
                canvas.setFillColor(WASH)
            canvas.rect(LEFT, top - height, whole, height, stroke=1, fill=int(fill))
            x = LEFT
            for one in across[:-1]:
                x += one.width
                canvas.line(x, top, x, top - height)

        self.draw(lines)
        x = 0.0
        for one, cell in zip(across, cells, strict=True):
            self.put(cell, x + CELL, top - CELL)
            x += one.width
        self.top -= height

    def rule(self, *, weight: float = 0.8) -> None:
        """A line over the whole width."""
        y = self.top

        def line(canvas: Canvas) -> None:
            canvas.setStrokeColor(INK)
            canvas.setLineWidth(weight)
            canvas.line(LEFT, y, LEFT + WIDTH, y)

        self.draw(line)

    # -- the end

    def made(self) -> bytes:
        """The finished file. The same paper gives the same bytes."""
        out = io.BytesIO()
        canvas = pdf.new_document(out, title=self.title, author=self.author)
        for number, steps in enumerate(self.pages, start=1):
            self._under(canvas)
            for step in steps:
                step(canvas)
            self._foot(canvas, number)
            canvas.showPage()
        canvas.save()
        return out.getvalue()

    def _under(self, canvas: Canvas) -> None:
        words, colour = (self.across, VOID) if self.across else ("CONTOH" if self.demo else "", SAMPLE)
        if words:
            canvas.saveState()
            canvas.translate(PAGE_WIDTH / 2, PAGE_HEIGHT / 2)
            canvas.rotate(55)
            size = pdf.fitted(words, BOLD, 250 * mm, largest=120, smallest=20)
            canvas.setFont(BOLD, size)
            canvas.setFillColor(colour)
            canvas.drawCentredString(0, -size / 3, words)
            canvas.restoreState()
        if self.demo:
            box = "CONTOH · data tidak sungguhan"
            canvas.setFont(BOLD, SMALL)
            canvas.setFillColor(INK)
            canvas.drawRightString(LEFT + WIDTH, PAGE_HEIGHT - 9 * mm, box)

    def _foot(self, canvas: Canvas, number: int) -> None:
        canvas.setFont(REGULAR, 7)
        canvas.setFillColor(INK_2)
        canvas.setStrokeColor(HAIRLINE)
        canvas.setLineWidth(0.5)
        canvas.line(LEFT, FOOT + 3.5 * mm, LEFT + WIDTH, FOOT + 3.5 * mm)
        canvas.drawString(LEFT, FOOT, drawable(self.foot))
        canvas.drawRightString(LEFT + WIDTH, FOOT, f"Halaman {number} dari {len(self.pages)}")
