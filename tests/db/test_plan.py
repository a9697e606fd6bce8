"""The seed: what every installation starts with, and what it refuses."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, insert, select, update

from fieldops import seed
from fieldops.core.achievement import queries as achievement
from fieldops.core.achievement.models import Indicator, Ro, Target
from fieldops.core.audit.models import AuditEntry
from fieldops.core.calendar import queries as calendar
from fieldops.core.calendar.models import Holiday
from fieldops.core.calendar.rules import HolidayKind
from fieldops.core.fleet.models import KitItem, Vehicle
from fieldops.core.places import queries as places
from fieldops.core.places.models import Area, Site
from fieldops.kit.db import reading, transaction
from fieldops.seed import BrokenPlan, load_plan

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def load(**options):
    with transaction() as session:
        return load_plan(session, now=NOW, **options)


def count(session, table, *where):
    return session.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def test_the_whole_plan_comes_in(db):
    load()
    with reading() as session:
        assert count(session, Ro) == 25
        assert count(session, Target) == 125
        assert count(session, Indicator) == 45
        assert count(session, Area) == 39
        assert [row.code for row in achievement.year_rows(session, 2026, date(2026, 11, 25))][:3] == [
            "BAA.001",
            "BAA.002",
            "BHB.U11-U13",
        ]
        assert list(session.scalars(select(Ro.position).order_by(Ro.position))) == list(range(1, 26))
        # The plan's own total of 2026 (Proyeksi Pagu): nothing is lost and nothing is there twice.
        assert session.scalar(select(func.sum(Target.funding)).where(Target.year == 2026)) == 5_782_931_000


def test_loading_twice_changes_nothing_and_is_noted_once(db):
    assert load()
    again = load()
    assert (again.inserted, again.changed, again.removed) == (0, 0, 0)
    with reading() as session:
        assert count(session, AuditEntry, AuditEntry.action == "plan.load") == 1


def test_vehicles_and_kit_come_in_once_and_stay_as_the_office_has_them(db):
    load()
    with transaction() as session:
        session.execute(
            update(Vehicle)
            .where(Vehicle.name == "Minibus Toyota")
            .values(name="Bus LOKTUAN", plate="KT 1 AB", seats=12)
        )
        session.execute(update(KitItem).where(KitItem.name == "Kamera 4").values(is_active=False))
    assert load() == seed.Loaded()
    with reading() as session:
        assert {tuple(row) for row in session.execute(select(Vehicle.name, Vehicle.plate, Vehicle.seats))} == {
            ("Bus LOKTUAN", "KT 1 AB", 12),
            ("Toyota Fortuner 2.8 GR", "", 7),
            ("Isuzu D-Max kabin ganda", "", 5),
        }
        found = session.execute(select(KitItem.kind, func.count()).group_by(KitItem.kind)).all()
        kinds = {row[0]: row[1] for row in found}
        assert kinds == {"laptop": 8, "fingerprint": 4, "camera": 4, "scanner": 6, "reader": 2, "signature": 1} | {
            "printer": 2,
            "generator": 1,
            "case": 1,
        }
        assert not session.scalar(select(KitItem.is_active).where(KitItem.name == "Kamera 4"))


def test_a_name_that_the_office_gave_to_something_else_is_left_to_it(db):
    with transaction() as session:
        session.execute(insert(Vehicle).values(name="Minibus Toyota", seats=10))
    load()
    with reading() as session:
        assert count(session, Vehicle) == 3
        assert session.scalar(select(Vehicle.seats).where(Vehicle.name == "Minibus Toyota")) == 10


def test_a_figure_that_differs_from_the_plan_is_mended(db):
    load()
    with transaction() as session:
        session.execute(update(Target).where(Target.ro_id == "baa-001", Target.year == 2026).values(volume=1))
    assert load().changed == 1
    with reading() as session:
        assert session.get(Target, ("baa-001", 2026)).volume == 4800


def test_the_code_that_the_plan_prints_twice_is_two_rows(db):
    load()
    with reading() as session:
        rows = {
            row.ro_id: row for row in achievement.year_rows(session, 2026, date(2026, 11, 25)) if row.code == "EBD.001"
        }
        assert sorted(rows) == ["ebd-001-anggaran", "ebd-001-layanan"]
        assert (rows["ebd-001-anggaran"].target, rows["ebd-001-anggaran"].funding) == (1, 56_457_000)
        assert (rows["ebd-001-layanan"].target, rows["ebd-001-layanan"].funding) == (None, None)


def test_a_blank_cell_stays_blank_and_is_never_a_zero(db):
    load()
    with reading() as session:
        refugees = session.get(Target, ("bhb-u05", 2026))
        joint = session.get(Target, ("bhb-u14-u16", 2026))
        assert (refugees.volume, refugees.funding) == (None, 161_924_000)
        assert (joint.volume, joint.funding) == (1, None)
        assert count(session, Target, (Target.volume == 0) | (Target.funding == 0)) == 0


def test_bundles_and_national_priorities_are_as_printed(db):
    load()
    with reading() as session:
        bundles = session.scalars(select(Ro.id).where(Ro.code.contains("-U")).order_by(Ro.id))
        assert list(bundles) == ["bhb-u11-u13", "bhb-u14-u16", "bhb-u17-u19"]
        assert list(session.scalars(select(Ro.code).where(Ro.national_priority))) == ["QHB.U02", "QIB.002"]


def test_the_working_area_has_19_kecamatan_and_two_that_the_office_must_confirm(db):
    load()
    with reading() as session:
        kecamatan = places.areas(session, level="kecamatan")
        assert len([area for area in kecamatan if area.in_working_area == "yes"]) == 19
        assert [area.name for area in kecamatan if area.in_working_area == "confirm"] == ["Muara Wahau", "Sangkulirang"]
        assert len(places.areas(session, level="kelurahan")) == 15
        assert [area.name for area in places.areas(session, parent_code="64.74")] == [
            "Bontang Utara",
            "Bontang Selatan",
            "Bontang Barat",
        ]
        assert all(0 < area.latitude < 2 and 116 < area.longitude < 119 for area in kecamatan)


def test_what_the_office_decides_about_an_area_survives_the_next_load(db):
    load()
    with transaction() as session:
        session.execute(update(Area).where(Area.name == "Sangkulirang").values(in_working_area="yes"))
    assert not load()
    with reading() as session:
        assert session.scalar(select(Area.in_working_area).where(Area.name == "Sangkulirang")) == "yes"


def test_the_office_is_the_default_site_under_the_name_it_has_now(db):
    with reading() as session:
        assert places.default_site(session) is None
    load()
    load(office_name="Kantor Imigrasi Kelas II Bontang", office_address="Jalan Contoh 1")
    with reading() as session:
        assert count(session, Site) == 1
        office = places.default_site(session)
        assert (office.name, office.address, office.area_code) == (
            "Kantor Imigrasi Kelas II Bontang",
            "Jalan Contoh 1",
            "64.74",
        )
        assert [site.name for site in places.sites(session)] == [office.name]


# -- holidays ---------------------------------------------------------------------------------------------------


def test_holidays_and_cuti_bersama_of_2026_and_2027_come_in_with_their_source(db):
    load()
    with reading() as session:
        for year, kind, days in [
            (2026, "nasional", 17),
            (2026, "cuti bersama", 8),
            (2027, "nasional", 18),
            (2027, "cuti bersama", 8),
        ]:
            in_year = Holiday.day.between(date(year, 1, 1), date(year, 12, 31))
            assert count(session, Holiday, in_year, Holiday.kind == kind) == days
        found = calendar.holidays_on(session, [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28)])
        assert sorted(found) == [date(2026, 12, 24), date(2026, 12, 25)]
        assert found[date(2026, 12, 24)][0].name == "Cuti Bersama Hari Raya Natal"
        assert found[date(2026, 12, 24)][0].kind is HolidayKind.JOINT_LEAVE
        assert found[date(2026, 12, 25)][0].source.startswith("package holidays 0.")
        assert calendar.is_loaded(session, 2027)
        assert not calendar.is_loaded(session, 2025)
        assert not calendar.is_loaded(session, 2028)


def test_an_estimated_date_says_so_in_its_name(db):
    load()
    with reading() as session:
        names = session.scalars(select(Holiday.name).where(Holiday.day == date(2027, 3, 10)))
        assert list(names) == ["Hari Raya Idul Fitri (perkiraan)"]


def test_a_day_that_the_office_closes_itself_is_never_overwritten(db):
    anniversary, christmas = date(2026, 10, 12), date(2026, 12, 25)
    with transaction() as session:
        for day, name in [(anniversary, "HUT Kota Bontang"), (christmas, "Hari Raya Natal")]:
            session.execute(insert(Holiday).values(day=day, name=name, kind="kantor", source="Surat Kakanim"))
    load()
    assert not load()
    with reading() as session:
        found = calendar.holidays_on(session, [anniversary, christmas])
        assert [(row.kind.value, row.source) for row in found[anniversary]] == [("kantor", "Surat Kakanim")]
        assert [(row.kind.value, row.source) for row in found[christmas]] == [("kantor", "Surat Kakanim")]


def test_a_date_that_was_set_by_decree_is_left_alone(db):
    load()
    decree = {"day": date(2027, 3, 10), "name": "Hari Raya Idul Fitri", "kind": "nasional", "source": "SKB 3 Menteri"}
    with transaction() as session:
        session.execute(insert(Holiday).values(decree))
    assert not load()
    with reading() as session:
        rows = calendar.holidays_on(session, [decree["day"]])[decree["day"]]
        assert rows[0].source == "SKB 3 Menteri"


def test_an_estimate_that_the_package_has_moved_leaves_no_second_holiday_behind(db):
    with transaction() as session:
        session.execute(
            insert(Holiday).values(
                day=date(2027, 3, 9), name="Idul Fitri (perkiraan)", kind="nasional", source="package holidays 0.1"
            )
        )
    assert load().removed == 1
    with reading() as session:
        names = [row.name for row in calendar.holidays_on(session, [date(2027, 3, 9)])[date(2027, 3, 9)]]
        assert names == ["Cuti Bersama Hari Raya Idul Fitri"]


def test_the_report_of_november_2026_is_due_on_monday_7_december(db):
    load()
    with reading() as session:
        deadline = achievement.next_deadline(session, date(2026, 11, 25))
        assert (deadline.month, deadline.day) == (date(2026, 11, 30), date(2026, 12, 7))
        assert (deadline.working_days_left, deadline.is_certain) == (8, True)


@pytest.mark.parametrize(
    ("today", "month", "day", "left"),
    [
        (date(2026, 11, 5), date(2026, 10, 31), date(2026, 11, 6), 1),
        (date(2026, 11, 6), date(2026, 10, 31), date(2026, 11, 6), 0),
        (date(2026, 11, 7), date(2026, 11, 30), date(2026, 12, 7), 21),
        (date(2027, 1, 2), date(2026, 12, 31), date(2027, 1, 11), 5),
    ],
)
def test_last_month_is_to_be_reported_until_its_deadline_is_over(db, today, month, day, left):
    load()
    with reading() as session:
        deadline = achievement.next_deadline(session, today)
        assert (deadline.month, deadline.day, deadline.working_days_left) == (month, day, left)


def test_a_cuti_bersama_moves_a_deadline(db):
    load()
    with reading() as session:
        assert calendar.nth_working_day_after(session, date(2026, 12, 23), 1) == date(2026, 12, 28)
        assert calendar.working_days_between(session, date(2026, 12, 23), date(2026, 12, 28)) == 1


def test_a_day_that_only_the_office_closes_moves_no_deadline_but_closes_a_weekend(db):
    load()
    with transaction() as session:
        for day in (date(2026, 12, 1), date(2026, 12, 5), date(2026, 12, 6)):
            session.execute(insert(Holiday).values(day=day, name="Tutup", kind="kantor", source="Surat Kakanim"))
    with reading() as session:
        assert calendar.nth_working_day_after(session, date(2026, 11, 30), 5) == date(2026, 12, 7)
        assert calendar.working_days_between(session, date(2026, 11, 25), date(2026, 12, 7)) == 8
        passports = achievement.year_rows(session, 2026, date(2026, 11, 25), ro_id="baa-001")[0]
        assert achievement.gap_of(session, passports, 2026, date(2026, 11, 25), in_process=0).weekends == 4


# -- broken files -----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(seed.FOLDER, tmp_path / "plan")


def edit(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("ro_targets.csv", "Orang,0,2026,4800,240233000", "Orang,0,2030,4800,240233000", "2025 to 2029.*'2030'"),
        ("ro_targets.csv", "Orang,0,2026,4800,240233000", "Orang,0,2025,4800,240233000", "baa-001.*more than once"),
        ("ro_targets.csv", "Orang,0,2026,4800,", "Orang,0,2026,4.800,", "line 3.*'4.800' is not a whole number"),
        ("ro_targets.csv", "Orang,0,2026,4800,", "Orang,ya,2026,4800,", "line 3.*0 or 1"),
        ("ro_targets.csv", "QIB.002,", "BIB.001,", "another name"),
        ("ro_targets.csv", "BIB.004,Pengamanan Deteni,Orang,0,2029,,\n", "", "124 rows for achievement_target"),
        ("ro_targets.csv", "code,name", "kode,name", "columns should be code, name"),
        ("ro_targets.csv", "Orang,0,2026,4800,240233000", "Orang,0,2026,4800", "line 3.*7 cells"),
        ("ikk_targets.csv", ",2026,3.52,", ",2025,3.52,", "IKSS 1.1.*more than once"),
        ("ikk_targets.csv", ",2026,3.52,", ",2031,3.52,", "2025 to 2029.*'2031'"),
        ("ikk_targets.csv", ",2026,3.52,", ',2026,"3,52",', "'3,52' is not a number"),
        ("areas.csv", "64.08.02,", "64.08.01,", "64.08.01.*more than once"),
        ("fleet.csv", "vehicle,Minibus Toyota,14,", "vehicle,Minibus Toyota,banyak,", "line 2.*number of seats"),
        ("fleet.csv", ",laptop,Laptop 2,", ",laptop,Laptop 1,", "Laptop 1.*more than once"),
        ("areas.csv", "64.74.03.1003,kelurahan,Kanaan,64.74.03,0.12,117.45,yes\n", "", "38 rows for place_area"),
    ],
)
def test_a_broken_file_is_refused_in_words_and_nothing_is_written(db, folder, name, old, new, message):
    edit(folder, name, old, new)
    with pytest.raises(BrokenPlan, match=message):
        load(folder=folder)
    with reading() as session:
        assert count(session, Ro) == count(session, Area) == count(session, Holiday) == 0
