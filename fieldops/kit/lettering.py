"""The type that pictures and printed pages share: which font files, which letters they have, where lines break.

The fonts are Bitstream Vera as shipped inside reportlab, so none is committed and none must be installed.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

REGULAR: Final = "Vera"
BOLD: Final = "VeraBd"

_HAS: Final = frozenset(
    chain(
        map(chr, range(0x20, 0x7F)),
        map(chr, range(0xA0, 0x100)),
        "ĆćČčĎďĐđĞğİıŁłŒœŞşŠšŸŽž–—‘’‚“”„†‡•…‰‹›€™−≤≥",
    )
) - {"\xad"}
"""What Vera can draw and we need; a test holds it against the font files."""

_LOOK_ALIKE: Final = {"ʼ": "’", "ʻ": "‘", "ʹ": "'", "′": "'", "‐": "-", "‑": "-", "‒": "–"}
_LINE_BREAKS: Final = "\n\r\v\f\x85\u2028\u2029"


@cache
def font_file(face: str) -> Path:
    """Give the path of the TrueType file of REGULAR or BOLD. Does not import reportlab itself (0.2 s)."""
    package = find_spec("reportlab")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("reportlab, which brings the fonts, is not installed")
    return Path(package.submodule_search_locations[0], "fonts", f"{face}.ttf")


def drawable(text: str) -> str:
    """Give the text with every letter the fonts lack replaced by its nearest: Nurʼaini → Nur’aini, ṭ → t.

    Line breaks stay, invisible characters go, and what has no likeness (an emoji, another script) becomes `?`
    rather than vanish.
    """
    composed = unicodedata.normalize("NFC", text)
    if _HAS.issuperset(composed):
        return composed
    return "".join(character if character in _HAS else _nearest(character) for character in composed)


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break text into lines no wider than `width`, in the unit that `measure` answers in.

    Lines break at spaces (not at no-break spaces) and at the text's own line breaks; a single word wider than a
    line breaks anywhere. No-break spaces come out as plain ones. Nothing is ever left out but spaces in a row and
    empty lines. An empty text gives no lines.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in filter(None, paragraph.split(" ")):
            longer = f"{line} {word}" if line else word
            if measure(longer) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = _broken(word, width, measure)
            lines += full
        if line:
            lines.append(line)
    return [line.replace("\xa0", " ") for line in lines]


def _broken(word: str, width: float, measure: Callable[[str], float]) -> list[str]:
    pieces: list[str] = []
    piece = ""
    for character in word:
        if piece and measure(piece + character) > width:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


def _nearest(character: str) -> str:
    if character in _LOOK_ALIKE:
        return _LOOK_ALIKE[character]
    if character.isspace():
        return "\n" if character in _LINE_BREAKS else " "
    parts = unicodedata.normalize("NFKD", character)
    kept = "".join(part for part in parts if part in _HAS)
    if kept:
        return kept
    return "" if unicodedata.category(character)[0] in "CM" else "?"
