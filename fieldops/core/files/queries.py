"""Reads of files: lists without the content, one file with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from fieldops.core.files.models import StoredFile
from fieldops.core.files.rules import MediaType

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_COLUMNS = (
    StoredFile.id,
    StoredFile.source,
    StoredFile.ref,
    StoredFile.name,
    StoredFile.media_type,
    StoredFile.size,
    StoredFile.made_by,
    StoredFile.made_at,
)


@dataclass(frozen=True)
class FileRow:
    """A file without its content. `size` in bytes."""

    id: UUID
    source: str
    ref: str
    name: str
    media_type: MediaType
    size: int
    made_by: UUID | None
    made_at: datetime

    @property
    def size_told(self) -> str:
        """The size in words: 340 kB."""
        return f"{max(1, -(-self.size // 1024))} kB"


@dataclass(frozen=True)
class FileContent:
    """A file to be sent out."""

    row: FileRow
    content: bytes


def _row(found: Any) -> FileRow:
    file_id, source, ref, name, kind, size, made_by, made_at = found[:8]
    return FileRow(file_id, source, ref, name, MediaType(kind), size, made_by, made_at)


def files_of(session: Session, source: str, ref: str) -> list[FileRow]:
    """The files of one thing, oldest first, without their content. One query."""
    return files_of_many(session, source, [ref]).get(ref, [])


def files_of_many(session: Session, source: str, refs: Iterable[str]) -> dict[str, list[FileRow]]:
    """The files of several things by their ref. One query."""
    query = (
        select(*_COLUMNS)
        .where(StoredFile.source == source, StoredFile.ref.in_(list(refs)))
        .order_by(StoredFile.made_at, StoredFile.id)
    )
    found: dict[str, list[FileRow]] = {}
    for one in session.execute(query):
        found.setdefault(one.ref, []).append(_row(one))
    return found


def one_file(session: Session, file_id: UUID, *, source: str, ref: str) -> FileContent | None:
    """One file with its content, when it belongs to this thing; None otherwise. One query."""
    query = select(*_COLUMNS, StoredFile.content).where(
        StoredFile.id == file_id, StoredFile.source == source, StoredFile.ref == ref
    )
    one = session.execute(query).one_or_none()
    return None if one is None else FileContent(_row(one), one.content)
