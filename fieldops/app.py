"""The factory: settings, kit, core, features. The only file that names every feature."""

from __future__ import annotations

import secrets
import time
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import flask.templating
from flask import Flask, g, make_response, render_template, request, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import AnonymousUserMixin, LoginManager, current_user
from jinja2 import StrictUndefined
from sqlalchemy import text
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from fieldops import home
from fieldops.core.achievement.routes import bp as achievement_bp
from fieldops.core.blanks.routes import bp as blanks_bp
from fieldops.core.booking.queries import desk
from fieldops.core.booking.routes import bp as booking_bp
from fieldops.core.fleet.routes import bp as fleet_bp
from fieldops.core.letters.routes import bp as letters_bp
from fieldops.core.notices import queries as notices
from fieldops.core.notices.routes import bp as notices_bp
from fieldops.core.notices.rules import unread_count, unread_label
from fieldops.core.office.queries import is_demo
from fieldops.core.people import queries as people
from fieldops.core.people import service as people_service
from fieldops.core.people.routes import bp as people_bp
from fieldops.core.places.routes import bp as places_bp
from fieldops.core.roster.absences.routes import bp as absences_bp
from fieldops.core.roster.mine.routes import bp as roster_bp
from fieldops.core.roster.posts.queries import use_limits
from fieldops.kit import access, assets, clock, db, errors, headers, indonesian, keys, logs, page, throttle
from fieldops.loktuan.routes import bp as loktuan_bp
from fieldops.loktuan.routes import public_bp as loktuan_public_bp
from fieldops.settings import ROOT
from fieldops.weekend.shifts.routes import bp as weekend_bp

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from wsgiref.types import WSGIApplication

    from flask import Request, Response

    from fieldops.core.people.rules import Me
    from fieldops.settings import Settings

BLUEPRINTS = (
    people_bp,
    booking_bp,
    roster_bp,
    absences_bp,
    weekend_bp,
    loktuan_bp,
    achievement_bp,
    notices_bp,
    places_bp,
    loktuan_public_bp,
    home.bp,
    letters_bp,
    fleet_bp,
    blanks_bp,
)
_SEEN_EVERY = timedelta(minutes=5)
# The second answers a failed scan with the same page.
_SCAN_PAGES = {"booking.desk_scan", "booking.desk_scanned"}


class App(Flask):
    """Flask without two costs of every request: it looks whether a view is a coroutine, which none is here, and builds
    addresses that are always the same anew."""

    def __init__(self) -> None:
        super().__init__("fieldops", template_folder=str(ROOT / "templates"), static_folder=None)
        self._addresses: dict[str, str] = {}

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

    def url_for(self, endpoint: str, **values: Any) -> str:
        if values or endpoint.startswith("."):
            return super().url_for(endpoint, **values)
        if endpoint not in self._addresses:
            self._addresses[endpoint] = super().url_for(endpoint)
        return self._addresses[endpoint]


class Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie; whoever brings none, as every visitor, costs no signing key."""

    def open_session(self, app: Flask, request: Request) -> Any:
        if "Cookie" not in request.headers:
            return self.session_class()
        return super().open_session(app, request)


class Environment(flask.templating.Environment):
    """Templates share the environment's names; Jinja's chain of two dictionaries costs at every import of a macro."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class Nobody(AnonymousUserMixin):  # type: ignore[misc]
    """Whoever is not signed in."""

    def is_held_back(self, _permission: str) -> bool:
        return False

    def may(self, _permission: str) -> bool:
        return False


def create_app(settings: Settings) -> Flask:
    """The application for one set of settings. Connects nothing until the first request (so that it can fork)."""
    app = App()
    keys.use(settings.secret)
    throttle.use(settings.var_dir / "throttle.db")
    use_limits(settings)
    secure = settings.staff_url.startswith("https://")
    app.config.update(
        SECRET_KEY=keys.cookie_key(),
        SESSION_COOKIE_NAME="__Host-fo" if secure else "fo",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=256 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=300,
    )
    app.session_interface = Cookies()
    app.jinja_environment = Environment
    app.extensions["fieldops.settings"] = settings
    app.extensions["fieldops.in_process"] = desk.count_in_process
    # Called as (session, Invitation) in the transaction that makes a link for a new password: for a letter, later.
    app.extensions["fieldops.tell_invited"] = None
    page.init(app)
    _templates(app, settings)
    _sign_in(app)
    _gate(app, settings)
    _errors(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _small_routes(app)
    app.wsgi_app = headers.secured(app.wsgi_app)  # type: ignore[assignment, method-assign]
    if settings.trusted_hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_hops, x_proto=settings.trusted_hops, x_host=0
        )
    return app


