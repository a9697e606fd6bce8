"""Leave by HTTP: asked for on a phone, decided at a desk, brought over from a calendar."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from fieldops.core.audit.models import AuditEntry
from fieldops.core.people.rules import Role
from fieldops.core.roster.absences import service
from fieldops.core.roster.absences.rules import CompensationRule, Part
from fieldops.core.roster.models import AbsencePeriod, Busy, CompensationDay
from fieldops.core.roster.rules import Absence
from fieldops.kit import clock as office_clock
from tests.client import STAFF_HOST, Client
from tests.make import SATURDAY, made, make_absence, make_day, make_link, make_post
from tests.web import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client import Answer
    from tests.make import Office

MONDAY = date(2026, 11, 30)
ASKED = {"kind": "annual", "first": "2026-11-30", "part": "full"}
RULE = CompensationRule(half=240, full=420, days=90, holiday_half=120, holiday_full=240)


@pytest.fixture
def officer(staff) -> Client:
    return staff(Role.OFFICER)


@pytest.fixture
def boss(staff) -> Client:
    return staff(Role.SUPERVISOR)


def ask(browser: Client, _expected: int = 303, **changes: str) -> Answer:
    return browser.submit(browser.get("absences.new"), ASKED | changes, _expected=_expected)


def decide(browser: Client, page: Answer, decision: str, _expected: int = 303, **changes: str) -> Answer:
    return browser.submit(page, {"decision": decision, **changes}, action="/decide", _expected=_expected)


# -- asking and deciding ----------------------------------------------------------------------------------------


def test_leave_is_asked_for_approved_and_withdrawn(officer: Client, boss: Client, office: Office) -> None:
    shown = officer.follow(ask(officer, note="Pulang <b>kampung</b>"))
    assert shown.h1 == "Cuti tahunan"
    assert "Senin, 30 November 2026" in shown.words
    assert "Menunggu" in shown.words
    assert "Pulang <b>kampung</b>" in shown.words
    inbox = boss.get("absences.inbox")
    assert "Menunggu keputusan: 1" in inbox.words
    link = next(one for one in inbox.links() if one == shown.path)
    page = boss.get_url(link)
    assert page.h1 == "Cuti tahunan, Dewi Petugas"
    assert "Tidak ada tugas yang terdampak." in page.words
    approved = boss.follow(decide(boss, page, "approve", note="Selamat"))
    assert "Disetujui" in approved.words
    assert steps.count(Busy, holder_id=office["officer"], kind="leave") == 1
    assert "Menunggu keputusan: 0" in boss.get("absences.inbox").words
    mine = officer.get_url(shown.path)
    assert "Rina Kasubsi" in mine.words
    assert "Selamat" in mine.words
    gone = officer.follow(officer.submit(mine, action="/withdraw"))
    assert "Ditarik" in gone.words
    assert steps.count(Busy, holder_id=office["officer"]) == 0
    assert steps.count(AuditEntry, action="absence.withdraw") == 1
    assert not gone.html.select("main form")


def test_a_no_needs_a_reason_and_what_was_seen_stays(officer: Client, boss: Client) -> None:
    path = ask(officer).location
    page = boss.get_url(path)
    refused = decide(boss, page, "refuse", note=" ", _expected=422)
    assert refused.complaints == ["Tulis alasan penolakan, supaya pemohon tahu."]
    assert refused.html.select_one("#note")["aria-invalid"] == "true"
    long = decide(boss, page, "refuse", note="x" * 301, _expected=422)
    assert long.form("/decide").values["note"] == "x" * 301
    told = boss.follow(decide(boss, page, "refuse", note="Petugas kurang"))
    assert "Ditolak" in told.words
    assert "Petugas kurang" in officer.get_url(path).words
    assert steps.count(Busy) == 0


def test_a_decision_on_what_changed_meanwhile_is_told(officer: Client, boss: Client) -> None:
    page = boss.get_url(ask(officer).location)
    officer.submit(officer.get_url(page.path), action="/withdraw")
    stale = decide(boss, page, "approve", _expected=409)
    assert stale.complaints == ["Pengajuan ini sudah ditarik. Tidak ada yang berubah."]
    for seen in ("", "2026-11-30", "x/y", "2026-11-30T00:00:00/2026-12-01T00:00:00", "0001-01-01T00:00:00+14:00/x"):
        decide(boss, page, "approve", seen=seen, _expected=422)
    decide(boss, page, "later", _expected=422)


def test_own_request_is_decided_by_somebody_else(boss: Client, staff, office: Office) -> None:
    path = ask(boss).location
    page = boss.get_url(path)
    assert [form.action for form in page.forms() if "/decide" in form.action] == []
    row = boss.get("absences.inbox")
    assert "Diputuskan orang lain" in row.words
    seen = staff(Role.HEAD).get_url(path).form("/decide").values["seen"]
    forced = boss.post_url(f"{path}/decide", {"seen": seen, "decision": "approve"}, _expected=422)
    assert forced.complaints == ["Pengajuan sendiri diputuskan oleh orang lain."]
    head = staff(Role.HEAD)
    decide(head, head.get_url(path), "approve")
    assert steps.count(Busy, holder_id=office["supervisor"], kind="leave") == 1


def test_tata_usaha_enters_a_sick_call_for_somebody(staff, office: Office) -> None:
    tu = staff(Role.TU)
    shown = tu.follow(ask(tu, person=str(office["officer"]), kind="sick", first="2026-11-25"))
    assert shown.h1 == "Cuti sakit, Dewi Petugas"
    decide(tu, shown, "approve")
    assert "Cuti sakit" in staff(Role.OFFICER).get("absences.own").words
    assert steps.count(AbsencePeriod, person_id=office["officer"], requested_by=office["tu"]) == 1


@steps.SQLITE
def test_an_officer_enters_leave_only_for_himself(officer: Client, office: Office, staff) -> None:
    form = officer.get("absences.new").form()
    assert "person" not in form.values
    officer.post("absences.create", form.values | ASKED | {"person": str(office["head"])})
    assert steps.count(AbsencePeriod, person_id=office["officer"]) == 1
    other = made(make_absence, office.other_officer, MONDAY)
    officer.get("absences.show", absence_id=other, _expected=404)
    officer.post("absences.withdraw", absence_id=other, _expected=404)
    officer.post("absences.decide", absence_id=other, _expected=403)
    officer.get("absences.inbox", _expected=403)
    officer.get("absences.compensation_all", _expected=403)
    staff(Role.ADMIN).get("absences.show", absence_id=other, _expected=404)
    staff(Role.SUPERVISOR).post("absences.withdraw", absence_id=other, _expected=404)


@steps.SQLITE
@pytest.mark.parametrize("person", [str(UUID(int=7)), "x"])
def test_leave_for_nobody_is_refused(boss: Client, person: str) -> None:
    ask(boss, person=person, _expected=404 if len(person) > 1 else 422)
    assert steps.count(AbsencePeriod) == 0


def test_the_same_form_twice_is_one_request(officer: Client) -> None:
    form = officer.get("absences.new")
    first = officer.submit(form, ASKED)
    assert officer.submit(form, ASKED).location == first.location
    assert steps.count(AbsencePeriod) == 1
    other = officer.submit(form, ASKED | {"first": "2026-12-01"}, _expected=422)
    assert other.complaints[0].startswith("Formulir ini sudah dikirim dengan isi lain.")
    officer.post("absences.create", ASKED, _expected=422)


# -- D11, D7, D10 -----------------------------------------------------------------------------------------------


def test_d11_half_days_on_the_page(officer: Client) -> None:
    """D11: two half days of one day are both there; a full day beside a half is refused and named."""
    for part in ("morning", "afternoon"):
        ask(officer, part=part)
    listed = officer.get("absences.own").words
    assert "pagi (07.30–12.00 WITA)" in listed
    assert "siang (12.00–16.00 WITA)" in listed
    refused = ask(officer, part="full", _expected=422)
    assert refused.complaints[0].startswith(
        "Bertumpuk dengan Cuti tahunan, Senin, 30 November 2026, pagi (07.30–12.00 WITA) (menunggu)."
    )
    assert refused.html.select_one("#first")["aria-invalid"] == "true"
    assert steps.count(AbsencePeriod) == 2


def test_d7_d10_a_lead_on_leave_is_refused_at_publishing(boss: Client, office: Office) -> None:
    """D7, D10: the page of the planner gets the hours, and nothing is published."""
    made(make_absence, office["officer"], SATURDAY, approved_by=office["supervisor"])
    day = made(make_day, office["supervisor"], lead_id=office["officer"], published=False)
    refused = boss.submit(boss.get("weekend.day_show", day_id=day.id), action="/publish", _expected=422)
    assert refused.complaints == [
        "Dewi Petugas tidak bisa bertugas: Cuti tahunan bertumpuk 3 jam, Sabtu, 28 November 2026. Pilih orang lain."
    ]
    assert "Draf" in refused.words


def test_the_duties_are_shown_before_and_after_the_yes(officer: Client, boss: Client, office: Office) -> None:
    day = made(make_day, office["supervisor"], lead_id=office["officer"])
    post = made(make_post, office["officer"], f"{SATURDAY} 07:00", 5, title="PERSARI pagi")
    made(make_post, office["officer"], f"{SATURDAY} 13:00", 2, state="draft", title="Rencana rahasia")
    path = ask(officer, first=str(SATURDAY)).location
    assert "3 tugas terdampak" in boss.get("absences.inbox").words
    page = boss.get_url(path)
    assert "3 tugas terdampak" in page.words
    assert "Cuti tahunan bertumpuk 5 jam" in page.words
    assert f"/weekend/roster/posts/{post}" in page.links()
    assert f"/weekend/days/{day.id}" in page.links()
    approved = boss.follow(decide(boss, page, "approve"))
    assert "3 tugas terdampak Tugas ini belum dilepas." in approved.words
    mine = officer.get_url(path)
    assert "2 tugas terdampak" in mine.words, "a draft is for planners only"
    assert "Rencana rahasia" not in mine.text
    assert "/my/duties" in mine.links()
    assert not {f"/weekend/days/{day.id}", f"/weekend/roster/posts/{post}"} & set(mine.links()), "not his pages"


# -- bad input --------------------------------------------------------------------------------------------------

WRONG = {
    "no kind": ({"kind": ""}, "kind", "Pilih jenisnya."),
    "other kind": ({"kind": "holiday"}, "kind", "Pilih jenisnya."),
    "no day": ({"first": ""}, "first", "Isi tanggal mulai"),
    "no date": ({"first": "besok"}, "first", "Isi tanggal mulai"),
    "31 November": ({"first": "31/11/2026"}, "first", "Isi tanggal mulai"),
    "year 0001": ({"first": "0001-01-01"}, "first", "Isi tanggal mulai"),
    "year 9999": ({"first": "9999-12-31"}, "first", "Isi tanggal mulai"),
    "far": ({"first": "2099-12-31"}, "first", "Tanggal ini lebih dari setahun lagi."),
    "past": ({"first": "2026-01-01"}, "first", "Sudah lewat lebih dari 31 hari."),
    "last before first": ({"last": "2026-11-29"}, "last", "Tanggal akhir harus"),
    "last unreadable": ({"last": "x"}, "last", "Isi tanggal akhir"),
    "too long": ({"last": "2027-12-30"}, "last", "Paling lama satu tahun."),
    "half over two days": ({"part": "morning", "last": "2026-12-01"}, "last", "Setengah hari hanya"),
    "other part": ({"part": "night"}, "part", "Pilih bagian hari."),
    "no hours": ({"part": "hours"}, "starts", "Tulis jam mulai"),
    "no end": ({"part": "hours", "starts": "08.00"}, "ends", "Tulis jam selesai"),
    "backwards": ({"part": "hours", "starts": "10.00", "ends": "09.00"}, "ends", "Jam selesai harus"),
    "no hour": ({"part": "hours", "starts": "24.00", "ends": "25.00"}, "starts", "Tulis jam mulai"),
    "long note": ({"note": "x" * 301}, "note", "Paling panjang 300 huruf, yang Anda isi 301."),
}


@steps.SQLITE
@pytest.mark.parametrize(("changes", "field", "sentence"), WRONG.values(), ids=WRONG)
def test_wrong_input_is_told_at_its_field_and_all_stays(officer: Client, changes, field: str, sentence: str) -> None:
    typed = ASKED | {"note": "Catatan <saya>"} | changes
    refused = officer.submit(officer.get("absences.new"), typed, _expected=422)
    assert [one for one in refused.complaints if one.startswith(sentence)], refused.complaints
    assert f"#{field}" in [str(one["href"]) for one in refused.html.select(".errors a")]
    kept = {name: value for name, value in typed.items() if name not in {"kind", "part"} or value in NAMES}
    assert {name: refused.form().values.get(name) for name in kept} == kept
    assert steps.count(AbsencePeriod) == 0


NAMES = {*Absence, *Part}


@steps.SQLITE
def test_everything_wrong_is_told_at_once(officer: Client) -> None:
    refused = officer.submit(officer.get("absences.new"), {"first": ""}, _expected=422)
    assert [str(one["href"]) for one in refused.html.select(".errors a")] == ["#kind", "#first"]


@steps.SQLITE
@pytest.mark.parametrize("first", ["30/11/2026", "30-11-2026", "30.11.2026", " 2026-11-30 "])
def test_dates_are_read_as_people_type_them(officer: Client, first: str) -> None:
    assert "Senin, 30 November 2026" in officer.follow(ask(officer, first=first)).words


def test_control_signs_are_cleaned_away(officer: Client, boss: Client) -> None:
    path = ask(officer, note="a\x00b\x07").location
    assert "Catatan a b Diajukan" in officer.get_url(path).words
    decide(boss, boss.get_url(path), "refuse", note="\x00", _expected=422)
    decide(boss, boss.get_url(path), "refuse", note="c\x00d")
    assert "c d" in officer.get_url(path).words
    for field in ("kind", "first", "part", "key", "person"):
        officer.post("absences.create", ASKED | {"key": str(uuid4()), field: "\x00"}, _expected=(303, 422))


# -- from a calendar --------------------------------------------------------------------------------------------


def ics(*events: tuple[str, str, str], more: str = "") -> bytes:
    """A calendar of (uid, day, title) and whatever else."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:t"]
    for uid, day, title in events:
        lines += ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART;VALUE=DATE:{day}", f"SUMMARY:{title}", "END:VEVENT"]
    return "\r\n".join([*lines, *([more] if more else []), "END:VCALENDAR", ""]).encode()


