"""A believable office for looking around: invented people, real rules. All but the people of past weekends goes
through the same services as real use, so a demonstration is also a rehearsal. Every page then says that the data is
invented."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select

from fieldops.core.audit.rules import SYSTEM, staff
from fieldops.core.booking import rules as booking
from fieldops.core.booking.models import BookingPage, BookingSession
from fieldops.core.booking.rules import Pool
from fieldops.core.booking.service import holds, tickets
from fieldops.core.booking.service.holds import PersonIn, Wish
from fieldops.core.notices import service as notices
from fieldops.core.office.models import OfficeFact
from fieldops.core.office.queries import DEMO
from fieldops.core.people import service as people
from fieldops.core.people.models import Person, PersonCompetence
from fieldops.core.places.queries import OFFICE_SITE
from fieldops.core.roster.posts.queries import posts_between
from fieldops.core.roster.posts.service import closing, publishing
from fieldops.core.roster.rules import Duty, Outcome
from fieldops.core.roster.rules.posting import Closing
from fieldops.demo import blanks, fleet, requests, trips
from fieldops.demo.history import Hands, Past
from fieldops.kit import clock, db
from fieldops.kit.errors import Refusal
from fieldops.weekend import rules as weekend
from fieldops.weekend import service
from fieldops.weekend.rules import Programme, Release, SessionPlan
from fieldops.weekend.shifts import queries as shift_queries
from fieldops.weekend.shifts import service as shift_service
from fieldops.weekend.shifts.rules import ShiftNeed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from fieldops.settings import Settings

# Invented names; any likeness is chance.
_STAFF = (
    ("Rina Wulandari", "supervisor", "Verdokim", ()),
    ("Bayu Pratama", "supervisor", "TI Inteldakim", ("intelligence", "ppns")),
    ("Dewi Lestari", "officer", "Verdokim", ("lead", "verification", "interview", "biometrics")),
    ("Ahmad Fauzi", "officer", "Verdokim", ("lead", "verification", "driver")),
    ("Suharto", "officer", "Verdokim", ("verification",)),
    ("Nur'aini Kusuma", "officer", "TI Inteldakim", ("intelligence",)),
    ("Lutfi Ramadhan", "officer", "TI Inteldakim", ("intelligence", "driver")),
    ("Maria Tandi", "officer", "TI Inteldakim", ("intelligence", "ppns")),
    ("Hendra Wijaya", "officer", "TI Inteldakim", ("intelligence", "interview", "biometrics")),
    ("Putri Anggraini", "officer", "Verdokim", ("interview", "biometrics")),
    ("Yohanes Bala", "officer", "Verdokim", ("verification", "interview", "biometrics")),
    ("Siska Amelia", "officer", "Verdokim", ("interview", "biometrics")),
    ("Rahmat Hidayat", "officer", "Verdokim", ("verification", "driver")),
    ("Indah Permata", "officer", "Verdokim", ("verification", "interview", "biometrics")),
    ("Fajar Nugroho", "officer", "Tata Usaha", ()),
    ("Grace Simanjuntak", "supervisor", "Lalintalkim", ("verification",)),
    ("Irwan Saputra", "officer", "Verdokim", ("verification", "interview", "biometrics")),
    ("Kartika Sari", "officer", "Verdokim", ("verification",)),
    ("Nanang Syahputra", "officer", "TI Inteldakim", ("intelligence", "verification")),
    ("Oktavia Halimah", "officer", "Lalintalkim", ("interview", "biometrics")),
    ("Teguh Santoso", "officer", "TI Inteldakim", ("intelligence", "driver")),
    ("Vina Maharani", "officer", "Tata Usaha", ()),
    ("Yusuf Mansyur", "tu", "Tata Usaha", ()),
    ("Sri Handayani", "head", "Pimpinan", ()),
    ("Agus Setiawan", "admin", "Tata Usaha", ()),
)
_FIRST = [
    "Siti",
    "Budi",
    "Andi",
    "Rahmat",
    "Dewi",
    "Putri",
    "Agus",
    "Joko",
    "Fitri",
    "Hendra",
    "Maya",
    "Rizky",
    "Nurul",
    "Eko",
    "Ratna",
    "Yusuf",
    "Aisyah",
    "Dian",
    "Fajar",
    "Lina",
    "Ilham",
    "Wati",
    "Bambang",
    "Sari",
    "Hasan",
    "Mega",
    "Irfan",
    "Tuti",
    "Galih",
    "Rosa",
]
_LAST = [
    "Nurhaliza",
    "Santoso",
    "Wijaya",
    "Saputra",
    "Lestari",
    "Rahmawati",
    "Hidayat",
    "Pratiwi",
    "Kurniawan",
    "Syahputra",
    "Anggraini",
    "Setiawan",
    "Utami",
    "Ramadhan",
    "Maharani",
    "Firmansyah",
    "Halimah",
    "Nugroho",
    "Permata",
    "Siregar",
]
_RARE = ("Suharto", "Nur'aini", "Muhammad Rizky Al-Farizi Wibisono Kusumadewi bin Abdurrahman Wahid Notonegoro", "Sri")

RELEASES = {
    Programme.PERSARI: Release(5, time(8), 2, 12),
    Programme.ON_SEVEN: Release(5, time(8), 2, 12),
}
PLANS = {
    (Programme.PERSARI, weekend.SATURDAY): [
        SessionPlan(time(8), time(9, 30), 18, 3, 3),
        SessionPlan(time(9, 30), time(11), 18, 3, 3),
    ],
    (Programme.ON_SEVEN, weekend.SATURDAY): [
        SessionPlan(time(13), time(14, 30), 13, 3, 2),
        SessionPlan(time(14, 30), time(16), 13, 3, 2),
    ],
    (Programme.ON_SEVEN, weekend.SUNDAY): [
        SessionPlan(time(8), time(9, 30), 13, 3, 2),
        SessionPlan(time(9, 30), time(11), 13, 3, 2),
    ],
}


_CREW = {Duty.SUPERVISOR: 1, Duty.VERIFICATION: 2, Duty.INTERVIEW: 2, Duty.QUEUE: 1, Duty.SIGERAK: 2}
_SMALL = {Duty.SUPERVISOR: 1, Duty.VERIFICATION: 1, Duty.INTERVIEW: 1, Duty.QUEUE: 1, Duty.SIGERAK: 2}
NEEDS = {
    (Programme.PERSARI, weekend.SATURDAY): [ShiftNeed(time(7, 30), time(11, 30), _CREW)],
    (Programme.ON_SEVEN, weekend.SATURDAY): [ShiftNeed(time(12, 30), time(16, 30), _SMALL)],
    (Programme.ON_SEVEN, weekend.SUNDAY): [ShiftNeed(time(7, 30), time(11, 30), _SMALL)],
}


def _email(name: str) -> str:
    """An address that no letter reaches (RFC 2606)."""
    return f"{name.lower().replace(' ', '.').replace(chr(39), '')}@contoh.example"


def set_templates(session: Session, *, now: datetime) -> None:
    """The weekly templates and needs that a new office starts with (plausible sizes from similar offices).

    What the office has changed since stays.
    """
    for (programme, weekday), plans in PLANS.items():
        service.set_template(session, programme, weekday, RELEASES[programme], plans)
    known = shift_queries.needs(session)
    for (programme, weekday), shifts in NEEDS.items():
        if (programme, weekday) not in known:
            shift_service.set_needs(session, programme, weekday, shifts, actor=SYSTEM, now=now)


def is_empty(session: Session) -> bool:
    """Whether nobody works here yet."""
    return session.execute(select(func.count()).select_from(Person)).scalar_one() == 0


def fill(
    *,
    now: datetime,
    weeks_back: int = 8,
    weeks_ahead: int = 3,
    whole_year: bool = True,
    settings: Settings | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Fill an empty, seeded database: staff, past weekends with arrivals and issued passports, coming ones.

    `weeks_back` past weekends have a roster; with `whole_year` those before them since January have their people.
    Letters need `settings`, for what stands at their head.
    Refuses a database where somebody works already. The same `now` gives the same office, ids apart.
    """
    chance = random.Random(4)  # noqa: S311 (invented people, not secrets)
    with db.transaction() as session:
        if not is_empty(session):
            raise SystemExit("This database is in use: the demonstration office needs an empty one.")
        session.execute(insert(OfficeFact).values(name=DEMO, value=now.isoformat()))
        set_templates(session, now=now)
        crew = {
            name: people.add_person(session, name=name, role=role, section=section, email=_email(name), now=now)
            for name, role, section, _ in _STAFF
        }
        requests.fill(session, crew["Yusuf Mansyur"], now=now)
        learned = [(crew[name], competence) for name, _, _, skills in _STAFF for competence in skills]
        session.execute(
            insert(PersonCompetence), [{"person_id": who, "competence": competence} for who, competence in learned]
        )
    today = clock.office_day(now)
    first = weekend.saturday_of(today + timedelta(days=7 - today.weekday())) - timedelta(weeks=weeks_back + 1)
    say(f"Filling a demonstration office: {weeks_back} past weekends, {weeks_ahead} coming ones ...")
    saturdays = [first + timedelta(weeks=week) for week in range(weeks_back + weeks_ahead + 1)]
    hands = Hands([crew["Dewi Lestari"], crew["Ahmad Fauzi"], crew["Suharto"]], crew["Yusuf Mansyur"])
    past = Past(chance, lambda: _person(chance), hands, now)
    january = date(today.year, 1, 1)
    earlier = (first - timedelta(weeks=week) for week in range(1, 54)) if whole_year else ()
    for saturday in [*reversed([day for day in earlier if day >= january]), *saturdays]:
        for programme, weekday in PLANS:
            day = saturday + timedelta(days=weekday - weekend.SATURDAY)
            _day(chance, crew, programme, day, past, now=now)
    with db.transaction() as session:
        long_ago = clock.at_office(first - timedelta(days=1), time(9))
        shift_service.prepare(session, first, len(saturdays), actor=staff(crew["Rina Wulandari"]), now=long_ago)
    for saturday in saturdays:
        _roster(chance, crew, saturday, now=now, published=saturday != saturdays[-1])
    with db.transaction() as session:
        fleet.fill(session, crew["Rina Wulandari"], now=now)
        blanks.fill(session, crew["Yusuf Mansyur"], now=now)
    with db.transaction() as session:
        who = trips.Planners(crew["Rina Wulandari"], crew["Sri Handayani"])
        trips.fill_past(session, who, lambda: _person(chance), now=now, settings=settings)
        trips.fill(session, who, now=now)
    with db.transaction() as session:
        notices.drop_mail(session)  # what was told in the past is in the inboxes; nobody is written to
    say("The demonstration office is ready.")


