"""The shape of needs, choices and closings as typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from fieldops.core.roster.rules import Duty, Interval, Outcome
from fieldops.core.roster.rules.posting import Closing
from fieldops.kit import clock
from fieldops.kit.errors import Refusal
from fieldops.kit.forms import read_number, read_time
from fieldops.weekend.shifts.rules import ShiftNeed, WrongNeeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fieldops.core.roster.posts.queries import PostRow

ROWS = 4


def need_rows(values: Mapping[str, str]) -> list[dict[str, str]]:
    """The shifts as typed, always `ROWS` of them."""
    parts = ("starts", "ends", *(duty.value for duty in Duty))
    return [{part: values.get(f"{part}_{n}", "") for part in parts} for n in range(1, ROWS + 1)]


def need_values(shifts: Sequence[ShiftNeed]) -> dict[str, str]:
    """What the form holds before anything is typed."""
    values: dict[str, str] = {}
    for n, shift in enumerate(shifts, 1):
        values |= {f"starts_{n}": f"{shift.starts:%H.%M}", f"ends_{n}": f"{shift.ends:%H.%M}"}
        values |= {f"{duty.value}_{n}": str(shift.people.get(duty, 0)) for duty in Duty}
    return values


def read_needs(values: Mapping[str, str]) -> list[ShiftNeed]:
    """The typed shifts, empty rows left out. Refuses a row that cannot be read, by its number."""
    shifts = []
    for n, row in enumerate(need_rows(values), 1):
        if not any(text.strip() for text in row.values()):
            continue
        starts, ends = read_time(row["starts"]), read_time(row["ends"])
        if starts is None or ends is None:
            raise WrongNeeds(f"Baris {n}: tulis jam seperti 07.30.")
        people = {duty: read_number(row[duty.value] or "0") for duty in Duty}
        if None in people.values():
            raise WrongNeeds(f"Baris {n}: jumlah orang ditulis dengan angka.")
        shifts.append(ShiftNeed(starts, ends, {duty: count or 0 for duty, count in people.items()}))
    return shifts


@dataclass(frozen=True)
class Span:
    """The weekends that a page shows."""

    saturday: date
    weekends: int

    @property
    def last(self) -> date:
        return self.saturday + timedelta(weeks=self.weekends - 1, days=1)


def read_span(values: Mapping[str, str], today: date) -> Span:
    """From the address; anything odd becomes four weekends from the coming one."""
    try:
        asked = date.fromisoformat(values.get("from", ""))
    except ValueError:
        asked = today
    try:
        saturday = asked + timedelta(days=5 - asked.weekday())
    except OverflowError:
        saturday = today + timedelta(days=5 - today.weekday())
    weekends = read_number(values.get("weekends", "")) or 4
    return Span(saturday, min(max(weekends, 1), 12))


class WrongClosing(Refusal):
    """One row of the closing page cannot be read; `post_id` says which."""

    def __init__(self, sentence: str, post_id: UUID) -> None:
        super().__init__(sentence, field=f"outcome-{post_id}")
        self.post_id = post_id


def read_closings(values: Mapping[str, str], posts: Sequence[PostRow]) -> dict[UUID, Closing]:
    """What was said about each duty of a day; rows without an answer are left out.

    Hours are the office's wall clock; an end that is not after the start is the next day's.
    """
    found: dict[UUID, Closing] = {}
    for post in posts:
        answer = values.get(f"outcome-{post.id}", "")
        if not answer:
            continue
        try:
            outcome = Outcome(answer)
        except ValueError:
            raise WrongClosing("Pilih salah satu.", post.id) from None
        typed = (values.get(f"starts-{post.id}", "").strip(), values.get(f"ends-{post.id}", "").strip())
        actual = None
        if outcome is Outcome.WORKED and any(typed):
            starts, ends = read_time(typed[0]), read_time(typed[1])
            if starts is None or ends is None:
                raise WrongClosing(f"{post.person}: tulis jam mulai dan selesai seperti 07.30.", post.id)
            first = clock.at_office(post.day, starts)
            last = clock.at_office(post.day if ends > starts else post.day + timedelta(days=1), ends)
            actual = Interval(first, last)
        found[post.id] = Closing(outcome, actual)
    return found
