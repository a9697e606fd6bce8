"""The ticket picture: small, complete, and with a code that scans."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from fieldops.core.booking.ticket_image import TicketFace, ticket_png
from fieldops.kit import qr

FACE = TicketFace(
    office="Kantor Imigrasi Kelas III Non TPI Bontang",
    programme="BONTANG ON SEVEN",
    code_text="K7P-2MX4",
    when_date="Sabtu, 5 Desember 2026",
    when_time="pukul 09.30 WITA",
    place="Kantor Imigrasi Bontang",
    address="Jl. Ahmad Yani No. 1, Kota Bontang, Kalimantan Timur",
    people=["Siti N.", "Nur'aini A."],
    bring=["KTP asli", "Kartu keluarga asli", "Akta lahir, ijazah, atau buku nikah asli"],
    qr_text="HTTPS://IMIGRASI-BONTANG.GO.ID/T/K7P2MX4QRSTVW",
)
LONG_NAME = "Maria Goretti Wilhelmina Sri Rahayu Ningsih Kusumawardhani Hadiningrat Ayu Putri"
LONG_WORD = "Wijaya" * 13 + "wi"


def opened(face):
    return Image.open(io.BytesIO(ticket_png(face)))


def dark_pixels(picture):
    grey = picture.convert("L")
    return grey.point(lambda value: 255 if value < 128 else 0)


@pytest.fixture
def drawn(monkeypatch):
    """Collect every piece of text in the order in which it is drawn."""
    pieces = []
    draw = ImageDraw.ImageDraw.text

    def record(self, xy, text, *args, **kwargs):
        pieces.append(text)
        return draw(self, xy, text, *args, **kwargs)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", record)
    return pieces


def test_is_a_small_portrait_picture_with_a_palette():
    picture = opened(FACE)
    assert (picture.format, picture.mode, picture.width) == ("PNG", "P", 720)
    assert 1200 < picture.height < 1800
    assert len(ticket_png(FACE)) <= 30_000


def test_says_everything_a_person_needs_on_the_day(drawn):
    ticket_png(FACE)
    text = " ".join(drawn)
    for piece in (FACE.office, FACE.programme, "Sabtu, 5 Desember 2026", "pukul 09.30 WITA", FACE.place, FACE.address):
        assert piece in text
    assert "Siti N. Nur'aini A." in text
    assert "• KTP asli • Kartu keluarga asli • Akta lahir, ijazah, atau buku nikah asli" in text
    assert "K7P-2MX4" in "".join(drawn)
    assert "DATA CONTOH" not in text


def test_says_that_a_demonstration_is_one(drawn):
    ticket_png(replace(FACE, demo=True))
    assert "DATA CONTOH" in " ".join(drawn)


def shown_code(picture, modules):
    """Find the QR code in the middle of the picture; give its top row in pixels and the pixels of a module."""
    dark = dark_pixels(picture)
    side = len(modules)
    box = -(-400 // side)
    left = (720 - side * box) // 2
    for top in range(picture.height - side * box):
        if all(
            (dark.getpixel((left + x * box + box // 2, top + y * box + box // 2)) > 0) == modules[y][x]
            for y in range(side)
            for x in range(side)
        ):
            return top, box
    raise AssertionError("the QR code is not in the picture")


@pytest.mark.parametrize("qr_text", ["K7P2MX4", FACE.qr_text, "HTTPS://IMIGRASI-BONTANG.GO.ID/T/" + "K7P2MX4Q" * 11])
def test_shows_the_code_400_pixels_wide_in_a_free_quiet_zone(qr_text):
    modules = qr.matrix(qr_text)
    assert len(modules) <= 37
    picture = opened(replace(FACE, qr_text=qr_text))
    near, box = shown_code(picture, modules)
    width = len(modules) * box
    assert width >= 400
    left = (720 - width) // 2
    dark = dark_pixels(picture)
    # The search may hit half a module early; the box of dark pixels below the code text tells the exact edge.
    _, edge, _, _ = dark.crop((left, near - box, left + width, near + width)).getbbox()
    top = near - box + edge
    zone = 4 * box
    around = (left - zone, top - zone, left + width + zone, top + width + zone)
    assert dark.crop(around).getbbox() == (zone, zone, zone + width, zone + width)


def test_refuses_a_code_too_dense_for_a_cheap_camera():
    with pytest.raises(ValueError, match="version 5"):
        ticket_png(replace(FACE, qr_text="HTTPS://IMIGRASI-BONTANG.GO.ID/T/" + "K7P2MX4Q" * 12))


def nothing_touches_the_sides(picture):
    body = dark_pixels(picture).crop((0, 400, 720, picture.height))
    left, _, right, bottom = body.getbbox()
    return left >= 40 and right <= 680 and bottom < body.height - 10


@pytest.mark.parametrize("name", [LONG_NAME, LONG_WORD, "X" * 80])
def test_a_name_of_eighty_letters_wraps_and_no_letter_is_cut(name, drawn):
    assert len(name) == 80
    picture = opened(replace(FACE, people=[name]))
    assert name.replace(" ", "") in "".join(drawn).replace(" ", "")
    assert nothing_touches_the_sides(picture)


def test_a_long_place_programme_and_code_are_not_cut_either(drawn):
    face = replace(
        FACE,
        programme="LOKTUAN Sangatta Selatan bersama Kecamatan Teluk Pandan dan Perusahaan",
        place="Balai Pertemuan Umum Kelurahan " * 4,
        code_text="WWW-WWWW-WWWW",
    )
    picture = opened(face)
    assert face.place.strip() in " ".join(drawn)
    assert face.programme in " ".join(drawn)
    assert nothing_touches_the_sides(picture)
    light = picture.convert("L").crop((0, 0, 720, 300)).crop((680, 10, 720, 120))
    assert light.getextrema()[1] < 100, "white letters run into the right margin of the head"


def test_four_people_with_the_longest_names_still_fit_thirty_kilobytes():
    face = replace(
        FACE,
        demo=True,
        programme="LOKTUAN Sangatta Selatan bersama Kecamatan Teluk Pandan",
        people=[LONG_NAME, LONG_WORD, LONG_NAME[::-1].strip(), LONG_NAME.upper()],
        bring=[*FACE.bring, "Paspor lama untuk penggantian"],
    )
    assert len(ticket_png(face)) <= 30_000


def test_apostrophes_and_markup_are_drawn_as_they_are(drawn):
    ticket_png(replace(FACE, people=["Nur'aini", "D’Souza", "Nurʼaini", '<b>&"x"</b>']))
    assert {"Nur'aini", "D’Souza", "Nur’aini", '<b>&"x"</b>'} <= set(drawn)


def test_a_ticket_without_a_list_has_no_empty_heading(drawn):
    ticket_png(replace(FACE, bring=[], people=[]))
    assert "Bawa" not in drawn
    assert "Nama" not in drawn


def test_the_same_face_gives_the_same_bytes():
    assert ticket_png(FACE) == ticket_png(replace(FACE))
