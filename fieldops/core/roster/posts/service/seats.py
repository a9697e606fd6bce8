"""Putting people on posts: by hand, in exchange, and off again.

Every way to put a person on a post ends in `seat`, which promises him in the busy table. Order of locks: the posts by
id, then the people by id (docs/locking.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select, update

from fieldops.core.audit import service as audit
from fieldops.core.notices import service as notices
from fieldops.core.people.models import Person
from fieldops.core.roster import service as roster
from fieldops.core.roster.models import Post, Swap
from fieldops.core.roster.posts import queries
from fieldops.core.roster.posts.queries import POST
from fieldops.core.roster.rules import Clash, Duty, Interval, PostState, SwapState
from fieldops.core.roster.rules.fitness import Severity, breaks
from fieldops.core.roster.rules.posting import NeedOverride, PostClosed, Unfit
from fieldops.kit import clock
from fieldops.kit.errors import NotFound, Stale
from fieldops.kit.indonesian import clock_time, short_date

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.core.roster.posts.queries import Ground, PostRow
    from fieldops.core.roster.rules.fitness import Break


def locked(session: Session, post_ids: Sequence[UUID]) -> dict[UUID, Post]:
    """These posts, locked by id, as they are now; NotFound when one is missing. They do not change under the caller:
    what is written afterwards is not seen in them."""
    rows = lock_where(session, Post.id.in_(post_ids))
    if len(rows) != len(set(post_ids)):
        raise NotFound
    return {row.id: row for row in rows}


def lock_where(session: Session, *where: ColumnElement[bool]) -> list[Post]:
    """As `locked`, for all posts that a condition finds, ordered by id."""
    rows = list(session.scalars(select(Post).where(*where).order_by(Post.id).with_for_update()))
    for row in rows:
        session.expunge(row)
    return rows


def locked_one(session: Session, post_id: UUID) -> Post:
    return locked(session, [post_id])[post_id]


def broken_rules(found: Ground, post_id: UUID, person_id: UUID, *, without: Collection[UUID] = ()) -> tuple[Break, ...]:
    """What forbids this person on this post; `without` are posts of his that he gives away in the same step."""
    officer = found.officer(person_id)
    if officer is None:
        raise Unfit("Orang ini tidak aktif atau tidak ada di daftar petugas.")
    slot = found.slot(post_id)
    duties = found.duties_of(person_id, without={post_id, *without})
    return breaks(slot, officer, found.promises.get(person_id, ()), duties, found.limits)


def _judge(
    session: Session, post: Post, person_id: UUID, *, reason: str, now: datetime, without: Collection[UUID] = ()
) -> tuple[Break, ...]:
    """The breaks that a reason excuses; refuses the rest."""
    found = queries.ground(session, post.day, post.day, today=clock.office_day(now))
    broken = broken_rules(found, post.id, person_id, without=without)
    name = next(one.name for one in found.officers if one.id == person_id)
    never = [one.sentence for one in broken if one.severity is not Severity.REASON]
    if never:
        raise Unfit(f"{name} tidak bisa ditugaskan. {' '.join(never)}")
    if broken and not reason:
        raise NeedOverride(f"{name}: {' '.join(one.sentence for one in broken)} Tulis alasannya bila tetap menugaskan.")
    return broken


def seat(session: Session, post_id: UUID, person_id: UUID, interval: Interval, *, title: str, duty: Duty) -> None:
    roster.promise_person(
        session,
        person_id,
        interval,
        kind="duty",
        title=f"{title}, {duty.label}",
        source=POST,
        ref=str(post_id),
    )


def hand_over(session: Session, post: Post, person_id: UUID, *, why: str, reason: str, now: datetime) -> None:
    try:
        seat(
            session, post.id, person_id, Interval(post.starts_at, post.ends_at), title=post.title, duty=Duty(post.duty)
        )
    except Clash as clash:
        raise Unfit(clash.sentence) from clash
    session.execute(
        update(Post)
        .where(Post.id == post.id)
        .values(
            person_id=person_id,
            is_pinned=True,
            why=why[:600],
            override_reason=reason[:300],
            gap_owner_id=None,
            checked_in_at=None,
            checked_out_at=None,
            revision=Post.revision + 1,
            changed_at=now,
        )
    )
    end_swaps(session, post.id, now=now)


def unseat(session: Session, post_id: UUID, *, why: str, now: datetime, owner: UUID | None = None) -> None:
    roster.release(session, source=POST, ref=str(post_id))
    end_swaps(session, post_id, now=now)
    session.execute(
        update(Post)
        .where(Post.id == post_id)
        .values(
            person_id=None,
            is_pinned=False,
            why=why[:600],
            override_reason="",
            gap_owner_id=owner if owner is not None else Post.gap_owner_id,
            checked_in_at=None,
            checked_out_at=None,
            revision=Post.revision + 1,
            changed_at=now,
        )
    )


def end_swaps(session: Session, post_id: UUID, *, now: datetime) -> None:
    """An open swap of a post that went elsewhere has no ground any more."""
    session.execute(
        update(Swap)
        .where(
            (Swap.post_id == post_id) | (Swap.return_post_id == post_id),
            Swap.state.in_([SwapState.OFFERED, SwapState.ACCEPTED]),
        )
        .values(state=SwapState.WITHDRAWN, decided_at=now, decision_note="Giliran berubah.")
    )


def partners(session: Session, post: Post) -> set[UUID]:
    """Who else has a stake in the hours of this duty: the two of a swap that was approved and still stands."""
    rows = session.execute(
        select(Swap.post_id, Swap.giver_id, Swap.taker_id).where(
            (Swap.post_id == post.id) | (Swap.return_post_id == post.id), Swap.state == SwapState.APPROVED
        )
    )
    found: set[UUID] = set()
    for row in rows:
        stands_there = row.taker_id if row.post_id == post.id else row.giver_id
        if stands_there == post.person_id and row.taker_id is not None:
            found |= {row.giver_id, row.taker_id}
    return found - {post.person_id} if post.person_id else set()


def when(interval: Interval) -> str:
    day = short_date(clock.office_day(interval.starts_at))
    hours = f"{clock_time(interval.starts_at, clock.ZONE)}–{clock_time(interval.ends_at, clock.ZONE)}"
    return f"{day}, {hours} {clock.ZONE_NAME}"


def told(post: Post | PostRow) -> str:
    """One duty in a sentence, for notices."""
    return f"{Duty(post.duty).label}, {post.title}, {when(Interval(post.starts_at, post.ends_at))}."


def name_of(session: Session, actor: Actor) -> str:
    if actor.person_id is None:
        return "sistem"
    return session.execute(select(Person.name).where(Person.id == actor.person_id)).scalar_one()


def tell(session: Session, people: set[UUID], title: str, body: str, *, key: str, now: datetime) -> None:
    notices.tell(session, people, kind="roster", title=title, body=body, link="/my/duties", key=key, now=now)


def assign(
    session: Session,
    post_id: UUID,
    person_id: UUID,
    *,
    revision: int,
    override_reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Put a person on a post by hand and pin him there. The former one, and he himself, are told when it is published.

    Locks the post, then the person. Refuses: a post that changed since it was shown (Stale), a closed one, a person
    whom a rule forbids (Unfit names each), and one whom only a reason allows while there is none (NeedOverride).
    """
    post = locked_one(session, post_id)
    if post.person_id == person_id:
        return
    if post.revision != revision:
        raise Stale
    if post.state in {PostState.LOCKED, PostState.CANCELLED}:
        raise PostClosed
    roster.lock_people(session, {person_id} | ({post.person_id} if post.person_id else set()))
    reason = override_reason.strip()
    excused = _judge(session, post, person_id, reason=reason, now=now)
    before, published = post.person_id, post.state == PostState.PUBLISHED
    why = f"Dipilih {name_of(session, actor)}."
    if excused:
        why = f"{why} Dengan alasan: {reason}. {' '.join(one.sentence for one in excused)}"
    hand_over(session, post, person_id, why=why, reason=reason if excused else "", now=now)
    audit.record(
        session,
        actor,
        "roster.assign",
        "post",
        post_id,
        now=now,
        before=str(before) if before else None,
        after=str(person_id),
        overridden=[one.code for one in excused],
    )
    if published:
        key, text = f"post:{post.id}:{post.revision + 1}", told(post)
        tell(session, {person_id}, "Anda mendapat giliran", text, key=key, now=now)
        if before is not None:
            tell(session, {before}, "Giliran Anda dialihkan", f"{text} Anda bebas pada jam itu.", key=key, now=now)


