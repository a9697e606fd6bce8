"""Reads of credentials: whether there are any, and the hash to verify a password by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select

from fieldops.core.credentials.models import Passkey, Password, RecoveryCode, Totp
from fieldops.kit import keys

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class PasskeyRow:
    """A passkey of somebody: its name, when it was made and last used."""

    id: UUID
    name: str
    made_at: datetime
    used_at: datetime | None
    credential_id: bytes


@dataclass(frozen=True)
class Held:
    """What a person can prove himself with. `codes` is how many recovery codes are left."""

    password_at: datetime | None = None
    second_step_at: datetime | None = None
    codes: int = 0
    passkeys: tuple[PasskeyRow, ...] = ()

    @property
    def has_password(self) -> bool:
        return self.password_at is not None

    @property
    def has_second_step(self) -> bool:
        return self.second_step_at is not None


def held(session: Session, person_id: UUID) -> Held:
    """What this person has. Four queries."""
    return Held(
        session.scalar(select(Password.set_at).where(Password.person_id == person_id)),
        session.scalar(select(Totp.set_at).where(Totp.person_id == person_id)),
        session.scalar(
            select(func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        )
        or 0,
        tuple(
            PasskeyRow(*row)
            for row in session.execute(
                select(Passkey.id, Passkey.name, Passkey.made_at, Passkey.used_at, Passkey.credential_id)
                .where(Passkey.person_id == person_id)
                .order_by(Passkey.made_at, Passkey.id)
            )
        ),
    )


@dataclass(frozen=True)
class PublicKey:
    """What is needed to judge the answer of a passkey."""

    person_id: UUID
    public_key: bytes
    sign_count: int


def public_key(session: Session, credential_id: bytes) -> PublicKey | None:
    """The public half of a passkey."""
    row = session.execute(
        select(Passkey.person_id, Passkey.public_key, Passkey.sign_count).where(
            Passkey.credential_hash == keys.digest(credential_id.hex())
        )
    ).one_or_none()
    return None if row is None else PublicKey(*row)


def kept_hash(session: Session, person_id: UUID) -> str | None:
    """The hash of somebody's password."""
    return session.scalar(select(Password.hash).where(Password.person_id == person_id))


def has_second_step(session: Session, person_id: UUID) -> bool:
    return session.scalar(select(Totp.person_id).where(Totp.person_id == person_id)) is not None
