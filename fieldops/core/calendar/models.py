"""Days on which the office is closed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class Holiday(Model):
    """A public holiday, a cuti bersama or a day the office itself closes, with where that is from."""

    __tablename__ = "calendar_holiday"
    __table_args__ = (CheckConstraint("kind in ('nasional', 'cuti bersama', 'kantor')", name="kind"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(200))
