"""Keys, tokens and sealed fields. One office secret; every use derives its own key from it by name.

V11.1.2 key list: `nik` (person keys), `phone` (phone keys), `form` (what a form key stands for), `backup` (the mark of
a backup), `recovery` (codes for a lost phone), `seal` (AES-GCM of phone numbers, authenticator secrets and
challenges), `cookie` (Flask).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as _random
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# Crockford's base 32: upper case, no I, L, O, U; a QR code holds it in its dense alphanumeric mode.
_BASE32 = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_OF_A_BYTE = _BASE32 * 8  # 256 is 8 times 32, so each sign is as likely as any other

_secret: bytes = b""


def use(secret: bytes) -> None:
    """Set this process's office secret."""
    global _secret
    _secret = secret
    _key.cache_clear()
    _cipher.cache_clear()


@lru_cache(maxsize=16)
def _key(purpose: str) -> bytes:
    if not _secret:
        raise RuntimeError("no office secret: call kit.keys.use(secret) first")
    return hmac.digest(_secret, b"fieldops/" + purpose.encode(), "sha256")


@lru_cache(maxsize=1)
def _cipher() -> AESGCM:
    return AESGCM(_key("seal"))


def cookie_key() -> bytes:
    return _key("cookie")


def keyed_hash(purpose: str, value: str) -> str:
    """A hash that nobody can guess without the office's secret (64 hex digits). 16-digit numbers need that."""
    return hmac.new(_key(purpose), value.encode(), hashlib.sha256).hexdigest()


def token() -> str:
    """A new random token of 130 bits, 26 characters, upper case."""
    return _signs(26)


def entry_token() -> str:
    """A new random token of 100 bits, 20 characters: as many as the smallest QR code holds with correction M."""
    return _signs(20)


def _signs(length: int) -> str:
    return _random.token_bytes(length).translate(_OF_A_BYTE).decode()


def digest(value: str) -> str:
    """Plain SHA-256 in hex: for tokens that are long and random already."""
    return hashlib.sha256(value.encode()).hexdigest()


def pick(alphabet: str, length: int) -> str:
    return "".join(_random.choice(alphabet) for _ in range(length))


def seal(text: str, bound_to: str) -> bytes:
    """Encrypt a short field with AES-256-GCM, bound to its row: a sealed value moved to another row does not open."""
    nonce = _random.token_bytes(12)
    return nonce + _cipher().encrypt(nonce, text.encode(), bound_to.encode())


def unseal(sealed: bytes, bound_to: str) -> str:
    return _cipher().decrypt(sealed[:12], sealed[12:], bound_to.encode()).decode()
