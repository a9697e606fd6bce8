"""What the database itself refuses about a roster, whatever the code above it does; and what the check sees."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError

from fieldops import check
from fieldops.core.people.rules import Role
from fieldops.core.roster.models import AbsencePeriod, Busy, CompensationDay, Feed, PointLine, Post, Swap
from fieldops.core.roster.rules import Duty
from fieldops.kit.db import transaction, violated
from fieldops.weekend.models import WeekendNeed
from tests.db.roster.test_posts import at, of
from tests.make import NOW, Office, made, make_crew, make_roster, put

STARTS, ENDS = at("2026-11-28T07:30"), at("2026-11-28T11:30")


def post(who: UUID | None, **changes: Any) -> dict[str, Any]:
    row = {"source": "test", "ref": "1", "day": date(2026, 11, 28), "title": "Pagi", "duty": "queue", "number": 1}
    row |= {"starts_at": STARTS, "ends_at": ENDS, "state": "draft", "person_id": who, "changed_at": NOW}
    return row | changes


def absence(who: UUID, **changes: Any) -> dict[str, Any]:
    row = {"person_id": who, "kind": "annual", "starts_at": STARTS, "ends_at": ENDS, "state": "requested"}
    return row | {"form_key": str(uuid4()), "requested_by": who, "requested_at": NOW} | changes


def swap(post_id: UUID, who: UUID, **changes: Any) -> dict[str, Any]:
    row = {"post_id": post_id, "giver_id": who, "state": "offered", "form_key": str(uuid4())}
    return row | {"offered_by": who, "offered_at": NOW} | changes


def line(who: UUID, **changes: Any) -> dict[str, Any]:
    row = {"person_id": who, "source": "post", "ref": "1", "turn": 1, "day": date(2026, 11, 28), "title": "Pagi"}
    parts = dict.fromkeys(("minutes", "base", "weekend", "holiday", "night", "distance"), 0)
    return row | parts | {"made_at": NOW} | changes


def day_off(post_id: UUID, who: UUID, **changes: Any) -> dict[str, Any]:
    row = {"person_id": who, "post_id": post_id, "halves": 1, "earned_on": date(2026, 11, 28)}
    return row | {"expires_on": date(2027, 2, 28)} | changes


def need(**changes: Any) -> dict[str, Any]:
    row = {"programme": "persari", "weekday": 5, "starts": STARTS.time(), "ends": ENDS.time(), "duty": "queue"}
    return row | {"people": 1} | changes


# name: (model, rows made of (post, person), columns that SQLite names)
BROKEN: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "uq_roster_post_place": (Post, lambda p, w: [post(w), post(None)], ("roster_post.title", "roster_post.number")),
    "ck_roster_post_interval": (Post, lambda p, w: [post(w, ends_at=STARTS)], ()),
    "ck_roster_post_state": (Post, lambda p, w: [post(w, state="lain")], ()),
    "ck_roster_post_outcome": (Post, lambda p, w: [post(w, outcome="lain")], ()),
    "ck_roster_post_outcome_of_somebody": (Post, lambda p, w: [post(None, outcome="worked")], ()),
    "ck_roster_post_actual": (Post, lambda p, w: [post(w, actual_starts_at=ENDS, actual_ends_at=STARTS)], ()),
    "ck_roster_absence_interval": (AbsencePeriod, lambda p, w: [absence(w, ends_at=STARTS)], ()),
    "ck_roster_absence_kind": (AbsencePeriod, lambda p, w: [absence(w, kind="lain")], ()),
    "ck_roster_absence_state": (AbsencePeriod, lambda p, w: [absence(w, state="lain")], ()),
    "uq_roster_absence_form_key": (
        AbsencePeriod,
        lambda p, w: [absence(w, form_key="k"), absence(w, form_key="k")],
        ("roster_absence.form_key",),
    ),
    "uq_roster_absence_imported": (
        AbsencePeriod,
        lambda p, w: [absence(w, calendar_uid="u"), absence(w, calendar_uid="u")],
        ("roster_absence.person_id", "roster_absence.calendar_uid"),
    ),
    "ck_roster_swap_state": (Swap, lambda p, w: [swap(p, w, state="lain")], ()),
    "uq_roster_swap_open": (
        Swap,
        lambda p, w: [swap(p, w), swap(p, w, state="accepted")],
        ("roster_swap.post_id",),
    ),
    "uq_roster_swap_form_key": (
        Swap,
        lambda p, w: [swap(p, w, form_key="k", state="refused"), swap(p, w, form_key="k")],
        ("roster_swap.form_key",),
    ),
    "uq_roster_point_line_once": (
        PointLine,
        lambda p, w: [line(w), line(w)],
        ("roster_point_line.source", "roster_point_line.ref", "roster_point_line.turn"),
    ),
    "ck_roster_compensation_halves": (CompensationDay, lambda p, w: [day_off(p, w, halves=3)], ()),
    "uq_roster_compensation_source": (
        CompensationDay,
        lambda p, w: [day_off(p, w), day_off(p, w)],
        ("roster_compensation.post_id", "roster_compensation.person_id"),
    ),
    "uq_roster_feed_live": (
        Feed,
        lambda p, w: [{"person_id": w, "token_hash": n, "made_at": NOW} for n in ("a", "b")],
        ("roster_feed.person_id",),
    ),
    "uq_roster_feed_token_hash": (
        Feed,
        lambda p, w: [{"person_id": w, "token_hash": "a", "made_at": NOW, "revoked_at": NOW} for _ in range(2)],
        ("roster_feed.token_hash",),
    ),
    "ck_weekend_need_programme": (WeekendNeed, lambda p, w: [need(programme="lain")], ()),
    "ck_weekend_need_weekday": (WeekendNeed, lambda p, w: [need(weekday=4)], ()),
    "ck_weekend_need_people": (WeekendNeed, lambda p, w: [need(people=21)], ()),
    "uq_weekend_need_duty": (
        WeekendNeed,
        lambda p, w: [need(), need()],
        ("weekend_need.programme", "weekend_need.duty"),
    ),
}


def put_in(*rows: tuple[Any, dict[str, Any]]) -> None:
    with transaction() as session:
        for model, row in rows:
            session.execute(insert(model).values(row))


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_database_refuses_what_no_code_may_write(clock, office: Office, name: str) -> None:
    model, rows, columns = BROKEN[name]
    who = office[Role.OFFICER]
    there = made(make_roster, office[Role.SUPERVISOR])[0]
    with pytest.raises(IntegrityError) as refused:
        put_in(*((model, row) for row in rows(there.id, who)))
    assert violated(refused.value, name, *columns), str(refused.value.orig)


def test_a_used_day_off_cannot_be_cancelled_too(clock, office: Office) -> None:
    who = office[Role.OFFICER]
    there = made(make_roster, office[Role.SUPERVISOR])[0]
    leave = uuid4()
    row = day_off(there.id, who, absence_id=leave, cancelled_reason="Keliru")
    with pytest.raises(IntegrityError) as refused:
        put_in((AbsencePeriod, absence(who, id=leave)), (CompensationDay, row))
    assert violated(refused.value, "ck_roster_compensation_used_or_cancelled")


# -- the check names what is broken


@pytest.fixture
def stood(clock, office: Office) -> tuple[UUID, UUID]:
    """Maya stands at the queue; gives the post and her id."""
    crew = made(make_crew)
    row = of(made(make_roster, office[Role.SUPERVISOR]), Duty.QUEUE)
    made(put, row, crew["Maya"], office[Role.SUPERVISOR])
    assert check.problems() == []
    return row.id, crew["Maya"]


def broken() -> str:
    found = check.problems()
    assert len(found) == 1, found
    return found[0]


def test_the_check_sees_a_post_without_its_promise(stood):
    with transaction() as session:
        session.execute(text("delete from roster_busy"))
    assert broken() == f"post {stood[0]}: its person is not promised for its hours"


def test_the_check_sees_a_promise_for_other_hours(stood):
    with transaction() as session:
        session.execute(update(Busy).values(ends_at=at("2026-11-28T08:30")))
    assert "is not promised for its hours" in broken()


def test_the_check_sees_a_promise_without_a_post(stood):
    with transaction() as session:
        session.execute(update(Post).where(Post.id == stood[0]).values(person_id=None))
    assert broken() == f"promise of post {stood[0]}: nobody stands there"


def test_the_check_sees_somebody_in_two_places_but_leave_beside_a_duty_is_allowed(stood):
    def busy(kind: str, starts: datetime) -> dict[str, Any]:
        row = {"holder_kind": "person", "holder_id": stood[1], "kind": kind, "title": "x", "source": "test"}
        return row | {"starts_at": starts, "ends_at": ENDS, "ref": kind}

    with transaction() as session:
        session.execute(insert(Busy).values(busy("leave", STARTS)))
    assert check.problems() == []
    with transaction() as session:
        session.execute(insert(Busy).values(busy("trip", STARTS)))
    assert "of one holder overlap" in broken()


def test_the_check_sees_more_points_taken_back_than_given(stood):
    with transaction() as session:
        session.execute(insert(PointLine).values(line(stood[1], minutes=-60, base=-100)))
    assert broken() == "post 1: more points taken back than given"
