"""Pages over several features: the menu, and the ways in the head of every staff page.

Both are tables. An entry shows to whoever has its permission, and only when its page is in this application.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, url_for
from flask_login import current_user

from fieldops.core.office.queries import late_jobs
from fieldops.core.people.rules import OWN, Role
from fieldops.core.roster.absences.queries import broken_count
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import reading
from fieldops.kit.page import page, private
from fieldops.loktuan.trips.queries import covers as trips
from fieldops.weekend.queries import no_day_until
from fieldops.weekend.shifts import queries as shifts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response

    from fieldops.core.people.rules import Me

bp = Blueprint("home", __name__)


@dataclass(frozen=True)
class Entry:
    """A line of the menu."""

    group: str
    label: str
    purpose: str
    endpoint: str
    permission: str


@dataclass(frozen=True)
class Way:
    """A link in the head. `name` is the `nav` of its pages; on a narrow screen only `is_first` ones stand there."""

    name: str
    label: str
    icon: str
    endpoint: str
    permission: str
    is_first: bool = False


SERVICE, TRIPS, DUTIES, RESULT, OFFICE, ACCOUNT = (
    "Layanan",
    "Perjalanan LOKTUAN",
    "Giliran dan cuti",
    "Capaian",
    "Kantor",
    "Akun",
)

ENTRIES = (
    Entry(SERVICE, "Hari ini", "Siapa yang datang hari ini, dan sampai tahap mana.", "booking.desk_today", "desk.read"),
    Entry(SERVICE, "Pindai tiket", "Buka tiket pemohon dengan kamera atau kodenya.", "booking.desk_scan", "desk.mark"),
    Entry(SERVICE, "Datang langsung", "Catat pemohon yang datang tanpa tiket.", "booking.walk_in_new", "desk.mark"),
    Entry(
        SERVICE,
        "Akhir pekan",
        "Hari layanan Sabtu dan Minggu: kuota, terbit, poster.",
        "weekend.day_list",
        "weekend.read",
    ),
    Entry(
        TRIPS,
        "Perjalanan",
        "Layanan paspor di luar kantor, dari rencana sampai laporan.",
        "loktuan.trip_list",
        "trip.read",
    ),
    Entry(
        TRIPS,
        "Permintaan",
        "Permintaan layanan dari kelurahan, perusahaan, dan sekolah.",
        "loktuan.request_list",
        "request.read",
    ),
    Entry(TRIPS, "Lokasi", "Tempat layanan: alamat, kontak, listrik, dan jaringan.", "places.site_list", "site.read"),
    Entry(
        TRIPS,
        "Kendaraan dan perlengkapan",
        "Apa yang bisa dibawa, dan kapan dipakai.",
        "fleet.thing_list",
        "fleet.read",
    ),
    Entry(TRIPS, "Blangko", "Stok blangko paspor, yang dibawa dan yang kembali.", "blanks.stock", "blanks.read"),
    Entry(TRIPS, "Surat", "Surat tugas dan nomornya.", "letters.register_show", "letter.read"),
    Entry(DUTIES, "Tugas saya", "Kapan Anda bertugas, dan tawaran tukar untuk Anda.", "roster.my_duties", "duty.own"),
    Entry(DUTIES, "Giliran akhir pekan", "Siapa bertugas pada hari apa.", "weekend.roster_show", "roster.read"),
    Entry(
        DUTIES,
        "Kebutuhan petugas",
        "Berapa petugas untuk tiap tugas pada hari biasa.",
        "weekend.need_list",
        "roster.read",
    ),
    Entry(DUTIES, "Tukar giliran", "Pertukaran yang menunggu keputusan Anda.", "roster.swap_list", "roster.plan"),
    Entry(
        DUTIES,
        "Tugas terkena cuti",
        "Giliran dan perjalanan yang orangnya cuti, dan siapa bisa menggantikan.",
        "home.broken_duties",
        "roster.plan",
    ),
    Entry(
        DUTIES,
        "Kehadiran petugas",
        "Tutup hari: siapa bekerja, dari jam berapa.",
        "weekend.day_close_show",
        "roster.plan",
    ),
    Entry(DUTIES, "Poin giliran", "Pembagian tugas akhir pekan dalam 12 bulan.", "roster.point_list", "roster.read"),
    Entry(DUTIES, "Cuti saya", "Ajukan cuti dan lihat keputusannya.", "absences.own", "absence.own"),
    Entry(
        DUTIES,
        "Hari pengganti",
        "Hari libur yang Anda peroleh dari tugas.",
        "absences.compensation",
        "compensation.own",
    ),
    Entry(
        DUTIES,
        "Pengajuan cuti",
        "Cuti yang menunggu keputusan, dan tugas yang tersentuh.",
        "absences.inbox",
        "absence.decide",
    ),
    Entry(
        DUTIES,
        "Hari pengganti semua orang",
        "Saldo hari pengganti setiap pegawai.",
        "absences.compensation_all",
        "compensation.manage",
    ),
    Entry(
        RESULT, "Capaian RO", "Hasil terhadap target, per rincian output.", "achievement.year_index", "achievement.read"
    ),
    Entry(OFFICE, "Pegawai", "Daftar pegawai, peran, dan kompetensinya.", "people.staff_list", "people.read"),
    Entry(
        OFFICE, "Bantu masuk", "Buat tautan untuk pegawai yang tidak bisa masuk.", "people.help_list", "people.reset"
    ),
    Entry(OFFICE, "Email keluar", "Email yang menunggu, dan yang gagal terkirim.", "notices.mail_show", "mail.read"),
    Entry(ACCOUNT, "Pemberitahuan", "Semua kabar untuk Anda.", "notices.inbox", "inbox.own"),
    Entry(ACCOUNT, "Akun saya", "Kata sandi, langkah kedua, dan perangkat Anda.", "people.account_show", OWN),
)

WAYS = (
    Way("today", "Hari ini", "list", "booking.desk_today", "desk.read"),
    Way("scan", "Pindai", "scan", "booking.desk_scan", "desk.mark"),
    Way("weekend", "Akhir pekan", "calendar", "weekend.day_list", "weekend.read"),
    Way("trips", "LOKTUAN", "pin", "loktuan.trip_list", "trip.read"),
    Way("duties", "Tugas saya", "person", "roster.my_duties", "duty.own"),
    Way("roster", "Giliran", "group", "weekend.roster_show", "roster.read"),
    Way("achievement", "Capaian", "chart", "achievement.year_index", "achievement.read"),
)
MENU = Way("menu", "Menu", "menu", "home.menu", "inbox.own", is_first=True)

NARROW = 4
"""So many ways stand on a narrow screen beside the menu: what a thumb can still hit at 360 pixels."""

# Whoever decides looks at duties and figures first; whoever stands at the desk scans.
_FIRST = {
    Role.HEAD: ("today", "trips", "roster", "achievement", "duties"),
    Role.TU: ("today", "trips", "duties", "achievement", "roster"),
    Role.ADMIN: ("today", "trips", "duties", "roster", "achievement"),
    Role.AUDITOR: ("today", "trips", "weekend", "achievement"),
    Role.OFFICER: ("today", "scan", "duties", "trips"),
    Role.SUPERVISOR: ("today", "scan", "duties", "roster"),
}
_NEXT = ("today", "scan", "duties", "trips", "weekend", "roster", "achievement")


def _is_here(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def menu_of(me: Me) -> dict[str, list[Entry]]:
    """What this person may open, by group in the order of the table; groups without an entry are left out."""
    found: dict[str, list[Entry]] = {}
    for entry in ENTRIES:
        if _is_here(entry.endpoint) and me.may(entry.permission):
            found.setdefault(entry.group, []).append(entry)
    return found


def ways_of(me: Me) -> Iterator[Way]:
    """The links in the head for this person; the menu comes last."""
    open_to_him = [way for way in WAYS if _is_here(way.endpoint) and me.may(way.permission)]
    names = [way.name for way in open_to_him]
    wanted = dict.fromkeys((*_FIRST[me.role], *_NEXT))
    first = [name for name in wanted if name in names][:NARROW]
    for way in open_to_him:
        yield Way(way.name, way.label, way.icon, way.endpoint, way.permission, is_first=way.name in first)
    yield MENU


@bp.get("/menu")
@needs("inbox.own")
def menu() -> Response:
    """Everything that the reader may open, with a line what it is for; above it what planners must not overlook."""
    groups = [
        (group, [(entry.label, entry.purpose, url_for(entry.endpoint)) for entry in entries])
        for group, entries in menu_of(current_user).items()
    ]
    now = clock.now()
    plans = current_user.may("weekend.plan")
    with reading() as session:
        until = no_day_until(session, clock.office_day(now)) if plans else None
        late = late_jobs(session, now=now) if plans or current_user.may("mail.read") else []
        away = broken_count(session, now=now) if current_user.may("roster.plan") else 0
    return page("home/menu.html", groups=groups, no_day_until=until, late=late, away=away)


@bp.get("/broken-duties")
@needs("roster.plan")
def broken_duties() -> Response:
    """Duties of people on approved leave, of weekends and trips, with who could stand in for each."""
    now = clock.now()
    with reading() as session:
        weekends = shifts.covers(session, now=now)
        away = trips.covers(session, now=now)
    found = [(one, url_for("weekend.post_show", post_id=one.duty.post_id)) for one in weekends]
    found += [(one, url_for("loktuan.trip_edit", trip_id=one.duty.ref, _anchor="crew")) for one in away]
    found.sort(key=lambda pair: (pair[0].duty.interval.starts_at, pair[0].duty.person))
    return private(page("home/broken_duties.html", covers=found))
