"""A quarter of trips in Chromium: one life of a trip from the plan to the closed report on a phone and on a desktop, a
step by keyboard alone, and the plan without scripts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from fieldops.core.audit.rules import staff
from fieldops.core.people.rules import Role
from fieldops.loktuan.models import Trip
from fieldops.loktuan.trips.queries.facts import facts
from fieldops.loktuan.trips.rules import Status
from fieldops.loktuan.trips.rules.reporting import BackState
from fieldops.loktuan.trips.service import closing, running
from tests.make import Office, at
from tests.trips import Ground, make_ground, make_trip, plan_of

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("one_process")]

FIRST = date(2026, 11, 18)
"""The Wednesday of the trip that is over on the server's Saturday, 28 November 2026."""


@dataclass(frozen=True)
class Quarter:
    ground: Ground
    closed: UUID
    published: UUID
    draft: UUID


@pytest.fixture(scope="module")
def quarter(office) -> Quarter:
    """Three trips, four weeks apart: closed, published, draft."""
    known = Office(office.people, office.people[Role.OFFICER])
    ground = office.make(make_ground, known)
    planned = at(f"{FIRST - timedelta(days=14)} 10:00")
    closed = office.make(make_trip, ground, plan_of(ground, FIRST), status=Status.PUBLISHED, now=planned)
    office.make(carry_out, ground, closed)
    made = []
    for weeks, status in ((4, Status.PUBLISHED), (8, Status.DRAFT)):
        plan = plan_of(ground, FIRST + timedelta(weeks=weeks))
        made.append(office.make(make_trip, ground, plan, status=status))
    return Quarter(ground, closed, *made)


def carry_out(session, ground: Ground, trip_id: UUID) -> None:
    """The day of a trip without trouble, and its report."""
    about = {"actor": staff(ground.lead), "now": at(f"{FIRST} 06:40")}
    found = facts(session, trip_id)
    running.check_out(session, trip_id, {one.id for one in found.things}, **about)
    for person_id in (ground.lead, *ground.crew):
        running.note_presence(session, trip_id, person_id, **about)
    running.put_odometer(session, trip_id, ground.vehicle, "out", 12_000, **about)
    about["now"] = at(f"{FIRST} 17:10")
    for one in found.things:
        running.check_back(session, trip_id, one.id, BackState.GOOD, note="", **about)
    running.put_odometer(session, trip_id, ground.vehicle, "in", 12_130, **about)
    closing.write(session, trip_id, closing.ReportWords("Lancar.", "", "", True, "Kamera tertinggal."), **about)
    closing.close(session, trip_id, revision=1, **about)


def fill(one, ground: Ground, day: date) -> None:
    """The planning page as a planner fills it."""
    one.find("#site").select_option(str(ground.site))
    for name in ("departs_day", "returns_day", "day-0", "day-1"):
        one.find(f"#{name}").fill(day.isoformat())
    people = [("supervisor", ground.lead), *zip(("driver", "interview", "verification"), ground.crew, strict=True)]
    for n in range(6):
        duty, person = people[n] if n < len(people) else ("", "")
        one.find(f"#duty-{n}").select_option(duty)
        one.find(f"#person-{n}").select_option(str(person))
    one.find(f"[id='thing-{ground.vehicle}']").check()


@pytest.mark.parametrize(("width", "height", "weeks"), [(360, 740, 5), (1280, 800, 6)], ids=["phone", "desktop"])
def test_the_quarter_and_a_plan_from_its_form_to_the_public(office, signed_in, quarter, width, height, weeks):
    day = FIRST + timedelta(weeks=weeks)
    ground = quarter.ground
    boss = signed_in("supervisor", width=width, height=height)
    for path, name in (("", "list"), ("map", "map"), ("month?month=2026-12", "month")):
        boss.go(f"/loktuan/{path}").check(f"trip-{name}")
    boss.go("/loktuan/")
    boss.send(boss.link("Rencanakan perjalanan"))
    boss.arrive("Rencana perjalanan")
    boss.check("trip-new")
    fill(boss, ground, day)
    boss.find("#departs_time").fill("25.00")
    boss.send(boss.button("Periksa dulu"))
    expect(boss.find("[data-errors]")).to_be_focused()
    boss.check("trip-wrong")
    boss.find("#departs_time").fill("06.30")
    boss.send(boss.button("Periksa dulu"))
    expect(boss.find("main")).to_contain_text("Belum disimpan")
    boss.check("trip-looked")
    boss.send(boss.button("Simpan rencana"))
    boss.arrive("LOKTUAN Kantor Camat Sangatta Utara")
    boss.check("trip-draft")
    boss.send(boss.button("Ajukan persetujuan"))
    path = boss.path
    head = signed_in("head", width=width, height=height)
    head.go(path).check("trip-submitted")
    head.send(head.button("Setujui"))
    head.send(head.button("Terbitkan surat tugas"))
    head.check("trip-approved")
    boss.go(path)
    boss.send(boss.button("Terbitkan"))
    expect(boss.find("main .chip").first).to_have_text("Terbit")
    boss.check("trip-published")


