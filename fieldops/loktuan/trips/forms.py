"""The planning page as typed: one large form, read as a whole, every complaint at its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from fieldops.core.blanks.rules import ranges_in
from fieldops.core.booking.rules import Pool
from fieldops.core.roster.rules import Duty
from fieldops.kit import clock
from fieldops.kit.errors import Refusal
from fieldops.kit.forms import read_date, read_id, read_number, read_time
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.rules import CostKind, CostLine, CrewSeat, Plan, SessionPlan

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from fieldops.core.blanks.rules import Range

Errors = list[tuple[str | None, str]]
USUAL_CREW = (*(Duty.SUPERVISOR, Duty.VERIFICATION, Duty.INTERVIEW, Duty.INTERVIEW, Duty.QUEUE, Duty.DRIVER),)
SPARE = 2  # empty rows below those that are filled


@dataclass
class Typed:
    """What stands in the form: single fields, and the ids that are ticked."""

    fields: Mapping[str, str]
    vehicles: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def rows(self, names: Sequence[str], most: int) -> range:
        """How many rows to draw: all down to the last with something in one of `names`, and a few more."""
        used = max((n + 1 for n in range(most) for name in names if self[f"{name}-{n}"].strip()), default=0)
        return range(min(most, used + SPARE))


# Of each table: a row that has nothing in these columns is empty; its other columns; the most rows.
_TABLES = (
    (("day", "starts", "ends"), ("session", *(pool.value for pool in rules.POOLS)), rules.MAX_SESSIONS),
    (("duty", "person"), (), rules.MAX_CREW),
    (("text", "quantity", "price"), ("cost",), rules.MAX_COSTS),
)


def typed_of(form: MultiDict[str, str]) -> Typed:
    """What came with the form. Rows move up over empty ones: the place of a row is its place in the plan, so that a
    complaint about the third of the crew stands at the third row."""
    fields = form.to_dict()
    for telling, more, most in _TABLES:
        rows = [{name: fields.pop(f"{name}-{n}", "") for name in (*telling, *more)} for n in range(most)]
        filled = [row for row in rows if any(row[name].strip() for name in telling)]
        fields |= {f"{name}-{n}": text for n, row in enumerate(filled) for name, text in row.items()}
    return Typed(fields, frozenset(form.getlist("vehicles")), frozenset(form.getlist("items")))


def first_plan(day: date, site: str = "") -> Typed:
    """An empty page's proposals: one day of service, the usual crew."""
    fields = {"site": site, "departs_day": day.isoformat(), "departs_time": "06.30"}
    fields |= {"returns_day": day.isoformat(), "returns_time": "17.00"}
    fields |= {"day-0": day.isoformat(), "starts-0": "08.30", "ends-0": "11.30", "kolektif-0": "20", "prioritas-0": "5"}
    fields |= {"day-1": day.isoformat(), "starts-1": "13.00", "ends-1": "15.00", "umum-1": "10", "walk-in-1": "5"}
    fields |= {f"duty-{n}": duty.value for n, duty in enumerate(USUAL_CREW)}
    return Typed(fields)


def typed_from(plan: Plan) -> Typed:
    """A plan as it would be typed."""
    fields = {"site": str(plan.site_id), "purpose": plan.purpose, "override_reason": plan.override_reason}
    for name, instant in (("departs", plan.departs_at), ("returns", plan.returns_at)):
        local = instant.astimezone(clock.ZONE)
        fields |= {f"{name}_day": local.date().isoformat(), f"{name}_time": _time(local.time())}
    for n, one in enumerate(plan.sessions):
        fields |= {f"session-{n}": str(one.id or ""), f"day-{n}": one.day.isoformat()}
        fields |= {f"starts-{n}": _time(one.starts), f"ends-{n}": _time(one.ends)}
        fields |= {f"{pool.value}-{n}": str(seats) for pool, seats in one.seats.items() if seats}
    for n, seat in enumerate(plan.crew):
        fields |= {f"duty-{n}": seat.duty.value, f"person-{n}": str(seat.person_id or "")}
    if plan.blanks is not None:
        fields["blanks"] = ", ".join(map(str, plan.blanks))
    for n, line in enumerate(plan.costs):
        fields |= {f"cost-{n}": line.kind.value, f"text-{n}": line.text}
        fields |= {f"quantity-{n}": str(line.quantity), f"price-{n}": str(line.unit_price)}
    ids = (frozenset(map(str, chosen)) for chosen in (plan.vehicle_ids, plan.item_ids))
    return Typed(fields, *ids)


