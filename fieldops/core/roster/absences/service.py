"""Writing leave and the time off that pays for it.

Order of locks: the person, then the absence, then his compensation days. Everything about one person's leave waits for
his row, so no two requests of his overlap and no day off is spent twice. People are told last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import SYSTEM
from fieldops.core.notices import service as notices
from fieldops.core.people.models import Person
from fieldops.core.people.queries import people_who_may
from fieldops.core.roster import service as roster
from fieldops.core.roster.absences import queries, rules
from fieldops.core.roster.absences.rules import EventIn, State
from fieldops.core.roster.models import AbsencePeriod, CompensationDay
from fieldops.core.roster.rules import Absence
from fieldops.core.roster.rules.intervals import Interval
from fieldops.kit import clock
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Stale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor
    from fieldops.core.roster.absences.queries import BrokenDuty

SOURCE = "absence"
"""The source of leave in the busy table; the ref is the id of the absence."""


# -- asking -----------------------------------------------------------------------------------------------------


def request(
    session: Session,
    *,
    person_id: UUID,
    kind: Absence,
    interval: Interval,
    note: str,
    form_key: str,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Ask for leave, for oneself or for somebody else; gives its id. Nothing is promised before it is approved.

    The same form key gives the same request. Locks the person. Refuses an inactive person (NotFound), a period that
    cannot be meant (WrongPeriod), a note that is too long, leave of the same person that overlaps (Overlap names it),
    and a key that came with other content before (AlreadySent).
    """
    note = rules.read_note(note)
    name = _lock(session, person_id)
    known = session.execute(
        select(
            AbsencePeriod.id,
            AbsencePeriod.person_id,
            AbsencePeriod.kind,
            AbsencePeriod.starts_at,
            AbsencePeriod.ends_at,
            AbsencePeriod.note,
        ).where(AbsencePeriod.form_key == form_key)
    ).one_or_none()
    if known is not None:
        content = (known.person_id, known.kind, Interval(known.starts_at, known.ends_at), known.note)
        if content != (person_id, kind, interval, note):
            raise rules.AlreadySent
        return UUID(str(known.id))
    rules.check_period(interval, now)
    _free(session, person_id, interval)
    absence_id = uuid4()
    values = {"id": absence_id, "person_id": person_id, "kind": kind, "note": note, "form_key": form_key}
    _insert(session, values, interval, actor=actor, now=now)
    audit.record(session, actor, "absence.request", "absence", absence_id, now=now, person=str(person_id))
    link, key, when = f"/absences/{absence_id}", f"absence:{absence_id}:request", rules.when(interval)
    if actor.person_id != person_id:
        _tell(session, {person_id}, "request", "Cuti dicatat untuk Anda", when, link, key, now=now)
    _tell_deciders(session, person_id, actor, f"{name} mengajukan cuti", when, link, key, now=now)
    return absence_id


def _lock(session: Session, person_id: UUID) -> str:
    """The name of an active person, with his row locked. The lock lets others tell him something meanwhile."""
    query = select(Person.name).where(Person.id == person_id, Person.is_active).with_for_update(key_share=True)
    name = session.execute(query).scalar_one_or_none()
    if name is None:
        raise NotFound
    return name


def _free(
    session: Session, person_id: UUID, interval: Interval, *, without: UUID | None = None, about: str = ""
) -> None:
    rules.check_free(interval, queries.live_in(session, person_id, interval, without=without), about=about)


def _insert(session: Session, values: dict[str, object], interval: Interval, *, actor: Actor, now: datetime) -> None:
    try:
        session.execute(
            insert(AbsencePeriod).values(
                **values,
                starts_at=interval.starts_at,
                ends_at=interval.ends_at,
                state=State.REQUESTED,
                requested_by=actor.person_id,
                requested_at=now,
            )
        )
    except IntegrityError as error:
        if violated(error, "uq_roster_absence_form_key", "roster_absence.form_key"):
            raise Stale from error  # one key, two people at once
        raise


@dataclass(frozen=True)
class Outcome:
    """What an import did: requests that are new, that moved, and that were there already."""

    added: int
    changed: int
    kept: int


