"""Events as an iCalendar file (RFC 5545): one to add to the calendar of a phone, or many to subscribe to.

Times are written in UTC, so no zone block is needed and every calendar shows the right hour. A change is the same
UID with a higher SEQUENCE; a cancellation is that again with METHOD:CANCEL. There is no ORGANIZER, although RFC 5546
wants one: with it, mail programs treat the file as an invitation to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_PRODUCT: Final = "-//FieldOps//Jadwal//ID"
_LINE_OCTETS: Final = 75
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_URI: Final = re.compile(r"[a-z][a-z0-9+.-]*:[\x21-\x7e]+")


@dataclass(frozen=True)
class Event:
    """One event. `starts`, `ends` and `stamp` (when this revision was made) are aware, to the second; `uid` stays the
    same over all revisions and `sequence` rises with each; `url` is an absolute ASCII address."""

    uid: str
    sequence: int
    starts: datetime
    ends: datetime
    summary: str
    place: str
    description: str
    stamp: datetime
    cancelled: bool = False
    url: str | None = None


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
    """Give the text of an `.ics` file with one event, to be sent as UTF-8 `text/calendar` (see Event).

    A live event rings two hours before. Refuses with ValueError naive times, an end not after the start, a negative
    sequence, an empty uid and an address with spaces or control characters.
    """
    event = Event(uid, sequence, starts, ends, summary, place, description, stamp, cancelled, url)
    return _file([f"METHOD:{'CANCEL' if cancelled else 'PUBLISH'}", *_event_lines(event)])


def calendar(events: Iterable[Event], *, name: str) -> str:
    """Give the text of a calendar with many events, for a calendar program that asks again every few hours.

    Refuses with ValueError what `calendar_event` refuses.
    """
    head = [f"X-WR-CALNAME:{_escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT4H", "X-PUBLISHED-TTL:PT4H"]
    return _file(["METHOD:PUBLISH", *head, *(line for event in events for line in _event_lines(event))])


def _file(lines: list[str]) -> str:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN"]
    return "".join(f"{_folded(line)}\r\n" for line in [*head, *lines, "END:VCALENDAR"])


def _event_lines(event: Event) -> list[str]:
    if not event.uid or event.sequence < 0:
        raise ValueError("an event needs a uid and a sequence of at least 0")
    if event.ends <= event.starts:
        raise ValueError("an event must end after it starts")
    if event.url is not None and not _URI.fullmatch(event.url):
        raise ValueError("the event's url must be an absolute ASCII address")
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_escaped(event.uid)}",
        f"SEQUENCE:{event.sequence:d}",
        f"DTSTAMP:{_utc(event.stamp)}",
        f"DTSTART:{_utc(event.starts)}",
        f"DTEND:{_utc(event.ends)}",
        f"SUMMARY:{_escaped(event.summary)}",
        f"LOCATION:{_escaped(event.place)}",
        f"DESCRIPTION:{_escaped(event.description)}",
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
    ]
    if event.url is not None:
        lines.append(f"URL:{event.url}")
    if not event.cancelled:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(event.summary)}",
            "TRIGGER:-PT2H",
            "END:VALARM",
        ]
    return [*lines, "END:VEVENT"]


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
