"""One event as an iCalendar file (RFC 5545), for a person to add to the calendar of a phone.

Times are written in UTC, so no zone block is needed and every calendar shows the right hour. A change is the same
UID with a higher SEQUENCE; a cancellation is that again with METHOD:CANCEL. There is no ORGANIZER, although RFC 5546
wants one: with it, mail programs treat the file as an invitation to answer.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_PRODUCT: Final = "-//FieldOps//Jadwal//ID"
_LINE_OCTETS: Final = 75
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_URI: Final = re.compile(r"[a-z][a-z0-9+.-]*:[\x21-\x7e]+")


def calendar_event(
    *,
    uid: str,
    sequence: int,
    starts: datetime,
    ends: datetime,
    summary: str,
    place: str,
    description: str,
    stamp: datetime,
    cancelled: bool = False,
    url: str | None = None,
) -> str:
    """Give the text of an `.ics` file with one event, to be sent as UTF-8 `text/calendar`.

    `starts`, `ends` and `stamp` (when this revision was made) are aware, to the second; `uid` stays the same over
    all revisions and `sequence` rises by one with each; `url` is an absolute ASCII address. A live event rings two
    hours before. Refuses with ValueError naive times, an end not after the start, a negative sequence, an empty uid
    and an address with spaces or control characters.
    """
    if not uid or sequence < 0:
        raise ValueError("an event needs a uid and a sequence of at least 0")
    if ends <= starts:
        raise ValueError("an event must end after it starts")
    if url is not None and not _URI.fullmatch(url):
        raise ValueError("the event's url must be an absolute ASCII address")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{_escaped(uid)}",
        f"SEQUENCE:{sequence:d}",
        f"DTSTAMP:{_utc(stamp)}",
        f"DTSTART:{_utc(starts)}",
        f"DTEND:{_utc(ends)}",
        f"SUMMARY:{_escaped(summary)}",
        f"LOCATION:{_escaped(place)}",
        f"DESCRIPTION:{_escaped(description)}",
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
    ]
    if url is not None:
        lines.append(f"URL:{url}")
    if not cancelled:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(summary)}",
            "TRIGGER:-PT2H",
            "END:VALARM",
        ]
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(instant: datetime) -> str:
    if instant.tzinfo is None:
        raise ValueError("calendar times must be aware")
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    one_break = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = _CONTROL.sub("", one_break)
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break a line so that no piece is over 75 octets and no character is torn apart."""
    if len(line) * 4 <= _LINE_OCTETS or len(line.encode()) <= _LINE_OCTETS:
        return line
    pieces: list[str] = []
    start = octets = 0
    room = _LINE_OCTETS
    for index, character in enumerate(line):
        size = len(character.encode())
        if octets + size > room:
            pieces.append(line[start:index])
            # The space that marks a continuation counts as one octet of its line.
            start, octets, room = index, 0, _LINE_OCTETS - 1
        octets += size
    pieces.append(line[start:])
    return "\r\n ".join(pieces)
