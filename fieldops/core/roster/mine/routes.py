"""Tugas saya: duties, presence, swaps, wishes, calendar address; and the swaps a supervisor decides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Blueprint, abort, current_app, make_response, request, url_for
from flask_login import current_user

from fieldops.core.audit.rules import staff
from fieldops.core.people import queries as people
from fieldops.core.roster.mine import service as mine
from fieldops.core.roster.posts import queries as posts
from fieldops.core.roster.posts.service import closing
from fieldops.core.roster.rules import PostState, SwapState
from fieldops.core.roster.swaps import queries as swaps
from fieldops.core.roster.swaps import service as swapping
from fieldops.core.roster.swaps.rules import NeedTaker
from fieldops.kit import clock
from fieldops.kit.access import needs, signing_in
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, read_key
from fieldops.kit.ics import Event, calendar
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from fieldops.core.people.queries import PersonRow
    from fieldops.core.roster.posts.queries import PostRow
    from fieldops.core.roster.swaps.queries import SwapRow

bp = Blueprint("roster", __name__)
Errors = list[tuple[str | None, str]]
_AHEAD = timedelta(days=120)
_BACK = timedelta(days=30)


@bp.get("/my/duties")
@needs("duty.own")
def my_duties() -> Response:
    """What I have to do, what I am offered, what I have done."""
    return _duties([], 200)


def _duties(errors: Errors, status: int, *, feed_url: str = "") -> Response:
    today, now = clock.today(), clock.now()
    with reading() as session:
        rows = posts.posts_of(session, current_user.id, today - _BACK, today + _AHEAD)
        found = swaps.swaps_for(session, current_user.id, now=now)
        since = mine.feed_since(session, current_user.id)
        lines = posts.point_lines(session, current_user.id, today=today)
        wished = mine.wishes(session, current_user.id, today, today + timedelta(weeks=12))
    weekends = [today + timedelta(days=n) for n in range(12 * 7) if (today + timedelta(days=n)).weekday() >= 5]
    return private(
        page(
            "roster/my_duties.html",
            status=status,
            coming=[row for row in rows if row.ends_at > now],
            past=[row for row in reversed(rows) if row.ends_at <= now],
            now=now,
            soon=timedelta(hours=2),
            swaps=found,
            offered={one.post.id for one in found if one.giver_id == current_user.id},
            feed_since=since,
            feed_url=feed_url,
            lines=lines,
            weekends=weekends,
            wishes=wished,
            errors=errors,
        )
    )


@bp.post("/my/duties/<uuid:post_id>/presence")
@needs("duty.own")
def presence(post_id: UUID) -> Response:
    """Saya hadir, saya selesai."""
    with transaction() as session:
        leaving = request.form.get("leaving") == "1"
        closing.note_presence(session, post_id, current_user.id, leaving=leaving, now=clock.now())
    return go(url_for(".my_duties"))


@bp.post("/my/wishes")
@needs("duty.own")
def wish_update() -> Response:
    """Would like to, would rather not, no wish: for one day."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        abort(404)
    if not clock.today() <= day <= clock.today() + timedelta(weeks=12):
        abort(404)
    wants = {"ya": True, "tidak": False}.get(request.form.get("wants", ""))
    with transaction() as session:
        mine.wish(session, current_user.id, day, wants)
    return go(url_for(".my_duties") + "#keinginan")


@bp.get("/points")
@needs("roster.read")
def point_list() -> Response:
    """Who has carried how much in the last 12 months, part by part."""
    with reading() as session:
        rows = posts.point_table(session, today=clock.today())
    return page("roster/points.html", people=rows, today=clock.today())


# -- calendar address


@bp.post("/my/calendar")
@needs("duty.own")
def feed_open() -> Response:
    """Make a private address, shown once; the former one is dead."""
    with transaction() as session:
        token = mine.open_feed(session, current_user.id, now=clock.now())
    office = current_app.extensions["fieldops.settings"]
    return _duties([], 200, feed_url=f"{office.staff_url}{url_for('.feed', token=token)}")


