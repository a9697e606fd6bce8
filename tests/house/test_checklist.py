"""The security checklist (after OWASP ASVS 5.0.0), line by line: which tests show it, or why it has no object yet.

A line that has no object names a sign. When the sign appears in the code, the line fails: then its test is due.
At the end stand the few tests of lines that belong to no other file.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import func, select
from werkzeug.test import Client as PlainClient

from fieldops import VERSION, schema
from fieldops.app import with_files
from fieldops.core.audit.models import AuditEntry
from fieldops.core.booking.models import Applicant, Booking
from fieldops.core.booking.service import upkeep
from fieldops.core.people.rules import GRANTS, Role
from fieldops.kit import clock as office_clock
from fieldops.kit import keys
from fieldops.kit.db import reading
from fieldops.settings import ROOT
from fieldops.weekend.rules import Programme
from tests import cast
from tests.client import CSP, EVERYWHERE, PUBLIC_HOST, STAFF_HOST
from tests.make import SATURDAY, made, make_booking, make_day, make_link
from tools import access_table

# -- the lines --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NotYet:
    """A line without an object: the reason, and what would be found in the code if there were one."""

    reason: str
    sign: str


DEVICES = r"/api/v1|serviceWorker|indexedDB|sync\.py"

WEB, RACES, HOUSE = "tests/web/test_", "tests/races/test_", "tests/house/test_"
PATH, BAD, DESK, GUARDS, SIGN, TICKETS = (
    f"{WEB}{name}.py::test_" for name in ("public_path", "bad_input", "desk", "guards", "sign_in", "tickets")
)
FIELDS = "tests/unit/test_fields.py::test_"
TRIP_RUN = f"{WEB}trip_run.py::test_"
LEAVE = f"{WEB}absences.py::test_"
ICS = "tests/unit/kit/test_calendar_file.py::test_"
PASSWORD, PASSKEYS, ACCOUNT, STAFF, IMPORT = (
    f"{WEB}{name}.py::test_" for name in ("password", "passkeys", "account", "staff", "import")
)
UNIT, AT_ONCE = "tests/unit/", "tests/db/people/test_at_once.py::test_"
HERE = f"{HOUSE}checklist.py::test_"
EVERY_ANSWER = "tests/client.py::check_answer"  # runs on every answer of tests/web

LINES: dict[int, tuple[str, ...] | NotYet] = {
    # input, output, business rules
    1: (
        f"{BAD}genuine_names_pass_and_show_literally_everywhere",
        "tests/unit/core/test_ticket_image.py::test_apostrophes_and_markup_are_drawn_as_they_are",
        "tests/unit/booking/test_poster.py::test_markup_quotes_and_apostrophes_stand_as_typed",
        "tests/unit/kit/test_ics.py::test_commas_semicolons_backslashes_and_line_breaks_are_escaped",
        f"{HOUSE}templates.py::test_only_drawn_codes_go_into_a_page_unescaped",
    ),
    2: (f"{SIGN}next_leads_only_to_local_pages",),
    3: (f"{HOUSE}templates.py::test_no_template_brings_code_or_styles_into_its_page", EVERY_ANSWER),
    4: (f"{HOUSE}source.py::test_a_habit_is_kept_but_where_a_reason_is_written", f"{HERE}signs_of_sql_are_only_text"),
    5: (
        f"{UNIT}kit/test_sheets.py::test_no_cell_begins_like_a_formula",
        f"{STAFF}the_export_is_a_sheet_without_formulas_and_is_logged",
    ),
    6: (
        f"{HOUSE}source.py::test_a_habit_is_kept_but_where_a_reason_is_written",
        f"{HOUSE}source.py::test_scripts_write_text_not_html_and_keep_nothing",
        f"{HOUSE}templates.py::test_python_marks_no_text_as_safe_markup",
        EVERY_ANSWER,
    ),
    7: (
        f"{LEAVE}a_picture_or_a_page_is_no_calendar",
        f"{IMPORT}a_bad_file_is_told_at_its_field",
        f"{UNIT}kit/test_sheets.py::test_what_is_no_sheet_is_refused_in_words",
    ),
    8: (
        "tests/unit/kit/test_mail.py::test_line_breaks_in_a_name_or_a_subject_add_no_header_and_no_recipient",
        "tests/unit/kit/test_mail.py::test_an_address_that_is_none_is_refused_for_good",
        "tests/db/notices/test_outbox.py::test_names_and_titles_with_line_breaks_add_no_header_to_a_mail",
    ),
    9: (f"{HOUSE}source.py::test_a_habit_is_kept_but_where_a_reason_is_written",),
    10: (
        f"{HOUSE}source.py::test_the_limits_on_tries_are_the_described_ones",
        f"{FIELDS}an_example_is_taken_and_kept_as_described",
        f"{FIELDS}an_example_is_refused_as_described",
        f"{FIELDS}every_reader_is_described",
        f"{FIELDS}a_number_is_the_described_one",
        f"{BAD}wrong_text_is_told_at_its_field_and_all_stays",
    ),
    11: (
        f"{BAD}a_form_sent_without_its_fields_is_a_form_with_errors",
        f"{BAD}wrong_choice_is_told_at_its_group",
        f"{BAD}control_signs_are_refused_and_never_sent_back",
    ),
    12: (
        f"{BAD}session_that_is_none_of_this_page_is_refused",
        f"{BAD}session_at_the_wrong_time_is_refused_with_the_reason",
        f"{TICKETS}move_to_a_foreign_page_is_refused",
        f"{WEB}weekend.py::test_seats_of_another_days_session_are_not_found",
    ),
    13: (f"{PATH}states_of_a_hold_and_ticket_do_not_mix", f"{PATH}unknown_addresses_are_not_found"),
    # One live place for one NIK in one weekend, whatever the phone: a phone may serve a whole family.
    14: (f"{RACES}booking.py::test_one_nik_at_once_in_all_sessions_of_a_weekend_has_one_live_place",),
    15: (f"{RACES}booking.py::test_kill_9_in_the_middle_loses_nothing_that_was_acknowledged",),
    16: (
        f"{RACES}booking.py::test_200_buyers_for_25_seats",
        f"{RACES}booking.py::test_two_buyers_for_the_last_seat_100_times",
    ),
    17: (
        f"{RACES}booking.py::test_one_form_posted_20_times_at_once_is_one_booking",
        f"{PATH}same_form_twice_gives_the_same_ticket",
        f"{PATH}booked_form_with_other_people_is_refused",
    ),
    18: (
        f"{GUARDS}sixty_phones_behind_one_address_pass_and_three_hundred_tries_do_not",
        f"{GUARDS}guessing_digits_of_one_code_is_slowed_down",
        f"{GUARDS}reaching_a_limit_is_told_in_the_log_once_and_not_who_it_was",
    ),
    19: (f"{GUARDS}unknown_and_repeated_fields_take_nothing",),
    20: (f"{GUARDS}unknown_and_repeated_fields_take_nothing", f"{HERE}a_parameter_twice_counts_once"),
    # browser side
    21: (f"{HERE}files_come_with_their_type_and_run_nothing", EVERY_ANSWER),
    22: (f"{HOUSE}source.py::test_scripts_write_text_not_html_and_keep_nothing",),
    23: (f"{SIGN}https_cookie_is_locked_to_its_host", f"{HERE}the_staff_cookie_has_every_lock"),
    24: (f"{HERE}the_staff_cookie_has_every_lock", EVERY_ANSWER),  # the public host sets none
    25: (EVERY_ANSWER, f"{HERE}errors_carry_the_same_headers"),
    26: (EVERY_ANSWER,),
    27: (EVERY_ANSWER, f"{HERE}errors_carry_the_same_headers"),
    28: (EVERY_ANSWER, f"{HERE}errors_carry_the_same_headers"),
    29: (EVERY_ANSWER,),
    30: (f"{GUARDS}no_write_is_taken_from_another_site",),
    31: (
        f"{GUARDS}looking_at_every_link_changes_nothing",
        f"{HOUSE}routes.py::test_no_view_that_answers_get_opens_a_transaction",
    ),
    32: (
        f"{GUARDS}each_page_lives_on_one_host",
        f"{HOUSE}routes.py::test_a_staff_page_does_not_exist_on_the_public_host",
        f"{HOUSE}routes.py::test_no_page_exists_on_a_third_host",
    ),
    33: (EVERY_ANSWER,),
    34: (f"{HERE}a_report_of_the_policy_arrives_without_addresses",),
    35: (EVERY_ANSWER, f"{GUARDS}addresses_claimed_in_headers_change_nothing"),
    # files
    # Calendars and staff lists are read in memory and kept nowhere; photos of trips and letters of requests are kept.
    36: (
        f"{UNIT}kit/test_photos.py::test_a_picture_that_claims_to_be_enormous_is_refused_before_it_is_decoded",
        f"{UNIT}kit/test_photos.py::test_a_whole_png_with_too_many_pixels_is_refused_although_it_could_be_decoded",
        f"{TRIP_RUN}what_is_no_photo_is_refused_at_its_input",
        f"{LEAVE}a_file_that_is_too_large_is_told_before_it_is_read",
        f"{IMPORT}this_page_takes_a_megabyte_and_every_other_page_does_not",
    ),
    37: (
        f"{UNIT}kit/test_photos.py::test_the_place_the_comment_and_the_turn_are_gone_and_the_picture_is_upright",
        f"{UNIT}files/test_rules.py::test_the_kind_is_read_from_the_content",
        f"{TRIP_RUN}a_photo_is_drawn_anew_shown_and_taken_away",
        f"{LEAVE}a_picture_or_a_page_is_no_calendar",
        f"{UNIT}kit/test_sheets.py::test_what_is_no_sheet_is_refused_in_words",
        f"{IMPORT}every_kind_of_file_gives_the_same",
    ),
    38: (
        "tests/db/files/test_files.py::test_a_file_of_something_else_is_not_found",
        f"{UNIT}files/test_rules.py::test_a_name_is_cleaned_and_ends_as_the_file_is",
        f"{TRIP_RUN}things_tasks_and_photos_of_another_trip_are_not_found",
        f"{LEAVE}a_calendar_file_is_read_and_not_kept",
        f"{LEAVE}the_name_of_a_file_on_the_server_opens_nothing",
        f"{IMPORT}the_file_itself_is_kept_nowhere",
        f"{IMPORT}a_preview_belongs_to_whoever_made_it",
    ),
    39: (
        f"{ICS}256_kb_and_500_events_are_the_most",
        f"{ICS}no_file_makes_the_reader_fall",
        f"{UNIT}kit/test_sheets.py::test_an_archive_that_unpacks_to_too_much_is_given_up",
        f"{UNIT}kit/test_sheets.py::test_sizes_that_lie_are_found_out",
        f"{UNIT}kit/test_sheets.py::test_xml_that_grows_or_reaches_out_is_refused",
        f"{UNIT}kit/test_sheets.py::test_a_cell_at_the_far_end_costs_nothing",
        f"{IMPORT}nasty_rows_are_told_by_number_and_only_good_rows_get_in",
    ),
    # sign-in and sessions
    40: (
        f"{PASSWORD}guessing_one_account_is_slowed_down_and_the_right_password_works_after_the_wait",
        f"{PASSWORD}guessing_many_accounts_from_one_address_is_slowed_down",
        f"{PASSWORD}nobody_is_locked_out_for_ever",
        f"{PASSWORD}an_office_behind_one_address_signs_in_as_often_as_it_likes",
        f"{PASSWORD}guessing_codes_is_slowed_down",
        f"{SIGN}signing_in_is_slowed_down",
        f"{GUARDS}sixty_phones_behind_one_address_pass_and_three_hundred_tries_do_not",
    ),
    41: (
        f"{UNIT}credentials/test_rules.py::test_what_would_be_tried_first_is_refused",
        f"{UNIT}credentials/test_rules.py::test_long_and_unlikely_is_all_that_is_asked_for",
        f"{UNIT}credentials/test_rules.py::test_64_signs_and_more_are_taken",
        f"{UNIT}credentials/test_rules.py::test_the_list_of_common_passwords_is_long_enough",
        f"{ACCOUNT}a_weak_password_is_told_at_its_field_and_the_link_lives_on",
        f"{PASSWORD}a_password_of_any_signs_and_length",
    ),
    42: (f"{HOUSE}migrations.py::test_a_new_database_has_no_account_in_it",),
    43: (
        f"{PASSWORD}whoever_must_have_a_second_step_gets_no_further_than_to_it",
        f"{PASSWORD}with_a_second_step_the_password_alone_opens_nothing",
        f"{PASSWORD}others_are_offered_a_second_step_and_may_go_without",
    ),
    44: (
        f"{PASSWORD}every_reason_gets_one_answer",
        f"{PASSWORD}known_and_unknown_take_the_same_way",
        f"{PASSWORD}an_account_that_does_not_exist_is_slowed_down_alike",
        f"{TICKETS}wrong_code_and_wrong_digits_get_one_answer",
        f"{SIGN}dead_unknown_and_misshapen_links_look_alike",
    ),
    45: (
        f"{SIGN}link_is_spent_by_its_button_once",
        f"{SIGN}link_dies_after_a_day",
        f"{ACCOUNT}an_invitation_dies_after_a_day_and_when_a_newer_one_is_made",
        f"{AT_ONCE}one_invitation_used_five_times_at_once_sets_one_password",
    ),
    46: (
        f"{ACCOUNT}a_reset_ends_every_session_and_keeps_the_second_step",
        f"{STAFF}a_lost_second_step_is_taken_away_with_a_reason",
    ),
    47: (f"{ACCOUNT}from_the_invitation_to_the_first_page", f"{ACCOUNT}a_supervisor_helps_officers_only"),
    48: (
        f"{UNIT}credentials/test_rules.py::test_a_code_fits_one_step_around_and_once",
        f"{PASSWORD}a_code_works_once",
        f"{PASSWORD}a_recovery_code_works_once_and_is_kept_as_a_hash",
        f"{PASSWORD}the_way_to_the_second_step_ends_after_ten_minutes",
        f"{AT_ONCE}one_code_sent_five_times_at_once_lets_in_once",
    ),
    49: (
        f"{PASSKEYS}a_passkey_is_made_and_signs_in",
        f"{PASSKEYS}an_answer_that_is_not_for_us_opens_nothing",
        f"{PASSKEYS}a_challenge_signs_in_once_and_for_ten_minutes",
        f"{PASSKEYS}whoever_must_have_a_second_step_sets_that_up_first",
        f"{PASSKEYS}a_lost_phone_takes_its_passkeys_with_it",
    ),
    50: (
        f"{SIGN}link_is_spent_by_its_button_once",
        f"{PASSWORD}signing_in_again_ends_the_session_that_was_there",
        f"{HERE}tokens_have_130_bits_and_no_two_are_alike",
    ),
    51: (f"{SIGN}resting_session_ends_at_its_limit", f"{SIGN}session_in_use_ends_after_seven_days"),
    52: (
        f"{SIGN}old_cookie_is_dead_after_signing_out",
        f"{SIGN}cookie_is_dead_when_the_person_is_inactive",
        f"{STAFF}switching_off_ends_everything_at_once_and_deletes_nothing",
        f"{STAFF}another_role_ends_the_sessions_and_counts_at_once",
        f"{ACCOUNT}another_password_ends_all_other_sessions_and_renews_this_one",
    ),
    53: (f"{HERE}every_staff_page_has_the_way_out",),
    54: (
        f"{ACCOUNT}devices_are_listed_in_words_and_can_be_ended",
        f"{ACCOUNT}all_others_are_ended_at_once",
        f"{STAFF}an_administrator_sees_and_ends_somebody_s_sessions",
    ),
    55: (
        f"{STAFF}after_ten_minutes_role_and_email_need_a_proof_and_the_rest_does_not",
        f"{ACCOUNT}after_ten_minutes_the_old_password_is_asked_for",
        f"{ACCOUNT}replacing_the_app_needs_a_proof_and_kills_the_old_one",
        f"{ACCOUNT}guessing_the_proof_is_slowed_down",
        f"{IMPORT}running_needs_a_proof_after_ten_minutes",
    ),
    # access, data, crypto, logs
    56: (
        f"{HOUSE}routes.py::test_a_role_opens_what_it_is_granted_and_nothing_else",
        f"{HOUSE}routes.py::test_a_view_that_says_nothing_answers_nobody",
        f"{GUARDS}each_role_opens_what_it_was_granted_and_nothing_else",
    ),
    57: (
        f"{TICKETS}unknown_person_of_a_ticket_cancels_nobody",
        f"{DESK}owners_token_does_not_check_in",
        f"{DESK}unknown_person_is_not_found",
        f"{HERE}asking_for_what_is_not_there_is_told_in_the_log_with_who_asked",
        f"{STAFF}unknown_people_are_not_found",
        f"{ACCOUNT}nobody_ends_somebody_else_s_session",
        f"{HERE}tokens_have_130_bits_and_no_two_are_alike",
    ),
    58: (f"{HERE}no_staff_page_shows_a_phone_number_and_no_public_page_an_officer",),
    59: (f"{HERE}a_sealed_number_opens_only_in_its_own_row",),
    60: (EVERY_ANSWER, "tests/conftest.py::app", f"{HERE}signing_out_clears_what_the_browser_keeps"),
    61: (f"{HERE}personal_data_is_erased_after_its_days",),
    62: (
        f"{HOUSE}migrations.py::test_a_log_refuses_update_and_delete_in_the_database",
        f"{HERE}every_change_leaves_a_line_that_says_who_did_what_to_which",
        "tests/conftest.py::app",  # whatever a web test does, its log holds no name, number or token
    ),
    63: (
        f"{GUARDS}a_fault_is_told_by_a_number_that_is_in_the_log",
        f"{GUARDS}broken_throttle_opens_no_door_and_is_told_in_the_log",
    ),
    64: (
        f"{HERE}nothing_but_the_browsers_files_can_be_fetched",
        f"{HOUSE}source.py::test_every_package_is_pinned_and_has_its_hash",
        f"{HOUSE}source.py::test_every_browser_file_is_pinned_and_has_its_hash",
    ),
}


@cache
def functions(file: str) -> set[str]:
    """The tests, fixtures and checks that a file defines."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@cache
