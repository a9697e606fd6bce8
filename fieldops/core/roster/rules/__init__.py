"""Decisions about duties, without a database: intervals, duties and what they need, points, proposals.

`points` weighs a duty, `fitness` says what speaks against a person on a post, `ranking` who comes next, `proposal`
fills a roster (with `board`, `cover` and `balance`), `bound` says how good any roster could be.
"""

from fieldops.core.roster.rules.duties import Absence, Duty, Outcome, PostState, SwapState
from fieldops.core.roster.rules.fitness import Break, BreakCode, Limits, Officer, Promise, Severity, Slot, breaks
from fieldops.core.roster.rules.intervals import Clash, Interval, merge, overlaps
from fieldops.core.roster.rules.points import Points, Weights, describe, points_of, points_together
from fieldops.core.roster.rules.proposal import Assigned, Gap, Proposal, propose
from fieldops.core.roster.rules.ranking import Candidate, candidates

__all__ = [
    "Absence",
    "Assigned",
    "Break",
    "BreakCode",
    "Candidate",
    "Clash",
    "Duty",
    "Gap",
    "Interval",
    "Limits",
    "Officer",
    "Outcome",
    "Points",
    "PostState",
    "Promise",
    "Proposal",
    "Severity",
    "Slot",
    "SwapState",
    "Weights",
    "breaks",
    "candidates",
    "describe",
    "merge",
    "overlaps",
    "points_of",
    "points_together",
    "propose",
]
