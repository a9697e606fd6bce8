"""The officers' desk: today's people, scan, one person's stages, walk-ins."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from flask import abort, request, url_for
from flask_login import current_user

from fieldops.core.attendance.rules import Kind, Stage, Verdict
from fieldops.core.attendance.service import Tap
from fieldops.core.booking import forms, rules
from fieldops.core.booking.queries import desk as queries
from fieldops.core.booking.routes import bp
from fieldops.core.booking.routes.offers import office
from fieldops.core.booking.service import desk
from fieldops.core.booking.service.holds import PersonIn
from fieldops.core.people import queries as people
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, options, read_key, refuse, summary
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from flask import Response

    from fieldops.core.attendance.service import Outcome
    from fieldops.core.booking.queries.desk import DeskRow


def _day() -> date:
    """The office day asked for; a wrong or missing one reads as today."""
    try:
        return date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        return clock.today()


@bp.get("/today")
@needs("desk.read")
def desk_today() -> Response:
    """Everybody with a live booking on a day, with counts, and search by name."""
    day = _day()
    typed = request.args.get("name", "").strip()
    with reading() as session:
        rows = queries.people_of_day(session, day)
        sessions = queries.sessions_of_day(session, day)
        cancelled = queries.cancelled_on(session, day)
        found = queries.by_name(session, typed, day) if typed else rows
        upcoming = None if sessions else queries.next_service_day(session, day)
    return private(
        page(
            "booking/today.html",
            block="people" if request.headers.get("HX-Target") == "people" else None,
            rows=found,
            namesakes=queries.namesakes(rows),
            day=day,
            typed=typed,
            sessions=sessions,
            counts=queries.counts(rows, cancelled=cancelled, now=clock.now()),
            today=clock.today(),
            before=day - timedelta(days=1),
            after=day + timedelta(days=1),
            upcoming=upcoming,
            new_key=new_key,
        )
    )


@bp.get("/scan")
@needs("desk.read")
def desk_scan() -> Response:
    """Camera, typed code, or picture; ends on the person."""
    return private(page("booking/scan.html", errors=[], typed="", key=new_key()))


@bp.post("/scan")
@needs("desk.mark")
def desk_scanned() -> Response:
    """A ticket was scanned or its code typed: whoever is on it is marked as here. A family ticket lists its people.

    The QR holds the entry token; typed codes may have any case, spaces, O for 0.
    """
    typed = "".join(sign for sign in request.form.get("code", "") if sign.isprintable()).strip()
    key = read_key(request.form.get("key"))
    token = rules.read_entry(typed)
    code = None if token else rules.read_code(typed)
    with reading() as session:
        rows = queries.by_ticket(session, token=token, code=code or "-") if (token or code) else []
        words = [] if rows or token or code else queries.by_name(session, typed, clock.today())
    if key is None or not rows:
        return _not_found(typed, words, known_shape=bool(token or code))
    live = [row for row in rows if row.booking_state is rules.State.BOOKED and row.seat is not None]
    if not live:
        return private(page("booking/result.html", kind="cancelled", row=rows[0], key=new_key()))
    other_day = live[0].day != clock.today()
    if len(live) > 1:
        return _which(live, other_day=other_day)
    if other_day:
        return private(page("booking/result.html", kind="other-day", row=live[0], key=new_key()))
    outcome = _tap(live[0].id, UUID(key), Stage.ARRIVED)
    return _result(live[0].id, outcome)


def _which(rows: list[DeskRow], *, other_day: bool = False) -> Response:
    """Several people it may be: whoever is there is marked one by one."""
    namesakes = queries.namesakes(rows)
    return private(page("booking/family.html", rows=rows, namesakes=namesakes, other_day=other_day, new_key=new_key))


def _not_found(typed: str, words: list[DeskRow], *, known_shape: bool) -> Response:
    if words:
        return _which(words)
    if not typed:
        sentence = "Ketik kode tiket, misalnya K7P-2MX4, atau nama."
    elif known_shape:
        sentence = "Tiket ini tidak ada di daftar. Cek KTP dan cari namanya, atau catat sebagai datang langsung."
    else:
        sentence = "Kode belum cocok: 7 tanda seperti K7P-2MX4. Periksa lagi, atau cari dengan nama."
    errors = [("code", sentence)]
    return private(page("booking/scan.html", status=422, errors=errors, typed=typed, key=new_key()))


def _tap(applicant_id: UUID, tap_id: UUID, stage: Stage, *, undoes: UUID | None = None) -> Outcome:
    """One officer's tap, now, on this server."""
    now = clock.now()
    kind = Kind.UNDO if undoes else Kind.SET
    # One form may hold two buttons, and the back button may bring a used form for the next person: the event's id is
    # made of the form's key and of what was tapped, so a repeat is the same event and anything else is a new one.
    tap_id = uuid5(tap_id, f"{applicant_id}/{stage.value}/{kind.value}")
    tap = Tap(tap_id, applicant_id, stage, kind, now, current_user.id, undoes=undoes, device="web")
    with transaction() as session:
        return desk.mark(session, tap, count_by=office().count_by, now=now)


