"""Sheets of staff: kept as read, shown as a preview, run once, taken back as long as nothing came after."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import staff
from fieldops.core.people import queries
from fieldops.core.people.models import PeopleImport, Person, PersonCompetence
from fieldops.core.people.rules import Competence, ImportInUse, ImportNotThere, ImportStale, OwnRole, Role, sheet
from fieldops.core.people.rules.facts import Facts
from fieldops.core.people.rules.sheet import Kind
from fieldops.core.people.service import persons
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Stale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from fieldops.core.people.rules.sheet import Heading, Line


@dataclass(frozen=True)
class Counts:
    """How many rows a run wrote, and how many it left out because they were wrong."""

    new: int
    changed: int
    wrong: int


def keep(
    session: Session, heading: Heading, lines: Sequence[Line], *, form_key: str, actor_id: UUID, now: datetime
) -> UUID:
    """Keep what was read, for the preview. The same form twice is one import. Changes nobody."""
    known = session.scalar(select(PeopleImport.id).where(PeopleImport.form_key == form_key))
    if known is not None:
        return known
    import_id = uuid4()
    try:
        session.execute(
            insert(PeopleImport).values(
                id=import_id,
                form_key=form_key,
                state="read",
                columns=[*heading.ignored],
                rows=[{"number": line.number, "cells": dict(line.cells)} for line in lines],
                done=[],
                made_by=actor_id,
                made_at=now,
            )
        )
    except IntegrityError as error:
        if violated(error, "uq_people_import_form_key", "people_import.form_key"):
            raise Stale from error  # the same form a moment ago: look again
        raise
    return import_id


def run(session: Session, import_id: UUID, *, seen: str, actor_id: UUID, now: datetime) -> Counts:
    """Write all good rows, or nothing. Sent twice it runs once and gives the same counts.

    Locks the import, the active administrators and everybody whom it changes, by id. Refuses ImportStale when the
    preview `seen` is not what it would do now, ImportNotThere, NoAdminAnyMore, NotFound.
    """
    found = _lock(session, import_id, actor_id)
    if found.state == "done":
        return _counts(found)
    if found.state != "read":
        raise ImportNotThere
    planned = sheet.plan(queries.lines_of(found), queries.known_people(session), own_id=actor_id)
    if sheet.digest(planned) != seen:
        raise ImportStale
    ids = {one.person_id for one in planned if one.kind is Kind.CHANGED and one.person_id}
    locked = persons.lock_all(session, actor_id, ids)
    # Under the locks once more: whoever changed one of them a moment ago was not seen above.
    if sheet.digest(sheet.plan(queries.lines_of(found), queries.known_people(session), own_id=actor_id)) != seen:
        raise ImportStale
    done: list[dict[str, Any]] = []
    try:
        for one in planned:
            if one.facts is None or one.kind not in {Kind.NEW, Kind.CHANGED}:
                continue
            if one.person_id is None:
                new_id = persons.add_person(session, **vars(one.facts), actor=staff(actor_id), now=now)
                done.append({"person": str(new_id), "revision": 1, "before": None})
                continue
            person = locked[one.person_id]
            before, revision = _plain(persons.facts_of(session, person)), person.revision
            persons.put(session, person, one.facts, actor_id=actor_id, now=now)
            done.append({"person": str(one.person_id), "revision": revision + 1, "before": before})
    except IntegrityError:
        raise ImportStale from None
    wrong = sum(one.kind is Kind.WRONG for one in planned)
    session.execute(
        update(PeopleImport).where(PeopleImport.id == import_id).values(state="done", done=done, done_at=now)
    )
    counts = Counts(sum(one["before"] is None for one in done), sum(one["before"] is not None for one in done), wrong)
    audit.record(session, staff(actor_id), "people.import", "import", import_id, now=now, **asdict(counts))
    return counts


def undo(session: Session, import_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Put everybody back as he was; whom the import brought goes. Twice is once.

    Locks as `run`. Refuses ImportInUse when anything was changed since or somebody new is in use already, OwnRole,
    ImportNotThere, NoAdminAnyMore, NotFound. Then nothing is changed.
    """
    found = _lock(session, import_id, actor_id)
    if found.state == "undone":
        return
    if found.state != "done":
        raise ImportNotThere
    locked = persons.lock_all(session, actor_id, {UUID(one["person"]) for one in found.done})
    for one in found.done:
        person = locked.get(UUID(one["person"]))
        if person is None or person.revision != one["revision"]:
            who = f"{person.name} sudah" if person else "Ada yang sudah"
            raise ImportInUse(f"{who} diubah setelah impor ini, jadi impor tidak bisa dibatalkan. Ubah satu per satu.")
        if one["before"] is None:
            _remove(session, person)
        else:
            if person.id == actor_id and one["before"]["role"] != person.role:
                raise OwnRole
            persons.put(session, person, _facts(one["before"]), actor_id=actor_id, now=now)
    session.execute(update(PeopleImport).where(PeopleImport.id == import_id).values(state="undone", undone_at=now))
    audit.record(session, staff(actor_id), "people.import-undo", "import", import_id, now=now, rows=len(found.done))


def _remove(session: Session, person: Person) -> None:
    """Take away somebody whom the import brought and whom nothing refers to yet: the foreign keys say so."""
    name = person.name
    try:
        session.execute(delete(PersonCompetence).where(PersonCompetence.person_id == person.id))
        session.execute(delete(Person).where(Person.id == person.id).execution_options(synchronize_session=False))
    except IntegrityError:
        raise ImportInUse(
            f"{name} sudah dipakai setelah impor ini, jadi impor tidak bisa dibatalkan. Nonaktifkan satu per satu."
        ) from None


def forget(session: Session, *, now: datetime, previews: timedelta, runs: timedelta) -> int:
    """Drop previews that nobody ran, and empty runs that are too old to undo; gives how many. For a job."""
    gone = session.scalars(
        delete(PeopleImport)
        .where(PeopleImport.state == "read", PeopleImport.made_at < now - previews)
        .returning(PeopleImport.id)
    ).all()
    emptied = session.scalars(
        update(PeopleImport)
        .where(PeopleImport.state.in_(("done", "undone")), PeopleImport.made_at < now - runs)
        .values(state="forgotten", rows=[], done=[], columns=[])
        .returning(PeopleImport.id)
    ).all()
    return len(gone) + len(emptied)


def _lock(session: Session, import_id: UUID, actor_id: UUID) -> PeopleImport:
    found = session.scalar(select(PeopleImport).where(PeopleImport.id == import_id).with_for_update())
    if found is None:
        raise NotFound
    if found.made_by != actor_id and found.state == "read":
        raise NotFound  # a preview is its maker's: what it says about one's own role is about him
    return found


def _counts(found: PeopleImport) -> Counts:
    new = sum(one["before"] is None for one in found.done)
    return Counts(new, len(found.done) - new, 0)


def _plain(facts: Facts) -> dict[str, Any]:
    return {**vars(facts), "role": facts.role.value, "competences": sorted(one.value for one in facts.competences)}


def _facts(plain: dict[str, Any]) -> Facts:
    competences = frozenset(Competence(one) for one in plain["competences"])
    return Facts(**{**plain, "role": Role(plain["role"]), "competences": competences})
