"""Writing the output ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from fieldops.core.achievement.models import Line
from fieldops.core.achievement.rules import Posted, next_line

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session


def settle(
    session: Session,
    *,
    ro_id: str,
    source: str,
    subject: str,
    wanted: int,
    day: date,
    actor_id: UUID | None,
    now: datetime,
) -> Posted | None:
    """Bring the net volume of one subject in one RO to `wanted` (0 or 1); gives the line written, or None.

    Appends at most one line and writes nothing when the net is right already, so it may be called after every change.
    `source` and `day` (the office's) go into a line that adds; a line that takes back carries those of the line it
    takes back, and `made_at` tells when that was. The caller holds a lock on the subject's row; the unique
    (source, ref), where ref is the subject and its running number, stands behind it.
    """
    if wanted not in {0, 1}:
        raise ValueError("one subject counts once or not at all")
    mine = select(Line.source, Line.day, Line.volume).where(Line.subject == subject, Line.ro_id == ro_id)
    posted = [Posted(*row) for row in session.execute(mine.order_by(Line.id))]
    line = next_line(posted, wanted, source=source, day=day)
    if line is None:
        return None
    lines = session.execute(select(func.count()).select_from(Line).where(Line.subject == subject)).scalar_one()
    session.execute(
        insert(Line).values(
            ro_id=ro_id,
            day=line.day,
            volume=line.volume,
            source=line.source,
            ref=f"{subject}:{lines + 1}",
            subject=subject,
            made_at=now,
            actor_id=actor_id,
        )
    )
    return line
