"""The contact's list of a trip, by HTTP alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from fieldops.core.audit.models import AuditEntry
from fieldops.core.booking.models import Booking, BookingPage
from fieldops.core.booking.rules import Pool, Window
from fieldops.core.booking.service import pages
from fieldops.kit import clock as office_clock
from fieldops.kit import keys
from fieldops.kit.db import reading, transaction
from fieldops.loktuan.models import Trip, TripRequest
from tests import cast
from tests.db.loktuan.test_requests import make_trip
from tests.make import Office, made, make_booking, make_request
from tests.web import steps

if TYPE_CHECKING:
    from uuid import UUID

    from tests.client import Answer, Client


def make_group(session: Any, planner: UUID, *, request_id: UUID | None = None, seats: int = 3) -> tuple[Trip, UUID]:
    """A published trip of Monday 7 December with one session."""
    trip = make_trip(session, planner, "2026-12-07", "published", request_id=request_id)
    starts = trip.departs_at
    opens, closes, rolls = (starts - timedelta(days=days) for days in (9, 1, 3))
    window = Window(opens, closes, rolls, starts, is_open=True)
    about = {"source_ref": str(trip.id), "day": office_clock.office_day(starts), "window": window}
    kept = {Pool.COLLECTIVE: seats, Pool.PUBLIC: 1}
    session_id = pages.add_session(session, trip.page_id, ends_at=starts + timedelta(hours=1), seats=kept, **about)
    return trip, session_id


@pytest.fixture
def group(office: Office) -> tuple[Trip, UUID]:
    asked = made(make_request)
    return made(make_group, office["tu"], request_id=asked.id)


def show(client: Client, trip: Trip) -> Answer:
    return client.get("loktuan_public.collective_show", token=trip.collective_token)


def person(who: Any = cast.SITI, **changes: str) -> dict[str, str]:
    return {"name": who.name, "nik": who.nik} | changes


def add(client: Client, page: Answer, typed: dict[str, str], expected: int = 303) -> Answer:
    return client.submit(page, typed, action=page.path.split("/")[2], _expected=expected)


def test_a_person_is_added_and_stands_on_the_list_by_a_short_name(client: Client, group: tuple[Trip, UUID]) -> None:
    page = show(client, group[0])
    assert "Sisa 3 dari 3 kursi" in page.words
    shown = client.follow(add(client, page, person()))
    (row,) = steps.bookings()
    assert f"Siti A. {row.code[:3]}-{row.code[3:]}" in shown.words
    assert "Sisa 2 dari 3 kursi" in shown.words
    assert cast.SITI.name not in shown.text
    assert cast.SITI.nik not in shown.text
    assert keys.unseal(row.phone_sealed or b"", str(row.id)) == cast.phone(3), "the contact's number"
    assert client.submit(client.get("booking.ticket_find"), {"code": row.code, "last4": "0003"}).location.startswith("/T/")


def test_the_same_form_twice_is_one_person(client: Client, group: tuple[Trip, UUID]) -> None:
    page = show(client, group[0])
    for _ in range(2):
        add(client, page, person())
    assert steps.count(Booking) == 1
    told = add(client, page, person(cast.BUDI), 422).complaints
    assert told[0].startswith("Isian ini sudah terkirim dengan data lain")


def test_a_person_s_own_number_is_kept_instead(client: Client, group: tuple[Trip, UUID]) -> None:
    add(client, show(client, group[0]), person(phone="0812 9900 0009"))
    (row,) = steps.bookings()
    assert row.phone_last4 == "0009"


def test_what_is_wrong_is_told_and_stays(client: Client, group: tuple[Trip, UUID]) -> None:
    page = show(client, group[0])
    typed = {"name": "12345", "nik": "12", "phone": "1", "service": "x", "help": "x", "session": "x"}
    refused = add(client, page, typed, 422)
    assert len(refused.complaints) == 6
    assert (refused.value("name"), refused.value("nik"), refused.value("phone")) == ("12345", "12", "1")
    add(client, page, person(cast.LONG))
    add(client, show(client, group[0]), person(cast.MARKUP))
    shown = show(client, group[0])
    assert "2 orang" in shown.words


def test_a_pasted_list_keeps_the_good_lines_and_gives_back_the_others(client: Client, group: tuple[Trip, UUID]) -> None:
    page = show(client, group[0])
    lines = [f"{cast.SITI.name}; {cast.SITI.nik}", "Budi; 12", f"{cast.NURAINI.name}\t{cast.NURAINI.nik}", "Tono"]
    lines.append(f"{cast.SITI.name}; {cast.SITI.nik}")
    refused = client.submit(page, {"many-lines": "\n".join(lines)}, action="banyak", _expected=422)
    assert refused.complaints == [
        "2 orang sudah masuk daftar. 2 baris belum bisa dimasukkan; perbaiki di bawah, lalu kirim lagi.",
        "Baris 1: NIK terdiri atas 16 angka, yang Anda isi 2. Periksa lagi di KTP.",
        "Baris 2: Tulis nama dan NIK dengan titik koma di antaranya, misalnya: Suharto; 6474990000000001.",
    ]
    assert refused.value("many-lines").strip() == "Budi; 12\nTono"
    assert steps.count(Booking, state="booked") == 2
    fixed = client.submit(refused, {"many-lines": f"{cast.BUDI.name}; {cast.BUDI.nik}"}, action="banyak")
    assert "3 orang" in client.follow(fixed).words
    client.submit(page, {"many-lines": lines[0]}, action="banyak")
    assert steps.count(Booking, state="booked") == 3, "a line sent again is the same person"


def test_a_pasted_list_stops_where_the_seats_end(client: Client, office: Office) -> None:
    trip, _ = made(make_group, office["tu"], seats=1)
    lines = "\n".join(f"{who.name}; {who.nik}" for who in (cast.SITI, cast.BUDI))
    refused = client.submit(show(client, trip), {"many-lines": lines}, action="banyak", _expected=422)
    assert "Baris 1: Kursi kelompok di sesi ini sudah habis. Pilih sesi lain." in refused.words
    (row,) = steps.bookings()
    assert row.phone_sealed is None, "no request, so no number is known"


def test_an_empty_and_an_endless_list_are_told(client: Client, group: tuple[Trip, UUID]) -> None:
    page = show(client, group[0])
    for lines, told in ((" \n ", "Tulis nama dan NIK"), ("A;1\n" * 101, "Paling banyak 100 baris")):
        refused = client.submit(page, {"many-lines": lines}, action="banyak", _expected=422)
        assert told in refused.complaints[0]


def test_a_nik_that_booked_for_itself_is_refused_in_the_words_of_the_service(
    client: Client, group: tuple[Trip, UUID], clock: Any
) -> None:
    trip, session_id = group
    clock.at("2026-12-01 10:00")
    with reading() as session:
        code = session.scalar(select(BookingPage.code).where(BookingPage.id == trip.page_id))
    made(make_booking, code, session_id, [cast.SITI])
    refused = add(client, show(client, trip), person(), 422)
    assert "sudah terdaftar untuk layanan yang sama" in refused.complaints[0]
    assert "akhir pekan" not in refused.words


def test_a_person_is_taken_off_and_the_seat_is_free_again(client: Client, group: tuple[Trip, UUID]) -> None:
    page = client.follow(add(client, show(client, group[0]), person()))
    for _ in range(2):
        shown = client.follow(client.submit(page, action="hapus"))
        assert "Belum ada orang di daftar ini." in shown.words
        assert "Sisa 3 dari 3" in shown.words
    assert steps.count(AuditEntry, action="booking.cancel") == 1
    for booking in ("", "x", "0f1e1d00-b017-4a06-8000-000000000001"):
        client.post_url(f"{page.path}/hapus", {"booking": booking}, _expected=404)


def test_another_list_s_link_takes_nobody_off(client: Client, office: Office, group: tuple[Trip, UUID]) -> None:
    add(client, show(client, group[0]), person())
    other, _ = made(make_group, office["tu"])
    (row,) = steps.bookings()
    client.post("loktuan_public.collective_remove", {"booking": row.id}, token=other.collective_token, _expected=404)


def test_after_closing_the_list_is_only_shown(client: Client, group: tuple[Trip, UUID], clock: Any) -> None:
    page = client.follow(add(client, show(client, group[0]), person()))
    clock.at("2026-12-06 10:00")
    shown = show(client, group[0])
    assert "Daftar sudah ditutup" in shown.words
    assert not shown.html.select("main form")
    late = add(client, page, person(cast.BUDI), 422)
    assert late.complaints[0].startswith("Daftar untuk sesi ini sudah ditutup")
    assert late.value("nik") == cast.BUDI.nik, "what was typed is still there"
    assert client.submit(page, action="hapus", _expected=422).complaints[0].startswith("Daftar untuk sesi ini sudah")


def test_all_tickets_come_on_one_page_with_codes_and_short_names(client: Client, group: tuple[Trip, UUID]) -> None:
    page = show(client, group[0])
    client.submit(
        page, {"many-lines": f"{cast.SITI.name};{cast.SITI.nik}\n{cast.BUDI.name};{cast.BUDI.nik}"}, action="banyak"
    )
    tickets = client.get("loktuan_public.collective_tickets", token=group[0].collective_token)
    codes = {tag.get_text() for tag in tickets.html.select(".ticket-code")}
    assert codes == {f"{row.code[:3]}-{row.code[3:]}" for row in steps.bookings()}
    assert len(tickets.html.select(".qr svg")) == 2
    assert cast.SITI.name not in tickets.text
    for row in steps.bookings():
        assert row.token not in tickets.text, "the owner's token is not for others"


@pytest.mark.parametrize(
    ("status", "told"),
    [("cancelled", "dibatalkan kantor"), ("postponed", "ditunda kantor"), ("closed", "sudah selesai")],
)
@steps.SQLITE
def test_a_trip_that_is_not_to_be_takes_nobody_and_says_so(
    client: Client, group: tuple[Trip, UUID], status: str, told: str
) -> None:
    page = show(client, group[0])
    with transaction() as session:
        session.execute(update(Trip).where(Trip.id == group[0].id).values(status=status))
    assert told in show(client, group[0]).words
    assert add(client, page, person(), 422).complaints[0].startswith("Daftar untuk sesi ini sudah ditutup")
    assert steps.count(Booking) == 0


@steps.SQLITE
def test_a_planned_trip_and_a_wrong_link_get_one_answer(client: Client, group: tuple[Trip, UUID]) -> None:
    with transaction() as session:
        session.execute(update(Trip).where(Trip.id == group[0].id).values(status="approved", published_at=None))
    for token in (group[0].collective_token, "0" * 26, "x"):
        answer = client.get("loktuan_public.collective_show", token=token, _expected=404)
        assert "Daftar ini tidak ditemukan." in answer.words
        client.post("loktuan_public.collective_add", person(), token=token, _expected=404)


def test_the_contact_s_request_leads_to_the_list(client: Client, office: Office) -> None:
    asked = made(make_request)
    trip, _ = made(make_group, office["tu"], request_id=asked.id)
    with transaction() as session:
        session.execute(update(TripRequest).values(state="accepted", decided_at=office_clock.now()))
    page = client.get("loktuan_public.request_show", token=asked.token)
    assert f"/K/{trip.collective_token}" in page.links()
    assert "Petugas berangkat Senin, 7 Desember 2026" in page.words
