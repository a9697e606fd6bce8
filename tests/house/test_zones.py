"""D38: the suite runs with the machine in UTC, in office time and far away. Here: it really stands there."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import text

from fieldops.kit.db import reading
from tests.zones import ZONES

if TYPE_CHECKING:
    from fieldops.kit.db import Database

TELL = "import time; print(time.strftime('%z'))"


def offsets() -> set[str]:
    """How far from UTC this process is, and a program that it starts."""
    program = subprocess.run([sys.executable, "-c", TELL], capture_output=True, text=True, check=True)
    return {datetime.now().astimezone().strftime("%z"), program.stdout.strip()}


def test_on_sqlite_the_machine_stands_in_utc_on_postgresql_in_office_time(db: Database, db_kind: str) -> None:
    assert offsets() == {{"sqlite": "+0000", "postgresql": "+0800"}[db_kind]}
    if db_kind == "postgresql":
        with reading() as session:
            assert session.scalar(text("show timezone")) == ZONES[db_kind]


def test_without_a_database_it_is_another_day_there_from_seven_in_the_evening_on() -> None:
    assert offsets() == {"+1300"}
