"""Habits that a search over the whole repository can see: one clock, bound SQL, nothing evaluated, docs that agree.

Python is read as a tree, so that neither a comment nor a sentence trips a rule and no spelling slips past one.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from fieldops import worker
from fieldops.settings import ROOT

# Reads of the machine's clock, and why each is none of the office's time.
MACHINE_CLOCK = {
    "fieldops/kit/clock.py": "it is the clock",
    "fieldops/kit/throttle.py": "windows of tries; nobody reads them",
    "fieldops/kit/assets.py": "the age of built files against the disk's own times",
    "fieldops/cli.py": "the name of a backup file",
}
CLOCK_CALLS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "datetime.fromtimestamp", "datetime.utcfromtimestamp"),
    *("date.today", "date.fromtimestamp", "time.time", "time.time_ns", "time.localtime", "time.gmtime"),
}

# SQL that is put together, and why nothing from outside can be in it.
MADE_SQL = {
    "fieldops/backup.py": "names of our own tables and columns, to restart PostgreSQL's counters",
    "fieldops/kit/db.py": "PRAGMA takes no parameters; the pragmas are written out there",
    "fieldops/migrate.py": "PRAGMA takes no parameters; the pragmas are written out there",
}
TAKES_SQL = {
    *("text", "execute", "executemany", "executescript", "exec_driver_sql"),
    *("scalar", "scalars", "literal_column"),
}

# Who begins and ends transactions.
TRANSACTIONS = {
    "fieldops/backup.py": "one snapshot for all tables, on SQLite; it only reads",
    "fieldops/kit/db.py": "the one place",
    "fieldops/kit/throttle.py": "its own small file of counts",
    "fieldops/migrate.py": "its own engine, outside the application",
    "fieldops/weekend/shifts/service.py": "a savepoint: the lead takes his post, or keeps the promise of the day",
}

SCRIPT_DANGERS = (
    r"\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser"
    r"|\beval\(|new Function|set(?:Timeout|Interval)\(\s*[\"'`]|toISOString\(\)\s*\.\s*(?:slice|substr)"
    r"|localStorage|document\.cookie"
)


@cache
def tracked() -> list[str]:
    """Every file of the repository as git has it; no built and no fetched ones."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@cache
def text_of(name: str) -> str:
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""  # a picture


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse(text_of(name), name)


def python() -> list[str]:
    """The package's own files. New ones count before git knows of them."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "fieldops").rglob("*.py"))


def calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    """(`a.b`, the call) of every call; of longer paths the last two parts."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [(".".join(ast.unparse(call.func).split(".")[-2:]), call) for call in found]


