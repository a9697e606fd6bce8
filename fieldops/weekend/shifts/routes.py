"""The weekend roster: needs, grid, proposal, one post, publishing, closing a day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import abort, current_app, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.calendar.queries import closed_days
from fieldops.core.office.queries import late_jobs
from fieldops.core.roster.absences.queries import broken_count
from fieldops.core.roster.absences.rules import CompensationRule
from fieldops.core.roster.posts import queries as posts
from fieldops.core.roster.posts.service import closing, publishing, seats
from fieldops.core.roster.rules import PostState
from fieldops.core.roster.rules.fitness import Severity, short_day
from fieldops.core.roster.rules.ranking import candidates
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Refusal, Stale
from fieldops.kit.forms import read_id, read_number
from fieldops.kit.indonesian import clock_time
from fieldops.kit.page import go, page, private
from fieldops.weekend.queries import no_day_until
from fieldops.weekend.routes import bp
from fieldops.weekend.rules import Programme
from fieldops.weekend.service import SOURCE
from fieldops.weekend.shifts import forms, queries, service

if TYPE_CHECKING:
    from flask import Response

    from fieldops.core.roster.posts.queries import Ground, PostRow
    from fieldops.settings import Settings
    from fieldops.weekend.shifts.forms import Span

__all__ = ["bp"]  # the views here hang on the blueprint of the weekend

Errors = list[tuple[str | None, str]]


def _office() -> Settings:
    found: Settings = current_app.extensions["fieldops.settings"]
    return found


# -- needs


@bp.get("/roster/needs")
@needs("roster.read")
def need_list() -> Response:
    """What an ordinary day of each programme needs."""
    with reading() as session:
        found = queries.needs(session)
    days = [(programme, weekday) for programme in Programme for weekday in programme.weekdays]
    return page("weekend/need_list.html", days=days, needs=found)


def _programme_day() -> tuple[Programme, int]:
    try:
        programme = Programme(request.values.get("programme", Programme.PERSARI.value))
    except ValueError:
        abort(404)
    weekday = read_number(request.values.get("weekday", str(programme.weekdays[0])))
    if weekday not in programme.weekdays:
        abort(404)
    return programme, weekday


@bp.get("/roster/needs/edit")
@needs("roster.plan")
def need_edit() -> Response:
    """The needs of one weekday as a form."""
    programme, weekday = _programme_day()
    with reading() as session:
        shifts = queries.needs(session).get((programme, weekday), [])
    return _need_page(programme, weekday, forms.need_values(shifts), [], 200)


def _need_page(programme: Programme, weekday: int, values: Any, errors: Errors, status: int) -> Response:
    rows = forms.need_rows(values)
    return page("weekend/need_edit.html", status=status, programme=programme, weekday=weekday, rows=rows, errors=errors)


@bp.post("/roster/needs/edit")
@needs("roster.plan")
def need_update() -> Response:
    """Keep the needs; the roster follows when it is prepared again."""
    programme, weekday = _programme_day()
    try:
        shifts = forms.read_needs(request.form)
        with transaction() as session:
            service.set_needs(session, programme, weekday, shifts, actor=staff(current_user.id), now=clock.now())
    except Refusal as refusal:
        return _need_page(programme, weekday, request.form, [("needs", refusal.sentence)], 422)
    return go(url_for(".need_list"))


# -- the grid


@dataclass(frozen=True)
class Line:
    """One person's row of the grid: his posts by day, and his points with and without what is planned."""

    id: UUID
    name: str
    by_day: dict[date, list[PostRow]]
    points: int
    planned: int


def _span() -> Span:
    return forms.read_span(request.values, clock.today())


def _address(span: Span, endpoint: str = ".roster_show") -> str:
    asked: dict[str, Any] = {"from": span.saturday.isoformat(), "weekends": span.weekends}
    return url_for(endpoint, **asked)


@bp.get("/roster")
@needs("roster.read")
def roster_show() -> Response:
    """People by days on a desk, days with their posts on a phone."""
    return _roster(_span(), [], 200)


def _roster(span: Span, errors: Errors, status: int, *, said: str = "") -> Response:
    today = clock.today()
    plans = current_user.may("roster.plan")
    with reading() as session:
        rows = posts.posts_between(session, span.saturday, span.last, source=SOURCE)
        ground = posts.ground(session, span.saturday, span.last, today=today)
        days = queries.roster_days(session, span.saturday, span.weekends)
        away = broken_count(session, now=clock.now()) if plans else 0
        until = no_day_until(session, today) if plans else None
        late = late_jobs(session, now=clock.now()) if plans else []
    if not plans:
        rows = [row for row in rows if row.state is not PostState.DRAFT]
    broken = _broken(ground, rows) if plans else {}
    closed: dict[date, list[str]] = {}
    for one in days:
        if one.closed:
            closed.setdefault(one.day, []).append(f"{one.programme.label}: {one.closed}")
    return private(
        page(
            "weekend/roster.html",
            status=status,
            span=span,
            days=_by_day(rows, closed),
            overnight=_overnight(rows),
            lines=_lines(ground, rows),
            broken=broken,
            away=away,
            no_day_until=until,
            late=late,
            counts=Counter(row.state.value for row in rows),
            gaps=sum(row.is_gap for row in rows),
            errors=errors,
            said=said,
            today=today,
            earlier=span.saturday - timedelta(weeks=span.weekends),
            later=span.saturday + timedelta(weeks=span.weekends),
            plans=plans,
        )
    )


