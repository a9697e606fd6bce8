"""The life of a ticket in its owner's hands."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff as by_staff
from fieldops.core.booking.models import Applicant, Seat
from fieldops.core.booking.rules import check_sign
from fieldops.kit import clock as office_clock
from fieldops.kit import db, keys
from fieldops.weekend import service as weekend
from fieldops.weekend.rules import Programme
from tests import cast
from tests.make import SATURDAY, SUNDAY, Booked, Day, Office, SessionPlan, make_booking, make_day, made
from tests.web import steps

if TYPE_CHECKING:
    from tests.client import Answer, Client


@pytest.fixture
def day(office: Office) -> Day:
    return made(make_day, office["supervisor"])


@pytest.fixture
def ticket(day: Day) -> Booked:
    return made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)


def free(session_id: object) -> int:
    with db.reading() as session:
        found = select(func.count()).where(Seat.session_id == session_id, Seat.applicant_id.is_(None))
        return session.scalar(found) or 0


def find(client: Client, code: str, last4: str, expected: int = 303) -> Answer:
    return client.submit(client.get("booking.ticket_find"), {"code": code, "last4": last4}, _expected=expected)


def test_ticket_is_found_by_code_however_it_is_written(
    client: Client, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "pick", lambda _alphabet, _length: "0C0F2J")
    ticket = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)
    sign = check_sign("0C0F2J")
    for code in (f"0C0-F2J{sign}", f"oco f2j{sign.lower()}", f" O C O . f z j – {sign}", f"0c0f2j{sign}"):
        assert find(client, code, "0001").location == f"/T/{ticket.token}", code
    assert find(client, f"0C0F2J{sign}", "0812 9900 0001").location == f"/T/{ticket.token}"


def test_wrong_code_and_wrong_digits_get_one_answer(client: Client, ticket: Booked) -> None:
    body = "777777" if ticket.code[:6] != "777777" else "888888"
    unknown = body + check_sign(body)
    tries = [
        (ticket.code, "9999"),
        (unknown, "0001"),
        ("K7P2MX", "0001"),
        (ticket.code, ""),
        ("", "0001"),
        (ticket.token, "0001"),
    ]
    told = set()
    for code, last4 in tries:
        refused = find(client, code, last4, 422)
        text = refused.text.replace(f'value="{code}"', 'value=""').replace(f'value="{last4}"', 'value=""')
        told.add((refused.status, text, *refused.complaints))
    assert len(told) == 1
    assert "Tiket tidak ditemukan. Periksa kode dan 4 angka terakhir nomor ponsel." in told.pop()


def test_walk_in_without_a_phone_is_not_found_by_empty_digits(client: Client, office: Office, day: Day, clock) -> None:
    from tests.make import make_walk_in

    clock.at("2026-11-28 08:00")
    made(make_walk_in, day.sessions[0], office["officer"])
    (booked,) = steps.bookings()
    find(client, booked.code, "", 422)


def test_move_keeps_the_old_seat_until_the_new_one_is_certain(client: Client, day: Day, ticket: Booked) -> None:
    page = client.get("booking.ticket_move", token=ticket.token)
    assert "Jadwal lama tetap milik Anda sampai yang baru pasti." in page.words
    mine = page.html.select_one(f"input[value='{day.sessions[0]}']")
    assert mine is not None
    assert mine["aria-label"] == "Sabtu, 28 November 2026, pukul 08.00 WITA, Jadwal Anda sekarang"
    assert page.form().choices("session") == [str(day.sessions[1])]
    made(make_booking, day.page_code, day.sessions[1], 3)
    refused = client.submit(page, {"session": day.sessions[1]}, _expected=422)
    assert refused.complaints[0].startswith("Sesi 09.30 punya 3 kursi, habis 25 Nov, 10.00 WITA.")
    assert "sisa" not in refused.complaints[0], "his own session is nothing that he could take"
    assert "08.00 Jadwal Anda sekarang" in refused.words
    assert "pukul 08.00" in client.get("booking.ticket_show", token=ticket.token).words
    assert (free(day.sessions[0]), free(day.sessions[1])) == (4, 2)


def test_move_frees_the_old_seat_and_twice_is_once(client: Client, day: Day, ticket: Booked) -> None:
    page = client.get("booking.ticket_move", token=ticket.token)
    for _ in range(2):
        moved = client.follow(client.submit(page, {"session": day.sessions[1]}))
        assert "pukul 09.30 WITA" in moved.words
        assert f"{ticket.code[:3]}-{ticket.code[3:]}" in moved.words
    assert (free(day.sessions[0]), free(day.sessions[1])) == (5, 4)
    assert steps.bookings()[0].sequence == 1


@pytest.mark.parametrize("chosen", ["", "x"])
def test_move_without_a_session_asks_for_one(client: Client, ticket: Booked, chosen: str) -> None:
    page = client.get("booking.ticket_move", token=ticket.token)
    assert client.submit(page, {"session": chosen}, _expected=422).complaints == ["Pilih salah satu sesi."]


def test_move_to_a_foreign_page_is_refused(client: Client, office: Office, ticket: Booked) -> None:
    other = made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY)
    page = client.get("booking.ticket_move", token=ticket.token)
    client.submit(page, {"session": other.sessions[0]}, _expected=422)
    assert "28 November" in client.get("booking.ticket_show", token=ticket.token).words


@pytest.mark.parametrize("size", [2, 3])
def test_one_of_a_family_cancelled_twice_is_one_person_less(client: Client, day: Day, size: int) -> None:
    family = made(make_booking, day.page_code, day.sessions[0], cast.FAMILY[:size])
    page = client.get("booking.ticket_cancel", token=family.token)
    assert page.words.count(cast.BUDI.name) == 2
    for _ in range(2):
        answer = client.post_url(page.path, {"who": "2"})
    ticket = client.follow(answer)
    assert ticket.h1 == "Anda sudah terdaftar"
    assert "Siti A." in ticket.words
    assert "Budi S." not in ticket.words
    assert steps.count(Applicant, is_live=True) == size - 1
    assert free(day.sessions[0]) == 5 - (size - 1)


def test_all_cancelled_twice_is_cancelled_once(client: Client, day: Day, ticket: Booked) -> None:
    page = client.get("booking.ticket_cancel", token=ticket.token)
    for _ in range(2):
        gone = client.follow(client.submit(page))
        assert gone.h1 == "Jadwal dibatalkan"
    assert free(day.sessions[0]) == 5
    assert steps.count(AuditEntry, action="booking.cancel") == 1
    assert client.get("booking.ticket_cancel", token=ticket.token, _expected=303).location == f"/T/{ticket.token}"
    client.get("booking.ticket_picture", token=ticket.token, _expected=404)
    again = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)
    assert again.token != ticket.token


def test_unknown_person_of_a_ticket_cancels_nobody(client: Client, day: Day) -> None:
    family = made(make_booking, day.page_code, day.sessions[0], 2)
    for who in ("9", "0", "99999999999999999999"):
        client.post("booking.ticket_cancelled", {"who": who}, token=family.token, _expected=(303, 404, 422))
    assert steps.count(Applicant, is_live=True) == 2


def test_after_the_start_nothing_changes(client: Client, office: Office, clock) -> None:
    planner = office["supervisor"]
    day = made(make_day, planner, Programme.ON_SEVEN)
    sunday = made(make_day, planner, Programme.ON_SEVEN, SUNDAY)
    family = made(make_booking, day.page_code, day.sessions[0], 2)
    clock.at("2026-11-28 07:59")
    before = client.get("booking.ticket_show", token=family.token)
    assert f"{before.path}/pindah" in before.links()
    clock.at("2026-11-28 08:00")
    page = client.get("booking.ticket_show", token=family.token)
    assert not [one for one in page.links() if one.endswith(("/pindah", "/batal"))]
    sentence = "Sesi ini sudah dimulai, jadi jadwalnya tidak bisa diubah lagi. Hubungi petugas di tempat."
    for path, values in (("batal", {}), ("batal", {"who": "1"}), ("pindah", {"session": sunday.sessions[0]})):
        refused = client.post_url(f"{page.path}/{path}", values, _expected=422)
        assert refused.complaints == [sentence], path
    assert steps.count(Applicant, is_live=True) == 2


def test_somebody_who_is_here_can_no_longer_cancel(client: Client, office: Office, ticket: Booked, clock) -> None:
    from fieldops.core.attendance.rules import Stage
    from tests.make import make_tap

    clock.at("2026-11-28 07:40")
    made(make_tap, ticket.people[0], Stage.ARRIVED, office["officer"])
    refused = client.post("booking.ticket_cancelled", token=ticket.token, _expected=422)
    assert "sudah tercatat hadir" in refused.complaints[0]


def ics(client: Client, ticket: Booked) -> dict[str, str]:
    answer = client.get("booking.ticket_calendar", token=ticket.token)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.text.endswith("END:VCALENDAR\r\n")
    plain = re.sub(r"\r\n ", "", answer.text)
    return dict(line.partition(":")[::2] for line in reversed(plain.splitlines()))


def test_calendar_file_keeps_its_uid_and_counts_its_changes(client: Client, office: Office, clock) -> None:
    day = made(
        make_day,
        office["supervisor"],
        plans=[SessionPlan(time(7), time(8), 2, 0, 0), SessionPlan(time(9), time(10), 2, 0, 0)],
    )
    ticket = made(make_booking, day.page_code, day.sessions[0], [cast.SITI])
    first = ics(client, ticket)
    assert first["DTSTART"] == "20261127T230000Z", "Saturday 07.00 WITA is Friday in UTC"
    assert first["DTEND"] == "20261128T000000Z"
    client.post("booking.ticket_moved", {"session": day.sessions[1]}, token=ticket.token)
    second = ics(client, ticket)
    assert second["DTSTART"] == "20261128T010000Z"
    client.post("booking.ticket_cancelled", token=ticket.token)
    third = ics(client, ticket)
    assert [one["SEQUENCE"] for one in (first, second, third)] == ["0", "1", "2"]
    assert {one["UID"] for one in (first, second, third)} == {first["UID"]}
    assert [one["METHOD"] for one in (first, second, third)] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [one["STATUS"] for one in (first, second, third)][-1] == "CANCELLED"
    for one in (first, second, third):
        assert cast.SITI.name not in str(one)
        assert ticket.token not in str(one)


def test_picture_of_a_long_family_is_small(client: Client, day: Day) -> None:
    plain = made(make_day, day_planner(), Programme.ON_SEVEN, plans=[SessionPlan(time(8), time(9), 4, 0, 0)])
    family = [cast.LONG, cast.MARKUP, cast.DSOUZA, cast.NURAINI]
    ticket = made(make_booking, plain.page_code, plain.sessions[0], family)
    answer = client.get("booking.ticket_picture", token=ticket.token)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.data.startswith(b"\x89PNG")
    assert len(answer.data) <= 30_000
    assert ticket.token not in answer.headers["Content-Disposition"]


def day_planner() -> object:
    with db.reading() as session:
        from fieldops.core.people.models import Person

        return session.scalars(select(Person.id).where(Person.role == "supervisor")).one()


def test_cancelled_day_is_told_on_the_ticket_with_whether_there_is_another(
    client: Client, office: Office, day: Day, ticket: Booked
) -> None:
    made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY)
    made(weekend.cancel, day.id, reason="Genset rusak", actor=by_staff(office["supervisor"]), now=office_clock.now())
    page = client.get("booking.ticket_show", token=ticket.token)
    assert page.h1 == "Hari layanan dibatalkan"
    assert "dibatalkan kantor: Genset rusak." in page.words
    assert "Belum ada jadwal lain untuk tiket ini." in page.words
    assert not page.html.select("a.card"), "this weekend the ticket stands in the way"
    assert f"{page.path}/tiket.png" not in page.links()
    assert "Datang 15 menit lebih awal" not in page.words
    assert ics(client, ticket)["METHOD"] == "CANCEL"
    assert client.get("booking.ticket_move", token=ticket.token).h1 == "Pindah jadwal"
    later = made(make_day, office["supervisor"], day=SATURDAY + timedelta(weeks=1))
    (card,) = client.get_url(page.path).html.select("a.card")
    assert card["href"] == f"/J/{later.page_code}"


def test_calendar_of_a_cancelled_day_counts_as_a_change(
    client: Client, office: Office, day: Day, ticket: Booked
) -> None:
    before = ics(client, ticket)
    made(weekend.cancel, day.id, reason="Banjir", actor=by_staff(office["supervisor"]), now=office_clock.now())
    after = ics(client, ticket)
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"]), "calendars take no cancellation with an old number"
