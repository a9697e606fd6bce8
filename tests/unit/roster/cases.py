"""Officers, posts and promises for the tests of the roster. Hours are those of the office's clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from hypothesis import strategies as st

from fieldops.core.people.rules import Competence
from fieldops.core.roster.rules import Duty, Limits, Officer, Promise, Proposal, Slot
from fieldops.kit import clock

FRIDAY, SATURDAY, SUNDAY = date(2026, 10, 2), date(2026, 10, 3), date(2026, 10, 4)
ALL = frozenset(Competence)


def at(day: date, hour: float) -> datetime:
    """`hour` may lie beyond 24: 26 is 02.00 of the next day."""
    return clock.at_office(day, time()) + timedelta(hours=hour)


def officer(number: int = 1, skills: Iterable[Competence] = ALL, points: int = 0, last: date | None = None) -> Officer:
    return Officer(UUID(int=number), f"Petugas {number}", frozenset(skills), points, last)


def slot(
    number: int,
    day: date = SATURDAY,
    first: float = 8,
    last: float = 12,
    duty: Duty = Duty.QUEUE,
    *,
    title: str = "PERSARI",
    points: int = 600,
    person: int | None = None,
    fixed: bool = False,
) -> Slot:
    starts_at, ends_at = at(day, first), at(day, last)
    person_id = UUID(int=person) if person is not None else None
    return Slot(
        UUID(int=1000 + number), starts_at, ends_at, clock.office_day(starts_at), duty, title, points, person_id, fixed
    )


def promise(day: date, first: float, last: float, kind: str = "annual", title: str = "Cuti tahunan") -> Promise:
    return Promise(at(day, first), at(day, last), kind, title)


def planned(slots: Iterable[Slot], proposal: Proposal) -> list[Slot]:
    """The roster when the proposal is taken over."""
    return [
        one if one.is_fixed else replace(one, person_id=taken.person_id if taken else None)
        for one in slots
        for taken in [proposal.assigned.get(one.id)]
    ]


# -- small offices ----------------------------------------------------------------------------------------------

HOURS = ((8, 12), (12, 16), (13, 17), (18, 22), (20, 26), (7, 15))
KINDS = (("annual", "Cuti tahunan"), ("trip", "LOKTUAN Sangatta"), ("patrol", "Patroli malam"))
SKILLS = (Competence.LEAD, Competence.VERIFICATION, Competence.INTELLIGENCE)
DUTIES = (Duty.SUPERVISOR, Duty.VERIFICATION, Duty.SIGERAK, Duty.QUEUE)

days = st.builds(lambda week, day: FRIDAY + timedelta(days=7 * week + day), st.integers(0, 2), st.integers(0, 3))
limits = st.builds(
    Limits,
    rest=st.sampled_from([timedelta(0), timedelta(hours=11)]),
    days_in_row=st.integers(1, 3),
    hours_in_24=st.sampled_from([timedelta(hours=8), timedelta(hours=12)]),
    pause=st.sampled_from([timedelta(), timedelta(hours=1)]),
    holidays=st.sets(days, max_size=2).map(frozenset),
)
promises_of_one = st.lists(
    st.builds(
        lambda day, first, length, kind: promise(day, first, first + length, *kind),
        days,
        st.integers(0, 23),
        st.integers(1, 40),
        st.sampled_from(KINDS),
    ),
    max_size=2,
)


@st.composite
def offices(draw: st.DrawFn, most_posts: int = 9, most_people: int = 5) -> dict[str, object]:
    """The arguments of `propose` for a small office; some posts are fixed, some people are promised elsewhere."""
    people = [
        officer(
            number,
            draw(st.sets(st.sampled_from(SKILLS))),
            draw(st.sampled_from([0, 300, 600, 1200])),
            draw(st.sampled_from([None, FRIDAY - timedelta(days=20), FRIDAY - timedelta(days=6)])),
        )
        for number in range(1, draw(st.integers(1, most_people)) + 1)
    ]
    posts = [
        slot(
            number,
            draw(days),
            *draw(st.sampled_from(HOURS)),
            draw(st.sampled_from(DUTIES)),
            title=draw(st.sampled_from(["PERSARI", "SIGERAK"])),
            points=draw(st.sampled_from([300, 600, 750])),
        )
        for number in range(draw(st.integers(1, most_posts)))
    ]
    for index in draw(st.sets(st.integers(0, len(posts) - 1), max_size=2)):
        person = draw(st.sampled_from(people))
        posts[index] = replace(posts[index], person_id=person.id, is_fixed=True)
    return {
        "slots": posts,
        "officers": people,
        "promises": {one.id: draw(promises_of_one) for one in people if draw(st.booleans())},
        "limits": draw(limits),
        "wishes": {(one.id, day): draw(st.booleans()) for one in people for day in draw(st.sets(days, max_size=1))},
    }
