"""The settings: what starts, and everything unsafe or incomplete that must not."""

from __future__ import annotations

import stat

import pytest

from fieldops.settings import UnsafeSettings, load

SECRET = "x" * 32


def env(tmp_path, **changes: str) -> dict[str, str]:
    return {"FIELDOPS_VAR": str(tmp_path / "var"), "FIELDOPS_SECRET": SECRET} | {
        f"FIELDOPS_{name}": value for name, value in changes.items()
    }


def test_a_fresh_machine_gets_two_local_hosts_and_a_file_of_its_own(tmp_path) -> None:
    found = load(env(tmp_path))
    assert (found.public_host, found.staff_host) == ("127.0.0.1:8000", "localhost:8000")
    assert found.database_url == f"sqlite:///{tmp_path}/var/fieldops.db"
    assert found.is_sqlite
    assert (found.count_by, found.retention_days, found.trusted_hops, found.hold_minutes) == ("issue", 90, 0, 10)


def test_the_port_moves_both_hosts(tmp_path) -> None:
    found = load(env(tmp_path, PORT="9000"))
    assert (found.public_url, found.staff_url) == ("http://127.0.0.1:9000", "http://localhost:9000")


def test_hosts_of_the_real_office_are_https(tmp_path) -> None:
    found = load(env(tmp_path, PUBLIC_URL="https://antre.example/", STAFF_URL="https://petugas.example"))
    assert (found.public_url, found.staff_host) == ("https://antre.example", "petugas.example")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"PUBLIC_URL": "http://antre.example"}, "FIELDOPS_PUBLIC_URL must be https"),
        ({"STAFF_URL": "http://192.168.1.5:8000"}, "FIELDOPS_STAFF_URL must be https"),
        ({"PUBLIC_URL": "http://localhost.evil.example"}, "must be https"),
        ({"PUBLIC_URL": "antre.example"}, "must look like https://host"),
        ({"PUBLIC_URL": "ftp://antre.example"}, "must look like https://host"),
        ({"PUBLIC_URL": "https://antre.example/booking"}, "must look like https://host"),
        ({"PUBLIC_URL": "https://a.example", "STAFF_URL": "https://a.example/"}, "must be two hosts"),
        ({"COUNT_BY": "arrival"}, "FIELDOPS_COUNT_BY"),
        ({"HOLD_MINUTES": "9"}, "FIELDOPS_HOLD_MINUTES"),
        ({"HOLD_MINUTES": "ten"}, "not a number"),
        ({"RETENTION_DAYS": "3 bulan"}, "not a number"),
        ({"TRUSTED_HOPS": ""}, "not a number"),
        ({"SLOT_MEMORY_SECONDS": "x"}, "not a number"),
        ({"SECRET": "short"}, "at least 32"),
    ],
)
def test_what_is_unsafe_or_unreadable_does_not_start(tmp_path, changes: dict[str, str], said: str) -> None:
    with pytest.raises(UnsafeSettings, match=said):
        load(env(tmp_path, **changes))


@pytest.mark.parametrize("changes", [{"RETENTION_DAYS": "-1"}, {"TRUSTED_HOPS": "-1"}, {"SLOT_MEMORY_SECONDS": "-1"}])
def test_a_number_below_zero_does_not_start(tmp_path, changes: dict[str, str]) -> None:
    with pytest.raises(UnsafeSettings):
        load(env(tmp_path, **changes))


def test_the_rule_of_compensation_is_off_until_the_office_sets_one(tmp_path) -> None:
    assert load(env(tmp_path)).compensation == {}
    assert load(env(tmp_path, COMPENSATION=" ")).compensation == {}
    ordinary = load(env(tmp_path, COMPENSATION="half=240, full=420, days=90")).compensation
    assert ordinary == {"half": 240, "full": 420, "days": 90, "holiday-half": 240, "holiday-full": 420}
    holidays = load(env(tmp_path, COMPENSATION="half=240,full=420,days=90,holiday-half=120,holiday-full=240"))
    assert (holidays.compensation["holiday-half"], holidays.compensation["holiday-full"]) == (120, 240)


@pytest.mark.parametrize(
    "rule",
    [
        *(
            "240:1,420:2;90",
            "half=240,full=420",
            "half=240,days=90",
            "full=420,days=90",
            "half=240,full=420,days=90,x=1",
        ),
        *("half=,full=420,days=90", "half=-1,full=420,days=90", "half=4.5,full=420,days=90", "half=²,full=420,days=90"),
        *("half=240,half=240,full=420,days=90", "half=420,full=240,days=90", "half=0,full=420,days=90", ","),
        *("half=240,full=1441,days=90", "half=240,full=420,days=0", "half=240,full=420,days=731"),
        "half=240,full=420,days=90,holiday-half=500",
    ],
)
def test_a_rule_of_compensation_that_cannot_be_read_does_not_start(tmp_path, rule: str) -> None:
    with pytest.raises(UnsafeSettings, match="FIELDOPS_COMPENSATION"):
        load(env(tmp_path, COMPENSATION=rule))


def test_without_a_key_nothing_starts_and_init_makes_one_for_its_owner_only(tmp_path) -> None:
    without = {"FIELDOPS_VAR": str(tmp_path / "var")}
    with pytest.raises(UnsafeSettings, match="fieldops init"):
        load(without)
    assert not (tmp_path / "var").exists(), "a refused start leaves nothing behind"
    first = load(without, create=True)
    file = tmp_path / "var" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(first.secret) == 64
    assert load(without).secret == load(without, create=True).secret == first.secret


def test_a_key_that_others_can_read_does_not_start(tmp_path) -> None:
    without = {"FIELDOPS_VAR": str(tmp_path / "var")}
    load(without, create=True)
    (tmp_path / "var" / "secret.key").chmod(0o640)
    with pytest.raises(UnsafeSettings, match="chmod 600"):
        load(without)


def test_an_empty_key_does_not_start(tmp_path) -> None:
    without = {"FIELDOPS_VAR": str(tmp_path)}
    (tmp_path / "secret.key").touch(0o600)
    with pytest.raises(UnsafeSettings):
        load(without)
