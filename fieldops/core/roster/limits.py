"""The office's limits of the roster: from the settings to every place that judges, through `posts.queries.ground`.

Set once when a process starts, as the key and the counts of tries are. Until then they are those of `fitness.Limits`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fieldops.core.roster.rules.fitness import LIMITS, Limits

if TYPE_CHECKING:
    from fieldops.settings import Settings

_office: Limits = LIMITS


def use(settings: Settings) -> None:
    """Judge by these settings from now on, in this process."""
    global _office
    _office = Limits(
        rest=timedelta(hours=settings.roster_rest_hours),
        days_in_row=settings.roster_days_in_row,
        hours_in_24=timedelta(hours=settings.roster_day_hours),
    )


def office() -> Limits:
    """The limits of this office, without its holidays."""
    return _office
