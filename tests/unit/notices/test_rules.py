"""What may stand in a notice, when a mail is tried again, and what a mail says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fieldops.core.notices import rules
from fieldops.core.notices.rules import BadNotice, Letter
from fieldops.settings import ROOT

GOOD = {"kind": "roster.publish", "title": "Jadwal terbit", "body": "Sabtu", "link": "/weekend/days", "key": "r:1"}


def text(**changes: str) -> rules.Text:
    return rules.text(**{**GOOD, **changes})


def test_the_delays_grow_from_a_minute_to_a_day_and_then_it_is_given_up() -> None:
    minutes = []
    for tries in range(1, 9):
        wait = rules.next_try(tries)
        minutes.append(wait and wait.total_seconds() / 60)
    assert minutes == [1, 5, 30, 120, 360, 1440, None, None]


def test_a_lease_is_longer_than_a_slow_server_may_take_for_all_its_answers() -> None:
    from fieldops.kit import mail

    assert timedelta(seconds=mail.TIMEOUT) * 12 < rules.LEASE


@pytest.mark.parametrize(
    "link",
    [
        *("/weekend/days", "/people/0c5e?from=list#p-1", "/", "/a//b", "/inbox?next=https://evil.example"),
        "/x" + "a" * 298,
    ],
)
def test_a_path_of_this_host_is_a_link(link: str) -> None:
    assert text(link=link).link == link


@pytest.mark.parametrize(
    "link",
    [
        *("", "weekend/days", "//evil.example", "///evil.example", "https://evil.example/", "javascript:alert(1)"),
        *("/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "/a b", "/\u2028", " /a"),
        *("/a\u202e", "mailto:a@b.example", "/x" + "a" * 299),
    ],
)
def test_a_link_that_leads_elsewhere_is_refused(link: str) -> None:
    with pytest.raises(BadNotice, match="path of the staff pages"):
        text(link=link)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "title"),
        ({"title": " \n\x00 "}, "title"),
        ({"key": ""}, "key"),
        ({"key": "k" * 121}, "key"),
        ({"kind": ""}, "kind"),
        ({"kind": "Roster"}, "kind"),
        ({"kind": "roster publish"}, "kind"),
        ({"kind": "k" * 41}, "kind"),
    ],
)
def test_what_no_notice_may_hold_is_refused(changes: dict[str, str], said: str) -> None:
    with pytest.raises(BadNotice, match=said):
        text(**changes)


def test_a_nik_that_somebody_typed_is_hidden_and_stops_nothing() -> None:
    said = text(title="Batal: NIK 6474990000000001", body="pemohon (6474990000000001) sakit")
    assert said.title == f"Batal: NIK {rules.HIDDEN}"
    assert said.body == f"pemohon ({rules.HIDDEN}) sakit"


def test_the_number_of_a_civil_servant_is_no_nik() -> None:
    assert "198501012010011001" in text(body="NIP 198501012010011001").body


def test_a_long_name_is_cut_and_stops_nothing() -> None:
    said = text(title="Tugas " + "Abdurrahmansyah " * 20, body="a" * 2000)
    assert len(said.title) <= rules.TITLE
    assert said.title.endswith("…")
    assert len(said.body) == rules.BODY


def test_line_breaks_leave_the_title_and_stay_in_the_body_and_control_signs_leave_both() -> None:
    said = text(title="Jadwal\r\nBcc: x@evil.example\x00", body="satu\r\n\r\n  dua\x07\u202e\u2028tiga ")
    assert said.title == "Jadwal Bcc: x@evil.example"
    assert said.body == "satu\n\ndua\ntiga"


def test_a_mail_greets_says_all_and_leads_to_the_notices_own_page() -> None:
    letter = Letter(UUID(int=1), "Rina\r\nX: y", "r@k.example", "Jadwal", "Sabtu", 1, datetime(2026, 1, 1, tzinfo=UTC))
    said = rules.mail_text(letter, url="https://staff.example/inbox/1", office="Kantor Imigrasi")
    assert said.startswith("Yth. Rina X: y,\n\nJadwal\n\nSabtu\n\n")
    assert "\nhttps://staff.example/inbox/1\n" in said
    assert "matikan email" in said
    assert said.endswith("Kantor Imigrasi\n")


def test_every_class_of_error_has_words_and_no_words_are_left_over() -> None:
    kit = (ROOT / "fieldops" / "kit" / "mail.py").read_text(encoding="utf-8")
    service = (ROOT / "fieldops" / "core" / "notices" / "service.py").read_text(encoding="utf-8")
    classes = set(re.findall(r'NotSent\(f?"([a-z-]+)', kit)) | set(re.findall(r'stage = "([a-z-]+)"', kit))
    classes |= set(re.findall(r'_give_up\(session, row\.id, "([a-z-]+)"', service))
    assert len(classes) > 7
    assert classes == set(rules._WORDS)


def test_the_code_of_an_answer_stands_behind_the_words() -> None:
    assert rules.error_words("refused 550") == "Server email menolak (550)"
    assert rules.error_words("timeout") == "Server email tidak menjawab"


@pytest.mark.parametrize(
    ("unread", "label", "shown"),
    [
        (0, "Pemberitahuan, semua sudah dibaca", "0"),
        (3, "3 pemberitahuan belum dibaca", "3"),
        (99, "99 pemberitahuan belum dibaca", "99"),
        (100, "99+ pemberitahuan belum dibaca", "99+"),
    ],
)
def test_the_number_of_unread_is_said_in_words(unread: int, label: str, shown: str) -> None:
    assert (rules.unread_label(unread), rules.unread_count(unread)) == (label, shown)
