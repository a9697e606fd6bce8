"""Blank passports. A blank is a row, as a seat is: one serial number can never be in two places."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Blank(Model):
    """One blank and where it is. `source` and `ref` say who has it while it is out, and who used or spoiled it."""

    __tablename__ = "blanks_blank"
    __table_args__ = (
        CheckConstraint("state in ('stock', 'out', 'used', 'spoiled', 'moved')", name="state"),
        CheckConstraint("state != 'out' or ref != ''", name="out_with_somebody"),
        Index("ix_blanks_blank_state", "state"),
        Index("ix_blanks_blank_ref", "source", "ref"),
    )

    serial: Mapped[str] = mapped_column(String(12), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(30), default="")
    ref: Mapped[str] = mapped_column(String(60), default="")
    changed_at: Mapped[datetime]


class BlankMove(Model):
    """What happened to a range of blanks, both ends included. Append-only: the history of each number."""

    __tablename__ = "blanks_move"
    __table_args__ = (
        CheckConstraint("kind in ('receipt', 'issue', 'return', 'use', 'spoil', 'transfer', 'undo')", name="kind"),
        CheckConstraint("count > 0", name="count"),
        Index("ix_blanks_move_made_at", "made_at"),
        Index("ix_blanks_move_ref", "source", "ref"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(10))
    first: Mapped[str] = mapped_column(String(12))
    last: Mapped[str] = mapped_column(String(12))
    count: Mapped[int]
    source: Mapped[str] = mapped_column(String(30), default="")
    ref: Mapped[str] = mapped_column(String(60), default="")
    day: Mapped[date]
    note: Mapped[str] = mapped_column(String(300), default="")
    form_key: Mapped[str] = mapped_column(String(60), unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
