"""QR codes: the right modules, small, cheap, and the same in every form of drawing."""

from __future__ import annotations

import io
import random
import re
import xml.etree.ElementTree as ET

import pytest
import qrcode
from PIL import Image
from qrcode import constants, util
from qrcode.main import precomputed_qr_blanks

from fieldops.kit import keys, qr

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
TICKET = "HTTPS://IMIGRASI-BONTANG.GO.ID/T/K7P2MX4QRSTVW"
SVG = "{http://www.w3.org/2000/svg}"


def some_tickets(count):
    chance = random.Random(20261205)
    for _ in range(count):
        host = chance.choice(["", "IMIGRASI-BONTANG.GO.ID/T/", "HTTPS://IMIGRASI-BONTANG.GO.ID/T/"])
        yield host + "".join(chance.choices(ALPHABET, k=chance.choice([7, 14, 20])))


def best_of_eight_masks(text, level):
    correction = {"M": constants.ERROR_CORRECT_M, "Q": constants.ERROR_CORRECT_Q}[level]
    code = qrcode.QRCode(error_correction=correction, border=0)
    code.add_data(text)
    code.make()
    return code


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314 (our own text)


def is_format_cell(row, column, side):
    """Format information tells the mask, so it is the one other place where two masks differ."""
    near, far = range(9), range(side - 8, side)
    return (row == 8 and (column in near or column in far)) or (column == 8 and (row in near or row in far))


def format_bits(modules):
    """Read the 15 bits beside the upper left finder, highest first, as ISO/IEC 18004 places them."""
    cells = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)] + [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
    return int("".join("01"[modules[row][column]] for row, column in cells), 2)


def mask_of(modules):
    return format_bits(modules) >> 10 & 7 ^ 0b101


@pytest.mark.parametrize("level", ["M", "Q"])
def test_differs_from_the_library_s_own_choice_only_by_the_mask(level):
    for text in some_tickets(100):
        ours, theirs = qr.matrix(text, level=level), best_of_eight_masks(text, level)
        side = len(theirs.modules)
        assert len(ours) == side
        blank = precomputed_qr_blanks[theirs.version]
        our_mask, their_mask = util.mask_func(mask_of(ours)), util.mask_func(mask_of(theirs.modules))
        for row in range(side):
            for column in range(side):
                one, other = ours[row][column], bool(theirs.modules[row][column])
                if is_format_cell(row, column, side):
                    continue
                if blank[row][column] is None:
                    one ^= our_mask(row, column)
                    other ^= their_mask(row, column)
                assert one == other, (text, row, column)


@pytest.mark.parametrize(("level", "correction"), [("M", 0), ("Q", 3)])
def test_format_bits_tell_the_reader_level_and_mask(level, correction):
    modules = qr.matrix(TICKET, level=level)
    assert format_bits(modules) == util.BCH_type_info(correction << 3 | mask_of(modules))


def test_fixed_mask_looks_nearly_as_good_as_the_best_of_eight():
    ratios = []
    for text in some_tickets(200):
        ours = util.lost_point(qr.matrix(text))
        ratios.append(ours / util.lost_point(best_of_eight_masks(text, "M").modules))
    assert max(ratios) < 2
    assert sum(ratios) / len(ratios) < 1.1


def test_a_ticket_s_code_is_of_the_smallest_size():
    assert len(qr.matrix(keys.entry_token())) == 21


def test_searches_neither_for_a_mask_nor_for_a_version(monkeypatch):
    def search(*_, **__):
        raise AssertionError("a search costs seven times the budget of a ticket page")

    monkeypatch.setattr(qrcode.QRCode, "best_mask_pattern", search)
    monkeypatch.setattr(qrcode.QRCode, "best_fit", search)
    assert len(qr.matrix(TICKET)) == 29


@pytest.mark.parametrize(
    ("text", "level", "modules"),
    [
        ("K7P2MX4", "M", 21),
        ("A" * 20, "M", 21),
        ("A" * 21, "M", 25),
        ("1" * 34, "M", 21),
        ("1" * 35, "M", 25),
        ("a" * 14, "M", 21),
        ("a" * 15, "M", 25),
        ("IMIGRASI-BONTANG.GO.ID/J/K7PX", "Q", 25),
        ("HTTPS://IMIGRASI-BONTANG.GO.ID/J/K7PX", "Q", 29),
        ("A" * 122, "M", 37),
        ("A" * 87, "Q", 37),
    ],
)
def test_takes_the_smallest_version_that_holds_the_text(text, level, modules):
    rows = qr.matrix(text, level=level)
    assert len(rows) == modules
    assert {len(row) for row in rows} == {modules}


def test_upper_case_makes_a_smaller_code_and_the_text_is_never_changed():
    token = "K7P2MX4QRSTVWXYZ23456789ABCDEFGHJKMNPQ"
    assert len(qr.matrix(token)) < len(qr.matrix(token.lower()))


@pytest.mark.parametrize(("text", "level"), [("A" * 123, "M"), ("A" * 88, "Q"), ("a" * 85, "M"), ("x" * 5000, "M")])
def test_refuses_text_too_dense_for_a_cheap_camera(text, level):
    with pytest.raises(ValueError, match="more than version 5"):
        qr.matrix(text, level=level)


def test_a_caller_may_allow_more_or_less():
    assert len(qr.matrix("A" * 123, max_version=6)) == 41
    with pytest.raises(ValueError, match="more than version 1"):
        qr.matrix("A" * 21, max_version=1)
    for version in (0, 10):
        with pytest.raises(ValueError, match="max_version"):
            qr.matrix("A", max_version=version)


@pytest.mark.parametrize("text", ["", "Nurʼaini", "A\nB", "A\x00"])
def test_refuses_text_that_readers_would_read_differently(text):
    with pytest.raises(ValueError, match="ASCII"):
        qr.matrix(text)


def test_svg_redraws_every_module_inside_a_quiet_zone_of_four():
    root = parsed(qr.svg(TICKET, label="Kode", size=240))
    modules = qr.matrix(TICKET)
    side = len(modules) + 8
    assert root.get("viewBox") == f"0 0 {side} {side}"
    assert (root.get("width"), root.get("height")) == ("240", "240")
    ground = root.find(f"{SVG}rect")
    assert (ground.get("width"), ground.get("height"), ground.get("fill")) == (str(side), str(side), "#fff")
    (path,) = root.findall(f"{SVG}path")
    drawn = [[False] * side for _ in range(side)]
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path.get("d")):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            for column in range(int(x), int(x + values[0])):
                drawn[int(y)][column] = True
            x += values[0]
    assert [row[4:-4] for row in drawn[4:-4]] == modules
    assert not any(map(any, drawn[:4] + drawn[-4:]))