def import_events(
    session: Session,
    *,
    person_id: UUID,
    kind: Absence,
    events: Sequence[EventIn],
    form_key: str,
    actor: Actor,
    now: datetime,
) -> Outcome:
    """Ask for the chosen events of a calendar as leave, all or none. An event that is known is never asked for twice:
    a waiting one follows its new hours, a decided one stays as it was decided.

    Sending it again changes nothing. Locks the person. Refuses an inactive person (NotFound), nothing chosen, a
    period that cannot be meant, and an event that overlaps other leave (Overlap names both).
    """
    if not events:
        raise rules.NothingChosen
    name = _lock(session, person_id)
    known = queries.imported(session, person_id, [one.uid for one in events])
    added = changed = kept = 0
    for event in events:
        note = rules.read_note(event.title)
        rules.check_period(event.interval, now)
        before = known.get(event.uid)
        if before is None:
            _free(session, person_id, event.interval, about=f"{event.title}: ")
            absence_id = uuid4()
            values = {
                "id": absence_id,
                "person_id": person_id,
                "kind": kind,
                "note": note,
                "form_key": str(uuid5(UUID(form_key), event.uid)),
                "calendar_uid": event.uid,
            }
            _insert(session, values, event.interval, actor=actor, now=now)
            audit.record(session, actor, "absence.request", "absence", absence_id, now=now, person=str(person_id))
            known[event.uid] = queries.Imported(absence_id, State.REQUESTED, event.interval, note)
            added += 1
        elif before.state is not State.REQUESTED or (before.interval, before.note) == (event.interval, note):
            kept += 1
        else:
            _free(session, person_id, event.interval, without=before.id, about=f"{event.title}: ")
            session.execute(
                update(AbsencePeriod)
                .where(AbsencePeriod.id == before.id)
                .values(starts_at=event.interval.starts_at, ends_at=event.interval.ends_at, note=note)
            )
            audit.record(session, actor, "absence.move", "absence", before.id, now=now)
            changed += 1
    if added or changed:
        said = f"{name} mengajukan cuti dari kalender", f"{added} baru, {changed} berubah."
        _tell_deciders(session, person_id, actor, *said, "/absences/inbox", f"absence-import:{form_key}", now=now)
    return Outcome(added, changed, kept)


# -- deciding ---------------------------------------------------------------------------------------------------


def approve(
    session: Session, absence_id: UUID, *, seen: Interval, note: str, actor: Actor, now: datetime
) -> list[BrokenDuty]:
    """Say yes: the leave becomes a promise in the busy table, compensation days are used up, oldest first. Gives the
    duties that it breaks; they stay where they are, and their planners are told and decide.

    Approving again gives the same answer. Locks the person, the absence, his compensation days. Refuses one's own
    request (OwnRequest), one that was refused, withdrawn or moved since it was `seen` (Decided), and leave in exchange
    for duties when not enough is left (NotEnough).
    """
    note = rules.read_note(note)
    absence, name = _locked(session, absence_id)
    rules.check_decider(absence.person_id, actor.person_id)
    interval = Interval(absence.starts_at, absence.ends_at)
    if absence.state == State.APPROVED:
        return queries.broken_by(session, [absence_id], now=now)[absence_id]
    if absence.state != State.REQUESTED:
        raise rules.Decided(f"Pengajuan ini sudah {State(absence.state).label.lower()}. Tidak ada yang berubah.")
    rules.check_unchanged(interval, seen)
    used = _use_up(session, absence, interval) if absence.kind == Absence.COMPENSATION else 0
    _decide(session, absence_id, State.APPROVED, note=note, actor=actor, now=now)
    audit.record(session, actor, "absence.approve", "absence", absence_id, now=now, compensation_rows=used)
    broken = take_leave(session, absence.person_id, absence_id, Absence(absence.kind), interval, now=now)
    link, key, when = f"/absences/{absence_id}", f"absence:{absence_id}", rules.when(interval)
    if broken:
        told = [f"{when}.", *(f"{duty.title}: {duty.when}." for duty in broken[:5]), "Cari pengganti di jadwalnya."]
        planners = people_who_may(session, "roster.plan") - {absence.person_id}
        title = f"{name} cuti: {len(broken)} tugas terdampak"
        _tell(session, planners, "broken", title, " ".join(told), link, f"{key}:broken", now=now)
    _tell(session, {absence.person_id}, "approve", "Cuti Anda disetujui", when, link, f"{key}:approve", now=now)
    return broken


def take_leave(
    session: Session, person_id: UUID, absence_id: UUID, kind: Absence, interval: Interval, *, now: datetime
) -> list[BrokenDuty]:
    """Put leave into the busy table although duties overlap it, and tell which those are: posts and other promises."""
    title = kind.label
    roster.promise_away(session, person_id, interval, title=title, source=SOURCE, ref=str(absence_id))
    return queries.broken_by(session, [absence_id], now=now)[absence_id]


