"""Asking for the mobile service: one form, a private link, a code to find it again. Complete without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from fieldops.core.booking.routes.public import busy
from fieldops.core.booking.rules import read_code
from fieldops.core.files import queries as files
from fieldops.core.files.routes import letter_in
from fieldops.core.files.rules import FileTooLarge, NoFile
from fieldops.kit import clock, throttle
from fieldops.kit.access import public
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, refuse, summary
from fieldops.kit.page import go, page, private
from fieldops.loktuan.requests import forms, queries, rules, service
from fieldops.loktuan.requests.queries import SOURCE
from fieldops.loktuan.requests.routes import Errors, fill_areas, sent, sent_key, take_files
from fieldops.loktuan.routes import public_bp as bp

if TYPE_CHECKING:
    from flask import Response

    from fieldops.loktuan.requests.queries import RequestRow


def _form_page(form: forms.RequestForm, key: str, errors: Errors, status: int) -> Response:
    with reading() as session:
        fill_areas(form, session)
    return private(
        page(
            "loktuan/ask.html",
            status=status,
            form=form,
            key=key,
            errors=errors,
            usual=rules.USUAL_PEOPLE,
            today=clock.today(),
            ahead=rules.LOOK_AHEAD,
        )
    )


@bp.get("/loktuan/minta")
@public
def request_new() -> Response:
    """An empty form."""
    return _form_page(forms.RequestForm(), new_key(), [], 200)


@bp.post("/loktuan/minta")
@public
def request_create() -> Response:
    """Keep the request. What is wrong comes back with all that was typed, but for the file."""
    take_files()
    try:
        key = sent_key()
        form, facts, letter = sent()
    except RequestEntityTooLarge:  # nothing of it was read, so the browser's Back has more than we have
        form = forms.RequestForm()
        form.letter.errors = [FileTooLarge.sentence + " Kembali dengan tombol peramban: isian Anda masih ada di sana."]
        return _form_page(form, new_key(), summary(form), 413)
    if facts is None:
        return _form_page(form, key, summary(form), 422)
    if request.form.get("website"):
        abort(422)
    if not throttle.allow("request", request.remote_addr or "", limit=20, seconds=600):
        return busy()
    try:
        asked = again_when_stale(
            lambda session: service.ask(session, facts, form_key=key, letter=letter, now=clock.now())
        )
    except Refusal as refusal:
        errors = refuse(form, refusal)
        forms.put_at_letter(form, None, was_sent=letter is not None)
        return _form_page(form, key, errors, 422)
    return go(url_for(".request_show", token=asked.token))


def _own(token: str) -> RequestRow:
    """The request of this token; wrong and old links get one neutral answer."""
    with reading() as session:
        found = queries.by_token(session, token.upper())
    if found is None:
        raise NotFound("Permintaan tidak ditemukan.")
    return found


def _show(row: RequestRow, errors: Errors, status: int) -> Response:
    with reading() as session:
        letters = files.files_of(session, SOURCE, str(row.id))
        trip = queries.told_trip(session, row.id)
    return private(page("loktuan/asked.html", status=status, row=row, letters=letters, trip=trip, errors=errors))


@bp.get("/L/<token>")
@public
def request_show(token: str) -> Response:
    """How far a request is, and what happens next."""
    return _show(_own(token), [], 200)


@bp.post("/L/<token>/tarik")
@public
def request_withdraw(token: str) -> Response:
    """Take it back."""
    row = _own(token)
    try:
        with transaction() as session:
            service.withdraw(session, row.id, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(_own(token), [(None, refusal.sentence)], refusal.status)
    return go(url_for(".request_show", token=row.token))


@bp.post("/L/<token>/surat")
@public
def request_attach(token: str) -> Response:
    """Attach the letter later."""
    take_files()
    row = _own(token)
    if not throttle.allow("letter", request.remote_addr or "", limit=20, seconds=600):
        return busy()
    try:
        letter = letter_in("letter")
        if letter is None:
            raise NoFile(field="letter")
        with transaction() as session:
            service.attach(session, row.id, letter, now=clock.now())
    except NotFound:
        raise
    except RequestEntityTooLarge:
        return _show(row, [("letter", FileTooLarge.sentence)], 413)
    except Refusal as refusal:
        at = None if isinstance(refusal, rules.NoLongerOpen) else "letter"  # its form is gone by then
        return _show(_own(token), [(at, refusal.sentence)], refusal.status)
    return go(url_for(".request_show", token=row.token))


@bp.get("/loktuan/cek")
@public
def request_find() -> Response:
    """Find a request again."""
    return private(page("loktuan/find.html", form=forms.FindForm(), errors=[]))


@bp.post("/loktuan/cek")
@public
def request_found() -> Response:
    """Code and last four digits together, or one neutral answer; slowed down by address and by code."""
    form = forms.FindForm(request.form)
    code = read_code(form.code.data or "")
    last4 = "".join(sign for sign in form.last4.data or "" if sign.isdigit())[-4:]
    if not throttle.allow("find", request.remote_addr or "", limit=60, seconds=600) or not throttle.allow(
        "find-code", code or (form.code.data or "")[:20], limit=10, seconds=600
    ):
        return busy()
    with reading() as session:
        found = queries.by_code(session, code or "-")
    if found is None or not found.phone_last4 or found.phone_last4 != last4:
        errors = [(form.code.id, "Permintaan tidak ditemukan. Periksa kode dan 4 angka terakhir nomor ponsel.")]
        return private(page("loktuan/find.html", status=422, form=form, errors=errors))
    return go(url_for(".request_show", token=found.token))
