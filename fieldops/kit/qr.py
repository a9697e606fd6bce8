"""QR codes as modules, SVG, PNG and terminal text.

Codes are kept small on purpose (version 5 at most unless the caller allows more): a dense code fails on cheap
cameras. Drawing one is cheap enough for every ticket page: the mask is fixed instead of the best of eight, which
costs a seventh of the time. A reader undoes any mask, so the choice is about looks, and the tests watch that the
looks stay reasonable.
"""

from __future__ import annotations

import html
import io
import re
from typing import Final, Literal

import qrcode
from PIL import Image
from qrcode import constants, util

Level = Literal["M", "Q"]

QUIET_ZONE: Final = 4
"""Light modules that must stay free on each side, in modules (ISO/IEC 18004)."""

# Over 300 ticket addresses this mask came closest to the best of eight: 8 % more penalty points in the mean.
_MASK: Final = 2
_CORRECTION: Final[dict[str, Literal[0, 3]]] = {"M": constants.ERROR_CORRECT_M, "Q": constants.ERROR_CORRECT_Q}
_LENGTH_BITS: Final = {util.MODE_NUMBER: 10, util.MODE_ALPHA_NUM: 9, util.MODE_8BIT_BYTE: 8}
_HIGHEST_VERSION: Final = 9
"""From version 10 the length fields above grow."""

_DARK_RUN: Final = re.compile(rb"\x01+")
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m"
_RESET: Final = "\x1b[0m"


def matrix(text: str, *, level: Level = "M", max_version: int = 5) -> list[list[bool]]:
    """Give the rows of a QR code, True for a dark module, without the quiet zone.

    `text` is printable ASCII, best upper case with digits and `$%*+-./: ` only: such text takes 5.5 bits a
    character instead of 8. It is never changed here, as a token in it may be case-sensitive. `level` M restores
    about 15 % of damage, Q about 25 %. Refuses with ValueError an empty text, other characters (readers guess at
    their coding), and text that needs a version above `max_version` (1 to 9; version v has 17 + 4v modules a side).
    """
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError("QR text must be printable ASCII and not empty")
    if not 1 <= max_version <= _HIGHEST_VERSION:
        raise ValueError(f"max_version must be 1 to {_HIGHEST_VERSION}, not {max_version}")
    chunks = list(util.optimal_data_chunks(text, minimum=20))
    needed = sum(4 + _LENGTH_BITS[chunk.mode] + _data_bits(chunk.mode, len(chunk)) for chunk in chunks)
    room = util.BIT_LIMIT_TABLE[_CORRECTION[level]]
    version = next((v for v in range(1, max_version + 1) if room[v] >= needed), None)
    if version is None:
        raise ValueError(
            f"QR text of {len(text)} characters needs {needed} bits: more than version {max_version}-{level} holds"
        )
    code = qrcode.QRCode(version=version, error_correction=_CORRECTION[level], border=0, mask_pattern=_MASK)
    for chunk in chunks:
        code.add_data(chunk)
    code.make(fit=False)
    return [[bool(module) for module in row] for row in code.modules]


def svg(text: str, *, label: str, size: int, level: Level = "M", max_version: int = 5) -> str:
    """Give one `<svg>` element of `size` CSS pixels a side, quiet zone included, safe to put into a page as it is.

    `label` is what a screen reader says (escaped here). There is no style and no script in it, so it passes a
    strict content security policy, and it prints, unlike a CSS background. Refuses what `matrix` refuses.
    """
    modules = matrix(text, level=level, max_version=max_version)
    side = len(modules) + 2 * QUIET_ZONE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{size:d}" height="{size:d}" '
        f'role="img" shape-rendering="crispEdges"><title>{html.escape(label)}</title>'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path stroke="#000" d="{_strokes(modules)}"/></svg>'
    )


def png(text: str, box: int = 8, border: int = QUIET_ZONE, *, level: Level = "M", max_version: int = 5) -> bytes:
    """Give a black-and-white PNG file: `box` pixels a module, `border` light modules on each side.

    Refuses what `matrix` refuses, and a `box` below 1 or a negative `border`.
    """
    if box < 1 or border < 0:
        raise ValueError(f"box must be at least 1 and border at least 0, not {box} and {border}")
    modules = matrix(text, level=level, max_version=max_version)
    picture = picture_of(modules, box)
    side = picture.width + 2 * border * box
    page = Image.new("1", (side, side), 1)
    page.paste(picture, (border * box, border * box))
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def picture_of(modules: list[list[bool]], box: int) -> Image.Image:
    """Give the modules as a 1-bit Pillow image, `box` pixels a module, dark as 0, without a quiet zone."""
    side = len(modules)
    small = Image.frombytes("L", (side, side), b"".join(bytes(0 if dark else 255 for dark in row) for row in modules))
    return small.convert("1").resize((side * box, side * box), Image.Resampling.NEAREST)


def terminal(text: str, *, level: Level = "M", ansi: bool = False, max_version: int = 5) -> str:
    """Give lines of half-block characters, quiet zone included, to print in a terminal.

    With `ansi` the colours are set to black on white, so it reads on a dark and on a light terminal. Without, the
    light modules are drawn as blocks, which suits a dark terminal; on a light one the code comes out inverted, and
    most but not all readers take that. Refuses what `matrix` refuses.
    """
    modules = matrix(text, level=level, max_version=max_version)
    side = len(modules) + 2 * QUIET_ZONE
    blank = [False] * side
    margin = [False] * QUIET_ZONE
    rows = [blank] * QUIET_ZONE + [margin + row + margin for row in modules] + [blank] * (QUIET_ZONE + 1)
    glyphs = " ▄▀█" if ansi else "█▀▄ "
    before, after = (_BLACK_ON_WHITE, _RESET) if ansi else ("", "")
    lines = [
        before + "".join(glyphs[2 * top + bottom] for top, bottom in zip(upper, lower, strict=True)) + after
        for upper, lower in zip(rows[:-1:2], rows[1::2], strict=True)
    ]
    return "\n".join(lines) + "\n"


def _data_bits(mode: int, length: int) -> int:
    if mode == util.MODE_NUMBER:
        return 10 * (length // 3) + (0, 4, 7)[length % 3]
    if mode == util.MODE_ALPHA_NUM:
        return 11 * (length // 2) + 6 * (length % 2)
    return 8 * length


def _strokes(modules: list[list[bool]]) -> str:
    """Draw each run of dark modules as a line of width 1 through the middle of its row: half the bytes of boxes."""
    parts: list[str] = []
    for y, row in enumerate(modules, start=QUIET_ZONE):
        end = -1
        for run in _DARK_RUN.finditer(bytes(row)):
            start = run.start()
            parts.append(f"M{start + QUIET_ZONE} {y}.5" if end < 0 else f"m{start - end} 0")
            end = run.end()
            parts.append(f"h{end - start}")
    return "".join(parts)
