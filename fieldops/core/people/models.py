"""Staff, their single-use links, their sessions, and imports of the staff list."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Person(Model):
    """A member of staff. The role decides the permissions (rules). `email` is kept in lower case.

    `revision` counts the changes: a form that was drawn at an older one is refused. `changed_by` is nobody when a
    command changed it.
    """

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
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[UUID | None]


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
    """A single-use token for a person, at most 24 hours old. Only its hash is kept.

    `purpose`: 'session' signs in (made by a command), 'password' lets him choose a password, 'step' is the way from
    the password to the second step and lives for minutes.
    """

    __tablename__ = "people_sign_in_link"
    __table_args__ = (
        CheckConstraint("purpose in ('session', 'password', 'step')", name="purpose"),
        Index("ix_people_sign_in_link_person_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    purpose: Mapped[str] = mapped_column(String(10), default="session", server_default="session")


class StaffSession(Model):
    """A signed-in browser. Ended on sign-out, by age or by an administrator; a dead one never revives.

    `means` is how he came in, `device` his browser in words, `proved_at` when he last proved who he is, and
    `challenge_hash` what his passkey signed: it can sign the same thing in once.
    """

    __tablename__ = "people_session"
    __table_args__ = (
        CheckConstraint("means in ('link', 'password', 'two-step', 'passkey')", name="means"),
        Index("ix_people_session_person_id", "person_id"),
        Index("uq_people_session_challenge_hash", "challenge_hash", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    means: Mapped[str] = mapped_column(String(10), default="link", server_default="link")
    device: Mapped[str] = mapped_column(String(40), default="", server_default="")
    proved_at: Mapped[datetime | None]
    challenge_hash: Mapped[str | None] = mapped_column(String(64))


class PeopleImport(Model):
    """One sheet that was brought. `rows` is what stands in it; `done` is what it changed, with the values before.

    The file itself is not kept. `rows` and `done` hold names: a job empties them (service/imports.py).
    """

    __tablename__ = "people_import"
    __table_args__ = (CheckConstraint("state in ('read', 'done', 'undone', 'forgotten')", name="state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    form_key: Mapped[str] = mapped_column(String(60), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="read")
    columns: Mapped[list[str]] = mapped_column(JSON)
    rows: Mapped[list[Any]] = mapped_column(JSON)
    done: Mapped[list[Any]] = mapped_column(JSON)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
