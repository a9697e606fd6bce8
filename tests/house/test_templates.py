"""What holds for every template: it compiles, stands in a layout, brings no code, and names what exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from jinja2 import Environment, nodes

from fieldops.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

TEMPLATES = ROOT / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
LAYOUTS = {"base.html", "public.html", "staff.html"}
PAGES = [
    name
    for name in NAMES
    if name not in LAYOUTS and not name.startswith("components/") and not name.rpartition("/")[2].startswith("_")
]

# Where text goes into a page unescaped. Each is an SVG that kit/qr.py draws from numbers.
SAFE = {
    "components/ticket.html": ["t.qr_svg"],
    "people/factor_setup.html": ["qr_svg"],
    "people/invited.html": ["qr_svg"],
    "booking/_poster.html": ["qr_svg"],
}

# What brings code or styles into a page, or markup that nobody escaped.
FORBIDDEN = {
    "a style attribute": r"\sstyle\s*=",
    "a style sheet in the page": r"<style\b",
    "an event attribute": r"[\s\"']on[a-z]+\s*=",
    "an htmx event attribute": r"\b(?:data-)?hx-on\b",
    "htmx values from JavaScript": r"hx-(?:vals|vars|headers)\s*=\s*[\"']\s*(?:js|javascript)\s*:|\bhx-vars\b",
    "a filter of an htmx trigger, which needs eval": r"hx-trigger\s*=\s*\"[^\"]*\[",
    "an address that is code": r"[\"'\s](?:js|javascript)\s*:",
    "a script in the page": r"<script\b(?![^>]*\ssrc=)|<script\b[^>]*>\s*[^<\s]",
    "escaping turned off": r"\bautoescape\b|\bMarkup\b",
    "a file from elsewhere": r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//",
}


@cache
def source(name: str) -> str:
    """The template without its comments."""
    return re.sub(r"\{#.*?#\}", "", (TEMPLATES / name).read_text(encoding="utf-8"), flags=re.DOTALL)


@cache
def tree(name: str) -> nodes.Template:
    return Environment(autoescape=True).parse((TEMPLATES / name).read_text(encoding="utf-8"))


def python_files() -> list[Path]:
    return sorted((ROOT / "fieldops").rglob("*.py"))


@cache
def calls() -> list[ast.Call]:
    """Every call in the package."""
    found = [ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in python_files()]
    return [node for module in found for node in ast.walk(module) if isinstance(node, ast.Call)]


def drawn() -> Iterator[tuple[str, ast.Call]]:
    """The pages that Python draws: `page("x.html", …)` and `render_template("x.html", …)`."""
    for call in calls():
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        first = call.args[0] if call.args else None
        if name in {"page", "render_template"} and isinstance(first, ast.Constant):
            yield str(first.value), call


def names_of(found: Iterable[nodes.Node]) -> set[str]:
    """The names that imports and settings make."""
    names: set[str] = set()
    for node in found:
        if isinstance(node, nodes.FromImport):
            names |= {one if isinstance(one, str) else one[1] for one in node.names}
        elif isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
            names.add(node.target.name)
    return names


def swapped() -> list[tuple[str, str]]:
    """(template, block) of every part that a route answers alone."""
    found = []
    for name, call in drawn():
        for keyword in call.keywords:
            if keyword.arg != "block":
                continue
            value = keyword.value
            arms = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            for arm in arms:
                assert isinstance(arm, ast.Constant), f"{name}: a block whose name is worked out cannot be checked"
                if arm.value is not None:
                    found.append((name, str(arm.value)))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_template_compiles_with_the_filters_of_the_application(the_app, name):
    the_app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_extends_a_layout_and_has_a_title(name):
    extends = [node.template.value for node in tree(name).find_all(nodes.Extends)]
    assert len(extends) == 1, f"{name} extends {extends}; a part that is no page begins with _"
    assert extends[0] in LAYOUTS, name
    titles = [node for node in tree(name).find_all(nodes.Block) if node.name == "title"]
    assert len(titles) == 1, f"{name}: {len(titles)} title blocks"
    assert titles[0].body, f"{name}: an empty title"


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(PAGES) - LAYOUTS))
def test_a_part_or_a_component_is_no_page(name):
    assert not list(tree(name).find_all(nodes.Extends)), f"{name} extends a layout"


@pytest.mark.parametrize("name", NAMES)
def test_no_template_brings_code_or_styles_into_its_page(name):
    found = [
        f"{what}: {match.group(0)!r}"
        for what, pattern in FORBIDDEN.items()
        for match in re.finditer(pattern, source(name), re.IGNORECASE)
    ]
    assert not found, f"{name}: {found}"


def test_every_forbidden_thing_would_be_seen():
    samples = {
        "a style attribute": '<p style="color:red">',
        "a style sheet in the page": "<style>p{}</style>",
        "an event attribute": '<p onclick="go()">',
        "an htmx event attribute": '<p hx-on:click="go()">',
        "htmx values from JavaScript": "<p hx-vals='js:{a: go()}'>",
        "a filter of an htmx trigger, which needs eval": '<p hx-trigger="click[ctrlKey]">',
        "an address that is code": '<a href="javascript:go()">',
        "a script in the page": "<script>go()</script>",
        "escaping turned off": "{% autoescape false %}",
        "a file from elsewhere": '<script src="https://cdn.example/x.js"></script>',
    }
    assert samples.keys() == FORBIDDEN.keys()
    assert [what for what, sample in samples.items() if not re.search(FORBIDDEN[what], sample)] == []


def test_only_drawn_codes_go_into_a_page_unescaped():
    found = {name: re.findall(r"([\w.]+)\s*\|\s*safe\b", source(name)) for name in NAMES}
    assert {name: texts for name, texts in found.items() if texts} == SAFE
    assert not [name for name in NAMES if len(re.findall(r"\|\s*safe\b", source(name))) != len(found[name])]


def test_python_marks_no_text_as_safe_markup():
    names = {getattr(call.func, "id", getattr(call.func, "attr", "")) for call in calls()}
    assert not names & {"Markup", "render_template_string", "from_string"}


def test_every_template_that_python_draws_is_there_and_none_is_left_over():
    used = {name for name, _ in drawn()}
    assert used <= set(NAMES), f"missing: {sorted(used - set(NAMES))}"
    inside = {
        str(node.template.value)
        for name in NAMES
        for kind in (nodes.Extends, nodes.Include, nodes.FromImport, nodes.Import)
        for node in tree(name).find_all(kind)
    }
    assert inside <= set(NAMES), f"missing: {sorted(inside - set(NAMES))}"
    assert set(NAMES) - used - inside == set(), "nobody draws these"


def test_every_block_that_a_route_answers_alone_exists(the_app):
    parts = swapped()
    assert parts, "the search for blocks finds none any more"
    for name, block in parts:
        assert block in the_app.jinja_env.get_template(name).blocks, f"{name} has no block {block}"


def test_a_block_that_is_answered_alone_imports_what_it_uses():
    """It does not see the imports and the settings at the top of its page."""
    for name, block in swapped():
        owner = next(node for node in tree(name).find_all(nodes.Block) if node.name == block)
        in_blocks = {id(node) for one in tree(name).find_all(nodes.Block) for node in one.find_all(nodes.Node)}
        above = [node for node in tree(name).find_all((nodes.FromImport, nodes.Assign)) if id(node) not in in_blocks]
        used = {one.name for one in owner.find_all(nodes.Name) if one.ctx == "load"}
        own = names_of(owner.find_all((nodes.FromImport, nodes.Assign)))
        missing = (used & names_of(above)) - own
        assert not missing, f"{name}, block {block}: {sorted(missing)}"


def test_every_form_that_htmx_sends_works_without_it():
    found = 0
    for name in NAMES:
        for tag in re.findall(r"<\w+[^>]*\bhx-(?:get|post)=[^>]*>", source(name)):
            found += 1
            verb, address = re.search(r"hx-(get|post)=\"([^\"]*)\"", tag).groups()
            assert tag.startswith("<form"), f"{name}: {tag}"
            assert f'method="{verb}"' in tag, f"{name}: {tag}"
            assert f' action="{address}"' in tag, f"{name}: {tag}"
    assert found, "no template uses htmx any more"


def test_everything_that_htmx_swaps_has_the_id_that_is_named():
    everything = "".join(source(name) for name in NAMES)
    targets = re.findall(r"hx-target=\"#([^\"]*)\"", everything)
    assert targets
    assert [target for target in targets if f'id="{target}"' not in everything] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_address_and_drawing_that_a_template_names_exists(the_app, name):
    for endpoint in re.findall(r"url_for\(\s*'([^']+)'", source(name)):
        assert endpoint in the_app.view_functions, f"{name}: {endpoint}"
    icons = set(re.findall(r"id=\"([a-z-]+)\"", (ROOT / "static" / "img" / "icons.svg").read_text(encoding="utf-8")))
    for icon in re.findall(r"icon\('([^']+)'|picture='([^']+)'", source(name)):
        assert "".join(icon) in icons, f"{name}: {icon}"


@pytest.mark.parametrize("name", NAMES)
def test_every_form_says_how_and_where_it_is_sent(name):
    for tag in re.findall(r"<form\b[^>]*>", source(name)):
        assert re.search(r"\smethod=\"(get|post)\"", tag), f"{name}: {tag}"
        assert " action=" in tag, f"{name}: {tag}"
