"""The timed process. One at a time for a database: the second waits for the first one's lock. Every job is idempotent,
so a missed run heals at the next and a second run changes nothing."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from fieldops import check
from fieldops.core.booking.service import upkeep
from fieldops.core.notices import jobs as notices
from fieldops.core.office import queries as office_queries
from fieldops.core.office import rules as office_rules
from fieldops.core.office import service as office
from fieldops.core.people.service import entry, imports
from fieldops.core.roster.absences import service as absences
from fieldops.core.roster.posts.queries import use_limits
from fieldops.core.roster.swaps import service as swaps
from fieldops.kit import clock, db, keys, logs, throttle
from fieldops.loktuan.requests import service as requests
from fieldops.loktuan.trips.service import signal as signal_of_sites

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import TextClause

    from fieldops.settings import Settings

_LOCK = 4172026
_TAKE = text("select pg_try_advisory_lock(:key)")
_MINE = text(
    "select exists (select from pg_locks where locktype = 'advisory' and objid = :key and pid = pg_backend_pid())"
)


def _only_one() -> Callable[[], bool]:
    """Wait until no other worker works on this database. Returns a function that tells whether that is still so: a
    lock file can be deleted, a connection can break and its lock with it."""
    database = db.database()
    if database.is_sqlite:
        path = database.beside("worker.lock")
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        return lambda: os.path.exists(path) and os.path.samestat(os.fstat(handle), os.stat(path))
    connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def holds(question: TextClause) -> bool:
        return bool(connection.execute(question, {"key": _LOCK}).scalar_one())

    def still_holds() -> bool:
        try:
            return holds(_MINE)
        except SQLAlchemyError:
            return False

    while not holds(_TAKE):
        time.sleep(5)
    return still_holds


def jobs(settings: Settings) -> dict[str, tuple[Callable[[], object], dict[str, object]]]:
    """Every timed job: its function and when it runs (the office's clock)."""

    def sweep() -> int:
        with db.transaction() as session:
            return upkeep.sweep_holds(session, now=clock.now())

    def follow_sites() -> int:
        with db.transaction() as session:
            return signal_of_sites.follow(session, now=clock.now())

    def erase() -> int:
        total = 0
        while True:
            with db.transaction() as session:
                done = upkeep.erase_old(session, now=clock.now(), days=settings.retention_days)
                done += requests.erase_old(session, now=clock.now(), days=settings.retention_days)
            total += done
            if done == 0:
                return total

    def forget_imports() -> int:
        with db.transaction() as session:
            return imports.forget(session, now=clock.now(), previews=timedelta(days=1), runs=timedelta(days=30))

    def forget_notes() -> int:
        with db.transaction() as session:
            now, days = clock.now(), settings.absence_note_days
            leave = absences.forget_notes(session, now=now, days=days)
            return leave + swaps.forget_notes(session, now=now, days=days)

    def forget_sign_ins() -> int:
        with db.transaction() as session:
            return entry.forget(session, now=clock.now())

    def invariants() -> int:
        problems = check.problems()
        for problem in problems:
            logs.log().error("invariant broken", problem=problem)
        return len(problems)

    return {
        "sweep holds": (sweep, {"trigger": "interval", "minutes": 1}),
        "follow sites": (follow_sites, {"trigger": "interval", "minutes": 5}),
        "send mail": (lambda: notices.send_due(settings), {"trigger": "interval", "seconds": 20}),
        "erase personal data": (erase, {"trigger": "cron", "hour": 2, "minute": 30}),
        "erase notices": (lambda: notices.erase_old(settings), {"trigger": "cron", "hour": 2, "minute": 45}),
        "check invariants": (invariants, {"trigger": "cron", "hour": 3}),
        "forget imports": (forget_imports, {"trigger": "cron", "hour": 2, "minute": 45}),
        "forget notes": (forget_notes, {"trigger": "cron", "hour": 2, "minute": 50}),
        "forget sign-ins": (forget_sign_ins, {"trigger": "cron", "hour": 2, "minute": 50}),
        "forget tries": (throttle.forget, {"trigger": "cron", "minute": 17}),
    }


def run(settings: Settings) -> None:
    """Run the jobs, one after the other, until a signal; ends with status 1 when a job finds the lock lost."""
    logs.set_up(settings.log_level)
    keys.use(settings.secret)
    throttle.use(settings.var_dir / "throttle.db")
    use_limits(settings)
    db.connect(settings.database_url, pool=2)
    known = jobs(settings)
    with db.transaction() as session:  # before the wait for the lock, so that a worker that hangs there is missed
        office.expect(session, known, now=clock.now())
    alone = _only_one()
    scheduler = BlockingScheduler(
        timezone=clock.ZONE,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "misfire_grace_time": 3600, "max_instances": 1},
    )
    overdue = _overdue()
    for name, (job, when) in known.items():
        at_once = {"next_run_time": clock.now()} if name in overdue else {}
        scheduler.add_job(_told(name, job, alone), id=name, **when, **at_once)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    scheduler.start()


def _overdue() -> set[str]:
    """Jobs that were missed while no worker ran: a server that is off every night would never erase anything."""
    with db.reading() as session:
        ran = office_queries.last_runs(session)
    now = clock.now()
    return {name for name, job in office_rules.JOBS.items() if name in ran and now - ran[name] > job.every}


_BEAT_EVERY = timedelta(minutes=1)


class Beats:
    """Writes the heartbeats, for a job that runs every few seconds not more than once a minute."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[datetime, bool]] = {}

    def beat(self, name: str, *, ok: bool) -> None:
        """Never fails: a job that was done is done, whether or not that can be written down."""
        now = clock.now()
        before = self._last.get(name)
        if before is not None and before[1] == ok and now - before[0] < _BEAT_EVERY:
            return
        try:
            with db.transaction() as session:
                office.beat(session, name, ok=ok, now=now)
        except SQLAlchemyError as error:
            logs.log().warning("no heartbeat", name=name, error=type(error).__name__)
            return
        self._last[name] = (now, ok)


_beats = Beats()


def _told(name: str, job: Callable[[], object], alone: Callable[[], bool]) -> Callable[[], None]:
    def run_job() -> None:
        if not alone():
            logs.log().error("worker lost its lock", name=name)
            os._exit(1)  # at once and from this thread; `fieldops serve` starts it again
        try:
            logs.log().info("job", name=name, result=job())
        except Exception as error:  # a job that fails is told and tried again at its next time
            logs.log().exception("job failed", name=name, exc_info=error)
            _beats.beat(name, ok=False)
        else:
            _beats.beat(name, ok=True)

    return run_job
