"""The words and decisions of a trip, without a database: times, sessions, crew, cost, and what may follow what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from uuid import UUID

from fieldops.core.blanks.rules import expand
from fieldops.core.booking.rules import Pool, Window
from fieldops.core.roster.rules import Duty, Interval
from fieldops.core.roster.rules.posting import PostPlan
from fieldops.kit import clock
from fieldops.kit.errors import Refusal, Stale
from fieldops.kit.indonesian import clock_time, join_words, long_date, short_date

if TYPE_CHECKING:
    from fieldops.core.blanks.rules import Range

FEWEST_PEOPLE: Final = 30
"""What the office expects of a group (press on Eazy Passport: 30 to 50). Shown, never enforced."""
LONGEST: Final = timedelta(days=14)
FARTHEST: Final = timedelta(days=370)
ROAD: Final = timedelta(hours=12)
"""A drive on another day than the service counts as duty for at most so long; the rest of the time is rest."""
CLOSES_WITHOUT_SIGNAL: Final = timedelta(hours=12)
CLOSES_WITH_SIGNAL: Final = timedelta(hours=2)
ROLLS: Final = timedelta(hours=48)
"""So long before a session unused priority and collective seats go to everybody."""
MAX_SESSIONS, MAX_CREW, MAX_COSTS, MAX_REASON, MAX_PURPOSE = 12, 12, 12, 200, 300
MAX_SEATS: Final = 200
POOLS: Final = (Pool.PUBLIC, Pool.PRIORITY, Pool.WALK_IN, Pool.COLLECTIVE)
SCOPE: Final = "loktuan"
PROGRAMME: Final = "LOKTUAN"
MEANING: Final = "Layanan Paspor Keliling untuk Anda"


class Status(StrEnum):
    """The life of a trip. LIVE ones hold their people, vehicles and kit."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    CLOSED = "closed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return {
            "draft": "Draf",
            "submitted": "Menunggu persetujuan",
            "approved": "Disetujui",
            "published": "Terbit",
            "closed": "Selesai",
            "postponed": "Ditunda",
            "cancelled": "Dibatalkan",
        }[self.value]


LIVE: Final = (Status.DRAFT, Status.SUBMITTED, Status.APPROVED, Status.PUBLISHED)
TOLD: Final = (Status.APPROVED, Status.PUBLISHED)
"""The crew knows of it and has a letter."""


