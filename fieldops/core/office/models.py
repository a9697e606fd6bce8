"""Facts about this installation, and when its timed jobs ran last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class OfficeFact(Model):
    """A named fact: `demo` is set when the people in this database are invented."""

    __tablename__ = "office_fact"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


class Heartbeat(Model):
    """When the worker last ran a job. `ran_at` is its last run that went well, or when a worker first knew it; `ok`
    says whether the very last run went well."""

    __tablename__ = "office_heartbeat"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    ran_at: Mapped[datetime]
    ok: Mapped[bool]
