"""A quarter of trips through their whole life, on phones, by the pages alone: three trips, one a month, from the letter
of the group to the closed report and the figures of the year. The second is postponed once and comes home after
midnight. The office's clock is moved between the steps; each trip begins on a server that has just started."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from fieldops.core.agenda.models import ServiceEvent
from fieldops.core.people.rules import Role
from fieldops.kit.clock import in_office
from tests import cast, make
from tests.browser.conftest import SECRET, Office, open_walk
from tests.browser.test_booking import choose
from tests.browser.test_desk import row
from tests.browser.test_trips import fill
from tests.make import at, make_link
from tests.server import Server, shift_to
from tests.trips import Ground, make_ground

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from playwright.sync_api import Browser, Locator

    from tests.browser.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("one_process")]

PLANNED = "2027-01-04 10:00"
JANUARY, FEBRUARY, MARCH = date(2027, 1, 13), date(2027, 2, 3), date(2027, 3, 3)
LATER = FEBRUARY + timedelta(days=7)
SITE = "Kantor Camat Sangatta Utara"


@dataclass
class Trip:
    """One trip as the story tells it: who came from where, and the numbers of its blanks. `path` is its page."""

    organisation: str
    kind: str
    day: date
    group: tuple[str, ...]
    online: str
    blanks: tuple[int, int]
    km: int
    returns: str = "17.00"
    long_day: str = ""
    walk_in: str = ""
    not_come: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    spoiled: tuple[int, ...] = ()
    path: str = ""
    public: str = ""
    list_link: str = ""

    @property
    def people(self) -> list[str]:
        return [*self.group, self.online, *filter(None, [self.walk_in])]

    @property
    def served(self) -> list[str]:
        return [one for one in self.people if one not in (*self.not_come, *self.incomplete)]

    @property
    def issued(self) -> list[str]:
        return [one for one in self.served if one not in self.waiting]

    @property
    def comes_home(self) -> date:
        return self.day + timedelta(days=1 if self.returns < "06.30" else 0)


def serial(number: int) -> str:
    return f"X{1001000 + number}"


@dataclass
class Story:
    """The office and its people, each with a phone that stays the same over the quarter."""

    office: Office
    ground: Ground
    chromium: Browser
    who: dict[str, UUID]
    phones: dict[str, Walk] = field(default_factory=dict)
    _nik: int = 5000

    def it_is(self, moment: str) -> None:
        """The office's clock is moved."""
        self.office.server.shift = shift_to(at(moment))

    def restart(self) -> None:
        """Nothing that matters lives in the server's memory."""
        self.office.server.stop()
        self.office.server.start()

    def phone(self, name: str, path: str) -> Walk:
        """Somebody's phone on this page; staff whose session is over sign in again."""
        is_public = name == "public"
        if name not in self.phones:
            base = self.office.server.public if is_public else self.office.server.staff
            self.phones[name] = open_walk(self.chromium, base, label=f"quarter-{name}")
        one = self.phones[name].go(path)
        if not is_public and one.path == "/sign-in":
            one.go(f"/sign-in/{self.office.make(make_link, self.who[name])}")
            one.send(one.button("Masuk"))
            one.arrive("Hari ini")
            one.go(path)
        return one

    def nik(self) -> str:
        self._nik += 1
        return cast.nik(self._nik)


@pytest.fixture
def story(databases: Any, chromium: Browser, office: Office, files: Path, tmp_path: Path) -> Iterator[Story]:
    """An office of its own, whose server may be stopped."""
    with databases.fresh("sqlite", "office") as address:
        server = Server(address, tmp_path / "server", secret=SECRET, files=files, shift=shift_to(at(PLANNED)),
                        workers=1, slot_memory_seconds="0")  # fmt: skip
        server.start()
        mine = Office(server, dict(office.people))
        ground = mine.make(make_ground, make.Office(mine.people, mine.people[Role.OFFICER]))
        who = {"boss": ground.lead, "head": ground.head, "tu": mine.people[Role.TU], "crew": ground.crew[1]}
        told = Story(mine, ground, chromium, who)
        try:
            yield told
            for one in told.phones.values():
                one.quiet("afterwards")
        finally:
            for one in told.phones.values():
                one.close()
            server.stop()
        assert not server.complaints(), server.complaints()[:5]


# -- what the office does with a trip ---------------------------------------------------------------------------


