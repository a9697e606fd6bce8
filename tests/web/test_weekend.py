"""A supervisor plans a weekend."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pypdf
import pytest
from sqlalchemy import select

from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff as by_staff
from fieldops.core.booking.models import BookingSession, Seat
from fieldops.core.booking.service import tickets, upkeep
from fieldops.core.roster.models import Busy
from fieldops.kit import clock as office_clock
from fieldops.kit import db
from fieldops.weekend import service as weekend
from fieldops.weekend.models import WeekendDay
from fieldops.weekend.rules import Programme
from tests import cast
from tests.make import STAFF, SUNDAY, Booked, Day, Office, at, make_booking, make_day, make_walk_in, made
from tests.web import steps

if TYPE_CHECKING:
    from tests.client import Answer, Client


@pytest.fixture
def planner(staff) -> Client:
    return staff("supervisor")


def new(client: Client, day: str = "2026-11-28", programme: str = "persari") -> Answer:
    return client.get("weekend.day_new", programme=programme, day=day)


def test_day_is_made_from_its_template_published_and_bookable(planner: Client, client: Client) -> None:
    listed = planner.get("weekend.day_list")
    link = next(one for one in listed.links() if "new" in one and "2026-11-28" in one and "persari" in one)
    form = planner.get_url(link)
    assert form.value("starts_1") == "08.00"
    draft = planner.follow(planner.submit(form))
    assert draft.h1 == "PERSARI, Sabtu, 28 November 2026"
    assert "Draf" in draft.words
    assert "Belum ada layanan" in client.get("booking.home").words
    for _ in range(2):
        published = planner.follow(planner.submit(draft, action="/publish"))
    assert "Terbit" in published.words
    assert steps.count(AuditEntry, action="weekend.publish") == 1
    home = client.get("booking.home")
    page = client.get_url(next(one for one in home.links() if one.startswith("/J/")))
    assert len(page.form().choices("session")) == steps.count(BookingSession)


def test_same_form_twice_is_one_day(planner: Client) -> None:
    form = new(planner)
    first = planner.submit(form)
    assert planner.submit(form).location == first.location
    assert steps.count(WeekendDay) == 1
    refused = planner.submit(new(planner), _expected=422)
    assert "sudah ada" in refused.complaints[0]
    assert steps.count(WeekendDay) == 1


def marked(page: Answer) -> dict[str, str]:
    """What is said at the inputs that are marked as wrong, by their ids."""
    found = {}
    for one in page.html.select("[aria-invalid=true]"):
        told = page.html.select_one(f"#{str(one['aria-describedby']).split()[-1]}")
        assert told is not None
        found[str(one["id"])] = " ".join(told.get_text(" ").split()).removeprefix("Kesalahan: ")
    return found


HOLIDAY = "2026-12-26"


def test_holiday_is_closed_by_default_and_opens_under_a_name(planner: Client, office: Office) -> None:
    from datetime import date

    from fieldops.core.calendar.models import Holiday

    if not steps.count(Holiday, day=date.fromisoformat(HOLIDAY)):

        def add(session) -> None:
            session.add(
                Holiday(day=date.fromisoformat(HOLIDAY), name="Cuti bersama", kind="cuti bersama", source="SKB")
            )

        made(add)
    form = new(planner, HOLIDAY)
    assert "Hari libur:" in form.words
    refused = planner.submit(form, _expected=422)
    assert refused.complaints[0].startswith("Hari libur:")
    assert refused.html.select_one("#override_reason-error") is not None
    assert steps.count(WeekendDay) == 0
    spaces = planner.submit(form, {"override_reason": "  "}, _expected=422)
    assert spaces.complaints == refused.complaints
    shown = planner.follow(planner.submit(form, {"override_reason": "Permintaan warga <b>Bontang</b>"}))
    assert f"Tetap buka pada hari libur atas keputusan {STAFF['supervisor']}" in shown.words
    assert "Permintaan warga <b>Bontang</b>" in shown.words


# What is typed, what is told, and the input that is marked.
WRONG = {
    "hour": ({"starts_1": "8"}, "Baris 1: tulis jam mulai seperti 08.00.", "starts_1"),
    "end": ({"ends_2": "jam"}, "Baris 2: tulis jam selesai seperti 08.00.", "ends_2"),
    "no number": ({"public_1": "x"}, "Baris 1: jumlah kursi ditulis dengan angka.", "public_1"),
    "negative": ({"walk_in_2": "-1"}, "Baris 2: jumlah kursi", "walk_in_2"),
    "too many": ({"priority_1": "201"}, "Sesi 08.00: isi jumlah kursi antara 0 dan 200", "priority_1"),
    "backwards": ({"ends_1": "07.00"}, "Sesi 08.00: jam selesai harus sesudah jam mulai.", "ends_1"),
    "overlap": (
        {"starts_8": "08.10", "ends_8": "08.20", "public_8": "1"},
        "Sesi 08.00 dan 08.10 bertumpuk.",
        "starts_8",
    ),
    "release": ({"opens_at": "pagi"}, "Tulis jam seperti 08.00.", "opens_at"),
    "days": ({"opens_days_before": "61"}, "Tulis angka antara 0 dan 60.", "opens_days_before"),
    "site": ({"site": ""}, "Pilih tempat layanan.", "site"),
}


@steps.SQLITE
@pytest.mark.parametrize(("changes", "sentence", "wrong"), WRONG.values(), ids=WRONG)
def test_wrong_plan_is_told_at_its_input_and_stays_typed(
    planner: Client, changes: dict[str, str], sentence: str, wrong: str
) -> None:
    form = new(planner)
    refused = planner.submit(form, changes, _expected=422)
    assert refused.complaints[0].startswith(sentence)
    assert marked(refused) == {wrong: refused.complaints[0]}
    expected = form.form().values | changes
    if "site" in changes:
        del expected["site"]  # a choice that is none: the first one shows
    assert {name: refused.form().values.get(name) for name in expected} == expected
    assert steps.count(WeekendDay) == 0


@steps.SQLITE
def test_all_that_is_wrong_in_a_plan_is_told_at_once(planner: Client) -> None:
    changes = {"starts_1": "8", "public_1": "x", "priority_2": "201", "starts_3": "09.40", "ends_3": "9", "site": ""}
    changes |= {"starts_4": "12.00", "ends_4": "11.00", "public_4": "", "opens_at": "pagi"}
    refused = planner.submit(new(planner), changes, _expected=422)
    assert list(marked(refused)) == [
        *("site", "starts_1", "public_1", "priority_2", "ends_3", "ends_4", "public_4", "opens_at"),
    ]
    assert refused.value("starts_1") == "8"
    assert sorted(marked(refused).values()) == sorted(refused.complaints)


@steps.SQLITE
def test_a_plan_without_a_session_is_told_at_the_table(planner: Client) -> None:
    form = new(planner)
    names = [name for name in form.form().values if name[-1].isdigit()]
    refused = planner.submit(form, dict.fromkeys(names, ""), _expected=422)
    assert refused.complaints == ["Isi paling sedikit satu sesi."]
    assert refused.html.select_one("fieldset.field-bad[aria-describedby=sessions-error]") is not None
    assert marked(refused) == {}


@steps.SQLITE
def test_an_unknown_site_makes_no_day(planner: Client) -> None:
    planner.submit(new(planner), {"site": uuid4()}, _expected=422)
    assert steps.count(WeekendDay) == 0


@steps.SQLITE
@pytest.mark.parametrize(
    ("programme", "day"),
    [
        ("persari", "2026-11-29"),
        ("persari", "besok"),
        ("x", "2026-11-28"),
        ("bontang-on-seven", "2026-11-27"),
        ("", ""),
    ],
)
def test_day_that_cannot_be_is_not_found(planner: Client, programme: str, day: str) -> None:
    planner.get("weekend.day_new", programme=programme, day=day, _expected=404)
    planner.post("weekend.day_create", {"programme": programme, "day": day, "key": uuid4()}, _expected=404)


@steps.SQLITE
def test_past_day_is_refused_with_a_sentence(planner: Client) -> None:
    refused = planner.submit(new(planner, "2026-11-21"), _expected=422)
    assert refused.complaints == ["Tanggal ini sudah lewat."]


def published(planner: Client, **changes: str) -> Answer:
    draft = planner.follow(planner.submit(new(planner), changes))
    return planner.follow(planner.submit(draft, action="/publish"))


def test_poster_as_page_and_as_pdf_say_the_same(planner: Client, office: Office, client: Client) -> None:
    made(make_day, office["supervisor"])
    made(make_day, office["supervisor"], published=False, day=__import__("datetime").date(2026, 12, 5))
    listed = planner.get("weekend.day_list")
    day = planner.get_url(next(one for one in listed.links() if one.count("/") == 3 and "new" not in one))
    page = planner.get_url(f"{day.path}/poster")
    code = client.get("booking.home").html.select_one("a.card")["href"].rpartition("/")[2]
    assert f"127.0.0.1:8000/J/{code}" in page.words
    assert "None" not in page.words
    file = planner.get_url(f"{day.path}/poster.pdf")
    assert file.headers["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(file.data)).pages
    text = " ".join(" ".join(one.extract_text() for one in pages).split())
    assert len(pages) == 1
    for said in (
        "PERSARI",
        "28 November 2026",
        "08.00",
        "09.30",
        "dibuka",
        "23 November 2026",
        "Pindai untuk mendaftar",
        "Tidak dipungut biaya pendaftaran.",
        "Hubungi 0548 123456",
        f"127.0.0.1:8000/J/{code}",
    ):
        assert said in text, said
        assert said in page.words, said


def test_draft_has_no_poster(planner: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"], published=False)
    planner.get("weekend.poster_show", day_id=day.id, _expected=404)
    planner.get("weekend.poster_file", day_id=day.id, _expected=404)


def seats_form(planner: Client, day: Day) -> tuple[Answer, str]:
    return planner.get("weekend.day_show", day_id=day.id), f"/sessions/{day.sessions[0]}/seats"


def test_seats_change_but_never_below_what_is_taken(planner: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    made(make_booking, day.page_code, day.sessions[0], cast.FAMILY)
    page, action = seats_form(planner, day)
    refused = planner.submit(page, {"umum": "2"}, action=action, _expected=422)
    assert marked(refused) == {f"umum-{day.sessions[0]}": refused.complaints[0]}
    assert "Sudah ada 3 kursi umum yang terisi." in refused.complaints[0]
    assert refused.form(action).values["umum"] == "2", "what was typed stays"
    assert steps.count(Seat, session_id=day.sessions[0]) == 5
    for _ in range(2):
        more = planner.follow(planner.submit(page, {"umum": "6", "prioritas": "0"}, action=action))
    assert "3 dari 12 kursi" in more.words
    assert steps.count(Seat, session_id=day.sessions[0], pool="umum") == 6
    for wrong in ("", "x", "-1", "201", "3.5"):
        told = planner.submit(page, {"umum": wrong}, action=action, _expected=422)
        assert told.complaints == ["Tulis jumlah kursi antara 0 dan 200."]
        assert marked(told) == {f"umum-{day.sessions[0]}": told.complaints[0]}


def test_seats_of_another_days_session_are_not_found(planner: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    other = made(make_day, office["supervisor"], Programme.ON_SEVEN)
    values = {"umum": "9", "prioritas": "9", "walk-in": "9"}
    planner.post("weekend.session_seats", values, day_id=day.id, session_id=other.sessions[0], _expected=404)
    assert steps.count(Seat, session_id=other.sessions[0]) == 5


def test_cancelling_needs_a_reason_and_frees_the_lead(planner: Client, office: Office, client: Client) -> None:
    lead = office["officer"]
    day = made(make_day, office["supervisor"], lead_id=lead)
    booked = made(make_booking, day.page_code, day.sessions[0])
    assert steps.count(Busy, holder_id=lead) == 1
    page = planner.get("weekend.day_show", day_id=day.id)
    refused = planner.submit(page, {"reason": " "}, action="/cancel", _expected=422)
    assert refused.complaints == ["Tulis alasannya, supaya pemohon dan kantor tahu."]
    assert marked(refused) == {"reason": refused.complaints[0]}
    assert steps.count(Busy, holder_id=lead) == 1
    for _ in range(2):
        gone = planner.follow(planner.submit(page, {"reason": "Genset <rusak>"}, action="/cancel"))
    assert "Dibatalkan: Genset <rusak>" in gone.words
    assert not gone.html.select("main input, main textarea"), "nothing that looks as if it could be changed"
    assert "08.00–09.30 Umum: 1 dari 3 terisi Prioritas: 0 dari 1 terisi" in gone.words
    assert steps.count(Busy, holder_id=lead) == 0
    assert steps.count(AuditEntry, action="weekend.cancel") == 1
    assert "Genset <rusak>" in client.get("booking.ticket_show", token=booked.token).words
    assert "Tidak ada layanan: Genset <rusak>" in client.get("booking.page_show", code=day.page_code).words
    refused = planner.post("weekend.day_publish", day_id=day.id, _expected=422)
    assert "sudah diterbitkan atau dibatalkan" in refused.complaints[0]


def test_numbers_of_a_days_tickets_are_read_by_planners_and_each_reading_is_written_down(
    planner: Client, office: Office
) -> None:
    day = made(make_day, office["supervisor"])
    sunday = made(make_day, office["supervisor"], Programme.ON_SEVEN, SUNDAY)
    three = [cast.SITI, cast.BUDI, cast.SUHARTO]
    family = made(make_booking, day.page_code, day.sessions[1], three, phone=cast.SITI_PHONE)
    made(tickets.cancel_person, family.token, 3, now=office_clock.now())
    single = made(make_booking, day.page_code, day.sessions[0], [cast.MARKUP], phone=cast.phone(77))
    others = [cast.stranger() for _ in range(4)]
    made(make_booking, sunday.page_code, sunday.sessions[0], [others[0]])
    made(make_booking, day.page_code, day.sessions[0], [others[1]], confirmed=False)
    gone = made(make_booking, day.page_code, day.sessions[0], [others[2]])
    made(tickets.cancel, gone.token, now=office_clock.now())
    moved = made(make_booking, day.page_code, day.sessions[0], [others[3]])
    made(make_walk_in, day.sessions[0], office["officer"], cast.DSOUZA, now=at("2026-11-28 08:10"))
    shown = planner.get("weekend.day_show", day_id=day.id)
    for phone in (cast.SITI_PHONE, cast.phone(77)):
        assert phone[3:] not in shown.text
    found = planner.submit(shown, action="/contacts", _expected=200)
    assert found.h1 == "Nomor pendaftar"
    assert found.headers["Cache-Control"] == "no-store"
    rows = [" ".join(row.get_text(" ").split()) for row in found.html.select("tbody tr")]
    assert rows == [
        f"{cast.MARKUP.name} 28 Nov 2026, 08.00 WITA 081299000077 {shown_code(single)}",
        f"{others[3].name} 28 Nov 2026, 08.00 WITA {moved.phone.replace('+62', '0')} {shown_code(moved)}",
        f"{cast.SITI.name}, {cast.BUDI.name} 28 Nov 2026, 09.30 WITA 081299000001 {shown_code(family)}",
    ]
    made(weekend.cancel, day.id, reason="Banjir", actor=by_staff(office["supervisor"]), now=office_clock.now())
    made(upkeep.erase_old, now=office_clock.now() + timedelta(days=10), days=90)
    cancelled = planner.submit(planner.get("weekend.day_show", day_id=day.id), action="/contacts", _expected=200)
    assert len(cancelled.html.select("tbody tr")) == 3, "a cancelled day is when the office has to call"
    assert "Dibatalkan: Banjir" in cancelled.words
    made(upkeep.erase_old, now=office_clock.now() + timedelta(days=100), days=90)
    erased = planner.post("weekend.day_contacts", day_id=day.id, _expected=200)
    assert "Tidak ada tiket dengan nomor ponsel." in erased.words
    with db.reading() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.action == "booking.read_contacts")).all()
    assert [(line.actor_id, line.object_kind, line.object_id, line.detail) for line in lines] == [
        (office["supervisor"], "weekend_day", str(day.id), {"bookings": number}) for number in (3, 3, 0)
    ]


@steps.SQLITE
@pytest.mark.parametrize(("role", "may"), [("head", True), ("tu", False), ("admin", False), ("auditor", False)])
def test_only_who_plans_days_is_offered_the_numbers(staff, office: Office, role: str, may: bool) -> None:
    day = made(make_day, office["supervisor"])
    reader = staff(role)
    offered = reader.get("weekend.day_show", day_id=day.id).html.select("form[action$='/contacts']")
    assert bool(offered) is may
    reader.post("weekend.day_contacts", day_id=day.id, _expected=200 if may else 403)


def shown_code(booked: Booked) -> str:
    return f"{booked.code[:3]}-{booked.code[3:]}"


@steps.SQLITE
def test_a_reason_that_is_too_long_is_told_and_control_signs_never_come_back(planner: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"])
    page = planner.get("weekend.day_show", day_id=day.id)
    refused = planner.submit(page, {"reason": "x\x00" + "y" * 200}, action="/cancel", _expected=422)
    assert refused.complaints == ["Alasan paling panjang 200 huruf, yang Anda isi 202."]
    assert refused.value("reason") == "x" + "y" * 200
    told = planner.submit(new(planner, "2026-12-05"), {"starts_1": "\x0008.00x"}, _expected=422)
    assert told.value("starts_1") == "08.00x"


def test_a_clash_of_the_lead_is_told_and_nothing_is_published(planner: Client, office: Office) -> None:
    lead = office["officer"]
    made(make_day, office["supervisor"], lead_id=lead)
    day = made(make_day, office["supervisor"], Programme.ON_SEVEN, lead_id=lead, published=False)
    page = planner.get("weekend.day_show", day_id=day.id)
    refused = planner.submit(page, action="/publish", _expected=422)
    assert "PERSARI" in refused.complaints[0]
    assert "Draf" in refused.words


@pytest.mark.parametrize("role", ["tu", "admin", "auditor"])
def test_readers_see_days_and_change_nothing(staff, office: Office, role: str) -> None:
    day = made(make_day, office["supervisor"], published=False)
    reader = staff(role)
    page = reader.get("weekend.day_show", day_id=day.id)
    assert not page.html.select("main button, main input")
    assert not [one for one in reader.get("weekend.day_list").links() if "/new" in one]
    reader.post("weekend.day_publish", day_id=day.id, _expected=403)
    reader.post("weekend.day_cancel", {"reason": "x"}, day_id=day.id, _expected=403)
    reader.get("weekend.day_new", programme="persari", day="2026-11-28", _expected=403)


def test_unknown_day_is_not_found(planner: Client) -> None:
    planner.get("weekend.day_show", day_id=uuid4(), _expected=404)
    planner.post("weekend.day_publish", day_id=uuid4(), _expected=404)
    planner.post("weekend.day_cancel", {"reason": "x"}, day_id=uuid4(), _expected=404)
