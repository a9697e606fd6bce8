"""The timed process. One at a time: the second waits for the first one's lock. Every job is idempotent, so a missed
run heals at the next and a second run changes nothing."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import text

from fieldops import check
from fieldops.core.booking.service import upkeep
from fieldops.core.people.service import imports
from fieldops.kit import clock, db, keys, logs, throttle

if TYPE_CHECKING:
    from collections.abc import Callable

    from fieldops.settings import Settings

_LOCK = 4172026


def _only_one(settings: Settings) -> object:
    """Wait until no other worker runs; returns what holds the lock."""
    if settings.is_sqlite:
        handle = os.open(settings.var_dir / "worker.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        return handle
    connection = db.database().engine.connect()
    while not connection.execute(text("select pg_try_advisory_lock(:key)"), {"key": _LOCK}).scalar_one():
        connection.rollback()
        time.sleep(5)
    connection.commit()
    return connection


def jobs(settings: Settings) -> dict[str, tuple[Callable[[], object], dict[str, object]]]:
    """Every timed job: its function and when it runs (the office's clock)."""

    def sweep() -> int:
        with db.transaction() as session:
            return upkeep.sweep_holds(session, now=clock.now())

    def erase() -> int:
        total = 0
        while True:
            with db.transaction() as session:
                done = upkeep.erase_old(session, now=clock.now(), days=settings.retention_days)
            total += done
            if done == 0:
                return total

    def forget_imports() -> int:
        with db.transaction() as session:
            return imports.forget(session, now=clock.now(), previews=timedelta(days=1), runs=timedelta(days=30))

    def invariants() -> int:
        problems = check.problems()
        for problem in problems:
            logs.log().error("invariant broken", problem=problem)
        return len(problems)

    return {
        "sweep holds": (sweep, {"trigger": "interval", "minutes": 1}),
        "erase personal data": (erase, {"trigger": "cron", "hour": 2, "minute": 30}),
        "check invariants": (invariants, {"trigger": "cron", "hour": 3}),
        "forget imports": (forget_imports, {"trigger": "cron", "hour": 2, "minute": 45}),
        "forget tries": (throttle.forget, {"trigger": "cron", "minute": 17}),
    }


def run(settings: Settings) -> None:
    """Run the jobs until a signal."""
    logs.set_up(settings.log_level)
    keys.use(settings.secret)
    throttle.use(settings.var_dir / "throttle.db")
    db.connect(settings.database_url, pool=2)
    held = _only_one(settings)
    scheduler = BlockingScheduler(
        timezone=clock.ZONE, job_defaults={"coalesce": True, "misfire_grace_time": 3600, "max_instances": 1}
    )
    for name, (job, when) in jobs(settings).items():
        scheduler.add_job(_told(name, job), id=name, **when)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    scheduler.start()
    del held


def _told(name: str, job: Callable[[], object]) -> Callable[[], None]:
    def run_job() -> None:
        try:
            logs.log().info("job", name=name, result=job())
        except Exception as error:  # a job that fails is told and tried again at its next time
            logs.log().exception("job failed", name=name, exc_info=error)

    return run_job