@bp.post("/my/calendar/close")
@needs("duty.own")
def feed_close() -> Response:
    """The address stops working."""
    with transaction() as session:
        mine.close_feed(session, current_user.id, now=clock.now())
    return go(url_for(".my_duties"))


@bp.get("/calendar/<token>/duties.ics")
@signing_in
def feed(token: str) -> Response:
    """A person's duties for the calendar of his phone. Whoever has the address may read it."""
    today = clock.today()
    with reading() as session:
        person_id = mine.feed_person(session, token)
        if person_id is None:
            raise NotFound
        rows = posts.posts_of(session, person_id, today - timedelta(days=90), today + timedelta(days=365))
    answer = make_response(calendar([_event(row) for row in rows], name="Tugas saya"))
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    return private(answer)


def _event(row: PostRow) -> Event:
    return Event(
        uid=f"{row.id}@fieldops",
        sequence=row.revision,
        starts=row.starts_at,
        ends=row.ends_at,
        summary=f"{row.duty.label}, {row.title}",
        place="",
        description="",
        stamp=row.changed_at,
    )


# -- swaps


def _mine_or_planner(post: PostRow) -> UUID:
    """Whose duty is offered: one's own, or anybody's for a supervisor."""
    if post.person_id is None or (post.person_id != current_user.id and not current_user.may("roster.plan")):
        raise NotFound
    return post.person_id


def _published(post_id: UUID) -> PostRow:
    with reading() as session:
        found = posts.post(session, post_id)
    if found is None or found.state is not PostState.PUBLISHED:
        raise NotFound
    return found


@bp.get("/swaps/new/<uuid:post_id>")
@needs("duty.own")
def swap_new(post_id: UUID) -> Response:
    """Offer a duty to somebody, or to all who can do it."""
    return _offer_page(_published(post_id), new_key(), {}, [], 200)


def _offer_page(post: PostRow, key: str, typed: Any, errors: Errors, status: int) -> Response:
    giver_id = _mine_or_planner(post)
    with reading() as session:
        others = [one for one in people.active_people(session) if one.id != giver_id]
    return private(
        page("roster/swap_new.html", status=status, post=post, key=key, people=others, typed=typed, errors=errors)
    )


