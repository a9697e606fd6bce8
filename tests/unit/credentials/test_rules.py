"""Good and bad passwords, codes that fit, codes that are spent."""

from __future__ import annotations

import pyotp
import pytest

from fieldops.core.credentials import rules
from fieldops.core.credentials.rules import WeakPassword, WrongCode
from fieldops.kit import qr

ABOUT = ("Rina Wulandari, S.H.", "rina.wulandari@imigrasi.go.id", "198703152010012004", "Verdokim")

GOOD = [
    "kuda laut menari pelan",
    "empat gajah naik bus",
    "x7#kQ2!v",
    "        spasi-di-depan",
    "ﷺﷺﷺ abc defg",
    "ナマエはひみつです",
    "😀😁😂🤣 empat wajah",
    "a" * 3 + "bcdefghijklm" * 5,
    "b0tol-kaca-hijau-tua",
    "Wulandari suka kopi pahit",
    "bontang hujan kemarin sore",
    "p" + "qwzx" * 63,
]
BAD = {
    "empty": "",
    "seven": "x7#kQ2!",
    "257": "x7#kQ2!v" * 32 + "z",
    "the first of all": "12345678",
    "a word": "password",
    "a word in capitals": "PASSWORD",
    "a word with a tail": "Password2026!",
    "a word with a head": "!!2026password",
    "leet": "P@ssw0rd",
    "keyboard": "qwertyuiop",
    "one letter": "aaaaaaaaaaaa",
    "two letters": "abababababab",
    "three letters": "abcabcabcabc",
    "a word twice": "garudagaruda",
    "prayer": "bismillah",
    "love": "sayangku123",
    "Indonesian for password": "katasandi1",
    "office": "imigrasi2026",
    "office and town": "ImigrasiBontang",
    "office, town, year": "imigrasi.bontang.2026!",
    "leet office": "1m1grasi!2026",
    "own name": "rinawulandari",
    "own name and a year": "Wulandari-87",
    "own name and a common tail": "rina123456",
    "own NIP": "198703152010012004",
    "own birthday": "15031987",
    "own birthday and name": "rina19870315",
    "own section": "verdokim-01",
    "full width": "ｐａｓｓｗｏｒｄ",
}


@pytest.mark.parametrize("typed", GOOD)
def test_long_and_unlikely_is_all_that_is_asked_for(typed):
    rules.check_password(typed, ABOUT)


@pytest.mark.parametrize("typed", BAD.values(), ids=BAD)
def test_what_would_be_tried_first_is_refused(typed):
    with pytest.raises(WeakPassword) as refused:
        rules.check_password(typed, ABOUT)
    assert refused.value.field == "password"
    assert typed == "" or typed not in refused.value.sentence


def test_64_signs_and_more_are_taken():
    rules.check_password("kuda laut " * 6 + "menari", ABOUT)
    assert rules.MIN_LENGTH == 8
    assert rules.MAX_LENGTH >= 64


def test_the_sentence_says_how_many_signs_are_missing():
    with pytest.raises(WeakPassword, match=r"paling pendek 8 tanda, yang Anda isi 5\. Lebih aman 15"):
        rules.check_password("x7#kQ")


def test_the_list_of_common_passwords_is_long_enough():
    long_enough = [one for one in rules.common_passwords() if len(one) >= rules.MIN_LENGTH]
    assert len(long_enough) > 3000


def test_somebody_without_a_name_can_be_judged():
    rules.check_password("kuda laut menari", ("", ""))


# -- codes

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
AT = 1_800_000_000.0
STEP = int(AT) // 30


def code(step: int) -> str:
    return pyotp.TOTP(SECRET).generate_otp(step)


@pytest.mark.parametrize(
    ("step", "last", "fits"),
    [
        (STEP, 0, STEP),
        (STEP - 1, 0, STEP - 1),
        (STEP + 1, 0, STEP + 1),
        (STEP - 2, 0, None),
        (STEP + 2, 0, None),
        (STEP, STEP, None),
        (STEP, STEP - 1, STEP),
        (STEP - 1, STEP, None),
        (STEP + 1, STEP, STEP + 1),
        (STEP + 1, STEP + 1, None),
    ],
    ids=["now", "before", "after", "too old", "too early", "again", "next", "older than spent", "newer", "again newer"],
)
def test_a_code_fits_one_step_around_and_once(step, last, fits):
    assert rules.fitting_step(SECRET, code(step), at=AT, last_step=last) == fits


@pytest.mark.parametrize("typed", ["000000", "", "12345", "１２３４５６", "\ud800"])
def test_another_code_fits_never(typed):
    assert typed == code(STEP) or rules.fitting_step(SECRET, typed, at=AT, last_step=0) is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", ("totp", "123456")),
        (" 123 456 ", ("totp", "123456")),
        ("１２３４５６", ("totp", "123456")),
        ("k7p2m-x4qrt", ("recovery", "K7P2MX4QRT")),
        ("K7P2MX4QRT", ("recovery", "K7P2MX4QRT")),
        ("K7P2M X4QRT", ("recovery", "K7P2MX4QRT")),
    ],
)
def test_codes_are_read_however_they_are_written(typed, read):
    assert rules.read_code(typed) == read


@pytest.mark.parametrize(
    "typed", ["", "   ", "12345", "1234567", "abcdef", "K7P2M-X4QR0", "K7P2M-X4QR", "'; --", "٦٤٧٤٩٩"]
)
def test_what_cannot_be_a_code_is_refused(typed):
    with pytest.raises(WrongCode):
        rules.read_code(typed)


def test_secrets_are_long_and_differ():
    made = {rules.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(one) for one in made} == {32}


def test_recovery_codes_have_more_than_20_bits():
    assert len(rules.RECOVERY_ALPHABET) ** rules.RECOVERY_LENGTH > 2**40
    assert rules.show_recovery("K7P2MX4QRT") == "K7P2M-X4QRT"


def test_the_address_for_the_app_fits_into_a_code():
    address = rules.app_address(SECRET, account="198703152010012004", issuer="Imigrasi Bontang")
    assert address.startswith("otpauth://totp/Imigrasi%20Bontang:198703152010012004?secret=")
    assert qr.matrix(address, max_version=9)


def test_an_account_waits_longer_than_an_address_and_nobody_for_ever():
    assert [rules.BY_ACCOUNT.wait(n) for n in (4, 5, 6, 7, 11, 12, 1000)] == [0, 15, 30, 60, 900, 900, 900]
    assert [rules.BY_ADDRESS.wait(n) for n in (49, 50, 51, 1000)] == [0, 5, 10, 300]
