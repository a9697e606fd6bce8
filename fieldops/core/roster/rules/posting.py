"""What may be done with a post, and the refusals that say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fieldops.core.roster.rules.duties import Duty, Outcome
from fieldops.core.roster.rules.intervals import Interval
from fieldops.kit.errors import Refusal


@dataclass(frozen=True)
class PostPlan:
    """A post as a service needs it. `interval` are aware instants."""

    title: str
    duty: Duty
    number: int
    interval: Interval
    distance_km: int = 0


class Unfit(Refusal):
    """The rules say no to this person; the sentence names each one."""

    sentence = "Orang ini tidak bisa bertugas di giliran ini."
    field = "person"


class NeedOverride(Refusal):
    """The rules say no, but a supervisor may decide otherwise with a reason under his name."""

    sentence = "Tulis alasannya bila tetap menugaskan orang ini."
    field = "override_reason"


class PostClosed(Refusal):
    sentence = "Giliran ini sudah ditutup. Buka koreksi bila ada yang keliru."


class NotPublished(Refusal):
    sentence = "Giliran ini belum terbit."


class GapsLeft(Refusal):
    sentence = "Masih ada giliran kosong. Isi dulu, atau centang bahwa Anda menerbitkan dengan kekosongan."
    field = "with_gaps"


class BrokenLeft(Refusal):
    sentence = "Ada giliran yang melanggar aturan. Perbaiki dulu."


class TooEarly(Refusal):
    sentence = "Giliran ini belum selesai."


class WrongTimes(Refusal):
    sentence = "Jam selesai harus sesudah jam mulai."
    field = "actual"


@dataclass(frozen=True)
class Closing:
    """How one duty ended. `actual` are the hours that were worked, when they differ from the plan."""

    outcome: Outcome
    actual: Interval | None = None


def closes_with(
    interval: Interval, checked_in_at: datetime | None, checked_out_at: datetime | None
) -> tuple[Interval, bool]:
    """The hours that a duty counts when nobody says otherwise, and whether they are assumed.

    A missing check-in or check-out is the planned time (assumed); what is noted never reaches beyond the plan, and
    what was noted in the wrong order is the plan. Never 23.59.59, never more than planned.
    """
    starts = max(interval.starts_at, checked_in_at) if checked_in_at else interval.starts_at
    ends = min(interval.ends_at, checked_out_at) if checked_out_at else interval.ends_at
    if ends <= starts:
        return interval, True
    return Interval(starts, ends), checked_in_at is None or checked_out_at is None
