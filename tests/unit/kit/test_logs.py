"""The log is one JSON object a line, whoever writes it."""

from __future__ import annotations

import io
import json
import logging
import sys
from typing import TYPE_CHECKING

import pytest
import structlog

from fieldops.kit import logs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def _as_before() -> Iterator[None]:
    """The logger keeps whatever it finds at its first use: it must not find what this test sets up."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("_as_before")
def test_what_a_library_says_is_json_too_and_without_its_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(sys, "stderr", out)
    logs.set_up("info")
    library = logging.getLogger("a.library")
    library.info("chatter")
    library.warning("job %s skipped", "sweep")
    try:
        name = "Siti Aminah"
        int(name[:0])
    except ValueError:
        library.exception("job failed")
    skipped, failed = map(json.loads, out.getvalue().splitlines())
    assert (skipped["event"], skipped["level"]) == ("job sweep skipped", "warning")
    assert (failed["event"], failed["exception"][0]["exc_type"]) == ("job failed", "ValueError")
    assert "Siti" not in out.getvalue()
