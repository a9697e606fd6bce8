"""Sheets of staff: send one, look at what it would do, run it, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import abort, request, url_for
from flask_login import current_user

from fieldops.core.people import forms, queries
from fieldops.core.people.routes import bp
from fieldops.core.people.routes.proof import is_proved, prove
from fieldops.core.people.routes.staff import csv_answer
from fieldops.core.people.rules import ImportStale, sheet
from fieldops.core.people.rules.sheet import Kind, Line
from fieldops.core.people.service import imports
from fieldops.kit import clock, sheets
from fieldops.kit.access import needs
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, read_key, refuse
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from flask import Response

    from fieldops.core.people.queries import ImportRow
    from fieldops.core.people.rules.sheet import Heading

Errors = list[tuple[str | None, str]]

# The file and what a browser puts around it. Every other page keeps the application's own, smaller limit.
_LARGEST = sheets.MAX_BYTES + 64 * 1024


def _upload_page(key: str, errors: Errors, status: int) -> Response:
    with reading() as session:
        last = queries.last_imports(session)
    return private(
        page(
            "people/imports.html",
            status=status,
            key=key,
            last=last,
            columns=list(sheet.COLUMNS.values()),
            most=sheets.MAX_ROWS,
            errors=errors,
        )
    )


@bp.get("/people/import")
@needs("people.manage")
def import_new() -> Response:
    """Choose a file; the imports of before."""
    return _upload_page(new_key(), [], 200)


@bp.get("/people/import/template.csv")
@needs("people.manage")
def import_template() -> Response:
    """The headings and one invented person."""
    return csv_answer(sheets.write_csv([tuple(sheet.COLUMNS.values()), sheet.EXAMPLE]), "templat-pegawai.csv")


@bp.post("/people/import")
@needs("people.manage")
def import_read() -> Response:
    """Read the file and keep its rows for the preview. Nobody is changed yet, and the file is kept nowhere."""
    request.max_content_length = _LARGEST
    key = read_key(request.form.get("key"))
    if key is None:
        abort(422)
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Refusal("Pilih berkas XLSX atau CSV.", field="file")
        rows = sheets.read(sent.stream.read(sheets.MAX_BYTES + 1))
        heading = sheet.read_heading([cell.text for cell in rows[0].cells])
        lines = _lines(rows[1:], heading)
        if not lines:
            raise Refusal("Di bawah judul kolom belum ada isi. Isi paling sedikit satu baris.", field="file")
        import_id = again_when_stale(
            lambda session: imports.keep(
                session, heading, lines, form_key=key, actor_id=current_user.id, now=clock.now()
            )
        )
    except Refusal as refusal:
        return _upload_page(key, [(refusal.field, refusal.sentence)], refusal.status)
    return go(url_for(".import_show", import_id=import_id))


def _lines(rows: list[sheets.Row], heading: Heading) -> list[Line]:
    """The rows under the heading; one in which no known column holds anything is none."""
    found = []
    for row in rows:
        cells = {column: (row[place].text, row[place].trouble) for column, place in heading.places.items()}
        if any(text for text, _ in cells.values()):
            found.append(Line(row.number, cells))
    return found


def _load(import_id: UUID) -> ImportRow:
    with reading() as session:
        found = queries.one_import(session, import_id)
    if found is None or (found.state == "read" and found.made_by != current_user.id):
        raise NotFound
    return found


def _show(import_id: UUID, form: Any, errors: Errors, status: int) -> Response:
    found = _load(import_id)
    planned = []
    if found.state == "read":
        with reading() as session:
            planned = sheet.plan(found.lines, queries.known_people(session), own_id=current_user.id)
    by_kind = {kind.value: [one for one in planned if one.kind is kind] for kind in Kind}
    return private(
        page(
            "people/import_show.html",
            status=status,
            found=found,
            by_kind=by_kind,
            seen=sheet.digest(planned),
            form=form,
            proved=is_proved(),
            errors=errors,
        )
    )


@bp.get("/people/import/<uuid:import_id>")
@needs("people.manage")
def import_show(import_id: UUID) -> Response:
    """What the sheet would do now; or what it did."""
    return _show(import_id, forms.ProofForm(), [], 200)


@bp.post("/people/import/<uuid:import_id>/run")
@needs("people.manage")
def import_run(import_id: UUID) -> Response:
    """Write all good rows at once. When the staff changed since the preview, a new preview comes back with 409."""
    _load(import_id)
    form = forms.ProofForm(request.form)
    try:
        prove(form)
        with transaction() as session:
            imports.run(
                session,
                import_id,
                seen=request.form.get("seen", ""),
                actor_id=current_user.id,
                now=clock.now(),
            )
    except NotFound:
        raise
    except ImportStale as refusal:
        return _show(import_id, form, [(None, refusal.sentence)], refusal.status)
    except Refusal as refusal:
        return _show(import_id, form, refuse(form, refusal), refusal.status)
    return go(url_for(".import_show", import_id=import_id))


@bp.post("/people/import/<uuid:import_id>/undo")
@needs("people.manage")
def import_undo(import_id: UUID) -> Response:
    """Put everybody back as he was, if nothing was changed since."""
    _load(import_id)
    form = forms.ProofForm(request.form)
    try:
        prove(form)
        with transaction() as session:
            imports.undo(session, import_id, actor_id=current_user.id, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(import_id, form, refuse(form, refusal), refusal.status)
    return go(url_for(".import_show", import_id=import_id))
