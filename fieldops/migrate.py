"""Migrations: numbered revisions, one head, the same on SQLite and PostgreSQL.

SQLite rebuilds a table by dropping it, and with foreign keys on that silently deletes child rows. So migrations run
with foreign keys off, on their own engine, and the keys are checked at the end. PostgreSQL takes an advisory lock, so
that two starting servers do not migrate at once; SQLite's BEGIN IMMEDIATE does the same.

Alembic is loaded only to migrate: a server that only asks whether it has to is 7 MB smaller without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import NullPool, create_engine, event, inspect, text

from fieldops.kit.db import Database
from fieldops.settings import ROOT

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

_LOCK = 4172025


def config() -> Config:
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(ROOT / "migrations"))
    return made


def head() -> str:
    """The newest revision in the tree, for example '0001' (a test compares the file with the revisions)."""
    return (ROOT / "migrations" / "HEAD").read_text(encoding="utf-8").strip()


def current(database: Database) -> str | None:
    """The revision this database is at, or None when it is empty."""
    with database.reader.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("select version_num from alembic_version")).scalar_one_or_none()


def upgrade(database: Database) -> None:
    """Bring the database to the head. Safe to run twice and by two processes at once."""
    from alembic import command

    engine = create_engine(database.url, poolclass=NullPool)
    if database.is_sqlite:

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000", "foreign_keys=OFF"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        if not database.is_sqlite:
            connection.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
            connection.commit()
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, "head")
        connection.commit()
        if database.is_sqlite:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"foreign keys broken after migration: {broken[:5]}")
        else:
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    engine.dispose()
