"""The officers' desk on a service day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from fieldops.core.achievement.models import Line as AchievementLine
from fieldops.core.attendance.models import AttendanceEvent
from fieldops.core.attendance.rules import Stage
from fieldops.core.audit.rules import staff as by_staff
from fieldops.core.booking.models import Applicant
from fieldops.core.booking.service import tickets
from fieldops.kit import clock as office_clock
from fieldops.weekend import service as weekend
from fieldops.weekend.rules import Programme
from tests import cast
from tests.make import STAFF, Booked, Day, Office, make_booking, make_day, make_tap, made
from tests.web import steps

if TYPE_CHECKING:
    from tests.client import Answer, Client


@pytest.fixture
def day(office: Office, clock) -> Day:
    return made(make_day, office["supervisor"])


@pytest.fixture
def siti(day: Day) -> Booked:
    return made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)


@pytest.fixture
def officer(staff, siti: Booked, clock) -> Client:
    """Saturday 07.45, before the first session."""
    clock.at("2026-11-28 07:45")
    return staff("officer")


def counters(page: Answer) -> dict[str, int]:
    words = [" ".join(one.get_text(" ").split()).partition(" ") for one in page.html.select(".tile")]
    return {name: int(number) for number, _, name in words}


def scan(client: Client, code: str, expected: int = 200) -> Answer:
    return client.submit(client.get("booking.desk_scan"), {"code": code}, _expected=expected)


def person(client: Client, who: UUID) -> Answer:
    return client.get("booking.person_show", applicant_id=who)


def mark(client: Client, who: UUID, stage: str, expected: int = 303) -> Answer:
    return client.submit(person(client, who), {"stage": stage}, action="/mark", _expected=expected)


def test_today_lists_everybody_with_separate_counters(
    officer: Client, day: Day, office: Office, siti: Booked, clock
) -> None:
    family = made(make_booking, day.page_code, day.sessions[1], cast.FAMILY[1:], now=office_clock.now().replace(hour=0))
    page = officer.get("booking.desk_today")
    for name in (cast.SITI.name, cast.BUDI.name, cast.SUHARTO.name):
        assert name in page.words
    assert counters(page) == {
        "terdaftar": 3, "hadir": 0, "selesai dilayani": 0, "paspor terbit": 0, "batal": 0, "tidak hadir": 0
    }  # fmt: skip
    for stage in (Stage.ARRIVED, Stage.SERVED):
        made(make_tap, siti.people[0], stage, office["officer"])
    made(tickets.cancel_person, family.token, 1, now=office_clock.now())
    assert counters(officer.get("booking.desk_today")) == {
        "terdaftar": 2, "hadir": 1, "selesai dilayani": 1, "paspor terbit": 0, "batal": 1, "tidak hadir": 0
    }  # fmt: skip
    clock.at("2026-11-29 07:00")
    later = officer.get("booking.desk_today", day="2026-11-28", _expected=(200, 303))
    assert later.status == 303, "twelve hours are over"


def test_today_is_listed_session_by_session_and_what_is_found_is_not(officer: Client, day: Day, office: Office) -> None:
    other = made(make_day, office["supervisor"], Programme.ON_SEVEN)
    before = office_clock.now().replace(hour=0)
    for page_code, session_id, who in (
        (other.page_code, other.sessions[0], cast.BUDI),
        (day.page_code, day.sessions[0], cast.SUHARTO),
        (day.page_code, day.sessions[1], cast.DSOUZA),
    ):
        made(make_booking, page_code, session_id, [who], now=before)
    listed = officer.get("booking.desk_today").html.select("#people h2, #people .row-name")
    assert [one.get_text() for one in listed] == [
        *("08.00 BONTANG ON SEVEN", cast.BUDI.name),
        *("08.00 PERSARI", cast.SITI.name, cast.SUHARTO.name),
        *("09.30 PERSARI", cast.DSOUZA.name),
    ]
    assert not officer.get("booking.desk_today", name="s").html.select("#people h2")


def test_the_same_name_twice_in_a_day_is_told_apart_by_the_nik(officer: Client, day: Day, siti: Booked) -> None:
    before = office_clock.now().replace(hour=0)
    other = replace(cast.BUDI, name=cast.SITI.name.upper())
    for who in (other, cast.DSOUZA):
        made(make_booking, day.page_code, day.sessions[1], [who], now=before)

    def told(page: Answer) -> list[bool]:
        return ["NIK …" in one.get_text().replace("\u2060", "") for one in page.html.select(".row-sub")]

    today = officer.get("booking.desk_today")
    assert told(today) == [True, False, True]
    assert told(officer.get("booking.desk_today", name="siti")) == told(scan(officer, "siti")) == [True, True]
    assert told(officer.get("booking.desk_today", name="souza")) == [False]
    form = today.form(f"/people/{siti.people[0]}/mark")
    swapped = officer.post_url(form.action, form.values | {"stage": "arrived"}, _expected=200, _htmx=True)
    assert told(swapped) == [True]


def test_yesterdays_absent_are_counted_as_no_show(staff, siti: Booked, clock) -> None:
    clock.at("2026-11-29 09:00")
    page = staff("officer").get("booking.desk_today", day="2026-11-28")
    assert counters(page)["tidak hadir"] == 1
    assert cast.SITI.name in page.words
    today = staff("officer").get("booking.desk_today", day="kemarin")
    assert "Tidak ada layanan pada hari ini" in today.words


@pytest.mark.parametrize(
    ("typed", "found"), [("siti ARIFIN", 1), ("nurhaliza", 1), ("joko", 0), ("%", 0), ("_", 0), ("' or 1=1 --", 0)]
)
def test_search_by_name(officer: Client, typed: str, found: int) -> None:
    page = officer.get("booking.desk_today", name=typed)
    assert len(page.html.select("#people .row")) == found
    assert page.value("name") == typed


@pytest.mark.parametrize("typed", ["token", "code", "lower"])
def test_scan_marks_one_person_as_here(officer: Client, siti: Booked, typed: str) -> None:
    code = {"token": siti.entry_token, "code": siti.code, "lower": f"{siti.code[:3]} {siti.code[3:]}".lower()}[typed]
    page = scan(officer, code)
    assert page.h1 == "Hadir"
    assert cast.SITI.name in page.words
    assert "KTP berakhir …0001" in page.words
    assert steps.count(AttendanceEvent, stage="arrived", verdict="applied") == 1


def test_help_that_was_asked_for_is_told_wherever_the_person_is_met(officer: Client, day: Day) -> None:
    before = office_clock.now().replace(hour=0)
    oma = made(make_booking, day.page_code, day.sessions[1], [cast.GRANDMOTHER], now=before)
    rows = officer.get("booking.desk_today").html.select("#people .row")
    assert ["Lansia, 60 tahun ke atas" in one.get_text() for one in rows] == [False, True]
    for page in (scan(officer, oma.code), scan(officer, oma.code), person(officer, oma.people[0])):
        assert "Perlu bantuan" in page.words
        assert "Lansia, 60 tahun ke atas" in page.words


def test_who_asked_for_no_help_is_met_without_the_word(officer: Client, siti: Booked) -> None:
    assert "Perlu bantuan" not in scan(officer, siti.code).words
    assert "Perlu bantuan tidak diminta" in person(officer, siti.people[0]).words


def test_second_scan_says_who_and_when(officer: Client, staff, siti: Booked, clock) -> None:
    scan(officer, siti.code)
    clock.at("2026-11-28 08:12")
    page = scan(staff("supervisor"), siti.code)
    assert page.h1 == "Sudah hadir"
    assert "Hadir pukul 07.45 WITA, dicatat Dewi Petugas" in page.words
    assert steps.count(AttendanceEvent, verdict="applied") == 1


def test_scan_by_name_lists_who_it_may_be(officer: Client) -> None:
    page = scan(officer, "siti")
    assert page.h1 == "Siapa yang hadir?"
    assert "Ada 1 orang. Tandai bila orangnya di depan Anda." in page.words
    assert "satu per satu" not in page.words
    assert cast.SITI.name in page.words
    assert steps.count(AttendanceEvent) == 0


def test_family_ticket_lists_its_people_and_marks_one(officer: Client, day: Day) -> None:
    family = made(make_booking, day.page_code, day.sessions[1], cast.FAMILY[1:], now=office_clock.now().replace(hour=0))
    page = scan(officer, family.entry_token)
    assert page.h1 == "Siapa yang hadir?"
    assert [one.get_text() for one in page.html.select(".row-name")] == [cast.BUDI.name, cast.SUHARTO.name]
    assert page.html.select_one("main a.btn[href='/scan']") is not None, "on to the next ticket"
    action = f"/people/{family.people[1]}/mark"
    officer.submit(page, {"stage": "arrived"}, action=action)
    assert steps.count(AttendanceEvent, applicant_id=family.people[1], stage="arrived") == 1
    assert steps.count(AttendanceEvent) == 1


def test_ticket_of_another_day_is_told_and_may_still_be_taken(staff, siti: Booked, clock) -> None:
    clock.at("2026-11-29 09:00")
    officer = staff("officer")
    page = scan(officer, siti.code)
    assert page.h1 == "Bukan hari ini"
    assert "Sabtu, 28 November 2026, pukul 08.00 WITA" in page.words
    assert steps.count(AttendanceEvent) == 0
    officer.submit(page, {"stage": "arrived"}, action="/mark", _expected=200)
    assert steps.count(AttendanceEvent, flag="other-day", verdict="applied") == 1
    assert "di luar jadwal" in person(officer, siti.people[0]).words


def test_family_ticket_of_another_day_offers_everybody_on_it(staff, day: Day, clock) -> None:
    family = made(make_booking, day.page_code, day.sessions[1], cast.FAMILY)
    clock.at("2026-11-29 09:00")
    officer = staff("officer")
    page = scan(officer, family.entry_token)
    assert page.h1 == "Bukan hari ini"
    assert "Sabtu, 28 November 2026, pukul 09.30 WITA" in page.words
    assert [one.get_text() for one in page.html.select(".row-name")] == [who.name for who in cast.FAMILY]
    assert steps.count(AttendanceEvent) == 0
    listed = officer.submit(page, {"stage": "arrived"}, action=f"/people/{family.people[1]}/mark")
    assert listed.location == "/today?day=2026-11-28", "there the person is listed"
    assert steps.count(AttendanceEvent, applicant_id=family.people[1], flag="other-day") == 1


def test_cancelled_ticket_is_told(officer: Client, siti: Booked) -> None:
    made(tickets.cancel, siti.token, now=office_clock.now())
    page = scan(officer, siti.code)
    assert page.h1 == "Dibatalkan"
    assert "sudah dibatalkan pemohon" in page.words
    assert steps.count(AttendanceEvent) == 0


def test_service_to_somebody_who_had_cancelled_is_recorded_and_flagged(officer: Client, siti: Booked) -> None:
    page = person(officer, siti.people[0])
    made(tickets.cancel, siti.token, now=office_clock.now())
    officer.submit(page, {"stage": "arrived"}, action="/mark", _expected=200)
    assert steps.count(AttendanceEvent, flag="cancelled-before", verdict="applied") == 1


def test_ticket_of_a_day_the_office_cancelled_does_not_blame_the_applicant(
    officer: Client, office: Office, day: Day, siti: Booked
) -> None:
    made(weekend.cancel, day.id, reason="Banjir", actor=by_staff(office["supervisor"]), now=office_clock.now())
    page = scan(officer, siti.code)
    assert "dibatalkan pemohon" not in page.words


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Ketik kode tiket"),
        ("0" * 26, "Tiket ini tidak ada di daftar."),
        ("K7P-2MX5", "Kode belum cocok"),
        ("https://example.com/?a=<b>", "Kode belum cocok"),
        ("\x00", "Ketik kode tiket"),
    ],
)
def test_unknown_ticket_is_told_and_stays_typed(officer: Client, typed: str, sentence: str) -> None:
    page = scan(officer, typed, 422)
    assert page.complaints[0].startswith(sentence)
    assert page.value("code") == typed.strip("\x00")
    assert steps.count(AttendanceEvent) == 0


def test_owners_token_does_not_check_in(officer: Client, siti: Booked) -> None:
    assert "tidak ada di daftar" in scan(officer, siti.token, 422).complaints[0]


def test_served_and_taken_back_by_the_event_it_names(officer: Client, office: Office, siti: Booked) -> None:
    who = siti.people[0]
    mark(officer, who, "arrived", 200)
    mark(officer, who, "served")
    before = person(officer, who)
    assert "Urungkan: selesai dilayani" in before.words
    officer.submit(before, action="/undo")
    assert "Urungkan: hadir" in person(officer, who).words
    officer.submit(before, action="/undo")
    mark(officer, who, "served")
    stale = officer.submit(before, {"key": uuid4()}, action="/undo", _expected=409)
    assert "Batal tidak berlaku: keadaan sudah berubah." in stale.words
    assert "Urungkan: selesai dilayani" in stale.words
    assert steps.count(AttendanceEvent, kind="undo", verdict="applied") == 1


def test_lower_stage_cannot_be_taken_back_first(officer: Client, siti: Booked) -> None:
    who = siti.people[0]
    here = mark(officer, who, "arrived", 200)
    mark(officer, who, "served")
    refused = officer.submit(here, action="/undo", _expected=409)
    assert "Urungkan dulu tahap sesudahnya." in refused.words
    assert "Urungkan: selesai dilayani" in person(officer, who).words


def test_used_form_for_another_person_is_a_new_event(officer: Client, day: Day, siti: Booked) -> None:
    other = made(make_booking, day.page_code, day.sessions[1], [cast.BUDI], now=office_clock.now().replace(hour=0))
    used = officer.get("booking.desk_scan")
    assert officer.submit(used, {"code": siti.code}, _expected=200).h1 == "Hadir"
    assert officer.submit(used, {"code": other.code}, _expected=200).h1 == "Hadir"
    again = officer.submit(used, {"code": siti.code}, _expected=200)
    assert cast.SITI.name in again.words
    assert steps.count(AttendanceEvent) == 2
    form = person(officer, siti.people[0])
    officer.submit(form, {"stage": "served"}, action="/mark")
    officer.post("booking.person_mark", {"key": form.value("key"), "stage": "served"}, applicant_id=other.people[0])
    assert steps.count(AttendanceEvent, stage="served", verdict="applied") == 2


WALK_IN = {"name": cast.NURAINI.name, "nik": cast.NURAINI.nik}


def test_walk_in_tapped_twice_is_one_person_with_one_number(officer: Client, day: Day) -> None:
    page = officer.get("booking.walk_in_new")
    first = officer.submit(page, WALK_IN)
    assert officer.submit(page, WALK_IN).location == first.location
    shown = officer.follow(first)
    assert shown.h1 == cast.NURAINI.name
    assert "Datang langsung W-1" in shown.words
    listed = officer.get("booking.desk_today")
    assert f"{cast.NURAINI.name} W-1 · 08.00 · Paspor baru" in listed.words
    assert "NIK berakhir …0003" in shown.words
    assert steps.count(Applicant) == 2
    assert steps.count(AttendanceEvent, stage="arrived") == 1


def test_walk_in_without_a_seat_left_keeps_what_was_typed(officer: Client, day: Day) -> None:
    first = officer.get("booking.walk_in_new")
    assert "sisa 1 dari 1" in first.words
    late = officer.get("booking.walk_in_new")
    officer.submit(first, WALK_IN)
    other = {"name": cast.DSOUZA.name, "nik": cast.DSOUZA.nik}
    refused = officer.submit(late, other, _expected=422)
    assert refused.complaints == ["Kursi datang langsung di sesi ini sudah habis. Pilih sesi lain hari ini."]
    assert refused.value("name") == cast.DSOUZA.name
    assert refused.value("nik") == cast.DSOUZA.nik
    assert "habis" in refused.words
    done = officer.follow(officer.submit(refused, {"session": day.sessions[1]}))
    assert "pukul 09.30" in done.words


def test_walk_in_with_a_booked_nik_is_led_to_the_list(officer: Client) -> None:
    page = officer.get("booking.walk_in_new")
    refused = officer.submit(page, {"name": "Siti", "nik": cast.SITI.nik}, _expected=422)
    assert "sudah terdaftar untuk layanan ini. Cari namanya" in refused.complaints[0]
    assert refused.html.select_one("#nik-error") is not None


def test_walk_in_may_leave_the_nik_out_but_not_the_name(officer: Client) -> None:
    page = officer.get("booking.walk_in_new")
    assert page.html.select_one("details:not([open]) input[name=help]") is not None
    refused = officer.submit(page, {"name": "", "help": "hamil"}, _expected=422)
    assert refused.html.select_one("details[open] input[name=help][value=hamil][checked]") is not None
    for wrong in (
        {"name": ""},
        {"name": "A", "nik": "12"},
        {"name": "A", "service": "x"},
        {"name": "A", "session": ""},
    ):
        refused = officer.submit(page, wrong, _expected=422)
        assert len(refused.complaints) == 1, wrong
    shown = officer.follow(officer.submit(page, {"name": "Suharto"}))
    assert "tidak dicatat" in shown.words


def test_walk_in_on_a_day_without_service_offers_nothing(staff, office: Office) -> None:
    assert "Tidak ada layanan hari ini" in staff("officer").get("booking.walk_in_new").words


def figure(client: Client) -> tuple[str, str]:
    """Passports issued and in process, as the achievement page says."""
    tiles = client.get("achievement.year_show", year=2026).html.select(".tile b")
    return tiles[0].get_text().strip(), tiles[1].get_text().strip()


def test_every_number_of_the_months_opens_the_lines_behind_it(staff, officer: Client, siti: Booked) -> None:
    mark(officer, siti.people[0], "arrived", 200)
    mark(officer, siti.people[0], "served")
    tu = staff("tu")
    tu.submit(person(tu, siti.people[0]), {"stage": "issued"}, action="/mark")
    page = tu.get("achievement.ro_show", year=2026, ro_id="baa-001")
    assert [(one.get_text(), one["href"]) for one in page.html.select(".tile a")] == [("1", "#baris"), ("4.800", "#rencana")]
    numbers = page.html.select("[aria-label='Volume per bulan'] td")
    assert len(numbers) == 13 * 3, "twelve months and the year: the month, until then, PERSARI"
    assert [one for one in numbers if one.a is None] == []
    for at, told in ((9, "Oktober"), (10, "November"), (11, "Desember"), (12, "")):
        for number, before in zip(numbers[3 * at : 3 * at + 2], ("", "Sampai "), strict=True):
            behind = tu.get_url(number.a["href"].partition("#")[0])
            assert f"{before if told else ''}{told} 2026 · jumlah volume {number.get_text()}" in behind.words
            lines = behind.html.select("[aria-label='Baris buku capaian'] tbody tr")
            assert str(len(lines)) == number.get_text()


def test_issued_writes_one_line_and_taking_it_back_reverses_it(staff, officer: Client, siti: Booked) -> None:
    who, tu = siti.people[0], staff("tu")
    assert figure(tu) == ("0", "0")
    mark(officer, who, "arrived", 200)
    mark(officer, who, "served")
    assert figure(tu) == ("0", "1")
    page = person(tu, who)
    for _ in range(2):
        tu.submit(page, {"stage": "issued"}, action="/mark")
    assert figure(tu) == ("1", "0")
    assert steps.count(AchievementLine) == 1
    year = tu.get("achievement.year_show", year=2026)
    link = year.html.select_one(".tile a[aria-label*='paspor terbit']")
    assert link is not None
    rows = tu.get_url(str(link["href"]))
    assert len(rows.html.select("#baris ~ .table-wrap tbody")[0].select("tr")) == 1
    assert STAFF["tu"] in rows.words
    assert cast.SITI.name not in rows.words
    undo = person(tu, who)
    for _ in range(2):
        tu.submit(undo, action="/undo", _expected=303)
    assert figure(tu) == ("0", "1")
    assert steps.count(AchievementLine) == 2
    assert steps.count(AchievementLine, volume=-1) == 1
    rows = tu.get_url(str(link["href"]))
    assert len(rows.html.select("#baris ~ .table-wrap tbody")[0].select("tr")) == 2
    assert "Koreksi" in rows.words


def test_those_in_process_are_listed_behind_their_number(staff, officer: Client, siti: Booked) -> None:
    mark(officer, siti.people[0], "arrived", 200)
    mark(officer, siti.people[0], "served")
    tu = staff("tu")
    page = tu.get("booking.in_process", year=2026)
    assert cast.SITI.name in page.words
    tu.submit(page, {"stage": "issued"}, action="/mark")
    assert "Tidak ada yang menunggu." in tu.get("booking.in_process", year=2026).words


def test_row_is_swapped_by_htmx_and_reloaded_without(officer: Client, siti: Booked) -> None:
    page = officer.get("booking.desk_today")
    form = page.form(f"/people/{siti.people[0]}/mark")
    values = form.values | {"stage": "arrived"}
    row = officer.post_url(form.action, values, _expected=200, _htmx=f"p-{siti.people[0]}")
    assert not row.is_document
    parts = row.html.body.find_all(True, recursive=False)
    assert [(one.name, one.get("hx-swap-oob")) for one in parts] == [("li", None), ("div", "innerHTML")]
    assert counters(row) == counters(officer.get("booking.desk_today"))
    assert counters(row)["hadir"] == 1
    assert row.html.select_one(f"#p-{siti.people[0]}") is not None
    assert "Selesai" in row.words
    assert "HX-Request" in row.headers["Vary"]
    plain = officer.post_url(form.action, values)
    assert plain.location == "/today?day=2026-11-28"
    assert steps.count(AttendanceEvent) == 1


def test_row_of_a_family_ticket_is_swapped_alone(officer: Client, day: Day) -> None:
    family = made(make_booking, day.page_code, day.sessions[1], cast.FAMILY[1:], now=office_clock.now().replace(hour=0))
    form = scan(officer, family.entry_token).form(f"/people/{family.people[0]}/mark")
    values = form.values | {"stage": "arrived"}
    row = officer.post_url(form.action, values, _expected=200, _htmx=f"p-{family.people[0]}")
    assert [one.name for one in row.html.body.find_all(True, recursive=False)] == ["li"]


def test_search_by_htmx_answers_only_the_list(officer: Client) -> None:
    part = officer.get("booking.desk_today", name="siti", _htmx="people")
    assert not part.is_document
    assert part.html.select_one("section#people") is not None
    assert "HX-Request" in part.headers["Vary"]
    whole = officer.get(
        "booking.desk_today", name="siti", _htmx="people", _headers={"HX-History-Restore-Request": "true"}
    )
    assert whole.is_document


@pytest.mark.parametrize("role", ["tu", "head", "admin", "auditor"])
def test_those_who_may_not_mark_see_no_button_and_are_refused(staff, officer: Client, siti: Booked, role: str) -> None:
    browser, who = staff(role), siti.people[0]
    page = browser.get("booking.desk_today")
    assert cast.SITI.name in page.words
    assert not page.html.select("main form[method=post]")
    values = {"key": uuid4(), "stage": "arrived", "code": siti.code}
    for endpoint in ("booking.desk_scanned", "booking.walk_in_create"):
        browser.post(endpoint, values, _expected=403)
    browser.post("booking.person_mark", values, applicant_id=who, _expected=403)
    browser.get("booking.walk_in_new", _expected=403)
    assert steps.count(AttendanceEvent) == 0


def test_only_those_who_see_simkim_mark_a_passport_issued(staff, officer: Client, siti: Booked) -> None:
    who = siti.people[0]
    mark(officer, who, "arrived", 200)
    mark(officer, who, "served")
    assert "Tandai: paspor terbit" not in person(officer, who).words
    values = {"key": uuid4(), "stage": "issued"}
    for role in ("officer", "head", "admin", "auditor"):
        staff(role).post("booking.person_mark", values, applicant_id=who, _expected=403)
    mark(staff("tu"), who, "issued")
    undo = {"key": uuid4(), "undoes": uuid4(), "stage": "issued"}
    officer.post("booking.person_undo", undo, applicant_id=who, _expected=403)
    assert steps.count(AchievementLine) == 1


def test_passport_of_somebody_never_served_is_kept_for_review_and_does_not_count(staff, officer, siti: Booked) -> None:
    staff("tu").post("booking.person_mark", {"key": uuid4(), "stage": "issued"}, applicant_id=siti.people[0])
    assert steps.count(AttendanceEvent, verdict="review", flag="not-served") == 1
    assert steps.count(AchievementLine) == 0


@pytest.mark.parametrize("wrong", [{"key": ""}, {"key": "1"}, {"stage": ""}, {"stage": "cancelled"}])
def test_tap_without_key_or_stage_is_refused(officer: Client, siti: Booked, wrong: dict[str, str]) -> None:
    values = {"key": str(uuid4()), "stage": "arrived"} | wrong
    officer.post("booking.person_mark", values, applicant_id=siti.people[0], _expected=422)
    officer.post("booking.person_undo", values, applicant_id=siti.people[0], _expected=422)
    assert steps.count(AttendanceEvent) == 0


def test_unknown_person_is_not_found(officer: Client) -> None:
    missing = officer.get("booking.person_show", applicant_id=uuid4(), _expected=404)
    assert "Cari tiket saya" not in missing.words
    values = {"key": uuid4(), "stage": "arrived"}
    officer.post("booking.person_mark", values, applicant_id=uuid4(), _expected=404)
