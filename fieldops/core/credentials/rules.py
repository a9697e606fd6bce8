"""What a good password is, which one-time codes fit, and how guessing is slowed down."""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import pyotp

from fieldops.kit.errors import Refusal
from fieldops.kit.throttle import Slowing

MIN_LENGTH, ADVISED_LENGTH, MAX_LENGTH = 8, 15, 256
"""ASVS 5.0.0 V6.2.1 asks for 8 and advises 15; at least 64 must be taken. 256 keeps a hash from being a burden."""

STEP_SECONDS = 30
RECOVERY_CODES = 10
RECOVERY_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RECOVERY_LENGTH = 10
MOST_PASSKEYS = 10

# An account: five tries at once, then 15, 30, 60 … seconds, at most a quarter of an hour. An address serves a whole
# office behind one line, so it gets more.
BY_ACCOUNT = Slowing(free=5, first=15, most=900)
BY_ADDRESS = Slowing(free=50, first=5, most=300)
BY_CODE = Slowing(free=5, first=15, most=900)


class WeakPassword(Refusal):
    sentence = "Kata sandi ini terlalu mudah ditebak. Pilih yang lain, misalnya empat kata yang tidak berhubungan."
    field = "password"


class WrongCode(Refusal):
    sentence = "Kode belum cocok. Tulis 6 angka yang tampil sekarang; kode yang sudah dipakai tidak berlaku lagi."
    field = "code"


class PasskeyKnown(Refusal):
    sentence = "Kunci sandi ini sudah terdaftar."


class PasskeyFailed(Refusal):
    """One sentence for every reason."""

    sentence = "Kunci sandi belum cocok. Coba lagi, atau masuk dengan kata sandi."


# -- passwords ----------------------------------------------------------------------------------------------------

# What the list of common passwords, made by people elsewhere, does not know. Ours: used by many in Indonesia.
_HERE = """
    indonesia merdeka pancasila nusantara garuda bismillah alhamdulillah assalamualaikum subhanallah sayangku cintaku
    katasandi katakunci sandisaya rahasia rahasiaku passwordku akusayangkamu akucintakamu sayangkamu kucinta anakku
    istriku suamiku bundaku mamaku papaku ayahku keluarga keluargaku persija persib arema persebaya jakarta bandung
    surabaya samarinda balikpapan makassar yogyakarta kalimantan borneo bontang sangatta kutaitimur kutimkaltim
    semangat selamat selamatpagi terimakasih bahagia bintang matahari rembulan pelangi jomblo ganteng cantik gantengku
    imigrasi imigrasiku paspor pasporku kanimbontang imigrasibontang petugas pegawai kantor pelayanan
"""

# Words that everybody in the office would try.
OFFICE_WORDS = (
    *("imigrasi", "paspor", "passport", "bontang", "kutai", "timur", "kaltim", "kalimantan", "kanim", "kantor"),
    *("petugas", "pegawai", "layanan", "kasubsi", "admin", "administrator", "auditor", "fieldops", "persari"),
    *("verdokim", "inteldakim", "katasandi", "password", "sandi", "rahasia", "indonesia"),
)

_LEET = str.maketrans("013457@$!", "oieast" + "asi")


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """About 30,000 passwords that leaked most often (from the package zxcvbn), and ours. Read once, when needed."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"]) | frozenset(_HERE.split())


def _bare(text: str) -> str:
    """The word inside: without the digits and signs that people put before and behind it."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def check_password(typed: str, about: Iterable[str] = ()) -> None:
    """Refuse (WeakPassword) what is too short or would be tried first. `about` is what is known of the person.

    Any signs are taken, and nothing is asked for but length: no capitals, no digits, no change after some months.
    """
    plain = unicodedata.normalize("NFKC", typed)
    if len(plain) < MIN_LENGTH:
        raise WeakPassword(
            f"Kata sandi paling pendek {MIN_LENGTH} tanda, yang Anda isi {len(plain)}. "
            f"Lebih aman {ADVISED_LENGTH} atau lebih, misalnya empat kata."
        )
    if len(plain) > MAX_LENGTH:
        raise WeakPassword(f"Kata sandi paling panjang {MAX_LENGTH} tanda, yang Anda isi {len(plain)}.")
    folded = plain.casefold()
    common = common_passwords()
    unit = _unit(folded)
    for text in (folded, unit, folded.translate(_LEET)):
        bare = _bare(text)
        if text in common or (bare in common and len(text) - len(bare) <= 6) or len(set(text)) < 4:
            raise WeakPassword
    left = _without(folded, about)
    if left is not None and (len(left) < 6 or left in common or _bare(left) in common):
        raise WeakPassword("Kata sandi ini memuat nama, NIP, atau nama kantor. Pilih kata lain.")


def _unit(text: str) -> str:
    """What a text repeats: `abcabcabc` is `abc`."""
    return text[: (text + text).find(text, 1)]


def _without(folded: str, about: Iterable[str]) -> str | None:
    """What is left of letters and digits when the known words are taken out; None when none of them was in it."""
    words = {piece for text in about for piece in _pieces(text)} | set(OFFICE_WORDS)
    for text in (folded, folded.translate(_LEET)):
        left = text
        for word in sorted(words, key=len, reverse=True):
            left = left.replace(word, "")
        if left != text:
            return re.sub(r"[\W_]", "", left)
    return None


def _pieces(text: str) -> set[str]:
    """The words of a name or an address; of an NIP also the birthday in it, in both orders."""
    found = {word for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= 3}
    if re.fullmatch(r"\d{18}", text):
        found |= {text[:8], f"{text[6:8]}{text[4:6]}{text[:4]}"}
    return found


# -- one-time codes -----------------------------------------------------------------------------------------------


def new_secret() -> str:
    """A secret for an authenticator app: 160 random bits."""
    return pyotp.random_base32(32)


def app_address(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code for the app says."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def fitting_step(secret: str, typed: str, *, at: float, last_step: int) -> int | None:
    """The step of time whose code this is: the present one, the one before or the one after, and none that is not
    newer than the last that was spent. So a code works once."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(at) // STEP_SECONDS
    fitting = None
    for step in (present - 1, present, present + 1):
        same = hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode("utf-8", "replace"))
        if same and step > last_step:
            fitting = step
    return fitting


def read_code(typed: str) -> tuple[str, str]:
    """('totp', six digits) or ('recovery', ten signs). Refuses (WrongCode) what can be neither."""
    text = re.sub(r"[\s\-.]", "", unicodedata.normalize("NFKC", typed)).upper()
    if re.fullmatch(r"[0-9]{6}", text):
        return "totp", text
    if len(text) == RECOVERY_LENGTH and set(text) <= set(RECOVERY_ALPHABET):
        return "recovery", text
    if not text:
        raise WrongCode("Isi kode 6 angka dari aplikasi, atau satu kode cadangan.")
    raise WrongCode


def show_recovery(code: str) -> str:
    """K7P2M-X4QRT."""
    return f"{code[:5]}-{code[5:]}"
