"""The busy table, posts of a roster, absences, swaps, points and compensation days."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Busy(Model):
    """A promise of a person, vehicle or kit: half-open [starts_at, ends_at), with its kind and its source."""

    __tablename__ = "roster_busy"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="interval"),
        CheckConstraint("holder_kind in ('person', 'vehicle', 'kit')", name="holder_kind"),
        UniqueConstraint("holder_kind", "holder_id", "source", "ref", name="uq_roster_busy_promise"),
        Index("ix_roster_busy_holder", "holder_kind", "holder_id", "starts_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    holder_kind: Mapped[str] = mapped_column(String(10))
    holder_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60))


class Post(Model):
    """One place for one person on a shift, as a seat is a row. Without a person it is a gap, with an owner.

    `day` is the office's day on which it starts, `source` and `ref` the service that needs it, `number` the place
    among equals. `why` says in a sentence why this person, or why nobody. A pinned post is left alone by proposals.
    """

    __tablename__ = "roster_post"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="interval"),
        CheckConstraint("state in ('draft', 'published', 'locked', 'cancelled')", name="state"),
        CheckConstraint("outcome in ('', 'worked', 'absent', 'excused')", name="outcome"),
        CheckConstraint("outcome = '' or person_id is not null", name="outcome_of_somebody"),
        CheckConstraint("actual_ends_at is null or actual_ends_at > actual_starts_at", name="actual"),
        UniqueConstraint("source", "ref", "title", "duty", "number", name="uq_roster_post_place"),
        Index("ix_roster_post_day", "day"),
        Index("ix_roster_post_person_id", "person_id", "day"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    source: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60))
    day: Mapped[date]
    title: Mapped[str] = mapped_column(String(120))
    duty: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    distance_km: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    is_pinned: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(String(600), default="")
    override_reason: Mapped[str] = mapped_column(String(300), default="")
    gap_owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    outcome: Mapped[str] = mapped_column(String(10), default="")
    checked_in_at: Mapped[datetime | None]
    checked_out_at: Mapped[datetime | None]
    actual_starts_at: Mapped[datetime | None]
    actual_ends_at: Mapped[datetime | None]
    is_assumed: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]


class AbsencePeriod(Model):
    """Leave, training and the like as instants, so half days too. Approved ones are promises in the busy table."""

    __tablename__ = "roster_absence"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="interval"),
        CheckConstraint(
            "kind in ('annual', 'sick', 'important', 'training', 'travel', 'compensation')", name="kind"
        ),
        CheckConstraint("state in ('requested', 'approved', 'refused', 'withdrawn')", name="state"),
        Index("ix_roster_absence_person_id", "person_id", "starts_at"),
        Index("uq_roster_absence_imported", "person_id", "calendar_uid", unique=True,
              postgresql_where=text("calendar_uid != ''"), sqlite_where=text("calendar_uid != ''")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    kind: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(10))
    form_key: Mapped[str] = mapped_column(String(60), unique=True)
    calendar_uid: Mapped[str] = mapped_column(String(200), default="")
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    requested_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(String(300), default="")


class Swap(Model):
    """One post changes hands: offered, accepted, approved. It follows the post, so a moved shift stays swapped.

    `accept_note` says why a supervisor accepted for the taker (`accepted_by` is not `taker_id` then).
    """

    __tablename__ = "roster_swap"
    __table_args__ = (
        CheckConstraint(
            "state in ('offered', 'accepted', 'approved', 'refused', 'withdrawn', 'undone')", name="state"
        ),
        Index("uq_roster_swap_open", "post_id", unique=True,
              postgresql_where=text("state in ('offered', 'accepted')"),
              sqlite_where=text("state in ('offered', 'accepted')")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("roster_post.id"))
    return_post_id: Mapped[UUID | None] = mapped_column(ForeignKey("roster_post.id"))
    giver_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    taker_id: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    state: Mapped[str] = mapped_column(String(10))
    form_key: Mapped[str] = mapped_column(String(60), unique=True)
    note: Mapped[str] = mapped_column(String(300), default="")
    offered_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    offered_at: Mapped[datetime]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    accepted_at: Mapped[datetime | None]
    accept_note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(String(300), default="")


class PointLine(Model):
    """What a duty that was worked counts, in hundredths of a point. Append-only: a correction is a reversing line."""

    __tablename__ = "roster_point_line"
    __table_args__ = (
        UniqueConstraint("source", "ref", "turn", name="uq_roster_point_line_once"),
        Index("ix_roster_point_line_person_id", "person_id", "day"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    source: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60))
    turn: Mapped[int]
    day: Mapped[date]
    title: Mapped[str] = mapped_column(String(200))
    minutes: Mapped[int]
    base: Mapped[int]
    weekend: Mapped[int]
    holiday: Mapped[int]
    night: Mapped[int]
    distance: Mapped[int]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]


class CompensationDay(Model):
    """Time off in exchange for a duty: a row from its source to its use, never one running number."""

    __tablename__ = "roster_compensation"
    __table_args__ = (
        CheckConstraint("halves in (1, 2)", name="halves"),
        CheckConstraint("absence_id is null or cancelled_reason = ''", name="used_or_cancelled"),
        UniqueConstraint("post_id", "person_id", name="uq_roster_compensation_source"),
        Index("ix_roster_compensation_person_id", "person_id", "expires_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    post_id: Mapped[UUID] = mapped_column(ForeignKey("roster_post.id"))
    halves: Mapped[int]
    earned_on: Mapped[date]
    expires_on: Mapped[date]
    absence_id: Mapped[UUID | None] = mapped_column(ForeignKey("roster_absence.id"))
    cancelled_reason: Mapped[str] = mapped_column(String(300), default="")


class Wish(Model):
    """A day somebody would like to work, or not. Counted last, promised to nobody."""

    __tablename__ = "roster_wish"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    wants: Mapped[bool]


class Feed(Model):
    """A private calendar address. Only the hash of its token is kept; a revoked one never works again."""

    __tablename__ = "roster_feed"
    __table_args__ = (
        Index("uq_roster_feed_live", "person_id", unique=True,
              postgresql_where=text("revoked_at is null"), sqlite_where=text("revoked_at is null")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
