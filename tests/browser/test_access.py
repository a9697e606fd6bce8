"""For people who use no mouse, see little, or have set their phone to large letters."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import cast
from tests.browser.conftest import plans

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("one_process")]


def press_to(one, wanted, *, limit=60):
    """Tab on until the wanted element has the focus; at every stop the focus must be seen."""
    for _ in range(limit):
        one.page.keyboard.press("Tab")
        at = one.focus()
        assert at is not None, f"the focus is nowhere on {one.path}"
        see(one, at)
        if wanted(at):
            return at
    raise AssertionError(f"not reached with {limit} times Tab on {one.path}")


def see(one, at):
    assert at["ring"], f"no ring around {at} on {one.path}"
    assert not at["outside"], f"outside of the window: {at} on {one.path}"
    assert not at["hidden"], f"hidden behind {at['over']}: {at} on {one.path}"


def is_button(text):
    return lambda at: at["tag"] == "button" and at["text"].startswith(text)


def enter(one):
    with one.page.expect_navigation():
        one.page.keyboard.press("Enter")


@pytest.mark.parametrize("size", [(360, 740), (1280, 800), (320, 256)], ids=["phone", "desktop", "zoom-400"])
def test_the_whole_path_with_the_keyboard(office, walk, size):
    day = office.a_day(6, 6)
    number = 820 + size[0] % 10 + size[1] % 7
    one = walk(width=size[0], height=size[1])
    one.go(f"/J/{day.page_code}")
    one.page.keyboard.press("Tab")
    assert one.focus()["text"] == "Langsung ke isi"
    see(one, one.focus())
    press_to(one, lambda at: at["name"] == "session")
    one.page.keyboard.press("ArrowDown")
    see(one, one.focus())
    one.page.keyboard.press("ArrowUp")
    one.page.keyboard.press("Space")
    assert one.find("input[name=session]").first.is_checked()
    press_to(one, is_button("Lanjut"))
    enter(one)
    for name, text in (("name_1", "Papan Ketik"), ("nik_1", cast.nik(number)), ("phone", cast.phone(number))):
        press_to(one, lambda at, name=name: at["name"] == name)
        one.page.keyboard.type(text)
    one.page.keyboard.press("Enter")  # Enter in the last field sends
    one.arrive("Periksa dulu, lalu kirim")
    press_to(one, is_button("Kirim pendaftaran"))
    enter(one)
    one.arrive("Anda sudah terdaftar")
    press_to(one, lambda at: at["text"] == "Batalkan")
    enter(one)
    press_to(one, is_button("Ya, batalkan jadwal"))
    with one.page.expect_navigation():
        one.page.keyboard.press("Space")
    one.arrive("Jadwal dibatalkan")


def test_an_error_with_the_keyboard(office, walk):
    day = office.a_day(6)
    one = walk()
    one.go(f"/J/{day.page_code}/data?session={day.sessions[0]}&people=1")
    press_to(one, is_button("Lanjut"))
    enter(one)
    expect(one.find("[data-errors]")).to_be_focused()
    see(one, one.focus())
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")
    assert one.focus()["name"] == "name_1"
    see(one, one.focus())


@pytest.mark.parametrize("size", [(360, 740), (320, 640), (1280, 800)], ids=["phone", "small", "desktop"])
def test_staff_pages_with_the_keyboard(office, signed_in, desk_day, size):
    """Every stop of every page: the focus is seen, never under the bar or the ways at the bottom."""
    one = signed_in("supervisor", width=size[0], height=size[1])
    who = office.a_ticket(desk_day).people[0]
    for path in (
        "/today",
        "/scan",
        "/walk-in",
        f"/people/{who}",
        "/weekend/days",
        "/achievement/2026",
        "/absences/new",
    ):
        one.go(path)
        seen = []
        for _ in range(45):
            one.page.keyboard.press("Tab")
            at = one.focus()
            if at is None:
                break
            see(one, at)
            seen.append(at["text"] or at["name"])
        assert len(seen) > 5, (path, seen)
    one.go(f"/people/{who}")
    press_to(one, is_button("Tandai: hadir"))
    enter(one)
    one.arrive("Hadir")


@pytest.fixture(scope="session")
def desk_day(office):
    """BONTANG ON SEVEN this afternoon."""
    from fieldops.weekend.rules import Programme

    return office.today(Programme.ON_SEVEN, plans(40, 5, first_hour=13))


# What WCAG 1.4.12 lets people set, and letters of twice the size. A style sheet made by script passes the policy.
SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }
"""
LARGE = "html { font-size: 200% !important }"
WEAR = "(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet]; }"


