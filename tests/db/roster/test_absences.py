"""Leave in the database: who asks, who decides, which duties it breaks, and which days off it uses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops import check
from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.booking.rules import Pool
from fieldops.core.notices.models import Notice
from fieldops.core.people.models import Person
from fieldops.core.people.rules import Role
from fieldops.core.roster import service as roster
from fieldops.core.roster.absences import queries, rules, service
from fieldops.core.roster.absences.rules import CompensationRule, EventIn, Part, State
from fieldops.core.roster.models import AbsencePeriod, Busy, CompensationDay, Post
from fieldops.core.roster.posts import queries as posts_queries
from fieldops.core.roster.rules import Absence, Clash, Interval
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Stale
from fieldops.weekend import service as weekend
from tests.make import SATURDAY, SUNDAY, at, made, make_absence, make_day, make_post

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from tests.make import Office

MONDAY = date(2026, 11, 30)
RULE = CompensationRule(half=240, full=420, days=90, holiday_half=120, holiday_full=240)


def do(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    return made(function, *arguments, now=office_clock.now(), **options)


def read(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    with reading() as session:
        return function(session, *arguments, **options)


def one(absence_id: UUID) -> queries.AbsenceRow:
    return read(queries.one, absence_id)


def busy_of(person_id: UUID) -> list[tuple[str, str, str]]:
    with reading() as session:
        rows = session.execute(
            select(Busy.kind, Busy.source, Busy.ref).where(Busy.holder_id == person_id).order_by(Busy.starts_at)
        )
        return [tuple(row) for row in rows]


def hours(starts: str, length: float) -> Interval:
    return Interval(at(starts), at(starts) + timedelta(hours=length))


@pytest.fixture
def officer(office: Office) -> UUID:
    return office[Role.OFFICER]


@pytest.fixture
def boss(office: Office) -> UUID:
    return office[Role.SUPERVISOR]


# -- asking -----------------------------------------------------------------------------------------------------


def test_a_request_is_kept_and_promises_nothing_yet(officer, boss) -> None:
    absence_id = made(make_absence, officer, MONDAY, note="  Pulang kampung ")
    row = one(absence_id)
    assert (row.state, row.kind, row.note, row.person) == (
        State.REQUESTED,
        Absence.ANNUAL,
        "Pulang kampung",
        "Dewi Petugas",
    )
    assert row.interval == rules.period(MONDAY, MONDAY, Part.FULL)
    assert busy_of(officer) == []


def test_the_same_form_twice_is_one_request_and_with_other_content_it_is_refused(officer) -> None:
    key = str(uuid4())
    first = made(make_absence, officer, MONDAY, form_key=key)
    assert made(make_absence, officer, MONDAY, form_key=key) == first
    with pytest.raises(rules.AlreadySent):
        made(make_absence, officer, MONDAY + timedelta(days=1), form_key=key)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(AbsencePeriod)) == 1


def test_one_key_of_two_people_is_no_secret_of_the_first(office, officer) -> None:
    key = str(uuid4())
    made(make_absence, officer, MONDAY, form_key=key)
    with pytest.raises(rules.AlreadySent):
        made(make_absence, office.other_officer, MONDAY, form_key=key)


def test_own_leave_that_overlaps_is_refused_and_named(officer, boss) -> None:
    made(make_absence, officer, MONDAY, MONDAY + timedelta(days=2), kind=Absence.TRAINING, approved_by=boss)
    with pytest.raises(rules.Overlap) as refused:
        made(make_absence, officer, MONDAY + timedelta(days=2), MONDAY + timedelta(days=5))
    assert refused.value.sentence == (
        "Bertumpuk dengan Diklat, Senin, 30 November 2026 sampai Rabu, 2 Desember 2026 (disetujui). "
        "Tarik yang itu dulu, atau pilih waktu lain."
    )
    made(make_absence, officer, MONDAY + timedelta(days=3))  # the day after is free


def test_d11_two_half_days_are_both_kept_and_a_full_day_beside_a_half_is_refused(officer) -> None:
    """D11: the second half day never overwrites the first; together they are the day's work."""
    morning = made(make_absence, officer, MONDAY, part=Part.MORNING)
    afternoon = made(make_absence, officer, MONDAY, part=Part.AFTERNOON)
    assert {one(morning).state, one(afternoon).state} == {State.REQUESTED}
    assert one(morning).interval.ends_at == one(afternoon).interval.starts_at
    for part in (Part.FULL, Part.MORNING, Part.AFTERNOON):
        with pytest.raises(rules.Overlap, match=r"pagi|siang"):
            made(make_absence, officer, MONDAY, part=part)
    tuesday = MONDAY + timedelta(days=1)
    made(make_absence, officer, tuesday)
    for part in (Part.MORNING, Part.AFTERNOON):
        with pytest.raises(rules.Overlap, match="Selasa, 1 Desember 2026"):
            made(make_absence, officer, tuesday, part=part)


