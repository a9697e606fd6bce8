"""A duty changes hands: offered, accepted, approved, given back; on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.notices.models import Notice
from fieldops.core.people.models import PersonCompetence
from fieldops.core.people.rules import Role
from fieldops.core.roster.models import Busy
from fieldops.core.roster.posts import queries
from fieldops.core.roster.posts.queries import PostRow
from fieldops.core.roster.posts.service import publishing
from fieldops.core.roster.rules import Duty, Interval, SwapState
from fieldops.core.roster.rules.posting import Unfit
from fieldops.core.roster.swaps import queries as swaps
from fieldops.core.roster.swaps import rules, service
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Stale
from tests.db.roster.test_posts import at, move, now_row, of
from tests.make import SATURDAY, SUNDAY, Office, made, make_crew, make_roster, put

if TYPE_CHECKING:
    from uuid import UUID


@pytest.fixture
def crew(clock: Any, office: Office) -> dict[str, UUID]:
    return made(make_crew)


@pytest.fixture
def planner(office: Office) -> UUID:
    return office[Role.SUPERVISOR]


@pytest.fixture
def duties(crew: dict[str, UUID], planner: UUID) -> dict[str, PostRow]:
    """Rizky stands at SIGERAK on Saturday, Nurul on Sunday; both published."""
    rows = made(make_roster, planner)
    saturday = of([row for row in rows if row.title == "PERSARI pagi"], Duty.SIGERAK)
    sunday = of([row for row in rows if row.day == SUNDAY], Duty.SIGERAK)
    made(put, saturday, crew["Rizky"], planner)
    made(put, sunday, crew["Nurul"], planner)
    made(
        publishing.publish,
        SATURDAY,
        SUNDAY,
        source="weekend",
        with_gaps=True,
        actor=staff(planner),
        now=office_clock.now(),
    )
    return {"saturday": now_row(saturday), "sunday": now_row(sunday)}


def offer(row: PostRow, giver: UUID, taker: UUID | None = None, *, key: str | None = None, actor: Any = None) -> UUID:
    return made(
        service.offer,
        row.id,
        giver_id=giver,
        taker_id=taker,
        note="Ada acara keluarga",
        form_key=key or str(uuid4()),
        actor=actor or staff(giver),
        now=office_clock.now(),
    )


def accept(swap_id: UUID, taker: UUID, back: UUID | None = None) -> None:
    now = office_clock.now()
    made(service.accept, swap_id, taker_id=taker, return_post_id=back, actor=staff(taker), now=now)


def decide(function: Any, swap_id: UUID, who: UUID, **options: Any) -> None:
    made(function, swap_id, actor=staff(who), now=office_clock.now(), **options)


def state(swap_id: UUID) -> SwapState:
    with reading() as session:
        found = swaps.swap(session, swap_id)
    assert found is not None
    return found.state


def holders(duties: dict[str, PostRow]) -> tuple[str | None, str | None]:
    return now_row(duties["saturday"]).person, now_row(duties["sunday"]).person


def titles(person_id: UUID) -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Notice.title).where(Notice.person_id == person_id).order_by(Notice.made_at)))


def test_offered_accepted_approved_and_the_duty_has_changed_hands(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    assert holders(duties) == ("Rizky Intel", "Nurul Intel"), "an offer changes nothing"
    accept(swap, crew["Nurul"])
    assert holders(duties) == ("Rizky Intel", "Nurul Intel"), "nor does an acceptance"
    decide(service.approve, swap, planner)
    assert holders(duties) == ("Nurul Intel", "Nurul Intel")
    with reading() as session:
        assert session.scalars(select(Busy.id).where(Busy.holder_id == crew["Rizky"])).all() == []
    assert "dari Rizky Intel; disetujui Rina Kasubsi" in now_row(duties["saturday"]).why
    assert {"Ada yang menawarkan giliran", "Tukar giliran disetujui"} <= set(titles(crew["Nurul"]))
    assert {"Tawaran giliran Anda diterima", "Tukar giliran disetujui"} <= set(titles(crew["Rizky"]))


def test_one_duty_for_another_both_or_none(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"])
    accept(swap, crew["Nurul"], duties["sunday"].id)
    decide(service.approve, swap, planner)
    assert holders(duties) == ("Nurul Intel", "Rizky Intel")
    decide(service.undo, swap, planner)
    assert holders(duties) == ("Rizky Intel", "Nurul Intel")
    assert state(swap) is SwapState.UNDONE


def test_leave_that_was_approved_meanwhile_stops_the_approval_with_nothing_half_done(clock, crew, planner, duties):
    """D19."""
    swap = offer(duties["saturday"], crew["Rizky"])
    accept(swap, crew["Nurul"], duties["sunday"].id)
    with transaction() as session:
        leave = {"starts_at": at("2026-11-28T00:00"), "ends_at": at("2026-11-29T00:00")}
        session.add(
            Busy(
                holder_kind="person", holder_id=crew["Nurul"], kind="leave", title="Cuti", source="a", ref="1", **leave
            )
        )
    with pytest.raises(Unfit) as refused:
        decide(service.approve, swap, planner)
    assert "Cuti" in refused.value.sentence
    assert holders(duties) == ("Rizky Intel", "Nurul Intel")
    assert state(swap) is SwapState.ACCEPTED


def test_every_rule_runs_again_at_approval_not_only_leave(clock, crew, planner, duties):
    """D19: the competence that the taker had when he accepted is gone, and nothing else stands in the way."""
    swap = offer(duties["saturday"], crew["Rizky"])
    accept(swap, crew["Nurul"])
    with transaction() as session:
        session.execute(delete(PersonCompetence).where(PersonCompetence.person_id == crew["Nurul"]))
    with pytest.raises(Unfit) as refused:
        decide(service.approve, swap, planner)
    assert "Tanpa kompetensi intelijen" in refused.value.sentence
    assert (state(swap), holders(duties)) == (SwapState.ACCEPTED, ("Rizky Intel", "Nurul Intel"))


def test_whom_a_rule_forbids_cannot_even_accept(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"])
    with pytest.raises(Unfit):
        accept(swap, crew["Maya"])
    assert state(swap) is SwapState.OFFERED


def test_a_swap_follows_a_shift_that_moves(clock, crew, planner):
    """D17: moved by an hour, it stays offered and goes over at the new time."""
    move(planner, Interval(at("2026-11-28T18:00"), at("2026-11-28T20:00")))
    with reading() as session:
        (row,) = queries.posts_between(session, SATURDAY, SUNDAY)
    made(put, row, crew["Maya"], planner)
    options = {"source": "weekend", "with_gaps": True, "actor": staff(planner), "now": office_clock.now()}
    made(publishing.publish, SATURDAY, SUNDAY, **options)
    swap = offer(row, crew["Maya"], crew["Wati"])
    accept(swap, crew["Wati"])
    move(planner, Interval(at("2026-11-28T19:00"), at("2026-11-28T21:00")))
    decide(service.approve, swap, planner)
    with reading() as session:
        busy = session.execute(select(Busy.holder_id, Busy.starts_at)).all()
    assert busy == [(crew["Wati"], at("2026-11-28T19:00"))]


def test_the_same_form_twice_is_one_offer_and_a_second_offer_is_refused(clock, crew, duties):
    key = str(uuid4())
    assert offer(duties["saturday"], crew["Rizky"], key=key) == offer(duties["saturday"], crew["Rizky"], key=key)
    with pytest.raises(rules.AlreadyOffered):
        offer(duties["saturday"], crew["Rizky"])


def test_nobody_offers_what_is_not_his_accepts_his_own_or_what_is_anothers(clock, crew, duties):
    with pytest.raises(NotFound):
        offer(duties["saturday"], crew["Nurul"])
    with pytest.raises(rules.OwnOffer):
        offer(duties["saturday"], crew["Rizky"], crew["Rizky"])
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    with pytest.raises(rules.NotForYou):
        accept(swap, crew["Maya"])
    with pytest.raises(rules.OwnOffer):
        accept(swap, crew["Rizky"])


def test_nobody_approves_his_own_swap(clock, crew, office, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    accept(swap, crew["Nurul"])
    with pytest.raises(rules.OwnApproval):
        decide(service.approve, swap, crew["Nurul"])
    decide(service.approve, swap, office[Role.HEAD])


def test_a_supervisor_acts_for_who_is_absent_and_another_one_approves(clock, crew, office, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"], actor=staff(planner))
    made(
        service.accept,
        swap,
        taker_id=crew["Nurul"],
        return_post_id=None,
        actor=staff(planner),
        now=office_clock.now(),
        reason="Sudah setuju lewat telepon",
    )
    with pytest.raises(rules.AcceptedForAnother):
        decide(service.approve, swap, planner)
    assert (state(swap), holders(duties)[0]) == (SwapState.ACCEPTED, "Rizky Intel")
    decide(service.approve, swap, office[Role.HEAD])
    assert holders(duties)[0] == "Nurul Intel"


WAITS = "Tukar giliran menunggu persetujuan"


def test_whoever_may_approve_hears_that_a_swap_waits_and_the_one_who_accepted_it_does_not(
    clock, crew, office, planner, duties
):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    assert WAITS not in titles(planner), "nobody has taken it yet"
    accept(swap, crew["Nurul"])
    assert titles(planner).count(WAITS) == titles(office[Role.HEAD]).count(WAITS) == 1
    assert WAITS not in titles(crew["Nurul"]) + titles(crew["Rizky"]) + titles(office[Role.TU])
    other = offer(duties["sunday"], crew["Nurul"], crew["Rizky"])
    accept_for(other, crew["Rizky"], planner)
    assert titles(planner).count(WAITS) == 1
    assert titles(office[Role.HEAD]).count(WAITS) == 2


def test_after_the_start_nothing_is_swapped_or_given_back(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    accept(swap, crew["Nurul"])
    decide(service.approve, swap, planner)
    clock.at("2026-11-28 07:30")
    with pytest.raises(rules.TooLate):
        decide(service.undo, swap, planner)
    with pytest.raises(rules.TooLate):
        offer(duties["saturday"], crew["Nurul"])


def test_a_refusal_needs_a_reason_that_both_read(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    accept(swap, crew["Nurul"])
    with pytest.raises(rules.NeedNote):
        decide(service.refuse, swap, planner, note=" ")
    decide(service.refuse, swap, planner, note="Kurang orang")
    assert "Tukar giliran ditolak: Kurang orang" in set(titles(crew["Rizky"])) & set(titles(crew["Nurul"]))
    with pytest.raises(rules.SwapOver):
        decide(service.approve, swap, planner)


def test_a_post_that_went_elsewhere_ends_its_offer(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    made(put, now_row(duties["saturday"]), crew["Maya"], planner, reason="Mendesak")
    assert state(swap) is SwapState.WITHDRAWN


def test_undoing_a_swap_whose_post_went_on_is_refused(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    accept(swap, crew["Nurul"])
    decide(service.approve, swap, planner)
    made(put, now_row(duties["saturday"]), crew["Maya"], planner, reason="Mendesak")
    with pytest.raises(Stale):
        decide(service.undo, swap, planner)


def test_either_side_may_end_it_and_strangers_may_not(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    with pytest.raises(NotFound):
        decide(service.withdraw, swap, crew["Maya"], person_id=crew["Maya"])
    decide(service.withdraw, swap, crew["Rizky"], person_id=crew["Rizky"])
    assert state(swap) is SwapState.WITHDRAWN
    offer(duties["saturday"], crew["Rizky"])


MOVED = "Giliran yang Anda tukar berubah jam"


@pytest.fixture
def swapped(clock, crew, planner) -> tuple[PostRow, UUID]:
    """Maya's night went to Wati by an approved swap."""
    move(planner, Interval(at("2026-11-28T18:00"), at("2026-11-28T20:00")))
    with reading() as session:
        (row,) = queries.posts_between(session, SATURDAY, SUNDAY)
    made(put, row, crew["Maya"], planner)
    now = office_clock.now()
    made(publishing.publish, SATURDAY, SUNDAY, source="weekend", with_gaps=True, actor=staff(planner), now=now)
    swap = offer(row, crew["Maya"], crew["Wati"])
    accept(swap, crew["Wati"])
    decide(service.approve, swap, planner)
    return row, swap


