"""Officers, supervisors and the timed process, each against themselves."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time as wall
from collections import Counter
from datetime import time
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from fieldops.core.achievement.models import Line
from fieldops.core.agenda.models import ServiceEvent
from fieldops.core.attendance.models import AttendanceEvent
from fieldops.core.booking.models import Booking, BookingPage, BookingSession
from fieldops.core.people.rules import Role
from fieldops.core.places.queries import OFFICE_SITE
from fieldops.core.roster.models import Busy
from fieldops.kit.db import reading
from fieldops.weekend.models import WeekendDay
from fieldops.weekend.rules import Programme, SessionPlan
from tests import cast
from tests.make import NOW, SATURDAY, SUNDAY, made, make_booking, make_day
from tests.races.facts import all_is_well, count, people_of, seats_of, sign_in, staff_of
from tests.races.visitors import Browser, Buyer, at_once, buy
from tests.server import ROOT, free_port

pytestmark = [pytest.mark.races, pytest.mark.usefixtures("one_process")]

ON_THE_DAY = NOW.replace(day=28, hour=8, minute=5)


def plan(public: int, starts: int = 8, walk_in: int = 0) -> SessionPlan:
    return SessionPlan(time(starts), time(starts + 1), seats_public=public, seats_priority=0, seats_walk_in=walk_in)


# -- officers ---------------------------------------------------------------------------------------------------


def test_one_ticket_scanned_by_16_officers_admits_one(office, serve, clock):
    day = made(make_day, office["supervisor"], plans=[plan(5)])
    ticket = made(make_booking, day.page_code, day.sessions[0])
    officers = staff_of(Role.OFFICER, 16)
    clock.set(ON_THE_DAY)
    server = serve(at=ON_THE_DAY)
    browsers = [sign_in(server, officer, f"10.99.0.{n}") for n, officer in enumerate(officers)]

    def scan(browser: Browser):
        return browser.post("/scan", {"code": ticket.entry_token, "key": str(uuid4())})

    answers = at_once([lambda one=one: scan(one) for one in browsers])
    assert Counter((answer.status, answer.sentence) for answer in answers) == {
        (200, "Hadir"): 1,
        (200, "Sudah hadir"): 15,
    }
    with reading() as session:
        events = session.execute(select(AttendanceEvent.verdict, AttendanceEvent.actor_id)).all()
    assert Counter(event.verdict for event in events) == {"applied": 1, "duplicate": 15}
    assert {event.actor_id for event in events} == set(officers)
    today = browsers[0].get("/today").body
    assert re.search(r"<b>1</b> terdaftar", today)
    assert re.search(r"<b>1</b> hadir", today)
    all_is_well()


def test_one_tap_sent_8_times_is_one_event(office, serve, clock):
    """The same key: eight times the same answer, one event."""
    day = made(make_day, office["supervisor"], plans=[plan(5)])
    ticket = made(make_booking, day.page_code, day.sessions[0])
    clock.set(ON_THE_DAY)
    server = serve(at=ON_THE_DAY)
    browsers = [sign_in(server, office["officer"], f"10.99.0.{n}") for n in range(8)]
    form = {"code": ticket.entry_token, "key": str(uuid4())}
    answers = at_once([lambda one=one: one.post("/scan", form) for one in browsers])
    assert {(answer.status, answer.sentence) for answer in answers} == {(200, "Hadir")}
    assert count(AttendanceEvent) == 1


def test_a_passport_marked_issued_by_8_people_counts_once(office, serve, clock):
    day = made(make_day, office["supervisor"], plans=[plan(5)])
    who = made(make_booking, day.page_code, day.sessions[0]).people[0]
    clock.set(ON_THE_DAY)
    server = serve(at=ON_THE_DAY)
    browsers = [sign_in(server, one, f"10.99.0.{n}") for n, one in enumerate(staff_of(Role.SUPERVISOR, 8))]

    def mark(stage: str) -> set[int]:
        answers = at_once(
            [lambda one=one: one.post(f"/people/{who}/mark", {"key": str(uuid4()), "stage": stage}) for one in browsers]
        )
        return {answer.status for answer in answers}

    def net() -> int:
        with reading() as session:
            return session.execute(select(func.coalesce(func.sum(Line.volume), 0))).scalar_one()

    for stage in ("arrived", "served", "issued"):
        assert mark(stage) <= {200, 303}
    assert (net(), count(Line)) == (1, 1)
    # All take it back at once and mark it again at once: a line back, a line more, never two.
    undo = re.search(r'name="undoes" value="([^"]+)"', browsers[0].get(f"/people/{who}").body)[1]
    at_once(
        [
            lambda one=one: one.post(f"/people/{who}/undo", {"key": str(uuid4()), "undoes": undo, "stage": "issued"})
            for one in browsers
        ]
    )
    assert (net(), count(Line)) == (0, 2)
    mark("issued")
    assert (net(), count(Line)) == (1, 3)
    assert count(AttendanceEvent) == 40
    all_is_well()


def test_the_last_walk_in_seat_and_one_nik_at_two_desks(office, serve, clock):
    day = made(make_day, office["supervisor"], plans=[plan(0, walk_in=3)])
    clock.set(ON_THE_DAY)
    server = serve(at=ON_THE_DAY)
    browsers = [sign_in(server, one, f"10.99.0.{n}") for n, one in enumerate(staff_of(Role.OFFICER, 8))]

    def add(browser: Browser, nik: str, key: str | None = None, tap: str | None = None):
        form = {"key": key or str(uuid4()), "tap": tap or str(uuid4()), "session": str(day.sessions[0])}
        return browser.post("/walk-in", form | {"name": "Tamu", "nik": nik, "service": "baru", "help": ""})

    same_nik = at_once([lambda one=one: add(one, cast.nik(700)) for one in browsers[:4]])
    assert Counter(answer.status for answer in same_nik) == {303: 1, 422: 3}
    key, tap = str(uuid4()), str(uuid4())
    same_form = at_once([lambda one=one: add(one, cast.nik(701), key, tap) for one in browsers[:4]])
    assert len({(answer.status, answer.location) for answer in same_form}) == 1
    last = at_once([lambda one=one, n=n: add(one, cast.nik(710 + n)) for n, one in enumerate(browsers)])
    assert Counter(answer.status for answer in last) == {303: 1, 422: 7}
    with reading() as session:
        assert len(people_of(session, day.sessions[0], "booked")) == 3
    all_is_well()


def test_walk_ins_of_a_day_get_different_numbers_at_8_desks(office, serve, clock):
    day = made(make_day, office["supervisor"], plans=[plan(0, walk_in=4), plan(0, 9, walk_in=4)])
    clock.set(ON_THE_DAY)
    server = serve(at=ON_THE_DAY)
    browsers = [sign_in(server, one, f"10.99.0.{n}") for n, one in enumerate(staff_of(Role.OFFICER, 8))]

    def add(browser: Browser, session_id: str):
        form = {"key": str(uuid4()), "tap": str(uuid4()), "session": session_id}
        return browser.post("/walk-in", form | {"name": "Tamu", "nik": "", "service": "baru", "help": ""})

    answers = at_once([lambda one=one, n=n: add(one, str(day.sessions[n % 2])) for n, one in enumerate(browsers)])
    assert Counter(answer.status for answer in answers) == {303: 8}
    with reading() as session:
        assert sorted(session.scalars(select(Booking.walk_in_number))) == list(range(1, 9))
    all_is_well()


# -- supervisors ------------------------------------------------------------------------------------------------


def day_form(**changes: str) -> dict[str, str]:
    form = {
        "key": str(uuid4()),
        "programme": "persari",
        "day": SATURDAY.isoformat(),
        "site": str(OFFICE_SITE),
        "lead": "",
        "opens_days_before": "5",
        "opens_at": "08.00",
        "closes_hours_before": "2",
        "rolls_hours_before": "12",
        "starts_1": "08.00",
        "ends_1": "09.30",
        "public_1": "10",
        "priority_1": "0",
        "walk_in_1": "0",
    }
    return form | changes


@pytest.fixture
def supervisors(office, serve):
    server = serve()
    return [sign_in(server, one, f"10.98.0.{n}") for n, one in enumerate(staff_of(Role.SUPERVISOR, 6))]


def test_supervisors_who_create_one_day_at_once(office, supervisors):
    made_at_once = at_once([lambda one=one: one.post("/weekend/days", day_form()) for one in supervisors])
    assert Counter(answer.status for answer in made_at_once) == {303: 1, 422: 5}, [
        (answer.status, answer.sentence) for answer in made_at_once
    ]
    assert {answer.sentence for answer in made_at_once if answer.status == 422} == {
        "Hari layanan untuk program dan tanggal ini sudah ada. Buka yang sudah ada."
    }
    assert (count(WeekendDay), count(BookingSession), count(BookingPage)) == (1, 1, 1)


def test_one_day_form_sent_6_times_is_one_day(office, supervisors):
    form = day_form()
    answers = at_once([lambda one=one: one.post("/weekend/days", form) for one in supervisors])
    assert {(answer.status, answer.location) for answer in answers} == {(303, answers[0].location)}, [
        (answer.status, answer.sentence) for answer in answers
    ]
    assert (count(WeekendDay), count(BookingSession), count(BookingPage)) == (1, 1, 1)


def test_saturday_and_sunday_of_one_page_planned_at_once(office, supervisors):
    """Two days that share a public page do not get into each other's way."""
    days = [SATURDAY, SUNDAY] * 3
    answers = at_once(
        [
            lambda one=one, day=day: one.post(
                "/weekend/days", day_form(programme="bontang-on-seven", day=day.isoformat())
            )
            for one, day in zip(supervisors, days, strict=True)
        ]
    )
    assert Counter(answer.status for answer in answers) == {303: 2, 422: 4}, [answer.sentence for answer in answers]
    assert (count(WeekendDay), count(BookingPage)) == (2, 1)


