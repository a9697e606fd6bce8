"""What every installation starts with: the plan's rows and targets, the areas, the holidays, the office as a site.

The figures lie in `fieldops/plan/`, whose README says where each file is from and what is odd in it.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from holidays import country_holidays
from sqlalchemy import delete, insert, select, update

from fieldops.core.achievement.models import Indicator, Ro, Target
from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import SYSTEM
from fieldops.core.calendar.models import Holiday
from fieldops.core.calendar.rules import HolidayKind
from fieldops.core.fleet.models import KitItem, Vehicle
from fieldops.core.fleet.rules import Kind
from fieldops.core.places.models import Area, Site
from fieldops.core.places.queries import OFFICE_SITE
from fieldops.kit.db import Model
from fieldops.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

FOLDER = Path(__file__).parent / "plan"
PLAN_YEARS = range(2025, 2030)
HOLIDAY_YEARS = (2026, 2027)
COUNTS = {Ro: 25, Target: 125, Indicator: 45, Area: 39, Vehicle: 3, KitItem: 29}

PLAN = "Renstra Kanim Kelas III Non TPI Bontang 2025–2029 (WIM.18-1623.PR.01.01 Tahun 2025)"
AREAS = "Kepmendagri 300.2.2-2430/2025, through idn-area-data (ODbL); point approximate"
PACKAGE = "package holidays "

# The plan prints one code for two rows; these two get a word more.
_TWICE = {
    ("EBD.001", "Pembinaan dan Koordinasi Bidang Layanan Keimigrasian"): "ebd-001-layanan",
    ("EBD.001", "Koordinasi dan Konsultasi Perencanaan dan Pelaksanaan Anggaran"): "ebd-001-anggaran",
}


class BrokenPlan(Exception):  # noqa: N818 (the house word)
    """A file of the plan is not what it should be; the message names the file, the line and what to do."""


@dataclass(frozen=True)
class Loaded:
    """How many rows the seed inserted, changed and removed; all 0 when everything was there."""

    inserted: int = 0
    changed: int = 0
    removed: int = 0

    def __add__(self, other: Loaded) -> Loaded:
        return Loaded(self.inserted + other.inserted, self.changed + other.changed, self.removed + other.removed)

    def __bool__(self) -> bool:
        return bool(self.inserted or self.changed or self.removed)


def load_plan(
    session: Session,
    *,
    now: datetime,
    office_name: str = Settings.office_name,
    office_address: str = Settings.office_address,
    folder: Path = FOLDER,
) -> Loaded:
    """Put the plan into the database: insert what is missing, mend what differs. Twice changes nothing.

    Left alone: whether a kecamatan is in the working area (the office decides that), every holiday of kind 'kantor'
    and every holiday whose source is not the package; vehicles and kit that are there, whatever the office made of
    them. Refuses (BrokenPlan) a file with a wrong number of rows, a duplicate, an unknown year or a figure that is
    none, before anything is written.
    """
    ros, targets = read_ros(folder / "ro_targets.csv")
    indicators = read_indicators(folder / "ikk_targets.csv")
    areas = read_areas(folder / "areas.csv")
    vehicles, kit = read_fleet(folder / "fleet.csv")
    office = {"id": OFFICE_SITE, "name": office_name, "address": office_address, "area_code": "64.74"}
    done = (
        _put(session, Ro, ros)
        + _put(session, Target, targets)
        + _put(session, Indicator, indicators)
        + _put(session, Area, areas, keep={"in_working_area"})
        + _put(session, Site, [office])
        + _put_holidays(session, public_holidays(HOLIDAY_YEARS))
        + _add(session, Vehicle, vehicles)
        + _add(session, KitItem, kit)
    )
    if done:
        detail = {"inserted": done.inserted, "changed": done.changed, "removed": done.removed}
        audit.record(session, SYSTEM, "plan.load", "plan", "renstra-2025-2029", now=now, **detail)
    return done


# -- files ------------------------------------------------------------------------------------------------------


def ro_id(code: str, name: str) -> str:
    """Our own id of a row of the plan: the code in small letters, with a word more where a code is printed twice."""
    return _TWICE.get((code, name), code.lower().replace(".", "-"))


def read_ros(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of the plan in printed order, and their targets by year; a blank cell is None."""
    ros: dict[str, dict[str, Any]] = {}
    targets = []
    for line, row in _rows(path, ("code", "name", "unit", "national_priority", "year", "target", "funding_rupiah")):
        key = ro_id(row["code"], row["name"])
        facts = {
            "id": key,
            "code": row["code"],
            "name": row["name"],
            "unit": row["unit"],
            "national_priority": row["national_priority"] == "1",
            "source": f"{PLAN}, bagian 3.1",
        }
        if row["national_priority"] not in {"0", "1"}:
            raise BrokenPlan(f"{path.name}, line {line}: national_priority is 0 or 1.")
        here = ros.setdefault(key, {**facts, "position": len(ros) + 1})
        if facts.items() - here.items():
            raise BrokenPlan(
                f"{path.name}, line {line}: {row['code']} has another name, unit or priority than above. If the plan "
                "prints this code for two rows, give each an id in fieldops/seed.py."
            )
        volume, funding = (_whole(path, line, row[column]) for column in ("target", "funding_rupiah"))
        targets.append({"ro_id": key, "year": _year(path, line, row["year"]), "volume": volume, "funding": funding})
    _check(path, Ro, ros, tuple(ros))
    _check(path, Target, targets, [(target["ro_id"], target["year"]) for target in targets])
    return list(ros.values()), targets


