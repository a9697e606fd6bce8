"""Security headers, the same on every answer, errors and files included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_CSP = (
    "default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; frame-src 'none'; "
    "require-trusted-types-for 'script'; report-to csp"
)
CSP = _CSP.format(script="'self'")
# The scan page alone may compile the QR decoder's WebAssembly.
CSP_SCAN = _CSP.format(script="'self' 'wasm-unsafe-eval'")

_PERMISSIONS = "camera=({0}), geolocation=({0}), microphone=(), payment=()"
PERMISSIONS_STAFF = _PERMISSIONS.format("self")
_EVERYWHERE = (
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Reporting-Endpoints", 'csp="/csp-report"'),
    ("Content-Security-Policy", CSP),
    ("Permissions-Policy", _PERMISSIONS.format("")),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)


def secured(app: WSGIApplication) -> WSGIApplication:
    """The application with the headers on all its answers. One that an answer brings itself stays as it is: staff
    pages may more, personal ones tell less."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            own = {name for name, _ in headers}
            return start_response(status, [*headers, *(one for one in _EVERYWHERE if one[0] not in own)], *error)

        return app(environ, start)

    return answer
