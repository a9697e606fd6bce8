"""Posts on both databases: needed, filled, published, closed; and what each step refuses."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from fieldops.core.audit.rules import staff
from fieldops.core.booking.rules import Pool
from fieldops.core.notices.models import Notice
from fieldops.core.people.rules import Role
from fieldops.core.roster.absences.rules import CompensationRule
from fieldops.core.roster.models import Busy, CompensationDay, PointLine, Post
from fieldops.core.roster.posts import queries
from fieldops.core.roster.posts.queries import PostRow
from fieldops.core.roster.posts.service import closing, needs, publishing, seats
from fieldops.core.roster.rules import Clash, Duty, Interval, Outcome, PostState
from fieldops.core.roster.rules.posting import (
    BrokenLeft,
    Closing,
    GapsLeft,
    NeedOverride,
    NotPublished,
    PostClosed,
    PostPlan,
    TooEarly,
    Unfit,
    WrongTimes,
)
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Stale
from fieldops.weekend import queries as weekend_queries
from fieldops.weekend import service as weekend
from fieldops.weekend.rules import Programme
from fieldops.weekend.shifts import queries as shift_queries
from fieldops.weekend.shifts import service as shifts
from tests.make import (
    SATURDAY,
    SUNDAY,
    Office,
    made,
    make_absence,
    make_busy,
    make_crew,
    make_day,
    make_roster,
    put,
)

if TYPE_CHECKING:
    from uuid import UUID

    from tests.conftest import Clock


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=office_clock.ZONE)


@pytest.fixture
def crew(office: Office) -> dict[str, UUID]:
    return made(make_crew)


@pytest.fixture
def planner(office: Office) -> UUID:
    return office[Role.SUPERVISOR]


def now_row(row: PostRow) -> PostRow:
    with reading() as session:
        found = queries.post(session, row.id)
    assert found is not None
    return found


def of(rows: list[PostRow], duty: Duty, n: int = 1) -> PostRow:
    return next(row for row in rows if row.duty is duty and row.number == n)


def told(person_id: UUID) -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Notice.title).where(Notice.person_id == person_id).order_by(Notice.made_at)))


def busy_of(person_id: UUID) -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Busy.title).where(Busy.holder_id == person_id).order_by(Busy.starts_at)))


def publish(planner: UUID, *, with_gaps: bool = True, first: date = SATURDAY, last: date = SUNDAY) -> int:
    return made(
        publishing.publish,
        first,
        last,
        source="weekend",
        with_gaps=with_gaps,
        actor=staff(planner),
        now=office_clock.now(),
    )


def close(row: PostRow, planner: UUID, outcome: Outcome = Outcome.WORKED, **options: Any) -> int:
    return made(
        closing.close,
        row.id,
        Closing(outcome, options.pop("actual", None)),
        holidays=frozenset(),
        actor=staff(planner),
        now=office_clock.now(),
    )


# -- needs


def test_a_weekend_gets_the_posts_of_its_needs_and_the_second_time_changes_nothing(clock, office, planner):
    rows = made(make_roster, planner)
    assert [(row.title, row.duty.value) for row in rows if row.number == 1] == [
        (title, duty)
        for title in ("PERSARI pagi", "BONTANG ON SEVEN siang", "BONTANG ON SEVEN pagi")
        for duty in ("supervisor", "verification", "interview", "queue", "sigerak")
    ]
    assert len(rows) == 20
    assert all(row.is_gap and row.state is PostState.DRAFT and row.gap_owner == "Rina Kasubsi" for row in rows)
    prepared = made(shifts.prepare, SATURDAY, 1, actor=staff(planner), now=office_clock.now())
    assert (prepared.changed, prepared.closed) == (0, ())


def test_a_holiday_is_closed_and_a_planned_holiday_is_not(clock, office, planner):
    """Christmas 2027 is a Saturday."""
    christmas = date(2027, 12, 25)
    clock.at("2027-12-20 08:00")
    prepared = made(shifts.prepare, christmas, 1, actor=staff(planner), now=office_clock.now())
    assert {one.day for one in prepared.closed} >= {christmas}
    assert "Libur" in prepared.closed[0].closed
    with reading() as session:
        assert christmas not in {row.day for row in queries.posts_between(session, christmas, christmas)}
    made(make_day, planner, Programme.PERSARI, christmas, override_reason="Antrean panjang")
    made(shifts.prepare, christmas, 1, actor=staff(planner), now=office_clock.now())
    with reading() as session:
        rows = queries.posts_between(session, christmas, christmas)
    assert {row.title for row in rows} == {"PERSARI pagi"}


def test_the_lead_of_a_day_becomes_its_supervisor_and_is_promised_once(clock, office, crew, planner):
    made(make_day, planner, lead_id=crew["Eko"])
    assert len(busy_of(crew["Eko"])) == 1
    rows = made(make_roster, planner)
    assert of(rows, Duty.SUPERVISOR).person == "Eko Ketua"
    assert busy_of(crew["Eko"]) == ["PERSARI pagi, Penanggung jawab"]


def test_a_lead_whom_somebody_replaces_is_not_promised_again_when_the_day_changes(clock, office, crew, planner):
    """Eko is on leave and Rina leads in his place. More seats are no matter of Eko's."""
    day = made(make_day, planner, lead_id=crew["Eko"])
    row = of(made(make_roster, planner), Duty.SUPERVISOR)
    made(put, row, planner, office[Role.HEAD])
    made(make_absence, crew["Eko"], SATURDAY, approved_by=office[Role.HEAD])
    seats = {Pool.PUBLIC: 9, Pool.PRIORITY: 2, Pool.WALK_IN: 2}
    made(weekend.set_seats, day.id, day.sessions[0], seats, actor=staff(planner), now=office_clock.now())
    assert busy_of(crew["Eko"]) == ["Cuti tahunan"]
    assert busy_of(planner) == ["PERSARI pagi, Penanggung jawab"]
    assert led_by(day.id) == "Eko Ketua", "a draft of the roster is for planners only"
    publish(planner)
    assert led_by(day.id) == "Rina Kasubsi"


