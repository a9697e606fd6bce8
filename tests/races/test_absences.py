"""Leave against itself and against duties: real servers, real processes."""

from __future__ import annotations

import time as wall
from collections import Counter
from datetime import date, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fieldops.core.audit.models import AuditEntry
from fieldops.core.people.rules import Role
from fieldops.core.roster.absences import queries, service
from fieldops.core.roster.absences.rules import CompensationRule
from fieldops.core.roster.models import AbsencePeriod, Busy, CompensationDay
from fieldops.core.roster.rules import Absence
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from fieldops.weekend.rules import SessionPlan
from tests.make import SATURDAY, made, make_absence, make_day, make_post
from tests.races.facts import all_is_well, count, sign_in, staff_of
from tests.races.visitors import Browser, Page, at_once

if TYPE_CHECKING:
    from tests.make import Office

pytestmark = [pytest.mark.races, pytest.mark.usefixtures("one_process")]

MONDAY = date(2026, 11, 30)
RULE = CompensationRule(half=240, full=420, days=90, holiday_half=240, holiday_full=420)


@pytest.fixture
def deciders(office: Office, serve) -> list[Browser]:
    """Six supervisors in front of one server with two processes."""
    server = serve()
    return [sign_in(server, one, f"10.97.0.{n}") for n, one in enumerate(staff_of(Role.SUPERVISOR, 6))]


def send(browser: Browser, absence_id: UUID, seen: str, decision: str) -> Page:
    return browser.post(f"/absences/{absence_id}/decide", {"seen": seen, "decision": decision, "note": "Alasan"})


def test_six_approvals_at_once_are_one_promise(office, deciders) -> None:
    absence_id = made(make_absence, office["officer"], MONDAY)
    seen = deciders[0].get(f"/absences/{absence_id}").value("seen")
    answers = at_once([lambda one=one: send(one, absence_id, seen, "approve") for one in deciders])
    assert {answer.status for answer in answers} == {303}, [answer.sentence for answer in answers]
    assert count(Busy, Busy.source == "absence") == 1
    assert count(AuditEntry, AuditEntry.action == "absence.approve") == 1
    all_is_well()


def test_yes_and_no_at_once_end_as_one_of_them(office, deciders) -> None:
    for n in range(4):
        absence_id = made(make_absence, office["officer"], MONDAY + timedelta(days=n))
        seen = deciders[0].get(f"/absences/{absence_id}").value("seen")
        said = ["approve", "refuse"] * 3
        answers = at_once(
            [lambda one=one, word=word: send(one, absence_id, seen, word)  # noqa: B023
             for one, word in zip(deciders, said, strict=True)]
        )  # fmt: skip
        assert {answer.status for answer in answers} <= {303, 409}
        with reading() as session:
            state = session.scalar(select(AbsencePeriod.state).where(AbsencePeriod.id == absence_id))
        # A no may follow a yes, a yes never follows a no.
        assert state == "refused"
        assert count(Busy, Busy.ref == str(absence_id)) == 0
    all_is_well()


def test_one_form_sent_8_times_at_once_is_one_request(office, serve) -> None:
    server = serve()
    browsers = [sign_in(server, office["officer"], f"10.97.1.{n}") for n in range(8)]
    form = {"key": str(uuid4()), "kind": "annual", "first": str(MONDAY), "part": "full"}
    answers = at_once([lambda one=one: one.post("/absences", form) for one in browsers])
    assert {(answer.status, answer.location) for answer in answers} == {(303, answers[0].location)}, [
        answer.sentence for answer in answers
    ]
    assert count(AbsencePeriod) == 1


def test_eight_requests_for_one_day_leave_one(office, serve) -> None:
    server = serve()
    browsers = [sign_in(server, office["officer"], f"10.97.1.{n}") for n in range(8)]
    forms = [{"key": str(uuid4()), "kind": "annual", "first": str(MONDAY), "part": "full"} for _ in browsers]
    answers = at_once(
        [lambda one=one, form=form: one.post("/absences", form) for one, form in zip(browsers, forms, strict=True)]
    )
    assert Counter(answer.status for answer in answers) == {303: 1, 422: 7}
    assert all(answer.sentence.startswith("Bertumpuk") for answer in answers if answer.status == 422)
    assert count(AbsencePeriod) == 1


