"""Signing in with a password and a second step: what it says, how it slows down, what it never tells."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from markupsafe import escape
from sqlalchemy import select, update

from fieldops.core.audit.models import AuditEntry
from fieldops.core.credentials.models import Password, RecoveryCode, Totp
from fieldops.core.people.models import Person, SignInLink, StaffSession
from fieldops.kit import passwords, throttle
from fieldops.kit import db as kit_db
from fieldops.kit import keys
from tests import ways
from tests.client import STAFF_HOST, Client
from tests.make import STAFF, Office, make_link, made
from tests.ways import PASSWORD, browser, code, enter, give_app, give_password, try_in
from tests.web import steps

BAD = "E-mail, NIP, atau kata sandi belum cocok."


def refusals() -> list[tuple[str, dict]]:
    with kit_db.reading() as session:
        rows = session.execute(
            select(AuditEntry.object_id, AuditEntry.detail).where(AuditEntry.action == "session.refuse")
        )
        return [(row.object_id, row.detail) for row in rows]


def test_name_and_password_let_in(app, office: Office) -> None:
    login = give_password(office["officer"])
    one = browser(app)
    answer = try_in(one, login)
    assert answer.location == "/today"
    cookie = answer.headers["Set-Cookie"]
    for part in ("fo=", "HttpOnly", "Path=/", "SameSite=Strict"):
        assert part in cookie
    assert one.get("booking.desk_today").h1 == "Hari ini"
    (session,) = steps_all(StaffSession)
    assert (session.means, session.person_id) == ("password", office["officer"])


def steps_all(model):
    with kit_db.reading() as session:
        return list(session.scalars(select(model)).all())


@pytest.mark.parametrize("login", [" {} ", "{}".upper(), "NIP"])
def test_the_name_may_be_written_as_people_write_it(app, office: Office, login: str) -> None:
    email = give_password(office["officer"])
    made(lambda s: s.execute(update(Person).where(Person.id == office["officer"]).values(nip="198703152010012004")))
    typed = "19870315 201001 2 004" if login == "NIP" else login.format(email)
    try_in(browser(app), typed.upper() if login == "{}".upper() else typed)


def test_every_reason_gets_one_answer(app, office: Office) -> None:
    """Wrong password, unknown name, no password yet, switched off: same text, same status, same length."""
    known = give_password(office["officer"])
    gone = give_password(office["tu"])
    made(lambda s: s.execute(update(Person).where(Person.id == office["tu"]).values(is_active=False)))
    made(lambda s: s.execute(update(Person).where(Person.id == office["head"]).values(email="h@kanim.example")))
    texts = set()
    for login, typed in (
        (known, "kuda laut menari"),
        ("nobody@kanim.example", PASSWORD),
        (gone, PASSWORD),
        ("h@kanim.example", PASSWORD),
        ("198703152010012004", PASSWORD),
        ("' or 1=1 --", PASSWORD),
    ):
        one = browser(app)
        answer = try_in(one, login, typed, expected=422)
        assert answer.complaints == [f"{BAD} Periksa lagi, atau minta bantuan Kasubsi atau administrator."]
        assert answer.value("login") == login, "what was typed stays"
        assert answer.form("/sign-in").values["password"] == "", "but never a password"
        shown = re.sub(r'(data-challenge|name="challenge" value)="[^"]*"', "", answer.text)
        texts.add(shown.replace(str(escape(login)), ""))
        one.get("booking.desk_today", _expected=303)
    assert len(texts) == 1
    assert steps.count(StaffSession) == 0
    assert {str(office["officer"]), "-"} <= {who for who, _ in refusals()}


def test_known_and_unknown_take_the_same_way(app, office: Office, monkeypatch) -> None:
    """One look for the person, one for the hash, one hash with the same parameters, one line in the log."""
    known = give_password(office["officer"])
    hashed: list[str] = []
    real = passwords._hasher

    class Spy:
        def verify(self, kept, typed):
            hashed.append(kept.rsplit("$", 2)[0])
            return real.verify(kept, typed)

        def __getattr__(self, name):
            return getattr(real, name)

    monkeypatch.setattr(passwords, "_hasher", Spy())
    passwords._nobody.cache_clear()
    try_in(browser(app), "warm@kanim.example", "wrong wrong wrong", expected=422)  # whether it is a demo is asked once
    ways_taken = []
    for login in (known, "nobody@kanim.example"):
        hashed.clear()
        asked: list[str] = []
        watch = lambda *call, asked=asked: asked.append(call[2].split(" ")[0] + call[2].count("?") * "?")  # noqa: E731
        from sqlalchemy import event

        database = kit_db.database()
        for face in (database.engine, database.reader):
            event.listen(face, "before_cursor_execute", watch)
        try:
            try_in(browser(app), login, "wrong wrong wrong", expected=422)
        finally:
            for face in (database.engine, database.reader):
                event.remove(face, "before_cursor_execute", watch)
        ways_taken.append((list(hashed), asked))
    assert ways_taken[0] == ways_taken[1]
    assert len(ways_taken[0][0]) == 1


def test_empty_fields_are_told_at_their_place_and_count_as_nothing(app, office: Office) -> None:
    one = browser(app)
    for _ in range(12):
        assert try_in(one, "", "", expected=422).complaints == ["Isi e-mail atau NIP Anda.", "Isi kata sandi Anda."]
    login = give_password(office["officer"])
    assert try_in(one, login, "", expected=422).complaints == ["Isi kata sandi Anda."]
    try_in(one, login)


def test_a_password_of_any_signs_and_length(app, office: Office) -> None:
    for typed in ("  spasi di tepi  ", "😀" * 20, "a" * 10 + "é\u0301ß" + "z" * 200, "'; drop table people_person; --"):
        login = give_password(office["officer"], typed)
        try_in(browser(app), login, typed)
        try_in(browser(app), login, typed + "x", expected=422)


def test_guessing_one_account_is_slowed_down_and_the_right_password_works_after_the_wait(
    app, office: Office, clock
) -> None:
    login = give_password(office["officer"])
    one = browser(app)
    for _ in range(5):
        try_in(one, login, "wrong", expected=422)
    slowed = try_in(one, login, expected=429)
    assert slowed.complaints == ["Terlalu banyak percobaan yang belum cocok. Tunggu 15 detik, lalu coba lagi."]
    assert slowed.headers["Retry-After"] == "15"
    assert slowed.value("login") == login
    clock.forward(seconds=14)
    assert "Tunggu 1 detik" in try_in(one, login, expected=429).complaints[0]
    clock.forward(seconds=1)
    try_in(one, login, "wrong", expected=422)
    assert "Tunggu 30 detik" in try_in(one, login, expected=429).complaints[0]
    clock.forward(seconds=30)
    try_in(one, login)
    for _ in range(5):
        try_in(browser(app), login, "wrong", expected=422)


def test_an_account_that_does_not_exist_is_slowed_down_alike(app, office: Office) -> None:
    one = browser(app)
    for _ in range(5):
        try_in(one, "nobody@kanim.example", "wrong", expected=422)
    assert "Tunggu 15 detik" in try_in(one, "NOBODY@kanim.example", expected=429).complaints[0]


@steps.SQLITE
def test_nobody_is_locked_out_for_ever(app, office: Office, clock) -> None:
    login = give_password(office["officer"])
    one = browser(app)
    for _ in range(40):
        try_in(one, login, "wrong", expected=(422, 429))
        clock.forward(minutes=15)
    try_in(one, login)


@steps.SQLITE
def test_guessing_many_accounts_from_one_address_is_slowed_down(app, office: Office, clock) -> None:
    login = give_password(office["officer"])
    one = browser(app)
    for n in range(50):
        try_in(one, f"n{n}@kanim.example", "wrong", expected=422)
    assert "Tunggu 5 detik" in try_in(one, "other@kanim.example", expected=429).complaints[0]
    assert "Tunggu" in try_in(one, login, expected=429).complaints[0]
    try_in(one, login, _address="203.0.113.9")
    clock.forward(seconds=5)
    try_in(browser(app), login)


@steps.SQLITE
def test_an_office_behind_one_address_signs_in_as_often_as_it_likes(app, office: Office) -> None:
    login = give_password(office["officer"])
    for _ in range(60):
        try_in(browser(app), login)


@steps.SQLITE
def test_a_broken_count_of_tries_lets_nobody_in(app, office: Office, tmp_path) -> None:
    login = give_password(office["officer"])
    throttle.use(tmp_path)
    try_in(browser(app), login, expected=429)


def test_an_old_hash_is_made_anew(app, office: Office) -> None:
    login = give_password(office["officer"])
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD.encode())
    made(lambda s: s.execute(update(Password).values(hash=old)))
    try_in(browser(app), login)
    (kept,) = steps_all(Password)
    assert kept.hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    try_in(browser(app), login)


def test_the_way_on_is_kept_through_both_steps(app, office: Office) -> None:
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    one = browser(app)
    page = one.get("people.sign_in", next="/weekend/days?x=1")
    answer = one.submit(page, {"login": login, "password": PASSWORD}, action="/sign-in")
    second = one.follow(answer)
    assert second.h1 == "Langkah kedua"
    done = one.submit(second, {"code": code(secret, later=1)})
    assert done.location == "/weekend/days?x=1"
    evil = browser(app)
    page = evil.get("people.sign_in", next="//evil.example")
    away = evil.submit(page, {"login": login, "password": PASSWORD}, action="/sign-in")
    assert "evil" not in away.location


# -- the second step


def test_with_a_second_step_the_password_alone_opens_nothing(app, office: Office) -> None:
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    one = browser(app)
    answer = try_in(one, login)
    assert answer.location == "/second-step"
    assert one.get("booking.desk_today", _expected=303).location.startswith("/sign-in")
    assert steps.count(StaffSession) == 0
    page = one.follow(answer)
    assert STAFF["supervisor"] in page.words
    wrong = one.submit(page, {"code": "000000"}, _expected=422)
    assert wrong.complaints[0].startswith("Kode belum cocok.")
    done = one.submit(page, {"code": code(secret, later=1)})
    assert done.location == "/today"
    one.get("booking.desk_today")
    (session,) = steps_all(StaffSession)
    assert session.means == "two-step"


def test_a_code_works_once(app, office: Office, clock) -> None:
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    clock.forward(minutes=5)
    shown = code(secret)
    first, second = browser(app), browser(app)
    pages = [one.follow(try_in(one, login)) for one in (first, second)]
    first.submit(pages[0], {"code": shown})
    assert second.submit(pages[1], {"code": shown}, _expected=422).complaints
    second.submit(pages[1], {"code": code(secret, later=1)})


def test_a_code_of_a_minute_ago_is_dead(app, office: Office, clock) -> None:
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    clock.forward(minutes=5)
    old = code(secret)
    clock.forward(seconds=65)
    one = browser(app)
    one.submit(one.follow(try_in(one, login)), {"code": old}, _expected=422)


def test_a_recovery_code_works_once_and_is_kept_as_a_hash(app, office: Office) -> None:
    login = give_password(office["supervisor"])
    _, codes = give_app(office["supervisor"])
    assert len(codes) == 10
    one = browser(app)
    one.submit(one.follow(try_in(one, login)), {"code": codes[0].lower()})
    other = browser(app)
    page = other.follow(try_in(other, login))
    other.submit(page, {"code": codes[0]}, _expected=422)
    other.submit(page, {"code": codes[1].replace("-", " ")})
    assert steps.count(RecoveryCode, used_at=None) == 8
    written = str(steps.dump())
    assert not [one for one in codes if one in written or one.replace("-", "") in written]


def test_guessing_codes_is_slowed_down(app, office: Office, clock) -> None:
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    one = browser(app)
    page = one.follow(try_in(one, login))
    for n in range(5):
        one.submit(page, {"code": f"{n:06d}"}, _expected=422)
    slowed = one.submit(page, {"code": code(secret, later=1)}, _expected=429)
    assert "Tunggu 15 detik" in slowed.complaints[0]
    # A new start at the password does not give new tries.
    other = browser(app)
    other.submit(other.follow(try_in(other, login)), {"code": "123456"}, _expected=429)
    clock.forward(seconds=15)
    one.submit(page, {"code": code(secret, later=1)})
    assert {"why": "code"} in [detail for _, detail in refusals()]


def test_what_is_no_code_is_told_and_counts_as_nothing(app, office: Office) -> None:
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    one = browser(app)
    page = one.follow(try_in(one, login))
    for typed in ("", "12345", "abc", "' or 1=1") * 4:
        one.submit(page, {"code": typed}, _expected=422)
    one.submit(page, {"code": code(secret, later=1)})


def test_the_way_to_the_second_step_ends_after_ten_minutes(app, office: Office, clock) -> None:
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    one = browser(app)
    page = one.follow(try_in(one, login))
    clock.forward(minutes=10)
    over = one.submit(page, {"code": code(secret)}, _expected=422)
    assert over.h1 == "Masuk"
    assert over.complaints == ["Waktu untuk langkah kedua sudah habis. Masuk lagi dari awal."]
    assert one.get("people.step_show", _expected=303).location == "/sign-in"


def test_without_a_first_step_there_is_no_second(app, office: Office) -> None:
    one = browser(app)
    assert one.get("people.step_show", _expected=303).location == "/sign-in"
    one.post("people.step_try", {"code": "123456"}, _expected=422)
    one.browser.set_cookie("fo", "eyJzdGVwIjogIngifQ.x.y", domain="localhost")
    one.post("people.step_try", {"code": "123456"}, _expected=422)


def test_the_step_of_somebody_who_is_switched_off_meanwhile_is_dead(app, office: Office) -> None:
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    one = browser(app)
    page = one.follow(try_in(one, login))
    made(lambda s: s.execute(update(Person).where(Person.id == office["supervisor"]).values(is_active=False)))
    one.submit(page, {"code": code(secret, later=1)}, _expected=422)
    assert steps.count(StaffSession) == 0


def test_a_secret_sealed_with_another_key_lets_nobody_in(app, office: Office) -> None:
    login = give_password(office["supervisor"])
    secret, codes = give_app(office["supervisor"])
    made(lambda s: s.execute(update(Totp).values(sealed=keys.seal(secret, "totp/somebody-else"))))
    one = browser(app)
    page = one.follow(try_in(one, login))
    one.submit(page, {"code": code(secret, later=1)}, _expected=422)
    one.submit(page, {"code": codes[0]})


# -- links and the second step


def test_a_link_made_by_a_command_asks_for_the_second_step_too(app, office: Office) -> None:
    secret, _ = give_app(office["supervisor"])
    one = browser(app)
    answer = one.submit(one.get("people.link_show", token=made(make_link, office["supervisor"])))
    assert answer.location == "/second-step"
    one.get("booking.desk_today", _expected=303)
    one.submit(one.follow(answer), {"code": code(secret, later=1)})
    one.get("booking.desk_today")


@pytest.mark.parametrize("role", ["supervisor", "tu", "head", "admin"])
def test_whoever_must_have_a_second_step_gets_no_further_than_to_it(app, office: Office, role: str) -> None:
    give_password(office[role])
    one = enter(app, office[role])
    for path in ("/today", "/weekend/days", "/achievement", "/people", "/people/help"):
        answer = one.get_url(path, _expected=(303, 403))
        assert answer.location in {"/account/second-step", ""}, path
    assert one.get_url("/today", _expected=204, _htmx=True).location == "/account/second-step"
    one.post("weekend.day_create", {"programme": "persari"}, _expected=303)
    page = one.get("people.factor_new")
    assert "wajib" in page.words
    secret = page.html.select_one("ol .mono").get_text().replace(" ", "")
    codes = one.submit(page, {"code": code(secret)}, _expected=200)
    assert codes.h1 == "Simpan kode cadangan"
    assert len(codes.html.select(".codes li")) == 10
    assert "no-store" in codes.headers["Cache-Control"]
    one.get("booking.desk_today")


@pytest.mark.parametrize("role", ["officer", "auditor"])
def test_others_are_offered_a_second_step_and_may_go_without(app, office: Office, role: str) -> None:
    give_password(office[role])
    one = enter(app, office[role])
    one.get("booking.desk_today")
    assert one.get("people.account_show").links().count("/account/second-step")


def test_signing_in_again_ends_the_session_that_was_there(app, office: Office) -> None:
    login = give_password(office["officer"])
    one = browser(app)
    page = one.get("people.sign_in")
    one.submit(page, {"login": login, "password": PASSWORD}, action="/sign-in")
    old = one.browser.get_cookie("fo", domain="localhost").value
    one.submit(page, {"login": login, "password": PASSWORD}, action="/sign-in")
    thief = Client(app, STAFF_HOST)
    thief.browser.set_cookie("fo", old, domain="localhost")
    thief.get("booking.desk_today", _expected=303)
    one.get("booking.desk_today")
    assert steps.count(StaffSession, ended_at=None) == 1


def test_no_name_and_no_mail_in_log_and_audit(app, office: Office, app_log) -> None:
    login = give_password(office["officer"])
    try_in(browser(app), login, "wrong", expected=422)
    try_in(browser(app), "nobody@kanim.example", "wrong", expected=422)
    try_in(browser(app), login)
    written = app_log.getvalue() + json.dumps([detail for _, detail in refusals()])
    assert "kanim.example" not in written
    assert PASSWORD not in written
    assert "wrong" not in written


def test_a_session_link_is_no_password_link_and_the_other_way_round(app, office: Office) -> None:
    one = browser(app)
    token = made(make_link, office["officer"])
    one.get("people.password_show", token=token, _expected=404)
    one.post("people.password_choose", {"password": PASSWORD, "again": PASSWORD}, token=token, _expected=404)
    assert steps.count(SignInLink, used_at=None) == 1
    assert steps.count(Password) == 0
    one.get("people.password_show", token=str(uuid4()), _expected=404)
