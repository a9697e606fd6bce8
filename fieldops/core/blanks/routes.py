"""Blank passports: the stock, what moves them, their history, and one number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from flask import Blueprint, abort, current_app, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.blanks import forms, queries, rules, service
from fieldops.core.blanks.rules import Move
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import again_when_stale, reading
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, read_key, refuse, summary
from fieldops.kit.page import go, page

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

bp = Blueprint("blanks", __name__, url_prefix="/blanks")

Errors = list[tuple[str | None, str]]


@bp.get("")
@needs("blanks.read")
def stock() -> Response:
    """What is where, and whether it is enough for those who have booked."""
    now = clock.now()
    with reading() as session:
        found = queries.stock(session, year=clock.office_day(now).year)
        demand = queries.booked(session, now=now)
    reserve = current_app.extensions["fieldops.settings"].blanks_reserve
    outlook = rules.Outlook(found.in_stock + found.out_count, demand, reserve)
    return page("blanks/stock.html", stock=found, outlook=outlook, form=forms.FindForm())


# -- moving -----------------------------------------------------------------------------------------------------


def _kind() -> Move:
    try:
        kind = Move(request.values.get("kind", Move.RECEIPT.value))
    except ValueError:
        abort(404)
    if kind not in forms.WORDINGS:
        abort(404)
    return kind


def _form_page(
    form: forms.MoveForm, kind: Move, out: tuple[queries.OutRow, ...], key: str, errors: Errors, status: int
) -> Response:
    forms.fill(form, kind, out)
    values: dict[str, Any] = {"kind": kind, "wording": forms.WORDINGS[kind], "errors": errors}
    return page("blanks/move_new.html", status=status, form=form, key=key, **values)


def _out() -> tuple[queries.OutRow, ...]:
    with reading() as session:
        return queries.stock(session, year=clock.today().year).out


@bp.get("/moves/new")
@needs("blanks.manage")
def move_new() -> Response:
    """The empty form of a receipt, use, spoilage, return or transfer."""
    form = forms.MoveForm(data={"day": clock.today().isoformat(), "holder": forms.AT_OFFICE})
    return _form_page(form, _kind(), _out(), new_key(), [], 200)


@bp.post("/moves")
@needs("blanks.manage")
def move_create() -> Response:
    """Write a move down."""
    kind, key, form = _kind(), read_key(request.form.get("key")), forms.MoveForm(request.form)
    if key is None:
        abort(422)
    out = _out()
    try:
        known = forms.move_of(form, kind, out)
        if known is None:
            return _form_page(form, kind, out, key, summary(form), 422)
        again_when_stale(lambda session: _write(session, kind, known, key))
    except Refusal as refusal:
        return _form_page(form, kind, out, key, refuse(form, refusal), refusal.status)
    return go(url_for(".stock"))


def _write(session: Session, kind: Move, known: forms.MoveIn, key: str) -> int:
    options: dict[str, Any] = {"day": known.day, "form_key": key, "actor": staff(current_user.id), "now": clock.now()}
    holder: dict[str, Any] = {"source": known.source, "ref": known.ref}
    first, last = known.span.first, known.span.last
    if kind is Move.RECEIPT:
        return service.receive(session, first, last, note=known.note, **options)
    if kind is Move.USE:
        return service.use(session, first, last, note=known.note, **holder, **options)
    if kind is Move.SPOIL:
        return service.spoil(session, first, last, reason=known.note, **holder, **options)
    if kind is Move.RETURN:
        return service.give_back(session, first, last, note=known.note, **holder, **options)
    return service.transfer(session, first, last, note=known.note, **options)


# -- looking back -----------------------------------------------------------------------------------------------


def _moves_page(before: int | None, errors: Errors, status: int) -> Response:
    with reading() as session:
        rows = queries.moves(session, before=before, limit=queries.PAGE + 1)
    shown = rows[: queries.PAGE]
    following = shown[-1].id if len(rows) > len(shown) else None
    # The latest page holds every later move, so it alone can say which may still be taken back.
    undoable = {one.id for one in shown if _is_last(one, shown)} if before is None else set()
    values: dict[str, Any] = {"rows": shown, "following": following, "undoable": undoable, "is_first": before is None}
    return page("blanks/move_list.html", status=status, key=new_key(), errors=errors, **values)


def _is_last(row: queries.MoveRow, rows: list[queries.MoveRow]) -> bool:
    """Whether no later move that counts touches one of its numbers."""
    if row.kind is Move.UNDO or row.is_undone:
        return False
    later = (one for one in rows if one.id > row.id and one.kind is not Move.UNDO and not one.is_undone)
    return not any(row.span.first in one.span or one.span.first in row.span for one in later)


@bp.get("/moves")
@needs("blanks.read")
def move_list() -> Response:
    """The latest moves first, page by page."""
    before = request.args.get("before", "")
    is_number = before.isascii() and before.isdigit() and len(before) < 16
    return _moves_page(int(before) if is_number else None, [], 200)


@bp.post("/moves/undo")
@needs("blanks.manage")
def move_undo() -> Response:
    """Take a move back."""
    key, typed = read_key(request.form.get("key")), request.form.get("move", "")
    if key is None or not (typed.isascii() and typed.isdigit() and len(typed) < 16):
        abort(422)
    actor, now = staff(current_user.id), clock.now()
    own_key = str(uuid5(UUID(key), typed))  # all forms of the list are drawn with one key
    try:
        again_when_stale(lambda session: service.undo(session, int(typed), form_key=own_key, actor=actor, now=now))
    except NotFound:
        raise
    except Refusal as refusal:
        return _moves_page(None, [(None, refusal.sentence)], refusal.status)
    return go(url_for(".move_list"))


@bp.get("/find")
@needs("blanks.read")
def blank_find() -> Response:
    """Where one number is, and its history."""
    form = forms.FindForm(request.args)
    typed = form.serial.data or ""
    values: dict[str, Any] = {"form": form, "serial": "", "place": None, "title": "", "rows": []}
    if not typed.strip():
        return page("blanks/blank_find.html", errors=[], **values)
    try:
        serial = rules.read_serial(typed, field="serial")
    except Refusal as refusal:
        return page("blanks/blank_find.html", status=422, errors=refuse(form, refusal), **values)
    with reading() as session:
        place = queries.places(session, [serial]).get(serial)
        pair = (place.source, place.ref) if place else ("", "")
        title = queries.titles(session, [pair]).get(pair, "") if place and place.ref else ""
        rows = queries.history(session, serial)
    values |= {"serial": serial, "place": place, "title": title, "rows": rows}
    return page("blanks/blank_find.html", errors=[], **values)
