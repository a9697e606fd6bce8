"""Photos from phones, made small and safe to keep: decoded once, drawn anew, nothing else of the file stays."""

from __future__ import annotations

import io
import struct
from typing import Final

from PIL import Image, ImageOps

MOST_PIXELS: Final = {"JPEG": 64_000_000, "PNG": 20_000_000}
"""A JPEG is decoded at a fraction of its size, a PNG whole: 20 million pixels are 80 MB of memory."""

# The library's own limit, for formats it might open on the way; the sizes above are checked before any decoding.
Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError, Warning)


class BadPhoto(ValueError):  # noqa: N818 (the house word)
    """It is no JPEG or PNG, it is cut short, or it claims to be enormous."""


def smaller(data: bytes, *, longest: int = 1600, quality: int = 80) -> bytes:
    """The photo as a JPEG of at most `longest` pixels a side, upright, without EXIF (so without the place where it was
    taken), comment or colour profile. What is transparent becomes white. Refuses with BadPhoto."""
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MOST_PIXELS)) as opened:
            if opened.width * opened.height > MOST_PIXELS[str(opened.format)]:
                raise BadPhoto("too many pixels")
            opened.draft("RGB", (longest, longest))
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((longest, longest))
            return _jpeg(upright, quality)
    except BadPhoto:
        raise
    except _BROKEN as error:
        raise BadPhoto("it cannot be decoded") from error


def _jpeg(image: Image.Image, quality: int) -> bytes:
    flat = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        flat.paste(with_alpha, mask=with_alpha)
    else:
        flat.paste(image.convert("RGB"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