def led_by(day_id: UUID) -> str | None:
    with reading() as session:
        return weekend_queries.day(session, day_id).lead


def test_a_lead_without_the_competence_keeps_the_promise_of_the_day(clock, office, crew, planner):
    made(make_day, planner, lead_id=crew["Maya"])
    rows = made(make_roster, planner)
    assert of(rows, Duty.SUPERVISOR).is_gap
    assert busy_of(crew["Maya"]) == ["PERSARI, layanan paspor"]


def test_a_cancelled_day_takes_its_posts_along_and_tells_who_stood_there(clock, office, crew, planner):
    day = made(make_day, planner)
    row = of(made(make_roster, planner), Duty.QUEUE)
    made(put, row, crew["Maya"], planner)
    publish(planner)
    made(weekend.cancel, day.id, reason="Listrik padam", actor=staff(planner), now=office_clock.now())
    assert now_row(row).state is PostState.CANCELLED
    assert busy_of(crew["Maya"]) == []
    assert "Giliran ditiadakan" in told(crew["Maya"])
    with reading() as session:
        assert {one.title for one in queries.posts_between(session, SATURDAY, SATURDAY)} == {"BONTANG ON SEVEN siang"}
        days = shift_queries.roster_days(session, SATURDAY, 1)
    assert [one.closed for one in days if one.programme is Programme.PERSARI] == ["Hari layanan dibatalkan."]


def move(planner: UUID, interval: Interval, titles: tuple[str, ...] = ("Malam",)) -> int:
    plans = [PostPlan(title, Duty.QUEUE, 1, interval) for title in titles]
    return made(needs.need, source="weekend", ref="night", plans=plans, actor=staff(planner), now=office_clock.now())


def test_a_moved_shift_keeps_its_person_who_hears_of_it(clock, office, crew, planner):
    """D2: over midnight it is one duty, dated Saturday. D17: the promise moves along."""
    move(planner, Interval(at("2026-11-28T18:00"), at("2026-11-29T02:00")))
    with reading() as session:
        (row,) = queries.posts_between(session, SATURDAY, SUNDAY)
    assert row.day == SATURDAY
    made(put, row, crew["Maya"], planner)
    publish(planner)
    assert move(planner, Interval(at("2026-11-28T19:00"), at("2026-11-29T03:00"))) == 1
    moved = now_row(row)
    assert (moved.person, moved.ends_at) == ("Maya Antrean", at("2026-11-29T03:00"))
    with reading() as session:
        assert session.scalars(select(Busy.starts_at)).all() == [at("2026-11-28T19:00")]
    assert sorted(told(crew["Maya"])) == ["Giliran Anda: 1 tugas", "Jam giliran berubah"]


