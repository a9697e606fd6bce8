"""Several at the same time: administrators against each other, one link, one code, one form; on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.credentials import rules as credential_rules
from fieldops.core.credentials import service as credentials
from fieldops.core.people import queries, service
from fieldops.core.people.models import PeopleImport, Person, SignInLink, StaffSession
from fieldops.core.people.rules import ChangedMeanwhile, EmailTaken, LinkDead, Means, NoAdminAnyMore, Role, sheet
from fieldops.core.people.rules.facts import Facts
from fieldops.core.people.rules.sheet import Heading, Line
from fieldops.core.people.service import entry, imports, persons
from fieldops.kit import clock as office_clock
from fieldops.kit import passwords
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import Refusal
from tests.make import NOW, Office, made
from tests.ways import code, give_app, give_password

HASH = passwords.make("kuda laut menari pelan")


def at_once(*works: Callable[[Any], Any]) -> list[Any]:
    """Run each in a transaction of its own, all begun together; what it gave or refused."""
    start = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def one(n: int, work: Callable[[Any], Any]) -> None:
        start.wait()
        try:
            with transaction() as session:
                answers[n] = work(session)
        except Refusal as refusal:
            answers[n] = refusal
        except Exception as error:
            answers[n] = error

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers:
        assert not isinstance(answer, Exception) or isinstance(answer, Refusal), answer
    return answers


def admins() -> int:
    with reading() as session:
        where = (Person.role == "admin", Person.is_active)
        return session.scalar(select(func.count()).select_from(Person).where(*where)) or 0


@pytest.fixture
def second(office: Office) -> UUID:
    """Another administrator."""
    return made(service.add_person, name="Budi Admin", role="admin", section="", now=NOW)


@pytest.mark.parametrize("turn", range(8))
def test_two_administrators_who_switch_each_other_off_leave_one(office: Office, second: UUID, turn: int) -> None:
    first = office["admin"]
    answers = at_once(
        lambda session: persons.set_active(session, second, False, actor_id=first, now=NOW),
        lambda session: persons.set_active(session, first, False, actor_id=second, now=NOW),
    )
    assert admins() == 1
    assert sorted(type(one) for one in answers if one) == [NoAdminAnyMore], (turn, answers)


def test_two_administrators_who_take_each_other_s_role_leave_one(office: Office, second: UUID) -> None:
    first = office["admin"]

    def demote(actor: UUID, other: UUID) -> Callable[[Any], Any]:
        facts = Facts("Siapa Saja", Role.OFFICER)
        return lambda session: persons.change(session, other, facts, revision=1, actor_id=actor, now=NOW)

    answers = at_once(demote(first, second), demote(second, first))
    assert admins() == 1
    assert [type(one) for one in answers if isinstance(one, Refusal)] == [NoAdminAnyMore]


def test_of_two_forms_of_one_revision_one_is_kept(office: Office, second: UUID) -> None:
    def form(actor: UUID, section: str) -> Callable[[Any], Any]:
        facts = Facts("Dewi Petugas", Role.OFFICER, section)
        return lambda session: persons.change(
            session, office["officer"], facts, revision=1, actor_id=actor, now=office_clock.now()
        )

    answers = at_once(form(office["admin"], "Tikim"), form(second, "Inteldakim"))
    (refused,) = [one for one in answers if isinstance(one, Refusal)]
    assert isinstance(refused, ChangedMeanwhile)
    assert "diubah oleh" in refused.sentence
    with reading() as session:
        person = session.get(Person, office["officer"])
        assert person.revision == 2
        assert person.section in {"Tikim", "Inteldakim"}


def test_of_two_people_with_one_email_one_is_added(office: Office) -> None:
    def add(name: str) -> Callable[[Any], Any]:
        facts = Facts(name, Role.OFFICER, email="sama@kanim.example")
        return lambda session: persons.add(session, facts, actor_id=office["admin"], now=NOW)

    answers = at_once(add("Satu"), add("Dua"), add("Tiga"))
    assert [type(one) for one in answers if isinstance(one, Refusal)] == [EmailTaken, EmailTaken]


def test_one_invitation_used_five_times_at_once_sets_one_password(office: Office) -> None:
    give_password(office["officer"])
    made_link = made(entry.invite, office["officer"], actor_id=office["admin"], now=NOW)
    use = lambda session: entry.use_password_link(session, made_link.token, HASH, device="", now=NOW)  # noqa: E731
    answers = at_once(*[use] * 5)
    assert sum(isinstance(one, LinkDead) for one in answers) == 4
    with reading() as session:
        alive = session.scalar(select(func.count()).select_from(StaffSession).where(StaffSession.ended_at.is_(None)))
        assert alive == 1


def test_one_code_sent_five_times_at_once_lets_in_once(office: Office, clock) -> None:
    secret, codes = give_app(office["supervisor"])
    clock.forward(minutes=5)
    now = office_clock.now()
    for typed in (code(secret), codes[0]):
        spend = lambda session, typed=typed: credentials.spend_code(  # noqa: E731
            session, office["supervisor"], typed, actor=staff(office["supervisor"]), now=now
        )
        assert sorted(at_once(*[spend] * 5)) == [False] * 4 + [True]


def test_a_sign_in_and_a_switch_off_at_once_leave_no_session(office: Office) -> None:
    give_password(office["officer"])
    with reading() as session:
        from fieldops.core.credentials import queries as credential_queries

        kept = credential_queries.kept_hash(session, office["officer"])
    at_once(
        lambda session: entry.enter_by_password(session, office["officer"], kept, device="", now=NOW),
        lambda session: persons.set_active(session, office["officer"], False, actor_id=office["admin"], now=NOW),
    )
    with reading() as session:
        alive = session.scalars(select(StaffSession).where(StaffSession.ended_at.is_(None))).all()
        assert alive == []


def test_a_sign_in_with_the_old_password_and_a_reset_at_once_leave_one_session(office: Office) -> None:
    give_password(office["officer"])
    made_link = made(entry.invite, office["officer"], actor_id=office["admin"], now=NOW)
    with reading() as session:
        from fieldops.core.credentials import queries as credential_queries

        kept = credential_queries.kept_hash(session, office["officer"])
    new = passwords.make("empat gajah naik bus")
    at_once(
        lambda session: entry.enter_by_password(session, office["officer"], kept, device="", now=NOW),
        lambda session: entry.use_password_link(session, made_link.token, new, device="", now=NOW),
    )
    with reading() as session:
        alive = session.scalars(select(StaffSession).where(StaffSession.ended_at.is_(None))).all()
        assert len(alive) == 1


# -- imports

HEADING = Heading({"name": 0, "role": 1})


def lines(*names: str) -> list[Line]:
    return [Line(n, {"name": (name, ""), "role": ("Petugas", "")}) for n, name in enumerate(names, 2)]


def keep(office: Office, *names: str, key: str | None = None) -> UUID:
    return made(imports.keep, HEADING, lines(*names), form_key=key or str(uuid4()), actor_id=office["admin"], now=NOW)


def seen(import_id: UUID, own: UUID) -> str:
    with reading() as session:
        found = queries.one_import(session, import_id)
        return sheet.digest(sheet.plan(found.lines, queries.known_people(session), own_id=own))


def test_one_import_run_five_times_at_once_runs_once(office: Office) -> None:
    import_id = keep(office, "Satu Dua", "Tiga Empat")
    mark = seen(import_id, office["admin"])
    run = lambda session: imports.run(session, import_id, seen=mark, actor_id=office["admin"], now=NOW)  # noqa: E731
    answers = at_once(*[run] * 5)
    assert {(one.new, one.changed) for one in answers} == {(2, 0)}
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Person).where(Person.name == "Satu Dua")) == 1
        assert (
            session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "people.import"))
            == 1
        )


def test_one_file_sent_five_times_at_once_is_one_import(office: Office) -> None:
    key = str(uuid4())
    start = threading.Barrier(5)
    found: list[UUID] = []

    def one() -> None:
        start.wait()
        found.append(
            again_when_stale(
                lambda session: imports.keep(
                    session, HEADING, lines("Satu"), form_key=key, actor_id=office["admin"], now=NOW
                )
            )
        )

    threads = [threading.Thread(target=one) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 5
    assert len(set(found)) == 1
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(PeopleImport)) == 1


def test_an_import_and_a_form_at_once_do_not_mix(office: Office, second: UUID) -> None:
    line = [Line(2, {"name": ("Dewi Petugas", ""), "section": ("Dari Berkas", "")})]
    import_id = made(imports.keep, HEADING, line, form_key=str(uuid4()), actor_id=office["admin"], now=NOW)
    mark = seen(import_id, office["admin"])
    facts = Facts("Dewi Petugas", Role.OFFICER, "Dari Formulir")
    answers = at_once(
        lambda session: imports.run(session, import_id, seen=mark, actor_id=office["admin"], now=NOW),
        lambda session: persons.change(session, office["officer"], facts, revision=1, actor_id=second, now=NOW),
    )
    assert sum(isinstance(one, Refusal) for one in answers) == 1
    with reading() as session:
        assert session.get(Person, office["officer"]).revision == 2


# -- what a link and a session are


def test_tokens_and_secrets_are_kept_as_hashes_or_sealed(office: Office) -> None:
    made_link = made(entry.invite, _with_email(office), actor_id=office["admin"], now=NOW)
    secret, codes = give_app(office["officer"])
    token = made(entry.open_session, office["officer"], Means.LINK, device="", now=NOW)
    with reading() as session:
        from fieldops.schema import metadata

        written = " ".join(
            str(tuple(row)) for table in metadata.sorted_tables for row in session.execute(select(table)).all()
        )
    for hidden in (made_link.token, secret, token, *codes, *(one.replace("-", "") for one in codes)):
        assert hidden not in written


def _with_email(office: Office) -> UUID:
    give_password(office["officer"])
    return office["officer"]


def test_a_step_ends_after_ten_minutes_and_a_link_after_a_day(office: Office, clock) -> None:
    give_app(office["supervisor"])
    made(entry.enter, office["supervisor"], Means.PASSWORD, device="", now=NOW)
    made(service.make_link, office["officer"], now=NOW)
    with reading() as session:
        lives = {one.purpose: one.expires_at - one.made_at for one in session.scalars(select(SignInLink))}
    assert {purpose: life.total_seconds() for purpose, life in lives.items()} == {"step": 600, "session": 86400}
    assert credential_rules.STEP_SECONDS == 30
