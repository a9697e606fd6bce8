"""What the printed papers of a trip say, as plain data. Drawing them is the business of `letters/pdf/`.

Whoever fills these knows trips and people; this part knows paper. Instants are aware and may be in any zone: they are
printed on the office's clock. Texts are ready to print and are never read as markup. This module loads no reportlab.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from fieldops.core.letters.rules import Kind, TravelKind
from fieldops.kit import clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fieldops.settings import Settings

UNSIGNED: Final = "menunggu tanda tangan elektronik"


# -- parts of several papers


@dataclass(frozen=True, kw_only=True)
class LetterHead:
    """The office's stationery, from the top down. `contact` is telephone, site and mail in one line; it may be
    empty."""

    ministry: str
    directorate: str
    region: str
    office: str
    address: str
    contact: str = ""


def head_of(settings: Settings) -> LetterHead:
    """The stationery of this installation."""
    phone = f"Telepon {settings.office_phone}" if settings.office_phone else ""
    return LetterHead(
        ministry=settings.letter_ministry,
        directorate=settings.letter_directorate,
        region=settings.letter_region,
        office=settings.office_name,
        address=settings.office_address,
        contact=" · ".join(part for part in (phone, settings.letter_contact) if part),
    )


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who signs: the title of the office held, the name, the NIP (18 digits or empty)."""

    title: str
    name: str
    nip: str = ""


@dataclass(frozen=True, kw_only=True)
class CrewMember:
    """One person of a crew. `duty` is the work on this journey, as `Ketua tim` or `Pengemudi`."""

    name: str
    nip: str = ""
    rank: str = ""
    duty: str = ""


@dataclass(frozen=True, kw_only=True)
class VehicleUsed:
    """A vehicle by name and plate; the odometer in km where it is known."""

    name: str
    plate: str = ""
    odometer_out: int | None = None
    odometer_back: int | None = None

    @property
    def distance_km(self) -> int | None:
        if self.odometer_out is None or self.odometer_back is None:
            return None
        return self.odometer_back - self.odometer_out

    @property
    def text(self) -> str:
        return f"{self.name}, nomor polisi {self.plate}" if self.plate else self.name


# -- the letter of assignment


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """All that a letter of assignment says but its number and its date: what is stored as the letter's content.

    `considering` (Menimbang) and `basis` (Dasar) are whole sentences. `task` ends without a full stop, as
    "Melaksanakan layanan paspor keliling (LOKTUAN)". `budget` is what it is charged to. `city` stands before the date.
    """

    head: LetterHead
    considering: Sequence[str]
    basis: Sequence[str]
    crew: Sequence[CrewMember]
    task: str
    place: str
    address: str
    departs_at: datetime
    returns_at: datetime
    vehicles: Sequence[VehicleUsed]
    budget: str
    city: str
    signer: Signer
    copies: Sequence[str] = ()

    def stored(self) -> dict[str, Any]:
        """As plain JSON, for `letters.service.issue`. Instants carry the office's offset."""
        found = asdict(self)
        for name in ("departs_at", "returns_at"):
            found[name] = clock.in_office(found[name]).isoformat()
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Assignment:
        """What `stored` gave. Refuses a content of another shape (KeyError, TypeError)."""
        parts = dict(content)
        return cls(
            **parts
            | {
                "head": LetterHead(**parts["head"]),
                "signer": Signer(**parts["signer"]),
                "crew": tuple(CrewMember(**one) for one in parts["crew"]),
                "vehicles": tuple(VehicleUsed(**one) for one in parts["vehicles"]),
                "departs_at": datetime.fromisoformat(parts["departs_at"]),
                "returns_at": datetime.fromisoformat(parts["returns_at"]),
                "considering": tuple(parts["considering"]),
                "basis": tuple(parts["basis"]),
                "copies": tuple(parts["copies"]),
            }
        )