def ask(story: Story, trip: Trip) -> None:
    """The group asks on the public page; Tata Usaha says yes."""
    one = story.phone("public", "/loktuan/minta")
    one.find(f"[name=kind][value={trip.kind}]").check()
    typed = {"organisation": trip.organisation, "contact_name": "Siti Nurhaliza", "phone": "0812 9900 0555"}
    typed |= {"place": SITE, "address": "Jalan Poros", "first": trip.day.isoformat(), "people": "35"}
    for name, value in typed.items():
        one.find(f"#{name}").fill(value)
    one.find("#area").select_option("64.08.04")
    one.send(one.button("Kirim permintaan"))
    expect(one.find("main")).to_contain_text("Menunggu jawaban")
    office = story.phone("tu", "/loktuan/requests")
    office.send(office.link(trip.organisation))
    office.send(office.button("Terima"))


def plan(story: Story, trip: Trip) -> None:
    """From the accepted request to a plan that waits for the head."""
    boss = story.phone("boss", "/loktuan/requests")
    boss.send(boss.link(trip.organisation))
    boss.send(boss.link("Rencanakan perjalanan"))
    write_plan(story, boss, trip)
    expect(boss.find("main")).to_contain_text(f"{trip.organisation}, 35 orang")
    trip.path = boss.path
    boss.send(boss.button("Ajukan persetujuan"))


def write_plan(story: Story, boss: Walk, trip: Trip) -> None:
    """Everything that the planning page asks for."""
    fill(boss, story.ground, trip.day)
    boss.find("#returns_day").fill(trip.comes_home.isoformat())
    boss.find("#returns_time").fill(trip.returns)
    boss.find("#override_reason").fill(trip.long_day)
    boss.find(f"[id='thing-{story.ground.case}']").check()
    boss.send(boss.button("Simpan rencana"))


def approve_and_publish(story: Story, trip: Trip, *, letter: str = "Terbitkan surat tugas", version: int = 1) -> None:
    """The head approves and issues the letter; the planner sets blanks aside and opens the trip to the public."""
    head = story.phone("head", trip.path)
    head.send(head.button("Setujui"))
    head.send(head.button(letter))
    expect(head.find("main .row", has_text=f"versi {version}").locator(".chip")).to_have_text("Berlaku")
    boss = story.phone("boss", f"{trip.path}/run")
    move_blanks(boss, "Bawa", *trip.blanks)
    boss.go(trip.path)
    boss.send(boss.button("Terbitkan"))
    trip.public = boss.find("main a[href*='/J/']").get_attribute("href") or ""
    trip.list_link = boss.find("main a[href*='/K/']").get_attribute("href") or ""


def move_blanks(boss: Walk, move: str, first: int, last: int | None = None, reason: str = "") -> None:
    boss.find("#range").fill(f"{serial(first)}–{serial(last or first)}")
    boss.find("#reason").fill(reason)
    boss.send(boss.find(f"main button[name=move]:has-text('{move}')"))


def postpone(story: Story, trip: Trip, day: date) -> None:
    """It cannot go: what it took is free, and it is planned anew for another day."""
    boss = story.phone("boss", trip.path)
    boss.find("summary", has_text="Tunda").click()
    boss.find("#postpone-reason").fill("Jembatan putus.")
    boss.send(boss.page.get_by_role("button", name="Tunda", exact=True))
    expect(boss.find("main")).to_contain_text("Ditunda: Jembatan putus.")
    first, last = map(serial, trip.blanks)
    expect(boss.go("/blanks").find("main")).not_to_contain_text(f"{first}–{last}")
    trip.day = day
    boss.go(trip.path)
    boss.send(boss.link("Jadwalkan lagi"))
    write_plan(story, boss, trip)
    boss.send(boss.button("Ajukan persetujuan"))


def book(story: Story, trip: Trip) -> None:
    """The contact pastes the list of the group; one comes by the public page."""
    one = story.phone("public", trip.list_link)
    one.find("#many-lines").fill("\n".join(f"{name}; {story.nik()}" for name in trip.group))
    one.send(one.button("Tambahkan semua"))
    expect(one.find("main")).to_contain_text(f"Yang sudah terdaftar: {len(trip.group)} orang")
    one.go(trip.public)
    choose(one, one.find("label.slot").count() - 1)
    one.page.get_by_label("Nama lengkap sesuai KTP").fill(trip.online)
    one.page.get_by_label("NIK").fill(story.nik())
    one.page.get_by_label("Nomor ponsel atau WhatsApp").fill("0812 9900 0666")
    one.send(one.button("Lanjut"))
    one.send(one.button("Kirim pendaftaran"))
    one.arrive("Anda sudah terdaftar")