def sources() -> dict[str, str]:
    """What runs on the server and in the browser."""
    kinds = ("fieldops/**/*.py", "templates/**/*.html", "static/js/*.js")
    files = [path for kind in kinds for path in sorted(ROOT.glob(kind))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}


def test_the_checklist_has_all_64_lines():
    assert sorted(LINES) == list(range(1, 65))


@pytest.mark.parametrize("line", sorted(LINES))
def test_a_line_is_shown_by_tests_that_exist_or_has_no_object(line):
    proof = LINES[line]
    if isinstance(proof, NotYet):
        assert len(proof.reason) > 15
        found = [name for name, text in sources().items() if re.search(proof.sign, text, re.IGNORECASE)]
        assert found == [], f"line {line} has an object now, in {found}: write its test"
        return
    assert proof
    for one in proof:
        file, _, name = one.partition("::")
        assert (ROOT / file).is_file(), f"line {line}: {file} is not there"
        assert name in functions(file), f"line {line}: {file} has no {name}"


def test_no_device_keeps_data_yet():
    """Lines 22, 30 and 60 speak of an offline shell, a sync and a manifest too. With them those lines grow."""
    assert [name for name, text in sources().items() if re.search(DEVICES, text)] == []


@pytest.mark.parametrize(
    ("sign", "sample"),
    [
        (DEVICES, "navigator.serviceWorker"),
    ],
)
def test_a_sign_would_be_seen(sign, sample):
    assert re.search(sign, sample, re.IGNORECASE)