class Step(StrEnum):
    """What somebody may do with a trip as a whole."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    PUBLISH = "publish"
    POSTPONE = "postpone"
    CANCEL = "cancel"
    CLOSE = "close"


_FROM: dict[Step, tuple[Status, ...]] = {
    Step.SUBMIT: (Status.DRAFT,),
    Step.RETURN: (Status.SUBMITTED,),
    Step.APPROVE: (Status.SUBMITTED,),
    Step.PUBLISH: (Status.APPROVED,),
    Step.POSTPONE: LIVE,
    Step.CANCEL: (*LIVE, Status.POSTPONED),
    Step.CLOSE: (Status.APPROVED, Status.PUBLISHED),
}
_TO: dict[Step, Status] = {
    Step.SUBMIT: Status.SUBMITTED,
    Step.RETURN: Status.DRAFT,
    Step.APPROVE: Status.APPROVED,
    Step.PUBLISH: Status.PUBLISHED,
    Step.POSTPONE: Status.POSTPONED,
    Step.CANCEL: Status.CANCELLED,
    Step.CLOSE: Status.CLOSED,
}


def may(step: Step, status: Status) -> bool:
    """Whether a trip in this state can take this step."""
    return status in _FROM[step]


def after(step: Step, status: Status) -> Status:
    """The state after a step. Refuses (WrongStep) one that does not fit."""
    if not may(step, status):
        raise WrongStep(f"Perjalanan ini berstatus {status.label}, jadi langkah itu tidak bisa dijalankan.")
    return _TO[step]


def target(step: Step) -> Status:
    """The state that a step leads to."""
    return _TO[step]


def title_of(place: str) -> str:
    """What a trip is called."""
    return f"{PROGRAMME} {place}"


class CostKind(StrEnum):
    PER_DIEM = "per-diem"
    LODGING = "lodging"
    FUEL = "fuel"
    TRANSPORT = "transport"
    CONSUMPTION = "consumption"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            "per-diem": "Uang harian",
            "lodging": "Penginapan",
            "fuel": "Bahan bakar",
            "transport": "Transportasi",
            "consumption": "Konsumsi",
            "other": "Lain-lain",
        }[self.value]


# -- what a plan is ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SessionPlan:
    """Some seats on a day of the office. `id` is a session that exists; without one it is new. Times are WITA."""

    day: date
    starts: time
    ends: time
    seats: dict[Pool, int]
    id: UUID | None = None

    @property
    def interval(self) -> Interval:
        return Interval(clock.at_office(self.day, self.starts), clock.at_office(self.day, self.ends))

    @property
    def total(self) -> int:
        return sum(self.seats.values())


@dataclass(frozen=True)
class CrewSeat:
    """One place in the crew; without a person it is a gap that everybody sees."""

    duty: Duty
    person_id: UUID | None


@dataclass(frozen=True)
class CostLine:
    kind: CostKind
    text: str
    quantity: int
    unit_price: int

    @property
    def total(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class Plan:
    """All of the planning page. Instants are aware UTC; `distance_km` is the straight line from the office."""

    site_id: UUID
    departs_at: datetime
    returns_at: datetime
    sessions: tuple[SessionPlan, ...]
    vehicle_ids: frozenset[UUID] = frozenset()
    item_ids: frozenset[UUID] = frozenset()
    crew: tuple[CrewSeat, ...] = ()
    costs: tuple[CostLine, ...] = ()
    purpose: str = ""
    override_reason: str = ""
    distance_km: int = field(default=0, compare=False)
    blanks: tuple[Range, ...] | None = field(default=None, compare=False)
    """Passport blanks that are set aside for the trip; None: as they are."""

    @property
    def interval(self) -> Interval:
        return Interval(self.departs_at, self.returns_at)

    @property
    def serials(self) -> set[str]:
        """The numbers of the blanks, one by one."""
        return {serial for span in self.blanks or () for serial in expand(span)}


def check_plan(plan: Plan, today: date) -> None:
    """Refuses times that cannot be: a past or far day, a return before the departure, a service outside of the trip,
    sessions that overlap or hold nobody, and the same person twice in the crew."""
    starts, ends = plan.departs_at, plan.returns_at
    if ends <= starts:
        raise WrongTrip("Waktu kembali harus sesudah waktu berangkat.", field="returns")
    if clock.office_day(starts) < today:
        raise WrongTrip("Tanggal berangkat sudah lewat.", field="departs")
    if clock.office_day(starts) > today + FARTHEST:
        raise WrongTrip("Tanggal berangkat lebih dari setahun lagi. Periksa tahunnya.", field="departs")
    if ends - starts > LONGEST:
        raise WrongTrip(f"Perjalanan paling lama {LONGEST.days} hari. Periksa tanggal kembali.", field="returns")
    if not plan.sessions:
        raise WrongTrip("Isi paling sedikit satu sesi layanan.", field="day-0")
    check_sessions(plan.sessions, plan.interval)
    people = [seat.person_id for seat in plan.crew if seat.person_id]
    twice = next((n for n, who in enumerate(people) if who in people[:n]), None)
    if twice is not None:
        at = [n for n, seat in enumerate(plan.crew) if seat.person_id == people[twice]][1]
        raise WrongTrip("Orang ini sudah ada di tim. Satu orang satu tugas.", field=f"person-{at}")


def check_sessions(sessions: Sequence[SessionPlan], trip: Interval) -> None:
    """Refuses (WrongTrip, at the row) a session without length or seats, outside of the trip, or over another."""
    for n, one in enumerate(sessions):
        if one.ends <= one.starts:
            raise WrongTrip("Jam selesai sesi harus sesudah jam mulai.", field=f"ends-{n}")
        if one.total == 0:
            raise WrongTrip("Isi kursi sesi ini, paling sedikit satu.", field=f"umum-{n}")
        inside = trip.starts_at <= one.interval.starts_at and one.interval.ends_at <= trip.ends_at
        if not inside:
            raise WrongTrip(
                f"Sesi ini di luar waktu perjalanan ({moment(trip.starts_at)} sampai {moment(trip.ends_at)}).",
                field=f"day-{n}",
            )
        for other in sessions[:n]:
            if one.interval.starts_at < other.interval.ends_at and other.interval.starts_at < one.interval.ends_at:
                raise WrongTrip("Sesi ini bertumpuk dengan sesi lain pada hari yang sama.", field=f"starts-{n}")


def moment(instant: datetime) -> str:
    """`28 Nov 2026, 07.30 WITA`."""
    return f"{short_date(clock.office_day(instant))}, {clock_time(instant, clock.ZONE)} {clock.ZONE_NAME}"


def span(starts_at: datetime, ends_at: datetime) -> str:
    """`28 Nov 2026, 07.30–11.30 WITA`, with the second day when it is another."""
    if clock.office_day(starts_at) != clock.office_day(ends_at):
        return f"{moment(starts_at)} sampai {moment(ends_at)}"
    hours = f"{clock_time(starts_at, clock.ZONE)}–{clock_time(ends_at, clock.ZONE)}"
    return f"{short_date(clock.office_day(starts_at))}, {hours} {clock.ZONE_NAME}"


def days_in_words(days: Collection[date]) -> str:
    """`Sabtu, 28 November 2026`, or the first and the last."""
    first, last = min(days), max(days)
    return long_date(first) if first == last else f"{long_date(first)} sampai {long_date(last)}"


def closes_at(starts_at: datetime, *, has_signal: bool) -> datetime:
    """When online booking of a session ends. Without a signal 12 hours before: the list has to be on the phones before
    they leave."""
    return starts_at - (CLOSES_WITH_SIGNAL if has_signal else CLOSES_WITHOUT_SIGNAL)


def window(plan: SessionPlan, opens_at: datetime, *, has_signal: bool) -> Window:
    """When a session can be booked."""
    starts_at = plan.interval.starts_at
    ends = closes_at(starts_at, has_signal=has_signal)
    return Window(
        opens_at=min(opens_at, ends),
        closes_at=ends,
        rolls_at=starts_at - ROLLS,
        starts_at=starts_at,
        is_open=False,
    )


# -- the crew's hours -------------------------------------------------------------------------------------------


def stretches(departs_at: datetime, returns_at: datetime, sessions: Sequence[SessionPlan]) -> list[Interval]:
    """The crew's work in pieces, one for each day of service, in order.

    The drive belongs to the service of the same day. A drive on another day, or through the night, is a piece of its
    own, of at most 12 hours next to the service.
    """
    days: dict[date, Interval] = {}
    for one in sorted(sessions, key=lambda each: each.interval.starts_at):
        there = days.get(one.day)
        days[one.day] = Interval(there.starts_at if there else one.interval.starts_at, one.interval.ends_at)
    pieces = list(days.values())
    first, last = pieces[0], pieces[-1]
    if clock.office_day(departs_at) == clock.office_day(first.starts_at):
        pieces[0] = Interval(departs_at, first.ends_at)
    elif departs_at < first.starts_at:
        pieces.insert(0, Interval(departs_at, min(first.starts_at, departs_at + ROAD)))
    if clock.office_day(returns_at) == clock.office_day(last.ends_at):
        pieces[-1] = Interval(pieces[-1].starts_at, returns_at)
    elif returns_at > last.ends_at:
        pieces.append(Interval(max(last.ends_at, returns_at - ROAD), returns_at))
    return pieces


def piece_title(title: str, n: int) -> str:
    """What the posts of the n-th stretch are called, within the 120 letters of a post's title."""
    return f"{title[:112]} ({n})"