@dataclass(frozen=True, kw_only=True)
class AssignmentLetter:
    """A letter of assignment as it is printed: the content with number, version and date.

    `verify_url` is in the code; `is_void` prints TIDAK BERLAKU across every page, `demo` prints CONTOH.
    """

    assignment: Assignment
    kind: Kind
    number: int
    year: int
    version: int
    day: date
    verify_url: str
    official_number: str = ""
    is_void: bool = False
    demo: bool = False


# -- the list of those who come


@dataclass(frozen=True, kw_only=True)
class Attendant:
    """One row of a session's list. `nik_last4` are the last digits only."""

    name: str
    nik_last4: str
    service: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class AttendanceSession:
    """A session with those who booked it, in the order in which they are called."""

    starts_at: datetime
    ends_at: datetime
    people: Sequence[Attendant]


@dataclass(frozen=True, kw_only=True)
class AttendanceSheet:
    """The list of a service day that is signed by hand: the public by session, then the crew.

    `spare_rows` empty rows follow for those who come without a booking.
    """

    head: LetterHead
    title: str
    day: date
    place: str
    address: str
    sessions: Sequence[AttendanceSession]
    crew: Sequence[CrewMember]
    spare_rows: int = 0
    letter_number: str = ""
    demo: bool = False


# -- the data of a travel order


@dataclass(frozen=True, kw_only=True)
class SpdSheet:
    """The data for the Surat Perjalanan Dinas of one member of a crew. The order itself comes from SAKTI.

    `orderer` is who orders the journey (KPA or PPK). `transport` is the means, as "Kendaraan dinas".
    """

    head: LetterHead
    orderer: Signer
    traveller: CrewMember
    purpose: str
    kind: TravelKind
    transport: str
    origin: str
    destination: str
    departs_at: datetime
    returns_at: datetime
    budget: str
    letter_number: str
    note: str = ""
    demo: bool = False

    @property
    def days(self) -> int:
        """How many office days the journey touches: away from 06.00 to 20.00 is one day."""
        last = clock.office_day(self.returns_at - timedelta(microseconds=1))
        return (last - clock.office_day(self.departs_at)).days + 1


# -- the report


@dataclass(frozen=True, kw_only=True)
class ServiceCounts:
    """How many people, by what became of them. `walk_in` and `collective` are parts of those who came."""

    booked: int
    arrived: int
    returned: int
    served: int
    issued: int
    in_process: int
    no_show: int
    walk_in: int
    collective: int


@dataclass(frozen=True, kw_only=True)
class BlankCounts:
    """What became of the blank passports that went along. A range is (first, last) of serial numbers."""

    taken: int
    used: int
    spoiled: int
    back: int
    taken_ranges: Sequence[tuple[str, str]] = ()
    used_ranges: Sequence[tuple[str, str]] = ()
    spoiled_ranges: Sequence[tuple[str, str]] = ()
    back_ranges: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class KitBack:
    """A piece of kit that went along. `state` is good, damaged, missing or empty (not looked at yet)."""

    name: str
    state: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class IncidentTold:
    """Something that happened, and when."""

    happened_at: datetime
    text: str


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A picture as JPEG, with what it shows."""

    jpeg: bytes
    caption: str = ""


@dataclass(frozen=True, kw_only=True)
class TripReportDoc:
    """The report of one trip. What the writer leaves empty is said in a sentence ("tidak ada …").

    `letter_number` is the number of the letter of assignment as it was shown, `letter_day` its date. `writer` signs as
    leader of the crew, `head_signer` takes note. `day` is the date of the report.
    """

    head: LetterHead
    programme: str
    letter_number: str
    letter_day: date
    place: str
    address: str
    departed_at: datetime
    returned_at: datetime
    crew: Sequence[CrewMember]
    vehicles: Sequence[VehicleUsed]
    counts: ServiceCounts
    blanks: BlankCounts
    kit: Sequence[KitBack]
    incidents: Sequence[IncidentTold]
    summary: str
    obstacles: str
    follow_up: str
    photos: Sequence[Photo]
    city: str
    day: date
    writer: Signer
    head_signer: Signer
    no_photo_reason: str = ""
    demo: bool = False
