"""Officers on the day: sign in, today's list, scan, mark, undo, walk-in, and the number that the year is judged by."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from fieldops.core.achievement.models import Line
from fieldops.core.people.models import StaffSession
from fieldops.kit import qr
from tests import cast
from tests.browser.conftest import plans

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("one_process")]


@pytest.fixture(scope="session")
def today(office):
    """PERSARI this morning, with a stranger in it."""
    day = office.today(sessions=plans(40, 40))
    office.a_ticket(day)
    return day


@pytest.fixture
def ticket(office, today):
    """A ticket of somebody with a name of his own: call it with a name."""

    def make(name, **options):
        return office.a_ticket(today, [cast.stranger(name=name)], **options)

    return make


def tile(one, words):
    """The counter with these words."""
    return int(one.find(".tile", has_text=re.compile(rf"^\s*\d+\s+{words}\s*$")).locator("b").inner_text())


def row(one, name):
    return one.page.get_by_role("listitem").filter(has_text=name)


# -- sign in ----------------------------------------------------------------------------------------------------


def test_sign_in_by_link_once(office, walk):
    one = walk(staff=True)
    link = office.link("officer")
    one.go(link).check("sign-in")
    assert one.context.cookies() == []
    one.send(one.button("Masuk"))
    one.arrive("Hari ini")
    (cookie,) = one.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    other = walk(staff=True)
    other.expected.append("status of 404")
    other.go(link).check("sign-in-dead")
    other.arrive("Tautan tidak berlaku")
    other.go("/scan").check("sign-in-how")
    other.arrive("Masuk")
    one.find(".drop summary").click()
    one.check("menu-open")
    one.expected.append("Clear-Site-Data header")
    one.send(one.button("Keluar"))
    one.arrive("Masuk")
    one.go("/today").arrive("Masuk")


# -- find and mark ----------------------------------------------------------------------------------------------


def test_check_in_by_typed_code(office, signed_in, ticket):
    booked = ticket("Bambang Kodenama")
    one = signed_in("officer")
    one.check("today")
    one.send(one.find(".bar").get_by_role("link", name="Pindai tiket"))
    one.check("scan")
    one.taps = 0
    one.type(one.find("#code"), f" {booked.code[:3].lower()} {booked.code[3:].lower()} ")
    one.send(one.button("Periksa"))
    one.arrive("Hadir")
    assert one.taps <= 2
    expect(one.find(".result-name")).to_contain_text("Bambang Kodenama")
    one.check("result-applied")
    one.send(one.link("Pindai berikutnya"))
    one.type(one.find("#code"), booked.code)
    one.send(one.button("Periksa"))
    one.arrive("Sudah hadir")
    one.check("result-already")
    one.go("/scan")
    one.type(one.find("#code"), "XXX-1234")
    one.send(one.button("Periksa"))
    expect(one.find("[data-errors]")).to_be_focused()
    assert one.find("#code").input_value() == "XXX-1234"
    one.check("scan-unreadable")
    one.type(one.find("#code"), "")
    one.send(one.button("Periksa"))
    one.check("scan-empty")


def test_back_over_a_result_is_the_page_of_the_person(office, signed_in, ticket):
    booked = ticket("Kembali Hasilnama")
    one = signed_in("officer")
    one.go("/scan")
    one.type(one.find("#code"), booked.code)
    one.send(one.button("Periksa"))
    one.arrive("Hadir")
    one.send(one.link("Pindai berikutnya"))
    one.arrive("Pindai tiket")
    one.page.go_back()
    one.arrive("Kembali Hasilnama")


def test_check_in_by_name_serve_and_undo(office, signed_in, ticket):
    ticket("Nur'aini Carinama")
    one = signed_in("officer")
    pages = len(one.pages)
    one.type(one.page.get_by_label("Cari nama"), "nuraini cari")
    expect(row(one, "Nur'aini Carinama")).to_be_visible()
    expect(one.find("#people .row")).to_have_count(1)
    expect(one.page.get_by_label("Cari nama")).to_be_focused()
    one.check("today-found")
    assert len(one.pages) == pages, "a whole page came instead of a list"
    one.page.get_by_label("Cari nama").fill("tidak ada orang ini")
    expect(one.find("#people")).to_contain_text("Tidak ada nama yang cocok")
    one.check("today-not-found")
    one.page.get_by_label("Cari nama").fill("carinama")
    one.find("#people a.row-name").click()
    one.arrive("Nur'aini Carinama")
    one.check("person-booked")
    one.send(one.button("Tandai: hadir"))
    one.arrive("Hadir")
    one.send(one.button("Tandai: selesai dilayani"))
    one.arrive("Nur'aini Carinama")
    one.check("person-served")
    one.send(one.button("Urungkan: selesai dilayani"))
    expect(one.find("ol .row").filter(has_text="Selesai dilayani")).to_contain_text("Belum")
    one.send(one.button("Urungkan: hadir"))
    expect(one.button("Tandai: hadir")).to_be_visible()
    one.send(one.button("Tandai: hadir"))
    one.arrive("Hadir")
    one.send(one.button("Urungkan"))
    one.arrive("Nur'aini Carinama")


def test_the_list_swaps_one_row_and_keeps_the_focus(office, signed_in, ticket):
    ticket("Tukang Barisdaftar")
    ticket("Zaenal Barisdaftar")
    one = signed_in("officer")
    pages = len(one.pages)
    mine = row(one, "Tukang Barisdaftar")
    other = row(one, "Zaenal Barisdaftar").evaluate("(node) => { node.marked = true; return node.id; }")
    one.tap(mine.get_by_role("button", name="Hadir"))
    expect(mine.get_by_role("button", name="Selesai")).to_be_visible()
    expect(mine.locator(".chip")).to_have_text("Hadir")
    assert len(one.pages) == pages, "a whole page came instead of a row"
    assert one.page.evaluate("(id) => document.getElementById(id).marked", other), "other rows were drawn anew"
    expect(mine).to_be_focused()
    one.check("today-row-swapped")
    one.tap(mine.get_by_role("button", name="Selesai"))
    expect(mine.locator(".chip")).to_have_text("Selesai")
    expect(mine).to_be_focused()


def test_the_counters_follow_a_tap_in_the_list(office, signed_in, ticket):
    ticket("Hitung Hadirnama")
    one = signed_in("officer")
    before = tile(one, "hadir")
    one.tap(row(one, "Hitung Hadirnama").get_by_role("button", name="Hadir"))
    expect(row(one, "Hitung Hadirnama").locator(".chip")).to_have_text("Hadir")
    expect(row(one, "Hitung Hadirnama")).to_be_focused()
    assert tile(one, "hadir") == before + 1


def test_the_button_of_a_row_stays_under_the_thumb(office, signed_in, ticket):
    ticket("Tombol Tetapnama")
    one = signed_in("officer")
    mine = row(one, "Tombol Tetapnama")
    before = mine.get_by_role("button", name="Hadir").bounding_box()
    one.tap(mine.get_by_role("button", name="Hadir"))
    after = mine.get_by_role("button", name="Selesai").bounding_box()
    middle = before["x"] + before["width"] / 2
    assert after["x"] < middle < after["x"] + after["width"]


def test_no_signal_and_signed_out_inside_a_swap(office, signed_in, ticket):
    ticket("Tanpa Sinyalnama")
    one = signed_in("officer")
    one.expected += [r"net::ERR_INTERNET_DISCONNECTED", r"^htmx:(sendError|afterRequest)"]
    mine = row(one, "Tanpa Sinyalnama")
    one.context.set_offline(True)
    one.tap(mine.get_by_role("button", name="Hadir"))
    expect(one.find("#alert")).to_have_text("Tidak ada sinyal. Belum tersimpan.")
    one.context.set_offline(False)
    expect(mine.get_by_role("button", name="Hadir")).not_to_have_attribute("aria-disabled", "true")
    one.check("today-no-signal")
    one.tap(mine.get_by_role("button", name="Hadir"))
    expect(mine.locator(".chip")).to_have_text("Hadir")
    expect(one.find("#alert")).to_be_empty()
    one.context.clear_cookies()
    one.tap(mine.get_by_role("button", name="Selesai"))
    one.arrive("Masuk")


def test_a_session_ended_elsewhere_leads_to_sign_in(office, signed_in):
    from sqlalchemy import update

    one = signed_in("auditor")
    dead = update(StaffSession).where(StaffSession.person_id == office.people["auditor"])
    office.make(lambda session: session.execute(dead.values(ended_at=office.server.now())))
    one.go("/today").arrive("Masuk")


# -- the scanner ------------------------------------------------------------------------------------------------


def test_the_printed_code_is_read_from_a_photo_of_the_ticket(office, walk, signed_in, ticket):
    """The whole way of a code: drawn on a ticket at 360 px, photographed, read, sent."""
    booked = ticket("Foto Tiketnama")
    visitor = walk()
    visitor.go(f"/T/{booked.token}")
    picture = visitor.find(".ticket .qr").screenshot()
    one = signed_in("officer")
    one.go("/scan")
    with one.page.expect_request(lambda request: request.method == "POST") as sent:
        one.find("input[type=file]").set_input_files({"name": "t.png", "mimeType": "image/png", "buffer": picture})
    assert f"code={booked.entry_token}" in sent.value.post_data
    one.arrive("Hadir")
    expect(one.find(".result-name")).to_contain_text("Foto Tiketnama")
    # The picture to keep holds the same code.
    saved = visitor.context.request.get(f"{visitor.base}/T/{booked.token}/tiket.png").body()
    assert Image.open(io.BytesIO(saved)).size[0] >= 600
    one.go("/scan")
    one.find("input[type=file]").set_input_files({"name": "t.png", "mimeType": "image/png", "buffer": saved})
    one.arrive("Sudah hadir")
    one.go("/scan")
    grey = io.BytesIO()
    Image.new("RGB", (400, 400), (120, 120, 120)).save(grey, "PNG")
    one.find("input[type=file]").set_input_files({"name": "g.png", "mimeType": "image/png", "buffer": grey.getvalue()})
    expect(one.find(".scan-say")).to_contain_text("Tidak ada kode QR yang terbaca")
    one.check("scan-photo-without-code")


def hold_before(camera, text):
    """Let the camera see a QR code."""
    code = Image.open(io.BytesIO(qr.png(text, box=8, border=4))).convert("L").resize((300, 300))
    with camera.open("wb") as out:
        for n in range(20):
            frame = Image.new("RGB", (640, 480), (170, 170, 170))
            frame.paste(code, (150 + n % 5, 80))
            frame.save(out, "JPEG", quality=85)


def test_check_in_by_camera(office, signed_in, ticket, camera):
    booked = ticket("Kamera Pindainama")
    hold_before(camera, booked.entry_token)
    one = signed_in("officer")
    one.go("/scan")
    one.taps = 0
    one.tap(one.button("Nyalakan kamera"))
    one.arrive("Hadir")
    assert one.taps == 1
    expect(one.find(".result-name")).to_contain_text("Kamera Pindainama")
    # The next page turns the camera on again by itself, and the same ticket is not sent a second time.
    one.send(one.link("Pindai berikutnya"))
    expect(one.find(".scan-say")).to_have_text("Kode ini sudah terbaca. Arahkan ke tiket lain.")
    expect(one.find("video")).to_be_visible()
    one.check("scan-camera")
    one.tap(one.button("Matikan kamera"))
    expect(one.find("video")).to_be_hidden()


def test_a_family_ticket_another_day_and_a_cancelled_one(office, signed_in, today):
    from fieldops.core.booking.service import tickets

    family = office.a_ticket(today, [cast.stranger(name=f"Keluarga Satu{n}") for n in "ABC"])
    one = signed_in("officer")
    one.go("/scan")
    one.type(one.find("#code"), family.code)
    one.send(one.button("Periksa"))
    one.arrive("Siapa yang hadir?")
    one.check("family")
    one.tap(row(one, "Keluarga SatuB").get_by_role("button", name="Hadir"))
    expect(row(one, "Keluarga SatuB").locator(".chip")).to_have_text("Hadir")
    expect(row(one, "Keluarga SatuA").get_by_role("button", name="Hadir")).to_be_visible()
    later = office.a_ticket(office.a_day(4), [cast.stranger(name="Lain Harinama")])
    one.go("/scan")
    one.type(one.find("#code"), later.code)
    one.send(one.button("Periksa"))
    one.arrive("Bukan hari ini")
    one.check("result-other-day")
    one.send(one.button("Tetap catat hadir hari ini"))
    one.arrive("Hadir")
    gone = office.a_ticket(today, [cast.stranger(name="Batal Tiketnama")])
    office.make(tickets.cancel, gone.token, now=office.server.now())
    one.go("/scan")
    one.type(one.find("#code"), gone.code)
    one.send(one.button("Periksa"))
    one.arrive("Dibatalkan")
    one.check("result-cancelled")


# -- walk-in ----------------------------------------------------------------------------------------------------


def test_a_walk_in(office, signed_in, today):
    one = signed_in("officer")
    one.send(one.find(".bar").get_by_role("link", name="Datang langsung"))
    one.check("walk-in")
    one.taps = 0
    one.send(one.button("Catat hadir"))
    expect(one.find("[data-errors]")).to_be_focused()
    one.check("walk-in-error")
    one.type(one.page.get_by_label("Nama lengkap sesuai KTP"), "Datang Langsungnama")
    one.tap(one.page.get_by_text("Penggantian paspor"))
    one.send(one.button("Catat hadir"))
    one.arrive("Datang Langsungnama")
    assert one.taps <= 6
    expect(one.find("main")).to_contain_text(re.compile(r"Datang langsung W-\d+"))
    one.check("person-walk-in")


# -- the number -------------------------------------------------------------------------------------------------


def realisation(one):
    one.go("/achievement/2026")
    return int(one.find(".tile").first.locator("b").inner_text())


def test_the_number_of_the_year_moves_only_with_issued_passports(office, signed_in, ticket):
    booked = ticket("Angka Capaiannama")
    who = f"/people/{booked.people[0]}"
    officer, tu = signed_in("officer"), signed_in("tu", width=1280, height=800)
    assert realisation(tu) == 0
    tu.check("achievement-zero")
    officer.go(who)
    officer.send(officer.button("Tandai: hadir"))
    officer.send(officer.button("Tandai: selesai dilayani"))
    assert realisation(tu) == 0
    tu.go("/achievement/2026")
    waiting = tu.find(".tile").nth(1).locator("a")
    assert int(waiting.inner_text()) >= 1
    tu.send(waiting)
    tu.check("in-process")
    tu.send(row(tu, "Angka Capaiannama").get_by_role("button", name="Terbit"))
    tu.arrive("Angka Capaiannama")
    tu.check("person-issued")
    assert realisation(tu) == 1
    tu.check("achievement-one")
    # The number leads to its rows.
    tu.send(tu.find(".tile").first.locator("a"))
    expect(tu.find("h1")).to_contain_text("BAA.001")
    expect(tu.find("table.table-cards tbody tr")).to_have_count(1)
    tu.check("achievement-rows")
    links = tu.find("main td a, main th a").evaluate_all("(all) => all.map((one) => one.href)")
    for address in dict.fromkeys(links):
        assert tu.go(address).find("h1").inner_text()
    tu.go(who)
    tu.send(tu.button("Urungkan: paspor terbit"))
    assert realisation(tu) == 0
    tu.go(who)
    tu.send(tu.button("Tandai: paspor terbit"))
    assert realisation(tu) == 1
    tu.send(tu.find(".tile").first.locator("a"))
    expect(tu.find("table.table-cards tbody tr")).to_have_count(3)
    tu.check("achievement-rows-corrected")
    lines = office.read(
        lambda session: session.scalars(
            select(Line.volume).where(Line.subject == str(booked.people[0])).order_by(Line.id)
        ).all()
    )
    assert lines == [1, -1, 1]
    phone = signed_in("head")
    phone.go("/achievement/2026").check("achievement-phone")
    phone.go("/achievement/2026/baa-001").check("achievement-rows-phone")


def test_who_may_not(office, signed_in):
    one = signed_in("officer")
    one.expected.append("status of 403")
    one.go("/weekend/days").arrive("Tidak ada izin")
    one.check("forbidden")
