"""Ways in for the tests: people with an e-mail, a password and an app that makes codes."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any
from uuid import UUID

import cbor2
import pyotp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import update

from fieldops.core.audit.rules import staff
from fieldops.core.credentials import rules as credential_rules
from fieldops.core.credentials import service as credentials
from fieldops.core.people.models import Person
from fieldops.kit import clock, passkeys, passwords
from tests.client import STAFF_HOST, Client
from tests.make import made

if TYPE_CHECKING:
    from flask import Flask

    from tests.client import Answer

PASSWORD = "kuda laut menari pelan"
_HASH = passwords.make(PASSWORD)


def email_of(person_id: UUID) -> str:
    return f"p{person_id.hex[:10]}@kanim.example"


def give_password(person_id: UUID, typed: str = PASSWORD) -> str:
    """Give somebody an e-mail and a password; returns the e-mail."""
    kept = _HASH if typed == PASSWORD else passwords.make(typed)

    def give(session: Any) -> None:
        session.execute(update(Person).where(Person.id == person_id).values(email=email_of(person_id)))
        credentials.set_password(session, person_id, kept, actor=staff(person_id), now=clock.now())

    made(give)
    return email_of(person_id)


def give_app(person_id: UUID) -> tuple[str, tuple[str, ...]]:
    """Give somebody an authenticator app; returns its secret and the recovery codes. Its present code is spent."""
    secret = credential_rules.new_secret()
    codes = made(credentials.set_totp, person_id, secret, code(secret), actor=staff(person_id), now=clock.now())
    return secret, codes


def code(secret: str, *, later: int = 0) -> str:
    """What the app shows now, or so many steps of 30 seconds later."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * later)


def browser(app: Flask) -> Client:
    """A browser on the staff host in which nobody is signed in."""
    return Client(app, STAFF_HOST)


def try_in(one: Client, login: str, typed: str = PASSWORD, *, expected: int = 303, **options: Any) -> Answer:
    """Send the sign-in form."""
    page = one.get("people.sign_in")
    form = page.form("/sign-in").values
    return one.post_url("/sign-in", {**form, "login": login, "password": typed}, _expected=expected, **options)


def enter(app: Flask, person_id: UUID, *, app_secret: str = "") -> Client:
    """A browser in which this person, who has a password, has just signed in."""
    one = browser(app)
    answer = try_in(one, email_of(person_id))
    if app_secret:
        one.submit(one.follow(answer), {"code": code(app_secret, later=1)})
    return one


class Phone:
    """A phone that keeps one passkey, as WebAuthn wants it. Lies when it is asked to."""

    def __init__(self, origin: str = f"http://{STAFF_HOST}") -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0

    def _client(self, kind: str, challenge: str, origin: str | None) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": origin or self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _about(self, flags: int, rp: str) -> bytes:
        return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def make(self, challenge: str, *, origin: str | None = None, rp: str = "localhost", flags: int = 0x45) -> str:
        """What the browser sends when a passkey is made."""
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        about = self._about(flags, rp) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public)
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        client = self._client("webauthn.create", challenge, origin)
        return self._answer({"attestationObject": attested, "clientDataJSON": client})

    def sign(
        self, challenge: str, *, origin: str | None = None, rp: str = "localhost", flags: int = 0x05, count: int = 1
    ) -> str:
        """What it sends to sign in."""
        self.count += count
        about = self._about(flags, rp)
        client = self._client("webauthn.get", challenge, origin)
        signature = self.key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"authenticatorData": about, "clientDataJSON": client, "signature": signature})

    def _answer(self, parts: dict[str, bytes]) -> str:
        texts = {name: passkeys.text_of(data) for name, data in parts.items()}
        name = passkeys.text_of(self.id)
        answer = {"id": name, "rawId": name, "type": "public-key", "response": texts, "clientExtensionResults": {}}
        return json.dumps(answer)
