"""What the events of one person add up to, and how a new event is judged. The past is never refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Stage(StrEnum):
    """Where a person is. A booking is not output, an arrival is not output: only ISSUED counts for BAA.001."""

    ARRIVED = "arrived"
    RETURNED = "returned"
    SERVED = "served"
    ISSUED = "issued"

    @property
    def label(self) -> str:
        return {
            "arrived": "Hadir",
            "returned": "Berkas kurang",
            "served": "Selesai dilayani",
            "issued": "Paspor terbit",
        }[self.value]


class Kind(StrEnum):
    SET = "set"
    UNDO = "undo"


class Verdict(StrEnum):
    """What the server made of an event. All but REVIEW need nobody's attention."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    MERGED = "merged"
    REVIEW = "review"


# What a stage stands on: undoing the lower one first would leave the higher one in the air.
_ABOVE = {
    Stage.ARRIVED: (Stage.RETURNED, Stage.SERVED, Stage.ISSUED),
    Stage.RETURNED: (),
    Stage.SERVED: (Stage.ISSUED,),
    Stage.ISSUED: (),
}


@dataclass(frozen=True)
class Fact:
    """One stored event, as the rules need it."""

    id: UUID
    stage: Stage
    kind: Kind
    verdict: Verdict
    happened_at: datetime
    actor_id: UUID
    undoes: UUID | None = None
    turn: int = 0
    flag: str = ""


@dataclass(frozen=True)
class Progress:
    """The state of one person: the standing event of each stage, and how often each was undone."""

    standing: dict[Stage, Fact]
    undone: dict[Stage, int]

    @property
    def stage(self) -> Stage | None:
        """The furthest stage reached."""
        for stage in (Stage.ISSUED, Stage.SERVED, Stage.RETURNED, Stage.ARRIVED):
            if stage in self.standing:
                return stage
        return None

    def at(self, stage: Stage) -> datetime | None:
        fact = self.standing.get(stage)
        return fact.happened_at if fact else None

    @property
    def last(self) -> Fact | None:
        """The event an undo button takes back: the furthest standing one."""
        return self.standing[self.stage] if self.stage else None

    @property
    def arrived(self) -> bool:
        return bool(self.standing)

    @property
    def served(self) -> bool:
        """Served means biometrics and interview are done; an issued passport implies it."""
        return Stage.SERVED in self.standing or Stage.ISSUED in self.standing

    @property
    def issued(self) -> bool:
        return Stage.ISSUED in self.standing


NOTHING = Progress({}, {})


def progress(facts: Iterable[Fact]) -> Progress:
    """Derive a person's state from stored events in the order in which the server received them."""
    standing: dict[Stage, Fact] = {}
    undone: dict[Stage, int] = {}
    for fact in facts:
        if fact.verdict is not Verdict.APPLIED:
            continue
        if fact.kind is Kind.SET:
            standing[fact.stage] = fact
        else:
            standing.pop(fact.stage, None)
            undone[fact.stage] = undone.get(fact.stage, 0) + 1
    return Progress(standing, undone)


def earliest(state: Progress, facts: Iterable[Fact]) -> Progress:
    """The same state with each standing time moved to its earliest duplicate: a second officer's tap that was made
    before, but arrived later, tells when it really happened. Taps of an undone turn do not count."""
    standing = dict(state.standing)
    for fact in facts:
        there = standing.get(fact.stage)
        twin = fact.verdict is Verdict.DUPLICATE and fact.kind is Kind.SET
        if twin and there and fact.turn == there.turn and fact.happened_at < there.happened_at:
            standing[fact.stage] = replace(there, happened_at=fact.happened_at)
    return Progress(standing, state.undone)


@dataclass(frozen=True)
class Judgement:
    """How an event is stored. `turn` is how often its stage was undone before (part of the unique key)."""

    verdict: Verdict
    turn: int
    flag: str = ""


def judge_set(state: Progress, stage: Stage, *, booking_is_live: bool, on_its_day: bool) -> Judgement:
    """A stage was marked. The same stage twice is a duplicate; a cancelled booking or another day is flagged and
    still counts, because the person really stood there. A passport issued to somebody never served, or files missing
    after the service, is kept for a person to look at and does not count."""
    turn = state.undone.get(stage, 0)
    if stage in state.standing:
        return Judgement(Verdict.DUPLICATE, turn)
    if stage is Stage.RETURNED and state.served:
        return Judgement(Verdict.REVIEW, turn, "served-already")
    if stage is Stage.ISSUED and not state.served:
        return Judgement(Verdict.REVIEW, turn, "not-served")
    if not booking_is_live:
        return Judgement(Verdict.APPLIED, turn, "cancelled-before")
    if not on_its_day and stage is Stage.ARRIVED:
        return Judgement(Verdict.APPLIED, turn, "other-day")
    return Judgement(Verdict.APPLIED, turn)


def judge_undo(state: Progress, stage: Stage, undoes: UUID) -> Judgement:
    """An undo cancels exactly the event it names. If that is not standing, it is a duplicate (already undone) or
    for a person to look at (a later stage stands on it)."""
    turn = state.undone.get(stage, 0)
    there = state.standing.get(stage)
    if there is None or there.id != undoes:
        return Judgement(Verdict.DUPLICATE, turn)
    if any(above in state.standing for above in _ABOVE[stage]):
        return Judgement(Verdict.REVIEW, turn, "later-stage")
    return Judgement(Verdict.APPLIED, turn)
