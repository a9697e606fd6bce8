"""All tables in one place, for migrations, backup and checks."""

from __future__ import annotations

from fieldops.core.achievement import models as achievement
from fieldops.core.agenda import models as agenda
from fieldops.core.attendance import models as attendance
from fieldops.core.audit import models as audit
from fieldops.core.blanks import models as blanks
from fieldops.core.booking import models as booking
from fieldops.core.calendar import models as calendar
from fieldops.core.credentials import models as credentials
from fieldops.core.files import models as files
from fieldops.core.fleet import models as fleet
from fieldops.core.letters import models as letters
from fieldops.core.notices import models as notices
from fieldops.core.office import models as office
from fieldops.core.people import models as people
from fieldops.core.places import models as places
from fieldops.core.roster import models as roster
from fieldops.kit.db import Model
from fieldops.loktuan import models as loktuan
from fieldops.weekend import models as weekend

FEATURES = (
    *(achievement, agenda, attendance, audit, blanks, booking, calendar, credentials, files, fleet, letters),
    *(loktuan, notices, office, people, places, roster, weekend),
)

metadata = Model.metadata
APPEND_ONLY = ("audit_entry", "attendance_event", "achievement_line", "roster_point_line", "blanks_move")
