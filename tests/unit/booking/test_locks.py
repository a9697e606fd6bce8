"""Whoever locks several sessions takes them in one order: two who meet cannot wait for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.dialects import postgresql

from fieldops.core.booking.service import holds, pages, tickets

if TYPE_CHECKING:
    from sqlalchemy import Select


@pytest.mark.parametrize("lock", [holds._LOCK, tickets._LOCK, pages._LOCK], ids=["hold", "ticket", "others"])
def test_sessions_are_locked_by_id(lock: Select[tuple[object]]) -> None:
    said = " ".join(str(lock.compile(dialect=postgresql.dialect())).split())
    assert said.partition(" ORDER BY ")[2].startswith("booking_session.id FOR UPDATE")
