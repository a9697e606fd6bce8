"""A browser for the tests: addresses by endpoint, forms as drawn, and the house rules of pages on every answer."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import html5lib
from bs4 import BeautifulSoup, Tag
from bs4.builder._html5lib import HTML5TreeBuilder

from fieldops.kit import db

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

PUBLIC_HOST, STAFF_HOST = "127.0.0.1:8000", "localhost:8000"

# Written out, not imported: the policy is a promise (docs), the code has to keep it.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; frame-src 'none'; "
    "require-trusted-types-for 'script'; report-to csp"
)
CSP_SCAN = CSP.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
PERMISSIONS = {
    PUBLIC_HOST: "camera=(), geolocation=(), microphone=(), payment=()",
    STAFF_HOST: "camera=(self), geolocation=(self), microphone=(), payment=()",
}
EVERYWHERE = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Reporting-Endpoints": 'csp="/csp-report"',
}
ONCE = (*EVERYWHERE, "Content-Security-Policy", "Permissions-Policy", "Referrer-Policy")
PERSONAL = re.compile(r"/[TDLKV]/")
REDIRECTS = (301, 302, 303, 307, 308)


class _Builder(HTML5TreeBuilder):
    """Beautiful Soup's html5lib builder, keeping the complaints of the parser."""

    complaints: list[str]

    def feed(self, markup: Any) -> None:
        parser = html5lib.HTMLParser(tree=self.create_treebuilder)
        self.underlying_builder.parser = parser
        parser.parse(markup)
        self.complaints = [f"{code} at line {place[0]}: {more}" for place, code, more in parser.errors]
        self.underlying_builder.parser = None


@lru_cache(maxsize=64)
def parse(text: str) -> tuple[BeautifulSoup, list[str]]:
    """The page as a tree, to be read only, and what is wrong in it by the HTML standard. Every third page of a run is
    the same, sign by sign, as one shortly before."""
    builder = _Builder()
    return BeautifulSoup(text, builder=builder), builder.complaints


class Form:
    """A form as the page drew it: where it goes and what it would send."""

    def __init__(self, tag: Tag, page_path: str) -> None:
        self.tag = tag
        self.method = str(tag.get("method", "get")).lower()
        self.action = str(tag.get("action") or page_path)
        self.values: dict[str, str] = {}
        for field in tag.select("input[name], select[name], textarea[name]"):
            self._take(field)

    def _take(self, field: Tag) -> None:
        name, kind = str(field["name"]), str(field.get("type", "text"))
        if field.has_attr("disabled") or (kind in {"radio", "checkbox"} and not field.has_attr("checked")):
            return
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            self.values[name] = str(chosen["value"]) if chosen else ""
        elif field.name == "textarea":
            self.values[name] = field.get_text()
        else:
            self.values[name] = str(field.get("value", ""))

    def choices(self, name: str) -> list[str]:
        """The values of the radios or options of `name` that can be chosen."""
        radios = self.tag.select(f"input[name={name}]:not([disabled])")
        options = self.tag.select(f"select[name={name}] option")
        return [str(one.get("value", "")) for one in [*radios, *options]]


