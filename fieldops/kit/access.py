"""Deny by default: a view without a stated access never answers.

`@public` pages live on the public host and know nobody; `@needs(...)` pages live on the staff host and need a person
whose role grants the permission. `@anywhere` is for files and health. A house test walks all routes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flask import Request, abort, current_app, request

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """Where a view lives ('public', 'staff' or 'any') and which permission it needs (None: nobody in particular)."""

    host: str
    permission: str | None = None


class SignedIn(Protocol):
    """What this module asks of a signed-in person."""

    @property
    def is_authenticated(self) -> bool: ...

    def is_held_back(self, permission: str) -> bool: ...

    def may(self, permission: str) -> bool: ...


def _mark(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


public: Callable[[View], View] = _mark(Access("public"))
signing_in: Callable[[View], View] = _mark(Access("staff"))
anywhere: Callable[[View], View] = _mark(Access("any"))


def needs(permission: str) -> Callable[[View], View]:
    """The view is for staff whose role grants `permission` (core.people.rules)."""
    return _mark(Access("staff", permission))


def access_of(endpoint: str | None) -> Access | None:
    view = current_app.view_functions.get(endpoint or "")
    return getattr(view, "access", None)


def same_site(asked: Request, *, own_hosts: set[str], must_prove: bool) -> bool:
    """Whether a POST comes from our own page. Browsers say so in Sec-Fetch-Site, older ones in Origin.

    A client that sends neither is no browser; it passes only where there is no cookie to abuse (`must_prove` False).
    """
    site = asked.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = asked.headers.get("Origin")
    if origin is not None:
        return origin.partition("://")[2] in own_hosts and origin.partition("://")[2] == asked.host
    return not must_prove


def check(person: SignedIn, *, public_host: str, staff_host: str) -> str | None:
    """Judge this request before its view runs. Returns None (go on), 'sign-in' or 'enrol' (the second step has to be
    set up first); aborts with 403, 404 or 405.

    A page asked on the other host does not exist there.
    """
    if request.endpoint is None:
        return None
    access = access_of(request.endpoint)
    if access is None:
        abort(403)
    wanted = {"public": {public_host}, "staff": {staff_host}, "any": {public_host, staff_host}}[access.host]
    if request.host not in wanted:
        abort(404)
    if request.method not in {"GET", "HEAD", "OPTIONS"} and not same_site(
        request, own_hosts=wanted, must_prove=access.host == "staff"
    ):
        abort(403)
    if access.permission is None:
        return None
    if not person.is_authenticated:
        return "sign-in"
    if person.is_held_back(access.permission):
        return "enrol"
    if not person.may(access.permission):
        abort(403)
    return None


def local_path(target: str | None, default: str) -> str:
    """A `next` address that stays here: one leading slash, no scheme, no backslash, no control signs."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return default
    if any(ord(sign) < 32 for sign in target):
        return default
    return target
