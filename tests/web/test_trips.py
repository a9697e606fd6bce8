"""A trip by HTTP alone: from the planning page to the public, its papers, and what is refused on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from fieldops.core.audit.rules import staff as of_staff
from fieldops.core.blanks.rules import ranges_in
from fieldops.core.booking.rules import Pool, show_code
from fieldops.core.files.models import StoredFile
from fieldops.core.letters.models import Letter
from fieldops.core.roster.rules import Duty
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from fieldops.loktuan.models import Trip
from fieldops.loktuan.requests import service as requests
from fieldops.loktuan.requests.rules import State as RequestState
from fieldops.loktuan.trips.queries.facts import facts
from fieldops.loktuan.trips.rules import SessionPlan, Status
from fieldops.loktuan.trips.service import deciding
from tests import cast
from tests.make import Day, Office, at, made, make_absence, make_blanks, make_booking, make_request
from tests.trips import DAY, Ground, change, make_ground, make_trip, plan_of, without_crew
from tests.web import steps
from tests.web.test_letters import words_of

if TYPE_CHECKING:
    from fieldops.loktuan.trips.queries.facts import TripFacts
    from tests.client import Answer, Client
    from tests.conftest import Clock

POOLS = ("umum", "prioritas", "walk-in", "kolektif")


@pytest.fixture
def ground(office: Office) -> Ground:
    return made(make_ground, office)


def known(trip_id: UUID) -> TripFacts:
    with reading() as session:
        found = facts(session, trip_id)
    assert found is not None
    return found


def count(model: Any) -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


def session_row(n: int, starts: str, ends: str, seats: dict[str, str], day: str = DAY.isoformat()) -> dict[str, str]:
    times = {f"day-{n}": day, f"starts-{n}": starts, f"ends-{n}": ends}
    return times | {f"{pool}-{n}": seats.get(pool, "") for pool in POOLS}


def typed(ground: Ground, **changes: Any) -> dict[str, Any]:
    """What a planner types for a day of service with everything it needs."""
    driver, interviewer, verifier = ground.crew
    people = {"supervisor": ground.lead, "driver": driver, "interview": interviewer, "verification": verifier}
    values: dict[str, Any] = {
        "site": str(ground.site),
        "departs_day": DAY.isoformat(),
        "departs_time": "06.30",
        "returns_day": DAY.isoformat(),
        "returns_time": "17.00",
        "purpose": "Layanan untuk warga Sangatta Utara",
        "override_reason": "",
        "vehicles": [str(ground.vehicle)],
        "items": [str(ground.case)],
    }
    values |= session_row(0, "08.30", "11.00", {"umum": "5", "kolektif": "10", "walk-in": "2"})
    values |= session_row(1, "13.00", "15.00", {"umum": "5", "prioritas": "3"})
    for n in range(6):
        duty, person = list(people.items())[n] if n < len(people) else ("", "")
        values |= {f"duty-{n}": duty, f"person-{n}": str(person)}
    values |= {"cost-0": "per-diem", "text-0": "Empat orang", "quantity-0": "4", "price-0": "150.000"}
    values |= {"cost-1": "fuel", "text-1": "Solar", "quantity-1": "1", "price-1": "Rp 500.000"}
    return values | {name.replace("_0", "-0"): value for name, value in changes.items()}


def kept(page: Answer, values: dict[str, Any]) -> None:
    """Everything typed stands in the form again, the ticks too."""
    form = page.form()
    for name, value in values.items():
        if isinstance(value, list):
            ticked = page.html.select(f"main input[name={name}][checked]")
            assert sorted(str(one["value"]) for one in ticked) == sorted(value), name
        else:
            assert form.values.get(name, "") == value, name


def told_at(page: Answer, field: str) -> str:
    """The complaint at this input; the summary above leads there."""
    assert page.html.select_one(f".errors a[href='#{field}']"), f"no link to {field}: {page.complaints}"
    complaint = page.html.select_one(f"main p[id='{field}-error']")
    assert complaint is not None, f"no complaint at {field}"
    return " ".join(complaint.get_text(" ").split())


def saved(browser: Client, ground: Ground, **changes: Any) -> tuple[Answer, UUID]:
    """A plan typed and saved: the page of its trip, and its id."""
    answer = browser.submit(browser.get("loktuan.trip_new"), typed(ground, **changes))
    return browser.follow(answer), UUID(answer.location.rpartition("/")[2])


# -- from the plan to the public --------------------------------------------------------------------------------


def test_a_trip_is_planned_approved_published_and_booked(staff: Any, client: Client, ground: Ground) -> None:
    planner, head = staff("supervisor"), staff("head")
    page, trip_id = saved(planner, ground)
    assert page.h1 == "LOKTUAN Kantor Camat Sangatta Utara"
    for word in ("Draf", "Budi Sopir", "Minibus Uji", "Koper Uji", "1.100.000", "9 Des 2026, 06.30 WITA"):
        assert word in page.words, word
    page = planner.follow(planner.submit(page, action="/submit"))
    assert "Menunggu persetujuan" in page.words
    page = head.get("loktuan.trip_show", trip_id=trip_id)
    page = head.follow(head.submit(page, action="/approve"))
    assert "Disetujui" in page.words
    page = head.follow(head.submit(page, {"official_number": "WIM.18-1623.PR.01.01"}, action="/letter"))
    (link,) = [one for one in page.links() if one.startswith("/letters/")]
    letter = words_of(head.get_url(f"{link}/letter.pdf"))
    for name in ("Rina Kasubsi", "Budi Sopir", "Citra Wawancara", "Doni Berkas", "Minibus Uji", "WIM.18-1623.PR.01.01"):
        assert name in letter, name
    page = planner.get("loktuan.trip_show", trip_id=trip_id)
    assert "/K/" not in page.words
    page = planner.follow(planner.submit(page, action="/publish"))
    found = known(trip_id)
    assert f"/J/{found.row.page_code}" in page.words
    assert f"/K/{found.collective_token}" in page.words
    assert found.collective_token not in head.get("loktuan.trip_list").text
    day = Day(trip_id, DAY, found.row.page_code, tuple(one.id for one in found.sessions))
    ticket = steps.ticket_page(client, day)
    assert "Kantor Camat Sangatta Utara" in ticket.words
    assert "1 dari 5 terisi" in planner.get("loktuan.trip_show", trip_id=trip_id).words
    assert "Sisa 10 dari 10 kursi" in client.get("loktuan_public.collective_show", token=found.collective_token).words


def test_the_same_form_twice_is_one_trip(staff: Any, ground: Ground) -> None:
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_new")
    first = browser.submit(page, typed(ground))
    assert browser.submit(page, typed(ground)).location == first.location
    assert count(Trip) == 1


def test_the_same_form_with_another_plan_does_not_lead_to_the_first_trip_in_silence(staff: Any, ground: Ground) -> None:
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_new")
    browser.submit(page, typed(ground))
    without = {f"{name}-{n}": "" for n in range(4) for name in ("duty", "person")}
    other = typed(ground, departs_time="07.00", vehicles=[], items=[]) | without
    told = browser.submit(page, other, _expected=422)
    assert "sudah menyimpan perjalanan dengan isi lain" in told.complaints[0]
    kept(told, other)
    assert count(Trip) == 1
    browser.submit(told)
    assert count(Trip) == 2


def test_another_trip_to_the_kecamatan_in_the_month_is_said(staff: Any, ground: Ground) -> None:
    browser = staff("supervisor")
    _, trip_id = saved(browser, ground)
    told = "sudah punya perjalanan lain pada bulan yang sama (9 Des 2026)"
    look = {"action": "look", "vehicles": [], "items": []} | {f"person-{n}": "" for n in range(4)}
    for day, said in (("2026-12-16", True), ("2027-01-06", False)):
        other = typed(ground, departs_day=day, returns_day=day) | look | {"day-0": day, "day-1": day}
        page = browser.submit(browser.get("loktuan.trip_new"), other, _expected=200)
        assert (told in page.words) is said
    far = typed(ground, site=str(ground.far_site)) | look
    assert told not in browser.submit(browser.get("loktuan.trip_new"), far, _expected=200).words
    assert told not in browser.get("loktuan.trip_edit", trip_id=trip_id).words


def test_a_form_without_a_key_saves_nothing(staff: Any, ground: Ground) -> None:
    browser = staff("supervisor")
    browser.submit(browser.get("loktuan.trip_new"), typed(ground) | {"key": "x"}, _expected=422)
    assert count(Trip) == 0


def test_a_saved_plan_comes_back_as_it_was_typed(staff: Any, ground: Ground) -> None:
    browser = staff("supervisor")
    _, trip_id = saved(browser, ground)
    values = typed(ground) | {"price-0": "150000", "price-1": "500000"}
    page = browser.get("loktuan.trip_edit", trip_id=trip_id)
    kept(page, {name: value for name, value in values.items() if page.form().values.get(name, value) or value})
    fewer = {"vehicles": [str(ground.other_vehicle)], "items": [], "person-3": "", "umum-0": "6"}
    after = browser.follow(browser.submit(page, fewer, action="/edit"))
    for word in ("Mobil Uji", "Belum ada orang", "Umum: 0 dari 6 terisi"):
        assert word in after.words
    for word in ("Minibus Uji", "Koper Uji", "Doni Berkas"):
        assert word not in after.words


def test_a_request_fills_the_form_and_stands_on_the_trip(staff: Any, office: Office, ground: Ground) -> None:
    asked = made(make_request)
    yes = {"reason": "", "actor": of_staff(office["tu"]), "now": office_clock.now()}
    made(requests.decide, asked.id, RequestState.ACCEPTED, **yes)
    browser = staff("tu")
    (way,) = [one for one in browser.get("loktuan.request_show", request_id=asked.id).links() if "/trips/new" in one]
    page = browser.get_url(way)
    assert "Untuk permintaan Kecamatan Kaliorang: 40 orang, Balai Desa Bukit Makmur" in page.words
    assert cast.NURAINI.name not in page.text
    assert page.value("day-0") == "2026-12-07"
    looked = browser.submit(page, typed(ground) | {"action": "look"}, _expected=200)
    assert "Kursi ada 25, pemohon yang disebut di permintaan 40." in looked.words
    shown = browser.follow(browser.submit(looked, typed(ground)))
    assert "Kecamatan Kaliorang, 40 orang" in shown.words
    assert shown.path in browser.get("loktuan.request_show", request_id=asked.id).links()
    other = made(make_request)
    browser.get("loktuan.trip_new", request=other.id, _expected=404)
    with reading() as session:
        assert session.scalars(select(Trip.request_id)).one() == asked.id
    browser.get("loktuan.trip_new", request=uuid4(), _expected=404)


# -- what is mistyped -------------------------------------------------------------------------------------------

BAD = [
    ("site", "", "site", "Pilih lokasi"),
    ("departs_day", "besok", "departs_day", "Tulis tanggal"),
    ("departs_day", "2026-11-24", "departs", "sudah lewat"),
    ("departs_day", "2028-12-09", "returns", "sesudah waktu berangkat"),
    ("departs_time", "25.00", "departs_time", "Tulis jam"),
    ("returns_day", "31/11/2026", "returns_day", "Tulis tanggal"),
    ("returns_day", "2027-01-09", "returns", "paling lama 14 hari"),
    ("returns_time", "", "returns_time", "Tulis jam"),
    ("returns_time", "06.00", "returns", "sesudah waktu berangkat"),
    ("day-0", "", "day-0", "Tulis tanggal"),
    ("day-1", "2026-12-10", "day-1", "di luar waktu perjalanan"),
    ("starts-0", "8", "starts-0", "Tulis jam"),
    ("starts-1", "10.30", "starts-1", "bertumpuk"),
    ("ends-0", "08.00", "ends-0", "sesudah jam mulai"),
    ("umum-0", "-1", "umum-0", "antara 0 dan 200"),
    ("kolektif-0", "201", "kolektif-0", "antara 0 dan 200"),
    ("walk-in-1", "dua", "walk-in-1", "antara 0 dan 200"),
    ("duty-3", "", "duty-3", "Pilih tugas untuk orang ini"),
    ("cost-0", "", "cost-0", "Pilih jenis biaya"),
    ("quantity-0", "0", "quantity-0", "antara 1 dan 1.000"),
    ("quantity-1", "1001", "quantity-1", "antara 1 dan 1.000"),
    ("price-0", "-5", "price-0", "rupiah tanpa sen"),
    ("price-1", "99999999999", "price-1", "rupiah tanpa sen"),
    ("text-0", "x" * 201, "text-0", "Paling panjang 200"),
    ("purpose", "x" * 301, "purpose", "Paling panjang 300"),
    ("override_reason", "x" * 201, "override_reason", "Paling panjang 200"),
]


@steps.SQLITE
@pytest.mark.parametrize(("field", "wrong", "place", "told"), BAD, ids=[f"{one[0]}={one[1][:9]}" for one in BAD])
def test_what_is_mistyped_is_told_at_its_input_and_everything_stays(
    staff: Any, ground: Ground, field: str, wrong: str, place: str, told: str
) -> None:
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_new")
    values = typed(ground) | {field: wrong}
    refused = browser.submit(page, values, _expected=422)
    assert told in told_at(refused, place)
    assert len(refused.complaints) == 1
    kept(refused, values)
    assert refused.value("key") == page.value("key")
    assert count(Trip) == 0


@steps.SQLITE
def test_all_that_is_mistyped_is_told_at_once(staff: Any, ground: Ground) -> None:
    browser = staff("supervisor")
    values = typed(ground) | {"departs_time": "x", "umum-1": "x", "price-0": "x", "person-3": str(ground.crew[1])}
    refused = browser.submit(browser.get("loktuan.trip_new"), values, _expected=422)
    assert len(refused.complaints) == 3
    kept(refused, values)
    values = typed(ground) | {"person-3": str(ground.crew[1])}
    refused = browser.submit(refused, values, _expected=422)
    assert "sudah ada di tim" in told_at(refused, "person-3")


@steps.SQLITE
def test_rows_between_empty_ones_are_kept_and_complaints_stand_at_them(staff: Any, ground: Ground) -> None:
    """Somebody empties the rows above and types in the last ones: nothing is lost, it moves up."""
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_new")
    empty = {name: "" for name in typed(ground) if name.startswith(("cost-", "text-", "quantity-", "price-"))}
    costs = {"text-4": "Sewa genset", "cost-4": "other", "quantity-4": "1", "text-8": "Makan", "cost-8": "consumption"}
    late = {"person-9": str(ground.crew[2]), "starts-5": "16.00", "starts-8": "18.00"}
    refused = browser.submit(page, typed(ground) | empty | costs | late, _expected=422)
    for place in ("price-0", "price-1", "duty-4", "day-2", "day-3"):
        told_at(refused, place)
    up = {"text-0": "Sewa genset", "text-1": "Makan", "cost-1": "consumption", "person-4": str(ground.crew[2])}
    kept(refused, up | {"starts-2": "16.00", "starts-3": "18.00"})


@steps.SQLITE
def test_the_complaint_about_a_person_stands_at_this_person(staff: Any, ground: Ground) -> None:
    """A row that is not used stands between."""
    made(make_absence, ground.crew[2], DAY, approved_by=ground.head)
    browser = staff("supervisor")
    values = typed(ground) | {"duty-2": "", "person-2": "", "day-0": "", "starts-0": "", "ends-0": ""}
    refused = browser.submit(browser.get("loktuan.trip_new"), values, _expected=422)
    place = next(n for n in range(6) if refused.value(f"person-{n}") == str(ground.crew[2]))
    assert "Doni Berkas" in told_at(refused, f"person-{place}")


# -- clashes ----------------------------------------------------------------------------------------------------


def test_looking_first_saves_nothing(staff: Any, ground: Ground) -> None:
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_new")
    before = steps.dump()
    looked = browser.submit(page, typed(ground) | {"action": "look"}, _expected=200)
    assert "Semua yang dipilih bebas pada waktu itu. Belum disimpan." in looked.words
    kept(looked, typed(ground))
    assert steps.dump() == before
    browser.submit(looked)
    assert count(Trip) == 1


@pytest.mark.parametrize("action", ["look", "save"])
def test_every_clash_is_named_with_what_is_free_instead(staff: Any, ground: Ground, action: str) -> None:
    made(make_trip, ground, without_crew(plan_of(ground)))
    made(make_absence, ground.crew[1], DAY, approved_by=ground.head)
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_new")
    before = steps.dump()
    refused = browser.submit(page, typed(ground) | {"action": action}, _expected=422)
    assert len(refused.complaints) == 3
    person = told_at(refused, "person-2")
    assert "Citra Wawancara" in person
    assert "cuti" in person.lower()
    assert "Tidak ada orang lain yang siap" in person or "Yang siap:" in person
    car = told_at(refused, f"thing-{ground.vehicle}")
    assert "Minibus Uji" in car
    assert "LOKTUAN Kantor Camat Sangatta Utara" in car
    assert "Yang bebas: " in car
    assert "Minibus Uji" not in car.partition("Yang bebas: ")[2]
    assert "Koper Uji" in told_at(refused, f"thing-{ground.case}")
    kept(refused, typed(ground))
    assert steps.dump() == before


def test_too_little_rest_is_saved_with_a_reason(staff: Any, ground: Ground) -> None:
    other = replace(
        without_crew(plan_of(ground)),
        departs_at=at("2026-12-08 18:00"),
        returns_at=at("2026-12-09 00:30"),
        sessions=(SessionPlan(DAY - timedelta(days=1), time(19), time(21), {Pool.PUBLIC: 5}),),
        crew=(plan_of(ground).crew[1],),
        vehicle_ids=frozenset(),
        item_ids=frozenset(),
    )
    made(make_trip, ground, other)
    browser = staff("supervisor")
    refused = browser.submit(browser.get("loktuan.trip_new"), typed(ground), _expected=422)
    assert "tulis alasannya" in told_at(refused, "person-1")
    shown = browser.follow(browser.submit(refused, typed(ground, override_reason="Tidak ada pengemudi lain.")))
    assert "Dengan alasan: Tidak ada pengemudi lain." in shown.words


def test_an_old_page_is_told_so_with_the_newer_plan_behind_it(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground)
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_edit", trip_id=trip_id)
    change(trip_id, known(trip_id).plan, ground)
    values = {"umum-0": "7", "vehicles": [str(ground.vehicle)], "items": [str(ground.case)]}
    stale = browser.submit(page, values, _expected=409)
    assert "baru saja diubah orang lain" in stale.complaints[0]
    kept(stale, values)
    browser.submit(stale, values)
    assert known(trip_id).sessions[0].seats[Pool.PUBLIC] == 7


# -- the steps --------------------------------------------------------------------------------------------------


def test_a_step_from_an_old_page_is_refused_with_the_page_of_now(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground)
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_show", trip_id=trip_id)
    change(trip_id, replace(known(trip_id).plan, purpose="Lain"), ground)
    stale = browser.submit(page, action="/submit", _expected=409)
    assert "baru saja diubah" in stale.complaints[0]
    assert known(trip_id).status is Status.DRAFT
    browser.submit(stale, action="/submit")
    again = browser.submit(stale, action="/submit", _expected=409)
    assert "Menunggu persetujuan" in again.complaints[0]


def test_an_incomplete_plan_is_kept_and_not_submitted(staff: Any, ground: Ground) -> None:
    browser = staff("supervisor")
    page, trip_id = saved(browser, ground, vehicles=[], **{"person_0": ""})
    assert "Sebelum diajukan masih kurang: penanggung jawab, kendaraan." in page.words
    refused = browser.submit(page, action="/submit", _expected=422)
    assert refused.complaints == ["Belum ada penanggung jawab dan kendaraan. Lengkapi rencananya, lalu ajukan lagi."]
    assert known(trip_id).status is Status.DRAFT


def test_a_plan_is_sent_back_with_a_reason(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.SUBMITTED)
    head = staff("head")
    page = head.get("loktuan.trip_show", trip_id=trip_id)
    refused = head.submit(page, {"reason": " "}, action="/return", _expected=422)
    assert "Tulis alasannya" in told_at(refused, "reason")
    shown = head.follow(head.submit(refused, {"reason": "Tambah petugas antrean."}, action="/return"))
    assert "Draf" in shown.words
    staff("supervisor").post("loktuan.trip_approve", {"revision": "1"}, trip_id=trip_id, _expected=403)


@pytest.mark.parametrize(("step", "word"), [("postpone", "Ditunda"), ("cancel", "Dibatalkan")])
def test_a_trip_that_ends_says_why_to_the_office_and_on_the_tickets(
    staff: Any, client: Client, ground: Ground, step: str, word: str
) -> None:
    made(make_blanks, ground.planner)
    plan = plan_of(ground, blanks=ranges_in("X1001001-X1001010"))
    trip_id = made(make_trip, ground, plan, status=Status.PUBLISHED)
    found = known(trip_id)
    ticket = made(make_booking, found.row.page_code, found.sessions[0].id)
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_show", trip_id=trip_id)
    refused = browser.submit(page, {"reason": "  "}, action=f"/{step}", _expected=422)
    assert "Tulis alasannya" in told_at(refused, "reason")
    long = browser.submit(page, {"reason": "x" * 301}, action=f"/{step}", _expected=422)
    assert "paling panjang 200 huruf" in told_at(long, "reason")
    assert long.form(f"/{step}").values["reason"] == "x" * 301
    assert known(trip_id).status is Status.PUBLISHED
    shown = browser.follow(browser.submit(refused, {"reason": "Jembatan putus."}, action=f"/{step}"))
    assert f"{word} : Jembatan putus." in shown.words or f"{word}: Jembatan putus." in shown.words
    assert "Jembatan putus." in client.get_url(f"/T/{ticket.token}").words
    browser.get("loktuan.trip_poster", trip_id=trip_id, _expected=404)
    assert ("Jadwalkan lagi" in shown.words) is (step == "postpone")
    freed = {one.dt.get_text(): one.dd.get_text(" ", strip=True) for one in shown.html.select("main .summary-row")}
    assert freed["Tim"] == "Rina Kasubsi, Budi Sopir, Citra Wawancara, Doni Berkas"
    assert freed["Kendaraan dan perlengkapan"] == "Koper Uji, Minibus Uji"
    assert freed["Blangko"] == "10 kembali ke kantor"
    assert freed["Pendaftaran"].startswith("ditutup; 1 orang tetap tercatat")
    assert freed["Surat tugas"] == "belum terbit"


def test_who_waited_for_a_postponed_trip_reads_so_and_moves_to_the_new_day(
    staff: Any, client: Client, office: Office, ground: Ground, clock: Clock
) -> None:
    """The request's contact, somebody of his group and somebody of the public, from the old date to the new one."""
    asked = made(make_request, contact_name="Ibu " + "Panjang" * 12)
    yes = {"reason": "", "actor": of_staff(office["tu"]), "now": office_clock.now()}
    made(requests.decide, asked.id, RequestState.ACCEPTED, **yes)
    trip_id = made(make_trip, ground, status=Status.PUBLISHED, request_id=asked.id)
    found = known(trip_id)
    ticket = made(make_booking, found.row.page_code, found.sessions[1].id, [cast.NURAINI])
    listed = client.get("loktuan_public.collective_show", token=found.collective_token)
    old = str(found.sessions[0].id)
    lines = f"{cast.SITI.name};{cast.SITI.nik}\n{cast.BUDI.name};{cast.BUDI.nik}"
    client.submit(listed, {"many-session": old, "many-lines": lines}, action="/banyak")

    browser = staff("supervisor")
    page = browser.get("loktuan.trip_show", trip_id=trip_id)
    ended = browser.follow(browser.submit(page, {"reason": "Jembatan putus."}, action="/postpone"))
    assert f"/loktuan/requests/{asked.id}" in ended.links()
    clock.forward(days=15)  # the old day is over
    browser = staff("tu")
    for _ in range(2):  # postponed, and then planned anew but not published
        for url in (f"/L/{asked.token}", f"/K/{found.collective_token}"):
            words = client.get_url(url).words
            assert "ditunda kantor" in words
            assert "Petugas berangkat" not in words
        words = client.get_url(f"/T/{ticket.token}").words
        assert "dibatalkan kantor: Jembatan putus. Jangan datang" in words
        assert "Belum ada jadwal lain untuk tiket ini." in words
        trip_page = browser.get("loktuan.trip_show", trip_id=trip_id)
        numbers = browser.submit(trip_page, action="/contacts", _expected=200)
        told = [" ".join(row.get_text(" ").split()) for row in numbers.html.select("tbody tr")]
        number = ticket.phone.replace("+62", "0")
        assert f"{cast.NURAINI.name} 9 Des 2026, 13.00 WITA {number} {show_code(ticket.code)}" in told
        assert len(told) == 3
        if known(trip_id).status is Status.POSTPONED:
            assert "ditunda: Jembatan putus. Mohon beri tahu" in contact_page(browser, asked.id).words
            later = date(2026, 12, 16)
            sessions = tuple(replace(one, day=later) for one in known(trip_id).plan.sessions)
            crew = known(trip_id).plan.crew
            change(trip_id, replace(plan_of(ground, later), sessions=sessions, crew=crew), ground)

    for work, who in ((deciding.submit, ground.planner), (deciding.approve, ground.head)):
        made(work, trip_id, revision=known(trip_id).revision, actor=of_staff(who), now=office_clock.now())
    browser.submit(browser.get("loktuan.trip_show", trip_id=trip_id), action="/publish")
    assert "Petugas berangkat Rabu, 16 Desember 2026" in client.get_url(f"/L/{asked.token}").words
    assert "16 Desember 2026, pukul 06.30" in contact_page(browser, asked.id).words
    new = known(trip_id).sessions
    shown = client.get_url(f"/T/{ticket.token}")
    assert "Jadwal lain yang dibuka: Rabu, 16 Desember 2026." in shown.words
    moving = client.get("booking.ticket_move", token=ticket.token)
    moved = client.follow(client.submit(moving, {"session": str(new[1].id)}))
    assert moved.h1 == "Anda sudah terdaftar"
    assert "Rabu, 16 Desember 2026" in moved.words

    listed = client.get("loktuan_public.collective_show", token=found.collective_token)
    assert "2 orang masih di sesi yang tidak jadi" in listed.words
    printed = client.get("loktuan_public.collective_tickets", token=found.collective_token)
    assert "2 orang masih di sesi yang ditunda kantor." in printed.words
    assert not printed.html.select(".ticket-code"), "nobody is handed a ticket of the old day"
    client.submit(listed, {"move-session": ""}, action="/pindah", _expected=422)
    listed = client.follow(client.submit(listed, {"move-session": str(new[0].id)}, action="/pindah"))
    assert "tidak jadi" not in listed.words
    assert known(trip_id).row.taken == 3