def made(node: ast.expr) -> bool:
    """Whether a text is put together from parts, some of which are no constants."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        left = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
        return (isinstance(node.op, ast.Mod) and left) or made(node.left) or made(node.right) or left
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    on_text = isinstance(node.func.value, ast.Constant) and isinstance(node.func.value.value, str)
    return node.func.attr == "format" or (node.func.attr == "join" and on_text)


def puts_sql_together(tree: ast.AST) -> bool:
    return any(name.rpartition(".")[2] in TAKES_SQL and call.args and made(call.args[0]) for name, call in calls(tree))


def reads_machine_clock(tree: ast.AST) -> bool:
    return any(name in CLOCK_CALLS for name, _ in calls(tree))


def handles_transaction(tree: ast.AST) -> bool:
    by_sql = r"\s*(begin|commit|end|rollback|savepoint)\b"
    return any(
        re.search(r"\.(commit|rollback|begin|begin_nested)$", name)
        or (
            name.rpartition(".")[2] in TAKES_SQL
            and call.args
            and isinstance(call.args[0], ast.Constant)
            and re.match(by_sql, str(call.args[0].value), re.IGNORECASE)
        )
        for name, call in calls(tree)
    )


def evaluates(tree: ast.AST) -> bool:
    """Eval and its kin, and readers of formats that can name code."""
    imports = {
        name.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    } | {str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return bool(imports & {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle"}) or any(
        name in {"eval", "exec", "compile", "__import__"} for name, _ in calls(tree)
    )


# -- the code


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        pytest.param(handles_transaction, TRANSACTIONS, id="only kit/db.py begins and ends transactions"),
        pytest.param(reads_machine_clock, MACHINE_CLOCK, id="only kit/clock.py reads the clock"),
        pytest.param(puts_sql_together, MADE_SQL, id="values reach SQL only as parameters"),
        pytest.param(evaluates, {}, id="nothing is evaluated or unpickled"),
    ],
)
def test_a_habit_is_kept_but_where_a_reason_is_written(rule, allowed):
    """Both ways: an exception that nobody needs any more goes."""
    assert {name for name in python() if rule(tree_of(name))} == set(allowed)


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (handles_transaction, "session.commit()"),
        (handles_transaction, "database().session.rollback()"),
        (handles_transaction, 'connection.exec_driver_sql("COMMIT")'),
        (handles_transaction, "with Session.begin() as session: pass"),
        (reads_machine_clock, "datetime.now(UTC)"),
        (reads_machine_clock, "datetime.datetime.utcnow()"),
        (reads_machine_clock, "date.today()"),
        (puts_sql_together, 'session.execute(text(f"select {x}"))'),
        (puts_sql_together, 'session.execute("select %s" % x)'),
        (puts_sql_together, 'text("select {}".format(x))'),
        (puts_sql_together, 'text(" ".join(words))'),
        (puts_sql_together, 'sa.text("select " + x)'),
        (evaluates, "eval(x)"),
        (evaluates, "import pickle"),
        (evaluates, "from yaml import load"),
    ],
)
def test_a_habit_that_is_broken_is_seen(rule, line):
    assert rule(ast.parse(line))


@pytest.mark.parametrize(
    "line",
    [
        "re.compile(x)",
        'session.execute(text("select :x"), {"x": x})',
        "session.execute(select(x).join(y).where(z))",
        "clock.now() + timedelta(days=1)",
    ],
)
def test_what_is_allowed_is_not_taken_for_a_broken_habit(line):
    tree = ast.parse(line)
    assert not any(rule(tree) for rule in (handles_transaction, reads_machine_clock, puts_sql_together, evaluates))


@pytest.mark.parametrize("name", [f"static/js/{path.name}" for path in sorted((ROOT / "static" / "js").glob("*.js"))])
def test_scripts_write_text_not_html_and_keep_nothing(name):
    assert not re.search(SCRIPT_DANGERS, text_of(name)), re.search(SCRIPT_DANGERS, text_of(name))


def test_the_style_sheet_fetches_nothing():
    assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", text_of("static/css/app.css"))


def test_what_changes_under_the_mouse_changes_only_where_there_is_one():
    """On a phone a tap leaves the last button as if the mouse were on it."""
    rest = re.sub(r"@media \(hover:hover\)\{(?:[^{}]|\{[^{}]*\})*\}", "", text_of("static/css/app.css"))
    assert re.findall(r"^.*:hover.*$", rest, re.MULTILINE) == []


def test_no_file_names_the_machine_it_was_written_on():
    # Homes of users, temporary folders; and where this checkout lies, unless that is a place for
    # installed programs or already said.
    places = [r"/(?:home|Users)/\w", r"/root/", r"/tmp/\w"]  # noqa: S108
    if len(ROOT.parts) > 2 and ROOT.parts[1] not in {"opt", "srv", "var", "usr", "etc", "root"}:
        places.append(re.escape("/".join(["", *ROOT.parts[1:-1]])) + r"(?:/|\b)(?!\w)")
    pattern = re.compile(r"(?<![\w.<:/-])(?:" + "|".join(places) + ")")
    own = Path(__file__).relative_to(ROOT).as_posix()
    found = {name: pattern.findall(text_of(name)) for name in tracked() if name != own}
    assert {name: places for name, places in found.items() if places} == {}


def test_nothing_unfinished_is_left_in_the_code():
    marks = re.compile(r"\b(?:TODO|FIXME|XXX)\b|breakpoint\(|console\.log|debugger;")
    ours = [name for name in tracked() if name.startswith(("fieldops/", "templates/", "static/"))]
    assert [name for name in ours if marks.search(text_of(name))] == []


# -- the docs


def pages() -> list[str]:
    return [name for name in tracked() if name.endswith(".md")]


def operations() -> str:
    return text_of("docs/operations.md")


def rows(page: str) -> set[str]:
    """What stands between backticks in the first cells of a page's tables."""
    cells = re.findall(r"^\| *(`[^|]*)\|", page, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def test_every_variable_that_is_read_is_described_and_no_other():
    read = {
        name
        for file in ("fieldops/settings.py", "fieldops/cli.py")
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for name in re.findall(r"FIELDOPS_[A-Z_]*[A-Z]", node.value)
    }
    assert read == {word for word in rows(operations()) if word.startswith("FIELDOPS_")}
    everywhere = {
        name for file in python() for name in re.findall(r"environ[^\n]*?(FIELDOPS_[A-Z_]*[A-Z])", text_of(file))
    }
    assert everywhere <= read


def test_every_timed_job_is_described_and_no_other(settings):
    section = operations().partition("## Timed jobs")[2].partition("\n## ")[0]
    assert rows(section) == set(worker.jobs(settings))


def test_every_command_is_described_and_no_other():
    named = {
        call.args[0].value
        for name, call in calls(tree_of("fieldops/cli.py"))
        if name.endswith("add_parser") and isinstance(call.args[0], ast.Constant)
    } | {"serve", "run"}
    section = operations().partition("## Commands")[2].partition("\n## ")[0]
    assert {row.split()[1] for row in rows(section) if row.startswith("fieldops ")} == named


def test_the_limits_on_tries_are_the_described_ones():
    in_code = {
        (option["limit"], option["seconds"])
        for file in python()
        for name, call in calls(tree_of(file))
        if name == "throttle.allow"
        for option in [{one.arg: one.value.value for one in call.keywords if isinstance(one.value, ast.Constant)}]
    }
    section = operations().partition("## Limits on tries")[2].partition("\n## ")[0]
    minutes = {"two": 120, "ten": 600}
    told = {
        (int(number), minutes[word])
        for number, word in re.findall(r"(\d+) [a-z][^.:,;]*?\s+in\s+(\w+)\s+minutes", section)
    }
    assert in_code
    assert told == in_code


def test_every_link_in_the_docs_leads_to_a_file():
    links = [(name, to) for name in pages() for to in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text_of(name))]
    assert len(links) > 10
    assert [(name, to) for name, to in links if "://" not in to and not ((ROOT / name).parent / to).exists()] == []


