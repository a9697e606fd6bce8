"""The day of a trip and its report by HTTP alone: what leaves, who is there, what comes back, and the closing."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from fieldops.core.attendance.rules import Stage
from fieldops.core.audit.models import AuditEntry
from fieldops.core.blanks.models import Blank
from fieldops.core.booking.rules import Pool
from fieldops.core.files.models import StoredFile
from fieldops.core.files.rules import MAX_PHOTO
from fieldops.core.fleet.models import Reading
from fieldops.core.people.service import persons
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from fieldops.loktuan.models import TripIncident, TripReport, TripTask
from fieldops.loktuan.trips.rules import SessionPlan, Status
from tests.make import Office, at, made, make_blanks, make_booking, make_tap
from tests.trips import DAY, Ground, change, make_ground, make_trip, plan_of
from tests.web import steps
from tests.web.test_letters import words_of
from tests.web.test_trips import known, told_at

if TYPE_CHECKING:
    from tests.client import Answer, Client
    from tests.conftest import Clock

MORNING, EVENING = f"{DAY} 06:40", f"{DAY} 17:10"


@pytest.fixture
def ground(office: Office) -> Ground:
    return made(make_ground, office)


@pytest.fixture
def trip_id(ground: Ground, clock: Clock) -> UUID:
    """A published trip, on the morning of its day."""
    made_trip = made(make_trip, ground, status=Status.PUBLISHED)
    clock.at(MORNING)
    return made_trip


def rows(model: Any) -> list[Any]:
    with reading() as session:
        return list(session.scalars(select(model)))


def thing_of(trip_id: UUID, kind: str) -> UUID:
    return next(one.id for one in known(trip_id).things if one.holder_kind == kind)


def load(browser: Client, trip_id: UUID) -> Answer:
    """Everything leaves the office."""
    page = browser.get("loktuan.trip_run", trip_id=trip_id)
    return browser.follow(browser.submit(page, {"things": [str(one.id) for one in known(trip_id).things]}, action="out"))


def odometer(browser: Client, trip_id: UUID, car: UUID, moment: str, km: str, expected: int = 303) -> Answer:
    values = {"moment": moment, "km": km}
    return browser.post("loktuan.trip_odometer", values, trip_id=trip_id, vehicle_id=car, _expected=expected)


def picture(size: tuple[int, int] = (2400, 1800)) -> bytes:
    """What a phone takes: large, and with the place and the camera in it."""
    exif = Image.Exif()
    exif[0x010F] = "Kamera Budi"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def send_photo(browser: Client, trip_id: UUID, data: bytes, expected: int = 303) -> Answer:
    """The body is put together here: Werkzeug would leave a large file open."""
    file = FileStorage(io.BytesIO(data), filename="foto.jpg")
    boundary, body = encode_multipart({"photo": file})
    headers = {"Content-Type": f'multipart/form-data; boundary="{boundary}"'}
    url = browser.url("loktuan.trip_photo", trip_id=trip_id)
    return browser.open("POST", url, data=body, _headers=headers, _expected=expected)


# -- leaving and coming back ------------------------------------------------------------------------------------


def test_what_is_ticked_has_left(staff: Any, trip_id: UUID) -> None:
    browser = staff("officer")
    page = browser.get("loktuan.trip_run", trip_id=trip_id)
    assert "Belum ada yang keluar." in page.words
    assert "Centang yang sudah dimuat." in told_at(browser.submit(page, action="out", _expected=422), "things")
    after = browser.follow(browser.submit(page, {"things": str(thing_of(trip_id, "kit"))}, action="out"))
    assert "Koper Uji keluar Rabu, 9 Desember 2026, pukul 06.40 WITA, Dewi Petugas" in after.words
    assert [one.out_at is not None for one in known(trip_id).things] == [False, True]
    assert "Semua sudah dicatat keluar." in load(browser, trip_id).words


def test_the_odometer_is_read_and_a_smaller_number_is_refused(staff: Any, ground: Ground, trip_id: UUID) -> None:
    browser = staff("officer")
    load(browser, trip_id)
    for wrong in ("", "dua belas", "2000001", "-1"):
        refused = odometer(browser, trip_id, ground.vehicle, "out", wrong, 422)
        at_out = f"km-out-{ground.vehicle}"
        assert "Tulis angka odometer" in told_at(refused, at_out)
        assert refused.html.select_one(f"[id='{at_out}']")["value"] == wrong  # type: ignore[index]
    odometer(browser, trip_id, ground.vehicle, "out", "12.000 km")
    refused = odometer(browser, trip_id, ground.vehicle, "in", "11.999", 422)
    assert "lebih kecil" in told_at(refused, f"km-in-{ground.vehicle}")
    odometer(browser, trip_id, ground.vehicle, "in", "12130")
    assert sorted((one.moment, one.km) for one in rows(Reading)) == [("in", 12130), ("out", 12000)]
    odometer(browser, trip_id, ground.vehicle, "half", "12130", 422)
    odometer(browser, trip_id, ground.other_vehicle, "out", "5", 404)


def test_somebody_of_the_crew_is_here_and_a_stranger_is_not(staff: Any, office: Office, ground: Ground, trip_id: UUID) -> None:
    browser = staff("officer")
    page = browser.get("loktuan.trip_run", trip_id=trip_id)
    after = browser.follow(browser.submit(page, action=f"/crew/{ground.crew[0]}/here"))
    shown = next(row for row in after.html.select("main .row") if "Budi Sopir" in row.get_text())
    assert "hadir 06.40" in shown.get_text()
    assert not shown.select("form")
    browser.post("loktuan.trip_here", trip_id=trip_id, person_id=office["tu"], _expected=404)


def test_what_does_not_come_back_is_a_task_of_the_planner(staff: Any, trip_id: UUID, clock: Clock) -> None:
    browser, thing = staff("officer"), thing_of(trip_id, "kit")
    load(browser, trip_id)
    clock.at(EVENING)
    back = {"trip_id": trip_id, "thing_id": thing}
    assert "Pilih keadaannya." in browser.post("loktuan.trip_back", {"state": "x"}, _expected=422, **back).complaints[0]
    long = browser.post("loktuan.trip_back", {"state": "missing", "note": "x" * 301}, _expected=422, **back)
    assert "Paling panjang 300" in told_at(long, f"note-{thing}")
    assert long.html.select_one(f"[id='note-{thing}']")["value"] == "x" * 301  # type: ignore[index]
    assert long.html.select_one("main details[open] input[value=missing][checked]")
    answer = browser.post("loktuan.trip_back", {"state": "missing", "note": "Tertinggal di balai"}, **back)
    page = browser.follow(answer)
    assert "Koper Uji: tidak kembali, Tertinggal di balai." in page.words
    assert not [one for one in page.forms() if one.action.endswith("/done")], "an officer does not finish tasks"
    planner = staff("supervisor")
    page = planner.get("loktuan.trip_run", trip_id=trip_id)
    (task,) = rows(TripTask)
    refused = planner.submit(page, {"note": " "}, action="/done", _expected=422)
    assert "Tulis" in told_at(refused, f"done-{task.id}")
    after = planner.follow(planner.submit(refused, {"note": "Diambil Camat."}, action="/done"))
    assert "Rina Kasubsi: Diambil Camat." in after.words


def test_things_tasks_and_photos_of_another_trip_are_not_found(staff: Any, ground: Ground, trip_id: UUID) -> None:
    browser = staff("supervisor")
    load(browser, trip_id)
    thing = thing_of(trip_id, "kit")
    browser.post("loktuan.trip_back", {"state": "damaged"}, trip_id=trip_id, thing_id=thing)
    send_photo(browser, trip_id, picture())
    (task,), (photo,) = rows(TripTask), rows(StoredFile)
    later = plan_of(ground, DAY.replace(day=16))
    other = made(make_trip, ground, later, status=Status.APPROVED)
    browser.get("loktuan.trip_photo_show", trip_id=other, file_id=photo.id, _expected=404)
    browser.post("loktuan.trip_photo_remove", trip_id=other, file_id=photo.id, _expected=(303, 404))
    assert len(rows(StoredFile)) == 1
    browser.post("loktuan.trip_back", {"state": "good"}, trip_id=other, thing_id=thing, _expected=404)
    browser.post("loktuan.trip_task_done", {"note": "x"}, trip_id=other, task_id=task.id, _expected=404)


# -- blanks, incidents, photos ----------------------------------------------------------------------------------


def test_blanks_go_along_by_range_and_wrong_ranges_are_told(staff: Any, ground: Ground, trip_id: UUID) -> None:
    made(make_blanks, ground.planner)
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_run", trip_id=trip_id)
    for wrong, told in (
        ("", "Tulis nomor seri"),
        ("X12", "Tulis nomor seri"),
        ("X1001010–X1001001", "lebih kecil"),
        ("X1001001–Y1001003", "satu seri"),
        ("X1001099–X1001101", "X1001101"),
    ):
        refused = browser.submit(page, {"range": wrong, "move": "issue"}, action="/blanks", _expected=422)
        assert told in told_at(refused, "range"), wrong
        assert refused.value("range") == wrong
    sent = {"range": "X1001001–X1001050", "move": "issue"}
    for _ in range(2):
        page_after = browser.follow(browser.submit(page, sent, action="/blanks"))
    assert "Dibawa: 50 ( X1001001–X1001050 )".replace("( ", "(").replace(" )", ")") in page_after.words.replace(
        "( ", "("
    ).replace(" )", ")")
    assert len([one for one in rows(Blank) if one.state == "out"]) == 50
    spoiled = {"range": "X1001031", "move": "spoil", "reason": ""}
    refused = browser.submit(page_after, spoiled, action="/blanks", _expected=422)
    assert "sebab kerusakan" in told_at(refused, "reason")
    assert refused.value("range") == "X1001031"
    after = browser.follow(browser.submit(refused, spoiled | {"reason": "Tercetak miring"}, action="/blanks"))
    assert "Rusak: 1" in after.words
    browser.submit(page, {"range": "X1001002", "move": "eat"}, action="/blanks", _expected=422)
    staff("officer").post("loktuan.trip_blanks", trip_id=trip_id, _expected=403)


def test_an_incident_is_written_once(staff: Any, trip_id: UUID, clock: Clock) -> None:
    clock.at(EVENING)
    browser = staff("officer")
    page = browser.get("loktuan.trip_run", trip_id=trip_id)
    good = {"on": DAY.isoformat(), "at": "09.15", "incident": "Listrik padam 20 menit"}
    for field, wrong, place, told in (
        ("on", "kemarin", "on", "tanggal dan jam"),
        ("at", "9 pagi", "at", "tanggal dan jam"),
        ("at", "23.00", "at", "tidak di masa depan"),
        ("on", "2026-01-01", "at", "sekitar perjalanan"),
        ("incident", " ", "incident", "Tulis apa yang terjadi"),
        ("incident", "x" * 601, "incident", "Paling panjang 600"),
    ):
        refused = browser.submit(page, good | {field: wrong}, action="/incidents", _expected=422)
        assert told in told_at(refused, place), wrong
        for name, value in (good | {field: wrong}).items():
            assert refused.form("/incidents").values[name].strip() == value.strip(), name
        assert refused.html.select_one("details[open] #incident")
    for _ in range(2):
        after = browser.follow(browser.submit(page, good, action="/incidents"))
    assert after.words.count("Listrik padam 20 menit") == 1
    assert "pukul 09.15 WITA, ditulis Dewi Petugas" in after.words
    assert len(rows(TripIncident)) == 1


def test_a_photo_is_drawn_anew_shown_and_taken_away(staff: Any, trip_id: UUID) -> None:
    browser = staff("officer")
    page = browser.follow(send_photo(browser, trip_id, picture()))
    (file,) = rows(StoredFile)
    with reading() as session:
        (content,) = session.scalars(select(StoredFile.content))
    assert b"Kamera" not in content
    drawn = Image.open(io.BytesIO(content))
    assert (drawn.size, len(drawn.getexif())) == ((1600, 1200), 0)
    (link,) = {one for one in page.links() if "/photos/" in one}
    shown = staff("auditor").get_url(link)
    assert (shown.data, shown.headers["Content-Type"]) == (content, "image/jpeg")
    browser.follow(browser.submit(page, action=f"/{file.id}/remove"))
    assert rows(StoredFile) == []
    browser.get_url(link, _expected=404)


@steps.SQLITE
@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<html><script>alert(1)</script>", "JPG"),
        (b"%PDF-1.4\n%%EOF\n", "JPG"),
        (b"\xff\xd8\xff\xe0 broken", "rusak"),
        (b"\xff\xd8\xff" + bytes(MAX_PHOTO), "terlalu besar"),
    ],
    ids=["html", "pdf", "broken", "large"],
)
def test_what_is_no_photo_is_refused_at_its_input(staff: Any, trip_id: UUID, data: bytes, told: str) -> None:
    browser = staff("officer")
    refused = send_photo(browser, trip_id, data, 422)
    assert told in told_at(refused, "photo")
    assert rows(StoredFile) == []
    nothing = browser.post("loktuan.trip_photo", trip_id=trip_id, _expected=422)
    assert "Pilih foto dulu." in told_at(nothing, "photo")


# -- everybody sees the same ------------------------------------------------------------------------------------


def logged(action: str) -> list[str]:
    """When this was done, by the audit log, on the office's clock."""
    return [f"{office_clock.in_office(one.at):%H:%M}" for one in rows(AuditEntry) if one.action == action]


