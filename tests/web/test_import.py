"""A sheet of staff by HTTP: sent, looked at, run once, taken back."""

from __future__ import annotations

import csv
import io
from uuid import UUID, uuid4

import pytest
from openpyxl import Workbook
from sqlalchemy import select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from fieldops import worker
from fieldops.core.audit.models import AuditEntry
from fieldops.core.people.models import PeopleImport, Person, PersonCompetence
from fieldops.kit import db as kit_db
from tests.make import STAFF, Office, made, make_link
from tests.ways import code, enter, give_app, give_password
from tests.web import steps

HEAD = "Nama;NIP;Pangkat;Seksi;Peran;Email;Kompetensi\n"


def nip(number: int, month: str = "01") -> str:
    return f"19900101202001{number % 2 + 1}{number:03}".replace("202001", f"2020{month}")


@pytest.fixture
def boss(staff):
    return staff("admin")


def send(boss, data: bytes | str, name: str = "pegawai.csv", *, key: str = "", expected: int = 303):
    """Choose a file and send it; gives the answer."""
    page = boss.get("people.import_new")
    content = data.encode() if isinstance(data, str) else data
    fields = {"key": key or page.value("key"), "file": FileStorage(io.BytesIO(content), name)}
    # Encoded here: the test client would put more than 500 kB into a file and leave it open.
    boundary, body = encode_multipart(fields)
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return boss.open("POST", "/people/import", data=body, _expected=expected, _headers=kind)


def preview(boss, data, **options):
    return boss.follow(send(boss, data, **options))


def people() -> dict[str, Person]:
    with kit_db.reading() as session:
        return {one.name: one for one in session.scalars(select(Person))}


def test_from_the_file_to_the_list_and_back(boss, office: Office) -> None:
    before = steps.dump()
    sheet = (
        f"{HEAD}Baru Satu;{nip(1)};Penata Muda (III/a);Tikim;Petugas;satu@kanim.example;Wawancara, PPNS\n"
        f"{STAFF['officer']};{nip(2)};;Inteldakim;;dewi@kanim.example;Pengemudi\n"
        f"{STAFF['tu']};;;Verdokim;Tata Usaha;;\n"
        "Tanpa Peran;;;;;;\n"
    )
    page = preview(boss, sheet)
    assert page.h1 == "Pratinjau impor"
    assert [tile.get_text(" ").split() for tile in page.html.select(".tile")] == [
        ["1", "baru"],
        ["1", "berubah"],
        ["1", "tetap"],
        ["1", "keliru"],
    ]
    assert "Baris 5, Tanpa Peran. Peran: isi peran untuk pegawai baru." in page.words
    assert "Seksi: Verdokim → Inteldakim" in page.words
    assert "NIP: kosong → " in page.words
    changed = steps.dump()
    assert {name for name in before if before[name] != changed[name]} == {"people_import"}, "nobody is changed yet"
    done = boss.follow(boss.submit(page, action="/run"))
    assert done.h1 == "Impor selesai"
    assert "1 pegawai baru, 1 berubah." in done.words
    now = people()
    assert (now["Baru Satu"].nip, now["Baru Satu"].role, now["Baru Satu"].is_active) == (nip(1), "officer", True)
    assert (now[STAFF["officer"]].section, now[STAFF["officer"]].email) == ("Inteldakim", "dewi@kanim.example")
    assert "Tanpa Peran" not in now
    with kit_db.reading() as session:
        skills = {row.competence for row in session.scalars(select(PersonCompetence))}
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "people.import"))
    assert skills == {"interview", "ppns", "driver"}
    assert entry.detail == {"new": 1, "changed": 1, "wrong": 1}
    assert "1 baru, 1 berubah" in boss.get("people.import_new").words
    undone = boss.follow(boss.submit(done, action="/undo"))
    assert undone.h1 == "Impor dibatalkan"
    now = people()
    assert "Baru Satu" not in now
    assert (now[STAFF["officer"]].section, now[STAFF["officer"]].email, now[STAFF["officer"]].nip) == ("Verdokim", "", "")
    assert steps.count(PersonCompetence) == 0
    boss.submit(done, action="/undo")


