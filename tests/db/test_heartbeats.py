"""The worker's heartbeats: written by each run, missed when they stop, told to planners and in `fieldops check`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import select

from fieldops import check, worker
from fieldops.core.office import queries, service
from fieldops.core.office.models import Heartbeat
from fieldops.core.office.rules import JOBS, PATIENCE
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from tests.make import made, make_day

if TYPE_CHECKING:
    from fieldops.settings import Settings

SQLITE = pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)


def beats() -> dict[str, tuple[object, bool]]:
    with reading() as session:
        return {row.job: (row.ran_at, row.ok) for row in session.scalars(select(Heartbeat))}


def late() -> list[str]:
    with reading() as session:
        return [job.name for job in queries.late_jobs(session, now=office_clock.now())]


def test_every_job_of_the_worker_is_known_with_the_gap_of_its_trigger(settings: Settings, clock) -> None:
    jobs = worker.jobs(settings)
    assert jobs.keys() == JOBS.keys()
    scheduler = BackgroundScheduler(timezone=office_clock.ZONE)
    for name, (job, when) in jobs.items():
        trigger = scheduler._create_trigger(when["trigger"], {k: v for k, v in when.items() if k != "trigger"})
        first = trigger.get_next_fire_time(None, office_clock.now())
        second = trigger.get_next_fire_time(first, first + timedelta(microseconds=1))
        assert second - first == JOBS[name].every, name
        assert callable(job)


def test_a_beat_is_kept_and_a_failure_leaves_the_last_good_run(db, clock) -> None:
    started = office_clock.now()
    made(service.expect, ["send mail"], now=started)
    assert beats() == {"send mail": (started, True)}
    ran = clock.forward(minutes=5)
    made(service.beat, "send mail", ok=True, now=ran)
    failed = clock.forward(minutes=1)
    made(service.beat, "send mail", ok=False, now=failed)
    assert beats() == {"send mail": (ran, False)}
    made(service.expect, ["send mail", "forget tries"], now=failed)
    assert beats() == {"send mail": (ran, False), "forget tries": (failed, True)}


def test_a_job_is_late_after_three_of_its_gaps_and_no_sooner(db, clock) -> None:
    made(service.expect, JOBS, now=office_clock.now())
    clock.forward(hours=3)
    often = ["sweep holds", "follow sites", "send mail"]
    assert late() == often, "those of seconds and minutes; of the rest nobody worries yet"
    for name in often:
        made(service.beat, name, ok=True, now=office_clock.now())
    assert late() == []
    clock.forward(seconds=PATIENCE.total_seconds())
    assert "send mail" not in late()
    clock.forward(seconds=1)
    assert "send mail" in late()
    assert "forget tries" in late()
    assert "erase notices" not in late()
    clock.forward(days=3)
    assert set(late()) == set(JOBS)


def test_a_database_that_no_worker_has_seen_has_no_late_jobs(db, clock) -> None:
    assert late() == []


@SQLITE
def test_each_run_beats_and_a_frequent_job_at_most_once_a_minute(db, clock) -> None:
    first = office_clock.now()
    own = worker.Beats()
    own.beat("send mail", ok=True)
    clock.forward(seconds=20)
    own.beat("send mail", ok=True)
    assert beats() == {"send mail": (first, True)}
    own.beat("send mail", ok=False)
    assert beats() == {"send mail": (first, False)}, "a change is told at once"
    again = clock.forward(seconds=60)
    own.beat("send mail", ok=True)
    assert beats() == {"send mail": (again, True)}


@SQLITE
def test_a_job_that_fails_is_written_down_as_such(db, clock, monkeypatch) -> None:
    def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr(worker, "_beats", worker.Beats())
    worker._told("forget tries", broken, lambda: True)()
    worker._told("erase notices", lambda: 0, lambda: True)()
    assert {name: ok for name, (_, ok) in beats().items()} == {"forget tries": False, "erase notices": True}


@SQLITE
def test_a_heartbeat_that_cannot_be_written_stops_no_job(db, clock, monkeypatch) -> None:
    done = []
    monkeypatch.setattr(worker, "_beats", worker.Beats())
    with db.engine.begin() as connection:
        connection.exec_driver_sql("drop table office_heartbeat")
    worker._told("erase notices", lambda: done.append(1), lambda: True)()
    assert done == [1]


@SQLITE
def test_what_was_missed_while_no_worker_ran_is_overdue_at_its_start(db, clock) -> None:
    made(service.expect, JOBS, now=office_clock.now())
    assert worker._overdue() == set()
    clock.forward(hours=2)
    assert worker._overdue() == {"sweep holds", "follow sites", "send mail", "forget tries"}


def test_the_check_warns_of_late_jobs_and_of_weekends_without_a_day(office, clock) -> None:
    assert check.warnings() == ["no weekend service day is published up to 2026-12-25"]
    made(make_day, office["supervisor"])
    assert check.warnings() == []
    made(service.expect, ["check invariants"], now=office_clock.now())
    clock.forward(days=3, minutes=1)
    warnings = check.warnings()
    assert "the job 'check invariants' has not run well since 2026-11-25 10:00 WITA" in warnings[0]
    assert check.problems() == [], "a worker that is off is no broken data"