def post_plans(title: str, plan: Plan) -> list[PostPlan]:
    """The posts of the crew: each place on each stretch. `number` is the place in the crew, so that a place keeps its
    person whatever is added before it."""
    found = []
    for n, piece in enumerate(stretches(plan.departs_at, plan.returns_at, plan.sessions), 1):
        found += [
            PostPlan(piece_title(title, n), seat.duty, place, piece, plan.distance_km)
            for place, seat in enumerate(plan.crew, 1)
        ]
    return found


# -- what is missing --------------------------------------------------------------------------------------------


def missing(plan: Plan, *, has_letter_number: bool = True) -> list[str]:
    """What a trip lacks before it can be submitted, each as the end of 'belum ada …'."""
    duties = {seat.duty for seat in plan.crew if seat.person_id}
    wanted = []
    if Duty.SUPERVISOR not in duties:
        wanted.append("penanggung jawab")
    if not plan.vehicle_ids:
        wanted.append("kendaraan")
    if plan.vehicle_ids and Duty.DRIVER not in duties:
        wanted.append("pengemudi")
    return wanted


def check_complete(plan: Plan) -> None:
    """Refuses (NotComplete) a trip without somebody who leads it, a vehicle, or its driver."""
    wanted = missing(plan)
    if wanted:
        raise NotComplete(f"Belum ada {join_words(wanted)}. Lengkapi rencananya, lalu ajukan lagi.")


