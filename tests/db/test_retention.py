"""What is kept about staff no longer than it is needed: notes of leave and swaps, sign-in links, ended sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fieldops import worker
from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.people.models import SignInLink, StaffSession
from fieldops.core.people.rules import Means, Role
from fieldops.core.people.service import entry
from fieldops.core.roster.absences import service as absences
from fieldops.core.roster.models import AbsencePeriod, Swap
from fieldops.core.roster.posts import queries
from fieldops.core.roster.posts.service import publishing
from fieldops.core.roster.swaps import service as swaps
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from tests.make import SATURDAY, SUNDAY, Office, made, make_absence, make_crew, make_link, make_roster, put

if TYPE_CHECKING:
    from fieldops.settings import Settings


def run(settings: Settings, job: str) -> object:
    return worker.jobs(settings)[job][0]()


def audited(action: str) -> list[dict[str, Any]]:
    with reading() as session:
        return list(session.scalars(select(AuditEntry.detail).where(AuditEntry.action == action)))


def note(absence_id: UUID) -> str:
    with reading() as session:
        return session.get_one(AbsencePeriod, absence_id).note


def test_notes_of_leave_are_emptied_a_year_after_its_end_and_the_leave_stays(
    clock, office: Office, settings: Settings
) -> None:
    who, boss = office[Role.OFFICER], office[Role.HEAD]
    old = made(make_absence, who, SATURDAY, note="Operasi lutut", approved_by=boss)
    later = made(make_absence, who, SATURDAY + timedelta(days=30), note="Mengantar anak")
    made(absences.refuse, later, note="Jadwal penuh", actor=staff(boss), now=office_clock.now())
    with reading() as session:
        end = session.get_one(AbsencePeriod, old).ends_at
    clock.set(end + timedelta(days=365))
    assert run(settings, "forget notes") == 0, "to the second"
    assert note(old) == "Operasi lutut"
    clock.forward(seconds=1)
    assert run(settings, "forget notes") == 1
    assert run(settings, "forget notes") == 0
    assert (note(old), note(later)) == ("", "Mengantar anak")
    assert audited("absence.forget-notes") == [{"count": 1}]
    clock.forward(days=31)
    assert run(settings, "forget notes") == 1
    with reading() as session:
        rows = {row.id: (row.kind, row.note, row.decision_note) for row in session.scalars(select(AbsencePeriod))}
    assert rows == {old: ("annual", "", ""), later: ("annual", "", "")}


def test_notes_of_swaps_are_emptied_too(clock, office: Office, settings: Settings) -> None:
    crew = made(make_crew)
    planner = office[Role.SUPERVISOR]
    row = next(row for row in made(make_roster, planner) if row.duty.value == "sigerak")
    made(put, row, crew["Rizky"], planner)
    now = office_clock.now()
    made(publishing.publish, SATURDAY, SUNDAY, source="weekend", with_gaps=True, actor=staff(planner), now=now)
    swap = made(
        swaps.offer,
        row.id,
        giver_id=crew["Rizky"],
        taker_id=crew["Nurul"],
        note="Anak sakit",
        form_key=str(uuid4()),
        actor=staff(crew["Rizky"]),
        now=now,
    )
    made(
        swaps.accept,
        swap,
        taker_id=crew["Nurul"],
        return_post_id=None,
        actor=staff(planner),
        now=now,
        reason="Ia di rumah sakit",
    )
    with reading() as session:
        post = queries.post(session, row.id)
    assert post is not None
    clock.set(post.ends_at + timedelta(days=365))
    assert run(settings, "forget notes") == 0
    clock.forward(seconds=1)
    assert run(settings, "forget notes") == 1
    with reading() as session:
        found = session.get_one(Swap, swap)
        assert (found.note, found.accept_note, found.state) == ("", "", "accepted")
    assert run(settings, "forget notes") == 0


def test_the_office_sets_how_long_notes_are_kept(clock, office: Office) -> None:
    absence = made(make_absence, office[Role.OFFICER], SATURDAY, note="Rahasia")
    clock.forward(days=40)
    assert made(absences.forget_notes, now=office_clock.now(), days=60) == 0
    assert made(absences.forget_notes, now=office_clock.now(), days=30) == 1
    assert note(absence) == ""


@pytest.fixture
def who(office: Office) -> UUID:
    return office[Role.OFFICER]


def rows() -> tuple[int, int]:
    with reading() as session:
        return len(session.scalars(select(SignInLink)).all()), len(session.scalars(select(StaffSession)).all())


def test_dead_links_and_ended_sessions_go_after_90_days(clock, who: UUID, settings: Settings) -> None:
    start = office_clock.now()
    made(make_link, who)
    made(entry.open_session, who, Means.LINK, device="", now=start)
    made(entry.end_all, who, actor=staff(who), now=start, why="test")
    made(entry.open_session, who, Means.LINK, device="", now=start)  # this one nobody ends
    clock.set(start + timedelta(days=90))
    assert run(settings, "forget sign-ins") == 0
    clock.forward(seconds=1)
    assert run(settings, "forget sign-ins") == 1, "the ended session; the link died a day later than it was made"
    assert rows() == (1, 1)
    clock.set(start + timedelta(days=91, seconds=1))
    assert run(settings, "forget sign-ins") == 1
    assert rows() == (0, 1)
    clock.set(start + timedelta(days=97))
    assert run(settings, "forget sign-ins") == 0
    clock.forward(seconds=1)
    assert run(settings, "forget sign-ins") == 1, "over by its age, 7 days and 90"
    assert rows() == (0, 0)
    assert audited("session.forget")[0] == {"links": 0, "sessions": 1}


def test_a_session_that_lives_and_a_fresh_link_stay(clock, who: UUID, settings: Settings) -> None:
    made(make_link, who)
    made(entry.open_session, who, Means.LINK, device="", now=office_clock.now())
    assert run(settings, "forget sign-ins") == 0
    assert rows() == (1, 1)
    with reading() as session:
        assert session.scalar(select(StaffSession.ended_at)) is None