def test_d37_what_a_phone_notes_stands_on_the_desk_and_in_the_log_with_the_same_time(
    staff: Any, ground: Ground, trip_id: UUID, clock: Clock
) -> None:
    """D37: changed in one window, it is seen in the others, in the list of the trip and in the log."""
    phone, case = staff("officer"), thing_of(trip_id, "kit")
    load(phone, trip_id)
    clock.at(f"{DAY} 06:44")
    phone.post("loktuan.trip_here", trip_id=trip_id, person_id=ground.crew[0])
    clock.at(f"{DAY} 09:31")
    fact = {"on": DAY.isoformat(), "at": "09.15", "incident": "Listrik padam"}
    phone.submit(phone.get("loktuan.trip_run", trip_id=trip_id), fact, action="/incidents")
    clock.at(f"{DAY} 16:58")
    lost = {"state": "missing", "note": "Tertinggal di balai"}
    phone.post("loktuan.trip_back", lost, trip_id=trip_id, thing_id=case)
    desk = staff("supervisor")
    page = desk.get("loktuan.trip_run", trip_id=trip_id)
    for told in (
        "Koper Uji keluar Rabu, 9 Desember 2026, pukul 06.40 WITA, Dewi Petugas",
        "9 Desember 2026, pukul 16.58 WITA: Tertinggal di balai",
        "06.30–17.00 WITA: hadir 06.44",
        "Listrik padam Rabu, 9 Desember 2026, pukul 09.15 WITA, ditulis Dewi Petugas",
    ):
        assert told in page.words, told
    task = "Koper Uji: tidak kembali, Tertinggal di balai."
    assert all(task in desk.get(f"loktuan.{name}", trip_id=trip_id).words for name in ("trip_show", "trip_report"))
    assert "Listrik padam" in words_of(desk.get("loktuan.trip_report_file", trip_id=trip_id))
    log = {"trip.out": "06:40", "trip.presence": "06:44", "trip.incident": "09:31", "trip.back": "16:58"}
    assert {action: logged(action) for action in log} == {action: [when] for action, when in log.items()}


