"""Reads of office facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from fieldops.core.office.models import OfficeFact
from fieldops.kit.db import reading
from fieldops.kit.memory import remember

if TYPE_CHECKING:
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
