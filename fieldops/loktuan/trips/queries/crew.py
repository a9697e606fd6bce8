"""The crew of a trip, and who could go along."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import select

from fieldops.core.people.models import Person
from fieldops.core.roster.models import Post
from fieldops.core.roster.posts.queries import Ground, ground
from fieldops.core.roster.rules import Duty, Interval, PostState
from fieldops.core.roster.rules.fitness import Severity, Slot, breaks
from fieldops.core.roster.rules.points import points_of
from fieldops.core.roster.rules.ranking import Standing, standing_of
from fieldops.kit import clock
from fieldops.kit.indonesian import join_words
from fieldops.loktuan.trips import rules
from fieldops.loktuan.trips.rules import Plan

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

from fieldops.loktuan.trips.queries.trips import SOURCE


@dataclass(frozen=True)
class Member:
    """Somebody of the crew, with what the letter says of him."""

    id: UUID
    name: str
    nip: str
    rank: str


@dataclass(frozen=True)
class CrewRow:
    """One place of the crew over all its stretches. `posts` are in order of time.

    The place belongs to whoever has its first stretch; the roster may have given another stretch to somebody else.
    """

    place: int
    duty: Duty
    posts: tuple[PostPiece, ...]

    @property
    def holder(self) -> Member | None:
        return next((one.member for one in self.posts if one.member), None)

    @property
    def person_id(self) -> UUID | None:
        return self.holder.id if self.holder else None

    @property
    def person(self) -> str | None:
        return self.holder.name if self.holder else None

    @property
    def members(self) -> tuple[Member, ...]:
        """Everybody who has a stretch of this place, in order of time."""
        return tuple(dict.fromkeys(one.member for one in self.posts if one.member))

    def posts_of(self, person_id: UUID) -> list[PostPiece]:
        return [one for one in self.posts if one.person_id == person_id]


@dataclass(frozen=True)
class PostPiece:
    id: UUID
    starts_at: datetime
    ends_at: datetime
    state: PostState
    member: Member | None
    revision: int
    outcome: str
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    override_reason: str
    why: str

    @property
    def person_id(self) -> UUID | None:
        return self.member.id if self.member else None

    @property
    def person(self) -> str | None:
        return self.member.name if self.member else None


def crew(session: Session, trip_id: UUID, *, cancelled: bool = False) -> list[CrewRow]:
    """The crew by place. One query."""
    query = (
        select(Post, Person.name, Person.nip, Person.rank)
        .outerjoin(Person, Person.id == Post.person_id)
        .where(Post.source == SOURCE, Post.ref == str(trip_id))
        .order_by(Post.number, Post.starts_at)
    )
    if not cancelled:
        query = query.where(Post.state != PostState.CANCELLED)
    places: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in session.execute(query):
        places[row[0].number, row[0].duty].append(row)
    return [CrewRow(place, Duty(duty), tuple(map(_piece, rows))) for (place, duty), rows in sorted(places.items())]


def _piece(row: Any) -> PostPiece:
    post, name, nip, rank = row
    return PostPiece(
        post.id,
        post.starts_at,
        post.ends_at,
        PostState(post.state),
        Member(post.person_id, name, nip or "", rank or "") if post.person_id else None,
        post.revision,
        post.outcome,
        post.checked_in_at,
        post.checked_out_at,
        post.override_reason,
        post.why,
    )


@dataclass(frozen=True)
class CrewChoice:
    """One officer for one duty on a whole trip. `sentences` speak against him; `never` when no reason helps."""

    standing: Standing
    sentences: tuple[str, ...]
    never: bool

    @property
    def person_id(self) -> UUID:
        return self.standing.officer.id

    @property
    def name(self) -> str:
        return self.standing.officer.name

    @property
    def fits(self) -> bool:
        return not self.sentences


def crew_ground(session: Session, plan: Plan, today: date) -> Ground:
    return ground(session, clock.office_day(plan.departs_at), clock.office_day(plan.returns_at), today=today)


def crew_choices(
    found: Ground, plan: Plan, own_posts: Collection[UUID], own_trip: UUID | None = None
) -> dict[Duty, list[CrewChoice]]:
    """Everybody for each duty: first those who fit, the least loaded first. Posts and nights of this trip do not
    count."""
    pieces = rules.stretches(plan.departs_at, plan.returns_at, plan.sessions)
    around = [slot for slot in found.slots if slot.id not in own_posts]
    choices: dict[Duty, list[CrewChoice]] = {}
    for duty in Duty:
        slots = [_slot(piece, duty, found, plan.distance_km) for piece in pieces]
        ranked = []
        for officer in found.officers:
            mine = [slot for slot in around if slot.person_id == officer.id]
            promises = [one for one in found.promises.get(officer.id, ()) if not is_of(one.ref, own_trip)]
            against = [one for slot in slots for one in breaks(slot, officer, promises, mine, found.limits)]
            standing = standing_of(slots[0], officer, mine, found.wishes)
            sentences = tuple(dict.fromkeys(one.sentence for one in against))
            never = any(one.severity is not Severity.REASON for one in against)
            ranked.append((bool(against), never, standing.key, CrewChoice(standing, sentences, never)))
        choices[duty] = [row[3] for row in sorted(ranked, key=lambda row: row[:3])]
    return choices


def is_of(ref: str, trip_id: UUID | None) -> bool:
    """Whether a promise is one of this trip's nights."""
    return trip_id is not None and ref.startswith(f"{trip_id.hex}:")


def _slot(piece: Interval, duty: Duty, found: Ground, distance: int) -> Slot:
    points = points_of(piece, holidays=found.holidays, distance_km=distance, zone=clock.ZONE)
    return Slot(
        id=uuid4(),
        starts_at=piece.starts_at,
        ends_at=piece.ends_at,
        day=clock.office_day(piece.starts_at),
        duty=duty,
        title="LOKTUAN",
        points=points.total,
    )


def crew_complaints(plan: Plan, choices: dict[Duty, list[CrewChoice]]) -> list[tuple[int, str]]:
    """What speaks against the people of a plan: the place in the crew (from 0) and a sentence that also says who is
    free instead. What a reason excuses is left out when the plan gives one."""
    chosen = {seat.person_id for seat in plan.crew if seat.person_id}
    told = []
    for n, seat in enumerate(plan.crew):
        mine = next((one for one in choices[seat.duty] if one.person_id == seat.person_id), None)
        if seat.person_id is None or (mine is not None and mine.fits):
            continue
        if mine is None:
            told.append((n, "Orang ini tidak aktif atau tidak ada di daftar petugas. Pilih orang lain."))
            continue
        if not mine.never and plan.override_reason:
            continue
        free = [one.name for one in choices[seat.duty] if one.fits and one.person_id not in chosen][:3]
        instead = f"Yang siap: {join_words(free)}." if free else "Tidak ada orang lain yang siap untuk tugas ini."
        excuse = "" if mine.never else " Atau tulis alasannya di bawah."
        told.append((n, f"{mine.name}: {' '.join(mine.sentences)} {instead}{excuse}"))
    return told
