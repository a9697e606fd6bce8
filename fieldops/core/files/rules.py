"""What may be attached: kinds by their content, never by their name; how large; what a file is called."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fieldops.kit.errors import Refusal

MAX_LETTER: Final = 2 * 1024 * 1024
"""The largest file that is kept, in bytes."""
MAX_PHOTO: Final = 8 * 1024 * 1024
"""The largest photo that is taken in. It is drawn anew and kept much smaller."""
MAX_FILES: Final = 20
"""So many files one thing (a request, a trip) may have."""
LONGEST_NAME: Final = 80


class MediaType(StrEnum):
    """The kinds of files that are kept."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"

    @property
    def ending(self) -> str:
        return {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[self.value]

    @property
    def is_picture(self) -> bool:
        return self is not MediaType.PDF


@dataclass(frozen=True)
class Upload:
    """What somebody sent, ready to be kept: a picture was drawn anew, so it holds no place and no camera."""

    name: str
    data: bytes
    kinds: frozenset[MediaType]


PICTURES: Final = frozenset({MediaType.JPEG, MediaType.PNG})
LETTERS: Final = frozenset(MediaType)


def media_type(data: bytes) -> MediaType | None:
    """What the first bytes say it is; None for everything else. A PDF that lacks its end was cut short: None."""
    if data.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]:
        return MediaType.PDF
    return None


def check(data: bytes, kinds: frozenset[MediaType]) -> MediaType:
    """The kind of a file that may be kept. Refuses an empty one, one that is too large, one of another kind."""
    if not data:
        raise NoFile
    if len(data) > MAX_LETTER:
        raise FileTooLarge
    found = media_type(data)
    if found is None or found not in kinds:
        raise WrongFile(WRONG_PHOTO if kinds == PICTURES else None)
    return found


def file_name(typed: str, kind: MediaType) -> str:
    """What the file is called when somebody saves it: the sender's name for it without folders and odd signs, and the
    ending of what it is."""
    stem = re.split(r"[\\/]", unicodedata.normalize("NFKC", typed))[-1].rpartition(".")[0]
    plain = "".join(sign if sign.isalnum() or sign in " -_()" else " " for sign in stem)
    return f"{' '.join(plain.split())[:LONGEST_NAME].strip() or 'berkas'}.{kind.ending}"


class NoFile(Refusal):
    sentence = "Pilih berkasnya dulu."
    field = "file"


class FileTooLarge(Refusal):
    sentence = "Berkas terlalu besar. Paling besar 2 MB untuk PDF dan 8 MB untuk foto."
    field = "file"


WRONG_PHOTO: Final = "Berkas ini bukan foto JPG atau PNG. Pilih foto lain."


class WrongFile(Refusal):
    sentence = "Berkas ini bukan PDF, JPG, atau PNG. Simpan suratnya sebagai PDF, atau foto saja."
    field = "file"


class BrokenPhoto(Refusal):
    sentence = "Foto ini rusak, terpotong, atau terlalu besar. Ambil foto lagi, lalu kirim."
    field = "file"


class TooManyFiles(Refusal):
    sentence = f"Sudah ada {MAX_FILES} berkas, dan tidak bisa lebih."
    field = "file"
