"""Making a full plan fair: the most loaded person as low as possible, then the next (leximin); then distance, wishes.

Only strict improvements are made, so it ends; a fixed effort ends it sooner. Points are hundredths.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from fieldops.core.roster.rules.board import NOBODY, Board, Effort, each_bit
from fieldops.core.roster.rules.cover import Moves, apply, find_chain

FOR_POINTS: Final = "agar beban merata"
FOR_DISTANCE: Final = "agar jarak antartugas merata"
FOR_WISHES: Final = "sesuai keinginan petugas"

FAR: Final = 8
"""Weeks between two duties from which on more distance is no better."""


def improve(board: Board, effort: Effort) -> None:
    """Level the points, then exchange what weighs the same, until neither finds anything."""
    while not effort.is_spent:
        level(board, effort)
        if not space(board, effort):
            break


def level(board: Board, effort: Effort) -> None:
    """Take one duty at a time off the most loaded person who can be helped; nobody gets as many points as he had."""
    stuck: set[int] = set()
    while not effort.is_spent:
        waiting = [person for person in range(len(board.people)) if person not in stuck and board.held[person]]
        if not waiting:
            return
        giver = max(waiting, key=lambda person: (board.load[person], -person))
        heavy = [post for post in each_bit(board.held[giver]) if board.points[post] > 0]
        roots = sorted(heavy, key=lambda post: (-board.points[post], post))
        moves = find_chain(board, roots, effort, giver=giver, below=board.load[giver])
        if moves:
            apply(board, moves, FOR_POINTS)
            stuck.clear()
        else:
            stuck.add(giver)


def space(board: Board, effort: Effort) -> bool:
    """Exchange posts between two people, or move one, when the points stay as they are and the rest gets better."""
    found = False
    cost = [_cost(board, person, board.held[person]) for person in range(len(board.people))]
    for post in range(len(board.posts)):
        owner = board.owner[post]
        if owner == NOBODY:
            continue
        for moves in _even_moves(board, post, effort):
            effort.left -= 10  # about what it costs to compare them
            touched = {person for _, person in moves} | {owner}
            held = {person: board.held[person] for person in touched}
            for number, person in moves:
                held[board.owner[number]] &= ~(1 << number)
                held[person] |= 1 << number
            new = {person: _cost(board, person, bits) for person, bits in held.items()}
            new_cost, old_cost = _sum(new.values()), _sum(cost[person] for person in touched)
            if new_cost < old_cost:
                apply(board, moves, FOR_DISTANCE if new_cost[0] < old_cost[0] else FOR_WISHES)
                for person, one in new.items():
                    cost[person] = one
                found = True
                break
        if effort.is_spent:
            break
    return found


def _even_moves(board: Board, post: int, effort: Effort) -> Iterable[Moves]:
    """Ways to another person for `post` that leave the points of all, seen together, as they are."""
    owner, weight = board.owner[post], board.points[post]
    for person in board.eligible[post]:
        if person == owner:
            continue
        effort.left -= 1
        if board.load[person] + weight == board.load[owner] and board.fits(person, post):
            yield [(post, person)]
        gain = board.load[owner] - board.load[person]
        excluded = board.held[person] & board.clash[post]
        for other in each_bit(excluded or board.held[person]):
            if weight - board.points[other] not in {0, gain}:
                continue
            effort.left -= 1
            if board.allowed[owner] >> other & 1 and board.fits(person, post, other) and board.fits(owner, other, post):
                yield [(post, person), (other, owner)]


def _cost(board: Board, person: int, held: int) -> tuple[int, int]:
    """How close his days of duty lie (each distance in weeks, small ones much worse); wishes against less for."""
    days = set(board.other_days[person])
    against = 0
    for post in each_bit(held):
        day = board.posts[post].day
        days.add(day.toordinal())
        wish = board.wishes.get((board.people[person].id, day))
        if wish is not None:
            against += -1 if wish else 1
    weeks = [(day - 1) // 7 for day in sorted(days)]  # day 1 of the calendar was a Monday
    return sum(max(FAR - (later - earlier), 0) ** 2 for earlier, later in pairwise(weeks)), against


def _sum(costs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    closes, wishes = zip(*costs, strict=True)
    return sum(closes), sum(wishes)
