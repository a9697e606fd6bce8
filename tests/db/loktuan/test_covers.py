"""Crew whom leave has taken from a trip, and who could go instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from fieldops.core.people.models import PersonCompetence
from fieldops.core.people.rules import Role
from fieldops.core.roster.absences.queries import Cover, broken_count
from fieldops.core.roster.rules import Duty
from fieldops.kit import clock
from fieldops.kit.db import reading
from fieldops.loktuan.trips.queries.covers import covers
from fieldops.loktuan.trips.queries.facts import facts
from fieldops.loktuan.trips.rules import CrewSeat, SessionPlan, Status
from tests.make import Office, at, made, make_absence, people
from tests.trips import DAY, SKILLS, Ground, change, make_ground, make_trip, plan_of

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session


@pytest.fixture
def ground(office: Office) -> Ground:
    return made(make_ground, office)


def found() -> list[Cover]:
    with reading() as session:
        return covers(session, now=clock.now())


def count() -> int:
    with reading() as session:
        return broken_count(session, now=clock.now())


def extra(session: Session, name: str, skills: Any = SKILLS) -> UUID:
    person_id = people.add_person(session, name=name, role=Role.OFFICER, section="Verdokim", now=clock.now())
    session.execute(insert(PersonCompetence), [{"person_id": person_id, "competence": one} for one in skills])
    return person_id


def test_whoever_is_on_leave_is_named_with_who_could_go_and_not_who_goes_already(ground: Ground) -> None:
    made(make_trip, ground, status=Status.PUBLISHED)
    made(extra, "Eka Pengganti")
    assert found() == []
    made(make_absence, ground.crew[1], DAY, approved_by=ground.head)
    (one,) = found()
    assert (one.duty.person, one.duty.duty) == ("Citra Wawancara", Duty.INTERVIEW)
    assert one.duty.title == "LOKTUAN Kantor Camat Sangatta Utara"
    assert [other.name for other in one.best] == ["Eka Pengganti"]
    assert one.fits == 1
    assert "satu-satunya yang cocok" in one.best[0].reason
    assert count() == 1


def test_somebody_who_goes_instead_ends_it(ground: Ground) -> None:
    trip_id = made(make_trip, ground, status=Status.PUBLISHED)
    other = made(extra, "Eka Pengganti")
    made(make_absence, ground.crew[1], DAY, approved_by=ground.head)
    plan = plan_of(ground)
    crew = tuple(replace(seat, person_id=other) if seat.duty is Duty.INTERVIEW else seat for seat in plan.crew)
    with reading() as session:
        sessions = facts(session, trip_id).plan.sessions
    change(trip_id, replace(plan, crew=crew, sessions=sessions), ground)
    assert (found(), count()) == ([], 0)


def test_all_stretches_of_one_person_are_one_duty_and_cover_must_be_free_on_each(ground: Ground) -> None:
    last = DAY + timedelta(days=1)
    days = [SessionPlan(day, time(9), time(12), plan_of(ground).sessions[0].seats) for day in (DAY, last)]
    plan = plan_of(ground, sessions=tuple(days), returns_at=at(f"{last} 17:00"))
    made(make_trip, ground, plan)
    made(extra, "Eka Pengganti")
    made(make_absence, made(extra, "Fajar Setengah"), last, approved_by=ground.head)
    made(make_absence, ground.crew[0], DAY, last, approved_by=ground.head)
    (one,) = found()
    assert one.duty.interval.starts_at == at(f"{DAY} 06:30")
    assert one.duty.interval.ends_at == at(f"{last} 17:00")
    assert one.duty.is_draft
    assert one.duty.sentence.startswith("Rab 9 Des: Cuti tahunan bertumpuk ")
    assert "; Kam 10 Des: Cuti tahunan bertumpuk " in one.duty.sentence
    assert [other.name for other in one.best] == ["Eka Pengganti"], "the other one is away on the second day"
    assert count() == 1


def test_without_anybody_who_fits_the_trip_is_listed_all_the_same(ground: Ground) -> None:
    made(make_trip, ground, replace(plan_of(ground), crew=(CrewSeat(Duty.SUPERVISOR, ground.lead),)))
    made(make_absence, ground.lead, DAY, approved_by=ground.head)
    (one,) = found()
    assert (one.best, one.fits) == ((), 0)
