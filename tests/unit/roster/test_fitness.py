"""The hard rules, one by one, then what holds for all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldops.core.people.rules import Competence
from fieldops.core.roster.rules import Break, BreakCode, Duty, Limits, Severity, breaks
from fieldops.core.roster.rules.fitness import days_of, longest_row, skills_in_words
from tests.unit.roster.cases import ALL, FRIDAY, HOURS, SATURDAY, SUNDAY, at, days, limits, officer, promise, slot

WEEK = timedelta(days=7)
MONDAY = SUNDAY + timedelta(days=1)
LOOSE = Limits(rest=timedelta(), days_in_row=99, hours_in_24=timedelta(hours=24))
"""Only what cannot be: overlaps, leave, competence."""


def codes(found: tuple[Break, ...]) -> list[str]:
    return [one.code.value for one in found]


def on(number: int, *arguments, **more):
    """A post that officer 1 has already."""
    return slot(number, *arguments, person=1, **more)


# -- competence -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duty", "skills", "sentence"),
    [
        (Duty.QUEUE, (), None),
        (Duty.SUPERVISOR, (), "Tanpa kompetensi penanggung jawab."),
        (Duty.INTERVIEW, (), "Tanpa kompetensi wawancara dan biometrik."),
        (Duty.INTERVIEW, (Competence.INTERVIEW,), "Tanpa kompetensi biometrik."),
        (Duty.INTERVIEW, (Competence.INTERVIEW, Competence.BIOMETRICS), None),
        (Duty.SIGERAK, (Competence.DRIVER,), "Tanpa kompetensi intelijen."),
    ],
)
def test_a_duty_wants_all_its_competences(duty, skills, sentence):
    found = breaks(slot(1, duty=duty), officer(1, skills))
    assert [one.sentence for one in found] == ([sentence] if sentence else [])
    assert all(one.code is BreakCode.COMPETENCE for one in found)


def test_competences_in_a_sentence_keep_their_order_and_their_capitals():
    assert skills_in_words({Competence.PPNS, Competence.INTERVIEW}) == "wawancara dan PPNS"


# -- leave ------------------------------------------------------------------------------------------------------


def test_d7_leave_is_judged_by_the_instants_it_shares():
    """Leave on Sunday from 00.00 to 24.00; a duty from Saturday 20.00 to Sunday 02.00 runs into it by two hours."""
    leave = promise(SUNDAY, 0, 24)
    (found,) = breaks(slot(1, SATURDAY, 20, 26), officer(), [leave], (), LOOSE)
    assert (found.code, found.sentence) == (BreakCode.LEAVE, "Cuti tahunan bertumpuk 2 jam.")
    assert breaks(slot(1, SATURDAY, 20, 24), officer(), [leave], (), LOOSE) == ()
    assert breaks(slot(1, MONDAY, 0, 4), officer(), [leave], (), LOOSE) == ()


def test_half_a_day_of_leave_leaves_the_other_half_free():
    leave = promise(SATURDAY, 12, 24, "important", "Cuti alasan penting")
    assert breaks(slot(1, SATURDAY, 8, 12), officer(), [leave]) == ()
    assert codes(breaks(slot(1, SATURDAY, 8, 12.5), officer(), [leave])) == ["leave"]


@pytest.mark.parametrize("kind", ["leave", "annual", "sick", "important", "training", "travel", "compensation"])
def test_leave_of_every_kind_keeps_away_and_wants_no_rest(kind):
    away = promise(SATURDAY, 0, 24, kind, "Tidak masuk")
    assert codes(breaks(slot(1), officer(), [away])) == ["leave"]
    assert breaks(slot(1, SUNDAY, 0, 4), officer(), [away]) == ()


# -- two things at once -----------------------------------------------------------------------------------------


def test_d1_overlaps_are_judged_by_instants_not_by_dates():
    night = on(1, SATURDAY, 22, 28, title="SIGERAK")
    assert breaks(slot(2, SATURDAY, 2, 8), officer(), (), [night], LOOSE) == ()
    (found,) = breaks(slot(2, SUNDAY, 2, 8), officer(), (), [night], LOOSE)
    assert found.code is BreakCode.OVERLAP
    assert found.sentence == "Sudah bertugas di SIGERAK (Sab 3 Okt, 22.00–04.00 WITA), bertumpuk 2 jam."


def test_d1_of_two_duties_the_one_that_overlaps_is_named():
    held = [on(1, SATURDAY, 8, 12, title="PERSARI"), on(2, SATURDAY, 14, 18, title="KALIORANG")]
    (found,) = breaks(slot(3, SATURDAY, 16, 20, title="SIGERAK"), officer(), (), held, LOOSE)
    assert "KALIORANG (Sab 3 Okt, 14.00–18.00 WITA)" in found.sentence
    assert "PERSARI" not in found.sentence


def test_back_to_back_is_no_overlap_and_one_stretch_of_work():
    assert breaks(slot(2, SATURDAY, 12, 16), officer(), (), [on(1, SATURDAY, 8, 12)]) == ()


def test_d2_a_duty_over_midnight_is_one_duty_dated_saturday():
    night = slot(1, SATURDAY, 18, 26)
    assert (night.day, night.interval.length) == (SATURDAY, timedelta(hours=8))
    assert days_of(night.interval) == (SATURDAY,)
    assert codes(breaks(slot(2, SUNDAY, 1, 5), officer(), (), [replace(night, person_id=officer().id)], LOOSE)) == [
        "overlap"
    ]


def test_d13_the_same_person_twice_in_one_duty_is_refused_whatever_the_role():
    held = on(1, duty=Duty.SUPERVISOR)
    (found,) = breaks(slot(2, duty=Duty.INTERVIEW), officer(), (), [held])
    assert found.code is BreakCode.TWICE
    assert found.sentence == "Sudah bertugas sebagai Penanggung jawab di PERSARI (Sab 3 Okt, 08.00–12.00 WITA)."


def test_a_post_does_not_stand_in_its_own_way():
    held = on(1)
    assert breaks(held, officer(), (), [held]) == ()
    own = replace(promise(SATURDAY, 8, 12, "duty", "PERSARI"), ref=str(held.id))
    assert breaks(held, officer(), [own], [held]) == ()
    assert codes(breaks(slot(2), officer(), [own], [held])) == ["twice"]
    assert codes(breaks(slot(2), officer(), [own])) == ["overlap"]


def test_duties_of_others_are_no_hindrance():
    assert breaks(slot(2), officer(2), (), [on(1)]) == ()


# -- rest -------------------------------------------------------------------------------------------------------


def test_rest_is_counted_from_trips_and_patrols_too():
    patrol = promise(FRIDAY, 20, 25.5, "patrol", "Patroli malam")
    (found,) = breaks(slot(1), officer(), [patrol])
    assert (found.code, found.sentence) == (
        BreakCode.REST,
        "Jeda istirahat hanya 6 jam 30 menit sejak Patroli malam selesai Sab 3 Okt 01.30 WITA, paling sedikit 11 jam.",
    )
    trip = promise(SATURDAY, 20, 24, "trip", "LOKTUAN Sangatta")
    (found,) = breaks(slot(1), officer(), [trip])
    assert found.sentence == (
        "Jeda istirahat hanya 8 jam sebelum LOKTUAN Sangatta mulai Sab 3 Okt 20.00 WITA, paling sedikit 11 jam."
    )


@pytest.mark.parametrize(
    ("ends", "is_tired"), [(21, False), (21.25, True), (24 + 7, True), (24 + 8, False), (20, False)]
)
def test_eleven_hours_are_enough_and_a_minute_less_is_not(ends, is_tired):
    assert codes(breaks(slot(1), officer(), [promise(FRIDAY, ends - 2, ends, "patrol", "Patroli")])) == (
        ["rest"] if is_tired else []
    )


def test_a_pause_between_two_duties_needs_no_rest_when_the_office_says_so():
    held, after_lunch = on(1, SATURDAY, 8, 12), slot(2, SATURDAY, 13, 17)
    assert codes(breaks(after_lunch, officer(), (), [held])) == ["rest"]
    assert breaks(after_lunch, officer(), (), [held], Limits(pause=timedelta(hours=1))) == ()
    assert codes(breaks(after_lunch, officer(), (), [held], Limits(pause=timedelta(minutes=59)))) == ["rest"]


# -- rows of days -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worked", "wanted", "row"),
    [
        ([SATURDAY], SUNDAY, 2),
        ([SATURDAY, SUNDAY], SATURDAY + WEEK, 3),
        ([SATURDAY + WEEK, SUNDAY + WEEK], SUNDAY, 3),
        ([SUNDAY, SUNDAY + WEEK], SATURDAY + WEEK, 3),
        ([SATURDAY, SUNDAY], SUNDAY + WEEK, 1),
        ([SATURDAY, SATURDAY + WEEK], SATURDAY + 2 * WEEK, 1),
        # an ordinary Monday neither counts nor ends a row
        ([SUNDAY, MONDAY], SATURDAY + WEEK, 2),
    ],
)
def test_weekend_days_in_a_row_go_on_over_the_week(worked, wanted, row):
    held = [on(number, day) for number, day in enumerate(worked)]
    found = breaks(slot(9, wanted), officer(), (), held)
    assert codes(found) == (["row"] if row > 2 else [])
    assert len(longest_row([wanted], worked, frozenset())) == row


def test_a_row_names_its_days():
    held = [on(1, SATURDAY), on(2, SUNDAY)]
    (found,) = breaks(slot(3, SATURDAY + WEEK), officer(), (), held)
    assert found.sentence == (
        "3 hari akhir pekan atau libur berturut-turut (Sab 3 Okt, Min 4 Okt, dan Sab 10 Okt), paling banyak 2."
    )


def test_a_holiday_on_which_he_works_is_in_the_row_and_one_without_work_is_passed_over():
    with_monday = Limits(holidays=frozenset({MONDAY}))
    assert codes(breaks(slot(3, MONDAY), officer(), (), [on(1, SATURDAY), on(2, SUNDAY)], with_monday)) == ["row"]
    assert codes(
        breaks(slot(3, SATURDAY + WEEK), officer(), (), [on(1, SUNDAY), on(2, MONDAY)], with_monday)
    ) == ["row"]  # fmt: skip
    assert breaks(slot(3, SATURDAY + WEEK), officer(), (), [on(1, SUNDAY)], with_monday) == ()
    assert breaks(slot(3, MONDAY), officer(), (), [on(1, SATURDAY), on(2, SUNDAY)]) == ()


def test_a_trip_over_the_weekend_counts_each_of_its_days_and_a_patrol_after_midnight_none_more():
    trip = promise(FRIDAY, 8, 24 + 24 + 20, "trip", "LOKTUAN")
    assert codes(breaks(slot(1, SATURDAY + WEEK), officer(), [trip])) == ["row"]
    patrol = promise(SATURDAY, 20, 30, "patrol", "Patroli")
    assert days_of(patrol.interval) == (SATURDAY,)
    assert days_of(promise(SATURDAY, 20, 30.5).interval) == (SATURDAY, SUNDAY)


# -- hours ------------------------------------------------------------------------------------------------------


def test_d8_hours_are_counted_in_every_window_of_24_hours_in_whichever_order_they_come():
    """08.30 to 16.30, then 16.30 to 08.30."""
    day, night = slot(1, SATURDAY, 8.5, 16.5), slot(2, SATURDAY, 16.5, 32.5)
    for first, second in ((day, night), (night, day)):
        held = replace(first, person_id=officer().id)
        found = breaks(second, officer(), (), [held])
        assert codes(found) == ["hours"]
        assert found[0].sentence == "24 jam tugas dalam 24 jam bersama PERSARI, paling banyak 12 jam."


@pytest.mark.parametrize(("first", "is_long"), [(26, True), (27, True), (28, False)])
def test_hours_are_counted_over_midnight(first, is_long):
    """Saturday 08.00 to 16.00; eight hours that begin on Sunday at 03.00 are rested, and 13 hours in 24."""
    found = breaks(slot(2, SATURDAY, first, first + 8), officer(), (), [on(1, SATURDAY, 8, 16)])
    assert ("hours" in codes(found)) is is_long
    assert ("rest" in codes(found)) is (first < 27)


def test_hours_before_and_after_count_together():
    held = [on(1, SATURDAY, 8, 13), on(2, SUNDAY, 6, 8, title="SIGERAK")]
    loose = Limits(rest=timedelta(hours=1))
    assert breaks(slot(3, SATURDAY, 15, 20), officer(), (), held, loose) == ()
    (found,) = breaks(slot(3, SATURDAY, 15, 21), officer(), (), held, loose)
    assert found.sentence == "13 jam tugas dalam 24 jam bersama PERSARI dan SIGERAK, paling banyak 12 jam."


def test_a_duty_longer_than_the_limit_is_too_long_for_everybody():
    (found,) = breaks(slot(1, SATURDAY, 8, 21), officer())
    assert found.sentence == "13 jam tugas dalam 24 jam, paling banyak 12 jam."


# -- all of them ------------------------------------------------------------------------------------------------


def test_what_may_be_overridden_with_a_reason():
    assert {code.value: code.severity for code in BreakCode} == {
        "competence": Severity.REASON,
        "leave": Severity.HARD,
        "twice": Severity.HARD,
        "overlap": Severity.HARD,
        "rest": Severity.REASON,
        "row": Severity.REASON,
        "hours": Severity.REASON,
    }


def test_all_that_speaks_against_somebody_is_told_in_the_order_of_the_rules():
    against = [promise(SATURDAY, 10, 24), promise(FRIDAY, 18, 24, "patrol", "Patroli"), promise(FRIDAY, 20, 34, "trip")]
    found = breaks(slot(1, duty=Duty.DRIVER), officer(1, ()), against)
    assert codes(found) == ["competence", "leave", "overlap", "rest", "hours"]


posts = st.builds(
    lambda number, day, hours, duty: slot(number, day, *hours, duty),
    st.integers(1, 99),
    days,
    st.sampled_from(HOURS),
    st.sampled_from(list(Duty)),
)


@settings(deadline=None)
@given(posts, posts, limits)
def test_two_duties_exclude_each_other_in_either_order(one, other, limits):
    other = replace(other, id=officer(500).id)
    person = officer(1, ALL)
    alone = [breaks(post, person, (), (), limits) for post in (one, other)]
    both = [
        breaks(post, person, (), [replace(held, person_id=person.id)], limits)
        for post, held in ((one, other), (other, one))
    ]
    assert bool(both[0] or alone[1]) == bool(both[1] or alone[0])
    if not any(alone):
        assert codes(both[0]) == codes(both[1])


@settings(deadline=None)
@given(posts, st.lists(posts, max_size=5), limits)
def test_fewer_duties_never_speak_against_somebody(post, held, limits):
    """What fits beside many fits beside some of them: plans may be made in any order."""
    held = [replace(one, id=officer(600 + n).id, person_id=officer().id) for n, one in enumerate(held)]
    if not breaks(post, officer(), (), held, limits):
        assert not any(breaks(post, officer(), (), held[:n] + held[n + 1 :], limits) for n in range(len(held)))


@settings(deadline=None)
@given(posts, st.integers(-40, 40), st.integers(1, 30))
def test_leave_speaks_against_a_duty_when_they_share_a_minute(post, first, length):
    leave = promise(post.day, first, first + length)
    shares = leave.starts_at < post.ends_at and post.starts_at < leave.ends_at
    assert codes(breaks(post, officer(), [leave], (), LOOSE)) == (["leave"] if shares else [])
    assert at(post.day, first) == leave.starts_at
