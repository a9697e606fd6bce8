"""Signing in with a password and a code, or with a single-use link; choosing a password; signing out.

A link shows a button; only the button spends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import abort, current_app, request, url_for
from flask import session as cookie
from flask_login import current_user

from fieldops.core.credentials import queries as credentials
from fieldops.core.credentials import rules as credential_rules
from fieldops.core.credentials import service as credential_service
from fieldops.core.credentials.rules import BY_ACCOUNT, BY_CODE, WrongCode
from fieldops.core.people import forms, queries
from fieldops.core.people.routes import bp
from fieldops.core.people.routes.proof import address_guess, device, end_old_session, let_in, note_limit, slow_down
from fieldops.core.people.rules import LinkDead, Me, SignInFailed, StepOver, TooSoon, facts
from fieldops.core.people.service import entry
from fieldops.kit import clock, passkeys, passwords, throttle
from fieldops.kit.access import local_path, signing_in
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import Refusal
from fieldops.kit.forms import refuse, summary
from fieldops.kit.page import go, page, private
from fieldops.kit.throttle import Guess

if TYPE_CHECKING:
    from flask import Response

    from fieldops.core.people.queries import PersonRow
    from fieldops.core.people.service.entry import Entered

_NOBODY = UUID(int=0)


def _onward() -> str:
    return local_path(request.values.get("next"), url_for("booking.desk_today"))


def _form_page(form: Any, errors: list[tuple[str | None, str]], status: int) -> Response:
    challenge, sealed = passkeys.new_challenge("passkey", now=clock.now().timestamp())
    return private(
        page(
            "people/sign_in.html",
            status=status,
            form=form,
            onward=_onward(),
            challenge=challenge,
            sealed=sealed,
            rp=passkeys.host_of(_staff_url()),
            errors=errors,
        )
    )


def _staff_url() -> str:
    return str(current_app.extensions["fieldops.settings"].staff_url)


def _wait(answer: Response, refusal: Refusal) -> Response:
    """Says to programs too how long to wait."""
    if isinstance(refusal, TooSoon):
        answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


@bp.get("/sign-in")
@signing_in
def sign_in() -> Response:
    """Asks for name and password; a person who is in already moves on."""
    if current_user.is_authenticated:
        return go(_onward())
    return _form_page(forms.SignInForm(), [], 200)


@bp.post("/sign-in")
@signing_in
def sign_in_try() -> Response:
    """The first step. Known and unknown people go the same way through it: one look, one hash, one line in the log."""
    form = forms.SignInForm(request.form)
    kind, value = facts.read_sign_in_name(form.login.data or "")
    typed = form.password.data or ""
    if not value:
        form.login.errors = ["Isi e-mail atau NIP Anda."]
    if not typed:
        form.password.errors = ["Isi kata sandi Anda."]
    if not value or not typed:
        return _form_page(form, summary(form), 422)
    account, address = Guess("sign-in as", value, BY_ACCOUNT), address_guess()
    try:
        slow_down([account, address], field="password")
        entered = _by_password(kind, value, typed)
    except Refusal as refusal:
        return _wait(_form_page(form, refuse(form, refusal), refusal.status), refusal)
    throttle.succeeded(account, forgive=True)
    throttle.succeeded(address, forgive=False)
    return _go_in(entered)


def _by_password(kind: str, value: str, typed: str) -> Entered:
    """Refuses SignInFailed, whatever the reason."""
    with reading() as session:
        person_id = queries.by_sign_in_name(session, kind, value)
        kept = credentials.kept_hash(session, person_id or _NOBODY)
    fits = passwords.fits(kept, typed)
    renewed = passwords.make(typed) if fits and kept is not None and passwords.is_old(kept) else None
    entered = None
    with transaction() as session:
        if fits and person_id is not None and kept is not None:
            entered = entry.enter_by_password(session, person_id, kept, device=device(), now=clock.now())
            end_old_session(session)
            if renewed is not None:
                credential_service.renew_hash(session, person_id, kept, renewed)
        else:
            entry.refused(session, person_id, "password", now=clock.now())
    if entered is None:
        raise SignInFailed
    return entered


def _go_in(entered: Entered) -> Response:
    """On to the pages, or to the second step. What the cookie held before is gone in both cases."""
    if not entered.needs_code:
        let_in(entered.token)
        return go(_onward())
    cookie.clear()
    cookie["step"] = entered.token
    onward = _onward()
    return go(url_for(".step_show", next=onward if onward != url_for("booking.desk_today") else None))


@bp.post("/sign-in/passkey")
@signing_in
def passkey_try() -> Response:
    """Both steps at once: the phone has checked its owner, and signed our challenge."""
    address = address_guess()
    try:
        slow_down([address], field="login")
        token = _by_passkey(request.form.get("credential", ""), request.form.get("challenge", ""))
    except Refusal as refusal:
        return _wait(_form_page(forms.SignInForm(), [(None, refusal.sentence)], refusal.status), refusal)
    throttle.succeeded(address, forgive=False)
    let_in(token)
    return go(_onward())


def _by_passkey(sent: str, sealed: str) -> str:
    """Refuses PasskeyFailed, whatever the reason."""
    found, token, now = None, None, clock.now()
    try:
        challenge = passkeys.read_challenge(sealed, "passkey", now=now.timestamp())
        credential_id = passkeys.credential_id(sent)
        with reading() as session:
            found = credentials.public_key(session, credential_id)
        if found is not None:
            key, seen = found.public_key, found.sign_count
            count = passkeys.answered(sent, challenge, url=_staff_url(), public_key=key, sign_count=seen)
            with transaction() as session:
                token = entry.enter_by_passkey(
                    session,
                    found.person_id,
                    credential_id,
                    seen=seen,
                    count=count,
                    challenge=challenge,
                    device=device(),
                    now=now,
                )
                if token is not None:
                    end_old_session(session)
    except passkeys.NotValid:
        token = None
    if token is None:
        with transaction() as session:
            entry.refused(session, found.person_id if found else None, "passkey", now=now)
        raise credential_rules.PasskeyFailed
    return token


# -- the second step ----------------------------------------------------------------------------------------------


def _half_in() -> PersonRow | None:
    token = cookie.get("step")
    if not isinstance(token, str):
        return None
    with reading() as session:
        return queries.link_person(session, token, purpose="step", now=clock.now())


def _step_page(person: PersonRow, form: Any, errors: list[tuple[str | None, str]], status: int) -> Response:
    return private(
        page("people/second_step.html", status=status, person=person, form=form, onward=_onward(), errors=errors)
    )


def _step_over() -> Response:
    return _form_page(forms.SignInForm(), [(None, StepOver.sentence)], 422)


@bp.get("/second-step")
@signing_in
def step_show() -> Response:
    """Asks for a code of the app."""
    person = _half_in()
    if person is None:
        return go(url_for(".sign_in", next=request.args.get("next")))
    return _step_page(person, forms.CodeForm(), [], 200)


@bp.post("/second-step")
@signing_in
def step_try() -> Response:
    """The second step: a code of the app, or a recovery code. Only now there is a session."""
    person = _half_in()
    if person is None:
        return _step_over()
    form = forms.CodeForm(request.form)
    typed = form.code.data or ""
    guess, address = Guess("code of", str(person.id), BY_CODE), address_guess()
    try:
        credential_rules.read_code(typed)
        slow_down([guess, address], field="code")
        with transaction() as session:
            token = entry.finish_step(session, cookie["step"], typed, device=device(), now=clock.now())
            if token is None:
                entry.refused(session, person.id, "code", now=clock.now())
        if token is None:
            raise WrongCode
    except StepOver:
        return _step_over()
    except Refusal as refusal:
        return _wait(_step_page(person, form, refuse(form, refusal), refusal.status), refusal)
    throttle.succeeded(guess, forgive=True)
    throttle.succeeded(address, forgive=False)
    let_in(token)
    return go(_onward())


# -- links --------------------------------------------------------------------------------------------------------


@bp.get("/sign-in/<token>")
@signing_in
def link_show(token: str) -> Response:
    """Whom the link is for. Changes nothing: chat programs open links to preview them."""
    with reading() as session:
        person = queries.link_person(session, token, now=clock.now())
    if person is None:
        return private(page("people/link_dead.html", status=404))
    return private(page("people/link_show.html", person=person, token=token))


def _not_too_often() -> None:
    address = request.remote_addr or ""
    if not throttle.allow("sign-in", address, limit=30, seconds=600):
        note_limit("link from", address)
        abort(429)


@bp.post("/sign-in/<token>")
@signing_in
def link_use(token: str) -> Response:
    """Spend the link, start a session with a fresh token."""
    _not_too_often()
    try:
        with transaction() as session:
            entered = entry.use_link(session, token, device=device(), now=clock.now())
            end_old_session(session)
    except LinkDead:
        return private(page("people/link_dead.html", status=404))
    return _go_in(entered)


@bp.get("/password/<token>")
@signing_in
def password_show(token: str) -> Response:
    """Whom the invitation is for, and the form for his new password. Changes nothing."""
    with reading() as session:
        person = queries.link_person(session, token, purpose="password", now=clock.now())
    if person is None:
        return private(page("people/link_dead.html", status=404))
    return _password_page(token, person.id, forms.NewPasswordForm(), [], 200)


def _password_page(
    token: str, person_id: UUID, form: Any, errors: list[tuple[str | None, str]], status: int
) -> Response:
    with reading() as session:
        person = queries.person(session, person_id)
    if person is None:
        return private(page("people/link_dead.html", status=404))
    return private(
        page("people/password_link.html", status=status, token=token, person=person, form=form, errors=errors)
    )


@bp.post("/password/<token>")
@signing_in
def password_choose(token: str) -> Response:
    """Take the new password, spend the invitation, end every session of before; a second step is asked for as ever."""
    _not_too_often()
    with reading() as session:
        row = queries.link_person(session, token, purpose="password", now=clock.now())
        person = queries.person(session, row.id) if row else None
    if person is None:
        return private(page("people/link_dead.html", status=404))
    form = forms.NewPasswordForm(request.form)
    typed = forms.read_new_password(form)
    if typed is None:
        return _password_page(token, person.id, form, summary(form), 422)
    try:
        credential_rules.check_password(typed, about_person(person.facts))
        made = passwords.make(typed)
        with transaction() as session:
            entered = entry.use_password_link(session, token, made, device=device(), now=clock.now())
            end_old_session(session)
    except LinkDead:
        return private(page("people/link_dead.html", status=404))
    except Refusal as refusal:
        return _password_page(token, person.id, form, refuse(form, refusal), refusal.status)
    return _go_in(entered)


def about_person(known: facts.Facts) -> tuple[str, ...]:
    """What everybody knows of a person, so that it is no password."""
    return (known.name, known.email, known.nip, known.section)


# -- out ----------------------------------------------------------------------------------------------------------


@bp.post("/sign-out")
@signing_in
def sign_out() -> Response:
    """End this session on the server, then clear the browser."""
    if isinstance(current_user._get_current_object(), Me):
        with transaction() as session:
            entry.end_session(session, current_user.session_id, current_user.id, now=clock.now())
    return signed_out()


def signed_out() -> Response:
    """Back to the sign-in page with an empty browser."""
    cookie.clear()
    answer = go(url_for("people.sign_in"))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
