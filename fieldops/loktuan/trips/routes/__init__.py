"""The pages of trips. The blueprint stays in fieldops/loktuan/routes.py; importing adds the views to it."""

from __future__ import annotations

from fieldops.loktuan.trips.routes import deciding, lists, papers, planning, running  # noqa: F401
