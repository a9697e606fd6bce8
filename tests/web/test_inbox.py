"""The inbox: one's own notices, the number in the head of every staff page, and what must not be another's."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select

from fieldops.core.notices.models import Notice, Preference
from fieldops.core.people.rules import Role
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from fieldops.settings import Smtp
from tests.client import STAFF_HOST, Client
from tests.make import made, make_address, make_link, make_notice
from tests.web import steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.client import Answer
    from tests.make import Office

MAIL = {"smtp": Smtp("mail.kantor.example", 587, "starttls"), "mail_from": "fieldops@kantor.example"}


@pytest.fixture
def officer(staff: Callable[[str], Client]) -> Client:
    return staff("officer")


@pytest.fixture
def me(office: Office) -> UUID:
    return office[Role.OFFICER]


def rows() -> list[Notice]:
    with reading() as session:
        return list(session.scalars(select(Notice).order_by(Notice.made_at, Notice.title)))


def unread(answer: Answer) -> tuple[str, str]:
    """What the head says to the ear and to the eye."""
    (link,) = answer.html.select("a#unread")
    assert link["href"] == "/inbox"
    return str(link["aria-label"]), link.get_text().strip()


@pytest.fixture
def statements(db) -> Iterator[list[str]]:
    """Every statement that a page asks the database."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_more) -> None:
        asked.append(statement)

    for engine in (db.engine, db.reader):
        event.listen(engine, "before_cursor_execute", note)
    yield asked
    for engine in (db.engine, db.reader):
        event.remove(engine, "before_cursor_execute", note)


def test_an_empty_inbox_says_what_will_come(officer: Client) -> None:
    page = officer.get("notices.inbox")
    assert page.h1 == "Pemberitahuan"
    assert "Belum ada pemberitahuan" in page.words
    assert unread(page) == ("Pemberitahuan, semua sudah dibaca", "")
    assert "Tandai semua" not in page.words
    assert "Email" not in page.words, "mail is off on this server"


def test_the_newest_stands_first_and_what_is_unread_is_marked_in_words(officer: Client, me: UUID, clock) -> None:
    made(make_notice, me, title="Pertama", body="Baris satu\nBaris dua")
    clock.forward(minutes=1)
    made(make_notice, me, title="Kedua")
    page = officer.get("notices.inbox")
    assert [one.get_text() for one in page.html.select(".notice-title")] == ["Kedua", "Pertama"]
    assert page.words.count("Baru") == 2
    assert "Rabu, 25 November 2026, pukul 10.00 WITA" in page.words
    assert unread(page) == ("2 pemberitahuan belum dibaca", "2")


def test_opening_marks_and_leads_on(officer: Client, me: UUID) -> None:
    made(make_notice, me, link="/today?day=2026-11-28")
    page = officer.get("notices.inbox")
    (row,) = rows()
    for _ in range(2):
        assert officer.submit(page, action="/open").location == "/today?day=2026-11-28"
    assert rows()[0].read_at == office_clock.now()
    later = officer.get("notices.inbox")
    assert "Baru" not in later.words
    assert unread(later)[1] == ""
    swap = officer.post("notices.notice_open", notice_id=row.id, _htmx=True, _expected=204)
    assert swap.location == "/today?day=2026-11-28"


def test_the_page_that_a_mail_leads_to_shows_and_marks_nothing(officer: Client, me: UUID) -> None:
    made(make_notice, me, title="Jadwal terbit", body="Sabtu", link="/today")
    (row,) = rows()
    page = officer.get("notices.notice_show", notice_id=row.id)
    assert page.h1 == "Jadwal terbit"
    assert "Sabtu" in page.words
    assert rows()[0].read_at is None
    assert officer.submit(page).location == "/today"
    assert rows()[0].read_at is not None
    assert "sudah dibaca" in officer.get("notices.notice_show", notice_id=row.id).words


