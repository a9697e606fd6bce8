"""What the papers of a trip say: filled from its plan and its events, for `core.letters` to number and to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from fieldops.core.booking.models import Applicant, Booking, BookingSession
from fieldops.core.booking.rules import Service, State
from fieldops.core.files import queries as files
from fieldops.core.fleet import queries as fleet
from fieldops.core.letters import queries as letters
from fieldops.core.letters.documents import (
    Assignment,
    AttendanceSession,
    AttendanceSheet,
    Attendant,
    BlankCounts,
    CrewMember,
    IncidentTold,
    KitBack,
    Photo,
    ServiceCounts,
    Signer,
    SpdSheet,
    TripReportDoc,
    VehicleUsed,
    head_of,
)
from fieldops.core.letters.rules import travel_kind
from fieldops.core.people.models import Person
from fieldops.core.people.rules import Role
from fieldops.kit import clock
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.running import PHOTOS
from fieldops.loktuan.trips.queries.sites import OFFICE_AREA
from fieldops.loktuan.trips.queries.trips import SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from fieldops.core.blanks.rules import Range
    from fieldops.loktuan.trips.queries.facts import TripFacts
    from fieldops.loktuan.trips.queries.running import RunFacts
    from fieldops.settings import Settings

CONSIDERING = (
    "bahwa untuk mendekatkan layanan paspor kepada masyarakat perlu dilaksanakan layanan paspor keliling (LOKTUAN);",
    "bahwa pegawai yang namanya tercantum dalam surat tugas ini dipandang mampu melaksanakan tugas tersebut.",
)
BASIS = (
    "Undang-Undang Nomor 6 Tahun 2011 tentang Keimigrasian beserta perubahannya;",
    "Rencana Strategis Kantor Imigrasi Kelas III Non TPI Bontang Tahun 2025–2029.",
)
TASK = "Melaksanakan layanan paspor keliling LOKTUAN"
COPIES = ("Kepala Kantor Wilayah Direktorat Jenderal Imigrasi Kalimantan Timur", "Arsip")


def head_signer(session: Session) -> Signer:
    """The head of the office who signs; without one, a line to fill in."""
    row = session.execute(
        select(Person.name, Person.nip)
        .where(Person.role == Role.HEAD.value, Person.is_active)
        .order_by(Person.name)
        .limit(1)
    ).one_or_none()
    return Signer(title="Kepala Kantor", name=row.name if row else "", nip=row.nip if row else "")


def crew_of(trip: TripFacts) -> tuple[CrewMember, ...]:
    """The crew in the order of the plan, everybody of each place; gaps are not printed."""
    return tuple(
        CrewMember(name=one.name, nip=one.nip, rank=one.rank, duty=row.duty.label)
        for row in trip.crew
        for one in row.members
    )


def vehicles_of(session: Session, trip: TripFacts) -> tuple[VehicleUsed, ...]:
    found = [fleet.vehicle(session, one.holder_id) for one in trip.things if one.holder_kind == "vehicle"]
    return tuple(VehicleUsed(name=one.name, plate=one.plate) for one in found if one)


def assignment(session: Session, trip: TripFacts, settings: Settings) -> Assignment:
    """The letter of assignment as the plan would have it today."""
    asked = (f"Permohonan layanan paspor keliling dari {trip.organisation};",) if trip.organisation else ()
    return Assignment(
        head=head_of(settings),
        considering=CONSIDERING,
        basis=(BASIS[0], *asked, *BASIS[1:]),
        crew=crew_of(trip),
        task=trip.plan.purpose or TASK,
        place=trip.site.name,
        address=trip.site.address,
        departs_at=trip.row.departs_at,
        returns_at=trip.row.returns_at,
        vehicles=vehicles_of(session, trip),
        budget=settings.letter_budget,
        city=settings.letter_city,
        signer=head_signer(session),
        copies=COPIES,
    )


def letter_text(session: Session, trip_id: UUID) -> tuple[str, date | None]:
    """The number of the letter in force as people write it, and its date; empty while there is none."""
    found = letters.current(session, SOURCE, str(trip_id))
    if found is None:
        return "", None
    return found.row.official_number or found.row.register_number, found.row.day


def attendance(session: Session, trip: TripFacts, day: date, settings: Settings, *, demo: bool) -> AttendanceSheet:
    """The list to sign for one day: everybody who has booked it, by session."""
    rows = session.execute(
        select(BookingSession.id, Applicant.name, Applicant.nik_last4, Applicant.service)
        .join(Booking, Booking.session_id == BookingSession.id)
        .join(Applicant, Applicant.booking_id == Booking.id)
        .where(
            BookingSession.source_ref == str(trip.row.id),
            BookingSession.day == day,
            Booking.state == State.BOOKED,
            Applicant.is_live,
        )
        .order_by(Applicant.name)
    ).all()
    sessions = tuple(
        AttendanceSession(
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            people=tuple(
                Attendant(name=row.name, nik_last4=row.nik_last4, service=Service(row.service).label)
                for row in rows
                if row.id == one.id
            ),
        )
        for one in trip.sessions
        if one.day == day
    )
    return AttendanceSheet(
        head=head_of(settings),
        title=f"Daftar hadir {rules.PROGRAMME}",
        day=day,
        place=trip.site.name,
        address=trip.site.address,
        sessions=sessions,
        crew=crew_of(trip),
        spare_rows=5,
        letter_number=letter_text(session, trip.row.id)[0],
        demo=demo,
    )


def spd(session: Session, trip: TripFacts, person_id: UUID, settings: Settings, *, demo: bool) -> SpdSheet | None:
    """The travel data of one of the crew; None for anybody else."""
    found = [(row.duty, one) for row in trip.crew for one in row.members if one.id == person_id]
    if not found:
        return None
    duty, member = found[0]
    vehicles = vehicles_of(session, trip)
    return SpdSheet(
        head=head_of(settings),
        orderer=head_signer(session),
        traveller=CrewMember(name=member.name, nip=member.nip, rank=member.rank, duty=duty.label),
        purpose=f"{trip.plan.purpose or TASK} di {trip.site.name}",
        kind=travel_kind(OFFICE_AREA, trip.site.area_code or OFFICE_AREA, trip.row.returns_at - trip.row.departs_at),
        transport=f"Kendaraan dinas, {vehicles[0].text}" if vehicles else "Kendaraan dinas",
        origin=settings.letter_city,
        destination=", ".join(part for part in (trip.site.name, trip.site.area) if part),
        departs_at=trip.row.departs_at,
        returns_at=trip.row.returns_at,
        budget=settings.letter_budget,
        letter_number=letter_text(session, trip.row.id)[0],
        demo=demo,
    )


def report(session: Session, run: RunFacts, settings: Settings, *, day: date, demo: bool) -> TripReportDoc:
    """The report, filled from what was noted; its figures are those of now."""
    trip, counts = run.trip, run.counts
    number, letter_day = letter_text(session, trip.row.id)
    km = {one.holder_id: (one.km_out, one.km_in) for one in run.things if one.is_vehicle}
    vehicles = []
    for thing in trip.things:
        one = fleet.vehicle(session, thing.holder_id) if thing.holder_kind == "vehicle" else None
        if one is not None:
            out, back = km.get(one.id, (None, None))
            vehicles.append(VehicleUsed(name=one.name, plate=one.plate, odometer_out=out, odometer_back=back))
    return TripReportDoc(
        head=head_of(settings),
        programme=f"layanan paspor keliling ({rules.PROGRAMME})",
        letter_number=number or "(belum terbit)",
        letter_day=letter_day or clock.office_day(trip.row.departs_at),
        place=trip.site.name,
        address=trip.site.address,
        departed_at=next((one.out_at for one in run.things if one.is_vehicle and one.out_at), trip.row.departs_at),
        returned_at=next((one.back_at for one in run.things if one.is_vehicle and one.back_at), trip.row.returns_at),
        crew=crew_of(trip),
        vehicles=tuple(vehicles),
        counts=ServiceCounts(
            booked=counts.booked,
            arrived=counts.arrived,
            returned=counts.returned,
            served=counts.served,
            issued=counts.issued,
            in_process=counts.in_process,
            no_show=counts.no_show,
            walk_in=counts.walk_in,
            collective=counts.collective,
        ),
        blanks=_blanks(run),
        kit=tuple(
            KitBack(name=one.name, state=one.back_state, note=one.note) for one in run.things if not one.is_vehicle
        ),
        incidents=tuple(IncidentTold(happened_at=one.happened_at, text=one.text) for one in run.incidents),
        summary=run.report.summary,
        obstacles=run.report.obstacles,
        follow_up=run.report.follow_up,
        photos=_photos(session, run),
        no_photo_reason=run.report.no_photo_reason,
        city=settings.letter_city,
        day=day,
        writer=_leader(trip),
        head_signer=head_signer(session),
        demo=demo,
    )


def _leader(trip: TripFacts) -> Signer:
    """Who leads the crew: the first place with a person."""
    leader = next((row.holder for row in trip.crew if row.holder), None)
    return Signer(title="Penanggung jawab", name=leader.name if leader else "", nip=leader.nip if leader else "")


def _blanks(run: RunFacts) -> BlankCounts:
    ranges = {word: _pairs(found) for word, _, found in run.blanks.lines}
    return BlankCounts(
        taken=len(run.blanks.issued),
        used=len(run.blanks.used),
        spoiled=len(run.blanks.spoiled),
        back=len(run.blanks.returned),
        taken_ranges=ranges["Dibawa"],
        used_ranges=ranges["Terpakai"],
        spoiled_ranges=ranges["Rusak"],
        back_ranges=ranges["Dikembalikan"],
    )


def _pairs(found: Sequence[Range]) -> tuple[tuple[str, str], ...]:
    return tuple((one.first, one.last) for one in found)


def _photos(session: Session, run: RunFacts) -> tuple[Photo, ...]:
    found = (files.one_file(session, one.id, source=PHOTOS, ref=str(run.trip.row.id)) for one in run.photos)
    return tuple(Photo(jpeg=one.content) for one in found if one is not None)