def upload(browser: Client, data: bytes, name: str = "kalender.ics", _expected: int = 200, **fields: str) -> Answer:
    return browser.post(
        "absences.uploaded", {"file": (io.BytesIO(data), name), **fields}, _expected=_expected
    )


TWO = ics(("a", "20261130", "Cuti <b>Bali</b>"), ("b", "20261207", "Diklat"))


def test_events_of_a_calendar_are_chosen_and_asked_for_once(officer: Client, office: Office) -> None:
    page = upload(officer, TWO)
    assert page.h1 == "Pilih acara"
    assert "Cuti <b>Bali</b>" in page.words
    assert "Acara, 2 bisa dipilih" in page.words
    for _ in range(2):
        listed = officer.follow(officer.submit(page, {"take_1": "1", "kind": "annual"}))
    assert listed.h1 == "Cuti saya"
    assert "Senin, 30 November 2026 · Cuti <b>Bali</b>" in listed.words
    assert steps.count(AbsencePeriod, person_id=office["officer"], calendar_uid="a", kind="annual") == 1
    assert steps.count(AbsencePeriod) == 1
    again = upload(officer, TWO)
    assert "Acara, 1 bisa dipilih" in again.words
    assert "Sudah diajukan." in again.words
    moved = upload(officer, ics(("a", "20261201", "Cuti <b>Bali</b>")))
    assert "Bila dipilih, pengajuannya ikut berubah." in moved.words
    officer.submit(moved, {"take_1": "1", "kind": "annual"})
    assert "Selasa, 1 Desember 2026 · Cuti <b>Bali</b>" in officer.get("absences.own").words
    assert steps.count(AbsencePeriod) == 1