def test_d35_a_switched_off_account_notes_nothing(staff: Any, office: Office, ground: Ground, trip_id: UUID) -> None:
    """D35: who is not on duty any more is refused, although his page is still open."""
    browser = staff("officer")
    thing = thing_of(trip_id, "kit")
    load(browser, trip_id)
    page = browser.get("loktuan.trip_run", trip_id=trip_id)
    off = {"actor_id": office["admin"], "now": office_clock.now()}
    made(persons.set_active, office["officer"], False, **off)
    before = steps.dump()
    about = {"trip_id": trip_id, "_expected": 401}
    browser.post("loktuan.trip_out", {"things": str(thing)}, **about)
    browser.post("loktuan.trip_here", person_id=ground.crew[0], **about)
    browser.post("loktuan.trip_back", {"state": "good"}, thing_id=thing, **about)
    browser.post("loktuan.trip_report_write", {"summary": "Lancar."}, **about)
    odometer(browser, trip_id, ground.vehicle, "out", "12000", 401)
    send_photo(browser, trip_id, picture((64, 48)), 401)
    fact = {"on": DAY.isoformat(), "at": "06.30", "incident": "Ban kempis"}
    kept = browser.submit(page, fact, action="/incidents", _expected=401)
    assert "Ban kempis" in kept.text, "it is kept for somebody who signs in"
    assert steps.dump() == before


