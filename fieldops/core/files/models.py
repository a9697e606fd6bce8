"""Files in the database, so that one backup holds everything. They are few and small: see rules for the limits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class StoredFile(Model):
    """One file. `name` is what it is called when somebody saves it; it was not believed when it came."""

    __tablename__ = "files_file"
    __table_args__ = (
        CheckConstraint("media_type in ('application/pdf', 'image/jpeg', 'image/png')", name="media_type"),
        Index("ix_files_file_ref", "source", "ref"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    source: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(30))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
