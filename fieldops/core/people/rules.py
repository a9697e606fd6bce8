"""Roles and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from fieldops.kit.errors import Refusal

LINK_LIFE = timedelta(hours=24)
SESSION_LIFE = timedelta(days=7)


class Role(StrEnum):
    """The roles of the office (risk owners of the plan, plus administrator and read-only auditor)."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    TU = "tu"
    HEAD = "head"
    ADMIN = "admin"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        return {
            "officer": "Petugas",
            "supervisor": "Kasubsi",
            "tu": "Tata Usaha",
            "head": "Kepala Kantor",
            "admin": "Administrator",
            "auditor": "Auditor",
        }[self.value]

    @property
    def idle(self) -> timedelta:
        """How long a session may rest: officers stand in the field all day; others sit at shared desks."""
        return timedelta(hours=12) if self is Role.OFFICER else timedelta(minutes=30)


class Competence(StrEnum):
    """What a person can do. `LEAD` comes with the role of a Kasubsi or head, and can be given to others."""

    LEAD = "lead"
    VERIFICATION = "verification"
    INTERVIEW = "interview"
    BIOMETRICS = "biometrics"
    DRIVER = "driver"
    PPNS = "ppns"
    INTELLIGENCE = "intelligence"

    @property
    def label(self) -> str:
        return {
            "lead": "Penanggung jawab",
            "verification": "Verifikasi berkas",
            "interview": "Wawancara",
            "biometrics": "Biometrik",
            "driver": "Pengemudi",
            "ppns": "PPNS",
            "intelligence": "Intelijen",
        }[self.value]


def skills_of(role: Role, recorded: Iterable[str]) -> frozenset[Competence]:
    """All that a person can be rostered for."""
    lead = {Competence.LEAD} if role in {Role.SUPERVISOR, Role.HEAD} else set()
    return frozenset(lead | {Competence(one) for one in recorded})


_ALL = {"inbox.own", "absence.own", "compensation.own"}
_OWN = {"duty.own", "roster.read"}
_DESK = _ALL | {"desk.read", "desk.mark"}
_READ = _ALL | {"desk.read", "weekend.read", "achievement.read", "roster.read"}
_DECIDE = {"absence.decide", "compensation.manage"}

GRANTS: dict[Role, frozenset[str]] = {
    Role.OFFICER: frozenset(_DESK | _OWN),
    Role.SUPERVISOR: frozenset(_DESK | _READ | _OWN | _DECIDE | {"weekend.plan", "roster.plan", "desk.issue"}),
    Role.TU: frozenset(_READ | _OWN | _DECIDE | {"desk.issue"}),
    Role.HEAD: frozenset(_READ | _OWN | _DECIDE | {"weekend.plan", "roster.plan"}),
    Role.ADMIN: frozenset(_READ | _OWN | {"people.manage", "mail.read", "mail.send"}),
    Role.AUDITOR: frozenset(_READ),
}


@dataclass(frozen=True)
class Me:
    """The signed-in person, as pages and rules see him."""

    id: UUID
    name: str
    role: Role
    session_id: UUID
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def may(self, permission: str) -> bool:
        return permission in GRANTS[self.role]

    @property
    def role_label(self) -> str:
        return self.role.label


class LinkDead(Refusal):
    sentence = "Tautan masuk ini sudah dipakai atau sudah lewat 24 jam. Minta tautan baru kepada administrator."
