"""Photos are drawn anew: upright, small, and with nothing of the file but the picture."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from fieldops.kit import photos


def photo(size: tuple[int, int] = (3000, 2000), kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_large_photo_becomes_a_small_jpeg() -> None:
    made = opened(photos.smaller(photo()))
    assert (made.format, made.size) == ("JPEG", (1600, 1067))


def test_a_small_photo_is_not_made_larger() -> None:
    assert opened(photos.smaller(photo((40, 30), "PNG"))).size == (40, 30)


def test_the_place_the_comment_and_the_turn_are_gone_and_the_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: turn by a quarter
    exif.get_ifd(0x8825)[1] = "S"  # GPS
    exif[0x010F] = "Kamera Siti"
    data = photo((300, 200), exif=exif, comment=b"Rumah Siti", icc_profile=b"profile of Siti")
    assert b"Siti" in data
    small = photos.smaller(data)
    made = opened(small)
    assert made.size == (200, 300)
    assert dict(made.getexif()) == {}
    assert b"Siti" not in small
    assert set(made.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_what_is_transparent_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(photos.smaller(out.getvalue())).getpixel((5, 5)) == (255, 255, 255)


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose head promises this many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 10)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [5_000, 9_000, 60_000])
def test_a_picture_that_claims_to_be_enormous_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(photos.BadPhoto):
        photos.smaller(png_that_claims(side, side))


def test_a_whole_png_with_too_many_pixels_is_refused_although_it_could_be_decoded() -> None:
    out = io.BytesIO()
    Image.new("1", (5000, 4001)).save(out, "PNG")
    with pytest.raises(photos.BadPhoto, match="too many pixels"):
        photos.smaller(out.getvalue())


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7 %%EOF", b"GIF89a" + bytes(20), b"\xff\xd8\xff\xe0 none", photo()[:9000], photo(kind="PNG")[:300]],
)
def test_what_is_no_whole_photo_is_refused(data: bytes) -> None:
    with pytest.raises(photos.BadPhoto):
        photos.smaller(data)
