"""Calendar files: right hours everywhere, one event over all its revisions, no text that breaks the format."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.kit.ics import calendar_event

WITA = ZoneInfo("Asia/Makassar")
STARTS = datetime(2026, 12, 5, 9, 30, tzinfo=WITA)


def an_event(**changes):
    values = {
        "uid": "0193a0b2-7c11-7d00-9f4e-1c2d3e4f5a6b@imigrasi-bontang.go.id",
        "sequence": 0,
        "starts": STARTS,
        "ends": STARTS + timedelta(minutes=90),
        "summary": "BONTANG ON SEVEN",
        "place": "Kantor Imigrasi Bontang, Jl. Ahmad Yani; lantai 1",
        "description": "Kode tiket K7P-2MX4\nBawa KTP asli.",
        "stamp": datetime(2026, 11, 30, 0, 4, 5, tzinfo=UTC),
    }
    return calendar_event(**(values | changes))


def content_lines(text):
    """Read a file as a calendar does: CRLF between lines, continuations glued, then (part, name, value)."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    part: list[str] = []
    for line in text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n"):
        name, value = line.split(":", 1)
        if name == "BEGIN":
            part.append(value)
        elif name == "END":
            assert part.pop() == value
        else:
            yield part[-1], name, value
    assert part == []


def fields(text, part="VEVENT"):
    return {name: value for where, name, value in content_lines(text) if where == part}


def unescaped(value):
    out, characters = [], iter(value)
    for character in characters:
        if character == "\\":
            following = next(characters)
            out.append("\n" if following == "n" else following)
        else:
            out.append(character)
    return "".join(out)


def test_times_are_utc_so_that_no_calendar_shifts_the_hour():
    event = fields(an_event())
    assert event["DTSTART"] == "20261205T013000Z"
    assert event["DTEND"] == "20261205T030000Z"
    assert event["DTSTAMP"] == "20261130T000405Z"


def test_book_move_cancel_is_one_event_with_rising_sequence_and_ends_in_a_cancel():
    later = STARTS + timedelta(days=1)
    files = [
        an_event(),
        an_event(sequence=1, starts=later, ends=later + timedelta(hours=1)),
        an_event(sequence=2, starts=later, ends=later + timedelta(hours=1), cancelled=True),
    ]
    events = [fields(text) for text in files]
    assert len({event["UID"] for event in events}) == 1
    assert [event["SEQUENCE"] for event in events] == ["0", "1", "2"]
    assert [fields(text, "VCALENDAR")["METHOD"] for text in files] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


def test_rings_two_hours_before_but_not_when_cancelled():
    alarm = fields(an_event(), "VALARM")
    assert (alarm["TRIGGER"], alarm["ACTION"]) == ("-PT2H", "DISPLAY")
    assert alarm["DESCRIPTION"] == "BONTANG ON SEVEN"
    assert "VALARM" not in an_event(cancelled=True)


def test_commas_semicolons_backslashes_and_line_breaks_are_escaped():
    event = fields(an_event(summary="Nur'aini, D’Souza; a\\b", description="satu\r\ndua\rtiga\n"))
    assert event["LOCATION"] == "Kantor Imigrasi Bontang\\, Jl. Ahmad Yani\\; lantai 1"
    assert event["SUMMARY"] == "Nur'aini\\, D’Souza\\; a\\\\b"
    assert event["DESCRIPTION"] == "satu\\ndua\\ntiga\\n"


def test_no_text_can_smuggle_in_a_line_of_its_own():
    text = an_event(summary="x\r\nATTENDEE:mailto:a@b", place="y\x00\x0bz", uid="u\r\nMETHOD:REQUEST")
    names = [name for _, name, _ in content_lines(text)]
    assert "ATTENDEE" not in names
    assert names.count("METHOD") == 1
    assert fields(text)["LOCATION"] == "yz"


def test_an_address_is_written_as_it_is_or_refused():
    url = "https://imigrasi-bontang.go.id/tiket?k=a,b;c"
    assert fields(an_event(url=url))["URL"] == url
    assert "URL" not in fields(an_event())
    for bad in ("https://a.id/\r\nX:1", "https://a.id/ b", "/tiket", "https://a.id/é", ""):
        with pytest.raises(ValueError, match="absolute"):
            an_event(url=bad)


def test_no_line_is_over_75_octets_and_no_letter_is_torn():
    text = an_event(summary="é’" * 100, description="a" * 75 + "界" * 60)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert fields(text)["SUMMARY"] == "é’" * 100
    # 74 octets and a letter of two: the letter moves whole to the next line.
    assert "SUMMARY:" + "a" * 66 + "\r\n é" in an_event(summary="a" * 66 + "é")


def test_a_line_of_exactly_75_octets_is_not_folded():
    assert "SUMMARY:" + "a" * 67 + "\r\nLOCATION" in an_event(summary="a" * 67)
    assert "SUMMARY:" + "a" * 67 + "\r\n a\r\nLOCATION" in an_event(summary="a" * 68)


@given(st.text(max_size=300))
def test_any_text_comes_back_as_it_went_in_but_for_control_characters(text):
    file = an_event(description=text)
    assert max(len(line.encode()) for line in file.split("\r\n")) <= 75
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(letter for letter in kept if letter in "\n\t" or not (ord(letter) < 32 or ord(letter) == 127))
    assert unescaped(fields(file)["DESCRIPTION"]) == kept


@pytest.mark.parametrize(
    "changes",
    [
        {"starts": STARTS.replace(tzinfo=None), "ends": STARTS.replace(tzinfo=None) + timedelta(hours=1)},
        {"stamp": datetime(2026, 11, 30)},  # noqa: DTZ001
        {"ends": STARTS},
        {"ends": STARTS - timedelta(hours=1)},
        {"sequence": -1},
        {"uid": ""},
    ],
)
def test_refuses_what_would_make_a_wrong_file(changes):
    with pytest.raises(ValueError, match=r"aware|must end|needs a uid"):
        an_event(**changes)
