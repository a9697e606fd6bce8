"""Mail against a server on this machine, which takes it, refuses it, falls silent or hangs up."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from fieldops.kit import mail
from fieldops.kit.mail import NotSent
from fieldops.settings import Smtp
from tests.smtp import DROP, SILENCE, MailServer, certificate, mail_server

if TYPE_CHECKING:
    from email.message import EmailMessage

SENDER, TO = "fieldops@kantor.example", "rina@kantor.example"
WHEN = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def compose(**changes: Any) -> EmailMessage:
    about: dict[str, Any] = {
        "sender": SENDER,
        "sender_name": "Imigrasi Bontang",
        "to": TO,
        "subject": "Jadwal terbit",
        "text": "Anda bertugas Sabtu – pukul 08.00 WITA.\n.\nSelesai\n",
        "message_id": "1@petugas.example",
        "date": WHEN,
    }
    return mail.compose(**{**about, **changes})


def send(server: MailServer, security: str = "none", **options: Any) -> None:
    to = options.pop("to", TO)
    smtp = options.pop("smtp", None) or server.smtp(security)
    mail.send(
        smtp, compose(), sender=SENDER, to=to, hello="petugas.example", timeout=options.pop("timeout", 5), **options
    )


def test_a_mail_arrives_as_it_was_written() -> None:
    with mail_server() as server:
        send(server)
    (taken,) = server.mails
    assert (taken.sender, taken.recipients) == (f"<{SENDER}>", (f"<{TO}>",))
    message = taken.message
    assert message["From"] == f"Imigrasi Bontang <{SENDER}>"
    assert (message["To"], message["Subject"]) == (TO, "Jadwal terbit")
    assert (message["Message-ID"], message["Auto-Submitted"]) == ("<1@petugas.example>", "auto-generated")
    assert message["Date"] == "Wed, 25 Nov 2026 02:00:00 +0000"
    assert message.get_content_type() == "text/plain"
    assert taken.text == "Anda bertugas Sabtu – pukul 08.00 WITA.\n.\nSelesai\n"
    assert server.said[0] == "ehlo petugas.example"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_line_breaks_in_a_name_or_a_subject_add_no_header_and_no_recipient(end: str) -> None:
    evil = f"Rina{end}Bcc: evil@evil.example{end}{end}Isi lain"
    message = compose(subject=evil, sender_name=evil)
    heads = bytes(message).partition(b"\n\n")[0].decode()
    assert {line.partition(":")[0] for line in heads.splitlines() if line[:1] not in " \t"} == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    }
    assert message["Bcc"] is None
    assert message["Subject"] == "Rina Bcc: evil@evil.example Isi lain"


@pytest.mark.parametrize(
    "address",
    [
        *("", "rina", "rina@", "@kantor.example", "a@b@c", "rina@kantor.example\r\nRCPT TO:<x@evil.example>"),
        *(
            "rina@kantor.example, x@evil.example",
            "<rina@kantor.example>",
            "ri na@kantor.example",
            "rína@kantor.example",
        ),
        *("rina@kantor.example\n", "a" * 65 + "@kantor.example"),
    ],
)
def test_an_address_that_is_none_is_refused_for_good(address: str) -> None:
    with pytest.raises(NotSent, match="address") as told:
        compose(to=address)
    assert told.value.permanent


# what the server says, when -> the class, permanent, all alike
ANSWERS = {
    "busy at the greeting": ({"greeting": "421 too busy"}, "connect 421", False, True),
    "no service": ({"greeting": "554 no service"}, "connect 554", False, True),
    "no hello": ({"EHLO": "550 no"}, "connect 550", False, True),
    "sender deferred": ({"MAIL": "451 later"}, "busy 451", False, False),
    "sender refused": ({"MAIL": "550 not you"}, "refused 550", True, False),
    "recipient deferred": ({"RCPT": "450 greylisted"}, "busy 450", False, False),
    "recipient unknown": ({"RCPT": "550 5.1.1 rina@kantor.example unknown"}, "refused 550", True, False),
    "closing down": ({"RCPT": "421 closing"}, "busy 421", False, True),
    "text deferred": ({"DATA": "452 full"}, "busy 452", False, False),
    "text refused": ({"end": "554 spam"}, "refused 554", True, False),
    "text deferred at the end": ({"end": "451 disk"}, "busy 451", False, False),
    "hangs up at the greeting": ({"greeting": DROP}, "hung-up", False, True),
    "hangs up at the recipient": ({"RCPT": DROP}, "hung-up", False, False),
    "hangs up after the text": ({"end": DROP}, "hung-up", False, False),
    "silent at the greeting": ({"greeting": SILENCE}, "timeout", False, True),
    "silent at the recipient": ({"RCPT": SILENCE}, "timeout", False, True),
    "silent after the text": ({"end": SILENCE}, "timeout", False, True),
    "no answer of mail at all": ({"greeting": "HTTP/1.1 400 Bad Request"}, "connect -1", False, True),
}


@pytest.mark.parametrize(("answers", "what", "permanent", "all_alike"), ANSWERS.values(), ids=ANSWERS)
def test_what_goes_wrong_is_told_by_its_class(
    answers: dict[str, str], what: str, permanent: bool, all_alike: bool
) -> None:
    with mail_server(answers=answers) as server:
        with pytest.raises(NotSent) as told:
            send(server, timeout=0.3)
        assert server.mails == []
    assert (told.value.what, told.value.permanent, told.value.all_alike) == (what, permanent, all_alike)
    assert "kantor" not in str(told.value), "no address in the class"
    assert told.value.__suppress_context__


@pytest.mark.parametrize("quit_with", [DROP, SILENCE, "500 what"])
def test_a_mail_that_was_taken_is_out_however_they_part(quit_with: str) -> None:
    with mail_server(answers={"QUIT": quit_with}) as server:
        send(server, timeout=0.3)
        assert len(server.mails) == 1


def test_nobody_at_the_port_is_a_connection_that_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for host in ("127.0.0.1", "a..b"):
        with pytest.raises(NotSent) as told:
            mail.send(Smtp(host, port, "none"), compose(), sender=SENDER, to=TO, hello="x", timeout=2)
        assert (told.value.what, told.value.all_alike, told.value.permanent) == ("connect", True, False)


# -- encryption and signing in


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_encrypted_way_is_used_before_the_password_and_the_mail(tmp_path: Any, security: str) -> None:
    theirs, ours = certificate(tmp_path)
    with mail_server(certificate=theirs, from_the_first_byte=security == "tls") as server:
        send(server, smtp=server.smtp(security, user="office", password="p w"), context=ours)
    assert [one.encrypted for one in server.mails] == [True]
    assert server.signed_in == ["\0office\0p w"]
    if security == "starttls":
        assert [line.split()[0].upper() for line in server.said][:3] == ["EHLO", "STARTTLS", "EHLO"]


def test_without_starttls_neither_password_nor_mail_is_sent() -> None:
    with mail_server() as server, pytest.raises(NotSent, match="tls") as told:
        send(server, smtp=server.smtp("starttls", user="office", password="secret"))
    assert (told.value.permanent, told.value.all_alike) == (False, True)
    assert [line.split()[0].upper() for line in server.said] == ["EHLO"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_nobody_we_trust_gets_nothing(tmp_path: Any, security: str) -> None:
    theirs, _ = certificate(tmp_path)
    with mail_server(certificate=theirs, from_the_first_byte=security == "tls") as server:
        with pytest.raises(NotSent, match="tls"):
            send(server, smtp=server.smtp(security, user="office", password="secret"))
        assert server.mails == []
        assert server.signed_in == []


def test_a_certificate_of_another_name_gets_nothing(tmp_path: Any) -> None:
    theirs, ours = certificate(tmp_path)
    with mail_server(certificate=theirs) as server, pytest.raises(NotSent, match="tls"):
        send(server, smtp=server.smtp("starttls", host="localhost"), context=ours)


@pytest.mark.parametrize(("answer", "what"), [("535 5.7.8 bad password", "login 535"), ("454 later", "login 454")])
def test_a_refused_password_is_ours_to_mend_and_no_mail_is_lost_by_it(answer: str, what: str) -> None:
    with mail_server(answers={"AUTH": answer}) as server, pytest.raises(NotSent) as told:
        send(server, smtp=server.smtp(user="office", password="secret"))
    assert (told.value.what, told.value.permanent, told.value.all_alike) == (what, False, True)
