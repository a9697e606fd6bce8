"""HTTP of booking. `public`: four pages from poster to ticket, with what `offers` says is free; `tickets`: the ticket's
life; `desk`: officers."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("booking", __name__)

from fieldops.core.booking.routes import desk, public, tickets  # noqa: E402, F401 (they add their views to bp)
