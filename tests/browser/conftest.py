"""Chromium in front of a real `fieldops serve` on a Saturday morning, 28 November 2026, 07.00 WITA."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright
from sqlalchemy import select

from fieldops.core.people.models import Person
from fieldops.core.people.rules import Role
from fieldops.kit import clock, keys
from fieldops.kit import db as kit_db
from fieldops.weekend.rules import Programme, Release, SessionPlan
from tests.browser.walk import Walk
from tests.make import Booked, Day, made, make_booking, make_day, make_link
from tests.server import Server, shift_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

    from playwright.sync_api import Browser

SATURDAY = date(2026, 11, 28)
SECRET = b"a secret for the browser tests alone, long enough for the settings."
MORNING = datetime.combine(SATURDAY, time(7), clock.ZONE)
LONG_OPEN = Release(opens_days_before=400, opens_at=time(8), closes_hours_before=0, rolls_hours_before=0)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip


def plans(*public: int, first_hour: int = 8, priority: int = 1, walk_in: int = 3) -> list[SessionPlan]:
    """Sessions of an hour each, from 8.00 on."""
    return [
        SessionPlan(time(first_hour + n), time(first_hour + n + 1), seats, priority, walk_in)
        for n, seats in enumerate(public)
    ]


@dataclass
class Office:
    """The office behind the server: makes what a test needs, in the same database, on the server's clock."""

    server: Server
    people: dict[Role, UUID] = field(default_factory=dict)
    _weekend: int = 0

    @contextmanager
    def database(self) -> Iterator[None]:
        kit_db.connect(self.server.database_url, pool=2)
        try:
            with clock.frozen(self.server.now()):
                yield
        finally:
            kit_db.database().dispose()
            kit_db._database = None

    def make(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        with self.database():
            return made(function, *arguments, **options)

    def read(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        with self.database(), kit_db.reading() as session:
            return function(session, *arguments, **options)

    def today(self, programme: Programme = Programme.PERSARI, sessions: list[SessionPlan] | None = None) -> Day:
        return self.make(make_day, self.people[Role.SUPERVISOR], programme, SATURDAY, plans=sessions or plans(40, 40),
                         release=LONG_OPEN, override_reason="Tetap buka")  # fmt: skip

    def a_day(
        self, *public: int, programme: Programme = Programme.PERSARI, weekend: int | None = None, **options: Any
    ) -> Day:
        """A published day of a weekend that no other test uses."""
        if weekend is None:
            self._weekend += 1
        saturday = SATURDAY + timedelta(weeks=self._weekend if weekend is None else weekend)
        options = {
            "release": LONG_OPEN,
            "override_reason": "Tetap buka",
            "plans": plans(*(public or (6, 6))),
            **options,
        }
        return self.make(make_day, self.people[Role.SUPERVISOR], programme, options.pop("day", saturday), **options)

    def a_ticket(self, day: Day, people: Any = 1, which: int = 0, **options: Any) -> Booked:
        return self.make(make_booking, day.page_code, day.sessions[which], people, **options)

    def link(self, role: Role | str) -> str:
        """The path of a fresh sign-in link. All tests come from one address, so the tries of the others are
        forgotten: how often somebody may try is told in tests/web."""
        with closing(sqlite3.connect(self.server.folder / "var" / "throttle.db", timeout=10)) as counts:
            if counts.execute("select 1 from sqlite_master where name = 'hit'").fetchone():
                counts.execute("delete from hit")
                counts.commit()
        return f"/sign-in/{self.make(make_link, self.people[Role(role)])}"


@pytest.fixture(scope="session")
def office(databases: Any, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One server and one office for all tests of this process."""
    folder = tmp_path_factory.mktemp("office")
    with databases.fresh("sqlite", "office") as address:
        server = Server(address, folder / "server", secret=SECRET, files=files, shift=shift_to(MORNING), workers=1,
                        threads=6, slot_memory_seconds="0")  # fmt: skip
        before = keys._secret
        keys.use(SECRET)
        try:
            server.start()
            made_office = Office(server)
            rows = made_office.read(lambda session: session.execute(select(Person.role, Person.id)).all())
            made_office.people = {Role(role): person for role, person in reversed(rows)}
            yield made_office
        finally:
            keys.use(before)
            server.stop()
        assert not server.complaints(), server.complaints()[:5]


@pytest.fixture(autouse=True)
def _office_keys(office: Office) -> None:
    """Other tests of this process may have taken another secret meanwhile."""
    keys.use(SECRET)


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera of this browser sees: a run of JPEG pictures. Grey until a test holds something before it."""
    file = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    with file.open("wb") as out:
        Image.new("RGB", (640, 480), (170, 170, 170)).save(out, "JPEG")
    return file


@pytest.fixture(scope="session")
def chromium(camera: Path) -> Iterator[Browser]:
    arguments = [
        *ARGUMENTS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        yield browser
        browser.close()


def open_walk(
    chromium: Browser,
    base: str,
    *,
    width: int = 360,
    height: int = 740,
    scripts: bool = True,
    label: str = "",
    **options: Any,
) -> Walk:
    """A new browser profile on a phone (or, from 700 px on, a desktop) in Bontang."""
    phone = {"is_mobile": True, "has_touch": True} if width < 700 else {}
    context = chromium.new_context(
        locale="id-ID",
        timezone_id="Asia/Makassar",
        viewport={"width": width, "height": height},
        java_script_enabled=scripts,
        **{**phone, **options},
    )
    return Walk(context, base, label=label, scripts=scripts, touch=bool(phone))


@pytest.fixture
def walk(chromium: Browser, office: Office) -> Iterator[Callable[..., Walk]]:
    """A function that opens a new browser profile: on the staff host, with a width, without scripts.

    Afterwards it must have been quiet.
    """
    walks: list[Walk] = []

    def start(
        *, staff: bool = False, width: int = 360, height: int = 740, scripts: bool = True, **options: Any
    ) -> Walk:
        base = office.server.staff if staff else office.server.public
        options |= {"permissions": ["camera"] if staff else []}
        label = f"{'staff' if staff else 'public'}-{width}"
        walks.append(open_walk(chromium, base, width=width, height=height, scripts=scripts, label=label, **options))
        return walks[-1]

    yield start
    for one in walks:
        one.close()
    for one in walks:
        one.quiet("afterwards")


@pytest.fixture
def signed_in(walk: Callable[..., Walk], office: Office) -> Callable[..., Walk]:
    """A function that opens a browser in which somebody of a role is signed in: past the page of the link, which
    `test_desk.py` walks through."""

    def start(role: Role | str, **options: Any) -> Walk:
        one = walk(staff=True, **options)
        headers = {"Sec-Fetch-Site": "same-origin"}
        entered = one.context.request.post(one.base + office.link(role), headers=headers, max_redirects=0)
        one.go(entered.headers["location"]).arrive("Hari ini")
        return one

    return start
