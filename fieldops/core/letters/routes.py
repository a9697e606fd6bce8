"""The register of letters, one letter, its PDF; and the public page behind the code that is printed on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, make_response, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.letters import queries, rules, service
from fieldops.core.letters.documents import Assignment, AssignmentLetter
from fieldops.core.letters.forms import NumberForm
from fieldops.core.office.queries import is_demo
from fieldops.kit import clock, throttle
from fieldops.kit.access import needs, public
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import refuse, summary
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Response

    from fieldops.core.letters.queries import LetterFull
    from fieldops.settings import Settings

bp = Blueprint("letters", __name__)

_TOKEN = re.compile(r"[0-9A-Z]{26}")


def _office() -> Settings:
    found: Settings = current_app.extensions["fieldops.settings"]
    return found


@bp.get("/letters")
@needs("letter.read")
def register_show() -> Response:
    """The register of a year, void letters too; without `year` this year. A year without letters is empty."""
    typed = request.args.get("year", "")
    if typed and re.fullmatch(r"20\d\d", typed, re.ASCII) is None:
        raise NotFound
    year = int(typed) if typed else clock.today().year
    with reading() as session:
        numbers = queries.register_of(session, year)
        years = queries.years(session)
    years = sorted({*years, year}, reverse=True)
    return page("letters/register.html", year=year, years=years, numbers=numbers)


def _found(letter_id: UUID) -> LetterFull:
    with reading() as session:
        found = queries.letter(session, letter_id)
    if found is None:
        raise rules.NoLetter
    return found


@bp.get("/letters/<uuid:letter_id>")
@needs("letter.read")
def letter_show(letter_id: UUID) -> Response:
    """One version of a letter: what it says, whether it is in force, and its other versions."""
    return _show(letter_id, NumberForm(), [], 200)


def _show(letter_id: UUID, form: NumberForm, errors: list[tuple[str | None, str]], status: int) -> Response:
    found = _found(letter_id)
    with reading() as session:
        versions = queries.versions(session, found.row)
    is_open = found.row.is_valid and not found.row.official_number
    if not is_open:  # the form is gone, so no complaint can lead to its field
        errors = [(None, sentence) for _, sentence in errors]
    return page(
        "letters/letter_show.html",
        status=status,
        row=found.row,
        said=Assignment.read(found.content),
        versions=versions,
        is_open=is_open,
        form=form,
        errors=errors,
    )


@bp.post("/letters/<uuid:letter_id>/number")
@needs("letter.issue")
def letter_number(letter_id: UUID) -> Response:
    """Note the number that the office gave to a letter that was issued without one."""
    form = NumberForm(request.form)
    if not form.validate():
        return _show(letter_id, form, summary(form), 422)
    try:
        with transaction() as session:
            actor = staff(current_user.id)
            service.set_official_number(session, letter_id, form.official_number.value, actor=actor, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(letter_id, form, refuse(form, refusal), refusal.status)
    return go(url_for(".letter_show", letter_id=letter_id))


@bp.get("/letters/<uuid:letter_id>/letter.pdf")
@needs("letter.read")
def letter_file(letter_id: UUID) -> Response:
    """The letter as it was issued, as A4 PDF; a void one says so across every page."""
    from fieldops.core.letters.pdf.assignment import assignment_pdf  # loads reportlab

    found = _found(letter_id)
    row = found.row
    answer = make_response(assignment_pdf(_printed(found)))
    answer.mimetype = "application/pdf"
    name = f"{row.kind.value}-{rules.register(row.number)}-{row.year}-versi-{row.version}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return private(answer)


def _printed(found: LetterFull) -> AssignmentLetter:
    row = found.row
    return AssignmentLetter(
        assignment=Assignment.read(found.content),
        kind=row.kind,
        number=row.number,
        year=row.year,
        version=row.version,
        day=row.day,
        verify_url=f"{_office().public_url}/V/{row.token}",
        official_number=row.official_number,
        is_void=not row.is_valid,
        demo=is_demo(),
    )


@bp.get("/V/<token>")
@public
def letter_verify(token: str) -> Response:
    """Whether a printed letter is in force, for whoever scans its code. It names nobody.

    Refuses (404) an unknown token, and (429) the 61st look of one address in two minutes.
    """
    if not throttle.allow("verify", request.remote_addr or "", limit=60, seconds=120):
        answer = private(page("errors/busy.html", status=429, seconds=120))
        answer.headers["Retry-After"] = "120"
        return answer
    found = None
    if _TOKEN.fullmatch(token.upper()):
        with reading() as session:
            found = queries.verdict(session, token.upper())
    if found is None:
        raise rules.UnknownCode
    return private(page("letters/verify.html", verdict=found, said=Assignment.read(found.letter.content)))
