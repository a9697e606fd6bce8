"""Letters that the fonts have, and lines that lose nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.ttfonts import TTFontFile

from fieldops.kit import lettering


@pytest.mark.parametrize("face", [lettering.REGULAR, lettering.BOLD])
def test_every_letter_said_to_be_drawable_is_in_the_font_file(face):
    glyphs = TTFontFile(str(lettering.font_file(face))).charToGlyph
    missing = [chr(code) for code in range(0x20, 0x10000) if lettering.drawable(chr(code)) == chr(code)]
    assert [character for character in missing if character != "\n" and ord(character) not in glyphs] == []


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Nur'aini", "Nur'aini"),
        ("D’Souza", "D’Souza"),
        ("Nurʼaini", "Nur’aini"),
        ("José Muñoz", "José Muñoz"),
        ("Jose\u0301", "José"),
        ("Ṭāhā Nguyễn", "Taha Nguyen"),
        ("5\u20136 · 08.00", "5–6 · 08.00"),
        ("a\u200bb\u00adc", "abc"),
        ("tab\tand\u2009thin\u202fspace", "tab and thin space"),
        ("one\r\ntwo\u2028three", "one\n\ntwo\nthree"),
        ("pagi 🙂 王", "pagi ? ?"),
        ("", ""),
    ],
)
def test_a_letter_the_fonts_lack_becomes_its_nearest(text, drawn):
    assert lettering.drawable(text) == drawn


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("satu dua tiga", 8, ["satu dua", "tiga"]),
        ("satu dua tiga", 100, ["satu dua tiga"]),
        ("pukul 08.00\xa0WITA", 12, ["pukul", "08.00 WITA"]),
        ("satu\ndua", 100, ["satu", "dua"]),
        ("ABCDEFGHIJ", 4, ["ABCD", "EFGH", "IJ"]),
        ("a ABCDEFGH b", 4, ["a", "ABCD", "EFGH", "b"]),
        ("  ", 4, []),
        ("", 4, []),
    ],
)
def test_lines_break_at_spaces_and_long_words_anywhere(text, width, lines):
    assert lettering.wrapped(text, width, len) == lines


@given(st.text(alphabet="ab'’- \n", max_size=120), st.integers(1, 20))
def test_wrapping_loses_no_letter_and_never_exceeds_the_width(text, width):
    lines = lettering.wrapped(text, width, len)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(0 < len(line) <= width for line in lines)