def test_leave_and_a_duty_at_once_never_pass_each_other_unseen(office, deciders) -> None:
    """Leave first: the day is refused. Day first: the leave is approved and names the day. Never a promise that was
    made after the leave."""
    lead = office["officer"]
    plans = [SessionPlan(time(8), time(9), seats_public=3, seats_priority=0, seats_walk_in=0)]
    for n in range(8):
        day = SATURDAY + timedelta(weeks=n)
        if day.month == 12 and day.day > 24:
            continue  # holidays
        planned = made(make_day, office["supervisor"], day=day, published=False, plans=plans, lead_id=lead)
        absence_id = made(make_absence, lead, day)
        seen = deciders[0].get(f"/absences/{absence_id}").value("seen")

        def publish(browser: Browser, wait: float, path: str = f"/weekend/days/{planned.id}/publish") -> Page:
            wall.sleep(wait)
            return browser.post(path, {})

        def approve(browser: Browser, wait: float, leave: UUID = absence_id, hours: str = seen) -> Page:
            wall.sleep(wait)
            return send(browser, leave, hours, "approve")

        early = 0.0 if n % 2 else 0.002
        published, approved = at_once(
            [lambda: publish(deciders[0], early), lambda: approve(deciders[1], 0.002 - early)]  # noqa: B023
        )
        assert approved.status == 303, approved.sentence
        assert published.status in {303, 422}
        with reading() as session:
            kinds = sorted(session.scalars(select(Busy.kind).where(Busy.holder_id == lead, Busy.ref.in_(
                [str(planned.id), str(absence_id)]))))  # fmt: skip
            broken = queries.broken_by(session, [absence_id], now=office_clock.now())[absence_id]
        if published.status == 303:
            assert kinds == ["leave", "weekend"]
            assert [one.ref for one in broken] == [str(planned.id)]
        else:
            assert "tidak bisa bertugas: Cuti tahunan bertumpuk 1 jam" in published.sentence
            assert kinds == ["leave"]
            assert broken == []
    all_is_well()


def test_one_day_off_pays_for_one_leave(office, deciders) -> None:
    """Six requests, three days off: three are approved, whoever comes first."""
    officer = office["officer"]
    for n in range(3):
        post_id = made(make_post, officer, f"2026-11-{7 * (n + 1):02d} 08:00", 8, state="locked")
        made(service.earn, post_id, officer, 480, date(2026, 11, 7 * (n + 1)), False, rule=RULE, now=office_clock.now())
    weeks = [MONDAY + timedelta(days=n) for n in range(4)] + [MONDAY + timedelta(days=7 + n) for n in range(2)]
    wanted = [made(make_absence, officer, day, kind=Absence.COMPENSATION) for day in weeks]
    seen = [deciders[0].get(f"/absences/{one}").value("seen") for one in wanted]
    answers = at_once(
        [lambda job=job: send(*job, "approve") for job in zip(deciders, wanted, seen, strict=True)]
    )  # fmt: skip
    assert Counter(answer.status for answer in answers) == {303: 3, 422: 3}, [answer.sentence for answer in answers]
    assert count(CompensationDay, CompensationDay.absence_id.is_not(None)) == 3
    assert count(Busy, Busy.source == "absence") == 3
    all_is_well()


def test_a_duty_closed_by_many_at_once_earns_once(office, db) -> None:
    officer = office["officer"]
    post_id = made(make_post, officer, "2026-11-21 08:00", 8, state="locked")

    def close() -> UUID | None:
        return made(service.earn, post_id, officer, 480, date(2026, 11, 21), False, rule=RULE, now=office_clock.now())

    assert len(set(at_once([close] * 4))) == 1
    assert count(CompensationDay) == 1
