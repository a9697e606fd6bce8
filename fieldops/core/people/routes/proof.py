"""Letting in and proving once more: what the views of this part share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from flask import session as cookie
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.credentials import queries as credentials
from fieldops.core.credentials import rules as credential_rules
from fieldops.core.credentials import service as credential_service
from fieldops.core.credentials.rules import BY_ADDRESS, BY_CODE, WrongCode
from fieldops.core.people.rules import Me, NeedProof, NothingToProve, TooSoon, WrongProof
from fieldops.core.people.service import entry
from fieldops.kit import clock, devices, passwords, throttle
from fieldops.kit.db import reading, transaction
from fieldops.kit.throttle import Guess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def let_in(token: str) -> None:
    """The cookie holds the session's token and nothing else; what was in it before is gone."""
    cookie.clear()
    cookie["_user_id"] = token
    cookie.permanent = True


def device() -> str:
    """This browser in words."""
    return devices.describe(request.headers.get("User-Agent", ""))


def end_old_session(session: Session) -> None:
    """Whoever signs in anew in a browser leaves no session behind in it."""
    me = current_user._get_current_object()
    if isinstance(me, Me):
        entry.end_session(session, me.session_id, me.id, now=clock.now())


def address_guess() -> Guess:
    return Guess("sign-in from", request.remote_addr or "", BY_ADDRESS)


def slow_down(guesses: Sequence[Guess], *, field: str) -> None:
    """Count one try. Refuses (TooSoon) with the time to wait."""
    now = clock.now().timestamp()
    wait = throttle.attempt(guesses, now=now)
    if wait:
        for guess in guesses:
            if throttle.waits(guess, now=now):
                note_limit(guess.what, guess.who)
        raise TooSoon(wait, field=field)


_LIMIT_WINDOW = 600


def note_limit(what: str, who: str) -> None:
    """Somebody was refused because he tried too often: into the audit log, once in ten minutes for each of them.

    Whom the code or the proof was for is a person; a typed name or an address is kept as a keyed hash.
    """
    if not throttle.first(what, who, seconds=_LIMIT_WINDOW):
        return
    with transaction() as session:
        entry.limited(session, what, who, now=clock.now())


def is_proved() -> bool:
    """Whether the signed-in person proved who he is in the last ten minutes."""
    return bool(current_user.is_proved(clock.now()))


def prove(form: Any) -> None:
    """Let pass whoever proved himself minutes ago, or does so with what he typed into `proof`.

    Refuses NeedProof, WrongProof, NothingToProve, TooSoon.
    """
    if is_proved():
        return
    typed = form.proof.data or ""
    me: Me = current_user._get_current_object()
    with reading() as session:
        kept = credentials.kept_hash(session, me.id)
        has_code = credentials.has_second_step(session, me.id)
    if kept is None and not has_code:
        raise NothingToProve
    if not typed.strip():
        raise NeedProof
    guess = Guess("proof", str(me.id), BY_CODE)
    slow_down([guess], field="proof")
    code = _is_code(typed) if has_code else False
    fits = not code and passwords.fits(kept, typed)
    with transaction() as session:
        if code:
            fits = credential_service.spend_code(session, me.id, typed, actor=staff(me.id), now=clock.now())
        if fits:
            entry.note_proved(session, me.session_id, now=clock.now())
        else:
            entry.refused(session, me.id, "proof", now=clock.now())
    if not fits:
        raise WrongProof
    throttle.succeeded(guess, forgive=True)


def _is_code(typed: str) -> bool:
    try:
        return credential_rules.read_code(typed)[0] == "totp"
    except WrongCode:
        return False
