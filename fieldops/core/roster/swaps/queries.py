"""Reads of swaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from fieldops.core.people.models import Person
from fieldops.core.roster.models import Post, Swap
from fieldops.core.roster.rules import Duty, Interval, SwapState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Given:
    """A post as it stands in a swap."""

    id: UUID
    title: str
    duty: Duty
    interval: Interval


@dataclass(frozen=True)
class SwapRow:
    id: UUID
    state: SwapState
    post: Given
    back: Given | None
    giver_id: UUID
    giver: str
    taker_id: UUID | None
    taker: str | None
    note: str
    decision_note: str
    offered_at: datetime
    accepted_by: UUID | None
    accepted_for: str
    """Who accepted it for the taker; empty when he did it himself."""
    accept_note: str
    decided_at: datetime | None


def _given(post: Post) -> Given:
    return Given(post.id, post.title, Duty(post.duty), Interval(post.starts_at, post.ends_at))


def _read(session: Session, *where: ColumnElement[bool]) -> list[SwapRow]:
    giver, taker, agent, back = aliased(Person), aliased(Person), aliased(Person), aliased(Post)
    rows = session.execute(
        select(Swap, Post, back, giver.name, taker.name, agent.name)
        .join(Post, Post.id == Swap.post_id)
        .join(back, back.id == Swap.return_post_id, isouter=True)
        .join(giver, giver.id == Swap.giver_id)
        .join(taker, taker.id == Swap.taker_id, isouter=True)
        .join(agent, and_(agent.id == Swap.accepted_by, agent.id != Swap.taker_id), isouter=True)
        .where(*where)
        .order_by(Post.starts_at, Swap.offered_at)
    )
    return [
        SwapRow(
            id=swap.id,
            state=SwapState(swap.state),
            post=_given(post),
            back=_given(returned) if returned is not None else None,
            giver_id=swap.giver_id,
            giver=giver_name,
            taker_id=swap.taker_id,
            taker=taker_name,
            note=swap.note,
            decision_note=swap.decision_note,
            offered_at=swap.offered_at,
            accepted_by=swap.accepted_by,
            accepted_for=agent_name or "",
            accept_note=swap.accept_note,
            decided_at=swap.decided_at,
        )
        for swap, post, returned, giver_name, taker_name, agent_name in rows
    ]


_OPEN = (SwapState.OFFERED, SwapState.ACCEPTED)


def swap(session: Session, swap_id: UUID) -> SwapRow | None:
    return next(iter(_read(session, Swap.id == swap_id)), None)


def swaps_for(session: Session, person_id: UUID, *, now: datetime) -> list[SwapRow]:
    """Open swaps that somebody may act on: his own, those offered to him, and those offered to all. One query."""
    mine = or_(
        Swap.giver_id == person_id,
        Swap.taker_id == person_id,
        Swap.taker_id.is_(None) & (Swap.state == SwapState.OFFERED),
    )
    return _read(session, Swap.state.in_(_OPEN), Post.starts_at > now, mine)


def to_decide(session: Session, *, now: datetime) -> list[SwapRow]:
    """Accepted swaps that wait for a supervisor, and approved ones that can still be undone. One query."""
    return _read(session, Swap.state.in_([SwapState.ACCEPTED, SwapState.APPROVED]), Post.starts_at > now)


def unanswered(session: Session, *, now: datetime) -> list[SwapRow]:
    """Offers that nobody has taken yet: whoever should answer may be absent. One query."""
    return _read(session, Swap.state == SwapState.OFFERED, Post.starts_at > now)