def test_a_swapped_duty_that_is_moved_is_told_to_both_once(clock, crew, planner, swapped):
    """D17."""
    later = Interval(at("2026-11-28T19:00"), at("2026-11-28T21:00"))
    assert move(planner, later) == 1
    assert move(planner, later) == 0, "the second time there is nothing to tell"
    assert titles(crew["Wati"]).count("Jam giliran berubah") == 1
    assert titles(crew["Maya"]).count(MOVED) == 1
    assert titles(crew["Wati"]).count(MOVED) == 0
    assert titles(crew["Maya"]).count("Jam giliran berubah") == 0
    with reading() as session:
        body = session.scalars(select(Notice.body).where(Notice.title == MOVED)).one()
    assert "19.00–21.00 WITA" in body
    move(planner, Interval(at("2026-11-28T20:00"), at("2026-11-28T22:00")))
    assert titles(crew["Maya"]).count(MOVED) == 2, "another move is another fact"


def test_whoever_gave_back_or_lost_the_duty_hears_no_more_of_it(clock, crew, planner, swapped):
    _, swap = swapped
    decide(service.undo, swap, planner)
    move(planner, Interval(at("2026-11-28T19:00"), at("2026-11-28T21:00")))
    assert MOVED not in titles(crew["Wati"])
    assert titles(crew["Maya"]).count("Jam giliran berubah") == 1


