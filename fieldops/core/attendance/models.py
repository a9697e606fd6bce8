"""What happened to a person at a service."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class AttendanceEvent(Model):
    """One fact, with an id made where the tap was made. Append-only: a trigger refuses UPDATE and DELETE.

    `happened_at` is the device's corrected time, `received_at` the server's. `turn` counts how often the stage was
    undone before, so that a stage can be set once, undone, and set again, but never set twice.
    """

    __tablename__ = "attendance_event"
    __table_args__ = (
        Index("uq_attendance_event_turn", "applicant_id", "stage", "turn", unique=True,
              postgresql_where=text("verdict = 'applied' and kind = 'set'"),
              sqlite_where=text("verdict = 'applied' and kind = 'set'")),
        Index("uq_attendance_event_undoes", "undoes", unique=True,
              postgresql_where=text("verdict = 'applied' and kind = 'undo'"),
              sqlite_where=text("verdict = 'applied' and kind = 'undo'")),
        CheckConstraint("kind in ('set', 'undo')", name="kind"),
        CheckConstraint("verdict in ('applied', 'duplicate', 'merged', 'review')", name="verdict"),
        CheckConstraint("stage in ('arrived', 'returned', 'served', 'issued')", name="stage"),
        CheckConstraint("(kind = 'undo') = (undoes is not null)", name="undoes"),
    )  # fmt: skip

    n: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    applicant_id: Mapped[UUID] = mapped_column(ForeignKey("booking_applicant.id"), index=True)
    kind: Mapped[str] = mapped_column(String(4))
    stage: Mapped[str] = mapped_column(String(10))
    turn: Mapped[int]
    undoes: Mapped[UUID | None]
    verdict: Mapped[str] = mapped_column(String(10))
    flag: Mapped[str] = mapped_column(String(40), default="")
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    device: Mapped[str] = mapped_column(String(40), default="")
    device_seq: Mapped[int | None]
    clock_offset_ms: Mapped[int | None]
