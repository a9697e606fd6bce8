"""Staff, their one-time sign-in links and their sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Person(Model):
    """A member of staff. The role decides the permissions (rules.py). `email` is kept in lower case."""

    __tablename__ = "people_person"
    __table_args__ = (
        CheckConstraint("role in ('officer', 'supervisor', 'tu', 'head', 'admin', 'auditor')", name="role"),
        Index("uq_people_person_nip", "nip", unique=True,
              postgresql_where=text("nip != ''"), sqlite_where=text("nip != ''")),
        Index("uq_people_person_email", "email", unique=True,
              postgresql_where=text("email != ''"), sqlite_where=text("email != ''")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    section: Mapped[str] = mapped_column(String(60), default="")
    nip: Mapped[str] = mapped_column(String(18), default="", server_default="")
    rank: Mapped[str] = mapped_column(String(60), default="", server_default="")
    email: Mapped[str] = mapped_column(String(200), default="", server_default="")
    is_active: Mapped[bool] = mapped_column(default=True)


class PersonCompetence(Model):
    """One thing a person can do (rules.Competence)."""

    __tablename__ = "people_competence"
    __table_args__ = (
        CheckConstraint(
            "competence in ('lead', 'verification', 'interview', 'biometrics', 'driver', 'ppns', 'intelligence')",
            name="competence",
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), primary_key=True)
    competence: Mapped[str] = mapped_column(String(20), primary_key=True)


class SignInLink(Model):
    """A single-use link, at most 24 hours old. Only the hash of its token is kept."""

    __tablename__ = "people_sign_in_link"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffSession(Model):
    """A signed-in browser. Ended on sign-out, by age or by an administrator; a dead one never revives."""

    __tablename__ = "people_session"
    __table_args__ = (Index("ix_people_session_person_id", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
