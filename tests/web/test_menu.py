"""The menu and the ways in the head: everybody finds what he may open, and nothing that would refuse him."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fieldops import home
from fieldops.core.office import service
from fieldops.core.people.rules import GRANTS, Role
from fieldops.kit import clock as office_clock
from tests.make import made, make_day
from tests.web import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client import Answer, Client

pytestmark = steps.SQLITE


def entries(page: Answer) -> dict[str, str]:
    """The words of each line of the menu and where they lead."""
    found = {str(link.select_one("b").get_text()): str(link["href"]) for link in page.html.select(".menu-list a")}
    assert len(found) == len(page.html.select(".menu-list a"))
    return found


def ways(page: Answer, *, narrow: bool = False) -> list[str]:
    chosen = ".nav li:not(.nav-wide) a" if narrow else ".nav a"
    return [link.get_text().strip() for link in page.html.select(chosen)]


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_shows_all_that_a_role_may_open_and_every_line_opens(app, staff, role: Role) -> None:
    me = staff(role)
    page = me.get("home.menu")
    assert page.h1 == "Menu"
    shown = entries(page)
    wanted = {
        entry.label
        for entry in home.ENTRIES
        if entry.permission in GRANTS[role] and entry.endpoint in app.view_functions
    }
    assert shown.keys() == wanted
    for path in shown.values():
        me.get_url(path, _expected=(200, 303))


def test_an_officer_and_a_head_find_different_things(staff: Callable[[Role | str], Client]) -> None:
    officer, head = entries(staff("officer").get("home.menu")), entries(staff("head").get("home.menu"))
    assert {"Pindai tiket", "Tugas saya", "Cuti saya"} <= officer.keys()
    assert not {"Capaian RO", "Pengajuan cuti", "Pegawai", "Tukar giliran"} & officer.keys()
    assert {"Capaian RO", "Pengajuan cuti", "Pegawai", "Tukar giliran"} <= head.keys()
    assert "Pindai tiket" not in head


def test_a_page_that_is_not_in_this_application_is_left_out_with_its_group(staff, monkeypatch) -> None:
    lost = replace(home.ENTRIES[0], group="Nanti", label="Belum ada", endpoint="nowhere.at_all")
    monkeypatch.setattr(home, "ENTRIES", (*home.ENTRIES, lost))
    monkeypatch.setattr(home, "WAYS", (*home.WAYS, replace(home.WAYS[0], label="Belum ada", endpoint="nowhere.at_all")))
    page = staff("officer").get("home.menu")
    assert "Belum ada" not in page.words
    assert "Nanti" not in page.words


@pytest.mark.parametrize("role", list(Role))
def test_a_phone_has_at_most_five_ways_and_the_menu_is_the_last(app, staff, role: Role) -> None:
    page = staff(role).get("home.menu")
    assert ways(page)[-1] == "Menu"
    narrow = ways(page, narrow=True)
    assert narrow[0] == "Hari ini"
    assert narrow[-1] == "Menu"
    assert 3 <= len(narrow) <= 5
    assert [link.get_text().strip() for link in page.html.select(".nav [aria-current=page]")] == ["Menu"]


def test_whoever_stands_at_the_desk_scans_with_one_tap(staff: Callable[[Role | str], Client]) -> None:
    for role in ("officer", "supervisor"):
        assert {"Pindai", "Tugas saya"} <= set(ways(staff(role).get("booking.desk_today"), narrow=True))


def test_the_drop_down_leads_to_the_menu_the_account_and_out(staff: Callable[[Role | str], Client]) -> None:
    page = staff("supervisor").get("booking.desk_today")
    links = {link.get_text(): link["href"] for link in page.html.select(".drop-body a")}
    assert links == {"Menu": "/menu", "Akun saya": "/account"}
    assert [button.get_text() for button in page.html.select(".drop-body button")] == ["Keluar"]


def test_what_a_line_promises_is_what_its_page_asks_for(app) -> None:
    for entry in (*home.ENTRIES, *home.WAYS, home.MENU):
        view = app.view_functions.get(entry.endpoint)
        if view is None or entry.endpoint == "booking.desk_scan":
            continue  # scanning is shown to whoever may mark; others may look
        assert view.access.permission == entry.permission, entry.endpoint


# -- what planners must not overlook


NO_DAY = "Belum ada hari layanan akhir pekan yang terbit sampai Jumat, 25 Desember 2026"


def test_planners_are_told_when_no_day_is_published_and_others_are_not(clock, office, staff) -> None:
    planner, officer = staff("supervisor"), staff("officer")
    for endpoint in ("home.menu", "weekend.roster_show"):
        page = planner.get(endpoint)
        assert NO_DAY in page.words
        assert "/weekend/days" in [link["href"] for link in page.html.select(".panel-bad a")]
        assert "Belum ada hari layanan" not in officer.get(endpoint).words
    made(make_day, office["supervisor"])
    for endpoint in ("home.menu", "weekend.roster_show"):
        assert "Belum ada hari layanan" not in planner.get(endpoint).words


def test_a_job_that_stands_still_is_told_to_planners_and_administrators(clock, office, staff) -> None:
    made(service.expect, ["send mail"], now=office_clock.now())
    assert "terhenti" not in staff("supervisor").get("home.menu").words
    clock.forward(minutes=11)
    for role in ("supervisor", "head", "admin"):
        words = staff(role).get("home.menu").words
        assert "Pekerjaan otomatis terhenti" in words
        assert "mengirim email, terakhir Rabu, 25 November 2026, pukul 10.00 WITA" in words
    assert "terhenti" in staff("supervisor").get("weekend.roster_show").words
    for role in ("officer", "tu", "auditor"):
        assert "terhenti" not in staff(role).get("home.menu").words
