"""Hashing passwords: Argon2id with 19 MiB, two rounds, one lane (19 ms; eight at once take 152 MB).

A password is normalised (NFKC) first: the same letters typed on two keyboards are one password. When a parameter
changes here, an old hash still opens and is made anew at the next sign-in (`is_old`).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)


def _bytes(typed: str) -> bytes:
    return unicodedata.normalize("NFKC", typed).encode("utf-8", "surrogatepass")


def make(typed: str) -> str:
    """The hash to keep. Slow on purpose: call it outside of a transaction."""
    return _hasher.hash(_bytes(typed))


def fits(kept: str | None, typed: str) -> bool:
    """Whether `typed` is the password behind `kept`. Without one it takes as long and says no: nobody can tell by the
    time whether somebody exists."""
    nobody = _nobody()
    try:
        _hasher.verify(kept or nobody, _bytes(typed))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_old(kept: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash of nobody's password, with today's parameters."""
    return _hasher.hash(b"nobody's password")
