"""Where the machine stands. The office's time is WITA wherever the server is, so no test may see a difference."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONES = {"sqlite": "UTC", "postgresql": "Asia/Makassar"}
"""A test on SQLite runs on a machine in UTC, the same test on PostgreSQL on one in office time."""
FAR = "Pacific/Apia"
"""Everything else: UTC+13, where the next day begins at 19.00 WITA."""


@contextmanager
def standing_in(zone: str) -> Iterator[None]:
    """This process, its connections to PostgreSQL and the programs that it starts live in `zone` meanwhile."""
    try:
        with pytest.MonkeyPatch.context() as environment:
            for name in ("TZ", "PGTZ"):
                environment.setenv(name, zone)
            time.tzset()
            yield
    finally:
        time.tzset()
