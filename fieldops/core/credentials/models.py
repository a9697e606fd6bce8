"""What a person proves himself with. Nothing here can be read back but by the office's key."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Password(Model):
    """The hash of a password (kit/passwords.py)."""

    __tablename__ = "credentials_password"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime]


class Totp(Model):
    """The secret of an authenticator app, sealed and bound to its person. `last_step` is the newest that was spent."""

    __tablename__ = "credentials_totp"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger)
    set_at: Mapped[datetime]


class Passkey(Model):
    """A key pair of a phone or computer; only the public half is here. `sign_count` tells a copy."""

    __tablename__ = "credentials_passkey"
    __table_args__ = (Index("ix_credentials_passkey_person_id", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    credential_hash: Mapped[str] = mapped_column(String(64), unique=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Model):
    """One of ten codes for the day on which the phone is not there. Only its keyed hash is kept; each works once."""

    __tablename__ = "credentials_recovery_code"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None]
