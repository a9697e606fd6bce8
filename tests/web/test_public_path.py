"""From the poster to the ticket, by HTTP alone."""

from __future__ import annotations

import pytest

from fieldops.core.booking.models import Applicant, Booking, Seat
from fieldops.core.booking.queries import public as queries
from fieldops.core.booking.rules import State
from tests import cast
from tests.client import PUBLIC_HOST, Answer, Client
from tests.make import SATURDAY, SUNDAY, Day, Office, Release, SessionPlan, make_booking, make_day, made
from tests.web import steps
from tests.web.steps import check_page, data_page, ticket_page, typed

from datetime import time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fieldops.weekend.rules import Programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


def test_poster_to_ticket_takes_four_pages(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    start = client.get_url(f"/j/{day.page_code.lower()}", _expected=303)
    choose = client.follow(start)
    data = client.submit(choose, {"session": day.sessions[0]})
    check = client.follow(client.submit(data, typed()))
    ticket = client.follow(client.submit(check))
    assert [one.h1 for one in (choose, data, check, ticket)] == [
        "Pilih sesi PERSARI",
        "Data pemohon",
        "Periksa dulu, lalu kirim",
        "Anda sudah terdaftar",
    ]
    assert "Sabtu, 28 November 2026" in ticket.words
    assert "pukul 08.00 WITA" in ticket.words
    assert "Siti A." in ticket.words
    booked = steps.bookings()
    assert [one.state for one in booked] == ["booked"]
    assert f"{booked[0].code[:3]}-{booked[0].code[3:]}" in ticket.words


@steps.SQLITE
def test_the_slot_page_is_drawn_once_for_all_who_look_in_the_same_moment(
    make_app: Callable[..., Flask], client: Client, office: Office
) -> None:
    day = made(make_day, office["supervisor"])
    other = made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY)
    visitor = Client(make_app(slot_memory_seconds=60), PUBLIC_HOST)
    asked = [
        {"code": day.page_code},
        {"code": day.page_code, "people": 2},
        {"code": day.page_code, "pool": "prioritas"},
        {"code": other.page_code},
    ]
    before = [visitor.get("booking.page_show", **one).text for one in asked]
    assert len(set(before)) == len(asked)
    made(make_booking, day.page_code, day.sessions[0])
    assert [visitor.get("booking.page_show", **one).text for one in asked] == before
    assert client.get("booking.page_show", code=day.page_code).text != before[0]


def test_ticket_survives_reload_bookmark_and_back(client: Client, office: Office, clock) -> None:
    day = made(make_day, office["supervisor"])
    check = check_page(client, day)
    ticket = client.follow(client.submit(check))
    clock.forward(days=1)
    stranger = Client(client.app, client.host)
    assert stranger.get_url(ticket.path).words == ticket.words
    assert stranger.get_url(ticket.path.lower().replace("/t/", "/T/")).words == ticket.words
    assert client.follow(client.get_url(check.path, _expected=303)).path == ticket.path
    assert client.submit(check).location == ticket.path
    assert client.get_url(f"{check.path}/ubah", _expected=303).location == ticket.path
    assert client.get_url(f"{check.path}/sesi", _expected=303).location == ticket.path
    assert len(steps.bookings()) == 1


