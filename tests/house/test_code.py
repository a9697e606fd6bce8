"""Rules about the code base itself."""

from __future__ import annotations

import re
import subprocess

import pytest

from fieldops import migrate
from fieldops.settings import ROOT
from tools import access_table

SOURCES = sorted((ROOT / "fieldops").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def found(pattern: str, *, but: tuple[str, ...] = ()) -> list[str]:
    """Where a pattern stands in the code, except in the named files."""
    rule = re.compile(pattern)
    return [
        f"{file.relative_to(ROOT)}:{n}"
        for file in SOURCES
        if str(file.relative_to(ROOT)) not in but
        for n, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if rule.search(line)
    ]


def test_only_the_database_module_commits() -> None:
    allowed = ("fieldops/kit/db.py", "fieldops/migrate.py", "fieldops/worker.py")  # advisory locks
    assert found(r"\.(commit|rollback)\(", but=allowed) == []


def test_there_is_one_clock() -> None:
    allowed = (
        "fieldops/kit/clock.py",
        "fieldops/kit/throttle.py",  # windows of machine time, nothing the office reads
        "fieldops/kit/assets.py",  # the age of files
        "fieldops/cli.py",  # the name of a backup file
    )
    assert found(r"datetime\.now\(|utcnow|date\.today\(|time\.time\(", but=allowed) == []


def test_sql_is_never_put_together_from_text() -> None:
    assert found(r"text\(f[\"']", but=("fieldops/backup.py",)) == []  # there: names of our own tables only


def test_nothing_is_evaluated_or_unpickled() -> None:
    assert found(r"\beval\(|\bexec\(|pickle|yaml\.load") == []


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT / "templates")))
def test_templates_hold_no_inline_script_or_style(file) -> None:
    text = file.read_text("utf-8")
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|hx-on|js:|<style|<script(?![^>]*\ssrc=)", text)
    safe = re.findall(r"(\w+)\s*\|\s*safe", text)
    assert set(safe) <= {"qr_svg"}


def test_migrations_have_one_head_and_head_names_it() -> None:
    assert (ROOT / "migrations" / "HEAD").read_text("utf-8").strip() == migrate.head()


def test_access_table_in_the_docs_is_the_one_of_the_code() -> None:
    assert (ROOT / "docs" / "access.md").read_text("utf-8") == access_table.render()


def test_every_setting_is_in_the_operations_page() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    text = "".join((ROOT / "fieldops" / name).read_text("utf-8") for name in ("settings.py", "cli.py"))
    wanted = set(re.findall(r"FIELDOPS_[A-Z_]+[A-Z]", text))
    assert wanted - set(re.findall(r"FIELDOPS_[A-Z_]+[A-Z]", page)) == set()


def test_third_party_files_are_not_committed() -> None:
    git = ["git", "-C", str(ROOT), "ls-files", "static/vendor", "web/node_modules"]
    assert subprocess.run(git, capture_output=True, text=True, check=True).stdout == ""


def test_every_route_states_who_may_use_it(app) -> None:
    silent = [
        rule.endpoint for rule in app.url_map.iter_rules() if not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    assert silent == []


def test_addresses_are_kebab_case_and_writes_are_posts(app) -> None:
    for rule in app.url_map.iter_rules():
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"[/a-z0-9.\-]*|/[JDT]/[/a-z.\-]*", fixed), rule.rule
        assert rule.methods <= {"GET", "HEAD", "OPTIONS", "POST"}, rule.rule
