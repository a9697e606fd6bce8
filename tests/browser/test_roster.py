"""A weekend's roster in Chromium: prepared, proposed, one cell by hand, published, seen by the officer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

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