# -- lines that belong to no other file -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["'", "%", "_", "' or 1=1 --", "\\", '"; drop table booking_seat; --', "%00", "a' b%"]
)
def test_signs_of_sql_are_only_text(staff, office, clock, typed):
    day = made(make_day, office[Role.SUPERVISOR])
    made(make_booking, day.page_code, day.sessions[0], [cast.SITI])
    browser = staff(Role.OFFICER)
    page = browser.get("booking.desk_today", day=str(SATURDAY), name=typed)
    assert cast.SITI.name not in page.words, "a wildcard found everybody"
    assert page.value("name") == typed.strip()
    browser.submit(browser.get("booking.desk_scan"), {"code": typed}, _expected=422)


@pytest.mark.parametrize("db_kind", ["sqlite"])
def test_a_parameter_twice_counts_once(client, office, clock):
    day = made(make_day, office[Role.SUPERVISOR])
    url = client.url("booking.data_new", code=day.page_code)
    page = client.get_url(f"{url}?session={day.sessions[0]}&session={day.sessions[1]}&people=1&people=4")
    assert "name_1" in page.form().values
    assert "name_2" not in page.form().values


@pytest.mark.parametrize("db_kind", ["sqlite"])
@pytest.mark.parametrize("host", [PUBLIC_HOST, STAFF_HOST])
def test_errors_carry_the_same_headers(client, visitor, host):
    browser = client if host == PUBLIC_HOST else visitor
    for answer in (
        browser.get_url("/nothing-here", _expected=404),
        browser.open("PUT", "/healthz", _expected=405),
        browser.post_url("/csp-report", {"a": "b" * 300_000}, _expected=(204, 413)),
    ):
        assert answer.headers["Content-Security-Policy"] == CSP
        assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE


@pytest.mark.parametrize("db_kind", ["sqlite"])
def test_the_staff_cookie_has_every_lock(visitor, office):
    answer = visitor.post("people.link_use", token=made(make_link, office[Role.OFFICER]))
    locks = {part.strip().lower() for part in answer.headers["Set-Cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= locks
    assert not [lock for lock in locks if lock.startswith("domain")]


@pytest.mark.parametrize("db_kind", ["sqlite"])
def test_a_report_of_the_policy_arrives_without_addresses(client, app_log):
    body = '{"body": {"effectiveDirective": "script-src-elem", "documentURL": "http://x/T/0000000000000000000000000A"}}'
    client.open("POST", "/csp-report", data=body, _expected=204, _headers={"Content-Type": "application/reports+json"})
    (line,) = [line for line in app_log.getvalue().splitlines() if '"csp"' in line]
    assert "script-src-elem" in line
    assert "/T/" not in line


@pytest.mark.parametrize("db_kind", ["sqlite"])
def test_files_come_with_their_type_and_run_nothing(app, client, office, clock):
    day = made(make_day, office[Role.SUPERVISOR])
    booked = made(make_booking, day.page_code, day.sessions[0])
    picture = client.get("booking.ticket_picture", token=booked.token)
    assert picture.response.mimetype == "image/png"
    calendar = client.get("booking.ticket_calendar", token=booked.token)
    assert calendar.response.mimetype == "text/calendar"
    for answer in (picture, calendar):
        assert answer.headers["Content-Disposition"].startswith("attachment"), answer.headers["Content-Disposition"]
        assert booked.token not in answer.headers["Content-Disposition"]
    page = client.get("booking.home")
    served = PlainClient(with_files(app))
    found = {str(tag.get("src") or tag.get("href")) for tag in page.html.select("script[src], link[rel=stylesheet]")}
    assert found
    for path in found:
        with served.get(path, base_url=f"http://{PUBLIC_HOST}") as answer:
            assert answer.status_code == 200
            assert answer.mimetype == ("text/css" if path.endswith(".css") else "text/javascript")
        known = {"If-Modified-Since": answer.headers["Last-Modified"]}
        for status, again in (
            (200, answer),
            (304, served.get(path, base_url=f"http://{PUBLIC_HOST}", headers=known)),
            (405, served.post(path, base_url=f"http://{PUBLIC_HOST}")),
        ):
            assert again.status_code == status
            assert {name: again.headers.get(name) for name in EVERYWHERE} == EVERYWHERE


@pytest.mark.parametrize("db_kind", ["sqlite"])
@pytest.mark.parametrize(
    "path",
    [
        *("/.git/config", "/.env", "/var/fieldops.db", "/var/secret.key", "/static/", "/static/../secret.key"),
        *("/static/%2e%2e/secret.key", "/static/..%2fthrottle.db", "/metrics", "/debug", "/console", "/docs/"),
        *("/static/vendor/manifest.json", "/server-status", "/pyproject.toml", "/throttle.db"),
    ],
)
def test_nothing_but_the_browsers_files_can_be_fetched(app, path):
    assert not app.debug
    served = PlainClient(with_files(app))
    for host in (PUBLIC_HOST, STAFF_HOST):
        assert served.get(path, base_url=f"http://{host}").status_code == 404


@pytest.mark.parametrize("db_kind", ["sqlite"])
@pytest.mark.parametrize("role", list(Role))
def test_every_staff_page_has_the_way_out(staff, role):
    browser = staff(role)
    seen = 0
    for path in {"/today", *browser.get("booking.desk_today").links()}:
        if path.startswith("/"):
            page = browser.get_url(path, _expected=(200, 303))
            if page.status == 200:
                seen += 1
                assert "/sign-out" in [form.action for form in page.forms()], path
    assert seen


@pytest.mark.parametrize("db_kind", ["sqlite"])
def test_signing_out_clears_what_the_browser_keeps(staff):
    answer = staff(Role.OFFICER).post("people.sign_out")
    assert '"storage"' in answer.headers["Clear-Site-Data"]
    assert '"cache"' in answer.headers["Clear-Site-Data"]


def test_tokens_have_130_bits_and_no_two_are_alike():
    made_tokens = {keys.token() for _ in range(2000)}
    assert len(made_tokens) == 2000
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", token) for token in made_tokens)
    # Every place takes every sign: nothing of it is a date or a number that counts.
    assert all(len({token[place] for token in made_tokens}) == 32 for place in range(26))


@pytest.mark.parametrize("db_kind", ["sqlite"])
def test_no_staff_page_shows_a_phone_number_and_no_public_page_an_officer(client, staff, office, clock):
    day = made(make_day, office[Role.SUPERVISOR])
    booked = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)
    clock.at(f"{SATURDAY} 07:50")
    hidden = (cast.SITI_PHONE, cast.SITI_PHONE.replace("+62", "0"), cast.SITI_PHONE[1:], cast.SITI.nik)
    for role in Role:
        browser = staff(role)
        for page in (
            browser.get("booking.desk_today"),
            browser.get("booking.person_show", applicant_id=booked.people[0]),
        ):
            assert cast.SITI.name in page.words
            assert [one for one in hidden if one in page.text] == []
    officer = staff(Role.OFFICER)
    officer.submit(officer.get("booking.desk_scan"), {"code": booked.entry_token}, _expected=200)
    names = [_name_of(person) for person in office.people.values()]
    for page in (
        client.get("booking.home"),
        client.get("booking.page_show", code=day.page_code),
        client.get("booking.ticket_show", token=booked.token),
        client.get("booking.help_show"),
    ):
        assert [name for name in names if name in page.text] == []
        assert [one for one in hidden if one in page.text] == []


def _name_of(person_id) -> str:
    people = schema.metadata.tables["people_person"]
    with reading() as session:
        return str(session.scalar(select(people.c.name).where(people.c.id == person_id)))


def test_a_sealed_number_opens_only_in_its_own_row():
    row, other = str(uuid4()), str(uuid4())
    first, second = keys.seal(cast.SITI_PHONE, row), keys.seal(cast.SITI_PHONE, row)
    assert first[:12] != second[:12], "a nonce twice"
    assert first != second
    assert cast.SITI_PHONE.encode() not in first
    assert keys.unseal(first, row) == cast.SITI_PHONE
    for wrong in (lambda: keys.unseal(first, other), lambda: keys.unseal(first[:-1] + bytes([first[-1] ^ 1]), row)):
        with pytest.raises(InvalidTag):
            wrong()


def test_personal_data_is_erased_after_its_days(office, clock):
    day = made(make_day, office[Role.SUPERVISOR])
    booked = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)

    def kept() -> str:
        with reading() as session:
            booking, person = session.get(Booking, booked.id), session.get(Applicant, booked.people[0])
            shown = [booking.phone_hash, booking.phone_sealed, booking.phone_last4, person.nik_hash, person.nik_last4]
            return f"{person.name} {person.name_key} {''.join(str(one) for one in shown if one)}"

    before = kept()
    clock.at(f"{SATURDAY + timedelta(days=90)} 23:59")
    assert made(upkeep.erase_old, now=office_clock.now(), days=90) == 0
    assert kept() == before
    clock.at(f"{SATURDAY + timedelta(days=91)} 00:01")
    assert made(upkeep.erase_old, now=office_clock.now(), days=90) == 1
    assert kept().split() == [upkeep.ERASED]
    assert made(upkeep.erase_old, now=office_clock.now(), days=90) == 0