def with_files(app: Flask) -> WSGIApplication:
    """The application behind WhiteNoise, which answers for the files in var/static: with the headers too, also where
    it refuses or has nothing new."""
    settings: Settings = app.extensions["fieldops.settings"]
    served = WhiteNoise(
        app,
        root=str(settings.var_dir / "static"),
        prefix="static/",
        immutable_file_test=assets.HASHED,
        allow_all_origins=False,
        max_age=31_536_000,
        charset="utf-8",
    )
    return headers.secured(served)


def _templates(app: Flask, settings: Settings) -> None:
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    env.auto_reload = False
    names = assets.build(ROOT / "static", settings.var_dir / "static")
    env.globals.update(
        static=lambda name: f"/static/{names[name]}",
        vendor=lambda name: f"/static/{names['vendor:' + name]}",
        settings=settings,
        me=None,
        zone_name=clock.ZONE_NAME,
        ways_of=home.ways_of,
    )
    env.filters.update(
        long_date=indonesian.long_date,
        short_date=indonesian.short_date,
        clock=lambda instant: indonesian.clock_time(instant, clock.ZONE),
        when=lambda instant: indonesian.date_time(instant, clock.ZONE, clock.ZONE_NAME),
        number=indonesian.number,
        percent=indonesian.percent,
        ending=indonesian.ending,
        rupiah=indonesian.rupiah,
        printable=_printable,
        unread_count=unread_count,
        unread_label=unread_label,
    )

    @app.context_processor
    def _about() -> dict[str, Any]:
        on_staff_page = request.host == settings.staff_host and access.access_of(request.endpoint) is not None
        me = current_user if on_staff_page and current_user.is_authenticated else None
        # Asked only where the head of a staff page is drawn: one query there, none on public and error pages.
        return {"me": me, "unread": _unread, "is_demo": is_demo(), "current_year": clock.today().year}


def _unread() -> int:
    """How many notices the signed-in person has not read."""
    with db.reading() as session:
        return notices.unread(session, current_user.id)


