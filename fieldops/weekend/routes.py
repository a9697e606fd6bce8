"""Weekend days for supervisors: list, plan, publish, poster, cancel."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Blueprint, abort, current_app, make_response, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.booking import rules as booking
from fieldops.core.booking.rules import Pool
from fieldops.core.booking.service import contacts
from fieldops.core.calendar.queries import holidays_on
from fieldops.core.office.queries import is_demo
from fieldops.core.people import queries as people
from fieldops.core.places import queries as places
from fieldops.kit import clock, qr
from fieldops.kit.access import needs
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, options, read_date, read_id, read_key, read_number, refuse, summary
from fieldops.kit.indonesian import clock_time, long_date
from fieldops.kit.page import go, page, private
from fieldops.weekend import forms, queries, rules, service
from fieldops.weekend.rules import Programme, Status

if TYPE_CHECKING:
    from flask import Response

    from fieldops.core.booking.poster import Poster
    from fieldops.settings import Settings
    from fieldops.weekend.queries import DayRow

bp = Blueprint("weekend", __name__, url_prefix="/weekend")


def _office() -> Settings:
    found: Settings = current_app.extensions["fieldops.settings"]
    return found


@bp.get("/days")
@needs("weekend.read")
def day_list() -> Response:
    """Coming service days, and the days of the next six weekends that have none yet."""
    today = clock.today()
    until = today + timedelta(weeks=6)
    with reading() as session:
        days = queries.days_from(session, today)
        planned = queries.planned(session, today, until)
        empty = [
            (programme, day)
            for programme in Programme
            for day in rules.next_days(programme, today, 12)
            if day < until and (programme, day) not in planned
        ]
        holidays = holidays_on(session, [day for _, day in empty])
    empty.sort(key=lambda pair: (pair[1], pair[0].value != Programme.PERSARI.value))
    return page("weekend/day_list.html", days=days, empty=empty, holidays=holidays)


def _asked() -> tuple[Programme, Any]:
    try:
        programme = Programme(request.values.get("programme", ""))
    except ValueError:
        abort(404)
    day = read_date(request.values.get("day", ""))
    if day is None or day.weekday() not in programme.weekdays:
        abort(404)
    return programme, day


@bp.get("/days/new")
@needs("weekend.plan")
def day_new() -> Response:
    """A day as its weekly template has it."""
    programme, day = _asked()
    with reading() as session:
        template = queries.template(session, programme, day.weekday())
    values = forms.defaults(template) if template else {}
    form = forms.DayForm(data={name: text for name, text in values.items() if "_" in name})
    return _day_page(programme, day, form, values, new_key(), [], 200)


def _day_page(
    programme: Programme,
    day: Any,
    form: forms.DayForm,
    values: Any,
    key: str,
    errors: list[tuple[str | None, str]],
    status: int,
) -> Response:
    with reading() as session:
        holidays = holidays_on(session, [day]).get(day, [])
        form.site.choices = options((str(site.id), site.name) for site in places.sites(session))
        leads = [one for one in people.active_people(session) if one.role in {"supervisor", "officer", "head"}]
    form.lead.choices = options([("", "Belum ditentukan"), *[(str(one.id), one.name) for one in leads]])
    return page(
        "weekend/day_new.html",
        status=status,
        programme=programme,
        day=day,
        form=form,
        rows=forms.rows(values),
        holidays=holidays,
        key=key,
        errors=errors,
    )


@bp.post("/days")
@needs("weekend.plan")
def day_create() -> Response:
    """Keep the day as a draft."""
    programme, day = _asked()
    key = read_key(request.form.get("key"))
    if key is None:
        abort(422)
    form = forms.DayForm(request.form)
    release = forms.read_release(form)
    plans, wrong = forms.read_sessions(request.form)
    site_id = read_id(form.site.data)
    if site_id is None:
        form.site.errors = ["Pilih tempat layanan."]
    if release is None or wrong or site_id is None:
        return _day_page(programme, day, form, request.form, key, [*wrong, *summary(form)], 422)
    try:
        day_id = again_when_stale(
            lambda session: service.create_day(
                session,
                programme=programme,
                day=day,
                site_id=site_id,
                lead_id=service.check_lead(session, read_id(form.lead.data)),
                release=release,
                plans=plans,
                override_reason=form.override_reason.data or "",
                form_key=key,
                actor=staff(current_user.id),
                now=clock.now(),
            )
        )
    except Refusal as refusal:
        return _day_page(programme, day, form, request.form, key, refuse(form, refusal), 422)
    return go(url_for(".day_show", day_id=day_id))


def _load(day_id: UUID) -> DayRow:
    with reading() as session:
        found = queries.day(session, day_id)
    if found is None:
        raise NotFound
    return found


@bp.get("/days/<uuid:day_id>")
@needs("weekend.read")
def day_show(day_id: UUID) -> Response:
    """One service day: seats, publish, poster, cancel."""
    return _show(day_id, [], 200)


def _show(
    day_id: UUID,
    errors: list[tuple[str | None, str]],
    status: int,
    *,
    typed: Any = None,
    typed_at: UUID | None = None,
) -> Response:
    with reading() as session:
        row = queries.day(session, day_id)
        if row is None:
            raise NotFound
        sessions = queries.day_sessions(session, day_id)
    return page(
        "weekend/day_show.html",
        status=status,
        row=row,
        sessions=sessions,
        errors=errors,
        typed=typed or {},
        typed_at=typed_at,
        pools=[Pool.PUBLIC, Pool.PRIORITY, Pool.WALK_IN],
        public_link=_public_link(row),
    )


def _public_link(row: DayRow) -> str:
    """The poster's address; upper case, so that its QR code is coarse enough for old cameras."""
    return f"{_office().public_url}/J/{row.page_code}"


