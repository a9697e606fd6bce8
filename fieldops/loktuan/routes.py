"""LOKTUAN on the web: the blueprint; its views are in the packages of requests and trips."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("loktuan", __name__, url_prefix="/loktuan")

from fieldops.loktuan.trips import routes  # noqa: E402, F401 (they add their views to bp)