def test_leave_of_others_and_leave_that_ended_does_not_stand_in_the_way(office, officer, boss) -> None:
    first = made(make_absence, officer, MONDAY)
    made(make_absence, office.other_officer, MONDAY)
    do(service.withdraw, first, actor=staff(officer))
    second = made(make_absence, officer, MONDAY)
    do(service.refuse, second, note="Penuh", actor=staff(boss))
    made(make_absence, officer, MONDAY)


def test_nobody_asks_for_somebody_who_has_left(officer) -> None:
    with transaction() as session:
        session.execute(update(Person).where(Person.id == officer).values(is_active=False))
    with pytest.raises(NotFound):
        made(make_absence, officer, MONDAY)
    with pytest.raises(NotFound):
        made(make_absence, uuid4(), MONDAY)


def test_a_note_has_its_length(officer) -> None:
    made(make_absence, officer, MONDAY, note="x" * 300)
    with pytest.raises(rules.LongNote, match="yang Anda isi 301"):
        made(make_absence, officer, MONDAY + timedelta(days=1), note="x" * 301)


def test_a_note_is_one_line_without_control_signs(officer) -> None:
    absence_id = made(make_absence, officer, MONDAY, note=" a\x00b\r\nc\u202ed ")
    assert one(absence_id).note == "a b c d"


# -- deciding ---------------------------------------------------------------------------------------------------


def test_a_yes_is_one_promise_and_again_it_is_the_same(office, officer, boss) -> None:
    absence_id = made(make_absence, officer, MONDAY, approved_by=boss)
    assert busy_of(officer) == [("leave", "absence", str(absence_id))]
    again = do(service.approve, absence_id, seen=one(absence_id).interval, note="", actor=staff(office[Role.HEAD]))
    assert again == []
    row = one(absence_id)
    assert (row.state, row.decided_by) == (State.APPROVED, "Rina Kasubsi")
    assert busy_of(officer) == [("leave", "absence", str(absence_id))]
    with reading() as session:
        told = select(func.count()).where(AuditEntry.action == "absence.approve")
        assert session.scalar(told) == 1
    assert check.problems() == []


def test_nobody_decides_his_own_request(boss) -> None:
    absence_id = made(make_absence, boss, MONDAY)
    seen = one(absence_id).interval
    with pytest.raises(rules.OwnRequest):
        do(service.approve, absence_id, seen=seen, note="", actor=staff(boss))
    with pytest.raises(rules.OwnRequest):
        do(service.refuse, absence_id, note="Tidak", actor=staff(boss))
    assert one(absence_id).state is State.REQUESTED


def test_whoever_enters_it_for_somebody_may_decide_it(officer, boss) -> None:
    absence_id = do(
        service.request,
        person_id=officer,
        kind=Absence.SICK,
        interval=hours("2026-11-25 07:30", 4.5),
        note="",
        form_key=str(uuid4()),
        actor=staff(boss),
    )
    do(service.approve, absence_id, seen=one(absence_id).interval, note="", actor=staff(boss))
    assert (one(absence_id).requested_by, one(absence_id).state) == ("Rina Kasubsi", State.APPROVED)


