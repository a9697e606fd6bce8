"""Workshop time is true whoever was promised the thing, and afterwards nobody can be promised it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from fieldops import check
from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.fleet import queries, rules, service
from fieldops.core.fleet.models import Outage
from fieldops.core.fleet.rules import Holder, Kind
from fieldops.core.notices.models import Notice
from fieldops.core.roster.models import Busy
from fieldops.core.roster.rules import Clash, Interval
from fieldops.kit.db import reading
from fieldops.kit.errors import NotFound, Stale
from tests.db.fleet.things import DAY, hold, hours, make_item, make_vehicle
from tests.make import NOW, Office, at, made

WEEK = hours("2026-11-26 08:00", "2026-12-03 16:00")


@pytest.fixture
def who(office: Office) -> UUID:
    return office["tu"]


@pytest.fixture
def car(who: UUID) -> UUID:
    return made(make_vehicle, who)


def put(who: UUID, holder: UUID, interval: Interval = WEEK, *, kind: Holder = Holder.VEHICLE, key: str = "", **more):
    values = {"reason": "Ganti rem", "form_key": key or str(uuid4()), "actor": staff(who), "now": NOW} | more
    return made(service.put_outage, holder_kind=kind, holder_id=holder, interval=interval, **values)


def notices_of(person: UUID) -> list[tuple[str, str, str]]:
    with reading() as session:
        rows = session.execute(select(Notice.title, Notice.body, Notice.link).where(Notice.person_id == person))
        return [tuple(row) for row in rows]


def test_it_is_taken_although_the_vehicle_is_promised_and_names_what_it_breaks(office, who, car) -> None:
    hold("Sangatta", vehicles=[car])
    hold("Bengalon", hours("2026-12-10 07:00", "2026-12-10 12:00"), vehicles=[car])
    _, broken = put(who, car)
    assert [(one.title, one.source, one.ref, one.interval) for one in broken] == [
        ("LOKTUAN Sangatta", "trip", "Sangatta", DAY)
    ]
    with reading() as session:
        held = [one.name for one in queries.held_by(session, "trip", "Sangatta")]
    assert held == ["Hiace Uji"]
    [(title, body, link)] = notices_of(office["supervisor"])
    assert title == "Hiace Uji masuk bengkel"
    assert "1 janji terdampak, cari penggantinya: LOKTUAN Sangatta, Sabtu, 28 November 2026" in body
    assert link == f"/fleet/vehicles/{car}"
    assert notices_of(office["officer"]) == []
    assert check.problems() == []


def test_afterwards_it_cannot_be_promised_not_even_to_whom_it_was_promised_before(who, car) -> None:
    hold("Sangatta", vehicles=[car])
    put(who, car)
    for ref in ("lain", "Sangatta"):
        with pytest.raises(Clash) as refused:
            hold(ref, vehicles=[car])
        assert refused.value.sentence == (
            "Hiace Uji di bengkel: Ganti rem, Kamis, 26 November 2026, 08.00 sampai Kamis, 3 Desember 2026, 16.00 "
            "WITA. Pilih yang lain atau ubah jamnya."
        )


def test_the_same_form_again_is_one_outage_and_one_notice(office, who, car) -> None:
    hold("Sangatta", vehicles=[car])
    key = str(uuid4())
    assert put(who, car, key=key) == put(who, car, key=key)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Outage)) == 1
        assert session.scalar(select(func.count()).where(AuditEntry.action == "fleet.outage")) == 1
    assert len(notices_of(office["supervisor"])) == 1
    other = made(make_vehicle, who, "Avanza Uji")
    with pytest.raises(Stale):
        put(who, other, key=key)


def test_a_part_in_the_workshop_keeps_its_case_at_home(who) -> None:
    box = made(make_item, who, "Koper Uji", Kind.CASE)
    camera = made(make_item, who, "Kamera Uji", part_of=box)
    hold("Sangatta", items=[box])
    _, broken = put(who, camera, kind=Holder.KIT)
    assert [one.ref for one in broken] == ["Sangatta"]
    with pytest.raises(Clash, match="Kamera Uji"):
        hold("lain", hours("2026-12-01 07:00", "2026-12-01 09:00"), items=[box])


def test_it_ends_early_and_the_thing_is_free_from_then_on(who, car) -> None:
    outage_id, _ = put(who, car)
    back = at("2026-11-27 15:00")
    for _ in range(2):
        made(service.end_outage, outage_id, actor=staff(who), now=back)
    hold("Sangatta", vehicles=[car])
    with reading() as session:
        row = queries.outage(session, outage_id)
        assert row is not None
        assert row.ended_at == back
        ends = session.scalar(select(Busy.ends_at).where(Busy.source == "outage"))
        assert ends == back
        assert session.scalar(select(func.count()).where(AuditEntry.action == "fleet.outage_end")) == 1


def test_called_off_before_it_began_it_leaves_no_time_behind(who, car) -> None:
    outage_id, _ = put(who, car)
    made(service.end_outage, outage_id, actor=staff(who), now=NOW)
    with reading() as session:
        assert session.scalars(select(Busy.id).where(Busy.source == "outage")).all() == []


def test_an_outage_that_is_over_stays_as_it_was(who, car) -> None:
    outage_id, _ = put(who, car)
    made(service.end_outage, outage_id, actor=staff(who), now=WEEK.ends_at + timedelta(days=1))
    with reading() as session:
        row = queries.outage(session, outage_id)
        assert row is not None
        assert row.ended_at is None


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"reason": "  "}, rules.NeedReason),
        ({"reason": "x" * 301}, rules.LongText),
        ({"interval": Interval(WEEK.ends_at, WEEK.starts_at)}, rules.WrongOutage),
        ({"interval": Interval(NOW - timedelta(days=2), NOW)}, rules.WrongOutage),
        ({"interval": Interval(NOW, NOW + timedelta(days=367))}, rules.WrongOutage),
    ],
)
def test_what_cannot_be_meant_is_refused(who, car, changes, refusal) -> None:
    with pytest.raises(refusal):
        put(who, car, **changes)


def test_an_unknown_thing_is_not_found(who) -> None:
    with pytest.raises(NotFound):
        put(who, uuid4())
    with pytest.raises(NotFound):
        made(service.end_outage, uuid4(), actor=staff(who), now=NOW)