@pytest.mark.parametrize(("width", "height", "weeks"), [(360, 740, 0), (1280, 800, 1)], ids=["phone", "desktop"])
def test_a_day_that_is_over_is_written_down_and_closed(office, signed_in, quarter, width, height, weeks):
    ground = quarter.ground
    day = FIRST - timedelta(weeks=2 + weeks)
    planned = at(f"{day - timedelta(days=7)} 10:00")
    items = frozenset({ground.case})
    plan = replace(plan_of(ground, day), vehicle_ids=frozenset({ground.other_vehicle}), item_ids=items)
    trip_id = office.make(make_trip, ground, plan, status=Status.PUBLISHED, now=planned)
    officer = signed_in("supervisor", width=width, height=height)
    officer.go(f"/loktuan/trips/{trip_id}/run").check("trip-run")
    for name in ("Rina Kasubsi", "Budi Sopir", "Citra Wawancara", "Doni Berkas"):
        officer.send(officer.find("button", has_text=f"Hadir, {name}"))
    officer.send(officer.button("Catat keluar"))
    expect(officer.find("[data-errors]")).to_contain_text("Centang yang sudah dimuat")
    for box in officer.find("[name=things]").all():
        box.check()
    officer.send(officer.button("Catat keluar"))
    for moment, km in (("out", f"{20_000 - weeks * 100}"), ("in", f"{20_090 - weeks * 100}")):
        where = officer.find(f"[id='km-{moment}-{ground.other_vehicle}']")
        where.fill(km)
        officer.send(where.locator("xpath=..").get_by_role("button"))
    for name in ("Koper Uji", "Mobil Uji"):
        officer.send(officer.find("button", has_text=f"Kembali baik, {name}"))
    officer.check("trip-run-back")
    officer.send(officer.link("Laporan").first)
    officer.check("trip-report-open")
    officer.find("#summary").fill("Berjalan lancar.")
    officer.find("[name=no_incident]").check()
    officer.find("#no_photo_reason").fill("Kamera tertinggal.")
    officer.send(officer.button("Simpan tulisan"))
    officer.send(officer.button("Tutup laporan"))
    expect(officer.find("main")).to_contain_text("Ditutup Sabtu, 28 November 2026")
    officer.check("trip-report-closed")
    assert office.read(lambda session: session.get_one(Trip, trip_id).status) == Status.CLOSED


def test_a_trip_is_postponed_by_keyboard_alone(office, signed_in, quarter):
    boss = signed_in("supervisor", width=1280, height=800)
    boss.go(f"/loktuan/trips/{quarter.draft}")

    def to(wanted, most=80):
        """Tab on until the focus is where it is wanted; every stop on the way can be seen."""
        for _ in range(most):
            boss.page.keyboard.press("Tab")
            here = boss.focus()
            assert here is None or (here["ring"] and not here["hidden"]), here
            if here and wanted(here):
                return
        raise AssertionError("the keyboard never came there")

    to(lambda here: here["tag"] == "summary" and here["text"] == "Tunda")
    boss.page.keyboard.press("Enter")
    to(lambda here: here["name"] == "reason")
    boss.page.keyboard.type("Jembatan putus.")
    to(lambda here: here["tag"] == "button" and here["text"].startswith("Tunda"))
    with boss.page.expect_navigation():
        boss.page.keyboard.press("Enter")
    expect(boss.find("main")).to_contain_text("Ditunda: Jembatan putus.")
    assert office.read(lambda session: session.get_one(Trip, quarter.draft).status) == Status.POSTPONED


def test_a_plan_without_scripts(office, signed_in, quarter):
    ground, day = quarter.ground, FIRST + timedelta(weeks=7)
    boss = signed_in("supervisor", scripts=False)
    boss.go("/loktuan/trips/new")
    fill(boss, ground, day)
    boss.find("#ends-0").fill("08.00")
    boss.send(boss.button("Simpan rencana"))
    assert "Jam selesai sesi harus sesudah jam mulai." in boss.find(".errors").inner_text()
    assert boss.find("#person-1").input_value() == str(ground.crew[0])
    boss.find("#ends-0").fill("11.00")
    boss.send(boss.button("Simpan rencana"))
    boss.arrive("LOKTUAN Kantor Camat Sangatta Utara")
    made = select(Trip.departs_at).where(Trip.departs_at == at(f"{day} 06:30"))
    assert len(office.read(lambda session: session.scalars(made).all())) == 1