def test_a_no_needs_a_reason_and_stays_a_no(officer, boss) -> None:
    absence_id = made(make_absence, officer, MONDAY)
    with pytest.raises(rules.NeedReason):
        do(service.refuse, absence_id, note="  ", actor=staff(boss))
    for _ in range(2):
        do(service.refuse, absence_id, note="Petugas kurang", actor=staff(boss))
    row = one(absence_id)
    assert (row.state, row.decision_note) == (State.REFUSED, "Petugas kurang")
    with pytest.raises(rules.Decided, match="sudah ditolak"):
        do(service.approve, absence_id, seen=row.interval, note="", actor=staff(boss))
    with pytest.raises(rules.Decided):
        do(service.withdraw, absence_id, actor=staff(officer))


def test_a_yes_is_only_for_the_hours_that_were_seen(officer, boss) -> None:
    absence_id = made(make_absence, officer, MONDAY)
    with pytest.raises(Stale):
        do(service.approve, absence_id, seen=hours("2026-11-30 08:00", 1), note="", actor=staff(boss))
    assert one(absence_id).state is State.REQUESTED


def test_withdrawing_frees_the_person(office, officer, boss) -> None:
    absence_id = made(make_absence, officer, MONDAY, approved_by=boss)
    with pytest.raises(NotFound):
        do(service.withdraw, absence_id, actor=staff(office.other_officer))
    for _ in range(2):
        do(service.withdraw, absence_id, actor=staff(officer))
    assert busy_of(officer) == []
    assert one(absence_id).state is State.WITHDRAWN
    with pytest.raises(rules.Decided, match="sudah ditarik"):
        do(service.approve, absence_id, seen=one(absence_id).interval, note="", actor=staff(boss))
    with pytest.raises(rules.Decided):
        do(service.refuse, absence_id, note="Tidak", actor=staff(boss))


def test_leave_that_has_begun_is_not_withdrawn_and_can_be_ended_by_the_office(officer, boss, clock) -> None:
    absence_id = made(make_absence, officer, MONDAY, MONDAY + timedelta(days=1), approved_by=boss)
    clock.at("2026-11-30 00:00")
    with pytest.raises(rules.Begun):
        do(service.withdraw, absence_id, actor=staff(officer))
    do(service.refuse, absence_id, note="Dipanggil kembali", actor=staff(boss))
    assert busy_of(officer) == []


def test_leave_that_is_over_stays(officer, boss, clock) -> None:
    absence_id = made(make_absence, officer, MONDAY, approved_by=boss)
    clock.at("2026-12-01 00:00")
    with pytest.raises(rules.Begun):
        do(service.refuse, absence_id, note="Terlambat", actor=staff(boss))
    assert len(busy_of(officer)) == 1


@pytest.mark.parametrize("step", [service.withdraw, service.approve, service.refuse])
def test_an_unknown_request_is_not_found(office, boss, step) -> None:
    options = {"seen": hours("2026-11-30 08:00", 1)} if step is service.approve else {}
    note = {} if step is service.withdraw else {"note": "x"}
    with pytest.raises(NotFound):
        do(step, uuid4(), actor=staff(boss), **options, **note)


def heard(person_id: UUID) -> list[tuple[str, str, str]]:
    with reading() as session:
        rows = session.execute(
            select(Notice.title, Notice.body, Notice.link).where(Notice.person_id == person_id).order_by(Notice.key)
        )
        return [tuple(row) for row in rows]


def test_people_hear_of_what_touches_them_and_once(office, officer, boss) -> None:
    """The deciders of a request, the person of a decision, the planners of duties that leave breaks."""
    made(make_post, officer, f"{SATURDAY} 07:00", 5)
    absence_id = made(make_absence, officer, SATURDAY, note="NIK 6474990000000001")
    link, when = f"/absences/{absence_id}", "Sabtu, 28 November 2026"
    for decider in (boss, office[Role.TU], office[Role.HEAD]):
        assert heard(decider) == [("Dewi Petugas mengajukan cuti", when, link)]
    assert heard(office[Role.ADMIN]) == heard(officer) == []
    for _ in range(2):
        do(service.approve, absence_id, seen=one(absence_id).interval, note="", actor=staff(office[Role.TU]))
    assert heard(officer) == [("Cuti Anda disetujui", when, link)]
    broken = (
        "Dewi Petugas cuti: 1 tugas terdampak",
        f"{when}. PERSARI: {when}, 07.00–12.00 WITA. Cari pengganti di jadwalnya.",
        link,
    )
    assert broken in heard(boss)
    assert broken in heard(office[Role.HEAD])
    assert len(heard(office[Role.TU])) == 1
    do(service.refuse, absence_id, note="Dipanggil", actor=staff(boss))
    assert heard(officer)[1][0] == "Persetujuan cuti Anda dibatalkan"


