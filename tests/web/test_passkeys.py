"""Passkeys: made on one's own account, both steps in one, each challenge once, for this host only."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from fieldops.core.audit.models import AuditEntry
from fieldops.core.credentials.models import Passkey, Totp
from fieldops.core.people.models import Person, StaffSession
from fieldops.kit import db as kit_db
from tests.make import Office, made
from tests.ways import PASSWORD, Phone, browser, code, email_of, enter, give_app, give_password, try_in
from tests.web import steps

BAD = "Kunci sandi belum cocok. Coba lagi, atau masuk dengan kata sandi."


def challenge_of(page) -> str:
    return str(page.html.select_one("form[data-passkey]")["data-challenge"])


def fields(page) -> dict[str, str]:
    """The hidden form as it was drawn."""
    (form,) = [one for one in page.forms() if one.tag.has_attr("data-passkey")]
    return form.values


def add(one, phone: Phone, *, expected: int = 303, name: str = "Ponsel saya", **lies):
    page = one.get("people.passkey_new")
    sent = {**fields(page), "credential": phone.make(challenge_of(page), **lies), "name": name}
    return one.post_url("/account/passkeys", sent, _expected=expected)


def sign_in(app, phone: Phone, *, expected: int = 303, page=None, one=None, **lies):
    one = one or browser(app)
    page = page or one.get("people.sign_in")
    sent = {**fields(page), "credential": phone.sign(challenge_of(page), **lies)}
    return one, one.post_url("/sign-in/passkey", sent, _expected=expected)


@pytest.fixture
def phone(app, office: Office) -> Phone:
    """The officer's phone, with a passkey."""
    give_password(office["officer"])
    made_phone = Phone()
    add(enter(app, office["officer"]), made_phone)
    return made_phone


def test_a_passkey_is_made_and_signs_in(app, office: Office, phone: Phone) -> None:
    one, answer = sign_in(app, phone)
    assert answer.location == "/today"
    one.get("booking.desk_today")
    with kit_db.reading() as session:
        (means,) = session.scalars(select(StaffSession.means).where(StaffSession.means != "password"))
        (kept,) = session.scalars(select(Passkey))
        told = set(session.scalars(select(AuditEntry.action)))
    assert means == "passkey"
    assert (kept.name, kept.sign_count, kept.person_id) == ("Ponsel saya", 1, office["officer"])
    assert "passkey.add" in told
    assert "Kunci sandi: Ponsel saya" in one.get("people.account_show").words
    assert sign_in(app, phone)[1].location == "/today"


def test_a_passkey_is_both_steps(app, office: Office) -> None:
    give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    phone = Phone()
    add(enter(app, office["supervisor"], app_secret=secret), phone)
    one, answer = sign_in(app, phone)
    assert answer.location == "/today"
    one.get("weekend.day_list")


def test_whoever_must_have_a_second_step_sets_that_up_first(app, office: Office) -> None:
    """Else a stolen password alone could bring its own passkey."""
    give_password(office["supervisor"])
    one = enter(app, office["supervisor"])
    assert one.get("people.passkey_new", _expected=303).location == "/account/second-step"
    assert one.post_url("/account/passkeys", {"name": "x"}).location == "/account/second-step"
    assert steps.count(Passkey) == 0


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "http://evil.example"},
        {"origin": "https://localhost:8000"},
        {"origin": "http://127.0.0.1:8000"},
        {"rp": "evil.example"},
        {"rp": "127.0.0.1"},
        {"flags": 0x01},
        {"flags": 0x04},
        {"count": 0},
    ],
    ids=["other site", "other scheme", "public host", "other party", "public party", "owner not checked", "nobody there", "copy"],
)
def test_an_answer_that_is_not_for_us_opens_nothing(app, office: Office, phone: Phone, lies) -> None:
    sign_in(app, phone)
    one, answer = sign_in(app, phone, expected=422, **lies)
    assert answer.complaints == [BAD]
    one.get("booking.desk_today", _expected=303)


