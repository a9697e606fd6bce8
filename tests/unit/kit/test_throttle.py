"""How guessing is slowed down: longer after each wrong try, never for ever, and closed when nothing can be counted."""

from __future__ import annotations

import threading

import pytest

from fieldops.kit import throttle
from fieldops.kit.throttle import Guess, Slowing, attempt, succeeded

SLOWING = Slowing(free=3, first=10, most=60)


@pytest.fixture(autouse=True)
def _own_file(tmp_path):
    throttle.use(tmp_path / "throttle.db")


def guess(who="a", what="test"):
    return Guess(what, who, SLOWING)


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 0), (1, 0), (2, 0), (3, 10), (4, 20), (5, 40), (6, 60), (7, 60), (5000, 60)]
)
def test_the_wait_doubles_up_to_its_most(tries, seconds):
    assert SLOWING.wait(tries) == seconds


def test_free_tries_then_a_wait_that_ends():
    assert [attempt([guess()], now=100.0) for _ in range(4)] == [0, 0, 0, 10]
    assert attempt([guess()], now=103.5) == 7
    assert attempt([guess("b")], now=103.5) == 0, "somebody else is not slowed down"
    assert attempt([guess()], now=110.0) == 0, "the wait is over"
    assert attempt([guess()], now=110.0) == 20


def test_a_try_that_comes_too_early_costs_nothing():
    for _ in range(3):
        attempt([guess()], now=100.0)
    assert {attempt([guess()], now=101.0) for _ in range(500)} == {9}
    assert attempt([guess()], now=110.0) == 0


def test_success_forgives_the_account_but_an_address_only_that_one_try():
    for _ in range(3):
        attempt([guess("account"), guess("address")], now=100.0)
    assert attempt([guess("account"), guess("address")], now=110.0) == 0
    succeeded(guess("account"), forgive=True)
    succeeded(guess("address"), forgive=False)
    assert [attempt([guess("account")], now=111.0) for _ in range(4)] == [0, 0, 0, 10]
    assert attempt([guess("address")], now=111.0) == 0, "three that failed before, and one that is taken back"
    assert attempt([guess("address")], now=111.0) == 20


def test_one_of_two_that_has_to_wait_holds_the_try_and_counts_nothing():
    for _ in range(3):
        attempt([guess("account")], now=100.0)
    for _ in range(50):
        assert attempt([guess("account"), guess("address")], now=105.0) == 5
    assert attempt([guess("address")], now=105.0) == 0


def test_all_is_forgotten_a_day_after_the_last_try():
    for _ in range(3):
        attempt([guess()], now=0.0)
    assert attempt([guess()], now=86_401.0) == 0
    assert attempt([guess()], now=86_401.0) == 0


def test_a_hundred_at_once_are_a_hundred():
    answers = []

    def one():
        answers.append(attempt([guess()], now=100.0))

    threads = [threading.Thread(target=one) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(0) == 3


def test_a_broken_file_opens_no_door(tmp_path):
    throttle.use(tmp_path)  # a folder is no database
    assert attempt([guess()], now=100.0) > 0
    assert not throttle.allow("x", "y", limit=5, seconds=60)
    succeeded(guess(), forgive=True)


def test_no_address_is_in_the_file(tmp_path):
    attempt([guess("203.0.113.7"), guess("dewi@example.go.id")], now=100.0)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"203.0.113.7" not in written
    assert b"dewi" not in written


def test_old_guesses_are_dropped_by_the_job(monkeypatch):
    for _ in range(3):
        attempt([guess()], now=100.0)
    throttle.forget()
    assert attempt([guess()], now=100.0) == 0


@pytest.mark.parametrize("office", range(40))
def test_the_first_visitors_of_a_new_office_are_not_refused_by_each_other(tmp_path, office):
    """Each thread opens the file for itself. It was made at the first try, and some of those that came together heard
    "too often"."""
    throttle.use(tmp_path / f"new-{office}.db")
    together, told = threading.Barrier(12), []

    def come() -> None:
        together.wait()
        told.append(throttle.allow("hold", "10.0.0.1", limit=20, seconds=3600))

    visitors = [threading.Thread(target=come) for _ in range(12)]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join()
    assert told == [True] * 12