def test_whoever_acts_hears_nothing_of_his_own_act(office, officer, boss) -> None:
    absence_id = made(make_absence, boss, MONDAY, approved_by=office[Role.HEAD])
    assert [title for title, _, _ in heard(boss)] == ["Cuti Anda disetujui"]
    do(service.withdraw, absence_id, actor=staff(boss))
    assert "Rina Kasubsi menarik cutinya" in [title for title, _, _ in heard(office[Role.HEAD])]
    assert len(heard(boss)) == 1
    bring(officer, events(("a", hours("2026-11-30 08:00", 8))), by=boss)
    assert heard(boss) == [("Cuti Anda disetujui", "Senin, 30 November 2026", f"/absences/{absence_id}")]
    assert ("Dewi Petugas mengajukan cuti dari kalender", "1 baru, 0 berubah.", "/absences/inbox") in heard(
        office[Role.HEAD]
    )


# -- duties -----------------------------------------------------------------------------------------------------


def promise(session: Session, person_id: UUID, interval: Interval, *, ref: str = "1", title: str = "PERSARI") -> None:
    roster.promise_person(session, person_id, interval, kind="duty", title=title, source="post", ref=ref)


def test_d7_a_duty_that_reaches_into_leave_is_refused_with_the_hours(officer, boss) -> None:
    """D7: leave on Sunday 00.00–24.00; Saturday 20.00 to Sunday 02.00 is refused, "overlaps leave by 2 h"."""
    made(make_absence, officer, SUNDAY, approved_by=boss)
    with pytest.raises(Clash) as refused:
        made(promise, officer, hours(f"{SATURDAY} 20:00", 6))
    assert refused.value.sentence == (
        "Dewi Petugas tidak bisa bertugas: Cuti tahunan bertumpuk 2 jam, Minggu, 29 November 2026. Pilih orang lain."
    )
    made(promise, officer, hours(f"{SATURDAY} 20:00", 4))  # until midnight
    made(promise, officer, hours("2026-11-30 00:00", 4), ref="2")  # from midnight


def test_d10_whoever_writes_the_promise_gets_the_same_refusal(office, officer, boss) -> None:
    """D10: the guard is in the one write function, so publishing a day is refused as a direct promise is."""
    made(make_absence, officer, SATURDAY, approved_by=boss)
    with pytest.raises(Clash) as by_hand:
        made(promise, officer, hours(f"{SATURDAY} 08:00", 3))
    with pytest.raises(Clash) as by_page:
        made(make_day, boss, lead_id=officer)
    assert by_page.value.sentence == by_hand.value.sentence
    assert "Cuti tahunan bertumpuk 3 jam, Sabtu, 28 November 2026" in by_page.value.sentence
    assert [kind for kind, _, _ in busy_of(officer)] == ["leave"]


def test_leave_that_only_waits_or_ended_stops_no_duty(officer, boss) -> None:
    absence_id = made(make_absence, officer, SATURDAY)
    made(promise, officer, hours(f"{SATURDAY} 08:00", 3))
    do(service.approve, absence_id, seen=one(absence_id).interval, note="", actor=staff(boss))
    do(service.refuse, absence_id, note="Dipanggil", actor=staff(boss))
    made(promise, officer, hours(f"{SATURDAY} 12:00", 1), ref="2")


