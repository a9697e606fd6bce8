"""The outbox of mail: taken once, sent once, tried again when it failed, never lost and never told twice to nobody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from fieldops import backup, check, migrate, worker
from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.notices import jobs, queries, rules, service
from fieldops.core.notices.models import Notice
from fieldops.core.people.models import Person
from fieldops.core.people.rules import Role
from fieldops.kit import clock as office_clock
from fieldops.kit import db as kit_db
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound
from tests.make import made, make_address, make_notice
from tests.smtp import DROP, mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldops.settings import Settings
    from tests.smtp import MailServer


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def with_mail(settings: Settings, server: MailServer) -> Settings:
    return replace(settings, smtp=server.smtp(), mail_from="fieldops@kantor.example")


@pytest.fixture
def officer(office) -> UUID:
    made(make_address, office[Role.OFFICER])
    return office[Role.OFFICER]


def only(**about: object) -> Notice:
    """The one notice that is told to the officers."""
    with reading() as session:
        return session.scalars(select(Notice).where(Notice.kind != "mail.given-up").filter_by(**about)).one()


def now():
    return office_clock.now()


def claim() -> rules.Letter | None:
    return made(service.claim, now=now())


# -- one mail, one worker


def test_two_workers_that_claim_at_once_get_one_mail_once(officer, db) -> None:
    for _ in range(10):
        made(make_notice, officer)
        together = threading.Barrier(2)

        def take(_n: int, together=together) -> rules.Letter | None:
            together.wait(10)
            return claim()

        with ThreadPoolExecutor(2) as pool:
            taken = list(pool.map(take, range(2)))
        assert sum(one is not None for one in taken) == 1
        assert claim() is None


def test_two_workers_share_what_is_due(officer, db) -> None:
    for _ in range(12):
        made(make_notice, officer)

    def work(_n: int) -> list[UUID]:
        mine = []
        while (letter := claim()) is not None:
            mine.append(letter.notice_id)
        return mine

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(work, range(2))
    assert len(first) + len(second) == 12
    assert not set(first) & set(second)


def test_while_it_is_sent_nothing_is_locked(officer, with_mail, monkeypatch) -> None:
    made(make_notice, officer)

    def meanwhile(*_arguments: object, **_options: object) -> None:
        made(make_notice, officer, by_mail=False)  # another write goes on
        kit_db.database()
        assert claim() is None, "and nobody takes the same mail"

    monkeypatch.setattr("fieldops.kit.mail.send", meanwhile)
    assert jobs.send_due(with_mail) == 1


# -- what goes out


def test_a_mail_goes_out_after_the_commit_once(officer, with_mail, server) -> None:
    with transaction() as session:
        make_notice(session, officer, title='Jadwal & tugas <b>"Nur\'aini"</b>', body="Sabtu\nMinggu")
        with reading() as other:
            assert not queries.is_due(other, now=now()), "before the commit nobody sees it"
    assert jobs.send_due(with_mail) == 1
    assert jobs.send_due(with_mail) == 0
    (taken,) = server.mails
    row = only()
    assert taken.recipients == ("<petugas@kantor.example>",)
    assert taken.message["Subject"] == row.title
    assert taken.message["Message-ID"] == f"<{row.id}@localhost>"
    assert taken.message["From"] == "Imigrasi Bontang <fieldops@kantor.example>"
    assert taken.text.startswith(f"Yth. Dewi Petugas,\n\n{row.title}\n\nSabtu\nMinggu\n")
    assert f"\n{with_mail.staff_url}/inbox/{row.id}\n" in taken.text
    assert (row.mail_state, row.mail_tries, row.mail_next_at, row.mail_error) == ("sent", 1, None, "")
    assert row.read_at is None


def test_the_worker_has_both_jobs(officer, with_mail, server, clock) -> None:
    made(make_notice, officer)
    made_jobs = worker.jobs(with_mail)
    assert made_jobs["send mail"][0]() == 1
    made(service.mark_all_read, officer, until=now(), now=now())
    clock.forward(days=with_mail.notice_days, seconds=1)
    assert made_jobs["erase notices"][0]() == 1
    assert made_jobs["send mail"][1] == {"trigger": "interval", "seconds": 20}


def test_names_and_titles_with_line_breaks_add_no_header_to_a_mail(office, officer, with_mail, server) -> None:
    with transaction() as session:
        session.execute(
            update(Person).where(Person.id == officer).values(name="Dewi\r\nBcc: evil@evil.example\r\n\r\nIsi")
        )
    made(make_notice, officer, title="Jadwal\r\nBcc: evil@evil.example\r\n\r\nIsi lain")
    assert jobs.send_due(replace(with_mail, office_short="Kantor\r\nBcc: evil@evil.example")) == 1
    (taken,) = server.mails
    assert taken.recipients == ("<petugas@kantor.example>",)
    assert taken.message["Bcc"] is None
    assert taken.message["Subject"] == "Jadwal Bcc: evil@evil.example Isi lain"
    assert taken.text.splitlines()[0] == "Yth. Dewi Bcc: evil@evil.example Isi,"


def test_a_crash_between_sending_and_marking_sends_again_with_the_same_message_id(
    officer, with_mail, server, clock, monkeypatch
) -> None:
    made(make_notice, officer)
    with monkeypatch.context() as patched:
        patched.setattr(service, "mark_sent", lambda *_a: (_ for _ in ()).throw(SystemExit("kill")))
        with pytest.raises(SystemExit):
            jobs.send_due(with_mail)
    assert len(server.mails) == 1
    assert jobs.send_due(with_mail) == 0, "the lease still runs"
    clock.forward(minutes=9, seconds=59)
    assert jobs.send_due(with_mail) == 0
    clock.forward(seconds=1)
    assert jobs.send_due(with_mail) == 1
    first, second = (one.message["Message-ID"] for one in server.mails)
    assert first == second
    assert (only().mail_state, only().mail_tries) == ("sent", 2)


def test_a_mail_that_kills_its_worker_each_time_is_given_up(officer, clock) -> None:
    made(make_notice, officer)
    for _ in range(7):
        assert claim() is not None
        clock.forward(minutes=10)
    assert claim() is None
    assert (only().mail_state, only().mail_error) == ("given_up", "interrupted")


# -- what goes wrong


def test_it_is_tried_again_at_growing_distances_and_then_given_up(officer, with_mail, server, clock) -> None:
    made(make_notice, officer)
    server.answers["RCPT"] = "450 later"
    waits = []
    for tries in range(1, 7):
        assert jobs.send_due(with_mail) == 0
        row = only()
        assert (row.mail_state, row.mail_tries, row.mail_error) == ("failed", tries, "busy 450")
        waits.append(row.mail_next_at - now())
        clock.set(row.mail_next_at - timedelta(seconds=1))
        said = len(server.said)
        assert jobs.send_due(with_mail) == 0
        assert len(server.said) == said, "not before its time"
        clock.forward(seconds=1)
    assert waits == list(rules.DELAYS)
    assert jobs.send_due(with_mail) == 0
    row = only()
    assert (row.mail_state, row.mail_tries, row.mail_next_at, row.mail_error) == ("given_up", 7, None, "busy 450")
    assert server.mails == []


@pytest.mark.parametrize("moment", ["MAIL", "RCPT", "DATA", "end"])
def test_a_refusal_for_good_is_given_up_at_once(officer, with_mail, server, moment) -> None:
    made(make_notice, officer)
    server.answers[moment] = "550 5.1.1 petugas@kantor.example is unknown"
    assert jobs.send_due(with_mail) == 0
    row = only()
    assert (row.mail_state, row.mail_tries, row.mail_error) == ("given_up", 1, "refused 550")


def test_an_address_that_is_none_is_given_up_at_once(officer, with_mail) -> None:
    made(make_address, officer, "petugas kantor")
    made(make_notice, officer)
    jobs.send_due(with_mail)
    assert (only().mail_state, only().mail_error) == ("given_up", "address")


def test_a_refused_password_loses_no_mail(officer, with_mail, server, clock) -> None:
    made(make_notice, officer)
    server.answers["AUTH"] = ["535 bad password"]
    signing_in = replace(with_mail, smtp=server.smtp(user="office", password="secret"))
    assert jobs.send_due(signing_in) == 0
    assert (only().mail_state, only().mail_error) == ("failed", "login 535")
    clock.forward(minutes=1)
    assert jobs.send_due(signing_in) == 1


def test_one_refused_mail_holds_up_no_other_but_a_broken_server_is_left_in_peace(
    officer, with_mail, server, clock
) -> None:
    for _ in range(3):
        made(make_notice, officer)
        clock.forward(seconds=1)
    server.answers["RCPT"] = ["550 no", "450 later"]
    assert jobs.send_due(with_mail) == 1
    for _ in range(3):
        made(make_notice, officer)
    server.answers["greeting"] = DROP
    conversations = len([line for line in server.said if line.startswith("ehlo")])
    clock.forward(minutes=2)
    assert jobs.send_due(with_mail) == 0
    assert len([line for line in server.said if line.startswith("ehlo")]) == conversations
    with reading() as session:
        states = session.execute(select(Notice.mail_state, Notice.mail_error)).all()
    assert [tuple(one) for one in states].count(("failed", "hung-up")) == 1, "one try, the others wait untouched"
    server.answers.clear()
    clock.forward(minutes=10)
    assert jobs.send_due(with_mail) == 4


def test_a_late_failure_does_not_undo_a_mail_that_went_out(officer, clock) -> None:
    made(make_notice, officer)
    slow = claim()
    clock.forward(minutes=10)
    quick = claim()
    made(service.mark_sent, quick)
    assert made(service.mark_failed, slow, "timeout", permanent=False, now=now()) is False
    assert only().mail_state == "sent"


# -- who gets none


def test_what_changed_since_it_was_told_counts_when_it_is_taken(office, officer, with_mail, server) -> None:
    others = [office.other_officer, office[Role.SUPERVISOR]]
    for n, person in enumerate(others):
        made(make_address, person, f"p{n}@kantor.example")
    made(make_notice, officer, *others)
    made(service.choose_mail, officer, by_mail=False, actor=staff(officer), now=now())
    made(make_address, others[0], "")
    with transaction() as session:
        session.execute(update(Person).where(Person.id == others[1]).values(is_active=False))
    assert jobs.send_due(with_mail) == 0
    assert server.mails == []
    with reading() as session:
        assert set(session.scalars(select(Notice.mail_state))) == {"none"}


def test_a_new_address_is_the_one_that_is_used(officer, with_mail, server) -> None:
    made(make_notice, officer)
    made(make_address, officer, "baru@kantor.example")
    assert jobs.send_due(with_mail) == 1
    assert server.mails[0].recipients == ("<baru@kantor.example>",)


def test_without_a_server_nothing_waits_and_switching_it_on_floods_nobody(officer, settings, with_mail, server) -> None:
    made(make_notice, officer)
    assert settings.smtp is None
    assert jobs.send_due(settings) == 0
    assert (only().mail_state, only().mail_next_at) == ("none", None)
    assert jobs.send_due(with_mail) == 0
    assert server.mails == []


# -- who hears of it


def test_administrators_hear_once_a_day_in_the_inbox_only(office, officer, with_mail, server, clock) -> None:
    made(make_address, office[Role.ADMIN], "admin@kantor.example")
    server.answers["RCPT"] = "550 no"

    def told() -> list[Notice]:
        with reading() as session:
            return list(session.scalars(select(Notice).where(Notice.kind == "mail.given-up")))

    for day in (1, 2):
        for _ in range(3):
            made(make_notice, officer)
        jobs.send_due(with_mail)
        assert len(told()) == day
        clock.forward(days=1)
    assert {(row.person_id, row.mail_state, row.link) for row in told()} == {
        (office[Role.ADMIN], "none", "/admin/mail")
    }


def test_the_outbox_counts_and_names_what_went_wrong(officer, with_mail, server, clock) -> None:
    server.answers["RCPT"] = ["550 no", "450 later"]
    for _ in range(2):
        made(make_notice, officer)
        jobs.send_due(with_mail)
    made(make_notice, officer)
    with reading() as session:
        found = queries.outbox(session)
    assert (found.waiting, found.failed, found.given_up) == (1, 1, 1)
    assert [(row.name, row.state.value, row.error, row.tries) for row in found.troubled] == [
        ("Dewi Petugas", "given_up", "refused 550", 1),
        ("Dewi Petugas", "failed", "busy 450", 1),
    ]


def test_sending_again_gives_a_given_up_mail_all_its_tries(office, officer, with_mail, server) -> None:
    made(make_notice, officer)
    server.answers["RCPT"] = ["550 no"]
    jobs.send_due(with_mail)
    actor = staff(office[Role.ADMIN])
    assert made(service.send_again, only().id, actor=actor, now=now()) == 1
    row = only()
    assert (row.mail_state, row.mail_tries, row.mail_next_at) == ("waiting", 0, now())
    for notice_id in (row.id, uuid4()):
        with pytest.raises(NotFound):
            made(service.send_again, notice_id, actor=actor, now=now())
    assert jobs.send_due(with_mail) == 1
    with pytest.raises(NotFound):
        made(service.send_again, row.id, actor=actor, now=now())
    with reading() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "mail.again"))
    assert (entry.object_id, entry.detail, entry.actor_id) == (str(row.id), {"count": 1}, office[Role.ADMIN])


def test_sending_all_again_takes_what_failed_too(office, officer, with_mail, server) -> None:
    server.answers["RCPT"] = ["550 no", "450 later"]
    for _ in range(2):
        made(make_notice, officer)
        jobs.send_due(with_mail)
    actor = staff(office[Role.ADMIN])
    assert made(service.send_again, None, actor=actor, now=now()) == 2
    assert jobs.send_due(with_mail) == 2
    assert made(service.send_again, None, actor=actor, now=now()) == 0


def test_the_check_names_mail_that_nobody_takes(officer, clock) -> None:
    made(make_notice, officer)
    clock.forward(days=2)
    assert check.problems() == []
    clock.forward(seconds=1)
    assert check.problems() == ["mail that nobody takes: 1, the first is due since 2026-11-25 10:00"]


def test_old_notices_are_erased_in_batches(officer, settings, clock, monkeypatch) -> None:
    monkeypatch.setattr(service, "_BATCH", 3)
    for _ in range(7):
        made(make_notice, officer)
    made(service.mark_all_read, officer, until=now(), now=now())
    clock.forward(days=181)
    assert jobs.erase_old(settings) == 7
    with reading() as session:
        assert session.scalars(select(Notice)).all() == []


def test_a_backup_holds_notices_and_choices(other_db, officer, tmp_path) -> None:
    made(make_notice, officer)
    made(service.choose_mail, officer, by_mail=False, actor=staff(officer), now=now())
    before = only()
    made_counts = backup.backup(tmp_path / "all.zip")
    assert (made_counts["notices_notice"], made_counts["notices_preference"]) == (1, 1)
    other = kit_db.connect(other_db)
    migrate.upgrade(other)
    try:
        backup.restore(tmp_path / "all.zip")
        after = only()
        for name in ("id", "person_id", "key", "title", "made_at", "mail_state", "mail_next_at"):
            assert getattr(after, name) == getattr(before, name), name
        assert made(make_notice, officer, key=before.key) == 0, "what was told before the backup is not told again"
    finally:
        other.dispose()