def notes(seats: int, people: int | None, other_trip: date | None, first_day: date) -> list[str]:
    """What the planner should know and may decide about: a small group, few seats, and a kecamatan that has another
    trip in this month, done or planned."""
    found = []
    expected = people if people is not None else seats
    if expected < FEWEST_PEOPLE:
        found.append(f"Rencana untuk {expected} orang; biasanya paling sedikit {FEWEST_PEOPLE}.")
    if people is not None and seats < people:
        found.append(f"Kursi ada {seats}, pemohon yang disebut di permintaan {people}.")
    if other_trip is not None and (other_trip.year, other_trip.month) == (first_day.year, first_day.month):
        found.append(
            f"Kecamatan ini sudah punya perjalanan lain pada bulan yang sama ({short_date(other_trip)}). Iramanya "
            "sekali sebulan."
        )
    return found


def is_same(one: Plan, other: Plan) -> bool:
    """Whether two plans say the same, whatever the order of their rows and whether their sessions are saved already.
    Why limits are overridden is left out: it is kept only where it was needed."""
    return _said(one) == _said(other)


def _said(plan: Plan) -> tuple[object, ...]:
    sessions = sorted(
        (one.day, one.starts, one.ends, sorted((str(pool), n) for pool, n in one.seats.items() if n))
        for one in plan.sessions
    )
    crew = [(seat.duty, seat.person_id) for seat in plan.crew]
    along = (plan.vehicle_ids, plan.item_ids)
    return (plan.site_id, plan.departs_at, plan.returns_at, sessions, along, crew, plan.costs, plan.purpose)


# -- refusals ---------------------------------------------------------------------------------------------------


class WrongTrip(Refusal):
    sentence = "Rencana perjalanan ini belum bisa disimpan."


class KeyReused(Refusal):
    sentence = (
        "Formulir ini sudah menyimpan perjalanan dengan isi lain. Untuk mengubah perjalanan itu, buka dari daftar. "
        "Untuk membuat perjalanan baru dengan isian di bawah, simpan sekali lagi."
    )


class WrongStep(Refusal):
    status = 409


class NotComplete(Refusal):
    sentence = "Rencana perjalanan ini belum lengkap."


class ClashesLeft(Refusal):
    """What was free when it was planned is not any more; the sentence names each."""


class SessionInUse(Refusal):
    sentence = "Sesi ini sudah punya pendaftar, jadi waktunya tidak bisa diubah atau dihapus. Tunda perjalanannya."


class SiteInUse(Refusal):
    sentence = (
        "Sudah ada pendaftar untuk lokasi ini, jadi lokasinya tidak bisa diganti. Tunda perjalanan ini lebih dulu, "
        "atau batalkan dan buat yang baru."
    )
    field = "site"


class NeedReason(Refusal):
    sentence = "Tulis alasannya, supaya tim, kontak, dan pendaftar tahu."
    field = "reason"


class ChangedMeanwhile(Stale):
    sentence = (
        "Perjalanan ini baru saja diubah orang lain. Periksa keadaan terbaru, lalu simpan lagi bila isian Anda masih "
        "benar."
    )


def one_line(typed: str) -> str:
    """Text on one line, without signs that nobody sees and no database keeps."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


def read_reason(typed: str, *, field: str) -> str:
    """A reason in a few words, spaces folded. Refuses one that is missing or too long."""
    reason = one_line(typed)
    if not reason:
        raise NeedReason(field=field)
    if len(reason) > MAX_REASON:
        raise NeedReason(f"Alasan paling panjang {MAX_REASON} huruf, yang diisi {len(reason)}.", field=field)
    return reason
