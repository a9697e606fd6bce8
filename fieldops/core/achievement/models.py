"""The plan's rows and the output ledger."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Ro(Model):
    """A row of the plan. Keyed by our own id, because the plan prints the code EBD.001 twice."""

    __tablename__ = "achievement_ro"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(40))
    national_priority: Mapped[bool]
    source: Mapped[str] = mapped_column(String(200))


class Target(Model):
    """Target volume and funding of a row in a year; a blank cell of the plan stays None."""

    __tablename__ = "achievement_target"

    ro_id: Mapped[str] = mapped_column(ForeignKey("achievement_ro.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    volume: Mapped[int | None]
    funding: Mapped[int | None] = mapped_column(BigInteger)


class Indicator(Model):
    """A target of an indicator (IKSS, IKP, IKK) in a year. FieldOps never computes an IKK; it shows inputs."""

    __tablename__ = "achievement_indicator"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    parent_code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(40))
    target: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    parent_funding: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(200))


class Line(Model):
    """One ledger line: `volume` of an RO on a day. Append-only: a correction is a reversing line, never an edit."""

    __tablename__ = "achievement_line"
    __table_args__ = (
        UniqueConstraint("source", "ref", name="uq_achievement_line_source_ref"),
        CheckConstraint("volume != 0", name="volume"),
        Index("ix_achievement_line_ro_day", "ro_id", "day"),
        Index("ix_achievement_line_subject", "subject"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    ro_id: Mapped[str] = mapped_column(ForeignKey("achievement_ro.id"))
    day: Mapped[date]
    volume: Mapped[int]
    source: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
