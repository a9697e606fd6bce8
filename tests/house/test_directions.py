"""Who may import whom: the contracts of import-linter, and what each kind of file must not know."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib

import pytest

from fieldops.settings import ROOT

PARTS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("core", "weekend", "loktuan", "indrasena")
    for path in (ROOT / "fieldops" / folder).rglob("*.py")
)

LINT = "from importlinter.cli import lint_imports_command as run; run()"


def imported(path: str) -> set[str]:
    """The modules that a file imports when it runs, `from a import b` as both `a` and `a.b`."""
    found = set()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for_types = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    only_types = {id(node) for block in for_types for node in ast.walk(block)}
    for node in ast.walk(tree):
        if id(node) in only_types:
            continue
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def called(path: str) -> set[str]:
    """`clock.now`, `datetime.now`, … : what a file calls by one dot."""
    calls = [
        node.func
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    return {
        f"{func.value.id}.{func.attr}"
        for func in calls
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
    }


def kind(name: str) -> list[str]:
    """All files of one kind: `rules.py`, or every module of a folder `service/`."""
    return [path for path in PARTS if path.endswith(f"/{name}.py") or f"/{name}/" in path]


def test_the_contracts_of_the_import_linter_are_kept():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-logo",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = re.search(r"Contracts: (\d+) kept, 0 broken", done.stdout)
    assert said, done.stdout
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert int(said.group(1)) == len(contracts) >= 4


@pytest.mark.parametrize("path", kind("rules"))
def test_rules_know_no_clock_no_settings_and_no_database(path):
    assert not {name for name in imported(path) if re.match(r"fieldops\.(settings|kit\.(db|page|forms))", name)}
    assert not called(path) & {"clock.now", "clock.today", "datetime.now", "date.today"}, "now comes as an argument"


@pytest.mark.parametrize("path", kind("forms"))
def test_forms_know_no_database(path):
    database = r"sqlalchemy|fieldops\.kit\.db|.*\.(models|queries)\b"
    assert not {name for name in imported(path) if re.match(database, name)}


@pytest.mark.parametrize("path", kind("routes"))
def test_routes_write_no_sql_and_know_no_tables(path):
    wrong = {name for name in imported(path) if re.match(r"sqlalchemy\.(?!orm)|sqlalchemy$|.*\.models\b", name)}
    assert wrong - {"sqlalchemy.orm", "sqlalchemy.orm.Session"} == set()


# Every page asks whether the office is invented; the answer is kept for a minute, so no session waits for it.
OWN_READING = {"fieldops/core/office/queries.py"}


@pytest.mark.parametrize("path", kind("service") + kind("queries"))
def test_services_and_queries_begin_no_transaction(path):
    known = {"fieldops.kit.db.transaction", "fieldops.kit.db.reading", "fieldops.kit.db.again_when_stale"}
    allowed = {"fieldops.kit.db.reading"} if path in OWN_READING else set()
    assert imported(path) & known == allowed


@pytest.mark.parametrize("path", kind("queries"))
def test_queries_write_nothing(path):
    assert not imported(path) & {"sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete"}
    assert not called(path) & {"session.add", "session.add_all", "session.delete", "session.flush"}


def test_a_part_holds_files_of_the_known_kinds():
    known = {"__init__", "rules", "models", "queries", "service", "forms", "routes", "jobs", "sync"}
    # Drawings, a picture and PDFs, of plain values; and the values and sentences of printed papers.
    drawings = {"fieldops/core/booking/ticket_image.py", "fieldops/core/booking/poster.py"}
    drawings |= {path for path in PARTS if path.startswith("fieldops/core/letters/pdf/")}
    drawings |= {f"fieldops/core/letters/{name}.py" for name in ("documents", "narrative")}
    strange = []
    for path in PARTS:
        parts = path.removesuffix(".py").split("/")
        if not set(parts[2:]) & known and path not in drawings:
            strange.append(path)
    assert strange == []


def test_a_server_that_prints_nothing_loads_no_reportlab():
    ask = "import sys, fieldops.app; print([name for name in sys.modules if name.startswith('reportlab')])"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
