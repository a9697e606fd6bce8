"""The staff list and the pages of a person, by HTTP."""

from __future__ import annotations

import csv
import io
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from fieldops.core.audit.models import AuditEntry
from fieldops.core.credentials.models import Totp
from fieldops.core.people.models import Person, PersonCompetence, SignInLink, StaffSession
from fieldops.core.people.rules import GRANTS, Role
from fieldops.kit import db as kit_db
from tests.make import STAFF, Office, made
from tests.ways import PASSWORD, browser, code, email_of, enter, give_app, give_password, try_in
from tests.web import steps

NIP = "198703152010012004"
NEW = {
    "name": "Drs. Nur'aini <b>Kusuma</b>, S.H.",
    "nip": "",
    "rank": "Penata Muda (III/a)",
    "section": "Verdokim",
    "role": "officer",
    "email": "Nuraini@Kanim.example",
}
GOOD = {**NEW, "name": "Drs. Nur'aini Kusuma, S.H.", "nip": "19870315 201001 2 004", "can_interview": "1", "can_ppns": "1"}


def person(person_id) -> Person:
    with kit_db.reading() as session:
        return session.get(Person, person_id)


def audit(action: str) -> list[AuditEntry]:
    with kit_db.reading() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


@pytest.fixture
def boss(staff):
    return staff("admin")


def added(boss, **changes):
    answer = boss.submit(boss.get("people.staff_new"), {**GOOD, **changes})
    return boss.follow(answer), answer.location.rpartition("/")[2]


# -- looking


def test_everybody_is_listed_with_role_and_section(boss) -> None:
    page = boss.get("people.staff_list")
    for name in STAFF.values():
        assert name in page.words
    assert "Kepala Kantor" in page.words
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_the_list_can_be_narrowed(boss) -> None:
    added(boss)
    found = {
        "text": ["aini", "NUR'AINI", "nuraini@", "19870315", "201001 2"],
        "section": ["Verdokim"],
        "role": ["officer"],
        "competence": ["interview"],
        "active": ["yes", "all"],
    }
    for name, values in found.items():
        for value in values:
            page = boss.get("people.staff_list", **{name: value})
            assert "Drs. Nur'aini Kusuma" in page.words, (name, value)
    missed = {"text": ["zzz", "%", "_", "' or 1=1 --", "\\"], "role": ["head"], "competence": ["driver"], "active": ["no"]}
    for name, values in missed.items():
        for value in values:
            page = boss.get("people.staff_list", **{name: value})
            assert "Drs. Nur'aini Kusuma" not in page.words, (name, value)
            assert "Hapus saringan" in page.words
    assert boss.get("people.staff_list", text="' or 1=1 --").value("text") == "' or 1=1 --"


@steps.SQLITE
@pytest.mark.parametrize(
    "asked", [{"page": "0"}, {"page": "-1"}, {"page": "x"}, {"page": "999"}, {"role": "root"}, {"active": "x"}, {"text": "\x00"}]
)
def test_what_nobody_can_ask_for_shows_a_page_all_the_same(boss, asked) -> None:
    boss.get("people.staff_list", **asked)


@steps.SQLITE
def test_fifty_on_a_page(boss) -> None:
    def many(session) -> None:
        session.add_all([Person(name=f"Pegawai {n:03}", role="officer", is_active=True) for n in range(120)])

    made(many)
    first = boss.get("people.staff_list", text="Pegawai", role="officer")
    assert len(first.html.select(".row")) == 50
    assert "120 orang" in first.words
    assert "Halaman 1 dari 3" in first.words
    link = next(one for one in first.links() if "page=2" in one)
    second = boss.get_url(link)
    assert "Pegawai 050" in second.words
    assert second.value("role") == "officer"
    assert len(boss.get("people.staff_list", text="Pegawai", page=3).html.select(".row")) == 20


