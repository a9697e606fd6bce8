"""The settings: what starts, and everything unsafe or incomplete that must not."""

from __future__ import annotations

import stat

import pytest

from fieldops.core.roster.rules.fitness import LIMITS
from fieldops.settings import Smtp, UnsafeSettings, load

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


@pytest.mark.parametrize(
    "changes",
    [
        {"RETENTION_DAYS": "-1"},
        {"NOTICE_DAYS": "0"},
        {"BLANKS_RESERVE": "-1"},
        {"ABSENCE_NOTE_DAYS": "0"},
        {"TRUSTED_HOPS": "-1"},
        {"SLOT_MEMORY_SECONDS": "-1"},
    ],
)
def test_a_number_that_is_too_small_does_not_start(tmp_path, changes: dict[str, str]) -> None:
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


def test_the_limits_of_the_roster_are_those_of_the_rules_until_the_office_sets_its_own(tmp_path) -> None:
    found = load(env(tmp_path))
    asked = (LIMITS.rest.total_seconds() / 3600, LIMITS.days_in_row, LIMITS.hours_in_24.total_seconds() / 3600)
    assert (found.roster_rest_hours, found.roster_days_in_row, found.roster_day_hours) == asked
    own = load(env(tmp_path, ROSTER_REST_HOURS="9", ROSTER_DAYS_IN_ROW="1", ROSTER_DAY_HOURS="10"))
    assert (own.roster_rest_hours, own.roster_days_in_row, own.roster_day_hours) == (9, 1, 10)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("ROSTER_REST_HOURS", text) for text in ("7", "25", "-11", "11.5", "sebelas", "¹1")),
        *(("ROSTER_DAYS_IN_ROW", text) for text in ("0", "5")),
        *(("ROSTER_DAY_HOURS", text) for text in ("3", "17")),
    ],
)
def test_a_limit_of_the_roster_that_is_unsafe_does_not_start(tmp_path, name: str, wrong: str) -> None:
    with pytest.raises(UnsafeSettings, match=f"FIELDOPS_{name}"):
        load(env(tmp_path, **{name: wrong}))


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


# -- mail

FROM = "fieldops@kantor.example"


def test_without_a_server_mail_is_off(tmp_path) -> None:
    found = load(env(tmp_path, MAIL_FROM=FROM))
    assert (found.smtp, found.mail_from, found.notice_days) == (None, "", 180)


@pytest.mark.parametrize(
    ("url", "smtp"),
    [
        ("smtp://mail.example", Smtp("mail.example", 587, "starttls")),
        ("smtp://mail.example:25/", Smtp("mail.example", 25, "starttls")),
        ("smtps://mail.example", Smtp("mail.example", 465, "tls")),
        ("smtp://office:p%40%3Aw%2F%23@mail.example", Smtp("mail.example", 587, "starttls", "office", "p@:w/#")),
        (
            "smtp://office%40kantor.example:pw@MAIL.example",
            Smtp("mail.example", 587, "starttls", "office@kantor.example", "pw"),
        ),
        ("smtp://127.0.0.1", Smtp("127.0.0.1", 587, "starttls")),
        ("smtp://127.0.0.1:25?starttls=no", Smtp("127.0.0.1", 25, "none")),
        ("smtp://localhost:25?starttls=no", Smtp("localhost", 25, "none")),
        ("smtp://[::1]:25?starttls=no", Smtp("::1", 25, "none")),
    ],
)
def test_a_server_of_mail_is_understood(tmp_path, url: str, smtp: Smtp) -> None:
    found = load(env(tmp_path, SMTP_URL=url, MAIL_FROM=FROM))
    assert (found.smtp, found.mail_from) == (smtp, FROM)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mail.example", "must look like"),
        ("https://mail.example", "must look like"),
        ("smtp://", "must look like"),
        ("smtp://:587", "must look like"),
        ("smtp://mail.example/inbox", "must look like"),
        ("smtp://office:secret#1@mail.example", "must look like|port"),
        ("smtp://office:secret/1@mail.example", "port is a number"),
        ("smtp://mail.example:70000", "port is a number"),
        ("smtp://mail.example:smtp", "port is a number"),
        ("smtp://[mail.example", "port is a number"),
        ("smtp://mail.example?starttls=no", "this machine only"),
        ("smtp://localhost.evil.example?starttls=no", "this machine only"),
        ("smtps://localhost?starttls=no", "this machine only"),
        ("smtp://mail.example?starttls=maybe", "only option"),
        ("smtp://mail.example?tls=no", "only option"),
        ("smtp://office@mail.example", "user and password"),
        ("smtp://:secret@mail.example", "user and password"),
        ("smtp://office:sec%0Aret@mail.example", "control sign"),
        ("smtp://office:s%C3%A9cret@mail.example", "ASCII"),
        ("smtp://mail.example\r\n", "blank or a control sign"),
        (" smtp://mail.example", "blank or a control sign"),
    ],
)
def test_a_server_of_mail_that_is_unsafe_or_unreadable_does_not_start(tmp_path, url: str, said: str) -> None:
    with pytest.raises(UnsafeSettings, match=said) as told:
        load(env(tmp_path, SMTP_URL=url, MAIL_FROM=FROM))
    assert "FIELDOPS_SMTP_URL" in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "sender",
    ["", "fieldops", "a@b@c", "FieldOps <a@b.example>", "a@b.example\nBcc: c@d.example", "a@b.example,c@d.example"],
)
def test_mail_needs_one_address_to_come_from(tmp_path, sender: str) -> None:
    with pytest.raises(UnsafeSettings, match="FIELDOPS_MAIL_FROM"):
        load(env(tmp_path, SMTP_URL="smtp://mail.example", MAIL_FROM=sender))
