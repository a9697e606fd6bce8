"""The words of a notice, what may stand in it, and when a mail is tried again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from fieldops.kit.errors import Refusal

TITLE, BODY, LINK, KEY = 200, 1000, 300, 120
"""How many signs each may have. Longer titles and bodies are cut: a long name must not stop what it tells of."""

DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""How long to wait after the first, second, … try that failed. After one more try the mail is given up."""

LEASE = timedelta(minutes=10)
"""How long a mail belongs to the worker that took it. When the worker dies, the mail is due again afterwards."""

COUNTED = 100
"""Unread notices are counted up to here; whoever has more needs no exact number, and no page waits for it."""

HIDDEN = "(NIK tidak ditampilkan)"
"""Stands for 16 digits in a row: a notice is stored in the open and goes out by mail."""
_NIK = re.compile(r"(?<!\d)\d{16}(?!\d)")


class MailState(StrEnum):
    """Where the mail of a notice is. `WAITING` was not refused yet, `FAILED` is tried again, `GIVEN_UP` is not."""

    NONE = "none"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    GIVEN_UP = "given_up"


class BadNotice(ValueError):  # noqa: N818 (the house word)
    """The caller told something that no notice may hold; a fault in the code, not of a person."""


class MailOff(Refusal):
    sentence = "Email belum dinyalakan di server ini, jadi tidak ada yang bisa dikirim lagi."


@dataclass(frozen=True)
class Text:
    """What a notice says, fit to be stored."""

    kind: str
    title: str
    body: str
    link: str
    key: str


def text(*, kind: str, title: str, body: str, link: str, key: str) -> Text:
    """The notice as it is stored: control signs gone, the title on one line, both cut to size, a NIK hidden.

    Somebody may have typed a NIK into a reason, and that must not stop what the notice tells of. Refuses (BadNotice)
    what a caller must not tell: a link that leaves the staff pages, no title, no key, a kind that is no word.
    """
    if not re.fullmatch(r"[a-z]+([.-][a-z]+)*", kind) or len(kind) > 40:
        raise BadNotice(f"a kind is a word of at most 40 small letters, as roster.publish: {kind!r}")
    if not is_local(link):
        raise BadNotice("a link is a path of the staff pages, as /weekend/days")
    if not key or len(key) > KEY:
        raise BadNotice(f"a key has 1 to {KEY} signs")
    title, body = (_NIK.sub(HIDDEN, words) for words in (one_line(title), _plain(body)))
    said = Text(kind, _cut(title, TITLE), _cut(body, BODY), link, key)
    if not said.title:
        raise BadNotice("a notice needs a title")
    return said


def is_local(link: str) -> bool:
    """Whether a link stays on this host however a browser reads it: one leading slash, no backslash, no blanks."""
    if not link.startswith("/") or link.startswith("//") or "\\" in link or len(link) > LINK:
        return False
    if any(sign.isspace() or unicodedata.category(sign) in {"Cc", "Cf"} for sign in link):
        return False
    parts = urlsplit(link)
    return not parts.scheme and not parts.netloc


def one_line(typed: str) -> str:
    """Text without line breaks and control signs, as a title and a header of a mail need it."""
    return " ".join("".join(sign if _shown(sign) else " " for sign in typed).split())


def _plain(typed: str) -> str:
    """Text whose lines stay lines; all other control signs are gone."""
    return "\n".join(one_line(line) for line in typed.splitlines()).strip()


def _shown(sign: str) -> bool:
    return unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _cut(said: str, most: int) -> str:
    return said if len(said) <= most else f"{said[: most - 1].rstrip()}…"


def next_try(tries: int) -> timedelta | None:
    """How long to wait after `tries` tries, the last of which failed; None when the mail is given up."""
    return DELAYS[tries - 1] if tries <= len(DELAYS) else None


def unread_label(unread: int) -> str:
    """The name of the way to the inbox, for those who hear it."""
    if unread == 0:
        return "Pemberitahuan, semua sudah dibaca"
    return f"{unread_count(unread)} pemberitahuan belum dibaca"


def unread_count(unread: int) -> str:
    return f"{COUNTED - 1}+" if unread >= COUNTED else str(unread)


_WORDS = {
    "address": "Alamat email tidak sah",
    "busy": "Server email minta dicoba lagi nanti",
    "connect": "Server email tidak terjangkau",
    "hung-up": "Server email memutus sambungan",
    "interrupted": "Pengiriman terputus di pihak kami",
    "login": "Nama pengguna atau kata sandi server email ditolak",
    "refused": "Server email menolak",
    "timeout": "Server email tidak menjawab",
    "tls": "Sambungan aman ke server email gagal",
}


def error_words(error: str) -> str:
    """What went wrong, from the class that is stored: `refused 550` is `Server email menolak (550)`."""
    what, _, code = error.partition(" ")
    words = _WORDS.get(what, what)
    return f"{words} ({code})" if code else words


@dataclass(frozen=True)
class Letter:
    """One mail that the worker has taken. `tries` counts this one."""

    notice_id: UUID
    name: str
    address: str
    title: str
    body: str
    tries: int
    made_at: datetime


_FOOT = (
    "Email ini dikirim otomatis, jadi jangan dibalas. Tidak ingin menerimanya lagi? Buka Pemberitahuan di FieldOps, "
    "lalu matikan email."
)


def mail_text(letter: Letter, *, url: str, office: str) -> str:
    """The mail as text. `url` is the notice's own page: it shows, and only its button marks and leads on."""
    parts = [
        f"Yth. {one_line(letter.name)},",
        letter.title,
        letter.body,
        f"Buka di FieldOps:\n{url}",
        _FOOT,
        one_line(office),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
