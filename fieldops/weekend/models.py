"""Weekly templates and weekend service days. Sessions and seats are core.booking's."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class WeekendTemplate(Model):
    """How an ordinary day of a programme looks. Times of day are the office's wall clock (WITA)."""

    __tablename__ = "weekend_template"
    __table_args__ = (
        UniqueConstraint("programme", "weekday", name="uq_weekend_template_programme_weekday"),
        CheckConstraint("programme in ('persari', 'bontang-on-seven')", name="programme"),
        CheckConstraint("weekday in (5, 6)", name="weekday"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    programme: Mapped[str] = mapped_column(String(20))
    weekday: Mapped[int]
    opens_days_before: Mapped[int]
    opens_at: Mapped[time]
    closes_hours_before: Mapped[int]
    rolls_hours_before: Mapped[int]


class WeekendTemplateSession(Model):
    """One session of a template with its seats per pool."""

    __tablename__ = "weekend_template_session"
    __table_args__ = (
        UniqueConstraint("template_id", "starts", name="uq_weekend_template_session_starts"),
        CheckConstraint("ends > starts", name="interval"),
        CheckConstraint("seats_public >= 0 and seats_priority >= 0 and seats_walk_in >= 0", name="seats"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    template_id: Mapped[UUID] = mapped_column(ForeignKey("weekend_template.id"))
    starts: Mapped[time]
    ends: Mapped[time]
    seats_public: Mapped[int]
    seats_priority: Mapped[int]
    seats_walk_in: Mapped[int]


class WeekendDay(Model):
    """A service day of a programme. `draft` is only seen by staff; a cancelled day stays for the record."""

    __tablename__ = "weekend_day"
    __table_args__ = (
        Index("uq_weekend_day_live", "programme", "day", unique=True,
              postgresql_where=text("status != 'cancelled'"), sqlite_where=text("status != 'cancelled'")),
        CheckConstraint("programme in ('persari', 'bontang-on-seven')", name="programme"),
        CheckConstraint("status in ('draft', 'published', 'cancelled')", name="status"),
        CheckConstraint("(override_reason = '') = (override_by is null)", name="override"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    programme: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    site_id: Mapped[UUID] = mapped_column(ForeignKey("place_site.id"))
    page_id: Mapped[UUID] = mapped_column(ForeignKey("booking_page.id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    status: Mapped[str] = mapped_column(String(10))
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    override_reason: Mapped[str] = mapped_column(String(300), default="")
    override_by: Mapped[UUID | None] = mapped_column(ForeignKey("people_person.id"))
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class WeekendNeed(Model):
    """How many people a shift of a programme needs for one duty. Times are the office's wall clock (WITA); a shift
    that ends before it starts ends on the next day."""

    __tablename__ = "weekend_need"
    __table_args__ = (
        UniqueConstraint("programme", "weekday", "starts", "duty", name="uq_weekend_need_duty"),
        CheckConstraint("programme in ('persari', 'bontang-on-seven')", name="programme"),
        CheckConstraint("weekday in (5, 6)", name="weekday"),
        CheckConstraint("people between 0 and 20", name="people"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    programme: Mapped[str] = mapped_column(String(20))
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]
    duty: Mapped[str] = mapped_column(String(20))
    people: Mapped[int]
