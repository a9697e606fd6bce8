"""Whoever tries to get in too often stands in the audit log, once in ten minutes, and not in the clear."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from fieldops.core.audit.models import AuditEntry
from fieldops.kit import db, throttle
from tests.client import STAFF_HOST, Client
from tests.ways import browser, code, enter, give_app, give_password, try_in
from tests.web import steps

if TYPE_CHECKING:
    from tests.make import Office

pytestmark = [steps.SQLITE, pytest.mark.usefixtures("wall")]


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock of the windows, which stands still until a test moves it."""
    standing = SimpleNamespace(at=1_800_000_000.0)
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: standing.at))
    return standing


def limits() -> list[AuditEntry]:
    with db.reading() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == "session.limit")))


def told(entry: AuditEntry) -> str:
    return json.dumps([entry.object_kind, entry.object_id, entry.actor_kind, entry.detail])


def test_a_name_that_is_guessed_is_noted_once_in_a_window_as_a_hash(app, office: Office, wall) -> None:
    login = give_password(office["officer"])
    one = browser(app)
    for _ in range(5):
        try_in(one, login, "wrong", expected=422)
    assert limits() == [], "a wrong password is refused, and noted as that"
    for _ in range(4):
        try_in(one, login, "wrong", expected=429)
    (entry,) = limits()
    assert (entry.actor_kind, entry.actor_id, entry.object_kind) == ("public", None, "throttle")
    assert entry.detail == {"what": "sign-in as"}
    assert login not in told(entry)
    assert login.split("@")[0] not in told(entry)
    assert "127.0.0.1" not in told(entry)
    wall.at += 600
    try_in(one, login, "wrong", expected=429)
    assert [one.object_id for one in limits()] == [entry.object_id] * 2, "one name is one hash, so a habit is seen"


def test_the_hash_cannot_be_found_by_trying_names(app, office: Office) -> None:
    login = give_password(office["officer"])
    one = browser(app)
    for _ in range(6):
        try_in(one, login, "wrong", expected=(422, 429))
    (entry,) = limits()
    for plain in (login, f"sign-in as\0{login}"):
        for make in (hashlib.sha256, hashlib.blake2b, hashlib.sha1, hashlib.md5):
            assert entry.object_id not in make(plain.encode()).hexdigest()


def test_codes_that_are_guessed_are_noted_under_the_person(app, office: Office) -> None:
    login = give_password(office["supervisor"])
    secret, _ = give_app(office["supervisor"])
    one = browser(app)
    page = one.follow(try_in(one, login))
    for n in range(5):
        one.submit(page, {"code": f"{n:06d}"}, _expected=422)
    for _ in range(2):
        one.submit(page, {"code": code(secret, later=1)}, _expected=429)
    (entry,) = limits()
    assert (entry.object_kind, entry.object_id) == ("person", str(office["supervisor"]))
    assert entry.detail == {"what": "code of"}


def test_links_that_are_tried_from_one_address_are_noted_once(app, office: Office) -> None:
    one = Client(app, STAFF_HOST)
    for n in range(30):
        one.post("people.link_use", token=f"{n:026d}", _expected=404)
    assert limits() == []
    for n in range(3):
        one.post("people.link_use", token=f"{n:026d}", _expected=429)
    (entry,) = limits()
    assert (entry.object_kind, entry.detail) == ("throttle", {"what": "link from"})
    assert "127.0.0.1" not in told(entry)


def test_a_proof_that_is_guessed_is_noted_under_the_person(app, office: Office, clock) -> None:
    give_password(office["officer"])
    one = enter(app, office["officer"])
    clock.forward(minutes=11)
    page = one.get("people.password_edit")
    answers: list[Any] = []
    for _ in range(7):
        typed = {"proof": "bukan kata sandi", "password": "laut menari pelan kuda", "again": "laut menari pelan kuda"}
        answers.append(one.submit(page, {k: v for k, v in typed.items() if k in page.form().values}, _expected=(422, 429)))
    assert answers[-1].status == 429
    (entry,) = limits()
    assert (entry.object_kind, entry.object_id) == ("person", str(office["officer"]))


def test_a_broken_count_writes_nothing_and_opens_nothing(app, office: Office, tmp_path) -> None:
    login = give_password(office["officer"])
    throttle.use(tmp_path)  # a folder is no database
    try_in(browser(app), login, expected=429)
    assert limits() == []