def read_indicators(path: Path) -> list[dict[str, Any]]:
    """Targets of the indicators by year."""
    columns = ("level", "code", "parent_code", "name", "unit", "year", "target", "parent_allocation_rupiah")
    found = [
        {
            "code": row["code"],
            "year": _year(path, line, row["year"]),
            "level": row["level"],
            "parent_code": row["parent_code"],
            "name": row["name"],
            "unit": row["unit"],
            "target": _decimal(path, line, row["target"]),
            "parent_funding": _whole(path, line, row["parent_allocation_rupiah"]),
            "source": f"{PLAN}, {row['plan_section']}",
        }
        for line, row in _rows(path, (*columns, "plan_section"))
    ]
    _check(path, Indicator, found, [(row["code"], row["year"]) for row in found])
    return found


def read_areas(path: Path) -> list[dict[str, Any]]:
    """Areas, a parent always before what lies in it."""
    columns = ("code", "level", "name", "parent_code", "lat_approx", "lon_approx", "in_working_area")
    found = []
    for line, row in _rows(path, columns):
        latitude, longitude = (_decimal(path, line, row[column]) for column in ("lat_approx", "lon_approx"))
        found.append(
            {
                "code": row["code"],
                "level": row["level"],
                "name": row["name"],
                "parent_code": row["parent_code"] or None,
                "latitude": None if latitude is None else float(latitude),
                "longitude": None if longitude is None else float(longitude),
                "in_working_area": row["in_working_area"],
                "source": AREAS,
            }
        )
    _check(path, Area, found, [row["code"] for row in found])
    return found


