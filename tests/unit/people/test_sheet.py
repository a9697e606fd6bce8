"""A sheet of staff: headings, rows, and what each row would do."""

from __future__ import annotations

from uuid import UUID

import pytest

from fieldops.core.people.rules import Competence, Role, sheet
from fieldops.core.people.rules.facts import Facts
from fieldops.core.people.rules.sheet import Kind, Known, Line, WrongSheet

ME = UUID(int=9)
NIP, OTHER_NIP = "198703152010012004", "199001012024211001"
RINA = Known(UUID(int=1), Facts("Rina Wulandari", Role.OFFICER, "Verdokim", NIP, "", "rina@kanim.go.id"))
DEWI = Known(UUID(int=2), Facts("Dewi Lestari", Role.OFFICER, "Verdokim"))
DEWI_2 = Known(UUID(int=3), Facts("Dewi  Lestari", Role.OFFICER, "Verdokim"))
GONE = Known(UUID(int=4), Facts("Sudah Pindah", Role.OFFICER, nip=OTHER_NIP), is_active=False)
AGUS = Known(ME, Facts("Agus Admin", Role.ADMIN, email="agus@kanim.go.id"))
STAFF = [RINA, DEWI, GONE, AGUS]


def line(number=2, **cells):
    return Line(number, {name: value if isinstance(value, tuple) else (value, "") for name, value in cells.items()})


def plan(*lines, staff=STAFF):
    numbered = [Line(n, one.cells) for n, one in enumerate(lines, 2)]
    return sheet.plan(numbered, staff, own_id=ME)


def one(staff=STAFF, **cells):
    return plan(line(**cells), staff=staff)[0]


# -- headings


@pytest.mark.parametrize(
    "cells",
    [
        ["Nama", "NIP", "Pangkat", "Seksi", "Peran", "Email", "Kompetensi"],
        ["KOMPETENSI", "e-mail", "PERAN", "seksi", "pangkat", "Nip.", " nama "],
        ["Nama Lengkap", "NIP Baru", "Pangkat/Golongan", "Sub Seksi", "Hak Akses", "Surel", "Keahlian"],
    ],
    ids=["as the template", "another order", "other words"],
)
def test_headings_in_any_order_and_case(cells):
    found = sheet.read_heading(cells)
    assert set(found.places) == set(sheet.COLUMNS)
    assert found.ignored == ()


def test_a_name_alone_is_enough_and_foreign_columns_are_told():
    found = sheet.read_heading(["No", "Nama", "", "Nomor HP", "Peran"])
    assert found.places == {"name": 1, "role": 4}
    assert found.ignored == ("No", "Nomor HP")


@pytest.mark.parametrize(
    "cells", [["NIP", "Peran"], ["Dewi", "Petugas"], [], ["Nama", "nama"], ["Nama", "NIP", "N.I.P"]]
)
def test_a_heading_without_names_or_with_one_twice_is_refused(cells):
    with pytest.raises(WrongSheet):
        sheet.read_heading(cells)


# -- rows


def test_a_new_person():
    found = one(name="Baru Saja", nip="19950101 202001 1 001", role="petugas", competences="ppns")
    assert found.kind is Kind.NEW
    assert found.facts == Facts(
        "Baru Saja", Role.OFFICER, nip="199501012020011001", competences=frozenset({Competence.PPNS})
    )


def test_a_changed_person_shows_before_and_after():
    found = one(name="Rina Wulandari, S.H.", nip=NIP, section="Inteldakim", role="Kasubsi", competences="wawancara")
    assert found.kind is Kind.CHANGED
    assert found.person_id == RINA.id
    assert [(change.label, change.before, change.after) for change in found.changes] == [
        ("Nama", "Rina Wulandari", "Rina Wulandari, S.H."),
        ("Seksi", "Verdokim", "Inteldakim"),
        ("Peran", "Petugas", "Kasubsi"),
        ("Kompetensi", "", "Wawancara"),
    ]
    assert found.facts.email == "rina@kanim.go.id", "a column that is not there changes nothing"


def test_an_empty_cell_changes_nothing():
    assert one(name="Rina Wulandari", nip=NIP, section="", role="", email="", rank="").kind is Kind.SAME


@pytest.mark.parametrize(
    "cells",
    [
        {"name": "Rina W.", "nip": NIP},
        {"name": "Rina W.", "email": "RINA@kanim.go.id"},
        {"name": "rina wulandari", "rank": "III/a"},
        {"name": "RINA  WULANDARI", "nip": NIP, "email": "rina@kanim.go.id"},
    ],
    ids=["nip", "email", "name", "all"],
)
def test_a_person_is_recognised(cells):
    assert one(**cells).person_id == RINA.id


def test_a_namesake_with_another_nip_is_somebody_new():
    found = one(name="Rina Wulandari", nip="199501012020011001", role="Petugas")
    assert found.kind is Kind.NEW


