"""The words and decisions of booking, without a database: codes, identity numbers, pools, times, refusals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fieldops.kit.errors import Refusal

MAX_PEOPLE = 4
MAX_NAME = 100
MAX_KEY = 200
BOOKINGS_PER_PHONE = 4
MAX_LINES = 100


class Pool(StrEnum):
    """Seats of one session, each kept for somebody."""

    PUBLIC = "umum"
    PRIORITY = "prioritas"
    WALK_IN = "walk-in"
    COLLECTIVE = "kolektif"

    @property
    def label(self) -> str:
        return "datang langsung" if self is Pool.WALK_IN else self.value


class State(StrEnum):
    """The life of a booking. HELD and BOOKED are live: they own seats."""

    HELD = "held"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


LIVE = (State.HELD, State.BOOKED)


class Channel(StrEnum):
    """How a booking came to be."""

    ONLINE = "online"
    COUNTER = "counter"
    WALK_IN = "walk-in"
    COLLECTIVE = "kolektif"


class Service(StrEnum):
    """What the person comes for. Lost or damaged passports need an examination and do not go through here."""

    NEW = "baru"
    REPLACEMENT = "penggantian"

    @property
    def label(self) -> str:
        return {"baru": "Paspor baru", "penggantian": "Penggantian paspor"}[self.value]


class Help(StrEnum):
    """Who may take a KALIORANG seat (SE IMI-UM.01.01-2435/2018: own quota for these groups)."""

    ELDERLY = "lansia"
    DISABLED = "disabilitas"
    TODDLER = "balita"
    PREGNANT = "hamil"

    @property
    def label(self) -> str:
        return {
            "lansia": "Lansia, 60 tahun ke atas",
            "disabilitas": "Penyandang disabilitas",
            "balita": "Anak di bawah 5 tahun",
            "hamil": "Ibu hamil",
        }[self.value]


def help_label(asked: str) -> str:
    """The help a person asked for, in words; empty when none was."""
    return Help(asked).label if asked else ""


# -- ticket codes -----------------------------------------------------------------------------------------------

# 23 signs, a prime: then one wrong sign and any two swapped neighbours are always caught by the check sign.
# No vowels (no words), and of each look-alike pair only one: 0 not O Q D, 2 not Z, 5 not S, 8 not B, 6 not G.
CODE_ALPHABET = "023456789CFHJKMNPRTVWXY"
CODE_LENGTH = 6
_LOOK_ALIKES = str.maketrans("OQDZSBGAU", "00025864V")


def check_sign(body: str) -> str:
    """The seventh sign of a ticket code: a weighted sum modulo 23."""
    total = sum((place + 2) * CODE_ALPHABET.index(sign) for place, sign in enumerate(body))
    return CODE_ALPHABET[-total % len(CODE_ALPHABET)]


def read_code(typed: str) -> str | None:
    """A ticket code as stored (7 signs) from what somebody typed, or None.

    Any case, spaces, dashes and dots are fine; O is read as 0, Z as 2, and so on for signs that codes never hold.
    """
    signs = re.sub(r"[\s.\-_–—]", "", unicodedata.normalize("NFKC", typed)).upper().translate(_LOOK_ALIKES)
    if len(signs) != CODE_LENGTH + 1 or any(sign not in CODE_ALPHABET for sign in signs):
        return None
    return signs if check_sign(signs[:-1]) == signs[-1] else None


# What a ticket's QR code holds has 20 signs; tickets from before 2026-11-26 have 26.
_ENTRY = re.compile(r"[0-9A-HJKMNP-TV-Z]{20}(?:[0-9A-HJKMNP-TV-Z]{6})?")


def read_entry(scanned: str) -> str | None:
    """An entry token as stored from what a scanner read, or None when it is something else."""
    signs = scanned.upper()
    return signs if _ENTRY.fullmatch(signs) else None


def show_code(code: str) -> str:
    """K7P2MX4 as people read it aloud: K7P-2MX4."""
    return f"{code[:3]}-{code[3:]}"


# -- identity ---------------------------------------------------------------------------------------------------


def read_nik(typed: str) -> str:
    """16 digits of a NIK. Spaces, dots and dashes are dropped; only length and non-digits refuse (never the area
    code or the birth date: genuine numbers disagree with both, PP 40/2019 Art. 30)."""
    digits = re.sub(r"[\s.\-]", "", typed)
    if not digits:
        raise WrongNik
    if not digits.isascii() or not digits.isdigit():
        raise WrongNik("NIK hanya berisi angka, 16 angka seperti di KTP.")
    if len(digits) != 16:
        raise WrongNik(f"NIK terdiri atas 16 angka, yang Anda isi {len(digits)}. Periksa lagi di KTP.")
    return digits


def read_phone(typed: str) -> str:
    """An Indonesian mobile number in E.164 (+628…). Takes 0812…, 812…, 62812…, +62 812-…, 0062812….

    Refuses foreign and misshapen numbers in words; never guesses.
    """
    text = re.sub(r"[\s.\-()]", "", unicodedata.normalize("NFKC", typed))
    if re.search(r"[^\d+]", text) or text.count("+") > 1 or "+" in text[1:]:
        raise WrongPhone
    if text.startswith("+") and not text.startswith("+62"):
        raise WrongPhone("Nomor ini dari luar negeri. Isi nomor ponsel Indonesia, misalnya 0812 3456 7890.")
    national = re.sub(r"^(\+62|0062|62|0)", "", text)
    if re.match(r"^(62|0)", national) or not re.fullmatch(r"8[1-35-9]\d{7,10}", national):
        raise WrongPhone
    return f"+62{national}"


def read_name(typed: str) -> str:
    """A full name as on the KTP: one word is a name; letters of any script, apostrophes, hyphens, dots, commas.

    White space is folded, case is kept. Refuses emptiness, digits-only and more than 100 letters.
    """
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name:
        raise WrongName("Isi nama lengkap sesuai KTP.")
    if len(name) > MAX_NAME:
        raise WrongName(f"Nama paling panjang {MAX_NAME} huruf, yang Anda isi {len(name)}.")
    if not any(sign.isalpha() for sign in name):
        raise WrongName("Isi nama dengan huruf, sesuai KTP.")
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Cn"} for sign in name):
        raise WrongName("Nama berisi tanda yang tidak dapat disimpan. Ketik ulang namanya.")
    return name


def search_key(name: str) -> str:
    """A name folded for search: no accents, one kind of apostrophe dropped, lower case. Nur'aini, Nur’aini: nuraini.

    At most MAX_KEY letters, since one letter may fold into eighteen (ﷺ).
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(sign for sign in plain if sign.isprintable() and not unicodedata.combining(sign))
    words = re.sub(r"['’‘`´ʼ]", "", letters).replace("-", " ").replace(".", " ").replace(",", " ").split()
    return " ".join(words)[:MAX_KEY]


