"""HTTP of vehicles and kit. `things`: the lists and one thing; `workshop`: workshop time and the odometer."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("fleet", __name__, url_prefix="/fleet")

from fieldops.core.fleet.routes import things, workshop  # noqa: E402, F401 (they add their views)
