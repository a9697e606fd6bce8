"""Sheets that people bring: CSV and XLSX as rows of plain text, and CSV that no program takes for formulas.

Nothing in a file is trusted: its name is not looked at, a formula is marked and never worked out, a macro is refused,
and what unpacks to more than a sheet of people needs is given up half-way. The file is kept nowhere.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fieldops.kit.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_BYTES = 1024 * 1024
MAX_ROWS = 500
MAX_COLUMNS = 40
MAX_CELL = 1000
_UNPACKED = 12 * 1024 * 1024
_ENTRIES = 200
_LAST_ROW = 5000
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Unreadable(Refusal):
    """The file as a whole is no sheet that can be read."""

    sentence = "Berkas ini tidak terbaca. Simpan sebagai XLSX atau CSV, lalu kirim lagi."
    field = "file"


@dataclass(frozen=True)
class Cell:
    """What a cell holds. `trouble`: 'formula', 'number' (digits may be lost), 'long', or nothing."""

    text: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the sheet with the number that people see beside it. A cell that is not there is empty."""

    number: int
    cells: tuple[Cell, ...] = field(default=())

    def __getitem__(self, place: int) -> Cell:
        return self.cells[place] if place < len(self.cells) else Cell()


def read(data: bytes) -> list[Row]:
    """All rows that hold something, the heading first. What the bytes begin with decides the format, not the name.

    Refuses (Unreadable) emptiness, more than MAX_BYTES or MAX_ROWS, other formats, macros, bombs.
    """
    if not data.strip():
        raise Unreadable("Berkas ini kosong. Pilih berkas lain.")
    if len(data) > MAX_BYTES:
        raise Unreadable("Berkas ini lebih dari 1 MB. Bagi menjadi beberapa berkas.")
    if data.startswith(b"PK\x03\x04"):
        found = list(_xlsx(data))
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("Ini Excel lama (.xls) atau berkas berkata sandi. Simpan sebagai XLSX biasa, lalu kirim lagi.")
    elif data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z")):
        raise Unreadable
    else:
        found = list(_csv(data))
    if not found:
        raise Unreadable("Berkas ini kosong. Pilih berkas lain.")
    return found


# -- CSV ----------------------------------------------------------------------------------------------------------


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # what Excel calls "Unicode text"
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise Unreadable from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Windows-1252 has five holes; a file that falls into one is none of text.
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError:
            raise Unreadable from None


def _separator(text: str) -> str:
    """The sign that parts the cells of the heading; Excel in Indonesian writes a semicolon."""
    for line in text.splitlines():
        bare = re.sub(r'"[^"]*"', "", line)
        if bare.strip():
            return max(";,\t", key=lambda sign: (bare.count(sign), sign == ";"))
    return ";"


def _csv(data: bytes) -> Iterator[Row]:
    text = _text(data)
    if re.match(r"\s*<(\?xml|!doctype|html|svg)", text, re.IGNORECASE):
        raise Unreadable
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        raise Unreadable
    separator = _separator(text)
    if re.match(r"sep=.\r?\n", text):  # a line for Excel alone
        separator, text = text[4], text.partition("\n")[2]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    count = 0
    try:
        for number, cells in enumerate(reader, 1):
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            _check_size(count, len(cells))
            yield Row(number, tuple(_cell(cell) for cell in cells))
    except csv.Error:
        raise Unreadable from None


def _check_size(rows: int, columns: int) -> None:
    if rows > MAX_ROWS + 1:
        raise Unreadable(f"Berkas ini lebih dari {MAX_ROWS} baris. Bagi menjadi beberapa berkas.")
    if columns > MAX_COLUMNS:
        raise Unreadable(f"Berkas ini lebih dari {MAX_COLUMNS} kolom. Pakai templat yang disediakan.")


def _cell(text: str) -> Cell:
    text = text.strip()
    if len(text) > MAX_CELL:
        return Cell(text[:MAX_CELL], "long")
    if text.startswith("="):
        return Cell(text, "formula")
    if re.fullmatch(r"\d([.,]\d+)?[eE]\+?\d+", text):  # 1,98501E+17: digits were lost when Excel saved it
        return Cell(text, "number")
    # What this program or others neutralised comes back as it was.
    if text.startswith("'") and text[1:].startswith(_FORMULA_SIGNS):
        return Cell(text[1:].strip())
    return Cell(text)


# -- XLSX ---------------------------------------------------------------------------------------------------------


def _unpacked(data: bytes) -> bytes:
    """The same archive, unpacked with a limit and packed anew: what was measured is what will be read."""
    total = 0
    clean = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(clean, "w") as made:
            names = given.namelist()
            if len(names) > _ENTRIES or len(names) != len(set(names)):
                raise Unreadable
            if any("vbaproject" in name.lower() for name in names):
                raise Unreadable("Berkas ini berisi makro. Simpan sebagai XLSX tanpa makro, lalu kirim lagi.")
            for info in given.infolist():
                with given.open(info) as packed:
                    content = packed.read(_UNPACKED - total + 1)
                total += len(content)
                if total > _UNPACKED:
                    raise Unreadable("Isi berkas ini terlalu besar. Salin daftar pegawainya saja ke berkas baru.")
                made.writestr(info.filename, content)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise Unreadable from None  # broken, encrypted, or packed in a way that we do not read
    return clean.getvalue()


def _xlsx(data: bytes) -> Iterator[Row]:
    from openpyxl import load_workbook

    clean = _unpacked(data)
    try:
        # read_only: cells come as they are met, so a sheet with a cell at its far end stays small. Formulas stay text.
        book = load_workbook(io.BytesIO(clean), read_only=True, data_only=False, keep_links=False)
        sheet = next(one for one in book.worksheets if one.sheet_state == "visible")
        found = []
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), 1):
            if number > _LAST_ROW:
                raise Unreadable("Ada isi jauh di bawah daftar. Hapus baris kosong di bawahnya, lalu simpan lagi.")
            if any(cell.value is not None for cell in cells):
                found.append(Row(number, tuple(_from_excel(cell) for cell in cells)))
    except Unreadable:
        raise
    except Exception:
        # openpyxl and the XML reader below it raise whatever they stumble on; for the sender it is one thing.
        raise Unreadable from None
    for count, row in enumerate(found, 1):
        cells = row.cells
        while cells and not cells[-1].text:
            cells = cells[:-1]
        if cells:
            _check_size(count, len(cells))
            yield Row(row.number, cells)


def _from_excel(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return Cell()
    if cell.data_type == "f" or not isinstance(value, (str, int, float, bool)):
        is_formula = cell.data_type == "f"
        return Cell(str(value)[:MAX_CELL], "formula" if is_formula else "")
    if isinstance(value, bool):
        return Cell("TRUE" if value else "FALSE")
    if isinstance(value, (int, float)):
        # Excel keeps 15 digits of a number; the last three of an NIP are gone.
        if abs(value) >= 10**15:
            return Cell(str(value), "number")
        return Cell(str(int(value)) if float(value).is_integer() else str(value))
    return _cell(str(value))


# -- writing ------------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """A cell that no program takes for a formula: an apostrophe stands before = + - @ and control signs."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as Excel in Indonesian opens them: semicolons, UTF-8 with its mark, every cell neutralised."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([[plain(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")