def _day(
    chance: random.Random, crew: dict[str, UUID], programme: Programme, day: date, past: Past, *, now: datetime
) -> None:
    planner = staff(crew["Rina Wulandari"])
    planned_at = min(now, clock.at_office(day - timedelta(days=9), time(10)))
    try:
        with db.transaction() as session:
            day_id = service.create_day(
                session,
                programme=programme,
                day=day,
                site_id=OFFICE_SITE,
                lead_id=_lead(crew, programme, day),
                release=replace(RELEASES[programme], opens_days_before=12),  # so that a weekend is always open to try
                plans=PLANS[programme, day.weekday()],
                override_reason="",
                form_key=str(uuid4()),
                actor=planner,
                now=min(planned_at, clock.at_office(day, time(0, 30))),
            )
            service.publish(session, day_id, actor=planner, now=min(planned_at, clock.at_office(day, time(0, 30))))
            if day < clock.office_day(now):
                past.fill(session, day_id)
                return
    except weekend.HolidayClosed:
        return
    _visitors(chance, day_id, now=now)


def _lead(crew: dict[str, UUID], programme: Programme, day: date) -> UUID | None:
    """Two regular leads on Saturdays; Sundays are left to the roster, so that nobody works every weekend day."""
    if day.weekday() != weekend.SATURDAY:
        return None
    return crew["Dewi Lestari"] if programme is Programme.PERSARI else crew["Ahmad Fauzi"]