def clear(session: Session, post_id: UUID, *, revision: int, reason: str, actor: Actor, now: datetime) -> None:
    """Take the person off a post; it becomes a gap with an owner. A published one needs a reason and tells him.

    Locks the post. Refuses a post that changed since (Stale), a closed one, and no reason where one is due.
    """
    post = locked_one(session, post_id)
    if post.revision != revision:
        raise Stale
    if post.state in {PostState.LOCKED, PostState.CANCELLED}:
        raise PostClosed
    before, published = post.person_id, post.state == PostState.PUBLISHED
    if before is None:
        return
    if published and not reason.strip():
        raise NeedOverride("Tulis alasannya, supaya yang dilepas tahu.")
    text, key = told(post), f"post:{post.id}:{post.revision + 1}"
    because = f" Alasan: {reason.strip()}." if reason.strip() else ""
    unseat(session, post_id, why=f"Dikosongkan {name_of(session, actor)}.{because}", now=now, owner=actor.person_id)
    audit.record(session, actor, "roster.clear", "post", post_id, now=now, before=str(before))
    if published:
        tell(session, {before}, "Giliran Anda dilepas", f"{text}{because}", key=key, now=now)


def check_exchange(
    session: Session, post: Post, taker_id: UUID, back: Post | None, giver_id: UUID, *, now: datetime
) -> None:
    """Whether a duty can go to the taker, and his (if any) back to the giver; refuses with Unfit."""
    days = [post.day, *([back.day] if back else [])]
    found = queries.ground(session, min(days), max(days), today=clock.office_day(now))
    sentences = list(broken_rules(found, post.id, taker_id, without={back.id} if back else ()))
    if back is not None:
        sentences += broken_rules(found, back.id, giver_id, without={post.id})
    if sentences:
        raise Unfit(" ".join(one.sentence for one in sentences))


def exchange(
    session: Session,
    post: Post,
    taker_id: UUID,
    back: Post | None,
    giver_id: UUID,
    *,
    why: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Hand locked posts over between two people, all rules checked again. Locks both people."""
    roster.lock_people(session, {taker_id, giver_id})
    check_exchange(session, post, taker_id, back, giver_id, now=now)
    pairs = [(post, taker_id, giver_id), *([(back, giver_id, taker_id)] if back is not None else [])]
    for one, _, _ in pairs:
        roster.release(session, source=POST, ref=str(one.id))
    approver = name_of(session, actor)
    for one, new_id, old_id in pairs:
        old = session.execute(select(Person.name).where(Person.id == old_id)).scalar_one()
        hand_over(session, one, new_id, why=f"{why}, dari {old}; disetujui {approver}.", reason="", now=now)