def refuse(session: Session, absence_id: UUID, *, note: str, actor: Actor, now: datetime) -> None:
    """Say no, with a reason that the person reads; also to leave that was approved and is not over. The promise ends,
    compensation days come back.

    Refusing again changes nothing. Locks the person, the absence. Refuses to do it without a reason, one's own
    request, one that was withdrawn, and leave that is over.
    """
    note = rules.read_note(note)
    if not note:
        raise rules.NeedReason
    absence, _ = _locked(session, absence_id)
    rules.check_decider(absence.person_id, actor.person_id)
    if absence.state == State.REFUSED:
        return
    rules.check_refusable(State(absence.state), absence.ends_at, now)
    _decide(session, absence_id, State.REFUSED, note=note, actor=actor, now=now)
    _undo(session, absence_id)
    audit.record(session, actor, "absence.refuse", "absence", absence_id, now=now, before=absence.state)
    body = f"{rules.when(Interval(absence.starts_at, absence.ends_at))}. Alasannya ada di halaman pengajuan."
    link, key = f"/absences/{absence_id}", f"absence:{absence_id}:refuse"
    title = "Cuti Anda ditolak" if absence.state == State.REQUESTED else "Persetujuan cuti Anda dibatalkan"
    _tell(session, {absence.person_id}, "refuse", title, body, link, key, now=now)


