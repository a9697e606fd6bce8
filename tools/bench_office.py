"""The office that tools/bench.py measures: pages, tickets and officers made by FieldOps' own services, and counts."""

from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import func, select

from fieldops import check
from fieldops import settings as configuration
from fieldops.core.attendance.models import AttendanceEvent
from fieldops.core.booking.models import Applicant, Booking, BookingPage, BookingSession, Seat
from fieldops.core.booking.queries import public
from fieldops.core.booking.rules import Pool, Service, State, Window
from fieldops.core.booking.service import holds, pages, tickets
from fieldops.core.people import service as people
from fieldops.kit import clock, db, keys, throttle


class Office:
    """One database, reached as the application reaches it."""

    def __init__(self, environment):
        self.settings = configuration.load(environment)
        keys.use(self.settings.secret)
        throttle.use(self.settings.var_dir / "throttle.db")
        db.connect(self.settings.database_url, pool=1)
        self.made = 0

    def page(self, sessions, seats, *, day=None):
        """A page that is open now, its sessions on the Saturday and Sunday after next; returns its code."""
        now = clock.now()
        today = clock.today()
        saturday = today - timedelta(days=today.weekday() - 5) + timedelta(weeks=2)
        self.made += 1
        with db.transaction() as session:
            page_id = pages.open_page(
                session,
                source="bench",
                ref=f"bench:{self.made}",
                scope=f"bench:{self.made}",
                title="BONTANG ON SEVEN",
                place="Kantor Imigrasi Kelas III Non TPI Bontang",
                address="Jalan Bhayangkara, Kota Bontang",
            )
            for n in range(sessions):
                on: date = day or saturday + timedelta(days=n * 2 // sessions)
                starts = clock.day_bounds(on)[0] + timedelta(hours=8, minutes=45 * n)
                if day:
                    starts = now + timedelta(hours=1 + n)
                pages.add_session(
                    session,
                    page_id,
                    source_ref=f"bench:{self.made}",
                    day=on,
                    ends_at=starts + timedelta(minutes=45),
                    window=Window(now - timedelta(days=1), starts, starts, starts, is_open=True),
                    seats={Pool.PUBLIC: seats},
                )
            return session.execute(select(BookingPage.code).where(BookingPage.id == page_id)).scalar_one()

    def tickets_for_today(self, count):
        """Booked tickets of today's people: what their QR codes hold."""
        code = self.page(1, count, day=clock.today())
        found = []
        with db.reading() as session:
            slot = public.day_slots(session, self._page_id(session, code), Pool.PUBLIC, now=clock.now())[0].slots[0]
        for n in range(count):
            person = holds.PersonIn("Siti Nurhaliza", f"{n:016d}", Service.NEW)
            wish = holds.Wish(code, slot.id, Pool.PUBLIC, f"+6281399{n:06d}", (person,), str(uuid4()))
            with db.transaction() as session:
                held = holds.hold(session, wish, now=clock.now(), minutes=10)
                tickets.confirm(session, held.token, now=clock.now())
                found.append(
                    session.execute(select(Booking.entry_token).where(Booking.token == held.token)).scalar_one()
                )
        return found

    def links(self, count):
        """One-time sign-in tokens of new officers."""
        found = []
        for n in range(count):
            with db.transaction() as session:
                person = people.add_person(
                    session, name=f"Petugas {n + 1}", role="officer", section="Verdokim", now=clock.now()
                )
                found.append(people.make_link(session, person, now=clock.now()))
        return found

    def booked(self, code):
        """How many bookings of this page have a ticket, and how many of its seats are taken for good."""
        with db.reading() as session:
            page_id = self._page_id(session, code)
            sold = select(func.count()).where(Booking.page_id == page_id, Booking.state == State.BOOKED)
            seats = (
                select(func.count(Seat.applicant_id.distinct()))
                .join(BookingSession, BookingSession.id == Seat.session_id)
                .where(BookingSession.page_id == page_id, Seat.applicant_id.is_not(None), Seat.held_until.is_(None))
            )
            return session.execute(sold).scalar_one(), session.execute(seats).scalar_one()

    def admitted(self, entry_token):
        """How many arrivals of the people on this ticket count."""
        with db.reading() as session:
            return session.execute(
                select(func.count())
                .select_from(AttendanceEvent)
                .join(Applicant, Applicant.id == AttendanceEvent.applicant_id)
                .join(Booking, Booking.id == Applicant.booking_id)
                .where(Booking.entry_token == entry_token, AttendanceEvent.verdict == "applied")
            ).scalar_one()

    def problems(self):
        """What `fieldops check` says about this database."""
        return check.problems()

    def close(self):
        db.database().dispose()

    @staticmethod
    def _page_id(session, code):
        return session.execute(select(BookingPage.id).where(BookingPage.code == code)).scalar_one()
