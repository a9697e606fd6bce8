"""What became of a duty: presence, hours, points."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from fieldops.core.audit import service as audit
from fieldops.core.roster import service as roster
from fieldops.core.roster.absences import service as absences
from fieldops.core.roster.models import CompensationDay, PointLine, Post
from fieldops.core.roster.posts.queries import POST
from fieldops.core.roster.posts.service import seats
from fieldops.core.roster.rules import Duty, Interval, Outcome, PostState
from fieldops.core.roster.rules.intervals import overlaps
from fieldops.core.roster.rules.points import Points, points_of
from fieldops.core.roster.rules.posting import Closing, NotPublished, TooEarly, WrongTimes, closes_with
from fieldops.kit import clock
from fieldops.kit.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.core.roster.absences.rules import CompensationRule


def note_presence(session: Session, post_id: UUID, person_id: UUID, *, leaving: bool, now: datetime) -> None:
    """An officer says that he has come, or goes. The first time counts. Refuses (NotFound) somebody else's duty."""
    post = seats.locked_one(session, post_id)
    if post.person_id != person_id or post.state != PostState.PUBLISHED:
        raise NotFound
    if leaving:
        if post.checked_out_at is None and post.checked_in_at is not None:
            session.execute(update(Post).where(Post.id == post_id).values(checked_out_at=now))
    elif post.checked_in_at is None:
        session.execute(update(Post).where(Post.id == post_id).values(checked_in_at=now))


def lock(session: Session, post_ids: Sequence[UUID]) -> None:
    """Before several duties are closed in one transaction: their posts by id, then their people by id, in one go.

    Refuses (NotFound) a post that is not there.
    """
    rows = seats.locked(session, post_ids)
    roster.lock_people(session, {one.person_id for one in rows.values() if one.person_id is not None})


GRACE = timedelta(minutes=60)


def close(
    session: Session,
    post_id: UUID,
    closing: Closing,
    *,
    holidays: frozenset[date],
    actor: Actor,
    now: datetime,
    compensation: CompensationRule | None = None,
) -> int:
    """Say what became of a duty: points for who worked, none for who did not. Gives the minutes that count now.

    Hours that were not noted are the planned ones and marked as assumed; nobody can be written absent before the end
    and an hour of grace. `compensation` is the office's rule for time off; a duty that turns out not to have been
    worked takes back what it earned, unless that was used. Said again in the same words, nothing changes; in others, a
    reversing line takes back the old points first. Time that he spent on two duties counts once: the other one's lines
    follow. Locks the post, then the person.
    Refuses a gap, a post that was never published, a duty that still runs (TooEarly) and hours without length.
    """
    post = seats.locked_one(session, post_id)
    if post.person_id is None or post.state not in {PostState.PUBLISHED, PostState.LOCKED}:
        raise NotPublished
    if now < post.ends_at + (GRACE if closing.outcome is Outcome.ABSENT else timedelta()):
        raise TooEarly
    plan = Interval(post.starts_at, post.ends_at)
    worked, assumed = closes_with(plan, post.checked_in_at, post.checked_out_at)
    if closing.actual is not None:
        if not plan.starts_at - timedelta(hours=12) <= closing.actual.starts_at < closing.actual.ends_at:
            raise WrongTimes
        if closing.actual.ends_at > plan.ends_at + timedelta(hours=12):
            raise WrongTimes("Jam selesai lebih dari 12 jam sesudah rencana. Periksa lagi.")
        worked, assumed = closing.actual, False
    counts = closing.outcome is Outcome.WORKED
    before = (post.outcome, post.actual_starts_at, post.actual_ends_at)
    after = (closing.outcome.value, *((worked.starts_at, worked.ends_at) if counts else (None, None)))
    if post.state == PostState.LOCKED and before == after:
        return 0
    roster.lock_people(session, {post.person_id})
    _reverse_points(session, post, actor=actor, now=now)
    session.execute(
        update(Post)
        .where(Post.id == post_id)
        .values(
            state=PostState.LOCKED,
            outcome=closing.outcome,
            actual_starts_at=worked.starts_at if counts else None,
            actual_ends_at=worked.ends_at if counts else None,
            is_assumed=assumed and counts,
            revision=Post.revision + 1,
            changed_at=now,
        )
    )
    if not counts:
        _strike(session, post_id, actor=actor, now=now)
    touched = [Interval(*hours) for hours in (before[1:], after[1:]) if hours[0] is not None]
    minutes = _settle(session, post, touched, holidays=holidays, actor=actor, now=now, compensation=compensation)
    audit.record(
        session, actor, "roster.close", "post", post_id, now=now, outcome=closing.outcome.value, minutes=minutes
    )
    return minutes


