"""HTTP of LOKTUAN. `bp`: the staff's pages under /loktuan; `public_bp`: the public's, with their short addresses."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("loktuan", __name__, url_prefix="/loktuan")
public_bp = Blueprint("loktuan_public", __name__)

import fieldops.loktuan.collective.routes  # noqa: E402 (importing adds the views)
import fieldops.loktuan.requests.routes.office
import fieldops.loktuan.requests.routes.public
import fieldops.loktuan.trips.routes  # noqa: F401