def test_a_decided_event_stays_as_it_was_decided(officer: Client, boss: Client, office: Office) -> None:
    officer.submit(upload(officer, TWO), {"take_1": "1", "kind": "travel"})
    row = next(one for one in boss.get("absences.inbox").links() if one.count("/") == 2 and len(one) > 40)
    shown = boss.get_url(row)
    assert "dari berkas kalender" in shown.words
    decide(boss, shown, "approve")
    again = upload(officer, ics(("a", "20261214", "Cuti <b>Bali</b>")))
    assert "Sudah disetujui. Untuk mengajukannya lagi, pakai formulir." in again.words
    assert not again.html.select("main input[type=checkbox]")


def test_choosing_nothing_or_no_kind_keeps_the_choice(officer: Client) -> None:
    page = upload(officer, TWO)
    nothing = officer.submit(page, {"kind": "annual"}, _expected=422)
    assert nothing.complaints == ["Pilih paling sedikit satu acara."]
    assert nothing.form().values["kind"] == "annual"
    no_kind = officer.submit(page, {"take_2": "1"}, _expected=422)
    assert no_kind.complaints == ["Pilih jenisnya."]
    assert no_kind.form().values["take_2"] == "1"
    assert no_kind.form().values["key"] == page.form().values["key"]
    officer.submit(no_kind, {"kind": "training"})
    assert steps.count(AbsencePeriod, calendar_uid="b", kind="training") == 1


