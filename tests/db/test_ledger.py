"""The output ledger: one subject counts once, a correction is a line, and every number has its rows."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from fieldops.core.achievement import queries, service
from fieldops.core.achievement.models import Line
from fieldops.core.achievement.rules import PASSPORT_RO, Posted
from fieldops.kit.db import reading, transaction
from fieldops.seed import load_plan

NOW = datetime(2026, 12, 7, 1, 0, tzinfo=UTC)
TODAY = date(2026, 12, 7)
DAY = date(2026, 12, 5)
JANUARY = date(2027, 1, 9)


@pytest.fixture(autouse=True)
def plan(db):
    with transaction() as session:
        load_plan(session, now=NOW)


def settle(subject, wanted, *, day=DAY, source="persari", ro_id=PASSPORT_RO, now=NOW, actor_id=None):
    with transaction() as session:
        return service.settle(
            session,
            ro_id=ro_id,
            source=source,
            subject=subject,
            wanted=wanted,
            day=day,
            actor_id=actor_id,
            now=now,
        )


def ledger(subject):
    with reading() as session:
        rows = session.execute(
            select(Line.ref, Line.day, Line.volume, Line.source).where(Line.subject == subject).order_by(Line.id)
        )
        return [tuple(row) for row in rows]


def row_of(ro_id, year=2026, today=TODAY):
    with reading() as session:
        return queries.year_rows(session, year, today, ro_id=ro_id)[0]


# -- settling ---------------------------------------------------------------------------------------------------


def test_settling_twice_leaves_one_line(db):
    who = str(uuid4())
    assert settle(who, 1) == Posted("persari", DAY, 1)
    assert settle(who, 1) is None
    assert settle(who, 1, day=JANUARY) is None
    assert ledger(who) == [(f"{who}:1", DAY, 1, "persari")]


def test_a_subject_that_never_counted_gets_no_line(db):
    who = str(uuid4())
    assert settle(who, 0) is None
    assert ledger(who) == []


def test_taking_back_in_january_corrects_december(db):
    who, later = str(uuid4()), datetime(2027, 1, 9, 2, 0, tzinfo=UTC)
    settle(who, 1)
    settle(who, 0, day=JANUARY, now=later)
    assert ledger(who) == [(f"{who}:1", DAY, 1, "persari"), (f"{who}:2", DAY, -1, "persari")]
    assert row_of(PASSPORT_RO).realisation == 0
    assert row_of(PASSPORT_RO, 2027).realisation == 0
    with reading() as session:
        assert session.scalar(select(Line.made_at).where(Line.ref == f"{who}:2")) == later


def test_issued_again_after_an_undo_writes_a_third_line_on_the_new_day(db):
    who = str(uuid4())
    settle(who, 1)
    settle(who, 0, day=JANUARY)
    settle(who, 1, day=JANUARY)
    assert ledger(who) == [
        (f"{who}:1", DAY, 1, "persari"),
        (f"{who}:2", DAY, -1, "persari"),
        (f"{who}:3", JANUARY, 1, "persari"),
    ]
    assert row_of(PASSPORT_RO).realisation == 0
    assert row_of(PASSPORT_RO, 2027).realisation == 1


def test_a_subject_counts_once_or_not_at_all(db):
    with pytest.raises(ValueError, match="once or not at all"):
        settle(str(uuid4()), 2)


def test_an_ro_that_is_not_in_the_plan_takes_no_line(db):
    with pytest.raises(IntegrityError):
        settle(str(uuid4()), 1, ro_id="baa-999")


def test_one_subject_in_two_ros_is_counted_in_each_under_its_own_number(db):
    who = str(uuid4())
    settle(who, 1)
    settle(who, 1, ro_id="qhb-u02")
    settle(who, 0)
    assert [line[0] for line in ledger(who)] == [f"{who}:1", f"{who}:2", f"{who}:3"]
    assert row_of("qhb-u02").realisation == 1
    assert row_of(PASSPORT_RO).realisation == 0


def test_the_database_itself_refuses_a_second_line_with_the_same_reference(db):
    who = str(uuid4())
    settle(who, 1)
    line = {"ro_id": PASSPORT_RO, "day": DAY, "volume": 1, "source": "persari", "subject": who, "made_at": NOW}
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(insert(Line).values(ref=f"{who}:1", **line))
    assert row_of(PASSPORT_RO).realisation == 1


@pytest.mark.parametrize(
    "statement",
    ["update achievement_line set volume = 2", "delete from achievement_line", "update achievement_line set day = day"],
)
def test_a_ledger_line_can_be_neither_changed_nor_deleted(db, statement):
    who = str(uuid4())
    settle(who, 1)
    with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
        session.execute(text(statement))
    assert ledger(who) == [(f"{who}:1", DAY, 1, "persari")]


def test_a_line_of_volume_zero_says_nothing_and_is_refused(db):
    line = {"ro_id": PASSPORT_RO, "day": DAY, "source": "persari", "subject": "x", "ref": "x:1", "made_at": NOW}
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(insert(Line).values(volume=0, **line))


# -- the year ---------------------------------------------------------------------------------------------------


def test_a_row_with_target_shows_its_realisation_its_sources_and_its_pace(db):
    for n in range(3):
        settle(f"on-seven-{n}", 1, source="bontang-on-seven")
    settle("persari-1", 1)
    row = row_of(PASSPORT_RO, today=date(2026, 11, 25))
    assert (row.target, row.funding, row.realisation) == (4800, 240_233_000, 4)
    assert row.by_source == (("bontang-on-seven", 3), ("persari", 1))
    assert row.capaian == Decimal("0.08")
    assert row.expected == 4327


def test_a_blank_target_has_no_percentage_whatever_was_realised(db):
    settle("patrol-1", 1, ro_id="bhb-u05", source="indrasena")
    row = row_of("bhb-u05")
    assert (row.target, row.has_target, row.funding) == (None, False, 161_924_000)
    assert (row.realisation, row.capaian, row.expected) == (1, None, None)


def test_no_line_means_untold_for_an_ro_that_fieldops_does_not_count_and_zero_for_passports(db):
    untold, passports = row_of("qhb-u02"), row_of(PASSPORT_RO)
    assert (untold.target, untold.realisation, untold.capaian) == (4, None, None)
    assert (passports.realisation, passports.capaian) == (0, Decimal("0.00"))


def test_a_line_on_new_years_eve_belongs_to_the_old_year(db):
    settle("eve", 1, day=date(2026, 12, 31))
    settle("new", 1, day=date(2027, 1, 1))
    assert row_of(PASSPORT_RO, 2026).realisation == 1
    assert row_of(PASSPORT_RO, 2027).realisation == 1


@contextmanager
def listening(db):
    """The statements that readers send, each with its values."""
    asked = []

    def note(*details) -> None:
        asked.append(details[2:4])

    event.listen(db.reader, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.reader, "before_cursor_execute", note)


def test_the_whole_year_is_two_queries_however_many_rows_there_are(db):
    for n in range(5):
        settle(f"p-{n}", 1)
    with listening(db) as asked, reading() as session:
        rows = queries.year_rows(session, 2026, TODAY)
    assert len(rows) == 25
    assert len(asked) == 2


def test_older_years_cost_the_year_nothing(db):
    if not db.is_sqlite:
        pytest.skip("PostgreSQL plans by its statistics")
    with listening(db) as asked, reading() as session:
        queries.year_rows(session, 2026, TODAY)
        statement, values = next(one for one in asked if "achievement_line" in one[0])
        plan = session.connection().exec_driver_sql(f"explain query plan {statement}", values).all()
    assert any("ix_achievement_line_ro_day (ro_id=? AND day>? AND day<?)" in step[-1] for step in plan)


def test_the_gap_counts_the_open_weekends_left_and_leaves_out_people_in_process(db):
    settle("p-1", 1)
    with reading() as session:
        row = queries.year_rows(session, 2026, TODAY, ro_id=PASSPORT_RO)[0]
        gap = queries.gap_of(session, row, 2026, date(2026, 11, 25), in_process=99)
        assert (gap.people, gap.weekends, gap.seats) == (4700, 5, 940)
        assert queries.gap_of(session, row, 2025, TODAY, in_process=0).seats is None
        blank = queries.year_rows(session, 2026, TODAY, ro_id="bhb-u05")[0]
        assert queries.gap_of(session, blank, 2026, TODAY, in_process=0).people is None


# -- the rows behind a number -----------------------------------------------------------------------------------


def test_every_month_adds_what_its_lines_say_and_a_correction_goes_to_its_own_month(db):
    settle("november", 1, day=date(2026, 11, 30))
    settle("persari", 1)
    settle("on-seven", 1, source="bontang-on-seven")
    settle("mistake", 1, day=date(2026, 11, 29))
    settle("mistake", 0, day=DAY)
    with reading() as session:
        totals = queries.month_totals(session, PASSPORT_RO, 2026)
        assert [total.month for total in totals] == list(range(1, 13))
        november, december = totals[10], totals[11]
        assert (november.volume, november.cumulative) == (1, 1)
        assert (december.volume, december.cumulative) == (2, 3)
        assert december.by_source == {"persari": 1, "bontang-on-seven": 1}
        assert queries.total_of(totals, None, None) == row_of(PASSPORT_RO).realisation == 3
        for month, source in [(11, None), (12, "persari"), (None, "bontang-on-seven"), (3, None), (None, "none")]:
            rows = queries.lines(session, PASSPORT_RO, 2026, month, source).lines
            assert sum(line.volume for line in rows) == queries.total_of(totals, month, source)
        for until, volume in [(10, 0), (11, 1), (12, 3)]:
            rows = queries.lines(session, PASSPORT_RO, 2026, until=until).lines
            assert sum(line.volume for line in rows) == queries.total_of(totals, None, None, until=until) == volume


def test_the_lines_come_in_pages_of_50_that_neither_repeat_nor_lose_one(db):
    with transaction() as session:
        for n in range(120):
            session.execute(
                insert(Line).values(
                    ro_id=PASSPORT_RO,
                    day=date(2026, 10, 1) + timedelta(n % 7),
                    volume=1,
                    source="persari",
                    ref=f"s-{n}:1",
                    subject=f"s-{n}",
                    made_at=NOW,
                )
            )
    seen, after, pages = [], None, 0
    with reading() as session:
        while True:
            found = queries.lines(session, PASSPORT_RO, 2026, after=after)
            seen += found.lines
            pages += 1
            if found.next_after is None:
                break
            after = found.next_after
    assert pages == 3
    assert len({line.id for line in seen}) == len(seen) == 120
    assert seen == sorted(seen, key=lambda line: (line.day, line.id), reverse=True)


def test_exactly_one_full_page_has_no_next(db):
    for n in range(queries.PAGE):
        settle(f"s-{n}", 1)
    with reading() as session:
        found = queries.lines(session, PASSPORT_RO, 2026)
        assert (len(found.lines), found.next_after) == (50, None)


def test_a_line_tells_who_wrote_it_and_when(db):
    actor = uuid4()
    settle("p-1", 1, actor_id=actor)
    with reading() as session:
        line = queries.lines(session, PASSPORT_RO, 2026).lines[0]
    assert (line.actor_id, line.made_at, line.subject) == (actor, NOW, "p-1")


# -- the check --------------------------------------------------------------------------------------------------


def test_a_ledger_that_agrees_with_the_events_has_no_differences(db):
    settle("issued", 1)
    settle("undone", 1)
    settle("undone", 0)
    wanted = {"issued": ("persari", DAY, 1), "undone": ("persari", DAY, 0), "served": ("persari", DAY, 0)}
    with reading() as session:
        assert queries.recompute_differences(session, wanted) == []


def test_the_check_names_every_subject_whose_net_is_wrong(db):
    settle("not-issued", 1)
    settle("orphan", 1)
    line = {"ro_id": PASSPORT_RO, "day": DAY, "volume": 1, "source": "persari", "made_at": NOW}
    with transaction() as session:
        for n in (1, 2):
            session.execute(insert(Line).values(ref=f"double:{n}", subject="double", **line))
    wanted = {
        "missing": ("persari", DAY, 1),
        "not-issued": ("persari", DAY, 0),
        "double": ("persari", DAY, 1),
    }
    with reading() as session:
        found = queries.recompute_differences(session, wanted)
        assert [(one.subject, one.wanted, one.found) for one in found] == [
            ("double", 1, 2),
            ("missing", 1, 0),
            ("not-issued", 0, 1),
            ("orphan", 0, 1),
        ]
        elsewhere = queries.recompute_differences(session, {}, sources=["bontang-on-seven"])
        assert elsewhere == []


def test_settling_mends_what_the_check_found(db):
    line = {"ro_id": PASSPORT_RO, "day": DAY, "volume": 1, "source": "persari", "made_at": NOW}
    with transaction() as session:
        for n in (1, 2):
            session.execute(insert(Line).values(ref=f"double:{n}", subject="double", **line))
    settle("double", 1)
    settle("missing", 1)
    wanted = {"missing": ("persari", DAY, 1), "double": ("persari", DAY, 1)}
    with reading() as session:
        assert queries.recompute_differences(session, wanted) == []