def short_name(name: str) -> str:
    """First name and an initial, for a ticket that others may see: Siti N."""
    words = name.split()
    return words[0] if len(words) == 1 else f"{words[0]} {words[-1][0].upper()}."


# -- time -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """When a session can be booked online: aware UTC instants."""

    opens_at: datetime
    closes_at: datetime
    rolls_at: datetime
    starts_at: datetime
    is_open: bool


def check_window(window: Window, now: datetime) -> None:
    """Refuses a session that is closed, not yet open, past its closing time or past its start."""
    if not window.is_open:
        raise Closed
    if now >= window.starts_at:
        raise Past
    if now < window.opens_at:
        raise NotYet
    if now >= window.closes_at:
        raise TooLate


def phase(window: Window, ends_at: datetime, now: datetime) -> str:
    """Where a session stands for whoever wants to book it online: closed, past (it is over), begun, early (not yet
    open), late (online booking is over), open."""
    if not window.is_open:
        return "closed"
    if now >= window.starts_at:
        return "past" if now >= ends_at else "begun"
    if now < window.opens_at:
        return "early"
    return "late" if now >= window.closes_at else "open"


def pools_for(wanted: Pool, rolls_at: datetime, now: datetime) -> tuple[Pool, ...]:
    """The pools a booking may take seats from, in order: unused priority and collective seats go to everybody at
    `rolls_at`; a priority applicant may also take an ordinary seat; a walk-in takes walk-in seats only, and the list of
    a group its own."""
    given_up = (Pool.COLLECTIVE,) if now >= rolls_at else ()
    if wanted is Pool.PRIORITY:
        return (Pool.PRIORITY, Pool.PUBLIC, *given_up)
    if wanted is Pool.PUBLIC and now >= rolls_at:
        return (Pool.PUBLIC, Pool.PRIORITY, *given_up)
    return (wanted,)


@dataclass(frozen=True)
class Line:
    """One pasted line of a list: what stood there, and what it says when it can be read."""

    text: str
    name: str = ""
    nik: str = ""
    problem: str = ""


def read_lines(typed: str) -> list[Line]:
    """A pasted list, a person a line: `Nama; NIK`, or two cells of a sheet (a tab between them). Empty lines are left
    out; a line that cannot be read carries its sentence. Refuses more than MAX_LINES lines."""
    found = []
    for text in typed.splitlines():
        if not text.strip():
            continue
        parts = [part.strip() for part in re.split(r"[;\t]", text.strip())]
        try:
            if len(parts) != 2:
                raise WrongLine
            found.append(Line(text.strip(), read_name(parts[0]), read_nik(parts[1])))
        except Refusal as refusal:
            found.append(Line(text.strip(), problem=refusal.sentence))
    if len(found) > MAX_LINES:
        raise WrongLine(f"Paling banyak {MAX_LINES} baris sekali kirim, yang Anda isi {len(found)}.", field="lines")
    return found


