"""One's own account: choosing a password from an invitation, changing it, the second step, the list of devices."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from fieldops.core.audit.models import AuditEntry
from fieldops.core.credentials.models import Password, RecoveryCode, Totp
from fieldops.core.people.models import Person, SignInLink, StaffSession
from fieldops.kit import db as kit_db
from tests import ways
from tests.client import STAFF_HOST, Client
from tests.make import STAFF, Office, made
from tests.ways import PASSWORD, browser, code, email_of, enter, give_app, give_password, try_in
from tests.web import steps

NEW = "empat gajah naik bus"
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
)


def actions() -> list[str]:
    with kit_db.reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def give_email(person_id) -> str:
    made(lambda s: s.execute(update(Person).where(Person.id == person_id).values(email=email_of(person_id))))
    return email_of(person_id)


def invitation(staff, office: Office, role: str = "officer", *, by: str = "admin") -> str:
    """The address that an administrator hands over."""
    give_email(office[role])
    boss = staff(by)
    shown = boss.submit(boss.get("people.staff_invite", person_id=office[role]), _expected=200)
    address = shown.html.select_one("main b.mono").get_text()
    assert address.startswith(f"http://{STAFF_HOST}/password/")
    return address.removeprefix(f"http://{STAFF_HOST}")


# -- invitation


def test_from_the_invitation_to_the_first_page(app, staff, office: Office) -> None:
    path = invitation(staff, office)
    one = browser(app)
    before = steps.dump()
    page = one.get_url(path)
    one.open("HEAD", path)
    assert steps.dump() == before, "looking changes nothing"
    assert STAFF["officer"] in page.words
    assert email_of(office["officer"]) in page.words
    answer = one.submit(page, {"password": NEW, "again": NEW})
    assert answer.location == "/today"
    one.get("booking.desk_today")
    one.get_url(path, _expected=404)
    browser(app).post_url(path, {"password": NEW, "again": NEW}, _expected=404)
    try_in(browser(app), email_of(office["officer"]), NEW)
    assert {"password.invite", "password.set", "session.open"} <= set(actions())


def test_an_invitation_dies_after_a_day_and_when_a_newer_one_is_made(app, staff, office: Office, clock) -> None:
    old = invitation(staff, office)
    new = invitation(staff, office)
    one = browser(app)
    one.get_url(old, _expected=404)
    one.get_url(new)
    clock.forward(hours=23, minutes=59)
    page = one.get_url(new)
    clock.forward(minutes=1)
    one.get_url(new, _expected=404)
    one.submit(page, {"password": NEW, "again": NEW}, _expected=404)
    assert steps.count(Password) == 0


@pytest.mark.parametrize(
    ("password", "again", "says", "field"),
    [
        ("", "", "Isi kata sandi baru.", "password"),
        (NEW, "", "Belum sama", "again"),
        (NEW, NEW + "x", "Belum sama", "again"),
        ("kurang", "kurang", "Kata sandi paling pendek 8 tanda, yang Anda isi 6.", "password"),
        ("password123", "password123", "Kata sandi ini terlalu mudah ditebak.", "password"),
        ("dewipetugas", "dewipetugas", "Kata sandi ini memuat nama", "password"),
        ("x" * 300, "x" * 300, "Kata sandi paling panjang 256", "password"),
    ],
    ids=["nothing", "once", "not alike", "short", "common", "own name", "long"],
)
def test_a_weak_password_is_told_at_its_field_and_the_link_lives_on(
    app, staff, office: Office, password: str, again: str, says: str, field: str
) -> None:
    path = invitation(staff, office)
    one = browser(app)
    refused = one.submit(one.get_url(path), {"password": password, "again": again}, _expected=422)
    assert refused.complaints[0].startswith(says)
    assert refused.html.select_one(f"#{field}")["aria-invalid"] == "true"
    assert not [tag for tag in refused.html.select("input[type=password]") if tag.get("value")]
    assert steps.count(Password) == 0
    one.submit(refused, {"password": NEW, "again": NEW})


def test_a_reset_ends_every_session_and_keeps_the_second_step(app, staff, office: Office) -> None:
    give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    there = enter(app, office["supervisor"], app_secret=secret)
    path = invitation(staff, office, "supervisor")
    there.get("booking.desk_today")
    try_in(browser(app), email_of(office["supervisor"]))
    one = browser(app)
    answer = one.submit(one.get_url(path), {"password": NEW, "again": NEW})
    assert answer.location == "/second-step", "the second step is kept"
    one.get("booking.desk_today", _expected=303)
    there.get("booking.desk_today", _expected=303)
    try_in(browser(app), email_of(office["supervisor"]), PASSWORD, expected=422)


def test_a_half_signed_in_browser_is_thrown_out_by_a_reset(app, staff, office: Office, clock) -> None:
    """Whoever knows the old password and waits at the second step gets no further."""
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    clock.forward(minutes=5)
    thief = browser(app)
    page = thief.follow(try_in(thief, login))
    path = invitation(staff, office, "supervisor")
    one = browser(app)
    one.submit(one.get_url(path), {"password": NEW, "again": NEW})
    thief.submit(page, {"code": code(secret)}, _expected=422)


def test_a_supervisor_helps_officers_only(app, staff, office: Office) -> None:
    boss = staff("supervisor")
    listed = boss.get("people.help_list")
    assert STAFF["officer"] in listed.words
    assert STAFF["admin"] not in listed.words
    path = invitation(staff, office, "officer", by="supervisor")
    assert browser(app).get_url(path).h1 == "Pilih kata sandi"
    for role in ("admin", "head", "supervisor", "tu", "auditor"):
        give_email(office[role])
        boss.get("people.staff_invite", person_id=office[role], _expected=404)
        boss.post("people.staff_invited", person_id=office[role], _expected=404)
    assert steps.count(SignInLink, purpose="password") == 1
    found = boss.get("people.help_list", text="zzz")
    assert "Tidak ada orang yang cocok" in found.words


def test_whoever_has_no_name_to_sign_in_with_is_not_invited(staff, office: Office) -> None:
    boss = staff("admin")
    refused = boss.submit(boss.get("people.staff_invite", person_id=office["officer"]), _expected=422)
    assert refused.complaints[0].startswith("Isi e-mail atau NIP orang ini dulu.")


def test_a_letter_may_be_told_in_the_same_transaction(app, staff, office: Office) -> None:
    told = []
    app.extensions["fieldops.tell_invited"] = lambda session, made_link: told.append((session.in_transaction(), made_link))
    try:
        path = invitation(staff, office)
    finally:
        app.extensions["fieldops.tell_invited"] = None
    ((inside, made_link),) = told
    assert inside
    assert path.endswith(made_link.token)
    assert (made_link.email, made_link.first) == (email_of(office["officer"]), True)


# -- changing the password


def test_another_password_ends_all_other_sessions_and_renews_this_one(app, office: Office) -> None:
    give_password(office["officer"])
    one, other = enter(app, office["officer"]), enter(app, office["officer"])
    before = one.browser.get_cookie("fo", domain="localhost").value
    page = one.get("people.password_edit")
    assert "proof" not in page.form().values, "he signed in a moment ago"
    assert one.submit(page, {"password": NEW, "again": NEW}).location == "/account"
    assert one.browser.get_cookie("fo", domain="localhost").value != before
    one.get("booking.desk_today")
    other.get("booking.desk_today", _expected=303)
    thief = Client(app, STAFF_HOST)
    thief.browser.set_cookie("fo", before, domain="localhost")
    thief.get("booking.desk_today", _expected=303)
    try_in(browser(app), email_of(office["officer"]), PASSWORD, expected=422)
    try_in(browser(app), email_of(office["officer"]), NEW)


def test_after_ten_minutes_the_old_password_is_asked_for(app, office: Office, clock) -> None:
    give_password(office["officer"])
    one = enter(app, office["officer"])
    fresh = one.get("people.password_edit")
    clock.forward(minutes=10)
    late = one.submit(fresh, {"password": NEW, "again": NEW}, _expected=422)
    assert late.complaints[0].startswith("Sudah lebih dari 10 menit")
    page = one.get("people.password_edit")
    typed = {"password": NEW, "again": NEW}
    wrong = one.submit(page, {**typed, "proof": "salah salah"}, _expected=422)
    assert wrong.complaints[0].startswith("Kata sandi atau kode belum cocok.")
    one.submit(page, {**typed, "proof": PASSWORD})
    try_in(browser(app), email_of(office["officer"]), NEW)


def test_guessing_the_proof_is_slowed_down(app, office: Office, clock) -> None:
    give_password(office["officer"])
    one = enter(app, office["officer"])
    clock.forward(minutes=11)
    page = one.get("people.password_edit")
    for _ in range(5):
        one.submit(page, {"password": NEW, "again": NEW, "proof": "salah"}, _expected=422)
    slowed = one.submit(page, {"password": NEW, "again": NEW, "proof": PASSWORD}, _expected=429)
    assert "Tunggu 15 detik" in slowed.complaints[0]
    clock.forward(seconds=15)
    one.submit(page, {"password": NEW, "again": NEW, "proof": PASSWORD})


def test_a_code_is_a_proof_too_and_works_once(app, office: Office, clock) -> None:
    give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    one = enter(app, office["supervisor"], app_secret=secret)
    clock.forward(minutes=11)
    shown = code(secret)
    one.submit(one.get("people.codes_new"), {"proof": shown}, _expected=200)
    clock.forward(minutes=9)
    one.submit(one.get("people.codes_new"), _expected=200)
    clock.forward(minutes=2)
    one.submit(one.get("people.codes_new"), {"proof": shown}, _expected=422)


def test_whoever_came_by_a_link_can_set_a_password_at_once_but_not_later(staff, office: Office, clock) -> None:
    give_email(office["supervisor"])
    one = staff("supervisor")
    page = one.get("people.password_edit")
    clock.forward(minutes=10)
    late = one.submit(page, {"password": NEW, "again": NEW}, _expected=422)
    assert "masuk lagi dengan tautan yang baru" in late.complaints[0]
    assert steps.count(Password) == 0


def test_with_a_password_a_supervisor_is_led_to_the_second_step(staff, office: Office) -> None:
    give_email(office["supervisor"])
    one = staff("supervisor")
    one.submit(one.get("people.password_edit"), {"password": NEW, "again": NEW})
    assert one.get("booking.desk_today", _expected=303).location == "/account/second-step"


# -- second step


def secret_on(page) -> str:
    return page.html.select_one("ol .mono").get_text().replace(" ", "")


def test_setting_up_the_second_step(app, office: Office) -> None:
    login = give_password(office["officer"])
    one, other = enter(app, office["officer"]), enter(app, office["officer"])
    before = steps.dump()
    page = one.get("people.factor_new")
    assert steps.dump() == before, "looking changes nothing"
    assert page.html.select_one("main .qr svg title").get_text() == "Kode QR untuk aplikasi autentikator"
    secret = secret_on(page)
    refused = one.submit(page, {"code": "000000"}, _expected=422)
    assert secret_on(refused) == secret, "the same code stays on the page"
    assert steps.count(Totp) == 0
    done = one.submit(refused, {"code": code(secret)}, _expected=200)
    shown = [tag.get_text() for tag in done.html.select(".codes li")]
    assert len(set(shown)) == 10
    other.get("booking.desk_today", _expected=303)
    one.get("booking.desk_today")
    again = browser(app)
    again.submit(again.follow(try_in(again, login)), {"code": shown[3]})
    written = str(steps.dump())
    assert secret not in written
    assert one.submit(page, {"code": code(secret)}, _expected=(200, 422)).status in {200, 422}


def test_a_secret_of_somebody_else_or_of_yesterday_is_not_taken(app, office: Office, clock) -> None:
    give_password(office["officer"])
    give_password(office.other_officer)
    one, other = enter(app, office["officer"]), enter(app, office.other_officer)
    foreign = one.get("people.factor_new")
    for sealed in (foreign.value("sealed"), "", "x", "AAAA" * 30, "é"):
        refused = other.post("people.factor_set", {"sealed": sealed, "code": code(secret_on(foreign))}, _expected=422)
        assert refused.complaints == ["Kode QR ini sudah terlalu lama. Pindai kode yang baru."]
        assert secret_on(refused) != secret_on(foreign)
    clock.forward(minutes=31)
    one.submit(foreign, {"code": code(secret_on(foreign)), "proof": PASSWORD}, _expected=422)
    assert steps.count(Totp) == 0


def test_replacing_the_app_needs_a_proof_and_kills_the_old_one(app, office: Office, clock) -> None:
    login = give_password(office["supervisor"])
    old, codes = give_app(office["supervisor"])
    one = enter(app, office["supervisor"], app_secret=old)
    clock.forward(minutes=11)
    page = one.get("people.factor_new")
    new = secret_on(page)
    one.submit(page, {"code": code(new)}, _expected=422)
    one.submit(page, {"code": code(new), "proof": PASSWORD}, _expected=200)
    again = browser(app)
    second = again.follow(try_in(again, login))
    again.submit(second, {"code": code(old, later=1)}, _expected=422)
    again.submit(second, {"code": codes[0]}, _expected=422)
    again.submit(second, {"code": code(new, later=1)})


def test_new_recovery_codes_kill_the_old_ones(app, office: Office) -> None:
    login = give_password(office["supervisor"])
    secret, old = give_app(office["supervisor"])
    one = enter(app, office["supervisor"], app_secret=secret)
    shown = one.submit(one.get("people.codes_new"), _expected=200)
    new = [tag.get_text() for tag in shown.html.select(".codes li")]
    assert not set(new) & set(old)
    again = browser(app)
    page = again.follow(try_in(again, login))
    again.submit(page, {"code": old[0]}, _expected=422)
    again.submit(page, {"code": new[0]})
    assert "Sisa 9 dari 10" in again.get("people.account_show").words
    assert steps.count(RecoveryCode) == 10


def test_only_whoever_may_go_without_can_remove_it(app, office: Office) -> None:
    for role in ("officer", "supervisor"):
        give_password(office[role])
        secret, _ = give_app(office[role])
        one = enter(app, office[role], app_secret=secret)
        if role == "supervisor":
            assert one.get("people.factor_remove", _expected=303).location == "/account/second-step"
            one.post("people.factor_removed")
            assert steps.count(Totp, person_id=office[role]) == 1
            continue
        one.submit(one.get("people.factor_remove"))
        assert steps.count(Totp) == 0
        assert steps.count(RecoveryCode) == 0
        try_in(browser(app), email_of(office[role]))


# -- devices


def test_devices_are_listed_in_words_and_can_be_ended(app, office: Office, clock) -> None:
    login = give_password(office["officer"])
    one = browser(app)
    try_in(one, login)
    clock.forward(minutes=7)
    phone = browser(app)
    try_in(phone, login, _headers={"User-Agent": PHONE})
    page = one.get("people.account_show")
    assert "Chrome di Android" in page.words
    assert "Perangkat ini" in page.words
    assert "Rabu, 25 November 2026, pukul 10.07 WITA" in page.words
    assert PHONE not in str(steps.dump()), "what the browser sent is not kept"
    one.submit(page, action="/end")
    phone.get("booking.desk_today", _expected=303)
    one.get("booking.desk_today")
    assert "Chrome di Android" not in one.get("people.account_show").words


def test_all_others_are_ended_at_once(app, office: Office) -> None:
    give_password(office["officer"])
    browsers = [enter(app, office["officer"]) for _ in range(4)]
    browsers[0].submit(browsers[0].get("people.account_show"), action="/end-others")
    browsers[0].get("booking.desk_today")
    for one in browsers[1:]:
        one.get("booking.desk_today", _expected=303)


def test_ending_this_session_is_signing_out(app, office: Office) -> None:
    give_password(office["officer"])
    one = enter(app, office["officer"])
    with kit_db.reading() as session:
        mine = session.scalar(select(StaffSession.id))
    out = one.post("people.session_end", session_id=mine)
    assert out.location == "/sign-in"
    assert out.headers["Clear-Site-Data"]
    one.get("booking.desk_today", _expected=303)


def test_nobody_ends_somebody_else_s_session(app, staff, office: Office) -> None:
    give_password(office["officer"])
    victim = enter(app, office["officer"])
    with kit_db.reading() as session:
        theirs = session.scalar(select(StaffSession.id).where(StaffSession.person_id == office["officer"]))
    staff("supervisor").post("people.session_end", session_id=theirs)
    victim.get("booking.desk_today")
    boss = staff("admin")
    boss.post("people.staff_session_end", person_id=office["tu"], session_id=theirs)
    victim.get("booking.desk_today")


def test_sessions_that_are_over_are_not_listed(app, office: Office, clock) -> None:
    give_password(office["officer"])
    enter(app, office["officer"])
    clock.forward(hours=13)
    one = enter(app, office["officer"])
    assert len(one.get("people.account_show").html.select("main form")) == 0


def test_the_account_page_shows_oneself_only(app, staff, office: Office) -> None:
    page = staff("officer").get("people.account_show")
    assert STAFF["officer"] in page.words
    assert "Belum ada. Anda masuk dengan tautan sekali pakai." in page.words
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert ways.PASSWORD not in page.text