def test_every_decision_that_is_referred_to_exists():
    known = {path.name for path in (ROOT / "docs" / "decisions").glob("*.md")}
    assert known
    for name in tracked():
        for found in re.findall(r"decisions/(\d{4}[\w-]*\.md)", text_of(name)):
            assert found in known, f"{name}: {found}"


def test_decisions_are_numbered_without_gaps_and_named_by_their_heading():
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [path.name[:4] for path in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for path in files:
        assert re.match(rf"# {path.name[:4]} \S", path.read_text(encoding="utf-8")), path.name


def test_every_file_that_the_docs_name_exists():
    """Paths in backticks as `fieldops/kit/db.py` or `fieldops/worker.py::jobs`."""
    pattern = r"`((?:fieldops|templates|static/(?!vendor)|migrations|tests|tools|docs)/[\w./-]+)"
    paths = [(name, path) for name in pages() for path in re.findall(pattern, text_of(name))]
    assert len(paths) > 10
    assert [(name, path) for name, path in paths if not (ROOT / path).exists()] == []


def test_the_glossary_is_there_and_names_the_words_of_booking():
    page = text_of("docs/glossary.md")
    assert page.startswith("# ")
    for word in ("booking", "session", "seat", "pool", "hold"):
        assert re.search(rf"\b{word}\b", page), word


# -- what comes from others


def test_nothing_of_others_is_committed():
    fetched = [name for name in tracked() if name.startswith(("static/vendor", "web/node_modules", ".venv", ".tools"))]
    assert fetched == []
    ours = [name for name in tracked() if name.startswith("static/")]
    assert ours
    assert [name for name in ours if re.search(r"\.min\.|\.(wasm|woff2?|ttf|map)$", name)] == []
    assert [name for name in ours if re.search(r"@license|/\*!|Copyright", text_of(name))] == []


def test_nothing_of_the_office_is_committed():
    assert [name for name in tracked() if re.search(r"(^|/)var/|\.(db|sqlite3?|key|pem|env|zip)$|secret", name)] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_every_package_is_pinned_and_has_its_hash(name):
    wanted = re.split(r"\n(?=[A-Za-z0-9])", text_of(name))
    packages = [one for one in wanted if not one.startswith(("#", "--"))]
    assert len(packages) > 5
    for one in packages:
        assert re.match(r"[\w.\[\]-]+==[\w.+!]+", one), one[:80]
        assert "--hash=sha256:" in one, one[:80]


@pytest.mark.parametrize("name", ["requirements", "requirements-test"])
def test_every_package_that_is_asked_for_is_in_its_lock(name):
    def names(pattern: str, text: str) -> set[str]:
        return {one.lower().replace("_", "-") for one in re.findall(pattern, text, re.MULTILINE)}

    asked = names(r"^([A-Za-z][\w.-]*)", text_of(f"{name}.in"))
    assert asked
    assert asked <= names(r"^([\w.-]+)(?:\[.*\])?==", text_of(f"{name}.lock"))


def test_every_browser_file_is_pinned_and_has_its_hash():
    asked = json.loads(text_of("web/package.json"))["dependencies"]
    assert [version for version in asked.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    packages = json.loads(text_of("web/package-lock.json"))["packages"]
    assert [name for name, about in packages.items() if name and "sha512-" not in about.get("integrity", "")] == []
