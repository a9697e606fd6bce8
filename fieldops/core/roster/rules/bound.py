"""How good any plan could be at best: a yardstick for proposals, proven by counting and not by searching.

Take any set of posts, here all those of some duties. Only certain people can take them, and each of them alone can
take so many and no more, even if all others made way: his leave, his rest, his row of days allow no more.

- *Cover.* The set cannot have more filled posts than these people can take together (the easy half of Hall's theorem).
- *The most loaded.* Ask of a level of points whether these people have enough room below it for the points of the set,
  each starting from his ledger. The lowest level at which every set has room is one that no plan gets below.
- *Spread.* Points can be added and not taken away. If all points that a group could get were poured on those of it who
  have least, they would rise to some level; whoever stood above it before, stands above it still.

Points are hundredths. The bounds may lie below what can be had; they never lie above it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import accumulate, combinations
from math import gcd
from typing import Final
from uuid import UUID

from fieldops.core.roster.rules.board import Board, pairs_clash
from fieldops.core.roster.rules.duties import Duty
from fieldops.core.roster.rules.fitness import LIMITS, SATURDAY, Limits, Officer, Slot
from fieldops.core.roster.rules.ranking import Promises

STRETCH: Final = 6
"""Days in the longest stretch that is counted by itself, besides all days together."""


class Bounds:
    """The bounds for one task. The board must be as it was made: fixed posts alone have an owner."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._load = list(board.load)
        self._posts = [post for post, people in enumerate(board.eligible) if people]
        self._days = sorted({board.posts[post].day for post in self._posts})
        duties = sorted({board.posts[post].duty for post in self._posts}, key=list(Duty).index)
        self._sets = [
            [post for post in self._posts if board.posts[post].duty in some]
            for size in range(len(duties))
            for some in combinations(duties, size + 1)
        ]
        self._best_known: dict[tuple[int, tuple[int, ...]], int] = {}

    @property
    def takeable(self) -> int:
        """How many posts somebody could take, if he had nothing else of this task."""
        return len(self._posts)

    def most_filled(self) -> int:
        """No plan fills more posts. Stretches of days are counted apart: what each misses adds up."""
        tables = []
        for posts in self._sets:
            on_day = Counter(self._board.posts[post].day for post in posts)
            sizes = [0, *accumulate(on_day[day] for day in self._days)]
            tables.append((sizes, [counts for counts, _ in self._worth(posts).values()]))
        missing = [0] * (len(self._days) + 1)
        for until in range(1, len(missing)):
            for since in range(until):
                if until - since <= STRETCH or not since:
                    short = max(
                        sizes[until] - sizes[since] - sum(self._best(since, one[since:until]) for one in people)
                        for sizes, people in tables
                    )
                    missing[until] = max(missing[until], missing[since] + max(short, 0))
        return len(self._posts) - missing[-1]

    def least_maximum(self, gaps: int = 0) -> int:
        """In no plan has everybody fewer points than this, if it leaves at most `gaps` posts empty that somebody could
        take."""
        level = max(self._load, default=0)
        for posts in self._sets:
            weights = sorted(self._board.points[post] for post in posts)[: max(len(posts) - gaps, 0)]
            rooms = {person: self._best(0, points) for person, (_, points) in self._worth(posts).items()}
            step = gcd(*(self._board.points[post] for post in posts)) or 1
            lowest, highest = level, level + sum(weights)
            while lowest < highest:  # the lowest level at which this set has room; above it there is room as well
                middle = (lowest + highest) // 2
                room = sum(
                    min(most, max(middle - self._load[person], 0) // step * step) for person, most in rooms.items()
                )
                lowest, highest = (lowest, middle) if room >= sum(weights) else (middle + 1, highest)
            level = lowest
        return level

    def least_spread(self, group: Collection[UUID]) -> int:
        """In no plan are the most and the least points in `group` closer together than this."""
        people = [person for person, officer in enumerate(self._board.people) if officer.id in group]
        if not people:
            return 0
        posts = [post for post in self._posts if not set(people).isdisjoint(self._board.eligible[post])]
        rooms = {person: self._best(0, points) for person, (_, points) in self._worth(posts).items()}
        loads = sorted(self._load[person] for person in people)
        left, level = sum(self._board.points[post] for post in posts), loads[0]
        for number, load in enumerate(loads[1:], 1):
            rise = min(load - level, left // number)
            level, left = level + rise, left - rise * number
        level += left // len(loads)
        level = min(level, *(self._load[person] + rooms.get(person, 0) for person in people))
        return max(loads[-1] - level, 0)

    # -- counting -----------------------------------------------------------------------------------------------

    def _worth(self, posts: Sequence[int]) -> dict[int, tuple[tuple[int, ...], tuple[int, ...]]]:
        """For each person who could take one of `posts`: the most posts and the most points of every single day."""
        own: dict[int, dict[date, list[int]]] = {}
        for post in posts:
            for person in self._board.eligible[post]:
                own.setdefault(person, {}).setdefault(self._board.posts[post].day, []).append(post)
        found = {}
        for person, days in own.items():
            most = [self._most_of_a_day(days.get(day, [])) for day in self._days]
            found[person] = tuple(count for count, _ in most), tuple(points for _, points in most)
        return found

    def _most_of_a_day(self, posts: Sequence[int]) -> tuple[int, int]:
        points = [self._board.points[post] for post in posts]
        if posts and pairs_clash(self._board, posts):
            return 1, max(points)
        return len(posts), sum(points)

    def _best(self, since: int, worth: tuple[int, ...]) -> int:
        """The best sum of `worth`, one number for each day from day number `since`, without too long a row."""
        if (since, worth) not in self._best_known:
            self._best_known[since, worth] = self._best_of(self._days[since : since + len(worth)], worth)
        return self._best_known[since, worth]

    def _best_of(self, days: Sequence[date], worth: Sequence[int]) -> int:
        limits = self._board.limits
        best = {0: 0}  # length of the row that ends here -> the best sum so far
        before: date | None = None
        for day, value in zip(days, worth, strict=True):
            if before is not None and _has_free_weekend_day(before, day):
                best = {0: max(best.values())}
            before = day
            if day.weekday() < SATURDAY and day not in limits.holidays:
                best = {row: total + value for row, total in best.items()}
                continue
            taken = {row + 1: total + value for row, total in best.items() if row < limits.days_in_row}
            kept = best if day.weekday() < SATURDAY else {0: max(best.values())}
            best = {row: max(taken.get(row, 0), kept.get(row, 0)) for row in taken.keys() | kept.keys()}
        return max(best.values())


def _has_free_weekend_day(before: date, after: date) -> bool:
    """Whether a Saturday or Sunday lies between the two, neither included."""
    return any(date.fromordinal(day).weekday() >= SATURDAY for day in range(before.toordinal() + 1, after.toordinal()))


def bounds(slots: Iterable[Slot], officers: Iterable[Officer], promises: Promises, limits: Limits = LIMITS) -> Bounds:
    """The bounds for a task that is given as to `propose`."""
    return Bounds(Board(slots, officers, promises, limits, {}))
