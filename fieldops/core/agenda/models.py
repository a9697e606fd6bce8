"""What happens where and when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class ServiceEvent(Model):
    """A published service. `revision` rises only when something a follower cares about changed."""

    __tablename__ = "agenda_service_event"
    __table_args__ = (
        UniqueConstraint("source", "ref", name="uq_agenda_service_event_source_ref"),
        CheckConstraint("ends_at > starts_at", name="interval"),
        CheckConstraint("status in ('planned', 'cancelled', 'done')", name="status"),
        Index("ix_agenda_service_event_starts_at", "starts_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    source: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(300))
    area_code: Mapped[str | None] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    people_expected: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    revision: Mapped[int]
    changed_at: Mapped[datetime]