def test_a_reader_sees_the_person_and_no_button(staff, office: Office) -> None:
    page = staff("auditor").get("people.staff_show", person_id=office["officer"])
    assert page.h1 == STAFF["officer"]
    assert "Riwayat" not in page.words
    assert "Perangkat yang masuk" not in page.words
    assert [form.action for form in page.forms()] == ["/sign-out"]
    assert not [one for one in page.links() if "/edit" in one or "/invite" in one or "/active" in one]


@steps.SQLITE
@pytest.mark.parametrize("role", list(Role))
def test_the_menu_leads_where_the_role_may_go(staff, role: Role) -> None:
    links = set(staff(role).get("home.menu").links())
    assert ("/people" in links) == ("people.read" in GRANTS[role])
    assert ("/people/help" in links) == ("people.reset" in GRANTS[role])
    assert "/account" in links


def test_unknown_people_are_not_found(boss) -> None:
    for endpoint in ("staff_show", "staff_edit", "staff_active", "staff_invite", "factor_drop"):
        boss.get(f"people.{endpoint}", person_id=uuid4(), _expected=404)


# -- adding and changing


def test_a_new_person_is_kept_as_typed_and_cannot_get_in_yet(boss) -> None:
    page, person_id = added(boss)
    assert page.h1 == "Drs. Nur'aini Kusuma, S.H."
    for word in ("198703152010012004", "Penata Muda (III/a)", "nuraini@kanim.example", "Wawancara, PPNS"):
        assert word in page.words
    assert "Belum punya kata sandi" in page.words
    (entry,) = [one for one in audit("person.add") if one.object_id == person_id]
    assert entry.actor_kind == "staff"
    assert "Nur" not in str(entry.detail)
    assert "kanim" not in str(entry.detail)


WRONG = {
    "no name": ({"name": " "}, "name", "Isi nama lengkap."),
    "markup": ({"name": NEW["name"]}, "name", "Nama berisi huruf"),
    "formula": ({"name": "=1+1"}, "name", "Nama berisi huruf"),
    "hidden sign": ({"name": "Si\u200bti"}, "name", "Ada tanda yang tidak terlihat"),
    "short nip": ({"nip": "1987"}, "nip", "NIP terdiri atas 18 angka, yang diisi 4."),
    "nip of no day": ({"nip": "198702302010012004"}, "nip", "Delapan angka pertama"),
    "email": ({"email": "nuraini"}, "email", "E-mail ditulis seperti"),
    "email with a header": ({"email": "a@b.id\nBcc: x@y.id"}, "email", "E-mail ditulis seperti"),
    "long rank": ({"rank": "x" * 61}, "rank", "Paling panjang 60"),
    "role": ({"role": "root"}, "role", "Pilih peran dari daftar."),
}


@steps.SQLITE
@pytest.mark.parametrize(("changes", "field", "says"), WRONG.values(), ids=WRONG)
def test_wrong_facts_are_told_at_their_field_and_all_stays(boss, changes, field, says) -> None:
    typed = {**GOOD, **changes}
    before = steps.count(Person)
    refused = boss.submit(boss.get("people.staff_new"), typed, _expected=422)
    assert refused.complaints[0].startswith(says)
    assert says in refused.html.select_one(f"#{field}-error").get_text()
    kept = refused.form("/people").values
    for name, value in typed.items():
        if name != "role" or value in {role.value for role in Role}:
            assert kept[name] == value.replace("\n", "\n") or "\n" in value, name
    assert steps.count(Person) == before


def test_an_nip_or_email_belongs_to_one(boss) -> None:
    added(boss)
    for changes, field in (({"email": "x@kanim.example"}, "nip"), ({"nip": ""}, "email")):
        refused = boss.submit(boss.get("people.staff_new"), {**GOOD, **changes}, _expected=422)
        assert refused.html.select_one(f"#{field}")["aria-invalid"] == "true"
        assert "sudah dipakai pegawai lain" in refused.complaints[0]
    boss.submit(boss.get("people.staff_new"), {**GOOD, "nip": "", "email": ""})
    boss.submit(boss.get("people.staff_new"), {**GOOD, "nip": "", "email": ""})