def test_one_is_marked_read_with_and_without_htmx(officer: Client, me: UUID, clock) -> None:
    for title in ("Satu", "Dua"):
        made(make_notice, me, title=title)
    one, two = rows()
    part = officer.post("notices.notice_read", {"before": ""}, notice_id=one.id, _htmx=f"n-{one.id}", _expected=200)
    assert not part.is_document
    assert part.html.select_one(f"#n-{one.id}")
    assert "Baru" not in part.words
    (number,) = part.html.select("#unread")
    assert number["hx-swap-oob"] == "true"
    assert unread(part) == ("1 pemberitahuan belum dibaca", "1")
    page = officer.get("notices.inbox")
    assert not page.html.select("[hx-swap-oob]")
    answer = officer.submit(page, action=f"{two.id}/read")
    assert answer.headers["Location"].endswith(f"/inbox#n-{two.id}")
    assert all(row.read_at is not None for row in rows())


def test_all_are_marked_read_but_for_what_came_meanwhile(officer: Client, me: UUID, clock) -> None:
    for _ in range(3):
        made(make_notice, me)
    page = officer.get("notices.inbox")
    clock.forward(seconds=1)
    made(make_notice, me, title="Baru datang")
    answer = officer.follow(officer.submit(page, action="/inbox/read"))
    assert unread(answer)[1] == "1"
    assert [row.title for row in rows() if row.read_at is None] == ["Baru datang"]


def test_sixty_are_two_pages(officer: Client, me: UUID, clock) -> None:
    for n in range(60):
        made(make_notice, me, title=f"Kabar {n}")
    first = officer.get("notices.inbox")
    assert len(first.html.select("li.notice")) == 50
    (older,) = [link for link in first.links() if "before=" in link]
    second = officer.get_url(older)
    assert len(second.html.select("li.notice")) == 10
    assert not [link for link in second.links() if "before=" in link]
    # Marking on the second page comes back to it.
    form = next(one for one in second.forms() if one.values.get("before"))
    assert officer.post_url(form.action, form.values).location == older


@steps.SQLITE
def test_what_is_anothers_is_not_found(officer: Client, staff, office: Office, me: UUID) -> None:
    made(make_notice, me)
    (row,) = rows()
    other = staff("supervisor")
    other.get("notices.notice_show", notice_id=row.id, _expected=404)
    other.get("notices.inbox", before=row.id, _expected=404)
    other.post("notices.notice_open", notice_id=row.id, _expected=404)
    other.post("notices.notice_read", notice_id=row.id, _expected=404)
    other.post("notices.notice_read", notice_id=row.id, _expected=404, _htmx=True)
    other.post("notices.all_read", {"until": office_clock.now().isoformat()})
    assert rows()[0].read_at is None
    assert unread(other.get("notices.inbox"))[1] == ""
    unknown = other.get("notices.notice_show", notice_id=uuid4(), _expected=404)
    assert unknown.words == other.get("notices.notice_show", notice_id=row.id, _expected=404).words


@steps.SQLITE
@pytest.mark.parametrize("until", ["", "kemarin", "2026-11-25", "2026-11-25T10:00:00", "9" * 50])
def test_an_until_that_is_no_instant_marks_nothing(officer: Client, me: UUID, until: str) -> None:
    made(make_notice, me)
    officer.post("notices.all_read", {"until": until}, _expected=422)
    assert rows()[0].read_at is None


@steps.SQLITE
def test_bad_input_is_told_and_changes_nothing(officer: Client, me: UUID) -> None:
    made(make_notice, me)
    (row,) = rows()
    for before in ("x", "1 or 1=1", "%00", "'"):
        officer.get("notices.inbox", before=before, _expected=404)
        officer.post("notices.notice_read", {"before": before}, notice_id=row.id, _expected=404)
    for wanted in ("", "maybe", "YES"):
        officer.post("notices.mail_switch", {"by_mail": wanted}, _expected=422)
    assert rows()[0].read_at is None
    assert steps.count(Preference) == 0


@steps.SQLITE
def test_genuine_names_and_markup_show_literally(officer: Client, me: UUID) -> None:
    title = "<b>Tono\"'& Tini</b> menukar tugas"
    made(make_notice, me, title=title, body="<script>x</script> D’Souza")
    for page in (officer.get("notices.inbox"), officer.get("notices.notice_show", notice_id=rows()[0].id)):
        assert title in page.words
        assert "<script>x</script> D’Souza" in page.words


