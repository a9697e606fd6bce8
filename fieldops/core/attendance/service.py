"""Writing the attendance log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import insert, select

from fieldops.core.attendance import queries
from fieldops.core.attendance.models import AttendanceEvent
from fieldops.core.attendance.rules import (
    NOTHING,
    Judgement,
    Kind,
    Progress,
    Stage,
    Verdict,
    judge_set,
    judge_undo,
    progress,
)
from fieldops.kit.errors import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Tap:
    """One tap of an officer, online or from a phone's outbox. `id` was made where the tap was made."""

    id: UUID
    applicant_id: UUID
    stage: Stage
    kind: Kind
    happened_at: datetime
    actor_id: UUID
    undoes: UUID | None = None
    device: str = ""
    device_seq: int | None = None
    clock_offset_ms: int | None = None


class TapReused(Refusal):
    """An event's id was made for one person and came back for another: a fault of the device, nothing is stored."""

    sentence = "Catatan ini memakai nomor yang sudah dipakai untuk orang lain. Muat ulang halaman, lalu ulangi."


@dataclass(frozen=True)
class Outcome:
    """What became of a tap: the verdict, the state before and after it."""

    verdict: Verdict
    flag: str
    before: Progress
    after: Progress


def record(session: Session, tap: Tap, *, booking_is_live: bool, on_its_day: bool, now: datetime) -> Outcome:
    """Store a tap and judge it. The same id again returns the first verdict and changes nothing.

    The caller holds the lock on the applicant's row; the unique indexes over (applicant, stage, turn) and over
    `undoes` stand behind it. Nothing well-formed is refused, except an id that belongs to another person (TapReused).
    """
    known = session.execute(
        select(AttendanceEvent.applicant_id, AttendanceEvent.verdict, AttendanceEvent.flag).where(
            AttendanceEvent.id == tap.id
        )
    ).one_or_none()
    facts = queries.facts(session, [tap.applicant_id]).get(tap.applicant_id, [])
    before = progress(facts) if facts else NOTHING
    if known is not None and known.applicant_id != tap.applicant_id:
        raise TapReused
    if known is not None:
        return Outcome(Verdict(known.verdict), known.flag, before, before)
    judgement = _judge(before, tap, booking_is_live=booking_is_live, on_its_day=on_its_day)
    session.execute(
        insert(AttendanceEvent).values(
            id=tap.id,
            applicant_id=tap.applicant_id,
            kind=tap.kind,
            stage=tap.stage,
            turn=judgement.turn,
            undoes=tap.undoes,
            verdict=judgement.verdict,
            flag=judgement.flag,
            happened_at=tap.happened_at,
            received_at=now,
            actor_id=tap.actor_id,
            device=tap.device,
            device_seq=tap.device_seq,
            clock_offset_ms=tap.clock_offset_ms,
        )
    )
    after = queries.states(session, [tap.applicant_id])[tap.applicant_id]
    return Outcome(judgement.verdict, judgement.flag, before, after)


def _judge(before: Progress, tap: Tap, *, booking_is_live: bool, on_its_day: bool) -> Judgement:
    if tap.kind is Kind.SET:
        return judge_set(before, tap.stage, booking_is_live=booking_is_live, on_its_day=on_its_day)
    if tap.undoes is None:
        raise ValueError("an undo names the event it undoes")
    return judge_undo(before, tap.stage, tap.undoes)