@bp.post("/days/<uuid:day_id>/publish")
@needs("weekend.plan")
def day_publish(day_id: UUID) -> Response:
    """Open it to the public."""
    try:
        with transaction() as session:
            service.publish(session, day_id, actor=staff(current_user.id), now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(day_id, [(None, refusal.sentence)], 422)
    return go(url_for(".day_show", day_id=day_id))


@bp.post("/days/<uuid:day_id>/cancel")
@needs("weekend.plan")
def day_cancel(day_id: UUID) -> Response:
    """Close it, with a reason that the public sees."""
    reason = request.form.get("reason", "")
    try:
        with transaction() as session:
            service.cancel(session, day_id, reason=reason, actor=staff(current_user.id), now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(day_id, [("reason", refusal.sentence)], 422, typed=request.form)
    return go(url_for(".day_show", day_id=day_id))


@bp.post("/days/<uuid:day_id>/sessions/<uuid:session_id>/seats")
@needs("weekend.plan")
def session_seats(day_id: UUID, session_id: UUID) -> Response:
    """Change the number of seats per pool."""
    wanted: dict[Pool, int] = {}
    for pool in (Pool.PUBLIC, Pool.PRIORITY, Pool.WALK_IN):
        number = read_number(request.form.get(pool.value, ""))
        if number is None or number > 200:
            errors: list[tuple[str | None, str]] = [
                (f"{pool.value}-{session_id}", "Tulis jumlah kursi antara 0 dan 200.")
            ]
            return _show(day_id, errors, 422, typed=request.form, typed_at=session_id)
        wanted[pool] = number
    try:
        with transaction() as session:
            service.set_seats(session, day_id, session_id, wanted, actor=staff(current_user.id), now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        at = f"{refusal.field}-{session_id}" if refusal.field else None
        return _show(day_id, [(at, refusal.sentence)], 422, typed=request.form, typed_at=session_id)
    return go(url_for(".day_show", day_id=day_id))


@bp.post("/days/<uuid:day_id>/contacts")
@needs("weekend.plan")
def day_contacts(day_id: UUID) -> Response:
    """Whom the office has to reach when the day changes. A POST, because the reading itself is written down."""
    row = _load(day_id)
    with transaction() as session:
        found = contacts.read_contacts(session, "weekend_day", day_id, actor=staff(current_user.id), now=clock.now())
    reason = f"Dibatalkan: {row.cancel_reason}" if row.cancel_reason else ""
    return private(
        page(
            "booking/contacts.html",
            nav="weekend",
            back_url=url_for(".day_show", day_id=day_id),
            title=f"{row.programme.label}, {long_date(row.day)}",
            reason=reason,
            contacts=found,
        )
    )


def _poster(row: DayRow) -> Poster:
    """The poster of this day's page: all published days of the programme's weekend."""
    from fieldops.core.booking.poster import Poster  # loads reportlab, which a server that prints nothing does not need

    with reading() as session:
        days = [
            (one, queries.day_sessions(session, one.id))
            for one in queries.days_from(session, rules.saturday_of(row.day), limit=20)
            if one.page_code == row.page_code and one.status is Status.PUBLISHED
        ]
    sessions = [one for _, found in days for one in found]
    opens_at = min(one.opens_at for one in sessions)
    link = _public_link(row)
    return Poster(
        office=_office().office_name,
        programme=row.programme.label,
        programme_meaning=row.programme.meaning,
        when_text=" dan ".join(long_date(one.day) for one, _ in days),
        days=[
            (long_date(one.day), [f"{clock_time(found.starts_at, clock.ZONE)}" for found in sessions])
            for one, sessions in days
        ],
        place=row.place,
        address=row.address,
        opens_text=f"Pendaftaran dibuka {long_date(clock.office_day(opens_at))}, "
        f"pukul {clock_time(opens_at, clock.ZONE)} {clock.ZONE_NAME}",
        address_text=link.partition("://")[2],
        qr_text=link.upper(),
        bring=list(booking.bring(list(booking.Service))),
        help_phone=_office().office_phone,
        demo=is_demo(),
    )


def _published(day_id: UUID) -> DayRow:
    row = _load(day_id)
    if row.status is not Status.PUBLISHED:
        raise NotFound("Poster baru ada setelah hari layanan diterbitkan.")
    return row


@bp.get("/days/<uuid:day_id>/poster")
@needs("weekend.read")
def poster_show(day_id: UUID) -> Response:
    """The poster as a page to look at and print."""
    row = _published(day_id)
    poster = _poster(row)
    drawn = qr.svg(poster.qr_text, label=f"Kode QR ke {poster.address_text}", size=380, level="Q")
    return page("weekend/poster.html", row=row, poster=poster, qr_svg=drawn)


@bp.get("/days/<uuid:day_id>/poster.pdf")
@needs("weekend.read")
def poster_file(day_id: UUID) -> Response:
    """The poster as A4 PDF."""
    from fieldops.core.booking.poster import poster_pdf

    row = _published(day_id)
    answer = make_response(poster_pdf(_poster(row)))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="poster-{row.programme.value}-{row.day}.pdf"'
    return answer