def test_a_third_person_on_the_post_ends_the_stake_of_both(clock, crew, planner, swapped):
    row, _ = swapped
    made(put, now_row(row), crew["Joko"], planner, reason="Pengganti")
    move(planner, Interval(at("2026-11-28T19:00"), at("2026-11-28T21:00")))
    assert titles(crew["Joko"]).count("Jam giliran berubah") == 1
    assert MOVED not in titles(crew["Maya"]) + titles(crew["Wati"])


# -- for whoever is absent


def accept_for(swap_id: UUID, taker: UUID, who: UUID, reason: str = "Sakit, sudah setuju lewat telepon") -> None:
    now = office_clock.now()
    made(service.accept, swap_id, taker_id=taker, return_post_id=None, actor=staff(who), now=now, reason=reason)


def test_a_supervisor_accepts_for_the_absent_with_a_reason_that_is_kept_and_both_hear_of_it(
    clock, crew, office, planner, duties
):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    accept_for(swap, crew["Nurul"], planner)
    with reading() as session:
        row = swaps.swap(session, swap)
        bodies = list(session.scalars(select(Notice.body)))
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "swap.accept")).one()
    assert row is not None
    assert (row.state, row.taker, row.accepted_for) == (SwapState.ACCEPTED, "Nurul Intel", "Rina Kasubsi")
    assert row.accept_note == "Sakit, sudah setuju lewat telepon"
    assert "Tawaran diterima atas nama Anda" in titles(crew["Nurul"])
    assert "Tawaran giliran Anda diterima" in titles(crew["Rizky"])
    assert not [body for body in bodies if "Sakit" in body], "health does not go out by mail"
    assert (entry.actor_id, entry.detail["taker"]) == (planner, str(crew["Nurul"]))
    decide(service.approve, swap, office[Role.HEAD])
    assert holders(duties)[0] == "Nurul Intel"


