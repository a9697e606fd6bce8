"""The inbox and the number in the head, on a phone and on a desk."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select

from fieldops.core.notices import service
from fieldops.core.notices.models import Notice
from fieldops.core.people.rules import Role
from fieldops.kit import clock
from tests.browser.test_access import LARGE, SPACING, looks, see
from tests.make import make_address, make_notice

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("heavy")]

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
LONG = (
    "Penukaran tugas Sabtu, 28 November 2026 dengan Muhammad Rizky Al-Farizi Wibisono Kusumadewi bin Abdurrahman Wahid "
    "disetujui Kasubsi"
)
UNBROKEN = "Dokumen" + "panjangsekalitanpaspasi" * 5
BODY = "Anda bertugas Sabtu, 28 November 2026, pukul 08.00–16.00 WITA di Kantor Imigrasi.\nPasangan: Ahmad Fauzi."


@pytest.fixture
def empty(office):
    """Nobody was told anything."""
    office.make(lambda session: session.execute(delete(Notice)))


def tell(office, count=1, role=Role.OFFICER, **about):
    def all_of_them(session):
        for n in range(count):
            title = about.get("title", f"Jadwal akhir pekan {n + 1} terbit")
            make_notice(session, office.people[role], **{"body": BODY, **about, "title": title})

    office.make(all_of_them)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_inbox_empty_with_one_and_with_many(office, empty, signed_in, size):
    one = signed_in("officer", **size)
    one.check("today-none")
    one.go("/inbox").check("inbox-empty")
    tell(office)
    one.go("/today").check("today-one")
    one.go("/inbox").check("inbox-one")
    tell(office, 59)
    one.go("/inbox").check("inbox-sixty")
    one.send(one.link("Lebih lama"))
    one.check("inbox-second-page")
    tell(office, 60)
    one.go("/today").check("today-many")
    expect(one.find("#unread b")).to_have_text("99+")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_long_titles_and_unbroken_words(office, empty, signed_in, size):
    tell(office, title=LONG)
    tell(office, title=UNBROKEN, body=UNBROKEN * 3)
    one = signed_in("officer", **size)
    one.go("/inbox").check("inbox-long")
    one.go(f"/inbox/{newest(office)}").check("notice-long")


def newest(office) -> UUID:
    return office.read(lambda session: session.scalars(select(Notice.id).order_by(Notice.made_at.desc())).first())


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_marking_one_read_changes_the_number_and_loses_nobody(office, empty, signed_in, size):
    tell(office, 3, link="/today")
    one = signed_in("officer", **size)
    one.go("/inbox")
    expect(one.find("#unread")).to_have_attribute("aria-label", "3 pemberitahuan belum dibaca")
    first = one.find("li.notice").first
    one.tap(first.get_by_role("button", name="Tandai dibaca"))
    expect(one.find("#unread b")).to_have_text("2")
    expect(one.find("#unread")).to_have_attribute("aria-label", "2 pemberitahuan belum dibaca")
    expect(first.get_by_text("Baru")).to_have_count(0)
    assert one.path == "/inbox"
    expect(first).to_be_focused()
    assert one.find("#unread").get_attribute("tabindex") is None
    one.check("inbox-one-read")
    one.send(one.button("Tandai semua dibaca"))
    expect(one.find("#unread b")).to_have_count(0)
    one.check("inbox-all-read")
    one.send(first.get_by_role("button").first)
    one.arrive("Hari ini")


def test_the_inbox_works_without_scripts(office, empty, signed_in):
    tell(office, 2)
    one = signed_in("officer", scripts=False)
    one.go("/inbox")
    one.send(one.find("li.notice").first.get_by_role("button", name="Tandai dibaca"))
    assert one.path == "/inbox"
    expect(one.find("#unread b")).to_have_text("1")


def test_the_inbox_with_the_keyboard(office, empty, signed_in):
    tell(office, 2)
    one = signed_in("officer", **PHONE)
    one.go("/inbox")
    seen = []
    for _ in range(25):
        one.page.keyboard.press("Tab")
        at = one.focus()
        if at is None:
            break
        see(one, at)
        seen.append(at["text"])
    assert len([text for text in seen if text.startswith("Tandai dibaca")]) == 2
    assert "2" in seen, "the way to the inbox"


SIZES = {"small": (320, 640, SPACING), "zoom-400": (320, 256, SPACING), "large-letters": (360, 740, LARGE)}


@pytest.mark.parametrize("size", SIZES)
def test_the_inbox_reflows(office, empty, signed_in, size):
    tell(office, title=LONG)
    tell(office, 110)
    width, height, css = SIZES[size]
    one = signed_in("officer", width=width, height=height)
    one.expected.append("status of 404")
    for name, path in {"inbox": "/inbox", "notice": f"/inbox/{newest(office)}"}.items():
        one.go(path)
        looks(one, f"{size}-{name}", wearing=(css,))


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_of_outgoing_mail(office, empty, signed_in, size):
    def fail(session):
        now = clock.now()
        for n, (role, what, permanent) in enumerate(
            [(Role.OFFICER, "refused 550", True), (Role.SUPERVISOR, "timeout", False), (Role.TU, "login 535", False)]
        ):
            make_address(session, office.people[role], f"p{n}@kantor.example")
            make_notice(session, office.people[role])
            letter = service.claim(session, now=now)
            service.mark_failed(session, letter, what, permanent=permanent, now=now)
            make_address(session, office.people[role], "")

    one = signed_in("admin", **size)
    one.go("/admin/mail").check("mail-empty")
    office.make(fail)
    one.go("/admin/mail").check("mail-failing")
    one.tap(one.find("summary"))
    one.picture("menu")