def leave(story: Story, trip: Trip) -> None:
    """In the morning: who is there, what is loaded, what the odometer shows."""
    story.it_is(f"{trip.day} 06:40")
    story.restart()
    crew = story.phone("crew", f"{trip.path}/run")
    for name in ("Rina Kasubsi", "Budi Sopir", "Citra Wawancara", "Doni Berkas"):
        crew.send(crew.find("button", has_text=f"Hadir, {name}"))
    for box in crew.find("[name=things]").all():
        box.check()
    crew.send(crew.button("Catat keluar"))
    odometer(crew, story, "out", trip.km)


def odometer(crew: Walk, story: Story, moment: str, km: int) -> None:
    where = crew.find(f"[id='km-{moment}-{story.ground.vehicle}']")
    where.fill(str(km))
    crew.send(where.locator("xpath=..").get_by_role("button"))


def serve(story: Story, trip: Trip) -> None:
    """At the site: who comes is checked in and served."""
    story.it_is(f"{trip.day} 13:05")
    crew = story.phone("crew", f"{trip.path}/run")
    crew.send(crew.find("main .actions a").first)
    for name in trip.people:
        if name in trip.not_come:
            continue
        if name == trip.walk_in:
            crew.send(crew.link("Datang langsung"))
            crew.find("#name").fill(name)
            crew.send(crew.button("Catat hadir"))
            crew.go("/today")
        else:
            crew.tap(row(crew, name).get_by_role("button", name="Hadir"))
            expect(row(crew, name).locator(".chip")).to_have_text("Hadir")
        if name in trip.incomplete:
            crew.send(crew.link(name))
            crew.send(crew.button("Tandai: berkas kurang"))
            crew.go("/today")
        else:
            crew.tap(row(crew, name).get_by_role("button", name="Selesai"))
            expect(row(crew, name).locator(".chip")).to_have_text("Selesai")


def come_home(story: Story, trip: Trip) -> None:
    """Back at the office: the things, the odometer, each blank, the passports, and the report."""
    hour, minute = map(int, trip.returns.split("."))
    story.it_is(f"{trip.comes_home} {hour:02}:{minute + 10:02}")
    crew = story.phone("crew", f"{trip.path}/run")
    for name in ("Koper Uji", "Minibus Uji"):
        crew.send(crew.find("button", has_text=f"Kembali baik, {name}"))
    odometer(crew, story, "in", trip.km + 130)
    boss = story.phone("boss", f"{trip.path}/run")
    first, last = trip.blanks
    used = first + len(trip.issued) - 1
    move_blanks(boss, "Terpakai", first, used)
    for one in trip.spoiled:
        move_blanks(boss, "Rusak", one, reason="Tercetak miring")
    move_blanks(boss, "Kembalikan", used + len(trip.spoiled) + 1, last)
    boss.go(f"/in-process/{trip.day.year}")
    for name in trip.issued:
        boss.send(boss.page.get_by_role("button", name=f"Terbit {name}"))
        boss.go(f"/in-process/{trip.day.year}")
    boss.go(f"{trip.path}/report")
    boss.find("#summary").fill("Berjalan lancar.")
    boss.find("[name=no_incident]").check()
    boss.find("#no_photo_reason").fill("Kamera tertinggal.")
    boss.send(boss.button("Simpan tulisan"))
    boss.send(boss.button("Tutup laporan"))
    expect(boss.find("main .panel-ok")).to_contain_text("Ditutup")


# -- what the office reads ---------------------------------------------------------------------------------------


def tile(one: Walk, words: str) -> Locator:
    """The large number of a page with these words below it."""
    return one.find(".tile", has_text=words).locator("b")


def year_has(story: Story, *trips: Trip) -> None:
    """The achievement of the year: the sum, the months, and the lines behind each number."""
    head = story.phone("head", "/achievement/2027")
    head.check("quarter-year", axe=False)
    expect(tile(head, "dalam proses")).to_have_text(str(sum(len(one.waiting) for one in trips)))
    head.send(tile(head, "dalam proses").locator("a"))
    expect(head.find("main .row-name")).to_have_text([name for one in trips for name in one.waiting])
    head.go("/achievement/2027")
    issued = sum(len(one.issued) for one in trips)
    expect(tile(head, "paspor terbit dari")).to_have_text(str(issued))
    head.send(tile(head, "paspor terbit dari").locator("a"))
    lines = head.find("[aria-label='Baris buku capaian'] tbody tr")
    expect(lines).to_have_count(issued)
    for trip, month in zip(trips, ("Januari", "Februari", "Maret"), strict=True):
        head.send(head.find("[aria-label='Volume per bulan'] tr", has_text=month).locator("a").first)
        expect(lines).to_have_count(len(trip.issued))
        expect(head.find("#baris + p")).to_contain_text(f"{month} 2027 · jumlah volume {len(trip.issued)}")


