"""HTTP of people. `sign_in`: the ways in; `account`: oneself; `staff`: the staff list; `imports`: sheets of staff."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("people", __name__)

from fieldops.core.people.routes import account, imports, sign_in, staff  # noqa: E402, F401 (they add their views)
