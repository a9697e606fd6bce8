"""What the database itself refuses, whatever the code above it does: each named constraint, broken by hand."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops import check, schema
from fieldops.core.attendance.rules import Stage
from fieldops.kit import clock as office_clock
from fieldops.kit.db import transaction, violated
from tests import cast
from tests.db.blanks.test_constraints import BROKEN as OF_BLANKS
from tests.db.files.test_files import BROKEN as OF_FILES
from tests.db.fleet.test_constraints import BROKEN as OF_FLEET
from tests.db.letters.test_constraints import BROKEN as OF_LETTERS
from tests.db.loktuan.test_constraints import BROKEN as OF_TRIPS
from tests.db.loktuan.test_requests import BROKEN as OF_REQUESTS
from tests.db.roster.test_constraints import BROKEN as OF_THE_ROSTER
from tests.make import Day, Office, made, make_booking, make_day, make_tap, make_walk_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

T = schema.metadata.tables


@pytest.fixture
def day(office: Office) -> Day:
    return made(make_day, office["supervisor"], lead_id=office["officer"])


def copy_of(session: Session, table: Table, where: Any = None, **changes: Any) -> None:
    """Insert a row like one that is there, with some values changed: only what is named can be wrong with it."""
    query = select(table) if where is None else select(table).where(where)
    row = dict(session.execute(query.limit(1)).mappings().one())
    key = list(table.primary_key)
    if len(key) == 1 and key[0].autoincrement and key[0].type.python_type is int:
        del row[key[0].name]
    elif len(key) == 1 and key[0].name == "id":
        row["id"] = uuid4()
    session.execute(insert(table).values(row | changes))


def break_seat(**changes: Any) -> Callable[[Session, Any], None]:
    return lambda session, _: copy_of(
        session, T["booking_seat"], T["booking_seat"].c.applicant_id.is_(None), **{"number": 99} | changes
    )


def fresh_booking(**changes: Any) -> dict[str, Any]:
    return {"token": "T" * 26, "entry_token": "E" * 26, "code": "9999999", "form_key": str(uuid4())} | changes


def break_booking(**changes: Any) -> Callable[[Session, Any], None]:
    return lambda session, _: copy_of(session, T["booking_booking"], **fresh_booking(**changes))


def same(table: str, column: str, **changes: Any) -> Callable[[Session, Any], None]:
    """A second row with the same value in one column, and other values elsewhere."""

    def act(session: Session, _: Any) -> None:
        value = session.execute(select(T[table].c[column]).where(T[table].c[column].is_not(None)).limit(1)).scalar_one()
        copy_of(session, T[table], T[table].c[column] == value, **changes | {column: value})

    return act


def seat_twice(session: Session, ids: Any) -> None:
    seat = T["booking_seat"]
    free = session.execute(select(seat.c.id).where(seat.c.applicant_id.is_(None)).limit(1)).scalar_one()
    session.execute(update(seat).where(seat.c.id == free).values(applicant_id=ids.people[0]))


def second_live_place(session: Session, ids: Any) -> None:
    table = T["booking_applicant"]
    copy_of(session, table, table.c.id == ids.people[0], position=9)


def second_day(session: Session, _: Any) -> None:
    copy_of(session, T["weekend_day"], form_key=str(uuid4()))


def set_twice(session: Session, _: Any) -> None:
    copy_of(session, T["attendance_event"], id=uuid4())


def undo_twice(session: Session, ids: Any) -> None:
    table = T["attendance_event"]
    event = session.execute(select(table.c.id)).scalar_one()
    for _ in range(2):
        copy_of(session, table, table.c.id == event, id=uuid4(), kind="undo", undoes=event)


def event(**changes: Any) -> Callable[[Session, Any], None]:
    return lambda session, _: copy_of(session, T["attendance_event"], **{"id": uuid4(), "turn": 7} | changes)


LATER = timedelta(hours=1)
BROKEN: dict[str, tuple[Callable[[Session, Any], None], tuple[str, ...]]] = {
    "ck_booking_seat_pool": (break_seat(pool="vip"), ()),
    "ck_booking_seat_hold": (break_seat(held_until=office_clock.now()), ()),
    "uq_booking_seat_session_id_number": (break_seat(number=1), ("booking_seat.session_id", "booking_seat.number")),
    "uq_booking_seat_applicant_id": (seat_twice, ("booking_seat.applicant_id",)),
    "uq_booking_applicant_live_person": (second_live_place, ("booking_applicant.scope", "booking_applicant.nik_hash")),
    "uq_booking_applicant_position": (
        same("booking_applicant", "position", is_live=False),
        ("booking_applicant.booking_id", "booking_applicant.position"),
    ),
    "ck_booking_booking_state": (break_booking(state="paid"), ()),
    "ck_booking_booking_code": (break_booking(code=None), ()),
    "uq_booking_booking_token": (
        same("booking_booking", "token", **{k: v for k, v in fresh_booking().items() if k != "token"}),
        ("booking_booking.token",),
    ),
    "uq_booking_booking_entry_token": (
        same("booking_booking", "entry_token", **{k: v for k, v in fresh_booking().items() if k != "entry_token"}),
        ("booking_booking.entry_token",),
    ),
    "uq_booking_booking_code": (
        same("booking_booking", "code", **{k: v for k, v in fresh_booking().items() if k != "code"}),
        ("booking_booking.code",),
    ),
    "uq_booking_booking_form_key": (
        same("booking_booking", "form_key", **{k: v for k, v in fresh_booking().items() if k != "form_key"}),
        ("booking_booking.form_key",),
    ),
    "ck_booking_session_interval": (
        lambda session, _: session.execute(
            update(T["booking_session"]).values(ends_at=T["booking_session"].c.starts_at)
        ),
        (),
    ),
    "uq_booking_page_source_ref": (
        same("booking_page", "ref", code="ZZZZZ"),
        ("booking_page.source", "booking_page.ref"),
    ),
    "uq_booking_page_code": (same("booking_page", "code", ref="other"), ("booking_page.code",)),
    "uq_weekend_day_live": (second_day, ("weekend_day.programme", "weekend_day.day")),
    "ck_weekend_day_programme": (
        lambda session, _: copy_of(session, T["weekend_day"], programme="x", form_key="x"),
        (),
    ),
    "ck_weekend_day_status": (
        lambda session, _: copy_of(session, T["weekend_day"], status="open", day=date(2026, 12, 5), form_key="x"),
        (),
    ),
    "ck_weekend_day_override": (
        lambda session, _: copy_of(
            session, T["weekend_day"], override_reason="Saya mau", day=date(2026, 12, 5), form_key="x"
        ),
        (),
    ),
    "ck_weekend_template_weekday": (lambda session, _: copy_of(session, T["weekend_template"], weekday=4), ()),
    "uq_weekend_template_programme_weekday": (
        lambda session, _: copy_of(session, T["weekend_template"]),
        ("weekend_template.programme", "weekend_template.weekday"),
    ),
    "ck_weekend_template_session_interval": (
        lambda session, _: copy_of(session, T["weekend_template_session"], starts=time(7), ends=time(7)),
        (),
    ),
    "ck_weekend_template_session_seats": (
        lambda session, _: copy_of(session, T["weekend_template_session"], starts=time(6), seats_public=-1),
        (),
    ),
    "uq_agenda_service_event_source_ref": (
        lambda session, _: copy_of(session, T["agenda_service_event"]),
        ("agenda_service_event.source", "agenda_service_event.ref"),
    ),
    "ck_agenda_service_event_status": (
        lambda session, _: copy_of(session, T["agenda_service_event"], ref="x", status="maybe"),
        (),
    ),
    "uq_roster_busy_promise": (
        lambda session, _: copy_of(session, T["roster_busy"]),
        ("roster_busy.holder_kind", "roster_busy.holder_id", "roster_busy.source", "roster_busy.ref"),
    ),
    "ck_roster_busy_holder_kind": (lambda session, _: copy_of(session, T["roster_busy"], holder_kind="dog"), ()),
    "uq_attendance_event_id": (event(id=None), ()),  # filled in below
    "uq_attendance_event_turn": (
        set_twice,
        ("attendance_event.applicant_id", "attendance_event.stage", "attendance_event.turn"),
    ),
    "uq_attendance_event_undoes": (undo_twice, ("attendance_event.undoes",)),
    "ck_attendance_event_kind": (event(kind="x"), ()),
    "ck_attendance_event_verdict": (event(verdict="ok"), ()),
    "ck_attendance_event_stage": (event(stage="photo"), ()),
    "ck_attendance_event_undoes": (event(undoes=uuid4()), ()),
    "ck_people_person_role": (lambda session, _: copy_of(session, T["people_person"], role="boss"), ()),
    "uq_people_session_token_hash": (
        lambda session, _: [
            session.execute(
                insert(T["people_session"]).values(
                    id=uuid4(),
                    person_id=session.execute(select(T["people_person"].c.id).limit(1)).scalar_one(),
                    token_hash="x",
                    made_at=office_clock.now(),
                    seen_at=office_clock.now(),
                )
            )
            for _ in range(2)
        ],
        ("people_session.token_hash",),
    ),
    "ck_calendar_holiday_kind": (
        lambda session, _: session.execute(
            insert(T["calendar_holiday"]).values(day=date(2026, 1, 2), name="x", kind="lain", source="x")
        ),
        (),
    ),
}
BROKEN["uq_booking_booking_walk_in_number"] = (
    lambda session, _: [
        copy_of(
            session,
            T["booking_booking"],
            T["booking_booking"].c.walk_in_number.is_(None),
            **fresh_booking(token=token * 26, entry_token=token.lower() * 26, code=token * 7),
            walk_in_day=date(2026, 11, 28),
            walk_in_number=1,
        )
        for token in "PQ"
    ],
    ("booking_booking.page_id", "booking_booking.walk_in_day", "booking_booking.walk_in_number"),
)
BROKEN["uq_attendance_event_id"] = (
    lambda session, _: copy_of(
        session,
        T["attendance_event"],
        id=session.execute(select(T["attendance_event"].c.id)).scalar_one(),
        verdict="duplicate",
    ),
    ("attendance_event.id",),
)

ELSEWHERE = {
    # the ledger and the plan have their own file
    *("ck_achievement_line_volume", "uq_achievement_line_source_ref", "uq_achievement_ro_position"),
    # and so have the notices
    *("uq_notices_notice_key", "ck_notices_notice_mail_state"),
    *("ck_notices_notice_mail_next_at", "ck_notices_notice_mail_tries"),
    # the same kind of check as another one that is broken here
    *("ck_roster_busy_interval", "ck_agenda_service_event_interval", "ck_weekend_template_programme"),
    *("ck_place_area_in_working_area", "uq_place_site_name", "uq_people_sign_in_link_token_hash"),
    *("uq_weekend_template_session_starts", "uq_weekend_day_form_key"),
    "ck_roster_compensation_used_or_cancelled",
    # the people have their own file
    *("ck_people_competence_competence", "uq_people_person_email", "uq_people_person_nip"),
    *(
        "ck_people_session_means",
        "uq_people_session_challenge_hash",
        "ck_people_sign_in_link_purpose",
        "ck_people_import_state",
    ),
    *("uq_people_import_form_key", "uq_credentials_passkey_credential_hash"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_database_refuses_what_no_code_may_write(office: Office, day: Day, name: str) -> None:
    ticket = made(make_booking, day.page_code, day.sessions[0], [cast.SITI])
    made(make_tap, ticket.people[0], Stage.ARRIVED, office["officer"])
    act, columns = BROKEN[name]
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        act(session, ticket)
    assert violated(refused.value, name, *columns), str(refused.value.orig)


def test_every_named_rule_of_the_tables_is_broken_somewhere() -> None:
    named = set()
    for table in T.values():
        named |= {str(one.name) for one in table.constraints if isinstance(one, (CheckConstraint, UniqueConstraint))}
        named |= {str(one.name) for one in table.indexes if isinstance(one, Index) and one.unique}
    parts: tuple[Collection[str], ...] = (
        OF_THE_ROSTER,
        OF_FILES,
        OF_REQUESTS,
        OF_TRIPS,
        OF_BLANKS,
        OF_FLEET,
        OF_LETTERS,
    )
    others = {name for names in parts for name in names if not name.startswith("pk_")}
    assert named - ELSEWHERE - others == set(BROKEN)
    assert named >= ELSEWHERE | others, "a name that is gone"


def test_a_walk_in_without_a_number_is_seen_by_the_check(day: Day, office: Office, clock) -> None:
    clock.at("2026-11-28 08:20")
    made(make_walk_in, day.sessions[0], office["officer"])
    assert check.problems() == []
    with transaction() as session:
        session.execute(update(T["booking_booking"]).values(walk_in_number=None))
    assert [told.partition(" ")[0] for told in check.problems()] == ["walk-in"]