def test_a_moved_shift_that_meets_another_promise_becomes_a_gap_that_says_so(clock, office, crew, planner):
    move(planner, Interval(at("2026-11-28T18:00"), at("2026-11-28T20:00")))
    with reading() as session:
        (row,) = queries.posts_between(session, SATURDAY, SUNDAY)
    made(put, row, crew["Maya"], planner)
    publish(planner)
    made(make_busy, crew["Maya"], at("2026-11-28T20:00"), at("2026-11-28T23:00"), title="Cuti tahunan")
    move(planner, Interval(at("2026-11-28T19:00"), at("2026-11-28T21:00")))
    assert now_row(row).is_gap
    assert "Cuti tahunan" in now_row(row).why
    assert busy_of(crew["Maya"]) == ["Cuti tahunan"]


def test_a_place_that_is_needed_no_more_goes_and_a_filled_one_is_kept_for_the_record(clock, office, crew, planner):
    night = Interval(at("2026-11-28T18:00"), at("2026-11-28T20:00"))
    move(planner, night, ("Satu", "Dua"))
    with reading() as session:
        _, second = sorted(queries.posts_between(session, SATURDAY, SUNDAY), key=lambda row: row.title)
    made(put, second, crew["Maya"], planner)
    assert move(planner, night, ()) == 2
    with reading() as session:
        assert session.scalars(select(Post.state).order_by(Post.title)).all() == [PostState.CANCELLED]
    assert move(planner, night, ("Satu", "Dua")) == 2
    assert busy_of(crew["Maya"]) == []


# -- who stands there


def test_a_person_is_put_on_a_post_promised_and_named_with_the_reason(clock, office, crew, planner):
    row = of(made(make_roster, planner), Duty.QUEUE)
    made(put, row, crew["Maya"], planner)
    after = now_row(row)
    assert (after.person, after.is_pinned, after.why) == ("Maya Antrean", True, "Dipilih Rina Kasubsi.")
    assert busy_of(crew["Maya"]) == ["PERSARI pagi, Antrean"]
    made(put, row, crew["Maya"], planner)  # a double tap
    assert now_row(row).revision == after.revision
    assert told(crew["Maya"]) == [], "a draft is nobody's news"


def test_two_planners_and_the_slower_one_is_told(clock, office, crew, planner):
    row = of(made(make_roster, planner), Duty.QUEUE)
    made(put, row, crew["Maya"], planner)
    with pytest.raises(Stale):
        made(put, row, crew["Rizky"], office[Role.HEAD])
    assert now_row(row).person == "Maya Antrean"


def test_leave_is_no_matter_of_a_reason_even_when_posted_straight(clock, office, crew, planner):
    """D7, D10: leave on Sunday, a duty from Saturday 20.00 to Sunday 02.00: refused by the overlap, on the server."""
    move(planner, Interval(at("2026-11-28T20:00"), at("2026-11-29T02:00")))
    made(make_busy, crew["Maya"], at("2026-11-29T00:00"), at("2026-11-30T00:00"), title="Cuti tahunan")
    with reading() as session:
        (row,) = queries.posts_between(session, SATURDAY, SUNDAY)
    with pytest.raises(Unfit) as refused:
        made(put, row, crew["Maya"], planner, reason="Tetap saja")
    assert "2 jam" in refused.value.sentence
    assert now_row(row).is_gap


def test_the_same_officer_twice_in_one_shift_is_refused(clock, office, crew, planner):
    """D13: under another duty too."""
    rows = made(make_roster, planner)
    made(put, of(rows, Duty.VERIFICATION), crew["Hendra"], planner)
    with pytest.raises(Unfit):
        made(put, of(rows, Duty.INTERVIEW), crew["Hendra"], planner, reason="Sendirian")


def test_a_missing_competence_needs_a_reason_that_is_kept(clock, office, crew, planner):
    row = of(made(make_roster, planner), Duty.SIGERAK)
    with pytest.raises(NeedOverride) as refused:
        made(put, row, crew["Maya"], planner)
    assert "kompetensi intelijen" in refused.value.sentence
    made(put, row, crew["Maya"], planner, reason="Sudah diberi pengarahan")
    assert now_row(row).override_reason == "Sudah diberi pengarahan"
    assert "Sudah diberi pengarahan" in now_row(row).why
    publish(planner)
    assert now_row(row).state is PostState.PUBLISHED