# -- the report -------------------------------------------------------------------------------------------------

WORDS = {"summary": "Berjalan lancar.\nWarga antusias.", "obstacles": "Listrik padam.", "follow_up": "Bawa genset."}


def carry_out(browser: Client, ground: Ground, trip_id: UUID, clock: Clock) -> None:
    """A day without trouble, up to the evening."""
    load(browser, trip_id)
    for person_id in (ground.lead, *ground.crew):
        browser.post("loktuan.trip_here", trip_id=trip_id, person_id=person_id)
    odometer(browser, trip_id, ground.vehicle, "out", "12000")
    clock.at(EVENING)
    odometer(browser, trip_id, ground.vehicle, "in", "12130")
    for thing in known(trip_id).things:
        browser.post("loktuan.trip_back", {"state": "good"}, trip_id=trip_id, thing_id=thing.id)


def test_words_of_a_report_are_kept_and_stay_when_one_is_too_long(staff: Any, trip_id: UUID) -> None:
    browser = staff("officer")
    page = browser.get("loktuan.trip_report", trip_id=trip_id)
    long = WORDS | {"obstacles": "x" * 2001, "no_incident": "1", "no_photo_reason": "Kamera tertinggal"}
    refused = browser.submit(page, long, action="/report", _expected=422)
    assert "Paling panjang 2000" in told_at(refused, "obstacles")
    form = refused.form("/report")
    assert {name: form.values[name].strip() for name in long} == long
    assert rows(TripReport) == []
    after = browser.follow(browser.submit(page, WORDS, action="/report"))
    assert {name: after.form("/report").values[name] for name in WORDS} == WORDS