def test_same_form_twice_gives_the_same_ticket(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    data = data_page(client, day)
    first = client.submit(data, typed())
    assert client.submit(data, typed()).location == first.location
    ticket = client.submit(client.follow(first))
    assert client.submit(data, typed()).location == ticket.location
    assert steps.count(Booking) == steps.count(Applicant) == 1


@pytest.mark.parametrize(("pool", "people"), [("umum", 1), ("prioritas", 2)])
def test_address_of_a_refused_form_is_that_of_its_page(client: Client, office: Office, pool: str, people: int) -> None:
    day = made(make_day, office["supervisor"])
    data = data_page(client, day, pool=pool, people=people)
    refused = client.submit(data, _expected=422)
    assert refused.html.select_one("[data-here='']") is not None
    again = client.get_url(refused.path)
    assert again.h1 == "Data pemohon"
    for name in ("session", "people", "pool"):
        assert again.value(name) == data.value(name)


def test_booked_form_with_other_people_is_refused(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    data = data_page(client, day)
    client.submit(client.follow(client.submit(data, typed())))
    refused = client.submit(data, typed(cast.BUDI), _expected=422)
    assert refused.complaints == [
        "Isian ini sudah terkirim dengan data lain. Buka tiket Anda, atau mulai pendaftaran baru."
    ]
    assert steps.count(Booking) == 1


def test_correction_keeps_the_nik_without_showing_it(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    check = check_page(client, day)
    with_before = steps.bookings()[0]
    edit = client.get_url(f"{check.path}/ubah")
    assert edit.value("name_1") == cast.SITI.name
    assert edit.value("nik_1") == ""
    assert edit.value("phone").endswith("99000001")
    assert cast.SITI.nik not in check.text + edit.text
    corrected = client.follow(client.submit(edit, {"name_1": "Siti Nurhaliza"}))
    assert corrected.path == check.path
    assert "NIK berakhir …0001" in corrected.words
    for page in (edit, corrected):
        assert "berakhir …\u20600001" in page.text, "dots and digits stay on one line"
    client.submit(corrected)
    booked = steps.bookings()
    assert [one.id for one in booked] == [with_before.id]
    refused = client.submit(data_page(client, day, session=1), typed(), _expected=422)
    assert "NIK ini sudah terdaftar" in refused.complaints[0]


def test_family_of_four_sits_together_or_not_at_all(client: Client, office: Office) -> None:
    plans = (SessionPlan(time(8), time(9), 4, 0, 0), SessionPlan(time(9), time(10), 3, 0, 0))
    day = made(make_day, office["supervisor"], plans=plans)
    four = [*cast.FAMILY, cast.GRANDMOTHER]
    first = client.get("booking.page_show", code=day.page_code)
    refused = client.submit(first, {"session": day.sessions[1], "people": 4}, _expected=422)
    assert "tinggal 3 kursi, sedangkan Anda mendaftar untuk 4 orang" in refused.complaints[0]
    assert refused.value("people") == "4"
    ticket = ticket_page(client, day, typed(four), people=4)
    for short in ("Siti A.", "Budi S.", "Suharto", "Oma W."):
        assert short in ticket.words
    assert steps.count(Seat, applicant_id=None) == 3
    assert steps.count(Applicant, is_live=True) == 4


def test_same_nik_twice_in_one_family_is_told_at_the_second(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    values = typed([cast.SITI, cast.BUDI]) | {"nik_2": cast.SITI.nik}
    refused = client.submit(data_page(client, day, people=2), values, _expected=422)
    assert refused.complaints[0].startswith("Orang ke-2: NIK ini sudah diisi")
    assert refused.html.select_one("#nik_2-error") is not None
    assert refused.html.select_one("#nik_1-error") is None


def test_priority_seat_needs_a_reason_and_takes_its_own_pool(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    data = data_page(client, day, pool="prioritas")
    assert "" not in data.form().choices("help_1"), "who comes alone cannot need nothing"
    unsaid = typed() | {"help_1": "x"}
    for values in (typed(), unsaid, {name: value for name, value in unsaid.items() if name != "help_1"}):
        refused = client.submit(data, values, _expected=422)
        assert refused.complaints == [
            "Kursi prioritas untuk lansia, disabilitas, balita, dan ibu hamil. Pilih salah satu."
        ]
        assert "help_1" not in refused.form().values, "nothing is chosen beforehand"
    ticket = client.follow(client.submit(client.follow(client.submit(data, typed(cast.GRANDMOTHER)))))
    assert ticket.h1 == "Anda sudah terdaftar"
    free = [pool for pool in ("umum", "prioritas") for _ in range(steps.count(Seat, pool=pool, applicant_id=None))]
    assert free == ["umum"] * 6 + ["prioritas"]


def test_check_page_shows_who_asked_for_help(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    check = check_page(client, day, typed([cast.BUDI, cast.GRANDMOTHER]), people=2)
    told = [" ".join(one.get_text(" ").split()) for one in check.html.select("dt:-soup-contains('Orang ke-') + dd")]
    assert ["Perlu bantuan: Lansia, 60 tahun ke atas" in one for one in told] == [False, True]


def test_priority_seats_of_a_family_need_an_answer_for_each(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"], plans=[SessionPlan(time(8), time(9), 0, 2, 0)])
    data = data_page(client, day, pool="prioritas", people=2)
    values = typed([cast.BUDI, cast.GRANDMOTHER])
    assert not {"help_1", "help_2"} & data.form().values.keys()
    refused = client.submit(data, {name: text for name, text in values.items() if name != "help_1"}, _expected=422)
    assert refused.complaints == ["Orang ke-1: Pilih salah satu jenis bantuan, atau “Tidak perlu”."]
    refused = client.submit(data, values | {"help_2": ""}, _expected=422)
    assert refused.complaints[0].startswith("Orang ke-1: Kursi prioritas untuk lansia")
    edit = client.get_url(f"{client.follow(client.submit(data, values)).path}/ubah")
    assert (edit.value("help_1"), edit.value("help_2")) == ("", cast.GRANDMOTHER.help)


def test_hold_that_ran_out_offers_sessions_and_goes_on_with_the_same_data(
    client: Client, office: Office, clock
) -> None:
    day = made(make_day, office["supervisor"])
    check = check_page(client, day, typed([cast.SITI, cast.BUDI]), people=2)
    clock.forward(minutes=11)
    made(make_booking, day.page_code, day.sessions[0], 3)
    expired = client.submit(check, _expected=422)
    assert expired.h1 == "Pilih sesi lagi"
    assert expired.html.select_one("fieldset.day .slot") is not None
    assert "Isian Anda untuk 2 orang masih ada" in expired.words
    assert client.get_url(check.path).h1 == "Pilih sesi lagi"
    nothing = client.submit(expired, _expected=422)
    assert nothing.complaints == ["Pilih salah satu sesi."]
    assert expired.form().choices("session") == [str(day.sessions[1])]
    again = client.follow(client.submit(expired, {"session": day.sessions[1]}))
    assert again.path == check.path
    assert "pukul 09.30 WITA" in again.words
    ticket = client.follow(client.submit(again))
    assert "Siti A." in ticket.words
    assert "Budi S." in ticket.words
    assert "pukul 09.30 WITA" in ticket.words


def test_late_send_still_counts_while_nobody_took_the_seat(client: Client, office: Office, clock) -> None:
    day = made(make_day, office["supervisor"])
    check = check_page(client, day)
    clock.forward(minutes=20)
    assert "kursinya masih kosong" in client.get_url(check.path).words
    assert client.follow(client.submit(check)).h1 == "Anda sudah terdaftar"


def test_another_session_can_be_chosen_from_the_check_page(client: Client, office: Office, clock) -> None:
    day = made(make_day, office["supervisor"])
    check = check_page(client, day)
    edit = client.get_url(f"{check.path}/sesi")
    assert edit.h1 == "Ubah waktu"
    assert "ditahan sampai pukul 10.10 WITA" in edit.words
    assert "Pendaftaran belum terkirim." in edit.words
    assert "08.00 Pilihan Anda sekarang" in edit.words
    assert "Jadwal lama" not in edit.words
    assert edit.html.select_one(f"input[value='{day.sessions[0]}'][disabled]") is not None
    clock.forward(minutes=11)
    late = client.get_url(f"{check.path}/sesi")
    assert "Waktu menahan kursinya sudah habis." in late.words
    assert late.form().values["session"] == str(day.sessions[0]), "the seats there can be held anew"
    other = client.submit(edit, {"session": day.sessions[1]})
    assert "pukul 09.30" in client.follow(other).words
    assert steps.count(Seat, applicant_id=None) == 9


def test_full_session_tells_how_many_when_and_where_else_and_keeps_what_was_typed(
    client: Client, office: Office, clock
) -> None:
    day = made(make_day, office["supervisor"])
    later = made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY)
    assert later.page_code != day.page_code
    data = data_page(client, day)
    clock.at("2026-11-25 10:04")
    made(make_booking, day.page_code, day.sessions[0], 3)
    refused = client.submit(data, typed(cast.MARKUP), _expected=422)
    (told,) = refused.complaints
    assert told.startswith("Sesi 08.00 punya 3 kursi, habis 25 Nov, 10.04 WITA.")
    assert "Sabtu 28 Nov 09.30 (sisa 3)" in told
    for name, value in typed(cast.MARKUP).items():
        assert refused.value(name) == value, name
    assert refused.value("key") == data.value("key")
    assert refused.form().choices("session") == [str(day.sessions[1])]
    ticket = client.follow(client.submit(client.follow(client.submit(refused, {"session": day.sessions[1]}))))
    assert "pukul 09.30" in ticket.words


def test_when_all_is_full_the_next_opening_is_told(client: Client, office: Office) -> None:
    planner = office["supervisor"]
    day = made(make_day, planner, Programme.ON_SEVEN, plans=[SessionPlan(time(8), time(9), 1, 0, 0)])
    made(make_day, planner, Programme.ON_SEVEN, SUNDAY, release=Release(2, time(8), 2, 24))
    data = data_page(client, day)
    made(make_booking, day.page_code, day.sessions[0])
    (told,) = client.submit(data, typed(), _expected=422).complaints
    assert told == "Sesi 08.00 punya 1 kursi, habis 25 Nov, 10.00 WITA. Kursi berikutnya dibuka 27 Nov, 08.00 WITA."
    first = client.get("booking.page_show", code=day.page_code)
    assert "Penuh" in first.words
    assert "Kursi berikutnya dibuka 27 Nov, 08.00 WITA." in first.words
    assert not first.html.select("main form, main button, main select")
    refused = client.get("booking.data_new", code=day.page_code, session=day.sessions[0], people=1, _expected=422)
    assert refused.complaints == [told]


def test_when_all_is_full_for_good_other_services_are_offered(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"], plans=[SessionPlan(time(8), time(9), 1, 0, 0)])
    ticket = made(make_booking, day.page_code, day.sessions[0])
    full = client.get("booking.page_show", code=day.page_code)
    move = client.get("booking.ticket_move", token=ticket.token)
    assert "Semua sesi di halaman ini sudah penuh atau ditutup. Lihat layanan lain" in full.words
    assert "Semua sesi lain di halaman ini sudah penuh atau ditutup." in move.words
    assert "Lihat layanan lain" not in move.words
    for page in (full, move):
        assert not page.html.select("main form")


def cards(answer: Answer) -> list[str]:
    """Where the sessions of other pages lead."""
    return [str(one["href"]) for one in answer.html.select("a.card")]


def test_a_full_page_leads_to_the_other_programme_and_to_the_next_weekend(client: Client, office: Office, clock) -> None:
    planner, later = office["supervisor"], SATURDAY + timedelta(weeks=1)
    day = made(make_day, planner, plans=[SessionPlan(time(8), time(9), 1, 0, 2)])
    sunday = made(make_day, planner, Programme.ON_SEVEN, SUNDAY)
    made(make_day, planner, Programme.ON_SEVEN, later, published=False)
    next_week = made(make_day, planner, Programme.PERSARI, later)
    data = data_page(client, day)
    made(make_booking, day.page_code, day.sessions[0])
    told = (
        "Sesi 08.00 punya 1 kursi, habis 25 Nov, 10.00 WITA. "
        "Di tempat ada 2 kursi untuk yang datang langsung, selama belum terisi. "
        "Di halaman lain masih ada BONTANG ON SEVEN Minggu 29 Nov 08.00 (sisa 3)."
    )
    refused = client.submit(data, typed(), _expected=422)
    asked = client.get("booking.data_new", code=day.page_code, session=day.sessions[0], people=1, _expected=422)
    first = client.get("booking.page_show", code=day.page_code)
    assert refused.complaints == asked.complaints == [told]
    assert refused.value("name_1") == cast.SITI.name
    for answer in (refused, asked, first):
        assert cards(answer) == [f"/J/{sunday.page_code}", f"/J/{next_week.page_code}"]
        assert "Minggu, 29 November 2026, pukul 08.00 WITA" in answer.words
        assert "Dibuka Senin, 30 November 2026, pukul 08.00 WITA" in answer.words
        assert "Lihat layanan lain" not in answer.words
    assert "Di tempat ada 2 kursi untuk yang datang langsung" in first.words
    clock.at("2026-11-28 06:30")
    assert "Pendaftaran daring ditutup 2 kursi untuk yang datang langsung" in client.get_url(first.path).words


@steps.SQLITE
def test_what_is_remembered_is_of_one_page_and_one_pool(make_app: Callable[..., Flask], office: Office) -> None:
    day = made(make_day, office["supervisor"], plans=[SessionPlan(time(8), time(9), 0, 1, 0)])
    sunday = made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY, plans=[SessionPlan(time(8), time(9), 1, 0, 0)])
    visitor = Client(make_app(slot_memory_seconds=60), PUBLIC_HOST)

    def led_to(where: Day, expected: int = 422, **more: str) -> list[str]:
        asked = {"code": where.page_code, "session": where.sessions[0], "people": 1}
        return cards(visitor.get("booking.data_new", **asked, **more, _expected=expected))

    assert led_to(day) == [f"/J/{sunday.page_code}"]
    made(make_booking, sunday.page_code, sunday.sessions[0])
    assert led_to(sunday) == []
    assert led_to(sunday, pool="prioritas") == [f"/J/{day.page_code}?pool=prioritas"]
    assert led_to(day, 200, pool="prioritas") == []


def test_a_party_too_large_for_this_page_is_led_to_one_with_room(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    sunday = made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY, plans=[SessionPlan(time(8), time(9), 4, 0, 0)])
    asked = client.get("booking.data_new", code=day.page_code, session=day.sessions[0], people=4, _expected=422)
    assert asked.complaints[0].endswith("Di halaman lain masih ada BONTANG ON SEVEN Minggu 29 Nov 08.00 (sisa 4).")
    assert cards(asked) == [f"/J/{sunday.page_code}?people=4"]


def test_while_there_is_room_nobody_looks_at_other_pages(
    client: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = made(make_day, office["supervisor"])
    monkeypatch.setattr(queries, "slots_elsewhere", None)
    assert ticket_page(client, day).h1 == "Anda sudah terdaftar"


@pytest.mark.parametrize("path", ["/J/ZZZZ", "/D/ABC", "/T/ABC", "/D/ABC/ubah", "/T/ABC/pindah", "/T/ABC/tiket.png"])
@steps.SQLITE
def test_unknown_addresses_are_not_found(client: Client, path: str) -> None:
    missing = client.get_url(path, _expected=404)
    assert missing.h1 == "Tidak ditemukan"
    assert "Ke halaman depan" in missing.words
    (find,) = missing.html.select("main a[href$='/tiket']")
    assert client.get_url(urlsplit(str(find["href"])).path).h1 == "Cari tiket saya"


def test_a_draft_page_is_not_there_yet(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"], published=False)
    client.get("booking.page_show", code=day.page_code, _expected=404)
    assert "Belum ada layanan yang dibuka" in client.get("booking.home").words


def test_states_of_a_hold_and_ticket_do_not_mix(client: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    held = made(make_booking, day.page_code, day.sessions[0], confirmed=False)
    assert client.get("booking.ticket_show", token=held.token, _expected=303).location == f"/D/{held.token}"
    for part in ("tiket.png", "jadwal.ics", "pindah"):
        client.get_url(f"/T/{held.token}/{part}", _expected=404)
    assert steps.bookings()[0].state == State.HELD
