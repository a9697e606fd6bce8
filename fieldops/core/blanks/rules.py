"""Words and decisions about blank passports: serial numbers and ranges of them, where a blank is, what is low."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.indonesian import join_words, number

MOST: Final = 2000
"""So many blanks are moved at once at most."""
LONGEST_NOTE: Final = 300
_SERIAL: Final = re.compile(r"([A-Z]{1,2})(\d{6,7})", re.ASCII)
_BETWEEN: Final = re.compile(r"\s*(?:–|—|-|\bsampai\b|\bs\.?d\.?(?=\s))\s*", re.IGNORECASE)
_NAMED: Final = 3
"""So many places are named in a refusal."""


class State(StrEnum):
    """Where a blank is. `MOVED`: given to another office."""

    STOCK = "stock"
    OUT = "out"
    USED = "used"
    SPOILED = "spoiled"
    MOVED = "moved"

    @property
    def label(self) -> str:
        return {
            "stock": "Di kantor",
            "out": "Dibawa",
            "used": "Terpakai",
            "spoiled": "Rusak",
            "moved": "Dikirim ke kantor lain",
        }[self.value]


class Move(StrEnum):
    """What can happen to blanks."""

    RECEIPT = "receipt"
    ISSUE = "issue"
    RETURN = "return"
    USE = "use"
    SPOIL = "spoil"
    TRANSFER = "transfer"
    UNDO = "undo"

    @property
    def label(self) -> str:
        return {
            "receipt": "Diterima",
            "issue": "Dibawa",
            "return": "Dikembalikan",
            "use": "Terpakai",
            "spoil": "Rusak",
            "transfer": "Dikirim ke kantor lain",
            "undo": "Dibatalkan",
        }[self.value]


@dataclass(frozen=True)
class Range:
    """Serial numbers from the first to the last, both included, of one prefix and one width."""

    first: str
    last: str

    @property
    def count(self) -> int:
        return _digits(self.last) - _digits(self.first) + 1

    def __contains__(self, serial: str) -> bool:
        return _shape(serial) == _shape(self.first) and self.first <= serial <= self.last

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}–{self.last}"


def read_serial(typed: str, *, field: str = "first") -> str:
    """A serial number: one or two letters, six or seven digits, all zeros kept. Blanks between them may be typed."""
    serial = "".join(typed.split()).upper()
    if not _SERIAL.fullmatch(serial):
        raise WrongSerial(field=field)
    return serial


def read_range(typed: str) -> Range:
    """`X1234501–X1234550`, `X1234501 sampai X1234550` or one number."""
    first, *rest = _BETWEEN.split(typed.strip(), maxsplit=1)
    return range_of(first, rest[0] if rest else "")


def ranges_in(typed: str) -> tuple[Range, ...]:
    """Ranges with commas between: `X1234501–X1234550, X1234560`; nothing typed is no range. A number that stands in two
    of them counts once. Refuses what `read_range` refuses."""
    spans = [read_range(part) for part in typed.split(",") if part.strip()]
    return tuple(ranges(serial for span in spans for serial in expand(span)))


def range_of(first: str, last: str) -> Range:
    """The range between two typed numbers; without a last one it is the first alone. Refuses numbers that are none,
    of two series, in the wrong order, and more than MOST of them."""
    begins = read_serial(first)
    ends = read_serial(last, field="last") if last.strip() else begins
    if _shape(begins) != _shape(ends):
        raise WrongRange("Nomor pertama dan terakhir harus dari satu seri: huruf dan jumlah angkanya sama.")
    if ends < begins:
        raise WrongRange("Nomor terakhir lebih kecil daripada nomor pertama.")
    found = Range(begins, ends)
    if found.count > MOST:
        raise WrongRange(f"Paling banyak {number(MOST)} blangko sekaligus, yang Anda isi {number(found.count)}.")
    return found


def expand(span: Range) -> list[str]:
    """Every serial number of a range, in order."""
    prefix, width = _shape(span.first)
    return [f"{prefix}{n:0{width}d}" for n in range(_digits(span.first), _digits(span.last) + 1)]


def ranges(serials: Iterable[str]) -> list[Range]:
    """The same numbers as few ranges, in order; doubles count once."""
    found: list[Range] = []
    for serial in sorted(set(serials), key=lambda one: (_shape(one), one)):
        before = found[-1] if found else None
        if before is not None and _shape(before.last) == _shape(serial) and _digits(serial) == _digits(before.last) + 1:
            found[-1] = Range(before.first, serial)
        else:
            found.append(Range(serial, serial))
    return found


def _shape(serial: str) -> tuple[str, int]:
    """The prefix and the number of digits."""
    prefix = serial.rstrip("0123456789")
    return prefix, len(serial) - len(prefix)


def _digits(serial: str) -> int:
    return int(serial[len(_shape(serial)[0]) :])


# -- where a blank is -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where a blank is; `source` and `ref` say who has it while it is out, and who used or spoiled it."""

    state: State
    source: str = ""
    ref: str = ""