def withdraw(session: Session, absence_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The person takes it back; the promise ends, compensation days come back.

    Withdrawing again changes nothing. Locks the person, the absence. Somebody else's is NotFound. Refuses one that
    was refused, and approved leave that has begun.
    """
    absence, name = _locked(session, absence_id)
    if absence.person_id != actor.person_id:
        raise NotFound
    if absence.state == State.WITHDRAWN:
        return
    rules.check_withdrawable(State(absence.state), absence.starts_at, now)
    session.execute(update(AbsencePeriod).where(AbsencePeriod.id == absence_id).values(state=State.WITHDRAWN))
    _undo(session, absence_id)
    audit.record(session, actor, "absence.withdraw", "absence", absence_id, now=now, before=absence.state)
    if absence.state == State.APPROVED:
        when = rules.when(Interval(absence.starts_at, absence.ends_at))
        link, key = f"/absences/{absence_id}", f"absence:{absence_id}:withdraw"
        _tell_deciders(session, absence.person_id, actor, f"{name} menarik cutinya", when, link, key, now=now)


def _locked(session: Session, absence_id: UUID) -> tuple[AbsencePeriod, str]:
    """The absence, read under the locks of its person and of itself, and the person's name."""
    person_id = session.execute(
        select(AbsencePeriod.person_id).where(AbsencePeriod.id == absence_id)
    ).scalar_one_or_none()
    if person_id is None:
        raise NotFound
    name = session.execute(
        select(Person.name).where(Person.id == person_id).with_for_update(key_share=True)
    ).scalar_one()
    found = session.scalars(select(AbsencePeriod).where(AbsencePeriod.id == absence_id).with_for_update()).one()
    session.expunge(found)  # what is read here stays as it was, whatever the updates below do
    return found, name


def _decide(session: Session, absence_id: UUID, state: State, *, note: str, actor: Actor, now: datetime) -> None:
    session.execute(
        update(AbsencePeriod)
        .where(AbsencePeriod.id == absence_id)
        .values(state=state, decided_by=actor.person_id, decided_at=now, decision_note=note)
    )


def _undo(session: Session, absence_id: UUID) -> None:
    roster.release(session, source=SOURCE, ref=str(absence_id))
    session.execute(update(CompensationDay).where(CompensationDay.absence_id == absence_id).values(absence_id=None))


def _tell(
    session: Session, people: set[UUID], step: str, title: str, body: str, link: str, key: str, *, now: datetime
) -> None:
    notices.tell(session, people, kind=f"absence.{step}", title=title, body=body, link=link, key=key, now=now)


def _tell_deciders(
    session: Session, person_id: UUID, actor: Actor, title: str, body: str, link: str, key: str, *, now: datetime
) -> None:
    """In the inbox only, so that an office of many deciders is not flooded with mail."""
    people = people_who_may(session, "absence.decide") - {person_id, actor.person_id}
    notices.tell(
        session, people, kind="absence.ask", title=title, body=body, link=link, key=key, now=now, by_mail=False
    )


# -- time off for duties ----------------------------------------------------------------------------------------


def earn(
    session: Session,
    post_id: UUID,
    person_id: UUID,
    minutes: int,
    day: date,
    on_holiday: bool,
    *,
    rule: rules.CompensationRule | None,
    now: datetime,
) -> UUID | None:
    """A duty that was worked earns time off by the office's rule; gives the row, or None when it earns nothing.

    Doing it again for the same post and person gives the same row. A correction of the hours corrects it, down to
    nothing (NOT_WORKED) and back, unless it was used or struck out by hand. Locks the person.
    """
    if rule is None:
        return None
    halves = rules.earned(minutes, on_holiday, rule)
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    here = (CompensationDay.post_id == post_id, CompensationDay.person_id == person_id)
    known = session.execute(
        select(
            CompensationDay.id, CompensationDay.halves, CompensationDay.absence_id, CompensationDay.cancelled_reason
        ).where(*here)
    ).one_or_none()
    reason = "" if halves else rules.NOT_WORKED
    if known is not None:
        row_id = UUID(str(known.id))
        if known.absence_id is not None or known.cancelled_reason not in {"", rules.NOT_WORKED}:
            return row_id
        values = {"halves": halves or known.halves, "cancelled_reason": reason}
        if (known.halves, known.cancelled_reason) != (values["halves"], reason):
            session.execute(update(CompensationDay).where(*here).values(**values))
            audit.record(session, SYSTEM, "compensation.correct", "compensation", row_id, now=now, halves=halves)
        return row_id if halves else None
    if not halves:
        return None
    row_id = uuid4()
    session.execute(
        insert(CompensationDay).values(
            id=row_id,
            person_id=person_id,
            post_id=post_id,
            halves=halves,
            earned_on=day,
            expires_on=rules.expires(day, rule),
            cancelled_reason="",
        )
    )
    audit.record(session, SYSTEM, "compensation.earn", "compensation", row_id, now=now, halves=halves)
    return row_id


def cancel_compensation(session: Session, row_id: UUID, *, reason: str, actor: Actor, now: datetime) -> None:
    """Time off that was earned wrongly is struck out, with the reason; the row stays.

    Again changes nothing. Locks the row. Refuses to do it without a reason, and time off that was used
    (CompensationUsed).
    """
    row = session.execute(
        select(CompensationDay.absence_id, CompensationDay.cancelled_reason)
        .where(CompensationDay.id == row_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    reason = rules.read_note(reason, field="reason")
    if not reason:
        raise rules.NeedReason("Tulis alasannya, supaya yang bersangkutan tahu.", field="reason")
    if row.cancelled_reason:
        return
    if row.absence_id is not None:
        raise rules.CompensationUsed
    session.execute(update(CompensationDay).where(CompensationDay.id == row_id).values(cancelled_reason=reason))
    audit.record(session, actor, "compensation.cancel", "compensation", row_id, now=now)


def _use_up(session: Session, absence: AbsencePeriod, interval: Interval) -> int:
    """Pay for leave with the oldest rows that have not expired by its first day; gives how many. Locks them."""
    needed = queries.halves_needed(session, interval)
    if not needed:
        raise rules.NoWorkingDay
    held = session.execute(
        select(CompensationDay.id, CompensationDay.halves)
        .where(
            CompensationDay.person_id == absence.person_id,
            CompensationDay.absence_id.is_(None),
            CompensationDay.cancelled_reason == "",
            CompensationDay.expires_on >= clock.office_day(interval.starts_at),
        )
        .order_by(CompensationDay.expires_on, CompensationDay.earned_on, CompensationDay.id)
        .with_for_update()
    ).all()
    used = [one.id for one in rules.pick(held, needed)]
    session.execute(update(CompensationDay).where(CompensationDay.id.in_(used)).values(absence_id=absence.id))
    return len(used)


# -- retention --------------------------------------------------------------------------------------------------


def forget_notes(session: Session, *, now: datetime, days: int) -> int:
    """Empty what was written about leave that ended more than `days` ago: notes tell of illness and families.

    The leave itself stays, with its kind and its hours. Gives how many; the second time changes nothing.
    """
    written = (AbsencePeriod.note != "") | (AbsencePeriod.decision_note != "")
    emptied = session.scalars(
        update(AbsencePeriod)
        .where(AbsencePeriod.ends_at < now - timedelta(days=days), written)
        .values(note="", decision_note="")
        .returning(AbsencePeriod.id)
    ).all()
    if emptied:
        audit.record(session, SYSTEM, "absence.forget-notes", "absence", "-", now=now, count=len(emptied))
    return len(emptied)
