"""Who may send what from where: other sites, other hosts, other roles, too many tries, faults, and links that look."""

from __future__ import annotations

import json
from types import SimpleNamespace
from uuid import UUID

import pytest

from fieldops.core.people.rules import GRANTS, Role
from fieldops.kit import throttle
from tests import cast
from tests.client import PUBLIC_HOST, STAFF_HOST, Client
from tests.make import made, make_booking, make_day
from tests.web import steps

NOBODY = UUID(int=7)
VALUES = {
    "code": "ZZZZZ",
    "token": "A" * 26,
    "applicant_id": NOBODY,
    "day_id": NOBODY,
    "session_id": NOBODY,
    "absence_id": NOBODY,
    "post_id": NOBODY,
    "swap_id": NOBODY,
    "compensation_id": NOBODY,
    "notice_id": NOBODY,
    "person_id": NOBODY,
    "import_id": NOBODY,
    "passkey_id": NOBODY,
    "site_id": NOBODY,
    "request_id": NOBODY,
    "file_id": NOBODY,
    "letter_id": NOBODY,
    "vehicle_id": UUID("0f1e1d00-b017-4a06-8002-000000000001"),
    "item_id": UUID("0f1e1d00-b017-4a06-8002-000000000101"),
    "outage_id": NOBODY,
    "trip_id": NOBODY,
    "thing_id": NOBODY,
    "task_id": NOBODY,
    "reading_id": NOBODY,
    "year": 2026,
    "ro_id": "baa-001",
}


def rules_of(app):
    for rule in app.url_map.iter_rules():
        access = app.view_functions[rule.endpoint].access
        values = {name: VALUES[name] for name in rule.arguments}
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield rule.endpoint, method, access, values


@steps.SQLITE
def test_no_write_is_taken_from_another_site(app) -> None:
    for endpoint, method, access, values in rules_of(app):
        if method != "POST" or access.host == "any":
            continue
        browser = Client(app, STAFF_HOST if access.host == "staff" else PUBLIC_HOST)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "", "Origin": "https://evil.example"}):
            browser.post(endpoint, _expected=403, _headers=headers, **values)
        if access.host == "staff":
            browser.post(endpoint, _expected=403, _headers={"Sec-Fetch-Site": ""}, **values)


@steps.SQLITE
def test_each_page_lives_on_one_host(app) -> None:
    for endpoint, method, access, values in rules_of(app):
        if method != "GET" or access.host == "any":
            continue
        other = Client(app, PUBLIC_HOST if access.host == "staff" else STAFF_HOST)
        other.get(endpoint, _expected=404, **values)
        other.get(endpoint, _expected=404, _host="evil.example", _check=False, **values)


@steps.SQLITE
@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_it_was_granted_and_nothing_else(app, staff, visitor, role: Role) -> None:
    me = staff(role)
    for endpoint, method, access, values in rules_of(app):
        if access.permission is None:
            continue
        send = me.get if method == "GET" else me.post
        if access.permission in GRANTS[role]:
            send(endpoint, _expected=(200, 303, 403 if "person_" in endpoint else 404, 404, 422), **values)
        else:
            send(endpoint, _expected=403, **values)
        if method == "GET":
            assert visitor.get(endpoint, _expected=303, **values).location.startswith("/sign-in")


