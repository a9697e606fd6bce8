"""A sheet of staff: which columns it has, what each row says, and what it would change. No database, no file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from fieldops.core.people.rules import Competence, Role, facts
from fieldops.core.people.rules.facts import Facts, WrongFact
from fieldops.kit.errors import Refusal

COLUMNS = {
    "name": "Nama",
    "nip": "NIP",
    "rank": "Pangkat",
    "section": "Seksi",
    "role": "Peran",
    "email": "Email",
    "competences": "Kompetensi",
}
_ALSO = {
    "name": ("namalengkap", "namapegawai"),
    "nip": ("nipbaru", "nomorindukpegawai"),
    "rank": ("pangkatgolongan", "pangkatgol", "golongan", "gol"),
    "section": ("subseksi", "seksisubseksi", "bagian", "unit", "unitkerja"),
    "role": ("role", "hakakses"),
    "email": ("surel", "alamatemail", "alamatsurel"),
    "competences": ("keahlian", "kompetensipegawai"),
}
_READERS: dict[str, Callable[[str], Any]] = {
    "name": facts.read_name,
    "nip": facts.read_nip,
    "rank": facts.read_text,
    "section": facts.read_text,
    "role": facts.read_role,
    "email": facts.read_email,
    "competences": facts.read_competences,
}
EXAMPLE = (
    "Contoh Nama, S.H.",
    "198703152010012004",
    "Penata Muda (III/a)",
    "Verdokim",
    "Petugas",
    "contoh.nama@imigrasi.go.id",
    "Wawancara, Biometrik",
)


def row_of(known: Facts) -> tuple[str, ...]:
    """A person as a row of such a sheet."""
    return tuple(_shown(getattr(known, column)) for column in COLUMNS)


class WrongSheet(Refusal):
    """The heading is not one of a staff list."""

    field = "file"


@dataclass(frozen=True)
class Heading:
    """Which column stands at which place, and the headings that nobody knows."""

    places: dict[str, int]
    ignored: tuple[str, ...] = ()


def read_heading(cells: Sequence[str]) -> Heading:
    """Find the columns, in any order, in capitals or not. Refuses a sheet without names or with a column twice."""
    places: dict[str, int] = {}
    ignored = []
    for place, cell in enumerate(cells):
        key = re.sub(r"[\W_]", "", cell.casefold())
        column = next((one for one, word in COLUMNS.items() if key in {word.casefold(), *_ALSO[one]}), None)
        if column is None:
            if cell.strip():
                ignored.append(cell.strip()[:60])
        elif column in places:
            raise WrongSheet(f"Kolom {COLUMNS[column]} ada dua kali. Hapus salah satunya.")
        else:
            places[column] = place
    if "name" not in places:
        raise WrongSheet(f"Baris pertama tidak memuat judul kolom Nama. Pakai templat: {', '.join(COLUMNS.values())}.")
    return Heading(places, tuple(ignored))


@dataclass(frozen=True)
class Line:
    """One row as it stands in the sheet: number, and for each column its text and its trouble (kit/sheets.py)."""

    number: int
    cells: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Known:
    """A person who is there already."""

    id: UUID
    facts: Facts
    is_active: bool = True


class Kind(StrEnum):
    """What a row comes to."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True)
class Change:
    """One fact, before and after, in words."""

    column: str
    before: str
    after: str

    @property
    def label(self) -> str:
        return COLUMNS[self.column]


@dataclass(frozen=True)
class Planned:
    """What one row would do. `facts` are those afterwards."""

    number: int
    kind: Kind
    name: str
    person_id: UUID | None = None
    facts: Facts | None = None
    changes: tuple[Change, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass
class _Read:
    line: Line
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.values.get("name") or self.line.cells.get("name", ("", ""))[0])[:120]


def _read(line: Line) -> _Read:
    """Each cell by its reader. An empty cell says nothing: it changes nothing."""
    found = _Read(line)
    for column, word in COLUMNS.items():
        text, trouble = line.cells.get(column, ("", ""))
        if trouble == "formula":
            found.errors.append(f"{word}: sel ini berisi rumus. Ganti dengan teksnya.")
        elif trouble == "number" and column == "nip":
            found.errors.append(
                "NIP: Excel menyimpannya sebagai angka, sehingga angka terakhirnya hilang. "
                "Ubah format kolom NIP menjadi Teks, lalu ketik ulang."
            )
        elif trouble:
            found.errors.append(f"{word}: isi sel ini terlalu panjang atau tidak terbaca.")
        elif text:
            try:
                found.values[column] = _READERS[column](text)
            except WrongFact as wrong:
                found.errors.append(f"{word}: {wrong.sentence}")
    if not line.cells.get("name", ("", ""))[0]:
        found.errors.insert(0, "Nama: Isi nama lengkap.")
    return found