def _roster(chance: random.Random, crew: dict[str, UUID], saturday: date, *, now: datetime, published: bool) -> None:
    """The weekend's shifts: proposed, published except the last ones, closed when they are over."""
    planner = staff(crew["Rina Wulandari"])
    last = saturday + timedelta(days=1)
    planned_at = min(now, clock.at_office(saturday - timedelta(days=8), time(11)))
    with db.reading() as session:
        asked = shift_service.to_fill(session, saturday, 1, now=planned_at)
    choices = shift_service.fill(asked)
    with db.transaction() as session:
        publishing.apply_proposal(session, choices, seen=asked.seen, actor=planner, now=planned_at)
        if published:
            publishing.publish(
                session, saturday, last, source=service.SOURCE, with_gaps=True, actor=planner, now=planned_at
            )
    with db.reading() as session:
        rows = posts_between(session, saturday, last, source=service.SOURCE)
    for row in rows:
        done_at = row.ends_at + timedelta(hours=2)
        if row.person_id is not None and done_at < now:
            outcome = Outcome.ABSENT if chance.random() < 0.02 else Outcome.WORKED
            with db.transaction() as session:
                closing.close(session, row.id, Closing(outcome), holidays=frozenset(), actor=planner, now=done_at)


def _visitors(chance: random.Random, day_id: UUID, *, now: datetime) -> None:
    """Some of the seats that can be booked are booked: this weekend more of them than the next."""
    with db.reading() as session:
        code, sessions = _sessions(session, day_id)
    for session_id, starts_at, opens_at in sessions:
        near = starts_at < now + timedelta(days=6)
        for _ in range(chance.choice((4, 8, 16) if near else (2, 4, 6))):
            moment = opens_at + timedelta(minutes=chance.uniform(1, 600))
            if moment < now:
                _book(chance, code, session_id, moment)


