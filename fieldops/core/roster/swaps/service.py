"""Writing swaps. A swap follows its post, so a shift that is moved by an hour stays offered; all rules run again when
it is approved. Order of locks: the swap, its posts by id, then the people by id."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import SYSTEM
from fieldops.core.notices import service as notices
from fieldops.core.people.models import Person
from fieldops.core.people.queries import people_who_may
from fieldops.core.roster.models import Post, Swap
from fieldops.core.roster.posts.service import seats as posts
from fieldops.core.roster.rules import PostState, SwapState
from fieldops.core.roster.swaps import rules
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Stale

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor


def offer(
    session: Session,
    post_id: UUID,
    *,
    giver_id: UUID,
    taker_id: UUID | None,
    note: str,
    form_key: str,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Offer a duty to one person or to all who can do it. A supervisor may do it for whoever is absent.

    The same key gives the same swap. Locks the post. Refuses a duty that is not the giver's (NotFound), is not
    published or has begun, an offer to himself, and a second open offer of one duty.
    """
    known = session.execute(select(Swap.id).where(Swap.form_key == form_key)).scalar_one_or_none()
    if known is not None:
        return known
    post = _post(session, post_id)
    if post.person_id != giver_id:
        raise NotFound
    rules.check_open(PostState(post.state), post.starts_at, now)
    if taker_id == giver_id:
        raise rules.OwnOffer
    if taker_id is not None:
        _active(session, taker_id)
    swap_id = uuid4()
    try:
        session.execute(
            insert(Swap).values(
                id=swap_id,
                post_id=post_id,
                giver_id=giver_id,
                taker_id=taker_id,
                state=SwapState.OFFERED,
                form_key=form_key,
                note=note.strip(),
                offered_by=actor.person_id,
                offered_at=now,
            )
        )
    except IntegrityError as error:
        if violated(error, "uq_roster_swap_open", "roster_swap.post_id"):
            raise rules.AlreadyOffered from error
        if violated(error, "uq_roster_swap_form_key", "roster_swap.form_key"):
            raise Stale from error
        raise
    audit.record(session, actor, "swap.offer", "swap", swap_id, now=now, post=str(post_id))
    if taker_id is not None:
        _tell(session, {taker_id}, "Ada yang menawarkan giliran", post, swap_id, "offer", now=now)
    return swap_id