def test_sent_twice_it_is_one_import_and_runs_once(boss) -> None:
    key = str(uuid4())
    first = send(boss, f"{HEAD}Baru Satu;;;;Petugas;;\n", key=key)
    assert send(boss, f"{HEAD}Baru Satu;;;;Petugas;;\n", key=key).location == first.location
    assert steps.count(PeopleImport) == 1
    page = boss.follow(first)
    for _ in range(3):
        assert boss.submit(page, action="/run").location == first.location
    assert steps.count(Person, name="Baru Satu") == 1
    assert steps.count(AuditEntry, action="people.import") == 1
    # The same file as another import: everything is there already.
    again = preview(boss, f"{HEAD}Baru Satu;;;;Petugas;;\n")
    assert "Tidak ada yang perlu diubah" in again.words


@pytest.mark.parametrize("kind", ["xlsx", "utf-8", "windows-1252", "commas"])
def test_every_kind_of_file_gives_the_same(boss, kind: str) -> None:
    rows = [
        ["No", "EMAIL", "Peran", "nama lengkap", "n.i.p", "Kompetensi"],
        ["1", "jose@kanim.example", "PETUGAS", "José D’Souza", nip(1), "wawancara; biometrik"],
    ]
    if kind == "xlsx":
        book, out = Workbook(), io.BytesIO()
        for row in rows:
            book.active.append(row)
        book.save(out)
        data = out.getvalue()
    else:
        text = io.StringIO()
        csv.writer(text, delimiter="," if kind == "commas" else ";").writerows(rows)
        data = text.getvalue().encode("cp1252" if kind == "windows-1252" else "utf-8")
    page = preview(boss, data, name="daftar.bin")
    assert "Kolom yang tidak dikenal dan diabaikan: No." in page.words
    boss.submit(page, action="/run")
    assert people()["José D’Souza"].nip == nip(1)