class Answer:
    """What came back."""

    def __init__(self, response: TestResponse, path: str) -> None:
        self.response = response
        self.path = path
        self.status = response.status_code
        self.headers = response.headers
        self._parsed: tuple[BeautifulSoup, list[str]] | None = None

    @property
    def data(self) -> bytes:
        return self.response.data

    @property
    def text(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def is_html(self) -> bool:
        return self.response.mimetype == "text/html" and bool(self.response.data)

    @property
    def is_document(self) -> bool:
        return self.is_html and self.text.lstrip().lower().startswith("<!doctype")

    @property
    def html(self) -> BeautifulSoup:
        return self.parsed[0]

    @property
    def parsed(self) -> tuple[BeautifulSoup, list[str]]:
        if self._parsed is None:
            # A fragment is judged inside a page, as the browser will have it.
            text = self.text if self.is_document else f"<!doctype html><title>.</title><body>{self.text}"
            self._parsed = parse(text)
        return self._parsed

    @property
    def words(self) -> str:
        """What a person reads: all text of the main part, spaces folded, word joiners left out."""
        main = self.html.select_one("main") or self.html
        return " ".join(main.get_text(" ").replace("\u2060", "").split())

    @property
    def h1(self) -> str:
        found = self.html.select_one("h1")
        return " ".join(found.get_text(" ").split()) if found else ""

    @property
    def location(self) -> str:
        """Where it leads, without scheme and host."""
        parts = urlsplit(self.headers.get("Location") or self.headers.get("HX-Redirect") or "")
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def complaints(self) -> list[str]:
        """The sentences of the error summary."""
        return [" ".join(item.get_text(" ").split()) for item in self.html.select(".errors li")]

    def forms(self) -> list[Form]:
        return [Form(tag, self.path) for tag in self.html.select("form")]

    def form(self, action: str = "") -> Form:
        """The one form of the main part, or the one whose action ends with `action`."""
        found = [Form(tag, self.path) for tag in self.html.select("main form")]
        found = [one for one in found if one.action.partition("?")[0].endswith(action)]
        assert len(found) == 1, f"{len(found)} forms for {action!r} on {self.path}"
        return found[0]

    def links(self) -> list[str]:
        return [str(tag["href"]) for tag in self.html.select("a[href]")]

    def value(self, name: str) -> str:
        """What the input of this name holds."""
        for form in self.forms():
            if name in form.values:
                return form.values[name]
        raise AssertionError(f"no input {name} on {self.path}")


class Client:
    """One browser on one host. It says where its requests come from, as browsers do."""

    def __init__(self, app: Flask, host: str) -> None:
        self.app = app
        self.host = host
        self.browser = app.test_client()
        self.log: io.StringIO | None = app.extensions.get("tests.log")
        self.last: Answer | None = None

    # -- addresses

    def url(self, endpoint: str, **values: Any) -> str:
        """The path of an endpoint; values that are not in its rule become the query."""
        return self.app.url_map.bind(self.host).build(endpoint, values, append_unknown=True)

    def get(self, endpoint: str, *, _expected: int = 200, **values: Any) -> Answer:
        return self.get_url(self.url(endpoint, **_plain(values)), _expected=_expected, **_options(values))

    def head(self, endpoint: str, *, _expected: int = 200, **values: Any) -> Answer:
        return self.open("HEAD", self.url(endpoint, **_plain(values)), _expected=_expected, **_options(values))

    def post(
        self, endpoint: str, data: Mapping[str, Any] | None = None, *, _expected: int = 303, **values: Any
    ) -> Answer:
        return self.post_url(self.url(endpoint, **_plain(values)), data, _expected=_expected, **_options(values))

    def get_url(self, url: str, *, _expected: int = 200, **options: Any) -> Answer:
        return self.open("GET", url, _expected=_expected, **options)

    def post_url(
        self, url: str, data: Mapping[str, Any] | None = None, *, _expected: int = 303, **options: Any
    ) -> Answer:
        return self.open("POST", url, data=data or {}, _expected=_expected, **options)

    def submit(
        self, page: Answer, changes: Mapping[str, Any] | None = None, *, action: str = "", _expected: int | None = None
    ) -> Answer:
        """Send a form of a page as it was drawn, with some inputs typed anew."""
        form = page.form(action)
        values = {**form.values, **(changes or {})}
        if form.method == "get":
            return self.get_url(self._with_query(form.action, values), _expected=_expected or 200)
        return self.post_url(form.action, values, _expected=_expected or 303)

    @staticmethod
    def _with_query(path: str, values: Mapping[str, Any]) -> str:
        from urllib.parse import urlencode

        return f"{path.partition('?')[0]}?{urlencode(values)}"

    def follow(self, answer: Answer, *, _expected: int = 200) -> Answer:
        """Go where a redirect leads."""
        assert answer.location, f"{answer.path} leads nowhere ({answer.status})"
        return self.get_url(answer.location, _expected=_expected)

    # -- the request

    def open(
        self,
        method: str,
        url: str,
        *,
        data: Any = None,
        _expected: int | tuple[int, ...] = 200,
        _headers: Mapping[str, str] | None = None,
        _htmx: bool | str = False,
        _host: str | None = None,
        _check: bool = True,
        _address: str = "127.0.0.1",
    ) -> Answer:
        """One request with the headers of a browser, and the house rules on what comes back.

        `_htmx` True or the id of the target; a header of `_headers` that is empty is not sent.
        """
        headers = {"Sec-Fetch-Site": "same-origin" if method == "POST" else "none", "Accept-Language": "id"}
        if _htmx:
            headers |= {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
            if isinstance(_htmx, str):
                headers["HX-Target"] = _htmx
        headers |= dict(_headers or {})
        host = _host or self.host
        response = self.browser.open(
            url,
            method=method,
            data=data,
            base_url=f"http://{host}",
            headers={name: value for name, value in headers.items() if value},
            environ_overrides={"REMOTE_ADDR": _address},
        )
        answer = self.last = Answer(response, url)
        expected = _expected if isinstance(_expected, tuple) else (_expected,)
        assert answer.status in expected, (
            f"{method} {url}: {answer.status} instead of {expected}; "
            f"{answer.location or (answer.complaints or answer.words[:600] if answer.is_html else answer.data[:200])}"
            + (f"\n{self.log.getvalue()[-3000:]}" if self.log and answer.status == 500 else "")
        )
        if _check:
            check_answer(answer, method, host)
        return answer


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not name.startswith("_")}


def _options(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name.startswith("_")}


# -- the house rules of every answer ----------------------------------------------------------------------------


def check_answer(answer: Answer, method: str, host: str) -> None:
    """Headers, cookies, caching, the page itself, and that the request gave back what it borrowed."""
    where = f"{method} {answer.path}"
    path = urlsplit(answer.path).path
    for name, value in EVERYWHERE.items():
        assert answer.headers.get(name) == value, f"{where}: {name} is {answer.headers.get(name)!r}"
    for name in ONCE:  # of two, a browser takes the last or the stricter
        assert len(answer.headers.getlist(name)) == 1, f"{where}: {name} more than once"
    policy = CSP_SCAN if host == STAFF_HOST and path == "/scan" else CSP
    assert answer.headers.get("Content-Security-Policy") == policy, where
    assert answer.headers.get("Permissions-Policy") == PERMISSIONS.get(host, PERMISSIONS[PUBLIC_HOST]), where
    assert not [name for name in answer.headers.keys() if name.lower().startswith("access-control-")], where  # noqa: SIM118
    if PERSONAL.match(path):
        assert answer.headers.get("Cache-Control") == "no-store", where
        if answer.status < 400:
            assert answer.status in REDIRECTS or answer.headers.get("Referrer-Policy") == "no-referrer", where
    assert answer.headers.get("Referrer-Policy") in {"no-referrer", "strict-origin-when-cross-origin"}, where
    if host == STAFF_HOST and answer.is_html and answer.status < 300:
        assert answer.headers.get("Cache-Control") == "no-store", where
    if host != STAFF_HOST:
        assert "Set-Cookie" not in answer.headers, f"{where}: the public host sets no cookie"
        assert "Cookie" not in answer.headers.get("Vary", ""), f"{where}: the public host knows no cookie"
    if answer.data and not answer.response.mimetype.startswith(("image/", "application/")):
        assert answer.response.mimetype_params.get("charset") == "utf-8", f"{where}: no charset"
    if answer.is_html and method != "HEAD":
        assert "HX-Request" in answer.headers.get("Vary", ""), f"{where}: no Vary: HX-Request"
        check_page(answer)
    check_given_back()


def check_given_back() -> None:
    """No session and no connection is left open behind a request."""
    database = db.database()
    for face in (database.engine, database.reader):
        borrowed = face.pool.checkedout()  # type: ignore[attr-defined]
        assert borrowed == 0, f"{borrowed} connection(s) not given back"
    assert not getattr(database._local, "inside", False), "a transaction is still open"


def check_page(answer: Answer) -> None:
    """What every page promises: valid HTML, one h1 that begins the title, labels, unique ids, no inline code."""
    tree, complaints = answer.parsed
    where = answer.path
    assert not complaints, f"{where}: {complaints[:3]}"
    tags = list(tree.find_all(True))
    named = Counter(str(tag["id"]) for tag in tags if tag.has_attr("id"))
    assert named.total() == len(named), f"{where}: id twice: {sorted(one for one in named if named[one] > 1)}"
    ids = set(named)
    _check_code(tags, where)
    _check_labels(tags, ids, where)
    for form in tags:
        if form.name == "form":
            assert form.has_attr("action") or form.has_attr("method"), f"{where}: a form without action and method"
            assert str(form.get("method", "get")).lower() in {"get", "post"}, where
    if not answer.is_document:
        return
    html = tree.select_one("html")
    assert html is not None, where
    assert html.get("lang") == "id", f"{where}: lang is {html.get('lang')!r}"
    headings = tree.select("h1")
    assert len(headings) == 1, f"{where}: {len(headings)} h1"
    title = tree.select_one("title")
    assert title is not None, where
    said = " ".join(title.get_text().split()).removeprefix("Kesalahan: ")
    assert said.startswith(answer.h1), f"{where}: title {said!r}, h1 {answer.h1!r}"
    assert answer.h1, f"{where}: an empty h1"
    for link in tree.select(".errors a[href^='#']"):
        assert str(link["href"])[1:] in ids, f"{where}: the summary leads to {link['href']}, which is not there"


def _check_code(tags: list[Tag], where: str) -> None:
    for tag in tags:
        assert tag.name != "script" or tag.has_attr("src"), f"{where}: inline script"
        assert tag.name != "style", f"{where}: inline style sheet"
        for name, value in tag.attrs.items():
            assert name != "style", f"{where}: style on <{tag.name}>"
            assert not name.lower().startswith(("on", "hx-on")), f"{where}: {name} on <{tag.name}>"
            text = " ".join(value) if isinstance(value, list) else str(value)
            assert not text.strip().lower().startswith(("javascript:", "js:")), f"{where}: {name}={text!r}"
            if name in {"src", "href", "action", "hx-get", "hx-post"}:
                outside = urlsplit(text).netloc
                assert outside in {"", PUBLIC_HOST, STAFF_HOST}, f"{where}: {name} leads outside: {text}"


def _check_labels(tags: list[Tag], ids: set[str], where: str) -> None:
    labels = {str(tag["for"]) for tag in tags if tag.name == "label" and tag.has_attr("for")}
    for field in tags:
        if field.name not in {"input", "select", "textarea"} or field.get("type") == "hidden":
            continue
        labelled = (
            field.get("aria-label")
            or field.find_parent("label") is not None
            or (field.has_attr("id") and str(field["id"]) in labels)
        )
        assert labelled, f"{where}: no label for {field.get('name')!r}"
        for described in str(field.get("aria-describedby", "")).split():
            assert described in ids, f"{where}: {field.get('name')} is described by {described}, which is not there"
    for label in labels:
        assert label in ids, f"{where}: a label for {label}, which is not there"


def query(url: str) -> dict[str, str]:
    """The query of an address."""
    return dict(parse_qsl(urlsplit(url).query))