def test_another_phone_s_signature_opens_nothing(app, office: Office, phone: Phone) -> None:
    thief = Phone()
    sign_in(app, thief, expected=422)
    thief.id = phone.id
    sign_in(app, thief, expected=422)
    with kit_db.reading() as session:
        refused = session.execute(
            select(AuditEntry.object_id, AuditEntry.detail).where(AuditEntry.action == "session.refuse")
        ).all()
    assert [tuple(row) for row in refused] == [("-", {"why": "passkey"}), (str(office["officer"]), {"why": "passkey"})]


def test_a_challenge_signs_in_once_and_for_ten_minutes(app, office: Office, phone: Phone, clock) -> None:
    one = browser(app)
    page = one.get("people.sign_in")
    sent = {**fields(page), "credential": phone.sign(challenge_of(page))}
    one.post_url("/sign-in/passkey", sent)
    for other in (one, browser(app)):
        other.post_url("/sign-in/passkey", sent, _expected=422)
    sign_in(app, phone, page=page, expected=422)
    page = browser(app).get("people.sign_in")
    clock.forward(minutes=10)
    sign_in(app, phone, page=page, expected=422)
    sign_in(app, phone)


def test_a_challenge_of_another_page_is_not_taken(app, office: Office, phone: Phone) -> None:
    inside = sign_in(app, phone)[0]
    page = inside.get("people.passkey_new")
    one = browser(app)
    for sealed in (fields(page)["challenge"], "", "x", "é", "AAAA" * 20):
        sent = {"challenge": sealed, "credential": phone.sign(challenge_of(page))}
        one.post_url("/sign-in/passkey", sent, _expected=422)


@steps.SQLITE
@pytest.mark.parametrize(
    "sent",
    ["", "x", "null", "[]", "{}", '{"rawId": 5}', '{"rawId": "é"}', "[" * 5000, '{"rawId": "AAAA"}', "x" * 20_000, '{"rawId":"AAAA","response":{}}'],
)
def test_rubbish_is_refused_like_a_wrong_passkey(app, office: Office, phone: Phone, sent: str) -> None:
    one = browser(app)
    page = one.get("people.sign_in")
    answer = one.post_url("/sign-in/passkey", {**fields(page), "credential": sent}, _expected=422)
    assert answer.complaints == [BAD]
    inside = sign_in(app, phone)[0]
    page = inside.get("people.passkey_new")
    inside.post_url("/account/passkeys", {**fields(page), "credential": sent}, _expected=422)
    assert steps.count(Passkey) == 1


@pytest.mark.parametrize("lies", [{"origin": "http://evil.example"}, {"rp": "evil.example"}, {"flags": 0x41}])
def test_a_passkey_for_another_host_or_without_its_owner_is_not_kept(app, office: Office, lies) -> None:
    give_password(office["officer"])
    refused = add(enter(app, office["officer"]), Phone(), expected=422, **lies)
    assert refused.complaints == ["Kunci sandi belum jadi. Coba sekali lagi di perangkat ini."]
    assert steps.count(Passkey) == 0


def test_a_passkey_belongs_to_one_person(app, office: Office, phone: Phone) -> None:
    give_password(office.other_officer)
    refused = add(enter(app, office.other_officer), phone, expected=422)
    assert refused.complaints == ["Kunci sandi ini sudah terdaftar."]
    page = enter(app, office["officer"]).get("people.passkey_new")
    assert len(page.html.select_one("form[data-passkey]")["data-known"].split()) == 1


@steps.SQLITE
def test_ten_are_enough_and_each_has_a_name(app, office: Office) -> None:
    give_password(office["officer"])
    one = enter(app, office["officer"])
    assert add(one, Phone(), name=" ", expected=422).complaints == ["Beri nama, misalnya “Ponsel saya”."]
    for _ in range(10):
        add(one, Phone())
    assert add(one, Phone(), expected=422).complaints[0].startswith("Paling banyak 10 kunci sandi.")


