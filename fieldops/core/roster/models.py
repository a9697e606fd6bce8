"""The busy table."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Busy(Model):
    """A promise of a person, vehicle or kit: half-open [starts_at, ends_at), with its kind and its source."""

    __tablename__ = "roster_busy"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="interval"),
        CheckConstraint("holder_kind in ('person', 'vehicle', 'kit')", name="holder_kind"),
        UniqueConstraint("holder_kind", "holder_id", "source", "ref", name="uq_roster_busy_promise"),
        Index("ix_roster_busy_holder", "holder_kind", "holder_id", "starts_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    holder_kind: Mapped[str] = mapped_column(String(10))
    holder_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60))
