"""A vehicle and an item of kit are in one place at a time."""

from __future__ import annotations

from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fieldops.core.audit.rules import staff
from fieldops.core.fleet import queries
from fieldops.core.fleet.rules import Holder, Inactive, Kind
from fieldops.core.fleet.service import set_active
from fieldops.core.roster import service as roster
from fieldops.core.roster.models import Busy
from fieldops.core.roster.rules import Clash, Interval
from fieldops.kit.db import reading
from fieldops.kit.errors import NotFound
from tests.db.fleet.things import DAY, hold, hours, make_item, make_vehicle
from tests.make import NOW, Office, made


def held(ref: str) -> set[str]:
    with reading() as session:
        return {one.name for one in queries.held_by(session, "trip", ref)}


def clashes(interval: Interval = DAY, *, without: tuple[str, str] | None = None) -> dict[str, str]:
    """What is not free, by name."""
    with reading() as session:
        return {one.name: one.clash for one in queries.choices(session, interval, without=without) if one.clash}


@pytest.fixture
def who(office: Office) -> UUID:
    return office["supervisor"]


@pytest.fixture
def car(who: UUID) -> UUID:
    return made(make_vehicle, who)


def test_a_vehicle_that_is_promised_is_refused_by_name_with_the_promise_and_its_hours(car) -> None:
    hold("Sangatta", vehicles=[car])
    with pytest.raises(Clash) as refused:
        hold("Muara Badak", hours("2026-11-28 15:59", "2026-11-28 18:00"), vehicles=[car])
    assert refused.value.sentence == (
        "Hiace Uji sudah dijanjikan: LOKTUAN Sangatta, Sabtu, 28 November 2026, 07.00–16.00 WITA. "
        "Pilih yang lain atau ubah jamnya."
    )
    assert refused.value.field == "vehicles"


def test_a_refused_set_leaves_no_row_and_what_was_held_before_stays(car, who) -> None:
    camera = made(make_item, who, "Kamera Uji")
    other = made(make_vehicle, who, "Avanza Uji")
    hold("Sangatta", vehicles=[car])
    hold("Muara Badak", vehicles=[other])
    with pytest.raises(Clash):
        hold("Muara Badak", vehicles=[car], items=[camera])
    assert held("Muara Badak") == {"Avanza Uji"}
    assert set(clashes()) == {"Hiace Uji", "Avanza Uji"}


def test_back_to_back_is_no_clash(car) -> None:
    hold("pagi", hours("2026-11-28 07:00", "2026-11-28 12:00"), vehicles=[car])
    hold("siang", hours("2026-11-28 12:00", "2026-11-28 16:00"), vehicles=[car])
    assert held("pagi") == held("siang") == {"Hiace Uji"}
    assert clashes(hours("2026-11-28 16:00", "2026-11-28 18:00")) == {}


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (
            hours("2026-11-28 20:00", "2026-11-29 06:00"),
            hours("2026-11-29 05:00", "2026-11-29 09:00"),
            "Sabtu, 28 November 2026, 20.00 sampai Minggu, 29 November 2026, 06.00 WITA",
        ),
        (
            hours("2026-12-31 18:00", "2027-01-01 02:00"),
            hours("2027-01-01 01:00", "2027-01-01 05:00"),
            "Kamis, 31 Desember 2026, 18.00 sampai Jumat, 1 Januari 2027, 02.00 WITA",
        ),
        (
            hours("2026-11-28 18:00", "2026-11-29 00:00"),
            hours("2026-11-28 23:00", "2026-11-29 01:00"),
            "Sabtu, 28 November 2026, 18.00–24.00 WITA",
        ),
    ],
    ids=["across midnight", "across the year's end", "until midnight"],
)
def test_a_night_is_one_promise(car, first, second, said) -> None:
    hold("malam", first, vehicles=[car])
    with pytest.raises(Clash) as refused:
        hold("lain", second, vehicles=[car])
    assert said in refused.value.sentence
    hold("lain", Interval(first.ends_at, second.ends_at), vehicles=[car])


def test_holding_again_frees_what_is_not_named_any_more(car, who) -> None:
    camera, scanner = made(make_item, who, "Kamera Uji"), made(make_item, who, "Pemindai Uji", Kind.SCANNER)
    hold("Sangatta", vehicles=[car], items=[camera, scanner])
    later = hours("2026-12-05 07:00", "2026-12-05 16:00")
    hold("Sangatta", later, items=[camera])
    assert held("Sangatta") == {"Kamera Uji"}
    assert clashes() == {}
    assert set(clashes(later)) == {"Kamera Uji"}
    hold("Sangatta", later)
    assert held("Sangatta") == set()