def test_changes_are_kept_and_told(boss, office: Office) -> None:
    page = boss.get("people.staff_edit", person_id=office["officer"])
    done = boss.follow(boss.submit(page, {"section": "Inteldakim", "can_driver": "1", "nip": NIP}, action="/edit"))
    assert "Inteldakim" in done.words
    assert "Pengemudi" in done.words
    assert f"oleh {STAFF['admin']}" in done.words
    (entry,) = audit("person.change")
    assert entry.detail == {"fields": ["competences", "nip", "section"]}
    assert entry.actor_id == office["admin"]
    again = boss.get("people.staff_edit", person_id=office["officer"])
    assert again.form("/edit").values["can_driver"] == "1"
    boss.submit(again, action="/edit")
    assert len(audit("person.change")) == 1, "the same once more is no change"
    assert person(office["officer"]).revision == 2
    boss.submit(boss.get("people.staff_edit", person_id=office["officer"]), {"can_driver": ""}, action="/edit")
    assert steps.count(PersonCompetence) == 0


def test_a_stale_form_tells_who_was_faster_and_keeps_what_was_typed(app, boss, office: Office) -> None:
    second_admin = made(_second_admin)
    give_password(second_admin)
    secret, _ = give_app(second_admin)
    other = enter(app, second_admin, app_secret=secret)
    mine = boss.get("people.staff_edit", person_id=office["officer"])
    other.submit(other.get("people.staff_edit", person_id=office["officer"]), {"rank": "Pengatur (II/c)"}, action="/edit")
    refused = boss.submit(mine, {"section": "Tikim", "rank": "III/a"}, action="/edit", _expected=409)
    assert "diubah oleh Budi Admin" in refused.complaints[0]
    assert "WITA" in refused.complaints[0]
    assert refused.form("/edit").values["section"] == "Tikim"
    assert person(office["officer"]).section == "Verdokim"
    boss.submit(refused, action="/edit")
    assert (person(office["officer"]).section, person(office["officer"]).rank) == ("Tikim", "III/a")
    for revision in ("", "x", "0", "99", "1" * 30):
        page = boss.get("people.staff_edit", person_id=office["officer"])
        boss.submit(page, {"revision": revision, "section": "Z"}, action="/edit", _expected=409)


def _second_admin(session):
    from fieldops.core.people import service

    from fieldops.kit import clock

    return service.add_person(session, name="Budi Admin", role="admin", section="Tata Usaha", now=clock.now())


def test_another_role_ends_the_sessions_and_counts_at_once(app, boss, office: Office) -> None:
    give_password(office["officer"])
    one = enter(app, office["officer"])
    one.get("booking.desk_today")
    page = boss.get("people.staff_edit", person_id=office["officer"])
    boss.submit(page, {"role": "auditor"}, action="/edit")
    one.get("booking.desk_today", _expected=303)
    (entry,) = audit("person.change")
    assert entry.detail == {"fields": ["role"], "before": "officer", "after": "auditor"}
    assert enter(app, office["officer"]).get("weekend.day_list").h1 == "Akhir pekan"


def test_another_email_ends_the_sessions_and_links(app, boss, office: Office) -> None:
    login = give_password(office["officer"])
    one = enter(app, office["officer"])
    boss.submit(boss.get("people.staff_invite", person_id=office["officer"]), _expected=200)
    page = boss.get("people.staff_edit", person_id=office["officer"])
    boss.submit(page, {"email": "lain@kanim.example"}, action="/edit")
    one.get("booking.desk_today", _expected=303)
    assert steps.count(SignInLink, purpose="password", used_at=None) == 0
    try_in(browser(app), login, expected=422)
    try_in(browser(app), "lain@kanim.example")


def test_an_administrator_keeps_his_own_role_and_account(boss, office: Office) -> None:
    page = boss.get("people.staff_edit", person_id=office["admin"])
    refused = boss.submit(page, {"role": "officer"}, action="/edit", _expected=422)
    assert refused.complaints[0].startswith("Peran Anda sendiri hanya bisa diubah")
    asked = boss.get("people.staff_active", person_id=office["admin"])
    refused = boss.submit(asked, _expected=422)
    assert refused.complaints[0].startswith("Anda tidak bisa menonaktifkan diri sendiri.")
    assert (person(office["admin"]).role, person(office["admin"]).is_active) == ("admin", True)
    boss.submit(page, {"section": "Umum"}, action="/edit")
    boss.get("people.staff_list")


