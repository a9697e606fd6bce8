"""Reading a calendar file that somebody uploads (RFC 5545): whole days and hours, time zones, repeated events.

The file comes from outside, so little of it is believed. Time zones are taken by their name and never by the rules
that the file brings along (icalendar would keep those for the next file too). Events that repeat daily or weekly are
written out for a year by the few lines below; what repeats otherwise is told, not guessed. Bytes go to icalendar, never
text: it takes a text of one line for the name of a file on this machine.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from fieldops.kit import clock
from fieldops.kit.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icalendar import Event

MOST_BYTES: Final = 256_000
MOST_EVENTS: Final = 500
AHEAD: Final = timedelta(days=366)
_OLDEST: Final = timedelta(days=5 * 366)
"""An event that repeats since before that is not counted through."""
_UID_LENGTH: Final = 80
_TITLE_LENGTH: Final = 80
_DAY: Final = timedelta(days=1)
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN_RULE: Final = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"}


class BadFile(Refusal):
    sentence = "Berkas ini bukan kalender (.ics) yang bisa dibaca. Ekspor lagi dari aplikasi kalender Anda."
    field = "file"


class TooLarge(BadFile):
    sentence = "Berkas ini lebih dari 256 kB. Ekspor hanya bulan-bulan yang diperlukan."


class TooMany(BadFile):
    sentence = f"Kalender ini berisi lebih dari {MOST_EVENTS} acara. Ekspor hanya bulan-bulan yang diperlukan."


@dataclass(frozen=True)
class CalendarEvent:
    """One event, or one day of an event that repeats. `uid` is the same in every export of the same calendar.

    `problem` says in a sentence why it cannot be used; then the instants may be missing.
    """

    uid: str
    title: str
    starts_at: datetime | None
    ends_at: datetime | None
    problem: str = ""


@dataclass(frozen=True)
class CalendarContent:
    """What a file holds from now on, in order; `past` events are over and left out."""

    events: tuple[CalendarEvent, ...]
    past: int


class _Odd(Exception):  # noqa: N818 (no error: it becomes a sentence beside its event)
    """This one event cannot be used; the text says why."""


def read_calendar(data: bytes, *, now: datetime) -> CalendarContent:
    """Read a file. Refuses (BadFile, TooLarge, TooMany) what is no calendar, over 256 kB or over 500 events."""
    if len(data) > MOST_BYTES:
        raise TooLarge
    if b"BEGIN:VCALENDAR" not in data[:4096].upper():
        raise BadFile
    from icalendar import Calendar, Event  # 3 MB that a server without such files can do without

    try:
        calendars = Calendar.from_ical(_plain(data), multiple=True)
        found = [event for one in calendars for event in one.walk("VEVENT") if isinstance(event, Event)]
    except Exception as error:  # whatever a broken file makes the reader stumble over
        raise BadFile from error
    if len(found) > MOST_EVENTS:
        raise TooMany
    odd: list[CalendarEvent] = []
    events: dict[str, CalendarEvent] = {}
    past = 0
    # An event with RECURRENCE-ID stands in the place of one day of the event that repeats.
    moved = {key: event for event in found if (key := _stands_for(event)) is not None}
    for event in found:
        for read in _events(event, moved, now):
            if read.ends_at is not None and read.ends_at <= now:
                past += 1
            elif read.uid:
                events[read.uid] = read  # of two with one UID the later stands
            else:
                odd.append(read)
            if len(events) + len(odd) > MOST_EVENTS:
                raise TooMany
    ordered = sorted(events.values(), key=lambda one: (one.starts_at or now, one.title))
    return CalendarContent((*ordered, *odd), past)


def _plain(data: bytes) -> bytes:
    """The file with whole lines, without its own time zones, and zones named without a leading slash."""
    kept, inside = [], False
    for line in re.sub(rb"\r?\n[ \t]", b"", data).splitlines():
        mark = line.strip().upper()
        inside = inside or mark == b"BEGIN:VTIMEZONE"
        if not inside:
            kept.append(re.sub(rb'(?i);TZID=("?)/+', rb";TZID=\1", line))
        inside = inside and mark != b"END:VTIMEZONE"
    return b"\r\n".join(kept)


def _events(event: Event, moved: dict[tuple[str, datetime], Event], now: datetime) -> Iterator[CalendarEvent]:
    title = _title(event)
    try:
        starts, ends = _bounds(event)
        uid = _uid(event, title)
        if "RECURRENCE-ID" in event:
            uid = _day_uid(uid, _instant(_value(event, "RECURRENCE-ID")))
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            yield replace(_made(uid, title, starts, ends), problem="Dibatalkan di kalender.")
            return
        if "RECURRENCE-ID" not in event and "RDATE" in event:
            raise _Odd("Berulang dengan daftar tanggal: ajukan satu per satu.")
        if "RECURRENCE-ID" not in event and "RRULE" in event:
            yield from _repeated(event, uid, title, starts, ends, moved, now)
            return
        yield _made(uid, title, starts, ends)
    except _Odd as odd:
        yield CalendarEvent("", title, None, None, str(odd))


def _made(uid: str, title: str, starts: date, ends: date) -> CalendarEvent:
    made = CalendarEvent(uid, title, _instant(starts), _instant(ends))
    if made.starts_at is not None and made.ends_at is not None and made.ends_at <= made.starts_at:
        return replace(made, problem="Jam selesainya tidak sesudah jam mulai.")
    return made


def _title(event: Event) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in str(event.get("SUMMARY", "")))
    return " ".join(shown.split())[:_TITLE_LENGTH] or "Tanpa judul"


def _uid(event: Event, title: str) -> str:
    """The event's own UID, or a digest where it is too long or missing."""
    own = str(event.get("UID", "")).strip()
    if own and len(own) <= _UID_LENGTH and own.isprintable():
        return own
    digest = own or f"{event['DTSTART'].to_ical()!r} {title}"
    return f"sha256:{hashlib.sha256(digest.encode('utf-8', 'replace')).hexdigest()}"


