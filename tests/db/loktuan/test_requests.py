"""Requests in the database: one form is one request, one answer, and what is erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.booking.rules import read_code
from fieldops.core.booking.service import pages
from fieldops.core.files.models import StoredFile
from fieldops.core.files.rules import LETTERS, Upload
from fieldops.core.notices.models import Notice
from fieldops.core.people.rules import GRANTS, Role
from fieldops.core.places.models import Site
from fieldops.kit import clock as office_clock
from fieldops.kit import keys
from fieldops.kit.db import reading, transaction, violated
from fieldops.kit.errors import NotFound
from fieldops.loktuan.models import Trip, TripRequest
from fieldops.loktuan.requests import queries, rules, service
from fieldops.loktuan.requests.rules import State
from tests import cast
from tests.make import NOW, Office, made, make_request

LETTER = Upload("surat.pdf", b"%PDF-1.4\n%%EOF\n", LETTERS)


def kept() -> TripRequest:
    with reading() as session:
        return session.scalars(select(TripRequest)).one()


def decide(office: Office, request_id: Any, wanted: State, reason: str = "") -> None:
    actor = staff(office["tu"])
    made(service.decide, request_id, wanted, reason=reason, actor=actor, now=office_clock.now())


def test_a_request_has_a_code_a_link_and_a_sealed_number(office: Office) -> None:
    asked = made(make_request, letter=LETTER)
    row = kept()
    assert read_code(row.code) == row.code
    assert (row.token, row.state, row.contact_phone_last4) == (asked.token, "new", "0003")
    assert keys.unseal(row.contact_phone_sealed or b"", str(row.id)) == cast.phone(3)
    with reading() as session:
        assert (
            queries.by_code(session, row.code) == queries.by_token(session, row.token) == queries.one(session, row.id)
        )
        assert session.scalars(select(StoredFile.ref)).all() == [str(row.id)]


def test_the_same_form_is_one_request_and_other_content_under_its_key_is_told(office: Office) -> None:
    key = str(uuid4())
    first = made(make_request, form_key=key)
    assert made(make_request, form_key=key) == first
    with pytest.raises(rules.KeyReused):
        made(make_request, form_key=key, people=41)
    assert kept().people == 40


def test_whoever_may_decide_is_told_once_and_nothing_of_the_public(office: Office) -> None:
    key = str(uuid4())
    for _ in range(2):
        made(make_request, form_key=key)
    with reading() as session:
        told = session.execute(select(Notice.person_id, Notice.body, Notice.link)).all()
    assert {row.person_id for row in told} == {office[role] for role in Role if "request.decide" in GRANTS[role]}
    assert len(told) == 3
    assert "Kecamatan Kaliorang, sekitar 40 orang" in told[0].body
    assert cast.NURAINI.name not in told[0].body
    assert told[0].link == f"/loktuan/requests/{kept().id}"


@pytest.mark.parametrize("area", ["64.08", "64.74.01.1001", "99"])
def test_only_a_kecamatan_can_be_asked_for(office: Office, area: str) -> None:
    with pytest.raises(rules.WrongArea):
        made(make_request, area_code=area)


def test_one_answer_stands_and_the_same_again_changes_nothing(office: Office) -> None:
    asked = made(make_request)
    with pytest.raises(rules.NeedReason):
        decide(office, asked.id, State.DECLINED, " . ")
    decide(office, asked.id, State.ACCEPTED, "Kami  kabari")
    decide(office, asked.id, State.ACCEPTED, "lain")
    with pytest.raises(rules.Decided):
        decide(office, asked.id, State.DECLINED, "Penuh")
    row = kept()
    assert (row.state, row.decision_note, row.decided_by) == ("accepted", "Kami kabari", office["tu"])
    with pytest.raises(NotFound):
        decide(office, uuid4(), State.ACCEPTED)


def test_withdrawing_an_accepted_request_tells_the_office_and_a_declined_one_stays(office: Office) -> None:
    one, two = made(make_request), made(make_request)
    decide(office, one.id, State.ACCEPTED)
    decide(office, two.id, State.DECLINED, "Penuh")
    for _ in range(2):
        made(service.withdraw, one.id, now=office_clock.now())
    with pytest.raises(rules.NoLongerOpen):
        made(service.withdraw, two.id, now=office_clock.now())
    with pytest.raises(rules.NoLongerOpen):
        made(service.attach, one.id, LETTER, now=office_clock.now())
    with reading() as session:
        assert len(session.scalars(select(Notice.id).where(Notice.kind == "request.withdrawn")).all()) == 3


def test_reading_the_contact_leaves_a_line_without_a_name(office: Office) -> None:
    asked = made(make_request)
    found = made(service.read_contact, asked.id, actor=staff(office["tu"]), now=office_clock.now())
    assert (found.name, found.names) == (cast.NURAINI.name, (cast.SITI.name, cast.BUDI.name))
    with reading() as session:
        line = session.scalars(select(AuditEntry).where(AuditEntry.action == "request.read")).one()
    assert (line.actor_id, line.object_id, line.detail) == (office["tu"], str(asked.id), {"names": 2})


def test_a_letter_that_comes_later_is_told_and_reading_it_leaves_a_line(office: Office) -> None:
    asked = made(make_request)
    sent = (LETTER, LETTER, replace(LETTER, data=LETTER.data + b"%"))  # two taps on one letter, and another one
    letters = [made(service.attach, asked.id, one, now=office_clock.now()) for one in sent]
    with reading() as session:
        told = session.execute(select(Notice.person_id, Notice.body).where(Notice.kind == "request.letter")).all()
    assert {row.person_id for row in told} == {office[role] for role in Role if "request.decide" in GRANTS[role]}
    assert len(told) == 2 * 3
    assert cast.NURAINI.name not in told[0].body
    found = made(service.read_letter, asked.id, letters[0], actor=staff(office["tu"]), now=office_clock.now())
    assert found.content == LETTER.data
    with reading() as session:
        line = session.scalars(select(AuditEntry).where(AuditEntry.action == "request.read_letter")).one()
    assert (line.actor_id, line.object_id, line.detail) == (office["tu"], str(asked.id), {"file": str(letters[0])})


def test_contact_names_and_letters_are_erased_and_counts_stay(office: Office, clock: Any) -> None:
    old, other = made(make_request, letter=LETTER), made(make_request, wanted_to=date(2027, 3, 1))
    clock.forward(days=106)  # 90 days after 11 December are over on 12 March
    assert made(service.erase_old, now=office_clock.now(), days=90) == 0
    clock.forward(days=1)
    assert made(service.erase_old, now=office_clock.now(), days=90) == 1
    assert made(service.erase_old, now=office_clock.now(), days=90) == 0
    with reading() as session:
        rows = {row.id: row for row in session.scalars(select(TripRequest))}
        assert session.scalars(select(StoredFile.id)).all() == []
    gone, stays = rows[old.id], rows[other.id]
    assert (gone.contact_name, gone.contact_phone_sealed, gone.contact_phone_hash) == ("(dihapus)", None, None)
    assert (gone.contact_phone_last4, gone.names, gone.people, gone.place) == ("", [], 40, stays.place)
    assert stays.contact_name == cast.NURAINI.name


def test_the_list_shows_who_waits_first(office: Office, clock: Any) -> None:
    first = made(make_request)
    clock.forward(minutes=1)
    second = made(make_request)
    clock.forward(minutes=1)
    third = made(make_request)
    decide(office, second.id, State.ACCEPTED)
    with reading() as session:
        found = queries.listing(session)
        accepted = queries.listing(session, State.ACCEPTED)
    assert [row.id for row in found.rows] == [third.id, first.id, second.id]
    assert found.counts == {State.NEW: 2, State.ACCEPTED: 1}
    assert [row.id for row in accepted.rows] == [second.id]


def make_trip(session: Any, planner: Any, departs: str, status: str, **changes: Any) -> Trip:
    """A trip as the planner will leave it, written straight into the tables."""
    site_id = session.scalar(select(Site.id).where(Site.area_code == "64.08.10"))
    if site_id is None:
        site_id = uuid4()
        values = {"id": site_id, "name": "Aula", "address": "Jalan", "area_code": "64.08.10"}
        session.execute(insert(Site).values(**values))
    ref = str(uuid4())
    about = {"scope": f"loktuan:{ref[:8]}", "title": "LOKTUAN Kaliorang", "place": "Aula", "address": "Jalan"}
    page_id = pages.open_page(session, source="loktuan", ref=ref, **about)
    starts = office_clock.at_office(date.fromisoformat(departs), NOW.time())
    values = {"id": uuid4(), "site_id": site_id, "page_id": page_id, "departs_at": starts, "status": status}
    values |= {"returns_at": starts + timedelta(hours=9), "collective_token": keys.token(), "form_key": ref}
    values |= {"published_at": NOW} if status == "published" else {}
    trip = Trip(**values | {"made_by": planner, "made_at": NOW} | changes)
    session.add(trip)
    session.flush()
    return trip


def test_the_rhythm_counts_the_office_s_month_and_knows_the_last_trip(office: Office) -> None:
    with reading() as session:
        assert queries.rhythms(session, ["64.08.10"], now=NOW) == {"64.08.10": rules.Rhythm()}
        assert queries.rhythms(session, [], now=NOW) == {}
    trips = [("2026-10-31", "closed"), ("2026-11-02", "closed"), ("2026-11-30", "approved")]
    trips += [("2026-11-10", "cancelled"), ("2026-11-11", "draft"), ("2026-12-01", "published")]
    for departs, status in trips:
        made(make_trip, office["tu"], departs, status)
    with reading() as session:
        found = queries.rhythms(session, ["64.08.10", "64.08.04"], now=NOW)
    assert found == {"64.08.10": rules.Rhythm(2, date(2026, 11, 2)), "64.08.04": rules.Rhythm()}
    for month, number, said in ((date(2026, 11, 30), 2, None), (date(2026, 12, 24), 1, date(2026, 12, 24))):
        with reading() as session:
            found = queries.rhythms(session, ["64.08.10"], now=NOW, month=month)
        assert found == {"64.08.10": rules.Rhythm(number, date(2026, 11, 2), said)}


def told(request_id: Any) -> tuple[str, str] | None:
    with reading() as session:
        found = queries.told_trip(session, request_id)
    return (found.collective_token, found.state) if found else None


def test_the_contact_sees_the_trip_once_it_is_published_and_what_became_of_it(office: Office) -> None:
    asked = made(make_request)
    planned = made(make_trip, office["tu"], "2026-12-08", "approved", request_id=asked.id)
    assert told(asked.id) is None
    trip = made(make_trip, office["tu"], "2026-12-09", "published", request_id=asked.id)
    states = ("published", "closed", "cancelled", "postponed", "draft", "submitted", "approved")
    seen = []
    for status in states:
        with transaction() as session:
            session.execute(update(Trip).where(Trip.id == trip.id).values(status=status))
        seen.append(told(asked.id))
    anew = ["postponed"] * 4
    assert seen == [(trip.collective_token, one) for one in ("published", "closed", "cancelled", *anew)]
    with transaction() as session:
        values = {"status": "published", "published_at": NOW}
        session.execute(update(Trip).where(Trip.id == planned.id).values(**values))
    assert told(asked.id) == (planned.collective_token, "published")


def row(**changes: Any) -> dict[str, Any]:
    values = {"code": "AAAAAAA", "token": "A" * 26, "applicant_kind": "company", "organisation": "PT", "place": "x"}
    values |= {"contact_name": "x", "area_code": "64.08.10", "address": "x", "people": 30, "names": [], "state": "new"}
    values |= {"wanted_from": date(2026, 12, 1), "wanted_to": date(2026, 12, 1), "form_key": "k", "made_at": NOW}
    return values | {"id": uuid4()} | changes


FRESH = {"code": "BBBBBBB", "token": "B" * 26, "form_key": "l"}
BROKEN: dict[str, dict[str, Any]] = {
    "ck_loktuan_request_applicant_kind": FRESH | {"applicant_kind": "person"},
    "ck_loktuan_request_state": FRESH | {"state": "maybe"},
    "ck_loktuan_request_wanted": FRESH | {"wanted_to": date(2026, 11, 30)},
    "ck_loktuan_request_people": FRESH | {"people": 0},
    "uq_loktuan_request_code": FRESH | {"code": "AAAAAAA"},
    "uq_loktuan_request_token": FRESH | {"token": "A" * 26},
    "uq_loktuan_request_form_key": FRESH | {"form_key": "k"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_no_code_may_write(office: Office, name: str) -> None:
    made(lambda session: session.execute(insert(TripRequest), [row()]))
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.execute(insert(TripRequest), [row(**BROKEN[name])])
    column = f"loktuan_request.{name.removeprefix('uq_loktuan_request_')}"
    assert violated(refused.value, name, *([column] if name.startswith("uq_") else [])), str(refused.value.orig)