def read_fleet(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Vehicles and items of kit, with ids of their own."""
    vehicles: list[dict[str, Any]] = []
    kit: list[dict[str, Any]] = []
    for line, row in _rows(path, ("id", "kind", "name", "seats", "note")):
        try:
            facts = {"id": UUID(row["id"]), "name": row["name"], "note": row["note"]}
            if row["kind"] == "vehicle":
                vehicles.append({**facts, "seats": int(row["seats"])})
            else:
                kit.append({**facts, "kind": Kind(row["kind"]).value})
        except ValueError:
            raise BrokenPlan(f"{path.name}, line {line}: an id, a kind or a number of seats that is none.") from None
    _check(path, Vehicle, vehicles, [one["name"] for one in vehicles])
    _check(path, KitItem, kit, [one["name"] for one in kit])
    return vehicles, kit


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        if tuple(reader.fieldnames or ()) != columns:
            raise BrokenPlan(f"{path.name}: the columns should be {', '.join(columns)}.")
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise BrokenPlan(f"{path.name}, line {reader.line_num}: it has not {len(columns)} cells.")
            rows.append((reader.line_num, {column: cell.strip() for column, cell in row.items()}))
    return rows


def _year(path: Path, line: int, cell: str) -> int:
    if not cell.isdecimal() or int(cell) not in PLAN_YEARS:
        raise BrokenPlan(f"{path.name}, line {line}: the plan is for 2025 to 2029, the year here is {cell!r}.")
    return int(cell)


def _whole(path: Path, line: int, cell: str) -> int | None:
    if not cell:
        return None
    if not (cell.isascii() and cell.isdecimal()):
        raise BrokenPlan(f"{path.name}, line {line}: {cell!r} is not a whole number without separators.")
    return int(cell)


def _decimal(path: Path, line: int, cell: str) -> Decimal | None:
    if not cell:
        return None
    try:
        return Decimal(cell)
    except InvalidOperation:
        raise BrokenPlan(f"{path.name}, line {line}: {cell!r} is not a number.") from None


def _check(path: Path, table: type[Model], rows: Any, keys: Any) -> None:
    twice = [key for key, times in Counter(keys).items() if times > 1]
    if twice:
        raise BrokenPlan(f"{path.name}: {twice[0]} is there more than once; keep one line.")
    if len(rows) != COUNTS[table]:
        raise BrokenPlan(
            f"{path.name}: {len(rows)} rows for {table.__tablename__}, the plan has {COUNTS[table]}. If the plan was "
            "changed, change COUNTS in fieldops/seed.py too."
        )


# -- holidays ---------------------------------------------------------------------------------------------------


def public_holidays(years: tuple[int, ...]) -> list[dict[str, Any]]:
    """National holidays and cuti bersama as the package `holidays` knows them, Indonesian names.

    The default call of the package leaves the cuti bersama out, so both categories are asked for. "(perkiraan)" stays
    in the name: the date is the package's estimate.
    """
    source = f"{PACKAGE}{version('holidays')}"
    found = []
    for category, kind in (("public", HolidayKind.NATIONAL), ("government", HolidayKind.JOINT_LEAVE)):
        known = country_holidays("ID", years=years, categories=(category,), language="id")
        found += [
            {"day": day, "name": name, "kind": kind.value, "source": source}
            for day in sorted(known)
            for name in known.get_list(day)
        ]
    return found


def _put_holidays(session: Session, wanted: list[dict[str, Any]]) -> Loaded:
    """As `_put`, for the rows that came from the package only; one that the package has moved is removed."""
    first, last = date(min(HOLIDAY_YEARS), 1, 1), date(max(HOLIDAY_YEARS), 12, 31)
    here = session.execute(
        select(Holiday.day, Holiday.name, Holiday.kind, Holiday.source).where(Holiday.day.between(first, last))
    ).all()
    foreign = {
        (row.day, row.name) for row in here if row.kind == HolidayKind.OFFICE or not row.source.startswith(PACKAGE)
    }
    ours = [row for row in wanted if (row["day"], row["name"]) not in foreign]
    gone = {(row.day, row.name) for row in here} - foreign - {(row["day"], row["name"]) for row in ours}
    for day, name in gone:
        session.execute(delete(Holiday).where(Holiday.day == day, Holiday.name == name))
    return _put(session, Holiday, ours) + Loaded(removed=len(gone))


# -- database ---------------------------------------------------------------------------------------------------


def _put(
    session: Session, table: type[Model], rows: list[dict[str, Any]], *, keep: frozenset[str] | set[str] = frozenset()
) -> Loaded:
    """Insert the rows that are missing and update those that differ, except the columns in `keep`."""
    key = [column.name for column in table.__table__.primary_key]
    columns = list(rows[0])
    here = {
        tuple(row[name] for name in key): row
        for row in session.execute(select(*(getattr(table, name) for name in columns))).mappings()
    }
    new, changed = [], 0
    for row in rows:
        there = here.get(tuple(row[name] for name in key))
        if there is None:
            new.append(row)
            continue
        values = {name: row[name] for name in columns if name not in keep and row[name] != there[name]}
        if values:
            session.execute(update(table).where(*(getattr(table, name) == row[name] for name in key)).values(values))
            changed += 1
    if new:
        session.execute(insert(table), new)
    return Loaded(inserted=len(new), changed=changed)


def _add(session: Session, table: type[Vehicle] | type[KitItem], rows: list[dict[str, Any]]) -> Loaded:
    """Insert what is missing by its id; a name that the office gave to something else is left to it."""
    here = session.execute(select(table.id, table.name)).all()
    ids, names = {row.id for row in here}, {row.name for row in here}
    new = [row for row in rows if row["id"] not in ids and row["name"] not in names]
    if new:
        session.execute(insert(table), new)
    return Loaded(inserted=len(new))
