"""What a public page offers, and in one sentence why a session cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app

from fieldops.core.booking.queries import public as queries
from fieldops.core.booking.queries.public import DaySlots, PageRow, Slot
from fieldops.core.booking.rules import Pool
from fieldops.kit import clock
from fieldops.kit.db import reading
from fieldops.kit.errors import NotFound
from fieldops.kit.indonesian import clock_time, join_words
from fieldops.kit.memory import remember

if TYPE_CHECKING:
    from datetime import date

    from fieldops.settings import Settings


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


def explain(slot: Slot, offer: Offer, people: int) -> str:
    """The honest refusal: how many seats there were, when they ran out, when the next opens, what is nearest."""
    time = clock_time(slot.starts_at, clock.ZONE)
    if slot.state == "past":
        said = f"Sesi {time} sudah lewat."
    elif slot.state == "closed":
        said = f"Sesi {time} ditutup kantor."
    elif slot.state == "late":
        said = f"Pendaftaran daring sesi {time} sudah ditutup. Kursi datang langsung tersedia di tempat."
    elif slot.state == "early":
        said = f"Sesi {time} belum dibuka. Pendaftaran dibuka {queries.moment(slot.opens_at)} WITA."
    elif slot.is_free:
        said = f"Sesi {time} tinggal {slot.left} kursi, sedangkan Anda mendaftar untuk {people} orang."
    else:
        ran_out = slot.note.partition(" habis ")[2]
        said = f"Sesi {time} punya {slot.total} kursi" + (f", habis {ran_out} WITA." if ran_out else ", semua terisi.")
    near = [f"{queries.short_day(one.day)} {clock_time(one.starts_at, clock.ZONE)} (sisa {one.left})"
            for one in offer.nearest(slot, people) if one.id != slot.id]  # fmt: skip
    if near:
        return f"{said} Yang terdekat dan masih ada: {join_words(near)}."
    if offer.opens_next and offer.opens_next.id != slot.id:
        return f"{said} {offer.next_told}"
    if people > 1:
        return f"{said} Tidak ada sesi lain di halaman ini dengan {people} kursi kosong."
    return f"{said} Semua sesi lain di halaman ini sudah penuh."