@bp.post("/swaps/new/<uuid:post_id>")
@needs("duty.own")
def swap_create(post_id: UUID) -> Response:
    """Keep the offer; the one it is for is told."""
    post = _published(post_id)
    giver_id = _mine_or_planner(post)
    key = read_key(request.form.get("key"))
    if key is None:
        abort(422)
    try:
        again_when_stale(
            lambda session: swapping.offer(
                session,
                post_id,
                giver_id=giver_id,
                taker_id=_uuid(request.form.get("taker")),
                note=request.form.get("note", "")[:300],
                form_key=key,
                actor=staff(current_user.id),
                now=clock.now(),
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _offer_page(post, key, request.form, [(refusal.field, refusal.sentence)], 422)
    return go(url_for(".my_duties"))


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


@bp.get("/swaps/<uuid:swap_id>")
@needs("duty.own")
def swap_show(swap_id: UUID) -> Response:
    """One swap, with what the reader may do."""
    return _swap_page(swap_id, [], 200)


def _swap_page(swap_id: UUID, errors: Errors, status: int, typed: Any = None) -> Response:
    today = clock.today()
    with reading() as session:
        swap = swaps.swap(session, swap_id)
        plans = current_user.may("roster.plan")
        if swap is None or not (plans or current_user.id in {swap.giver_id, swap.taker_id} or (swap.taker_id is None)):
            raise NotFound
        own = posts.posts_of(session, current_user.id, today, today + _AHEAD)
        others = _absent(session, swap) if plans else []
    mine_ahead = [row for row in own if row.starts_at > clock.now() and row.state is PostState.PUBLISHED]
    return private(
        page(
            "roster/swap_show.html",
            status=status,
            swap=swap,
            own=mine_ahead,
            others=others,
            errors=errors,
            typed=typed or {},
            now=clock.now(),
        )
    )


def _absent(session: Session, swap: SwapRow) -> list[PersonRow]:
    """For whom a supervisor can take this offer: whom it was made to, or anybody but the two of them."""
    if swap.state is not SwapState.OFFERED or swap.giver_id == current_user.id:
        return []
    others = [one for one in people.active_people(session) if one.id not in {swap.giver_id, current_user.id}]
    return others if swap.taker_id is None else [one for one in others if one.id == swap.taker_id]


@bp.post("/swaps/<uuid:swap_id>/accept")
@needs("duty.own")
def swap_accept(swap_id: UUID) -> Response:
    """I take it, if wanted in exchange for one of mine."""

    def accept(session: Any) -> None:
        back = _uuid(request.form.get("back"))
        actor = staff(current_user.id)
        swapping.accept(session, swap_id, taker_id=current_user.id, return_post_id=back, actor=actor, now=clock.now())

    return _step(swap_id, accept)


@bp.post("/swaps/<uuid:swap_id>/accept-for")
@needs("roster.plan")
def swap_accept_for(swap_id: UUID) -> Response:
    """A supervisor takes it for somebody who cannot answer himself, and says why."""

    def accept(session: Any) -> None:
        taker_id = _uuid(request.form.get("for_person"))
        if taker_id is None:
            raise NeedTaker
        swapping.accept(
            session,
            swap_id,
            taker_id=taker_id,
            return_post_id=None,
            actor=staff(current_user.id),
            now=clock.now(),
            reason=request.form.get("reason", "")[:300],
        )

    return _step(swap_id, accept)


@bp.post("/swaps/<uuid:swap_id>/withdraw")
@needs("duty.own")
def swap_withdraw(swap_id: UUID) -> Response:
    """One of the two ends it, or a supervisor."""

    def withdraw(session: Any) -> None:
        person_id = None if current_user.may("roster.plan") else current_user.id
        swapping.withdraw(session, swap_id, person_id=person_id, actor=staff(current_user.id), now=clock.now())

    return _step(swap_id, withdraw)


@bp.post("/swaps/<uuid:swap_id>/approve")
@needs("roster.plan")
def swap_approve(swap_id: UUID) -> Response:
    """All rules run again, then the duty changes hands."""
    return _step(
        swap_id,
        lambda session: swapping.approve(session, swap_id, actor=staff(current_user.id), now=clock.now()),
    )


@bp.post("/swaps/<uuid:swap_id>/refuse")
@needs("roster.plan")
def swap_refuse(swap_id: UUID) -> Response:
    """No, with a reason."""
    note = request.form.get("note", "")[:300]
    return _step(
        swap_id,
        lambda session: swapping.refuse(session, swap_id, note=note, actor=staff(current_user.id), now=clock.now()),
    )


@bp.post("/swaps/<uuid:swap_id>/undo")
@needs("roster.plan")
def swap_undo(swap_id: UUID) -> Response:
    """Give it back, before the duty begins."""
    return _step(
        swap_id, lambda session: swapping.undo(session, swap_id, actor=staff(current_user.id), now=clock.now())
    )


def _step(swap_id: UUID, act: Any) -> Response:
    try:
        with transaction() as session:
            act(session)
    except NotFound:
        raise
    except Refusal as refusal:
        return _swap_page(swap_id, [(refusal.field, refusal.sentence)], refusal.status, request.form)
    return go(url_for(".swap_show", swap_id=swap_id))


@bp.get("/swaps")
@needs("roster.plan")
def swap_list() -> Response:
    """Swaps that wait for a decision, those that can be undone, and offers that nobody has answered."""
    with reading() as session:
        found = swaps.to_decide(session, now=clock.now())
        unanswered = swaps.unanswered(session, now=clock.now())
    return private(page("roster/swap_list.html", swaps=found, unanswered=unanswered))
