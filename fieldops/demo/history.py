"""People of weekends that are over, written in bulk as the services would have left them (`fieldops check` agrees):
a year of them one by one would take minutes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, insert, select, update

from fieldops.core.achievement.models import Line
from fieldops.core.achievement.rules import PASSPORT_RO
from fieldops.core.attendance.models import AttendanceEvent
from fieldops.core.attendance.rules import Kind, Stage, Verdict
from fieldops.core.booking import rules
from fieldops.core.booking.models import APPLICANTS, BOOKINGS, SEATS, BookingPage, BookingSession
from fieldops.core.booking.rules import Channel, Pool, State
from fieldops.core.booking.service.upkeep import ERASED
from fieldops.kit import clock, keys

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from fieldops.core.booking.service.holds import PersonIn

KEPT_DAYS = 90
"""Older names are erased already, as the timed job does it."""

_SIT = (
    update(SEATS).where(SEATS.c.id == bindparam("seat")).values(applicant_id=bindparam("who"), taken_at=bindparam("at"))
)


@dataclass(frozen=True)
class Hands:
    """Who marks, and who sees that a passport is issued."""

    officers: Sequence[UUID]
    issuer: UUID


@dataclass
class Past:
    """Fills days that are over; knows what must not come twice."""

    chance: random.Random
    person: Callable[[], PersonIn]
    hands: Hands
    now: datetime
    codes: set[str] = field(default_factory=set)
    niks: set[str] = field(default_factory=set)

    def fill(self, session: Session, day_id: UUID) -> None:
        """Book nearly all seats of a published day; most people came, most of them have their passport."""
        places = session.execute(
            select(BookingPage, BookingSession)
            .join(BookingSession, BookingSession.page_id == BookingPage.id)
            .where(BookingSession.source_ref == str(day_id))
        ).all()
        rows = _Rows()
        for page, at in places:
            seats = session.execute(select(SEATS.c.id, SEATS.c.pool).where(SEATS.c.session_id == at.id)).all()
            busy = self.chance.choice((0.75, 0.88, 1.0))
            taken = [seat for seat in seats if self.chance.random() < busy]
            while taken:
                pool, most = taken[0].pool, self.chance.choice((1, 1, 1, 2, 3))
                group = [seat for seat in taken[:most] if seat.pool == pool]
                taken = taken[len(group) :]
                self._book(rows, page, at, Pool(pool), [seat.id for seat in group])
                if self.chance.random() < 0.05:
                    self._book(rows, page, at, Pool.PUBLIC, [None])
        rows.write(session)

    def _book(self, rows: _Rows, page: BookingPage, at: BookingSession, pool: Pool, seats: list[int | None]) -> None:
        """One booking, or one for each walk-in. Whoever has no seat cancelled the day after."""
        walk_in = pool is Pool.WALK_IN
        booked_at = at.starts_at if walk_in else at.opens_at + timedelta(minutes=self.chance.uniform(1, 600))
        old = at.day < clock.office_day(self.now) - timedelta(days=KEPT_DAYS)
        erased_at = clock.at_office(at.day + timedelta(days=KEPT_DAYS + 1), time(3)) if old else None
        for seats_of_one in [[seat] for seat in seats] if walk_in else [seats]:
            ended_at = booked_at + timedelta(days=1) if seats_of_one == [None] else None
            booking = {
                "id": uuid4(),
                "page_id": page.id,
                "session_id": at.id,
                "scope": page.scope,
                "state": State.CANCELLED if ended_at else State.BOOKED,
                "channel": Channel.WALK_IN if walk_in else Channel.ONLINE,
                "pool": pool,
                "token": keys.token(),
                "entry_token": keys.entry_token(),
                "code": self._code(),
                "form_key": str(uuid4()),
                "form_digest": "",
                "phone_last4": "" if walk_in or old else f"{self.chance.randint(0, 9999):04d}",
                "made_at": booked_at,
                "booked_at": booked_at,
                "ended_at": ended_at,
                "erased_at": erased_at,
                "walk_in_day": at.day if walk_in else None,
                "walk_in_number": rows.next_number() if walk_in else None,
            }
            rows.bookings.append(booking)
            for position, seat in enumerate(seats_of_one, 1):
                who = {
                    "id": uuid4(),
                    "booking_id": booking["id"],
                    "position": position,
                    "scope": page.scope,
                    "is_live": seat is not None,
                    "erased_at": erased_at,
                    **self._facts(pool, old=old),
                }
                rows.people.append(who)
                if seat is not None:
                    rows.seats.append({"seat": seat, "who": who["id"], "at": booked_at})
                    self._serve(rows, who["id"], page.source, at)

    def _code(self) -> str:
        code = ""
        while not code or code in self.codes:
            body = keys.pick(rules.CODE_ALPHABET, rules.CODE_LENGTH)
            code = body + rules.check_sign(body)
        self.codes.add(code)
        return code

    def _facts(self, pool: Pool, *, old: bool) -> dict[str, Any]:
        one = self.person()
        while one.nik in self.niks:
            one = self.person()
        self.niks.add(one.nik)
        if old:
            return {
                "name": ERASED,
                "name_key": "",
                "nik_hash": None,
                "nik_last4": "",
                "service": one.service,
                "help": "",
            }
        return {
            "name": one.name,
            "name_key": rules.search_key(one.name),
            "nik_hash": one.nik_hash,
            "nik_last4": one.nik_last4,
            "service": one.service,
            "help": self.chance.choice(list(rules.Help)).value if pool is Pool.PRIORITY else "",
        }

    def _serve(self, rows: _Rows, who: UUID, source: str, at: BookingSession) -> None:
        chance = self.chance
        if chance.random() < 0.05:
            return
        officer = chance.choice(self.hands.officers)
        came = at.starts_at + timedelta(minutes=chance.uniform(-15, 20))
        done = came + timedelta(minutes=chance.uniform(25, 60))
        issued = clock.at_office(at.day + timedelta(days=chance.choice((3, 4, 5))), time(15))
        rows.tap(who, Stage.ARRIVED, officer, came)
        if chance.random() < 0.04:
            rows.tap(who, Stage.RETURNED, officer, done)
            return
        rows.tap(who, Stage.SERVED, officer, done)
        if issued < self.now and (chance.random() < 0.97 or issued < self.now - timedelta(days=28)):
            rows.tap(who, Stage.ISSUED, self.hands.issuer, issued)
            rows.count(who, source, self.hands.issuer, issued)


@dataclass
class _Rows:
    """What one day adds, table by table."""

    bookings: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    seats: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    walk_ins: int = 0

    def next_number(self) -> int:
        self.walk_ins += 1
        return self.walk_ins

    def tap(self, who: UUID, stage: Stage, actor: UUID, moment: datetime) -> None:
        self.events.append(
            {
                "id": uuid4(),
                "applicant_id": who,
                "kind": Kind.SET,
                "stage": stage,
                "turn": 0,
                "verdict": Verdict.APPLIED,
                "flag": "",
                "happened_at": moment,
                "received_at": moment,
                "actor_id": actor,
                "device": "demo",
            }
        )

    def count(self, who: UUID, source: str, actor: UUID, moment: datetime) -> None:
        self.lines.append(
            {
                "ro_id": PASSPORT_RO,
                "day": clock.office_day(moment),
                "volume": 1,
                "source": source,
                "ref": f"{who}:1",
                "subject": str(who),
                "made_at": moment,
                "actor_id": actor,
            }
        )

    def write(self, session: Session) -> None:
        tables = (
            (BOOKINGS, self.bookings),
            (APPLICANTS, self.people),
            (AttendanceEvent, self.events),
            (Line, self.lines),
        )
        for table, rows in tables:
            if rows:
                session.execute(insert(table), rows)
        if self.seats:
            session.connection().execute(_SIT, self.seats)
