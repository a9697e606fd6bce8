"""Databases, the clock, the application and its visitors.

Every test that touches a database runs on SQLite and on PostgreSQL, each time on a copy like new of a database that
was built by the migrations once in this process. A test that asks for `office` gets a copy in which the plan and the
staff are already there. On SQLite the machine stands in UTC, on PostgreSQL in office time (`tests/zones.py`).
"""

from __future__ import annotations

import fcntl
import gc
import io
import os
import re
import sys
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from xdist.scheduler import LoadScopeScheduling

from fieldops import migrate
from fieldops.app import create_app
from fieldops.core.people.rules import Role
from fieldops.kit import assets, keys, logs, memory, throttle
from fieldops.kit import clock as office_clock
from fieldops.kit import db as kit_db
from fieldops.settings import ROOT, Settings
from tests import cast
from tests.client import PUBLIC_HOST, STAFF_HOST, Client
from tests.databases import FileTemplate, ServerTemplate
from tests.make import NOW, Office, made, make_link, make_office
from tests.zones import FAR, ZONES, standing_in
from tools.postgres import VARIABLE, throwaway

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from fieldops.kit.db import Database
    from tests.databases import Copy

SECRET = b"a secret for the tests alone, 64 signs are not needed for that."
KINDS = ("sqlite", "postgresql")
EVER = 10**10

_offices: dict[str, Office] = {}


@pytest.fixture(scope="session", autouse=True)
def _keys() -> None:
    keys.use(SECRET)


def pytest_collection_finish() -> None:
    """Pages as trees are full of circles. Looking for garbage among all that is loaded took an eighth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _far_away() -> Iterator[None]:
    with standing_in(FAR):
        yield


# -- who runs what ----------------------------------------------------------------------------------------------

HEAVY = ("tests/races/", "tests/browser/")


class HeavyTogether(LoadScopeScheduling):
    """Races and browser tests start programs of their own and keep a core or two busy, so all of them are one piece
    of work: the largest, given out first, done by one process in their order. Any other test goes to whoever is free.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "heavy" if nodeid.startswith(HEAVY) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> HeavyTogether:
    """For `-n 2`, whatever `--dist` says."""
    return HeavyTogether(config, log)


def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    mine = tmp_path_factory.getbasetemp()
    return mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine


@pytest.fixture(scope="session")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Fails where another process of this run has begun with the heavy tests."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return
    run = run_folder(tmp_path_factory)
    (run / f"heavy-{worker}").touch()
    assert len(list(run.glob("heavy-*"))) == 1, "the heavy tests are spread over the processes"


# -- the clock --------------------------------------------------------------------------------------------------


class Clock:
    """The office's clock in the hands of a test."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.set(NOW)

    def set(self, instant: datetime) -> datetime:
        """Make it `instant` (aware)."""
        self._stack.close()
        self._stack.enter_context(office_clock.frozen(instant))
        return office_clock.now()

    def at(self, text: str) -> datetime:
        """Make it this moment at the office, as `2026-11-28 08:01`."""
        return self.set(datetime.fromisoformat(text).replace(tzinfo=office_clock.ZONE))

    def forward(self, **spent: float) -> datetime:
        """Let time pass: minutes=10, hours=1, days=2, seconds=1."""
        return self.set(office_clock.now() + timedelta(**spent))

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Stands at Wednesday 2026-11-25, 10.00 WITA, until the test moves it."""
    with closing(Clock()) as made_clock:
        yield made_clock


# -- databases --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server for this test process (database `postgres`)."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given
        return
    with throwaway() as address:
        yield address


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Databases]:
    with closing(Databases(tmp_path_factory.mktemp("databases"), lambda: request.getfixturevalue("postgres"))) as made:
        yield made


class Face(kit_db.Database):
    """A database as the application has it, made for many tests: on SQLite a commit does not wait for the disk, to
    PostgreSQL it stays connected, so a test that sets something there does so in a transaction that is rolled back.
    """

    def __init__(self, url: str, *, pool: int) -> None:
        super().__init__(url, pool=pool)
        self.connections: set[int] = set()
        for engine in (self.engine, self.reader):
            event.listen(engine, "connect", self._connected)

    def _connected(self, connection: Any, _record: object) -> None:
        if self.is_sqlite:
            connection.execute("PRAGMA synchronous=OFF")
        else:
            self.connections.add(connection.info.backend_pid)

    def rest(self) -> None:
        """Between two tests. What a test did not give back is closed."""
        if self.is_sqlite or any(engine.pool.checkedout() for engine in (self.engine, self.reader)):  # type: ignore[attr-defined]
            self.dispose()

    def dispose(self) -> None:
        super().dispose()
        self.connections.clear()