def _day_uid(uid: str, starts_at: datetime) -> str:
    return f"{uid}#{starts_at.astimezone(UTC):%Y%m%dT%H%MZ}"


def _stands_for(event: Event) -> tuple[str, datetime] | None:
    if "RECURRENCE-ID" not in event:
        return None
    try:
        return str(event.get("UID", "")).strip(), _instant(_value(event, "RECURRENCE-ID"))
    except _Odd:
        return None


# -- times ------------------------------------------------------------------------------------------------------


def _value(event: Event, name: str) -> date:
    """A date, or a datetime with a zone; one without a zone is meant in the office's."""
    prop, value = event.get(name), _read(event.get(name), "dt")
    if not isinstance(value, date) or not 1970 <= value.year < 2100:
        raise _Odd("Tanggalnya tidak terbaca.")
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=_zone(str(prop.params.get("TZID", ""))))
    return value


def _read(prop: object, name: str) -> Any:
    """A part of a property; None when it is missing or could not be read."""
    from icalendar.prop import vBroken

    return None if isinstance(prop, vBroken) else getattr(prop, name, None)


def _zone(name: str) -> tzinfo:
    """The zone of a name that icalendar did not know: some programs write their own name before it."""
    parts = name.split("/")
    for n in range(len(parts) if name else 0):
        try:
            return ZoneInfo("/".join(parts[n:]))
        except (ValueError, OSError, LookupError):
            continue
    if name:
        raise _Odd(f"Zona waktu “{name[:40]}” tidak dikenal.")
    return clock.ZONE


def _instant(value: date) -> datetime:
    return value if isinstance(value, datetime) else clock.at_office(value, time())


def _bounds(event: Event) -> tuple[date, date]:
    """Start and end, both dates or both datetimes. Without an end a date is one day; a time has no length then."""
    starts = _value(event, "DTSTART")
    whole = not isinstance(starts, datetime)
    if "DTEND" in event:
        ends = _value(event, "DTEND")
        if whole is isinstance(ends, datetime):
            raise _Odd("Mulai dan selesainya tidak sejenis.")
    elif "DURATION" in event:
        length = _read(event["DURATION"], "dt")
        if not isinstance(length, timedelta) or not timedelta() <= length <= AHEAD:
            raise _Odd("Lamanya tidak terbaca.")
        ends = starts + length
    else:
        ends = starts
    return (starts, starts + _DAY) if whole and ends == starts else (starts, ends)


