"""Structured logs on standard error, one JSON object a line, without personal data: endpoints and ids, no paths
(tickets' addresses hold their key), no form values. SQL parameters are hidden by the engine."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

# Local variables hold names and numbers of people; a traceback is told without them.
_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=30)
)


def set_up(level: str) -> None:
    """Configure structlog once for this process."""
    threshold = getattr(logging, level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _TRACEBACKS,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), stream=sys.stderr, format="%(message)s")


_LOGGER = structlog.get_logger()


def log() -> Any:
    """The logger: one for the process, because each new one is bound anew at its first line."""
    return _LOGGER