def test_nobody_accepts_for_another_without_a_reason(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    with pytest.raises(rules.NeedAcceptNote):
        accept_for(swap, crew["Nurul"], planner, "  ")
    assert state(swap) is SwapState.OFFERED
    assert "Tawaran diterima atas nama Anda" not in titles(crew["Nurul"])


def test_a_supervisor_does_not_put_his_own_duty_on_an_absent_person(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"])
    with pytest.raises(rules.OwnDutyGiven):
        accept_for(swap, crew["Nurul"], crew["Rizky"])
    assert state(swap) is SwapState.OFFERED


def test_rules_hold_for_the_absent_too(clock, crew, planner, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    with pytest.raises(rules.NotForYou):
        accept_for(swap, crew["Maya"], planner)
    swap = offer(duties["sunday"], crew["Nurul"])
    with pytest.raises(Unfit):
        accept_for(swap, crew["Maya"], planner)


def test_whoever_accepts_himself_gives_no_reason(clock, crew, duties):
    swap = offer(duties["saturday"], crew["Rizky"], crew["Nurul"])
    accept_for(swap, crew["Nurul"], crew["Nurul"], "tidak perlu")
    with reading() as session:
        row = swaps.swap(session, swap)
    assert row is not None
    assert (row.accepted_for, row.accept_note) == ("", "")
