"""One typed settings object, read from the environment; refuses to start when it is incomplete or unsafe."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
COMPENSATION = {"half", "full", "days", "holiday-half", "holiday-full"}
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""An address of mail as we take it: no quotes, no blanks, no letters outside ASCII."""


class UnsafeSettings(SystemExit):
    """The process must not start; the message says which variable to set and why."""


@dataclass(frozen=True)
class Smtp:
    """The server that takes our mail. `security`: 'tls' from the first byte, 'starttls', or 'none' on this machine."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between two installations. Times are minutes unless the name says otherwise."""

    database_url: str
    public_url: str
    staff_url: str
    secret: bytes
    var_dir: Path
    office_name: str = "Kantor Imigrasi Kelas III Non TPI Bontang"
    office_short: str = "Imigrasi Bontang"
    office_address: str = "Kota Bontang, Kalimantan Timur"
    office_phone: str = ""
    letter_ministry: str = "Kementerian Imigrasi dan Pemasyarakatan Republik Indonesia"
    letter_directorate: str = "Direktorat Jenderal Imigrasi"
    letter_region: str = "Kantor Wilayah Direktorat Jenderal Imigrasi Kalimantan Timur"
    letter_contact: str = ""
    letter_city: str = "Bontang"
    letter_budget: str = "DIPA Kantor Imigrasi Kelas III Non TPI Bontang tahun berjalan"
    trusted_hops: int = 0
    hold_minutes: int = 10
    count_by: str = "issue"
    retention_days: int = 90
    notice_days: int = 180
    absence_note_days: int = 365
    roster_rest_hours: int = 11
    roster_days_in_row: int = 2
    roster_day_hours: int = 12
    blanks_reserve: int = 100
    smtp: Smtp | None = None
    mail_from: str = ""
    slot_memory_seconds: float = 1.0
    compensation: Mapping[str, int] = field(default_factory=dict)
    log_level: str = "info"

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_url).netloc

    @property
    def staff_host(self) -> str:
        return urlsplit(self.staff_url).netloc

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def _secret(env: Mapping[str, str], var_dir: Path, *, create: bool) -> bytes:
    """The office's key: from FIELDOPS_SECRET, else from var/secret.key, which `fieldops init` makes (mode 0600)."""
    given = env.get("FIELDOPS_SECRET", "")
    if given:
        if len(given) < 32:
            raise UnsafeSettings("FIELDOPS_SECRET needs at least 32 characters.")
        return given.encode()
    path = var_dir / "secret.key"
    if not path.exists():
        if not create:
            raise UnsafeSettings(f"No key yet: run `fieldops init` (it makes {path}) or set FIELDOPS_SECRET.")
        var_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    if path.stat().st_mode & 0o077:
        raise UnsafeSettings(f"{path} is readable by others: chmod 600 it.")
    kept = path.read_bytes().strip()
    if len(kept) < 32:
        raise UnsafeSettings(f"{path} is cut short: bring it back from a copy (without it no NIK is known again).")
    return kept