def test_events_on_days_that_are_taken_cannot_be_chosen(officer: Client, office: Office) -> None:
    page = upload(officer, TWO)
    made(make_absence, office["officer"], MONDAY)
    taken = upload(officer, TWO)
    assert "Bertumpuk dengan Cuti tahunan, Senin, 30 November 2026 (menunggu)" in taken.words
    assert "Acara, 1 bisa dipilih" in taken.words
    late = officer.submit(page, {"take_1": "1", "take_2": "1", "kind": "annual"}, _expected=422)
    assert late.complaints[0].startswith("Cuti <b>Bali</b>: Bertumpuk dengan Cuti tahunan")
    assert steps.count(AbsencePeriod) == 1
    assert late.form().values.get("take_2") == "1"


def test_a_calendar_for_somebody_else(boss: Client, officer: Client, office: Office) -> None:
    page = upload(boss, TWO, person=str(office["officer"]))
    assert "Untuk Dewi Petugas." in page.words
    assert boss.submit(page, {"take_1": "1", "kind": "training"}).location == "/absences/inbox"
    assert steps.count(AbsencePeriod, person_id=office["officer"], requested_by=office["supervisor"]) == 1
    other = upload(officer, TWO, person=str(office["head"]))
    assert "Untuk" not in other.words.split("Pilih acara yang")[0]
    officer.post("absences.import_confirm", other.form().values | {"person": str(office["head"]), "take_2": "1",
                                                                   "kind": "annual"})  # fmt: skip
    assert steps.count(AbsencePeriod, person_id=office["head"]) == 0