class Databases:
    """Makes copies of databases that the migrations built once: of an empty one and of an office.

    A copy that is given back is made like new and lent to the next test; see `databases.py`.
    """

    def __init__(self, folder: Path, server: Callable[[], str]) -> None:
        self.folder = folder
        self._server = server
        self._worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self._templates: dict[tuple[str, str], FileTemplate | ServerTemplate] = {}
        self._free: dict[tuple[str, str], list[Copy]] = {}
        self._faces: dict[str, Face] = {}

    @contextmanager
    def fresh(self, kind: str, template: str) -> Iterator[str]:
        """The address of a copy of one's own that is like new."""
        free = self._free.setdefault((kind, template), [])
        if free:
            copy = free.pop()
            face = self._faces.get(copy.address)
            try:
                if not copy.renew(face.connections if face else ()) and face:
                    face.dispose()
            except BaseException:
                copy.close()
                raise
        else:
            copy = self._template(kind, template).copy()
        try:
            yield copy.address
        finally:
            free.append(copy)

    @contextmanager
    def connected(self, address: str) -> Iterator[Database]:
        """Make it this process's database. What SQLAlchemy compiled for this address is kept for the next test."""
        if address not in self._faces:
            self._faces[address] = Face(address, pool=4)
        face = self._faces[address]
        kit_db._database = face
        try:
            yield face
        finally:
            face.rest()
            kit_db._database = None

    def close(self) -> None:
        for face in self._faces.values():
            face.dispose()
        for copy in (copy for copies in self._free.values() for copy in copies):
            copy.close()

    def _template(self, kind: str, template: str) -> FileTemplate | ServerTemplate:
        known = self._templates.get((kind, template))
        if known is not None:
            return known
        made_template: FileTemplate | ServerTemplate
        if kind == "sqlite":
            made_template = FileTemplate(self.folder / f"{template}.db")
        else:
            made_template = ServerTemplate(self._server(), f"fo_{self._worker}_{os.getpid()}_{template}")
        self._build(kind, template, made_template.address)
        self._templates[kind, template] = made_template
        return made_template

    @staticmethod
    def _build(kind: str, template: str, address: str) -> None:
        database = kit_db.connect(address, pool=1)
        migrate.upgrade(database)
        if template == "office":
            with office_clock.frozen(NOW):
                _offices[kind] = made(make_office)
        database.dispose()


@pytest.fixture(params=KINDS)
def db_kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """Which database the test is on, and with it where the machine stands."""
    with standing_in(ZONES[request.param]):
        yield str(request.param)


@pytest.fixture
def db(db_kind: str, databases: Databases, var_dir: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated database of the test's own, connected for this process; empty unless the test asks for `office`."""
    template = "office" if "office" in request.fixturenames else "empty"
    with databases.fresh(db_kind, template) as address, databases.connected(address) as database:
        memory._kept.clear()
        throttle.use(var_dir / "throttle.db")
        throttle.forget(older_than_seconds=-EVER)
        yield database
        memory._kept.clear()


@pytest.fixture
def other_db(db_kind: str, databases: Databases) -> Iterator[str]:
    """The address of an empty migrated database of the other kind."""
    other = next(kind for kind in KINDS if kind != db_kind)
    with databases.fresh(other, "empty") as address:
        yield address


@pytest.fixture
def office(clock: Clock, db: Database, db_kind: str) -> Office:
    """The plan, the weekly templates and one person of each role are there; the clock stands still."""
    return _offices[db_kind]


# -- the application --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The browser's files, compressed once in this run by the process that asks first."""
    folder = run_folder(tmp_path_factory) / "files"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assets.build(ROOT / "static", folder)
    return folder


@pytest.fixture(scope="session")
def var_dir(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Path:
    """One var folder for this process."""
    folder = tmp_path_factory.mktemp("var")
    (folder / "static").symlink_to(files)
    return folder


@pytest.fixture(scope="session")
def settings(var_dir: Path) -> Settings:
    return Settings(
        database_url="sqlite://",  # the tests connect themselves
        public_url=f"http://{PUBLIC_HOST}",
        staff_url=f"http://{STAFF_HOST}",
        secret=SECRET,
        var_dir=var_dir,
        office_phone="0548 123456",
        slot_memory_seconds=0,
    )


@pytest.fixture(scope="session")
def the_app(settings: Settings) -> Flask:
    """Made once in this process: which database it talks to is the process's affair."""
    return create_app(settings)


_log = io.StringIO()


@pytest.fixture
def app_log() -> Iterator[io.StringIO]:
    """What the application writes to its log in this test."""
    before, sys.stderr = sys.stderr, _log
    try:
        logs.set_up("info")
    finally:
        sys.stderr = before
    _log.seek(0)
    _log.truncate()
    return _log


_TOKEN = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")
_LONG_NUMBER = re.compile(r"\b(?:647499\d{10}|(?:\+62|0)812990\d{5})\b")


@pytest.fixture
def app(the_app: Flask, office: Office, app_log: io.StringIO) -> Iterator[Flask]:
    """The application on the test's database, with an office in it. Afterwards its log must hold no personal data."""
    keys.use(SECRET)
    the_app.extensions["tests.log"] = app_log
    yield the_app
    written = app_log.getvalue()
    for name in (*cast.NAMES, "Pemohon Nomor"):
        assert name not in written, f"a name in the log: {name}"
    assert not _TOKEN.search(written), f"a token in the log: {_TOKEN.search(written)}"
    assert not _LONG_NUMBER.search(written), f"a number in the log: {_LONG_NUMBER.search(written)}"


@pytest.fixture
def make_app(settings: Settings, office: Office) -> Callable[..., Flask]:
    """Make an application with other settings, as trusted_hops=1."""

    def make(**changes: Any) -> Flask:
        return create_app(replace(settings, **changes))

    return make


@pytest.fixture
def client(app: Flask) -> Client:
    """A visitor on the public host."""
    return Client(app, PUBLIC_HOST)


@pytest.fixture
def staff(app: Flask, office: Office) -> Callable[[Role | str], Client]:
    """A browser in which somebody of this role has signed in with a one-time link."""
    signed_in: dict[Role, Client] = {}

    def of(role: Role | str) -> Client:
        role = Role(role)
        if role not in signed_in:
            browser = Client(app, STAFF_HOST)
            browser.post("people.link_use", token=made(make_link, office[role]))
            signed_in[role] = browser
        return signed_in[role]

    return of


@pytest.fixture
def visitor(app: Flask) -> Client:
    """Somebody on the staff host who is not signed in."""
    return Client(app, STAFF_HOST)