def test_after_ten_minutes_role_and_email_need_a_proof_and_the_rest_does_not(app, office: Office, clock) -> None:
    give_password(office["admin"])
    secret, _ = give_app(office["admin"])
    boss = enter(app, office["admin"], app_secret=secret)
    clock.forward(minutes=11)
    page = boss.get("people.staff_edit", person_id=office["officer"])
    refused = boss.submit(page, {"role": "tu", "section": "Umum"}, action="/edit", _expected=422)
    assert refused.html.select_one("#proof")["aria-invalid"] == "true"
    assert refused.form("/edit").values["section"] == "Umum"
    assert person(office["officer"]).role == "officer"
    boss.submit(page, {"section": "Umum"}, action="/edit")
    page = boss.get("people.staff_edit", person_id=office["officer"])
    boss.submit(page, {"email": "x@kanim.example", "proof": "salah"}, action="/edit", _expected=422)
    boss.submit(page, {"email": "x@kanim.example", "proof": code(secret)}, action="/edit")
    assert person(office["officer"]).email == "x@kanim.example"
    clock.forward(minutes=11)
    for endpoint in ("staff_active", "staff_invite"):
        asked = boss.get(f"people.{endpoint}", person_id=office["officer"])
        assert "proof" in asked.form().values
        boss.submit(asked, _expected=422)
    assert "proof" in boss.get("people.export_new").form().values
    boss.submit(boss.get("people.export_new"), _expected=422)
    boss.submit(boss.get("people.staff_new"), GOOD, _expected=422)
    assert audit("people.export") == []


# -- off and on


def test_switching_off_ends_everything_at_once_and_deletes_nothing(app, boss, office: Office) -> None:
    login = give_password(office["officer"])
    one = enter(app, office["officer"])
    boss.submit(boss.get("people.staff_invite", person_id=office["officer"]), _expected=200)
    asked = boss.get("people.staff_active", person_id=office["officer"])
    assert asked.h1 == f"Nonaktifkan {STAFF['officer']}?"
    shown = boss.follow(boss.submit(asked))
    assert "Nonaktif" in shown.words
    one.get("booking.desk_today", _expected=303)
    try_in(browser(app), login, expected=422)
    assert steps.count(StaffSession, person_id=office["officer"], ended_at=None) == 0
    assert steps.count(SignInLink, person_id=office["officer"], used_at=None) == 0
    assert STAFF["officer"] not in boss.get("people.staff_list").words
    assert STAFF["officer"] in boss.get("people.staff_list", active="no").words
    boss.submit(asked)
    assert len(audit("person.deactivate")) == 1, "twice is once"
    back = boss.get("people.staff_active", person_id=office["officer"])
    assert back.h1 == f"Aktifkan {STAFF['officer']}?"
    boss.submit(back)
    try_in(browser(app), login)
    assert one.get("booking.desk_today", _expected=303), "an old session never revives"


def test_the_post_says_which_way(boss, office: Office) -> None:
    boss.post("people.staff_switch", {"active": "maybe"}, person_id=office["officer"], _expected=422)
    boss.post("people.staff_switch", {}, person_id=uuid4(), _expected=404)
    assert person(office["officer"]).is_active


# -- a lost phone


def test_a_lost_second_step_is_taken_away_with_a_reason(app, boss, office: Office) -> None:
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    one = enter(app, office["supervisor"], app_secret=secret)
    page = boss.get("people.factor_drop", person_id=office["supervisor"])
    for typed in ({}, {"reason": "lost"}, {"seen": "1"}, {"reason": "because I say so", "seen": "1"}):
        refused = boss.submit(page, typed, _expected=422)
        assert refused.complaints
        assert steps.count(Totp) == 1
    boss.submit(page, {"reason": "lost", "seen": "1"})
    assert steps.count(Totp) == 0
    (entry,) = audit("second-step.drop")
    assert (entry.actor_id, entry.object_id, entry.detail) == (office["admin"], str(office["supervisor"]), {"reason": "lost"})
    one.get("booking.desk_today", _expected=303)
    again = browser(app)
    try_in(again, login, PASSWORD)
    assert again.get("booking.desk_today", _expected=303).location == "/account/second-step"


