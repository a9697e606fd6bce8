"""The inbox of whoever is signed in, and the outbox of mail for the administrator."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint, abort, current_app, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.notices import queries, rules, service
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound
from fieldops.kit.forms import read_key
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from flask import Response

    from fieldops.settings import Settings

bp = Blueprint("notices", __name__)


def _office() -> Settings:
    found: Settings = current_app.extensions["fieldops.settings"]
    return found


# -- one's own


@bp.get("/inbox")
@needs("inbox.own")
def inbox() -> Response:
    """What one was told, newest first, fifty on a page."""
    before = _asked_id(request.args.get("before"))
    with reading() as session:
        found = queries.inbox(session, current_user.id, before=before)
        wish = queries.mail_wish(session, current_user.id)
    return private(page("notices/inbox.html", found=found, before=before, wish=wish, drawn_at=clock.now()))


def _asked_id(typed: str | None) -> UUID | None:
    """The notice that an address or a form names; what is no id is not found."""
    if not typed:
        return None
    key = read_key(typed)
    if key is None:
        raise NotFound
    return UUID(key)


@bp.get("/inbox/<uuid:notice_id>")
@needs("inbox.own")
def notice_show(notice_id: UUID) -> Response:
    """One notice, where a mail leads. Marks nothing: programs open links to preview them."""
    with reading() as session:
        row = queries.notice(session, current_user.id, notice_id)
    if row is None:
        raise NotFound
    return private(page("notices/notice_show.html", row=row))


@bp.post("/inbox/<uuid:notice_id>/open")
@needs("inbox.own")
def notice_open(notice_id: UUID) -> Response:
    """Mark it as read and go to what it tells of."""
    with transaction() as session:
        link = service.mark_read(session, current_user.id, notice_id, now=clock.now())
    return go(link)


@bp.post("/inbox/<uuid:notice_id>/read")
@needs("inbox.own")
def notice_read(notice_id: UUID) -> Response:
    """Mark it as read and stay."""
    before = _asked_id(request.form.get("before"))
    with transaction() as session:
        service.mark_read(session, current_user.id, notice_id, now=clock.now())
    if request.wants_page:  # type: ignore[attr-defined]
        return go(url_for(".inbox", before=before, _anchor=f"n-{notice_id}"))
    with reading() as session:
        row = queries.notice(session, current_user.id, notice_id)
    return private(page("notices/_row_read.html", row=row, before=before))


@bp.post("/inbox/read")
@needs("inbox.own")
def all_read() -> Response:
    """Mark all as read that was there when the page was drawn."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
    except ValueError:
        abort(422)
    if until.tzinfo is None:
        abort(422)
    with transaction() as session:
        service.mark_all_read(session, current_user.id, until=until, now=clock.now())
    return go(url_for(".inbox"))


@bp.post("/inbox/mail")
@needs("inbox.own")
def mail_switch() -> Response:
    """Switch one's own mail on or off; the inbox stays."""
    wanted = {"yes": True, "no": False}.get(request.form.get("by_mail", ""))
    if wanted is None:
        abort(422)
    me = current_user.id
    with transaction() as session:
        service.choose_mail(session, me, by_mail=wanted, actor=staff(me), now=clock.now())
    return go(url_for(".inbox", _anchor="email"))


# -- the outbox


@bp.get("/admin/mail")
@needs("mail.read")
def mail_show() -> Response:
    """What waits, what failed and why. Shows no title: what people are told is theirs."""
    with reading() as session:
        found = queries.outbox(session)
    return private(page("notices/mail_show.html", found=found, smtp=_office().smtp, words=rules.error_words))


@bp.post("/admin/mail/<uuid:notice_id>/again")
@needs("mail.send")
def mail_again(notice_id: UUID) -> Response:
    """Try one mail again at once."""
    return _again(notice_id)


@bp.post("/admin/mail/again")
@needs("mail.send")
def mail_all_again() -> Response:
    """Try all mails again that failed or were given up."""
    return _again(None)


def _again(notice_id: UUID | None) -> Response:
    if _office().smtp is None:
        raise rules.MailOff
    with transaction() as session:
        service.send_again(session, notice_id, actor=staff(current_user.id), now=clock.now())
    return go(url_for(".mail_show"))