def _sessions(session: Session, day_id: UUID) -> tuple[str, list[tuple[UUID, datetime, datetime]]]:
    rows = session.execute(
        select(BookingPage.code, BookingSession.id, BookingSession.starts_at, BookingSession.opens_at)
        .join(BookingPage, BookingPage.id == BookingSession.page_id)
        .where(BookingSession.source_ref == str(day_id))
        .order_by(BookingSession.starts_at)
    ).all()
    return rows[0].code, [(row.id, row.starts_at, row.opens_at) for row in rows]


def _person(chance: random.Random) -> PersonIn:
    name = chance.choice(_RARE) if chance.random() < 0.06 else f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
    # 647499 is no kecamatan, so that a sample can be nobody's number.
    nik = f"647499{chance.randint(1, 28):02d}{chance.randint(1, 12):02d}{chance.randint(60, 99)}"
    nik += f"{chance.randint(1, 9999):04d}"
    return PersonIn(name, nik, chance.choice(list(booking.Service)))


def _book(chance: random.Random, code: str, session_id: UUID, moment: datetime) -> None:
    people = tuple(_person(chance) for _ in range(chance.choice((1, 1, 1, 2, 3))))
    pool = Pool.PRIORITY if chance.random() < 0.15 else Pool.PUBLIC
    if pool is Pool.PRIORITY:
        people = (replace(people[0], help=chance.choice(list(booking.Help)).value), *people[1:])
    phone = f"+62812{chance.randint(10_000_000, 99_999_999)}"
    wish = Wish(code, session_id, pool, phone, people, str(uuid4()))
    try:
        with db.transaction() as session:
            token = holds.hold(session, wish, now=moment, minutes=10).token
            tickets.confirm(session, token, now=moment + timedelta(minutes=2))
            if chance.random() < 0.05:
                tickets.cancel(session, token, now=moment + timedelta(minutes=30))
    except Refusal:
        return
