"""The administrator's page of outgoing mail."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select

from fieldops.core.audit.models import AuditEntry
from fieldops.core.notices import service
from fieldops.core.notices.models import Notice
from fieldops.core.people.rules import Role
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from tests.client import STAFF_HOST, Client
from tests.make import made, make_address, make_link, make_notice
from tests.web import steps
from tests.web.test_inbox import MAIL

if TYPE_CHECKING:
    from uuid import UUID

    from tests.make import Office


@pytest.fixture
def admin(make_app, office: Office) -> Client:
    """The administrator of an office that sends mail."""
    browser = Client(make_app(**MAIL), STAFF_HOST)
    browser.submit(browser.get("people.link_show", token=made(make_link, office[Role.ADMIN])))
    return browser


@pytest.fixture
def failing(office: Office) -> tuple[UUID, UUID]:
    """Two mails to the officer: one was given up, one is tried again in a minute. Their ids."""
    made(make_address, office[Role.OFFICER])
    found = []
    for what, permanent in (("refused 550", True), ("timeout", False)):
        made(make_notice, office[Role.OFFICER], title="Cuti Anda disetujui")
        letter = made(service.claim, now=office_clock.now())
        made(service.mark_failed, letter, what, permanent=permanent, now=office_clock.now())
        found.append(letter.notice_id)
    return tuple(found)


def state(notice_id: UUID) -> str:
    with reading() as session:
        return session.scalars(select(Notice.mail_state).where(Notice.id == notice_id)).one()


def test_a_failure_is_seen_with_its_class_and_its_next_time_and_without_what_it_said(admin: Client, failing) -> None:
    page = admin.get("notices.mail_show")
    assert page.h1 == "Email keluar"
    for words in (
        *("Dewi Petugas", "Server email menolak (550)", "Tidak terkirim", "sudah dicoba 1 kali"),
        *("Server email tidak menjawab", "Dicoba lagi Rabu, 25 November 2026, pukul 10.01 WITA"),
        *("0 menunggu dikirim", "1 dicoba lagi", "1 tidak terkirim", "mail.kantor.example"),
    ):
        assert words in page.words, words
    assert [one.get_text() for one in page.html.select(".row-name")] == ["Dewi Petugas", "Dewi Petugas"]
    assert "Cuti Anda disetujui" not in page.text
    assert "petugas@kantor.example" not in page.text


def test_one_is_sent_again_by_its_button(admin: Client, failing) -> None:
    given_up, failed = failing
    page = admin.get("notices.mail_show")
    admin.follow(admin.submit(page, action=f"{given_up}/again"))
    assert (state(given_up), state(failed)) == ("waiting", "failed")
    admin.submit(page, action=f"{given_up}/again", _expected=404)
    admin.post("notices.mail_again", notice_id=uuid4(), _expected=404)
    assert steps.count(AuditEntry, action="mail.again") == 1


def test_all_are_sent_again_by_one_button(admin: Client, failing) -> None:
    page = admin.follow(admin.submit(admin.get("notices.mail_show"), action="/mail/again"))
    assert state(failing[0]) == "waiting"
    with reading() as session:
        assert set(session.scalars(select(Notice.mail_next_at).where(Notice.id.in_(failing)))) == {office_clock.now()}
    assert "1 menunggu dikirim" in page.words


@steps.SQLITE
def test_a_quiet_outbox_says_so(admin: Client) -> None:
    assert "Tidak ada yang gagal." in admin.get("notices.mail_show").words


@steps.SQLITE
def test_without_a_server_there_is_nothing_to_press(staff, failing) -> None:
    admin = staff("admin")
    page = admin.get("notices.mail_show")
    assert "FIELDOPS_SMTP_URL" in page.words
    assert not [form for form in page.forms() if form.action.endswith("/again")]
    answer = admin.post("notices.mail_again", notice_id=failing[0], _expected=422)
    assert "Email belum dinyalakan" in answer.words
    assert state(failing[0]) == "given_up"


@steps.SQLITE
def test_the_persons_own_page_tells_nothing_of_it(staff, failing) -> None:
    page = staff("officer").get("notices.inbox")
    assert len(page.html.select("li.notice")) == 2
    assert "550" not in page.text


@steps.SQLITE
def test_the_administrator_is_led_here_and_nobody_else(staff, admin: Client, failing) -> None:
    notice = admin.get("notices.inbox")
    assert "Ada email yang tidak terkirim" in notice.words
    assert admin.submit(notice, action="/open").location == admin.url("notices.mail_show")
    for role in Role:
        links = staff(role).get("home.menu").links()
        assert ("/admin/mail" in links) == (role is Role.ADMIN), role