def test_a_day_published_and_cancelled_at_once(office, supervisors):
    day = made(make_day, office["supervisor"], published=False, plans=[plan(5)])
    published = at_once([lambda one=one: one.post(f"/weekend/days/{day.id}/publish", {}) for one in supervisors])
    assert {answer.status for answer in published} == {303}
    assert count(ServiceEvent) == 1
    ways = ["publish", "cancel", "publish", "cancel", "publish", "cancel"]
    at_once(
        [
            lambda one=one, way=way: one.post(f"/weekend/days/{day.id}/{way}", {"reason": "Listrik padam"})
            for one, way in zip(supervisors, ways, strict=True)
        ]
    )
    with reading() as session:
        assert session.execute(select(WeekendDay.status)).scalar_one() == "cancelled"
        assert session.execute(select(BookingSession.is_open)).scalar_one() is False
    assert count(ServiceEvent) == 1
    all_is_well()


def test_one_lead_for_two_overlapping_days_is_promised_once(office, supervisors):
    lead = office["officer"]
    days = [
        made(make_day, office["supervisor"], programme, published=False, plans=[plan(5)], lead_id=lead)
        for programme in Programme
    ]
    answers = at_once(
        [
            lambda one=one, n=n: one.post(f"/weekend/days/{days[n % 2].id}/publish", {})
            for n, one in enumerate(supervisors)
        ]
    )
    assert Counter(answer.status for answer in answers) == {303: 3, 422: 3}
    assert all("sudah bertugas" in answer.sentence for answer in answers if answer.status == 422)
    assert count(Busy) == count(WeekendDay, WeekendDay.status == "published") == 1
    all_is_well()


