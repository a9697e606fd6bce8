"""Sites by HTTP: add, change, switch off, and what the pages refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from fieldops.core.audit.models import AuditEntry
from fieldops.core.places import queries
from fieldops.core.places.models import Site
from fieldops.core.places.queries import OFFICE_SITE
from fieldops.kit.db import reading
from tests.web import steps

if TYPE_CHECKING:
    from tests.client import Answer, Client

HALL = {"name": "Aula O'Brien & Rekan", "address": "Jalan Poros", "area": "64.08.10", "latitude": "0,87"}
HALL |= {"longitude": "117.87", "contact_name": "Nur'aini", "contact_phone": "0812 9900 0009"}


def add(browser: Client, **changes: str) -> Answer:
    return browser.follow(browser.submit(browser.get("places.site_new"), HALL | changes))


def kept(name: str = HALL["name"]) -> Site:
    with reading() as session:
        return session.scalars(select(Site).where(Site.name == name)).one()


def test_a_site_is_added_and_shown_under_its_kecamatan(staff: Any) -> None:
    browser = staff("tu")
    shown = add(browser)
    assert shown.h1 == HALL["name"]
    for word in ("Kaliorang", "0.87, 117.87", "Nur'aini", "0812 9900 0009"):
        assert word in shown.words
    assert "geo:0.87,117.87" in shown.links()
    assert HALL["name"] in staff("officer").get("places.site_list").words


def test_the_same_form_twice_is_one_site_and_another_form_with_its_name_is_told(staff: Any) -> None:
    browser = staff("tu")
    page = browser.get("places.site_new")
    first = browser.submit(page, HALL)
    assert browser.submit(page, HALL).location == first.location
    refused = browser.submit(browser.get("places.site_new"), HALL, _expected=422)
    assert refused.complaints[0].startswith("Tempat dengan nama ini sudah ada")
    assert refused.value("address") == "Jalan Poros"
    assert steps.count(Site, name=HALL["name"]) == 1
    assert steps.count(AuditEntry, action="site.add") == 1


def test_swapped_degrees_and_a_wrong_kecamatan_are_told_at_their_fields(staff: Any) -> None:
    browser = staff("tu")
    page = browser.get("places.site_new")
    refused = browser.submit(page, HALL | {"latitude": "117,87", "longitude": "0.87"}, _expected=422)
    assert "tertukar" in refused.complaints[0]
    assert refused.value("latitude") == "117,87"
    for area in ("", "64.08", "x"):
        told = browser.submit(page, HALL | {"area": area}, _expected=422).complaints
        assert told == ["Pilih kecamatan dari daftar."], area
    told = browser.submit(page, {"name": "x" * 121, "contact_phone": "satu"}, _expected=422).complaints
    assert len(told) == 3, "a long name, no address, no phone"


def test_a_kecamatan_that_the_office_has_to_confirm_says_so(staff: Any) -> None:
    browser = staff("tu")
    assert "Sangkulirang (perlu konfirmasi)" in browser.get("places.site_new").words
    assert "Perlu konfirmasi" in add(browser, area="64.08.05").words


def test_who_changes_an_older_revision_is_told_and_keeps_what_he_typed(staff: Any) -> None:
    browser = staff("tu")
    add(browser)
    site = kept()
    one, two = (browser.get("places.site_edit", site_id=site.id) for _ in range(2))
    browser.submit(one, {"power_note": "Genset"})
    stale = browser.submit(two, {"signal_note": "Tidak ada"}, _expected=409)
    assert "baru saja diubah" in stale.complaints[0]
    assert stale.value("signal_note") == "Tidak ada"
    browser.submit(stale)
    assert (kept().signal_note, kept().revision) == ("Tidak ada", 3)


def test_a_site_that_is_switched_off_is_in_no_list_to_choose_from(staff: Any) -> None:
    browser = staff("tu")
    shown = add(browser)
    gone = browser.follow(browser.submit(shown))
    assert "Nonaktif" in gone.words
    with reading() as session:
        assert [site.id for site in queries.sites(session)] == [OFFICE_SITE]
    assert HALL["name"] in browser.get("places.site_list", active="no").words
    back = browser.follow(browser.submit(gone))
    assert "Nonaktifkan" in back.words
    assert steps.count(AuditEntry, action="site.active") == 2


def test_the_office_keeps_its_name_and_is_always_active(staff: Any) -> None:
    browser = staff("tu")
    with reading() as session:
        before = queries.site(session, OFFICE_SITE)
    page = browser.get("places.site_edit", site_id=OFFICE_SITE)
    typed = {"name": "Kantor Lain", "address": "Entah", "area": "64.08.10", "power_note": "PLN dan genset"}
    browser.submit(page, typed)
    with reading() as session:
        after = queries.site(session, OFFICE_SITE)
    assert before is not None
    assert after is not None
    assert (after.name, after.address, after.area_code) == (before.name, before.address, before.area_code)
    assert after.power_note == "PLN dan genset"
    told = browser.post("places.site_switch", {"active": "no"}, site_id=OFFICE_SITE, _expected=422).complaints
    assert told[0].startswith("Kantor sendiri selalu aktif")


def test_no_name_and_no_number_goes_into_the_audit_log(staff: Any) -> None:
    add(staff("tu"))
    with reading() as session:
        (line,) = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "site.add"))
    assert line == {"area": "64.08.10"}
