"""Copies of a database for one test after the other.

SQLite: the file is copied anew each time. PostgreSQL: `create database` costs a tenth of a second of the server's
work, so a copy is emptied and filled again instead, which costs a few thousandths. A copy whose tables a test has
changed, or that was used often and is full of dead rows, is dropped and made anew. Its address stays. The connections
of the test process stay too: a new one has to learn all tables again.
"""

from __future__ import annotations

import shutil
from itertools import count
from typing import TYPE_CHECKING, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import make_url

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

USES = 50  # of one copy on PostgreSQL

TABLES = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname"
SEQUENCES = "select sequencename, coalesce(last_value, 1), last_value is not null from pg_sequences"
SCHEMA = """
    select md5(string_agg(line, ',' order by line)) from (
        select concat_ws(' ', 'table', oid, xmin) from pg_class where relnamespace = 'public'::regnamespace
        union all select concat_ws(' ', 'column', attrelid, attnum, xmin) from pg_attribute where attrelid >= 16384
        union all select concat_ws(' ', 'index', indexrelid, xmin) from pg_index where indexrelid >= 16384
        union all select concat_ws(' ', 'constraint', oid, xmin) from pg_constraint where oid >= 16384
        union all select concat_ws(' ', 'trigger', oid, xmin) from pg_trigger where oid >= 16384
        union all select concat_ws(' ', 'function', oid, xmin) from pg_proc where oid >= 16384
    ) as lines (line)
"""
OTHERS = """
    select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where datname = %s and pid <> pg_backend_pid() and pid <> all(%s)
"""


class Copy(Protocol):
    """A database that is lent to a test."""

    address: str

    def renew(self, ours: Collection[int] = ()) -> bool:
        """Make it like new. Of the connections to it only `ours` (process ids of the server) stay: whether they did."""

    def close(self) -> None:
        """Let go of it."""


class FileTemplate:
    """An SQLite database to be built at `address`, and its copies."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.address = f"sqlite:///{file}"
        self._numbers = count(1)

    def copy(self) -> FileCopy:
        folder = self.file.with_name(f"{self.file.stem}-{next(self._numbers)}")
        folder.mkdir()
        return FileCopy(self.file, folder / "fieldops.db")


class FileCopy:
    """Always at one place. The lock beside it stays: whoever has it open goes on queueing at the same file."""

    def __init__(self, source: Path, file: Path) -> None:
        self._source, self._file = source, file
        self.address = f"sqlite:///{file}"
        self.renew()

    def renew(self, ours: Collection[int] = ()) -> bool:
        for end in ("", "-wal", "-shm"):
            self._file.with_name(self._file.name + end).unlink(missing_ok=True)
        shutil.copyfile(self._source, self._file)
        return False

    def close(self) -> None:
        pass


class ServerTemplate:
    """A PostgreSQL database to be built at `address`, and its copies. `server` is the address of another one there."""

    def __init__(self, server: str, name: str) -> None:
        self._server = make_url(server)
        self._name = name
        self._numbers = count(1)
        self.run("create database {}", name)
        self.address = self.address_of(name)

    def copy(self) -> ServerCopy:
        return ServerCopy(self, f"{self._name}_{next(self._numbers)}")

    def make_copy(self, name: str) -> None:
        self.run("create database {} template {} strategy wal_log", name, self._name)

    def address_of(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def connect(self, name: str | None) -> psycopg.Connection:
        return psycopg.connect(
            dbname=name, user=self._server.username, host=str(self._server.query["host"]), autocommit=True
        )

    def run(self, command: str, *names: str) -> None:
        with self.connect(self._server.database) as connection:
            connection.execute(sql.SQL(command).format(*map(sql.Identifier, names)))


class ServerCopy:
    """Knows what it held when it was new. Its own connection stays open, because that one knows the tables by then."""

    def __init__(self, template: ServerTemplate, name: str) -> None:
        self._template, self._name = template, name
        self.address = template.address_of(name)
        self._make()

    def _make(self) -> None:
        self._template.make_copy(self._name)
        self._uses = 1
        self._connection = self._template.connect(self._name)
        run = self._connection.execute
        run("set session_replication_role = replica")  # no triggers: logs can be emptied, parents go before children
        run("set lock_timeout = '10s'")
        self._schema = run(SCHEMA).fetchone()
        self._sequences = run(SEQUENCES).fetchall()
        self._filled = sql.SQL(" union all ").join(
            sql.SQL("select {} where exists (select from {})").format(sql.Literal(name), sql.Identifier(name))
            for (name,) in run(TABLES).fetchall()
        )
        self._rows = {name: self._read(name) for (name,) in run(self._filled).fetchall()}

    def _read(self, table: str) -> bytes:
        statement = sql.SQL("copy {} to stdout (format binary)").format(sql.Identifier(table))
        with self._connection.cursor() as cursor, cursor.copy(statement) as out:
            return b"".join(out)

    def renew(self, ours: Collection[int] = ()) -> bool:
        run = self._connection.execute
        run(OTHERS, (self._name, list(ours)))
        self._uses += 1
        if self._uses <= USES and run(SCHEMA).fetchone() == self._schema:
            with self._connection.transaction():
                self._refill()
            return True
        self.close()
        self._template.run("drop database {} with (force)", self._name)
        self._make()
        return False

    def _refill(self) -> None:
        run = self._connection.execute
        for (name,) in run(self._filled).fetchall():
            run(sql.SQL("delete from {}").format(sql.Identifier(name)))
        for name, rows in self._rows.items():
            statement = sql.SQL("copy {} from stdin (format binary)").format(sql.Identifier(name))
            with self._connection.cursor() as cursor, cursor.copy(statement) as into:
                into.write(rows)
        for name, last, used in self._sequences:
            run("select setval(%s, %s, %s)", (name, last, used))

    def close(self) -> None:
        self._connection.close()
