"""Making data through the services, as the office would: each function takes the session first.

`made(make_day, ...)` runs one of them in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from fieldops import demo, seed
from fieldops.core.attendance.rules import Kind, Stage
from fieldops.core.attendance.service import Outcome, Tap
from fieldops.core.audit.rules import staff
from fieldops.core.blanks import service as blanks
from fieldops.core.booking.models import Applicant, Booking, BookingPage, BookingSession
from fieldops.core.booking.rules import Pool
from fieldops.core.booking.service import desk, holds, tickets
from fieldops.core.booking.service.holds import PersonIn, Wish
from fieldops.core.letters import service as letters
from fieldops.core.letters.rules import Kind as LetterKind
from fieldops.core.notices import service as notices
from fieldops.core.people import service as people
from fieldops.core.people.models import Person, PersonCompetence
from fieldops.core.people.rules import Role
from fieldops.core.places.queries import OFFICE_SITE
from fieldops.core.roster import service as roster
from fieldops.core.roster.absences import rules as leave
from fieldops.core.roster.absences import service as absences
from fieldops.core.roster.absences.rules import Part
from fieldops.core.roster.models import Busy, Post
from fieldops.core.roster.posts.queries import POST, PostRow, posts_between
from fieldops.core.roster.posts.service import seats
from fieldops.core.roster.rules import Absence, Interval
from fieldops.kit import clock
from fieldops.kit.db import transaction
from fieldops.loktuan.requests import service as requests
from fieldops.loktuan.requests.rules import ApplicantKind, RequestFacts
from fieldops.weekend import service as weekend
from fieldops.weekend.rules import Programme, Release, SessionPlan
from fieldops.weekend.shifts import service as shifts
from tests import cast, papers

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from fieldops.core.letters.documents import Assignment

Made = TypeVar("Made")

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=clock.ZONE)
"""Wednesday morning; the weekend of 28 November is open for booking, the one of 5 December is not yet."""
SATURDAY, SUNDAY = date(2026, 11, 28), date(2026, 11, 29)
RELEASE = Release(opens_days_before=5, opens_at=time(8), closes_hours_before=2, rolls_hours_before=24)
PLANS = (
    SessionPlan(time(8), time(9, 30), seats_public=3, seats_priority=1, seats_walk_in=1),
    SessionPlan(time(9, 30), time(11), seats_public=3, seats_priority=1, seats_walk_in=1),
)

STAFF = {
    Role.OFFICER: "Dewi Petugas",
    Role.SUPERVISOR: "Rina Kasubsi",
    Role.TU: "Yusuf Tata",
    Role.HEAD: "Sri Kepala",
    Role.ADMIN: "Agus Admin",
    Role.AUDITOR: "Ayu Auditor",
}


def made(function: Callable[..., Made], *arguments: Any, **options: Any) -> Made:
    """Run one of the functions below in a transaction of its own."""
    with transaction() as session:
        return function(session, *arguments, **options)


@dataclass(frozen=True)
class Office:
    """One person of each role, and a second officer."""

    people: dict[Role, UUID]
    other_officer: UUID

    def __getitem__(self, role: Role | str) -> UUID:
        return self.people[Role(role)]


def make_office(session: Session) -> Office:
    """The plan, the holidays, the office's site, the weekly templates and the staff."""
    seed.load_plan(session, now=NOW)
    demo.set_templates(session, now=NOW)
    staff_ids = {
        role: people.add_person(session, name=name, role=role, section="Verdokim", now=NOW)
        for role, name in STAFF.items()
    }
    other = people.add_person(session, name="Ahmad Petugas", role=Role.OFFICER, section="Verdokim", now=NOW)
    return Office(staff_ids, other)


@dataclass(frozen=True)
class Day:
    """A service day with the ids of its sessions by time, and the code of its public page."""

    id: UUID
    date: date
    page_code: str
    sessions: tuple[UUID, ...]


