"""Getting in and looking after people, on a phone and on a desktop, with and without scripts."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect
from sqlalchemy import update

from fieldops.core.people.models import Person
from fieldops.core.people.rules import Role
from tests.browser.test_access import LARGE, SPACING, looks, press_to, see
from tests.ways import PASSWORD, code, email_of, give_app, give_password

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("heavy")]

SIZES = pytest.mark.parametrize("size", [(360, 740), (1280, 800)], ids=["phone", "desktop"])


def with_password(office, role: str, *, app: bool = False) -> tuple[str, str]:
    """Somebody of a role with a password; his e-mail and the secret of his app."""
    with office.database():
        login = give_password(office.people[Role(role)])
        return login, give_app(office.people[Role(role)])[0] if app else ""


def without(office, role: str) -> None:
    """He is as before, for the next test."""
    from fieldops.core.audit.rules import SYSTEM
    from fieldops.core.credentials import service as credentials
    from fieldops.kit import clock

    office.make(credentials.drop_second_step, office.people[Role(role)], actor=SYSTEM, reason="test", now=clock.now())


def enter_button(one):
    """The one beside the password, not the one for passkeys."""
    return one.page.get_by_role("button", name="Masuk", exact=True)


def now_code(office, secret: str, *, later: int = 0) -> str:
    with office.database():
        return code(secret, later=later)


@SIZES
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_the_password_to_the_second_step(office, walk, size, scripts):
    login, _ = with_password(office, "head")
    one = walk(staff=True, width=size[0], height=size[1], scripts=scripts)
    one.expected.append("Clear-Site-Data header")  # Chromium says what signing out has cleared
    one.go("/sign-in")
    one.check("sign-in")
    one.type(one.find("#login"), login)
    one.type(one.find("#password"), "salah salah salah")
    one.send(enter_button(one))
    one.check("sign-in-wrong")
    if scripts:
        expect(one.find("[data-errors]")).to_be_focused()
    assert one.find("#login").input_value() == login
    assert one.find("#password").input_value() == ""
    one.type(one.find("#password"), PASSWORD)
    one.send(enter_button(one))
    one.arrive("Pasang langkah kedua")
    one.check("second-step-new")
    secret = one.find("ol .mono").inner_text().replace(" ", "")
    one.type(one.find("#code"), "000000")
    one.send(one.button("Pasang"))
    one.check("second-step-wrong")
    one.type(one.find("#code"), now_code(office, secret))
    one.send(one.button("Pasang"))
    one.arrive("Simpan kode cadangan")
    one.check("recovery-codes")
    one.send(one.link("Sudah saya simpan"))
    one.arrive("Hari ini")
    one.go("/account")
    one.check("account")
    one.find(".drop summary").click()
    one.send(one.button("Keluar"))
    one.arrive("Masuk")
    one.type(one.find("#login"), login)
    one.type(one.find("#password"), PASSWORD)
    one.send(enter_button(one))
    one.arrive("Langkah kedua")
    one.check("second-step")
    one.type(one.find("#code"), now_code(office, secret, later=1))
    one.send(enter_button(one))
    one.arrive("Hari ini")
    without(office, "head")


@SIZES
def test_an_invitation_is_handed_over_and_used(office, signed_in, walk, size):
    boss = signed_in("admin", width=size[0], height=size[1])
    who = office.people[Role.AUDITOR]
    office.make(lambda session: session.execute(update(Person).where(Person.id == who).values(email=email_of(who))))
    boss.go(f"/people/staff/{who}")
    boss.check("person")
    boss.send(boss.find("main a", has_text=re.compile("Undang|Reset")))
    boss.check("invite")
    boss.send(boss.button("Buat tautan"))
    boss.arrive("Tautan untuk Ayu Auditor")
    boss.check("invited")
    address = boss.find("main b.mono").inner_text()
    new = walk(staff=True, width=size[0], height=size[1])
    new.go(address)
    new.check("choose-password")
    new.type(new.find("#password"), "imigrasi2026")
    new.type(new.find("#again"), "imigrasi2026")
    new.send(new.button("Pakai kata sandi ini"))
    new.check("choose-password-weak")
    new.type(new.find("#password"), PASSWORD)
    new.type(new.find("#again"), PASSWORD)
    new.send(new.button("Pakai kata sandi ini"))
    new.arrive("Hari ini")
    new.expected.append("status of 404")
    new.go(address)
    new.check("link-dead")


def sheet() -> bytes:
    book, out = Workbook(), BytesIO()
    for row in (
        ["Nama", "NIP", "Pangkat", "Seksi", "Peran", "Email", "Catatan"],
        [
            "Bambang Nugroho, S.Kom.",
            "199001012020121001",
            "Penata Muda (III/a)",
            "Tikim",
            "Petugas",
            "bambang@k.example",
            "",
        ],
        ["Dewi Petugas", "", "Pengatur (II/c)", "Inteldakim", "", "", ""],
        ["Muhammad Rizky Al-Farizi Wibisono Kusumadewi bin Abdurrahman Wahid", "", "", "", "Petugas", "", "panjang"],
        ["Tanpa Peran", "12345", "", "", "", "", ""],
        ["=1+1", "", "", "", "Bos", "", ""],
        ["Rina Kasubsi", "", "", "", "", "", ""],
    ):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@SIZES
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_staff_list_from_excel(office, signed_in, size, scripts):
    boss = signed_in("admin", width=size[0], height=size[1], scripts=scripts)
    boss.go("/people")
    boss.check("people")
    boss.send(boss.link("Impor dari Excel"))
    boss.check("import")
    boss.send(boss.button("Lihat pratinjau"))
    boss.check("import-nothing-chosen")
    file = {"name": "daftar.xlsx", "mimeType": "application/octet-stream", "buffer": sheet()}
    boss.find("#file").set_input_files(file)
    boss.send(boss.button("Lihat pratinjau"))
    boss.arrive("Pratinjau impor")
    boss.check("import-preview")
    boss.send(boss.button("Jalankan untuk"))
    boss.arrive("Impor selesai")
    boss.check("import-done")
    boss.go("/people?text=bambang")
    boss.check("people-found")
    boss.go("/people/import")
    boss.check("imports")
    boss.page.go_back()
    boss.page.go_back()
    boss.send(boss.button("Batalkan impor"))
    boss.arrive("Impor dibatalkan")
    boss.check("import-undone")


@SIZES
def test_the_pages_of_a_person(office, signed_in, size):
    boss = signed_in("admin", width=size[0], height=size[1])
    who = office.people[Role.OFFICER]
    pages = {
        "staff-new": "/people/new",
        "staff-edit": f"/people/staff/{who}/edit",
        "staff-off": f"/people/staff/{who}/active",
        "staff-empty": "/people?text=zzz",
        "export": "/people/export",
        "password": "/account/password",
        "own-second-step": "/account/second-step",
        "own-codes": "/account/second-step/codes",
        "help": "/people/help",
    }
    for name, path in pages.items():
        boss.go(path)
        boss.check(name)
    boss.go("/people/new")
    boss.type(boss.find("#name"), "12345")
    boss.type(boss.find("#nip"), "1987")
    boss.type(boss.find("#email"), "bukan email")
    boss.send(boss.button("Simpan"))
    boss.check("staff-new-wrong")
    expect(boss.find("[data-errors]")).to_be_focused()
    with_password(office, "supervisor", app=True)
    boss.go(f"/people/staff/{office.people[Role.SUPERVISOR]}/second-step")
    boss.send(boss.button("Ya, lepas"))
    boss.check("second-step-drop")
    without(office, "supervisor")


@SIZES
def test_people_pages_with_the_keyboard(office, signed_in, size):
    boss = signed_in("admin", width=size[0], height=size[1])
    who = office.people[Role.OFFICER]
    for path in ("/people", f"/people/staff/{who}", f"/people/staff/{who}/edit", "/account", "/people/import"):
        boss.go(path)
        seen = 0
        for _ in range(50):
            boss.page.keyboard.press("Tab")
            at = boss.focus()
            if at is None:
                break
            see(boss, at)
            seen += 1
        assert seen > 8, path
    boss.go("/people/new")
    press_to(boss, lambda at: at["name"] == "name")


@pytest.mark.parametrize("size", [(320, 640, SPACING), (360, 740, LARGE)], ids=["small", "large-letters"])
def test_people_pages_reflow(office, signed_in, walk, size):
    width, height, css = size
    boss = signed_in("admin", width=width, height=height)
    who = office.people[Role.OFFICER]
    office.make(
        lambda session: session.execute(
            update(Person)
            .where(Person.id == who)
            .values(
                email=f"{'panjang.sekali.' * 6}@imigrasi-bontang.kalimantan.example",
                rank="Penata Muda Tingkat Satu (III/b)",
            )
        )
    )
    for name, path in {
        "people": "/people",
        "person": f"/people/staff/{who}",
        "edit": f"/people/staff/{who}/edit",
        "account": "/account",
        "second-step": "/account/second-step",
        "import": "/people/import",
    }.items():
        boss.go(path)
        looks(boss, f"{width}-{name}", wearing=(css,))
    one = walk(staff=True, width=width, height=height)
    one.go("/sign-in")
    looks(one, f"{width}-sign-in", wearing=(css,))


@SIZES
def test_a_passkey_is_made_and_used(office, signed_in, size):
    one = signed_in("officer", width=size[0], height=size[1])
    one.expected.append("Clear-Site-Data header")
    device = one.context.new_cdp_session(one.page)
    device.send("WebAuthn.enable")
    has = dict.fromkeys(
        ("hasResidentKey", "hasUserVerification", "isUserVerified", "automaticPresenceSimulation"), True
    )
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {"protocol": "ctap2", "transport": "internal", **has}})
    one.go("/account/passkeys/new")
    expect(one.find("[data-passkey-none]")).to_have_count(0)
    one.check("passkey-new")
    one.send(one.button("Buat kunci sandi"))
    one.arrive("Akun saya")
    one.check("account-with-passkey")
    one.go("/account/passkeys/new")
    one.tap(one.button("Buat kunci sandi"))
    expect(one.find("[data-passkey-says]")).to_have_text("Perangkat ini sudah punya kunci sandi untuk akun Anda.")
    # The phone at hand answers by itself as soon as the page with the name field is there.
    one.find(".drop summary").click()
    one.button("Keluar").click()
    one.arrive("Hari ini")
    one.go("/account")
    expect(one.find("main")).to_contain_text("dengan kunci sandi")


def test_without_scripts_a_passkey_is_not_offered(office, signed_in, walk):
    one = signed_in("officer", scripts=False)
    one.go("/account/passkeys/new")
    expect(one.find("[data-passkey-none]")).to_be_visible()
    expect(one.find("form[data-passkey]")).to_be_hidden()
    one.check("passkey-no-scripts")
