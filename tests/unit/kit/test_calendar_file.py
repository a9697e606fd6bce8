"""What is read from a calendar file, and what of it is not believed."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldops.kit import calendar_file
from fieldops.kit.calendar_file import BadFile, CalendarEvent, TooLarge, TooMany, read_calendar

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def event(*lines: str, uid: str = "a@example", summary: str = "Cuti") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", *lines, "END:VEVENT"])


def file(*parts: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//", *parts, "END:VCALENDAR", ""]).encode()


def read(*parts: str) -> tuple[CalendarEvent, ...]:
    return read_calendar(file(*parts), now=NOW).events


def hours(one: CalendarEvent) -> tuple[str, str]:
    assert not one.problem, one.problem
    assert one.starts_at is not None
    assert one.ends_at is not None
    return tuple(f"{instant.astimezone(UTC):%m-%d %H:%M}" for instant in (one.starts_at, one.ends_at))  # type: ignore[return-value]


WEEK = "DTSTART;TZID=Asia/Makassar:20261130T080000", "DTEND;TZID=Asia/Makassar:20261130T100000"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # A whole day is the office's day, the last one is not in it.
        (("DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261202"), ("11-29 16:00", "12-01 16:00")),
        (("DTSTART;VALUE=DATE:20261130",), ("11-29 16:00", "11-30 16:00")),
        (("DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261130"), ("11-29 16:00", "11-30 16:00")),
        (("DTSTART;VALUE=DATE:20261130", "DURATION:P2D"), ("11-29 16:00", "12-01 16:00")),
        # Hours: UTC, a zone, a Windows name, a name with its program before it, and the office's where none is named.
        (("DTSTART:20261130T000000Z", "DTEND:20261130T020000Z"), ("11-30 00:00", "11-30 02:00")),
        (WEEK, ("11-30 00:00", "11-30 02:00")),
        (
            ("DTSTART;TZID=Asia/Jakarta:20261130T080000", "DTEND;TZID=Asia/Jakarta:20261130T100000"),
            ("11-30 01:00", "11-30 03:00"),
        ),
        (("DTSTART;TZID=SE Asia Standard Time:20261130T080000", "DURATION:PT2H"), ("11-30 01:00", "11-30 03:00")),
        (("DTSTART;TZID=/freeassociation.sourceforge.net/Asia/Makassar:20261130T080000", "DURATION:PT2H"),
         ("11-30 00:00", "11-30 02:00")),
        (("DTSTART;TZID=\"America/New_York\":20261130T080000", "DURATION:PT2H"), ("11-30 13:00", "11-30 15:00")),
        (("DTSTART:20261130T080000", "DTEND:20261130T100000"), ("11-30 00:00", "11-30 02:00")),
    ],
)  # fmt: skip
def test_days_and_hours_become_instants(lines, expected) -> None:
    assert [hours(one) for one in read(event(*lines))] == [expected]


MADE_UP = """BEGIN:VTIMEZONE
TZID:{}
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
RRULE:FREQ=SECONDLY
END:STANDARD
END:VTIMEZONE"""


def test_a_zone_is_known_by_its_name_and_never_by_what_the_file_says_about_it() -> None:
    """The reader would keep a zone of one file for the next one, and would count the seconds since 1601."""
    lines = event("DTSTART;TZID=Kantor:20261130T080000", "DURATION:PT2H")
    for _ in range(2):
        (one,) = read(MADE_UP.format("Kantor"), lines)
        assert one.problem == "Zona waktu “Kantor” tidak dikenal."
    (one,) = read(MADE_UP.format("Asia/Makassar"), event(*WEEK))
    assert hours(one) == ("11-30 00:00", "11-30 02:00")
    folded = MADE_UP.format("Asia/Makassar").replace("BEGIN:VTIMEZONE", "BEGIN:VTI\r\n MEZONE")
    assert hours(read(folded, event(*WEEK))[0]) == ("11-30 00:00", "11-30 02:00")


def test_no_zone_name_reaches_a_file_of_this_machine() -> None:
    for name in ("../../../etc/passwd", "/etc/passwd", "..", ".", "posixrules/../../x"):
        (one,) = read(event(f"DTSTART;TZID={name}:20261130T080000", "DURATION:PT2H"))
        assert one.problem.startswith("Zona waktu"), name
    for name in ("a" * 500, "Asia"):
        with pytest.raises(BadFile):
            read(event(f"DTSTART;TZID={name}:20261130T080000", "DURATION:PT2H"))


def test_the_name_of_a_file_is_no_calendar(tmp_path: Path) -> None:
    """The reader opens a text of one line as a file; it must never get one from outside."""
    secret = tmp_path / "BEGIN:VCALENDAR"
    secret.write_bytes(file(event("DTSTART;VALUE=DATE:20261130", summary="Rahasia")))
    for name in (str(secret), f"{secret}\n", f"{secret}\r\n"):
        with pytest.raises(BadFile):
            read_calendar(name.encode(), now=NOW)


def test_a_plain_calendar_of_a_phone_is_read() -> None:
    found = read(
        event("DTSTART;VALUE=DATE:20261207", "DTEND;VALUE=DATE:20261209", uid="2", summary="Cuti\\, pulang\\nkampung"),
        event(*WEEK, uid="1", summary="Dokter"),
        "BEGIN:VTODO\r\nUID:t\r\nEND:VTODO",
    )
    assert [(one.uid, one.title) for one in found] == [("1", "Dokter"), ("2", "Cuti, pulang kampung")]


def test_what_is_over_is_counted_and_left_out() -> None:
    content = read_calendar(
        file(
            event("DTSTART;VALUE=DATE:20201130", uid="1"),
            event("DTSTART;VALUE=DATE:20201130", "STATUS:CANCELLED", uid="2"),
            event("DTSTART:20261125T010000Z", "DTEND:20261125T020000Z", uid="3"),  # ends at this moment
            event("DTSTART:20261125T010000Z", "DTEND:20261125T020001Z", uid="4"),
        ),
        now=NOW,
    )
    assert [one.uid for one in content.events] == ["4"]
    assert content.past == 3


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("DTSTART:2026113",), "Tanggalnya tidak terbaca."),
        ((), "Tanggalnya tidak terbaca."),
        (("DTSTART;VALUE=DATE:00010101",), "Tanggalnya tidak terbaca."),
        (("DTSTART;VALUE=DATE:99991231",), "Tanggalnya tidak terbaca."),
        (("DTSTART:20261130T080000Z", "DTEND;VALUE=DATE:20261201"), "Mulai dan selesainya tidak sejenis."),
        (("DTSTART:20261130T080000Z",), "Jam selesainya tidak sesudah jam mulai."),
        (("DTSTART:20261130T080000Z", "DTEND:20261130T070000Z"), "Jam selesainya tidak sesudah jam mulai."),
        (("DTSTART:20261130T080000Z", "DURATION:-PT1H"), "Lamanya tidak terbaca."),
        (("DTSTART:20261130T080000Z", "DURATION:P9999999W"), "Lamanya tidak terbaca."),
        (("DTSTART;VALUE=DATE:20261130", "STATUS:CANCELLED"), "Dibatalkan di kalender."),
        (("DTSTART;VALUE=DATE:20261130", "RDATE;VALUE=DATE:20261201"), "Berulang dengan daftar tanggal"),
        (("DTSTART;VALUE=DATE:20261130", "RRULE:FREQ=MONTHLY"), "Berulang dengan pola selain harian dan mingguan"),
        (("DTSTART;VALUE=DATE:20261130", "RRULE:FREQ=YEARLY"), "Berulang dengan pola selain harian"),
        (("DTSTART:20261130T080000Z", "DURATION:PT1H", "RRULE:FREQ=SECONDLY"), "Berulang dengan pola selain harian"),
        (("DTSTART;VALUE=DATE:20261130", "RRULE:FREQ=DAILY;BYMONTH=1"), "Berulang dengan pola selain harian"),
        (("DTSTART;VALUE=DATE:20261130", "RRULE:FREQ=WEEKLY;BYDAY=2MO"), "Pola berulangnya tidak terbaca"),
        (("DTSTART;VALUE=DATE:20261130", "RRULE:FREQ=DAILY;INTERVAL=0"), "Pola berulangnya tidak terbaca"),
        (("DTSTART;VALUE=DATE:20261130", "RRULE:UNTIL=20261201"), "Berulang dengan pola selain harian"),
        (("DTSTART;VALUE=DATE:20261130", "RRULE:nonsense"), "Berulang dengan pola selain harian"),
        (("DTSTART;VALUE=DATE:20261130", "RRULE:FREQ=DAILY;COUNT=x"), "Pola berulangnya tidak terbaca"),
        (("DTSTART;VALUE=DATE:20150101", "RRULE:FREQ=DAILY"), "Berulang sejak lebih dari lima tahun lalu"),
    ],
)
def test_an_event_that_cannot_be_used_says_why_and_the_others_stay(lines, said) -> None:
    good = event("DTSTART;VALUE=DATE:20261207", uid="good")
    found = read(event(*lines, uid="odd"), good)
    assert [one.uid for one in found if not one.problem] == ["good"]
    (odd,) = [one for one in found if one.problem]
    assert odd.problem.startswith(said)
    assert odd.title == "Cuti"


# -- events that repeat


def days(*lines: str, now: datetime = NOW) -> list[str]:
    content = read_calendar(file(event("DTSTART;VALUE=DATE:20261130", *lines)), now=now)
    assert [one.problem for one in content.events if one.problem] == []
    return [f"{one.starts_at + timedelta(hours=8):%m-%d}" for one in content.events if one.starts_at]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;COUNT=3", ["11-30", "12-01", "12-02"]),
        ("FREQ=DAILY;INTERVAL=3;UNTIL=20261206", ["11-30", "12-03", "12-06"]),
        ("FREQ=DAILY;UNTIL=20261202T000000Z", ["11-30", "12-01", "12-02"]),
        ("FREQ=DAILY;BYDAY=SA,SU;COUNT=3", ["12-05", "12-06", "12-12"]),
        ("FREQ=WEEKLY;COUNT=2", ["11-30", "12-07"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", ["11-30", "12-02", "12-07", "12-09"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=4", ["11-30", "12-06", "12-14", "12-20"]),
        # RFC 5545: the first day of the week decides which weeks are skipped.
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=4;WKST=SU", ["11-30", "12-13", "12-14", "12-27"]),
    ],
)
def test_daily_and_weekly_events_are_written_out(rule, expected) -> None:
    assert days(f"RRULE:{rule}") == expected


def test_an_event_without_an_end_is_written_out_for_a_year() -> None:
    found = days("RRULE:FREQ=WEEKLY")
    assert len(found) == 52
    started = read_calendar(file(event("DTSTART;VALUE=DATE:20240101", "RRULE:FREQ=WEEKLY")), now=NOW)
    assert 50 < len(started.events) < 55
    assert started.past > 100


def test_days_that_were_taken_out_or_moved_are_not_there_twice() -> None:
    found = read(
        event(*WEEK, "RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Asia/Makassar:20261201T080000", uid="series"),
        event(
            "RECURRENCE-ID;TZID=Asia/Makassar:20261202T080000", "DTSTART;TZID=Asia/Makassar:20261202T130000",
            "DURATION:PT1H", uid="series", summary="Digeser",
        ),
        event("RECURRENCE-ID:20261203T000000Z", "DTSTART:20261203T000000Z", "DURATION:PT2H", "STATUS:CANCELLED",
              uid="series"),
    )  # fmt: skip
    good = [(hours(one)[0], one.title) for one in found if not one.problem]
    assert good == [("11-30 00:00", "Cuti"), ("12-02 05:00", "Digeser"), ("12-04 00:00", "Cuti")]
    assert [one.problem for one in found if one.problem] == ["Dibatalkan di kalender."]
    assert len({one.uid for one in found}) == 4
    # A whole day is taken out by its date.
    assert days("RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261201") == ["11-30", "12-02"]


def test_a_repeated_hour_stays_at_its_hour_when_the_clocks_of_its_zone_change() -> None:
    first = "DTSTART;TZID=Europe/Amsterdam:20270327T090000", "DURATION:PT1H"
    found = read(event(*first, "RRULE:FREQ=DAILY;COUNT=2"))
    assert [hours(one)[0] for one in found] == ["03-27 08:00", "03-28 07:00"]


# -- who an event is


def test_the_same_event_has_the_same_uid_in_every_export() -> None:
    series = event(*WEEK, "RRULE:FREQ=DAILY;COUNT=3", uid="s")
    for parts in ((series,), (event("DTSTART;VALUE=DATE:20261130", uid="ü" * 300),), (event(*WEEK, uid=""),)):
        first, again = read(*parts), read(*parts)
        assert [one.uid for one in first] == [one.uid for one in again]
        assert all(0 < len(one.uid) <= 200 for one in first)
        assert all(one.uid.isprintable() for one in first)
        assert len({one.uid for one in first}) == len(first)


def test_of_two_events_with_one_uid_the_later_stands() -> None:
    (one,) = read(event("DTSTART;VALUE=DATE:20261130"), event("DTSTART;VALUE=DATE:20261207", summary="Baru"))
    assert one.title == "Baru"


@pytest.mark.parametrize(
    ("summary", "title"),
    [
        ("", "Tanpa judul"),
        ("   ", "Tanpa judul"),
        ("a\x07b\u202ec\u200bd", "a b c d"),
        ("<b>\"'& tebal</b>", "<b>\"'& tebal</b>"),
        ("x" * 300, "x" * 80),
    ],
)
def test_titles_can_be_shown(summary, title) -> None:
    assert read(event("DTSTART;VALUE=DATE:20261130", summary=summary))[0].title == title


# -- files that are none


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\x00\x01\x02", b"halo", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        *(b"%PDF-1.7", b"PK\x03\x04", b"BEGIN:VCALENDAR", b"BEGIN:VCALENDAR\r\nkacau\r\nEND:VCALENDAR\r\n"),
        *(b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", b"END:VCALENDAR\r\nBEGIN:VCALENDAR\r\n", b"\xff\xfe" * 100),
        b"BEGIN:VCALENDAR\r\n" * 10_000,
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 10_000,
    ],
)
def test_what_is_no_calendar_is_refused_with_a_sentence(data) -> None:
    try:
        content = read_calendar(data, now=NOW)
    except BadFile:
        return
    assert content.events == ()  # begun and never ended: nothing in it


def test_256_kb_and_500_events_are_the_most() -> None:
    many = [event("DTSTART;VALUE=DATE:20261130", uid=str(n), summary="x") for n in range(501)]
    assert len(read(*many[:500])) == 500
    with pytest.raises(TooMany):
        read(*many)
    with pytest.raises(TooMany):  # written out
        read(event("DTSTART;VALUE=DATE:20261130", "RRULE:FREQ=DAILY"), event(*WEEK, "RRULE:FREQ=DAILY", uid="b"))
    small = file(event("DTSTART;VALUE=DATE:20261130"))
    padded = small + b" " * (calendar_file.MOST_BYTES - len(small))
    assert len(read_calendar(small + b"\r\n" * ((calendar_file.MOST_BYTES - len(small)) // 2), now=NOW).events) == 1
    with pytest.raises(TooLarge):
        read_calendar(padded + b" ", now=NOW)


PIECES = [
    *("BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE", "END:VTIMEZONE"),
    *("DTSTART:20261130T080000Z", "DTSTART;VALUE=DATE:20261130", "DTSTART;TZID=x:20261130T080000", "DTSTART:x"),
    *("DTEND:20261130T090000Z", "DTEND;VALUE=DATE:20261201", "DURATION:PT1H", "DURATION:x", "UID:1", "UID:", "UID"),
    *("RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=WEEKLY;BYDAY=XX", "RRULE:COUNT=x", "RRULE:", "RRULE:FREQ=DAILY;UNTIL=x"),
    *("EXDATE:20261130T080000Z", "EXDATE:x", "RDATE:x", "RECURRENCE-ID:20261130T080000Z", "RECURRENCE-ID:x"),
    *("SUMMARY:\\", "SUMMARY;X=\"a:b\":c", "STATUS:CANCELLED", "TZID:x", ":", ";", "=", " folded", "\t"),
    *("BEGIN:STANDARD", "END:STANDARD", "TZOFFSETTO:+0800", "FREEBUSY:x", "GEO:x", "CATEGORIES:a,b"),
]  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=25), st.booleans())
def test_no_file_makes_the_reader_fall(lines, wrapped) -> None:
    whole = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"] if wrapped else lines
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            content = read_calendar("\r\n".join(whole).encode("utf-8", "replace"), now=NOW)
        except BadFile:
            return
    for one in content.events:
        assert one.problem or (one.starts_at and one.ends_at and one.starts_at < one.ends_at and one.uid)
