"""A whole roster, proposed: who takes which post, with the reason; and for each gap why nobody fits.

In this order: as many posts filled as can be; points level (ledger and plan: the most loaded person as low as
possible, then the next); long since the last duty; wishes. No proposal breaks a rule of `fitness`. The same facts give
the same proposal, in whatever order they come and however fast the machine is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fieldops.core.roster.rules import balance, cover
from fieldops.core.roster.rules.board import NOBODY, Board, Effort
from fieldops.core.roster.rules.fitness import LIMITS, BreakCode, Limits, Officer, Slot, breaks
from fieldops.core.roster.rules.ranking import Promises, Wishes, because

COVER_EFFORT: Final = 1_000_000
BALANCE_EFFORT: Final = 1_500_000
"""Looks at a person and a post: about a microsecond each."""


@dataclass(frozen=True)
class Assigned:
    """Who takes a post. `why` is a sentence or two in Indonesian."""

    person_id: UUID
    why: str


@dataclass(frozen=True)
class Gap:
    """A post for which nobody was found. `why` counts everybody once, by the first rule that speaks against him;
    those who lack the competence come last.

    `is_proven` says that no plan at all fills more posts than this one, or that nobody could ever take this post.
    """

    why: str
    is_proven: bool


@dataclass(frozen=True)
class Proposal:
    """`assigned` and `gaps` by the id of the post; fixed posts are in neither. `points` are everybody's afterwards, in
    hundredths: ledger, fixed posts and this proposal."""

    assigned: dict[UUID, Assigned]
    gaps: dict[UUID, Gap]
    points: dict[UUID, int]


def propose(
    slots: Iterable[Slot],
    officers: Iterable[Officer],
    promises: Promises,
    limits: Limits = LIMITS,
    wishes: Wishes | None = None,
    *,
    effort: int = BALANCE_EFFORT,
) -> Proposal:
    """Propose a person for every slot that is not fixed; whoever has it so far does not matter.

    `promises` are what the officers are promised to besides these slots; those of the slots themselves are known by
    their `ref`. `effort` bounds the levelling; 0 gives the plain deal by rank.
    """
    board = Board(slots, officers, promises, limits, wishes or {})
    cover.deal(board)
    dealt = list(board.owner)
    searching, levelling = Effort(COVER_EFFORT), Effort(effort)
    proven = cover.fill(board, searching)
    while True:
        balance.improve(board, levelling)
        gaps = board.gaps()
        if proven.issuperset(gaps):
            break
        proven = cover.fill(board, searching)
        if board.gaps() == gaps:
            break
    return Proposal(
        assigned={
            board.posts[post].id: Assigned(board.people[person].id, _why(board, post, dealt[post]))
            for post, person in enumerate(board.owner)
            if person != NOBODY
        },
        gaps={board.posts[gap].id: Gap(_why_nobody(board, gap), gap in proven) for gap in board.gaps()},
        points={one.id: load for one, load in zip(board.people, board.load, strict=True)},
    )


def _why(board: Board, post: int, dealt: int) -> str:
    """His place among all who would fit as the plan stands now, and whom the post was taken from."""
    owner = board.owner[post]
    fit = [
        board.standing(person, post) for person in board.eligible[post] if person == owner or board.fits(person, post)
    ]
    words = because(board.standing(owner, post), fit, board.posts[post].day)
    if owner == dealt or dealt == NOBODY:
        return words
    return f"{words} Dialihkan dari {board.people[dealt].name} {board.moved[post]}."


def _why_nobody(board: Board, gap: int) -> str:
    slot = board.posts[gap]
    if not board.people:
        return "Tidak ada petugas."
    first = [
        breaks(slot, officer, board.promises[person], board.duties(person), board.limits)[0]
        for person, officer in enumerate(board.people)
    ]
    counted = Counter((one.code is BreakCode.COMPETENCE, one.brief) for one in first)
    in_order = sorted(counted.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1]))
    return f"Tidak ada yang cocok: {', '.join(f'{number} {brief}' for (_, brief), number in in_order)}."
