"""Who comes next for a post, and why: the order that proposals follow and that a planner sees for one post."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from fieldops.core.roster.rules.fitness import LIMITS, Break, Limits, Officer, Promise, Slot, breaks
from fieldops.core.roster.rules.points import show
from fieldops.kit.indonesian import MONTHS_SHORT

Promises: TypeAlias = Mapping[UUID, Sequence[Promise]]
"""What each person is promised to, by his id. A person without promises may be missing."""

Wishes: TypeAlias = Mapping[tuple[UUID, date], bool]
"""(person, day): True would like to work on that day, False would like not to."""


@dataclass(frozen=True)
class Standing:
    """Where somebody stands for one post: `points` in hundredths, ledger and plan together, without the post itself.

    `last_duty` is his last day of duty up to the post's day, planned ones too; `wish` is his for that day.
    """

    officer: Officer
    points: int
    planned: int = 0
    last_duty: date | None = None
    wish: bool | None = None

    @property
    def key(self) -> tuple[int, date, int, UUID]:
        """The order: fewest points, longest since the last duty (never is longest), wish, id."""
        return self.points, self.last_duty or date.min, {True: 0, None: 1, False: 2}[self.wish], self.officer.id


@dataclass(frozen=True)
class Candidate:
    """One officer for one post. `reason` is one or more sentences; `place` is 1 for the first of those who fit."""

    standing: Standing
    breaks: tuple[Break, ...]
    place: int | None
    reason: str

    @property
    def officer(self) -> Officer:
        return self.standing.officer

    @property
    def fits(self) -> bool:
        return not self.breaks


def candidates(
    slot: Slot,
    officers: Iterable[Officer],
    promises: Promises,
    duties: Sequence[Slot] = (),
    limits: Limits = LIMITS,
    wishes: Wishes | None = None,
) -> list[Candidate]:
    """All officers for `slot`: first those who fit, in their order, then the others, those with fewer breaks first.

    `duties` is the roster around the slot, fixed and planned, of everybody: who has a post has its points and its
    hours. `slot` itself counts for nobody.
    """
    fit: list[tuple[Standing, tuple[Break, ...]]] = []
    unfit: list[tuple[Standing, tuple[Break, ...]]] = []
    for officer in officers:
        standing = standing_of(slot, officer, duties, wishes or {})
        against = breaks(slot, officer, promises.get(officer.id, ()), duties, limits)
        (unfit if against else fit).append((standing, against))
    fit.sort(key=lambda pair: pair[0].key)
    unfit.sort(key=lambda pair: (len(pair[1]), pair[0].key))
    standings = [standing for standing, _ in fit]
    return [
        *(
            Candidate(standing, (), place, because(standing, standings, slot.day))
            for place, standing in enumerate(standings, 1)
        ),
        *(Candidate(standing, against, None, " ".join(one.sentence for one in against)) for standing, against in unfit),
    ]


def standing_of(slot: Slot, officer: Officer, duties: Iterable[Slot], wishes: Wishes) -> Standing:
    """Where `officer` stands for `slot` beside his other `duties` (those with his `person_id`)."""
    own = [duty for duty in duties if duty.person_id == officer.id and duty.id != slot.id]
    planned = sum(duty.points for duty in own)
    days = [day for day in (officer.last_duty, *(duty.day for duty in own)) if day and day <= slot.day]
    return Standing(
        officer, officer.points + planned, planned, max(days, default=None), wishes.get((officer.id, slot.day))
    )


def because(chosen: Standing, fit: Sequence[Standing], day: date) -> str:
    """Why `chosen`, one of those who `fit`: his points, his place among them, his last duty, his wish for `day`.

    `Poin 12 bulan 14,50, terendah dari 6 yang cocok; terakhir bertugas 3 Okt.`
    """
    lower = sum(one.points < chosen.points for one in fit)
    equal = sum(one.points == chosen.points for one in fit) - 1
    if len(fit) == 1:
        place = "satu-satunya yang cocok"
    elif not lower:
        place = f"terendah{f' bersama {equal} lainnya' if equal else ''} dari {len(fit)} yang cocok"
    else:
        place = f"urutan {sorted(one.key for one in fit).index(chosen.key) + 1} dari {len(fit)} yang cocok"
    what = "Poin 12 bulan dan rencana" if chosen.planned else "Poin 12 bulan"
    last = f"terakhir bertugas {_day(chosen.last_duty, day)}" if chosen.last_duty else "belum pernah bertugas"
    wish = {True: "; ingin bertugas hari itu", False: "; ingin libur hari itu", None: ""}[chosen.wish]
    return f"{what} {show(chosen.points)}, {place}; {last}{wish}."


def _day(day: date, beside: date) -> str:
    """`3 Okt`, with the year when it is not that of `beside`."""
    words = f"{day.day} {MONTHS_SHORT[day.month - 1]}"
    return words if day.year == beside.year else f"{words} {day.year}"
