"""The commands about people say what they did and stay true to the pages."""

from __future__ import annotations

from argparse import Namespace

import pytest
from sqlalchemy import select

from fieldops import cli
from fieldops.core.audit.models import AuditEntry
from fieldops.core.credentials.models import RecoveryCode, Totp
from fieldops.core.people.models import Person, StaffSession
from fieldops.kit.db import reading
from tests.make import STAFF, Office
from tests.ways import give_app, give_password
from tests.web import steps


@pytest.fixture
def run(settings):
    def command(which: str, **arguments: str) -> int:
        return cli._COMMANDS[which](settings, Namespace(command=which, **arguments)) or 0

    return command


def add(run, **changes: str) -> int:
    asked = {"name": "Baru Sekali, S.H.", "role": "admin", "section": "Tata Usaha", "email": "", "nip": ""}
    return run("add-person", **{**asked, **changes})


def test_add_person_keeps_what_the_page_would_keep(office: Office, run, capsys) -> None:
    assert add(run, email="Baru@Kanim.example", nip="19870315 201001 2 004") == 0
    assert capsys.readouterr().out == "Baru Sekali, S.H. added as admin.\n"
    with reading() as session:
        person = session.scalars(select(Person).where(Person.name == "Baru Sekali, S.H.")).one()
    assert (person.email, person.nip, person.role) == ("baru@kanim.example", "198703152010012004", "admin")
    assert person.changed_by is None


@pytest.mark.parametrize("changes", [{"nip": "1"}, {"email": "x"}, {"name": "<b>"}])
def test_add_person_refuses_what_the_page_would_refuse(office: Office, run, capsys, changes) -> None:
    before = steps.count(Person)
    assert add(run, **changes) == 1
    assert capsys.readouterr().out
    assert steps.count(Person) == before


def test_add_person_refuses_a_second_one_with_the_same_nip(office: Office, run, capsys) -> None:
    assert add(run, nip="198703152010012004") == 0
    assert add(run, name="Orang Lain", nip="198703152010012004") == 1
    assert "NIP ini sudah dipakai" in capsys.readouterr().out


def test_sign_in_link_prints_a_link_for_one_person(office: Office, run, capsys, settings) -> None:
    assert run("sign-in-link", name="rina") == 0
    assert capsys.readouterr().out.startswith(f"{STAFF['supervisor']}: {settings.staff_url}/sign-in/")
    assert run("sign-in-link", name="a") == 1
    assert "people match" in capsys.readouterr().out


def test_drop_second_step_is_the_way_back_for_the_last_administrator(office: Office, run, capsys) -> None:
    give_password(office["admin"])
    give_app(office["admin"])
    assert run("drop-second-step", name="agus") == 0
    assert "every session has ended" in capsys.readouterr().out
    assert steps.count(Totp) == 0
    assert steps.count(RecoveryCode) == 0
    assert steps.count(StaffSession, ended_at=None) == 0
    with reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "second-step.drop")).one()
    assert (entry.actor_kind, entry.detail) == ("system", {"reason": "command"})
    assert run("drop-second-step", name="agus") == 0
    assert "had no second step" in capsys.readouterr().out
    assert run("drop-second-step", name="nobody") == 1
