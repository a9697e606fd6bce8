"""Leave: ask for it, decide it, bring it over from a calendar; and the time off that duties earned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Blueprint, abort, current_app, request, url_for
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from fieldops.core.audit.rules import staff
from fieldops.core.people import queries as people
from fieldops.core.roster.absences import forms, queries, rules, service
from fieldops.core.roster.absences.rules import EventIn, State
from fieldops.core.roster.rules import Absence, Interval
from fieldops.kit import clock
from fieldops.kit.access import needs
from fieldops.kit.calendar_file import BadFile, TooLarge, read_calendar
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import new_key, options, read_id, read_key, refuse, summary
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session
    from wtforms.fields.choices import SelectChoice

    from fieldops.kit.calendar_file import CalendarEvent

bp = Blueprint("absences", __name__)

Errors = list[tuple[str | None, str]]


def _rule() -> rules.CompensationRule | None:
    return rules.CompensationRule.of(current_app.extensions["fieldops.settings"].compensation)


# -- one's own --------------------------------------------------------------------------------------------------


@bp.get("/absences")
@needs("absence.own")
def own() -> Response:
    """My leave: what comes, and what was."""
    now = clock.now()
    with reading() as session:
        coming = queries.coming_of(session, current_user.id, now=now)
        past = queries.past_of(session, current_user.id, now=now)
    return private(page("absences/own.html", coming=coming, past=past))


@bp.get("/absences/new")
@needs("absence.own")
def new() -> Response:
    """The empty form; `person` is chosen already when somebody enters it for another."""
    form = forms.AbsenceForm(data={"person": request.args.get("person", str(current_user.id))})
    return _form_page(form, new_key(), [], 200)


def _form_page(form: forms.AbsenceForm, key: str, errors: Errors, status: int) -> Response:
    today = clock.today()
    with reading() as session:
        form.person.choices = _people_choices(session)
        usable = queries.usable_halves(session, current_user.id, today)
    words = rules.days_words(usable) if usable else ""
    return private(page("absences/new.html", status=status, form=form, key=key, errors=errors, usable=words))


def _people_choices(session: Session) -> list[SelectChoice]:
    """Everybody, for those who may enter leave for another; oneself first."""
    if not current_user.may("absence.decide"):
        return []
    others = [one for one in people.active_people(session) if one.id != current_user.id]
    pairs = [(str(current_user.id), f"{current_user.name} (saya)"), *((str(one.id), one.name) for one in others)]
    return options(pairs)


def _person(typed: str | None) -> UUID:
    """Whose leave it is: one's own unless one may enter it for another."""
    if not current_user.may("absence.decide") or not typed:
        return UUID(str(current_user.id))
    found = read_id(typed)
    if found is None:
        raise Refusal("Pilih orangnya.", field="person")
    return found