def make_day(
    session: Session,
    planner: UUID,
    programme: Programme = Programme.PERSARI,
    day: date = SATURDAY,
    *,
    published: bool = True,
    plans: Sequence[SessionPlan] = PLANS,
    release: Release = RELEASE,
    lead_id: UUID | None = None,
    override_reason: str = "",
    form_key: str | None = None,
    now: datetime | None = None,
) -> Day:
    """A weekend day; `planner` is the id of the person who makes it."""
    now = now or clock.now()
    actor = staff(planner)
    day_id = weekend.create_day(
        session,
        programme=programme,
        day=day,
        site_id=OFFICE_SITE,
        lead_id=lead_id,
        release=release,
        plans=list(plans),
        override_reason=override_reason,
        form_key=form_key or str(uuid4()),
        actor=actor,
        now=now,
    )
    if published:
        weekend.publish(session, day_id, actor=actor, now=now)
    rows = session.execute(
        select(BookingSession.id, BookingPage.code)
        .join(BookingPage, BookingPage.id == BookingSession.page_id)
        .where(BookingSession.source_ref == str(day_id))
        .order_by(BookingSession.starts_at)
    ).all()
    return Day(day_id, day, rows[0].code, tuple(row.id for row in rows))


@dataclass(frozen=True)
class Booked:
    """A booking as tests need it. `code` is None while it is only held."""

    id: UUID
    token: str
    entry_token: str
    code: str | None
    phone: str
    form_key: str
    people: tuple[UUID, ...]


def make_wish(
    page_code: str,
    session_id: UUID,
    people: int | Sequence[PersonIn] = 1,
    *,
    pool: Pool = Pool.PUBLIC,
    phone: str | None = None,
    form_key: str | None = None,
) -> Wish:
    """What somebody asks for: strangers when only their number is given."""
    who = tuple(cast.stranger() for _ in range(people)) if isinstance(people, int) else tuple(people)
    return Wish(page_code, session_id, pool, phone or cast.strange_phone(), who, form_key or str(uuid4()))


def make_booking(
    session: Session,
    page_code: str,
    session_id: UUID,
    people: int | Sequence[PersonIn] = 1,
    *,
    pool: Pool = Pool.PUBLIC,
    phone: str | None = None,
    form_key: str | None = None,
    confirmed: bool = True,
    minutes: int = 10,
    now: datetime | None = None,
) -> Booked:
    """A hold, and unless `confirmed` is False the ticket."""
    now = now or clock.now()
    wish = make_wish(page_code, session_id, people, pool=pool, phone=phone, form_key=form_key)
    token = holds.hold(session, wish, now=now, minutes=minutes).token
    if confirmed:
        tickets.confirm(session, token, now=now)
    row = session.execute(
        select(Booking.id, Booking.token, Booking.entry_token, Booking.code).where(Booking.token == token)
    ).one()
    ids = session.scalars(select(Applicant.id).where(Applicant.booking_id == row.id).order_by(Applicant.position)).all()
    return Booked(*row, wish.phone, wish.form_key, tuple(ids))


def make_tap(
    session: Session,
    applicant_id: UUID,
    stage: Stage,
    actor_id: UUID,
    *,
    undoes: UUID | None = None,
    tap_id: UUID | None = None,
    happened_at: datetime | None = None,
    count_by: str = "issue",
    now: datetime | None = None,
) -> Outcome:
    """One tap of an officer: marks a stage, or takes back the event `undoes`."""
    now = now or clock.now()
    kind = Kind.UNDO if undoes else Kind.SET
    tap = Tap(tap_id or uuid4(), applicant_id, stage, kind, happened_at or now, actor_id, undoes=undoes)
    return desk.mark(session, tap, count_by=count_by, now=now)