def looks(one, name, *, wearing=(SPACING,)):
    """The page as it is, and with other letters: nothing is cut off, nothing has to be pushed sideways."""
    for n, css in enumerate(("", *wearing)):
        one.page.evaluate(WEAR, css)
        problems = [line for line in one.layout() if not re.match(r"only \d+ px", line)]
        one.picture(f"{name}-{n}")
        assert not problems, f"{name} at {one.page.viewport_size} with {css!r}: {problems}"


SIZES = {"small": (320, 640, SPACING), "zoom-400": (320, 256, SPACING), "large-letters": (360, 740, LARGE)}


@pytest.mark.parametrize("size", SIZES)
def test_public_pages_reflow(office, walk, size):
    day = office.a_day(1, 6, 3)
    office.a_ticket(day)
    held = office.a_ticket(day, 2, which=1, confirmed=False)
    booked = office.a_ticket(day, [cast.stranger(name=cast.LONG.name)], which=1)
    width, height, css = SIZES[size]
    one = walk(width=width, height=height)
    one.expected.append("status of 404")
    data = f"/J/{day.page_code}/data?session={day.sessions[1]}&people=2"
    for name, path in {
        "home": "/",
        "sessions": f"/J/{day.page_code}",
        "sessions-error": f"/J/{day.page_code}/data",
        "data": data,
        "check": f"/D/{held.token}",
        "edit": f"/D/{held.token}/ubah",
        "ticket": f"/T/{booked.token}",
        "move": f"/T/{booked.token}/pindah",
        "cancel": f"/T/{booked.token}/batal",
        "find": "/tiket",
        "help": "/bantuan",
        "missing": "/J/XXXXX",
    }.items():
        one.go(path)
        looks(one, f"{size}-{name}", wearing=(css,))
    one.go(data)
    one.send(one.button("Lanjut"))
    looks(one, f"{size}-data-error", wearing=(css,))


@pytest.mark.parametrize("size", SIZES)
def test_staff_pages_reflow(office, signed_in, desk_day, size):
    booked = office.a_ticket(desk_day, [cast.stranger(name=cast.LONG.name)])
    width, height, css = SIZES[size]
    one = signed_in("supervisor", width=width, height=height)
    for name, path in {
        "today": "/today",
        "scan": "/scan",
        "walk-in": "/walk-in",
        "person": f"/people/{booked.people[0]}",
        "weekend": "/weekend/days",
        "weekend-new": "/weekend/days/new?programme=persari&day=2027-03-06",
        "weekend-day": f"/weekend/days/{desk_day.id}",
        "poster": f"/weekend/days/{desk_day.id}/poster",
        "achievement": "/achievement/2026",
        "rows": "/achievement/2026/baa-001",
        "in-process": "/in-process/2026",
        "leave": "/absences",
        "leave-new": "/absences/new",
        "leave-inbox": "/absences/inbox",
        "leave-import": "/absences/import",
        "compensation": "/compensation/all",
    }.items():
        one.go(path)
        looks(one, f"{size}-{name}", wearing=(css,))
    one.go("/scan")
    one.find("#code").fill(booked.code)
    one.send(one.button("Periksa"))
    looks(one, f"{size}-result", wearing=(css,))
