"""Words and decisions about vehicles and kit: kinds, where a thing is, what the odometer can have shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from fieldops.core.roster.rules import Interval
from fieldops.core.roster.rules.taking import WORKSHOP, hours
from fieldops.kit import clock
from fieldops.kit.errors import Refusal, Stale
from fieldops.kit.indonesian import date_time, number

SOURCE = "outage"
"""The source of a workshop time in the busy table; its ref is the id of the outage."""
HELD = "trip"
"""The kind of a promise of vehicles and kit."""

MOST_SEATS = 60
MOST_KM = 2_000_000
LONGEST_NAME, LONGEST_TAG, LONGEST_PLATE, LONGEST_NOTE = 120, 40, 15, 300
LONGEST_OUTAGE = timedelta(days=366)
SLACK = timedelta(minutes=5)
"""So far may a phone's clock be ahead."""


class Holder(StrEnum):
    """What can be promised besides people."""

    VEHICLE = "vehicle"
    KIT = "kit"

    @property
    def label(self) -> str:
        return {"vehicle": "Kendaraan", "kit": "Perlengkapan"}[self.value]


class Kind(StrEnum):
    """Kinds of kit, in the order of the screen."""

    LAPTOP = "laptop"
    FINGERPRINT = "fingerprint"
    CAMERA = "camera"
    SCANNER = "scanner"
    READER = "reader"
    SIGNATURE = "signature"
    PRINTER = "printer"
    GENERATOR = "generator"
    CASE = "case"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            "laptop": "Laptop",
            "fingerprint": "Perekam sidik jari",
            "camera": "Kamera",
            "scanner": "Pemindai dokumen",
            "reader": "Pembaca paspor",
            "signature": "Papan tanda tangan",
            "printer": "Pencetak paspor",
            "generator": "Genset",
            "case": "Koper perlengkapan",
            "other": "Lainnya",
        }[self.value]


class Moment(StrEnum):
    """The two ends of a trip."""

    OUT = "out"
    IN = "in"

    @property
    def label(self) -> str:
        return {"out": "berangkat", "in": "kembali"}[self.value]


@dataclass(frozen=True)
class Taken:
    """A promise or workshop time of a thing. `ref` is the id of what it was promised to, a trip or an outage."""

    title: str
    kind: str
    interval: Interval
    source: str
    ref: str

    @property
    def when(self) -> str:
        return hours(self.interval)


def where(taken: Iterable[Taken], now: datetime) -> Taken | None:
    """What has the thing at this moment: the workshop before any promise, as it is the truth; None: the office."""
    current = [one for one in taken if one.interval.starts_at <= now < one.interval.ends_at]
    return min(current, key=lambda one: (one.kind != WORKSHOP, -one.interval.ends_at.timestamp()), default=None)


def where_words(found: Taken | None) -> str:
    """`Di kantor`, `Dipakai sampai …`, `Di bengkel sampai …`."""
    if found is None:
        return "Di kantor"
    until = date_time(found.interval.ends_at, clock.ZONE, clock.ZONE_NAME)
    return f"{'Di bengkel' if found.kind == WORKSHOP else 'Dipakai'} sampai {until}"


def check_outage(interval: Interval, now: datetime) -> None:
    """Refuses an interval that ends before it starts, is over already, or is longer than a year."""
    if interval.ends_at <= interval.starts_at:
        raise WrongOutage("Waktu selesai harus sesudah waktu mulai.", field="ends_on")
    if interval.ends_at <= now:
        raise WrongOutage("Waktu ini sudah lewat. Isi kapan kira-kira selesai.", field="ends_on")
    if interval.length > LONGEST_OUTAGE:
        raise WrongOutage("Paling lama satu tahun. Bila tidak dipakai lagi, nonaktifkan saja.", field="ends_on")


@dataclass(frozen=True)
class VehicleIn:
    """A vehicle as typed and read."""

    name: str
    plate: str
    seats: int
    note: str


@dataclass(frozen=True)
class ItemIn:
    """An item as typed and read. `part_of` is the case it lies in."""

    name: str
    kind: Kind
    tag: str
    part_of: UUID | None
    note: str


# -- what is typed ----------------------------------------------------------------------------------------------


def line_of(typed: str, *, most: int, field: str) -> str:
    """A text as one line without control signs. Refuses (LongText) more than `most` letters, at `field`."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())
    if len(line) > most:
        raise LongText(f"Paling panjang {most} huruf, yang Anda isi {len(line)}.", field=field)
    return line


def read_plate(typed: str) -> str:
    """A number plate in capitals with single spaces, or nothing when it is not known."""
    plate = line_of(typed, most=LONGEST_PLATE, field="plate").upper()
    if plate and not all(sign.isascii() and (sign.isalnum() or sign == " ") for sign in plate):
        raise WrongPlate
    return plate


def read_km(typed: str) -> int:
    """What the odometer shows, in whole kilometres; dots between thousands and the word km may be typed."""
    text = typed.strip().lower().removesuffix("km").replace(".", "").replace(" ", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 7) or int(text) > MOST_KM:
        raise WrongKm
    return int(text)


# -- the odometer -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReadingFact:
    """What the odometer showed at one end of a trip. `source` and `ref` are the trip's."""

    source: str
    ref: str
    moment: Moment
    km: int
    at: datetime

    @property
    def trip(self) -> tuple[str, str]:
        return self.source, self.ref

    @property
    def words(self) -> str:
        when = date_time(self.at, clock.ZONE, clock.ZONE_NAME)
        return f"{number(self.km)} km saat {self.moment.label}, {when}"


