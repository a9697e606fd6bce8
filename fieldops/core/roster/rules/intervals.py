"""When two promises clash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldops.kit.errors import Refusal

LEAVE = "leave"
"""The kind of a promise to be away: it stops new duties, and it does not ask those that were there before."""


@dataclass(frozen=True)
class Interval:
    """Half-open: [starts_at, ends_at), aware instants. Back-to-back is no clash."""

    starts_at: datetime
    ends_at: datetime


def overlaps(one: Interval, other: Interval) -> bool:
    """Whether two half-open intervals share an instant. Symmetric."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def shared(one: Interval, other: Interval) -> timedelta:
    """How long two intervals overlap; nothing when they do not. Symmetric."""
    return max(min(one.ends_at, other.ends_at) - max(one.starts_at, other.starts_at), timedelta())


class Clash(Refusal):
    """Someone or something is promised already; the sentence names what and when."""

    sentence = "Sudah ada tugas lain pada jam itu."
    field = "lead"