@steps.SQLITE
def test_what_cannot_be_used_of_a_calendar_is_told(officer: Client) -> None:
    monthly = "BEGIN:VEVENT\r\nUID:m\r\nDTSTART;VALUE=DATE:20261201\r\nRRULE:FREQ=MONTHLY\r\nSUMMARY:Arisan\r\nEND:VEVENT"
    page = upload(officer, ics(("a", "20261130", "Cuti"), ("o", "20200101", "Lama"), ("f", "20290101", "Jauh"), more=monthly))
    assert "Arisan Berulang dengan pola selain harian dan mingguan: ajukan satu per satu." in page.words
    assert "Jauh" in page.words
    assert "lebih dari setahun lagi" in page.words
    assert "1 acara sudah lewat dan tidak ditampilkan." in page.words
    assert "Lama" not in page.words
    empty = upload(officer, ics())
    assert "Tidak ada acara mendatang yang bisa diajukan." in empty.words


@steps.SQLITE
def test_the_most_events_fit_into_a_page_and_come_back(officer: Client) -> None:
    many = ics(*((f"{n}-{'u' * 70}", f"{MONDAY + timedelta(days=n % 300):%Y%m%d}", "ש" * 60) for n in range(500)))
    page = upload(officer, many)
    assert "Acara, 200 bisa dipilih" in page.words
    assert "300 acara sesudahnya tidak ditampilkan" in page.words
    officer.submit(page, {"take_200": "1", "kind": "annual"})
    assert steps.count(AbsencePeriod) == 1