@dataclass(frozen=True)
class Distance:
    """A trip by the odometer; `km` is None until both ends are known."""

    source: str
    ref: str
    out: ReadingFact | None
    back: ReadingFact | None

    @property
    def km(self) -> int | None:
        return None if self.out is None or self.back is None else self.back.km - self.out.km


def check_reading(new: ReadingFact, known: Iterable[ReadingFact], now: datetime) -> None:
    """Whether `new` can be true beside what is known of the same vehicle, by the time of the readings, not of their
    entry. A known reading of the same end of the same trip is the one that is corrected.

    Refuses a time to come; a return before its departure or below it (BelowOut); a figure below an earlier reading or
    above a later one (AgainstNeighbour), with both figures.
    """
    if new.at > now + SLACK:
        raise NotYet
    others = [one for one in known if (one.trip, one.moment) != (new.trip, new.moment)]
    for other in (one for one in others if one.trip == new.trip):
        out, back = (new, other) if new.moment is Moment.OUT else (other, new)
        if back.at < out.at:
            raise BelowOut("Waktu kembali harus sesudah waktu berangkat.", field="at")
        if back.km < out.km:
            raise BelowOut(
                f"Angka saat kembali {number(back.km)} km lebih kecil daripada saat berangkat {number(out.km)} km. "
                "Periksa keduanya, lalu perbaiki yang keliru."
            )
    before = max((one for one in others if one.at < new.at), key=lambda one: (one.km, one.at), default=None)
    if before is not None and new.km < before.km:
        raise AgainstNeighbour(_contradiction(new, "lebih kecil daripada yang lebih dulu", before))
    after = min((one for one in others if one.at > new.at), key=lambda one: (one.km, one.at), default=None)
    if after is not None and new.km > after.km:
        raise AgainstNeighbour(_contradiction(new, "lebih besar daripada yang sesudahnya", after))


def _contradiction(new: ReadingFact, words: str, other: ReadingFact) -> str:
    return f"{number(new.km)} km {words}: {other.words}. Periksa keduanya, lalu perbaiki yang keliru."


def distances(readings: Sequence[ReadingFact]) -> list[Distance]:
    """The trips of one vehicle in the order in which they were driven."""
    trips: dict[tuple[str, str], dict[Moment, ReadingFact]] = {}
    for one in sorted(readings, key=lambda each: (each.at, each.km)):
        trips.setdefault(one.trip, {})[one.moment] = one
    return [Distance(*trip, ends.get(Moment.OUT), ends.get(Moment.IN)) for trip, ends in trips.items()]


# -- refusals ---------------------------------------------------------------------------------------------------


class LongText(Refusal):
    sentence = "Teks terlalu panjang."


class NeedName(Refusal):
    sentence = "Isi namanya."
    field = "name"


class NameTaken(Refusal):
    sentence = "Nama ini sudah dipakai. Beri nomor atau tanda lain, misalnya Kamera 5."
    field = "name"


class PlateTaken(Refusal):
    sentence = "Nomor polisi ini sudah dipakai kendaraan lain."
    field = "plate"


class TagTaken(Refusal):
    sentence = "Nomor inventaris ini sudah dipakai perlengkapan lain."
    field = "tag"


class WrongPlate(Refusal):
    sentence = "Tulis nomor polisi dengan huruf dan angka saja, misalnya KT 1234 AB."
    field = "plate"


class WrongSeats(Refusal):
    sentence = f"Isi jumlah kursi antara 1 dan {MOST_SEATS}."
    field = "seats"


class WrongKind(Refusal):
    sentence = "Pilih jenisnya."
    field = "kind"


class WrongCase(Refusal):
    """An item can only be part of a case that is no part itself."""

    sentence = "Pilih koper yang aktif dan yang bukan bagian dari koper lain."
    field = "part_of"


class CasePromised(Refusal):
    """What is in a case stays in it while the case or the part is promised."""

    sentence = "Isi koper tidak bisa diubah selagi koper atau isinya dijanjikan. Lepas dulu janjinya."
    field = "part_of"


class StillPromised(Refusal):
    sentence = "Masih dijanjikan, jadi belum bisa dinonaktifkan."


class Inactive(Refusal):
    sentence = "Sudah dinonaktifkan. Pilih yang lain."


class WrongOutage(Refusal):
    sentence = "Waktu bengkel belum benar."
    field = "ends_on"


class NeedReason(Refusal):
    sentence = "Tulis alasannya, misalnya servis berkala."
    field = "reason"


class WrongKm(Refusal):
    sentence = f"Tulis angka odometer dalam kilometer, paling besar {number(MOST_KM)}."
    field = "km"


class NotYet(Refusal):
    sentence = "Waktu ini belum terjadi. Isi waktu saat angka dibaca."
    field = "at"


class BelowOut(Refusal):
    sentence = "Angka saat kembali lebih kecil daripada saat berangkat."
    field = "km"


class AgainstNeighbour(Refusal):
    sentence = "Angka ini tidak cocok dengan catatan lain."
    field = "km"


class Changed(Stale):
    """Somebody changed the thing since its page was drawn."""

    sentence = (
        "Orang lain sudah mengubahnya sejak halaman ini dibuka. Periksa yang tersimpan sekarang, lalu ulangi bila "
        "masih perlu."
    )