def test_what_keeps_a_report_open_is_named(staff: Any, ground: Ground, trip_id: UUID) -> None:
    browser = staff("supervisor")
    page = browser.get("loktuan.trip_report", trip_id=trip_id)
    for word in ("Perjalanan belum selesai.", "odometer", "Koper Uji", "kejadian", "foto", "ringkasan"):
        assert word in page.words
    assert not any(one.action.endswith("/close") for one in page.forms())
    browser.submit(page, WORDS, action="/report")
    refused = browser.post("loktuan.trip_close", {"revision": "1"}, trip_id=trip_id, _expected=422)
    assert "Laporan belum bisa ditutup." in refused.complaints[0]
    run = browser.get("loktuan.trip_run", trip_id=trip_id)
    leads = {tag.get_text(): tag["href"] for tag in refused.html.select(".panel-warn li a")}
    assert leads["Angka odometer belum lengkap: Minibus Uji."].endswith("/run#odometer")
    for href in leads.values():
        path, _, anchor = href.partition("#")
        assert (run if path else refused).html.select_one(f"[id='{anchor}']"), href
    seen = staff("auditor").get("loktuan.trip_report", trip_id=trip_id)
    assert "odometer" in seen.words
    assert not seen.html.select(".panel-warn li a"), "who only reads is not sent to pages that he may not open"
    assert {name: refused.form("/report").values[name] for name in WORDS} == WORDS, "what was saved stays in the form"
    staff("officer").post("loktuan.trip_close", {"revision": "1"}, trip_id=trip_id, _expected=403)


