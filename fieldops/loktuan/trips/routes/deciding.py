"""One trip: what stands in its plan, and the steps from draft to published, postponed or cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app, make_response, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.blanks import queries as blanks
from fieldops.core.booking.rules import Service, bring
from fieldops.core.booking.service import contacts
from fieldops.core.fleet import queries as fleet
from fieldops.core.office.queries import is_demo
from fieldops.kit import clock, qr
from fieldops.kit.access import needs
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, read_number
from fieldops.kit.indonesian import clock_time, long_date
from fieldops.kit.page import go, page, private
from fieldops.loktuan.routes import bp
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.queries.facts import facts
from fieldops.loktuan.trips.queries.running import tasks
from fieldops.loktuan.trips.queries.trips import SOURCE
from fieldops.loktuan.trips.rules import Status, Step
from fieldops.loktuan.trips.service import deciding, ending

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from flask import Response

    from fieldops.core.booking.poster import Poster
    from fieldops.loktuan.trips.forms import Errors
    from fieldops.settings import Settings


@bp.get("/trips/<uuid:trip_id>")
@needs("trip.read")
def trip_show(trip_id: UUID) -> Response:
    """The plan of a trip, its state, and what can be done next."""
    return show(trip_id, [], 200)


def show(trip_id: UUID, errors: Errors, status: int) -> Response:
    """The trip's page, also for the steps of other files that were refused."""
    from fieldops.loktuan.trips.routes.papers import letter_facts

    with reading() as session:
        found = facts(session, trip_id)
        if found is None:
            raise NotFound
        names = {
            kind: fleet.names(session, kind, [one.holder_id for one in found.things if one.holder_kind == kind])
            for kind in ("vehicle", "kit")
        }
        letter = letter_facts(session, found)
        left = tasks(session, trip_id)
        taken = blanks.account(session, SOURCE, str(trip_id))
        broken = deciding.clashes(session, found, now=clock.now()) if found.status in rules.LIVE else []
    settings = current_app.extensions["fieldops.settings"]
    return page(
        "loktuan/trip.html",
        status=status,
        trip=found,
        names=names,
        letter=letter,
        tasks=left,
        blanks=taken,
        wrong={},
        key=new_key(),
        broken=broken,
        errors=errors,
        typed=request.form,
        missing=rules.missing(found.plan),
        may={step: rules.may(step, found.status) for step in Step},
        Step=Step,
        public_link=f"{settings.public_url}/J/{found.row.page_code}",
        collective_link=f"{settings.public_url}/K/{found.collective_token}",
        rules=rules,
    )


@bp.post("/trips/<uuid:trip_id>/contacts")
@needs("trip.plan")
def trip_contacts(trip_id: UUID) -> Response:
    """Whom the office has to reach when the trip changes. A POST, because the reading itself is written down."""
    with transaction() as session:
        found = facts(session, trip_id)
        if found is None:
            raise NotFound
        code = found.row.page_code
        actor, now = staff(current_user.id), clock.now()
        rows = contacts.read_contacts(session, "trip", trip_id, page_code=code, actor=actor, now=now)
    return private(
        page(
            "booking/contacts.html",
            nav="trips",
            back_url=url_for(".trip_show", trip_id=trip_id),
            title=found.row.title,
            reason=f"{found.status.label}: {found.row.end_reason}" if found.row.end_reason else "",
            contacts=rows,
        )
    )


def _step(trip_id: UUID, work: Callable[..., None], **more: object) -> Response:
    """Take one step (`work`, a function of the services) from the revision that the page showed."""
    revision = read_number(request.form.get("revision", "")) or 0
    try:
        with transaction() as session:
            work(session, trip_id, revision=revision, actor=staff(current_user.id), now=clock.now(), **more)
    except NotFound:
        raise
    except Refusal as refusal:
        return show(trip_id, [(refusal.field, refusal.sentence)], refusal.status)
    return go(url_for(".trip_show", trip_id=trip_id))


@bp.post("/trips/<uuid:trip_id>/submit")
@needs("trip.plan")
def trip_submit(trip_id: UUID) -> Response:
    """Ask the head."""
    return _step(trip_id, deciding.submit)


@bp.post("/trips/<uuid:trip_id>/return")
@needs("trip.approve")
def trip_return(trip_id: UUID) -> Response:
    """Give it back with a reason."""
    return _step(trip_id, deciding.send_back, reason=request.form.get("reason", ""))


@bp.post("/trips/<uuid:trip_id>/approve")
@needs("trip.approve")
def trip_approve(trip_id: UUID) -> Response:
    """Say yes; every promise is looked at again."""
    return _step(trip_id, deciding.approve)


@bp.post("/trips/<uuid:trip_id>/publish")
@needs("trip.plan")
def trip_publish(trip_id: UUID) -> Response:
    """Open it to the public."""
    return _step(trip_id, deciding.publish)


@bp.post("/trips/<uuid:trip_id>/postpone")
@needs("trip.plan")
def trip_postpone(trip_id: UUID) -> Response:
    """Not on these days; everything is free until new ones are planned."""
    return _step(trip_id, ending.end, step=Step.POSTPONE, reason=request.form.get("reason", ""))


@bp.post("/trips/<uuid:trip_id>/cancel")
@needs("trip.plan")
def trip_cancel(trip_id: UUID) -> Response:
    """Not at all."""
    return _step(trip_id, ending.end, step=Step.CANCEL, reason=request.form.get("reason", ""))


def _poster(trip_id: UUID) -> Poster:
    """What the poster says. Refuses NotFound while the trip is not published."""
    from fieldops.core.booking.poster import Poster

    with reading() as session:
        found = facts(session, trip_id)
    if found is None or found.status is not Status.PUBLISHED:
        raise NotFound("Poster baru ada setelah perjalanan diterbitkan.")
    days: dict[date, list[str]] = {}
    for one in found.sessions:
        days.setdefault(one.day, []).append(clock_time(one.starts_at, clock.ZONE))
    settings: Settings = current_app.extensions["fieldops.settings"]
    link = f"{settings.public_url}/J/{found.row.page_code}"
    closes_at = max(one.closes_at for one in found.sessions)
    return Poster(
        office=settings.office_name,
        programme=rules.PROGRAMME,
        programme_meaning=rules.MEANING,
        when_text=rules.days_in_words(days),
        days=[(long_date(day), times) for day, times in days.items()],
        place=found.site.name,
        address=found.site.address,
        opens_text=f"Pendaftaran daring ditutup {rules.moment(closes_at)}",
        address_text=link.partition("://")[2],
        qr_text=link.upper(),
        bring=list(bring(list(Service))),
        help_phone=settings.office_phone,
        demo=is_demo(),
    )


@bp.get("/trips/<uuid:trip_id>/poster")
@needs("trip.read")
def trip_poster(trip_id: UUID) -> Response:
    """The poster as a page to look at and print."""
    poster = _poster(trip_id)
    drawn = qr.svg(poster.qr_text, label=f"Kode QR ke {poster.address_text}", size=380, level="Q")
    return page("loktuan/poster.html", trip_id=trip_id, poster=poster, qr_svg=drawn)


@bp.get("/trips/<uuid:trip_id>/poster.pdf")
@needs("trip.read")
def trip_poster_file(trip_id: UUID) -> Response:
    """The poster as A4 PDF."""
    from fieldops.core.booking.poster import poster_pdf

    return pdf(poster_pdf(_poster(trip_id)), f"poster-loktuan-{trip_id.hex[:8]}")


def pdf(content: bytes, name: str) -> Response:
    """An answer that a browser shows as a document."""
    answer = make_response(content)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
