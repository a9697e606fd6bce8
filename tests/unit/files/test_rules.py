"""Kinds by content and names by us."""

from __future__ import annotations

import pytest

from fieldops.core.files import rules
from fieldops.core.files.rules import LETTERS, PICTURES, MediaType

PDF = b"%PDF-1.4\n1 0 obj\n%%EOF\n"
JPEG, PNG = b"\xff\xd8\xff\xe0....", b"\x89PNG\r\n\x1a\n...."


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PDF, MediaType.PDF),
        (JPEG, MediaType.JPEG),
        (PNG, MediaType.PNG),
        (PDF[:-6], None),
        (b"<html><script>alert(1)</script>%PDF-1.4 %%EOF", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"MZ....", None),
        (b"", None),
    ],
)
def test_the_kind_is_read_from_the_content(data: bytes, kind: MediaType | None) -> None:
    assert rules.media_type(data) == kind


@pytest.mark.parametrize(
    ("data", "kinds", "refusal"),
    [
        (b"", LETTERS, rules.NoFile),
        (b"<html>", LETTERS, rules.WrongFile),
        (PDF, PICTURES, rules.WrongFile),
        (JPEG + bytes(rules.MAX_LETTER), LETTERS, rules.FileTooLarge),
    ],
)
def test_what_may_not_be_kept_is_refused_in_words(data: bytes, kinds: frozenset[MediaType], refusal: type) -> None:
    with pytest.raises(refusal) as told:
        rules.check(data, kinds)
    assert told.value.field == "file"


def test_a_refused_photo_is_not_told_about_pdf() -> None:
    with pytest.raises(rules.WrongFile, match="bukan foto"):
        rules.check(PDF, PICTURES)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("surat permohonan.pdf", "surat permohonan.pdf"),
        ("C:\\Surat\\Permohonan.final.PDF", "Permohonan final.pdf"),
        ("../../etc/passwd", "berkas.pdf"),
        ("foto.jpg.exe", "foto jpg.pdf"),
        ('a"b\r\nX: y;é.pdf', "a b X y é.pdf"),
        ("", "berkas.pdf"),
        ("x" * 300 + ".pdf", "x" * 80 + ".pdf"),
    ],
)
def test_a_name_is_cleaned_and_ends_as_the_file_is(typed: str, kept: str) -> None:
    assert rules.file_name(typed, MediaType.PDF) == kept