def _time(of: time) -> str:
    return f"{of:%H.%M}"


@dataclass
class _Reader:
    typed: Typed
    errors: Errors = field(default_factory=list)

    def wrong(self, name: str, sentence: str) -> None:
        self.errors.append((name, sentence))

    def day(self, name: str) -> date | None:
        found = read_date(self.typed[name])
        if found is None:
            self.wrong(name, "Tulis tanggal, misalnya 30/11/2026.")
        return found

    def time(self, name: str) -> time | None:
        found = read_time(self.typed[name])
        if found is None:
            self.wrong(name, "Tulis jam, misalnya 08.00.")
        return found

    def instant(self, name: str) -> datetime | None:
        day, at = self.day(f"{name}_day"), self.time(f"{name}_time")
        return clock.at_office(day, at) if day and at else None

    def seats(self, name: str) -> int:
        text = self.typed[name].strip()
        found = read_number(text) if text else 0
        if found is None or found > rules.MAX_SEATS:
            self.wrong(name, f"Tulis jumlah kursi antara 0 dan {rules.MAX_SEATS}.")
            return 0
        return found

    def blanks(self, name: str) -> tuple[Range, ...] | None:
        if name not in self.typed.fields:
            return None
        try:
            return ranges_in(self.typed[name])
        except Refusal as refusal:
            self.wrong(name, refusal.sentence)
            return None

    def words(self, name: str, most: int) -> str:
        text = rules.one_line(self.typed[name])
        if len(text) > most:
            self.wrong(name, f"Paling panjang {most} huruf, yang diisi {len(text)}.")
        return text


def read_plan(typed: Typed) -> tuple[Plan | None, Errors]:
    """The plan that was typed, or what is wrong with it, each complaint with the id of its input."""
    reader = _Reader(typed)
    site_id = read_id(typed["site"])
    if site_id is None:
        reader.wrong("site", "Pilih lokasi.")
    departs_at, returns_at = reader.instant("departs"), reader.instant("returns")
    sessions = _sessions(reader)
    crew = _crew(reader)
    costs = _costs(reader)
    purpose = reader.words("purpose", rules.MAX_PURPOSE)
    reason = reader.words("override_reason", rules.MAX_REASON)
    vehicles, items = (_ids(chosen) for chosen in (typed.vehicles, typed.items))
    blanks = reader.blanks("blanks")
    if reader.errors or site_id is None or departs_at is None or returns_at is None:
        return None, reader.errors
    plan = Plan(site_id, departs_at, returns_at, sessions, vehicles, items, crew, costs, purpose, reason)
    return replace(plan, blanks=blanks), []


def _ids(chosen: frozenset[str]) -> frozenset[UUID]:
    return frozenset(one for one in map(read_id, chosen) if one is not None)


_OF_SESSION = ("day", "starts", "ends", *(pool.value for pool in rules.POOLS))


def _sessions(reader: _Reader) -> tuple[SessionPlan, ...]:
    found: list[SessionPlan] = []
    for n in range(rules.MAX_SESSIONS):
        if not any(reader.typed[f"{name}-{n}"].strip() for name in _OF_SESSION):
            continue
        day, starts, ends = reader.day(f"day-{n}"), reader.time(f"starts-{n}"), reader.time(f"ends-{n}")
        seats = {pool: reader.seats(f"{pool.value}-{n}") for pool in rules.POOLS}
        if day and starts and ends:
            known = read_id(reader.typed[f"session-{n}"])
            twice = known in {one.id for one in found}
            found.append(SessionPlan(day, starts, ends, seats, None if twice else known))
    return tuple(found)


