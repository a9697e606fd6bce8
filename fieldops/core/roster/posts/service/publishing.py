"""From a proposal to promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import update

from fieldops.core.audit import service as audit
from fieldops.core.roster import service as roster
from fieldops.core.roster.models import Post
from fieldops.core.roster.posts import queries
from fieldops.core.roster.posts.queries import POST
from fieldops.core.roster.posts.service import seats
from fieldops.core.roster.rules import Clash, Duty, Interval, PostState
from fieldops.core.roster.rules.posting import BrokenLeft, GapsLeft
from fieldops.kit import clock
from fieldops.kit.errors import Stale

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor


@dataclass(frozen=True)
class Choice:
    """What a proposal says about one post: a person or nobody, and why."""

    person_id: UUID | None
    why: str


def apply_proposal(
    session: Session, choices: Mapping[UUID, Choice], *, seen: Mapping[UUID, int], actor: Actor, now: datetime
) -> int:
    """Write a proposal over drafts that nobody pinned; gives how many people were put on posts.

    `seen` are the revisions the proposal was made from: when one has changed, nothing is written (Stale), because
    each choice counts on the others. Whoever has promised himself meanwhile leaves a gap that says so. Locks the posts
    by id, then everybody concerned by id.
    """
    rows = seats.lock_where(session, Post.id.in_(choices))
    if {row.id: row.revision for row in rows} != dict(seen):
        raise Stale
    if any(row.state != PostState.DRAFT or row.is_pinned for row in rows):
        raise Stale
    roster.lock_people(session, {one.person_id for one in choices.values() if one.person_id is not None})
    for row in rows:
        roster.release(session, source=POST, ref=str(row.id))
    placed = 0
    for row in sorted(rows, key=lambda one: (one.starts_at, one.id)):
        who, why = choices[row.id].person_id, choices[row.id].why
        if who is not None:
            try:
                seats.seat(
                    session, row.id, who, Interval(row.starts_at, row.ends_at), title=row.title, duty=Duty(row.duty)
                )
                placed += 1
            except Clash as clash:
                who, why = None, f"Berubah ketika disusun. {clash.sentence}"
        session.execute(
            update(Post)
            .where(Post.id == row.id)
            .values(
                person_id=who,
                why=why[:600],
                override_reason="",
                gap_owner_id=None if who else actor.person_id,
                revision=Post.revision + 1,
                changed_at=now,
            )
        )
    audit.record(session, actor, "roster.propose", "roster", str(now.date()), now=now, posts=len(rows), placed=placed)
    return placed


def publish(
    session: Session,
    first: date,
    last: date,
    *,
    source: str,
    ref: str | None = None,
    with_gaps: bool,
    actor: Actor,
    now: datetime,
) -> int:
    """Publish all drafts of these days, or of one service only: they become promises, and everybody concerned hears
    of it once.

    All rules run again. Locks the posts by id. Refuses gaps unless `with_gaps` (they stay visible, with an owner),
    and posts that a rule forbids without a reason given before (BrokenLeft names them). Publishing again changes
    nothing.
    """
    here = [Post.source == source, Post.day >= first, Post.day <= last, Post.state == PostState.DRAFT]
    if ref is not None:
        here.append(Post.ref == ref)
    rows = seats.lock_where(session, *here)
    if not rows:
        return 0
    if any(row.person_id is None for row in rows) and not with_gaps:
        raise GapsLeft
    found = queries.ground(session, first, last, today=clock.office_day(now))
    broken = [
        f"{seats.told(row)} {' '.join(one.sentence for one in sentences)}"
        for row in rows
        if row.person_id and not row.override_reason and (sentences := seats.broken_rules(found, row.id, row.person_id))
    ]
    if broken:
        raise BrokenLeft(f"Ada giliran yang melanggar aturan. Perbaiki dulu: {' '.join(broken)}")
    session.execute(
        update(Post)
        .where(Post.id.in_([row.id for row in rows]))
        .values(state=PostState.PUBLISHED, is_pinned=True, revision=Post.revision + 1, changed_at=now)
    )
    batch = uuid4()
    mine: dict[UUID, list[Post]] = {}
    for row in sorted(rows, key=lambda one: one.starts_at):
        if row.person_id is not None:
            mine.setdefault(row.person_id, []).append(row)
    for person_id, theirs in sorted(mine.items()):  # as `tell` does, so that two who tell the same people never cross
        text = " ".join(seats.told(one) for one in theirs)
        seats.tell(session, {person_id}, f"Giliran Anda: {len(theirs)} tugas", text, key=f"publish:{batch}", now=now)
    audit.record(session, actor, "roster.publish", "roster", str(batch), now=now, posts=len(rows), people=len(mine))
    return len(rows)