def test_people_of_the_same_trip_stay_promised(car, who) -> None:
    person = {"kind": "duty", "title": "LOKTUAN", "source": "trip", "ref": "Sangatta"}
    made(roster.promise_person, who, DAY, **person)
    hold("Sangatta", vehicles=[car])
    hold("Sangatta")
    with reading() as session:
        assert session.scalars(select(Busy.holder_id)).all() == [who]
    hold("Sangatta", vehicles=[car])
    later = hours("2026-11-28 08:00", "2026-11-28 17:00")
    made(roster.promise_person, who, later, **person)
    assert held("Sangatta") == {"Hiace Uji"}


def test_own_promises_do_not_stand_against_a_new_hour(car) -> None:
    hold("Sangatta", vehicles=[car])
    assert clashes(without=("trip", "Sangatta")) == {}
    hold("Sangatta", hours("2026-11-28 08:00", "2026-11-28 17:00"), vehicles=[car])
    assert "08.00–17.00" in clashes()["Hiace Uji"]


# -- cases


@pytest.fixture
def case(who: UUID) -> dict[str, UUID]:
    """A case with a camera and a scanner in it."""
    box = made(make_item, who, "Koper Uji", Kind.CASE)
    return {
        "Koper Uji": box,
        "Kamera Uji": made(make_item, who, "Kamera Uji", part_of=box),
        "Pemindai Uji": made(make_item, who, "Pemindai Uji", Kind.SCANNER, part_of=box),
    }


def test_a_case_takes_its_parts_along(case) -> None:
    hold("Sangatta", items=[case["Koper Uji"]])
    assert held("Sangatta") == set(case)
    with pytest.raises(Clash) as refused:
        hold("lain", items=[case["Kamera Uji"]])
    assert refused.value.sentence.startswith("Kamera Uji (bagian dari Koper Uji) sudah dijanjikan: LOKTUAN Sangatta")
    assert refused.value.field == "items"


def test_a_part_that_is_out_keeps_the_case_at_home(case) -> None:
    hold("Sangatta", items=[case["Pemindai Uji"]])
    with pytest.raises(Clash) as refused:
        hold("lain", items=[case["Koper Uji"]])
    assert refused.value.sentence.startswith("Pemindai Uji (bagian dari Koper Uji) sudah dijanjikan: LOKTUAN Sangatta")
    assert held("lain") == set()
    told = clashes()
    assert set(told) == {"Koper Uji", "Pemindai Uji"}
    assert told["Koper Uji"].startswith("Pemindai Uji (bagian dari Koper Uji)")


def test_a_retired_part_stays_at_home(case, who) -> None:
    made(set_active, Holder.KIT, case["Kamera Uji"], False, revision=1, actor=staff(who), now=NOW)
    hold("Sangatta", items=[case["Koper Uji"]])
    assert held("Sangatta") == {"Koper Uji", "Pemindai Uji"}


def test_case_and_part_of_one_trip_are_one_promise(case) -> None:
    hold("Sangatta", items=[case["Koper Uji"], case["Kamera Uji"]])
    hold("Sangatta", items=[case["Koper Uji"], case["Kamera Uji"]])
    assert held("Sangatta") == set(case)


# -- what cannot be held


def test_unknown_and_retired_things_are_refused(car, who) -> None:
    with pytest.raises(NotFound):
        hold("Sangatta", vehicles=[uuid4()])
    with pytest.raises(NotFound):
        hold("Sangatta", items=[uuid4()])
    made(set_active, Holder.VEHICLE, car, False, revision=1, actor=staff(who), now=NOW)
    with pytest.raises(Inactive) as refused:
        hold("Sangatta", vehicles=[car])
    assert refused.value.sentence == "Hiace Uji sudah dinonaktifkan. Pilih yang lain."
    with reading() as session:
        assert car not in {one.id for one in queries.choices(session, DAY)}


# -- two at once


def test_two_planners_at_once_get_one_vehicle_between_them(car, who) -> None:
    """Six rounds of two threads on one vehicle and one case, asked for in opposite orders."""
    box = made(make_item, who, "Koper Uji", Kind.CASE)
    camera = made(make_item, who, "Kamera Uji", part_of=box)
    other = made(make_vehicle, who, "Avanza Uji")
    for day in range(1, 7):
        interval = hours(f"2026-12-0{day} 07:00", f"2026-12-0{day} 16:00")
        start, said = Barrier(2), []

        def plan(ref: str, vehicles: list[UUID], items: list[UUID], interval=interval, start=start, said=said) -> None:
            start.wait()
            try:
                hold(ref, interval, vehicles=vehicles, items=items)
                said.append("ya")
            except Clash as refused:
                said.append(refused.sentence)

        threads = [
            Thread(target=plan, args=(f"A{day}", [car, other], [box])),
            Thread(target=plan, args=(f"B{day}", [other, car], [camera])),
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(one == "ya" for one in said) == [False, True], said
        assert any("sudah dijanjikan: LOKTUAN" in one for one in said)
        with reading() as session:
            refs = session.scalars(select(Busy.ref).where(Busy.starts_at == interval.starts_at).distinct()).all()
        assert len(refs) == 1
