"""Who acts: a member of staff, the public, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Actor:
    """Who did it. The public has no id: a booking is its own evidence."""

    kind: str
    person_id: UUID | None = None


PUBLIC = Actor("public")
SYSTEM = Actor("system")


def staff(person_id: UUID) -> Actor:
    return Actor("staff", person_id)
