"""Sign in with a one-time link, sign out. The link shows a button; only the button spends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, request, url_for
from flask import session as cookie
from flask_login import current_user

from fieldops.core.people import queries, service
from fieldops.core.people.rules import LinkDead, Me
from fieldops.kit import clock, throttle
from fieldops.kit.access import local_path, signing_in
from fieldops.kit.db import reading, transaction
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from flask import Response

bp = Blueprint("people", __name__)


@bp.get("/sign-in")
@signing_in
def sign_in() -> Response:
    """Tells how to get in; a person who is in already moves on."""
    onward = local_path(request.args.get("next"), url_for("booking.desk_today"))
    if current_user.is_authenticated:
        return go(onward)
    return private(page("people/sign_in.html", onward=onward))


@bp.get("/sign-in/<token>")
@signing_in
def link_show(token: str) -> Response:
    """Whom the link is for. Changes nothing: chat programs open links to preview them."""
    with reading() as session:
        person = queries.link_person(session, token, now=clock.now())
    if person is None:
        return private(page("people/link_dead.html", status=404))
    return private(page("people/link_show.html", person=person, token=token))


@bp.post("/sign-in/<token>")
@signing_in
def link_use(token: str) -> Response:
    """Spend the link, start a session with a fresh token."""
    if not throttle.allow("sign-in", request.remote_addr or "", limit=30, seconds=600):
        abort(429)
    try:
        with transaction() as session:
            session_token = service.use_link(session, token, now=clock.now())
    except LinkDead:
        return private(page("people/link_dead.html", status=404))
    cookie.clear()
    cookie["_user_id"] = session_token
    cookie.permanent = True
    return go(url_for("booking.desk_today"))


@bp.post("/sign-out")
@signing_in
def sign_out() -> Response:
    """End this session on the server, then clear the browser."""
    if isinstance(current_user._get_current_object(), Me):
        with transaction() as session:
            service.end_session(session, current_user.session_id, current_user.id, now=clock.now())
    cookie.clear()
    answer = go(url_for("people.sign_in"))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
