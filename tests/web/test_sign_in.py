"""One-time links and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import update

from fieldops.core.people.models import Person, SignInLink, StaffSession
from tests import cast
from tests.client import STAFF_HOST, Client
from tests.make import STAFF, Office, make_booking, make_day, make_link, made
from tests.web import steps


def fresh(app, office: Office, role: str = "supervisor") -> tuple[Client, str]:
    return Client(app, STAFF_HOST), made(make_link, office[role])


def test_link_shows_whom_it_is_for_and_changes_nothing(app, office: Office) -> None:
    browser, token = fresh(app, office)
    before = steps.dump()
    for _ in range(5):
        page = browser.get("people.link_show", token=token)
        browser.head("people.link_show", token=token)
    assert page.h1 == f"Masuk sebagai {STAFF['supervisor']}"
    assert "Set-Cookie" not in page.headers
    assert steps.dump() == before


def test_link_is_spent_by_its_button_once(app, office: Office) -> None:
    browser, token = fresh(app, office)
    page = browser.get("people.link_show", token=token)
    first = browser.submit(page)
    cookie = first.headers["Set-Cookie"]
    assert first.location == "/today"
    for part in ("fo=", "HttpOnly", "Path=/", "SameSite=Strict"):
        assert part in cookie
    assert "Domain" not in cookie
    other = Client(app, STAFF_HOST)
    assert other.submit(page, _expected=404).h1 == "Tautan tidak berlaku"
    other.get("people.link_show", token=token, _expected=404)
    other.get("booking.desk_today", _expected=303)
    assert steps.count(StaffSession) == 1
    browser.get("booking.desk_today")


def test_https_cookie_is_locked_to_its_host(make_app, office: Office) -> None:
    app = make_app(public_url="https://antre.example", staff_url="https://petugas.example")
    browser = Client(app, "petugas.example")
    token = made(make_link, office["officer"])
    answer = browser.post("people.link_use", token=token, _check=False)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-fo=")
    assert "Secure" in cookie
    assert token not in cookie


def test_link_dies_after_a_day(app, office: Office, clock) -> None:
    browser, token = fresh(app, office)
    clock.forward(hours=23, minutes=59)
    page = browser.get("people.link_show", token=token)
    clock.forward(minutes=1)
    browser.get("people.link_show", token=token, _expected=404)
    browser.submit(page, _expected=404)
    assert steps.count(SignInLink, used_at=None) == 1
    assert steps.count(StaffSession) == 0


def test_dead_unknown_and_misshapen_links_look_alike(app, office: Office) -> None:
    browser, token = fresh(app, office)
    browser.submit(browser.get("people.link_show", token=token))
    other = Client(app, STAFF_HOST)
    texts = {other.get("people.link_show", token=one, _expected=404).text for one in (token, "0" * 26, "x", "'")}
    assert len(texts) == 1


def test_link_of_somebody_who_left_is_dead(app, office: Office) -> None:
    browser, token = fresh(app, office)
    made(
        lambda session: session.execute(update(Person).where(Person.id == office["supervisor"]).values(is_active=False))
    )
    browser.get("people.link_show", token=token, _expected=404)
    browser.post("people.link_use", token=token, _expected=404)


def test_old_cookie_is_dead_after_signing_out(app, staff) -> None:
    browser = staff("officer")
    thief = Client(app, STAFF_HOST)
    value = browser.browser.get_cookie("fo", domain="localhost").value
    thief.browser.set_cookie("fo", value, domain="localhost")
    page = thief.get("booking.desk_today")
    out = browser.submit(page, action="/sign-out") if False else browser.post("people.sign_out")
    assert out.location == "/sign-in"
    assert out.headers["Clear-Site-Data"]
    thief.get("booking.desk_today", _expected=303)
    browser.get("booking.desk_today", _expected=303)
    browser.post("people.sign_out")


def test_cookie_is_dead_when_the_person_is_inactive(app, staff, office: Office) -> None:
    browser = staff("officer")
    made(lambda session: session.execute(update(Person).where(Person.id == office["officer"]).values(is_active=False)))
    browser.get("booking.desk_today", _expected=303)


def test_forged_cookie_is_nobody(app, visitor) -> None:
    for value in ("x", "eyJfdXNlcl9pZCI6ICJ4In0.x.y", ""):
        visitor.browser.set_cookie("fo", value, domain="localhost")
        visitor.get("booking.desk_today", _expected=303)


@pytest.mark.parametrize(("role", "minutes"), [("officer", 720), ("supervisor", 30), ("tu", 30), ("admin", 30)])
def test_resting_session_ends_at_its_limit(staff, clock, role: str, minutes: int) -> None:
    browser = staff(role)
    clock.forward(minutes=minutes - 1)
    browser.get("booking.desk_today")
    clock.forward(minutes=minutes - 1)
    browser.get("booking.desk_today")
    clock.forward(minutes=minutes)
    browser.get("booking.desk_today", _expected=303)


def test_session_in_use_ends_after_seven_days(staff, clock) -> None:
    browser = staff("officer")
    for _ in range(13):
        clock.forward(hours=11, minutes=59)
        browser.get("booking.desk_today")
    clock.forward(hours=13)
    browser.get("booking.desk_today", _expected=303)


def test_page_after_the_session_leads_to_sign_in_with_the_way_back(staff, clock) -> None:
    browser = staff("supervisor")
    clock.forward(hours=1)
    away = browser.get("booking.desk_today", day="2026-11-28", name="siti", _expected=303)
    assert away.location.startswith("/sign-in?next=/today")
    page = browser.follow(away)
    assert page.h1 == "Masuk"


def test_form_after_the_session_keeps_what_was_typed_and_can_be_sent_again(app, staff, office: Office, clock) -> None:
    day = made(make_day, office["supervisor"], published=False)
    browser = staff("supervisor")
    page = browser.get("weekend.day_show", day_id=day.id)
    new = browser.get("weekend.day_new", programme="bontang-on-seven", day="2026-11-29")
    clock.forward(hours=1)
    typed = {"reason": 'Genset <rusak> & "hujan"'}
    over = browser.submit(page, typed, action="/cancel", _expected=401)
    assert over.h1 == "Sesi berakhir"
    assert over.form("/cancel").values == typed
    kept = browser.submit(new, {"starts_1": "07.15"}, _expected=401)
    assert kept.form("/days").values == new.form().values | {"starts_1": "07.15"}
    token = made(make_link, office["supervisor"])
    browser.submit(browser.get("people.link_show", token=token))
    done = browser.follow(browser.submit(over, action="/cancel"))
    assert "Genset <rusak>" in done.words
    made_day = browser.follow(browser.submit(kept, action="/days"))
    assert "07.15" in made_day.words


HTMX_FROM = {
    "http://localhost:8000/today?day=2026-11-28#p-1": "/sign-in?next=/today?day%3D2026-11-28",
    "https://evil.example/today": "/sign-in?next=/today",
    "https://evil.example": "/sign-in",
    "http://[": "/sign-in",
    "": "/sign-in",
}


@pytest.mark.parametrize(("seen", "away"), HTMX_FROM.items())
def test_htmx_after_the_session_is_led_away_whole_with_the_way_back(staff, clock, seen: str, away: str) -> None:
    browser = staff("supervisor")
    clock.forward(hours=1)
    sent = {"_expected": 204, "_headers": {"HX-Current-URL": seen}}
    for answer in (
        browser.get("booking.desk_today", _htmx="people", **sent),
        browser.post("booking.person_mark", {"key": uuid4()}, applicant_id=uuid4(), _htmx="p", **sent),
    ):
        assert answer.headers["HX-Redirect"] == away
        assert answer.data == b""


NEXT = {
    "/weekend/days": "/weekend/days",
    "/today?day=2026-11-28": "/today?day=2026-11-28",
    "//evil.example": "/today",
    "///evil.example": "/today",
    "/\\evil.example": "/today",
    "\\evil.example": "/today",
    "https://evil.example": "/today",
    "javascript:alert(1)": "/today",
    "/\t/evil.example": "/today",
    "\n//evil.example": "/today",
    "": "/today",
    "today": "/today",
}


@steps.SQLITE
@pytest.mark.parametrize(("wanted", "goes"), NEXT.items())
def test_next_leads_only_to_local_pages(staff, wanted: str, goes: str) -> None:
    answer = staff("officer").get("people.sign_in", next=wanted, _expected=303)
    assert answer.location == goes
    assert answer.headers["Location"].startswith("/"), "no host in it"


def test_signing_in_is_slowed_down(app, office: Office) -> None:
    browser = Client(app, STAFF_HOST)
    for n in range(30):
        browser.post("people.link_use", token=f"{n:026d}", _expected=404)
    slowed = browser.post("people.link_use", token="0" * 26, _expected=429)
    assert slowed.h1 == "Terlalu sering"


def test_used_link_and_cancelled_ticket_leave_the_name_out_of_cookies(app, office: Office) -> None:
    browser, token = fresh(app, office)
    answer = browser.submit(browser.get("people.link_show", token=token))
    assert STAFF["supervisor"].split()[0] not in answer.headers["Set-Cookie"]
    assert cast.SITI.name not in answer.headers["Set-Cookie"]
    assert make_booking is not None
