"""Letters: one number each, versions that keep it, and what is void; also when many ask at once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from fieldops import check
from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.letters import queries, rules, service
from fieldops.core.letters.models import Letter, LetterCounter
from fieldops.core.letters.rules import Kind, State
from fieldops.kit import clock as office_clock
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import Refusal, Stale
from tests import papers
from tests.make import Office, made

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from fieldops.core.letters.queries import LetterFull
    from fieldops.core.letters.service import Issued

MARCH = date(2026, 3, 1)
NEW_HEAD = replace(papers.HEAD, contact="Telepon 0548 654321")


def said(**changes: Any) -> dict[str, Any]:
    """The content of a letter."""
    return replace(papers.ASSIGNMENT, **changes).stored()


def wish(office: Office, ref: str = "perjalanan-1", **changes: Any) -> dict[str, Any]:
    """What somebody asks of `issue`."""
    asked = {"kind": Kind.ASSIGNMENT, "day": MARCH, "source": "loktuan", "ref": ref, "subject": "Layanan di Sangatta"}
    asked |= {"content": said(), "official_number": "", "form_key": str(uuid4())}
    return asked | {"actor": staff(office["tu"]), "now": office_clock.now()} | changes


def issue(office: Office, ref: str = "perjalanan-1", **changes: Any) -> Issued:
    return made(service.issue, **wish(office, ref, **changes))


def issue_and_fail(session: Session, office: Office) -> float:
    service.issue(session, **wish(office, "b"))
    return 1 / 0


def read(letter_id: UUID) -> LetterFull:
    with reading() as session:
        found = queries.letter(session, letter_id)
    assert found is not None
    return found


def versions(ref: str = "perjalanan-1") -> list[tuple[int, str, str]]:
    with reading() as session:
        return [(one.version, one.state.value, one.void_reason) for one in queries.letters_of(session, "loktuan", ref)]


def void(office: Office, ref: str = "perjalanan-1", reason: str = "Perjalanan batal") -> int:
    return made(
        service.void, source="loktuan", ref=ref, reason=reason, actor=staff(office["head"]), now=office_clock.now()
    )


# -- numbers


def test_letters_count_from_one_in_each_year(office: Office) -> None:
    numbers = [issue(office, f"a{n}", day=date(2026, 12, 31)) for n in range(3)]
    first = issue(office, "b", day=date(2027, 1, 1))
    assert [(one.year, one.number, one.version) for one in numbers] == [(2026, 1, 1), (2026, 2, 1), (2026, 3, 1)]
    assert (first.year, first.number) == (2027, 1)
    assert read(first.id).row.register_number == "001/ST/2027"


def test_the_number_of_a_cancelled_letter_is_not_given_again(office: Office) -> None:
    issue(office, "a")
    assert void(office, "a") == 1
    assert issue(office, "b").number == 2
    with reading() as session:
        register = queries.register_of(session, 2026)
    assert [[(one.number, one.state) for one in numbered] for numbered in register] == [
        [(2, State.ISSUED)],
        [(1, State.VOID)],
    ]


def test_a_letter_that_is_refused_takes_no_number(office: Office) -> None:
    with pytest.raises(rules.WrongNumber):
        issue(office, "a", official_number="<b>")
    with pytest.raises(ZeroDivisionError):
        made(issue_and_fail, office)
    assert issue(office, "c").number == 1


# -- versions


def test_another_crew_is_a_new_version_with_the_same_number_and_both_are_kept(office: Office) -> None:
    first = issue(office)
    second = issue(office, content=said(crew=papers.crowd(2)), reason="Petugas ditambah")
    assert (second.number, second.year, second.version) == (first.number, first.year, 2)
    assert versions() == [(2, "issued", ""), (1, "void", "Petugas ditambah")]
    assert [one["name"] for one in read(first.id).content["crew"]] == [one.name for one in papers.CREW]
    assert read(first.id).row.voided_at == office_clock.now()
    with reading() as session:
        found = queries.current(session, "loktuan", "perjalanan-1")
        assert found is not None
        assert found.row.id == second.id
        assert [one.version for one in queries.versions(session, found.row)] == [2, 1]
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.object_kind == "letter"))
        assert sorted(actions) == ["letter.issue", "letter.issue", "letter.void"]


def test_a_new_version_without_a_reason_says_which_one_took_its_place(office: Office) -> None:
    issue(office)
    issue(office, subject="Layanan di Bengalon")
    assert versions()[1] == (1, "void", "Diganti versi 2")


def test_a_version_made_in_the_next_year_keeps_number_and_year(office: Office) -> None:
    first = issue(office, day=date(2026, 12, 30))
    second = issue(office, day=date(2027, 1, 2), content=said(task="Lain"))
    assert (second.number, second.year) == (first.number, 2026)
    assert read(second.id).row.day == date(2027, 1, 2)
    assert issue(office, "b", day=date(2027, 1, 2)).number == 1


def test_the_same_letter_again_is_refused_with_a_sentence_whatever_the_stationery(office: Office) -> None:
    issue(office)
    with pytest.raises(rules.NothingChanged, match="tidak ada yang berubah"):
        issue(office, content=said(head=NEW_HEAD))
    assert versions() == [(1, "issued", "")]


def test_a_letter_is_stale_when_it_would_say_something_else_today(office: Office) -> None:
    found = read(issue(office).id)
    assert not queries.is_stale(found, said(head=NEW_HEAD))
    assert queries.is_stale(found, said(crew=papers.crowd(2)))
    assert queries.is_stale(found, said(returns_at=papers.at("2026-03-02T19:00")))


def test_a_letter_that_sends_nobody_or_cannot_be_printed_is_not_issued(office: Office) -> None:
    with pytest.raises(rules.NobodySent):
        issue(office, content=said(crew=()))
    with pytest.raises(KeyError):
        issue(office, content={"task": "Layanan"})


def test_the_same_form_gives_the_same_letter_and_another_letter_s_form_is_refused(office: Office) -> None:
    asked = wish(office)
    assert made(service.issue, **asked) == made(service.issue, **asked | {"content": said(task="Lain")})
    assert len(versions()) == 1
    with pytest.raises(rules.AlreadySent):
        issue(office, "perjalanan-2", form_key=asked["form_key"])


def test_a_trip_that_goes_after_all_gets_a_new_version_not_a_new_number(office: Office) -> None:
    first = issue(office)
    void(office)
    second = issue(office)
    assert (second.number, second.version) == (first.number, 2)
    assert versions() == [(2, "issued", ""), (1, "void", "Perjalanan batal")]


# -- void


def test_void_twice_is_once_and_needs_a_reason(office: Office) -> None:
    issue(office)
    with pytest.raises(rules.NeedReason):
        void(office, reason=" ")
    assert void(office) == 1
    assert void(office) == 0
    assert void(office, "nobody's") == 0


# -- the office's own number


def test_the_official_number_is_kept_by_the_next_version(office: Office) -> None:
    first = issue(office, official_number="  WIM.18-1.UM.01.01 ")
    second = issue(office, content=said(task="Lain"))
    assert read(first.id).row.official_number == read(second.id).row.official_number == "WIM.18-1.UM.01.01"
    third = issue(office, content=said(task="Lain"), official_number="WIM.18-2.UM.01.01")
    assert third.version == 3


def test_an_official_number_may_be_filled_in_once(office: Office) -> None:
    letter = issue(office)
    actor, now = staff(office["tu"]), office_clock.now()
    for _ in range(2):
        made(service.set_official_number, letter.id, "WIM.18-9", actor=actor, now=now)
    assert read(letter.id).row.official_number == "WIM.18-9"
    with pytest.raises(rules.NumberStands):
        made(service.set_official_number, letter.id, "WIM.18-10", actor=actor, now=now)
    with pytest.raises(rules.WrongNumber):
        made(service.set_official_number, letter.id, " ", actor=actor, now=now)
    with pytest.raises(rules.NoLetter):
        made(service.set_official_number, uuid4(), "WIM.18-10", actor=actor, now=now)
    void(office)
    with pytest.raises(rules.NotInForce):
        made(service.set_official_number, letter.id, "WIM.18-9", actor=actor, now=now)


# -- many at once


def at_once(asked: list[dict[str, Any]]) -> list[Any]:
    """Issue all of these at the same moment, each in its thread; what each got or was refused."""
    start, answers = threading.Barrier(len(asked)), list[Any](asked)

    def one(n: int) -> None:
        start.wait()
        try:
            answers[n] = again_when_stale(lambda session: service.issue(session, **asked[n]))
        except Refusal as refusal:
            answers[n] = refusal

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_20_at_once_get_20_numbers_without_a_gap(office: Office) -> None:
    answers = at_once([wish(office, f"trip-{n}") for n in range(20)])
    assert sorted(one.number for one in answers) == list(range(1, 21))
    with reading() as session:
        assert session.scalar(select(LetterCounter.last)) == 20
    assert check.problems() == []


def test_one_trip_asked_for_8_times_at_once_has_one_letter_in_force(office: Office) -> None:
    answers = at_once([wish(office, content=said(task=str(n))) for n in range(8)])
    assert sorted((one.number, one.version) for one in answers) == [(1, version) for version in range(1, 9)]
    assert [state for _, state, _ in versions()] == ["issued", *["void"] * 7]


def test_the_same_letter_of_one_trip_at_once_is_one_and_the_rest_is_told_so(office: Office) -> None:
    answers = at_once([wish(office) for _ in range(6)])
    assert sorted(type(one).__name__ for one in answers) == ["Issued", *["NothingChanged"] * 5]


def test_one_form_sent_8_times_at_once_is_one_letter(office: Office) -> None:
    asked = wish(office)
    answers = at_once([asked for _ in range(8)])
    assert len(set(answers)) == 1
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Letter)) == 1


def test_one_trip_in_two_years_at_once_is_one_letter_in_force(office: Office) -> None:
    days = [date(2026, 12, 31), date(2027, 1, 1)] * 3
    answers = at_once([wish(office, day=day, content=said(task=str(n))) for n, day in enumerate(days)])
    assert not [one for one in answers if isinstance(one, Refusal) and not isinstance(one, Stale)], answers
    assert [state for _, state, _ in versions()].count("issued") == 1
    assert len({(one.year, one.number) for one in answers if not isinstance(one, Stale)}) == 1
    assert check.problems() == []


def test_a_trip_that_is_cancelled_while_its_new_version_is_written_has_no_letter_in_force(office: Office) -> None:
    issue(office)
    written, outcome = threading.Event(), []

    def cancel() -> None:
        written.wait()
        outcome.append(void(office))

    waiting = threading.Thread(target=cancel)
    waiting.start()
    with transaction() as session:
        service.issue(session, **wish(office, content=said(task="Lain")))
        written.set()
        waiting.join(0.3)  # so long the cancelling one has to wait
    waiting.join()
    assert outcome == [1]
    assert [state for _, state, _ in versions()] == ["void", "void"]


# -- what the check sees


def test_the_check_sees_a_gap_in_the_register(office: Office) -> None:
    for ref in ("a", "b"):
        issue(office, ref)
    with transaction() as session:
        session.query(LetterCounter).update({"last": 3})
    assert check.problems() == ["letters surat-tugas 2026: 2 numbers, counted to 3"]


def test_the_check_sees_a_number_of_two_trips(office: Office) -> None:
    first = issue(office, "a", content=said(task="1"))
    second = issue(office, "a", content=said(task="2"))
    with transaction() as session:
        session.query(Letter).where(Letter.id == second.id).update({"ref": "b"})
    assert check.problems() == [f"letter surat-tugas {first.year}/{first.number} is of 2 things"]
