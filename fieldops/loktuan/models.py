"""Requests for a mobile service, and trips: dates, what goes along, cost, what happened, the report.

Sessions and seats are core.booking's, the crew's posts core.roster's, promises of vehicle and kit the busy table's.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class TripRequest(Model):
    """Somebody asks for the mobile service. `code` is for typing, `token` is in the link that was given out.

    `names` are the people it is for, as the contact wrote them; they and the contact are erased with `erased_at`.
    """

    __tablename__ = "loktuan_request"
    __table_args__ = (
        CheckConstraint("applicant_kind in ('kecamatan', 'company', 'school', 'community')", name="applicant_kind"),
        CheckConstraint("state in ('new', 'accepted', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("wanted_to >= wanted_from", name="wanted"),
        CheckConstraint("people between 1 and 2000", name="people"),
        Index("ix_loktuan_request_state", "state", "made_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code: Mapped[str] = mapped_column(String(7), unique=True)
    token: Mapped[str] = mapped_column(String(26), unique=True)
    applicant_kind: Mapped[str] = mapped_column(String(20))
    organisation: Mapped[str] = mapped_column(String(120))
    contact_name: Mapped[str] = mapped_column(String(100))
    contact_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_phone_hash: Mapped[str | None] = mapped_column(String(64))
    contact_phone_last4: Mapped[str] = mapped_column(String(4), default="")
    area_code: Mapped[str] = mapped_column(ForeignKey("place_area.code"))
    place: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(300))
    wanted_from: Mapped[date]
    wanted_to: Mapped[date]
    people: Mapped[int]
    names: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(600), default="")
    state: Mapped[str] = mapped_column(String(12))
    decision_note: Mapped[str] = mapped_column(String(300), default="")
    form_key: Mapped[str] = mapped_column(String(60), unique=True)
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class Trip(Model):
    """One trip: from the office's gate and back, half-open [departs_at, returns_at), both UTC.

    `collective_token` opens the list of the contact person. `revision` counts what people were told; a letter of an
    older one is out of date.
    """

    __tablename__ = "loktuan_trip"
    __table_args__ = (
        CheckConstraint("returns_at > departs_at", name="interval"),
        CheckConstraint(
            "status in ('draft', 'submitted', 'approved', 'published', 'closed', 'postponed', 'cancelled')",
            name="status",
        ),
        Index("ix_loktuan_trip_departs_at", "departs_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("loktuan_request.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("place_site.id"))
    page_id: Mapped[UUID] = mapped_column(ForeignKey("booking_page.id"))
    departs_at: Mapped[datetime]
    returns_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(String(300), default="")
    collective_token: Mapped[str] = mapped_column(String(26), unique=True)
    revision: Mapped[int] = mapped_column(default=1)
    form_key: Mapped[str] = mapped_column(String(60), unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    approved_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(String(300), default="")


class TripThing(Model):
    """A vehicle or a piece of kit that goes along, and the two checks: when it left and when it came back."""

    __tablename__ = "loktuan_thing"
    __table_args__ = (
        CheckConstraint("holder_kind in ('vehicle', 'kit')", name="holder_kind"),
        CheckConstraint("back_state in ('', 'good', 'damaged', 'missing')", name="back_state"),
        UniqueConstraint("trip_id", "holder_kind", "holder_id", name="uq_loktuan_thing_once"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    trip_id: Mapped[UUID] = mapped_column(ForeignKey("loktuan_trip.id"))
    holder_kind: Mapped[str] = mapped_column(String(10))
    holder_id: Mapped[UUID]
    out_at: Mapped[datetime | None]
    out_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    back_at: Mapped[datetime | None]
    back_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    back_state: Mapped[str] = mapped_column(String(10), default="")
    note: Mapped[str] = mapped_column(String(300), default="")


class TripCost(Model):
    """One line of what a trip costs, in whole rupiah."""

    __tablename__ = "loktuan_cost"
    __table_args__ = (
        CheckConstraint("kind in ('per-diem', 'lodging', 'fuel', 'transport', 'consumption', 'other')", name="kind"),
        CheckConstraint("quantity between 1 and 1000 and unit_price between 0 and 1000000000", name="amount"),
        Index("ix_loktuan_cost_trip_id", "trip_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    trip_id: Mapped[UUID] = mapped_column(ForeignKey("loktuan_trip.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int]
    unit_price: Mapped[int]


class TripIncident(Model):
    """Something that happened on the way or at the site. Append-only by habit: a mistake is answered by another."""

    __tablename__ = "loktuan_incident"
    __table_args__ = (Index("ix_loktuan_incident_trip_id", "trip_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    trip_id: Mapped[UUID] = mapped_column(ForeignKey("loktuan_trip.id"))
    happened_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(String(600))
    form_key: Mapped[str] = mapped_column(String(60), unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]


class TripTask(Model):
    """What is left to do after a trip, with an owner: a missing item above all."""

    __tablename__ = "loktuan_task"
    __table_args__ = (
        UniqueConstraint("trip_id", "key", name="uq_loktuan_task_key"),
        Index("ix_loktuan_task_owner_id", "owner_id", "done_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    trip_id: Mapped[UUID] = mapped_column(ForeignKey("loktuan_trip.id"))
    key: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(String(300))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    done_note: Mapped[str] = mapped_column(String(300), default="")


class TripReport(Model):
    """The report of a trip. `counts` are the figures at the moment of closing; what came later is seen beside them."""

    __tablename__ = "loktuan_report"

    trip_id: Mapped[UUID] = mapped_column(ForeignKey("loktuan_trip.id"), primary_key=True)
    summary: Mapped[str] = mapped_column(String(2000), default="")
    obstacles: Mapped[str] = mapped_column(String(2000), default="")
    follow_up: Mapped[str] = mapped_column(String(2000), default="")
    no_incident: Mapped[bool] = mapped_column(default=False)
    no_photo_reason: Mapped[str] = mapped_column(String(300), default="")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    closed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
