"""Requests at the office: the list, one request, the answer, and one entered for somebody who brought a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import abort, current_app, request, url_for
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from fieldops.core.audit.rules import staff
from fieldops.core.files import queries as files
from fieldops.core.files.routes import answer, letter_in
from fieldops.core.files.rules import FileTooLarge, NoFile
from fieldops.core.people import queries as people
from fieldops.kit import clock, keys
from fieldops.kit.access import needs
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, refuse, summary
from fieldops.kit.page import go, page, private
from fieldops.loktuan.requests import forms, queries, rules, service
from fieldops.loktuan.requests.queries import SOURCE
from fieldops.loktuan.requests.routes import Errors, fill_areas, sent, sent_key, take_files
from fieldops.loktuan.requests.rules import State
from fieldops.loktuan.routes import bp

if TYPE_CHECKING:
    from flask import Response

    from fieldops.loktuan.requests.queries import Contact, RequestRow


@bp.get("/requests")
@needs("request.read")
def request_list() -> Response:
    """Requests, those that wait first; beside each how often the mobile service was in its kecamatan."""
    asked = request.args.get("state", "")
    state = next((one for one in State if one.value == asked), None)
    typed = request.args.get("page", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and 1 <= len(typed) <= 3 and int(typed) else 1
    with reading() as session:
        found = queries.listing(session, state, page=number)
        rhythms = queries.rhythms(session, {row.area_code for row in found.rows}, now=clock.now())
    return private(
        page("loktuan/request_list.html", found=found, rhythms=rhythms, state=state, states=list(State), number=number)
    )


def _load(request_id: UUID) -> RequestRow:
    with reading() as session:
        found = queries.one(session, request_id)
    if found is None:
        raise NotFound
    return found


def _show(
    request_id: UUID, form: forms.DecisionForm, errors: Errors, status: int, *, contact: Contact | None = None
) -> Response:
    with reading() as session:
        row = queries.one(session, request_id)
        if row is None:
            raise NotFound
        letters = files.files_of(session, SOURCE, str(request_id))
        rhythm = queries.rhythms(session, [row.area_code], now=clock.now(), month=row.wanted_from)[row.area_code]
        trip, planned = queries.told_trip(session, request_id), queries.trips_of(session, request_id)
        names = people.names(session, {one for one in (row.made_by, row.decided_by) if one})
    phone = ""
    if contact is not None and contact.phone_sealed is not None:
        phone = keys.unseal(contact.phone_sealed, str(request_id)).replace("+62", "0")
    return private(
        page(
            "loktuan/request_show.html",
            status=status,
            row=row,
            letters=letters,
            rhythm=rhythm,
            names=names,
            contact=contact,
            phone=phone,
            trip=trip,
            planned=planned,
            public_url=current_app.extensions["fieldops.settings"].public_url,
            form=form,
            errors=errors,
        )
    )


@bp.get("/requests/<uuid:request_id>")
@needs("request.read")
def request_show(request_id: UUID) -> Response:
    """One request without the contact, which is read by a button of its own."""
    return _show(request_id, forms.DecisionForm(), [], 200)


@bp.post("/requests/<uuid:request_id>/contact")
@needs("request.decide")
def request_contact(request_id: UUID) -> Response:
    """The same page with contact and names. It is a POST because the reading itself is written down; it answers with
    the page, since an address that shows them again would be a reading nobody wrote down."""
    with transaction() as session:
        found = service.read_contact(session, request_id, actor=staff(current_user.id), now=clock.now())
    return _show(request_id, forms.DecisionForm(), [], 200, contact=found)


@bp.post("/requests/<uuid:request_id>/decide")
@needs("request.decide")
def request_decide(request_id: UUID) -> Response:
    """Accept or decline."""
    decision = request.form.get("decision", "")
    form = forms.DecisionForm(request.form)
    _load(request_id)
    if decision not in {State.ACCEPTED.value, State.DECLINED.value}:
        abort(422)
    reason, actor = form.reason.data or "", staff(current_user.id)
    try:
        with transaction() as session:
            service.decide(session, request_id, State(decision), reason=reason, actor=actor, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(request_id, form, refuse(form, refusal), refusal.status)
    return go(url_for(".request_show", request_id=request_id))


@bp.post("/requests/<uuid:request_id>/files/<uuid:file_id>")
@needs("request.decide")
def request_file(request_id: UUID, file_id: UUID) -> Response:
    """A letter of a request: for those who answer it, because the contact stands in it. A POST, as the contact is."""
    with transaction() as session:
        found = service.read_letter(session, request_id, file_id, actor=staff(current_user.id), now=clock.now())
    return answer(found)


@bp.post("/requests/<uuid:request_id>/letter")
@needs("request.decide")
def request_attach(request_id: UUID) -> Response:
    """Attach a letter that came by post or mail after the request."""
    take_files()
    try:
        letter = letter_in("letter")
        if letter is None:
            raise NoFile(field="letter")
        with transaction() as session:
            service.attach(session, request_id, letter, actor=staff(current_user.id), now=clock.now())
    except NotFound:
        raise
    except RequestEntityTooLarge:
        return _show(request_id, forms.DecisionForm(), [("letter", FileTooLarge.sentence)], 413)
    except Refusal as refusal:
        at = None if isinstance(refusal, rules.NoLongerOpen) else "letter"
        return _show(request_id, forms.DecisionForm(), [(at, refusal.sentence)], refusal.status)
    return go(url_for(".request_show", request_id=request_id))


def _form_page(form: forms.RequestForm, key: str, errors: Errors, status: int) -> Response:
    with reading() as session:
        fill_areas(form, session)
    return private(
        page(
            "loktuan/request_new.html",
            status=status,
            form=form,
            key=key,
            errors=errors,
            usual=rules.USUAL_PEOPLE,
            today=clock.today(),
            ahead=rules.LOOK_AHEAD,
        )
    )


@bp.get("/requests/new")
@needs("request.decide")
def request_new() -> Response:
    """A form for somebody who came with a letter."""
    return _form_page(forms.RequestForm(), new_key(), [], 200)


@bp.post("/requests")
@needs("request.decide")
def request_create() -> Response:
    """Keep it, with who entered it."""
    take_files()
    try:
        key = sent_key()
        form, facts, letter = sent()
    except RequestEntityTooLarge:
        form = forms.RequestForm()
        form.letter.errors = [FileTooLarge.sentence + " Kembali dengan tombol peramban: isian Anda masih ada di sana."]
        return _form_page(form, new_key(), summary(form), 413)
    if facts is None:
        return _form_page(form, key, summary(form), 422)
    who = UUID(str(current_user.id))
    try:
        asked = again_when_stale(
            lambda session: service.ask(
                session, facts, form_key=key, letter=letter, made_by=who, actor=staff(who), now=clock.now()
            )
        )
    except Refusal as refusal:
        errors = refuse(form, refusal)
        forms.put_at_letter(form, None, was_sent=letter is not None)
        return _form_page(form, key, errors, 422)
    return go(url_for(".request_show", request_id=asked.id))