@bp.post("/absences")
@needs("absence.own")
def create() -> Response:
    """Ask for leave."""
    key = read_key(request.form.get("key"))
    if key is None:
        abort(422)
    form = forms.AbsenceForm(request.form)
    asked = forms.read_request(form)
    if asked is None:
        return _form_page(form, key, summary(form), 422)
    kind, interval = asked
    try:
        person_id = _person(form.person.data)
        absence_id = again_when_stale(
            lambda session: service.request(
                session,
                person_id=person_id,
                kind=kind,
                interval=interval,
                note=form.note.data or "",
                form_key=key,
                actor=staff(current_user.id),
                now=clock.now(),
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _form_page(form, key, refuse(form, refusal), 422)
    return go(url_for(".show", absence_id=absence_id))


# -- one request ------------------------------------------------------------------------------------------------


@bp.get("/absences/<uuid:absence_id>")
@needs("absence.own")
def show(absence_id: UUID) -> Response:
    """One request: what it says, which duties it touches, and what can be done with it."""
    return _show(absence_id, [], 200)


def _show(absence_id: UUID, errors: Errors, status: int, *, typed: str = "") -> Response:
    now = clock.now()
    decides = current_user.may("absence.decide")
    with reading() as session:
        row = queries.one(session, absence_id)
        if row is None or not (decides or row.person_id == current_user.id):
            raise NotFound
        broken = queries.broken_by(session, [absence_id], now=now)[absence_id] if row.state in rules.LIVE else []
        others = queries.others_away(session, row) if decides and row.state is State.REQUESTED else []
        pays = ""
        if row.kind is Absence.COMPENSATION and row.state is State.REQUESTED:
            needed = rules.days_words(queries.halves_needed(session, row.interval))
            day = clock.office_day(row.interval.starts_at)
            usable = rules.days_words(queries.usable_halves(session, row.person_id, day))
            pays = f"Diperlukan {needed}, bisa dipakai {usable}"
    if not decides:
        broken = [duty for duty in broken if not duty.is_draft]  # a draft is for planners only
    mine = row.person_id == current_user.id
    values: dict[str, Any] = {
        "row": row,
        "mine": mine,
        "broken": broken,
        "others": others,
        "pays": pays,
        "may_decide": decides and not mine and row.can_refuse(now),
        "may_withdraw": mine and row.can_withdraw(now),
        "seen": forms.seen(row.interval),
        "errors": errors,
        "typed": typed,
    }
    return private(page("absences/show.html", status=status, **values))


@bp.post("/absences/<uuid:absence_id>/withdraw")
@needs("absence.own")
def withdraw(absence_id: UUID) -> Response:
    """Take one's own request back."""
    try:
        with transaction() as session:
            service.withdraw(session, absence_id, actor=staff(current_user.id), now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(absence_id, [(None, refusal.sentence)], refusal.status)
    return go(url_for(".show", absence_id=absence_id))


@bp.post("/absences/<uuid:absence_id>/decide")
@needs("absence.decide")
def decide(absence_id: UUID) -> Response:
    """Approve or refuse somebody else's request."""
    note = request.form.get("note", "")
    decision = request.form.get("decision", "")
    seen = forms.read_seen(request.form.get("seen"))
    if seen is None or decision not in {"approve", "refuse"}:
        abort(422)
    actor, now = staff(current_user.id), clock.now()
    try:
        with transaction() as session:
            if decision == "approve":
                service.approve(session, absence_id, seen=seen, note=note, actor=actor, now=now)
            else:
                service.refuse(session, absence_id, note=note, actor=actor, now=now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(absence_id, [(refusal.field, refusal.sentence)], refusal.status, typed=note)
    return go(url_for(".show", absence_id=absence_id))


@bp.get("/absences/inbox")
@needs("absence.decide")
def inbox() -> Response:
    """What waits for a decision, with the duties that each would break, and who will be away."""
    now = clock.now()
    with reading() as session:
        waiting = queries.waiting(session)
        away = queries.away(session, now=now)
        broken = queries.broken_by(session, [row.id for row in (*waiting, *away)], now=now)
    return private(page("absences/inbox.html", waiting=waiting, away=away, broken=broken))


# -- from a calendar --------------------------------------------------------------------------------------------


@bp.get("/absences/import")
@needs("absence.own")
def upload() -> Response:
    """Choose a calendar file."""
    form = forms.UploadForm(data={"person": request.args.get("person", str(current_user.id))})
    return _upload_page(form, [], 200)


def _upload_page(form: forms.UploadForm, errors: Errors, status: int) -> Response:
    with reading() as session:
        form.person.choices = _people_choices(session)
    return private(page("absences/upload.html", status=status, form=form, errors=errors))


@bp.post("/absences/import")
@needs("absence.own")
def uploaded() -> Response:
    """Show what the file holds, to be chosen from. Keeps nothing: not the file, not its events."""
    form = forms.UploadForm()
    try:
        try:
            form = forms.UploadForm(request.form)
            file = request.files.get("file")
        except RequestEntityTooLarge as error:
            raise TooLarge from error
        person_id = _person(form.person.data)
        if file is None or not file.filename:
            raise BadFile("Pilih berkas kalender (.ics) dulu.")
        content = read_calendar(file.stream.read(), now=clock.now())
    except Refusal as refusal:
        return _upload_page(form, refuse(form, refusal), 422)
    rows: list[tuple[EventIn, bool]] = []
    odd: list[CalendarEvent] = []
    for event in content.events:
        if event.problem or event.starts_at is None or event.ends_at is None:
            odd.append(event)
        else:
            rows.append((EventIn(event.uid, Interval(event.starts_at, event.ends_at), event.title), False))
    shown, hidden = rows[: forms.MOST_SHOWN], max(len(rows) - forms.MOST_SHOWN, 0)
    choose = forms.ChooseForm()
    return _choose_page(choose, person_id, shown, new_key(), [], 200, odd=odd, past=content.past, hidden=hidden)


@dataclass(frozen=True)
class ChoiceRow:
    """An event to choose. `problem` says why it cannot be chosen, `note` what choosing it does."""

    event: EventIn
    packed: str
    when: str
    is_chosen: bool
    note: str = ""
    problem: str = ""


def _choice(
    event: EventIn, is_chosen: bool, known: queries.Imported | None, taken: list[queries.AbsenceRow]
) -> ChoiceRow:
    problem = note = ""
    try:
        rules.check_period(event.interval, clock.now())
        if known is None or known.state is State.REQUESTED:
            rules.check_free(event.interval, [one for one in taken if known is None or one.id != known.id])
    except Refusal as refusal:
        problem = refusal.sentence
    if known is not None and not problem:
        if known.state is not State.REQUESTED:
            problem = f"Sudah {known.state.label.lower()}. Untuk mengajukannya lagi, pakai formulir."
        elif (known.interval, known.note) == (event.interval, event.title):
            problem = "Sudah diajukan."
        else:
            note = "Sudah diajukan, lalu berubah di kalender. Bila dipilih, pengajuannya ikut berubah."
    return ChoiceRow(event, forms.pack(event), rules.when(event.interval), is_chosen and not problem, note, problem)


def _choose_page(
    form: forms.ChooseForm,
    person_id: UUID,
    rows: list[tuple[EventIn, bool]],
    key: str,
    errors: Errors,
    status: int,
    *,
    odd: list[CalendarEvent] | None = None,
    past: int = 0,
    hidden: int = 0,
) -> Response:
    now = clock.now()
    with reading() as session:
        name = people.names(session, {person_id}).get(person_id)
        known = queries.imported(session, person_id, [event.uid for event, _ in rows])
        taken = queries.coming_of(session, person_id, now=now - rules.LOOK_BACK)
    if name is None:
        raise NotFound
    values: dict[str, Any] = {
        "form": form,
        "person_id": person_id,
        "person": name if person_id != current_user.id else "",
        "rows": [_choice(event, is_chosen, known.get(event.uid), taken) for event, is_chosen in rows],
        "odd": odd or [],
        "past": past,
        "hidden_rows": hidden,
        "key": key,
        "errors": errors,
    }
    return private(page("absences/choose.html", status=status, **values))


@bp.post("/absences/import/confirm")
@needs("absence.own")
def import_confirm() -> Response:
    """Ask for the chosen events."""
    key = read_key(request.form.get("key"))
    if key is None:
        abort(422)
    form = forms.ChooseForm(request.form)
    rows = forms.read_rows(request.form)
    person_id = _person(request.form.get("person"))
    try:
        kind = forms.read_kind(form.kind.data)
        with transaction() as session:
            service.import_events(
                session,
                person_id=person_id,
                kind=kind,
                events=[event for event, is_chosen in rows if is_chosen],
                form_key=key,
                actor=staff(current_user.id),
                now=clock.now(),
            )
    except NotFound:
        raise
    except Refusal as refusal:
        errors: Errors = refuse(form, refusal) if refusal.field == "kind" else [("rows", refusal.sentence)]
        return _choose_page(form, person_id, rows, key, errors, 422)
    return go(url_for(".own") if person_id == current_user.id else url_for(".inbox"))


# -- time off for duties ----------------------------------------------------------------------------------------


@bp.get("/compensation")
@needs("compensation.own")
def compensation() -> Response:
    """My time off: which duty earned it, until when it can be used, what used it."""
    today = clock.today()
    with reading() as session:
        rows = queries.compensation(session, person_id=current_user.id, today=today)
    return private(page("absences/compensation.html", rows=rows, today=today, rule=_rule(), words=rules.days_words))


@bp.get("/compensation/all")
@needs("compensation.manage")
def compensation_all() -> Response:
    """Everybody's time off, or one person's."""
    return _compensation_all([], 200)


def _compensation_all(errors: Errors, status: int, *, typed: str = "", typed_at: UUID | None = None) -> Response:
    today = clock.today()
    person_id = read_id(request.values.get("person"))
    with reading() as session:
        rows = queries.compensation(session, person_id=person_id, today=today)
        staff_rows = people.active_people(session)
    if errors and typed_at in {row.id for row in rows}:
        errors = [(f"reason-{typed_at}", sentence) for _, sentence in errors]
    values: dict[str, Any] = {
        "rows": rows,
        "today": today,
        "rule": _rule(),
        "people": staff_rows,
        "person_id": person_id,
        "errors": errors,
        "typed": typed,
        "typed_at": typed_at,
    }
    return private(page("absences/compensation_all.html", status=status, **values))


@bp.post("/compensation/<uuid:compensation_id>/cancel")
@needs("compensation.manage")
def compensation_cancel(compensation_id: UUID) -> Response:
    """Strike time off out that was earned wrongly, with a reason."""
    reason = request.form.get("reason", "")
    try:
        with transaction() as session:
            service.cancel_compensation(
                session, compensation_id, reason=reason, actor=staff(current_user.id), now=clock.now()
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return _compensation_all([(None, refusal.sentence)], 422, typed=reason, typed_at=compensation_id)
    return go(url_for(".compensation_all", person=read_id(request.form.get("person"))))