def test_leave_marks_the_duties_it_breaks_and_takes_nobody_away(officer, boss, office) -> None:
    day = made(make_day, boss, lead_id=officer)
    kept = made(make_post, officer, f"{SATURDAY} 07:00", 5)
    draft = made(make_post, officer, f"{SATURDAY} 14:00", 2, state="draft", duty="verification")
    made(make_post, officer, f"{SUNDAY} 08:00", 4)
    made(make_post, office.other_officer, f"{SATURDAY} 07:00", 5)
    for state in ("cancelled", "locked"):
        made(make_post, officer, f"{SATURDAY} 07:00", 5, state=state)
    absence_id = made(make_absence, officer, SATURDAY)
    preview = read(queries.broken_by, [absence_id], now=office_clock.now())[absence_id]
    assert read(queries.broken_posts, now=office_clock.now()) == []  # not before it is approved
    broken = do(service.approve, absence_id, seen=one(absence_id).interval, note="", actor=staff(boss))
    assert broken == preview
    assert [(duty.post_id, duty.is_draft, duty.ref, duty.sentence) for duty in broken] == [
        (kept, False, str(kept), "Cuti tahunan bertumpuk 5 jam"),
        (None, False, str(day.id), "Cuti tahunan bertumpuk 3 jam"),
        (draft, True, str(draft), "Cuti tahunan bertumpuk 2 jam"),
    ]
    found = read(queries.broken_posts, now=office_clock.now())
    assert [(duty.post_id, duty.person, duty.absence_id) for duty in found] == [
        (kept, "Dewi Petugas", absence_id),
        (draft, "Dewi Petugas", absence_id),
    ]
    with reading() as session:
        assert session.scalar(select(Post.person_id).where(Post.id == kept)) == officer
    assert {kind for kind, _, _ in busy_of(officer)} == {"leave", "weekend", "duty"}
    do(service.withdraw, absence_id, actor=staff(officer))
    assert read(queries.broken_posts, now=office_clock.now()) == []


def test_promises_of_posts_are_told_once() -> None:
    """A post's promise in the busy table is the post itself; the two parts of the roster have one word for it."""
    assert queries.POST == posts_queries.POST


def test_a_duty_is_broken_only_until_it_is_over(officer, boss, clock) -> None:
    made(make_post, officer, f"{SATURDAY} 08:00", 3)
    made(make_absence, officer, SATURDAY, approved_by=boss)
    clock.at(f"{SATURDAY} 10:59")
    assert len(read(queries.broken_posts, now=office_clock.now())) == 1
    clock.at(f"{SATURDAY} 11:00")
    assert read(queries.broken_posts, now=office_clock.now()) == []


def test_one_duty_under_two_half_days_of_leave_is_told_for_each(officer, boss) -> None:
    made(make_post, officer, "2026-11-30 11:00", 2)
    for part in (Part.MORNING, Part.AFTERNOON):
        made(make_absence, officer, MONDAY, part=part, approved_by=boss)
    found = read(queries.broken_posts, now=office_clock.now())
    assert [duty.sentence for duty in found] == ["Cuti tahunan bertumpuk 1 jam"] * 2


def test_a_promise_that_leave_has_marked_can_be_told_again_for_the_same_hours(office, officer, boss) -> None:
    """Seats of a published day can change although its lead went on leave afterwards; other hours are a new duty."""
    day = made(make_day, boss, lead_id=officer)
    made(make_absence, officer, SATURDAY, approved_by=boss)
    seats = {Pool.PUBLIC: 9, Pool.PRIORITY: 0, Pool.WALK_IN: 0}
    do(weekend.set_seats, day.id, day.sessions[0], seats, actor=staff(boss))
    assert ("weekend", "weekend", str(day.id)) in busy_of(officer)
    with pytest.raises(Clash):
        made(
            lambda session: roster.promise_person(
                session,
                officer,
                hours(f"{SATURDAY} 08:00", 4),
                kind="weekend",
                title="PERSARI",
                source="weekend",
                ref=str(day.id),
            )
        )
    assert ("weekend", "weekend", str(day.id)) in busy_of(officer), "the refusal left the old promise"


# -- from a calendar --------------------------------------------------------------------------------------------


def events(*pairs: tuple[str, Interval]) -> list[EventIn]:
    return [EventIn(uid, interval, f"Acara {uid}") for uid, interval in pairs]


def bring(officer: UUID, chosen: list[EventIn], key: str | None = None, by: UUID | None = None) -> service.Outcome:
    return do(
        service.import_events,
        person_id=officer,
        kind=Absence.TRAVEL,
        events=chosen,
        form_key=key or str(uuid4()),
        actor=staff(by or officer),
    )