# -- refusals ---------------------------------------------------------------------------------------------------


class WrongNik(Refusal):
    sentence = "Isi NIK, 16 angka seperti di KTP."


class WrongPhone(Refusal):
    sentence = "Isi nomor ponsel, misalnya 0812 3456 7890."


class WrongName(Refusal):
    sentence = "Isi nama lengkap sesuai KTP."


class SameNikTwice(Refusal):
    sentence = "NIK ini sudah diisi untuk orang lain di pendaftaran ini. Setiap orang memakai NIK sendiri."


class AlreadyBooked(Refusal):
    sentence = (
        "NIK ini sudah terdaftar untuk layanan yang sama. Satu orang satu jadwal. "
        "Buka tiketnya lewat “Cari tiket saya”, lalu pindah atau batalkan bila perlu."
    )


class HeldElsewhere(Refusal):
    sentence = (
        "NIK ini sedang dipakai di pendaftaran lain yang belum dikirim. "
        "Lanjutkan di sana, atau coba lagi beberapa menit lagi."
    )


class TooManyOnPhone(Refusal):
    sentence = (
        "Nomor ponsel ini sudah dipakai untuk 4 pendaftaran di layanan yang sama. Pakai nomor lain atau hubungi kantor."
    )
    field = "phone"


class Full(Refusal):
    """Not enough free seats. The page says how many there were, when they ran out and what is nearest."""

    sentence = "Sesi ini sudah penuh. Silakan pilih sesi lain."
    field = "session"

    def __init__(self, sentence: str | None = None, *, wanted: int = 1, left: int = 0) -> None:
        super().__init__(sentence)
        self.wanted, self.left = wanted, left


class Closed(Refusal):
    sentence = "Sesi ini ditutup kantor. Silakan pilih sesi lain."
    field = "session"


class Past(Refusal):
    sentence = "Sesi ini sudah dimulai atau sudah lewat. Silakan pilih sesi lain."
    field = "session"


class NotYet(Refusal):
    sentence = "Pendaftaran sesi ini belum dibuka. Lihat jam bukanya di daftar sesi."
    field = "session"


class TooLate(Refusal):
    sentence = "Pendaftaran daring sesi ini sudah ditutup. Silakan pilih sesi lain."
    field = "session"


class KeyReused(Refusal):
    sentence = "Isian ini sudah terkirim dengan data lain. Buka tiket Anda, atau mulai pendaftaran baru."


class HoldGone(Refusal):
    """The ten minutes are over and the seat was given to someone else."""

    sentence = "Waktu menahan kursi sudah habis dan kursinya terisi. Pilih sesi lain; isian Anda tetap ada."
    field = "session"


class NotLive(Refusal):
    sentence = "Pendaftaran ini sudah dibatalkan."


class Started(Refusal):
    sentence = "Sesi ini sudah dimulai, jadi jadwalnya tidak bisa diubah lagi. Hubungi petugas di tempat."


class AlreadyHere(Refusal):
    sentence = "Pemohon di tiket ini sudah tercatat hadir, jadi jadwalnya tidak bisa diubah lagi."


class WrongLine(Refusal):
    sentence = "Tulis nama dan NIK dengan titik koma di antaranya, misalnya: Suharto; 6474990000000001."


class ListClosed(Refusal):
    sentence = "Daftar untuk sesi ini sudah ditutup. Hubungi kantor bila masih ada perubahan."


class TakenOff(Refusal):
    """The same form again, after its person was taken off the list: it would look as if he were on it."""

    sentence = "Orang ini sudah dihapus dari daftar. Muat ulang halaman ini, lalu tambahkan lagi bila perlu."


class SeatsInUse(Refusal):
    sentence = "Jumlah kursi tidak bisa di bawah yang sudah terisi."


# What to bring, adults (Permenkumham 8/2014 as the office explains it at the counter; M-Paspor lists the same).
BRING = {
    Service.NEW: ("KTP asli", "Kartu Keluarga asli", "Akta lahir, buku nikah, atau ijazah asli"),
    Service.REPLACEMENT: ("KTP asli", "Paspor lama"),
}


def bring(services: Iterable[Service]) -> tuple[str, ...]:
    """What a group has to bring, each thing once, in a steady order; what not all need says for which purpose."""
    wanted = [service for service in Service if service in set(services)]
    told = []
    for item in dict.fromkeys(item for service in wanted for item in BRING[service]):
        whose = [service for service in wanted if item in BRING[service]]
        told.append(item if whose == wanted else f"{item} (untuk {' dan '.join(one.label.lower() for one in whose)})")
    return tuple(told)
