"""A backup holds everything and goes into either kind of database."""

from __future__ import annotations

import zipfile

import pytest

from fieldops import backup, check, demo
from fieldops.kit import db as kit_db
from tests.make import NOW


def content(path) -> dict[str, list[bytes]]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).splitlines() for name in archive.namelist() if name != "about.json"}


def test_backup_comes_back_whole_and_refuses_a_used_database(db, tmp_path) -> None:
    from fieldops import migrate, seed

    with kit_db.transaction() as session:
        seed.load_plan(session, now=NOW)
    demo.fill(now=NOW, weeks_back=1, weeks_ahead=1, say=lambda _text: None)
    assert check.problems() == []
    first = tmp_path / "first.zip"
    backup.backup(first)
    with pytest.raises(backup.NotRestorable):
        backup.restore(first)
    other = kit_db.connect(f"sqlite:///{tmp_path / 'other.db'}")
    migrate.upgrade(other)
    backup.restore(first)
    assert check.problems() == []
    second = tmp_path / "second.zip"
    backup.backup(second)
    assert content(second) == content(first)
    assert first.stat().st_mode & 0o077 == 0
