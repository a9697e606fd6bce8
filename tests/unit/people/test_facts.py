"""What is written about staff, as people type it."""

from __future__ import annotations

import pytest

from fieldops.core.people.rules import Competence, Role, facts
from fieldops.core.people.rules.facts import WrongFact

NIP = "198703152010012004"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Suharto", "Suharto"),
        ("  Drs. H.  Agus   Setiawan, S.H., M.Si. ", "Drs. H. Agus Setiawan, S.H., M.Si."),
        ("Nur'aini Kusuma", "Nur'aini Kusuma"),
        ("Maria D’Souza-Lim (Ani)", "Maria D’Souza-Lim (Ani)"),
        ("José", "José"),
    ],
)
def test_names_are_as_people_have_them(typed, name):
    assert facts.read_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "=cmd|' /C calc'!A0",
        "+62812",
        "-Dewi",
        "@Dewi",
        "Dewi 2",
        "<b>Dewi</b>",
        "Si\u200bti",
        "Siti\u202e",
        "x" * 121,
    ],
)
def test_what_is_no_name_is_refused(typed):
    with pytest.raises(WrongFact):
        facts.read_name(typed)


@pytest.mark.parametrize(
    ("typed", "nip"),
    [
        (NIP, NIP),
        ("19870315 201001 2 004", NIP),
        ("19870315.201001.2.004", NIP),
        ("１９８７０３１５２０１００１２００４", NIP),
        ("199001012024211001", "199001012024211001"),
        ("", ""),
        ("   ", ""),
    ],
    ids=["plain", "spaced", "dotted", "full width", "contract", "empty", "blank"],
)
def test_an_nip_is_read_however_it_is_written(typed, nip):
    assert facts.read_nip(typed) == nip


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("19870315201001200", "yang diisi 17"),
        ("1987031520100120041", "yang diisi 19"),
        ("19870315201001200O", "hanya berisi angka"),
        ("٦٤٧٤٩٩٠٠٠٠٠٠٠٠٠٠٠١", "hanya berisi angka"),
        ("198713152010012004", "tanggal lahir"),
        ("198702302010012004", "tanggal lahir"),
        ("192003152010012004", "pengangkatan"),
        ("198703151990012004", "pengangkatan"),
        ("198703152010132004", "pengangkatan"),
        ("198703152010002004", "pengangkatan"),
        ("198703152010013004", "laki-laki"),
    ],
)
def test_an_nip_of_a_wrong_shape_is_refused_with_the_reason(typed, says):
    with pytest.raises(WrongFact, match=says):
        facts.read_nip(typed)


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        (" Rina.W@Imigrasi.GO.ID ", "rina.w@imigrasi.go.id"),
        ("a@b.id", "a@b.id"),
        ("rina+fo_1@mail.example.org", "rina+fo_1@mail.example.org"),
        ("", ""),
    ],
)
def test_an_email_is_kept_in_small_letters(typed, email):
    assert facts.read_email(typed) == email


@pytest.mark.parametrize(
    "typed",
    [
        "rina",
        "rina@",
        "@imigrasi.go.id",
        "rina@imigrasi",
        "rina@imigrasi..id",
        "ri..na@imigrasi.id",
        "rina imigrasi@go.id",
        "rina@go.id\nBcc: all@go.id",
        "rina@go.id\r\n",
        "<rina@go.id>",
        "rina@-go.id",
        "=rina@go.id",
        "a" * 200 + "@go.id",
        "rína@go.id",
    ],
)
def test_what_is_no_email_is_refused(typed):
    if typed.strip() != typed and "\n" not in typed.strip():
        assert "\n" not in facts.read_email(typed)
        return
    with pytest.raises(WrongFact):
        facts.read_email(typed)


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("Petugas", Role.OFFICER),
        (" KASUBSI ", Role.SUPERVISOR),
        ("Tata Usaha", Role.TU),
        ("tu", Role.TU),
        ("Kakanim", Role.HEAD),
        ("Admin", Role.ADMIN),
        ("auditor", Role.AUDITOR),
        *[(role.label, role) for role in Role],
        *[(role.value, role) for role in Role],
    ],
)
def test_a_role_has_more_than_one_word(typed, role):
    assert facts.read_role(typed) is role


@pytest.mark.parametrize("typed", ["", "bos", "admin;officer", "root"])
def test_an_unknown_role_is_refused_with_those_that_exist(typed):
    with pytest.raises(WrongFact, match="Kepala Kantor"):
        facts.read_role(typed)


def test_competences_of_one_cell():
    found = facts.read_competences("wawancara; BIOMETRIK, Pengemudi dan ppns/")
    assert found == {Competence.INTERVIEW, Competence.BIOMETRICS, Competence.DRIVER, Competence.PPNS}
    assert facts.read_competences(facts.show_competences(facts.RECORDED)) == set(facts.RECORDED)
    assert facts.read_competences("") == set()
    with pytest.raises(WrongFact, match="juru masak"):
        facts.read_competences("wawancara, juru masak")
    with pytest.raises(WrongFact):
        facts.read_competences("juru bicara")


def test_texts_are_short_and_no_formulas():
    assert facts.read_text("  Penata Muda   (III/a) ") == "Penata Muda (III/a)"
    for typed in ("x" * 61, "=1+1", "a\x07b"):
        with pytest.raises(WrongFact):
            facts.read_text(typed)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Rina@Imigrasi.go.id ", ("email", "rina@imigrasi.go.id")),
        ("19870315 201001 2 004", ("nip", NIP)),
        ("rina", ("email", "rina")),
        ("", ("email", "")),
        ("' or 1=1 --", ("email", "' or 1=1 --")),
        ("x" * 5000, ("email", "x" * 200)),
    ],
)
def test_whatever_is_typed_to_sign_in_is_looked_up(typed, found):
    assert facts.read_sign_in_name(typed) == found
