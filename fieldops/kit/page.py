"""Pages and parts of pages. `page()` picks page or block, `go()` is the only redirect after a write.

The layer also mends htmx-flask 0.1.0: it overwrites the request class, does not decode `HX-Current-URL`, sets no
`Vary`, and refuses some swap styles (docs/decisions/0006-htmx-flask.md).
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, current_app, make_response, render_template, request
from htmx_flask import Htmx
from htmx_flask.requests import HtmxAwareRequest


class AppRequest(HtmxAwareRequest):
    """The request, with two questions more: does it want a whole page, and from which page is it? What is uploaded
    stays in memory."""

    @property
    def wants_page(self) -> bool:
        """A whole document, not a fragment: every plain request, boosted links and restored history."""
        return "HX-Request" not in self.headers or bool(self.htmx.boosted or self.htmx.history_restore_request)

    @property
    def page_address(self) -> str | None:
        """The path of the page that the person looks at, to come back to; None for a form sent plainly."""
        if self.wants_page:
            return self.full_path.rstrip("?") if self.method == "GET" else None
        try:
            seen = urlsplit(self.headers.get("HX-Current-URL", ""))
        except ValueError:
            return None
        return urlunsplit(("", "", seen.path, seen.query, "")) or None

    def _get_file_stream(self, *_about: Any, **_more: Any) -> io.BytesIO:
        """Never a file on the disk: the limit on a request bounds what one takes."""
        return io.BytesIO()


def init(app: Flask) -> None:
    Htmx(app)
    app.request_class = AppRequest  # after init_app, which overwrites it

    @app.after_request
    def _vary(response: Response) -> Response:
        if response.mimetype == "text/html":
            before = response.headers.get("Vary")
            if before is None:
                response.headers["Vary"] = "HX-Request"
            elif "Cookie" in before:
                response.vary.add("HX-Request")
        return response


def page(template: str, *, block: str | None = None, status: int = 200, **values: Any) -> Response:
    """The whole page, or for htmx only its block (a block does not see its page's top-level imports)."""
    if block is not None and not request.wants_page:  # type: ignore[attr-defined]
        context = dict(values)
        current_app.update_template_context(context)
        found = current_app.jinja_env.get_template(template)
        made = found.new_context(context)
        return make_response("".join(found.blocks[block](made)), status)
    return make_response(render_template(template, **values), status)


def go(url: str) -> Response:
    """Move on after a write: 303 for browsers; for htmx a 204 with HX-Redirect (it would follow a 303 inside)."""
    whole = request.wants_page  # type: ignore[attr-defined]
    answer = make_response("", 303 if whole else 204)
    answer.mimetype = "text/plain"
    answer.headers["Location" if whole else "HX-Redirect"] = url
    return private(answer)


def private(response: Response) -> Response:
    """Mark an answer as personal: never stored, its address never told to another site."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
