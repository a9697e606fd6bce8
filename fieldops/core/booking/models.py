"""Pages, sessions, seats, bookings and the people on them.

A seat is a row and knows its applicant, so two bookings can never hold one seat; an applicant has at most one seat
(unique); a person has at most one live place in a scope (partial unique index over the keyed hash of the NIK).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class BookingPage(Model):
    """What one poster leads to: one programme, one weekend (or one trip), one place."""

    __tablename__ = "booking_page"
    __table_args__ = (UniqueConstraint("source", "ref", name="uq_booking_page_source_ref"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    source: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60))
    scope: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(300))


class BookingSession(Model):
    """Some seats at one time. `starts_at` and the rest are UTC instants; `day` is the office's date."""

    __tablename__ = "booking_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="interval"),
        Index("ix_booking_session_day", "day"),
        Index("ix_booking_session_page_id", "page_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    page_id: Mapped[UUID] = mapped_column(ForeignKey("booking_page.id"))
    source_ref: Mapped[str] = mapped_column(String(60), index=True)
    day: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    rolls_at: Mapped[datetime]
    is_open: Mapped[bool] = mapped_column(default=False)
    closed_reason: Mapped[str] = mapped_column(String(200), default="")


class Booking(Model):
    """One to four people who come together.

    `token` is the owner's: who has it may change the ticket. `entry_token` is in the QR code: it only checks in, so
    a photo of somebody's ticket cancels nothing. `code` is for typing. A walk-in has a number to be called by, counted
    from 1 on each day of a page; it is given once.
    """

    __tablename__ = "booking_booking"
    __table_args__ = (
        CheckConstraint("state in ('held', 'booked', 'cancelled', 'expired')", name="state"),
        CheckConstraint("state != 'booked' or code is not null", name="code"),
        Index("ix_booking_booking_session_id", "session_id"),
        Index("ix_booking_booking_scope_phone", "scope", "phone_hash"),
        Index("ix_booking_booking_held_until", "held_until", postgresql_where=text("state = 'held'"),
              sqlite_where=text("state = 'held'")),
        Index("uq_booking_booking_walk_in_number", "page_id", "walk_in_day", "walk_in_number", unique=True,
              postgresql_where=text("walk_in_number is not null"), sqlite_where=text("walk_in_number is not null")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    page_id: Mapped[UUID] = mapped_column(ForeignKey("booking_page.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("booking_session.id"))
    scope: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(10))
    pool: Mapped[str] = mapped_column(String(10))
    token: Mapped[str] = mapped_column(String(26), unique=True)
    entry_token: Mapped[str] = mapped_column(String(26), unique=True)
    code: Mapped[str | None] = mapped_column(String(7), unique=True)
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    form_digest: Mapped[str] = mapped_column(String(64))
    phone_hash: Mapped[str | None] = mapped_column(String(64))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_last4: Mapped[str] = mapped_column(String(4), default="")
    made_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    booked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)
    walk_in_day: Mapped[date | None]
    walk_in_number: Mapped[int | None]


class Applicant(Model):
    """One person on a booking. The NIK is never kept: a keyed hash and the last four digits only."""

    __tablename__ = "booking_applicant"
    __table_args__ = (
        Index("uq_booking_applicant_live_person", "scope", "nik_hash", unique=True,
              postgresql_where=text("is_live"), sqlite_where=text("is_live = 1")),
        UniqueConstraint("booking_id", "position", name="uq_booking_applicant_position"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking_booking.id"))
    position: Mapped[int]
    scope: Mapped[str] = mapped_column(String(40))
    is_live: Mapped[bool]
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))
    nik_hash: Mapped[str | None] = mapped_column(String(64))
    nik_last4: Mapped[str] = mapped_column(String(4), default="")
    service: Mapped[str] = mapped_column(String(20))
    help: Mapped[str] = mapped_column(String(20), default="")
    erased_at: Mapped[datetime | None]


class Seat(Model):
    """One seat of one session. Free when it has no applicant, or when the hold on it has run out."""

    __tablename__ = "booking_seat"
    __table_args__ = (
        UniqueConstraint("session_id", "number", name="uq_booking_seat_session_id_number"),
        UniqueConstraint("applicant_id", name="uq_booking_seat_applicant_id"),
        CheckConstraint("pool in ('umum', 'prioritas', 'walk-in', 'kolektif')", name="pool"),
        CheckConstraint("held_until is null or applicant_id is not null", name="hold"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("booking_session.id"))
    number: Mapped[int]
    pool: Mapped[str] = mapped_column(String(10))
    applicant_id: Mapped[UUID | None] = mapped_column(ForeignKey("booking_applicant.id"))
    held_until: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]


# The tables as such, for the statements of every booking: those are built once, at import. Building one on a mapped
# class anew takes four times as long as running it.
PAGES = cast("Table", BookingPage.__table__)
SESSIONS = cast("Table", BookingSession.__table__)
BOOKINGS = cast("Table", Booking.__table__)
APPLICANTS = cast("Table", Applicant.__table__)
SEATS = cast("Table", Seat.__table__)