# Ending a session that is not there is what was wanted; nothing is told.
ENDED_ALREADY = {"people.session_end"}


@pytest.mark.parametrize("db_kind", ["sqlite"])
def test_asking_for_what_is_not_there_is_told_in_the_log_with_who_asked(staff, office, app_log):
    def told() -> list[dict[str, str]]:
        lines = [json.loads(line) for line in app_log.getvalue().splitlines()]
        return [line for line in lines if line["event"] == "asked in vain"]

    browser = staff(Role.SUPERVISOR)
    form = {
        "key": uuid4(),
        "undoes": uuid4(),
        "stage": "arrived",
        "reason": "-",
        "umum": 1,
        "prioritas": 1,
        "walk-in": 1,
        "decision": "refuse",
        "move": "issue",
        "range": "X1001001",
        "moment": "out",
        "km": 1,
        "note": "-",
        "seen": "2026-11-28T00:00:00+08:00/2026-11-29T00:00:00+08:00",
    }
    asked = []
    for rule, access in access_table.routes():
        ids = {name: uuid4() for name in rule.arguments if name.endswith("_id") and name != "ro_id"}
        if access and access.permission in GRANTS[Role.SUPERVISOR] and ids and rule.endpoint not in ENDED_ALREADY:
            verb = "POST" if "POST" in rule.methods else "GET"
            browser.open(verb, browser.url(rule.endpoint, **ids), data=form if verb == "POST" else None, _expected=404)
            asked.append({"endpoint": rule.endpoint} | {name: str(one) for name, one in ids.items()})
    assert len(asked) > 7
    who = str(office[Role.SUPERVISOR])
    expected = [{"person": who, **one} for one in asked]
    extra = {"event", "level", "timestamp"}
    assert [{name: line[name] for name in line.keys() - extra} for line in told()] == expected
    # An id of another day's session is as foreign as one of nobody; what is there is no line.
    day, other = (made(make_day, office[Role.SUPERVISOR], programme) for programme in Programme)
    browser.get("weekend.day_show", day_id=day.id)
    assert len(told()) == len(asked)
    browser.post("weekend.session_seats", form, day_id=day.id, session_id=other.sessions[0], _expected=404)
    assert [told()[-1][name] for name in ("day_id", "session_id")] == [str(day.id), str(other.sessions[0])]
    # What was typed as a text is not told: it may be anything.
    browser.get_url("/achievement/2026/Siti", _expected=404)
    assert "Siti" not in app_log.getvalue()


@pytest.mark.parametrize("db_kind", ["sqlite"])
def test_every_change_leaves_a_line_that_says_who_did_what_to_which(client, staff, office, clock):
    def told() -> list[AuditEntry]:
        with reading() as session:
            return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))

    known = len(told())
    day = made(make_day, office[Role.SUPERVISOR])
    booked = made(make_booking, day.page_code, day.sessions[0], [cast.SITI], phone=cast.SITI_PHONE)
    staff(Role.OFFICER).post("people.sign_out")
    new = told()[known:]
    assert {
        *("weekend.create", "weekend.publish", "booking.hold", "booking.confirm"),
        *("link.make", "session.open", "session.end"),
    } <= {entry.action for entry in new}, {entry.action for entry in new}
    for entry in new:
        assert entry.app_version == VERSION
        assert entry.object_kind
        assert entry.object_id
        assert entry.at == office_clock.now()
        assert (entry.actor_id is None) == (entry.actor_kind != "staff"), entry.action
        written = f"{entry.object_id} {entry.detail}"
        for secret in (cast.SITI.name, cast.SITI.nik, cast.SITI_PHONE, booked.token, booked.entry_token, booked.code):
            assert str(secret) not in written, entry.action
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == known + len(new)
