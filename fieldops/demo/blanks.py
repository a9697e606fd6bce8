"""What a demonstration office shows of its blank passports."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fieldops.core.audit.rules import staff
from fieldops.core.blanks import service
from fieldops.kit import clock

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session


def fill(session: Session, who: UUID, *, now: datetime) -> None:
    """300 blanks were received; some were used, one was spoiled."""

    def at(days: int) -> dict[str, Any]:
        moment = now - timedelta(days=days)
        return {"day": clock.office_day(moment), "form_key": str(uuid4()), "actor": staff(who), "now": moment}

    service.receive(session, "X1200001", "X1200300", note="BA-118/2026 dari kantor wilayah", **at(20))
    service.use(session, "X1200001", "X1200064", **at(9))
    service.spoil(session, "X1200065", "", reason="Tinta cetak luntur", **at(8))
    service.use(session, "X1200066", "X1200112", **at(2))
