"""The bounds are never above what can be had, and meet it where counting is enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings

from fieldops.core.roster.rules import Duty, Limits, propose
from fieldops.core.roster.rules.board import Board
from fieldops.core.roster.rules.bound import bounds
from tests.unit.roster.cases import ALL, SATURDAY, SUNDAY, officer, offices, promise, slot

WEEK = timedelta(days=7)


def every_plan(board: Board):
    """The loads of all plans with their numbers of filled posts, the board given and taken back."""

    def walk(post: int, filled: int):
        if post == len(board.posts):
            yield filled, list(board.load)
            return
        yield from walk(post + 1, filled)
        for person in board.eligible[post]:
            if board.fits(person, post):
                board.give(post, person)
                yield from walk(post + 1, filled + 1)
                board.give(post, -1)

    return walk(0, 0)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(offices(most_posts=6, most_people=3))
def test_no_plan_is_better_than_the_bounds(task):
    board = Board(task["slots"], task["officers"], task["promises"], task["limits"], {})
    best = bounds(task["slots"], task["officers"], task["promises"], task["limits"])
    could = sum(bool(people) for people in board.eligible)
    for filled, load in every_plan(board):
        assert filled <= best.most_filled()
        assert max(load) >= best.least_maximum(could - filled)
    for filled, load in every_plan(board):
        if filled == could:
            assert max(load) - min(load) >= best.least_spread({one.id for one in board.people})


def test_equal_people_share_equally():
    posts = [slot(n, SATURDAY + WEEK * n) for n in range(6)]
    best = bounds(posts, [officer(1), officer(2), officer(3)], {})
    assert (best.most_filled(), best.least_maximum()) == (6, 1200)
    assert bounds(posts, [officer(1), officer(2), officer(3), officer(4)], {}).least_maximum() == 1200


def test_those_who_alone_can_do_something_set_the_bound():
    posts = [slot(n, SATURDAY + WEEK * n, duty=Duty.DRIVER) for n in range(4)]
    people = [officer(1), *(officer(n, ()) for n in range(2, 9))]
    best = bounds(posts, people, {})
    assert best.least_maximum() == 2400
    assert best.least_maximum(gaps=1) == 1800


def test_a_row_of_days_and_leave_bound_what_can_be_filled():
    days = [day + WEEK * week for week in range(3) for day in (SATURDAY, SUNDAY)]
    posts = [slot(n, day) for n, day in enumerate(days)]
    assert bounds(posts, [officer(1)], {}).most_filled() == 4
    assert bounds(posts, [officer(1)], {}, Limits(days_in_row=1)).most_filled() == 3
    away = {officer(1).id: [promise(SATURDAY + WEEK, 0, 24)]}
    assert bounds(posts, [officer(1)], away).most_filled() == 4
    assert bounds(posts, [officer(1)], away, Limits(days_in_row=1)).most_filled() == 3
    holiday = SUNDAY + timedelta(days=1)
    posts = [slot(1, SATURDAY), slot(2, SUNDAY), slot(3, holiday)]
    assert bounds(posts, [officer(1)], {}).most_filled() == 3
    assert bounds(posts, [officer(1)], {}, Limits(holidays=frozenset({holiday}))).most_filled() == 2


def test_gaps_of_different_days_add_up():
    posts = [slot(10 * week + n, SATURDAY + 2 * WEEK * week) for week in range(3) for n in range(3)]
    assert bounds(posts, [officer(1), officer(2)], {}).most_filled() == 6


def test_who_stood_above_all_others_stands_there_still():
    posts = [slot(n, SATURDAY + WEEK * n) for n in range(4)]
    people = [officer(1, ALL, 5000), officer(2), officer(3)]
    best = bounds(posts, people, {})
    assert best.least_maximum() == 5000
    assert best.least_spread({one.id for one in people}) == 5000 - 1200
    assert best.least_spread(set()) == 0
    assert best.least_spread({people[1].id, people[2].id}) == 0
    fixed = [replace(posts[0], person_id=people[1].id, is_fixed=True), *posts[1:]]
    assert bounds(fixed, people, {}).least_spread({one.id for one in people}) == 5000 - 1200


def test_a_proposal_meets_the_bound_where_all_duties_weigh_the_same():
    posts = [slot(n, SATURDAY + WEEK * n) for n in range(7)]
    people = [officer(1, points=600), officer(2), officer(3, points=1200)]
    assert max(propose(posts, people, {}).points.values()) == bounds(posts, people, {}).least_maximum() == 2400
