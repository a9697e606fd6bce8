"""Planning a weekend day: from template to draft, published, changed, cancelled; what followers and logs are told."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from fieldops import check
from fieldops.core.agenda.models import ServiceEvent
from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff
from fieldops.core.booking.models import Applicant, Booking, BookingPage, BookingSession, Seat
from fieldops.core.booking.rules import Pool, SeatsInUse
from fieldops.core.booking.service import tickets
from fieldops.core.calendar.models import Holiday
from fieldops.core.people import service as people
from fieldops.core.people.models import Person
from fieldops.core.places.queries import OFFICE_SITE, default_site
from fieldops.core.roster.models import Busy
from fieldops.core.roster.rules import Clash
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound
from fieldops.weekend import queries, rules, service
from fieldops.weekend.models import WeekendDay
from fieldops.weekend.rules import Programme, SessionPlan, Status
from tests.make import NOW, PLANS, RELEASE, SATURDAY, STAFF, SUNDAY, Day, Office, made, make_booking, make_day

if TYPE_CHECKING:
    from uuid import UUID

    from fieldops.core.audit.rules import Actor

CHRISTMAS = date(2027, 12, 25)
"""A Saturday."""


@pytest.fixture
def planner(office: Office) -> UUID:
    return office["supervisor"]


@pytest.fixture
def actor(planner: UUID) -> Actor:
    return staff(planner)


def publish(day: Day, actor: Actor) -> None:
    made(service.publish, day.id, actor=actor, now=office_clock.now())


def cancel(day: Day, actor: Actor, reason: str = "Listrik padam") -> None:
    made(service.cancel, day.id, reason=reason, actor=actor, now=office_clock.now())


def set_seats(day: Day, actor: Actor, which: int = 0, **pools: int) -> None:
    seats = {Pool[name.upper()]: wanted for name, wanted in pools.items()}
    made(service.set_seats, day.id, day.sessions[which], seats, actor=actor, now=office_clock.now())


def row_of(day: Day | UUID) -> WeekendDay:
    with reading() as session:
        return session.get_one(WeekendDay, getattr(day, "id", day))


def event_of(day: Day) -> ServiceEvent | None:
    """What followers see."""
    with reading() as session:
        return session.scalars(
            select(ServiceEvent).where(ServiceEvent.source == "weekend", ServiceEvent.ref == str(day.id))
        ).one_or_none()


def busy(person_id: UUID) -> list[str]:
    """The days a person is promised to."""
    with reading() as session:
        return list(session.scalars(select(Busy.ref).where(Busy.holder_id == person_id).order_by(Busy.starts_at)))


def told(*actions: str) -> list[tuple[str, str, UUID | None, dict[str, Any]]]:
    """What the log says of planning, oldest first: action, object, who, detail."""
    with reading() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("weekend.%")).order_by(AuditEntry.id)
        ).all()
    return [
        (one.action, one.object_id, one.actor_id, one.detail)
        for one in entries
        if not actions or one.action.removeprefix("weekend.") in actions
    ]


def count(table: Any, *where: Any) -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


# -- from the template to a draft -------------------------------------------------------------------------------


def test_a_day_from_its_template_is_a_draft_with_the_templates_sessions_and_seats(planner, actor) -> None:
    with reading() as session:
        template = queries.template(session, Programme.PERSARI, 5)
    assert template is not None
    assert template.sessions
    day = made(make_day, planner, plans=template.sessions, release=template.release, published=False)
    row = row_of(day)
    assert (row.status, row.day, row.site_id, row.lead_id) == (Status.DRAFT, SATURDAY, OFFICE_SITE, None)
    assert (row.published_at, row.cancelled_at, row.override_reason, row.override_by) == (None, None, "", None)
    with reading() as session:
        sessions = session.scalars(
            select(BookingSession).where(BookingSession.source_ref == str(day.id)).order_by(BookingSession.starts_at)
        ).all()
        for plan, one in zip(template.sessions, sessions, strict=True):
            window = rules.window(SATURDAY, plan, template.release)
            assert (one.starts_at, one.opens_at, one.closes_at, one.rolls_at, one.day) == (
                *(window.starts_at, window.opens_at, window.closes_at, window.rolls_at),
                SATURDAY,
            )
            assert one.ends_at == office_clock.at_office(SATURDAY, plan.ends)
            assert not one.is_open, "a draft is nobody's to book"
            seats = session.execute(
                select(Seat.number, Seat.pool).where(Seat.session_id == one.id).order_by(Seat.number)
            ).all()
            pools = (
                ["umum"] * plan.seats_public + ["prioritas"] * plan.seats_priority + ["walk-in"] * plan.seats_walk_in
            )
            assert [tuple(seat) for seat in seats] == list(enumerate(pools, 1))
        page = session.scalars(select(BookingPage).where(BookingPage.id == row.page_id)).one()
        site = default_site(session)
    assert site is not None
    assert (page.source, page.scope, page.title, page.place, page.address) == (
        *("persari", "weekend:2026-11-28", "PERSARI"),
        *(site.name, site.address),
    )
    assert event_of(day) is None, "a draft is no service yet"
    expected = {"programme": "persari", "day": "2026-11-28", "sessions": len(template.sessions), "holiday": []}
    assert told() == [("weekend.create", str(day.id), planner, expected)]


def test_the_same_form_is_the_same_day_and_another_form_for_it_is_refused(planner) -> None:
    key = str(uuid4())
    day = made(make_day, planner, published=False, form_key=key)
    assert made(make_day, planner, published=False, form_key=key).id == day.id
    with pytest.raises(rules.DayExists):
        made(make_day, planner, published=False)
    made(make_day, planner, Programme.ON_SEVEN, published=False)
    assert count(WeekendDay) == 2
    assert len(told("create")) == 2


def test_a_date_whose_day_was_cancelled_can_be_planned_anew(planner, actor) -> None:
    first = made(make_day, planner)
    cancel(first, actor)
    again = made(make_day, planner)
    assert again.page_code == first.page_code, "the poster on the wall stays good"
    assert [row_of(one).status for one in (first, again)] == [Status.CANCELLED, Status.PUBLISHED]


def test_both_days_of_a_weekend_share_a_page_and_a_scope_and_two_programmes_the_scope(planner) -> None:
    sunday = made(make_day, planner, Programme.ON_SEVEN, SUNDAY)
    saturday = made(make_day, planner, Programme.ON_SEVEN)
    other = made(make_day, planner)
    assert saturday.page_code == sunday.page_code != other.page_code
    with reading() as session:
        assert set(session.scalars(select(BookingPage.scope))) == {"weekend:2026-11-28"}


@pytest.mark.parametrize(
    ("options", "refusal", "said"),
    [
        ({"day": SUNDAY}, rules.WrongDay, "PERSARI hanya berjalan pada hari Sabtu."),
        ({"day": SATURDAY - timedelta(weeks=1)}, rules.DayOver, "Tanggal ini sudah lewat."),
        ({"plans": []}, rules.WrongSessions, "Isi paling sedikit satu sesi."),
        ({"plans": [PLANS[0], PLANS[0]]}, rules.WrongSessions, "bertumpuk"),
    ],
)
def test_a_day_that_cannot_be_leaves_nothing_behind(planner, options, refusal, said) -> None:
    with pytest.raises(refusal) as refused:
        made(make_day, planner, **options)
    assert said in refused.value.sentence
    assert [count(table) for table in (WeekendDay, BookingPage, BookingSession, Seat)] == [0, 0, 0, 0]
    assert told() == []


def test_an_unknown_place_is_refused(planner, actor) -> None:
    with pytest.raises(NotFound), transaction() as session:
        service.create_day(
            session,
            programme=Programme.PERSARI,
            day=SATURDAY,
            site_id=uuid4(),
            lead_id=None,
            release=RELEASE,
            plans=list(PLANS),
            override_reason="",
            form_key=str(uuid4()),
            actor=actor,
            now=NOW,
        )
    assert count(WeekendDay) == 0


# -- holidays ---------------------------------------------------------------------------------------------------


@pytest.fixture
def holidays(office: Office) -> list[str]:
    """Christmas 2027 is a Saturday with two reasons to be closed."""

    def add(session) -> list[str]:
        for name, kind in (("Hari Raya Natal", "nasional"), ("Libur kantor", "kantor")):
            session.merge(Holiday(day=CHRISTMAS, name=name, kind=kind, source="the test"))
        session.flush()
        return list(session.scalars(select(Holiday.name).where(Holiday.day == CHRISTMAS).order_by(Holiday.name)))

    return made(add)


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_holiday_is_closed_unless_there_is_a_reason(planner, holidays, reason) -> None:
    with pytest.raises(rules.HolidayClosed) as refused:
        made(make_day, planner, day=CHRISTMAS, override_reason=reason)
    assert ", ".join(holidays) in refused.value.sentence
    assert refused.value.field == "override_reason"
    assert count(WeekendDay) == 0
    assert told() == []


def test_a_holiday_opens_under_the_name_of_whoever_gives_the_reason(planner, office, holidays) -> None:
    day = made(make_day, planner, day=CHRISTMAS, override_reason="  Permintaan warga  ")
    with reading() as session:
        shown = queries.day(session, day.id)
    assert shown is not None
    assert (shown.override_reason, shown.override_by) == ("Permintaan warga", STAFF["supervisor"])
    assert row_of(day).override_by == planner
    (created,) = told("create")
    assert created[2] == planner
    assert created[3]["holiday"] == holidays


def test_a_reason_on_a_working_day_overrides_nothing_and_is_not_kept(planner) -> None:
    row = row_of(made(make_day, planner, override_reason="Permintaan warga"))
    assert (row.override_reason, row.override_by) == ("", None)


# -- published --------------------------------------------------------------------------------------------------


def test_publishing_opens_the_sessions_and_tells_the_agenda_once(planner, actor, office, clock) -> None:
    day = made(make_day, planner, published=False, lead_id=office["officer"])
    for _ in range(2):
        publish(day, actor)
        clock.forward(minutes=5)
    assert (row_of(day).status, row_of(day).published_at) == (Status.PUBLISHED, NOW)
    with reading() as session:
        assert all(session.scalars(select(BookingSession.is_open)))
        site = default_site(session)
    assert site is not None
    event = event_of(day)
    assert event is not None
    assert (event.title, event.place, event.area_code) == ("PERSARI, layanan paspor", site.name, site.area_code)
    assert event.starts_at == office_clock.at_office(SATURDAY, time(8))
    assert event.ends_at == office_clock.at_office(SATURDAY, time(11))
    assert (event.people_expected, event.status, event.revision, event.changed_at) == (10, "planned", 1, NOW)
    assert busy(office["officer"]) == [str(day.id)]
    assert told("publish") == [("weekend.publish", str(day.id), planner, {})]


def test_the_revision_rises_with_each_change_that_followers_care_about(planner, actor, clock) -> None:
    day = made(make_day, planner)

    def revision() -> tuple[int, int, str]:
        clock.forward(minutes=1)
        event = event_of(day)
        assert event is not None
        return event.revision, event.people_expected, event.status

    assert revision() == (1, 10, "planned")
    set_seats(day, actor, public=5)
    assert revision() == (2, 12, "planned")
    changed_at = event_of(day).changed_at
    set_seats(day, actor, public=5)
    set_seats(day, actor, public=4, walk_in=2)  # as many people as before
    assert revision() == (2, 12, "planned")
    assert event_of(day).changed_at == changed_at
    set_seats(day, actor, which=1, priority=0)
    assert revision() == (3, 11, "planned")
    cancel(day, actor)
    assert revision() == (4, 11, "cancelled")
    cancel(day, actor)
    assert revision() == (4, 11, "cancelled")
    assert count(ServiceEvent) == 1


def test_seats_of_a_draft_change_without_telling_anybody(planner, actor, office) -> None:
    day = made(make_day, planner, published=False, lead_id=office["officer"])
    set_seats(day, actor, public=9)
    assert event_of(day) is None
    assert busy(office["officer"]) == []
    publish(day, actor)
    assert (event_of(day).people_expected, event_of(day).revision) == (16, 1)


def test_a_day_that_is_over_cancelled_or_unknown_is_not_published(planner, actor, clock) -> None:
    day = made(make_day, planner, published=False)
    clock.at("2026-11-29 00:01")
    with pytest.raises(rules.DayOver):
        publish(day, actor)
    cancel(day, actor)
    with pytest.raises(rules.NotDraft):
        publish(day, actor)
    with pytest.raises(NotFound):
        made(service.publish, uuid4(), actor=actor, now=NOW)
    assert event_of(day) is None
    assert told("publish") == []


# -- the lead ---------------------------------------------------------------------------------------------------


def test_a_clash_of_the_lead_is_refused_and_says_who_is_where_and_when(planner, actor, office) -> None:
    lead = office["officer"]
    first = made(make_day, planner, lead_id=lead)
    second = made(make_day, planner, Programme.ON_SEVEN, lead_id=lead, published=False)
    with pytest.raises(Clash) as refused:
        publish(second, actor)
    assert refused.value.sentence.startswith(
        f"{STAFF['officer']} sudah bertugas: PERSARI, layanan paspor, Sabtu, 28 November 2026, 08.00–11.00 WITA."
    )
    assert row_of(second).status == Status.DRAFT
    assert event_of(second) is None
    with reading() as session:
        opened = session.scalars(select(BookingSession.is_open).where(BookingSession.source_ref == str(second.id)))
        assert not any(opened)
    assert busy(lead) == [str(first.id)]
    assert len(told("publish")) == 1
    # When the other duty is gone, it can be.
    cancel(first, actor)
    publish(second, actor)
    assert busy(lead) == [str(second.id)]


def test_duties_back_to_back_and_on_two_days_are_no_clash(planner, office) -> None:
    lead = office["officer"]
    early, late = [SessionPlan(time(6), time(8), 3, 0, 0)], [SessionPlan(time(8), time(12), 3, 0, 0)]
    for week, plans in enumerate(((early, late), (late, early))):
        saturday = SATURDAY + timedelta(weeks=week)
        days = [
            made(make_day, planner, programme, saturday, plans=plan, lead_id=lead)
            for programme, plan in zip(Programme, plans, strict=True)
        ]
        days.append(made(make_day, planner, Programme.ON_SEVEN, saturday + timedelta(days=1), lead_id=lead))
        assert set(busy(lead)) >= {str(day.id) for day in days}


def test_a_session_more_or_less_for_a_minute_is_a_clash(planner, office) -> None:
    lead = office["officer"]
    made(make_day, planner, lead_id=lead)
    overlapping = [SessionPlan(time(10, 59), time(12), 3, 0, 0)]
    with pytest.raises(Clash):
        made(make_day, planner, Programme.ON_SEVEN, plans=overlapping, lead_id=lead)
    made(make_day, planner, Programme.ON_SEVEN, plans=overlapping, lead_id=office.other_officer)


def test_only_an_active_member_of_staff_can_lead(office) -> None:
    gone = made(people.add_person, name="Dulu Petugas", role="officer", section="", now=NOW)

    def switch_off(session) -> None:
        session.get_one(Person, gone).is_active = False

    made(switch_off)
    assert made(service.check_lead, office["officer"]) == office["officer"]
    assert [made(service.check_lead, one) for one in (None, uuid4(), gone)] == [None, None, None]


# -- seats ------------------------------------------------------------------------------------------------------


def seats(day: Day, pool: Pool = Pool.PUBLIC, which: int = 0) -> dict[int, UUID | None]:
    """Number and owner of each seat of a pool."""
    with reading() as session:
        rows = session.execute(
            select(Seat.number, Seat.applicant_id)
            .where(Seat.session_id == day.sessions[which], Seat.pool == pool)
            .order_by(Seat.number)
        )
        return {row.number: row.applicant_id for row in rows}


def test_more_seats_get_new_numbers_and_touch_no_other_pool_or_session(planner, actor) -> None:
    day = made(make_day, planner)
    set_seats(day, actor, public=5)
    assert list(seats(day)) == [1, 2, 3, 6, 7]
    assert list(seats(day, Pool.PRIORITY)) == [4]
    assert list(seats(day, Pool.WALK_IN)) == [5]
    assert len(seats(day, which=1)) == 3
    assert told("seats") == [("weekend.seats", str(day.sessions[0]), planner, {"after": {"umum": 5}})]


def test_fewer_seats_are_taken_from_the_free_ones_only(planner, actor) -> None:
    day = made(make_day, planner)
    gone, stays, held = (
        made(make_booking, day.page_code, day.sessions[0], confirmed=confirmed) for confirmed in (True, True, False)
    )
    made(tickets.cancel, gone.token, now=NOW)
    assert seats(day) == {1: None, 2: stays.people[0], 3: held.people[0]}
    set_seats(day, actor, public=6)
    set_seats(day, actor, public=2)
    assert seats(day) == {2: stays.people[0], 3: held.people[0]}
    with pytest.raises(SeatsInUse) as refused:
        set_seats(day, actor, public=1, priority=9)
    assert "Sudah ada 2 kursi umum yang terisi." in refused.value.sentence
    assert (len(seats(day)), len(seats(day, Pool.PRIORITY))) == (2, 1), "all or nothing"
    assert event_of(day).people_expected == 9
    assert len(told("seats")) == 2
    assert check.problems() == []


def test_all_free_seats_can_go(planner, actor) -> None:
    day = made(make_day, planner)
    set_seats(day, actor, public=0, priority=0, walk_in=0)
    assert [seats(day, pool) for pool in (Pool.PUBLIC, Pool.PRIORITY, Pool.WALK_IN)] == [{}, {}, {}]
    set_seats(day, actor, public=1)
    assert list(seats(day)) == [1]


def test_seats_of_a_foreign_session_and_of_a_cancelled_day_stay(planner, actor) -> None:
    day = made(make_day, planner)
    other = made(make_day, planner, Programme.ON_SEVEN)
    with pytest.raises(NotFound):
        made(service.set_seats, day.id, other.sessions[0], {Pool.PUBLIC: 9}, actor=actor, now=NOW)
    cancel(day, actor)
    with pytest.raises(rules.NotDraft):
        set_seats(day, actor, public=9)
    assert (len(seats(day)), len(seats(other))) == (3, 3)
    assert told("seats") == []


# -- cancelled --------------------------------------------------------------------------------------------------


def test_cancelling_frees_the_lead_closes_the_sessions_and_keeps_the_bookings(planner, actor, office, clock) -> None:
    lead = office["officer"]
    day = made(make_day, planner, lead_id=lead)
    other = made(make_day, planner, Programme.ON_SEVEN, SUNDAY, lead_id=lead)
    ticket = made(make_booking, day.page_code, day.sessions[0], 2)
    clock.forward(hours=1)
    for _ in range(2):
        cancel(day, actor, "  Listrik padam ")
        clock.forward(hours=1)
    row = row_of(day)
    assert (row.status, row.cancel_reason) == (Status.CANCELLED, "Listrik padam")
    assert row.cancelled_at == NOW + timedelta(hours=1)
    with reading() as session:
        sessions = session.execute(
            select(BookingSession.is_open, BookingSession.closed_reason, BookingSession.source_ref)
        ).all()
        live = session.scalars(select(Applicant.is_live).where(Applicant.booking_id == ticket.id)).all()
        assert session.get_one(Booking, ticket.id).state == "booked"
    assert {tuple(one) for one in sessions} == {(False, "Listrik padam", str(day.id)), (True, "", str(other.id))}
    assert list(live) == [True, True]
    assert busy(lead) == [str(other.id)]
    assert (event_of(day).status, event_of(other).status) == ("cancelled", "planned")
    assert told("cancel") == [("weekend.cancel", str(day.id), planner, {"before": "published"})]
    assert check.problems() == []


def test_a_cancelled_draft_tells_the_public_nothing(planner, actor) -> None:
    day = made(make_day, planner, published=False)
    cancel(day, actor, "Salah tanggal")
    assert row_of(day).cancel_reason == "Salah tanggal"
    with reading() as session:
        assert set(session.scalars(select(BookingSession.closed_reason))) == {""}
    assert event_of(day) is None
    assert told("cancel") == [("weekend.cancel", str(day.id), planner, {"before": "draft"})]


def test_cancelling_needs_a_reason_and_a_day(planner, actor, office) -> None:
    day = made(make_day, planner, lead_id=office["officer"])
    for nothing in ("", "  ", "\r\n"):
        with pytest.raises(rules.NeedReason):
            cancel(day, actor, nothing)
    with pytest.raises(NotFound):
        made(service.cancel, uuid4(), reason="Listrik padam", actor=actor, now=NOW)
    assert row_of(day).status == Status.PUBLISHED
    assert busy(office["officer"]) == [str(day.id)]
    assert told("cancel") == []


def test_a_reason_fits_where_it_is_kept(planner, actor, holidays) -> None:
    """PostgreSQL takes neither a text longer than its column nor a zero byte."""
    day = made(make_day, planner, day=CHRISTMAS, override_reason="\x00Permintaan\nwarga" + "!" * 183)
    assert row_of(day).override_reason == "Permintaan warga" + "!" * 183
    with pytest.raises(rules.LongReason) as refused:
        made(make_day, planner, Programme.ON_SEVEN, CHRISTMAS, override_reason="x" * 201)
    assert refused.value.field == "override_reason"
    with pytest.raises(rules.LongReason) as refused:
        cancel(day, actor, "x" * 201)
    assert refused.value.field == "reason"
    cancel(day, actor, "\x00" + "x" * 200)
    assert row_of(day).cancel_reason == "x" * 200
