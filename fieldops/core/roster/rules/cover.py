"""Filling as many posts as can be filled: deal them out in order, then make room by chains, then try all ways.

A chain gives a post to somebody who hands one of his to the next, as in the augmenting paths of bipartite matching. It
finds everything when posts only exclude each other by their hours. Rows of days and hours bind posts across days: there
a count (`bound`) may prove that no more can be filled; where it does not, all ways around a gap are tried, and gaps are
moved about, as far as a fixed effort goes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from fieldops.core.roster.rules.board import NOBODY, Board, Effort, each_bit, is_one_bit
from fieldops.core.roster.rules.bound import Bounds

Moves = list[tuple[int, int]]
"""(post, person): each post goes to that person, all at once."""

FOR_COVER: Final = "agar pos lain terisi"

AROUND: Final = 24
"""How many posts around a gap are searched through together."""


def deal(board: Board) -> None:
    """Each post to the first in the order of `ranking`; within a day, posts that few can take come first."""
    order = sorted(range(len(board.posts)), key=lambda post: (board.posts[post].day, len(board.eligible[post]), post))
    for post in order:
        fit = [board.standing(person, post).key for person in board.eligible[post] if board.fits(person, post)]
        if fit:
            chosen = min(fit)[-1]
            board.give(post, next(p for p in board.eligible[post] if board.people[p].id == chosen))


def find_chain(
    board: Board, roots: Sequence[int], effort: Effort, *, giver: int = NOBODY, below: int | None = None
) -> Moves | None:
    """The shortest chain that takes one of `roots` off `giver`'s hands, or off nobody's when it is a gap.

    Nobody's points reach `below` by it, when that is set. `giver` may come last in the chain, with a lighter post.
    """
    ceiling = below if below is not None else 1 << 62
    before: dict[int, tuple[int, int] | None] = dict.fromkeys(roots)  # post -> (post it makes room for, who swaps)
    queue = list(roots)
    for post in queue:  # grows while it is walked
        weight = board.points[post]
        taking = _people_of(before, post)
        for person in sorted(board.eligible[post], key=lambda each: (board.load[each], each)):
            effort.left -= 1
            if person == giver:
                first = _root_of(before, post)
                lighter = first != post and board.load[person] - board.points[first] + weight < ceiling
                if lighter and person not in taking and board.fits(person, post, first):
                    return [(post, person), *_back(before, post)]
            elif board.load[person] + weight < ceiling and person not in taking and board.fits(person, post):
                return [(post, person), *_back(before, post)]
        if effort.is_spent:
            return None
        for person in board.eligible[post]:
            if person == giver or person in taking:
                continue
            room = ceiling - board.load[person] - weight
            held = board.held[person]
            excluded = held & board.clash[post]
            if excluded and not is_one_bit(excluded):
                continue
            for other in each_bit(excluded or held):
                if other not in before and -board.points[other] < room:
                    effort.left -= 1
                    if board.fits(person, post, other):
                        before[other] = (post, person)
                        queue.append(other)
    return None


def _people_of(before: dict[int, tuple[int, int] | None], post: int) -> set[int]:
    return {person for _, person in _back(before, post)}


def _root_of(before: dict[int, tuple[int, int] | None], post: int) -> int:
    while (step := before[post]) is not None:
        post = step[0]
    return post


def _back(before: dict[int, tuple[int, int] | None], post: int) -> Moves:
    """The moves that made `post` free: whoever had it took the one before."""
    moves = []
    while (step := before[post]) is not None:
        moves.append(step)
        post = step[0]
    return moves


def apply(board: Board, moves: Moves, why: str) -> None:
    """Make the moves; `why` ends the sentence `Dialihkan dari Budi …`."""
    for post, _ in moves:
        board.give(post, NOBODY)
    for post, person in moves:
        board.give(post, person)
        if person != NOBODY:
            board.moved[post] = why


def fill(board: Board, effort: Effort) -> set[int]:
    """Fill gaps until none can be filled. Gives the gaps that are proven: no plan at all fills more posts.

    When that is not known, only those are proven that nobody could take even if he had nothing else.
    """
    most: int | None = None
    while True:
        found = True
        while found:
            found = False
            for gap in board.gaps():
                moves = find_chain(board, [gap], effort)
                if moves:
                    apply(board, moves, FOR_COVER)
                    found = True
        gaps = board.gaps()
        real = {gap for gap in gaps if not board.eligible[gap]}
        if len(gaps) == len(real):
            return real
        if most is None:
            most = Bounds(board).most_filled()
        if len(board.posts) - len(gaps) >= most:
            return set(gaps)
        found, is_complete = _search(board, Effort(effort.left // 4))
        if is_complete:
            return set(gaps)
        if not found and not _wander(board, effort):
            return real


def _wander(board: Board, effort: Effort) -> bool:
    """Move gaps to other posts, one exchange at a time, until a chain fills one. The lots are the same every time.

    Leaves the board as it was when none is filled.
    """
    owners, moved = list(board.owner), list(board.moved)
    lots = random.Random(len(board.posts))  # noqa: S311 (no secret)
    last: dict[int, int] = {}  # post -> who gave it up last: he does not take it back at once
    while not effort.is_spent:
        gap = lots.choice([one for one in board.gaps() if board.eligible[one]])
        ways = []
        for person in board.eligible[gap]:
            effort.left -= 1
            excluded = board.held[person] & board.clash[gap]
            if last.get(gap) != person and (not excluded or is_one_bit(excluded)):
                ways += [(person, post) for post in each_bit(excluded or board.held[person])]
        effort.left -= len(ways)
        ways = [(person, post) for person, post in ways if board.fits(person, gap, post)]
        if not ways:
            last.pop(gap, None)
            continue
        person, post = lots.choice(ways)
        apply(board, [(post, NOBODY), (gap, person)], FOR_COVER)
        last[post] = person
        moves = find_chain(board, [post], effort)
        if moves:
            apply(board, moves, FOR_COVER)
            return True
    apply(board, list(enumerate(owners)), FOR_COVER)
    board.moved[:] = moved
    return False


# -- all ways around a gap --------------------------------------------------------------------------------------


def _search(board: Board, effort: Effort) -> tuple[bool, bool]:
    """Fill one post more by trying all ways around each gap: (whether it did, whether that was all there is)."""
    gaps = [gap for gap in board.gaps() if board.eligible[gap]]
    others = [post for post in range(len(board.posts)) if board.eligible[post]]
    share = effort.left // max(len(gaps), 1)
    for gap in gaps:
        pool = _around(board, gap, others)
        is_all = len(pool) == len(others)
        own = Effort(effort.left if is_all else share)
        effort.left -= own.left
        kept = [(post, board.owner[post]) for post in pool]
        for post in pool:
            board.give(post, NOBODY)
        skips = sum(person == NOBODY for _, person in kept) - 1
        found = _try(board, pool, skips, own)
        effort.left += own.left
        if found:
            for post, person in kept:
                if board.owner[post] != person:
                    board.moved[post] = FOR_COVER
            return True, False
        for post, person in kept:
            board.give(post, person)
        if is_all:
            return False, not own.is_spent
    return False, not gaps


def _around(board: Board, gap: int, others: list[int]) -> list[int]:
    """The posts nearest to the gap in time; all that somebody could take, when they are few."""
    at = board.posts[gap].starts_at
    return sorted(sorted(others, key=lambda post: (abs(board.posts[post].starts_at - at), post))[:AROUND])


def _try(board: Board, pool: list[int], skips: int, effort: Effort) -> bool:
    """Fill all posts of `pool` but `skips`, the hardest first. Leaves the board as it was when there is no way."""
    if not pool:
        return True
    if effort.is_spent:
        return False
    hardest, choices = NOBODY, None
    for post in pool:
        effort.left -= len(board.eligible[post])
        fit = [person for person in board.eligible[post] if board.fits(person, post)]
        if choices is None or len(fit) < len(choices):
            hardest, choices = post, fit
        if not fit:
            break
    rest = [post for post in pool if post != hardest]
    alike = set()
    for person in choices or ():
        # Two people who are free for the same posts and have the same: trying one of them is enough.
        sort = (board.allowed[person], board.held[person]) if board.is_free(person) else person
        if sort not in alike:
            alike.add(sort)
            board.give(hardest, person)
            if _try(board, rest, skips, effort):
                return True
            board.give(hardest, NOBODY)
    return skips > 0 and _try(board, rest, skips - 1, effort)
