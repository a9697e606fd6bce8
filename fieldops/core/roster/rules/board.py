"""The state of a proposal while it is made: who has which post, and who could take which, answered fast.

The answers are those of `fitness.breaks`, prepared once: posts are bits of whole numbers, weekend days are places in a
list. Nothing here reads the clock, draws lots or depends on the order in which things were given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from fieldops.core.roster.rules.duties import Duty
from fieldops.core.roster.rules.fitness import (
    DAY,
    SATURDAY,
    Limits,
    Officer,
    Promise,
    Slot,
    breaks,
    days_of,
    gap_between,
    is_near,
    most_in_24_hours,
    needs_rest,
)
from fieldops.core.roster.rules.intervals import Interval, overlaps
from fieldops.core.roster.rules.ranking import Promises, Standing, Wishes

NOBODY = -1


@dataclass
class Effort:
    """How many looks at a person and a post are left. Counted, so that a faster machine proposes the same."""

    left: int

    @property
    def is_spent(self) -> bool:
        return self.left <= 0


class Board:
    """Posts without a fixed person (`posts`, by time) and officers (`people`, by id), both known by their number."""

    def __init__(
        self,
        slots: Iterable[Slot],
        officers: Iterable[Officer],
        promises: Promises,
        limits: Limits,
        wishes: Wishes,
    ) -> None:
        order = list(Duty)
        slots = sorted(slots, key=lambda one: (one.starts_at, one.ends_at, order.index(one.duty), one.title, one.id))
        refs = {str(slot.id) for slot in slots}
        self.limits = limits
        self.wishes = wishes
        self.people: list[Officer] = sorted(officers, key=lambda one: one.id)
        self.posts: list[Slot] = [replace(slot, person_id=None) for slot in slots if not slot.is_fixed]
        self.fixed: list[list[Slot]] = [
            [slot for slot in slots if slot.is_fixed and slot.person_id == one.id] for one in self.people
        ]
        self.promises: list[list[Promise]] = [
            sorted(
                (promise for promise in promises.get(one.id, ()) if promise.ref not in refs),
                key=lambda each: (each.starts_at, each.ends_at, each.kind, each.title),
            )
            for one in self.people
        ]
        self.points: list[int] = [post.points for post in self.posts]
        self.load: list[int] = [
            one.points + sum(slot.points for slot in fixed) for one, fixed in zip(self.people, self.fixed, strict=True)
        ]
        self.owner: list[int] = [NOBODY] * len(self.posts)
        self.moved: list[str] = [""] * len(self.posts)
        """Why a post was last taken from somebody, for the reason."""
        self.held: list[int] = [0] * len(self.people)
        self._intervals = [post.interval for post in self.posts]
        self._lengths = [interval.length for interval in self._intervals]
        self.clash, self._near = self._pairs()
        self.allowed: list[int] = [self._allowed(person) for person in range(len(self.people))]
        self.eligible: list[list[int]] = [
            [person for person in range(len(self.people)) if self.allowed[person] >> post & 1]
            for post in range(len(self.posts))
        ]
        self._beside = [self._works_beside(person) for person in range(len(self.people))]
        self.other_days: list[set[int]] = [
            {day.toordinal() for day in (one.last_duty, *(slot.day for slot in fixed)) if day}
            for one, fixed in zip(self.people, self.fixed, strict=True)
        ]
        """Days of duty that the proposal does not decide, as ordinals."""
        self._rows()

    # -- prepared once ------------------------------------------------------------------------------------------

    def _pairs(self) -> tuple[list[int], list[int]]:
        """For each post the others that the same person cannot have too, and those within 24 hours."""
        clash, near = [0] * len(self.posts), [0] * len(self.posts)
        reach = max(self.limits.rest, DAY) + max(self._lengths, default=timedelta())
        first = 0
        for later, interval in enumerate(self._intervals):
            while interval.starts_at - self._intervals[first].starts_at > reach:
                first += 1
            for earlier in range(first, later):
                other = self._intervals[earlier]
                close = is_near(interval, other)
                if close:
                    near[later] |= 1 << earlier
                    near[earlier] |= 1 << later
                if (
                    overlaps(interval, other)
                    or needs_rest(gap_between(interval, other), self.limits)
                    or (close and self._is_too_long(interval, [other]))
                ):
                    clash[later] |= 1 << earlier
                    clash[earlier] |= 1 << later
        return clash, near

    def _is_too_long(self, interval: Interval, others: Sequence[Interval]) -> bool:
        whole = sum((other.length for other in others), interval.length)
        return whole > self.limits.hours_in_24 and most_in_24_hours(interval, others) > self.limits.hours_in_24

    def _allowed(self, person: int) -> int:
        """The posts that his skills, promises and fixed duties leave open, as bits."""
        officer, fixed, promises = self.people[person], self.fixed[person], self.promises[person]
        found = 0
        for number, post in enumerate(self.posts):
            if post.duty.needs <= officer.skills and not breaks(post, officer, promises, fixed, self.limits):
                found |= 1 << number
        return found

    def _work(self, person: int) -> list[Interval]:
        """His fixed duties and promised work."""
        return [
            *(slot.interval for slot in self.fixed[person]),
            *(promise.interval for promise in self.promises[person] if not promise.is_leave),
        ]

    def _works_beside(self, person: int) -> dict[int, list[Interval]]:
        """For the posts he may take: his other work within 24 hours, where there is any."""
        work = self._work(person)
        beside = {
            post: [one for one in work if is_near(self._intervals[post], one)]
            for post in (each_bit(self.allowed[person]) if work else ())
        }
        return {post: works for post, works in beside.items() if works}

    def _rows(self) -> None:
        """The weekend days and holidays as places in a list, and how often each person works on each."""
        works = [{day for one in self._work(person) for day in days_of(one)} for person in range(len(self.people))]
        days = [days_of(interval) for interval in self._intervals]
        every = {day for group in (*works, *days) for day in group} or {date.min + 7 * DAY}
        first, last = min(every) - 7 * DAY, max(every) + 7 * DAY
        chain = [
            day
            for day in (first + DAY * number for number in range((last - first).days + 1))
            if day.weekday() >= SATURDAY or (day in self.limits.holidays and day in every)
        ]
        place = {day: number for number, day in enumerate(chain)}
        self._ends_row = [day.weekday() >= SATURDAY for day in chain]
        self._places = [tuple(place[day] for day in group if day in place) for group in days]
        self._worked = [[int(day in group) for day in chain] for group in works]

    # -- asked often --------------------------------------------------------------------------------------------

    def fits(self, person: int, post: int, instead: int = NOBODY) -> bool:
        """Whether `person` could take `post` beside all that he has; with `instead`, after giving that post away."""
        if not self.allowed[person] >> post & 1:
            return False
        held = self.held[person]
        if instead != NOBODY:
            held &= ~(1 << instead)
        if held & (self.clash[post] | 1 << post):
            return False
        return self._keeps_row(person, post, instead) and self._keeps_hours(person, post, held)

    def _keeps_row(self, person: int, post: int, instead: int) -> bool:
        places = self._places[post]
        if not places:
            return True
        worked, ends_row, most = self._worked[person], self._ends_row, self.limits.days_in_row
        gone = self._places[instead] if instead != NOBODY else ()
        for place in gone:
            worked[place] -= 1
        for place in places:
            worked[place] += 1
        longest = 0
        for place in places:
            row = 1
            for step in (-1, 1):
                at = place + step
                while worked[at] or not ends_row[at]:
                    row += worked[at] > 0
                    at += step
            longest = max(longest, row)
        for place in places:
            worked[place] -= 1
        for place in gone:
            worked[place] += 1
        return longest <= most

    def _keeps_hours(self, person: int, post: int, held: int) -> bool:
        near = held & self._near[post]
        if not near:
            return True
        beside = self._beside[person].get(post, [])
        if not beside and not near & (near - 1):
            return True  # one pair alone: in `clash` already
        return not self._is_too_long(
            self._intervals[post], [*beside, *(self._intervals[number] for number in each_bit(near))]
        )

    def give(self, post: int, person: int) -> None:
        """The post goes to `person`, from whoever has it; NOBODY leaves it empty."""
        before = self.owner[post]
        if before != NOBODY:
            self.held[before] &= ~(1 << post)
            self.load[before] -= self.points[post]
            for place in self._places[post]:
                self._worked[before][place] -= 1
        self.owner[post] = person
        if person != NOBODY:
            self.held[person] |= 1 << post
            self.load[person] += self.points[post]
            for place in self._places[post]:
                self._worked[person][place] += 1

    def is_free(self, person: int) -> bool:
        """Whether nothing but the posts of this proposal gives him work."""
        return not self._work(person)

    def gaps(self) -> list[int]:
        return [post for post, person in enumerate(self.owner) if person == NOBODY]

    # -- for orders and reasons ---------------------------------------------------------------------------------

    def duties(self, person: int) -> list[Slot]:
        """All that he has now, with his id in it."""
        own = self.people[person].id
        return [
            *self.fixed[person],
            *(replace(self.posts[post], person_id=own) for post in each_bit(self.held[person])),
        ]

    def standing(self, person: int, post: int) -> Standing:
        """Where he stands for `post`; without it, if he has it."""
        officer, day = self.people[person], self.posts[post].day
        own = self.held[person] & ~(1 << post)
        points = self.load[person] - (self.points[post] if self.owner[post] == person else 0)
        last = officer.last_duty if officer.last_duty and officer.last_duty <= day else date.min
        for slot in self.fixed[person]:
            if last < slot.day <= day:
                last = slot.day
        for other in each_bit(own):
            if last < self.posts[other].day <= day:
                last = self.posts[other].day
        wish = self.wishes.get((officer.id, day))
        return Standing(officer, points, points - officer.points, None if last == date.min else last, wish)


def each_bit(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def is_one_bit(bits: int) -> bool:
    return bits != 0 and not bits & (bits - 1)


def pairs_clash(board: Board, posts: Sequence[int]) -> bool:
    """Whether no two of `posts` can be had by one person."""
    return all(board.clash[one] >> other & 1 for one, other in combinations(posts, 2))
