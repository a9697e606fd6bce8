"""The timed jobs: what each is called on the screen, how often it must run, and when that is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MISSES: Final = 3
"""So many of its intervals may pass before a job counts as standing still."""

PATIENCE: Final = timedelta(minutes=10)
"""Jobs run one after the other, so a frequent one may have to wait for a long one."""


@dataclass(frozen=True)
class Job:
    """A timed job of the worker; `every` is its longest ordinary gap."""

    label: str
    every: timedelta

    @property
    def wait(self) -> timedelta:
        """How long after its last good run nobody worries."""
        return max(MISSES * self.every, PATIENCE)


_DAY = timedelta(days=1)

JOBS: Final = {
    "sweep holds": Job("melepas kursi yang batal dipesan", timedelta(minutes=1)),
    "follow sites": Job("menyesuaikan tutup pendaftaran dengan sinyal lokasi", timedelta(minutes=5)),
    "send mail": Job("mengirim email", timedelta(seconds=20)),
    "erase personal data": Job("menghapus data pribadi lama", _DAY),
    "erase notices": Job("menghapus pemberitahuan lama", _DAY),
    "check invariants": Job("memeriksa data", _DAY),
    "forget imports": Job("menghapus impor lama", _DAY),
    "forget notes": Job("menghapus catatan cuti lama", _DAY),
    "forget sign-ins": Job("menghapus riwayat masuk lama", _DAY),
    "forget tries": Job("menghapus hitungan percobaan", timedelta(hours=1)),
}


@dataclass(frozen=True)
class LateJob:
    """A job that stands still since `ran_at`, its last good run."""

    name: str
    label: str
    ran_at: datetime


def late_jobs(ran: dict[str, datetime], now: datetime) -> list[LateJob]:
    """The jobs that have not run well for too long, the longest first. A job that no worker ever knew is not late."""
    late = [
        LateJob(name, job.label, ran[name]) for name, job in JOBS.items() if name in ran and now - ran[name] > job.wait
    ]
    return sorted(late, key=lambda one: one.ran_at)
