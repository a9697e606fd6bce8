"""A backup holds everything and goes into either kind of database."""

from __future__ import annotations

import zipfile

import pytest

from fieldops import backup, check, demo, migrate
from fieldops.kit import db as kit_db
from fieldops.kit import keys
from tests import conftest
from tests.make import NOW


def content(path) -> dict[str, list[bytes]]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).splitlines() for name in archive.namelist() if name != "about.json"}


def test_backup_comes_back_whole_and_refuses_a_used_database(db, tmp_path) -> None:
    from fieldops import seed

    with kit_db.transaction() as session:
        seed.load_plan(session, now=NOW)
    demo.fill(now=NOW, weeks_back=1, weeks_ahead=1, whole_year=False, say=lambda _text: None)
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


def test_backup_of_another_secret_key_is_refused(db, tmp_path) -> None:
    file = tmp_path / "office.zip"
    backup.backup(file)
    migrate.upgrade(kit_db.connect(f"sqlite:///{tmp_path / 'other.db'}"))
    try:
        keys.use(b"the key of somebody else, 32 long")
        with pytest.raises(backup.NotRestorable, match="under another secret key"):
            backup.restore(file)
    finally:
        keys.use(conftest.SECRET)
    told: list[str] = []
    backup.restore(file, say=told.append)
    assert told == []


def test_backup_that_does_not_tell_its_key_comes_back_with_a_warning(db, tmp_path) -> None:
    backup.backup(tmp_path / "new.zip")
    with zipfile.ZipFile(tmp_path / "new.zip") as new, zipfile.ZipFile(tmp_path / "old.zip", "w") as old:
        for name in new.namelist():
            old.writestr(name, new.read(name).replace(b'"key_mark"', b'"other"'))
    migrate.upgrade(kit_db.connect(f"sqlite:///{tmp_path / 'other.db'}"))
    told: list[str] = []
    backup.restore(tmp_path / "old.zip", say=told.append)
    assert [one.partition(":")[0] for one in told] == ["Warning"]
