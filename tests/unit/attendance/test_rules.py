"""What events add up to, and how a new one is judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from fieldops.core.attendance.rules import (
    Fact,
    Kind,
    Stage,
    Verdict,
    earliest,
    judge_set,
    judge_undo,
    progress,
)

NOW = datetime(2026, 11, 28, 1, tzinfo=UTC)
WHO = uuid4()


def fact(stage: Stage, *, kind: Kind = Kind.SET, verdict: Verdict = Verdict.APPLIED, minutes: int = 0, turn: int = 0,
         undoes: UUID | None = None) -> Fact:  # fmt: skip
    return Fact(uuid4(), stage, kind, verdict, NOW + timedelta(minutes=minutes), WHO, undoes, turn)


def test_same_stage_twice_is_a_duplicate() -> None:
    state = progress([fact(Stage.ARRIVED)])
    assert judge_set(state, Stage.ARRIVED, booking_is_live=True, on_its_day=True).verdict is Verdict.DUPLICATE


def test_service_to_somebody_who_cancelled_counts_and_is_flagged() -> None:
    judged = judge_set(progress([]), Stage.ARRIVED, booking_is_live=False, on_its_day=True)
    assert (judged.verdict, judged.flag) == (Verdict.APPLIED, "cancelled-before")


def test_passport_issued_to_somebody_never_served_waits_for_a_person() -> None:
    judged = judge_set(progress([fact(Stage.ARRIVED)]), Stage.ISSUED, booking_is_live=True, on_its_day=True)
    assert (judged.verdict, judged.flag) == (Verdict.REVIEW, "not-served")


def test_undo_cancels_only_the_event_it_names() -> None:
    arrived = fact(Stage.ARRIVED)
    state = progress([arrived])
    assert judge_undo(state, Stage.ARRIVED, uuid4()).verdict is Verdict.DUPLICATE
    assert judge_undo(state, Stage.ARRIVED, arrived.id).verdict is Verdict.APPLIED


def test_undo_below_a_later_stage_waits_for_a_person() -> None:
    arrived = fact(Stage.ARRIVED)
    state = progress([arrived, fact(Stage.SERVED)])
    assert judge_undo(state, Stage.ARRIVED, arrived.id).verdict is Verdict.REVIEW


def test_earlier_duplicate_moves_the_time_but_not_across_an_undo() -> None:
    first = fact(Stage.ARRIVED, minutes=10)
    twin = fact(Stage.ARRIVED, verdict=Verdict.DUPLICATE, minutes=5)
    gone = fact(Stage.ARRIVED, kind=Kind.UNDO, undoes=first.id)
    again = fact(Stage.ARRIVED, minutes=30, turn=1)
    assert earliest(progress([first, twin]), [first, twin]).at(Stage.ARRIVED) == NOW + timedelta(minutes=5)
    events = [first, twin, gone, again]
    assert earliest(progress(events), events).at(Stage.ARRIVED) == NOW + timedelta(minutes=30)


@given(st.lists(st.sampled_from(["set", "undo"]), max_size=12))
def test_taps_in_any_number_leave_a_stage_set_once_or_not_at_all(taps: list[str]) -> None:
    events: list[Fact] = []
    for tap in taps:
        state = progress(events)
        if tap == "set":
            judged = judge_set(state, Stage.ARRIVED, booking_is_live=True, on_its_day=True)
            events.append(fact(Stage.ARRIVED, verdict=judged.verdict, turn=judged.turn))
        else:
            standing = state.standing.get(Stage.ARRIVED)
            named = standing.id if standing else uuid4()
            judged = judge_undo(state, Stage.ARRIVED, named)
            events.append(fact(Stage.ARRIVED, kind=Kind.UNDO, verdict=judged.verdict, turn=judged.turn, undoes=named))
    applied = [one for one in events if one.verdict is Verdict.APPLIED]
    turns = [one.turn for one in applied if one.kind is Kind.SET]
    assert len(turns) == len(set(turns))
    net = sum(1 if one.kind is Kind.SET else -1 for one in applied)
    assert net == int(Stage.ARRIVED in progress(events).standing)
