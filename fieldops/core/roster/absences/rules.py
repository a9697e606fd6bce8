"""Leave as instants, who may decide it and until when, and what a duty earns in time off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeVar
from uuid import UUID

from fieldops.core.calendar.rules import is_working_day
from fieldops.core.roster.rules import Absence
from fieldops.core.roster.rules.intervals import Interval, overlaps, shared
from fieldops.kit import clock
from fieldops.kit.errors import Refusal, Stale
from fieldops.kit.indonesian import clock_time, duration, long_date

OPENS: Final = time(7, 30)
NOON: Final = time(12)
CLOSES: Final = time(16)
LOOK_BACK: Final = timedelta(days=31)
"""Sick leave is often written down afterwards."""
LOOK_AHEAD: Final = timedelta(days=400)
LONGEST: Final = timedelta(days=366)
NOTE_LENGTH: Final = 300
NOT_WORKED: Final = "Ternyata tidak bertugas."
"""Why time off is struck out by the code that closes duties; a later correction may bring it back."""


class State(StrEnum):
    """How far a request is. Requested and approved ones are live: no other may overlap them."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return {
            "requested": "Menunggu",
            "approved": "Disetujui",
            "refused": "Ditolak",
            "withdrawn": "Ditarik",
        }[self.value]


LIVE: Final = (State.REQUESTED, State.APPROVED)


class Part(StrEnum):
    """Which part of the day. A morning and an afternoon of one day stand side by side: together a day of work."""

    FULL = "full"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    HOURS = "hours"

    @property
    def label(self) -> str:
        return {
            "full": "Sehari penuh",
            "morning": "Pagi, 07.30–12.00",
            "afternoon": "Siang, 12.00–16.00",
            "hours": "Jam tertentu",
        }[self.value]


# -- when -------------------------------------------------------------------------------------------------------


def period(first: date, last: date, part: Part, starts: time | None = None, ends: time | None = None) -> Interval:
    """The instants of leave. A full day is the whole day of the office, so that a duty in its night is touched too.

    Refuses (WrongPeriod, at its field) a last day before the first, a half day over several days, and hours that are
    missing or run backwards.
    """
    if last < first:
        raise WrongPeriod("Tanggal akhir harus sama dengan atau sesudah tanggal mulai.", field="last")
    if part is Part.FULL:
        return Interval(clock.at_office(first, time()), clock.day_bounds(last)[1])
    if part is Part.HOURS:
        if starts is None:
            raise WrongPeriod("Tulis jam mulai seperti 08.00.", field="starts")
        if ends is None:
            raise WrongPeriod("Tulis jam selesai seperti 10.00.", field="ends")
        found = Interval(clock.at_office(first, starts), clock.at_office(last, ends))
        if found.ends_at <= found.starts_at:
            raise WrongPeriod("Jam selesai harus sesudah jam mulai.", field="ends")
        return found
    if last != first:
        raise WrongPeriod("Setengah hari hanya untuk satu tanggal. Ajukan hari lainnya terpisah.", field="last")
    begin, end = (OPENS, NOON) if part is Part.MORNING else (NOON, CLOSES)
    return Interval(clock.at_office(first, begin), clock.at_office(first, end))


def check_period(interval: Interval, now: datetime) -> None:
    """Refuses what can only be a slip of the finger: too long, too far ahead, too long ago."""
    if interval.ends_at - interval.starts_at > LONGEST:
        raise WrongPeriod("Paling lama satu tahun. Periksa lagi tanggalnya.", field="last")
    if interval.starts_at > now + LOOK_AHEAD:
        raise WrongPeriod("Tanggal ini lebih dari setahun lagi. Periksa lagi tahunnya.", field="first")
    if interval.ends_at < now - LOOK_BACK:
        raise WrongPeriod("Sudah lewat lebih dari 31 hari. Bicarakan dengan Tata Usaha.", field="first")