def test_an_event_is_asked_for_once_however_often_it_comes(officer) -> None:
    chosen = events(("a", hours("2026-11-30 08:00", 8)), ("b", hours("2026-12-01 08:00", 8)))
    key = str(uuid4())
    assert bring(officer, chosen, key) == service.Outcome(2, 0, 0)
    assert bring(officer, chosen, key) == service.Outcome(0, 0, 2)
    assert bring(officer, [*chosen, chosen[0]]) == service.Outcome(0, 0, 3)
    rows = read(queries.coming_of, officer, now=office_clock.now())
    assert [(row.note, row.is_imported, row.kind) for row in rows] == [
        ("Acara a", True, Absence.TRAVEL),
        ("Acara b", True, Absence.TRAVEL),
    ]


def test_a_moved_event_moves_its_waiting_request_and_no_decided_one(office, officer, boss) -> None:
    bring(officer, events(("a", hours("2026-11-30 08:00", 8)), ("b", hours("2026-12-01 08:00", 8))))
    waiting, decided = (row.id for row in read(queries.coming_of, officer, now=office_clock.now()))
    do(service.approve, decided, seen=one(decided).interval, note="", actor=staff(boss))
    moved = events(("a", hours("2026-12-02 09:00", 8)), ("b", hours("2026-12-03 08:00", 8)))
    assert bring(officer, moved) == service.Outcome(0, 1, 1)
    assert one(waiting).interval == hours("2026-12-02 09:00", 8)
    assert one(decided).interval == hours("2026-12-01 08:00", 8)
    # Somebody else's calendar may have the same event.
    assert bring(office.other_officer, moved) == service.Outcome(2, 0, 0)


def test_events_that_overlap_are_refused_together_with_the_name_of_both(officer) -> None:
    made(make_absence, officer, MONDAY)
    chosen = events(("free", hours("2026-12-02 08:00", 8)), ("taken", hours("2026-11-30 08:00", 8)))
    with pytest.raises(rules.Overlap, match="Acara taken: Bertumpuk dengan Cuti tahunan, Senin, 30 November 2026"):
        bring(officer, chosen)
    with pytest.raises(rules.Overlap, match="Acara y: Bertumpuk dengan Dinas luar"):
        bring(officer, events(("x", hours("2026-12-02 08:00", 8)), ("y", hours("2026-12-02 10:00", 8))))
    assert len(read(queries.coming_of, officer, now=office_clock.now())) == 1, "all or none"


def test_an_import_of_nothing_or_of_a_slip_is_refused(officer) -> None:
    with pytest.raises(rules.NothingChosen):
        bring(officer, [])
    with pytest.raises(rules.WrongPeriod):
        bring(officer, events(("far", hours("2029-01-01 08:00", 8))))
    with pytest.raises(NotFound):
        bring(uuid4(), events(("a", hours("2026-11-30 08:00", 8))), by=officer)


def test_the_database_keeps_an_event_from_being_there_twice(officer) -> None:
    values = {
        "person_id": officer,
        "kind": "annual",
        "starts_at": at("2026-11-30 08:00"),
        "ends_at": at("2026-11-30 09:00"),
        "state": "requested",
        "calendar_uid": "a",
        "requested_by": officer,
        "requested_at": office_clock.now(),
    }
    with transaction() as session:
        session.execute(insert(AbsencePeriod).values(**values, form_key="1"))
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(insert(AbsencePeriod).values(**values, form_key="2"))
    with transaction() as session:  # without an event there may be many
        for key in ("3", "4"):
            session.execute(insert(AbsencePeriod).values(**values | {"calendar_uid": ""}, form_key=key))


# -- time off ---------------------------------------------------------------------------------------------------


def earned(person_id: UUID, day: date, minutes: int = 480, *, holiday: bool = False) -> UUID | None:
    post_id = made(make_post, person_id, f"{day} 08:00", minutes / 60, state="locked")
    return do(service.earn, post_id, person_id, minutes, day, holiday, rule=RULE)


def rows_of(person_id: UUID) -> dict[UUID, queries.CompensationRow]:
    return {row.id: row for row in read(queries.compensation, person_id=person_id, today=office_clock.today())}


def ask(person_id: UUID, first: date, last: date | None = None, part: Part = Part.FULL) -> UUID:
    return made(make_absence, person_id, first, last, part=part, kind=Absence.COMPENSATION)


