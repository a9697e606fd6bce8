"""The papers of a trip: the letter and its versions, lists to sign, travel data, the report."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.letters import queries as letters
from fieldops.core.letters.rules import Kind
from fieldops.core.office.queries import is_demo
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import again_when_stale, reading
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import read_date, read_key
from fieldops.kit.page import go, private
from fieldops.loktuan.routes import bp
from fieldops.loktuan.trips.queries import papers
from fieldops.loktuan.trips.queries.facts import facts
from fieldops.loktuan.trips.queries.running import run_facts
from fieldops.loktuan.trips.queries.trips import SOURCE
from fieldops.loktuan.trips.routes.deciding import pdf, show
from fieldops.loktuan.trips.service import lettering

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from fieldops.loktuan.trips.queries.facts import TripFacts
    from fieldops.settings import Settings


def _office() -> Settings:
    found: Settings = current_app.extensions["fieldops.settings"]
    return found


def _known(session: Session, trip_id: UUID) -> TripFacts:
    found = facts(session, trip_id)
    if found is None:
        raise NotFound
    return found


@bp.post("/trips/<uuid:trip_id>/letter")
@needs("letter.issue")
def letter_issue(trip_id: UUID) -> Response:
    """Issue the letter of assignment, or a new version of it when the plan has changed."""
    key = read_key(request.form.get("key"))
    if key is None:
        return show(trip_id, [(None, "Ada bagian isian yang hilang. Kirim lagi dari halaman ini.")], 422)
    try:
        again_when_stale(
            lambda session: lettering.issue(
                session,
                trip_id,
                official_number=request.form.get("official_number", ""),
                form_key=key,
                settings=_office(),
                actor=staff(current_user.id),
                now=clock.now(),
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return show(trip_id, [(refusal.field, refusal.sentence)], refusal.status)
    return go(url_for(".trip_show", trip_id=trip_id))


@bp.get("/trips/<uuid:trip_id>/attendance.pdf")
@needs("desk.read")
def trip_attendance(trip_id: UUID) -> Response:
    """The list to sign on a day of service (`day`). It holds names: who asked for it is in the log."""
    from fieldops.core.letters.pdf.attendance import attendance_pdf

    asked = read_date(request.args.get("day"))
    with reading() as session:
        found = _known(session, trip_id)
        if asked is None or asked not in {one.day for one in found.sessions}:
            raise NotFound
        sheet = papers.attendance(session, found, asked, _office(), demo=is_demo())
    return private(pdf(attendance_pdf(sheet), f"daftar-hadir-{asked}"))


@bp.get("/trips/<uuid:trip_id>/crew/<uuid:person_id>/spd.pdf")
@needs("letter.issue")
def trip_spd(trip_id: UUID, person_id: UUID) -> Response:
    """The travel data of one member of the crew."""
    from fieldops.core.letters.pdf.spd import spd_pdf

    with reading() as session:
        sheet = papers.spd(session, _known(session, trip_id), person_id, _office(), demo=is_demo())
    if sheet is None:
        raise NotFound
    return private(pdf(spd_pdf(sheet), f"spd-{sheet.departs_at:%Y-%m-%d}"))


@bp.get("/trips/<uuid:trip_id>/report.pdf")
@needs("trip.read")
def trip_report_file(trip_id: UUID) -> Response:
    """The narrative report, filled from the events as they are now."""
    from fieldops.core.letters.pdf.report import report_pdf

    with reading() as session:
        run = run_facts(session, trip_id)
        if run is None:
            raise NotFound
        closed_at = run.report.closed_at
        day = clock.office_day(closed_at) if closed_at else clock.today()
        made = papers.report(session, run, _office(), day=day, demo=is_demo())
    return pdf(report_pdf(made), f"laporan-loktuan-{run.trip.row.days[0]}")


def letter_facts(session: Session, found: TripFacts) -> dict[str, object]:
    """What the trip's page shows of its letter: the versions, and whether the plan says something else by now."""
    ref = str(found.row.id)
    current = letters.current(session, SOURCE, ref, Kind.ASSIGNMENT)
    stale = current is not None and letters.is_stale(current, papers.assignment(session, found, _office()).stored())
    return {"versions": letters.letters_of(session, SOURCE, ref), "current": current, "stale": stale}
