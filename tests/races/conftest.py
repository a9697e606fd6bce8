"""Races: real servers and real client processes against one database, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.make import NOW
from tests.races.visitors import Browser
from tests.server import Server, shift_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from fieldops.kit.db import Database
    from fieldops.settings import Settings
    from tests.make import Office


@pytest.fixture
def address(db: Database) -> str:
    """Where the test's database is."""
    return db.url.render_as_string(hide_password=False)


@pytest.fixture
def serve(
    address: str, office: Office, files: Path, settings: Settings, tmp_path: Path
) -> Iterator[Callable[..., Server]]:
    """A function that starts a server on the test's database: `at` is what its clock shows, the rest are settings.

    It is ended with the test, which fails when a server logged a fault.
    """
    servers: list[Server] = []

    def start(at: datetime = NOW, **options: Any) -> Server:
        folder = tmp_path / f"server-{len(servers)}"
        options = {"shift": shift_to(at), "trusted_hops": "1", **options}
        server = Server(address, folder, secret=settings.secret, files=files, **options)
        servers.append(server)
        return server.start()

    yield start
    Browser.close_all()
    for server in servers:
        server.stop()
    complaints = [line for server in servers for line in server.complaints()]
    assert not complaints, complaints[:5]
