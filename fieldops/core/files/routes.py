"""Files by HTTP, for the routes of others: read what was sent, answer with what was kept. It has no page of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from flask import make_response, request

from fieldops.core.files import rules
from fieldops.core.files.rules import MediaType, Upload
from fieldops.kit import photos
from fieldops.kit.errors import Refusal
from fieldops.kit.page import private

if TYPE_CHECKING:
    from flask import Response

    from fieldops.core.files.queries import FileContent

LARGEST_REQUEST: Final = rules.MAX_PHOTO + 512 * 1024
"""For `request.max_content_length` of a route that takes a file: a photo and the form around it."""

# A letter has to be legible, a photo of a trip only has to show what was there.
_LETTER_PIXELS, _PHOTO_PIXELS = 2200, 1600


def letter_in(field: str) -> Upload | None:
    """The letter that came in the file input `field` (PDF, JPG or PNG), or None when none was chosen.

    Call it before the transaction. Refuses (rules.WrongFile, FileTooLarge, BrokenPhoto) at `field`.
    """
    return _file_in(field, rules.LETTERS, _LETTER_PIXELS)


def photo_in(field: str) -> Upload | None:
    """The photo that came in the file input `field` (JPG or PNG), or None when none was chosen; else as `letter_in`."""
    return _file_in(field, rules.PICTURES, _PHOTO_PIXELS)


def _file_in(field: str, kinds: frozenset[MediaType], longest: int) -> Upload | None:
    sent = request.files.get(field)
    if sent is None or not sent.filename:
        return None
    data = sent.stream.read(rules.MAX_PHOTO + 1)
    found = rules.media_type(data)
    try:
        if len(data) > rules.MAX_PHOTO:
            raise rules.FileTooLarge
        if found is not None and found.is_picture:
            data = photos.smaller(data, longest=longest)
        rules.check(data, kinds)
    except photos.BadPhoto as error:
        raise rules.BrokenPhoto(field=field) from error
    except Refusal as refusal:
        refusal.field = field
        raise
    return Upload(sent.filename, data, kinds)


def answer(file: FileContent) -> Response:
    """Send a kept file: a picture to look at, a PDF to save. Never stored on the way, never taken for something else;
    the policy of every answer lets nothing in it run."""
    response = make_response(file.content)
    response.mimetype = file.row.media_type.value
    way = "inline" if file.row.media_type.is_picture else "attachment"
    plain = file.row.name.encode("ascii", "replace").decode().replace("?", "_")
    response.headers["Content-Disposition"] = f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.row.name)}"
    return private(response)
