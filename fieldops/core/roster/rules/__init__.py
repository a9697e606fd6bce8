"""Decisions about duties, without a database: intervals, duties and what they need, points, proposals."""

from fieldops.core.roster.rules.duties import Absence, Duty, Outcome, PostState, SwapState
from fieldops.core.roster.rules.intervals import Clash, Interval, overlaps

__all__ = ["Absence", "Clash", "Duty", "Interval", "Outcome", "PostState", "SwapState", "overlaps"]
