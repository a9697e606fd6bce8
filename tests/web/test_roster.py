"""The roster as a supervisor and an officer use it, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from fieldops.core.audit.models import AuditEntry
from fieldops.core.audit.rules import staff as by
from fieldops.core.people.rules import Role
from fieldops.core.roster.models import Post, Swap
from fieldops.core.roster.posts import queries
from fieldops.core.roster.posts.service import publishing
from fieldops.core.roster.rules import Duty, PostState
from fieldops.kit import clock as office_clock
from fieldops.kit.db import reading
from tests.make import SATURDAY, SUNDAY, Office, made, make_absence, make_crew, make_link, make_post, make_roster, put
from tests.trips import DAY, make_ground, make_trip
from tests.web import steps

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from fieldops.core.roster.posts.queries import PostRow
    from tests.client import Client


@pytest.fixture
def crew(clock, office: Office) -> dict[str, UUID]:
    return made(make_crew)


@pytest.fixture
def planner(staff: Callable[[str], Client], crew: dict[str, UUID]) -> Client:
    return staff("supervisor")


@pytest.fixture
def officer(staff: Callable[[str], Client]) -> Client:
    return staff("officer")


def rows_of(title: str = "PERSARI pagi") -> list[PostRow]:
    with reading() as session:
        return [row for row in queries.posts_between(session, SATURDAY, SUNDAY) if row.title == title]


def row_of(duty: Duty, title: str = "PERSARI pagi") -> PostRow:
    return next(row for row in rows_of(title) if row.duty is duty)


def publish(office: Office) -> None:
    made(
        publishing.publish,
        SATURDAY,
        SUNDAY,
        source="weekend",
        with_gaps=True,
        actor=by(office[Role.SUPERVISOR]),
        now=office_clock.now(),
    )


def published_duty(office: Office, crew: dict[str, UUID], duty: Duty = Duty.QUEUE, who: str = "Maya") -> PostRow:
    made(make_roster, office[Role.SUPERVISOR])
    made(put, row_of(duty), crew[who], office[Role.SUPERVISOR])
    publish(office)
    return row_of(duty)


def sign_in(client: Client, person_id: UUID) -> None:
    """By a one-time link; again after the clock has moved on further than a session rests."""
    client.submit(client.get("people.link_show", token=made(make_link, person_id)))


@pytest.fixture
def maya(visitor: Client, crew: dict[str, UUID]) -> Client:
    sign_in(visitor, crew["Maya"])
    return visitor


def test_from_nothing_to_a_published_roster_that_says_why(planner: Client, officer: Client, crew) -> None:
    empty = planner.get("weekend.roster_show", weekends="1")
    assert "Belum ada giliran" in empty.words
    prepared = planner.follow(planner.submit(empty, action="/prepare"))
    assert "20" in prepared.words
    assert "dari 20 terisi" in prepared.words
    for _ in range(2):
        filled = planner.follow(planner.submit(prepared, action="/propose"))
    names = {row.person for row in rows_of() if row.person}
    assert {"Rizky Intel", "Nurul Intel", "Fitri Wawancara", "Hendra Wawancara"} <= names
    assert all(row.why for row in rows_of())
    assert "Belum ada giliran yang terbit" in officer.get("weekend.roster_show", weekends="1").words
    show = planner.get_url(next(link for link in filled.links() if "roster/publish" in link))
    refused = planner.submit(show, _expected=422)
    assert "Masih ada giliran kosong" in refused.complaints[0]
    planner.submit(show, {"with_gaps": "1"})
    assert steps.count(Post, state=PostState.PUBLISHED) == 20
    seen = officer.get("weekend.roster_show", weekends="1")
    assert "Rizky Intel" in seen.words
    assert "Poin 12 bulan dan" not in seen.words, "why somebody was chosen is for planners"


def test_a_tapped_cell_shows_who_fits_and_why_others_do_not(planner: Client, office, crew) -> None:
    made(make_roster, office[Role.SUPERVISOR])
    row = row_of(Duty.SIGERAK)
    page = planner.get("weekend.post_show", post_id=row.id)
    choices = page.form("/assign").choices("person")
    assert str(crew["Rizky"]) in choices
    assert "Tanpa kompetensi intelijen" in page.words
    shown = planner.follow(planner.submit(page, {"person": str(crew["Rizky"])}, action="/assign"))
    assert "Dipilih Rina Kasubsi." in shown.words
    refused = planner.submit(page, {"person": str(crew["Nurul"])}, action="/assign", _expected=409)
    assert "sudah berubah" in refused.complaints[0]
    nobody = planner.submit(shown, {"person": ""}, action="/assign", _expected=422)
    assert "Pilih salah satu petugas" in nobody.complaints[0]


def test_a_broken_rule_needs_a_reason_and_keeps_what_was_typed(planner: Client, office, crew) -> None:
    made(make_roster, office[Role.SUPERVISOR])
    row = row_of(Duty.SIGERAK)
    page = planner.get("weekend.post_show", post_id=row.id)
    refused = planner.submit(page, {"person": str(crew["Maya"])}, action="/assign", _expected=422)
    assert "Tulis alasannya" in refused.complaints[0]
    assert refused.form("/assign").values["person"] == str(crew["Maya"])
    planner.submit(refused, {"override_reason": "Sudah dilatih"}, action="/assign")
    assert row_of(Duty.SIGERAK).override_reason == "Sudah dilatih"


def test_needs_that_cannot_be_read_are_refused_with_everything_typed_kept(planner: Client) -> None:
    page = planner.get("weekend.need_edit", programme="persari", weekday="5")
    refused = planner.submit(page, {"starts_1": "7.99", "queue_1": "3"}, _expected=422)
    assert "Baris 1: tulis jam" in refused.complaints[0]
    assert refused.value("queue_1") == "3"
    listed = planner.follow(planner.submit(refused, {"starts_1": "07.00"}))
    assert "07.00–11.30 WITA" in listed.words
    assert "Antrean 3" in listed.words


@pytest.mark.parametrize(("programme", "weekday"), [("persari", "6"), ("lain", "5"), ("persari", "x")])
def test_needs_of_a_day_without_the_programme_do_not_exist(planner: Client, programme: str, weekday: str) -> None:
    planner.get("weekend.need_edit", programme=programme, weekday=weekday, _expected=404)


def test_closing_a_day_counts_points_and_refuses_odd_hours_at_the_row(planner: Client, clock, office, crew) -> None:
    row = published_duty(office, crew)
    clock.at("2026-11-28 12:00")
    sign_in(planner, office[Role.SUPERVISOR])
    page = planner.get("weekend.day_close_show", day="2026-11-28")
    fields = {f"outcome-{row.id}": "worked", f"starts-{row.id}": "tujuh"}
    refused = planner.submit(page, fields, _expected=422)
    assert "Maya Antrean: tulis jam" in refused.complaints[0]
    assert refused.value(f"starts-{row.id}") == "tujuh"
    too_early = planner.submit(page, {f"outcome-{row.id}": "absent"}, _expected=422)
    assert "belum selesai" in too_early.complaints[0]
    planner.submit(page, {f"outcome-{row.id}": "worked"})
    clock.at("2026-11-29 08:00")
    sign_in(planner, office[Role.SUPERVISOR])
    table = planner.get("roster.point_list")
    assert "6,00" in table.words  # four hours, half as much again on a Saturday
    assert "Tidak ada giliran terbit" in planner.get("weekend.day_close_show", day="2026-11-27").words
    assert "28 November" in planner.get("weekend.day_close_show").h1
    planner.get("weekend.day_close_show", day="kapan", _expected=404)


def test_an_officer_sees_his_duties_says_he_is_there_and_when_he_goes(clock, office, crew, maya: Client) -> None:
    published_duty(office, crew)
    mine = maya.get("roster.my_duties")
    assert "Sabtu, 28 November 2026, 07.30–11.30 WITA" in mine.words
    assert "Saya hadir" not in mine.words, "three days before"
    clock.at("2026-11-28 07:20")
    sign_in(maya, crew["Maya"])
    there = maya.follow(maya.submit(maya.get("roster.my_duties"), action="/presence"))
    assert "Hadir 07.20" in there.words
    clock.at("2026-11-28 11:40")
    gone = maya.follow(maya.submit(maya.get("roster.my_duties"), action="/presence"))
    assert row_of(Duty.QUEUE).checked_out_at is not None
    assert "Belum dicatat" in gone.words


def test_d2_d4_a_duty_over_midnight_stands_on_both_days_and_is_left_on_the_second(
    clock, office, crew, planner: Client, maya: Client
) -> None:
    post_id = made(make_post, crew["Maya"], "2026-11-28 18:00", 8, title="SIGERAK malam")
    page = planner.get("weekend.roster_show", weekends="1")
    days = {one["id"]: one.get_text(" ") for one in page.html.select("section.roster-day")}
    assert "Maya Antrean" in days["hari-2026-11-28"]
    assert "SIGERAK malam dari Sab 28 Nov berlangsung sampai 02.00 WITA." in days["hari-2026-11-29"]
    assert "Maya Antrean" not in days["hari-2026-11-29"], "it is counted once, on Saturday"
    row = next(one for one in page.html.select("table.grid tbody tr") if "Maya" in one.select_one("th").get_text())
    assert len(row.select(".cell")) == 2
    assert "1 dari 1 terisi" in page.words
    assert "18.00–02.00 WITA (Minggu, 29 November 2026)" in maya.get("roster.my_duties").words
    clock.at("2026-11-28 20:05")
    sign_in(maya, crew["Maya"])
    maya.submit(maya.get("roster.my_duties"), action="/presence")
    clock.at("2026-11-29 02:10")
    sign_in(maya, crew["Maya"])
    maya.submit(maya.get("roster.my_duties"), action="/presence")
    with reading() as session:
        found = queries.post(session, post_id)
    assert found is not None
    assert found.day == SATURDAY
    assert [office_clock.in_office(one).strftime("%d %H.%M") for one in (found.checked_in_at, found.checked_out_at)] == [
        "28 20.05",
        "29 02.10",
    ]


def test_a_calendar_address_is_shown_once_and_dies_when_closed(clock, office, crew, maya: Client) -> None:
    row = published_duty(office, crew)
    shown = maya.submit(maya.get("roster.my_duties"), action="/my/calendar", _expected=200)
    address = next(word for word in shown.words.split() if word.endswith(".ics"))
    token = address.split("/")[-2]
    assert token not in maya.get("roster.my_duties").words
    feed = maya.get("roster.feed", token=token)
    text = feed.text.replace("\r\n ", "")
    assert f"UID:{row.id}@fieldops" in text
    assert "DTSTART:20261127T233000Z" in text
    maya.submit(maya.get("roster.my_duties"), action="/my/calendar/close")
    maya.get("roster.feed", token=token, _expected=404)
    maya.get("roster.feed", token="0" * 26, _expected=404)


def test_a_swap_from_offer_to_approval_by_pages(clock, office, crew, maya: Client, planner: Client) -> None:
    row = published_duty(office, crew)
    form = maya.get("roster.swap_new", post_id=row.id)
    maya.submit(form, {"taker": str(office[Role.OFFICER]), "note": "Acara keluarga"})
    maya.submit(form, {"taker": str(office[Role.OFFICER])})
    assert steps.count(Swap) == 1
    again = maya.submit(maya.get("roster.swap_new", post_id=row.id), {"taker": ""}, _expected=422)
    assert "sudah ditawarkan" in again.complaints[0]
    listed = planner.get("roster.swap_list").words
    assert "Belum dijawab" in listed
    assert "Tidak ada tukar giliran" not in listed


def test_a_supervisor_accepts_for_an_absent_officer_and_the_head_approves_by_pages(
    clock, office, crew, maya: Client, planner, officer, staff
) -> None:
    row = published_duty(office, crew)
    assert "Tidak ada tukar giliran" in planner.get("roster.swap_list").words
    maya.submit(maya.get("roster.swap_new", post_id=row.id), {"taker": ""})
    link = next(link for link in planner.get("roster.swap_list").links() if link.startswith("/swaps/"))
    page = planner.get_url(link)
    assert "Terima atas nama orang lain" in page.words
    assert "Terima atas nama orang lain" not in maya.get_url(link).words
    nobody = planner.submit(page, {"reason": "Sedang di jalan"}, action="/accept-for", _expected=422)
    assert "Pilih siapa" in nobody.complaints[0]
    assert nobody.value("reason") == "Sedang di jalan"
    taker = str(office[Role.OFFICER])
    silent = planner.submit(page, {"for_person": taker, "reason": " "}, action="/accept-for", _expected=422)
    assert "atas namanya" in silent.complaints[0]
    assert silent.value("for_person") == taker
    answer = {"for_person": taker, "reason": "Sudah setuju lewat telepon"}
    taken = planner.follow(planner.submit(page, answer, action="/accept-for"))
    assert "Diterimakan oleh" in taken.words
    assert "Sudah setuju lewat telepon" in officer.get_url(link).words
    assert "Atasan lain yang menyetujui" in taken.words
    assert not [form for form in taken.forms() if form.action.endswith("/approve")]
    own = planner.post("roster.swap_approve", swap_id=link.split("/")[2], _expected=422)
    assert "atasan lain yang menyetujui" in own.complaints[0]
    head = staff(Role.HEAD)
    assert "Disetujui" in head.follow(head.submit(head.get_url(link), action="/approve")).words
    officer.post("roster.swap_accept_for", answer, swap_id=link.split("/")[2], _expected=403)


def test_somebody_elses_duty_cannot_be_offered_by_an_officer(clock, office, crew, officer: Client) -> None:
    row = published_duty(office, crew)
    officer.get("roster.swap_new", post_id=row.id, _expected=404)


def test_a_taken_swap_is_approved_refused_or_withdrawn(clock, office, crew, maya, planner, officer) -> None:
    row = published_duty(office, crew)
    maya.submit(maya.get("roster.swap_new", post_id=row.id), {"taker": str(office[Role.OFFICER])})
    mine = officer.get("roster.my_duties")
    swap_link = next(link for link in mine.links() if link.startswith("/swaps/"))
    taken = officer.follow(officer.submit(officer.get_url(swap_link), action="/accept"))
    assert "Menunggu persetujuan" in taken.words
    decide = planner.get_url(next(link for link in planner.get("roster.swap_list").links() if "/swaps/" in link))
    refused = planner.submit(decide, {"note": ""}, action="/refuse", _expected=422)
    assert "Tulis alasannya" in refused.complaints[0]
    approved = planner.follow(planner.submit(decide, action="/approve"))
    assert "Disetujui" in approved.words
    assert row_of(Duty.QUEUE).person == "Dewi Petugas"
    back = planner.follow(planner.submit(approved, action="/undo"))
    assert "Dikembalikan" in back.words
    assert row_of(Duty.QUEUE).person == "Maya Antrean"


def test_a_wish_is_kept_changed_and_taken_back(clock, maya: Client) -> None:
    page = maya.get("roster.my_duties")
    forms = [form for form in page.forms() if form.action.endswith("/my/wishes")]
    assert forms
    maya.post("roster.wish_update", {"day": "2026-11-28", "wants": "tidak"})
    assert "Lebih suka tidak" in maya.get("roster.my_duties").words
    maya.post("roster.wish_update", {"day": "2026-11-28", "wants": ""})
    assert "Lebih suka tidak" not in maya.get("roster.my_duties").words
    maya.post("roster.wish_update", {"day": "2020-01-01", "wants": "ya"}, _expected=404)
    maya.post("roster.wish_update", {"day": "kapan", "wants": "ya"}, _expected=404)


def test_duties_that_leave_has_broken_are_listed_with_who_could_stand_in(clock, office, crew, planner, officer) -> None:
    assert "Tidak ada tugas yang terkena cuti" in planner.get("home.broken_duties").words
    row = published_duty(office, crew, Duty.SIGERAK, "Rizky")
    assert "terkena cuti" not in planner.get("weekend.roster_show").html.select_one("main").get_text()
    made(make_absence, crew["Rizky"], SATURDAY, approved_by=office[Role.HEAD])
    roster = planner.get("weekend.roster_show")
    assert "1 tugas terkena cuti" in roster.words
    page = planner.get_url(next(link for link in roster.links() if link == "/broken-duties"))
    (section,) = page.html.select("section.roster-day")
    assert "SIGERAK" in section.select_one("h2").get_text()
    assert "Rizky Intel" in section.select_one(".complaint").get_text()
    names = [one.get_text() for one in section.select("ol .row-name")]
    assert names == ["Nurul Intel"], "the only other one with the competence; whoever is away is no cover for himself"
    assert "Poin 12 bulan" in section.select_one("ol .row-sub").get_text()
    post = planner.get_url(section.select_one("a.btn")["href"])
    assert str(row.id) in post.path
    planner.submit(post, {"person": str(crew["Nurul"])}, action="/assign")
    assert "Tidak ada tugas yang terkena cuti" in planner.get("home.broken_duties").words
    assert "terkena cuti" not in officer.get("weekend.roster_show").words


def test_a_trip_that_leave_has_broken_stands_on_the_same_page_and_on_the_menu(clock, office, crew, planner, staff):
    ground = made(make_ground, office)
    trip_id = made(make_trip, ground)
    row = published_duty(office, crew)
    made(make_absence, crew["Maya"], SATURDAY, approved_by=office[Role.HEAD])
    absence = made(make_absence, ground.crew[0], DAY, approved_by=office[Role.HEAD])
    for page in (planner.get("home.menu"), planner.get("weekend.roster_show")):
        assert "2 tugas terkena cuti" in page.words
        assert "/broken-duties" in page.links()
    weekend, trip = planner.get("home.broken_duties").html.select("section.roster-day")
    assert str(row.id) in weekend.select_one("a.btn")["href"]
    assert "Pengemudi, LOKTUAN" in trip.select_one("h2").get_text()
    assert "Budi Sopir" in trip.select_one(".complaint").get_text()
    link = trip.select_one("a.btn")["href"]
    assert link == f"/loktuan/trips/{trip_id}/edit#crew"
    assert planner.get_url(link).html.select_one("#crew") is not None
    shown = planner.get("absences.show", absence_id=absence)
    assert {"/broken-duties", f"/loktuan/trips/{trip_id}"} <= set(shown.links())
    assert "terkena cuti" not in staff("officer").get("home.menu").words
    staff("officer").get("home.broken_duties", _expected=403)


def test_at_most_three_are_named_and_the_number_of_all(clock, office, crew, planner) -> None:
    published_duty(office, crew)
    made(make_absence, crew["Maya"], SATURDAY, approved_by=office[Role.HEAD])
    (section,) = planner.get("home.broken_duties").html.select("section.roster-day")
    assert len(section.select("ol .row")) == 3
    assert " orang" in section.select_one("a.btn").get_text()


def test_what_a_day_needed_before_can_be_told_later(planner: Client) -> None:
    page = planner.get("weekend.need_edit", programme="persari", weekday="5")
    planner.submit(page, {"queue_1": "3"})
    planner.submit(page, {"queue_1": "3"})
    by_hand = (AuditEntry.action == "roster.needs", AuditEntry.actor_kind == "staff")
    with reading() as session:
        (detail,) = session.scalars(select(AuditEntry.detail).where(*by_hand))
    changed = {
        (hours, duty): (count, detail["after"][hours][duty])
        for hours, duties in detail["before"].items()
        for duty, count in duties.items()
        if detail["after"][hours].get(duty) != count
    }
    assert changed == {("07.30-11.30", "queue"): (1, 3)}, "all the rest stands there as it was; twice is one change"