def test_svg_has_a_name_for_screen_readers_and_nothing_a_strict_policy_blocks():
    text = qr.svg(TICKET, label='Tiket <b>Nur\'aini</b> & "D’Souza"', size=200)
    root = parsed(text)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == 'Tiket <b>Nur\'aini</b> & "D’Souza"'
    assert root.get("shape-rendering") == "crispEdges"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "rect", "path"}
    assert not any(name == "style" or name.startswith("on") for element in root.iter() for name in element.attrib)
    assert len(text) < 2500


def test_png_is_black_and_white_and_shows_every_module():
    modules = qr.matrix(TICKET)
    picture = Image.open(io.BytesIO(qr.png(TICKET, 3, 4)))
    assert picture.mode == "1"
    assert picture.size == (37 * 3, 37 * 3)
    seen = [[picture.getpixel((3 * x + 1, 3 * y + 1)) == 0 for x in range(37)] for y in range(37)]
    assert [row[4:-4] for row in seen[4:-4]] == modules
    assert sum(map(sum, seen)) == sum(map(sum, modules))


def test_png_refuses_a_size_that_draws_nothing():
    with pytest.raises(ValueError, match="box"):
        qr.png(TICKET, 0, 4)
    with pytest.raises(ValueError, match="border"):
        qr.png(TICKET, 3, -1)


@pytest.mark.parametrize("ansi", [True, False])
def test_terminal_text_shows_every_module(ansi):
    lines = re.sub(r"\x1b\[[0-9;]*m", "", qr.terminal(TICKET, ansi=ansi)).splitlines()
    rows = []
    for line in lines:
        rows.append([(character in "▀█") == ansi for character in line])
        rows.append([(character in "▄█") == ansi for character in line])
    assert [row[4:-4] for row in rows[4:33]] == qr.matrix(TICKET)
    assert not any(map(any, rows[:4] + rows[33:]))


def test_terminal_colours_are_set_and_reset_on_every_line():
    for line in qr.terminal(TICKET, ansi=True).splitlines():
        assert line.startswith("\x1b[38;5;16;48;5;231m")
        assert line.endswith("\x1b[0m")
    assert "\x1b" not in qr.terminal(TICKET)
