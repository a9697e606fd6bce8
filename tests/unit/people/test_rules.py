"""What the roles may do: the table of the plan's risk owners, written out a second time."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from fieldops.core.people.rules import GRANTS, LINK_LIFE, SESSION_LIFE, Me, Role

OWN = {"inbox.own"}
READ = OWN | {"desk.read", "weekend.read", "achievement.read"}
MAY = {
    Role.OFFICER: OWN | {"desk.read", "desk.mark"},
    Role.SUPERVISOR: READ | {"desk.mark", "desk.issue", "weekend.plan"},
    Role.TU: READ | {"desk.issue"},
    Role.HEAD: READ | {"weekend.plan"},
    Role.ADMIN: READ | {"people.manage", "mail.read", "mail.send"},
    Role.AUDITOR: READ,
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
    writes = {"desk.mark", "desk.issue", "weekend.plan", "people.manage", "mail.send"}
    assert not GRANTS[Role.AUDITOR] & writes


def test_whoever_plans_or_counts_is_not_the_administrator() -> None:
    assert not GRANTS[Role.ADMIN] & {"desk.mark", "desk.issue", "weekend.plan"}


def test_only_officers_in_the_field_may_rest_for_long() -> None:
    assert Role.OFFICER.idle == timedelta(hours=12)
    assert {role.idle for role in Role if role is not Role.OFFICER} == {timedelta(minutes=30)}
    assert timedelta(hours=24) == LINK_LIFE
    assert timedelta(days=7) == SESSION_LIFE


def test_every_role_has_its_own_name_on_screen() -> None:
    assert len({role.label for role in Role}) == len(Role)