def nasty() -> list[tuple[list[object], str]]:
    """Rows as nobody should send them, and what is said of each."""
    long = "x" * 70
    return [
        (["", nip(1), "", "", "Petugas", "", ""], "Nama: Isi nama lengkap."),
        (["   ", "", "", "", "Petugas", "", ""], "Nama: Isi nama lengkap."),
        (["=1+1", "", "", "", "Petugas", "", ""], "Nama: sel ini berisi rumus."),
        (["=cmd|' /C calc'!A0", "", "", "", "Petugas", "", ""], "Nama: sel ini berisi rumus."),
        (["@SUM(1)", "", "", "", "Petugas", "", ""], "Nama: Nama berisi huruf"),
        (["+62 812", "", "", "", "Petugas", "", ""], "Nama: Nama berisi huruf"),
        (["-Dewi", "", "", "", "Petugas", "", ""], "Nama: Nama berisi huruf"),
        (["<script>alert(1)</script>", "", "", "", "Petugas", "", ""], "Nama: Nama berisi huruf"),
        (["{{ 7*7 }}", "", "", "", "Petugas", "", ""], "Nama: Nama berisi huruf"),
        (["'; drop table people_person; --", "", "", "", "Petugas", "", ""], "Nama: Nama berisi huruf"),
        (["Si\u200bti Aminah", "", "", "", "Petugas", "", ""], "Nama: Ada tanda yang tidak terlihat"),
        (["Siti \u202ehtI", "", "", "", "Petugas", "", ""], "Nama: Ada tanda yang tidak terlihat"),
        (["A" * 121, "", "", "", "Petugas", "", ""], "Nama: Nama paling panjang 120"),
        (["B" * 1500, "", "", "", "Petugas", "", ""], "Nama: isi sel ini terlalu panjang"),
        (["Pendek", "1987", "", "", "Petugas", "", ""], "NIP: NIP terdiri atas 18 angka, yang diisi 4."),
        (["Panjang", nip(3) + "1", "", "", "Petugas", "", ""], "NIP: NIP terdiri atas 18 angka, yang diisi 19."),
        (["Huruf", nip(3)[:-1] + "O", "", "", "Petugas", "", ""], "NIP: NIP hanya berisi angka."),
        (["Tanggal", "199013012020011001", "", "", "Petugas", "", ""], "NIP: Delapan angka pertama"),
        (["Februari", "199002302020011001", "", "", "Petugas", "", ""], "NIP: Delapan angka pertama"),
        (["Bulan", "199001012020131001", "", "", "Petugas", "", ""], "NIP: Angka ke-9"),
        (["Kelamin", "199001012020013001", "", "", "Petugas", "", ""], "NIP: Angka ke-15"),
        (["Angka Excel", "1,99001E+17", "", "", "Petugas", "", ""], "NIP: Excel menyimpannya sebagai angka"),
        (["Rumus NIP", '=TEXT(1;"0")', "", "", "Petugas", "", ""], "NIP: sel ini berisi rumus."),
        (["Pangkat Panjang", "", long, "", "Petugas", "", ""], "Pangkat: Paling panjang 60"),
        (["Seksi Panjang", "", "", long, "Petugas", "", ""], "Seksi: Paling panjang 60"),
        (["Tanpa Peran", "", "", "", "", "", ""], "Peran: isi peran untuk pegawai baru."),
        (["Peran Aneh", "", "", "", "root", "", ""], "Peran: Peran ini tidak dikenal."),
        (["Dua Peran", "", "", "", "Petugas, Admin", "", ""], "Peran: Peran ini tidak dikenal."),
        (["Email Aneh", "", "", "", "Petugas", "bukan email", ""], "Email: E-mail ditulis seperti"),
        (["Email Kepala", "", "", "", "Petugas", "a@b.id\nBcc: c@d.id", ""], "Email: E-mail ditulis seperti"),
        (["Kompetensi Aneh", "", "", "", "Petugas", "", "wawancara, memasak"], "Kompetensi: Kompetensi “memasak”"),
        (["Pemimpin", "", "", "", "Petugas", "", "juru bicara"], "Kompetensi: Kompetensi “juru bicara”"),
        ([STAFF["admin"], "", "", "", "Petugas", "", ""], "Peran: peran Anda sendiri hanya bisa diubah"),
        (["Sudah Pergi", "", "", "", "Petugas", "", ""], "Pegawai ini nonaktif."),
        (["Kembar", "", "", "", "Petugas", "", ""], "Nama: ada lebih dari satu pegawai dengan nama ini."),
        (["Semua Salah", "1", long, long, "bos", "x", "y"], "NIP: NIP terdiri atas 18 angka, yang diisi 1."),
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nasty_rows_are_told_by_number_and_only_good_rows_get_in(boss, office: Office, kind: str) -> None:
    def more(session) -> None:
        session.add(Person(name="Sudah Pergi", role="officer", is_active=False))
        session.add_all([Person(name="Kembar", role="officer", is_active=True) for _ in range(2)])

    made(more)
    rows = nasty()
    assert len(rows) >= 30
    good = [["Baik Sekali", nip(7), "", "", "Petugas", "", ""], ["Baik Juga", nip(8), "", "", "Kasubsi", "", ""]]
    double = [["Baik Lagi", nip(7), "", "", "Petugas", "", ""], ["baik juga", nip(8), "", "", "Petugas", "", ""]]
    table = [HEAD.strip().split(";"), *(row for row, _ in rows), *good, *double]
    if kind == "xlsx":
        book, out = Workbook(), io.BytesIO()
        for row in table:
            book.active.append(row)
        book.save(out)
        data = out.getvalue()
    else:
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(table)
        data = text.getvalue().encode()
    page = preview(boss, data)
    told = {}
    for item in page.html.select(".panel-bad li"):
        head = item.select_one("b").get_text()
        told[int(head.split()[1].strip(",."))] = " ".join(item.get_text(" ").split())
    for number, (_, says) in enumerate(rows, 2):
        assert says in told[number], (number, told.get(number))
    first = 2 + len(rows)
    assert f"NIP: sama dengan baris {first}." in told[first + 2]
    assert f"NIP: sama dengan baris {first + 1}." in told[first + 3]
    assert len(told) == len(rows) + 2
    before = set(people())
    boss.submit(page, action="/run")
    assert set(people()) - before == {"Baik Sekali", "Baik Juga"}
    assert people()[STAFF["admin"]].role == "admin"


BAD_FILES = {
    "none": (None, "Pilih berkas XLSX atau CSV."),
    "empty": (b"", "Berkas ini kosong."),
    "heading only": (HEAD.encode(), "Di bawah judul kolom belum ada isi."),
    "no heading": (b"Dewi;Petugas\nRina;Kasubsi\n", "Baris pertama tidak memuat judul kolom Nama."),
    "a column twice": (b"Nama;NIP;Nip\nDewi;;\n", "Kolom NIP ada dua kali."),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "Berkas ini tidak terbaca."),
    "a picture named csv": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "Berkas ini tidak terbaca."),
    "a page": (b"<html><body><table><tr><td>Nama</td></tr></table>", "Berkas ini tidak terbaca."),
    "an old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Ini Excel lama"),
    "a broken archive": (b"PK\x03\x04 broken", "Berkas ini tidak terbaca."),
    "too many rows": ((HEAD + "Dewi;;;;Petugas;;\n" * 501).encode(), "Berkas ini lebih dari 500 baris."),
    "over a megabyte": ((HEAD + "x" * 1_050_000).encode(), "Berkas ini lebih dari 1 MB."),
}