def test_too_short_a_rest_counts_trips_too(clock, office, crew, planner):
    row = of(made(make_roster, planner), Duty.QUEUE)
    made(make_busy, crew["Maya"], at("2026-11-27T20:00"), at("2026-11-28T01:00"), kind="trip", title="LOKTUAN Sangatta")
    with pytest.raises(NeedOverride) as refused:
        made(put, row, crew["Maya"], planner)
    assert "6 jam 30 menit" in refused.value.sentence


def test_who_does_not_take_part_in_shifts_is_not_put_anywhere(clock, office, crew, planner):
    row = of(made(make_roster, planner), Duty.QUEUE)
    with pytest.raises(Unfit):
        made(put, row, office[Role.HEAD], planner)


def test_clearing_leaves_a_gap_with_an_owner_and_a_published_one_needs_a_reason(clock, office, crew, planner):
    row = of(made(make_roster, planner), Duty.QUEUE)
    made(put, row, crew["Maya"], planner)
    publish(planner)

    def clear(reason: str) -> None:
        made(
            seats.clear,
            row.id,
            revision=now_row(row).revision,
            reason=reason,
            actor=staff(office[Role.HEAD]),
            now=office_clock.now(),
        )

    with pytest.raises(NeedOverride):
        clear(" ")
    clear("Sakit")
    after = now_row(row)
    assert (after.person, after.gap_owner, after.is_pinned) == (None, "Sri Kepala", False)
    assert "Giliran Anda dilepas" in told(crew["Maya"])
    assert busy_of(crew["Maya"]) == []


# -- from a proposal to promises


def choose(rows: list[PostRow], choice: dict[UUID, UUID | None], planner: UUID) -> int:
    return made(
        publishing.apply_proposal,
        {row.id: publishing.Choice(choice.get(row.id), "Paling ringan.") for row in rows},
        seen={row.id: row.revision for row in rows},
        actor=staff(planner),
        now=office_clock.now(),
    )


def test_a_proposal_is_written_whole_and_again_over_itself(clock, office, crew, planner):
    rows = [row for row in made(make_roster, planner) if row.title == "PERSARI pagi"]
    first, second = of(rows, Duty.SIGERAK, 1), of(rows, Duty.SIGERAK, 2)
    assert choose(rows, {first.id: crew["Rizky"], second.id: crew["Nurul"]}, planner) == 2
    assert (now_row(first).person, now_row(first).why, now_row(first).is_pinned) == (
        "Rizky Intel",
        "Paling ringan.",
        False,
    )
    rows = [now_row(row) for row in rows]
    assert choose(rows, {first.id: crew["Nurul"], second.id: crew["Rizky"]}, planner) == 2, "they change places"
    assert now_row(first).person == "Nurul Intel"


def test_a_proposal_made_from_an_old_state_is_not_written(clock, office, crew, planner):
    rows = [row for row in made(make_roster, planner) if row.title == "PERSARI pagi"]
    made(put, of(rows, Duty.QUEUE), crew["Maya"], planner)
    with pytest.raises(Stale):
        choose(rows, {of(rows, Duty.SIGERAK).id: crew["Rizky"]}, planner)
    assert now_row(of(rows, Duty.SIGERAK)).is_gap


def test_who_was_promised_meanwhile_leaves_a_gap_that_says_so(clock, office, crew, planner):
    rows = [row for row in made(make_roster, planner) if row.title == "PERSARI pagi"]
    made(make_busy, crew["Rizky"], at("2026-11-28T08:00"), at("2026-11-28T09:00"), title="Cuti sakit")
    assert choose(rows, {of(rows, Duty.SIGERAK).id: crew["Rizky"]}, planner) == 0
    assert "Cuti sakit" in now_row(of(rows, Duty.SIGERAK)).why


def test_gaps_are_published_only_when_said_and_everybody_hears_once(clock, office, crew, planner):
    rows = made(make_roster, planner)
    made(put, of(rows, Duty.QUEUE), crew["Maya"], planner)
    sunday = next(row for row in rows if row.day == SUNDAY and row.duty is Duty.QUEUE)
    made(put, sunday, crew["Maya"], planner)
    with pytest.raises(GapsLeft):
        publish(planner, with_gaps=False)
    assert publish(planner) == 20
    assert publish(planner) == 0
    assert told(crew["Maya"]) == ["Giliran Anda: 2 tugas"]
    with reading() as session:
        assert [row.day for row in queries.posts_of(session, crew["Maya"], SATURDAY, SUNDAY)] == [SATURDAY, SUNDAY]


