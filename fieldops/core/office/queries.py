"""Reads of office facts, and of what the worker does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from fieldops.core.office import rules
from fieldops.core.office.models import Heartbeat, OfficeFact
from fieldops.kit.db import reading
from fieldops.kit.memory import remember

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

DEMO = "demo"


def fact(session: Session, name: str) -> str | None:
    return session.execute(select(OfficeFact.value).where(OfficeFact.name == name)).scalar_one_or_none()


def is_demo() -> bool:
    """Whether the people in this database are invented; every page says so then. Looked up once a minute."""

    def ask() -> bool:
        with reading() as session:
            return fact(session, DEMO) is not None

    return remember("office.demo", 60, ask)


def last_runs(session: Session) -> dict[str, datetime]:
    """The last good run of each timed job. One query."""
    return {row.job: row.ran_at for row in session.execute(select(Heartbeat.job, Heartbeat.ran_at))}


def late_jobs(session: Session, *, now: datetime) -> list[rules.LateJob]:
    """The timed jobs that stand still, the longest first. One query."""
    return rules.late_jobs(last_runs(session), now)
