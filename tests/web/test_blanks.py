"""Blank passports by HTTP: the sum, the moves, one number, and what is typed wrongly."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from fieldops.core.audit.rules import staff as by
from fieldops.core.blanks import service
from fieldops.core.blanks.models import Blank, BlankMove
from tests.client import Answer, Client
from tests.make import NOW, Office, made, make_blanks, make_booking, make_day
from tests.web import steps


@pytest.fixture
def tu(staff) -> Client:
    return staff("tu")


@pytest.fixture
def received(office: Office) -> int:
    """X1001001–X1001100 in the office."""
    return made(make_blanks, office["tu"])


@pytest.fixture
def out(office: Office, received: int) -> None:
    """X1001001–X1001010 are with a trip."""
    options = {"day": NOW.date(), "form_key": str(uuid4()), "actor": by(office["tu"]), "now": NOW}
    trip = {"source": "trip", "ref": "A", "title": "LOKTUAN Sangatta"}
    made(service.issue, "X1001001", "X1001010", **trip, **options)


def send(tu: Client, kind: str, first: str, last: str = "", *, _expected: int = 303, **typed: str) -> Answer:
    form = tu.get("blanks.move_new", kind=kind)
    return tu.submit(form, {"first": first, "last": last} | typed, action="/moves", _expected=_expected)


def test_the_sum_stands_on_the_page(tu: Client, office: Office, out: None) -> None:
    day = made(make_day, office["supervisor"])
    made(make_booking, day.page_code, day.sessions[0], 3)
    page = tu.get("blanks.stock")
    assert "Stok 100 − terdaftar 3 = 97, di bawah cadangan 100." in page.words
    assert "90 di kantor" in page.words
    assert "LOKTUAN Sangatta X1001001–X1001010" in page.words
    send(tu, "receipt", "X2000001", "X2000200", note="BA-13/2026")
    assert "Stok 300 − terdaftar 3 = 297, cukup untuk cadangan 100." in tu.get("blanks.stock").words


def test_every_move_has_its_form(tu: Client, out: None) -> None:
    trip = {"holder": "trip:A"}
    send(tu, "use", "X1001001", "X1001006", **trip)
    send(tu, "spoil", "X1001007", note="Tinta luntur", **trip)
    send(tu, "return", "X1001008", "X1001010", **trip)
    send(tu, "use", "x 1001011", "X1001012")
    send(tu, "spoil", "X1001013", note="Salah cetak")
    send(tu, "transfer", "X1001014", "X1001020", note="Kanim Samarinda, BA-3/2026")
    found = {state: steps.count(Blank, state=state) for state in ("stock", "out", "used", "spoiled", "moved")}
    assert found == {"stock": 83, "out": 0, "used": 8, "spoiled": 2, "moved": 7}
    assert "Terima kembali" not in tu.get("blanks.stock").words


def test_the_same_form_twice_is_one_move(tu: Client) -> None:
    form = tu.get("blanks.move_new", kind="receipt")
    typed = {"first": "X1001001", "last": "X1001010", "note": "BA-12/2026"}
    for _ in range(2):
        tu.submit(form, typed, action="/moves")
    assert steps.count(BlankMove) == 1
    tu.submit(form, typed | {"last": "X1001020"}, action="/moves", _expected=409)
    assert steps.count(Blank) == 10


WRONG = {
    "serial": ("use", {"first": "1001001"}, "Tulis nomor seri dengan 1–2 huruf", "first"),
    "order": ("use", {"last": "X1000001"}, "Nomor terakhir lebih kecil", "last"),
    "too many": ("receipt", {"first": "X2000001", "last": "X2002001"}, "Paling banyak 2.000 blangko", "last"),
    "known": ("receipt", {}, "X1001020–X1001021 ada di kantor", "first"),
    "elsewhere": ("use", {"first": "X1001010", "last": "X1001011"}, "X1001010 dibawa LOKTUAN Sangatta", "first"),
    "day": ("use", {"day": "besok"}, "Isi tanggal seperti 30/11/2026.", "day"),
    "to come": ("use", {"day": "2026-11-26"}, "Tanggal ini belum tiba.", "day"),
    "no reason": ("spoil", {}, "Tulis sebab kerusakannya.", "note"),
    "no document": ("transfer", {}, "Tulis nomor dokumen dan kantornya", "note"),
    "long": ("use", {"note": "x" * 301}, "Paling panjang 300 huruf", "note"),
    "holder": ("use", {"holder": "trip:B"}, "Pilih di mana blangkonya.", "holder"),
    "nobody": ("return", {"holder": "office"}, "Pilih di mana blangkonya.", "holder"),
}


@steps.SQLITE
@pytest.mark.parametrize(("kind", "changes", "sentence", "field"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_at_its_field_and_all_stays(tu, out, kind, changes, sentence, field) -> None:
    typed = {"first": "X1001020", "last": "X1001021", "day": "2026-11-25", "note": ""} | changes
    form = tu.get("blanks.move_new", kind=kind)
    refused = tu.submit(form, typed, action="/moves", _expected=422)
    assert refused.complaints[0].startswith(sentence)
    assert refused.html.select_one(f"#{field}-error") is not None
    values = refused.form("/moves").values
    assert {name: values[name] for name in ("first", "last", "day", "note")} == {
        name: typed[name] for name in ("first", "last", "day", "note")
    }
    assert steps.count(BlankMove) == 2


def test_the_last_move_is_taken_back_and_stays_visible(tu: Client, out: None) -> None:
    page = tu.get("blanks.move_list")
    forms = page.html.select("form[action$='/undo']")
    assert len(forms) == 1, "only the issue is the last move of its numbers"
    undone = tu.follow(tu.submit(page, action="/undo"))
    assert "Dibawa, dibatalkan" in undone.words
    assert steps.count(Blank, state="out") == 0
    tu.submit(page, action="/undo")
    assert steps.count(BlankMove) == 3


def test_two_moves_of_one_page_are_taken_back_each(tu: Client, out: None, office: Office) -> None:
    made(make_blanks, office["tu"], "X3000001", "X3000010")
    page = tu.get("blanks.move_list")
    for form in page.html.select("form[action$='/undo']"):
        values = {str(one["name"]): str(one["value"]) for one in form.select("input")}
        tu.post("blanks.move_undo", values)
    assert (steps.count(Blank, state="out"), steps.count(Blank)) == (0, 100)


@steps.SQLITE
def test_a_move_that_others_followed_is_not_taken_back(tu: Client, out: None, received: int) -> None:
    key = str(uuid4())
    refused = tu.post("blanks.move_undo", {"move": str(received), "key": key}, _expected=422)
    assert "sudah bergerak sesudah itu" in refused.complaints[0]
    tu.post("blanks.move_undo", {"move": "999999", "key": key}, _expected=404)
    tu.post("blanks.move_undo", {"move": "x", "key": key}, _expected=422)


def test_one_number_is_looked_up_with_its_history(tu: Client, out: None) -> None:
    found = tu.submit(tu.get("blanks.stock"), {"serial": "x 1001003"}, action="/find")
    assert found.h1 == "Blangko X1001003"
    assert "Dibawa: LOKTUAN Sangatta" in found.words
    assert "BA-12/2026" in found.words
    unknown = tu.get("blanks.blank_find", serial="X9999999")
    assert "Nomor ini tidak ada di stok" in unknown.words
    wrong = tu.get("blanks.blank_find", serial="satu", _expected=422)
    assert wrong.html.select_one("#serial-error") is not None
    assert wrong.form("/find").values["serial"] == "satu"


@steps.SQLITE
def test_the_history_goes_page_by_page(tu: Client, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldops.core.blanks.queries.PAGE", 2)
    for n in range(1, 6):
        made(make_blanks, office["tu"], f"X100100{n}", f"X100100{n}")
    first = tu.get("blanks.move_list")
    assert "X1001005" in first.words
    assert "X1001003" not in first.words
    second = tu.get_url(next(one for one in first.links() if "before=" in one))
    assert "X1001003" in second.words
    assert "X1001005" not in second.words
    assert second.html.select("form[action$='/undo']") == []


@steps.SQLITE
def test_readers_read(staff, out: None) -> None:
    auditor = staff("auditor")
    assert "Terima blangko" not in auditor.get("blanks.stock").words
    assert auditor.get("blanks.move_list").html.select("form[action$='/undo']") == []
    auditor.get("blanks.move_new", kind="use", _expected=403)


@steps.SQLITE
def test_a_kind_that_has_no_form_is_not_found(tu: Client) -> None:
    for kind in ("issue", "undo", "lain"):
        tu.get("blanks.move_new", kind=kind, _expected=404)
    assert UUID(tu.get("blanks.move_new", kind="use").form("/moves").values["key"])
