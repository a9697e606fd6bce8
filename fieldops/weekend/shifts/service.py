"""Writing needs, and the posts that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from fieldops.core.audit import service as audit
from fieldops.core.roster import service as roster
from fieldops.core.roster.models import Post
from fieldops.core.roster.posts.queries import Ground, ground, posts_between
from fieldops.core.roster.posts.service import needs as posts
from fieldops.core.roster.posts.service import publishing, seats
from fieldops.core.roster.rules import Duty, PostState
from fieldops.core.roster.rules.posting import NeedOverride, Unfit
from fieldops.core.roster.rules.proposal import propose
from fieldops.kit import clock
from fieldops.weekend.models import WeekendNeed
from fieldops.weekend.rules import shift_ref
from fieldops.weekend.service import SOURCE
from fieldops.weekend.shifts import queries, rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.weekend.rules import Programme
    from fieldops.weekend.shifts.queries import RosterDay
    from fieldops.weekend.shifts.rules import ShiftNeed


def set_needs(
    session: Session, programme: Programme, weekday: int, shifts: Sequence[ShiftNeed], *, actor: Actor, now: datetime
) -> None:
    """Replace what an ordinary day of a programme needs. Posts that exist follow when the roster is prepared again.

    What it was and what it is now goes to the audit log in full, so that any day's needs can be told later; when
    nothing changes, nothing is written. Refuses (WrongNeeds) shifts that start together, have no hours or nobody.
    """
    rules.check_needs(shifts)
    before, after = _plain(queries.needs(session).get((programme, weekday), [])), _plain(shifts)
    if before == after:
        return
    here = (WeekendNeed.programme == programme, WeekendNeed.weekday == weekday)
    session.execute(delete(WeekendNeed).where(*here))
    rows = [
        {
            "programme": programme,
            "weekday": weekday,
            "starts": shift.starts,
            "ends": shift.ends,
            "duty": duty,
            "people": people,
        }
        for shift in shifts
        for duty, people in shift.people.items()
        if people
    ]
    if rows:
        session.execute(insert(WeekendNeed), rows)
    ref = f"{programme}:{weekday}"
    audit.record(session, actor, "roster.needs", "programme", ref, now=now, before=before, after=after)


def _plain(shifts: Sequence[ShiftNeed]) -> dict[str, dict[str, int]]:
    """`{"07.30-11.30": {"queue": 2}}`: needs in words and numbers, for the audit log."""
    return {
        f"{shift.starts:%H.%M}-{shift.ends:%H.%M}": {
            duty.value: people for duty, people in shift.people.items() if people
        }
        for shift in sorted(shifts, key=lambda one: (one.starts, one.ends))
    }


@dataclass(frozen=True)
class Prepared:
    """How many posts changed, and the days that stay closed."""

    changed: int
    closed: tuple[RosterDay, ...]


def prepare(session: Session, saturday: date, weekends: int, *, actor: Actor, now: datetime) -> Prepared:
    """Make the posts of these weekends equal to the needs; past days are left alone. The second time changes nothing.

    The lead of a service day becomes its supervisor on the roster when the rules allow it. Locks the posts of each
    day, then the people.
    """
    wanted = queries.needs(session)
    days = [one for one in queries.roster_days(session, saturday, weekends) if one.day >= clock.office_day(now)]
    changed = 0
    for one in days:
        ref = shift_ref(one.programme, one.day)
        plans = [] if one.closed else rules.plans_of(one.programme, one.day, wanted[one.programme, one.day.weekday()])
        changed += posts.need(session, source=SOURCE, ref=ref, plans=plans, actor=actor, now=now)
        if one.lead_id is not None and not one.closed:
            _seat_lead(session, one, ref, actor=actor, now=now)
    return Prepared(changed, tuple(one for one in days if one.closed))


def _seat_lead(session: Session, one: RosterDay, ref: str, *, actor: Actor, now: datetime) -> None:
    """The lead's promise for the day becomes a post. Whoever may not take the post keeps the day's own promise."""
    free = select(Post.id, Post.revision).where(
        Post.source == SOURCE,
        Post.ref == ref,
        Post.duty == Duty.SUPERVISOR,
        Post.person_id.is_(None),
        Post.state.in_(["draft", "published"]),
    )
    post = session.execute(free.order_by(Post.starts_at, Post.number).limit(1)).one_or_none()
    if post is None or one.lead_id is None:
        return
    try:
        with session.begin_nested():
            roster.release(session, source=SOURCE, ref=str(one.day_id))
            seats.assign(
                session, post.id, one.lead_id, revision=post.revision, override_reason="", actor=actor, now=now
            )
    except (Unfit, NeedOverride):
        return  # the savepoint gave the day's own promise back


@dataclass(frozen=True)
class ToFill:
    """What a proposal is made from: everything around, and the revisions of the drafts that it may fill."""

    ground: Ground
    seen: dict[UUID, int]


def to_fill(session: Session, saturday: date, weekends: int, *, now: datetime) -> ToFill:
    """The drafts of these weekends that nobody pinned and that have not begun, with all that the rules need."""
    last = saturday + timedelta(weeks=weekends - 1, days=1)
    rows = posts_between(session, saturday, last, source=SOURCE)
    free = [row for row in rows if row.state is PostState.DRAFT and not row.is_pinned and row.starts_at > now]
    return ToFill(ground(session, saturday, last, today=clock.office_day(now)), {row.id: row.revision for row in free})


def fill(asked: ToFill) -> dict[UUID, publishing.Choice]:
    """Let the engine choose; takes seconds for many weekends, so not within a transaction. Everything else stays."""
    found = asked.ground
    slots = [slot if slot.id in asked.seen else replace(slot, is_fixed=True) for slot in found.slots]
    made = propose(slots, found.officers, found.promises, found.limits, found.wishes)
    choices = {post_id: publishing.Choice(one.person_id, one.why) for post_id, one in made.assigned.items()}
    return choices | {post_id: publishing.Choice(None, gap.why) for post_id, gap in made.gaps.items()}
