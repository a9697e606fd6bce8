"""Codes, identity numbers, names, pools and windows: tables of cases without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldops.core.booking import rules
from fieldops.core.booking.rules import CODE_ALPHABET, Pool, Service, Window
from fieldops.kit import clock

bodies = st.text(CODE_ALPHABET, min_size=6, max_size=6)


def test_alphabet_holds_no_pair_that_looks_alike() -> None:
    for pair in ("0O", "0Q", "0D", "1I", "1L", "2Z", "5S", "8B", "6G", "UV", "4A"):
        assert not set(pair) <= set(CODE_ALPHABET), pair
    assert len(CODE_ALPHABET) == len(set(CODE_ALPHABET)) == 23


@given(bodies)
def test_code_is_read_however_it_is_typed(body: str) -> None:
    code = body + rules.check_sign(body)
    sloppy = rules.show_code(code).lower().replace("0", "o").replace("2", "z").replace("-", " - ")
    assert rules.read_code(f"  {sloppy} ") == code


@given(bodies, st.integers(0, 6), st.sampled_from(CODE_ALPHABET))
def test_one_wrong_sign_is_always_caught(body: str, place: int, sign: str) -> None:
    code = body + rules.check_sign(body)
    wrong = code[:place] + sign + code[place + 1 :]
    assert (rules.read_code(wrong) is None) == (wrong != code)


@given(bodies, st.integers(0, 5))
def test_two_swapped_neighbours_are_always_caught(body: str, place: int) -> None:
    code = body + rules.check_sign(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (rules.read_code(swapped) is None) == (swapped != code)


@pytest.mark.parametrize(
    ("scanned", "read"),
    [
        ("0123456789ABCDEFGHJK", "0123456789ABCDEFGHJK"),
        ("mnpqrstvwxyz01234567", "MNPQRSTVWXYZ01234567"),
        ("0" * 26, "0" * 26),
        ("0" * 19, None),
        ("0" * 21, None),
        ("0" * 27, None),
        ("Muhammadfajarsidikkk", None),
        ("0123456789 BCDEFGHJK", None),
        ("٠" * 20, None),
        ("", None),
    ],
)
def test_an_entry_token_is_told_from_anything_else(scanned: str, read: str | None) -> None:
    assert rules.read_entry(scanned) == read


@pytest.mark.parametrize(
    "typed",
    ["081234567890", "81234567890", "6281234567890", "+62 812-3456-7890", "0062812 3456 7890", "(0812) 3456.7890"],
)
def test_indonesian_numbers_read_as_one(typed: str) -> None:
    assert rules.read_phone(typed) == "+6281234567890"


@pytest.mark.parametrize(
    "typed", ["", "08123", "6262812345678", "+60123456789", "0542123456", "0812x4567890", "++62812"]
)
def test_other_numbers_are_refused(typed: str) -> None:
    with pytest.raises(rules.WrongPhone):
        rules.read_phone(typed)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Isi NIK, 16 angka seperti di KTP."),
        (" - . ", "Isi NIK, 16 angka seperti di KTP."),
        ("123", "NIK terdiri atas 16 angka, yang Anda isi 3."),
        ("64749901019000012", "NIK terdiri atas 16 angka, yang Anda isi 17."),
        ("647499010190000x", "NIK hanya berisi angka"),
        ("６４７４９９０１０１９００００１", "NIK hanya berisi angka"),
    ],
)
def test_niks_of_another_shape_are_refused_with_what_is_wrong(typed: str, told: str) -> None:
    with pytest.raises(rules.WrongNik) as refused:
        rules.read_nik(typed)
    assert refused.value.sentence.startswith(told)


def test_genuine_niks_that_disagree_with_the_rules_of_their_parts_are_taken() -> None:
    assert rules.read_nik("9999 9999 9999 0001") == "9999999999990001"


@pytest.mark.parametrize("name", ["Suharto", "Nur'aini", "D’Souza", "dr. Añisah-Ŝ, S.H.", "<b>\"'&", "x" * 100])
def test_names_as_people_have_them_pass(name: str) -> None:
    assert rules.read_name(f"  {name} ") == name


@pytest.mark.parametrize("name", ["", "   ", "12345", "x" * 101, "Si\x00ti", "Siti\u202e"])
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(rules.WrongName):
        rules.read_name(name)


def test_search_forgets_accents_apostrophes_and_case() -> None:
    assert rules.search_key("NUR’AINI  Añisah") == rules.search_key("nur'aini anisah") == "nuraini anisah"


ROLLS = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "minutes", "pools"),
    [
        (Pool.PUBLIC, -1, (Pool.PUBLIC,)),
        (Pool.PUBLIC, 0, (Pool.PUBLIC, Pool.PRIORITY, Pool.COLLECTIVE)),
        (Pool.PRIORITY, -1, (Pool.PRIORITY, Pool.PUBLIC)),
        (Pool.PRIORITY, 0, (Pool.PRIORITY, Pool.PUBLIC, Pool.COLLECTIVE)),
        (Pool.COLLECTIVE, -1, (Pool.COLLECTIVE,)),
        (Pool.WALK_IN, 1, (Pool.WALK_IN,)),
        (Pool.COLLECTIVE, 1, (Pool.COLLECTIVE,)),
    ],
)
def test_unused_seats_that_were_kept_go_to_everybody_at_their_hour(
    wanted: Pool, minutes: int, pools: tuple[Pool, ...]
) -> None:
    assert rules.pools_for(wanted, ROLLS, ROLLS + timedelta(minutes=minutes)) == pools


@pytest.mark.parametrize(
    ("at", "is_open", "phase"),
    [
        ("2026-11-23 07:59", True, "early"),
        ("2026-11-23 08:00", True, "open"),
        ("2026-11-28 05:59", True, "open"),
        ("2026-11-28 06:00", True, "late"),
        ("2026-11-28 07:59", True, "late"),
        ("2026-11-28 08:00", True, "begun"),
        ("2026-11-28 09:29", True, "begun"),
        ("2026-11-28 09:30", True, "past"),
        ("2026-11-28 09:45", True, "past"),
        ("2026-11-23 07:59", False, "closed"),
        ("2026-11-28 09:45", False, "closed"),
    ],
)
def test_a_session_says_where_it_stands(at: str, is_open: bool, phase: str) -> None:
    def office_time(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)

    starts, opens = office_time("2026-11-28 08:00"), office_time("2026-11-23 08:00")
    window = Window(opens, starts - timedelta(hours=2), starts - timedelta(days=1), starts, is_open)
    assert rules.phase(window, starts + timedelta(minutes=90), office_time(at)) == phase


def test_a_pasted_list_is_read_line_by_line() -> None:
    found = rules.read_lines(
        "Siti  Aminah; 6474990000000001\r\n\nNur'aini\t647499 0000 000002\nBudi\n123;6474990000000003\nTono; 12\n"
    )
    assert [(line.name, line.nik) for line in found[:2]] == [
        ("Siti Aminah", "6474990000000001"),
        ("Nur'aini", "6474990000000002"),
    ]
    assert [line.text for line in found[2:]] == ["Budi", "123;6474990000000003", "Tono; 12"]
    assert [line.problem.partition(",")[0] for line in found[2:]] == [
        "Tulis nama dan NIK dengan titik koma di antaranya",
        "Isi nama dengan huruf",
        "NIK terdiri atas 16 angka",
    ]
    with pytest.raises(rules.WrongLine, match="Paling banyak 100 baris sekali kirim, yang Anda isi 101"):
        rules.read_lines("A;6474990000000001\n" * 101)


def test_saturday_morning_is_saturday_at_the_office() -> None:
    assert clock.office_day(datetime(2026, 11, 27, 23, 30, tzinfo=UTC)) == date(2026, 11, 28)


START = datetime(2026, 11, 28, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "refusal"),
    [(-121, None), (-120, rules.TooLate), (-1, rules.TooLate), (0, rules.Past), (1, rules.Past), (-7201, rules.NotYet)],
)
def test_window_has_sharp_edges(minutes: int, refusal: type[Exception] | None) -> None:
    window = Window(START - timedelta(days=5), START - timedelta(hours=2), START, START, is_open=True)
    if refusal is None:
        rules.check_window(window, START + timedelta(minutes=minutes))
        return
    with pytest.raises(refusal):
        rules.check_window(window, START + timedelta(minutes=minutes))


CARD, FAMILY_CARD, BIRTH, OLD = (
    "KTP asli",
    "Kartu Keluarga asli",
    "Akta lahir, buku nikah, atau ijazah asli",
    "Paspor lama",
)


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ([], ()),
        ([Service.NEW], (CARD, FAMILY_CARD, BIRTH)),
        ([Service.NEW, Service.NEW], (CARD, FAMILY_CARD, BIRTH)),
        ([Service.REPLACEMENT], (CARD, OLD)),
        *(
            (
                both,
                (
                    CARD,
                    f"{FAMILY_CARD} (untuk paspor baru)",
                    f"{BIRTH} (untuk paspor baru)",
                    f"{OLD} (untuk penggantian paspor)",
                ),
            )
            for both in ([Service.NEW, Service.REPLACEMENT], [Service.REPLACEMENT, Service.NEW, Service.NEW])
        ),
    ],
)
def test_what_only_some_of_a_group_bring_says_for_what(services: list[Service], told: tuple[str, ...]) -> None:
    assert rules.bring(services) == told
