"""Client processes that call the services themselves: no web server between them and the database."""

from __future__ import annotations

import os
import random
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from fieldops import serve, worker
from fieldops.core.booking.service import holds, tickets
from fieldops.kit import clock, db, keys
from fieldops.kit.errors import Refusal
from fieldops.settings import Settings
from tests.make import make_wish
from tests.races.visitors import wait_for_all

if TYPE_CHECKING:
    from fieldops.core.booking.service.holds import PersonIn


@dataclass(frozen=True)
class LastSeats:
    """One buyer's work: a last seat after the other, each time with one competitor at the same moment."""

    database_url: str
    secret: bytes
    now: datetime
    page_code: str
    sessions: tuple[UUID, ...]
    people: tuple[PersonIn, ...]
    phones: tuple[str, ...]


def buy_last_seats(work: LastSeats) -> list[str]:
    """For each session 'ticket', or the name of the refusal."""
    keys.use(work.secret)
    database = db.connect(work.database_url, pool=2)
    outcomes = []
    with clock.frozen(work.now):
        for session_id, person, phone in zip(work.sessions, work.people, work.phones, strict=True):
            wish = make_wish(work.page_code, session_id, [person], phone=phone)
            wait_for_all()
            time.sleep(random.uniform(0, 0.002))  # who came last to the barrier would leave it first every time
            try:
                with db.transaction() as session:
                    held = holds.hold(session, wish, now=work.now, minutes=10)
                with db.transaction() as session:
                    outcomes.append(tickets.confirm(session, held.token, now=work.now).state.value)
            except Refusal as refusal:
                outcomes.append(type(refusal).__name__)
    database.dispose()
    return outcomes


def ticking(database_url: str, secret: str, folder: str, ticks: str) -> Settings:
    """Give the worker one job only: every tenth of a second a line with this process's id. `folder` is its var."""

    def note() -> int:
        with Path(ticks).open("a", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
        return 1

    worker.jobs = lambda _settings: {"tick": (note, {"trigger": "interval", "seconds": 0.1})}  # type: ignore[assignment]
    return Settings(
        database_url=database_url,
        public_url="http://127.0.0.1:1",
        staff_url="http://localhost:1",
        secret=secret.encode(),
        var_dir=Path(folder),
    )


def tick(*arguments: str) -> None:
    """A worker alone."""
    worker.run(ticking(*arguments))


def serve_ticks(bind: str, *arguments: str) -> None:
    """Web and worker, as `fieldops serve` has them."""
    sys.exit(serve.serve(ticking(*arguments), bind=bind, workers=1, threads=1))
