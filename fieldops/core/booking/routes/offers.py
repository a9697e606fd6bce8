"""What a public page offers, and in one sentence why a session cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app

from fieldops.core.booking.queries import public as queries
from fieldops.core.booking.queries.public import DaySlots, Other, PageRow, Slot
from fieldops.core.booking.rules import Pool
from fieldops.kit import clock
from fieldops.kit.db import reading
from fieldops.kit.errors import NotFound
from fieldops.kit.indonesian import clock_time, join_words
from fieldops.kit.memory import remember

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from fieldops.settings import Settings

ON_THE_SPOT = {"full", "late", "begun"}
"""States in which online seats are gone, but whoever comes may still get one."""


def office() -> Settings:
    """This installation's settings."""
    found: Settings = current_app.extensions["fieldops.settings"]
    return found


@dataclass(frozen=True)
class Offer:
    """What P1 shows: a page and its days."""

    page: PageRow
    days: tuple[DaySlots, ...]

    def slot(self, session_id: str | UUID | None) -> Slot | None:
        wanted = str(session_id or "")
        return next((slot for day in self.days for slot in day.slots if str(slot.id) == wanted), None)

    def nearest(self, chosen: Slot | None, people: int) -> list[Slot]:
        """At most three sessions with room for `people`, nearest in time to the one that did not work."""
        free = [slot for day in self.days for slot in day.slots if slot.is_free and slot.left >= people]
        if chosen is not None:
            free.sort(key=lambda slot: abs(slot.starts_at - chosen.starts_at))
        return free[:3]

    def owned(self, session_id: UUID, words: str) -> Offer:
        """The same for whoever has seats in this session: it stands there as his, in these words, and is no choice."""

        def mark(slot: Slot) -> Slot:
            if slot.id != session_id or slot.state == "closed":
                return slot
            return replace(slot, state="own", note=words, label=slot.label.removesuffix(slot.note) + words)

        days = tuple(replace(day, slots=tuple(mark(slot) for slot in day.slots)) for day in self.days)
        return replace(self, days=days)

    @property
    def has_free(self) -> bool:
        return any(slot.is_free for day in self.days for slot in day.slots)

    @property
    def free_days(self) -> list[date]:
        """The days with a session that can be taken."""
        return [day.date for day in self.days if any(slot.is_free for slot in day.slots)]

    @property
    def opens_next(self) -> Slot | None:
        return next((slot for day in self.days for slot in day.slots if slot.state == "early"), None)

    @property
    def walk_in_told(self) -> str:
        """The seats that are given out on the spot where online ones are gone, as a sentence; empty without any."""
        slots = [slot for day in self.days for slot in day.slots if slot.state in ON_THE_SPOT]
        return walk_in_told(sum(slot.walk_in for slot in slots))

    @property
    def next_told(self) -> str:
        """When the next seats can be had, as a sentence; empty when nothing is planned."""
        slot = self.opens_next
        return f"Kursi berikutnya dibuka {queries.moment(slot.opens_at)} WITA." if slot else ""


def load_offer(code: str, pool: Pool, *, fresh: bool = False) -> Offer:
    """A page's sessions, at most a second old (the page says that seats may go meanwhile); 404 for a wrong code."""

    def ask() -> Offer | None:
        with reading() as session:
            found = queries.page_by_code(session, code)
            if found is None:
                return None
            return Offer(found, queries.day_slots(session, found.id, pool, now=clock.now()))

    seconds = 0.0 if fresh else office().slot_memory_seconds
    offer = remember(("offer", code, pool), seconds, ask)
    if offer is None or not offer.days:
        raise NotFound("Halaman pendaftaran ini tidak ditemukan. Periksa lagi alamat di poster.")
    return offer


