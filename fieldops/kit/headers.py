"""Security headers, the same on every answer, errors and files included."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from werkzeug.datastructures import Headers

_CSP = (
    "default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; frame-src 'none'; "
    "require-trusted-types-for 'script'; report-to csp"
)
CSP = _CSP.format(script="'self'")
# The scan page alone may compile the QR decoder's WebAssembly.
CSP_SCAN = _CSP.format(script="'self' 'wasm-unsafe-eval'")

_EVERYWHERE = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Reporting-Endpoints": 'csp="/csp-report"',
}
_PUBLIC_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=()"
_STAFF_PERMISSIONS = "camera=(self), geolocation=(self), microphone=(), payment=()"


def secure(headers: MutableMapping[str, str] | Headers, *, staff: bool, scans: bool = False) -> None:
    """Put the headers on an answer. `staff`: it comes from the staff host; `scans`: it is the scan page."""
    for name, value in _EVERYWHERE.items():
        headers[name] = value
    headers["Content-Security-Policy"] = CSP_SCAN if scans else CSP
    headers["Permissions-Policy"] = _STAFF_PERMISSIONS if staff else _PUBLIC_PERMISSIONS
    if "Referrer-Policy" not in headers:
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