def _result(applicant_id: UUID, outcome: Outcome) -> Response:
    with reading() as session:
        row = queries.person(session, applicant_id)
        if row is None:
            raise NotFound
        fact = row.progress.last
        who = people.names(session, {fact.actor_id}) if fact else {}
    kind = "already" if outcome.verdict is Verdict.DUPLICATE else "applied"
    return private(
        page(
            "booking/result.html",
            kind=kind,
            row=row,
            outcome=outcome,
            by=who.get(fact.actor_id, "") if fact else "",
            key=new_key(),
            undo_key=new_key(),
        )
    )


@bp.get("/people/<uuid:applicant_id>")
@needs("desk.read")
def person_show(applicant_id: UUID) -> Response:
    """One person: stages, next step, undo."""
    return _person(applicant_id)


def _person(applicant_id: UUID, *, message: str = "", status: int = 200) -> Response:
    with reading() as session:
        row = queries.person(session, applicant_id)
        if row is None:
            raise NotFound
        by = people.names(session, {fact.actor_id for fact in row.progress.standing.values()})
    return private(
        page(
            "booking/person.html",
            status=status,
            row=row,
            by=by,
            steps=_steps(row),
            message=message,
            key=new_key(),
            undo_key=new_key(),
        )
    )


def _steps(row: DeskRow) -> list[Stage]:
    """What may be marked next; marking a passport issued is for those who see it in SIMKIM."""
    state = row.progress
    if state.issued:
        return []
    if state.served:
        return [Stage.ISSUED] if current_user.may("desk.issue") else []
    if not current_user.may("desk.mark"):
        return []
    if not state.arrived:
        return [Stage.ARRIVED]
    return [Stage.SERVED] if Stage.RETURNED in state.standing else [Stage.SERVED, Stage.RETURNED]


@bp.post("/people/<uuid:applicant_id>/mark")
@needs("desk.read")
def person_mark(applicant_id: UUID) -> Response:
    """Mark a stage. `key` is the event's id, made with the button: a second tap is the same event."""
    key, stage = read_key(request.form.get("key")), request.form.get("stage", "")
    if key is None or stage not in list(Stage):
        abort(422)
    if not current_user.may("desk.issue" if stage == Stage.ISSUED else "desk.mark"):
        abort(403)
    outcome = _tap(applicant_id, UUID(key), Stage(stage))
    if request.form.get("from") == "list":
        return _list_row(applicant_id)
    if Stage(stage) is Stage.ARRIVED:
        return _result(applicant_id, outcome)
    return go(url_for(".person_show", applicant_id=applicant_id))


