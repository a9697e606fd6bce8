"""The order of candidates for one post, and the reasons."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldops.core.people.rules import Competence
from fieldops.core.roster.rules import Duty, breaks, candidates
from tests.unit.roster.cases import FRIDAY, SATURDAY, officer, offices, promise, slot

EARLIER = [SATURDAY - timedelta(days=days) for days in range(60)]


def order(*officers, slot=slot(1), promises=None, duties=(), wishes=None) -> list[int]:  # noqa: B008 (frozen)
    found = candidates(slot, officers, promises or {}, duties, wishes=wishes)
    return [one.officer.id.int for one in found]


def test_fewest_points_come_first():
    assert order(officer(1, points=1450), officer(2, points=1449), officer(3, points=0)) == [3, 2, 1]


def test_with_equal_points_the_longest_since_the_last_duty_comes_first_and_never_is_longest():
    people = [officer(1, last=EARLIER[7]), officer(2, last=EARLIER[30]), officer(3, last=None)]
    assert order(*people) == [3, 2, 1]


def test_with_equal_points_and_last_duty_a_wish_decides_and_then_the_id():
    people = [officer(number, last=EARLIER[9]) for number in (4, 3, 2, 1)]
    wishes = {(people[0].id, SATURDAY): True, (people[3].id, SATURDAY): False, (people[1].id, FRIDAY): True}
    assert order(*people, wishes=wishes) == [4, 2, 3, 1]


def test_points_of_the_plan_count_beside_the_ledger_and_the_post_itself_does_not():
    duties = [slot(5, SATURDAY - timedelta(days=7), points=600, person=1), slot(1, person=1, points=9999)]
    people = [officer(1, points=100), officer(2, points=500), officer(3, points=800)]
    found = candidates(duties[1], people, {}, duties)
    assert [(one.officer.id.int, one.standing.points) for one in found] == [(2, 500), (1, 700), (3, 800)]
    assert found[1].reason == "Poin 12 bulan dan rencana 7,00, urutan 2 dari 3 yang cocok; terakhir bertugas 26 Sep."


def test_a_reason_says_points_place_and_last_duty():
    people = [officer(1, points=1450, last=date(2026, 10, 3)), *(officer(n, points=2000) for n in range(2, 7))]
    wanted = slot(1, SATURDAY + timedelta(days=7))
    found = candidates(wanted, people, {}, wishes={(people[1].id, wanted.day): True, (people[2].id, wanted.day): False})
    assert [one.place for one in found] == [1, 2, 3, 4, 5, 6]
    assert found[0].reason == "Poin 12 bulan 14,50, terendah dari 6 yang cocok; terakhir bertugas 3 Okt."
    assert found[1].reason == (
        "Poin 12 bulan 20,00, urutan 2 dari 6 yang cocok; belum pernah bertugas; ingin bertugas hari itu."
    )
    assert found[5].reason.endswith("ingin libur hari itu.")


def test_a_reason_says_who_is_as_low_and_who_is_alone():
    (alone,) = candidates(slot(1), [officer(1, points=50, last=date(2025, 12, 27))], {})
    assert alone.reason == "Poin 12 bulan 0,50, satu-satunya yang cocok; terakhir bertugas 27 Des 2025."
    first, *_ = candidates(slot(1), [officer(n, points=100 * (n // 4)) for n in range(1, 6)], {})
    assert first.reason == "Poin 12 bulan 0,00, terendah bersama 2 lainnya dari 5 yang cocok; belum pernah bertugas."


def test_those_who_do_not_fit_come_last_with_all_that_speaks_against_them():
    unskilled, away, fits = officer(1, ()), officer(2), officer(3, points=9000)
    away_for = {away.id: [promise(SATURDAY, 10, 24)], unskilled.id: [promise(SATURDAY, 0, 24)]}
    found = candidates(slot(1, duty=Duty.DRIVER), [unskilled, away, fits], away_for)
    assert [(one.officer.id.int, one.fits, one.place) for one in found] == [
        (3, True, 1),
        (2, False, None),
        (1, False, None),
    ]
    assert found[2].reason == "Tanpa kompetensi pengemudi. Cuti tahunan bertumpuk 4 jam."
    assert [one.code.value for one in found[2].breaks] == ["competence", "leave"]


@settings(deadline=None)
@given(offices(), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_in_which_people_come(office, random):
    wanted = office["slots"][0]
    shuffled = dict(office, slots=random.sample(office["slots"], len(office["slots"])))
    shuffled["officers"] = random.sample(office["officers"], len(office["officers"]))

    def found(task):
        return candidates(wanted, task["officers"], task["promises"], task["slots"], task["limits"], task["wishes"])

    assert found(office) == found(shuffled)
    for one in found(office):
        against = breaks(
            wanted, one.officer, office["promises"].get(one.officer.id, ()), office["slots"], office["limits"]
        )
        assert one.breaks == against
        assert one.fits is (not against)
        assert one.reason


def test_a_kasubsi_is_named_for_the_lead_before_an_officer_who_lacks_it():
    lead, other = officer(1, {Competence.LEAD}, points=5000), officer(2, ())
    assert order(other, lead, slot=slot(1, duty=Duty.SUPERVISOR)) == [1, 2]
