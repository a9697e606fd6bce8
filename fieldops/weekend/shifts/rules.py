"""Needs of a shift and how a shift is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from fieldops.core.roster.rules import Duty, Interval
from fieldops.core.roster.rules.posting import PostPlan
from fieldops.kit import clock
from fieldops.kit.errors import Refusal
from fieldops.weekend.rules import Programme

MOST_WEEKENDS = 12
MOST_PEOPLE = 20


@dataclass(frozen=True)
class ShiftNeed:
    """One shift of an ordinary day: the office's wall clock and people per duty. An end before the start is the next
    day's."""

    starts: time
    ends: time
    people: Mapping[Duty, int]


def interval_of(day: date, shift: ShiftNeed) -> Interval:
    """The UTC instants of a shift that starts on `day` in the office's time."""
    last = day if shift.ends > shift.starts else day + timedelta(days=1)
    return Interval(clock.at_office(day, shift.starts), clock.at_office(last, shift.ends))


def part_of_day(starts: time) -> str:
    if starts < time(4):
        return "dini hari"
    if starts < time(11):
        return "pagi"
    if starts < time(15):
        return "siang"
    return "sore" if starts < time(18) else "malam"


def plans_of(programme: Programme, day: date, shifts: Iterable[ShiftNeed]) -> list[PostPlan]:
    """The posts that a day needs. Two shifts in one part of a day are told apart by a number."""
    plans: list[PostPlan] = []
    used: dict[str, int] = {}
    for shift in sorted(shifts, key=lambda one: one.starts):
        part = part_of_day(shift.starts)
        used[part] = used.get(part, 0) + 1
        title = f"{programme.label} {part}" + (f" {used[part]}" if used[part] > 1 else "")
        interval = interval_of(day, shift)
        plans += [
            PostPlan(title, duty, number, interval)
            for duty in Duty
            for number in range(1, shift.people.get(duty, 0) + 1)
        ]
    return plans


def check_needs(shifts: Iterable[ShiftNeed]) -> None:
    """Refuses two shifts that start together, a shift without hours, and absurd numbers of people."""
    seen: set[time] = set()
    for shift in shifts:
        if shift.starts in seen:
            raise WrongNeeds(f"Dua giliran mulai pukul {shift.starts:%H.%M}. Gabungkan menjadi satu.")
        seen.add(shift.starts)
        if shift.starts == shift.ends:
            raise WrongNeeds(f"Giliran {shift.starts:%H.%M}: jam selesai harus berbeda dari jam mulai.")
        if any(not 0 <= people <= MOST_PEOPLE for people in shift.people.values()):
            raise WrongNeeds(f"Giliran {shift.starts:%H.%M}: isi jumlah orang antara 0 dan {MOST_PEOPLE}.")
        if not any(shift.people.values()):
            raise WrongNeeds(f"Giliran {shift.starts:%H.%M}: isi paling sedikit satu orang, atau kosongkan jamnya.")


class WrongNeeds(Refusal):
    sentence = "Kebutuhan petugas belum benar."
    field = "needs"
