"""Setting and spending credentials. A hash comes ready made: making one is slow, and a transaction must be short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.credentials import rules
from fieldops.core.credentials.models import Passkey, Password, RecoveryCode, Totp
from fieldops.kit import keys
from fieldops.kit.db import violated

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.kit.passkeys import NewKey


def _bound(person_id: UUID) -> str:
    return f"totp/{person_id}"


# -- passwords ----------------------------------------------------------------------------------------------------


def set_password(session: Session, person_id: UUID, made: str, *, actor: Actor, now: datetime) -> None:
    """Put a new hash in place of the old one. The caller ends the sessions that this makes worthless."""
    changed = session.execute(
        update(Password).where(Password.person_id == person_id).values(hash=made, set_at=now).returning(Password.hash)
    ).one_or_none()
    if changed is None:
        session.execute(insert(Password).values(person_id=person_id, hash=made, set_at=now))
    audit.record(session, actor, "password.set", "person", person_id, now=now)


def renew_hash(session: Session, person_id: UUID, old: str, made: str) -> None:
    """The same password with today's parameters; nothing when it was changed meanwhile."""
    session.execute(update(Password).where(Password.person_id == person_id, Password.hash == old).values(hash=made))


# -- the second step ----------------------------------------------------------------------------------------------


def set_totp(
    session: Session, person_id: UUID, secret: str, typed: str, *, actor: Actor, now: datetime
) -> tuple[str, ...]:
    """Begin to ask this person for codes of a new secret, after he has shown one; gives ten recovery codes.

    Replaces an old secret and its codes. Refuses (WrongCode) a code that does not fit.
    """
    kind, code = rules.read_code(typed)
    step = rules.fitting_step(secret, code, at=now.timestamp(), last_step=0) if kind == "totp" else None
    if step is None:
        raise rules.WrongCode
    session.execute(delete(Totp).where(Totp.person_id == person_id))
    session.execute(
        insert(Totp).values(
            person_id=person_id, sealed=keys.seal(secret, _bound(person_id)), last_step=step, set_at=now
        )
    )
    audit.record(session, actor, "second-step.set", "person", person_id, now=now)
    return new_recovery_codes(session, person_id, actor=actor, now=now)


def new_recovery_codes(session: Session, person_id: UUID, *, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Ten new codes; the old ones are dead. Only here can they be seen."""
    codes: set[str] = set()
    while len(codes) < rules.RECOVERY_CODES:
        codes.add(keys.pick(rules.RECOVERY_ALPHABET, rules.RECOVERY_LENGTH))
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.execute(
        insert(RecoveryCode),
        [{"person_id": person_id, "code_hash": _hash(person_id, code), "used_at": None} for code in sorted(codes)],
    )
    audit.record(session, actor, "second-step.codes", "person", person_id, now=now, codes=len(codes))
    return tuple(rules.show_recovery(code) for code in sorted(codes))


def _hash(person_id: UUID, code: str) -> str:
    return keys.keyed_hash("recovery", f"{person_id}/{code}")


def spend_code(session: Session, person_id: UUID, typed: str, *, actor: Actor, now: datetime) -> bool:
    """Whether this code of the app or this recovery code is right; then it is spent.

    A conditional UPDATE decides, so of two who send one code at the same time one wins. Refuses (WrongCode) what
    cannot be a code.
    """
    kind, code = rules.read_code(typed)
    if kind == "totp":
        return _spend_totp(session, person_id, code, now=now)
    spent = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == _hash(person_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.code_hash)
    ).one_or_none()
    if spent is None:
        return False
    audit.record(session, actor, "second-step.recovery", "person", person_id, now=now)
    return True


def _spend_totp(session: Session, person_id: UUID, code: str, *, now: datetime) -> bool:
    row = session.execute(select(Totp.sealed, Totp.last_step).where(Totp.person_id == person_id)).one_or_none()
    if row is None:
        return False
    try:
        secret = keys.unseal(row.sealed, _bound(person_id))
    except InvalidTag:  # sealed with another office key: no code can fit until it is set up anew
        return False
    step = rules.fitting_step(secret, code, at=now.timestamp(), last_step=row.last_step)
    if step is None:
        return False
    spent = session.execute(
        update(Totp)
        .where(Totp.person_id == person_id, Totp.last_step < step)
        .values(last_step=step)
        .returning(Totp.last_step)
    ).one_or_none()
    return spent is not None


def drop_second_step(session: Session, person_id: UUID, *, actor: Actor, reason: str, now: datetime) -> bool:
    """Ask this person for no codes any more, and forget his passkeys, which were on the same phone; False when there
    were none of both. `reason` is a word of a list, never free text."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    gone = [
        *session.scalars(delete(Totp).where(Totp.person_id == person_id).returning(Totp.person_id)),
        *session.scalars(delete(Passkey).where(Passkey.person_id == person_id).returning(Passkey.id)),
    ]
    if gone:
        audit.record(session, actor, "second-step.drop", "person", person_id, now=now, reason=reason)
    return bool(gone)


# -- passkeys -----------------------------------------------------------------------------------------------------


def add_passkey(session: Session, person_id: UUID, key: NewKey, name: str, *, actor: Actor, now: datetime) -> None:
    """Keep the public half of a new passkey. Refuses (PasskeyKnown) one that is there already, and an eleventh."""
    if len(session.scalars(select(Passkey.id).where(Passkey.person_id == person_id)).all()) >= rules.MOST_PASSKEYS:
        raise rules.PasskeyKnown(f"Paling banyak {rules.MOST_PASSKEYS} kunci sandi. Hapus satu yang tidak dipakai.")
    try:
        session.execute(
            insert(Passkey).values(
                person_id=person_id,
                credential_hash=keys.digest(key.credential_id.hex()),
                credential_id=key.credential_id,
                public_key=key.public_key,
                sign_count=key.sign_count,
                name=name,
                made_at=now,
            )
        )
    except IntegrityError as error:
        if violated(error, "uq_credentials_passkey_credential_hash", "credentials_passkey.credential_hash"):
            raise rules.PasskeyKnown from error
        raise
    audit.record(session, actor, "passkey.add", "person", person_id, now=now)


def use_passkey(session: Session, credential_id: bytes, *, seen: int, count: int, now: datetime) -> bool:
    """Note the new count of a passkey; False when it is gone or was used since its count `seen` was read."""
    used = session.execute(
        update(Passkey)
        .where(Passkey.credential_hash == keys.digest(credential_id.hex()), Passkey.sign_count == seen)
        .values(sign_count=count, used_at=now)
        .returning(Passkey.id)
    ).one_or_none()
    return used is not None


def remove_passkey(session: Session, person_id: UUID, passkey_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Forget a passkey of this person; twice is once."""
    gone = session.execute(
        delete(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == person_id).returning(Passkey.id)
    ).one_or_none()
    if gone is not None:
        audit.record(session, actor, "passkey.remove", "person", person_id, now=now)
