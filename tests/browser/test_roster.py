"""A weekend's roster in Chromium: prepared, proposed, one cell by hand, published, seen by the officer; swaps, closing,
by keyboard, without scripts and without a signal."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from fieldops.core.audit.rules import staff
from fieldops.core.people.rules import Role
from fieldops.core.roster.models import Post
from fieldops.core.roster.swaps import service as swapping
from tests.make import make_absence, make_post

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("one_process")]

SIZES = pytest.mark.parametrize(
    ("width", "height", "saturday"),
    [(360, 740, "2027-03-06"), (1280, 800, "2027-04-10")],
    ids=["phone", "desktop"],
)


@SIZES
def test_from_needs_to_a_published_roster_and_an_offered_duty(office, signed_in, width, height, saturday):
    boss = signed_in("supervisor", width=width, height=height)
    boss.go("/weekend/roster/needs").check("roster-needs")
    boss.go("/weekend/roster/needs/edit?programme=persari&weekday=5").check("roster-needs-edit")
    boss.go(f"/weekend/roster?from={saturday}&weekends=1")
    expect(boss.find("main")).to_contain_text("Belum ada giliran")
    boss.check("roster-empty")
    boss.send(boss.button("Siapkan giliran"))
    expect(boss.find(".tiles")).to_contain_text("dari 20 terisi")
    boss.send(boss.button("Susun otomatis"))
    expect(boss.find("main")).to_contain_text("Tidak ada yang cocok")
    boss.check("roster-proposed")
    boss.send(boss.find(".roster-day .row-gap a").first)
    boss.check("roster-post")
    boss.send(boss.button("Tugaskan"))
    expect(boss.find("[data-errors]")).to_be_focused()
    boss.check("roster-post-error")
    boss.go(f"/weekend/roster/publish?from={saturday}&weekends=1").check("roster-publish")
    boss.send(boss.button("Terbitkan"))
    expect(boss.find("[data-errors]")).to_contain_text("Masih ada giliran kosong")
    boss.find("#with_gaps").check()
    boss.send(boss.button("Terbitkan"))
    boss.check("roster-published")
    officer = signed_in("officer", width=width, height=height)
    officer.go("/my/duties").check("duties")
    if officer.find("text=Tukar giliran ini").count():
        officer.send(officer.find("text=Tukar giliran ini").first)
        officer.check("swap-new")
    officer.go(f"/weekend/roster?from={saturday}&weekends=1").check("roster-officer")
    officer.go("/points").check("points")


# -- what a supervisor and an officer do afterwards -----------------------------------------------------------------


def duty(office, role, day, **options):
    """A duty of somebody on a day that no other test uses."""
    return office.make(make_post, office.people[Role(role)] if role else None, f"{day} 08:00", 4, **options)


def test_a_swap_is_approved_with_a_few_taps(office, signed_in):
    giver, taker = office.people[Role.OFFICER], office.people[Role.TU]
    post = duty(office, "officer", "2027-05-08", title="Tukar Mei")
    now = office.server.now()
    swap = office.make(
        swapping.offer,
        post,
        giver_id=giver,
        taker_id=None,
        note="Acara keluarga",
        form_key=str(uuid4()),
        actor=staff(giver),
        now=now,
    )
    boss = signed_in("supervisor")
    boss.go("/swaps")
    boss.check("swap-list")
    boss.send(boss.link("Tukar Mei"))
    boss.check("swap-for-another")
    boss.find("#for_person").select_option(str(taker))
    boss.send(boss.button("Terima atas namanya"))
    expect(boss.find("[data-errors]")).to_be_focused()
    assert boss.find("#for_person").input_value() == str(taker)
    boss.type(boss.find("#reason"), "Sudah setuju lewat telepon")
    boss.send(boss.button("Terima atas namanya"))
    expect(boss.find("main")).to_contain_text("Diterimakan oleh")
    expect(boss.button("Setujui")).to_have_count(0)
    boss.check("swap-accepted-for-another")
    head = signed_in("head")
    head.go("/inbox")
    expect(head.find("main")).to_contain_text("Tukar giliran menunggu persetujuan")
    head.go("/swaps")
    head.send(head.link("Tukar Mei"))
    head.send(head.button("Setujui"))
    expect(head.find("main .chip").first).to_have_text("Disetujui")
    head.check("swap-approved")
    assert head.path == f"/swaps/{swap}"
    assert office.read(lambda session: session.get_one(Post, post).person_id) == taker


def test_a_day_is_closed(office, signed_in):
    post = duty(office, "officer", "2026-11-14", title="Selesai November")
    boss = signed_in("supervisor")
    boss.go("/weekend/roster/close?day=2026-11-14").check("close")
    boss.find(f"[name='outcome-{post}'][value=worked]").check()
    boss.send(boss.button("Simpan"))
    expect(boss.find("main")).to_contain_text("Jam diandaikan sesuai rencana")
    boss.check("closed")
    row = office.read(lambda session: session.get_one(Post, post))
    assert (row.state, row.outcome) == ("locked", "worked")


def test_duties_that_leave_has_broken_and_the_warnings(office, signed_in):
    duty(office, "officer", "2027-05-15", title="Cuti Mei")
    leave = date(2027, 5, 15)
    office.make(make_absence, office.people[Role.OFFICER], leave, approved_by=office.people[Role.HEAD])
    boss = signed_in("supervisor")
    boss.go("/weekend/roster?from=2027-05-15&weekends=1")
    boss.check("roster-warned")
    boss.send(boss.link("tugas terkena cuti"))
    boss.arrive("Tugas terkena cuti")
    boss.check("broken")
    section = boss.find("section.roster-day", has_text="Cuti Mei")
    boss.send(section.get_by_role("link", name="Cari pengganti"))
    boss.arrive("Antrean, Cuti Mei")


def test_somebody_is_put_on_a_post_by_keyboard_alone(office, signed_in):
    post = duty(office, None, "2027-05-22", state="draft", title="Papan ketik")
    boss = signed_in("supervisor", width=1280, height=800)
    boss.go(f"/weekend/roster/posts/{post}")

    def to(wanted, most=60):
        """Tab on until the focus is where it is wanted; every stop on the way can be seen."""
        for _ in range(most):
            boss.page.keyboard.press("Tab")
            at = boss.focus()
            assert at is None or (at["ring"] and not at["hidden"]), at
            if at and wanted(at):
                return at
        raise AssertionError("the keyboard never came there")

    to(lambda at: at["name"] == "person")
    boss.page.keyboard.press("Space")
    chosen = boss.focus()["value"]
    to(lambda at: at["name"] == "override_reason")
    to(lambda at: at["text"].startswith("Tugaskan"))
    with boss.page.expect_navigation():
        boss.page.keyboard.press("Enter")
    assert str(office.read(lambda session: session.get_one(Post, post).person_id)) == chosen


def test_the_roster_without_scripts(office, signed_in):
    post = duty(office, None, "2027-03-20", state="draft", title="Tanpa skrip")
    boss = signed_in("supervisor", scripts=False)
    boss.go("/menu")
    boss.send(boss.find(".menu-list").get_by_role("link", name="Giliran akhir pekan"))
    boss.go("/weekend/roster?from=2027-03-20&weekends=1")
    boss.send(boss.find(f"a[href='/weekend/roster/posts/{post}']:visible").first)
    boss.send(boss.button("Tugaskan"))
    assert "Pilih salah satu petugas" in boss.find(".errors").inner_text()
    boss.find(f"[value='{office.people[Role.OFFICER]}']").check()
    boss.send(boss.button("Tugaskan"))
    boss.go("/weekend/roster/publish?from=2027-03-20&weekends=1")
    boss.send(boss.button("Terbitkan"))
    officer = signed_in("officer", scripts=False)
    officer.go("/my/duties")
    assert "Tanpa skrip" in officer.find("main").inner_text()


def test_without_a_signal_the_page_says_so_and_keeps_what_was_typed(office, signed_in):
    post = duty(office, "officer", "2027-06-05", title="Tanpa sinyal")
    boss = signed_in("supervisor")
    boss.go(f"/weekend/roster/posts/{post}")
    boss.type(boss.find("#reason"), "Dipindah ke LOKTUAN")
    boss.context.set_offline(True)
    boss.tap(boss.button("Kosongkan giliran"))
    expect(boss.find("#alert")).to_contain_text("Tidak ada sinyal. Belum terkirim, isian Anda tetap di sini.")
    expect(boss.find("#alert")).to_be_in_viewport()
    assert boss.find("#reason").input_value() == "Dipindah ke LOKTUAN"
    expect(boss.button("Kosongkan giliran")).not_to_have_attribute("aria-disabled", "true")
    boss.context.set_offline(False)
    boss.check("post-no-signal")
    boss.find("#alert").evaluate("(box) => box.replaceChildren()")
    boss.expected.append("net::ERR_FAILED")
    walls = [
        lambda route: route.abort(),
        lambda route: route.fulfill(status=200, body="<h1>Masuk ke Wi-Fi</h1>", content_type="text/html"),
    ]
    for wall in walls:  # a network that leads nowhere, and one that wants a login: the browser thinks it is online
        boss.page.route("**/*", wall)
        boss.tap(boss.button("Kosongkan giliran"))
        expect(boss.find("#alert")).to_contain_text("Belum terkirim, isian Anda tetap di sini.")
        assert boss.find("#reason").input_value() == "Dipindah ke LOKTUAN"
        boss.page.unroute("**/*")
        boss.find("#alert").evaluate("(box) => box.replaceChildren()")
    boss.send(boss.button("Kosongkan giliran"))
    row = office.read(lambda session: session.get_one(Post, post))
    assert row.person_id is None
    assert "Dipindah ke LOKTUAN" in row.why