def test_leave_that_came_after_the_draft_stops_publishing_by_name(clock, office, crew, planner):
    row = of(made(make_roster, planner), Duty.QUEUE)
    made(put, row, crew["Maya"], planner)
    with pytest.raises(Clash):
        made(make_busy, crew["Maya"], at("2026-11-28T08:00"), at("2026-11-28T09:00"))
    with transaction() as session:  # as leave that is approved later does: it marks, it does not remove
        session.add(
            Busy(
                holder_kind="person",
                holder_id=crew["Maya"],
                starts_at=at("2026-11-28T08:00"),
                ends_at=at("2026-11-28T09:00"),
                kind="leave",
                title="Cuti sakit",
                source="absence",
                ref="1",
            )
        )
    with pytest.raises(BrokenLeft) as refused:
        publish(planner)
    assert "Cuti sakit" in refused.value.sentence
    assert now_row(row).person == "Maya Antrean", "nobody is removed silently"


def test_a_published_duty_that_changes_hands_tells_both(clock, office, crew, planner):
    row = of(made(make_roster, planner), Duty.SIGERAK)
    made(put, row, crew["Rizky"], planner)
    publish(planner)
    made(put, now_row(row), crew["Nurul"], planner)
    assert "Giliran Anda dialihkan" in told(crew["Rizky"])
    assert told(crew["Nurul"]) == ["Anda mendapat giliran"]


# -- closing


@pytest.fixture
def duty(clock: Clock, office: Office, crew: dict[str, UUID], planner: UUID) -> PostRow:
    """Maya stands at the queue on Saturday from 07.30 to 11.30."""
    row = of(made(make_roster, planner), Duty.QUEUE)
    made(put, row, crew["Maya"], planner)
    publish(planner)
    return now_row(row)


def points(person_id: UUID) -> int:
    with reading() as session:
        return queries.points_by_person(session, SATURDAY - timedelta(days=365), SATURDAY).get(person_id, 0)


def test_points_follow_who_worked_and_a_forgotten_check_out_is_assumed(clock, crew, planner, duty):
    """D23."""
    clock.at("2026-11-28 07:35")
    made(closing.note_presence, duty.id, crew["Maya"], leaving=False, now=office_clock.now())
    clock.at("2026-11-28 12:00")
    assert close(duty, planner) == 235
    after = now_row(duty)
    assert (after.state, after.outcome, after.is_assumed) == (PostState.LOCKED, Outcome.WORKED, True)
    assert after.actual_ends_at == duty.ends_at
    assert points(crew["Maya"]) > 0
    before = points(crew["Maya"])
    assert close(duty, planner) == 0, "said again in the same words"
    assert points(crew["Maya"]) == before
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(PointLine)) == 1


def test_nobody_is_absent_before_the_end_and_an_hour_of_grace(clock, crew, planner, duty):
    """D5."""
    clock.at("2026-11-28 11:00")
    with pytest.raises(TooEarly):
        close(duty, planner)
    clock.at("2026-11-28 12:29")
    with pytest.raises(TooEarly):
        close(duty, planner, Outcome.ABSENT)
    clock.at("2026-11-28 12:30")
    assert close(duty, planner, Outcome.ABSENT) == 0
    assert points(crew["Maya"]) == 0


def test_a_correction_reverses_and_the_sum_is_what_was_worked(clock, crew, planner, duty):
    clock.at("2026-11-28 13:00")
    close(duty, planner)
    full = points(crew["Maya"])
    half = Interval(at("2026-11-28T07:30"), at("2026-11-28T09:30"))
    close(duty, planner, actual=half)
    assert points(crew["Maya"]) * 2 == full
    close(duty, planner, Outcome.EXCUSED)
    assert points(crew["Maya"]) == 0
    with reading() as session:
        turns = session.scalars(select(PointLine.turn).order_by(PointLine.turn)).all()
        table = {row.name: row for row in queries.point_table(session, today=SATURDAY)}
    assert turns == [1, 2, 3, 4]
    assert (table["Maya Antrean"].duties, table["Maya Antrean"].minutes) == (0, 0)


@pytest.fixture
def afternoon(crew: dict[str, UUID], planner: UUID, duty: PostRow) -> PostRow:
    """Maya also stands at the queue from 12.30 to 16.30."""
    with reading() as session:
        rows = queries.posts_between(session, SATURDAY, SATURDAY)
    row = next(one for one in rows if one.duty is Duty.QUEUE and one.starts_at > duty.starts_at)
    made(put, row, crew["Maya"], planner, reason="Sehari penuh")
    return now_row(row)


