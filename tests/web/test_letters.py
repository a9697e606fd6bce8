"""The register, a letter and its versions, its PDF, and what the code on it says to a stranger."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import insert, select

from fieldops.core.audit.rules import staff as of_staff
from fieldops.core.letters import service
from fieldops.core.letters.models import Letter
from fieldops.core.office.models import OfficeFact
from fieldops.core.people.rules import Role
from fieldops.kit import clock as office_clock
from fieldops.kit import memory, throttle
from fieldops.kit.db import reading, transaction
from tests import papers
from tests.make import made, make_letter
from tests.web.steps import SQLITE

if TYPE_CHECKING:
    from uuid import UUID

    from fieldops.core.letters.service import Issued
    from tests.client import Answer, Client
    from tests.conftest import Clock
    from tests.make import Office

LARGER = replace(papers.ASSIGNMENT, crew=(*papers.CREW, *papers.crowd(2)))


def token_of(letter_id: UUID) -> str:
    with reading() as session:
        return str(session.execute(select(Letter.token).where(Letter.id == letter_id)).scalar_one())


def void(office: Office, ref: str = "perjalanan-1", reason: str = "Jembatan putus") -> None:
    made(service.void, source="loktuan", ref=ref, reason=reason, actor=of_staff(office["head"]), now=office_clock.now())


def two_versions(office: Office, clock: Clock) -> tuple[Issued, Issued]:
    first = made(make_letter, office["tu"])
    clock.forward(days=1)
    return first, made(make_letter, office["tu"], assignment=LARGER)


def words_of(answer: Answer) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages).split())


# -- the register


def test_the_register_lists_every_number_of_a_year_and_the_void_ones_too(staff, office: Office, clock: Clock) -> None:
    two_versions(office, clock)
    made(make_letter, office["tu"], "perjalanan-2")
    void(office, "perjalanan-2")
    made(make_letter, office["tu"], "perjalanan-3", day=date(2027, 1, 1))
    page = staff("officer").get("letters.register_show")
    assert page.h1 == "Daftar surat 2026"
    assert "002/ST/2026" in page.words
    assert "001/ST/2026, versi 2" in page.words
    assert "Versi lama: versi 1" in page.words
    assert page.words.count("Tidak berlaku") == 1
    assert "001/ST/2027" not in page.words
    assert "001/ST/2027" in staff("officer").get("letters.register_show", year=2027).words


def test_a_year_without_letters_says_so_and_a_year_that_is_none_is_not_found(staff) -> None:
    browser = staff("auditor")
    assert "Belum ada surat" in browser.get("letters.register_show", year=2031).words
    for year in ("1999", "20261", "abc", "٢٠٢٦"):
        browser.get("letters.register_show", year=year, _expected=404)


# -- one letter


def test_a_letter_shows_its_versions_and_leads_from_the_old_one_to_the_one_in_force(
    staff, office: Office, clock: Clock
) -> None:
    first, second = two_versions(office, clock)
    browser = staff("tu")
    old = browser.get("letters.letter_show", letter_id=first.id)
    assert old.h1 == "Surat tugas 001/ST/2026, versi 1"
    assert "Tidak berlaku sejak Kamis, 26 November 2026, pukul 10.00 WITA" in old.words
    assert "Yang berlaku: versi 2" in old.words
    new = browser.get("letters.letter_show", letter_id=second.id)
    assert "Semua versi" in new.words
    assert "Yusuf Tata" in new.words
    assert "Nur'aini D’Souza, Wawancara" in new.words
    browser.get("letters.letter_show", letter_id=uuid4(), _expected=404)


def test_the_pdf_is_the_version_as_it_was_issued(staff, office: Office, clock: Clock) -> None:
    first, second = two_versions(office, clock)
    browser = staff("officer")
    old = browser.get("letters.letter_file", letter_id=first.id)
    assert old.headers["Content-Type"] == "application/pdf"
    assert old.headers["Content-Disposition"] == 'inline; filename="surat-tugas-001-2026-versi-1.pdf"'
    assert "TIDAK BERLAKU" in words_of(old)
    assert "Petugas 1 Abdurrahmansyah" not in words_of(old)
    new = words_of(browser.get("letters.letter_file", letter_id=second.id))
    assert "Versi 2, menggantikan versi 1" in new
    assert "Petugas 1 Abdurrahmansyah" in new
    assert "TIDAK BERLAKU" not in new
    browser.get("letters.letter_file", letter_id=uuid4(), _expected=404)


def test_a_letter_of_1_march_at_half_past_six_is_dated_1_march(staff, office: Office, clock: Clock) -> None:
    clock.set(datetime(2026, 3, 1, 6, 30, tzinfo=office_clock.ZONE))
    letter = made(make_letter, office["tu"])
    assert (letter.year, letter.number) == (2026, 1)
    assert "Bontang, 1 Maret 2026" in words_of(staff("tu").get("letters.letter_file", letter_id=letter.id))


def test_the_first_letter_of_january_is_001_at_the_office_s_midnight(office: Office, clock: Clock) -> None:
    clock.set(datetime(2026, 12, 31, 23, 59, tzinfo=office_clock.ZONE))
    last = made(make_letter, office["tu"], "a")
    clock.set(datetime(2027, 1, 1, 0, 1, tzinfo=office_clock.ZONE))
    first = made(make_letter, office["tu"], "b")
    assert [(last.year, last.number), (first.year, first.number)] == [(2026, 1), (2027, 1)]


def test_the_official_number_is_filled_in_and_printed(staff, office: Office) -> None:
    letter = made(make_letter, office["tu"])
    browser = staff("tu")
    page = browser.get("letters.letter_show", letter_id=letter.id)
    wrong = browser.submit(page, {"official_number": "<b>12</b>"}, _expected=422)
    assert "Tulis nomor resmi seperti WIM.18-1623.PR.01.01" in wrong.words
    assert wrong.form("number").values["official_number"] == "<b>12</b>"
    assert "Tulis nomor resmi" in browser.submit(page, {"official_number": " "}, _expected=422).words
    after = browser.follow(browser.submit(page, {"official_number": "WIM.18-77.UM.01.01"}))
    assert "WIM.18-77.UM.01.01" in after.words
    assert "Simpan nomor resmi" not in after.words
    assert "NOMOR WIM.18-77.UM.01.01" in words_of(browser.get("letters.letter_file", letter_id=letter.id))
    assert "Tulis nomor resmi" in browser.submit(page, {"official_number": "<"}, _expected=422).words
    stands = browser.submit(page, {"official_number": "WIM.18-78"}, _expected=409)
    assert "sudah tercatat" in stands.words


def test_the_number_of_a_void_letter_is_not_filled_in(staff, office: Office) -> None:
    letter = made(make_letter, office["tu"])
    browser = staff("tu")
    page = browser.get("letters.letter_show", letter_id=letter.id)
    void(office)
    answer = browser.submit(page, {"official_number": "WIM.18-77"}, _expected=409)
    assert "tidak berlaku lagi" in answer.words
    browser.post("letters.letter_number", {"official_number": "A"}, letter_id=uuid4(), _expected=404)


def test_who_may_only_read_sees_no_form_for_the_number(staff, office: Office) -> None:
    letter = made(make_letter, office["tu"])
    page = staff(Role.OFFICER).get("letters.letter_show", letter_id=letter.id)
    assert "Simpan nomor resmi" not in page.words


# -- the code


def test_the_code_says_what_is_in_force_and_names_nobody(client: Client, office: Office) -> None:
    letter = made(make_letter, office["tu"], official_number="WIM.18-77.UM.01.01")
    page = client.get("letters.letter_verify", token=token_of(letter.id).lower())
    assert "BERLAKU" in page.words
    assert "TIDAK BERLAKU" not in page.words
    for text in (
        "Surat tugas nomor WIM.18-77.UM.01.01, versi 1, masih berlaku.",
        "001/ST/2026",
        "Rabu, 25 November 2026",
        "Balai Pertemuan Umum Sangatta Utara",
        "Minggu, 1 Maret 2026, pukul 06.30 WITA",
        "3 orang tercantum",
        "bukan tanda tangan elektronik BSrE",
    ):
        assert text in page.words, text
    for one in papers.CREW:
        assert one.name not in page.words
        assert not one.nip or one.nip not in page.words
    assert "Sri Kepala" not in page.words
    assert "Yusuf" not in page.words


def test_the_code_of_a_replaced_letter_says_by_which_and_when(client: Client, office: Office, clock: Clock) -> None:
    first, _ = two_versions(office, clock)
    page = client.get("letters.letter_verify", token=token_of(first.id))
    assert "TIDAK BERLAKU" in page.words
    assert "diganti versi 2 pada Kamis, 26 November 2026, pukul 10.00 WITA" in page.words
    assert "Yang berlaku sekarang adalah versi 2" in page.words


def test_the_code_of_a_cancelled_letter_does_not_tell_the_reason(client: Client, office: Office, clock: Clock) -> None:
    letter = made(make_letter, office["tu"])
    void(office, reason="Dewi sakit")
    clock.forward(hours=2)
    page = client.get("letters.letter_verify", token=token_of(letter.id))
    assert "dibatalkan pada Rabu, 25 November 2026, pukul 10.00 WITA" in page.words
    assert "Tidak ada versi lain yang berlaku." in page.words
    assert "Dewi" not in page.words
    made(make_letter, office["tu"])  # they go after all
    page = client.get("letters.letter_verify", token=token_of(letter.id))
    assert "dibatalkan pada" in page.words
    assert "Yang berlaku sekarang adalah versi 2" in page.words


def test_an_unknown_code_is_told_calmly(client: Client, office: Office) -> None:
    for token in ("A" * 26, "A", "%00" * 26, "É" * 26, "a" * 400):
        answer = client.get_url(f"/V/{token}", _expected=404)
        assert "Kode ini tidak dikenal di FieldOps" in answer.words


@SQLITE
def test_looking_at_codes_is_slowed_down(client: Client, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))
    letter = made(make_letter, office["tu"])
    for _ in range(60):
        client.get("letters.letter_verify", token=token_of(letter.id), _check=False)
    answer = client.get("letters.letter_verify", token=token_of(letter.id), _expected=429)
    assert answer.headers["Retry-After"] == "120"
    client.get("letters.letter_verify", token=token_of(letter.id), _address="10.0.0.9")


@SQLITE
def test_an_office_with_invented_people_says_so(client: Client, staff, office: Office) -> None:
    letter = made(make_letter, office["tu"])
    with transaction() as session:
        session.execute(insert(OfficeFact).values(name="demo", value="yes"))
    memory._kept.clear()
    assert "Data contoh" in client.get("letters.letter_verify", token=token_of(letter.id)).words
    assert "CONTOH" in words_of(staff("tu").get("letters.letter_file", letter_id=letter.id))