@steps.SQLITE
@pytest.mark.parametrize(("data", "says"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_told_at_its_field(boss, data, says) -> None:
    if data is None:
        page = boss.get("people.import_new")
        answer = boss.post_url("/people/import", {"key": page.value("key")}, _expected=422)
    else:
        answer = send(boss, data, expected=422)
    assert answer.complaints[0].startswith(says)
    assert answer.html.select_one("#file")["aria-invalid"] == "true"
    assert says in answer.html.select_one("#file-error").get_text()
    assert steps.count(PeopleImport) == 0


@steps.SQLITE
def test_this_page_takes_a_megabyte_and_every_other_page_does_not(boss, office: Office) -> None:
    filler = "Catatan;" + HEAD + "".join(f"{'x' * 900};Pegawai {'abcdefghij'[n % 10]}{'k' * (n // 10)};;;;Petugas;;\n" for n in range(480))
    assert 400_000 < len(filler) < 1_000_000
    send(boss, filler)
    send(boss, HEAD + "x" * 1_300_000, expected=413)
    page = boss.get("people.staff_edit", person_id=office["officer"])
    boss.submit(page, {"rank": "x" * 300_000}, action="/edit", _expected=413)


@steps.SQLITE
def test_a_form_without_its_key_is_refused(boss) -> None:
    boss.post_url("/people/import", {"key": "x"}, _expected=422)


def test_a_preview_that_is_overtaken_comes_back_fresh(boss, office: Office) -> None:
    page = preview(boss, f"{HEAD}{STAFF['officer']};;;Inteldakim;;;\n")
    edit = boss.get("people.staff_edit", person_id=office["officer"])
    boss.submit(edit, {"section": "Tikim"}, action="/edit")
    fresh = boss.submit(page, action="/run", _expected=409)
    assert fresh.complaints[0].startswith("Daftar pegawai berubah")
    assert "Seksi: Tikim → Inteldakim" in fresh.words
    assert people()[STAFF["officer"]].section == "Tikim"
    boss.submit(fresh, action="/run")
    assert people()[STAFF["officer"]].section == "Inteldakim"


def test_a_preview_belongs_to_whoever_made_it(app, boss, office: Office) -> None:
    answer = send(boss, f"{HEAD}Baru Satu;;;;Petugas;;\n")
    made(lambda s: s.execute(update(Person).where(Person.id == office["head"]).values(role="admin")))
    give_password(office["head"])
    secret, _ = give_app(office["head"])
    other = enter(app, office["head"], app_secret=secret)
    other.get_url(answer.location, _expected=404)
    other.post_url(f"{answer.location}/run", {"seen": ""}, _expected=404)


def test_undo_is_refused_when_something_came_after(boss, office: Office) -> None:
    done = boss.follow(
        boss.submit(
            preview(boss, f"{HEAD}Baru Satu;;;;Petugas;;\n{STAFF['officer']};;;Inteldakim;;;\n"), action="/run"
        )
    )
    edit = boss.get("people.staff_edit", person_id=office["officer"])
    boss.submit(edit, {"rank": "II/c"}, action="/edit")
    refused = boss.submit(done, action="/undo", _expected=409)
    assert f"{STAFF['officer']} sudah diubah setelah impor ini" in refused.complaints[0]
    assert "Baru Satu" in people(), "all or nothing"


def test_undo_is_refused_when_a_new_person_is_in_use(app, boss) -> None:
    done = boss.follow(boss.submit(preview(boss, f"{HEAD}Baru Satu;;;;Petugas;;\n"), action="/run"))
    made(make_link, people()["Baru Satu"].id)
    refused = boss.submit(done, action="/undo", _expected=409)
    assert refused.complaints[0].startswith("Baru Satu sudah dipakai setelah impor ini")
    assert people()["Baru Satu"].is_active


def test_a_role_from_a_sheet_ends_sessions_as_from_the_form(app, boss, office: Office) -> None:
    give_password(office["officer"])
    one = enter(app, office["officer"])
    page = preview(boss, f"{HEAD}{STAFF['officer']};;;;Auditor;;\n")
    assert "Peran atau e-mail berubah: orang ini harus masuk lagi." in page.words
    boss.submit(page, action="/run")
    one.get("booking.desk_today", _expected=303)


def test_running_needs_a_proof_after_ten_minutes(app, office: Office, clock) -> None:
    give_password(office["admin"])
    secret, _ = give_app(office["admin"])
    boss = enter(app, office["admin"], app_secret=secret)
    clock.forward(minutes=11)
    page = preview(boss, f"{HEAD}Baru Satu;;;;Petugas;;\n")
    boss.submit(page, action="/run", _expected=422)
    assert "Baru Satu" not in people()
    boss.submit(page, {"proof": code(secret)}, action="/run")
    assert "Baru Satu" in people()


@steps.SQLITE
def test_the_template_reads_back_and_has_no_formula(boss) -> None:
    answer = boss.get("people.import_template")
    assert answer.response.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    page = preview(boss, answer.data)
    assert [tile.get_text(" ").split()[0] for tile in page.html.select(".tile")] == ["1", "0", "0", "0"]


@steps.SQLITE
def test_the_export_reads_back_without_a_change(boss) -> None:
    answer = boss.submit(boss.get("people.export_new"), _expected=200)
    page = preview(boss, answer.data)
    assert "Tidak ada yang perlu diubah" in page.words


@steps.SQLITE
def test_the_file_itself_is_kept_nowhere(boss, tmp_path, var_dir) -> None:
    mark = "zzqqxx"
    send(boss, f"Rahasia;{HEAD}{mark};Baru Satu;;;;Petugas;;\n", name=f"../../{mark}.csv")
    assert mark not in str(steps.dump())
    for folder in (tmp_path, var_dir):
        assert not [path for path in folder.rglob("*") if mark in path.name]


def test_old_previews_go_and_old_runs_are_emptied(boss, office: Office, clock, settings) -> None:
    boss.submit(preview(boss, f"{HEAD}Baru Satu;{nip(1)};;;Petugas;;\n"), action="/run")
    kept = send(boss, f"{HEAD}Baru Dua;{nip(2)};;;Petugas;;\n").location
    job = worker.jobs(settings)["forget imports"][0]
    clock.forward(hours=23)
    assert job() == 0
    clock.forward(hours=2)
    assert job() == 1
    assert steps.count(PeopleImport, state="read") == 0
    assert kept
    clock.forward(days=30)
    assert job() == 1
    assert nip(1) not in str(steps.dump()["people_import"])
    assert job() == 0


def test_an_old_run_cannot_be_taken_back(app, boss, office: Office, clock, settings) -> None:
    done = boss.follow(boss.submit(preview(boss, f"{HEAD}Baru Satu;;;;Petugas;;\n"), action="/run"))
    clock.forward(days=31)
    worker.jobs(settings)["forget imports"][0]()
    give_password(office["admin"])
    secret, _ = give_app(office["admin"])
    again = enter(app, office["admin"], app_secret=secret)
    assert "Rinciannya sudah dihapus" in again.get_url(done.path).words
    again.post_url(f"{done.path}/undo", _expected=409)
    again.post_url(f"{done.path}/run", {"seen": "x"}, _expected=409)
    again.post_url(f"/people/import/{UUID(int=5)}/run", {"seen": "x"}, _expected=404)