def yes(absence_id: UUID, boss: UUID) -> None:
    do(service.approve, absence_id, seen=one(absence_id).interval, note="", actor=staff(boss))


def test_a_duty_earns_once(officer) -> None:
    post_id = made(make_post, officer, "2026-11-21 08:00", 8, state="locked")
    day = date(2026, 11, 21)
    first = do(service.earn, post_id, officer, 480, day, False, rule=RULE)
    assert do(service.earn, post_id, officer, 480, day, False, rule=RULE) == first
    (row,) = rows_of(officer).values()
    assert (row.amount, row.earned_on, row.expires_on, row.title) == ("1 hari", day, date(2027, 2, 19), "PERSARI")
    assert do(service.earn, post_id, officer, 480, day, False, rule=None) is None
    assert do(service.earn, uuid4(), officer, 239, day, False, rule=RULE) is None


def test_a_correction_of_the_duty_corrects_what_it_earned_unless_it_was_used_or_struck_out(officer, boss) -> None:
    day = date(2026, 11, 21)
    post_id = made(make_post, officer, f"{day} 08:00", 8, state="locked")

    def closed(minutes: int) -> UUID | None:
        return do(service.earn, post_id, officer, minutes, day, False, rule=RULE)

    row_id = closed(480)
    assert closed(300) == row_id
    assert rows_of(officer)[row_id].amount == "½ hari"
    assert closed(0) is None
    assert rows_of(officer)[row_id].cancelled_reason == rules.NOT_WORKED
    assert closed(480) == row_id
    assert (rows_of(officer)[row_id].amount, rows_of(officer)[row_id].cancelled_reason) == ("1 hari", "")
    absence_id = ask(officer, MONDAY)
    yes(absence_id, boss)
    assert closed(0) == row_id, "used: it stays"
    do(service.withdraw, absence_id, actor=staff(officer))
    do(service.cancel_compensation, row_id, reason="Salah", actor=staff(boss))
    assert closed(480) == row_id
    assert rows_of(officer)[row_id].cancelled_reason == "Salah"


def test_days_off_are_used_by_the_oldest_and_come_back(officer, boss) -> None:
    earned(officer, date(2026, 11, 21))
    old = earned(officer, date(2026, 11, 7))
    half = earned(officer, date(2026, 11, 14), 240)
    absence_id = ask(officer, MONDAY)
    yes(absence_id, boss)
    assert [row_id for row_id, row in rows_of(officer).items() if row.absence_id == absence_id] == [old]
    assert rows_of(officer)[old].used_for == "Senin, 30 November 2026"
    morning = ask(officer, MONDAY + timedelta(days=1), part=Part.MORNING)
    yes(morning, boss)
    assert rows_of(officer)[half].absence_id == morning
    assert read(queries.usable_halves, officer, MONDAY) == 2
    do(service.withdraw, absence_id, actor=staff(officer))
    do(service.refuse, morning, note="Petugas kurang", actor=staff(boss))
    assert [row.absence_id for row in rows_of(officer).values()] == [None] * 3
    assert read(queries.usable_halves, officer, MONDAY) == 5
    assert check.problems() == []


def test_too_few_days_off_are_refused_and_nothing_is_used(officer, boss) -> None:
    earned(officer, date(2026, 11, 21), 240)
    absence_id = ask(officer, MONDAY)
    with pytest.raises(rules.NotEnough, match=r"½ hari\. Yang diperlukan: 1 hari"):
        yes(absence_id, boss)
    assert one(absence_id).state is State.REQUESTED
    assert "leave" not in {kind for kind, _, _ in busy_of(officer)}
    assert [row.absence_id for row in rows_of(officer).values()] == [None]


def test_a_day_off_is_good_for_leave_that_begins_by_its_last_day(officer, boss) -> None:
    earned(officer, date(2026, 11, 21))  # until 19 February 2027
    late = ask(officer, date(2027, 2, 22))
    with pytest.raises(rules.NotEnough, match="0 hari"):
        yes(late, boss)
    yes(ask(officer, date(2027, 2, 19)), boss)


