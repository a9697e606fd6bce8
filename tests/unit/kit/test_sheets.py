"""Sheets as people make them, and as nobody should."""

from __future__ import annotations

import csv
import io
import time
import zipfile

import pytest
from openpyxl import Workbook

from fieldops.kit import sheets
from fieldops.kit.sheets import Cell, Unreadable

HEAD = ["Nama", "NIP", "Peran"]


def xlsx(*rows, sheet=None) -> bytes:
    book = Workbook()
    page = book.active
    for row in rows:
        page.append(row)
    if sheet:
        sheet(book, page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def texts(data: bytes) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in sheets.read(data)]


def repacked(data: bytes, change) -> bytes:
    """The archive with its entries changed: a dictionary of name and content."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


# -- CSV


@pytest.mark.parametrize(
    "data",
    [
        b"Nama;NIP;Peran\nDewi;;Petugas\n",
        "\ufeffNama;NIP;Peran\r\nDewi;;Petugas\r\n".encode(),
        b"Nama,NIP,Peran\nDewi,,Petugas",
        b"Nama\tNIP\tPeran\nDewi\t\tPetugas\n",
        b"sep=,\r\nNama,NIP,Peran\r\nDewi,,Petugas\r\n",
        "Nama;NIP;Peran\nDewi;;Petugas\n".encode("utf-16"),
        b'"Nama";"NIP";"Peran"\n"Dewi";"";"Petugas"\n',
        b"\n\nNama;NIP;Peran\n\n;;\nDewi;;Petugas\n\n\n",
    ],
    ids=["semicolon", "excel", "comma", "tab", "sep line", "utf-16", "quoted", "blank lines"],
)
def test_csv_of_every_program_reads_alike(data):
    assert texts(data) == [HEAD, ["Dewi", "", "Petugas"]]


def test_windows_1252_is_understood_where_utf_8_does_not_fit():
    data = "Nama;Seksi\nJosé D’Souza;Inteldakim – Wasdakim\n".encode("cp1252")
    assert texts(data)[1] == ["José D’Souza", "Inteldakim – Wasdakim"]
    assert texts("Nama\nJosé\n".encode())[1] == ["José"]


def test_rows_are_numbered_as_people_see_them():
    data = b"Nama;NIP\n\nDewi;1\nRina;2\n"
    assert [row.number for row in sheets.read(data)] == [1, 3, 4]
    data = xlsx(HEAD, [], [None, None, None], ["Dewi", None, "Petugas"])
    assert [row.number for row in sheets.read(data)] == [1, 4]


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("=1+1", Cell("=1+1", "formula")),
        ('=HYPERLINK("http://evil.example";"x")', Cell('=HYPERLINK("http://evil.example";"x")', "formula")),
        ("'=1+1", Cell("=1+1")),
        ("'+62812", Cell("+62812")),
        ("'tHooft", Cell("'tHooft")),
        ("1,98501E+17", Cell("1,98501E+17", "number")),
        ("1.98501E17", Cell("1.98501E17", "number")),
        ("  Dewi  ", Cell("Dewi")),
        ("x" * 1001, Cell("x" * 1000, "long")),
    ],
)
def test_cells_are_text_and_what_is_odd_is_marked(typed, cell):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([["Nama"], [typed]])
    assert sheets.read(out.getvalue().encode())[1][0] == cell


BAD = {
    "nothing": (b"", "kosong"),
    "only blanks": (b" \r\n\t ", "kosong"),
    "only separators": (b";;;\n;;;\n", "kosong"),
    "a PDF": (b"%PDF-1.7 ...", "tidak terbaca"),
    "a picture": (b"\x89PNG\r\n\x1a\n....", "tidak terbaca"),
    "a photo": (b"\xff\xd8\xff\xe0....", "tidak terbaca"),
    "a drawing": (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "tidak terbaca"),
    "a page": (b"<!DOCTYPE html><table><tr><td>Nama</td></tr></table>", "tidak terbaca"),
    "an old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "Excel lama"),
    "bytes": (bytes(range(256)) * 4, "tidak terbaca"),
    "zero bytes in text": (b"Nama;NIP\nDewi\0;1\n", "tidak terbaca"),
    "a cut archive": (b"PK\x03\x04" + b"\0" * 40, "tidak terbaca"),
    "too much": (b"Nama\n" + b"x" * (1024 * 1024), "1 MB"),
    "too many rows": (b"Nama\n" + b"Dewi\n" * 501, "500 baris"),
    "too many columns": (b";".join([b"Nama"] * 41) + b"\n", "40 kolom"),
    "a cell without end": (b'Nama\n"' + b"x" * 200_000, "tidak terbaca"),
}


@pytest.mark.parametrize(("data", "says"), BAD.values(), ids=BAD)
def test_what_is_no_sheet_is_refused_in_words(data, says):
    with pytest.raises(Unreadable) as refused:
        sheets.read(data)
    assert says in refused.value.sentence
    assert refused.value.field == "file"


def test_500_rows_are_fine():
    assert len(sheets.read(b"Nama\n" + b"Dewi\n" * 500)) == 501


# -- XLSX


def test_xlsx_reads_text_numbers_and_formulas():
    data = xlsx(
        ["Nama", "NIP", "Catatan"],
        ["Dewi", "198501012010012001", "=1+1"],
        ["Rina", 198501012010012001, 12],
        ["Ayu", 12.5, True],
    )
    rows = sheets.read(data)
    assert rows[1].cells == (Cell("Dewi"), Cell("198501012010012001"), Cell("=1+1", "formula"))
    assert rows[2][1].trouble == "number"
    assert rows[2][2] == Cell("12")
    assert [cell.text for cell in rows[3].cells] == ["Ayu", "12.5", "TRUE"]
    assert rows[3][9] == Cell()


def test_a_formula_s_remembered_value_is_not_taken():
    def with_value(entries):
        name = "xl/worksheets/sheet1.xml"
        entries[name] = (
            entries[name].replace(b"<v></v>", b"<v>Administrator</v>").replace(b"<v />", b"<v>Administrator</v>")
        )

    data = repacked(xlsx(["Nama", "Peran"], ["Dewi", '="Admin"&"istrator"']), with_value)
    cell = sheets.read(data)[1][1]
    assert cell.trouble == "formula"
    assert cell.text != "Administrator"


def test_the_first_visible_sheet_is_read():
    def hide(book, page):
        page.sheet_state = "hidden"
        book.create_sheet("Daftar").append(["Nama"])

    assert texts(xlsx(["rahasia"], sheet=hide)) == [["Nama"]]


def test_a_cell_at_the_far_end_costs_nothing():
    def far(_book, page):
        page["XFD1048576"] = "x"

    began = time.monotonic()
    with pytest.raises(Unreadable, match="jauh di bawah"):
        sheets.read(xlsx(HEAD, sheet=far))
    assert time.monotonic() - began < 5


def test_an_archive_that_unpacks_to_too_much_is_given_up():
    def bomb(entries):
        entries["xl/media/zeros.bin"] = b"\0" * (64 * 1024 * 1024)

    data = repacked(xlsx(HEAD), bomb)
    assert len(data) < sheets.MAX_BYTES
    with pytest.raises(Unreadable, match="terlalu besar"):
        sheets.read(data)


def test_sizes_that_lie_are_found_out():
    data = bytearray(repacked(xlsx(HEAD), lambda entries: entries.update({"xl/big": b"\0" * (30 * 1024 * 1024)})))
    place = data.rindex(b"xl/big") - 46  # its line in the directory at the end; the unpacked size stands at 24
    data[place + 24 : place + 28] = (100).to_bytes(4, "little")
    with pytest.raises(Unreadable):
        sheets.read(bytes(data))


def test_many_entries_macros_and_passwords_are_refused():
    with pytest.raises(Unreadable):
        sheets.read(repacked(xlsx(HEAD), lambda entries: entries.update({f"x/{n}": b"" for n in range(300)})))
    with pytest.raises(Unreadable, match="makro"):
        sheets.read(repacked(xlsx(HEAD), lambda entries: entries.update({"xl/vbaProject.bin": b"x"})))
    secret = bytearray(xlsx(HEAD))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # "encrypted" in both headers of the first entry
        secret[secret.index(sign) + place] |= 1
    with pytest.raises(Unreadable):
        sheets.read(bytes(secret))


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(
        b'<!ENTITY lol%d "%s">' % (n, b"&lol%s;" % (str(n - 1).encode() if n > 1 else b"") * 10) for n in range(1, 10)
    )
    + b']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    b'<c r="A1" t="inlineStr"><is><t>&lol9;</t></is></c></row></sheetData></worksheet>'
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    b'<c r="A1" t="inlineStr"><is><t>&file;</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    "content", [LAUGHS, OUTSIDE, b"<worksheet", b"not xml"], ids=["laughs", "outside", "cut", "no"]
)
def test_xml_that_grows_or_reaches_out_is_refused(content):
    data = repacked(xlsx(HEAD), lambda entries: entries.update({"xl/worksheets/sheet1.xml": content}))
    with pytest.raises(Unreadable):
        sheets.read(data)


def test_an_archive_that_is_no_sheet_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("letter.txt", "x")
    with pytest.raises(Unreadable):
        sheets.read(out.getvalue())


# -- writing


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_begins_like_a_formula(sign):
    assert sheets.plain(f"{sign}cmd") == f"'{sign}cmd"
    written = sheets.write_csv([[f"{sign}cmd", "Nur'aini;x"]]).decode("utf-8-sig")
    (row,) = csv.reader(io.StringIO(written, newline=""), delimiter=";")
    assert row == [f"'{sign}cmd", "Nur'aini;x"]


def test_what_is_written_reads_back():
    rows = [HEAD, ['Nur\'aini "Ani" <b>', "198501012010012001", "+62"]]
    assert texts(sheets.write_csv(rows)) == rows
