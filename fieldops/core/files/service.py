"""Keeping files and taking them away. Slow work (drawing a photo anew) is done before the transaction, by whoever
takes the file in: `core.files.routes`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select

from fieldops.core.files import rules
from fieldops.core.files.models import StoredFile
from fieldops.core.files.rules import MediaType

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def store(
    session: Session,
    *,
    source: str,
    ref: str,
    name: str,
    data: bytes,
    kinds: frozenset[MediaType],
    made_by: UUID | None,
    now: datetime,
) -> UUID:
    """Keep a file of `(source, ref)` and return its id. The same bytes again are the same file.

    Locks nothing: whoever calls it holds the row that the file belongs to. Refuses (rules.NoFile, FileTooLarge,
    WrongFile, TooManyFiles) what is empty, over 2 MB, of another kind by its content, or one too many. Writes no audit
    line: the caller knows what it means.
    """
    kind = rules.check(data, kinds)
    digest = hashlib.sha256(data).hexdigest()
    there = (StoredFile.source == source, StoredFile.ref == ref)
    known = session.scalar(select(StoredFile.id).where(*there, StoredFile.sha256 == digest))
    if known is not None:
        return known
    if (session.scalar(select(func.count()).select_from(StoredFile).where(*there)) or 0) >= rules.MAX_FILES:
        raise rules.TooManyFiles
    file_id = uuid4()
    session.execute(
        insert(StoredFile).values(
            id=file_id,
            source=source,
            ref=ref,
            name=rules.file_name(name, kind),
            media_type=kind.value,
            size=len(data),
            sha256=digest,
            content=data,
            made_by=made_by,
            made_at=now,
        )
    )
    return file_id


def remove(session: Session, *, source: str, ref: str) -> int:
    """Take away all files of one thing; returns how many. For the days after which personal data is erased."""
    gone = session.execute(delete(StoredFile).where(StoredFile.source == source, StoredFile.ref == ref))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def remove_one(session: Session, file_id: UUID, *, source: str, ref: str) -> bool:
    """Take away one file of one thing; whether it was there."""
    gone = session.execute(
        delete(StoredFile).where(StoredFile.id == file_id, StoredFile.source == source, StoredFile.ref == ref)
    )
    return bool(gone.rowcount)  # type: ignore[attr-defined]