# -- the number in the head


@steps.SQLITE
@pytest.mark.parametrize("role", list(Role))
def test_every_staff_page_tells_the_number_by_one_query(staff, office: Office, role: Role, statements) -> None:
    browser = staff(role)
    made(make_notice, office[role])
    made(make_notice, office[role])
    seen = 0
    for path in {"/today", "/inbox", *browser.get("booking.desk_today").links()}:
        if not path.startswith("/"):
            continue
        statements.clear()
        page = browser.get_url(path, _expected=(200, 303))
        if page.status == 200:
            seen += 1
            assert unread(page) == ("2 pemberitahuan belum dibaca", "2"), path
            counting = [one for one in statements if "count(" in one and "notices_notice" in one and "limit" in one.lower()]
            assert len(counting) == 1, path
            if path not in {"/inbox", "/admin/mail"}:
                assert len([one for one in statements if "notices_" in one]) == 1, path
    assert seen >= 3


@steps.SQLITE
def test_public_and_sign_in_pages_and_errors_ask_nothing_of_it(
    client: Client, visitor: Client, officer: Client, office: Office, statements
) -> None:
    for page in (
        client.get("booking.home"),
        client.get("booking.help_show"),
        client.get_url("/nothing", _expected=404),
        visitor.get("people.sign_in"),
        visitor.get("people.link_show", token="0" * 26, _expected=404),
        visitor.post("notices.all_read", {"until": "x"}, _expected=401),
        officer.get_url("/nothing", _expected=404),
        officer.get("notices.notice_show", notice_id=uuid4(), _expected=404),
    ):
        assert not page.html.select("#unread")
    assert not [one for one in statements if re.search(r"notices_notice", one) and "count(" in one]


@steps.SQLITE
def test_a_part_for_htmx_without_the_head_asks_nothing(officer: Client, statements) -> None:
    officer.get("booking.desk_today", name="a", _htmx="people")
    assert not [one for one in statements if "notices_" in one]


@steps.SQLITE
def test_more_than_99_are_told_as_such(officer: Client, me: UUID) -> None:
    for _ in range(101):
        made(make_notice, me)
    assert unread(officer.get("booking.desk_today")) == ("99+ pemberitahuan belum dibaca", "99+")


# -- mail, of one's own


@pytest.fixture
def by_mail(make_app, office: Office) -> Client:
    """An officer's browser in an office that sends mail."""
    browser = Client(make_app(**MAIL), STAFF_HOST)
    page = browser.get("people.link_show", token=made(make_link, office[Role.OFFICER]))
    browser.submit(page)
    return browser


def test_mail_is_switched_off_and_on_again_and_the_inbox_stays(by_mail: Client, me: UUID) -> None:
    made(make_address, me, "dewi@kantor.example")
    page = by_mail.get("notices.inbox")
    assert "dikirim ke dewi@kantor.example" in page.words
    for wanted, said in ((False, "dimatikan"), (True, "dikirim ke")):
        for _ in range(2):
            by_mail.submit(page, action="/inbox/mail")
        with reading() as session:
            assert session.scalars(select(Preference.by_mail)).all() == [wanted]
        page = by_mail.get("notices.inbox")
        assert f"{said}" in page.words
    made(make_notice, me)
    assert unread(by_mail.get("notices.inbox"))[1] == "1"


@steps.SQLITE
def test_who_has_no_address_is_told_whom_to_ask(by_mail: Client) -> None:
    page = by_mail.get("notices.inbox")
    assert "Belum ada alamat email Anda" in page.words
    assert "/inbox/mail" not in [form.action for form in page.forms()]


@steps.SQLITE
def test_the_address_in_the_page_is_only_ones_own(by_mail: Client, office: Office) -> None:
    made(make_address, office[Role.SUPERVISOR], "rina@kantor.example")
    assert "rina@" not in by_mail.get("notices.inbox").text


def test_settings_hold_no_password_that_could_be_printed(settings) -> None:
    smtp = Smtp("mail.kantor.example", 587, "starttls", "office", "very secret")
    assert "very secret" not in repr(replace(settings, smtp=smtp))