def test_a_person_without_nip_gets_one_by_his_name():
    found = one(name="Dewi Lestari", nip="199501012020011001")
    assert (found.kind, found.person_id) == (Kind.CHANGED, DEWI.id)


WRONG = {
    "no name": ({"nip": NIP}, "Nama: Isi nama lengkap."),
    "blank name": ({"name": "", "role": "Petugas"}, "Nama: Isi nama lengkap."),
    "formula for a name": ({"name": ("=A1", "formula"), "role": "Petugas"}, "Nama: sel ini berisi rumus."),
    "formula for a role": ({"name": "X Y", "role": ('="admin"', "formula")}, "Peran: sel ini berisi rumus."),
    "nip as a number": ({"name": "X Y", "nip": ("1,98E+17", "number")}, "NIP: Excel menyimpannya sebagai angka"),
    "nip too short": ({"name": "X Y", "nip": "1987", "role": "Petugas"}, "NIP: NIP terdiri atas 18 angka"),
    "nip of no day": ({"name": "X Y", "nip": "198702302010012004", "role": "Petugas"}, "NIP: Delapan angka pertama"),
    "no role for a new one": ({"name": "X Y"}, "Peran: isi peran untuk pegawai baru."),
    "unknown role": ({"name": "X Y", "role": "bos"}, "Peran: Peran ini tidak dikenal."),
    "wrong email": ({"name": "X Y", "role": "Petugas", "email": "x"}, "Email: E-mail ditulis seperti"),
    "unknown competence": (
        {"name": "X Y", "role": "Petugas", "competences": "masak"},
        "Kompetensi: Kompetensi “masak”",
    ),
    "two people": ({"name": "X Y", "nip": NIP, "email": "agus@kanim.go.id"}, "Email: e-mail ini sudah dipakai Agus"),
    "inactive": ({"name": "Sudah Pindah", "nip": OTHER_NIP}, "Pegawai ini nonaktif."),
    "own role": ({"name": "Agus Admin", "role": "Petugas"}, "Peran: peran Anda sendiri"),
    "long cell": ({"name": "X Y", "rank": ("x" * 1000, "long")}, "Pangkat: isi sel ini terlalu panjang"),
    "long rank": ({"name": "X Y", "role": "Petugas", "rank": "x" * 61}, "Pangkat: Paling panjang 60"),
    "markup": ({"name": "<b>X</b>", "role": "Petugas"}, "Nama: Nama berisi huruf"),
}


@pytest.mark.parametrize(("cells", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_row_says_which_column_and_why(cells, says):
    found = one(**cells)
    assert found.kind is Kind.WRONG
    assert any(error.startswith(says) for error in found.errors), found.errors


def test_two_of_one_name_need_an_nip():
    found = one(staff=[DEWI, DEWI_2], name="Dewi Lestari", rank="III/a")
    assert found.errors == ("Nama: ada lebih dari satu pegawai dengan nama ini. Isi NIP-nya.",)


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ({"name": "A B", "nip": NIP}, {"name": "C D", "nip": NIP}, "NIP: sama dengan baris 2."),
        (
            {"name": "A B", "email": "a@b.id", "role": "petugas"},
            {"name": "C D", "email": "A@B.ID", "role": "petugas"},
            "Email: sama dengan baris 2.",
        ),
        (
            {"name": "Rina W", "nip": NIP},
            {"name": "Rina W", "email": "rina@kanim.go.id"},
            "Orang: sama dengan baris 2.",
        ),
        ({"name": "A B", "role": "petugas"}, {"name": "a  b", "role": "petugas"}, "Orang: sama dengan baris 2."),
    ],
    ids=["nip", "email", "person", "new name"],
)
def test_nobody_stands_in_a_sheet_twice(first, second, says):
    good, bad = plan(line(**first), line(**second))
    assert good.kind is not Kind.WRONG
    assert bad.errors == (says,)


def test_everything_of_a_row_is_told_at_once():
    found = one(nip="1", role="bos", email="x", competences="masak")
    assert len(found.errors) == 5


def test_the_mark_changes_when_somebody_changes_the_staff():
    rows = [line(name="Rina Wulandari", nip=NIP, section="Inteldakim"), line(name="X Y", role="Petugas")]
    before = sheet.digest(plan(*rows))
    assert sheet.digest(plan(*rows)) == before
    moved = Known(RINA.id, Facts("Rina Wulandari", Role.OFFICER, "Tikim", NIP))
    assert sheet.digest(plan(*rows, staff=[moved, DEWI])) != before
    assert sheet.digest(plan(*rows, staff=[DEWI])) != before


def test_the_example_of_the_template_can_be_read():
    cells = {column: (text, "") for column, text in zip(sheet.COLUMNS, sheet.EXAMPLE, strict=True)}
    assert sheet.plan([Line(2, cells)], [], own_id=ME)[0].kind is Kind.NEW
