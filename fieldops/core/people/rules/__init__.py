"""Roles and what they may do, how long a sign-in lasts, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from fieldops.kit.errors import Refusal, Stale
from fieldops.kit.indonesian import wait

LINK_LIFE = timedelta(hours=24)
SESSION_LIFE = timedelta(days=7)
STEP_LIFE = timedelta(minutes=10)
"""From the password to the code."""
PROOF_LIFE = timedelta(minutes=10)
"""So long after proving who one is, roles, factors and e-mail can be changed without proving it again."""


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


class Means(StrEnum):
    """How somebody came in. A link is made by whoever keeps the server, who could read everything anyway."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105 (a word, no password)
    TWO_STEP = "two-step"
    PASSKEY = "passkey"

    @property
    def label(self) -> str:
        return {
            "link": "tautan masuk",
            "password": "kata sandi",
            "two-step": "kata sandi dan kode",
            "passkey": "kunci sandi",
        }[self.value]


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


NEED_SECOND_STEP = frozenset({Role.SUPERVISOR, Role.TU, Role.HEAD, Role.ADMIN})
"""Whoever plans, counts, approves or gives rights. With a password alone they get no further than to set it up."""


def may_help(helper: Role, helped: Role) -> bool:
    """Whether `helper` may make a link with which `helped` chooses a new password: never upwards."""
    return helper is Role.ADMIN or (helper is Role.SUPERVISOR and helped is Role.OFFICER)


OWN = "account.own"
"""The pages about oneself: for everybody, and open while the second step has to be set up."""

_ALL = {OWN, "inbox.own", "absence.own", "compensation.own"}
_DUTY = {"duty.own", "roster.read"}
_DESK = _ALL | {"desk.read", "desk.mark"}
_TRIPS = {"trip.read", "fleet.read", "letter.read", "site.read"}
_READ = _ALL | {"desk.read", "weekend.read", "achievement.read", "roster.read", "request.read", "blanks.read"} | _TRIPS
_DECIDE = {"absence.decide", "compensation.manage"}
_PLAN = {"weekend.plan", "roster.plan"}
_PREPARE = {"request.decide", "trip.plan", "site.manage", "fleet.manage", "blanks.manage", "letter.issue"}

GRANTS: dict[Role, frozenset[str]] = {
    Role.OFFICER: frozenset(_DESK | _DUTY | _TRIPS | {"trip.run"}),
    Role.SUPERVISOR: frozenset(
        _DESK | _READ | _DUTY | _DECIDE | _PLAN | _PREPARE | {"trip.run", "desk.issue", "people.reset"}
    ),
    Role.TU: frozenset(_READ | _DUTY | _DECIDE | _PREPARE | {"desk.issue", "people.read"}),
    Role.HEAD: frozenset(_READ | _DUTY | _DECIDE | _PLAN | _PREPARE | {"trip.approve", "people.read"}),
    Role.ADMIN: frozenset(_READ | _DUTY | {"people.read", "people.manage", "people.reset", "mail.read", "mail.send"}),
    Role.AUDITOR: frozenset(_READ | {"people.read"}),
}


@dataclass(frozen=True)
class Me:
    """The signed-in person, as pages and rules see him."""

    id: UUID
    name: str
    role: Role
    session_id: UUID
    means: Means = Means.LINK
    proved_at: datetime | None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def may(self, permission: str) -> bool:
        return permission in GRANTS[self.role]

    @property
    def role_label(self) -> str:
        return self.role.label

    @property
    def must_enrol(self) -> bool:
        """Whether the second step has to be set up before anything else."""
        return self.means is Means.PASSWORD and self.role in NEED_SECOND_STEP

    def is_held_back(self, permission: str) -> bool:
        return self.must_enrol and permission != OWN

    def is_proved(self, now: datetime) -> bool:
        """Whether it is only minutes ago that this person proved who he is."""
        return self.proved_at is not None and now < self.proved_at + PROOF_LIFE


class LinkDead(Refusal):
    sentence = "Tautan ini sudah dipakai atau sudah lewat 24 jam. Minta tautan baru kepada administrator."


class SignInFailed(Refusal):
    """One sentence for every reason: nobody learns who has an account."""

    sentence = "E-mail, NIP, atau kata sandi belum cocok. Periksa lagi, atau minta bantuan Kasubsi atau administrator."
    field = "password"


class TooSoon(Refusal):
    """Too many wrong tries; says how long to wait. The right password works afterwards."""

    status = 429

    def __init__(self, seconds: int, *, field: str | None = None) -> None:
        self.seconds = seconds
        super().__init__(
            f"Terlalu banyak percobaan yang belum cocok. Tunggu {wait(seconds)}, lalu coba lagi.", field=field
        )


class StepOver(Refusal):
    """The way from the password to the code took too long, or was gone already."""

    sentence = "Waktu untuk langkah kedua sudah habis. Masuk lagi dari awal."


class NeedProof(Refusal):
    sentence = "Sudah lebih dari 10 menit sejak Anda masuk. Isi kata sandi atau kode 6 angka Anda, lalu kirim lagi."
    field = "proof"


class WrongProof(Refusal):
    sentence = "Kata sandi atau kode belum cocok. Kode yang sudah dipakai tidak berlaku lagi; tunggu kode berikutnya."
    field = "proof"


class NothingToProve(Refusal):
    """He came in by a link and has neither a password nor a code."""

    sentence = "Anda masuk dengan tautan dan belum punya kata sandi. Keluar, lalu masuk lagi dengan tautan yang baru."
    field = "proof"


class NotYours(Refusal):
    """A supervisor helps officers; whom he may not help he does not see."""

    sentence = "Tautan untuk orang ini hanya bisa dibuat oleh administrator."


class NoSignInName(Refusal):
    sentence = "Isi e-mail atau NIP orang ini dulu. Tanpa itu ia tidak punya nama untuk masuk."


class OwnRole(Refusal):
    sentence = "Peran Anda sendiri hanya bisa diubah oleh administrator lain."
    field = "role"


class OwnAccount(Refusal):
    sentence = "Anda tidak bisa menonaktifkan diri sendiri. Minta administrator lain."


class NoAdminAnyMore(Stale):
    """Meanwhile another administrator took the rights away from whoever asks."""

    sentence = "Anda bukan administrator aktif lagi, jadi tidak ada yang diubah."


class ChangedMeanwhile(Stale):
    sentence = "Data orang ini baru saja diubah. Periksa isian di bawah, lalu simpan lagi bila masih benar."


class NipTaken(Refusal):
    sentence = "NIP ini sudah dipakai pegawai lain, mungkin yang nonaktif. Cari NIP-nya di daftar pegawai."
    field = "nip"


class EmailTaken(Refusal):
    sentence = "E-mail ini sudah dipakai pegawai lain, mungkin yang nonaktif. Cari e-mailnya di daftar pegawai."
    field = "email"


class ImportStale(Stale):
    sentence = "Daftar pegawai berubah sejak pratinjau ini dibuka. Periksa pratinjau yang baru, lalu jalankan lagi."


class ImportNotThere(Refusal):
    sentence = "Impor ini sudah tidak bisa dijalankan atau dibatalkan. Kirim berkasnya sekali lagi."
    status = 409


class ImportInUse(Refusal):
    """Undoing would take away what came after it."""

    status = 409
