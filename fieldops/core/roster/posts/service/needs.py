"""What a service needs: its posts come, move and go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import delete, insert, update

from fieldops.core.audit import service as audit
from fieldops.core.roster import service as roster
from fieldops.core.roster.models import Post
from fieldops.core.roster.posts.queries import POST
from fieldops.core.roster.posts.service import seats
from fieldops.core.roster.rules import Clash, Duty, Interval, PostState
from fieldops.kit import clock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.core.roster.rules.posting import PostPlan


def need(session: Session, *, source: str, ref: str, plans: Sequence[PostPlan], actor: Actor, now: datetime) -> int:
    """Bring the posts of a service to what it needs; gives how many rows were added, moved or taken away.

    New places become drafts without a person. A place whose hours changed keeps its person when he is free then, and
    he is told, as is whoever swapped it with him; when he is not, the place becomes a gap that says so. A place that
    is no longer needed goes when it is an empty draft, and is cancelled otherwise. The second time changes nothing.
    Locks the posts, then the people by id.
    """
    here = seats.lock_where(session, Post.source == source, Post.ref == ref)
    live = [one for one in here if one.state != PostState.CANCELLED]
    dead = {(one.title, one.duty, one.number): one for one in here if one.state == PostState.CANCELLED}
    free = {(one.title, one.duty, one.number): one for one in live}
    # All at once and by id: posts come in the order of the plans, so two services would lock their people crosswise.
    roster.lock_people(session, {one.person_id for one in live if one.person_id is not None})
    changed = 0
    for plan in plans:
        found = free.pop((plan.title, plan.duty.value, plan.number), None)
        if found is None:
            gone = dead.pop((plan.title, plan.duty.value, plan.number), None)
            values = _new(source, ref, plan, actor, now)
            if gone is None:
                session.execute(insert(Post).values(id=uuid4(), **values))
            else:
                session.execute(update(Post).where(Post.id == gone.id).values(**values, **_AFRESH))
            changed += 1
        elif (found.starts_at, found.ends_at) != (plan.interval.starts_at, plan.interval.ends_at):
            _move(session, found, plan.interval, now=now)
            changed += 1
    for left in free.values():
        _drop(session, left, now=now)
        changed += 1
    if changed:
        audit.record(session, actor, "roster.need", "service", f"{source}:{ref}", now=now, changed=changed)
    return changed


# A cancelled place that is needed again: its row stays, because swaps and time off name it.
_AFRESH = {
    "person_id": None,
    "is_pinned": False,
    "why": "",
    "override_reason": "",
    "outcome": "",
    "checked_in_at": None,
    "checked_out_at": None,
    "actual_starts_at": None,
    "actual_ends_at": None,
    "is_assumed": False,
    "revision": Post.revision + 1,
}


def _new(source: str, ref: str, plan: PostPlan, actor: Actor, now: datetime) -> dict[str, object]:
    return {
        "source": source,
        "ref": ref,
        "day": clock.office_day(plan.interval.starts_at),
        "title": plan.title,
        "duty": plan.duty,
        "number": plan.number,
        "starts_at": plan.interval.starts_at,
        "ends_at": plan.interval.ends_at,
        "distance_km": plan.distance_km,
        "state": PostState.DRAFT,
        "gap_owner_id": actor.person_id,
        "changed_at": now,
    }


def _move(session: Session, post: Post, interval: Interval, *, now: datetime) -> None:
    if post.state == PostState.LOCKED:
        return
    values = {
        "day": clock.office_day(interval.starts_at),
        "starts_at": interval.starts_at,
        "ends_at": interval.ends_at,
        "revision": Post.revision + 1,
        "changed_at": now,
    }
    who, published = post.person_id, post.state == PostState.PUBLISHED
    others = seats.partners(session, post) if published else set()
    session.execute(update(Post).where(Post.id == post.id).values(values))
    if who is None:
        return
    key, text = f"post:{post.id}:{post.revision + 1}", f"{Duty(post.duty).label}, {post.title}: {seats.when(interval)}."
    try:
        seats.seat(session, post.id, who, interval, title=post.title, duty=Duty(post.duty))
    except Clash as clash:
        seats.unseat(session, post.id, why=f"Jam giliran berubah. {clash.sentence}", now=now)
        text = f"{text} Anda dilepas dari giliran ini karena bertumpuk dengan tugas lain."
    if published:
        seats.tell(session, {who}, "Jam giliran berubah", text, key=key, now=now)
        hours = f"{Duty(post.duty).label}, {post.title}: {seats.when(interval)}."
        seats.tell(session, others, "Giliran yang Anda tukar berubah jam", hours, key=key, now=now)


def _drop(session: Session, post: Post, *, now: datetime) -> None:
    if post.state == PostState.LOCKED:
        return
    who, published = post.person_id, post.state == PostState.PUBLISHED
    if who is None and not published:
        session.execute(delete(Post).where(Post.id == post.id))
        return
    roster.release(session, source=POST, ref=str(post.id))
    seats.end_swaps(session, post.id, now=now)
    session.execute(
        update(Post)
        .where(Post.id == post.id)
        .values(state=PostState.CANCELLED, revision=Post.revision + 1, changed_at=now)
    )
    if who is not None and published:
        when = seats.when(Interval(post.starts_at, post.ends_at))
        text = f"{Duty(post.duty).label}, {post.title}, {when}: giliran ini ditiadakan. Anda bebas pada jam itu."
        seats.tell(session, {who}, "Giliran ditiadakan", text, key=f"post:{post.id}:{post.revision + 1}", now=now)


def withdraw(session: Session, *, source: str, ref: str, actor: Actor, now: datetime) -> None:
    """The service does not take place: its posts are cancelled, people are free and are told. Locks the posts."""
    need(session, source=source, ref=ref, plans=(), actor=actor, now=now)
