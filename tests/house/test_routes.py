"""What holds for every route: it says who may open it, has a plain address, and keeps to both."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from uuid import uuid4

import pytest

from fieldops.core.people.rules import GRANTS, Role
from tests.client import PUBLIC_HOST, STAFF_HOST, Client
from tools import access_table

# Arguments that are texts, and why no converter could name their shape.
TEXTS = {
    "token": "26 random signs: a ticket, a draft, a letter, a link to get in; a wrong one is told like an unknown one",
    "code": "a page's code on a poster; small letters and O for 0 are understood",
    "ro_id": "the code of a row in the plan, as BAA.001",
}
VALUES = {"token": "0" * 26, "code": "QQQQ", "ro_id": "BAA.001", "year": 2026}
ANY = tuple(range(200, 600))
ROUTES = access_table.routes()
GUARDED = [(rule, access) for rule, access in ROUTES if access and access.permission]
OPEN = [(rule, access) for rule, access in ROUTES if access and not access.permission]
# The two views that judge by the stage: permission -> what the form says.
STAGES = {"desk.mark": "arrived", "desk.issue": "issued"}


@pytest.fixture
def db_kind() -> str:
    """Who may open what does not hang on the database."""
    return "sqlite"


def verb(rule) -> str:
    """GET or POST."""
    (found,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return found


def address(client: Client, rule) -> str:
    """An address of the route with ids that nobody has."""
    return client.url(rule.endpoint, **{name: VALUES.get(name) or uuid4() for name in rule.arguments})


def named(pairs):
    return [pytest.param(rule, access, id=f"{verb(rule)} {rule.rule}") for rule, access in pairs]


def reads_as(answer) -> str:
    return f"{answer.status} {answer.location}".strip()


# -- what a route says about itself


def test_every_view_says_who_may_open_it(the_app):
    silent = [name for name, view in the_app.view_functions.items() if not hasattr(view, "access")]
    assert silent == []


def test_the_table_of_routes_is_the_application_s(the_app):
    served = {(rule.endpoint, rule.rule) for rule in the_app.url_map.iter_rules()}
    assert {(rule.endpoint, rule.rule) for rule, _ in ROUTES} == served


def test_the_page_about_access_is_up_to_date():
    assert access_table.TARGET.read_text(encoding="utf-8") == access_table.render(), (
        "make it again: .venv/bin/python tools/access_table.py --write"
    )


def test_every_permission_that_a_view_asks_for_is_granted_to_somebody():
    granted = set().union(*GRANTS.values())
    assert {access.permission for _, access in GUARDED} <= granted
    assert set(STAGES) <= granted


@pytest.mark.parametrize(("rule", "access"), named(ROUTES))
def test_a_route_answers_get_or_post_and_not_both(rule, access):
    assert (rule.methods or set()) - {"HEAD", "OPTIONS"} in ({"GET"}, {"POST"})


@pytest.mark.parametrize(("rule", "access"), named(ROUTES))
def test_addresses_are_kebab_case_and_ids_are_typed(rule, access):
    # /J/, /T/, /D/, /L/, /K/ and /V/ stand in capitals, so that a QR code holds the address in its dense mode.
    for part in re.sub(r"<[^>]*>", "", rule.rule).split("/"):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*(\.(pdf|png|ics|txt|csv))?|[JTDLKV]|", part), f"{rule.rule}: {part}"
    for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", rule.rule):
        assert name not in {"id", "uuid"}, f"{rule.rule}: an id of what?"
        if name in TEXTS:
            assert not converter, rule.rule
        else:
            assert converter == ("int" if name == "year" else "uuid"), f"{rule.rule}: {name}"


def test_every_text_in_an_address_is_still_used():
    assert {name for rule, _ in ROUTES for name in rule.arguments} & TEXTS.keys() == TEXTS.keys()


def _writes(view) -> bool:
    """Whether a view, or a function of its module that it calls, opens a transaction."""
    module = inspect.getmodule(view)
    todo, seen = [view], set()
    while todo:
        function = todo.pop()
        seen.add(function)
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            if not isinstance(node, ast.Name):
                continue
            if node.id in {"transaction", "again_when_stale"}:
                return True
            found = getattr(module, node.id, None)
            if inspect.isfunction(found) and inspect.getmodule(found) is module and found not in seen:
                todo.append(found)
    return False


def test_no_view_that_answers_get_opens_a_transaction(the_app):
    gets = {rule.endpoint for rule, _ in ROUTES if verb(rule) == "GET"}
    assert [name for name in sorted(gets) if _writes(the_app.view_functions[name])] == []


def test_the_search_for_transactions_sees_those_of_views_that_write(the_app):
    posts = {rule.endpoint for rule, _ in ROUTES if verb(rule) == "POST"}
    seen = {name for name in posts if _writes(the_app.view_functions[name])}
    # A scan and a tap write through helpers, a search for a ticket and a report of a browser write nothing.
    assert {"people.link_use", "booking.person_mark", "weekend.day_create", "booking.walk_in_create"} <= seen


# -- who gets in


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_it_is_granted_and_nothing_else(staff, role):
    browser = staff(role)
    wrong = []
    for rule, access in GUARDED:
        answer = browser.open(verb(rule), address(browser, rule), _expected=ANY)
        if access.permission not in GRANTS[role]:
            good = answer.status == 403
        else:
            good = answer.status not in {401, 403} and answer.status < 500 and "/sign-in" not in answer.location
        if not good:
            wrong.append(f"{verb(rule)} {rule.rule} ({access.permission}): {reads_as(answer)}")
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_every_page_without_an_id_that_its_menu_may_show(staff, role):
    browser = staff(role)
    plain = [(rule, access) for rule, access in GUARDED if verb(rule) == "GET" and not rule.arguments]
    for rule, access in plain:
        if access.permission in GRANTS[role] and rule.endpoint != "weekend.day_new":  # which needs a day
            browser.open("GET", address(browser, rule), _expected=(200, 303))


@pytest.mark.parametrize("role", list(Role))
def test_marking_and_undoing_are_judged_by_the_stage(staff, role):
    browser = staff(role)
    assert set(access_table.INSIDE) == {"booking.person_mark", "booking.person_undo"}
    for endpoint in access_table.INSIDE:
        for permission, stage in STAGES.items():
            form = {"key": str(uuid4()), "undoes": str(uuid4()), "stage": stage}
            expected = 404 if permission in GRANTS[role] else 403  # the person is nobody
            browser.post(endpoint, form, applicant_id=uuid4(), _expected=expected)


def test_nobody_is_led_to_the_sign_in_page(visitor):
    for rule, _ in GUARDED:
        url = address(visitor, rule)
        if verb(rule) == "GET":
            answer = visitor.get_url(url, _expected=303)
            assert answer.location.startswith("/sign-in?next="), url
        else:
            # What was typed goes back into a page that says so.
            answer = visitor.post_url(url, {"name": "typed before"}, _expected=401)
            assert answer.h1 == "Sesi berakhir", url
            assert answer.form().values == {"name": "typed before"}, url
        swap = visitor.open(verb(rule), url, _htmx=True, _expected=204)
        assert swap.location == "/sign-in", url


def test_a_staff_page_does_not_exist_on_the_public_host(client, staff):
    for rule, access in ROUTES:
        if access.host == "staff":
            client.open(verb(rule), address(client, rule), _expected=404)
    browser = staff(Role.SUPERVISOR)
    browser.get("booking.desk_today", _host=PUBLIC_HOST, _expected=404)


def test_a_public_page_does_not_exist_on_the_staff_host(visitor):
    for rule, access in OPEN:
        if access.host == "public":
            visitor.open(verb(rule), address(visitor, rule), _expected=404)


def test_no_page_exists_on_a_third_host(client):
    for rule, _ in ROUTES:
        client.open(verb(rule), address(client, rule), _host="other.example", _expected=404)


def test_a_public_page_asks_nobody_to_sign_in(client):
    wrong = []
    for rule, access in OPEN:
        if access.host in {"public", "any"}:
            answer = client.open(verb(rule), address(client, rule), _expected=ANY)
            if answer.status in {401, 403} or answer.status >= 500 or "/sign-in" in answer.location:
                wrong.append(f"{verb(rule)} {rule.rule}: {reads_as(answer)}")
    assert wrong == []


def test_a_view_that_says_nothing_answers_nobody(make_app):
    app = make_app()
    app.add_url_rule("/forgotten", "forgotten", lambda: "reached")
    for host in (PUBLIC_HOST, STAFF_HOST):
        answer = Client(app, host).get_url("/forgotten", _expected=403)
        assert "reached" not in answer.text
