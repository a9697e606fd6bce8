"""The database: one engine with a writing and a reading face, and the only place that commits.

SQLite is the embedded default: WAL, foreign keys, `synchronous=FULL`, `BEGIN IMMEDIATE` for every write, and a file
lock before it, because SQLite's own busy handler sleeps and polls and so starves unlucky writers. PostgreSQL is the
growth path: READ COMMITTED and a row lock on the row that owns the scarcity. A constraint stands behind every lock.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    DateTime,
    Engine,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from fieldops.kit.errors import Stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import Connection, Dialect

Answer = TypeVar("Answer")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant. PostgreSQL keeps `timestamptz`; SQLite keeps UTC without a zone and it is put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant needs a time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Model(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UTCDateTime}  # noqa: RUF012 (SQLAlchemy reads it off the class)


# Readers have no transaction, so there is none to roll back when they go.
_NO_TRANSACTION: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}


class _Session(Session):
    """Statements on tables go straight to the connection: the way around the objects, which they do not concern, costs
    half as much again as the statement."""

    def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        if options or statement._propagate_attrs:
            return super().execute(statement, params, **options)
        return self.connection().execute(statement, params)


class Database:
    """One database, two faces. Processes that fork must make their own (`connect` after the fork)."""

    def __init__(self, url: str, *, pool: int = 8) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            Path(self.url.database or "").parent.mkdir(parents=True, exist_ok=True)
            self.engine = self._sqlite(pool, writes=True)
            self.reader = self._sqlite(pool, writes=False)
            self._lock_path = self.beside("lock")
        else:
            if self.url.drivername == "postgresql":
                self.url = self.url.set(drivername="postgresql+psycopg")
            common = {"pool_size": pool, "max_overflow": 0, "pool_timeout": 10, "hide_parameters": True}
            options = "-c lock_timeout=5s -c statement_timeout=30s"
            self.engine = create_engine(self.url, connect_args={"options": options}, **common)
            self.reader = create_engine(
                self.url,
                **_NO_TRANSACTION,
                connect_args={"options": f"{options} -c default_transaction_read_only=on"},
                **common,
            )
        self._write = sessionmaker(self.engine, class_=_Session, expire_on_commit=False)
        self._read = sessionmaker(self.reader, class_=_Session, expire_on_commit=False, autoflush=False)
        self._local = threading.local()

    def _sqlite(self, pool: int, *, writes: bool) -> Engine:
        engine = create_engine(
            self.url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=10,
            hide_parameters=True,
            connect_args={"timeout": 15},
            **({} if writes else _NO_TRANSACTION),
        )

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            pragmas = ["journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON"]
            pragmas.append("cache_size=-256")  # what another process writes empties it; the system keeps the file
            if not writes:
                pragmas.append("query_only=ON")
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")

        if writes:

            @event.listens_for(engine, "begin")
            def _begin(connection: Connection) -> None:
                connection.connection.cursor().execute("BEGIN IMMEDIATE")  # past SQLAlchemy: 5 µs instead of 25

        return engine

    def beside(self, name: str) -> str:
        """The path of a file that belongs to this SQLite database, wherever a link or a folder makes it seem to lie."""
        return f"{Path(self.url.database or '').resolve()}.{name}"

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Queue for the right to write. One open file per thread: a flock belongs to the open file."""
        if not self.is_sqlite:
            yield
            return
        if getattr(self._local, "inside", False):
            raise RuntimeError("transaction() inside transaction(): the inner one would deadlock")
        if not hasattr(self._local, "file"):
            self._local.file = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._local.file, fcntl.LOCK_EX)
        self._local.inside = True
        try:
            yield
        finally:
            self._local.inside = False
            fcntl.flock(self._local.file, fcntl.LOCK_UN)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self._turn(), self._write.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._read() as session:
            yield session

    def dispose(self) -> None:
        self.engine.dispose()
        self.reader.dispose()


_database: Database | None = None


def connect(url: str, *, pool: int = 8) -> Database:
    """Make `url` this process's database and return it."""
    global _database
    if _database is not None:
        _database.dispose()
    _database = Database(url, pool=pool)
    return _database


def database() -> Database:
    if _database is None:
        raise RuntimeError("no database yet: call kit.db.connect(url) first")
    return _database


@contextmanager
def transaction() -> Iterator[Session]:
    """A write transaction: commits at a clean exit, rolls back on any exception. Do not nest, keep it short."""
    with database().transaction() as session:
        yield session


def again_when_stale(work: Callable[[Session], Answer], *, tries: int = 3) -> Answer:
    """Run `work` in a transaction; when it finds that somebody changed the ground under it (Stale), look again in a
    fresh one. For writes where the second look has a better answer than the refusal: the same form sent twice."""
    for _ in range(tries - 1):
        try:
            with transaction() as session:
                return work(session)
        except Stale:
            continue
    with transaction() as session:
        return work(session)


@contextmanager
def reading() -> Iterator[Session]:
    """A session for pages that only show: a write fails in the database. Each statement is its own snapshot."""
    with database().reading() as session:
        yield session


def is_contention(error: Exception) -> bool:
    """Whether the database only asks to try again: a lock waited too long, a deadlock, a busy file, a full pool."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.orig, "sqlstate", None)
    return code in {"40001", "40P01", "55P03", "57014"} or "database is locked" in str(error.orig)


def violated(error: IntegrityError, constraint: str, *columns: str) -> bool:
    """Whether `error` is about the named constraint. SQLite names the columns instead: give them as table.column."""
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if name is not None:
        return bool(name == constraint)
    text = str(error.orig)
    return constraint in text or (bool(columns) and all(column in text for column in columns))
