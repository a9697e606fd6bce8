"""Notices, which are also the outbox of mail, and who wants no mail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Notice(Model):
    """One fact told to one person, once (`key`). The worker mails what is due: `mail_next_at` is when somebody may
    try, and while a worker has the mail it is the end of his lease. `mail_error` is a class, never an address."""

    __tablename__ = "notices_notice"
    __table_args__ = (
        UniqueConstraint("person_id", "key", name="uq_notices_notice_key"),
        CheckConstraint("mail_state in ('none', 'waiting', 'sent', 'failed', 'given_up')", name="mail_state"),
        CheckConstraint("(mail_state in ('waiting', 'failed')) = (mail_next_at is not null)", name="mail_next_at"),
        CheckConstraint("mail_tries >= 0", name="mail_tries"),
        Index("ix_notices_notice_inbox", "person_id", "made_at", "id"),
        Index("ix_notices_notice_unread", "person_id",
              postgresql_where=text("read_at is null"), sqlite_where=text("read_at is null")),
        Index("ix_notices_notice_mail_next_at", "mail_next_at",
              postgresql_where=text("mail_next_at is not null"), sqlite_where=text("mail_next_at is not null")),
        Index("ix_notices_notice_given_up", "made_at",
              postgresql_where=text("mail_state = 'given_up'"), sqlite_where=text("mail_state = 'given_up'")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(String(1000))
    link: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mail_state: Mapped[str] = mapped_column(String(10))
    mail_tries: Mapped[int] = mapped_column(default=0)
    mail_next_at: Mapped[datetime | None]
    mail_error: Mapped[str] = mapped_column(String(40), default="")


class Preference(Model):
    """What a person chose. Nobody chose yet: by mail."""

    __tablename__ = "notices_preference"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), primary_key=True)
    by_mail: Mapped[bool]
    changed_at: Mapped[datetime]