def when(interval: Interval) -> str:
    """Leave in words: `Senin, 30 November 2026`, `…, pagi (07.30–12.00 WITA)`, `… sampai …`."""
    starts, ends = clock.in_office(interval.starts_at), clock.in_office(interval.ends_at)
    first = starts.date()
    whole = starts.time() == time() == ends.time()
    last = ends.date() - timedelta(days=1) if whole else ends.date()
    if whole:
        return long_date(first) if first == last else f"{long_date(first)} sampai {long_date(last)}"
    begin, end = clock_time(starts, clock.ZONE), clock_time(ends, clock.ZONE)
    if first != last:
        return f"{long_date(first)}, {begin} WITA sampai {long_date(last)}, {end} WITA"
    half = {(OPENS, NOON): "pagi", (NOON, CLOSES): "siang"}.get((starts.time(), ends.time()))
    return f"{long_date(first)}, " + (f"{half} ({begin}–{end} WITA)" if half else f"{begin}–{end} WITA")


def days_of(interval: Interval) -> list[date]:
    """The office's days that an interval touches."""
    first, last = clock.office_day(interval.starts_at), clock.office_day(interval.ends_at - timedelta(microseconds=1))
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def read_note(typed: str, *, field: str = "note") -> str:
    """What somebody wrote as one line without control signs. Refuses (LongNote) one that is too long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())
    if len(line) > NOTE_LENGTH:
        raise LongNote(f"Paling panjang {NOTE_LENGTH} huruf, yang Anda isi {len(line)}.", field=field)
    return line


def overlap_words(kind: Absence, leave: Interval, duty: Interval) -> str:
    """`Cuti tahunan bertumpuk 2 jam`."""
    return f"{kind.label} bertumpuk {duration(shared(leave, duty))}"


@dataclass(frozen=True)
class EventIn:
    """One event of a calendar as somebody chose it. `uid` stays the same when the event is moved."""

    uid: str
    interval: Interval
    title: str


# -- who and until when -----------------------------------------------------------------------------------------


def check_decider(person_id: UUID, decider_id: UUID | None) -> None:
    """Nobody decides his own request."""
    if decider_id is None or person_id == decider_id:
        raise OwnRequest


def check_unchanged(interval: Interval, seen: Interval) -> None:
    """Whoever decides has seen these hours; an imported request may have moved meanwhile."""
    if interval != seen:
        raise Decided("Waktunya berubah sejak halaman ini dibuka. Periksa lagi, lalu putuskan.")


def check_refusable(state: State, ends_at: datetime, now: datetime) -> None:
    """A waiting request can be refused at any time; leave that was approved only until it is over."""
    if state is State.WITHDRAWN:
        raise Decided("Pengajuan ini sudah ditarik oleh pemohon.")
    if state is State.APPROVED and now >= ends_at:
        raise Begun("Cuti ini sudah selesai dijalani, jadi tidak bisa dibatalkan.")


def check_withdrawable(state: State, starts_at: datetime, now: datetime) -> None:
    """A waiting request can be taken back at any time; leave that was approved only before it begins."""
    if state is State.REFUSED:
        raise Decided("Pengajuan ini sudah ditolak.")
    if state is State.APPROVED and now >= starts_at:
        raise Begun


class Taken(Protocol):
    """Leave that is there already."""

    @property
    def kind(self) -> Absence: ...
    @property
    def interval(self) -> Interval: ...
    @property
    def state(self) -> State: ...


def check_free(interval: Interval, taken: Iterable[Taken], *, about: str = "") -> None:
    """Refuses (Overlap, naming it) hours in which leave of the same person is asked for or approved already."""
    for one in taken:
        if overlaps(interval, one.interval):
            raise Overlap(
                f"{about}Bertumpuk dengan {one.kind.label}, {when(one.interval)} ({one.state.label.lower()}). "
                "Tarik yang itu dulu, atau pilih waktu lain."
            )


# -- compensation -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CompensationRule:
    """From how many minutes on a duty earns half a day and a day, ordinary or on a holiday; for how many days."""

    half: int
    full: int
    days: int
    holiday_half: int
    holiday_full: int

    @classmethod
    def of(cls, numbers: Mapping[str, int]) -> CompensationRule | None:
        """The rule of the setting FIELDOPS_COMPENSATION; None when the office has set none."""
        return cls(**{name.replace("-", "_"): number for name, number in numbers.items()}) if numbers else None


def earned(minutes: int, on_holiday: bool, rule: CompensationRule | None) -> int:
    """Half days off for a duty of so many minutes: 0, 1 or 2. Without a rule nothing is earned."""
    if rule is None:
        return 0
    half, full = (rule.holiday_half, rule.holiday_full) if on_holiday else (rule.half, rule.full)
    return 2 if minutes >= full else 1 if minutes >= half else 0


def expires(day: date, rule: CompensationRule) -> date:
    """The last day on which leave may begin that is paid for by a duty of `day`."""
    return day + timedelta(days=rule.days)


def halves_needed(interval: Interval, closed: Collection[date]) -> int:
    """Half days of work in an interval: each morning and each afternoon of a working day that it touches."""
    return sum(
        overlaps(interval, Interval(clock.at_office(day, begin), clock.at_office(day, end)))
        for day in days_of(interval)
        if is_working_day(day, closed)
        for begin, end in ((OPENS, NOON), (NOON, CLOSES))
    )


class _Held(Protocol):
    @property
    def halves(self) -> int: ...


Held = TypeVar("Held", bound=_Held)


def pick(held: Sequence[Held], needed: int) -> list[Held]:
    """The rows that pay for `needed` half days, as early in `held` as can be (oldest first); a row is not split.

    Refuses with NotEnough when they are too few, and when only whole days are left for half a one.
    """
    total = sum(one.halves for one in held)
    if total < needed:
        raise NotEnough(
            f"Hari pengganti yang masih berlaku: {days_words(total)}. Yang diperlukan: {days_words(needed)}."
        )
    if not _pays(held, needed):
        raise NotEnough("Hari pengganti yang tersisa hanya hari penuh. Ajukan sehari penuh.")
    taken: list[Held] = []
    for n, one in enumerate(held):
        if one.halves <= needed and _pays(held[n + 1 :], needed - one.halves):
            taken.append(one)
            needed -= one.halves
    return taken


def _pays(held: Sequence[_Held], needed: int) -> bool:
    """Whether some of these rows make exactly `needed`; each is worth one or two half days."""
    singles = sum(one.halves == 1 for one in held)
    used = min(singles, needed)
    used -= (needed - used) % 2
    return used >= 0 and (needed - used) // 2 <= len(held) - singles


def days_words(halves: int) -> str:
    """Half days in words: `½ hari`, `1 hari`, `2½ hari`, `0 hari`."""
    days, half = divmod(halves, 2)
    return f"{days or ('' if half else 0)}{'½' if half else ''} hari"


# -- refusals ---------------------------------------------------------------------------------------------------


class WrongPeriod(Refusal):
    sentence = "Periksa lagi tanggalnya."
    field = "first"


class NeedKind(Refusal):
    sentence = "Pilih jenisnya."
    field = "kind"


class Overlap(Refusal):
    """Leave of the same person is there already; the sentence names it."""

    sentence = "Sudah ada pengajuan lain pada waktu itu."
    field = "first"


class AlreadySent(Refusal):
    sentence = "Formulir ini sudah dikirim dengan isi lain. Buka formulir baru untuk pengajuan lain."


class OwnRequest(Refusal):
    sentence = "Pengajuan sendiri diputuskan oleh orang lain."


class NeedReason(Refusal):
    sentence = "Tulis alasan penolakan, supaya pemohon tahu."
    field = "note"


class LongNote(Refusal):
    sentence = f"Paling panjang {NOTE_LENGTH} huruf."
    field = "note"


class Decided(Stale):
    sentence = "Pengajuan ini sudah diputuskan. Periksa lagi keadaannya."


class Begun(Refusal):
    sentence = "Cuti ini sudah mulai, jadi tidak bisa ditarik lagi. Bicarakan dengan Kasubsi."


class NotEnough(Refusal):
    sentence = "Hari pengganti tidak cukup."


class NoWorkingDay(Refusal):
    sentence = "Waktu ini di luar hari dan jam kerja, jadi tidak memerlukan hari pengganti."


class CompensationUsed(Refusal):
    sentence = "Hari pengganti ini sudah dipakai. Batalkan cutinya dulu."


class NothingChosen(Refusal):
    sentence = "Pilih paling sedikit satu acara."
    field = "rows"
