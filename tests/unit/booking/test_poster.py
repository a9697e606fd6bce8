"""The poster: one page that says everything, whatever the texts, with a code for a wall."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from fieldops.core.booking import poster as module
from fieldops.core.booking.poster import Poster, poster_pdf
from fieldops.kit import qr

MM = 72 / 25.4
POSTER = Poster(
    office="Kantor Imigrasi Kelas III Non TPI Bontang",
    programme="BONTANG ON SEVEN",
    programme_meaning="Layanan paspor Sabtu dan Minggu dengan kuota terbatas",
    when_text="Sabtu dan Minggu, 5–6 Desember 2026",
    days=[("Sabtu, 5 Desember 2026", ["08.00", "09.30", "11.00"]), ("Minggu, 6 Desember 2026", ["08.30", "10.00"])],
    place="Kantor Imigrasi Bontang",
    address="Jl. Ahmad Yani No. 1, Kota Bontang, Kalimantan Timur",
    opens_text="Pendaftaran dibuka Senin, 30 November 2026, pukul 08.00 WITA",
    address_text="imigrasi-bontang.go.id/J/K7PX",
    qr_text="HTTPS://IMIGRASI-BONTANG.GO.ID/J/K7PX",
    bring=["KTP asli", "Kartu keluarga asli", "Akta lahir, ijazah, atau buku nikah asli"],
    help_phone="0812 3456 7890",
    official_suffix_note="Pastikan alamat berakhiran .go.id",
)
LONG = replace(
    POSTER,
    office="Kantor Imigrasi <b>\"'&</b> Nur'aini D’Souza yang namanya panjang sekali dan lebih panjang lagi",
    programme="LAYANAN PASPOR AKHIR PEKAN YANG NAMANYA PANJANG SEKALI DI BONTANG DAN KUTAI TIMUR",
    programme_meaning="Layanan paspor untuk masyarakat Kota Bontang dan Kabupaten Kutai Timur " * 2,
    days=[
        (f"Sabtu, {day} Desember 2026", ["08.00", "09.30", "11.00", "13.00", "14.30", "16.00"])
        for day in (5, 12, 19, 26)
    ],
    place="Balai Pertemuan Umum Kelurahan " * 3,
    address="Jalan Yang Panjang Sekali Nomor Seratus Dua Puluh Tiga, RT 01 RW 02, " * 4,
    address_text="layanan-akhir-pekan.imigrasi-bontang.kemenimipas.go.id/J/K7PX",
    bring=[f"Berkas nomor {number} yang asli beserta salinannya" for number in range(9)],
    demo=True,
)


def page_of(poster):
    reader = PdfReader(io.BytesIO(poster_pdf(poster)))
    (page,) = reader.pages
    return page


def words_of(page):
    return " ".join(page.extract_text().split())


def text_runs(page):
    """Give each drawn text with its lower left corner in points."""
    runs = []

    def visit(text, _, matrix, *__):
        if text.strip():
            runs.append((text.strip(), matrix[4], matrix[5]))

    page.extract_text(visitor_text=visit)
    return runs


def rectangles(page):
    """Give each drawn rectangle as x, y, width, height in points."""
    return [tuple(map(float, operands)) for operands, operator in page.get_contents().operations if operator == b"re"]


def squeezed(text):
    return "".join(text.split())


def all_texts(poster):
    days = [text for day, times in poster.days for text in (day, *times)]
    return [
        poster.office, poster.programme, poster.programme_meaning, poster.when_text, *days, poster.place,
        poster.address, poster.opens_text, poster.address_text, *poster.bring, poster.help_phone,
        poster.official_suffix_note,
    ]  # fmt: skip


def test_says_everything_on_one_a4_page():
    page = page_of(POSTER)
    assert (round(page.mediabox.width / MM), round(page.mediabox.height / MM)) == (210, 297)
    words = words_of(page)
    for text in all_texts(POSTER):
        assert text in words
    assert "08.00 · 09.30 · 11.00 WITA" in words
    assert "Tidak dipungut biaya" in words
    assert "Pastikan alamat berakhiran .go.id" in words
    assert "DATA CONTOH" not in words


def test_says_that_a_demonstration_is_one():
    assert "DATA CONTOH" in words_of(page_of(replace(POSTER, demo=True)))


def test_long_texts_shrink_or_wrap_and_nothing_is_cut():
    page = page_of(LONG)
    words = squeezed(page.extract_text())
    for text in all_texts(LONG):
        assert squeezed(text) in words
    edge = 10 * MM
    for text, x, y in text_runs(page):
        assert edge <= x <= 200 * MM, text
        assert edge <= y <= 287 * MM, text


@pytest.mark.parametrize("poster", [POSTER, LONG])
def test_every_line_ends_inside_the_page(poster, monkeypatch):
    ends = []
    draw = module.Column.draw

    def record(self, canvas, x, top):
        ends.extend(x + line.x + module.pdf.width_of(line.text, line.face, line.size) for line in self.lines)
        draw(self, canvas, x, top)

    monkeypatch.setattr(module.Column, "draw", record)
    poster_pdf(poster)
    assert max(ends) <= module.PAGE_WIDTH - module.LEFT + 0.01


def test_markup_quotes_and_apostrophes_stand_as_typed():
    words = words_of(page_of(replace(POSTER, place="<b>\"'&amp;</b> Nur'aini", address="Jl. D’Souza “Muñoz” Nurʼaini")))
    assert "<b>\"'&amp;</b> Nur'aini" in words
    assert "Jl. D’Souza “Muñoz” Nur’aini" in words


@pytest.mark.parametrize("poster", [POSTER, LONG, replace(POSTER, qr_text="K7PX"), replace(POSTER, qr_text="A" * 87)])
def test_the_code_is_drawn_in_vectors_at_least_ten_centimetres_wide(poster):
    page = page_of(poster)
    modules = qr.matrix(poster.qr_text, level="Q")
    assert not page.images
    boxes = [box for box in rectangles(page) if box[3] == pytest.approx(102 * MM / len(modules), abs=0.01)]
    unit = boxes[0][3]
    left, top = min(box[0] for box in boxes), max(box[1] + box[3] for box in boxes)
    drawn = [[False] * len(modules) for _ in modules]
    for x, y, width, height in boxes:
        row = round((top - y - height) / unit)
        for column in range(round((x - left) / unit), round((x + width - left) / unit)):
            drawn[row][column] = True
    assert drawn == modules
    assert unit * len(modules) >= 100 * MM
    # Nothing but paper in the quiet zone: it ends on the page, and no text or panel begins inside it.
    zone = 4 * unit
    area = (left - zone, top - len(modules) * unit - zone, left + len(modules) * unit + zone, top + zone)
    assert area[0] >= 0
    for text, x, y in text_runs(page):
        assert not (area[0] < x < area[2] - 1 and area[1] < y < area[3]), text
    others = [box for box in rectangles(page) if box not in boxes]
    for x, y, width, height in others:
        assert x >= area[2] or x + width <= area[0] or y >= area[3] or y + height <= area[1]


def test_refuses_a_code_too_dense_for_a_wall():
    with pytest.raises(ValueError, match="version 5"):
        poster_pdf(replace(POSTER, qr_text="A" * 88))


def test_refuses_texts_that_no_page_could_hold_rather_than_cut_them():
    with pytest.raises(ValueError, match="too long"):
        poster_pdf(replace(POSTER, address="Jalan Panjang " * 1000))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_any_number_of_days_fits(count):
    days = [(f"Sabtu, {number + 1} Mei 2027", [f"{8 + number:02d}.00"]) for number in range(count)]
    words = words_of(page_of(replace(POSTER, days=days)))
    for day, (time,) in days:
        assert day in words
        assert f"{time} WITA" in words


def test_a_single_day_is_not_said_twice():
    day = "Sabtu, 12 Desember 2026"
    words = words_of(page_of(replace(POSTER, when_text=day, days=[(day, ["08.00"])])))
    assert words.count(day) == 1
    assert "Sesi 08.00 WITA" in words


def test_times_that_name_their_zone_get_no_second_one():
    words = words_of(page_of(replace(POSTER, days=[("Sabtu", ["08.00 WITA", "10.00 WITA"])])))
    assert "08.00 WITA · 10.00 WITA" in words
    assert "WITA WITA" not in words


def test_what_is_not_known_leaves_no_empty_label():
    words = words_of(page_of(replace(POSTER, help_phone="", bring=[])))
    assert "Hubungi" not in words
    assert "Bawa" not in words


def test_the_file_names_itself_embeds_its_fonts_and_tells_no_time():
    content = poster_pdf(POSTER)
    reader = PdfReader(io.BytesIO(content))
    assert reader.metadata.title == "BONTANG ON SEVEN, Sabtu dan Minggu, 5–6 Desember 2026"
    assert reader.metadata.author == POSTER.office
    assert reader.trailer["/Root"]["/Lang"] == "id-ID"
    fonts = reader.pages[0]["/Resources"]["/Font"].values()
    assert {font.get_object()["/BaseFont"].split("+")[-1] for font in fonts} == {
        "BitstreamVeraSans-Roman",
        "BitstreamVeraSans-Bold",
    }
    assert all("/FontFile2" in font.get_object()["/FontDescriptor"] for font in fonts)
    assert content == poster_pdf(replace(POSTER))