@steps.SQLITE
def test_addresses_claimed_in_headers_change_nothing(app, client: Client) -> None:
    claimed = {"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    page = client.get("booking.home", _headers=claimed)
    assert "evil.example" not in page.data.decode()


@pytest.fixture
def one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, all tries fall into one window."""
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))


@steps.SQLITE
@pytest.mark.usefixtures("one_window")
def test_sixty_phones_behind_one_address_pass_and_three_hundred_tries_do_not(app, client: Client, office) -> None:
    day = made(make_day, office["supervisor"])
    page = steps.data_page(client, day)
    answers = [client.submit(page, steps.typed(), _expected=(303, 429)).status for _ in range(60)]
    assert set(answers) == {303}
    later = [client.submit(page, steps.typed(), _expected=(303, 429)) for _ in range(240)]
    assert later[-1].status == 429
    assert later[-1].headers["Retry-After"] == "60"


@steps.SQLITE
def test_broken_throttle_opens_no_door_and_is_told_in_the_log(app, client: Client, office, tmp_path, app_log) -> None:
    throttle.use(tmp_path)  # a folder is no database
    page = client.get("booking.ticket_find")
    client.submit(page, {"code": "K7P2MX4", "last4": "7890"}, _expected=429)
    told = [json.loads(line) for line in app_log.getvalue().splitlines() if "throttle broken" in line]
    assert [(line["what"], line["level"]) for line in told] == [("find", "error")]
    assert "127.0.0.1" not in json.dumps(told)


@steps.SQLITE
@pytest.mark.usefixtures("one_window")
def test_guessing_digits_of_one_code_is_slowed_down(app, client: Client, office) -> None:
    day = made(make_day, office["supervisor"])
    ticket = made(make_booking, day.page_code, day.sessions[0])
    page = client.get("booking.ticket_find")
    tries = [client.submit(page, {"code": ticket.code, "last4": f"{n:04d}"}, _expected=(422, 429)) for n in range(12)]
    assert tries[0].status == 422
    assert tries[-1].status == 429


@steps.SQLITE
@pytest.mark.usefixtures("one_window")
def test_reaching_a_limit_is_told_in_the_log_once_and_not_who_it_was(app, client: Client, office, app_log) -> None:
    page = client.get("booking.ticket_find")
    for n in range(15):
        client.submit(page, {"code": "K7P2MX4", "last4": f"{n:04d}"}, _expected=(422, 429))
    told = [line for line in map(json.loads, app_log.getvalue().splitlines()) if line["event"] == "limit reached"]
    assert [(line["what"], line["limit"], line["level"]) for line in told] == [("find-code", 10, "warning")]
    assert set(told[0]) == {"event", "level", "timestamp", "what", "limit", "seconds"}


@steps.SQLITE
def test_a_fault_is_told_by_a_number_that_is_in_the_log(app, client: Client, monkeypatch, app_log) -> None:
    def broken(*_arguments: object, **_values: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("fieldops.core.booking.queries.public.open_pages", broken)
    answer = client.get("booking.home", _expected=500)
    text = answer.data.decode()
    assert "secret inside" not in text
    assert "Traceback" not in text
    faults = [json.loads(line) for line in app_log.getvalue().splitlines() if '"fault"' in line]
    assert len(faults) == 1
    assert faults[0]["incident"] in text


@steps.SQLITE
def test_unknown_and_repeated_fields_take_nothing(app, client: Client, office) -> None:
    day = made(make_day, office["supervisor"])
    page = steps.data_page(client, day)
    extra = {"state": "booked", "channel": "walk-in", "role": "admin", "booking_id": str(NOBODY)}
    client.submit(page, steps.typed() | extra)
    booking = steps.bookings()[0]
    assert (booking.state, booking.channel) == ("held", "online")


def test_looking_at_every_link_changes_nothing(app, client: Client, staff, office) -> None:
    day = made(make_day, office["supervisor"])
    ticket = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)
    browsers = [(client, f"/T/{ticket.token}")] + [(staff(role), "/today?day=2026-11-28") for role in Role]
    before = steps.dump()
    for browser, start in browsers:
        seen: set[str] = set()
        waiting = [start, "/"] if browser is client else [start]
        while waiting and len(seen) < 60:
            path = waiting.pop().partition("#")[0]
            if path in seen or not path.startswith("/") or path.startswith("/static"):
                continue
            seen.add(path)
            browser.open("HEAD", path, _expected=(200, 303, 403, 404, 422), _check=False)
            answer = browser.get_url(path, _expected=(200, 303, 403, 404, 422), _check=False)
            if answer.is_html:
                waiting += answer.links()
        assert len(seen) > 4 or browser is not client
    assert steps.dump() == before


@steps.SQLITE
def test_health_reports_and_robots_answer_everywhere(app, client: Client, visitor: Client) -> None:
    for browser in (client, visitor):
        assert browser.get_url("/healthz").data == b"ok\n"
        browser.get_url("/robots.txt")
        browser.post_url("/csp-report", _expected=204)
