"""A short memory for what thousands look at in the same minute. Only for showing, never for deciding."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Answer = TypeVar("Answer")

_kept: dict[Hashable, tuple[float, Any]] = {}
_lock = threading.Lock()
_MOST = 512


def remember(name: Hashable, seconds: float, ask: Callable[[], Answer]) -> Answer:
    """The answer kept under `name` while it is younger than `seconds`, else a fresh one. Per process."""
    now = time.monotonic()
    found = _kept.get(name)
    if found is not None and now - found[0] < seconds:
        return found[1]  # type: ignore[no-any-return]
    answer = ask()
    if seconds > 0:
        with _lock:
            if len(_kept) >= _MOST:
                _kept.clear()
            _kept[name] = (now, answer)
    return answer
