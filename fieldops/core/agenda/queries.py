"""Reads of the agenda."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from fieldops.core.agenda.models import ServiceEvent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def standing(session: Session, source: str, prefix: str) -> list[str]:
    """The refs of a planner's services that begin with `prefix` and are not cancelled, in order. One query."""
    return list(
        session.scalars(
            select(ServiceEvent.ref)
            .where(
                ServiceEvent.source == source,
                ServiceEvent.ref.startswith(prefix, autoescape=True),
                ServiceEvent.status != "cancelled",
            )
            .order_by(ServiceEvent.ref)
        )
    )
