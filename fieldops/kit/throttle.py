"""Counting tries, in a small SQLite file of its own (`synchronous=OFF`: it never waits behind bookings, and losing it
loses nothing). Counts are per machine; the keys are hashed, no address is stored.

`allow` counts in windows of time. `attempt` makes whoever guesses wait longer after each wrong try, and never for ever.
When the file cannot be written the answer is 'no': a broken throttle never opens a door.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fieldops.kit import logs

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAY = 86_400
_WHEN_BROKEN = 60

_path: Path | None = None
_local = threading.local()

_HIT = (
    "insert into hit(name, window, count) values(?, ?, 1) "
    "on conflict(name, window) do update set count = count + 1 returning count"
)


def use(path: Path) -> None:
    """Keep the counts in this file. It is made here, before anybody counts: of several connections that make it at the
    same moment SQLite refuses all but one, without waiting."""
    global _path
    _path = path
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(sqlite3.Error):  # whoever counts will find out
        _open(path).close()


def _open(path: Path) -> sqlite3.Connection:
    made = sqlite3.connect(path, timeout=5, isolation_level=None)
    made.execute("PRAGMA journal_mode=WAL")
    made.execute("PRAGMA synchronous=OFF")
    made.execute(
        "create table if not exists hit(name text, window integer, count integer, primary key(name, window)) "
        "without rowid"
    )
    made.execute(
        "create table if not exists guess(name text primary key, count integer, until real, last real) without rowid"
    )
    return made


def _connection() -> sqlite3.Connection:
    if getattr(_local, "path", None) != _path:
        if _path is None:
            raise sqlite3.OperationalError("throttle.use(path) was not called")
        _local.connection, _local.path = _open(_path), _path
    connection: sqlite3.Connection = _local.connection
    return connection


def allow(what: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one try of `who` at `what`; False when it is over `limit` in this window of `seconds`.

    The first try over it is told in the log, without who it was.
    """
    name = _name(what, who)
    window = int(time.time()) // seconds * seconds
    try:
        row = _connection().execute(_HIT, (name, window)).fetchone()
    except sqlite3.Error as error:
        logs.log().error("throttle broken", what=what, exc_info=error)
        return False
    if row[0] == limit + 1:
        logs.log().warning("limit reached", what=what, limit=limit, seconds=seconds)
    return bool(row[0] <= limit)


def first(what: str, who: str, *, seconds: int) -> bool:
    """Whether this is the first time in this window of `seconds`: what is told once and not at every try."""
    window = int(time.time()) // seconds * seconds
    try:
        row = _connection().execute(_HIT, (_name(f"first {what}", who), window)).fetchone()
    except sqlite3.Error:
        return False
    return bool(row[0] == 1)


def _name(what: str, who: str) -> str:
    return hashlib.blake2b(f"{what}\0{who}".encode(), digest_size=12).hexdigest()


@dataclass(frozen=True)
class Slowing:
    """How guessing is slowed down: `free` tries at once, then `first` seconds, twice as many each time, at most `most`.

    A day after the last try all is forgotten.
    """

    free: int
    first: int
    most: int

    def wait(self, tries: int) -> int:
        """Seconds to wait after so many tries that failed."""
        if tries < self.free:
            return 0
        return min(self.most, self.first << min(tries - self.free, 30))


@dataclass(frozen=True)
class Guess:
    """Who guesses at what, and how that is slowed down."""

    what: str
    who: str
    slowing: Slowing


def attempt(guesses: Sequence[Guess], *, now: float) -> int:
    """Begin one try: 0 means go on, else the seconds to wait. `now` is the office's clock, in seconds.

    The try is counted as a failed one before anybody knows, so that a hundred at once are a hundred. `succeeded` takes
    it back. A try that comes too early is not counted: whoever waits long enough is always heard.
    """
    try:
        connection = _connection()
        connection.execute("begin immediate")
        try:
            known = [_known(connection, guess, now) for guess in guesses]
            wait = max((until - now for _, until in known), default=0.0)
            if wait <= 0:
                for guess, (count, _) in zip(guesses, known, strict=True):
                    until = now + guess.slowing.wait(count + 1)
                    connection.execute(
                        "replace into guess(name, count, until, last) values(?, ?, ?, ?)",
                        (_name(guess.what, guess.who), count + 1, until, now),
                    )
        finally:
            connection.execute("commit")
    except sqlite3.Error:
        return _WHEN_BROKEN
    return max(0, math.ceil(wait))


def waits(guess: Guess, *, now: float) -> bool:
    """Whether this one is to blame when a try has to wait. Counts nothing."""
    try:
        return _known(_connection(), guess, now)[1] > now
    except sqlite3.Error:
        return False


def _known(connection: sqlite3.Connection, guess: Guess, now: float) -> tuple[int, float]:
    row = connection.execute(
        "select count, until, last from guess where name = ?", (_name(guess.what, guess.who),)
    ).fetchone()
    if row is None or row[2] < now - _DAY:
        return 0, 0.0
    return row[0], row[1]


def succeeded(guess: Guess, *, forgive: bool) -> None:
    """The last try was right: all is forgiven, or (for an address, which many share) only that one try."""
    name = (_name(guess.what, guess.who),)
    try:
        if forgive:
            _connection().execute("delete from guess where name = ?", name)
        else:
            _connection().execute("update guess set count = max(0, count - 1), until = 0 where name = ?", name)
    except sqlite3.Error:
        return


def forget(older_than_seconds: int = _DAY) -> None:
    """Drop old windows and old guesses (a job)."""
    limit = int(time.time()) - older_than_seconds
    _connection().execute("delete from hit where window < ?", (limit,))
    _connection().execute("delete from guess where last < ?", (limit,))
