"""What the roles may do: the table of the plan's risk owners, written out a second time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from fieldops.core.people.rules import GRANTS, LINK_LIFE, SESSION_LIFE, Me, Means, Role, TooSoon, may_help

OWN = {"account.own", "inbox.own", "absence.own", "compensation.own"}
DUTY = {"duty.own", "roster.read"}
TRIPS = {"trip.read", "fleet.read", "letter.read", "site.read"}
READ = {"desk.read", "weekend.read", "achievement.read", "roster.read", "request.read", "blanks.read"} | TRIPS
DECIDE = {"absence.decide", "compensation.manage"}
PLAN = {"weekend.plan", "roster.plan"}
PREPARE = {"request.decide", "trip.plan", "site.manage", "fleet.manage", "blanks.manage", "letter.issue"}
MAY = {
    Role.OFFICER: OWN | DUTY | TRIPS | {"desk.read", "desk.mark", "trip.run"},
    Role.SUPERVISOR: READ
    | OWN
    | DUTY
    | DECIDE
    | PLAN
    | PREPARE
    | {"desk.mark", "desk.issue", "people.reset", "trip.run"},
    Role.TU: READ | OWN | DUTY | DECIDE | PREPARE | {"desk.issue", "people.read"},
    Role.HEAD: READ | OWN | DUTY | DECIDE | PLAN | PREPARE | {"people.read", "trip.approve"},
    Role.ADMIN: READ | OWN | DUTY | {"people.manage", "people.read", "people.reset", "mail.read", "mail.send"},
    Role.AUDITOR: READ | OWN | {"people.read"},
}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_what_the_office_says_and_nothing_else(role: Role) -> None:
    me = Me(uuid4(), "Dewi", role, uuid4())
    everything = {permission for granted in GRANTS.values() for permission in granted}
    assert {permission for permission in everything if me.may(permission)} == MAY[role]
    assert not me.may("")
    assert not me.may("desk")
    assert not me.may("DESK.READ")


def test_nobody_who_only_looks_may_write() -> None:
    """An auditor may ask for leave of his own, as everybody; he decides nothing."""
    writes = (
        {"desk.mark", "desk.issue", "people.manage", "people.reset", "mail.send", "trip.run", "trip.approve"}
        | DECIDE
        | PLAN
        | PREPARE
    )
    assert not GRANTS[Role.AUDITOR] & writes


def test_whoever_plans_or_counts_is_not_the_administrator() -> None:
    assert not GRANTS[Role.ADMIN] & {
        "desk.mark",
        "desk.issue",
        "weekend.plan",
        "roster.plan",
        "trip.run",
        "trip.approve",
        *DECIDE,
        *PREPARE,
    }


def test_only_officers_in_the_field_may_rest_for_long() -> None:
    assert Role.OFFICER.idle == timedelta(hours=12)
    assert {role.idle for role in Role if role is not Role.OFFICER} == {timedelta(minutes=30)}
    assert timedelta(hours=24) == LINK_LIFE
    assert timedelta(days=7) == SESSION_LIFE


def test_every_role_has_its_own_name_on_screen() -> None:
    assert len({role.label for role in Role}) == len(Role)


@pytest.mark.parametrize(
    ("helper", "helps"),
    [(Role.ADMIN, set(Role)), (Role.SUPERVISOR, {Role.OFFICER}), (Role.HEAD, set()), (Role.OFFICER, set())],
)
def test_nobody_makes_a_way_in_for_somebody_above_him(helper: Role, helps: set[Role]) -> None:
    assert {role for role in Role if may_help(helper, role)} == helps


@pytest.mark.parametrize(
    ("role", "means", "must"),
    [
        (Role.SUPERVISOR, Means.PASSWORD, True),
        (Role.TU, Means.PASSWORD, True),
        (Role.HEAD, Means.PASSWORD, True),
        (Role.ADMIN, Means.PASSWORD, True),
        (Role.OFFICER, Means.PASSWORD, False),
        (Role.AUDITOR, Means.PASSWORD, False),
        (Role.ADMIN, Means.TWO_STEP, False),
        (Role.ADMIN, Means.PASSKEY, False),
        (Role.ADMIN, Means.LINK, False),
    ],
)
def test_whoever_plans_or_counts_sets_up_a_second_step_first(role: Role, means: Means, must: bool) -> None:
    me = Me(uuid4(), "Dewi", role, uuid4(), means)
    assert me.must_enrol is must
    assert me.is_held_back("desk.read") is must
    assert not me.is_held_back("account.own"), "or it could never be set up"


def test_a_proof_is_good_for_ten_minutes() -> None:
    at = datetime(2026, 11, 25, 10, tzinfo=UTC)
    me = Me(uuid4(), "Dewi", Role.ADMIN, uuid4(), proved_at=at)
    assert me.is_proved(at + timedelta(minutes=9, seconds=59))
    assert not me.is_proved(at + timedelta(minutes=10))
    assert not Me(uuid4(), "Dewi", Role.ADMIN, uuid4()).is_proved(at)


@pytest.mark.parametrize(
    ("seconds", "says"), [(15, "15 detik"), (60, "1 menit"), (61, "2 menit"), (900, "15 menit"), (3600, "1 jam")]
)
def test_whoever_has_to_wait_is_told_how_long(seconds: int, says: str) -> None:
    refused = TooSoon(seconds)
    assert f"Tunggu {says}," in refused.sentence
    assert refused.status == 429