def test_cancelled_and_foreign_days_off_pay_for_nothing(office, officer, boss) -> None:
    row_id = earned(officer, date(2026, 11, 21))
    earned(office.other_officer, date(2026, 11, 21))
    with pytest.raises(rules.NeedReason):
        do(service.cancel_compensation, row_id, reason=" ", actor=staff(boss))
    for reason in ("Salah catat", "Lain"):
        do(service.cancel_compensation, row_id, reason=reason, actor=staff(boss))
    assert rows_of(officer)[row_id].cancelled_reason == "Salah catat"
    with pytest.raises(rules.NotEnough):
        yes(ask(officer, MONDAY), boss)
    with pytest.raises(NotFound):
        do(service.cancel_compensation, uuid4(), reason="x", actor=staff(boss))


def test_a_used_day_off_is_not_cancelled(officer, boss) -> None:
    row_id = earned(officer, date(2026, 11, 21))
    yes(ask(officer, MONDAY), boss)
    with pytest.raises(rules.CompensationUsed):
        do(service.cancel_compensation, row_id, reason="Salah", actor=staff(boss))


def test_only_working_days_use_days_off(officer, boss) -> None:
    """Thursday to Monday over a weekend are three days; on Sunday there is nothing to be away from."""
    for day in (7, 14, 21):
        earned(officer, date(2026, 11, day))
    yes(ask(officer, date(2026, 12, 3), date(2026, 12, 7)), boss)
    assert read(queries.usable_halves, officer, MONDAY) == 0
    with pytest.raises(rules.NoWorkingDay):
        yes(ask(officer, date(2026, 12, 13)), boss)


def test_the_ledger_shows_what_can_be_used_first(officer, boss) -> None:
    used, late, early = (earned(officer, date(2026, 11, day)) for day in (1, 21, 14))
    yes(ask(officer, MONDAY), boss)
    assert list(rows_of(officer)) == [early, late, used]
    everybody = read(queries.compensation, today=office_clock.today())
    assert {row.person for row in everybody} == {"Dewi Petugas"}


def test_checks_see_a_promise_without_leave_and_a_day_off_without_use(officer, boss) -> None:
    absence_id = made(make_absence, officer, MONDAY, approved_by=boss)
    row_id = earned(officer, date(2026, 11, 21))
    with transaction() as session:
        session.execute(update(AbsencePeriod).where(AbsencePeriod.id == absence_id).values(state="withdrawn"))
        session.execute(update(CompensationDay).where(CompensationDay.id == row_id).values(absence_id=absence_id))
    found = " ".join(check.problems())
    assert f"absence {absence_id} is withdrawn, its promise is still there" in found
    assert f"compensation {row_id} is used by absence {absence_id}, which is withdrawn" in found
    with transaction() as session:
        session.execute(update(AbsencePeriod).where(AbsencePeriod.id == absence_id).values(state="approved"))
        roster.release(session, source="absence", ref=str(absence_id))
    assert f"absence {absence_id} is approved without a promise" in " ".join(check.problems())


# -- lists ------------------------------------------------------------------------------------------------------


def test_the_inbox_has_what_waits_soonest_first_with_others_who_are_away(office, officer, boss) -> None:
    late = made(make_absence, officer, MONDAY + timedelta(days=7))
    soon = made(make_absence, office.other_officer, MONDAY)
    away = made(make_absence, boss, MONDAY, approved_by=office[Role.HEAD])
    assert [row.id for row in read(queries.waiting)] == [soon, late]
    assert [row.id for row in read(queries.away, now=office_clock.now())] == [away]
    assert [row.person for row in read(queries.others_away, one(soon))] == ["Rina Kasubsi"]
    assert read(queries.others_away, one(late)) == []


def test_own_lists_part_at_this_moment(officer, boss, clock) -> None:
    first = made(make_absence, officer, MONDAY, approved_by=boss)
    gone = made(make_absence, officer, MONDAY + timedelta(days=1))
    do(service.withdraw, gone, actor=staff(officer))
    clock.at("2026-11-30 23:59")
    assert [row.id for row in read(queries.coming_of, officer, now=office_clock.now())] == [first]
    assert [row.id for row in read(queries.past_of, officer, now=office_clock.now())] == [gone]
    clock.at("2026-12-01 00:00")
    assert [row.id for row in read(queries.past_of, officer, now=office_clock.now())] == [gone, first]
