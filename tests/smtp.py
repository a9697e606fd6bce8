"""A mail server on this machine for the tests: takes what it is sent, and misbehaves where a test tells it to."""

from __future__ import annotations

import base64
import email
import email.policy
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fieldops.settings import Smtp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

DROP, SILENCE = "drop", "silence"
"""Instead of an answer: hang up, or say nothing until the other side goes."""


@dataclass(frozen=True)
class Taken:
    """A mail that the server said it has."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        return self.message.get_content().replace("\r\n", "\n")


@dataclass
class MailServer:
    """`answers` maps a moment (greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, end, QUIT) to another answer, for
    example {'RCPT': '550 5.1.1 no such user'}; a list gives one answer after the other, then the usual one."""

    port: int = 0
    certificate: ssl.SSLContext | None = None
    from_the_first_byte: bool = False
    answers: dict[str, str | list[str]] = field(default_factory=dict)
    mails: list[Taken] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def smtp(self, security: str = "none", host: str = "127.0.0.1", user: str = "", password: str = "") -> Smtp:
        """The setting that leads here."""
        return Smtp(host, self.port, security, user, password)

    def answer(self, moment: str, usual: str) -> str:
        found = self.answers.get(moment, usual)
        if isinstance(found, list):
            found = found.pop(0) if found else usual
        return found


class _Gone(Exception):  # noqa: N818 (the house word)
    """The conversation is over."""


class _Talk:
    """One connection."""

    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self.encrypted = False
        self.buffer = b""
        self.sender, self.recipients = "", []

    def run(self) -> None:
        if self.server.from_the_first_byte:
            self._encrypt()
        self._say("greeting", "220 mail.test ESMTP")
        while True:
            line = self._line().decode("ascii")
            self.server.said.append(line)
            self._one(line.partition(" ")[0].upper(), line)

    def _one(self, verb: str, line: str) -> None:
        if verb in {"EHLO", "HELO"}:
            offers = ["mail.test", "AUTH PLAIN", "8BITMIME"]
            if self.server.certificate and not self.encrypted:
                offers.append("STARTTLS")
            lines = [f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"]
            self._say("EHLO", "\r\n".join(lines))
        elif verb == "STARTTLS":
            self._say("STARTTLS", "220 go ahead")
            self._encrypt()
        elif verb == "AUTH":
            self._say("AUTH", "235 welcome")
            self.server.signed_in.append(base64.b64decode(line.split()[2]).decode())
        elif verb == "MAIL":
            self.sender, self.recipients = line.partition(":")[2].split()[0], []
            self._say("MAIL", "250 ok")
        elif verb == "RCPT":
            self.recipients.append(line.partition(":")[2].split()[0])
            self._say("RCPT", "250 ok")
        elif verb == "DATA":
            if self._say("DATA", "354 go on").startswith("354"):
                self._data()
        elif verb == "QUIT":
            self._say("QUIT", "221 bye")
            raise _Gone
        else:
            self._say(verb, "250 ok")

    def _data(self) -> None:
        raw = b""
        while (line := self._line()) != b".":
            raw += line.removeprefix(b".") + b"\r\n"
        taken = Taken(self.sender, tuple(self.recipients), raw, self.encrypted)
        usual = "250 taken"
        answer = self.server.answer("end", usual)
        if answer in {usual, "taken, then drop"}:
            self.server.mails.append(taken)
        self._send(DROP if answer == "taken, then drop" else answer)

    def _say(self, moment: str, usual: str) -> str:
        answer = self.server.answer(moment, usual)
        self._send(answer)
        return answer

    def _send(self, answer: str) -> None:
        if answer == DROP:
            raise _Gone
        if answer == SILENCE:
            while not self.server.closing.is_set():
                if not self.connection.recv(4096):
                    break
            raise _Gone
        self.connection.sendall(answer.encode() + b"\r\n")

    def _line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            more = self.connection.recv(4096)
            if not more:
                raise _Gone
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def _encrypt(self) -> None:
        assert self.server.certificate is not None
        self.connection = self.server.certificate.wrap_socket(self.connection, server_side=True)
        self.encrypted = True


def _talk(server: MailServer, connection: socket.socket) -> None:
    connection.settimeout(10)
    talk = _Talk(server, connection)
    try:
        with suppress(_Gone, OSError):
            talk.run()
    finally:
        talk.connection.close()
        connection.close()


@contextmanager
def mail_server(**options: object) -> Iterator[MailServer]:
    """A server on a port of its own for the time of a `with` block."""
    server = MailServer(**options)  # type: ignore[arg-type]
    talks: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.port = listening.getsockname()[1]

        def accept() -> None:
            while True:
                connection, _ = listening.accept()
                if server.closing.is_set():
                    connection.close()
                    return
                talks.append(threading.Thread(target=_talk, args=(server, connection)))
                talks[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            server.closing.set()
            socket.create_connection(("127.0.0.1", server.port)).close()
            accepting.join(10)
            for one in talks:
                one.join(15)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate of this machine for an hour: the server's side of it, and that of a client who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))
