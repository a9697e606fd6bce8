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


_PROCESSORS = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _TRACEBACKS,
    structlog.processors.JSONRenderer(),
)


def set_up(level: str) -> None:
    """Configure structlog once for this process, and the standard library's loggers, which libraries use, to warnings
    of the same form."""
    threshold = getattr(logging, level.upper(), logging.INFO)
    structlog.configure(
        processors=_PROCESSORS,
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    foreign = logging.StreamHandler(sys.stderr)
    foreign.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_PROCESSORS]
        )
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[foreign])


_LOGGER = structlog.get_logger()


def log() -> Any:
    """The logger: one for the process, because each new one is bound anew at its first line."""
    return _LOGGER
