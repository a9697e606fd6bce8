"""docs/fields.md, read as tests: its examples of every field, and its numbers."""

from __future__ import annotations

import ast
import importlib
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from fieldops.kit.errors import Refusal
from fieldops.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

# Readers of whole forms; their parts are read by the readers in the table.
OF_FORMS = {
    *("weekend/forms.py::read_sessions", "weekend/forms.py::read_release"),
    *(f"weekend/shifts/forms.py::read_{part}" for part in ("needs", "span", "closings")),
    *(f"core/roster/absences/forms.py::read_{part}" for part in ("request", "period", "seen", "rows")),
    *("core/places/forms.py::read_site", "loktuan/requests/forms.py::read_request"),
    "loktuan/trips/forms.py::read_plan",
    *("core/people/forms.py::read_facts", "core/people/forms.py::read_new_password"),
}
EXAMPLE = re.compile(r"`([^`]+)`(?: → `([^`]+)`)?")


def table(heading: str) -> list[list[str]]:
    """The cells of the first table after a heading."""
    after = (ROOT / "docs" / "fields.md").read_text(encoding="utf-8").partition(f"# {heading}\n")[2]
    lines = re.findall(r"^\| (.*) \|$", after.partition("\n## ")[0], re.MULTILINE)
    return [line.split(" | ") for line in lines[1:]]


FIELDS, NUMBERS = table("What may be typed"), table("How many")


def named(place: str) -> Any:
    """What `core/booking/rules.py::MAX_NAME` is."""
    file, _, name = place.strip("`").partition("::")
    return getattr(importlib.import_module("fieldops." + file.removesuffix(".py").replace("/", ".")), name)


def reader(place: str) -> Callable[[str], Any]:
    return partial(named(place), field="reason") if place.endswith("::read_reason`") else named(place)


@pytest.mark.parametrize(
    ("place", "typed", "kept"),
    [(row[1], typed, kept or typed) for row in FIELDS for typed, kept in EXAMPLE.findall(row[2])],
)
def test_an_example_is_taken_and_kept_as_described(place: str, typed: str, kept: str) -> None:
    assert str(reader(place)(typed)) == kept


@pytest.mark.parametrize(
    ("place", "typed"), [(row[1], typed) for row in FIELDS for typed, _ in EXAMPLE.findall(row[3])]
)
def test_an_example_is_refused_as_described(place: str, typed: str) -> None:
    try:
        read = reader(place)(typed)
    except Refusal:
        return
    assert read is None


def test_every_reader_is_described() -> None:
    files = [*(ROOT / "fieldops").rglob("rules.py"), *(ROOT / "fieldops").rglob("forms.py")]
    readers = {
        f"{file.relative_to(ROOT / 'fieldops').as_posix()}::{node.name}"
        for file in files
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("read_")
    }
    assert readers - OF_FORMS == {row[1].strip("`") for row in FIELDS}


@pytest.mark.parametrize(("most", "place"), [(row[1], row[2]) for row in NUMBERS])
def test_a_number_is_the_described_one(most: str, place: str) -> None:
    assert named(place) == int(most)
