"""The words of the roster: what people do on a shift, how far a post is, why somebody is away."""

from __future__ import annotations

from enum import StrEnum

from fieldops.core.people.rules import Competence


class Duty(StrEnum):
    """What somebody does on a shift. The order is the order of the screen."""

    SUPERVISOR = "supervisor"
    VERIFICATION = "verification"
    INTERVIEW = "interview"
    QUEUE = "queue"
    SIGERAK = "sigerak"
    DRIVER = "driver"

    @property
    def label(self) -> str:
        return {
            "supervisor": "Penanggung jawab",
            "verification": "Verifikasi berkas",
            "interview": "Wawancara dan biometrik",
            "queue": "Antrean",
            "sigerak": "SIGERAK",
            "driver": "Pengemudi",
        }[self.value]

    @property
    def short(self) -> str:
        """One or two letters for a cell of the grid."""
        return {"supervisor": "PJ", "verification": "V", "interview": "W", "queue": "A", "sigerak": "S", "driver": "P"}[
            self.value
        ]

    @property
    def needs(self) -> frozenset[Competence]:
        """All of these a person must have to do it."""
        return _NEEDS[self]


_NEEDS: dict[Duty, frozenset[Competence]] = {
    Duty.SUPERVISOR: frozenset({Competence.LEAD}),
    Duty.VERIFICATION: frozenset({Competence.VERIFICATION}),
    Duty.INTERVIEW: frozenset({Competence.INTERVIEW, Competence.BIOMETRICS}),
    Duty.QUEUE: frozenset(),
    Duty.SIGERAK: frozenset({Competence.INTELLIGENCE}),
    Duty.DRIVER: frozenset({Competence.DRIVER}),
}


class PostState(StrEnum):
    """A draft is seen by planners only; a published post is a promise; a locked one is history."""

    DRAFT = "draft"
    PUBLISHED = "published"
    LOCKED = "locked"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return {"draft": "Draf", "published": "Terbit", "locked": "Selesai", "cancelled": "Dibatalkan"}[self.value]


class Outcome(StrEnum):
    """What became of a duty. Empty while nobody has said."""

    OPEN = ""
    WORKED = "worked"
    ABSENT = "absent"
    EXCUSED = "excused"

    @property
    def label(self) -> str:
        return {"": "Belum dicatat", "worked": "Bertugas", "absent": "Tidak hadir", "excused": "Berhalangan"}[
            self.value
        ]


class Absence(StrEnum):
    """Why somebody is away."""

    ANNUAL = "annual"
    SICK = "sick"
    IMPORTANT = "important"
    TRAINING = "training"
    TRAVEL = "travel"
    COMPENSATION = "compensation"

    @property
    def label(self) -> str:
        return {
            "annual": "Cuti tahunan",
            "sick": "Cuti sakit",
            "important": "Cuti alasan penting",
            "training": "Diklat",
            "travel": "Dinas luar",
            "compensation": "Hari pengganti",
        }[self.value]


class SwapState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"

    @property
    def label(self) -> str:
        return {
            "offered": "Ditawarkan",
            "accepted": "Menunggu persetujuan",
            "approved": "Disetujui",
            "refused": "Ditolak",
            "withdrawn": "Ditarik",
            "undone": "Dikembalikan",
        }[self.value]