def test_nobody_takes_his_own_away_here(app, boss, office: Office) -> None:
    give_app(office["admin"])
    assert not boss.get("people.factor_drop", person_id=office["admin"]).html.select("main form")
    boss.post("people.factor_dropped", {"reason": "lost", "seen": "1"}, person_id=office["admin"], _expected=404)
    assert steps.count(Totp) == 1


# -- sessions and history


def test_an_administrator_sees_and_ends_somebody_s_sessions(app, boss, office: Office) -> None:
    give_password(office["officer"])
    browsers = [enter(app, office["officer"]) for _ in range(3)]
    page = boss.get("people.staff_show", person_id=office["officer"])
    ends = [form for form in page.forms() if form.action.endswith("/end")]
    assert len(ends) == 4
    boss.post_url(ends[0].action)
    alive = [one.get("booking.desk_today", _expected=(200, 303)).status for one in browsers]
    assert sorted(alive) == [200, 200, 303]
    boss.submit(boss.get("people.staff_show", person_id=office["officer"]), action="/sessions/end")
    for one in browsers:
        one.get("booking.desk_today", _expected=303)
    shown = boss.get("people.staff_show", person_id=office["officer"])
    assert "Tidak sedang masuk di perangkat mana pun." in shown.words
    assert "Semua sesi diakhiri" in shown.words
    assert f"oleh {STAFF['admin']}" in shown.words


def test_ending_one_s_own_here_keeps_this_one(boss, office: Office) -> None:
    boss.post("people.staff_sessions_end", person_id=office["admin"])
    boss.get("people.staff_list")


# -- export


def test_the_export_is_a_sheet_without_formulas_and_is_logged(boss, office: Office) -> None:
    def odd(session) -> None:
        session.add(Person(name="=cmd|' /C calc'!A0", role="officer", section="+62", rank="-1", is_active=True))
        session.add(Person(name="@Sum(1)", role="officer", is_active=True))
        session.execute(update(Person).where(Person.id == office["tu"]).values(is_active=False))

    made(odd)
    answer = boss.submit(boss.get("people.export_new"), _expected=200)
    assert answer.response.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pegawai-2026-11-25.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Nama", "NIP", "Pangkat", "Seksi", "Peran", "Email", "Kompetensi"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    names = [row[0] for row in rows]
    assert "'=cmd|' /C calc'!A0" in names
    assert STAFF["tu"] not in names
    (entry,) = audit("people.export")
    assert entry.detail == {"rows": len(rows) - 1}


@steps.SQLITE
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_changes_people(staff, office: Office, role: Role) -> None:
    one = staff(role)
    for endpoint in ("staff_edit", "staff_active", "factor_drop"):
        one.get(f"people.{endpoint}", person_id=office["officer"], _expected=403)
    for endpoint in ("staff_change", "staff_switch", "factor_dropped", "staff_sessions_end"):
        one.post(f"people.{endpoint}", {"role": "admin", "active": "no"}, person_id=office["officer"], _expected=403)
    one.get("people.export_new", _expected=403)
    one.post("people.staff_create", GOOD, _expected=403)


def test_unknown_fields_take_nothing(boss, office: Office) -> None:
    page = boss.get("people.staff_edit", person_id=office["officer"])
    extra = {"is_active": "", "id": str(office["admin"]), "person_id": str(office["admin"]), "password": "x"}
    boss.submit(page, {"section": "Umum", **extra}, action="/edit")
    assert person(office["officer"]).is_active
    assert email_of(office["admin"]) not in person(office["admin"]).email
    assert person(office["admin"]).section == "Verdokim"
