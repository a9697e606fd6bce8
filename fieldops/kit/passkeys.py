"""Passkeys (WebAuthn): what a browser sends, judged by the package webauthn. The office's staff host is the only one
they are for, and the device must have seen its owner's finger, face or lock (user verification).

The challenge travels through the page, sealed with its time, so that GET keeps nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag

from fieldops.kit import keys

LIFE_SECONDS = 600
_LONGEST = 16_000


class NotValid(Exception):  # noqa: N818 (the house word)
    """What came is no answer of a passkey to this challenge."""


@dataclass(frozen=True)
class NewKey:
    """A passkey that was just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def text_of(data: bytes) -> str:
    """Bytes as WebAuthn writes them: base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """The bytes behind such a text. Refuses (NotValid) what is none."""
    try:
        return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise NotValid from None


def new_challenge(bound_to: str, *, now: float) -> tuple[str, str]:
    """A challenge of 256 bits for the browser, and the same sealed for its way back."""
    challenge = text_of(secrets.token_bytes(32))
    return challenge, text_of(keys.seal(f"{int(now)}:{challenge}", bound_to))


def read_challenge(sealed: str, bound_to: str, *, now: float) -> bytes:
    """The challenge that was given out. Refuses (NotValid) one that is ten minutes old, or not ours."""
    try:
        made_at, _, challenge = keys.unseal(bytes_of(sealed), bound_to).partition(":")
    except (InvalidTag, ValueError):
        raise NotValid from None
    if now >= int(made_at) + LIFE_SECONDS:
        raise NotValid
    return bytes_of(challenge)


def host_of(url: str) -> str:
    """The relying party: the host without its port."""
    return urlsplit(url).hostname or ""


def credential_id(sent: str) -> bytes:
    """Which passkey answers. Refuses NotValid."""
    found = _read(sent).get("rawId")
    if not isinstance(found, str):
        raise NotValid
    return bytes_of(found)


def made(sent: str, challenge: bytes, *, url: str) -> NewKey:
    """The passkey that the browser made for `challenge` on the host of `url`. Refuses NotValid."""
    from webauthn import verify_registration_response

    try:
        found = verify_registration_response(
            credential=_read(sent),
            expected_challenge=challenge,
            expected_rp_id=host_of(url),
            expected_origin=url,
            require_user_verification=True,
        )
    except NotValid:
        raise
    except Exception:
        # The package and the readers of CBOR and keys below it raise what they stumble on; to us it is one thing.
        raise NotValid from None
    return NewKey(found.credential_id, found.credential_public_key, found.sign_count)


def answered(sent: str, challenge: bytes, *, url: str, public_key: bytes, sign_count: int) -> int:
    """The new count of a passkey that signed `challenge`. Refuses (NotValid) a wrong signature, another host, a count
    that went back (a copy), and a device that did not check who holds it."""
    from webauthn import verify_authentication_response

    try:
        found = verify_authentication_response(
            credential=_read(sent),
            expected_challenge=challenge,
            expected_rp_id=host_of(url),
            expected_origin=url,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except NotValid:
        raise
    except Exception:
        raise NotValid from None
    return found.new_sign_count


def _read(sent: str) -> dict[str, Any]:
    if len(sent) > _LONGEST:
        raise NotValid
    try:
        found = json.loads(sent)
    except (ValueError, RecursionError):
        raise NotValid from None
    if not isinstance(found, dict):
        raise NotValid
    return found
