"""Writing the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Table, insert

from fieldops import VERSION
from fieldops.core.audit.models import AuditEntry

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from fieldops.core.audit.rules import Actor


_INSERT = insert(cast("Table", AuditEntry.__table__)).inline()


def record(
    session: Session,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: UUID | str,
    *,
    now: datetime,
    **detail: Any,
) -> None:
    """Note in the caller's transaction that `actor` did `action` to one object.

    `detail` holds before and after in plain words and numbers, never names, NIK, phone numbers or codes.
    """
    session.execute(
        _INSERT,
        {
            "at": now,
            "actor_id": actor.person_id,
            "actor_kind": actor.kind,
            "action": action,
            "object_kind": object_kind,
            "object_id": str(object_id),
            "detail": detail,
            "app_version": VERSION,
        },
    )
