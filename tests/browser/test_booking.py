"""From the poster to the ticket, on a cheap phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from fieldops.core.booking.models import Applicant, Booking, Seat
from fieldops.kit.keys import keyed_hash
from tests import cast

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("one_process")]

NAME, NIK, PHONE = "Siti Nurhaliza", "6474990000000777", "0812 9900 0777"


def bookings_of(office, nik):
    """How many live places this NIK has."""
    query = select(func.count()).select_from(Applicant).where(Applicant.nik_hash == keyed_hash("nik", nik))
    return office.read(lambda session: session.execute(query.where(Applicant.is_live)).scalar_one())


def choose(one, which=0):
    """Tap a session and go on."""
    one.tap(one.find("label.slot").nth(which))
    one.send(one.button("Lanjut"))
    one.arrive("Data pemohon")


def fill(one, name=NAME, nik=NIK, phone=PHONE):
    one.type(one.page.get_by_label("Nama lengkap sesuai KTP"), name)
    one.type(one.page.get_by_label("NIK"), nik)
    one.type(one.page.get_by_label("Nomor ponsel atau WhatsApp"), phone)


def book(one, day, **data):
    """The whole path; ends on the ticket."""
    one.go(f"/J/{day.page_code}")
    choose(one)
    fill(one, **data)
    one.send(one.button("Lanjut"))
    one.arrive("Periksa dulu, lalu kirim")
    one.send(one.button("Kirim pendaftaran"))
    one.arrive("Anda sudah terdaftar")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_whole_path(office, walk, width):
    day = office.a_day(6, 6)
    nik = f"64749900000{width:05d}"
    one = walk(width=width, height=740 if width == 360 else 800)
    one.go(f"/J/{day.page_code}").check("sessions")
    choose(one)
    one.check("data")
    fill(one, nik=nik)
    one.send(one.button("Lanjut"))
    one.arrive("Periksa dulu, lalu kirim")
    one.check("check")
    one.send(one.button("Kirim pendaftaran"))
    one.arrive("Anda sudah terdaftar")
    assert one.taps <= 8
    assert len(one.pages) <= 4, one.pages
    one.check("ticket")
    code = one.find(".ticket-code").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{3}-[0-9A-Z]{4}", code)
    when = one.find(".ticket-facts dd").first.inner_text()
    assert re.fullmatch(r"Sabtu, \d+ [A-Z][a-z]+ 202\d\s+pukul 08\.00 WITA", when), when
    side = int(one.find(".ticket .qr svg").get_attribute("viewBox").split()[2]) - 8
    assert side <= 17 + 4 * 5, "the QR code is above version 5: too fine for cheap cameras"
    assert bookings_of(office, nik) == 1
    # The ticket is the page itself: it survives a reload, and the back button does not book again.
    one.page.reload()
    assert one.find(".ticket-code").inner_text() == code
    one.page.go_back()
    one.arrive("Anda sudah terdaftar")
    one.go("/tiket").check("find")
    assert not one.context.cookies()


def test_the_whole_path_without_scripts(office, walk):
    day = office.a_day(6)
    one = walk(scripts=False)
    book(one, day, nik=cast.nik(801))
    code = one.find(".ticket-code").inner_text()
    one.send(one.find("footer").get_by_role("link", name="Cari tiket saya"))
    one.type(one.page.get_by_label("Kode tiket"), code.lower().replace("-", " "))
    one.type(one.page.get_by_label("4 angka terakhir nomor ponsel"), "0777")
    one.send(one.button("Tampilkan tiket"))
    one.arrive("Anda sudah terdaftar")
    one.send(one.link("Batalkan"))
    one.send(one.button("Ya, batalkan jadwal"))
    one.arrive("Jadwal dibatalkan")
    assert bookings_of(office, cast.nik(801)) == 0


def test_bad_input_is_told_at_the_field_and_stays(office, walk):
    day = office.a_day(6)
    one = walk()
    one.go(f"/J/{day.page_code}")
    one.send(one.button("Lanjut"))
    expect(one.find("[data-errors]")).to_be_focused()
    one.check("sessions-none-chosen")
    choose(one)
    one.send(one.button("Lanjut"))
    expect(one.find("[data-errors]")).to_be_focused()
    assert one.find("[data-errors] li").count() == 3
    one.check("data-all-empty")
    fill(one, nik="647499 0000", phone="+60 12 345 6789")
    one.send(one.button("Lanjut"))
    expect(one.find("[data-errors]")).to_be_focused()
    assert one.page.title().startswith("Kesalahan: ")
    nik, phone = one.page.get_by_label("NIK"), one.page.get_by_label("Nomor ponsel atau WhatsApp")
    assert nik.input_value() == "647499 0000"
    assert phone.input_value() == "+60 12 345 6789"
    assert one.page.get_by_label("Nama lengkap sesuai KTP").input_value() == NAME
    assert nik.get_attribute("aria-invalid") == phone.get_attribute("aria-invalid") == "true"
    told = nik.get_attribute("aria-describedby").split()[-1]
    assert "16 angka, yang Anda isi 10" in one.find(f"#{told}").inner_text()
    one.check("data-errors")
    # The summary leads to the field.
    one.tap(one.find("[data-errors] a").first)
    expect(nik).to_be_focused()
    nik.fill(NIK.replace("777", "778"))
    phone.fill("+62 812-9900-0778")
    one.send(one.button("Lanjut"))
    one.arrive("Periksa dulu, lalu kirim")
    # Change something: all is still there, the NIK may stay out.
    one.send(one.link("Ubah nama"))
    one.arrive("Data pemohon")
    assert one.page.get_by_label("Nama lengkap sesuai KTP").input_value() == NAME
    one.check("data-correct")
    one.page.get_by_label("Nama lengkap sesuai KTP").fill("Siti Aminah")
    one.send(one.button("Lanjut"))
    one.arrive("Periksa dulu, lalu kirim")
    expect(one.find(".summary")).to_contain_text("Siti Aminah")
    expect(one.find(".summary")).to_contain_text("…\u20600778")


def test_back_and_sent_again_is_one_booking(office, walk):
    day = office.a_day(6)
    one = walk()
    book(one, day, nik=cast.nik(802), phone=cast.phone(802))
    ticket = one.path
    for _ in range(3):
        one.page.go_back()
    one.go(f"/J/{day.page_code}")
    choose(one)
    fill(one, nik=cast.nik(802), phone=cast.phone(802))
    one.send(one.button("Lanjut"))
    expect(one.find("[data-errors]")).to_contain_text("NIK ini sudah terdaftar")
    one.check("data-already-booked")
    assert bookings_of(office, cast.nik(802)) == 1
    one.go(ticket)
    one.arrive("Anda sudah terdaftar")


def test_back_over_a_refused_form_is_a_page_of_ours(office, walk):
    day = office.a_day(6)
    one = walk()
    one.go(f"/J/{day.page_code}")
    choose(one)
    one.send(one.button("Lanjut"))
    fill(one, nik=cast.nik(811), phone=cast.phone(811))
    one.send(one.button("Lanjut"))
    one.arrive("Periksa dulu, lalu kirim")
    one.page.go_back()
    one.arrive("Data pemohon")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_double_tap_on_a_slow_network_is_one_ticket(office, walk, scripts):
    day = office.a_day(6)
    one = walk(scripts=scripts)
    nik = cast.nik(803 + scripts)
    one.go(f"/J/{day.page_code}")
    choose(one)
    fill(one, nik=nik, phone=cast.phone(803 + scripts))
    said = []
    if scripts:
        one.context.expose_binding("tellWords", lambda _source, words: said.append(words))
    network = one.context.new_cdp_session(one.page)
    slow = {"offline": False, "latency": 900, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
    network.send("Network.emulateNetworkConditions", slow)

    def tap_thrice(text):
        button = one.button(text)
        button.scroll_into_view_if_needed()
        if scripts:
            button.evaluate(TELLS_WORDS)
        place = button.bounding_box()
        for _ in range(3):
            one.page.mouse.click(place["x"] + 20, place["y"] + 20)

    tap_thrice("Lanjut")
    one.arrive("Periksa dulu, lalu kirim")
    expect(one.button("Kirim pendaftaran")).to_be_enabled()
    tap_thrice("Kirim pendaftaran")
    one.arrive("Anda sudah terdaftar")
    assert bookings_of(office, nik) == 1
    if scripts:
        assert len(one.posts) == 2, one.posts
        assert said == ["Memeriksa…", "Mengirim… jangan tutup halaman ini"]


def test_without_a_signal_the_form_stays_and_says_so(office, walk):
    day = office.a_day(6)
    one = walk()
    one.expected.append("ERR_INTERNET_DISCONNECTED")
    one.go(f"/J/{day.page_code}")
    choose(one)
    fill(one, nik=cast.nik(813), phone=cast.phone(813))
    told = one.find("form [role=alert]")
    one.context.set_offline(True)
    for _ in range(2):
        one.tap(one.button("Lanjut"))
        expect(told).to_have_text(
            "Tidak ada sinyal. Belum terkirim, isian Anda tetap di sini. Kirim lagi bila sinyal kembali."
        )
    expect(told).to_be_in_viewport()
    assert one.page.get_by_label("NIK").input_value() == cast.nik(813)
    one.check("data-no-signal")
    one.context.set_offline(False)
    expect(told).to_have_count(0)
    one.send(one.button("Lanjut"))
    one.arrive("Periksa dulu, lalu kirim")
    one.page.evaluate("Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false })")  # it is wrong
    one.button("Kirim pendaftaran").click()
    one.arrive("Anda sudah terdaftar")


# A page that is being left can no longer be asked, so the button tells what it says.
TELLS_WORDS = """(button) => new MutationObserver(() => {
  if (button.getAttribute('aria-disabled') && document.activeElement !== document.body) tellWords(button.textContent);
}).observe(button, { childList: true })"""


def expire(office, token, *, minutes):
    """Let a hold have run out this many minutes ago."""
    until = office.server.now() - timedelta(minutes=minutes)

    def run(session):
        booking_id = session.execute(select(Booking.id).where(Booking.token == token)).scalar_one()
        people = select(Applicant.id).where(Applicant.booking_id == booking_id)
        session.execute(update(Booking).where(Booking.id == booking_id).values(held_until=until))
        session.execute(update(Seat).where(Seat.applicant_id.in_(people)).values(held_until=until))

    office.make(run)


def test_a_hold_that_ran_out(office, walk):
    day = office.a_day(2, 6)
    one = walk()
    one.go(f"/J/{day.page_code}")
    choose(one)
    fill(one, nik=cast.nik(805), phone=cast.phone(805))
    one.send(one.button("Lanjut"))
    one.arrive("Periksa dulu, lalu kirim")
    expire(office, one.path.removeprefix("/D/"), minutes=2)
    one.page.reload()
    expect(one.find(".panel-warn")).to_contain_text("sudah habis, tetapi kursinya masih kosong")
    one.check("check-late")
    # Somebody takes both seats of the session.
    office.a_ticket(day, 2)
    one.send(one.button("Kirim pendaftaran"))
    one.arrive("Pilih sesi lagi")
    expect(one.find("[data-errors]")).to_be_focused()
    one.check("expired")
    one.tap(one.find("label.slot").first)
    one.send(one.button("Tahan kursi ini"))
    one.arrive("Periksa dulu, lalu kirim")
    expect(one.find(".summary")).to_contain_text("pukul 09.00 WITA")
    one.send(one.button("Kirim pendaftaran"))
    one.arrive("Anda sudah terdaftar")


def test_full_closed_early_and_priority(office, walk):
    weekend = office.a_day(1, 1, 3)
    office.a_ticket(weekend)
    one = walk()
    one.go(f"/J/{weekend.page_code}")
    assert one.find("label.slot input").first.is_disabled()
    one.check("sessions-one-full")
    # The last seat goes while this visitor is typing.
    one.tap(one.find("label.slot").nth(1))
    one.send(one.button("Lanjut"))
    one.arrive("Data pemohon")
    office.a_ticket(weekend, which=1)
    fill(one, nik=cast.nik(806), phone=cast.phone(806))
    one.send(one.button("Lanjut"))
    expect(one.find("[data-errors]")).to_contain_text("Yang terdekat dan masih ada")
    assert one.page.get_by_label("Nama lengkap sesuai KTP").input_value() == NAME
    one.check("data-full")
    one.tap(one.find("label.slot").first)
    one.send(one.button("Lanjut"))
    one.arrive("Periksa dulu, lalu kirim")
    # A party of four where three seats are left.
    one.go(f"/J/{weekend.page_code}/data?session={weekend.sessions[2]}&people=4")
    expect(one.find("[data-errors]")).to_contain_text("sedangkan Anda mendaftar untuk 4 orang")
    one.check("sessions-too-few")
    # KALIORANG seats.
    one.go(f"/J/{weekend.page_code}")
    one.send(one.link("kursi prioritas KALIORANG"))
    expect(one.find(".panel-info")).to_contain_text("Kursi prioritas KALIORANG")
    one.check("sessions-priority")
    choose(one)
    one.check("data-priority")
    fill(one, nik=cast.nik(807), phone=cast.phone(807))
    one.send(one.button("Lanjut"))
    expect(one.find("[data-errors]")).to_contain_text("Pilih salah satu")
    one.check("data-priority-error")


def test_a_party_is_told_only_of_sessions_with_room_for_it(office, walk):
    day = office.a_day(3, 1, 6)
    one = walk()
    one.go(f"/J/{day.page_code}/data?session={day.sessions[0]}&people=4")
    told = one.find("[data-errors]").inner_text()
    assert "10.00 (sisa 6)" in told
    assert "09.00" not in told, told
    small = office.a_day(3)
    one.go(f"/J/{small.page_code}/data?session={small.sessions[0]}&people=4")
    assert "sudah penuh" not in one.find("[data-errors]").inner_text()


def test_the_sessions_offered_beside_a_refusal_look_like_sessions(office, walk):
    day = office.a_day(1, 3)
    one = walk()
    one.go(f"/J/{day.page_code}")
    choose(one)
    office.a_ticket(day)
    fill(one, nik=cast.nik(812), phone=cast.phone(812))
    one.send(one.button("Lanjut"))
    slot = one.find("label.slot").first
    assert slot.evaluate("(node) => getComputedStyle(node).display") == "flex"


def test_closed_and_not_yet_open_days(office, walk):
    from fieldops.core.audit.rules import staff
    from fieldops.weekend import service
    from tests.make import RELEASE

    closed = office.a_day(4)
    planner = staff(office.people["supervisor"])
    office.make(
        service.cancel, closed.id, reason="Listrik padam di seluruh kota", actor=planner, now=office.server.now()
    )
    one = walk()
    one.go(f"/J/{closed.page_code}")
    expect(one.find(".day-closed")).to_contain_text("Listrik padam")
    one.check("sessions-closed-day")
    early = office.a_day(4, release=RELEASE)
    one.go(f"/J/{early.page_code}")
    expect(one.find("label.slot").first).to_contain_text("Dibuka")
    one.check("sessions-early")
    expect(one.button("Lanjut")).to_have_count(0)
    one.go(f"/J/{early.page_code}/data").check("sessions-early-none-chosen")


def test_find_again_move_and_cancel(office, walk):
    day = office.a_day(6, 6)
    ticket = office.a_ticket(day, [cast.stranger()], phone=cast.phone(808))
    one = walk()
    one.go("/").check("home")
    one.send(one.find("main").get_by_role("link", name="Cari tiket saya"))
    one.arrive("Cari tiket saya")
    one.taps = 0
    one.type(one.page.get_by_label("Kode tiket"), ticket.code.lower())
    one.type(one.page.get_by_label("4 angka terakhir nomor ponsel"), "9999")
    one.send(one.button("Tampilkan tiket"))
    expect(one.find("[data-errors]")).to_be_focused()
    assert one.page.get_by_label("Kode tiket").input_value() == ticket.code.lower()
    one.check("find-wrong")
    one.page.get_by_label("4 angka terakhir nomor ponsel").fill(ticket.phone[-4:])
    one.send(one.button("Tampilkan tiket"))
    one.arrive("Anda sudah terdaftar")
    one.send(one.link("Pindah jadwal"))
    one.arrive("Pindah jadwal")
    one.check("move")
    one.send(one.button("Pindah ke sesi ini"))
    expect(one.find("[data-errors]")).to_be_focused()
    one.check("move-none-chosen")
    one.tap(one.find("label.slot").nth(1))
    one.send(one.button("Pindah ke sesi ini"))
    one.arrive("Anda sudah terdaftar")
    expect(one.find(".ticket-facts")).to_contain_text("pukul 09.00 WITA")
    with one.page.expect_download() as picture:
        one.link("Simpan gambar tiket").click()
    assert picture.value.suggested_filename.endswith(".png")
    with one.page.expect_download() as calendar:
        one.link("Tambahkan ke kalender").click()
    assert calendar.value.suggested_filename.endswith(".ics")
    one.send(one.link("Batalkan"))
    one.arrive("Batalkan jadwal ini?")
    one.check("cancel")
    one.send(one.button("Ya, batalkan jadwal"))
    one.arrive("Jadwal dibatalkan")
    one.check("cancelled")
    one.page.go_back()
    one.arrive("Jadwal dibatalkan")


def test_a_family(office, walk):
    day = office.a_day(6)
    one = walk()
    one.go(f"/J/{day.page_code}")
    one.tap(one.find("label.slot").first)
    one.find("#people").select_option("3")
    one.send(one.button("Lanjut"))
    one.arrive("Data pemohon")
    one.check("data-family")
    for n, who in enumerate(cast.FAMILY, 1):
        one.find(f"#name_{n}").fill(who.name)
        one.find(f"#nik_{n}").fill(f"64749900009001{n:02d}")
    one.find("#phone").fill(cast.phone(809))
    one.send(one.button("Lanjut"))
    one.arrive("Periksa dulu, lalu kirim")
    one.check("check-family")
    one.send(one.button("Kirim pendaftaran"))
    one.arrive("Anda sudah terdaftar")
    one.check("ticket-family")
    one.send(one.link("Batalkan"))
    one.check("cancel-family")
    one.send(one.button(f"Batalkan {cast.FAMILY[1].name}"))
    one.arrive("Anda sudah terdaftar")
    assert cast.FAMILY[1].name.split()[0] not in one.find(".ticket").inner_text()


def test_wrong_addresses(office, walk):
    one = walk()
    one.expected.append(r"status of 404")
    one.go("/J/XXXXX").check("no-page")
    one.go("/T/00000000000000000000000000").check("no-ticket")
    one.go("/bantuan").check("help")
    one.find(".drop summary").click()
    one.check("help-official-open")


# -- weight -----------------------------------------------------------------------------------------------------


def test_the_first_visit_is_light(office, walk):
    day = office.a_day(8, 8, 8, 8)
    one = walk()
    network = one.context.new_cdp_session(one.page)
    network.send("Network.enable")
    asked, bytes_ = [], []
    network.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
    network.on("Network.loadingFinished", lambda event: bytes_.append(event["encodedDataLength"]))
    one.go(f"/J/{day.page_code}")
    one.page.wait_for_load_state("networkidle")
    assert len(asked) <= 6, asked
    assert sum(bytes_) <= 60_000, (sum(bytes_), asked)
    assert all(url.startswith((office.server.public, "data:")) for url in asked)
    # The next page brings only itself.
    asked.clear()
    bytes_.clear()
    choose(one)
    one.page.wait_for_load_state("networkidle")
    assert sum(bytes_) <= 12_000, (sum(bytes_), asked)


# -- paper, long names ------------------------------------------------------------------------------------------

LONG_WORD = "Abdurrahmansyahputranegarawibisonokusumadewimangkunegarapanjangnamanyasekaliyah"
LONG_NAMES = [LONG_WORD + "a", "Muhammad Rizky Al-Farizi Wibisono Kusumadewi bin Abdurrahman Wahid Notonegoro IV"]


def test_names_of_80_letters_and_paper(office, walk):
    from io import BytesIO

    from pypdf import PdfReader

    day = office.a_day(6)
    people = [cast.stranger(name=name) for name in LONG_NAMES]
    assert all(len(who.name) == 80 for who in people)
    held = office.a_ticket(day, people, phone=cast.phone(810), confirmed=False)
    one = walk()
    one.go(f"/D/{held.token}").check("check-long-names")
    one.send(one.button("Kirim pendaftaran"))
    one.arrive("Anda sudah terdaftar")
    one.check("ticket-long-names")
    one.send(one.link("Batalkan"))
    one.check("cancel-long-names")
    one.page.go_back()
    one.page.emulate_media(media="print")
    one.check("ticket-print", axe=False)
    file = one.page.pdf(format="A4")
    pages = PdfReader(BytesIO(file)).pages
    assert len(pages) == 1
    words = pages[0].extract_text()
    assert one.find(".ticket-code").inner_text() in words
    assert "Simpan gambar" not in words
    small = one.page.pdf(format="A6")
    assert len(PdfReader(BytesIO(small)).pages) <= 2