def _by_day(rows: list[PostRow], closed: dict[date, list[str]]) -> list[tuple[date, list[Any], list[str]]]:
    """Each day with its shifts in order, and what is closed on it. A shift over midnight brings its second day too."""
    days: dict[date, dict[tuple[Any, str], list[PostRow]]] = {day: {} for day in closed}
    for row in rows:
        for day in row.days[1:]:
            days.setdefault(day, {})
        days.setdefault(row.day, {}).setdefault((row.starts_at, row.title), []).append(row)
    return [
        (day, [theirs for _, theirs in sorted(shifts.items())], closed.get(day, []))
        for day, shifts in sorted(days.items())
    ]


def _overnight(rows: list[PostRow]) -> dict[date, list[str]]:
    """What goes on from the day before: it is counted there, and shown on both days."""
    found: dict[date, dict[str, None]] = {}
    for row in rows:
        for day in row.days[1:]:
            until = clock_time(row.ends_at, clock.ZONE)
            sentence = f"{row.title} dari {short_day(row.day)} berlangsung sampai {until} {clock.ZONE_NAME}."
            found.setdefault(day, {})[sentence] = None
    return {day: list(sentences) for day, sentences in found.items()}


def _lines(ground: Ground, rows: list[PostRow]) -> list[Line]:
    points = {slot.id: slot.points for slot in ground.slots}
    lines = []
    for officer in ground.officers:
        by_day: dict[date, list[PostRow]] = {}
        planned = 0
        for row in rows:
            if row.person_id == officer.id:
                for day in row.days:
                    by_day.setdefault(day, []).append(row)
                planned += points.get(row.id, 0)
        lines.append(Line(officer.id, officer.name, by_day, officer.points, officer.points + planned))
    return sorted(lines, key=lambda line: (-line.planned, line.name))


def _broken(ground: Ground, rows: list[PostRow]) -> dict[UUID, list[str]]:
    """Sentences for posts whose person may not stand there (any more) and nobody gave a reason."""
    found: dict[UUID, list[str]] = {}
    for row in rows:
        if row.person_id is None or row.state is PostState.LOCKED:
            continue
        try:
            breaks = seats.broken_rules(ground, row.id, row.person_id)
        except Refusal as refusal:
            found[row.id] = [refusal.sentence]
            continue
        sentences = [one.sentence for one in breaks if not (row.override_reason and one.severity is Severity.REASON)]
        if sentences:
            found[row.id] = sentences
    return found


# -- preparing and proposing


@bp.post("/roster/prepare")
@needs("roster.plan")
def roster_prepare() -> Response:
    """Make the posts of these weekends from the needs."""
    span = _span()
    with transaction() as session:
        service.prepare(session, span.saturday, span.weekends, actor=staff(current_user.id), now=clock.now())
    return go(_address(span))


@bp.post("/roster/propose")
@needs("roster.plan")
def roster_propose() -> Response:
    """Susun otomatis: fill the drafts that nobody pinned. The engine works outside the transaction."""
    span = _span()
    now = clock.now()
    with reading() as session:
        asked = service.to_fill(session, span.saturday, span.weekends, now=now)
    if not asked.seen:
        return _roster(span, [(None, "Tidak ada draf yang bisa disusun. Siapkan giliran dulu.")], 422)
    choices = service.fill(asked)
    try:
        with transaction() as session:
            publishing.apply_proposal(session, choices, seen=asked.seen, actor=staff(current_user.id), now=now)
    except Stale as stale:
        return _roster(span, [(None, stale.sentence)], 409)
    return go(_address(span))


# -- one post


@bp.get("/roster/posts/<uuid:post_id>")
@needs("roster.plan")
def post_show(post_id: UUID) -> Response:
    """Who could stand here, in order, with reasons."""
    return _post(post_id, [], 200)


def _post(post_id: UUID, errors: Errors, status: int, typed: Any = None) -> Response:
    with reading() as session:
        row = posts.post(session, post_id)
        if row is None or row.source != SOURCE:
            raise NotFound
        ground = posts.ground(session, row.day, row.day, today=clock.today())
    found = []
    if row.state in {PostState.DRAFT, PostState.PUBLISHED}:
        found = candidates(
            ground.slot(post_id),
            ground.officers,
            ground.promises,
            ground.slots,
            ground.limits,
            ground.wishes,
        )
    broken = _broken(ground, [row]).get(post_id, [])
    return private(
        page(
            "weekend/post.html",
            status=status,
            row=row,
            candidates=found,
            broken=broken,
            errors=errors,
            typed=typed or {},
            back_url=_address(forms.Span(row.day - timedelta(days=row.day.weekday() - 5), 4)),
        )
    )