def accept(
    session: Session,
    swap_id: UUID,
    *,
    taker_id: UUID,
    return_post_id: UUID | None,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    """Take an offered duty, if wanted in exchange for a duty of one's own.

    A supervisor may do it for whoever is absent: then `reason` says why, is kept, and both are told. Locks the swap
    and its posts. Refuses an offer to somebody else, one's own, a duty that has begun, a rule that no reason can bend
    (Unfit), so that nobody waits for an approval that cannot come; and, for another, no reason, and a supervisor who
    would get rid of his own duty.
    """
    is_for_another = actor.person_id != taker_id
    if is_for_another and not reason.strip():
        raise rules.NeedAcceptNote
    swap = _locked(session, swap_id)
    rules.check_step(SwapState(swap.state), SwapState.OFFERED)
    if is_for_another and actor.person_id == swap.giver_id:
        raise rules.OwnDutyGiven
    if taker_id == swap.giver_id:
        raise rules.OwnOffer
    if swap.taker_id is not None and swap.taker_id != taker_id:
        raise rules.NotForYou
    _active(session, taker_id)
    back = None
    if return_post_id is not None:
        back = _post(session, return_post_id)
        if back.person_id != taker_id:
            raise NotFound
        rules.check_open(PostState(back.state), back.starts_at, now)
    post = _post(session, swap.post_id)
    rules.check_open(PostState(post.state), post.starts_at, now)
    posts.check_exchange(session, post, taker_id, back, swap.giver_id, now=now)
    session.execute(
        update(Swap)
        .where(Swap.id == swap_id)
        .values(
            state=SwapState.ACCEPTED,
            taker_id=taker_id,
            return_post_id=return_post_id,
            accepted_by=actor.person_id,
            accepted_at=now,
            accept_note=reason.strip()[:300] if is_for_another else "",
        )
    )
    audit.record(session, actor, "swap.accept", "swap", swap_id, now=now, taker=str(taker_id))
    _tell(session, {swap.giver_id}, "Tawaran giliran Anda diterima", post, swap_id, "accept", now=now)
    _tell_approvers(session, post, swap_id, without={swap.giver_id, taker_id, actor.person_id}, now=now)
    if is_for_another:
        more = "Alasannya ada di halaman tukar giliran ini."  # it may be about his health, and notices go out by mail
        _tell(session, {taker_id}, "Tawaran diterima atas nama Anda", post, swap_id, "accept-for", now=now, more=more)


def withdraw(session: Session, swap_id: UUID, *, person_id: UUID | None, actor: Actor, now: datetime) -> None:
    """End a swap that is not approved yet. `person_id` is one of the two, or None for a supervisor.

    Locks the swap. Refuses (NotFound) anybody else.
    """
    swap = _locked(session, swap_id)
    rules.check_step(SwapState(swap.state), SwapState.OFFERED, SwapState.ACCEPTED)
    if person_id is not None and person_id not in {swap.giver_id, swap.taker_id}:
        raise NotFound
    session.execute(
        update(Swap)
        .where(Swap.id == swap_id)
        .values(state=SwapState.WITHDRAWN, decided_by=actor.person_id, decided_at=now)
    )
    audit.record(session, actor, "swap.withdraw", "swap", swap_id, now=now)
    others = {one for one in (swap.giver_id, swap.taker_id) if one is not None and one != person_id}
    if swap.state == SwapState.ACCEPTED:
        post = session.get_one(Post, swap.post_id)
        _tell(session, others, "Tukar giliran ditarik", post, swap_id, "withdraw", now=now)


def approve(session: Session, swap_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Let the duty change hands. All rules run again: leave that was approved meanwhile stops it here, with nothing
    half done.

    Locks the swap, the posts, the people. Refuses one's own swap (OwnApproval), one that he has accepted himself for
    whoever is absent (AcceptedForAnother), a post that is the giver's no more (Stale), and every rule that the taker,
    or the giver for the duty he gets back, would break (Unfit).
    """
    swap = _locked(session, swap_id)
    rules.check_step(SwapState(swap.state), SwapState.ACCEPTED)
    if actor.person_id in {swap.giver_id, swap.taker_id} or swap.taker_id is None:
        raise rules.OwnApproval
    if actor.person_id == swap.accepted_by:
        raise rules.AcceptedForAnother
    post, back = _both(session, swap)
    if post.person_id != swap.giver_id or (back is not None and back.person_id != swap.taker_id):
        raise Stale
    for one in (post, back):
        if one is not None:
            rules.check_open(PostState(one.state), one.starts_at, now)
    session.execute(
        update(Swap)
        .where(Swap.id == swap_id)
        .values(state=SwapState.APPROVED, decided_by=actor.person_id, decided_at=now)
    )
    posts.exchange(session, post, swap.taker_id, back, swap.giver_id, why="Tukar giliran", actor=actor, now=now)
    audit.record(session, actor, "swap.approve", "swap", swap_id, now=now)
    _tell(session, {swap.giver_id, swap.taker_id}, "Tukar giliran disetujui", post, swap_id, "approve", now=now)


def refuse(session: Session, swap_id: UUID, *, note: str, actor: Actor, now: datetime) -> None:
    """Say no, with a reason that both read. Locks the swap."""
    if not note.strip():
        raise rules.NeedNote
    swap = _locked(session, swap_id)
    rules.check_step(SwapState(swap.state), SwapState.ACCEPTED)
    session.execute(
        update(Swap)
        .where(Swap.id == swap_id)
        .values(state=SwapState.REFUSED, decided_by=actor.person_id, decided_at=now, decision_note=note.strip()[:300])
    )
    audit.record(session, actor, "swap.refuse", "swap", swap_id, now=now)
    people = {one for one in (swap.giver_id, swap.taker_id) if one is not None}
    post = session.get_one(Post, swap.post_id)
    _tell(session, people, f"Tukar giliran ditolak: {note.strip()}", post, swap_id, "refuse", now=now)


def undo(session: Session, swap_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Give an approved swap back before the duty begins; all rules run again for both.

    Locks the swap, the posts, the people. Refuses (Stale) when a post went on to somebody else meanwhile.
    """
    swap = _locked(session, swap_id)
    rules.check_step(SwapState(swap.state), SwapState.APPROVED)
    if actor.person_id in {swap.giver_id, swap.taker_id} or swap.taker_id is None:
        raise rules.OwnApproval
    post, back = _both(session, swap)
    if post.person_id != swap.taker_id or (back is not None and back.person_id != swap.giver_id):
        raise Stale
    for one in (post, back):
        if one is not None:
            rules.check_open(PostState(one.state), one.starts_at, now)
    session.execute(update(Swap).where(Swap.id == swap_id).values(state=SwapState.UNDONE, decided_at=now))
    posts.exchange(session, post, swap.giver_id, back, swap.taker_id, why="Tukar dibatalkan", actor=actor, now=now)
    audit.record(session, actor, "swap.undo", "swap", swap_id, now=now)
    _tell(session, {swap.giver_id, swap.taker_id}, "Tukar giliran dikembalikan", post, swap_id, "undo", now=now)


def forget_notes(session: Session, *, now: datetime, days: int) -> int:
    """Empty what was written about swaps of duties that ended more than `days` ago; the swaps stay.

    Gives how many; the second time changes nothing.
    """
    over = select(Post.id).where(Post.ends_at < now - timedelta(days=days))
    emptied = session.scalars(
        update(Swap)
        .where(Swap.post_id.in_(over), (Swap.note != "") | (Swap.accept_note != "") | (Swap.decision_note != ""))
        .values(note="", accept_note="", decision_note="")
        .returning(Swap.id)
    ).all()
    if emptied:
        audit.record(session, SYSTEM, "swap.forget-notes", "swap", "-", now=now, count=len(emptied))
    return len(emptied)


def _locked(session: Session, swap_id: UUID) -> Swap:
    found = session.scalars(select(Swap).where(Swap.id == swap_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    session.expunge(found)  # what is read here stays as it was, whatever the updates below do
    return found


def _post(session: Session, post_id: UUID) -> Post:
    return posts.locked(session, [post_id])[post_id]


def _both(session: Session, swap: Swap) -> tuple[Post, Post | None]:
    ids = [swap.post_id, *([swap.return_post_id] if swap.return_post_id else [])]
    found = posts.locked(session, ids)
    return found[swap.post_id], found[swap.return_post_id] if swap.return_post_id else None


def _active(session: Session, person_id: UUID) -> None:
    if session.execute(select(Person.id).where(Person.id == person_id, Person.is_active)).scalar_one_or_none() is None:
        raise NotFound


def _tell(
    session: Session,
    people: Iterable[UUID],
    title: str,
    post: Post,
    swap_id: UUID,
    step: str,
    *,
    now: datetime,
    more: str = "",
) -> None:
    notices.tell(
        session,
        set(people),
        kind="swap",
        title=title,
        body=f"{posts.told(post)} {more}".strip(),
        link="/my/duties",
        key=f"swap:{swap_id}:{step}",
        now=now,
    )


def _tell_approvers(
    session: Session, post: Post, swap_id: UUID, *, without: Collection[UUID | None], now: datetime
) -> None:
    """In the inbox only, as requests of leave are told: everybody who may approve it hears of it."""
    notices.tell(
        session,
        people_who_may(session, "roster.plan").difference(without),
        kind="swap",
        title="Tukar giliran menunggu persetujuan",
        body=posts.told(post),
        link=f"/swaps/{swap_id}",
        key=f"swap:{swap_id}:ask",
        now=now,
        by_mail=False,
    )