def trips_have(story: Story, *trips: Trip) -> None:
    """Planned, served and issued of each trip in the list, and the report behind them."""
    story.phone("head", "/loktuan/").check("quarter-trips", axe=False)
    for trip in trips:
        head = story.phone("head", "/loktuan/")
        mine = head.find("main .row", has=head.page.locator(f"a[href='{trip.path}']"))
        served, issued = len(trip.served), len(trip.issued)
        expect(mine).to_contain_text(
            f"{len(trip.people)} dari 40 kursi terisi; {served} dilayani, {issued} paspor terbit"
        )
        expect(mine.locator(".chip")).to_have_text("Selesai")
        head.send(mine.locator("a"))
        head.send(head.link("Laporan"))
        for words, people in (("Terdaftar", trip.people), ("di antaranya kolektif", trip.group),
                              ("Tidak hadir", trip.not_come), ("Berkas kurang", trip.incomplete),
                              ("Selesai dilayani", trip.served), ("Paspor terbit", trip.issued)):  # fmt: skip
            cells = head.find("tr", has=head.page.get_by_role("rowheader", name=words, exact=True)).locator("td")
            expect(cells.first).to_have_text(str(len(people)))


def agenda_has(story: Story, *days: tuple[date, str]) -> None:
    """What follows the trips knows each day of service, and that one was taken back."""
    told = story.office.read(lambda session: session.execute(select(ServiceEvent)).scalars().all())
    assert sorted((in_office(one.starts_at).date(), one.status) for one in told) == sorted(days)


def blanks_have(story: Story, *trips: Trip) -> None:
    """The stock: what was used and spoiled by serial number, the rest is at the office; one number tells its way."""
    boss = story.phone("boss", "/blanks")
    boss.check("quarter-blanks", axe=False)
    used, spoiled = (sum(map(len, many)) for many in zip(*((one.issued, one.spoiled) for one in trips), strict=True))
    for words, number in (("di kantor", 100 - used - spoiled), ("sedang dibawa", 0), ("terpakai tahun ini", used),
                          ("rusak tahun ini", spoiled)):  # fmt: skip
        expect(tile(boss, words)).to_have_text(str(number))
    boss.find("#serial").fill(serial(trips[0].spoiled[0]))
    boss.send(boss.button("Cari"))
    expect(boss.find("main")).to_contain_text("Tercetak miring")


def test_a_quarter_of_trips_through_its_whole_life(story: Story) -> None:
    january = Trip(
        "Kecamatan Sangatta Utara", "kecamatan", JANUARY, ("Arif Januari", "Bela Januari", "Cici Januari"),
        "Dodi Januari", (1, 6), 12_000, not_come=("Cici Januari",), spoiled=(4,),
    )  # fmt: skip
    february = Trip(
        "PT Kaltim Contoh", "company", FEBRUARY, ("Eka Februari", "Fani Februari"), "Gani Februari", (11, 14), 13_000,
        returns="01.30", long_day="Feri kembali hanya malam.", waiting=("Fani Februari",),
    )  # fmt: skip
    march = Trip(
        "SMA Negeri Contoh", "school", MARCH, ("Hadi Maret", "Ika Maret", "Joni Maret"), "Kiki Maret", (21, 26), 14_000,
        walk_in="Lala Maret", incomplete=("Joni Maret",),
    )  # fmt: skip
    boss = story.phone("boss", "/blanks/moves/new?kind=receipt")
    boss.find("#first").fill(serial(1))
    boss.find("#last").fill(serial(100))
    boss.find("#note").fill("BA-01/2027")
    boss.send(boss.button("Simpan"))
    for trip in (january, february, march):
        ask(story, trip)
        plan(story, trip)
        approve_and_publish(story, trip)
    book(story, january)
    leave(story, january)
    serve(story, january)
    come_home(story, january)
    postpone(story, february, LATER)
    approve_and_publish(story, february, letter="Terbitkan versi baru", version=2)
    book(story, february)
    leave(story, february)
    serve(story, february)
    come_home(story, february)
    book(story, march)
    leave(story, march)
    serve(story, march)
    come_home(story, march)
    story.it_is("2027-03-31 10:00")
    year_has(story, january, february, march)
    trips_have(story, january, february, march)
    blanks_have(story, january, february, march)
    agenda_has(story, (JANUARY, "done"), (FEBRUARY, "cancelled"), (LATER, "done"), (MARCH, "done"))
    checked = story.office.server.run("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
