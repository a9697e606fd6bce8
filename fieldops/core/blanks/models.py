"""Blank passports. A blank is a row, as a seat is: one serial number can never be in two places."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String
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
    """What happened to a range of blanks, both ends included. Append-only: the history of each number.

    The ids say what came after what: of two moves of one number the later was made under the same lock. `undoes` is the
    move that an 'undo' takes back; a move that was taken back counts no more.
    """

    __tablename__ = "blanks_move"
    __table_args__ = (
        CheckConstraint("kind in ('receipt', 'issue', 'return', 'use', 'spoil', 'transfer', 'undo')", name="kind"),
        CheckConstraint("count > 0", name="count"),
        CheckConstraint("(kind = 'undo') = (undoes is not null)", name="undoes"),
        Index("ix_blanks_move_made_at", "made_at"),
        Index("ix_blanks_move_ref", "source", "ref"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    first: Mapped[str] = mapped_column(String(12))
    last: Mapped[str] = mapped_column(String(12))
    count: Mapped[int]
    source: Mapped[str] = mapped_column(String(30), default="")
    ref: Mapped[str] = mapped_column(String(60), default="")
    day: Mapped[date]
    note: Mapped[str] = mapped_column(String(300), default="")
    undoes: Mapped[int | None] = mapped_column(ForeignKey("blanks_move.id"), unique=True)
    form_key: Mapped[str] = mapped_column(String(60), unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