@bp.post("/roster/posts/<uuid:post_id>/assign")
@needs("roster.plan")
def post_assign(post_id: UUID) -> Response:
    """Put somebody there by hand."""
    person_id = read_id(request.form.get("person"))
    if person_id is None:
        return _post(post_id, [("person", "Pilih salah satu petugas.")], 422, request.form)
    try:
        with transaction() as session:
            seats.assign(
                session,
                post_id,
                person_id,
                revision=read_number(request.form.get("revision", "")) or 0,
                override_reason=request.form.get("override_reason", ""),
                actor=staff(current_user.id),
                now=clock.now(),
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return _post(post_id, [(refusal.field, refusal.sentence)], refusal.status, request.form)
    return go(url_for(".post_show", post_id=post_id))


@bp.post("/roster/posts/<uuid:post_id>/clear")
@needs("roster.plan")
def post_clear(post_id: UUID) -> Response:
    """Take the person off; the post becomes a gap with an owner."""
    try:
        with transaction() as session:
            seats.clear(
                session,
                post_id,
                revision=read_number(request.form.get("revision", "")) or 0,
                reason=request.form.get("reason", ""),
                actor=staff(current_user.id),
                now=clock.now(),
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return _post(post_id, [("reason", refusal.sentence)], refusal.status, request.form)
    return go(url_for(".post_show", post_id=post_id))


# -- publishing


@bp.get("/roster/publish")
@needs("roster.plan")
def roster_publish_show() -> Response:
    """What publishing would say to whom; gaps and broken rules come first."""
    return _publish_page(_span(), [], 200)


def _publish_page(span: Span, errors: Errors, status: int) -> Response:
    with reading() as session:
        rows = posts.posts_between(session, span.saturday, span.last, source=SOURCE)
        ground = posts.ground(session, span.saturday, span.last, today=clock.today())
    drafts = [row for row in rows if row.state is PostState.DRAFT]
    return private(
        page(
            "weekend/publish.html",
            status=status,
            span=span,
            drafts=drafts,
            people=Counter(row.person for row in drafts if row.person).most_common(),
            gaps=[row for row in drafts if row.is_gap],
            broken=[(row, sentences) for row in drafts if (sentences := _broken(ground, [row]).get(row.id))],
            errors=errors,
            roster_url=_address(span),
        )
    )


@bp.post("/roster/publish")
@needs("roster.plan")
def roster_publish() -> Response:
    """Publish the drafts; everybody concerned hears of it once."""
    span = _span()
    with_gaps = request.form.get("with_gaps") == "1"
    try:
        with transaction() as session:
            publishing.publish(
                session,
                span.saturday,
                span.last,
                source=SOURCE,
                with_gaps=with_gaps,
                actor=staff(current_user.id),
                now=clock.now(),
            )
    except Refusal as refusal:
        return _publish_page(span, [(refusal.field, refusal.sentence)], 422)
    return go(_address(span))


# -- closing


@bp.get("/roster/close")
@needs("roster.plan")
def day_close_show() -> Response:
    """Who worked, from when to when: on the day that is asked for, or the last one with duties."""
    return _closing(_day(), [], 200)


def _day() -> date:
    asked = request.values.get("day")
    if asked is None:
        with reading() as session:
            return posts.last_told_day(session, clock.today(), source=SOURCE) or clock.today()
    try:
        return date.fromisoformat(asked)
    except ValueError:
        abort(404)


def _closing(day: date, errors: Errors, status: int, typed: Any = None) -> Response:
    with reading() as session:
        rows = posts.posts_between(session, day, day, source=SOURCE)
    told = [row for row in rows if row.state in {PostState.PUBLISHED, PostState.LOCKED} and row.person_id]
    return private(
        page(
            "weekend/close.html",
            status=status,
            day=day,
            rows=told,
            errors=errors,
            typed=typed,
            now=clock.now(),
            back_url=_address(forms.Span(day - timedelta(days=day.weekday() - 5), 4)),
        )
    )


@bp.post("/roster/close")
@needs("roster.plan")
def day_close() -> Response:
    """Keep what became of each duty; points follow who worked."""
    asked = _day()
    try:
        with transaction() as session:
            rows = posts.posts_between(session, asked, asked, source=SOURCE)
            holidays = frozenset(closed_days(session, asked - timedelta(days=1), asked + timedelta(days=2)))
            said = forms.read_closings(request.form, [row for row in rows if row.person_id])
            closing.lock(session, list(said))
            for post_id in sorted(said):
                try:
                    closing.close(
                        session,
                        post_id,
                        said[post_id],
                        holidays=holidays,
                        actor=staff(current_user.id),
                        now=clock.now(),
                        compensation=CompensationRule.of(_office().compensation),
                    )
                except NotFound:
                    raise
                except Refusal as refusal:
                    who = next(row.person for row in rows if row.id == post_id)
                    raise forms.WrongClosing(f"{who}: {refusal.sentence}", post_id) from refusal
    except NotFound:
        raise
    except Refusal as refusal:
        return _closing(asked, [(refusal.field, refusal.sentence)], 422, request.form)
    return go(url_for(".day_close_show", day=asked.isoformat()))