def plan(lines: Iterable[Line], known: Sequence[Known], *, own_id: UUID) -> list[Planned]:
    """What the sheet would do to the staff that is there. `own_id` is whoever imports: his own role stays.

    A person is recognised by NIP, else by e-mail, else by name when nothing speaks against it.
    """
    by_nip = {one.facts.nip: one for one in known if one.facts.nip}
    by_email = {one.facts.email: one for one in known if one.facts.email}
    by_name: dict[str, list[Known]] = {}
    for one in known:
        by_name.setdefault(_key(one.facts.name), []).append(one)
    seen: dict[tuple[str, str], int] = {}
    planned = []
    for line in lines:
        row = _read(line)
        person = None if row.errors else _find(row, by_nip, by_email, by_name)
        if not row.errors:
            _alone(row, person, seen)
        planned.append(_judge(row, person, own_id))
    return planned


def _key(name: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", name.casefold()).split())


def _find(
    row: _Read, by_nip: Mapping[str, Known], by_email: Mapping[str, Known], by_name: Mapping[str, list[Known]]
) -> Known | None:
    nip, email = row.values.get("nip", ""), row.values.get("email", "")
    owner_of_nip, owner_of_email = by_nip.get(nip), by_email.get(email)
    if owner_of_nip and owner_of_email and owner_of_nip.id != owner_of_email.id:
        row.errors.append(f"Email: e-mail ini sudah dipakai {owner_of_email.facts.name}.")
        return owner_of_nip
    found = owner_of_nip or owner_of_email
    if found is not None:
        return found
    alike = [
        one
        for one in by_name.get(_key(row.values["name"]), [])
        if not (nip and one.facts.nip) and not (email and one.facts.email)
    ]
    if len(alike) > 1:
        row.errors.append("Nama: ada lebih dari satu pegawai dengan nama ini. Isi NIP-nya.")
    return alike[0] if len(alike) == 1 else None


def _alone(row: _Read, person: Known | None, seen: dict[tuple[str, str], int]) -> None:
    """Nobody and nothing stands in the sheet twice."""
    marks = [("NIP", row.values.get("nip", "")), ("Email", row.values.get("email", ""))]
    marks.append(("Orang", str(person.id)) if person else ("Orang baru", _key(row.values["name"])))
    for word, value in marks:
        if not value or (word == "Orang baru" and (row.values.get("nip") or row.values.get("email"))):
            continue
        first = seen.setdefault((word, value), row.line.number)
        if first != row.line.number:
            row.errors.append(f"{word.split()[0]}: sama dengan baris {first}.")
            return


def _judge(row: _Read, person: Known | None, own_id: UUID) -> Planned:
    values = row.values
    if person is not None and not person.is_active:
        row.errors.append("Pegawai ini nonaktif. Aktifkan dulu di halamannya.")
    if person is None and "role" not in values and not row.errors:
        row.errors.append("Peran: isi peran untuk pegawai baru.")
    if person is not None and person.id == own_id and values.get("role", person.facts.role) != person.facts.role:
        row.errors.append("Peran: peran Anda sendiri hanya bisa diubah administrator lain.")
    if row.errors:
        return Planned(row.line.number, Kind.WRONG, row.name, errors=tuple(row.errors))
    if person is None:
        after = Facts(**values)
        return Planned(row.line.number, Kind.NEW, row.name, facts=after)
    before = person.facts
    after = Facts(**{**vars(before), **values})
    changes = tuple(
        Change(column, _shown(getattr(before, column)), _shown(getattr(after, column)))
        for column in COLUMNS
        if getattr(before, column) != getattr(after, column)
    )
    kind = Kind.CHANGED if changes else Kind.SAME
    return Planned(row.line.number, kind, row.name, person.id, after, changes)


def _shown(value: str | Role | frozenset[Competence]) -> str:
    if isinstance(value, frozenset):
        return facts.show_competences(value)
    return value.label if isinstance(value, Role) else value


def digest(planned: Sequence[Planned]) -> str:
    """A mark of what was shown. When it is another one at the click, somebody changed the staff meanwhile."""
    seen = [
        [
            one.number,
            one.kind.value,
            str(one.person_id),
            [(c.column, c.before, c.after) for c in one.changes],
            one.errors,
        ]
        for one in planned
    ]
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()