# -- events that repeat -----------------------------------------------------------------------------------------


def _repeated(
    event: Event,
    uid: str,
    title: str,
    starts: date,
    ends: date,
    moved: dict[tuple[str, datetime], Event],
    now: datetime,
) -> Iterator[CalendarEvent]:
    """Each day of an event that repeats, up to a year from now, without those that were taken out or moved."""
    own = str(event.get("UID", "")).strip()
    out = _left_out(event)
    for day in _days(event, starts, clock.office_day(now)):
        begins = _on(day, starts)
        at = _instant(begins)
        if at in out or clock.office_day(at) in out or (own, at) in moved:
            continue
        yield _made(_day_uid(uid, at), title, begins, begins + (ends - starts))


def _on(day: date, starts: date) -> date:
    """The same time of day in the event's own zone."""
    return datetime.combine(day, starts.timetz()) if isinstance(starts, datetime) else day


def _days(event: Event, starts: date, today: date) -> Iterator[date]:
    rule: dict[str, list[Any]] = {name.upper(): values for name, values in _rule(event).items()}
    unit = {"DAILY": 1, "WEEKLY": 7}.get(str(rule.get("FREQ", [""])[0]).upper())
    if unit is None or rule.keys() - _KNOWN_RULE:
        raise _Odd("Berulang dengan pola selain harian dan mingguan: ajukan satu per satu.")
    step = rule.get("INTERVAL", [1])[0]
    first = starts.date() if isinstance(starts, datetime) else starts
    wanted = {str(day).upper() for day in rule.get("BYDAY", ())} or set(_WEEKDAYS if unit == 1 else [_code(first)])
    if not isinstance(step, int) or step < 1 or wanted - set(_WEEKDAYS):
        raise _Odd("Pola berulangnya tidak terbaca: ajukan satu per satu.")
    if today - first > _OLDEST:
        raise _Odd("Berulang sejak lebih dari lima tahun lalu: ajukan satu per satu.")
    week = str(rule.get("WKST", ["MO"])[0]).upper()
    week_begins = _WEEKDAYS.index(week) if week in _WEEKDAYS else 0
    offset = (first.weekday() - week_begins) % 7 if unit == 7 else 0
    left = rule.get("COUNT", [None])[0]
    until = rule.get("UNTIL", [None])[0]
    last = today + AHEAD
    day = first
    while day <= last and left != 0:
        if ((day - first).days + offset) // unit % step == 0 and _code(day) in wanted:
            if until is not None and _after(_on(day, starts), until):
                return
            left = left - 1 if left is not None else None
            yield day
        day += _DAY


def _rule(event: Event) -> Any:
    rule = event["RRULE"]
    if not isinstance(rule, dict):
        raise _Odd("Pola berulangnya tidak terbaca: ajukan satu per satu.")
    return rule


def _code(day: date) -> str:
    return _WEEKDAYS[day.weekday()]


def _after(begins: date, until: date) -> bool:
    """Whether a day comes after the last one of the rule, which counts itself."""
    if isinstance(begins, datetime) and isinstance(until, datetime):
        return begins > (until if until.tzinfo else until.replace(tzinfo=begins.tzinfo))
    plain = [one.date() if isinstance(one, datetime) else one for one in (begins, until)]
    return plain[0] > plain[1]


def _left_out(event: Event) -> set[date]:
    """The starts that EXDATE takes out, as instants and as days of the office."""
    found = event.get("EXDATE", [])
    out: set[date] = set()
    for group in found if isinstance(found, list) else [found]:
        for one in _read(group, "dts") or ():
            value = one.dt
            if isinstance(value, datetime):
                out.add(value if value.tzinfo else value.replace(tzinfo=_zone(str(group.params.get("TZID", "")))))
            elif isinstance(value, date):
                out.add(value)
    return out