def test_seats_taken_away_while_people_book(office, serve):
    day = made(make_day, office["supervisor"], plans=[plan(40)])
    server = serve()
    boss = sign_in(server, office["supervisor"])
    session_id = day.sessions[0]
    path = f"/weekend/days/{day.id}/sessions/{session_id}/seats"
    accepted: list[int] = []
    leave = threading.Event()

    def change() -> None:
        wanted = 40
        while not leave.is_set():
            wanted = wanted - 3 if wanted > 3 else 40
            answer = boss.post(path, {"umum": wanted, "prioritas": 0, "walk-in": 0})
            assert answer.status in {303, 422}, answer.sentence
            if answer.status == 303:
                accepted.append(wanted)
            else:
                wanted += 5

    changing = threading.Thread(target=change)
    changing.start()
    try:
        buyers = [Buyer(server.public, day.page_code, n, str(session_id)) for n in range(1, 61)]
        stories = [
            story for n in range(0, 60, 20) for story in at_once([lambda b=b: buy(b) for b in buyers[n : n + 20]])
        ]
    finally:
        leave.set()
        changing.join(30)
    booked = sum(story.end == 200 for story in stories)
    assert {story.end for story in stories} <= {200, 422}
    assert len(accepted) > 3
    with reading() as session:
        assert len(people_of(session, session_id, "booked")) == booked == seats_of(session, session_id, taken=True)
        assert seats_of(session, session_id) == accepted[-1] >= booked
    all_is_well()