@steps.SQLITE
@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"halo", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, b"PK\x03\x04", b"\xff" * 1000),
        *(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"<!doctype html><title>x</title>"),
    ],
)
@pytest.mark.parametrize("name", ["kalender.ics", "gambar.svg", "../../etc/passwd"])
def test_a_picture_or_a_page_is_no_calendar(officer: Client, data: bytes, name: str) -> None:
    refused = upload(officer, data, name, _expected=422)
    assert refused.complaints == [
        "Berkas ini bukan kalender (.ics) yang bisa dibaca. Ekspor lagi dari aplikasi kalender Anda."
    ]
    assert refused.html.select_one("#file")["aria-invalid"] == "true"


@steps.SQLITE
def test_the_name_of_a_file_on_the_server_opens_nothing(officer: Client, tmp_path) -> None:
    file = tmp_path / "kalender.ics"
    file.write_bytes(TWO)
    refused = upload(officer, str(file).encode(), str(file), _expected=422)
    assert "Bali" not in refused.text


@steps.SQLITE
def test_no_file_is_told(officer: Client, boss: Client, office: Office) -> None:
    for refused in (
        officer.submit(officer.get("absences.upload"), _expected=422),
        officer.post("absences.uploaded", {"file": (io.BytesIO(b""), "")}, _expected=422),
        officer.post("absences.uploaded", _expected=422),
    ):
        assert refused.complaints == ["Pilih berkas kalender (.ics) dulu."]
    wrong = upload(boss, TWO, person="x", _expected=422)
    assert wrong.complaints == ["Pilih orangnya."]
    kept = boss.post("absences.uploaded", {"person": str(office["officer"])}, _expected=422)
    assert kept.form().values["person"] == str(office["officer"])
    upload(boss, TWO, person=str(uuid4()), _expected=404)


