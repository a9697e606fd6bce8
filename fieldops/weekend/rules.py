"""Weekend words and decisions: programmes, their days, holidays, times."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from fieldops.core.booking.rules import Window
from fieldops.kit import clock
from fieldops.kit.errors import Refusal

SATURDAY, SUNDAY = 5, 6
LONGEST_REASON = 200


class Programme(StrEnum):
    """The plan's weekend programmes; the names are proper nouns."""

    PERSARI = "persari"
    ON_SEVEN = "bontang-on-seven"

    @property
    def label(self) -> str:
        return {"persari": "PERSARI", "bontang-on-seven": "BONTANG ON SEVEN"}[self.value]

    @property
    def meaning(self) -> str:
        return {
            "persari": "Pelayanan Sabtu Ramah di Imigrasi",
            "bontang-on-seven": "Layanan paspor Sabtu dan Minggu, kuota terbatas",
        }[self.value]

    @property
    def weekdays(self) -> tuple[int, ...]:
        return {"persari": (SATURDAY,), "bontang-on-seven": (SATURDAY, SUNDAY)}[self.value]


class Status(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return {"draft": "Draf", "published": "Terbit", "cancelled": "Dibatalkan"}[self.value]


@dataclass(frozen=True)
class SessionPlan:
    """One session as planned: the office's wall clock and seats per pool."""

    starts: time
    ends: time
    seats_public: int
    seats_priority: int
    seats_walk_in: int


@dataclass(frozen=True)
class Release:
    """When a day can be booked: opens so many days before at a time of day; online booking closes so many hours
    before each session; unused priority seats go to everybody so many hours before each session."""

    opens_days_before: int
    opens_at: time
    closes_hours_before: int
    rolls_hours_before: int


def saturday_of(day: date) -> date:
    """The Saturday of the weekend that a Saturday or Sunday belongs to. Weeks start on Monday."""
    return day - timedelta(days=day.weekday() - SATURDAY)


def scope_of(day: date) -> str:
    """Where one person may have one live place: the weekend, over both programmes."""
    return f"weekend:{saturday_of(day).isoformat()}"


def page_ref(programme: Programme, day: date) -> str:
    """One public page, and so one poster, for a programme's weekend."""
    return f"{programme.value}:{saturday_of(day).isoformat()}"


SOURCE: Final = "weekend"
"""The source of weekend posts, promises and events in the roster and the agenda."""


def shift_ref(programme: Programme, day: date) -> str:
    """What the posts of a programme's day belong to, whether the day itself is planned yet or not."""
    return f"{programme.value}:{day.isoformat()}"


def check_day(programme: Programme, day: date, today: date) -> None:
    """Refuses a weekday on which the programme does not run, and days that are over."""
    if day.weekday() not in programme.weekdays:
        raise WrongDay(
            "PERSARI hanya berjalan pada hari Sabtu."
            if programme is Programme.PERSARI
            else "BONTANG ON SEVEN hanya berjalan pada hari Sabtu dan Minggu."
        )
    if day < today:
        raise DayOver


def check_holiday(holidays: list[str], override_reason: str) -> None:
    """A holiday is closed by default; it opens only with a reason, under the name of whoever gives it."""
    if holidays and not override_reason.strip():
        raise HolidayClosed(
            f"Hari libur: {', '.join(holidays)}. Layanan ditutup, kecuali ada alasan yang dicatat atas nama Anda."
        )


def read_reason(typed: str, *, field: str) -> str:
    """A reason as one line without control signs, empty when nothing is left. Refuses one that is too long."""
    line = " ".join("".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in typed).split())
    if len(line) > LONGEST_REASON:
        raise LongReason(f"Alasan paling panjang {LONGEST_REASON} huruf, yang Anda isi {len(line)}.", field=field)
    return line


def check_sessions(plans: list[SessionPlan]) -> None:
    """Refuses a day whose sessions cannot be; see `wrong_sessions`."""
    for wrong in wrong_sessions(plans):
        raise wrong


def wrong_sessions(plans: list[SessionPlan]) -> list[WrongSessions]:
    """All that is wrong: a day without a session, a session that ends before it starts, overlaps, and absurd seat
    numbers. Of two that overlap the later is the wrong one."""
    if not plans:
        return [WrongSessions("Isi paling sedikit satu sesi.")]
    found = []
    ordered = sorted(plans, key=lambda plan: plan.starts)
    for plan in ordered:
        if plan.ends <= plan.starts:
            found.append(WrongSessions(f"Sesi {plan.starts:%H.%M}: jam selesai harus sesudah jam mulai.", plan, "ends"))
        seats = {"public": plan.seats_public, "priority": plan.seats_priority, "walk_in": plan.seats_walk_in}
        wrong = [part for part, number in seats.items() if not 0 <= number <= 200]
        if wrong or not any(seats.values()):
            told = f"Sesi {plan.starts:%H.%M}: isi jumlah kursi antara 0 dan 200, total paling sedikit 1."
            found += [WrongSessions(told, plan, part) for part in wrong or ["public"]]
    for one, other in pairwise(ordered):
        if other.starts < one.ends:
            told = f"Sesi {one.starts:%H.%M} dan {other.starts:%H.%M} bertumpuk."
            found.append(WrongSessions(told, other, "starts"))
    return found


def window(day: date, plan: SessionPlan, release: Release) -> Window:
    """The UTC instants of one session. Everything is meant on the office's clock: Saturday 07.30 WITA is Saturday."""
    starts_at = clock.at_office(day, plan.starts)
    return Window(
        opens_at=clock.at_office(day - timedelta(days=release.opens_days_before), release.opens_at),
        closes_at=starts_at - timedelta(hours=release.closes_hours_before),
        rolls_at=starts_at - timedelta(hours=release.rolls_hours_before),
        starts_at=starts_at,
        is_open=False,
    )


def next_days(programme: Programme, today: date, count: int) -> list[date]:
    """The next `count` days on which a programme can run, today included."""
    days: list[date] = []
    day = today
    while len(days) < count:
        if day.weekday() in programme.weekdays:
            days.append(day)
        day += timedelta(days=1)
    return days


class WrongDay(Refusal):
    sentence = "Hari ini bukan hari layanan program tersebut."
    field = "day"


class DayOver(Refusal):
    sentence = "Tanggal ini sudah lewat."
    field = "day"


class HolidayClosed(Refusal):
    sentence = "Hari libur: layanan ditutup."
    field = "override_reason"


class DayExists(Refusal):
    sentence = "Hari layanan untuk program dan tanggal ini sudah ada. Buka yang sudah ada."
    field = "day"


class WrongSessions(Refusal):
    """`plan` is the session at fault and `part` the input that is wrong in it; without them it is about all."""

    sentence = "Susunan sesi belum benar."
    field = "sessions"

    def __init__(
        self,
        sentence: str | None = None,
        plan: SessionPlan | None = None,
        part: str = "",
        *,
        field: str | None = None,
    ) -> None:
        super().__init__(sentence, field=field)
        self.plan, self.part = plan, part


class NotDraft(Refusal):
    sentence = "Hari layanan ini sudah diterbitkan atau dibatalkan."


class NeedReason(Refusal):
    sentence = "Tulis alasannya, supaya pemohon dan kantor tahu."
    field = "reason"


class LongReason(Refusal):
    sentence = "Alasan terlalu panjang."