def load_elsewhere(
    offer: Offer, pool: Pool, people: int, chosen: Slot | None, *, other_scope: bool = False
) -> list[Other]:
    """What other pages have when this one has no room for `people`; nothing when it has. `other_scope`: only where
    who holds a ticket of this page may have another."""
    if offer.nearest(chosen, people):
        return []

    def ask() -> tuple[Other, ...]:
        with reading() as session:
            return queries.slots_elsewhere(session, offer.page, pool, now=clock.now())

    found = remember(("elsewhere", offer.page.code, pool), office().slot_memory_seconds, ask)
    if other_scope:
        found = tuple(one for one in found if one.scope != offer.page.scope)
    return nearest_elsewhere(found, chosen, people)


def nearest_elsewhere(others: Iterable[Other], chosen: Slot | None, people: int) -> list[Other]:
    """At most three pages, each with one session: that with room for `people` nearest in time to the one that did not
    work; behind these, what opens next on pages that have no such session."""
    near = [one for one in others if one.slot.is_free and one.slot.left >= people]
    if chosen is not None:
        near.sort(key=lambda one: abs(one.slot.starts_at - chosen.starts_at))
    early = sorted((one for one in others if one.slot.state == "early"), key=lambda one: one.slot.opens_at)
    found: dict[str, Other] = {}
    for one in [*near, *early]:
        found.setdefault(one.page_code, one)
    return list(found.values())[:3]


def walk_in_told(seats: int) -> str:
    return f"Di tempat ada {seats} kursi untuk yang datang langsung, selama belum terisi." if seats else ""


def _when(slot: Slot) -> str:
    return f"{queries.short_day(slot.day)} {clock_time(slot.starts_at, clock.ZONE)}"


def explain(slot: Slot, offer: Offer, people: int, others: Sequence[Other] = ()) -> str:
    """The honest refusal: how many seats there were, when they ran out, what is given out on the spot, what is nearest,
    when the next opens. `others`: what other pages have."""
    told = _why(slot, people)
    if slot.walk_in and slot.state in ON_THE_SPOT:
        told = f"{told} {walk_in_told(slot.walk_in)}"
    near = [f"{_when(one)} (sisa {one.left})" for one in offer.nearest(slot, people) if one.id != slot.id]
    if near:
        return f"{told} Yang terdekat dan masih ada: {join_words(near)}."
    next_here = offer.next_told if offer.opens_next and offer.opens_next.id != slot.id else ""
    next_told = " ".join(one for one in (next_here, _elsewhere_told(others)) if one)
    if next_told:
        return f"{told} {next_told}"
    if people > 1:
        return f"{told} Tidak ada sesi lain di halaman ini dengan {people} kursi kosong."
    return f"{told} Semua sesi lain di halaman ini sudah penuh."


def _elsewhere_told(others: Sequence[Other]) -> str:
    free = [f"{one.title} {_when(one.slot)} (sisa {one.slot.left})" for one in others if one.slot.is_free]
    if free:
        return f"Di halaman lain masih ada {join_words(free)}."
    early = [f"{one.title} {_when(one.slot)} dibuka {queries.moment(one.slot.opens_at)} WITA" for one in others]
    return f"Di halaman lain, {join_words(early)}." if early else ""


def _why(slot: Slot, people: int) -> str:
    time = clock_time(slot.starts_at, clock.ZONE)
    if slot.state == "past":
        return f"Sesi {time} sudah lewat."
    if slot.state == "begun":
        return f"Sesi {time} sudah dimulai."
    if slot.state == "closed":
        return f"Sesi {time} ditutup kantor."
    if slot.state == "late":
        return f"Pendaftaran daring sesi {time} sudah ditutup."
    if slot.state == "early":
        return f"Sesi {time} belum dibuka. Pendaftaran dibuka {queries.moment(slot.opens_at)} WITA."
    if slot.is_free:
        return f"Sesi {time} tinggal {slot.left} kursi, sedangkan Anda mendaftar untuk {people} orang."
    ran_out = slot.note.partition(" habis ")[2]
    return f"Sesi {time} punya {slot.total} kursi" + (f", habis {ran_out} WITA." if ran_out else ", semua terisi.")
