"""A ticket as one picture, for a person to keep on the phone or to send on in a chat.

It must stay readable when a chat app shows it 360 pixels wide and must be small to send over a weak signal: so big
type, few colours, and names only as short as the caller passes them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageFont

from fieldops.kit import qr
from fieldops.kit.lettering import BOLD, REGULAR, drawable, font_file, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH: Final = 720
_SIDE: Final = 48
_ROOM: Final = WIDTH - 2 * _SIDE
_SMALLEST_QR: Final = 400
_FLAG_HEIGHT: Final = 4
_GOLD_HEIGHT: Final = 6

_MOST_BYTES: Final = 30_000
# Steps between paper and ink, tried in this order until the file is small enough: a ticket of four people with very
# long names gets rougher letters rather than fewer of them.
_SHADES: Final = (6, 2)
_INK: Final = (0x14, 0x21, 0x2E)
_NAVY: Final = (0x0F, 0x2D, 0x52)
_WHITE: Final = (255, 255, 255)
_GOLD: Final = (0xE0, 0xB0, 0x40)
_FLAG: Final = (0xC8, 0x10, 0x2E)

# Greys of the drawing sheet, before they become shades: 0 is ink.
_DARK: Final = 0
_SOFT: Final = 64
_FAINT: Final = 191
_PAPER: Final = 255


@dataclass(frozen=True, kw_only=True)
class TicketFace:
    """What a ticket shows. All texts are ready to read; `when_time` names its zone, as in `pukul 09.30 WITA`.

    `code_text` comes in its groups (`K7P-2MX4`). `people` are short names (`Siti N.`), as the picture may travel
    far. `qr_text` is what an officer scans. `bring` may be empty.
    """

    office: str
    programme: str
    code_text: str
    when_date: str
    when_time: str
    place: str
    address: str
    people: Sequence[str]
    bring: Sequence[str]
    qr_text: str
    demo: bool = False


def ticket_png(face: TicketFace) -> bytes:
    """Give the ticket as a PNG file 720 pixels wide, as high as its texts need, of at most 30 kB.

    Long texts wrap and nothing is cut, so only texts far beyond a real ticket make a bigger file. The QR code is at
    least 400 pixels wide, its quiet zone not counted. Refuses with ValueError a `qr_text` that needs more than QR
    version 5.
    """
    head, body = _head(face), _body(face)
    picture = b""
    for shades in _SHADES:
        picture = _coloured(head, body, shades)
        if len(picture) <= _MOST_BYTES:
            break
    return picture


def _coloured(head: Image.Image, body: Image.Image, shades: int) -> bytes:
    """Give the file: greys become `shades` steps of ink on white and of white on navy, with gold and red between."""
    gold, flag = 2 * shades, 2 * shades + 1
    top = 2 * _FLAG_HEIGHT
    body_top = top + head.height + _GOLD_HEIGHT
    page = Image.new("L", (WIDTH, body_top + body.height), shades - 1)
    page.paste(flag, (0, 0, WIDTH, _FLAG_HEIGHT))
    page.paste(head.point(_indexes(shades, shades)), (0, top))
    page.paste(gold, (0, top + head.height, WIDTH, body_top))
    page.paste(body.point(_indexes(0, shades)), (0, body_top))
    page.putpalette([*_ramp(_INK, _WHITE, shades), *_ramp(_NAVY, _WHITE, shades), *_GOLD, *_FLAG])
    out = io.BytesIO()
    page.save(out, "PNG", compress_level=7)
    return out.getvalue()


def _head(face: TicketFace) -> Image.Image:
    sheet = _Sheet(y=22)
    sheet.say(face.office, size=25, grey=_PAPER)
    sheet.say(face.programme, size=42, face=BOLD, grey=_PAPER)
    sheet.y += 12
    return sheet.drawn(_DARK)


def _body(face: TicketFace) -> Image.Image:
    sheet = _Sheet(y=26)
    if face.demo:
        sheet.box("DATA CONTOH · bukan tiket sungguhan")
    sheet.say("Kode tiket Anda", size=26, grey=_SOFT, centred=True)
    sheet.spell(face.code_text, largest=88)
    sheet.code(qr.matrix(face.qr_text))
    sheet.say("Tunjukkan tiket ini kepada petugas", size=26, grey=_SOFT, centred=True)
    sheet.rule()
    sheet.say(face.when_date, size=38, face=BOLD)
    sheet.say(face.when_time.replace(" WITA", "\xa0WITA"), size=38, face=BOLD)
    sheet.y += 14
    sheet.say(face.place, size=31, face=BOLD)
    sheet.say(face.address, size=28, grey=_SOFT)
    if face.people:
        sheet.rule()
        sheet.say("Nama", size=26, grey=_SOFT)
    for person in face.people:
        sheet.say(person, size=31)
        sheet.y += 6
    if face.bring:
        sheet.rule()
        sheet.say("Bawa", size=26, grey=_SOFT)
    for thing in face.bring:
        sheet.say(thing, size=29, mark="•")
    sheet.y += 34
    return sheet.drawn(_PAPER)


class _Sheet:
    """A drawing surface in greys, filled from the top: pieces are kept until its height is known, then drawn."""

    def __init__(self, y: int) -> None:
        self.y = y
        self.texts: list[tuple[float, float, str, ImageFont.FreeTypeFont, int]] = []
        self.rules: list[int] = []
        self.frames: list[tuple[int, int, int, int]] = []
        self.pictures: list[tuple[tuple[int, int], Image.Image]] = []

    def say(
        self,
        text: str,
        *,
        size: int,
        face: str = REGULAR,
        grey: int = _DARK,
        mark: str = "",
        centred: bool = False,
    ) -> None:
        """Add a text in as many lines as it needs; behind a `mark` its lines are indented."""
        font = _font(face, size)
        indent = size if mark else 0
        for number, line in enumerate(wrapped(drawable(text), _ROOM - indent, font.getlength)):
            if mark and number == 0:
                self.texts.append((_SIDE, self.y, mark, font, grey))
            x = (WIDTH - font.getlength(line)) / 2 if centred else _SIDE + indent
            self.texts.append((x, self.y, line, font, grey))
            self.y += round(size * 1.36)

    def spell(self, code: str, *, largest: int) -> None:
        """Add a code on one line with air between its characters, smaller if it is long: it is read aloud."""
        spaced = _spelt(code, _font(BOLD, largest))
        size = min(largest, int(largest * _ROOM / max(spaced[-1], 1)))
        font = _font(BOLD, size)
        *offsets, width = _spelt(code, font)
        for character, offset in zip(code, offsets, strict=True):
            self.texts.append(((WIDTH - width) / 2 + offset, self.y, character, font, _DARK))
        self.y += round(size * 1.2)

    def code(self, modules: list[list[bool]]) -> None:
        """Add a QR code in the middle with its quiet zone above and below; beside it the page is empty anyway."""
        box = -(-_SMALLEST_QR // len(modules))
        picture = qr.picture_of(modules, box).convert("L")
        quiet = qr.QUIET_ZONE * box
        self.pictures.append((((WIDTH - picture.width) // 2, self.y + quiet), picture))
        self.y += picture.height + 2 * quiet

    def rule(self) -> None:
        """Add a thin line with air around it."""
        self.rules.append(self.y + 22)
        self.y += 42

    def box(self, text: str) -> None:
        """Add a bold line in a frame over the whole width."""
        top = self.y
        self.y += 12
        self.say(text, size=26, face=BOLD, centred=True)
        self.y += 10
        self.frames.append((_SIDE, top, WIDTH - _SIDE, self.y))
        self.y += 24

    def drawn(self, paper: int) -> Image.Image:
        """Give all pieces as one grey image on a ground of the grey `paper`."""
        image = Image.new("L", (WIDTH, self.y), paper)
        pen = ImageDraw.Draw(image)
        for top in self.rules:
            pen.rectangle((_SIDE, top, WIDTH - _SIDE, top + 1), fill=_FAINT)
        for frame in self.frames:
            pen.rectangle(frame, outline=_DARK, width=2)
        for x, y, text, font, grey in self.texts:
            pen.text((x, y), text, fill=grey, font=font)
        for corner, picture in self.pictures:
            image.paste(picture, corner)
        return image


def _spelt(code: str, font: ImageFont.FreeTypeFont) -> list[float]:
    """Give where each character of a spaced code begins, and last the width of the whole."""
    air = font.size * 0.1
    advances = [font.getlength(character) for character in code]
    starts = [sum(advances[:number]) + number * air for number in range(len(code))]
    return [*starts, sum(advances) + air * max(len(code) - 1, 0)]


@lru_cache(maxsize=32)
def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    # The basic layout is the same on every machine; the other one depends on a system library.
    return ImageFont.truetype(str(font_file(face)), size, layout_engine=ImageFont.Layout.BASIC)


def _indexes(first: int, shades: int) -> list[int]:
    """Map each grey 0..255 to one of `shades` palette entries from `first` on."""
    return [first + (grey * (shades - 1) + 127) // 255 for grey in range(256)]


def _ramp(start: tuple[int, int, int], end: tuple[int, int, int], shades: int) -> list[int]:
    """Give red, green, blue of `shades` colours from `start` to `end`."""
    return [a + (b - a) * step // (shades - 1) for step in range(shades) for a, b in zip(start, end, strict=True)]
