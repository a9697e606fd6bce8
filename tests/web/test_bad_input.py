"""What people type wrong comes back at its field, with everything else as it was; what is right passes untouched."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from fieldops.core.audit.rules import staff as by_staff
from fieldops.core.booking.models import Booking
from fieldops.kit import clock as office_clock
from fieldops.weekend import service as weekend
from fieldops.weekend.rules import Programme
from tests import cast
from tests.make import SUNDAY, Day, Office, Release, SessionPlan, make_day, made
from tests.web import steps
from tests.web.steps import check_page, data_page, typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client import Answer, Client

WRONG = {
    "nik of six digits": ("nik_1", "647499", "NIK terdiri atas 16 angka, yang Anda isi 6."),
    "nik of 17 digits": ("nik_1", "64749900000000011", "NIK terdiri atas 16 angka, yang Anda isi 17."),
    "letter in the nik": ("nik_1", "64749900000000O1", "NIK hanya berisi angka"),
    "digits of another script": ("nik_1", "٦٤٧٤٩٩٠٠٠٠٠٠٠٠٠١", "NIK hanya berisi angka"),
    "no nik": ("nik_1", "", "Isi NIK, 16 angka seperti di KTP."),
    "foreign phone": ("phone", "+60 12 345 6789", "Nomor ini dari luar negeri."),
    "phone too short": ("phone", "0812 345", "Isi nomor ponsel, misalnya 0812 3456 7890."),
    "phone too long": ("phone", "0812 3456 7890 123", "Isi nomor ponsel"),
    "landline": ("phone", "0548 123456", "Isi nomor ponsel"),
    "letters in the phone": ("phone", "0812 abcd 7890", "Isi nomor ponsel"),
    "two prefixes": ("phone", "+62 62 812 3456 7890", "Isi nomor ponsel"),
    "no phone": ("phone", "", "Isi nomor ponsel"),
    "no name": ("name_1", "   ", "Isi nama lengkap sesuai KTP."),
    "name of digits": ("name_1", "12345", "Isi nama dengan huruf"),
    "name of 101 letters": ("name_1", "a" * 101, "Nama paling panjang 100 huruf, yang Anda isi 101."),
    "name turned around": ("name_1", "Siti \u202eitiS", "Nama berisi tanda yang tidak dapat disimpan."),
    "name with a hidden sign": ("name_1", "Si\u200bti", "Nama berisi tanda yang tidak dapat disimpan."),
}
WRONG_CHOICES = {
    "unknown service": ("service_1", "hilang", "Pilih keperluan"),
    "no service": ("service_1", "", "Pilih keperluan"),
    "unknown help": ("help_1", "vip", "Pilih salah satu jenis bantuan"),
}


@pytest.fixture
def day(office: Office) -> Day:
    return made(make_day, office["supervisor"])


def kept(refused: Answer, values: dict[str, str]) -> None:
    """Everything that was typed is still there."""
    form = refused.form()
    assert {name: form.values.get(name) for name in values} == values


@steps.SQLITE
@pytest.mark.parametrize(("field", "value", "sentence"), WRONG.values(), ids=WRONG)
def test_wrong_text_is_told_at_its_field_and_all_stays(
    client: Client, day: Day, field: str, value: str, sentence: str
) -> None:
    values = typed(cast.NURAINI) | {field: value}
    refused = client.submit(data_page(client, day), values, _expected=422)
    assert len(refused.complaints) == 1
    assert refused.complaints[0].startswith(sentence)
    box = refused.html.select_one(f"#{field}")
    assert box is not None
    assert box["aria-invalid"] == "true"
    told = refused.html.select_one(f"#{field}-error")
    assert told is not None
    assert sentence in told.get_text()
    assert [str(one["id"]) for one in refused.html.select("[aria-invalid]")] == [field]
    kept(refused, values)
    assert steps.count(Booking) == 0


@steps.SQLITE
@pytest.mark.parametrize("name", ["Si\x00ti", "Siti\x07", "Siti\x1b[31m"])
def test_control_signs_are_refused_and_never_sent_back(client: Client, day: Day, name: str) -> None:
    refused = client.submit(data_page(client, day), typed() | {"name_1": name}, _expected=422, action="data")
    assert refused.complaints == ["Nama berisi tanda yang tidak dapat disimpan. Ketik ulang namanya."]


@steps.SQLITE
@pytest.mark.parametrize(("field", "value", "sentence"), WRONG_CHOICES.values(), ids=WRONG_CHOICES)
def test_wrong_choice_is_told_at_its_group(client: Client, day: Day, field: str, value: str, sentence: str) -> None:
    values = typed() | {field: value}
    refused = client.submit(data_page(client, day), values, _expected=422)
    assert [one[: len(sentence)] for one in refused.complaints] == [sentence]
    assert refused.html.select_one(f"#{field}-error") is not None
    del values[field]
    kept(refused, values)


@steps.SQLITE
def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_page(client: Client, day: Day) -> None:
    page = data_page(client, day, people=2)
    refused = client.submit(page, {"name_1": "", "nik_2": "1", "phone": "x"}, _expected=422)
    leads = [str(one["href"]) for one in refused.html.select(".errors a")]
    assert leads == ["#name_1", "#nik_1", "#name_2", "#nik_2", "#phone"]


@steps.SQLITE
def test_a_form_sent_without_its_fields_is_a_form_with_errors(client: Client, day: Day) -> None:
    refused = client.post("booking.data_create", {"key": uuid4()}, code=day.page_code, _expected=422)
    assert len(refused.complaints) >= 3
    client.post("booking.data_create", typed(), code=day.page_code, _expected=422)
    client.post("booking.data_create", typed() | {"key": "1"}, code=day.page_code, _expected=422)
    assert steps.count(Booking) == 0


@steps.SQLITE
def test_the_trap_for_robots_stores_nothing(client: Client, day: Day) -> None:
    client.submit(data_page(client, day), typed() | {"website": "http://x"}, _expected=422)
    assert steps.count(Booking) == 0


def no_session(client: Client, day: Day, planner: object) -> str:
    return ""


def no_id(client: Client, day: Day, planner: object) -> str:
    return "08.00"


def of_another_page(client: Client, day: Day, planner: object) -> str:
    return str(made(make_day, planner, Programme.ON_SEVEN, SUNDAY).sessions[0])


def of_a_draft(client: Client, day: Day, planner: object) -> str:
    return str(made(make_day, planner, Programme.ON_SEVEN, SUNDAY, published=False).sessions[0])


@pytest.mark.parametrize("session_of", [no_session, no_id, of_another_page, of_a_draft])
def test_session_that_is_none_of_this_page_is_refused(
    client: Client, office: Office, day: Day, session_of: Callable[..., str]
) -> None:
    wrong = session_of(client, day, office["supervisor"])
    page = data_page(client, day)
    refused = client.submit(page, typed() | {"session": wrong}, _expected=422)
    kept(refused, typed())
    assert len(refused.complaints) == 1
    assert refused.form().choices("session") == [str(one) for one in day.sessions]
    first = client.get("booking.page_show", code=day.page_code)
    asked = client.submit(first, {"session": wrong, "people": 3}, _expected=422)
    assert asked.complaints == ["Pilih salah satu sesi."]
    assert asked.value("people") == "3"
    assert steps.count(Booking) == 0


TIMES = {
    "begun": ("2026-11-28 08:00", "Sesi 08.00 sudah dimulai. Di tempat ada 1 kursi untuk yang datang langsung"),
    "past": ("2026-11-28 09:45", "Sesi 08.00 sudah lewat."),
    "closing time over": ("2026-11-28 06:00", "Pendaftaran daring sesi 08.00 sudah ditutup."),
    "not yet open": ("2026-11-23 07:59", "Sesi 08.00 belum dibuka. Pendaftaran dibuka 23 Nov, 08.00 WITA."),
}


@pytest.mark.parametrize(("moment", "sentence"), TIMES.values(), ids=TIMES)
def test_session_at_the_wrong_time_is_refused_with_the_reason(
    client: Client, day: Day, clock, moment: str, sentence: str
) -> None:
    page = data_page(client, day)
    clock.at(moment)
    refused = client.submit(page, typed(), _expected=422)
    assert refused.complaints[0].startswith(sentence)
    kept(refused, typed())
    asked = client.get("booking.data_new", code=day.page_code, session=day.sessions[0], people=1, _expected=422)
    assert asked.complaints == refused.complaints
    assert steps.count(Booking) == 0


@pytest.mark.parametrize("moment", ["2026-11-23 08:00", "2026-11-28 05:59"])
def test_the_window_is_open_to_its_very_ends(client: Client, day: Day, clock, moment: str) -> None:
    clock.at(moment)
    assert check_page(client, day).h1 == "Periksa dulu, lalu kirim"


def test_cancelled_day_is_refused_with_what_is_left(client: Client, office: Office) -> None:
    planner = office["supervisor"]
    day = made(make_day, planner, Programme.ON_SEVEN)
    sunday = made(make_day, planner, Programme.ON_SEVEN, SUNDAY, plans=[SessionPlan(time(8), time(9), 2, 0, 0)])
    page = data_page(client, day)
    made(weekend.cancel, day.id, reason="Listrik padam", actor=by_staff(planner), now=office_clock.now())
    refused = client.submit(page, typed(), _expected=422)
    assert refused.complaints[0].startswith("Sesi 08.00 ditutup kantor.")
    kept(refused, typed())
    assert refused.form().choices("session") == [str(sunday.sessions[0])]
    assert "Tidak ada layanan: Listrik padam" in client.get("booking.page_show", code=day.page_code).words


def test_the_only_day_cancelled_while_typing_keeps_what_was_typed(client: Client, office: Office, day: Day) -> None:
    page = data_page(client, day)
    made(weekend.cancel, day.id, reason="Banjir", actor=by_staff(office["supervisor"]), now=office_clock.now())
    refused = client.submit(page, typed(), _expected=422)
    kept(refused, typed())
    foreign = client.submit(page, typed() | {"session": uuid4()}, _expected=422)
    kept(foreign, typed())


@pytest.mark.parametrize(
    "who", [cast.SUHARTO, cast.NURAINI, cast.DSOUZA, cast.LONG, cast.MARKUP], ids=lambda w: w.name[:9]
)
def test_genuine_names_pass_and_show_literally_everywhere(client: Client, staff, day: Day, clock, who) -> None:
    check = check_page(client, day, typed([who, cast.BUDI]), people=2)
    edit = client.get_url(f"{check.path}/ubah")
    assert edit.value("name_1") == who.name
    again = client.submit(edit, {"nik_1": "1"}, _expected=422)
    assert again.value("name_1") == who.name
    ticket = client.follow(client.submit(check))
    cancel = client.get_url(f"{ticket.path}/batal")
    clock.at("2026-11-28 07:45")
    officer = staff("officer")
    (booked,) = steps.bookings()
    today = officer.get("booking.desk_today")
    found = officer.get("booking.desk_today", name=who.name)
    family = officer.submit(officer.get("booking.desk_scan"), {"code": booked.entry_token}, _expected=200)
    person = officer.get_url(next(one for one in family.links() if one.startswith("/people/")))
    here = officer.submit(person, {"stage": "arrived"}, action="/mark", _expected=200)
    assert "Hadir" in found.words
    for page in (check, cancel, today, found, family, person, here):
        assert who.name in page.words, page.path
    short = f"{who.name.split()[0]} {who.name.split()[-1][0]}." if " " in who.name else who.name
    assert short in ticket.words
    for page in (check, edit, again, ticket, cancel, today, found, family, person, here):
        assert "<b>Tono" not in page.text, page.path


@steps.SQLITE
@pytest.mark.parametrize(
    "phone", ["081299000001", "0812-9900-0001", "+62 812 9900 0001", "62 81299000001", "0062 812 99000001"]
)
def test_phones_are_taken_as_people_write_them(client: Client, day: Day, phone: str) -> None:
    assert "berakhir …0001" in check_page(client, day, typed(phone=phone)).words


@steps.SQLITE
def test_nik_may_be_typed_with_spaces(client: Client, day: Day) -> None:
    check = check_page(client, day, typed() | {"nik_1": " 6474 9900 0000 0001 "})
    assert "NIK berakhir …0001" in check.words


def test_not_yet_open_session_says_when_on_the_first_page(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"], release=Release(2, time(8), 2, 24))
    home = client.get("booking.home")
    assert "Kantor Imigrasi Kelas III Non TPI Bontang Dibuka Kamis, 26 November 2026, pukul 08.00 WITA" in home.words
    first = client.get("booking.page_show", code=day.page_code)
    assert "Dibuka 26 Nov, 08.00" in first.words
    assert "Belum ada sesi yang bisa dipilih. Kursi berikutnya dibuka 26 Nov, 08.00 WITA." in first.words
    assert not first.html.select("main form, main input:not([disabled])")
