"""The office's limits reach the proposal, the duty given by hand, publishing and a swap: one table, both databases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from fieldops.core.audit.rules import staff
from fieldops.core.people.rules import Role
from fieldops.core.roster.posts import queries
from fieldops.core.roster.posts.service import publishing
from fieldops.core.roster.rules import Duty
from fieldops.core.roster.rules.posting import BrokenLeft, NeedOverride, Unfit
from fieldops.core.roster.swaps import service as swaps
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from fieldops.weekend.shifts import service as shifts
from tests.db.roster.test_posts import at, now_row, of
from tests.make import SATURDAY, SUNDAY, Office, made, make_busy, make_crew, make_roster, put

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from fieldops.core.roster.posts.queries import PostRow
    from fieldops.settings import Settings


@dataclass(frozen=True)
class Case:
    """Work that Rizky has already, and a setting that says whether Saturday morning at SIGERAK may come to it."""

    starts: str
    ends: str
    strict: dict[str, int]
    loose: dict[str, int]


# SIGERAK stands from 07.30 to 11.30 on Saturday, 28 November.
CASES = {
    "rest": Case("2026-11-27T16:00", "2026-11-27T22:00", {}, {"roster_rest_hours": 9}),
    "days in a row": Case("2026-11-29T13:00", "2026-11-29T15:00", {"roster_days_in_row": 1}, {}),
    "hours": Case("2026-11-28T11:30", "2026-11-28T17:30", {"roster_day_hours": 8}, {}),
}
EVERY = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


@pytest.fixture
def use(settings: Settings) -> Iterator[Any]:
    """Judge by these settings; afterwards by the ordinary ones."""
    yield lambda **changes: queries.use_limits(replace(settings, **changes))
    queries.use_limits(settings)


@pytest.fixture
def crew(clock: Any, office: Office) -> dict[str, UUID]:
    return made(make_crew)


@pytest.fixture
def planner(office: Office) -> UUID:
    return office[Role.SUPERVISOR]


@pytest.fixture
def post(crew: dict[str, UUID], planner: UUID) -> PostRow:
    rows = made(make_roster, planner)
    return of([row for row in rows if row.title == "PERSARI pagi"], Duty.SIGERAK)


def work(person_id: UUID, case: Case) -> None:
    made(make_busy, person_id, at(case.starts), at(case.ends), kind="trip", title="LOKTUAN")


def proposed(post: PostRow) -> UUID | None:
    with reading() as session:
        asked = shifts.to_fill(session, SATURDAY, 1, now=office_clock.now())
    alone = replace(asked, seen={post.id: asked.seen[post.id]})  # or he may be wanted more on another post
    return shifts.fill(alone)[post.id].person_id


@EVERY
def test_a_proposal_keeps_to_the_limits(use, crew, post: PostRow, case: Case) -> None:
    work(crew["Rizky"], case)
    made(make_busy, crew["Nurul"], at("2026-11-27T00:00"), at("2026-11-30T00:00"))  # the only other one who could
    use(**case.strict)
    assert proposed(post) is None
    use(**case.loose)
    assert proposed(post) == crew["Rizky"]


@EVERY
def test_a_duty_given_by_hand_asks_for_a_reason_by_the_limits(use, crew, planner, post: PostRow, case: Case) -> None:
    work(crew["Rizky"], case)
    use(**case.strict)
    with pytest.raises(NeedOverride):
        made(put, post, crew["Rizky"], planner)
    use(**case.loose)
    made(put, post, crew["Rizky"], planner)
    assert now_row(post).person == "Rizky Intel"


def publish(planner: UUID) -> int:
    now = office_clock.now()
    return made(publishing.publish, SATURDAY, SUNDAY, source="weekend", with_gaps=True, actor=staff(planner), now=now)


@EVERY
def test_publishing_judges_again_by_the_limits(use, crew, planner, post: PostRow, case: Case) -> None:
    work(crew["Rizky"], case)
    use(**case.loose)
    made(put, post, crew["Rizky"], planner)
    use(**case.strict)
    with pytest.raises(BrokenLeft):
        publish(planner)
    use(**case.loose)
    assert publish(planner) > 0


@EVERY
def test_a_swap_is_taken_only_within_the_limits(use, crew, planner, post: PostRow, case: Case) -> None:
    made(put, post, crew["Nurul"], planner)
    publish(planner)
    work(crew["Rizky"], case)
    now, who = office_clock.now(), crew["Rizky"]
    swap = made(
        swaps.offer,
        post.id,
        giver_id=crew["Nurul"],
        taker_id=who,
        note="",
        form_key=str(uuid4()),
        actor=staff(crew["Nurul"]),
        now=now,
    )
    use(**case.strict)
    with pytest.raises(Unfit):
        made(swaps.accept, swap, taker_id=who, return_post_id=None, actor=staff(who), now=now)
    use(**case.loose)
    made(swaps.accept, swap, taker_id=who, return_post_id=None, actor=staff(who), now=now)


def test_the_application_judges_by_its_settings(use, make_app) -> None:
    make_app(roster_days_in_row=1)
    assert queries.office_limits().days_in_row == 1
    make_app()
    assert queries.office_limits().days_in_row == 2


def test_the_sentence_names_the_limit_of_the_office(use, crew, planner, post: PostRow) -> None:
    work(crew["Rizky"], CASES["rest"])
    use(roster_rest_hours=10)
    with pytest.raises(NeedOverride, match="paling sedikit 10 jam"):
        made(put, post, crew["Rizky"], planner)


def test_the_work_of_the_cases_is_where_their_names_say(post: PostRow) -> None:
    """The table means what it says only as long as the shift has these hours."""
    start, end = (office_clock.in_office(one) for one in (post.starts_at, post.ends_at))
    assert (start, end) == tuple(
        datetime.fromisoformat(f"2026-11-28T{hour}").replace(tzinfo=office_clock.ZONE) for hour in ("07:30", "11:30")
    )