@steps.SQLITE
@pytest.mark.parametrize("size", [256_001, 262_144, 400_000])
def test_a_file_that_is_too_large_is_told_before_it_is_read(officer: Client, size: int, monkeypatch) -> None:
    def never(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr("icalendar.Calendar.from_ical", never)
    refused = upload(officer, TWO + b" " * (size - len(TWO)), _expected=422)
    assert refused.complaints == ["Berkas ini lebih dari 256 kB. Ekspor hanya bulan-bulan yang diperlukan."]


@steps.SQLITE
def test_a_calendar_file_is_read_and_not_kept(officer: Client, settings, app_log) -> None:
    def files() -> set[str]:
        return {str(path) for path in settings.var_dir.rglob("*")}

    officer.get("absences.upload")
    before, on_disk = steps.dump(), files()
    page = upload(officer, TWO)
    assert steps.dump() == before
    assert files() == on_disk
    assert page.headers["Cache-Control"] == "no-store"
    assert "Bali" not in app_log.getvalue()


@steps.SQLITE
def test_rows_that_were_tampered_with_ask_for_nothing_strange(officer: Client, office: Office) -> None:
    form = upload(officer, TWO).form().values | {"kind": "annual"}
    for row in (
        *("", "x", "[]", "null", "1", '["a","b","c"]', '["a",1,"c"]', "[" * 20_000, '["a","x/y","c"]'),
        '["a","2026-12-01T00:00:00+00:00/2026-11-01T00:00:00+00:00","c"]',
        '["a","0001-01-01T00:00:00+14:00/0001-01-02T00:00:00+14:00","c"]',
        '["\\u0000","2026-12-01T00:00:00+00:00/2026-12-02T00:00:00+00:00","c"]',
        f'["{"a" * 201}","2026-12-01T00:00:00+00:00/2026-12-02T00:00:00+00:00","c"]',
    ):
        officer.post("absences.import_confirm", form | {"row_1": row, "take_1": "1"}, _expected=422)
    officer.post("absences.import_confirm", form | {"person": "x", "take_1": "1", "key": ""}, _expected=422)
    assert steps.count(AbsencePeriod) == 0


# -- time off ---------------------------------------------------------------------------------------------------


def earn(person_id: UUID, day: date, minutes: int = 480) -> UUID:
    post_id = made(make_post, person_id, f"{day} 08:00", minutes / 60, state="locked", title="PERSARI <b>")
    row_id = made(service.earn, post_id, person_id, minutes, day, False, rule=RULE, now=office_clock.now())
    assert row_id is not None
    return row_id


def test_the_ledger_goes_from_the_duty_to_its_use(officer: Client, boss: Client, office: Office) -> None:
    assert "Belum ada hari pengganti." in officer.get("absences.compensation").words
    earn(office["officer"], date(2026, 11, 21))
    earn(office["officer"], date(2026, 8, 1))  # expired
    page = officer.get("absences.compensation")
    assert "Kantor belum menetapkan aturan hari pengganti" in page.words
    assert "Bisa dipakai sekarang: 1 hari ." in page.words
    assert "PERSARI <b> Antrean 21 Nov 2026 1 hari 19 Feb 2027 Bisa dipakai" in page.words
    assert "Kedaluwarsa" in page.words
    assert "bisa dipakai: 1 hari" in officer.get("absences.new").words
    path = ask(officer, kind="compensation").location
    page = boss.get_url(path)
    assert "Hari pengganti Diperlukan 1 hari, bisa dipakai 1 hari" in page.words
    decide(boss, page, "approve")
    used = officer.get("absences.compensation")
    assert "Bisa dipakai sekarang: 0 hari" in used.words
    assert path in used.links()
    officer.submit(officer.get_url(path), action="/withdraw")
    assert "Bisa dipakai sekarang: 1 hari" in officer.get("absences.compensation").words


def test_too_little_time_off_is_told_to_whoever_decides(officer: Client, boss: Client, office: Office) -> None:
    page = boss.get_url(ask(officer, kind="compensation").location)
    refused = decide(boss, page, "approve", note="Baik", _expected=422)
    assert refused.complaints == ["Hari pengganti yang masih berlaku: 0 hari. Yang diperlukan: 1 hari."]
    assert refused.form("/decide").values["note"] == "Baik"
    assert steps.count(Busy) == 0


def test_time_off_is_struck_out_with_a_reason(boss: Client, officer: Client, office: Office) -> None:
    row = earn(office["officer"], date(2026, 11, 21))
    earn(office["head"], date(2026, 11, 21))
    everybody = boss.get("absences.compensation_all")
    assert "Dewi Petugas" in everybody.words
    one = boss.submit(everybody, {"person": str(office["officer"])}, action="/compensation/all")
    assert len(one.html.select("tbody tr")) == 1
    action = f"/compensation/{row}/cancel"
    refused = boss.submit(one, {"reason": " "}, action=action, _expected=422)
    assert refused.complaints == ["Tulis alasannya, supaya yang bersangkutan tahu."]
    long = boss.submit(refused, {"reason": "x" * 301}, action=action, _expected=422)
    assert long.form(action).values["reason"] == "x" * 301
    for _ in range(2):
        boss.submit(one, {"reason": "Salah <catat>"}, action=action)
    assert "Dicoret Salah <catat>" in officer.get("absences.compensation").words
    assert steps.count(CompensationDay, cancelled_reason="Salah <catat>") == 1
    boss.get("absences.compensation_all", person="x")


@steps.SQLITE
def test_the_page_says_the_rule_of_the_office(make_app: Callable[..., Any], office: Office) -> None:
    numbers = {"half": 240, "full": 420, "days": 90, "holiday-half": 120, "holiday-full": 240}
    browser = Client(make_app(compensation=numbers), STAFF_HOST)
    browser.submit(browser.get("people.link_show", token=made(make_link, office["officer"])))
    page = browser.get("absences.compensation")
    assert "mulai 240 menit mendapat ½ hari, mulai 420 menit 1 hari; pada hari libur mulai 120 dan 240" in page.words


@steps.SQLITE
@pytest.mark.parametrize("role", list(Role))
def test_everybody_finds_his_leave_from_every_page(staff, role: Role) -> None:
    browser = staff(role)
    assert "/menu" in browser.get("booking.desk_today").links()
    links = browser.get("home.menu").links()
    assert {"/absences", "/compensation"} <= set(links)
    assert ("/absences/inbox" in links) is (role in {Role.SUPERVISOR, Role.TU, Role.HEAD})