def test_adding_and_removing_need_a_proof_after_ten_minutes(app, office: Office, phone: Phone, clock) -> None:
    one = enter(app, office["officer"])
    clock.forward(minutes=11)
    page = one.get("people.passkey_new")
    sent = {**fields(page), "credential": Phone().make(challenge_of(page))}
    one.post_url("/account/passkeys", sent, _expected=422)
    one.post_url("/account/passkeys", {**sent, "proof": PASSWORD})
    clock.forward(minutes=11)
    link = next(href for href in one.get("people.account_show").links() if href.endswith("/remove") and "passkeys" in href)
    asked = one.get_url(link)
    one.submit(asked, _expected=422)
    one.submit(asked, {"proof": PASSWORD})
    assert steps.count(Passkey) == 1
    one.get_url(link, _expected=404)


def test_a_removed_passkey_and_a_person_who_is_switched_off_open_nothing(app, office: Office, phone: Phone) -> None:
    made(lambda s: s.execute(update(Person).where(Person.id == office["officer"]).values(is_active=False)))
    sign_in(app, phone, expected=422)
    made(lambda s: s.execute(update(Person).where(Person.id == office["officer"]).values(is_active=True)))
    one, _ = sign_in(app, phone)
    link = next(href for href in one.get("people.account_show").links() if "passkeys" in href and "remove" in href)
    one.submit(one.get_url(link))
    sign_in(app, phone, expected=422)
    try_in(browser(app), email_of(office["officer"]))


def test_nobody_removes_somebody_else_s_passkey(app, office: Office, phone: Phone) -> None:
    give_password(office.other_officer)
    other = enter(app, office.other_officer)
    with kit_db.reading() as session:
        theirs = session.scalar(select(Passkey.id))
    other.get("people.passkey_remove", passkey_id=theirs, _expected=404)
    other.post("people.passkey_removed", passkey_id=theirs, _expected=404)
    assert steps.count(Passkey) == 1


def test_a_lost_phone_takes_its_passkeys_with_it(app, staff, office: Office) -> None:
    give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    phone = Phone()
    add(enter(app, office["supervisor"], app_secret=secret), phone)
    boss = staff("admin")
    page = boss.get("people.factor_drop", person_id=office["supervisor"])
    boss.submit(page, {"reason": "lost", "seen": "1"})
    assert (steps.count(Passkey), steps.count(Totp)) == (0, 0)
    sign_in(app, phone, expected=422)


def test_a_reset_keeps_the_passkey(app, staff, office: Office, phone: Phone) -> None:
    boss = staff("admin")
    shown = boss.submit(boss.get("people.staff_invite", person_id=office["officer"]), _expected=200)
    path = shown.html.select_one("main b.mono").get_text().removeprefix("http://localhost:8000")
    one = browser(app)
    one.submit(one.get_url(path), {"password": "empat gajah naik bus", "again": "empat gajah naik bus"})
    sign_in(app, phone)


@steps.SQLITE
def test_trying_passkeys_is_slowed_down_by_address(app, office: Office, phone: Phone, clock) -> None:
    for _ in range(50):
        sign_in(app, Phone(), expected=422)
    _, slowed = sign_in(app, phone, expected=429)
    assert "Tunggu 5 detik" in slowed.complaints[0]
    clock.forward(seconds=5)
    sign_in(app, phone)


def test_looking_makes_no_challenge_in_the_database(app, office: Office) -> None:
    give_password(office["officer"])
    one = enter(app, office["officer"])
    before = steps.dump()
    one.get("people.passkey_new")
    browser(app).get("people.sign_in")
    assert steps.dump() == before
    assert code is not None


def test_a_passkey_is_a_fresh_proof_for_ten_minutes(app, office: Office, phone: Phone, clock) -> None:
    clock.forward(hours=1)
    one, _ = sign_in(app, phone)
    link = next(href for href in one.get("people.account_show").links() if href.endswith("/remove") and "passkeys" in href)
    clock.forward(minutes=9, seconds=59)
    assert "proof" not in one.get_url(link).form("/remove").values
    clock.forward(seconds=1)
    asked = one.get_url(link)
    assert "proof" in asked.form("/remove").values
    one.submit(asked, _expected=422)
    again, _ = sign_in(app, phone)
    again.submit(again.get_url(link))
    assert steps.count(Passkey) == 0