def _printable(text: str) -> str:
    """Text without control signs, which no page may hold; everything else that was typed stays."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cc" or sign in "\r\n\t")


def _sign_in(app: Flask) -> None:
    login = LoginManager()
    login.init_app(app, add_context_processor=False)
    login.session_protection = None
    login.anonymous_user = Nobody
    # We have no remember-me cookie, and the hook would make every public page vary by cookie.
    app.after_request_funcs[None].remove(login._update_remember_cookie)

    @login.user_loader  # type: ignore[untyped-decorator]
    def _load(token: str) -> Me | None:
        with db.reading() as session:
            found = people.signed_in(session, token, now=clock.now())
        if found is None:
            return None
        me, seen_at = found
        if clock.now() - seen_at > _SEEN_EVERY:
            with db.transaction() as session:
                people_service.note_seen(session, me.session_id, now=clock.now())
        return me


def _gate(app: Flask, settings: Settings) -> None:
    public_host, staff_host = settings.public_host, settings.staff_host

    @app.before_request
    def _check() -> Response | None:
        g.started = time.perf_counter()
        verdict = access.check(current_user, public_host=public_host, staff_host=staff_host)
        if verdict == "sign-in":
            if request.method == "POST" and request.wants_page:  # type: ignore[attr-defined]
                # What was typed goes back into the page, with its form key, to be sent again after signing in.
                fields = list(request.form.items(multi=True))
                return page.private(
                    page.page(
                        "people/session_over.html",
                        status=401,
                        action=request.full_path.rstrip("?"),
                        fields=fields,
                        has_file=bool(request.files),
                    )
                )
            return page.go(url_for("people.sign_in", next=request.page_address))  # type: ignore[attr-defined]
        if verdict == "enrol":
            return page.go(url_for("people.factor_new"))
        return None

    @app.after_request
    def _finish(response: Response) -> Response:
        found = access.access_of(request.endpoint)
        staff = request.host == staff_host
        if staff:
            response.headers["Permissions-Policy"] = headers.PERMISSIONS_STAFF
            if request.endpoint in _SCAN_PAGES:
                response.headers["Content-Security-Policy"] = headers.CSP_SCAN
        if found and found.host == "staff" and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        spent = time.perf_counter() - g.get("started", time.perf_counter())
        who = getattr(current_user, "id", None) if staff else None
        logs.log().info(
            "request",
            endpoint=request.endpoint,
            method=request.method,
            status=response.status_code,
            ms=round(spent * 1000, 1),
            person=str(who) if who else None,
            about=str((request.view_args or {}).get("applicant_id", "")) or None,
        )
        if response.status_code == 404 and who and found and found.permission:
            # Ids and numbers only: a text in an address may be anything.
            ids = {name: str(one) for name, one in (request.view_args or {}).items() if not isinstance(one, str)}
            if ids:
                logs.log().warning("asked in vain", endpoint=request.endpoint, person=str(who), **ids)
        return response


_SENTENCES = {
    400: ("Permintaan tidak terbaca", "Alamat atau isian ini tidak terbaca. Muat ulang halamannya, lalu coba lagi."),
    403: ("Tidak ada izin", "Peran Anda tidak mencakup tindakan ini, atau permintaan datang dari situs lain."),
    404: ("Tidak ditemukan", "Halaman atau data ini tidak ditemukan. Periksa lagi alamatnya."),
    405: ("Tidak bisa dibuka langsung", "Alamat ini hanya dipakai oleh tombol. Kembali ke halaman sebelumnya."),
    413: ("Terlalu besar", "Kiriman ini terlalu besar."),
    422: ("Isian belum lengkap", "Ada bagian isian yang hilang. Muat ulang halamannya, lalu coba lagi."),
    429: ("Terlalu sering", "Terlalu banyak percobaan. Tunggu sebentar, lalu coba lagi."),
}


def _errors(app: Flask, settings: Settings) -> None:
    def answer(status: int, title: str, sentence: str, incident: str = "") -> Response:
        staff = request.host == settings.staff_host
        back = settings.staff_url + "/today" if staff else settings.public_url + "/"
        find = "" if staff else settings.public_url + "/tiket"
        try:
            body = render_template(
                "errors/error.html",
                title=title,
                sentence=sentence,
                incident=incident,
                back_url=back,
                find_url=find,
                errors=[],
            )
        except Exception:  # the error page itself must never fail
            body = f"<!doctype html><html lang=id><title>{title}</title><h1>{title}</h1><p>{sentence} {incident}"
        response = make_response(body, status)
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(errors.Refusal)
    def _refusal(refusal: errors.Refusal) -> Response:
        title = {404: "Tidak ditemukan", 409: "Keadaan berubah"}.get(refusal.status, "Belum bisa")
        return answer(refusal.status, title, refusal.sentence)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error
        title, sentence = _SENTENCES.get(error.code, ("Belum bisa", "Permintaan ini belum bisa dijalankan."))
        response = answer(error.code, title, sentence)
        if error.code == 405 and getattr(error, "valid_methods", None):
            response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
        return response

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> Response:
        if db.is_contention(error):
            logs.log().warning("contention", endpoint=request.endpoint)
            sentence = "Sedang ramai. Tidak ada yang berubah. Tunggu beberapa detik, lalu kirim lagi; isian Anda aman."
            response = answer(503, "Sedang ramai", sentence)
            response.headers["Retry-After"] = "3"
            return response
        incident = secrets.token_hex(4).upper()
        logs.log().exception("fault", incident=incident, endpoint=request.endpoint, exc_info=error)
        sentence = (
            "Ada gangguan di pihak kami. Coba lagi: isian yang sama tidak akan tercatat dua kali. "
            "Bila tetap gagal, sebutkan nomor ini."
        )
        return answer(500, "Ada gangguan", sentence, incident)


def _small_routes(app: Flask) -> None:
    @app.get("/healthz")
    @access.anywhere
    def healthz() -> Response:
        """Whether this process can answer and reach its database."""
        with db.reading() as session:
            session.execute(text("select 1"))
        answer = make_response("ok\n")
        answer.mimetype = "text/plain"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.post("/csp-report")
    @access.anywhere
    def csp_report() -> Response:
        """Browsers tell here what the policy stopped; only the directive is kept."""
        found = request.get_json(force=True, silent=True)
        reports = found if isinstance(found, list) else [found]
        for report in reports[:5]:
            body = report.get("body", {}) if isinstance(report, dict) else {}
            directive = str(body.get("effectiveDirective", ""))[:60] if isinstance(body, dict) else ""
            logs.log().warning("csp", directive=directive)
        return make_response("", 204)

    @app.get("/robots.txt")
    @access.anywhere
    def robots() -> Response:
        """Tickets, drafts and letters are nobody's search result."""
        answer = make_response("User-agent: *\nDisallow: /T/\nDisallow: /D/\nDisallow: /V/\n")
        answer.mimetype = "text/plain"
        return answer
