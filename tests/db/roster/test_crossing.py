"""Two planners who tell, lock and move the same people the other way round: both come through, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from fieldops.core.audit.rules import staff
from fieldops.core.notices import service as notices
from fieldops.core.notices.models import Notice
from fieldops.core.people.rules import Role
from fieldops.core.roster import service as roster
from fieldops.core.roster.posts import queries
from fieldops.core.roster.posts.service import needs, publishing
from fieldops.core.roster.rules import Duty, Interval
from fieldops.core.roster.rules.posting import PostPlan
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading, transaction
from tests.db.roster.test_posts import at
from tests.make import SATURDAY, SUNDAY, Office, made, make_crew, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session

ROUNDS = 40


@pytest.fixture
def crew(clock: Any, office: Office) -> dict[str, UUID]:
    return made(make_crew)


@pytest.fixture
def planner(office: Office) -> UUID:
    return office[Role.SUPERVISOR]


def together(*works: Callable[[Session], object]) -> None:
    """Each in its own transaction, begun at the same moment; whatever one raises is raised here."""
    start = threading.Barrier(len(works))

    def one(work: Callable[[Session], object]) -> None:
        start.wait(30)
        with transaction() as session:
            work(session)

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(one, work) for work in works]:
            done.result(60)


def tell(session: Session, people: list[UUID], key: str) -> int:
    now = office_clock.now()
    return notices.tell(session, people, kind="test", title="Kabar", body="", link="/menu", key=key, now=now)


def test_the_same_fact_told_to_the_same_people_in_another_order_many_times(crew, db) -> None:
    ids = list(crew.values())
    for n in range(ROUNDS):
        together(
            lambda session, n=n: tell(session, ids, f"fact:{n}"),
            lambda session, n=n: tell(session, ids[::-1], f"fact:{n}"),
        )
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == ROUNDS * len(ids)


def test_whoever_is_told_something_can_be_locked_and_promised_meanwhile(crew, db) -> None:
    first, second = sorted((crew["Maya"], crew["Wati"]))
    told, stop = threading.Event(), threading.Event()

    def telling() -> None:
        with transaction() as session:
            tell(session, [second], "one")
            told.set()
            stop.wait(1)  # long enough for the other to lock the first and to want the second
            tell(session, [first], "two")

    def locking() -> None:
        told.wait(30)
        with transaction() as session:
            roster.lock_people(session, {first, second})
            stop.set()

    with ThreadPoolExecutor(2) as pool:
        for done in (pool.submit(telling), pool.submit(locking)):
            done.result(60)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 2


def plans(hour: int, titles: tuple[str, str]) -> list[PostPlan]:
    night = Interval(at(f"2026-11-28T{hour:02}:00"), at(f"2026-11-28T{hour + 1:02}:00"))
    other = Interval(at(f"2026-11-29T{hour:02}:00"), at(f"2026-11-29T{hour + 1:02}:00"))
    return [PostPlan(titles[0], Duty.QUEUE, 1, night), PostPlan(titles[1], Duty.QUEUE, 1, other)]


def need(session: Session, ref: str, hour: int, planner: UUID) -> int:
    wanted = plans(hour, ("Satu", "Dua"))
    return needs.need(session, source=ref, ref=ref, plans=wanted, actor=staff(planner), now=office_clock.now())


def test_two_services_that_move_the_same_people_in_another_order(clock, crew, planner, db) -> None:
    """One moves Maya and then Wati, the other Wati and then Maya; both publish before, and tell both."""
    for ref, hour, names in (("early", 8, ("Maya", "Wati")), ("late", 15, ("Wati", "Maya"))):
        made(need, ref, hour, planner)
        with reading() as session:
            rows = queries.posts_between(session, SATURDAY, SUNDAY, source=ref)
        for row in rows:
            name = names[0] if row.title == "Satu" else names[1]
            made(put, row, crew[name], planner, reason="Pengganti")
    together(
        *(
            lambda session, ref=ref: publishing.publish(
                session,
                SATURDAY,
                SUNDAY,
                source=ref,
                with_gaps=False,
                actor=staff(planner),
                now=office_clock.now(),
            )
            for ref in ("early", "late")
        )
    )
    for n in range(ROUNDS // 4):
        together(
            lambda session, n=n: need(session, "early", 8 + n % 2, planner),
            lambda session, n=n: need(session, "late", 15 + n % 2, planner),
        )
    with reading() as session:
        people = {row.person for row in queries.posts_between(session, SATURDAY, SUNDAY)}
    assert people == {"Maya Antrean", "Wati Verifikasi"}