@pytest.mark.parametrize("order", ["morning first", "afternoon first"])
def test_d14_an_hour_that_two_duties_share_counts_once_whichever_is_closed_first(
    clock, crew, planner, duty, afternoon, order
):
    """The morning went on until 13.30, the afternoon began at 12.30 as planned."""
    clock.at("2026-11-28 18:00")
    longer = Interval(at("2026-11-28T07:30"), at("2026-11-28T13:30"))
    steps = [lambda: close(duty, planner, actual=longer), lambda: close(afternoon, planner)]
    for step in steps if order == "morning first" else reversed(steps):
        step()
    with reading() as session:
        row = next(one for one in queries.point_table(session, today=SATURDAY) if one.name == "Maya Antrean")
    assert (row.minutes, row.total) == (9 * 60, 9 * 150)
    close(duty, planner)  # the correction: it ended as planned after all
    assert points(crew["Maya"]) == 8 * 150


def test_d14_a_duty_that_was_not_worked_leaves_the_shared_hour_to_the_other(clock, crew, planner, duty, afternoon):
    clock.at("2026-11-28 18:00")
    longer = Interval(at("2026-11-28T07:30"), at("2026-11-28T13:30"))
    close(duty, planner, actual=longer)
    assert close(afternoon, planner) == 3 * 60
    close(duty, planner, Outcome.ABSENT)
    assert points(crew["Maya"]) == 4 * 150
    with reading() as session:
        lines = session.scalars(select(PointLine).where(PointLine.ref == str(afternoon.id)).order_by(PointLine.turn))
        assert [line.minutes for line in lines] == [180, -180, 240]


def test_a_duty_earns_time_off_by_the_rule_and_takes_it_back_when_it_was_not_worked(clock, crew, planner, duty):
    rule = CompensationRule(half=240, full=420, days=90, holiday_half=120, holiday_full=240)
    clock.at("2026-11-28 13:00")

    def said(outcome: Outcome) -> None:
        made(
            closing.close,
            duty.id,
            Closing(outcome),
            holidays=frozenset(),
            actor=staff(planner),
            now=office_clock.now(),
            compensation=rule,
        )

    said(Outcome.WORKED)
    said(Outcome.WORKED)
    with reading() as session:
        (row,) = session.scalars(select(CompensationDay)).all()
    assert (row.person_id, row.halves, row.cancelled_reason) == (crew["Maya"], 1, "")
    said(Outcome.ABSENT)
    with reading() as session:
        assert session.scalars(select(CompensationDay.cancelled_reason)).all() == ["Ternyata tidak bertugas."]


def test_hours_without_length_and_far_from_the_plan_are_refused(clock, crew, planner, duty):
    clock.at("2026-11-28 13:00")
    for wrong in (
        Interval(at("2026-11-28T09:30"), at("2026-11-28T09:30")),
        Interval(at("2026-11-27T09:30"), at("2026-11-28T09:30")),
        Interval(at("2026-11-28T07:30"), at("2026-11-29T09:30")),
    ):
        with pytest.raises(WrongTimes):
            close(duty, planner, actual=wrong)
    assert now_row(duty).state is PostState.PUBLISHED


def test_a_closed_duty_is_neither_handed_over_nor_cleared_and_a_gap_is_not_closed(clock, crew, planner, duty):
    clock.at("2026-11-28 13:00")
    close(duty, planner)
    with pytest.raises(PostClosed):
        made(put, now_row(duty), crew["Rizky"], planner)
    with reading() as session:
        gap = next(row for row in queries.posts_between(session, SATURDAY, SATURDAY) if row.is_gap)
    with pytest.raises(NotPublished):
        close(gap, planner)


def test_somebody_elses_presence_is_nobodys_to_note(clock, crew, planner, duty):
    with pytest.raises(NotFound):
        made(closing.note_presence, duty.id, crew["Rizky"], leaving=False, now=office_clock.now())


def test_the_first_presence_counts_and_leaving_needs_coming(clock, crew, planner, duty):
    clock.at("2026-11-28 07:20")
    made(closing.note_presence, duty.id, crew["Maya"], leaving=True, now=office_clock.now())
    assert now_row(duty).checked_out_at is None
    made(closing.note_presence, duty.id, crew["Maya"], leaving=False, now=office_clock.now())
    first = now_row(duty).checked_in_at
    clock.at("2026-11-28 07:50")
    made(closing.note_presence, duty.id, crew["Maya"], leaving=False, now=office_clock.now())
    assert now_row(duty).checked_in_at == first