# -- the timed process ------------------------------------------------------------------------------------------


class Ticks:
    """What workers write, and the processes that do it; they are ended with the test."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "ticks"
        self.log = folder / "log"
        self.running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, function: str, *arguments: str) -> subprocess.Popen[bytes]:
        call = f"from tests.races.clients import {function}; {function}(*{(*arguments, str(self.file))!r})"
        with self.log.open("ab") as log:
            process = subprocess.Popen([sys.executable, "-c", call], cwd=ROOT, stderr=log)
        self.running[process.pid] = process
        return process

    def by(self, seconds: float) -> set[int]:
        """Who ticks in this time."""
        before = len(self._lines())
        wall.sleep(seconds)
        return {int(line) for line in self._lines()[before:]}

    def _lines(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []

    def another(self, *before: int) -> int:
        """Wait until somebody else than `before` ticks; then nobody else does."""
        for _ in range(300):
            found = self.by(0.3)
            if found - set(before):
                assert len(found - set(before)) == 1
                (one,) = found - set(before)
                assert self.by(2) <= {one}
                return one
        raise AssertionError(f"no worker works\n{self.log.read_text()[-2000:]}")


@pytest.fixture
def ticks(tmp_path):
    made_ticks = Ticks(tmp_path)
    yield made_ticks
    for process in made_ticks.running.values():
        process.terminate()
    assert {process.wait(20) for process in made_ticks.running.values()} <= {0}


def test_of_two_workers_one_works_and_the_other_takes_over(db, address, settings, tmp_path, ticks):
    """Each has a var folder of its own, and another name for the database where it is a file."""
    addresses = [address, address]
    if db.is_sqlite:
        (tmp_path / "elsewhere.db").symlink_to(db.url.database)
        addresses[1] = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    for n, name in enumerate(addresses):
        ticks.start("tick", name, settings.secret.decode(), str(tmp_path / f"var-{n}"))
    first = ticks.another()
    assert first in ticks.running
    os.kill(first, signal.SIGKILL)
    ticks.running.pop(first).wait(10)
    assert ticks.another(first) in ticks.running


def test_a_worker_that_lost_its_lock_stops_and_is_started_again(db, address, settings, files, tmp_path, ticks):
    (tmp_path / "static").symlink_to(files)  # built once
    server = ticks.start("serve_ticks", f"127.0.0.1:{free_port()}", address, settings.secret.decode(), str(tmp_path))
    first = ticks.another()
    if db.is_sqlite:
        Path(f"{db.url.database}.worker.lock").unlink()
    else:
        with reading() as session:
            ended = session.execute(
                text(
                    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 4172026 "
                    "and database = (select oid from pg_database where datname = current_database())"
                )
            )
            assert ended.scalars().all() == [True]
    assert ticks.another(first) != server.pid
    said = [line["event"] for line in map(json.loads, ticks.log.read_text().splitlines()) if line["level"] == "error"]
    assert said == ["worker lost its lock", "worker ended, starting it again"]


def test_a_server_that_is_told_to_end_takes_its_worker_along(address, settings, files, tmp_path, ticks):
    (tmp_path / "static").symlink_to(files)
    server = ticks.start("serve_ticks", f"127.0.0.1:{free_port()}", address, settings.secret.decode(), str(tmp_path))
    worker = ticks.another()
    server.terminate()
    assert server.wait(20) == 0
    ticks.running.pop(server.pid)
    assert not Path(f"/proc/{worker}").exists()


def test_a_port_that_somebody_else_has_is_named_and_nobody_stays_behind(address, settings, files, tmp_path, ticks):
    (tmp_path / "static").symlink_to(files)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        server = ticks.start("serve_ticks", bind, address, settings.secret.decode(), str(tmp_path))
        assert server.wait(20) == 1
    ticks.running.pop(server.pid)
    assert f"cannot listen on {bind}: Address already in use" in ticks.log.read_text()
    assert ticks.by(2) == set()
