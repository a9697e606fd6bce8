"""Leave on a phone and at a desk: asked for, decided with its duties in view, from a calendar, without scripts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from fieldops.core.people.rules import Role
from fieldops.core.roster.absences import service
from fieldops.core.roster.absences.rules import CompensationRule
from tests.make import make_absence, make_post

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("one_process")]

MONDAY = date(2027, 2, 1)
RULE = CompensationRule(half=240, full=420, days=90, holiday_half=240, holiday_full=420)
SIZES = pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)], ids=["phone", "desktop"])


def fill(one, day, part="full"):
    one.find("#kind").check()
    one.find("#first").fill(day.isoformat())
    one.find(f"[name=part][value={part}]").check()


@SIZES
def test_leave_from_the_menu_to_the_decision(office, signed_in, width, height):
    officer, day = office.people[Role.OFFICER], MONDAY + timedelta(days=width % 7)
    office.make(make_post, officer, f"{day} 07:00", 5, title="Layanan Februari")
    one = signed_in("officer", width=width, height=height)
    one.send(one.find(".nav").get_by_role("link", name="Menu"))
    one.check("menu")
    one.send(one.link("Cuti saya"))
    one.arrive("Cuti saya")
    one.check("absence-own")
    one.send(one.link("Ajukan cuti"))
    expect(one.find("#starts")).to_be_hidden()
    one.find("[name=part][value=hours]").check()
    expect(one.find("#starts")).to_be_visible()
    one.check("absence-new")
    one.send(one.button("Kirim pengajuan"))
    expect(one.find("[data-errors]")).to_be_focused()
    one.check("absence-new-error")
    fill(one, day)
    one.send(one.button("Kirim pengajuan"))
    one.arrive("Cuti tahunan")
    one.check("absence-waiting")
    path = one.path
    boss = signed_in("supervisor", width=width, height=height)
    boss.go("/absences/inbox").check("absence-inbox")
    boss.go(path)
    expect(boss.find("main")).to_contain_text("1 tugas terdampak")
    boss.check("absence-decide")
    boss.send(boss.button("Tolak"))
    expect(boss.find("[data-errors]")).to_be_focused()
    boss.check("absence-decide-error")
    boss.send(boss.button("Setujui"))
    expect(boss.find("main")).to_contain_text("Tugas ini belum dilepas.")
    boss.check("absence-approved")
    one.go(path)
    one.send(one.button("Tarik pengajuan"))
    expect(one.find("main")).to_contain_text("Ditarik")
    one.check("absence-withdrawn")


@SIZES
def test_events_are_chosen_from_a_calendar(office, signed_in, width, height):
    day = MONDAY + timedelta(days=14 + width % 7)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:t"]
    for uid, more in (("a", []), ("b", ["RRULE:FREQ=MONTHLY"])):
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}{width}",
            f"SUMMARY:Acara {uid}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            *more,
        ]
        lines += ["END:VEVENT"]
    data = "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()
    one = signed_in("officer", width=width, height=height)
    one.go("/absences/import").check("absence-import")
    for content in (b"halo", data + b" " * 600_000):
        one.find("#file").set_input_files({"name": "k.ics", "mimeType": "text/calendar", "buffer": content})
        one.send(one.button("Lihat isinya"))
        expect(one.find("[data-errors]")).to_be_focused()
        one.check("absence-import-error")
    one.find("#file").set_input_files({"name": "k.ics", "mimeType": "text/calendar", "buffer": data})
    one.send(one.button("Lihat isinya"))
    one.arrive("Pilih acara")
    one.check("absence-choose")
    one.send(one.button("Ajukan yang dipilih"))
    one.check("absence-choose-error")
    one.find("label.choice", has_text="Acara a").click()
    one.find("#kind").check()
    one.send(one.button("Ajukan yang dipilih"))
    one.arrive("Cuti saya")
    expect(one.find("main")).to_contain_text("Acara a")


@SIZES
def test_the_ledger_of_time_off(office, signed_in, width, height):
    officer = office.people[Role.OFFICER]
    for day in (date(2026, 11, 7), date(2026, 11, 21)):
        post = office.make(make_post, officer, f"{day} 08:00", 8, state="locked", title="PERSARI November")
        office.make(service.earn, post, officer, 480, day, False, rule=RULE, now=office.server.now())
    one = signed_in("officer", width=width, height=height)
    one.go("/compensation").check("compensation")
    all_of_them = signed_in("supervisor", width=width, height=height)
    all_of_them.go("/compensation/all").check("compensation-all")
    all_of_them.find("details.more summary").first.click()
    all_of_them.send(all_of_them.find("details[open] button"))
    expect(all_of_them.find("[data-errors]")).to_be_focused()
    all_of_them.check("compensation-error")


def test_leave_without_scripts(office, signed_in):
    day = MONDAY + timedelta(days=28)
    one = signed_in("officer", scripts=False)
    one.go("/absences/new")
    fill(one, day, "hours")
    one.find("#starts").fill("09.00")
    one.send(one.button("Kirim pengajuan"))
    assert "Tulis jam selesai" in one.find(".errors").inner_text()
    assert one.find("#starts").input_value() == "09.00"
    one.find("#ends").fill("11.00")
    one.send(one.button("Kirim pengajuan"))
    one.arrive("Cuti tahunan")
    path = one.path
    office.make(make_absence, office.people[Role.HEAD], day)
    boss = signed_in("supervisor", scripts=False)
    boss.go(path)
    boss.find("#note").fill("Selamat")
    boss.send(boss.button("Setujui"))
    assert "Selamat" in boss.find("main").inner_text()