def contact_page(browser: Client, request_id: UUID) -> Answer:
    return browser.post("loktuan.request_contact", request_id=request_id, _expected=200)


# -- who sees what ----------------------------------------------------------------------------------------------


def test_an_officer_sees_the_trip_and_its_day_but_no_buttons_of_the_planner(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    officer = staff("officer")
    page = officer.get("loktuan.trip_show", trip_id=trip_id)
    assert not page.html.select("main form")
    assert known(trip_id).collective_token not in page.text
    assert any(link.endswith("/run") for link in page.links())
    assert not any(link.endswith(("/edit", "/spd.pdf", "/trips/new")) for link in page.links())
    assert not any(link.endswith("/trips/new") for link in officer.get("loktuan.trip_list").links())
    for step in ("submit", "approve", "publish", "return", "postpone", "cancel", "change", "close", "contacts"):
        officer.post(f"loktuan.trip_{step}", trip_id=trip_id, _expected=403)


def test_an_auditor_only_reads(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    auditor = staff("auditor")
    for name in ("show", "report"):
        page = auditor.get(f"loktuan.trip_{name}", trip_id=trip_id)
        assert not page.html.select("main form"), name
        assert not any(link.endswith(("/run", "/edit")) for link in page.links()), name
    auditor.get("loktuan.trip_run", trip_id=trip_id, _expected=403)
    for name in ("out", "photo", "incident", "blanks"):
        auditor.post(f"loktuan.trip_{name}", trip_id=trip_id, _expected=403)


def test_a_trip_that_is_none_is_not_found(staff: Any) -> None:
    browser = staff("supervisor")
    for name in ("show", "edit", "run", "report", "poster", "poster_file", "report_file"):
        browser.get(f"loktuan.trip_{name}", trip_id=uuid4(), _expected=404)
    for name in ("submit", "publish", "cancel", "out", "close"):
        values = {"reason": "x", "things": str(uuid4())}
        browser.post(f"loktuan.trip_{name}", values, trip_id=uuid4(), _expected=404)


# -- the papers -------------------------------------------------------------------------------------------------


def test_the_list_to_sign_is_of_a_day_of_service(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    found = known(trip_id)
    made(make_booking, found.row.page_code, found.sessions[0].id, [cast.SITI])
    browser = staff("officer")
    page = browser.get("loktuan.trip_show", trip_id=trip_id)
    (link,) = [one for one in page.links() if "attendance.pdf" in one]
    answer = browser.get_url(link)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    words = words_of(answer)
    for word in (cast.SITI.name, cast.SITI.nik[-4:], "Kantor Camat Sangatta Utara"):
        assert word in words
    assert cast.SITI.nik not in words
    for day in ("2026-12-10", "besok", ""):
        browser.get("loktuan.trip_attendance", trip_id=trip_id, day=day, _expected=404)


def test_travel_data_are_of_somebody_of_the_crew(staff: Any, office: Office, ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.APPROVED)
    browser = staff("tu")
    answer = browser.get("loktuan.trip_spd", trip_id=trip_id, person_id=ground.crew[0])
    for word in ("Budi Sopir", "Minibus Uji", "Kantor Camat Sangatta Utara"):
        assert word in words_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    browser.get("loktuan.trip_spd", trip_id=trip_id, person_id=office["officer"], _expected=404)


def test_a_letter_is_issued_once_and_said_to_be_out_of_date(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.APPROVED)
    browser = staff("tu")
    page = browser.get("loktuan.trip_show", trip_id=trip_id)
    refused = browser.submit(page, {"official_number": "<b>1</b>"}, action="/letter", _expected=422)
    assert told_at(refused, "official_number")
    assert refused.form("/letter").values["official_number"] == "<b>1</b>"
    assert count(Letter) == 0
    for _ in range(2):
        browser.submit(page, action="/letter")
    assert count(Letter) == 1
    plan = known(trip_id).plan
    change(trip_id, replace(plan, crew=(*plan.crew[:3], replace(plan.crew[3], person_id=None))), ground)
    stale = browser.get("loktuan.trip_show", trip_id=trip_id)
    assert "Rencana sudah berubah sejak surat ini terbit" in stale.words
    after = browser.follow(browser.submit(stale, action="/letter"))
    assert "versi 2" in after.words
    assert "Tidak berlaku" in after.words
    assert "Rencana sudah berubah" not in after.words


def test_a_draft_has_no_letter(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground)
    browser = staff("tu")
    answer = browser.post("loktuan.letter_issue", {"key": str(uuid4())}, trip_id=trip_id, _expected=409)
    assert "setelah perjalanan disetujui" in answer.complaints[0]


def test_the_poster_is_there_once_the_trip_is_published(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.APPROVED)
    browser = staff("officer")
    for name in ("poster", "poster_file"):
        browser.get(f"loktuan.trip_{name}", trip_id=trip_id, _expected=404)
    planner = staff("supervisor")
    planner.submit(planner.get("loktuan.trip_show", trip_id=trip_id), action="/publish")
    code = known(trip_id).row.page_code
    page = browser.get("loktuan.trip_poster", trip_id=trip_id)
    for words in (page.words, words_of(browser.get("loktuan.trip_poster_file", trip_id=trip_id))):
        for word in (f"/J/{code}", "Kantor Camat Sangatta Utara", "Rabu, 9 Desember 2026"):
            assert word in words


# -- lists ------------------------------------------------------------------------------------------------------


def test_month_map_and_list_show_the_trip(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    auditor = staff("auditor")
    month = auditor.get("loktuan.trip_month", month="2026-12")
    assert month.h1 == "Perjalanan Desember 2026"
    assert "Kantor Camat Sangatta Utara" in month.words
    assert {"/loktuan/month?month=2026-11", "/loktuan/month?month=2027-01"} <= set(month.links())
    assert "Tidak ada perjalanan bulan ini." in auditor.get("loktuan.trip_month").words
    for wrong in ("2026-13", "x", "1999-01"):
        auditor.get("loktuan.trip_month", month=wrong, _expected=404)
    drawn = auditor.get("loktuan.trip_map")
    assert f"/loktuan/trips/{trip_id}" in drawn.links()
    assert len(drawn.html.select("svg .dot")) == len(drawn.html.select("svg .dot-name")) > 10
    assert len(drawn.html.select("svg .dot-ahead")) == 1
    assert "0 dari 25 kursi terisi" in auditor.get("loktuan.trip_list").words


@steps.SQLITE
def test_no_page_of_a_trip_stores_a_file_of_its_own(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    browser = staff("supervisor")
    before = steps.dump()
    for name in ("show", "edit", "run", "report", "poster", "poster_file", "report_file"):
        browser.get(f"loktuan.trip_{name}", trip_id=trip_id)
    assert steps.dump() == before
    assert count(StoredFile) == 0


def test_each_duty_of_the_form_is_one_that_the_office_knows(staff: Any, ground: Ground) -> None:
    page = staff("supervisor").get("loktuan.trip_new")
    assert set(page.form().choices("duty-0")) == {"", *(duty.value for duty in Duty)}


def test_blanks_are_set_aside_on_the_planning_page(staff: Any, ground: Ground) -> None:
    made(make_blanks, ground.planner)
    supervisor = staff("supervisor")
    page = supervisor.get("loktuan.trip_new")
    assert "Di kantor: X1001001–X1001100." in page.text
    for wrong, told in (
        ("X12", "nomor seri"),
        ("X1001001-X1001010, X1002000", "X1002000 tidak ada dalam catatan"),
    ):
        values = typed(ground, blanks=wrong)
        refused = supervisor.submit(supervisor.get("loktuan.trip_new"), values, _expected=422)
        assert told in told_at(refused, "blanks")
        kept(refused, values)
    shown, trip_id = saved(supervisor, ground, blanks="x1001001 - x1001010, X1001020")
    assert "X1001001–X1001010, X1001020" in shown.text
    edit = supervisor.get("loktuan.trip_edit", trip_id=trip_id)
    assert edit.form().values["blanks"] == "X1001001–X1001010, X1001020"
    supervisor.submit(edit, {"blanks": "X1001001-X1001010"})
    again = supervisor.get("loktuan.trip_edit", trip_id=trip_id)
    assert again.form().values["blanks"] == "X1001001–X1001010"
    assert "Dikembalikan: 1 (X1001020)" in supervisor.get("loktuan.trip_show", trip_id=trip_id).words
