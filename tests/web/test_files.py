"""Files as routes take and give them, without a page of their own."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from fieldops.core.files import rules
from fieldops.core.files.routes import letter_in, photo_in

if TYPE_CHECKING:
    from flask import Flask

    from fieldops.core.files.rules import Upload

PDF = b"%PDF-1.4\n%%EOF\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (3000, 2000)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def taken(app: Flask, data: bytes, name: str = "x.bin", *, photo: bool = False) -> Upload | None:
    with app.test_request_context("/", method="POST", data={"file": (io.BytesIO(data), name)}):
        return photo_in("file") if photo else letter_in("file")


@pytest.mark.parametrize(("photo", "longest"), [(True, 1600), (False, 2200)])
def test_a_picture_is_drawn_anew_as_a_jpeg_and_a_letter_stays_legible(
    the_app: Flask, photo: bool, longest: int
) -> None:
    found = taken(the_app, picture(), photo=photo)
    assert found is not None
    with Image.open(io.BytesIO(found.data)) as made:
        assert (made.format, made.width) == ("JPEG", longest)


def test_a_pdf_is_a_letter_as_it_is_and_no_photo(the_app: Flask) -> None:
    found = taken(the_app, PDF, "surat.exe")
    assert found is not None
    assert found.data == PDF
    with pytest.raises(rules.WrongFile, match="bukan foto") as told:
        taken(the_app, PDF, "foto.jpg", photo=True)
    assert told.value.field == "file"


def test_nothing_chosen_is_none_and_an_empty_file_is_told(the_app: Flask) -> None:
    assert taken(the_app, b"", "") is None
    with pytest.raises(rules.NoFile):
        taken(the_app, b"", "kosong.pdf")