def _list_row(applicant_id: UUID) -> Response:
    """The row as it is now; for a day's list, which names its day, with the counters above it. Three queries."""
    day = _day() if "day" in request.form else None
    with reading() as session:
        rows = queries.people_of_day(session, day) if day else []
        cancelled = queries.cancelled_on(session, day) if day else 0
        row = next((one for one in rows if one.id == applicant_id), None) or queries.person(session, applicant_id)
    if row is None:
        raise NotFound
    if request.wants_page:  # type: ignore[attr-defined]
        return go(url_for(".desk_today", day=row.day.isoformat()))
    counts = queries.counts(rows, cancelled=cancelled, now=clock.now()) if day else None
    namesakes = {applicant_id} if "namesake" in request.form else set()  # as the list said that the row stands in
    return private(
        page("booking/_row_swap.html", row=row, namesakes=namesakes, counts=counts, day=day, new_key=new_key)
    )


@bp.post("/people/<uuid:applicant_id>/undo")
@needs("desk.read")
def person_undo(applicant_id: UUID) -> Response:
    """Take back exactly the event that the button names; both stay in the log."""
    key, undoes, stage = (
        read_key(request.form.get("key")),
        read_key(request.form.get("undoes")),
        request.form.get("stage", ""),
    )
    if key is None or undoes is None or stage not in list(Stage):
        abort(422)
    if not current_user.may("desk.issue" if stage == Stage.ISSUED else "desk.mark"):
        abort(403)
    outcome = _tap(applicant_id, UUID(key), Stage(stage), undoes=UUID(undoes))
    if outcome.verdict is Verdict.APPLIED:
        return go(url_for(".person_show", applicant_id=applicant_id))
    message = "Batal tidak berlaku: keadaan sudah berubah. Ini keadaan terakhir."
    if outcome.flag == "later-stage":
        message = "Urungkan dulu tahap sesudahnya. Catatan ini disimpan untuk ditinjau."
    return _person(applicant_id, message=message, status=409)


@bp.get("/walk-in")
@needs("desk.mark")
def walk_in_new() -> Response:
    """Somebody came without a booking."""
    return _walk_in(forms.WalkInForm(), new_key(), new_key(), [], 200)


def _walk_in(form: forms.WalkInForm, key: str, tap: str, errors: list[tuple[str | None, str]], status: int) -> Response:
    with reading() as session:
        sessions = queries.sessions_of_day(session, clock.today())
    form.session.choices = options(
        (
            str(one.id),
            f"{clock.in_office(one.starts_at):%H.%M} {one.title}: "
            + (f"sisa {one.walk_in_left} dari {one.walk_in_total}" if one.walk_in_left else "habis"),
        )
        for one in sessions
    )
    if form.session.data is None and sessions:
        form.session.data = next((str(one.id) for one in sessions if one.walk_in_left), None)
    return private(
        page("booking/walk_in.html", status=status, form=form, sessions=sessions, key=key, tap=tap, errors=errors)
    )


@bp.post("/walk-in")
@needs("desk.mark")
def walk_in_create() -> Response:
    """Take a walk-in seat and mark the person as here; the same form twice gives one number."""
    form = forms.WalkInForm(request.form)
    key, tap = read_key(request.form.get("key")), read_key(request.form.get("tap"))
    if key is None or tap is None:
        abort(422)
    fine = form.validate()
    try:
        session_id = UUID(form.session.data or "")
    except ValueError:
        form.session.errors = ["Pilih sesi."]
        fine = False
    if not fine:
        return _walk_in(form, key, tap, summary(form), 422)
    person = PersonIn(form.name.value, form.nik.value, rules.Service(form.service.data), form.help.data)
    try:
        with transaction() as session:
            applicant_id = desk.walk_in(
                session,
                session_id=session_id,
                person=person,
                tap_id=UUID(tap),
                actor_id=current_user.id,
                form_key=key,
                count_by=office().count_by,
                now=clock.now(),
            )
    except Refusal as refusal:
        return _walk_in(form, key, tap, refuse(form, refusal), 422)
    return go(url_for(".person_show", applicant_id=applicant_id))


@bp.get("/in-process/<int:year>")
@needs("achievement.read")
def in_process(year: int) -> Response:
    """The people behind 'dalam proses': served, passport not yet known to be issued."""
    with reading() as session:
        rows = queries.in_process(session, year)
        total = queries.count_in_process(session, year)
    return private(page("booking/in_process.html", rows=rows, total=total, year=year, new_key=new_key))
