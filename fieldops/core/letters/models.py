"""Letters with their register number, and the counters that give it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Letter(Model):
    """One version of a letter as it was printed. `content` is all that stands in it, so it can be printed again.

    `number` counts within `kind` and `year` (of the letter's date, in office time). `official_number` is typed by the
    office. A new version keeps the number; the old one is void. `token` is in the verification code.
    """

    __tablename__ = "letters_letter"
    __table_args__ = (
        UniqueConstraint("kind", "year", "number", "version", name="uq_letters_letter_number"),
        Index("uq_letters_letter_valid", "kind", "source", "ref", unique=True,
              postgresql_where=text("state = 'issued'"), sqlite_where=text("state = 'issued'")),
        CheckConstraint("state in ('issued', 'void')", name="state"),
        CheckConstraint("(state = 'void') = (voided_at is not null)", name="voided"),
        CheckConstraint("number > 0 and version > 0", name="number"),
        Index("ix_letters_letter_ref", "source", "ref"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    number: Mapped[int]
    version: Mapped[int]
    official_number: Mapped[str] = mapped_column(String(60), default="")
    day: Mapped[date]
    source: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(300))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    token: Mapped[str] = mapped_column(String(26), unique=True)
    form_key: Mapped[str] = mapped_column(String(60), unique=True)
    issued_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    issued_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(String(300), default="")


class LetterCounter(Model):
    """The last number of a kind in a year. Its row is locked while a number is given."""

    __tablename__ = "letters_counter"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
