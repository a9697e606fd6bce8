"""The day of a trip, on a phone: check what leaves, who is there, what comes back, what happened; then the report."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import current_app, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.blanks import service as blanks
from fieldops.core.blanks.rules import read_range
from fieldops.core.files import queries as files
from fieldops.core.files import routes as file_routes
from fieldops.core.files import service as file_service
from fieldops.core.fleet.rules import read_km
from fieldops.core.roster.absences.rules import CompensationRule
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, read_date, read_id, read_key, read_number, read_time
from fieldops.kit.page import go, page, private
from fieldops.loktuan.routes import bp
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.running import PHOTOS, run_facts
from fieldops.loktuan.trips.queries.trips import SOURCE
from fieldops.loktuan.trips.rules import reporting
from fieldops.loktuan.trips.rules.reporting import BackState
from fieldops.loktuan.trips.service import closing, running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response
    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.core.blanks.rules import Range
    from fieldops.loktuan.trips.forms import Errors
    from fieldops.settings import Settings


_LOST = "Ada bagian isian yang hilang. Kirim lagi dari halaman ini."


@bp.get("/trips/<uuid:trip_id>/run")
@needs("trip.run")
def trip_run(trip_id: UUID) -> Response:
    """The checklist of the day."""
    return _run(trip_id, [], 200)


def _run(trip_id: UUID, errors: Errors, status: int) -> Response:
    return page("loktuan/run.html", status=status, **_shown(trip_id, errors))


def _report(trip_id: UUID, errors: Errors, status: int) -> Response:
    return private(page("loktuan/report.html", status=status, **_shown(trip_id, errors)))


def _shown(trip_id: UUID, errors: Errors) -> dict[str, Any]:
    """What both pages show: the trip as it is now, and what was typed and refused."""
    now = clock.now()
    with reading() as session:
        run = run_facts(session, trip_id)
    if run is None:
        raise NotFound
    return {
        "run": run,
        "trip": run.trip,
        "errors": errors,
        "wrong": {name: sentence for name, sentence in reversed(errors) if name},
        "typed": request.form,
        "keys": [new_key() for _ in range(2)],
        "lacking": reporting.lacking(run.ready(now)),
        "states": list(BackState),
        "today": clock.today(),
        "midnight": clock.at_office(clock.today(), time()),
        "tomorrow": clock.at_office(clock.today() + timedelta(days=1), time()),
        "now": now,
        "rules": rules,
        "is_running": run.trip.status in rules.TOLD,
    }


def _do(
    trip_id: UUID,
    work: Callable[[Session, Actor], object],
    *,
    field: str | None = None,
    others: Mapping[str, str] | None = None,
) -> Response:
    """One write of the day, back to the checklist; a refusal at `field`, or where `others` puts what another part
    calls its field; everything typed kept. One about the trip as a whole (409) has no field: its form may be gone."""
    try:
        with transaction() as session:
            work(session, staff(current_user.id))
    except NotFound:
        raise
    except Refusal as refusal:
        at = (others or {}).get(refusal.field or "", field or refusal.field)
        return _run(trip_id, [(at if refusal.status == 422 else None, refusal.sentence)], refusal.status)
    return go(url_for(".trip_run", trip_id=trip_id))


@bp.post("/trips/<uuid:trip_id>/out")
@needs("trip.run")
def trip_out(trip_id: UUID) -> Response:
    """These leave the office."""
    chosen = {one for one in map(read_id, request.form.getlist("things")) if one is not None}
    if not chosen:
        return _run(trip_id, [("things", "Centang yang sudah dimuat.")], 422)
    return _do(
        trip_id, lambda session, actor: running.check_out(session, trip_id, chosen, actor=actor, now=clock.now())
    )


@bp.post("/trips/<uuid:trip_id>/things/<uuid:thing_id>/back")
@needs("trip.run")
def trip_back(trip_id: UUID, thing_id: UUID) -> Response:
    """One is back, or not."""
    try:
        state = BackState(request.form.get("state", ""))
    except ValueError:
        return _run(trip_id, [(f"back-{thing_id}", "Pilih keadaannya.")], 422)
    note = request.form.get("note", "")
    return _do(
        trip_id,
        lambda session, actor: running.check_back(
            session, trip_id, thing_id, state, note=note, actor=actor, now=clock.now()
        ),
    )


@bp.post("/trips/<uuid:trip_id>/vehicles/<uuid:vehicle_id>/odometer")
@needs("trip.run")
def trip_odometer(trip_id: UUID, vehicle_id: UUID) -> Response:
    """What the odometer shows, leaving or coming back."""
    moment = request.form.get("moment", "")
    if moment not in {"out", "in"}:
        return _run(trip_id, [(None, _LOST)], 422)
    at = f"km-{moment}-{vehicle_id}"
    try:
        km = read_km(request.form.get("km", ""))
    except Refusal as refusal:
        return _run(trip_id, [(at, refusal.sentence)], 422)
    return _do(
        trip_id,
        lambda session, actor: running.put_odometer(
            session, trip_id, vehicle_id, moment, km, actor=actor, now=clock.now()
        ),
        field=at,
    )


@bp.post("/trips/<uuid:trip_id>/crew/<uuid:person_id>/here")
@needs("trip.run")
def trip_here(trip_id: UUID, person_id: UUID) -> Response:
    """Somebody of the crew is here, or was on the stretch of an earlier day."""
    post_id = read_id(request.form.get("post"))
    return _do(
        trip_id,
        lambda session, actor: running.note_presence(
            session, trip_id, person_id, post_id=post_id, actor=actor, now=clock.now()
        ),
    )


_BLANK_MOVES = ("issue", "use", "spoil", "return")


@bp.post("/trips/<uuid:trip_id>/blanks")
@needs("blanks.manage")
def trip_blanks(trip_id: UUID) -> Response:
    """Blanks go along, are used, spoiled, or come back, by range of serial numbers."""
    key, move = read_key(request.form.get("key")), request.form.get("move", "")
    if key is None or move not in _BLANK_MOVES:
        return _run(trip_id, [("range", _LOST)], 422)
    try:
        span = read_range(request.form.get("range", ""))
    except Refusal as refusal:
        return _run(trip_id, [("range", refusal.sentence)], 422)
    return _do(
        trip_id,
        lambda session, actor: _move_blanks(session, trip_id, move, span, key, actor),
        field="range",
        others={"note": "reason"},
    )


def _move_blanks(session: Session, trip_id: UUID, move: str, span: Range, key: str, actor: Actor) -> None:
    now = clock.now()
    running.running(session, trip_id)
    about: dict[str, Any] = {"source": SOURCE, "ref": str(trip_id), "day": clock.office_day(now), "form_key": key}
    about |= {"actor": actor, "now": now}
    if move == "issue":
        run = run_facts(session, trip_id)
        title = run.trip.row.title if run else rules.PROGRAMME
        blanks.issue(session, span.first, span.last, title=title, **about)
    elif move == "use":
        blanks.use(session, span.first, span.last, **about)
    elif move == "spoil":
        blanks.spoil(session, span.first, span.last, reason=request.form.get("reason", ""), **about)
    else:
        blanks.give_back(session, span.first, span.last, **about)


@bp.post("/trips/<uuid:trip_id>/incidents")
@needs("trip.run")
def trip_incident(trip_id: UUID) -> Response:
    """Something happened."""
    key = read_key(request.form.get("key"))
    day, at = read_date(request.form.get("on")), read_time(request.form.get("at"))
    if key is None:
        return _run(trip_id, [("incident", _LOST)], 422)
    if day is None or at is None:
        return _run(trip_id, [("on" if day is None else "at", "Tulis tanggal dan jam kejadian.")], 422)
    return _do(
        trip_id,
        lambda session, actor: running.add_incident(
            session,
            trip_id,
            happened_at=clock.at_office(day, at),
            text=request.form.get("incident", ""),
            form_key=key,
            actor=actor,
            now=clock.now(),
        ),
    )


@bp.post("/trips/<uuid:trip_id>/photos")
@needs("trip.run")
def trip_photo(trip_id: UUID) -> Response:
    """A photo, drawn anew without the place it was taken at."""
    request.max_content_length = file_routes.LARGEST_REQUEST
    try:
        sent = file_routes.photo_in("photo")
    except Refusal as refusal:
        return _run(trip_id, [("photo", refusal.sentence)], refusal.status)
    if sent is None:
        return _run(trip_id, [("photo", "Pilih foto dulu.")], 422)

    def keep(session: Session, actor: Actor) -> None:
        running.running(session, trip_id)
        file_service.store(
            session,
            source=PHOTOS,
            ref=str(trip_id),
            name=sent.name,
            data=sent.data,
            kinds=sent.kinds,
            made_by=actor.person_id,
            now=clock.now(),
        )

    return _do(trip_id, keep, field="photo")


@bp.get("/trips/<uuid:trip_id>/photos/<uuid:file_id>")
@needs("trip.read")
def trip_photo_show(trip_id: UUID, file_id: UUID) -> Response:
    """One photo of a trip."""
    with reading() as session:
        found = files.one_file(session, file_id, source=PHOTOS, ref=str(trip_id))
    if found is None:
        raise NotFound
    return file_routes.answer(found)


@bp.post("/trips/<uuid:trip_id>/photos/<uuid:file_id>/remove")
@needs("trip.run")
def trip_photo_remove(trip_id: UUID, file_id: UUID) -> Response:
    """Take a photo away that should not be in the report."""

    def remove(session: Session, _actor: Actor) -> None:
        running.running(session, trip_id)
        file_service.remove_one(session, file_id, source=PHOTOS, ref=str(trip_id))

    return _do(trip_id, remove)


@bp.post("/trips/<uuid:trip_id>/tasks/<uuid:task_id>/done")
@needs("trip.plan")
def trip_task_done(trip_id: UUID, task_id: UUID) -> Response:
    """What was left to do is done."""
    note = request.form.get("note", "")
    return _do(
        trip_id,
        lambda session, actor: running.finish_task(session, trip_id, task_id, note=note, actor=actor, now=clock.now()),
    )


# -- the report -------------------------------------------------------------------------------------------------


@bp.get("/trips/<uuid:trip_id>/report")
@needs("trip.read")
def trip_report(trip_id: UUID) -> Response:
    """The figures of a trip, its report, and what still keeps it from being closed."""
    return _report(trip_id, [], 200)


@bp.post("/trips/<uuid:trip_id>/report")
@needs("trip.run")
def trip_report_write(trip_id: UUID) -> Response:
    """Keep what was written."""
    words = closing.ReportWords(
        request.form.get("summary", ""),
        request.form.get("obstacles", ""),
        request.form.get("follow_up", ""),
        request.form.get("no_incident") == "1",
        request.form.get("no_photo_reason", ""),
        request.form.get("seen", ""),
    )
    try:
        with transaction() as session:
            closing.write(session, trip_id, words, actor=staff(current_user.id), now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _report(trip_id, [(refusal.field, refusal.sentence)], refusal.status)
    return go(url_for(".trip_report", trip_id=trip_id))


@bp.post("/trips/<uuid:trip_id>/close")
@needs("trip.plan")
def trip_close(trip_id: UUID) -> Response:
    """Close the report with the figures of now."""
    office: Settings = current_app.extensions["fieldops.settings"]
    revision = read_number(request.form.get("revision", "")) or 0
    try:
        with transaction() as session:
            closing.close(
                session,
                trip_id,
                revision=revision,
                actor=staff(current_user.id),
                now=clock.now(),
                compensation=CompensationRule.of(office.compensation),
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return _report(trip_id, [(refusal.field, refusal.sentence)], refusal.status)
    return go(url_for(".trip_report", trip_id=trip_id))
