"""The supervisor's desk: plan a day, publish it, hang up the poster; and an office where nothing has happened yet."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader
from sqlalchemy import insert

from fieldops.core.calendar.models import Holiday
from fieldops.core.people.rules import Role
from tests.browser.conftest import SATURDAY

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("one_process")]

# The weekends that the list offers for planning; other tests plan theirs from the front.
FREE, CLOSED = SATURDAY + timedelta(weeks=5), SATURDAY + timedelta(weeks=4)


def plan(one, programme, day):
    one.go("/weekend/days")
    with one.page.expect_navigation():
        one.find(f'a[href*="programme={programme}&day={day.isoformat()}"]').click()


def test_a_day_from_the_template_to_the_poster(office, signed_in, walk):
    one = signed_in("supervisor")
    one.go("/weekend/days").check("weekend-list")
    one.taps = 0
    plan(one, "bontang-on-seven", FREE)
    one.arrive("Hari layanan BONTANG ON SEVEN")
    one.check("weekend-new")
    assert one.find("[name=starts_1]").input_value() == "13.00"
    one.find("[name=starts_1]").fill("25.00")
    one.send(one.button("Simpan sebagai draf"))
    expect(one.find("[data-errors]")).to_be_focused()
    assert one.find("[name=starts_1]").input_value() == "25.00"
    one.check("weekend-new-error")
    one.page.reload()
    one.arrive("Hari layanan BONTANG ON SEVEN")
    one.find("[name=starts_1]").fill("13.00")
    one.find("#lead").select_option(label="Ahmad Petugas")
    one.send(one.button("Simpan sebagai draf"))
    expect(one.find("h1")).to_contain_text("BONTANG ON SEVEN, Sabtu, ")
    one.check("weekend-draft")
    visitor = walk()
    visitor.go("/")
    assert FREE.strftime("%Y") not in [card for card in visitor.find(".card").all_inner_texts() if "ON SEVEN" in card]
    one.send(one.button("Terbitkan"))
    one.check("weekend-published")
    code = re.search(r"/J/([0-9A-Z]{5})", one.find(".summary").inner_text())[1]
    visitor.go(f"/J/{code}")
    expect(visitor.find("label.slot").first).to_contain_text("Dibuka")
    # Seats: more, and never below what is taken.
    first = one.find("form.panel").first
    first.locator("input").first.fill("9")
    one.send(first.get_by_role("button", name="Ubah kursi"))
    assert first.locator("input").first.input_value() == "9"
    first.locator("input").first.fill("banyak")
    one.send(first.get_by_role("button", name="Ubah kursi"))
    expect(one.find("[data-errors]")).to_be_focused()
    assert first.locator("input").first.input_value() == "banyak"
    one.check("weekend-seats-error")
    one.page.reload()
    expect(one.find("h1")).to_contain_text("BONTANG ON SEVEN, Sabtu, ")
    one.send(one.link("Lihat poster"))
    one.check("poster")
    side = int(one.find(".poster .qr svg").get_attribute("viewBox").split()[2]) - 8
    assert side <= 17 + 4 * 5
    link = one.link("Unduh A4 (PDF)").get_attribute("href")
    answer = one.context.request.get(office.server.staff + link)
    assert answer.headers["content-type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.body())).pages
    assert len(pages) == 1
    assert code in pages[0].extract_text()
    one.page.emulate_media(media="print")
    one.check("poster-print", axe=False)
    screen = one.page.viewport_size
    one.page.set_viewport_size({"width": 748, "height": 1077})  # A4 without its margins
    drawn = one.find(".poster .qr svg").bounding_box()
    one.page.set_viewport_size(screen)
    assert drawn["width"] / 96 * 2.54 * side / (side + 8) >= 9, "centimetres of code on paper"
    assert len(PdfReader(io.BytesIO(one.page.pdf(format="A4"))).pages) == 1
    one.page.emulate_media(media="screen")
    one.send(one.link("Kembali"))
    one.send(one.button("Batalkan hari layanan"))
    expect(one.find("[data-errors]")).to_be_focused()
    one.check("weekend-cancel-no-reason")
    one.find("#reason").fill("Gedung dipakai pemilihan")
    one.send(one.button("Batalkan hari layanan"))
    one.check("weekend-cancelled")
    visitor.page.reload()
    expect(visitor.find(".day-closed")).to_contain_text("Gedung dipakai pemilihan")


def test_a_holiday_is_closed_unless_somebody_says_why(office, signed_in):
    closed = insert(Holiday).values(day=CLOSED, name="HUT Kota Rekaan", kind="kantor", source="Surat")
    office.make(lambda session: session.execute(closed))
    one = signed_in("supervisor", width=1280, height=800)
    one.go("/weekend/days")
    expect(one.find(".row", has_text="HUT Kota Rekaan").first).to_contain_text("Libur")
    one.check("weekend-list-holiday")
    plan(one, "bontang-on-seven", CLOSED)
    one.check("weekend-new-holiday")
    one.send(one.button("Simpan sebagai draf"))
    expect(one.find("[data-errors]")).to_be_focused()
    one.check("weekend-new-holiday-error")
    one.find("#override_reason").fill("Permintaan wali kota, dua petugas bersedia")
    one.send(one.button("Simpan sebagai draf"))
    expect(one.find("main")).to_contain_text("atas keputusan Rina Kasubsi: Permintaan wali kota")
    one.check("weekend-draft-holiday")


@pytest.mark.parametrize("role", ["officer", "supervisor"])
def test_every_staff_page_on_a_desktop(office, signed_in, role):
    one = signed_in(role, width=1280, height=800)
    one.check("today-desktop")
    for name in ("scan", "walk-in", "weekend/days", "achievement/2026", "in-process/2026"):
        if role == "officer" and "/" in name:
            continue
        one.go(f"/{name}").check(name.replace("/", "-") + "-desktop")


def test_dark_and_high_contrast(office, signed_in):
    one = signed_in("supervisor", color_scheme="dark")
    for path in ("/today", "/scan", "/weekend/days", "/achievement/2026"):
        one.go(path).check(path.strip("/").replace("/", "-") + "-dark")
    one.page.emulate_media(color_scheme="light", contrast="more")
    one.go("/today").check("today-contrast")
    one.page.emulate_media(forced_colors="active")
    one.go("/today").check("today-forced-colours", axe=False)


def test_an_office_where_nothing_has_happened(databases, chromium, office, files, tmp_path):
    """Every empty page says what to do next."""
    from datetime import datetime

    from fieldops.kit import clock
    from tests.browser.conftest import SECRET, Office, open_walk
    from tests.server import Server, shift_to

    wednesday = datetime(2026, 11, 25, 10, tzinfo=clock.ZONE)
    with databases.fresh("sqlite", "office") as address:
        server = Server(address, tmp_path / "server", secret=SECRET, files=files, shift=shift_to(wednesday), workers=1)
        empty = Office(server, dict(office.people))
        server.start()
        try:
            visitor = open_walk(chromium, server.public, label="empty")
            visitor.go("/").check("home-empty")
            one = open_walk(chromium, server.staff, label="empty")
            one.go(empty.link(Role.SUPERVISOR))
            one.send(one.button("Masuk"))
            one.check("today-empty")
            for name in ("scan", "walk-in", "weekend/days", "achievement/2026", "achievement/2026/baa-001",
                         "in-process/2026"):  # fmt: skip
                one.go(f"/{name}").check(name.replace("/", "-") + "-empty")
            for walk in (visitor, one):
                walk.close()
        finally:
            server.stop()
        assert not server.complaints()