@dataclass(frozen=True)
class MoveFact:
    """One move, as the log has it."""

    id: int
    kind: Move
    span: Range
    source: str
    ref: str
    undoes: int | None = None


STOCK: Final = Place(State.STOCK)


def after(kind: Move, source: str, ref: str) -> Place:
    """Where a blank is after a move."""
    return {
        Move.RECEIPT: STOCK,
        Move.ISSUE: Place(State.OUT, source, ref),
        Move.RETURN: STOCK,
        Move.USE: Place(State.USED, source, ref),
        Move.SPOIL: Place(State.SPOILED, source, ref),
        Move.TRANSFER: Place(State.MOVED),
    }[kind]


def before(kind: Move, source: str, ref: str) -> Place | None:
    """Where a blank has to be for a move, and so is again when the move is taken back; None: nowhere yet."""
    if kind is Move.RECEIPT:
        return None
    if kind in {Move.ISSUE, Move.TRANSFER} or (kind in {Move.USE, Move.SPOIL} and not ref):
        return STOCK
    return Place(State.OUT, source, ref)


def effective(moves: Iterable[MoveFact]) -> list[MoveFact]:
    """The moves that count, in order: neither taken back nor a taking back."""
    known = sorted(moves, key=lambda one: one.id)
    undone = {one.undoes for one in known if one.undoes is not None}
    return [one for one in known if one.kind is not Move.UNDO and one.id not in undone]


def replay(moves: Iterable[MoveFact]) -> dict[str, Place]:
    """Where every blank has to be, from the moves alone."""
    places: dict[str, Place] = {}
    for one in effective(moves):
        places |= dict.fromkeys(expand(one.span), after(one.kind, one.source, one.ref))
    return places


def place_words(place: Place | None, title: str = "") -> str:
    """What is said of a blank that is not where it should be; `title` says to whom it was issued."""
    if place is None:
        return "tidak ada dalam catatan"
    if place.state is State.OUT:
        return f"dibawa {title}" if title else "sedang dibawa"
    return {
        State.STOCK: "ada di kantor",
        State.USED: "sudah terpakai",
        State.SPOILED: "sudah dicatat rusak",
        State.MOVED: "sudah dikirim ke kantor lain",
    }[place.state]


def check_places(
    wanted: Iterable[str], found: Mapping[str, Place], needed: Place | None, titles: Mapping[tuple[str, str], str]
) -> None:
    """Refuses (NotThere) the numbers that are not where the move needs them; names each and where it is."""
    wrong: dict[str, list[str]] = {}
    for serial in wanted:
        place = found.get(serial)
        if place != needed:
            title = titles.get((place.source, place.ref), "") if place else ""
            wrong.setdefault(place_words(place, title), []).append(serial)
    if not wrong:
        return
    told = [f"{join_words([str(one) for one in ranges(serials)])} {words}" for words, serials in wrong.items()]
    more = "; dan lainnya" if len(told) > _NAMED else ""
    raise NotThere(f"{'; '.join(told[:_NAMED])}{more}. Periksa nomornya; belum ada yang dicatat.")