def _strike(session: Session, post_id: UUID, *, actor: Actor, now: datetime) -> None:
    unused = (CompensationDay.absence_id.is_(None), CompensationDay.cancelled_reason == "")
    for row_id in session.scalars(select(CompensationDay.id).where(CompensationDay.post_id == post_id, *unused)).all():
        absences.cancel_compensation(session, row_id, reason="Ternyata tidak bertugas.", actor=actor, now=now)


NEAR = timedelta(days=2)
"""So far around a duty other duties are looked for whose hours it may share; no hours are longer than that."""


def _settle(
    session: Session,
    post: Post,
    touched: Sequence[Interval],
    *,
    holidays: frozenset[date],
    actor: Actor,
    now: datetime,
    compensation: CompensationRule | None,
) -> int:
    """Write what the duties of this person count that share time with `touched`, the hours that `post` had and has.
    What two share counts with the one that was planned first, and with no other. Gives the minutes of `post`."""
    if not touched or post.person_id is None:
        return 0
    first, last = min(one.starts_at for one in touched) - NEAR, max(one.ends_at for one in touched) + NEAR
    rows = session.execute(
        select(Post.id, Post.day, Post.title, Post.duty, Post.distance_km, Post.actual_starts_at, Post.actual_ends_at)
        .where(Post.person_id == post.person_id, Post.state == PostState.LOCKED, Post.outcome == Outcome.WORKED)
        .where(Post.actual_starts_at < last, Post.actual_ends_at > first)
        .order_by(Post.starts_at, Post.id)
    )
    minutes, taken = 0, list[Interval]()
    for row in rows.all():
        worked = Interval(row.actual_starts_at, row.actual_ends_at)
        if row.id == post.id or any(overlaps(worked, one) for one in touched):
            points = points_of(
                worked, holidays=holidays, distance_km=row.distance_km, zone=clock.ZONE, taken=tuple(taken)
            )
            _give_points(session, row, post.person_id, points, actor=actor, now=now)
            absences.earn(
                session,
                row.id,
                post.person_id,
                points.minutes,
                row.day,
                row.day in holidays,
                rule=compensation,
                now=now,
            )
            minutes = points.minutes if row.id == post.id else minutes
        taken.append(worked)
    return minutes


def _give_points(
    session: Session, post: Any, person_id: UUID | None, points: Points, *, actor: Actor, now: datetime
) -> None:
    """Write the points of a duty, after taking back others that it had; the same ones stay."""
    parts = {name: getattr(points, name) for name in _PARTS}
    counts = any(parts.values())
    if [amounts for _, amounts in _sums(session, post.id)] == ([tuple(parts.values())] if counts else []):
        return
    _reverse_points(session, post, actor=actor, now=now)
    if counts:
        _line(session, post, person_id, parts, actor=actor, now=now)


_PARTS = ("minutes", "base", "weekend", "holiday", "night", "distance")


def _sums(session: Session, post_id: UUID) -> list[tuple[UUID, tuple[int, ...]]]:
    """What a post gives so far, person by person, in the order of `_PARTS`; who has nothing any more is left out."""
    columns = [getattr(PointLine, name) for name in _PARTS]
    rows = session.execute(
        select(PointLine.person_id, *(func.sum(column) for column in columns))
        .where(PointLine.source == POST, PointLine.ref == str(post_id))
        .group_by(PointLine.person_id)
    ).all()
    return [(person_id, tuple(map(int, amounts))) for person_id, *amounts in rows if any(amounts)]


def _reverse_points(session: Session, post: Any, *, actor: Actor, now: datetime) -> None:
    """Take back what this post gave so far: lines are never changed."""
    for person_id, amounts in _sums(session, post.id):
        back = {name: -amount for name, amount in zip(_PARTS, amounts, strict=True)}
        _line(session, post, person_id, back, actor=actor, now=now)


def _line(
    session: Session, post: Any, person_id: UUID | None, parts: dict[str, int], *, actor: Actor, now: datetime
) -> None:
    here = (PointLine.source == POST, PointLine.ref == str(post.id))
    turn = session.execute(select(func.coalesce(func.max(PointLine.turn), 0)).where(*here)).scalar_one() + 1
    title = f"{post.title}, {Duty(post.duty).label}"
    session.execute(
        insert(PointLine).values(
            person_id=person_id,
            source=POST,
            ref=str(post.id),
            turn=turn,
            day=post.day,
            title=title,
            made_by=actor.person_id,
            made_at=now,
            **parts,
        )
    )