def _crew(reader: _Reader) -> tuple[CrewSeat, ...]:
    found = []
    for n in range(rules.MAX_CREW):
        duty, person = reader.typed[f"duty-{n}"], reader.typed[f"person-{n}"]
        if not duty:
            if person:
                reader.wrong(f"duty-{n}", "Pilih tugas untuk orang ini.")
            continue
        if duty not in set(Duty):
            reader.wrong(f"duty-{n}", "Pilih tugas dari daftar.")
            continue
        found.append(CrewSeat(Duty(duty), read_id(person)))
    return tuple(found)


def _costs(reader: _Reader) -> tuple[CostLine, ...]:
    found = []
    for n in range(rules.MAX_COSTS):
        kind, text = reader.typed[f"cost-{n}"], reader.words(f"text-{n}", 200)
        quantity, price = (reader.typed[f"{name}-{n}"].strip() for name in ("quantity", "price"))
        if not (text or quantity or price):
            continue
        if kind not in set(CostKind):
            reader.wrong(f"cost-{n}", "Pilih jenis biaya.")
            continue
        many, each = read_number(quantity or "1"), read_rupiah(price)
        if not many or many > 1000:
            reader.wrong(f"quantity-{n}", "Tulis jumlah antara 1 dan 1.000.")
        elif each is None:
            reader.wrong(f"price-{n}", "Tulis harga dalam rupiah tanpa sen, misalnya 150.000.")
        else:
            found.append(CostLine(CostKind(kind), text or CostKind(kind).label, many, each))
    return tuple(found)


def read_rupiah(typed: str) -> int | None:
    """Whole rupiah up to a thousand million: `150000`, `150.000`, `Rp 150.000`."""
    digits = typed.strip().removeprefix("Rp").strip().replace(".", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 10 or int(digits) > 1_000_000_000:
        return None
    return int(digits)


def next_working_day(today: date, after: timedelta = timedelta(days=14)) -> date:
    """A day to begin with: two weeks ahead, not on a weekend."""
    day = today + after
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def pool_label(pool: Pool) -> str:
    return {"umum": "Umum", "prioritas": "Prioritas", "walk-in": "Datang langsung", "kolektif": "Kolektif"}[pool.value]


_NAMES = {
    "site": "Lokasi",
    "departs_day": "Berangkat, tanggal",
    "departs_time": "Jam berangkat",
    "returns_day": "Kembali, tanggal",
    "returns_time": "Jam kembali",
    "purpose": "Maksud perjalanan",
    "blanks": "Blangko paspor",
    "override_reason": "Alasan",
}
_ROWS = {
    "day": "Sesi {}, tanggal",
    "starts": "Sesi {}, mulai",
    "ends": "Sesi {}, selesai",
    **{pool.value: f"Sesi {{}}, kursi {pool_label(pool).lower()}" for pool in rules.POOLS},
    "duty": "Tempat {}, tugas",
    "person": "Tempat {}, orang",
    "cost": "Biaya {}, jenis",
    "text": "Biaya {}, uraian",
    "quantity": "Biaya {}, jumlah",
    "price": "Biaya {}, harga satuan",
}


def differences(now: Typed, mine: Typed, words: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Where the plan as it is `now` is another than `mine`: (id of the input, its label, what stands there now).
    `words` says ids and values in words."""
    found = []
    for name in now.fields.keys() | mine.fields.keys():
        part, _, number = name.rpartition("-")
        label = _NAMES.get(name) or (_ROWS[part].format(int(number) + 1) if part in _ROWS else "")
        if label and now[name].strip() != mine[name].strip():
            found.append((name, label, words.get(now[name], now[name]) or "kosong"))
    for name, label, was, is_mine in (
        ("vehicles", "Kendaraan", now.vehicles, mine.vehicles),
        ("items", "Perlengkapan", now.items, mine.items),
    ):
        if was != is_mine:
            found.append((name, label, ", ".join(sorted(words.get(one, one) for one in was)) or "kosong"))
    return sorted(found, key=lambda one: one[1])
