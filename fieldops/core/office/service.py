"""Writing down that the worker lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import Table, update
from sqlalchemy.dialects import postgresql, sqlite

from fieldops.core.office.models import Heartbeat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session


def expect(session: Session, jobs: Iterable[str], *, now: datetime) -> None:
    """A worker begins with these jobs: from now on one that never runs is missed. Known ones stay as they are."""
    rows = [{"job": job, "ran_at": now, "ok": True} for job in sorted(jobs)]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(
        dialect.insert(cast("Table", Heartbeat.__table__)).values(rows).on_conflict_do_nothing(index_elements=["job"])
    )


def beat(session: Session, job: str, *, ok: bool, now: datetime) -> None:
    """A job ran. When it failed, the time of its last good run stays. Locks the job's row."""
    expect(session, [job], now=now)
    values = {"ok": True, "ran_at": now} if ok else {"ok": False}
    session.execute(update(Heartbeat).where(Heartbeat.job == job).values(values))
