"""Backup and restore as one zip of JSON lines: the same file for SQLite and PostgreSQL, and the way from one to the
other. The office's secret key is not in it: without the key nobody can use the NIK hashes or read the phone numbers.
A mark in `about.json` tells whether a key is the one that the backup was made under.
"""

from __future__ import annotations

import base64
import json
import os
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select, text

from fieldops import VERSION, migrate, schema
from fieldops.kit import clock, db, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Column, Table

_BATCH = 500


class NotRestorable(SystemExit):
    """The file or the database is not what a restore needs; nothing was changed."""


def _key_mark() -> str:
    return keys.keyed_hash("backup", "key")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    kind = column.type.python_type
    readers: dict[type, Callable[[Any], Any]] = {
        datetime: datetime.fromisoformat,
        date: date.fromisoformat,
        time: time.fromisoformat,
        UUID: UUID,
        Decimal: Decimal,
        bytes: base64.b64decode,
    }
    read = readers.get(kind, lambda value: value)
    return lambda value: None if value is None else read(value)


def _tables() -> list[Table]:
    """All tables, parents first."""
    return list(schema.metadata.sorted_tables)


def backup(target: Path) -> dict[str, int]:
    """Write everything into a new zip (mode 0600, complete or not there at all); returns rows per table.

    The read is one snapshot: a booking made meanwhile is in it wholly or not at all.
    """
    database = db.database()
    counts = {}
    fresh = target.with_name(f".{target.name}.part")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, database.reader.connect() as connection:
            if database.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            for table in _tables():
                with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as lines:
                    count = 0
                    for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
                        plain = {name: _plain(value) for name, value in row.items()}
                        lines.write(json.dumps(plain, ensure_ascii=False).encode() + b"\n")
                        count += 1
                    counts[table.name] = count
            about = {
                "app": VERSION,
                "revision": migrate.head(),
                "made_at": clock.now().isoformat(),
                "rows": counts,
                "key_mark": _key_mark(),
            }
            archive.writestr("about.json", json.dumps(about, indent=1))
            if database.is_sqlite:
                connection.exec_driver_sql("COMMIT")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(target)
    return counts


def restore(source: Path, *, say: Callable[[str], None] = print) -> dict[str, int]:
    """Fill an empty, migrated database from a backup, in one transaction; returns rows per table.

    Refuses (NotRestorable) a database that holds any row, another revision, another secret key, or a file with missing
    rows. A backup from before 2026-11-30 has no mark of its key: it goes in, and `say` gets a warning.
    """
    with zipfile.ZipFile(source) as archive:
        about = json.loads(archive.read("about.json"))
        if about["revision"] != migrate.head():
            raise NotRestorable(f"The backup is of revision {about['revision']}, the code is at {migrate.head()}.")
        if "key_mark" not in about:
            say("Warning: this backup does not tell its key. Under another key no NIK or phone in it can be used.")
        elif about["key_mark"] != _key_mark():
            raise NotRestorable(
                "The backup was made under another secret key: under this one no NIK in it would be recognised and no "
                "phone number could be read. Put the key of that office in place (secret.key), then restore again."
            )
        database = db.database()
        with database.transaction() as session:
            for table in _tables():
                if session.execute(select(table).limit(1)).first() is not None:
                    raise NotRestorable(f"The database is not empty ({table.name}). Restore into a new one.")
            for table in _tables():
                readers = {column.name: _reader(column) for column in table.columns}
                rows = []
                count = 0
                with archive.open(f"{table.name}.jsonl") as lines:
                    for line in lines:
                        plain = json.loads(line)
                        rows.append({name: readers[name](value) for name, value in plain.items()})
                        count += 1
                        if len(rows) == _BATCH and not _own_keys(table):
                            session.execute(insert(table), rows)
                            rows = []
                for wave in _waves(table, rows):
                    session.execute(insert(table), wave)
                if count != about["rows"][table.name]:
                    raise NotRestorable(f"{table.name}: {count} rows in the file, {about['rows'][table.name]} told.")
            if not database.is_sqlite:
                _restart_counters(session)
    return dict(about["rows"])


def _own_keys(table: Table) -> dict[str, str]:
    """The columns that name another row of the same table, and the column in which they name it."""
    return {key.parent.name: key.column.name for key in table.foreign_keys if key.column.table is table}


def _waves(table: Table, rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows in an order in which whoever is named comes before who names him: a case before its parts. Refuses
    (NotRestorable) rows that name each other, or nobody."""
    own, there = _own_keys(table), set()
    while rows:
        ready: list[dict[str, Any]] = []
        waiting: list[dict[str, Any]] = []
        for row in rows:
            named = ((target, row[name]) for name, target in own.items() if row[name] is not None)
            (ready if all(one in there for one in named) else waiting).append(row)
        if not ready:
            raise NotRestorable(f"{table.name}: rows that name a row which is not in the backup.")
        yield ready
        there |= {(target, row[target]) for row in ready for target in own.values()}
        rows = waiting


def _restart_counters(session: Any) -> None:
    """PostgreSQL's counters do not know of rows that came with their numbers."""
    for table in _tables():
        for column in table.primary_key:
            found = session.execute(
                text("select pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
            ).scalar_one()
            if found:
                session.execute(
                    text(f"select setval('{found}', coalesce(max({column.name}), 0) + 1, false) from {table.name}")  # noqa: S608
                )