def make_walk_in(
    session: Session,
    session_id: UUID,
    actor_id: UUID,
    person: PersonIn | None = None,
    *,
    form_key: str | None = None,
    tap_id: UUID | None = None,
    now: datetime | None = None,
) -> UUID:
    """Somebody without a booking at the desk; gives the applicant's id."""
    return desk.walk_in(
        session,
        session_id=session_id,
        person=person or cast.stranger(),
        tap_id=tap_id or uuid4(),
        actor_id=actor_id,
        form_key=form_key or str(uuid4()),
        count_by="issue",
        now=now or clock.now(),
    )


def make_link(session: Session, person_id: UUID, *, now: datetime | None = None) -> str:
    """A one-time sign-in token."""
    return people.make_link(session, person_id, now=now or clock.now())


def at(text: str) -> datetime:
    """A moment at the office, as `2026-11-28 20:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)


def make_post(
    session: Session,
    person_id: UUID | None,
    starts: str,
    hours: float,
    *,
    state: str = "published",
    title: str = "PERSARI",
    duty: str = "queue",
    ref: str = "",
) -> UUID:
    """A post as a planner leaves it, with the promise of its person, written straight into the tables."""
    starts_at, ends_at = at(starts), at(starts) + timedelta(hours=hours)
    post_id = uuid4()
    session.execute(
        insert(Post).values(
            id=post_id,
            source="weekend",
            ref=ref or str(post_id),
            day=starts_at.date(),
            title=title,
            duty=duty,
            number=1,
            starts_at=starts_at,
            ends_at=ends_at,
            state=state,
            person_id=person_id,
            changed_at=clock.now(),
        )
    )
    if person_id is not None and state != "cancelled":
        promise = {"kind": "duty", "title": title, "source": POST, "ref": str(post_id)}
        holder = {"holder_kind": "person", "holder_id": person_id}
        session.execute(insert(Busy).values(starts_at=starts_at, ends_at=ends_at, **promise, **holder))
    return post_id


def make_absence(
    session: Session,
    person_id: UUID,
    first: date,
    last: date | None = None,
    *,
    part: Part = Part.FULL,
    interval: Interval | None = None,
    kind: Absence = Absence.ANNUAL,
    note: str = "",
    form_key: str | None = None,
    approved_by: UUID | None = None,
    now: datetime | None = None,
) -> UUID:
    """Leave that somebody asks for himself, and with `approved_by` the yes of that person."""
    now = now or clock.now()
    interval = interval or leave.period(first, last or first, part)
    absence_id = absences.request(
        session,
        person_id=person_id,
        kind=kind,
        interval=interval,
        note=note,
        form_key=form_key or str(uuid4()),
        actor=staff(person_id),
        now=now,
    )
    if approved_by is not None:
        absences.approve(session, absence_id, seen=interval, note="", actor=staff(approved_by), now=now)
    return absence_id


def make_address(session: Session, person_id: UUID, address: str = "petugas@kantor.example") -> str:
    """Give somebody an address for mail."""
    session.execute(update(Person).where(Person.id == person_id).values(email=address))
    return address


def make_notice(
    session: Session,
    *people_ids: UUID,
    key: str | None = None,
    title: str = "Jadwal akhir pekan berubah",
    body: str = "Anda bertugas Sabtu, 28 November 2026, pukul 08.00 WITA.",
    kind: str = "roster.publish",
    link: str = "/weekend/days",
    now: datetime | None = None,
    by_mail: bool = True,
) -> int:
    """Tell somebody something new; how many heard it."""
    return notices.tell(
        session,
        people_ids,
        kind=kind,
        title=title,
        body=body,
        link=link,
        key=key or str(uuid4()),
        now=now or clock.now(),
        by_mail=by_mail,
    )


CREW = {
    "Wati Verifikasi": ("verification",),
    "Joko Verifikasi": ("verification", "driver"),
    "Fitri Wawancara": ("interview", "biometrics"),
    "Hendra Wawancara": ("interview", "biometrics", "verification"),
    "Maya Antrean": (),
    "Rizky Intel": ("intelligence",),
    "Nurul Intel": ("intelligence", "ppns"),
    "Eko Ketua": ("lead", "verification"),
}


def make_crew(session: Session, *, now: datetime | None = None) -> dict[str, UUID]:
    """Eight officers who can fill a shift as the needs ask, by first name."""
    crew = {}
    for name, skills in CREW.items():
        person_id = people.add_person(session, name=name, role=Role.OFFICER, section="Verdokim", now=now or NOW)
        if skills:
            session.execute(
                insert(PersonCompetence), [{"person_id": person_id, "competence": skill} for skill in skills]
            )
        crew[name.partition(" ")[0]] = person_id
    return crew


def make_roster(
    session: Session, planner: UUID, saturday: date = SATURDAY, weekends: int = 1, *, now: datetime | None = None
) -> list[PostRow]:
    """The posts of these weekends, all of them empty drafts, in the order of the screen."""
    shifts.prepare(session, saturday, weekends, actor=staff(planner), now=now or clock.now())
    session.flush()
    return posts_between(session, saturday, saturday + timedelta(weeks=weekends - 1, days=1))


def put(session: Session, row: PostRow, person_id: UUID, planner: UUID, *, reason: str = "") -> None:
    """A planner puts somebody on a post as it was shown."""
    seats.assign(
        session,
        row.id,
        person_id,
        revision=row.revision,
        override_reason=reason,
        actor=staff(planner),
        now=clock.now(),
    )


def make_busy(
    session: Session, person_id: UUID, starts: datetime, ends: datetime, *, kind: str = "leave", title: str = "Cuti"
) -> None:
    """A promise somewhere else."""
    roster.promise_person(
        session, person_id, Interval(starts, ends), kind=kind, title=title, source="test", ref=str(uuid4())
    )


def make_blanks(
    session: Session, who: UUID, first: str = "X1001001", last: str = "X1001100", *, now: datetime | None = None
) -> int:
    """Blanks that came from the regional office; gives the id of the move."""
    now = now or clock.now()
    day = clock.office_day(now)
    return blanks.receive(
        session, first, last, day=day, note="BA-12/2026", form_key=str(uuid4()), actor=staff(who), now=now
    )


def make_request(
    session: Session, *, form_key: str | None = None, now: datetime | None = None, letter: Any = None, **changes: Any
) -> requests.Asked:
    """Somebody asks for the mobile service in Kaliorang."""
    facts = RequestFacts(
        kind=ApplicantKind.KECAMATAN,
        organisation="Kecamatan Kaliorang",
        contact_name=cast.NURAINI.name,
        phone=cast.phone(3),
        area_code="64.08.10",
        place="Balai Desa Bukit Makmur",
        address="Jalan Poros Kaliorang",
        wanted_from=date(2026, 12, 7),
        wanted_to=date(2026, 12, 11),
        people=40,
        names=(cast.SITI.name, cast.BUDI.name),
        note="",
    )
    about = {"form_key": form_key or str(uuid4()), "letter": letter, "now": now or clock.now()}
    return requests.ask(session, replace(facts, **changes), **about)


def make_letter(
    session: Session,
    actor_id: UUID,
    ref: str = "perjalanan-1",
    *,
    assignment: Assignment = papers.ASSIGNMENT,
    official_number: str = "",
    day: date | None = None,
    now: datetime | None = None,
) -> letters.Issued:
    """A letter of assignment for a trip, or its next version when the content is another one."""
    now = now or clock.now()
    return letters.issue(
        session,
        kind=LetterKind.ASSIGNMENT,
        day=day or clock.office_day(now),
        source="loktuan",
        ref=ref,
        subject=f"Layanan paspor keliling di {assignment.place}",
        content=assignment.stored(),
        official_number=official_number,
        form_key=str(uuid4()),
        actor=staff(actor_id),
        now=now,
    )
