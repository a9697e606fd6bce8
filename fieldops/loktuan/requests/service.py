"""From the form to the answer: ask, attach a letter, accept or decline, withdraw, erase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import PUBLIC, SYSTEM, Actor
from fieldops.core.booking.rules import CODE_ALPHABET, CODE_LENGTH, check_sign
from fieldops.core.files import queries as file_queries
from fieldops.core.files import service as files
from fieldops.core.notices import service as notices
from fieldops.core.people.queries import active_people
from fieldops.core.people.rules import GRANTS
from fieldops.core.places.models import Area
from fieldops.kit import clock, keys
from fieldops.kit.db import violated
from fieldops.kit.errors import NotFound, Stale
from fieldops.loktuan.models import TripRequest
from fieldops.loktuan.requests import queries, rules
from fieldops.loktuan.requests.queries import SOURCE, Contact
from fieldops.loktuan.requests.rules import RequestFacts, State

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from fieldops.core.files.queries import FileContent
    from fieldops.core.files.rules import Upload


@dataclass(frozen=True)
class Asked:
    """A request as its sender gets it back."""

    id: UUID
    token: str


def ask(
    session: Session,
    facts: RequestFacts,
    *,
    form_key: str,
    letter: Upload | None = None,
    made_by: UUID | None = None,
    actor: Actor = PUBLIC,
    now: datetime,
) -> Asked:
    """Keep a request with its letter and tell everybody who may decide it. The same form again is the same request.

    Locks nothing; the unique form key stands behind (Stale when somebody sends it at this moment). Refuses WrongDays,
    WrongArea (no kecamatan), KeyReused (the key stands for something else), and what `files.store` refuses.
    """
    known = session.execute(select(TripRequest).where(TripRequest.form_key == form_key)).scalar_one_or_none()
    if known is not None:
        if _plain(facts) != {name: getattr(known, name) for name in _plain(facts)}:
            raise rules.KeyReused
        return Asked(known.id, known.token)
    rules.check_days(facts.wanted_from, facts.wanted_to, clock.office_day(now))
    area = session.scalar(select(Area.name).where(Area.code == facts.area_code, Area.level == "kecamatan"))
    if area is None:
        raise rules.WrongArea
    request_id, token = uuid4(), keys.token()
    body = keys.pick(CODE_ALPHABET, CODE_LENGTH)
    values = _plain(facts) | {"id": request_id, "token": token, "code": body + check_sign(body), "state": State.NEW}
    values |= {"contact_phone_sealed": keys.seal(facts.phone, str(request_id)), "form_key": form_key}
    values |= {"contact_phone_hash": keys.keyed_hash("phone", facts.phone), "made_by": made_by, "made_at": now}
    try:
        session.execute(insert(TripRequest).values(values))
    except IntegrityError as error:
        if any(violated(error, f"uq_loktuan_request_{one}", f"loktuan_request.{one}") for one in ("form_key", "code")):
            raise Stale from error
        raise
    if letter is not None:
        _keep(session, request_id, letter, made_by=made_by, now=now)
    audit.record(
        session, actor, "request.make", "request", request_id, now=now, people=facts.people, area=facts.area_code
    )
    _tell_new(session, request_id, facts, area, now=now)
    return Asked(request_id, token)


def _plain(facts: RequestFacts) -> dict[str, Any]:
    """The columns of what was typed; the number is sealed and hashed elsewhere."""
    return {
        "applicant_kind": facts.kind.value,
        "organisation": facts.organisation,
        "contact_name": facts.contact_name,
        "contact_phone_last4": facts.phone[-4:],
        "area_code": facts.area_code,
        "place": facts.place,
        "address": facts.address,
        "wanted_from": facts.wanted_from,
        "wanted_to": facts.wanted_to,
        "people": facts.people,
        "names": list(facts.names),
        "note": facts.note,
    }


def _keep(session: Session, request_id: UUID, letter: Upload, *, made_by: UUID | None, now: datetime) -> UUID:
    about = {"name": letter.name, "data": letter.data, "kinds": letter.kinds}
    return files.store(session, source=SOURCE, ref=str(request_id), made_by=made_by, now=now, **about)  # type: ignore[arg-type]


def _deciders(session: Session) -> set[UUID]:
    return {one.id for one in active_people(session) if "request.decide" in GRANTS[one.role]}


def _tell_new(session: Session, request_id: UUID, facts: RequestFacts, area: str, *, now: datetime) -> None:
    """Nothing of the public goes into a notice: no organisation, no contact."""
    body = f"{facts.kind.label}, Kecamatan {area}, sekitar {facts.people} orang, "
    notices.tell(
        session,
        _deciders(session),
        kind="request.new",
        title="Permintaan paspor keliling baru",
        body=body + f"{rules.days_told(facts.wanted_from, facts.wanted_to)}. Buka untuk menjawab.",
        link=f"/loktuan/requests/{request_id}",
        key=f"request:{request_id}:new",
        now=now,
    )


def attach(session: Session, request_id: UUID, letter: Upload, *, actor: Actor = PUBLIC, now: datetime) -> UUID:
    """Add a letter to a request that is still open, and tell everybody else who may decide it. Locks the request.
    Refuses NotFound, NoLongerOpen, what `files.store` refuses."""
    if _locked(session, request_id).state not in rules.OPEN:
        raise rules.NoLongerOpen
    file_id = _keep(session, request_id, letter, made_by=actor.person_id, now=now)
    audit.record(session, actor, "request.letter", "request", request_id, now=now, file=str(file_id))
    notices.tell(
        session,
        _deciders(session) - {actor.person_id},
        kind="request.letter",
        title="Surat permintaan paspor keliling masuk",
        body="Ada surat baru pada sebuah permintaan. Buka untuk membacanya.",
        link=f"/loktuan/requests/{request_id}",
        key=f"request:{request_id}:letter:{file_id}",
        now=now,
    )
    return file_id


def decide(session: Session, request_id: UUID, wanted: State, *, reason: str, actor: Actor, now: datetime) -> None:
    """Accept or decline; the same answer again changes nothing. The reason is read by the contact; whoever declines has
    to give one. Makes no trip.

    Locks the request. Refuses NotFound, NeedReason, and Decided when it is answered otherwise or withdrawn.
    """
    reason = " ".join(reason.split())[: rules.LONGEST_REASON]
    if wanted is State.DECLINED and not any(sign.isalnum() for sign in reason):
        raise rules.NeedReason
    before = _locked(session, request_id).state
    if before == wanted:
        return
    if before != State.NEW:
        raise rules.Decided
    session.execute(
        update(TripRequest)
        .where(TripRequest.id == request_id)
        .values(state=wanted.value, decision_note=reason, decided_by=actor.person_id, decided_at=now)
    )
    audit.record(session, actor, "request.decide", "request", request_id, now=now, after=wanted.value)


def withdraw(session: Session, request_id: UUID, *, actor: Actor = PUBLIC, now: datetime) -> None:
    """Take a request back; again changes nothing. Who had accepted it is told, since a trip may be planned already.

    Locks the request. Refuses NotFound, NoLongerOpen when it was declined.
    """
    row = _locked(session, request_id)
    if row.state == State.WITHDRAWN:
        return
    if row.state not in rules.OPEN:
        raise rules.NoLongerOpen
    session.execute(
        update(TripRequest)
        .where(TripRequest.id == request_id)
        .values(state=State.WITHDRAWN.value, decided_at=now, decided_by=actor.person_id)
    )
    audit.record(session, actor, "request.withdraw", "request", request_id, now=now, before=row.state)
    if row.state == State.ACCEPTED:
        notices.tell(
            session,
            _deciders(session),
            kind="request.withdrawn",
            title="Permintaan paspor keliling ditarik",
            body="Permintaan yang sudah diterima ditarik oleh narahubungnya. Periksa perjalanannya.",
            link=f"/loktuan/requests/{request_id}",
            key=f"request:{request_id}:withdrawn",
            now=now,
        )


def read_contact(session: Session, request_id: UUID, *, actor: Actor, now: datetime) -> Contact:
    """The contact and the names, with a line in the audit log that says who read them. Refuses NotFound."""
    found = queries.contact(session, request_id)
    if found is None:
        raise NotFound
    audit.record(session, actor, "request.read", "request", request_id, now=now, names=len(found.names))
    return found


def read_letter(session: Session, request_id: UUID, file_id: UUID, *, actor: Actor, now: datetime) -> FileContent:
    """A letter, in which the contact stands, with a line in the audit log that says who read it. Refuses NotFound."""
    found = file_queries.one_file(session, file_id, source=SOURCE, ref=str(request_id))
    if found is None:
        raise NotFound
    audit.record(session, actor, "request.read_letter", "request", request_id, now=now, file=str(file_id))
    return found


def _locked(session: Session, request_id: UUID) -> Any:
    row = session.execute(
        select(TripRequest.id, TripRequest.state).where(TripRequest.id == request_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def erase_old(session: Session, *, now: datetime, days: int) -> int:
    """Erase contact, names, note and letters of at most 200 requests: see `rules.due_for_erasure`. The counts, the
    place and the answer stay. Returns how many; 0 when all is done. The same twice."""
    today = clock.office_day(now)
    before = today - timedelta(days=days)
    maybe = session.execute(
        select(TripRequest.id, TripRequest.state, TripRequest.wanted_to, TripRequest.decided_at)
        .where(
            TripRequest.erased_at.is_(None),
            or_(TripRequest.wanted_to < before, TripRequest.decided_at < clock.day_bounds(before)[0]),
        )
        .order_by(TripRequest.id)
    )
    due = [
        row.id
        for row in maybe
        if rules.due_for_erasure(
            state=State(row.state),
            wanted_to=row.wanted_to,
            decided_on=clock.office_day(row.decided_at) if row.decided_at else None,
            today=today,
            days=days,
        )
    ][:200]
    if not due:
        return 0
    gone: dict[str, Any] = {"contact_name": rules.ERASED, "contact_phone_sealed": None, "contact_phone_hash": None}
    gone |= {"contact_phone_last4": "", "names": [], "note": "", "erased_at": now}
    session.execute(update(TripRequest).where(TripRequest.id.in_(due)).values(**gone))
    for request_id in due:
        files.remove(session, source=SOURCE, ref=str(request_id))
    audit.record(session, SYSTEM, "request.erase", "request", "-", now=now, count=len(due))
    return len(due)
