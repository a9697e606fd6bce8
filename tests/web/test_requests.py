"""Asking for the mobile service and answering it, by HTTP alone."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from fieldops.core.audit.models import AuditEntry
from fieldops.core.files.models import StoredFile
from fieldops.core.files.rules import MAX_PHOTO
from fieldops.core.audit.rules import staff as by_staff
from fieldops.core.notices.models import Notice
from fieldops.kit import clock as office_clock
from fieldops.kit import throttle
from fieldops.kit.db import reading
from fieldops.loktuan.models import TripRequest
from fieldops.loktuan.requests import service
from fieldops.loktuan.requests.rules import State
from tests import cast
from tests.make import Office, made, make_request
from tests.web import steps

if TYPE_CHECKING:
    from tests.client import Answer, Client

TYPED = {
    "kind": "company",
    "organisation": "PT Contoh & Rekan",
    "contact_name": cast.NURAINI.name,
    "phone": "0812 9900 0003",
    "area": "64.08.10",
    "place": "Aula 'Mitra'",
    "address": "Jalan Poros km 5",
    "first": "2026-12-07",
    "last": "11/12/2026",
    "people": "40",
    "names": f"{cast.SITI.name}\n{cast.DSOUZA.name}\n",
    "note": "Listrik ada",
}
PDF = b"%PDF-1.4\n%%EOF\n"


def upload(data: bytes = PDF, name: str = "surat.pdf") -> Any:
    return (io.BytesIO(data), name)


def send_large(client: Client, page: Answer, data: bytes, expected: int) -> Answer:
    """The form with a large letter. It is put together here: Werkzeug would leave it in a file that nobody closes."""
    file = FileStorage(io.BytesIO(data), filename="surat.pdf")
    boundary, body = encode_multipart({**page.form().values, **TYPED, "letter": file})
    headers = {"Content-Type": f'multipart/form-data; boundary="{boundary}"'}
    return client.open("POST", page.form().action, data=body, _headers=headers, _expected=expected)


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Kamera Siti"
    out = io.BytesIO()
    Image.new("RGB", (3000, 2000), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def kept() -> TripRequest:
    with reading() as session:
        return session.scalars(select(TripRequest)).one()


def ask(client: Client, **changes: Any) -> Answer:
    return client.follow(client.submit(client.get("loktuan_public.request_new"), TYPED | changes))


def test_a_request_is_sent_and_followed_by_its_link(client: Client, office: Office) -> None:
    shown = ask(client, letter=upload())
    assert shown.path == f"/L/{kept().token}"
    for word in ("Menunggu jawaban", "Rabu, 25 November 2026, pukul 10.00 WITA", "PT Contoh & Rekan", "surat.pdf"):
        assert word in shown.words
    assert "Senin, 7 Desember 2026 sampai Jumat, 11 Desember 2026" in shown.words
    assert "berakhiran …0003" in shown.words
    for secret in (cast.NURAINI.name, cast.SITI.name, "99000003"):
        assert secret not in shown.text
    assert kept().names == [cast.SITI.name, cast.DSOUZA.name]
    assert client.get_url(shown.path.lower().replace("/l/", "/L/")).words == shown.words


def test_the_same_form_twice_is_one_request(client: Client, office: Office) -> None:
    page = client.get("loktuan_public.request_new")
    first = client.submit(page, TYPED)
    assert client.submit(page, TYPED).location == first.location
    told = client.submit(page, TYPED | {"people": "41"}, _expected=422).complaints
    assert told == ["Isian ini sudah terkirim dengan data lain. Buka halaman permintaan Anda, atau mulai permintaan baru."]
    assert steps.count(TripRequest) == 1


def test_fewer_than_usual_is_said_on_the_page_and_taken(client: Client, office: Office) -> None:
    assert "Biasanya paling sedikit 30 orang" in client.get("loktuan_public.request_new").words
    ask(client, people="5")
    assert kept().people == 5


def test_an_empty_form_tells_what_is_missing_at_each_field(client: Client, office: Office) -> None:
    page = client.get("loktuan_public.request_new")
    refused = client.submit(page, _expected=422)
    assert len(refused.complaints) == 9
    assert refused.complaints[0] == "Pilih siapa yang mengajukan."
    assert steps.count(TripRequest) == 0


BAD = [
    ("kind", "x", "Pilih siapa"),
    ("organisation", "x" * 121, "Paling panjang 120"),
    ("contact_name", "12345", "huruf"),
    ("contact_name", "x" * 101, "Nama paling panjang 100"),
    ("phone", "0548 123456", "nomor ponsel"),
    ("area", "64.08", "Pilih kecamatan"),
    ("first", "2026-11-24", "sudah lewat"),
    ("first", "besok", "Isi tanggal"),
    ("last", "2026-12-01", "Tanggal akhir"),
    ("last", "2027-12-01", "Paling jauh 180 hari"),
    ("people", "0", "1 sampai 2.000"),
    ("names", "Siti\n123", "Baris 2"),
    ("note", "x" * 601, "Paling panjang 600"),
]


@pytest.mark.parametrize(("field", "typed", "told"), BAD)
@steps.SQLITE
def test_what_is_wrong_is_told_and_everything_typed_stays(
    client: Client, office: Office, field: str, typed: str, told: str
) -> None:
    page = client.get("loktuan_public.request_new")
    refused = client.submit(page, TYPED | {field: typed}, _expected=422)
    assert len(refused.complaints) == 1
    assert told in refused.complaints[0]
    for name, value in (TYPED | {field: typed}).items():
        if (name, typed) not in {("kind", "x"), ("area", "64.08")}:  # what no choice has cannot be chosen again
            assert refused.value(name).strip() == value.strip(), name
    assert refused.value("key") == page.value("key")


def test_names_of_a_hundred_letters_and_with_apostrophes_are_taken(client: Client, office: Office) -> None:
    ask(client, contact_name=cast.LONG.name, names=f"{cast.LONG.name}\n{cast.MARKUP.name}")
    assert kept().names == [cast.LONG.name, cast.MARKUP.name]


def test_a_file_has_to_be_chosen_again_when_something_else_is_wrong(client: Client, office: Office) -> None:
    page = client.get("loktuan_public.request_new")
    refused = client.submit(page, TYPED | {"people": "x", "letter": upload()}, _expected=422)
    assert "Pilih lagi berkas suratnya" in refused.complaints[-1]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<html><script>alert(1)</script>", "bukan PDF"),
        (b"\xff\xd8\xff\xe0 broken", "rusak"),
        (PDF[:-7] + bytes(2 * 1024 * 1024) + PDF, "terlalu besar"),
        (b"\xff\xd8\xff" + bytes(MAX_PHOTO), "terlalu besar"),
    ],
)
@steps.SQLITE
def test_a_bad_letter_is_refused_and_the_rest_stays(client: Client, office: Office, data: bytes, told: str) -> None:
    page = client.get("loktuan_public.request_new")
    refused = send_large(client, page, data, 422)
    assert told in refused.complaints[0]
    assert refused.value("organisation") == TYPED["organisation"]
    assert steps.count(TripRequest) == 0


@steps.SQLITE
def test_more_than_the_server_takes_in_is_told_with_a_way_back(client: Client, office: Office) -> None:
    page = client.get("loktuan_public.request_new")
    refused = send_large(client, page, bytes(MAX_PHOTO + 1024 * 1024), 413)
    assert "Kembali dengan tombol peramban" in refused.complaints[0]


def test_a_robot_and_a_form_without_a_key_leave_nothing(client: Client, office: Office) -> None:
    page = client.get("loktuan_public.request_new")
    client.submit(page, TYPED | {"website": "x"}, _expected=422)
    client.submit(page, TYPED | {"key": "x"}, _expected=422)
    assert steps.count(TripRequest) == 0


@steps.SQLITE
def test_twenty_requests_of_one_address_are_enough(
    client: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))
    page = client.get("loktuan_public.request_new")
    answers = [client.submit(page, TYPED, _expected=(303, 429)).status for _ in range(21)]
    assert answers == [303] * 20 + [429]


def test_a_letter_is_attached_later_drawn_anew_and_seen_at_the_office(client: Client, office: Office, staff: Any) -> None:
    shown = ask(client)
    empty = client.submit(shown, {}, action="surat", _expected=422)
    assert empty.complaints == ["Pilih berkasnya dulu."]
    shown = client.follow(client.submit(shown, {"letter": upload(photo(), "foto surat.PNG")}, action="surat"))
    assert "foto surat.jpg" in shown.words
    with reading() as session:
        (content,) = session.scalars(select(StoredFile.content))
    assert b"Siti" not in content
    browser = staff("supervisor")
    page = browser.get("loktuan.request_show", request_id=kept().id)
    (form,) = [one for one in page.forms() if "/files/" in one.action]
    browser.get_url(form.action, _expected=405)
    assert steps.count(AuditEntry, action="request.read_letter") == 0
    sent = browser.post_url(form.action, _expected=200)
    assert sent.data == content
    assert steps.count(AuditEntry, action="request.read_letter", object_id=str(kept().id)) == 1
    assert sent.headers["Content-Type"] == "image/jpeg"
    assert sent.headers["Content-Disposition"].startswith("inline")
    assert sent.headers["Cache-Control"] == "no-store"
    other = made(make_request)
    browser.post("loktuan.request_file", request_id=other.id, file_id=form.action.rpartition("/")[2], _expected=404)


def test_the_office_attaches_a_letter_that_came_by_post(client: Client, office: Office, staff: Any) -> None:
    asked = made(make_request)
    browser = staff("tu")
    page = browser.get("loktuan.request_show", request_id=asked.id)
    empty = browser.submit(page, action="/letter", _expected=422)
    assert empty.complaints == ["Pilih berkasnya dulu."]
    shown = browser.follow(browser.submit(empty, {"letter": upload(name="pos.pdf")}, action="/letter"))
    assert "pos.pdf" in shown.words
    assert steps.count(Notice, kind="request.letter") == 2, "whoever attached it knows already"
    done = {"reason": "Penuh", "actor": by_staff(office["tu"]), "now": office_clock.now()}
    made(service.decide, asked.id, State.DECLINED, **done)
    late = browser.submit(shown, {"letter": upload(name="lagi.pdf")}, action="/letter", _expected=422)
    assert "sudah selesai" in late.complaints[0]
    assert "Lampirkan surat" not in late.words
    own = client.post("loktuan_public.request_attach", {"letter": upload()}, token=asked.token, _expected=422)
    assert own.complaints == late.complaints


def test_a_pdf_is_to_be_saved_not_shown(client: Client, office: Office, staff: Any) -> None:
    ask(client, letter=upload(name="Surat é.pdf"))
    browser = staff("tu")
    page = browser.get("loktuan.request_show", request_id=kept().id)
    (form,) = [one for one in page.forms() if "/files/" in one.action]
    told = browser.post_url(form.action, _expected=200).headers["Content-Disposition"]
    assert told == "attachment; filename=\"Surat _.pdf\"; filename*=UTF-8''Surat%20%C3%A9.pdf"


def test_withdrawing_twice_is_once(client: Client, office: Office) -> None:
    shown = ask(client)
    for _ in range(2):
        gone = client.follow(client.submit(shown, action="tarik"))
        assert "sudah ditarik" in gone.words
    assert steps.count(AuditEntry, action="request.withdraw") == 1
    assert not gone.html.select("main form")


def find(client: Client, code: str, last4: str, expected: int = 303) -> Answer:
    return client.submit(client.get("loktuan_public.request_find"), {"code": code, "last4": last4}, _expected=expected)


def test_a_request_is_found_by_code_and_digits_and_wrong_ones_get_one_answer(client: Client, office: Office) -> None:
    ask(client)
    row = kept()
    assert find(client, f" {row.code[:3].lower()}-{row.code[3:]}", "0812 9900 0003").location == f"/L/{row.token}"
    told = {
        (*find(client, code, last4, 422).complaints,)
        for code, last4 in ((row.code, "0004"), ("K7P2MX2", "0003"), ("x", "0003"), (row.code, ""), ("", ""))
    }
    assert told == {("Permintaan tidak ditemukan. Periksa kode dan 4 angka terakhir nomor ponsel.",)}


def test_a_wrong_link_is_told_like_an_unknown_one(client: Client, office: Office) -> None:
    for token in ("0" * 26, "x", "A" * 200):
        for way in ("", "/tarik", "/surat"):
            method = "POST" if way else "GET"
            answer = client.open(method, f"/L/{token}{way}", _expected=404)
            assert "Permintaan tidak ditemukan." in answer.words


# -- at the office ----------------------------------------------------------------------------------------------


def test_the_office_accepts_and_the_contact_reads_why(client: Client, office: Office, staff: Any) -> None:
    shown = ask(client)
    browser = staff("tu")
    listed = browser.get("loktuan.request_list")
    assert "Kecamatan ini: belum pernah ada perjalanan" in listed.words
    page = browser.get_url(next(one for one in listed.links() if str(kept().id) in one))
    done = browser.follow(browser.submit(page, {"decision": "accepted", "reason": "Kami kabari."}, action="decide"))
    assert "Diterima" in done.words
    assert "oleh Yusuf Tata" in done.words
    again = client.get_url(shown.path)
    assert "Permintaan Anda diterima" in again.words
    assert "Kami kabari." in again.words
    assert "Yusuf" not in again.text


def test_declining_needs_a_reason_and_keeps_what_was_typed(office: Office, staff: Any) -> None:
    asked = made(make_request)
    browser = staff("supervisor")
    page = browser.get("loktuan.request_show", request_id=asked.id)
    refused = browser.submit(page, {"decision": "declined", "reason": " - "}, action="decide", _expected=422)
    assert refused.complaints == ["Tulis alasannya dengan ramah: yang mengajukan akan membacanya."]
    assert refused.value("reason") == " - "
    browser.submit(page, {"decision": "maybe"}, action="decide", _expected=422)
    browser.submit(page, {"decision": "declined", "reason": "Penuh"}, action="decide")
    stale = browser.submit(page, {"decision": "accepted"}, action="decide", _expected=409)
    assert "sudah dijawab" in stale.complaints[0]


def test_contact_and_names_are_seen_by_a_button_that_is_written_down(office: Office, staff: Any) -> None:
    asked = made(make_request)
    browser = staff("head")
    page = browser.get("loktuan.request_show", request_id=asked.id)
    for secret in (cast.NURAINI.name, cast.SITI.name, "99000003"):
        assert secret not in page.text
    shown = browser.submit(page, action="contact", _expected=200)
    for word in (cast.NURAINI.name, "081299000003", cast.SITI.name, cast.BUDI.name):
        assert word in shown.words
    assert shown.headers["Cache-Control"] == "no-store"
    assert steps.count(AuditEntry, action="request.read", actor_id=office["head"]) == 1
    auditor = staff("auditor").get("loktuan.request_show", request_id=asked.id)
    assert not auditor.html.select("main form")


def test_the_office_enters_a_request_for_somebody_with_a_letter(office: Office, staff: Any) -> None:
    browser = staff("tu")
    page = browser.get("loktuan.request_new")
    refused = browser.submit(page, TYPED | {"people": ""}, _expected=422)
    shown = browser.follow(browser.submit(refused, TYPED | {"letter": upload()}))
    assert "dicatat oleh Yusuf Tata" in shown.words
    assert kept().made_by == office["tu"]


def test_the_list_is_filtered_by_state(office: Office, staff: Any) -> None:
    made(make_request)
    browser = staff("auditor")
    page = browser.get("loktuan.request_list", state="declined")
    assert "Tidak ada permintaan seperti ini." in page.words
    assert "Menunggu jawaban (1)" in page.words
    assert browser.get("loktuan.request_list", state="x", page="0").words.count("Kecamatan Kaliorang") == 2
