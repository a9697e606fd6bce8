"""Hashes of passwords."""

from __future__ import annotations

from argon2 import PasswordHasher

from fieldops.kit import passwords


def test_a_password_opens_its_hash_and_no_other():
    kept = passwords.make("kuda laut menari")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits(kept, "kuda laut menari")
    assert not passwords.fits(kept, "kuda laut menar1")
    assert not passwords.fits(kept, "")
    assert passwords.make("kuda laut menari") != kept, "every hash has its own salt"


def test_without_a_hash_one_is_verified_all_the_same(monkeypatch):
    seen = []
    hasher = passwords._hasher

    class Spy:
        def verify(self, kept, typed):
            seen.append(kept)
            return hasher.verify(kept, typed)

    monkeypatch.setattr(passwords, "_hasher", Spy())
    passwords._nobody.cache_clear()
    monkeypatch.setattr(Spy, "hash", lambda _self, typed: hasher.hash(typed), raising=False)
    assert not passwords.fits(None, "x")
    assert not passwords.fits(None, "nobody's password")
    assert len(seen) == 2
    passwords._nobody.cache_clear()
    # The same work: same algorithm, same parameters.
    assert seen[0].rsplit("$", 2)[0] == passwords.make("x").rsplit("$", 2)[0]


def test_what_is_no_hash_opens_nothing():
    assert not passwords.fits("", "x")
    assert not passwords.fits("plain", "plain")


def test_the_same_letters_from_another_keyboard_are_the_same_password():
    assert passwords.fits(passwords.make("café-kopi-susu"), "cafe\u0301-kopi-susu")


def test_lone_surrogates_and_long_texts_do_not_break_it():
    assert passwords.fits(passwords.make("\ud800" + "😀" * 64), "\ud800" + "😀" * 64)


def test_a_hash_with_other_parameters_is_old():
    assert passwords.is_old(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))
    assert not passwords.is_old(passwords.make("x"))
