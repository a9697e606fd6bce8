"""Counting tries in windows of time, in a small SQLite file of its own (`synchronous=OFF`: it never waits behind
bookings, and losing it loses nothing). Counts are per machine; the keys are hashed, no address is stored.

When the file cannot be written the answer is 'no': a broken throttle never opens a door.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from pathlib import Path

from fieldops.kit import logs

_path: Path | None = None
_local = threading.local()

_HIT = (
    "insert into hit(name, window, count) values(?, ?, 1) "
    "on conflict(name, window) do update set count = count + 1 returning count"
)


def use(path: Path) -> None:
    """Keep the counts in this file."""
    global _path
    _path = path
    path.parent.mkdir(parents=True, exist_ok=True)


def _connection() -> sqlite3.Connection:
    if getattr(_local, "path", None) != _path:
        if _path is None:
            raise sqlite3.OperationalError("throttle.use(path) was not called")
        made = sqlite3.connect(_path, timeout=5, isolation_level=None)
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("PRAGMA synchronous=OFF")
        made.execute(
            "create table if not exists hit(name text, window integer, count integer, primary key(name, window)) "
            "without rowid"
        )
        _local.connection, _local.path = made, _path
    connection: sqlite3.Connection = _local.connection
    return connection


def allow(what: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one try of `who` at `what`; False when it is over `limit` in this window of `seconds`.

    The first try over it is told in the log, without who it was.
    """
    name = hashlib.blake2b(f"{what}\0{who}".encode(), digest_size=12).hexdigest()
    window = int(time.time()) // seconds * seconds
    try:
        row = _connection().execute(_HIT, (name, window)).fetchone()
    except sqlite3.Error as error:
        logs.log().error("throttle broken", what=what, exc_info=error)
        return False
    if row[0] == limit + 1:
        logs.log().warning("limit reached", what=what, limit=limit, seconds=seconds)
    return bool(row[0] <= limit)


def forget(older_than_seconds: int = 86_400) -> None:
    """Drop old windows (a job)."""
    _connection().execute("delete from hit where window < ?", (int(time.time()) - older_than_seconds,))
