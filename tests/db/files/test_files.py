"""Files in the database: kept once, found by what they belong to, taken away together."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import IntegrityError

from fieldops.core.files import queries, rules, service
from fieldops.core.files.models import StoredFile
from fieldops.core.files.rules import LETTERS
from fieldops.kit import clock as office_clock
from fieldops.kit.db import Database, reading, transaction, violated
from tests.make import NOW, made

PDF = b"%PDF-1.4\n1 0 obj\n%%EOF\n"


def keep(session: Any, data: bytes = PDF, *, ref: str = "1", name: str = "surat.pdf") -> UUID:
    about: dict[str, Any] = {"kinds": LETTERS, "made_by": None, "now": office_clock.now()}
    return service.store(session, source="test", ref=ref, name=name, data=data, **about)


def test_a_file_is_kept_and_comes_back_whole(db: Database) -> None:
    file_id = made(keep)
    with reading() as session:
        (row,) = queries.files_of(session, "test", "1")
        found = queries.one_file(session, file_id, source="test", ref="1")
    assert (row.id, row.name, row.media_type.value, row.size) == (file_id, "surat.pdf", "application/pdf", len(PDF))
    assert found is not None
    assert found.content == PDF


def test_the_same_bytes_are_one_file_and_others_another(db: Database) -> None:
    first = made(keep)
    assert made(keep, name="lagi.pdf") == first
    assert made(keep, PDF + b"2") != first
    assert made(keep, ref="2") != first


def test_a_file_of_something_else_is_not_found(db: Database) -> None:
    file_id = made(keep)
    with reading() as session:
        assert queries.one_file(session, file_id, source="test", ref="2") is None
        assert queries.one_file(session, file_id, source="other", ref="1") is None
        assert queries.one_file(session, uuid4(), source="test", ref="1") is None


def test_files_of_many_come_by_their_ref_without_content(db: Database) -> None:
    for ref in ("1", "2", "2"):
        made(keep, PDF + uuid4().bytes.hex().encode(), ref=ref)
    with reading() as session:
        found = queries.files_of_many(session, "test", ["1", "2", "3"])
        assert {ref: len(files) for ref, files in found.items()} == {"1": 1, "2": 2}
        assert queries.files_of_many(session, "test", []) == {}
        row = session.scalars(select(StoredFile).limit(1)).one()
        assert "content" in inspect(row).unloaded, "a list would bring every photo along"


def test_one_file_too_many_is_refused(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_FILES", 2)
    for n in range(2):
        made(keep, PDF + str(n).encode())
    with pytest.raises(rules.TooManyFiles):
        made(keep)


def test_files_are_taken_away_together_or_one_by_one(db: Database) -> None:
    one, _ = made(keep), made(keep, PDF + b"2")
    other = made(keep, ref="2")
    with transaction() as session:
        assert not service.remove_one(session, one, source="test", ref="2")
        assert service.remove_one(session, one, source="test", ref="1")
        assert service.remove(session, source="test", ref="1") == 1
    with reading() as session:
        assert session.scalars(select(StoredFile.id)).all() == [other]


def file(**changes: Any) -> dict[str, Any]:
    row = {"id": uuid4(), "source": "test", "ref": "1", "name": "x", "media_type": "image/png", "size": 1}
    return row | {"sha256": "0" * 64, "content": b"x", "made_at": NOW} | changes


BROKEN: dict[str, dict[str, Any]] = {"ck_files_file_media_type": {"media_type": "text/html"}}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_no_code_may_write(db: Database, name: str) -> None:
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.execute(insert(StoredFile), [file(**BROKEN[name])])
    assert violated(refused.value, name), str(refused.value.orig)
