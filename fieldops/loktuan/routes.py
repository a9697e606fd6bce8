"""HTTP of LOKTUAN. `bp`: the staff's pages under /loktuan; `public_bp`: the public's, with their short addresses."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("loktuan", __name__, url_prefix="/loktuan")
public_bp = Blueprint("loktuan_public", __name__)

from fieldops.loktuan.collective import routes as collective  # noqa: E402, F401 (they add their views)
from fieldops.loktuan.requests.routes import office, public  # noqa: E402, F401
from fieldops.loktuan.trips import routes as trips  # noqa: E402, F401