# -- what a trip did with its blanks ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """What became of the blanks that (source, ref) was given; `out` is still with it."""

    issued: tuple[str, ...]
    used: tuple[str, ...]
    spoiled: tuple[str, ...]
    returned: tuple[str, ...]
    out: tuple[str, ...]

    @property
    def is_settled(self) -> bool:
        """Issued = used + spoiled + returned."""
        return len(self.issued) == len(self.used) + len(self.spoiled) + len(self.returned)

    @property
    def lines(self) -> list[tuple[str, int, list[Range]]]:
        """(word, how many, ranges) for a page, as a sum."""
        parts = (
            ("Dibawa", self.issued),
            ("Terpakai", self.used),
            ("Rusak", self.spoiled),
            ("Dikembalikan", self.returned),
            ("Belum dipertanggungjawabkan", self.out),
        )
        return [(word, len(serials), ranges(serials)) for word, serials in parts]


def account(moves: Iterable[MoveFact]) -> Account:
    """The account of one (source, ref) from its own moves."""
    last: dict[str, Move] = {}
    issued: set[str] = set()
    for one in effective(moves):
        serials = expand(one.span)
        last |= dict.fromkeys(serials, one.kind)
        if one.kind is Move.ISSUE:
            issued.update(serials)

    def of(kind: Move) -> tuple[str, ...]:
        return tuple(sorted(serial for serial in issued if last[serial] is kind))

    return Account(tuple(sorted(issued)), of(Move.USE), of(Move.SPOIL), of(Move.RETURN), of(Move.ISSUE))


# -- what is low ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outlook:
    """Whether the stock is enough for those who have booked: `stock` is what is in the office and with trips."""

    stock: int
    demand: int
    reserve: int

    @property
    def left(self) -> int:
        return self.stock - self.demand

    @property
    def is_low(self) -> bool:
        return self.left < self.reserve

    @property
    def words(self) -> str:
        """`Stok 230 − terdaftar 180 = 50, di bawah cadangan 100`."""
        left = f"−{number(-self.left)}" if self.left < 0 else number(self.left)
        end = "di bawah cadangan" if self.is_low else "cukup untuk cadangan"
        return f"Stok {number(self.stock)} − terdaftar {number(self.demand)} = {left}, {end} {number(self.reserve)}"


def warning(stock: int, demand: int, reserve: int) -> Outlook | None:
    """The sum when it is low, None when it is not. `demand` are people booked for coming sessions, nothing guessed."""
    outlook = Outlook(stock, demand, reserve)
    return outlook if outlook.is_low else None


def check_day(day: date, today: date) -> None:
    """Refuses a day to come: a move is written down when it has happened."""
    if day > today:
        raise DayToCome


def note_of(typed: str, *, field: str = "note") -> str:
    """A note as one line without control signs. Refuses (LongNote) one that is too long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())
    if len(line) > LONGEST_NOTE:
        raise LongNote(f"Paling panjang {LONGEST_NOTE} huruf, yang Anda isi {len(line)}.", field=field)
    return line


# -- refusals ---------------------------------------------------------------------------------------------------


class WrongSerial(Refusal):
    sentence = "Tulis nomor seri dengan 1–2 huruf dan 6–7 angka, misalnya X1234501."
    field = "first"


class WrongRange(Refusal):
    sentence = "Rentang nomor seri belum benar."
    field = "last"


class NotThere(Refusal):
    """Some of the numbers are not where the move needs them; the sentence names them."""

    sentence = "Sebagian blangko tidak ada di tempat yang diperlukan."
    field = "first"


class DayToCome(Refusal):
    sentence = "Tanggal ini belum tiba. Isi tanggal kejadiannya."
    field = "day"


class NeedDocument(Refusal):
    sentence = "Tulis nomor dokumen dan kantornya, misalnya berita acara serah terima."
    field = "note"


class NeedReason(Refusal):
    sentence = "Tulis sebab kerusakannya."
    field = "note"


class LongNote(Refusal):
    sentence = "Catatan terlalu panjang."
    field = "note"


class NoMove(NotFound):
    """There is no such move."""


class NotLast(Refusal):
    """Only the last move of its blanks can be taken back."""

    sentence = "Catatan ini tidak bisa dibatalkan lagi, karena blangkonya sudah bergerak sesudah itu."
