"""One small table of facts about this installation."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.kit.db import Model


class OfficeFact(Model):
    """A named fact: `demo` is set when the people in this database are invented."""

    __tablename__ = "office_fact"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