def test_a_day_is_carried_out_reported_and_closed(
    staff: Any, ground: Ground, trip_id: UUID, clock: Clock
) -> None:
    found = known(trip_id)
    ticket = made(make_booking, found.row.page_code, found.sessions[0].id, 2, now=at("2026-11-26 10:00"))
    officer = staff("officer")
    carry_out(officer, ground, trip_id, clock)
    for stage, when in ((Stage.ARRIVED, "08:40"), (Stage.SERVED, "09:00")):
        made(make_tap, ticket.people[0], stage, ground.crew[1], happened_at=at(f"{DAY} {when}"))
    send_photo(officer, trip_id, picture())
    words = WORDS | {"no_incident": "1"}
    officer.submit(officer.get("loktuan.trip_report", trip_id=trip_id), words, action="/report")
    planner = staff("supervisor")
    page = planner.get("loktuan.trip_report", trip_id=trip_id)
    assert "Sebelum laporan bisa ditutup" not in page.words
    change(trip_id, found.plan, ground)
    stale = planner.submit(page, action="/close", _expected=409)
    assert "baru saja diubah" in stale.complaints[0]
    closed = planner.follow(planner.submit(stale, action="/close"))
    assert "Ditutup Rabu, 9 Desember 2026, pukul 17.10 WITA oleh Rina Kasubsi." in closed.words
    assert not closed.html.select("main form")
    for row in ("Terdaftar 2 2", "Hadir 1 1", "Tidak hadir 1 1", "Selesai dilayani 1 1"):
        assert row in closed.words
    answer = staff("auditor").get("loktuan.trip_report_file", trip_id=trip_id)
    assert answer.headers["Content-Disposition"] == f'inline; filename="laporan-loktuan-{DAY}.pdf"'
    printed = words_of(answer)
    for word in ("Berjalan lancar.", "Listrik padam.", "Bawa genset.", "Minibus Uji", "Budi Sopir", "12.130"):
        assert word in printed, word
    for write in (lambda: odometer(officer, trip_id, ground.vehicle, "in", "12131", 409),
                  lambda: send_photo(officer, trip_id, picture(), 409)):  # fmt: skip
        assert "sudah ditutup" in write().complaints[0]
    refused = officer.post("loktuan.trip_report_write", WORDS, trip_id=trip_id, _expected=409)
    assert "sudah ditutup" in refused.complaints[0]


def test_nothing_is_noted_for_a_draft(staff: Any, ground: Ground) -> None:
    trip_id = made(make_trip, ground)
    browser = staff("officer")
    page = browser.get("loktuan.trip_run", trip_id=trip_id)
    assert "Pelaksanaan dicatat sesudah disetujui" in page.words
    assert not any(one.action.endswith("/out") for one in page.forms())
    refused = browser.post("loktuan.trip_out", {"things": str(uuid4())}, trip_id=trip_id, _expected=409)
    assert "belum disetujui" in refused.complaints[0]


def test_a_day_that_nobody_noted_is_noted_for_itself(staff: Any, ground: Ground, clock: Clock) -> None:
    """The second morning of a trip: one tap for today, one for the day before."""
    second = DAY + timedelta(days=1)
    days = tuple(SessionPlan(day, time(8), time(12), {Pool.PUBLIC: 5}) for day in (DAY, second))
    plan = replace(plan_of(ground), sessions=days, returns_at=at(f"{second} 17:00"))
    trip_id = made(make_trip, ground, plan, status=Status.PUBLISHED)
    clock.set(at(f"{second} 08:00"))
    page = staff("supervisor").get("loktuan.trip_run", trip_id=trip_id)
    row = next(one for one in page.html.select("main .row") if "Budi Sopir" in one.get_text())
    assert [" ".join(one.get_text().split()) for one in row.select("button")] == [
        "Hadir Rabu, 9 Desember 2026, pukul 06.30 WITA, Budi Sopir",
        "Hadir, Budi Sopir",
    ]
