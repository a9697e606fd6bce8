"""One's own account: password, second step, and the browsers in which one is signed in."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from flask import current_app, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.credentials import queries as credentials
from fieldops.core.credentials import rules as credential_rules
from fieldops.core.credentials import service as credential_service
from fieldops.core.people import forms, queries
from fieldops.core.people.routes import bp
from fieldops.core.people.routes.proof import device, is_proved, let_in, prove
from fieldops.core.people.routes.sign_in import about_person, signed_out
from fieldops.core.people.rules import NEED_SECOND_STEP, OWN, Means
from fieldops.core.people.service import entry
from fieldops.kit import clock, keys, passkeys, passwords, qr
from fieldops.kit.access import needs
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import refuse, summary
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from flask import Response

_SETUP_LIFE = timedelta(minutes=30)


def _me() -> queries.Member:
    with reading() as session:
        found = queries.person(session, current_user.id)
    if found is None:
        raise NotFound
    return found


@bp.get("/account")
@needs(OWN)
def account_show() -> Response:
    """Who I am here, how I get in, and where I am signed in."""
    with reading() as session:
        member = queries.person(session, current_user.id)
        held = credentials.held(session, current_user.id)
        sessions = queries.live_sessions(session, current_user.id, current_user.role, now=clock.now())
    return private(
        page(
            "people/account.html",
            member=member,
            held=held,
            sessions=sessions,
            own_session=current_user.session_id,
            must_have=current_user.role in NEED_SECOND_STEP,
        )
    )


@bp.post("/account/sessions/<uuid:session_id>/end")
@needs(OWN)
def session_end(session_id: UUID) -> Response:
    """End one of my sessions. This one: the same as signing out."""
    with transaction() as session:
        entry.end_one(session, session_id, current_user.id, actor=staff(current_user.id), now=clock.now())
    if session_id == current_user.session_id:
        return signed_out()
    return go(url_for(".account_show"))


@bp.post("/account/sessions/end-others")
@needs(OWN)
def session_end_others() -> Response:
    """End all my sessions but this one."""
    with transaction() as session:
        me = current_user
        entry.end_all(session, me.id, actor=staff(me.id), now=clock.now(), why="own", but=me.session_id)
    return go(url_for(".account_show"))


# -- password -----------------------------------------------------------------------------------------------------


def _password_page(form: Any, errors: list[tuple[str | None, str]], status: int) -> Response:
    return private(
        page(
            "people/account_password.html",
            status=status,
            member=_me(),
            form=form,
            proved=is_proved(),
            errors=errors,
        )
    )


@bp.get("/account/password")
@needs(OWN)
def password_edit() -> Response:
    """Choose another password."""
    return _password_page(forms.NewPasswordForm(), [], 200)


@bp.post("/account/password")
@needs(OWN)
def password_change() -> Response:
    """Another password, after proving who I am; every other session ends, and this one gets a new token."""
    form = forms.NewPasswordForm(request.form)
    typed = forms.read_new_password(form)
    if typed is None:
        return _password_page(form, summary(form), 422)
    member = _me()
    try:
        credential_rules.check_password(typed, about_person(member.facts))
        prove(form)
    except Refusal as refusal:
        return _password_page(form, refuse(form, refusal), refusal.status)
    made = passwords.make(typed)
    means = Means.PASSWORD if current_user.means is Means.LINK else current_user.means
    with transaction() as session:
        if not entry.lock_person(session, member.id):
            raise NotFound
        entry.renew_password(session, member.id, made, now=clock.now())
        token = entry.open_session(session, member.id, means, device=device(), now=clock.now())
    let_in(token)
    return go(url_for(".account_show"))


# -- second step --------------------------------------------------------------------------------------------------


def _seal(secret: str) -> str:
    """The new secret on its way through the page: sealed, bound to this person, with the time. GET keeps nothing."""
    text = f"{int(clock.now().timestamp())}:{secret}"
    return base64.urlsafe_b64encode(keys.seal(text, f"totp-new/{current_user.id}")).decode()


def _unseal(sealed: str) -> str | None:
    """The secret that was drawn; None when it is too old or not ours."""
    try:
        text = keys.unseal(base64.urlsafe_b64decode(sealed.encode()), f"totp-new/{current_user.id}")
    except (InvalidTag, binascii.Error, ValueError):
        return None
    made_at, _, secret = text.partition(":")
    too_old = int(made_at) < clock.now().timestamp() - _SETUP_LIFE.total_seconds()
    return None if too_old else secret


def _setup_page(secret: str, form: Any, errors: list[tuple[str | None, str]], status: int) -> Response:
    member = _me()
    issuer = current_app.extensions["fieldops.settings"].office_short
    account = member.facts.email or member.facts.nip or str(member.id)[:8]
    address = credential_rules.app_address(secret, account=account[:60], issuer=issuer[:30])
    try:
        drawn = qr.svg(address, label="Kode QR untuk aplikasi autentikator", size=240, max_version=9)
    except ValueError:  # an office with a very long name: the text below the code is enough
        drawn = ""
    return private(
        page(
            "people/factor_setup.html",
            status=status,
            qr_svg=drawn,
            secret=" ".join(secret[n : n + 4] for n in range(0, len(secret), 4)),
            sealed=_seal(secret),
            form=form,
            held=_held(),
            must=current_user.must_enrol,
            proved=is_proved(),
            errors=errors,
        )
    )


@bp.get("/account/second-step")
@needs(OWN)
def factor_new() -> Response:
    """A fresh secret as QR code and text, and a field for the first code. Nothing is kept yet."""
    return _setup_page(credential_rules.new_secret(), forms.CodeForm(), [], 200)


@bp.post("/account/second-step")
@needs(OWN)
def factor_set() -> Response:
    """From now on ask me for codes of this secret. Shows the recovery codes, once. Other sessions end."""
    form = forms.CodeForm(request.form)
    secret = _unseal(request.form.get("sealed", ""))
    if secret is None:
        errors: list[tuple[str | None, str]] = [(None, "Kode QR ini sudah terlalu lama. Pindai kode yang baru.")]
        return _setup_page(credential_rules.new_secret(), forms.CodeForm(), errors, 422)
    me, now = current_user, clock.now()
    try:
        credential_rules.read_code(form.code.data or "")
        prove(form)
        with transaction() as session:
            if not entry.lock_person(session, me.id):
                raise NotFound
            codes = credential_service.set_totp(
                session, me.id, secret, form.code.data or "", actor=staff(me.id), now=now
            )
            entry.end_all(session, me.id, actor=staff(me.id), now=now, why="second-step.set")
            token = entry.open_session(session, me.id, Means.TWO_STEP, device=device(), now=now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _setup_page(secret, form, refuse(form, refusal), refusal.status)
    let_in(token)
    return private(page("people/factor_codes.html", codes=codes, fresh=True))


def _held() -> credentials.Held:
    with reading() as session:
        return credentials.held(session, current_user.id)


def _codes_page(form: Any, errors: list[tuple[str | None, str]], status: int) -> Response:
    values = {"form": form, "held": _held(), "proved": is_proved(), "errors": errors}
    return private(page("people/factor_codes_new.html", status=status, **values))


def _remove_page(form: Any, errors: list[tuple[str | None, str]], status: int) -> Response:
    values = {"form": form, "held": _held(), "proved": is_proved(), "errors": errors}
    return private(page("people/factor_remove.html", status=status, **values))


@bp.get("/account/second-step/codes")
@needs(OWN)
def codes_new() -> Response:
    """Ask before the old recovery codes die."""
    return _codes_page(forms.ProofForm(), [], 200)


@bp.post("/account/second-step/codes")
@needs(OWN)
def codes_make() -> Response:
    """Ten new recovery codes, shown once."""
    form = forms.ProofForm(request.form)
    me = current_user
    with reading() as session:
        if not credentials.has_second_step(session, me.id):
            return go(url_for(".factor_new"))
    try:
        prove(form)
    except Refusal as refusal:
        return _codes_page(form, refuse(form, refusal), refusal.status)
    with transaction() as session:
        codes = credential_service.new_recovery_codes(session, me.id, actor=staff(me.id), now=clock.now())
    return private(page("people/factor_codes.html", codes=codes, fresh=False))


@bp.get("/account/second-step/remove")
@needs(OWN)
def factor_remove() -> Response:
    """Ask before the second step goes. Whoever must have one can only replace it."""
    if current_user.role in NEED_SECOND_STEP:
        return go(url_for(".factor_new"))
    return _remove_page(forms.ProofForm(), [], 200)


@bp.post("/account/second-step/remove")
@needs(OWN)
def factor_removed() -> Response:
    """The password alone is enough again, for whoever may have it so."""
    me = current_user
    if me.role in NEED_SECOND_STEP:
        return go(url_for(".factor_new"))
    form = forms.ProofForm(request.form)
    try:
        prove(form)
    except Refusal as refusal:
        return _remove_page(form, refuse(form, refusal), refusal.status)
    with transaction() as session:
        credential_service.drop_second_step(session, me.id, actor=staff(me.id), reason="own", now=clock.now())
        entry.end_all(session, me.id, actor=staff(me.id), now=clock.now(), why="second-step.drop", but=me.session_id)
    return go(url_for(".account_show"))


# -- passkeys -----------------------------------------------------------------------------------------------------


def _passkey_page(form: Any, errors: list[tuple[str | None, str]], status: int) -> Response:
    member = _me()
    office = current_app.extensions["fieldops.settings"]
    challenge, sealed = passkeys.new_challenge(f"passkey-new/{member.id}", now=clock.now().timestamp())
    return private(
        page(
            "people/passkey_new.html",
            status=status,
            form=form,
            challenge=challenge,
            sealed=sealed,
            rp=passkeys.host_of(office.staff_url),
            user=passkeys.text_of(member.id.bytes),
            user_name=member.facts.email or member.facts.nip or member.name,
            known=" ".join(passkeys.text_of(one.credential_id) for one in _held().passkeys),
            proved=is_proved(),
            errors=errors,
        )
    )


def _may_have_passkeys() -> bool:
    """Whoever must have a second step sets that up first: else a password alone could bring a passkey of a thief."""
    return current_user.role not in NEED_SECOND_STEP or _held().has_second_step


@bp.get("/account/passkeys/new")
@needs(OWN)
def passkey_new() -> Response:
    """Offer to make a passkey on this device. Nothing is kept yet."""
    if not _may_have_passkeys():
        return go(url_for(".factor_new"))
    return _passkey_page(forms.PasskeyForm(data={"name": device()}), [], 200)


@bp.post("/account/passkeys")
@needs(OWN)
def passkey_add() -> Response:
    """Keep a passkey that this device has made."""
    if not _may_have_passkeys():
        return go(url_for(".factor_new"))
    form = forms.PasskeyForm(request.form)
    me, now = current_user, clock.now()
    if not form.validate():
        return _passkey_page(form, summary(form), 422)
    try:
        prove(form)
        sealed, sent = request.form.get("challenge", ""), request.form.get("credential", "")
        challenge = passkeys.read_challenge(sealed, f"passkey-new/{me.id}", now=now.timestamp())
        key = passkeys.made(sent, challenge, url=current_app.extensions["fieldops.settings"].staff_url)
        with transaction() as session:
            if not entry.lock_person(session, me.id):
                raise NotFound
            credential_service.add_passkey(session, me.id, key, form.name.value, actor=staff(me.id), now=now)
    except passkeys.NotValid:
        return _passkey_page(form, [(None, "Kunci sandi belum jadi. Coba sekali lagi di perangkat ini.")], 422)
    except NotFound:
        raise
    except Refusal as refusal:
        return _passkey_page(form, refuse(form, refusal), refusal.status)
    return go(url_for(".account_show"))


def _passkey(passkey_id: UUID) -> credentials.PasskeyRow:
    found = next((one for one in _held().passkeys if one.id == passkey_id), None)
    if found is None:
        raise NotFound
    return found


def _passkey_remove_page(passkey_id: UUID, form: Any, errors: list[tuple[str | None, str]], status: int) -> Response:
    values = {"passkey": _passkey(passkey_id), "form": form, "proved": is_proved(), "errors": errors}
    return private(page("people/passkey_remove.html", status=status, **values))


@bp.get("/account/passkeys/<uuid:passkey_id>/remove")
@needs(OWN)
def passkey_remove(passkey_id: UUID) -> Response:
    """Ask before a passkey goes."""
    return _passkey_remove_page(passkey_id, forms.ProofForm(), [], 200)


@bp.post("/account/passkeys/<uuid:passkey_id>/remove")
@needs(OWN)
def passkey_removed(passkey_id: UUID) -> Response:
    """This passkey opens nothing any more."""
    _passkey(passkey_id)
    form = forms.ProofForm(request.form)
    me = current_user
    try:
        prove(form)
    except Refusal as refusal:
        return _passkey_remove_page(passkey_id, form, refuse(form, refusal), refusal.status)
    with transaction() as session:
        credential_service.remove_passkey(session, me.id, passkey_id, actor=staff(me.id), now=clock.now())
        entry.end_all(session, me.id, actor=staff(me.id), now=clock.now(), why="passkey.remove", but=me.session_id)
    return go(url_for(".account_show"))
