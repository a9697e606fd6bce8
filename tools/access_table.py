"""Who may open what, as a table: every route of the application with the roles that reach it.

Prints docs/access.md; with --write puts it there. Reads what each view says about itself (kit.access) and what the
roles are granted (core.people.rules). Needs no database and no settings.

    .venv/bin/python tools/access_table.py --write
"""

import sys
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from fieldops.app import BLUEPRINTS, _small_routes
from fieldops.core.people.rules import GRANTS, Role
from fieldops.kit.access import Access

TARGET = Path(__file__).resolve().parent.parent / "docs" / "access.md"

# Two views judge once more, by the stage that is marked; a decorator cannot know that. Permission -> what it allows.
INSIDE = {
    "booking.person_mark": {"desk.mark": "visit", "desk.issue": "issued"},
    "booking.person_undo": {"desk.mark": "visit", "desk.issue": "issued"},
}

HEAD = """\
# Who may open what

Made by `.venv/bin/python tools/access_table.py --write` from the routes and from `GRANTS` in
`fieldops/core/people/rules/__init__.py`. Change those, then make this page again; a change by hand is lost.

The rule is deny by default: a view that does not state its access answers 403 (`kit/access.py`). A page asked for on
the other host does not exist there (404). Nobody signed in: the staff pages lead to the sign-in page.
"""

STAFF = """
## Staff pages

*visit*: may mark arrived, returned and served. *issued*: may mark a passport as issued.
"""

OPEN = """
## Pages that need no permission

The public pages know nobody. Whoever has a ticket's link is its owner (`docs/decisions/0005-two-tokens.md`).
"""

PERMISSIONS = """
## Permissions
"""


def routes() -> list[tuple[Rule, Access | None]]:
    """Every route with the access that its view states, in the order of endpoint and address."""
    app = Flask("fieldops", static_folder=None)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _small_routes(app)
    found = [(rule, getattr(app.view_functions[rule.endpoint], "access", None)) for rule in app.url_map.iter_rules()]
    missing = INSIDE.keys() - {rule.endpoint for rule, _ in found}
    if missing:
        raise LookupError(f"INSIDE in tools/access_table.py names views that are gone: {', '.join(sorted(missing))}")
    return sorted(found, key=lambda pair: (pair[0].endpoint, pair[0].rule))


def cell(role: Role, endpoint: str, permission: str) -> str:
    """What a role may do at a view: yes, nothing, or the words of INSIDE."""
    if permission not in GRANTS[role]:
        return ""
    inside = INSIDE.get(endpoint)
    if inside is None:
        return "yes"
    return ", ".join(word for more, word in inside.items() if more in GRANTS[role])


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("|" + "|".join(f" {text} " if text else " " for text in line) + "|\n" for line in lines)


def asked(rule: Rule) -> str:
    """`POST /walk-in`: the method and the address."""
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return f"`{'/'.join(methods)} {rule.rule}`"


def render() -> str:
    """The whole page."""
    found = routes()
    guarded = [(rule, access.permission) for rule, access in found if access and access.permission]
    free = [(rule, access) for rule, access in found if not (access and access.permission)]
    words = {"public": "public", "staff": "staff, for signing in", "any": "both"}
    roles = list(Role)
    names = [role.value for role in roles]
    used = {permission for _, permission in guarded} | {more for inside in INSIDE.values() for more in inside}
    granted = sorted(set().union(*GRANTS.values()) | used)
    return "".join(
        [
            HEAD,
            "\n",
            table(["role", "on screen"], [[f"`{role.value}`", role.label] for role in roles]),
            STAFF,
            "\n",
            table(
                ["view", "asked", "permission", *names],
                [
                    [
                        f"`{rule.endpoint}`",
                        asked(rule),
                        f"`{permission}`",
                        *(cell(role, rule.endpoint, permission) for role in roles),
                    ]
                    for rule, permission in guarded
                ],
            ),
            OPEN,
            "\n",
            table(
                ["view", "asked", "host"],
                [
                    [f"`{rule.endpoint}`", asked(rule), words[access.host] if access else "none: answers 403"]
                    for rule, access in free
                ],
            ),
            PERMISSIONS,
            "\n",
            table(
                ["permission", *names, "asked for by a view"],
                [
                    [
                        f"`{permission}`",
                        *("yes" if permission in GRANTS[role] else "" for role in roles),
                        "yes" if permission in used else "no",
                    ]
                    for permission in granted
                ],
            ),
        ]
    )


def main() -> None:
    if sys.argv[1:] == ["--write"]:
        TARGET.write_text(render(), encoding="utf-8")
    else:
        print(render(), end="")


if __name__ == "__main__":
    main()