def _check_url(name: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
        raise UnsafeSettings(f"{name} must look like https://host, it is {url!r}.")
    if parts.scheme == "http" and (parts.hostname or "") not in LOOPBACK | {"::1"}:
        raise UnsafeSettings(f"{name} must be https outside this machine, it is {url!r}.")
    return f"{parts.scheme}://{parts.netloc}"


def _compensation(text: str) -> dict[str, int]:
    """`half=240,full=420,days=90`: from how many minutes a duty earns half a day or a day off, and for how many days
    it may be used; `holiday-half` and `holiday-full` where holidays count otherwise. Empty: no rule, nothing earned."""
    if not text.strip():
        return {}
    name = "FIELDOPS_COMPENSATION"
    found: dict[str, int] = {}
    for part in text.split(","):
        key, _, number = (one.strip() for one in part.partition("="))
        if key not in COMPENSATION or key in found or not (number.isascii() and number.isdigit() and len(number) < 5):
            raise UnsafeSettings(f"{name} looks like half=240,full=420,days=90; {part.strip()!r} is no part of that.")
        found[key] = int(number)
    if not {"half", "full", "days"} <= found.keys():
        raise UnsafeSettings(f"{name} needs half, full and days.")
    found = {"holiday-half": found["half"], "holiday-full": found["full"], **found}
    pairs = ((found["half"], found["full"]), (found["holiday-half"], found["holiday-full"]))
    if any(not 1 <= half <= full <= 1440 for half, full in pairs) or not 1 <= found["days"] <= 730:
        raise UnsafeSettings(f"{name}: minutes from 1 to 1440, half not above full, days from 1 to 730.")
    return found


# From and up to which number each limit of the roster may be set: outside, people are not safe or nobody fits.
_ROSTER = {
    "FIELDOPS_ROSTER_REST_HOURS": (8, 24),
    "FIELDOPS_ROSTER_DAYS_IN_ROW": (1, 4),
    "FIELDOPS_ROSTER_DAY_HOURS": (4, 16),
}


def _roster(env: Mapping[str, str]) -> dict[str, int]:
    """The limits of the roster, by the names of their fields; those that are not set are left out."""
    found = {}
    for name, (least, most) in _ROSTER.items():
        text = env.get(name, "").strip()
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise UnsafeSettings(f"{name} is a whole number from {least} to {most}, it is {text!r}.")
        found[name.removeprefix("FIELDOPS_").lower()] = int(text)
    return found


def _smtp(env: Mapping[str, str]) -> tuple[Smtp | None, str]:
    """The mail server and the address that mail comes from; (None, "") when mail is off. No sentence tells the
    address of the server: a password stands in it."""
    name, url = "FIELDOPS_SMTP_URL", env.get("FIELDOPS_SMTP_URL", "")
    if not url:
        return None, ""
    if any(sign.isspace() or not sign.isprintable() for sign in url):
        raise UnsafeSettings(f"{name} has a blank or a control sign in it.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnsafeSettings(
            f"{name}: the port is a number up to 65535; signs as / : @ # of a password are written as %2F %3A %40 %23."
        ) from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path not in {"", "/"} or parts.fragment:
        raise UnsafeSettings(f"{name} must look like smtp://user:password@host:587 or smtps://user:password@host.")
    if parts.query not in {"", "starttls=no"}:
        raise UnsafeSettings(f"{name}: the only option is ?starttls=no.")
    security = "tls" if parts.scheme == "smtps" else "starttls"
    if parts.query:
        if parts.scheme == "smtps" or parts.hostname not in LOOPBACK | {"::1"}:
            raise UnsafeSettings(f"{name}: ?starttls=no is for smtp:// on this machine only.")
        security = "none"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise UnsafeSettings(f"{name} needs user and password, or neither.")
    if not (user + password).isprintable() or not (user + password).isascii():
        raise UnsafeSettings(f"{name}: user and password are of ASCII signs, without control signs.")
    sender = env.get("FIELDOPS_MAIL_FROM", "")
    if not ADDRESS.fullmatch(sender):
        raise UnsafeSettings("FIELDOPS_MAIL_FROM must be one address, as fieldops@example.go.id, when mail is on.")
    return Smtp(parts.hostname, port or (465 if security == "tls" else 587), security, user, password), sender


def load(env: Mapping[str, str] | None = None, *, create: bool = False) -> Settings:
    """Read the settings. `create` lets `fieldops init` make the folder and the key; every other command refuses.

    Refuses (UnsafeSettings): no key, a key others can read, plain http for a host that is not this machine,
    public and staff pages on one host, a number that is none, mail without encryption to another machine, a rule of
    compensation that cannot be read, a limit of the roster that is out of its bounds.
    """
    env = os.environ if env is None else env
    var_dir = Path(env.get("FIELDOPS_VAR", str(ROOT / "var"))).resolve()
    port = env.get("FIELDOPS_PORT", "8000")
    public = _check_url("FIELDOPS_PUBLIC_URL", env.get("FIELDOPS_PUBLIC_URL", f"http://127.0.0.1:{port}"))
    staff = _check_url("FIELDOPS_STAFF_URL", env.get("FIELDOPS_STAFF_URL", f"http://localhost:{port}"))
    if urlsplit(public).netloc == urlsplit(staff).netloc:
        raise UnsafeSettings("FIELDOPS_PUBLIC_URL and FIELDOPS_STAFF_URL must be two hosts.")
    count_by = env.get("FIELDOPS_COUNT_BY", "issue")
    if count_by not in {"issue", "service"}:
        raise UnsafeSettings("FIELDOPS_COUNT_BY is 'issue' or 'service'.")
    try:
        numbers = {
            "trusted_hops": int(env.get("FIELDOPS_TRUSTED_HOPS", "0")),
            "hold_minutes": int(env.get("FIELDOPS_HOLD_MINUTES", "10")),
            "retention_days": int(env.get("FIELDOPS_RETENTION_DAYS", "90")),
            "notice_days": int(env.get("FIELDOPS_NOTICE_DAYS", "180")),
            "blanks_reserve": int(env.get("FIELDOPS_BLANKS_RESERVE", "100")),
            "absence_note_days": int(env.get("FIELDOPS_ABSENCE_NOTE_DAYS", "365")),
        }
        memory = float(env.get("FIELDOPS_SLOT_MEMORY_SECONDS", "1"))
    except ValueError as error:
        raise UnsafeSettings(f"A FIELDOPS_ number is not a number: {error}") from error
    if numbers["hold_minutes"] < 10:
        raise UnsafeSettings("FIELDOPS_HOLD_MINUTES: a hold shorter than 10 minutes shuts slow readers out.")
    low = min(numbers["trusted_hops"], numbers["blanks_reserve"], memory) < 0
    kept = min(numbers["retention_days"], numbers["notice_days"], numbers["absence_note_days"])
    if kept < 1 or low:
        raise UnsafeSettings(
            "FIELDOPS_RETENTION_DAYS, FIELDOPS_NOTICE_DAYS and FIELDOPS_ABSENCE_NOTE_DAYS are at least 1; other "
            "FIELDOPS_ numbers are not below 0."
        )
    smtp, mail_from = _smtp(env)
    texts = {
        key: env[variable]
        for key, variable in {
            "office_name": "FIELDOPS_OFFICE_NAME",
            "office_short": "FIELDOPS_OFFICE_SHORT",
            "office_address": "FIELDOPS_OFFICE_ADDRESS",
            "office_phone": "FIELDOPS_OFFICE_PHONE",
            "letter_ministry": "FIELDOPS_LETTER_MINISTRY",
            "letter_directorate": "FIELDOPS_LETTER_DIRECTORATE",
            "letter_region": "FIELDOPS_LETTER_REGION",
            "letter_contact": "FIELDOPS_LETTER_CONTACT",
            "letter_city": "FIELDOPS_LETTER_CITY",
            "letter_budget": "FIELDOPS_LETTER_BUDGET",
            "log_level": "FIELDOPS_LOG_LEVEL",
        }.items()
        if variable in env
    }
    return Settings(
        database_url=env.get("FIELDOPS_DATABASE_URL", f"sqlite:///{var_dir / 'fieldops.db'}"),
        public_url=public,
        staff_url=staff,
        secret=_secret(env, var_dir, create=create),
        var_dir=var_dir,
        count_by=count_by,
        slot_memory_seconds=memory,
        compensation=_compensation(env.get("FIELDOPS_COMPENSATION", "")),
        smtp=smtp,
        mail_from=mail_from,
        **texts,  # type: ignore[arg-type]
        **numbers,  # type: ignore[arg-type]
        **_roster(env),  # type: ignore[arg-type]
    )
