"""The staff list: look, add, change, switch off and on, help in, end sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from flask import abort, current_app, request, url_for
from flask_login import current_user

from fieldops.core.audit import service as audit
from fieldops.core.audit.rules import staff
from fieldops.core.credentials import queries as credentials
from fieldops.core.credentials import service as credential_service
from fieldops.core.people import forms, queries
from fieldops.core.people.queries import PAGE, Wanted
from fieldops.core.people.routes import bp
from fieldops.core.people.routes.proof import is_proved, prove
from fieldops.core.people.rules import ChangedMeanwhile, OwnAccount, facts, may_help, sheet
from fieldops.core.people.service import entry, persons
from fieldops.kit import clock, qr, sheets
from fieldops.kit.access import needs
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.forms import refuse, summary
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from flask import Response

    from fieldops.core.people.queries import Member
    from fieldops.core.people.service.entry import Invitation

Errors = list[tuple[str | None, str]]


# -- looking ------------------------------------------------------------------------------------------------------


def _wanted() -> Wanted:
    """What the address asks for; what it cannot ask for is left out."""
    asked = request.args
    number = asked.get("page", "")
    return Wanted(
        text=" ".join(asked.get("text", "")[:60].split()),
        section=asked.get("section", "")[:60],
        role=asked.get("role", "") if asked.get("role") in dict(forms.ROLES) else "",
        competence=asked.get("competence", "") if asked.get("competence") in dict(forms.COMPETENCES) else "",
        active=asked.get("active", "yes") if asked.get("active") in {"yes", "no", "all"} else "yes",
        page=int(number) if number.isascii() and number.isdigit() and 1 <= len(number) <= 3 and int(number) else 1,
    )


@bp.get("/people")
@needs("people.read")
def staff_list() -> Response:
    """Everybody who works here, or whom somebody looks for."""
    wanted = _wanted()
    with reading() as session:
        found = queries.people(session, wanted)
        sections = queries.sections(session)
    plain = {name: value for name, value in vars(wanted).items() if value and name != "page"}
    pages = -(-found.total // PAGE)

    def other(number: int) -> str | None:
        if not 1 <= number <= pages:
            return None
        return f"{url_for('.staff_list')}?{urlencode({**plain, 'page': number})}"

    return private(
        page(
            "people/list.html",
            wanted=wanted,
            found=found,
            sections=sections,
            roles=forms.ROLES,
            competences=forms.COMPETENCES,
            is_narrowed=bool(plain.keys() - {"active"}) or wanted.active != "yes",
            before=other(wanted.page - 1),
            after=other(wanted.page + 1),
            pages=pages,
            show=facts.show_competences,
        )
    )


def _load(person_id: UUID) -> Member:
    with reading() as session:
        found = queries.person(session, person_id)
    if found is None:
        raise NotFound
    return found


@bp.get("/people/staff/<uuid:person_id>")
@needs("people.read")
def staff_show(person_id: UUID) -> Response:
    """One person: what is written about him; for administrators also his ways in and what was done to them."""
    return _show(person_id, [], 200)


def _show(person_id: UUID, errors: Errors, status: int) -> Response:
    member = _load(person_id)
    manages = current_user.may("people.manage")
    now = clock.now()
    with reading() as session:
        held = credentials.held(session, person_id)
        sessions = queries.live_sessions(session, person_id, member.facts.role, now=now) if manages else []
        traces = queries.traces(session, person_id) if manages else []
    return private(
        page(
            "people/show.html",
            status=status,
            member=member,
            competences=facts.show_competences(member.facts.competences),
            held=held,
            sessions=sessions,
            traces=traces,
            words=TRACES,
            manages=manages,
            may_invite=_may_invite(member),
            is_me=person_id == current_user.id,
            errors=errors,
        )
    )


def _may_invite(member: Member) -> bool:
    return member.is_active and current_user.may("people.reset") and may_help(current_user.role, member.facts.role)


# The audit log in words, for the page of a person.
TRACES = {
    "person.add": "Ditambahkan",
    "person.change": "Data diubah",
    "person.activate": "Diaktifkan",
    "person.deactivate": "Dinonaktifkan",
    "link.make": "Tautan masuk dibuat lewat perintah",
    "password.invite": "Tautan kata sandi dibuat",
    "password.set": "Kata sandi dipasang",
    "second-step.set": "Langkah kedua dipasang",
    "second-step.codes": "Kode cadangan dibuat",
    "second-step.recovery": "Masuk dengan kode cadangan",
    "second-step.drop": "Langkah kedua dilepas",
    "passkey.add": "Kunci sandi ditambahkan",
    "passkey.remove": "Kunci sandi dihapus",
    "session.open": "Masuk",
    "session.end": "Keluar",
    "session.end-all": "Semua sesi diakhiri",
    "session.refuse": "Percobaan masuk ditolak",
}


# -- adding and changing ------------------------------------------------------------------------------------------


def _form_page(form: Any, errors: Errors, status: int, *, member: Member | None = None) -> Response:
    with reading() as session:
        sections = queries.sections(session)
    return private(
        page(
            "people/edit.html",
            status=status,
            form=form,
            member=member,
            sections=sections,
            competences=[form[f"can_{value}"] for value, _ in forms.COMPETENCES],
            is_me=member is not None and member.id == current_user.id,
            proved=is_proved(),
            errors=errors,
        )
    )


@bp.get("/people/new")
@needs("people.manage")
def staff_new() -> Response:
    """An empty form."""
    return _form_page(forms.PersonForm(), [], 200)


@bp.post("/people")
@needs("people.manage")
def staff_create() -> Response:
    """A new member of staff."""
    form = forms.PersonForm(request.form)
    known = forms.read_facts(form)
    if known is None:
        return _form_page(form, summary(form), 422)
    try:
        prove(form)
        with transaction() as session:
            person_id = persons.add(session, known, actor_id=current_user.id, now=clock.now())
    except Refusal as refusal:
        return _form_page(form, refuse(form, refusal), refusal.status)
    return go(url_for(".staff_show", person_id=person_id))


@bp.get("/people/staff/<uuid:person_id>/edit")
@needs("people.manage")
def staff_edit(person_id: UUID) -> Response:
    """The form with what is known, and the revision at which it was drawn."""
    member = _load(person_id)
    form = forms.PersonForm(data={**forms.values_of(member.facts), "revision": member.revision})
    return _form_page(form, [], 200, member=member)


@bp.post("/people/staff/<uuid:person_id>/edit")
@needs("people.manage")
def staff_change(person_id: UUID) -> Response:
    """Keep the changes. A form of an older revision comes back with 409 and who was faster; all typed stays."""
    member = _load(person_id)
    form = forms.PersonForm(request.form)
    known = forms.read_facts(form)
    if known is None:
        return _form_page(form, summary(form), 422, member=member)
    try:
        if known.role != member.facts.role or known.email != member.facts.email:
            prove(form)
        with transaction() as session:
            persons.change(
                session,
                person_id,
                known,
                revision=_whole(form.revision.data),
                actor_id=current_user.id,
                now=clock.now(),
            )
    except NotFound:
        raise
    except ChangedMeanwhile as refusal:
        member = _load(person_id)
        form.revision.data = member.revision
        errors = refuse(form, refusal)
        return _form_page(form, errors, refusal.status, member=member)
    except Refusal as refusal:
        return _form_page(form, refuse(form, refusal), refusal.status, member=member)
    return go(url_for(".staff_show", person_id=person_id))


def _whole(typed: str | None) -> int:
    """The revision that came back; 0 when it is none, which no person has."""
    text = typed or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _active_page(person_id: UUID, form: Any, errors: Errors, status: int) -> Response:
    member = _load(person_id)
    return private(
        page("people/active.html", status=status, member=member, form=form, proved=is_proved(), errors=errors)
    )


@bp.get("/people/staff/<uuid:person_id>/active")
@needs("people.manage")
def staff_active(person_id: UUID) -> Response:
    """Ask before somebody is switched off or on."""
    errors: Errors = [(None, OwnAccount.sentence)] if person_id == current_user.id else []
    return _active_page(person_id, forms.ProofForm(), errors, 200)


@bp.post("/people/staff/<uuid:person_id>/active")
@needs("people.manage")
def staff_switch(person_id: UUID) -> Response:
    """Switch somebody off, which ends his sessions at once, or on again."""
    form = forms.ProofForm(request.form)
    wanted = request.form.get("active")
    if wanted not in {"yes", "no"}:
        _load(person_id)
        abort(422)
    try:
        prove(form)
        with transaction() as session:
            persons.set_active(session, person_id, wanted == "yes", actor_id=current_user.id, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _active_page(person_id, form, refuse(form, refusal), refusal.status)
    return go(url_for(".staff_show", person_id=person_id))


# -- helping in ---------------------------------------------------------------------------------------------------


@bp.get("/people/help")
@needs("people.reset")
def help_list() -> Response:
    """Whom one may help in: administrators everybody, supervisors the officers."""
    text = " ".join(request.args.get("text", "")[:60].split())
    with reading() as session:
        people = [
            one
            for one in queries.active_people(session)
            if may_help(current_user.role, one.role) and text.casefold() in one.name.casefold()
        ]
    return private(page("people/help.html", people=people, text=text))


def _invite_page(person_id: UUID, form: Any, errors: Errors, status: int) -> Response:
    member = _load(person_id)
    if not _may_invite(member):
        raise NotFound
    with reading() as session:
        held = credentials.held(session, person_id)
    return private(
        page(
            "people/invite.html",
            status=status,
            member=member,
            held=held,
            form=form,
            proved=is_proved(),
            back_url=url_for(".staff_show", person_id=person_id)
            if current_user.may("people.read")
            else url_for(".help_list"),
            errors=errors,
        )
    )


@bp.get("/people/staff/<uuid:person_id>/invite")
@needs("people.reset")
def staff_invite(person_id: UUID) -> Response:
    """Ask before a link is made; older ones die by it."""
    return _invite_page(person_id, forms.ProofForm(), [], 200)


@bp.post("/people/staff/<uuid:person_id>/invite")
@needs("people.reset")
def staff_invited(person_id: UUID) -> Response:
    """Make the link and show it, once. Nobody but its owner chooses the password."""
    form = forms.ProofForm(request.form)
    member = _load(person_id)
    if not _may_invite(member):
        raise NotFound
    tell = current_app.extensions.get("fieldops.tell_invited")
    try:
        prove(form)
        with transaction() as session:
            made = entry.invite(session, person_id, actor_id=current_user.id, now=clock.now(), tell=tell)
    except NotFound:
        raise
    except Refusal as refusal:
        return _invite_page(person_id, form, refuse(form, refusal), refusal.status)
    return private(page("people/invited.html", made=made, told=tell is not None and bool(made.email), **_link(made)))


def _link(made: Invitation) -> dict[str, Any]:
    """The address, and its QR code for the phone of whom it is for."""
    address = f"{current_app.extensions['fieldops.settings'].staff_url}/password/{made.token}"
    return {"address": address, "qr_svg": qr.svg(address, label="Kode QR tautan", size=240, max_version=9)}


def _drop_page(person_id: UUID, form: Any, errors: Errors, status: int) -> Response:
    member = _load(person_id)
    with reading() as session:
        held = credentials.held(session, person_id)
    return private(
        page(
            "people/factor_drop.html",
            status=status,
            member=member,
            held=held,
            form=form,
            is_me=person_id == current_user.id,
            proved=is_proved(),
            errors=errors,
        )
    )


@bp.get("/people/staff/<uuid:person_id>/second-step")
@needs("people.manage")
def factor_drop(person_id: UUID) -> Response:
    """Ask why, and whether it is really he, before a lost second step is taken away."""
    return _drop_page(person_id, forms.DropForm(), [], 200)


@bp.post("/people/staff/<uuid:person_id>/second-step")
@needs("people.manage")
def factor_dropped(person_id: UUID) -> Response:
    """Take a lost second step away. The password stays, every session ends, the reason is in the log."""
    form = forms.DropForm(request.form)
    if form.reason.data not in forms.LOST:
        form.reason.errors = ["Pilih mengapa langkah kedua dilepas."]
    if not form.seen.data:
        form.seen.errors = ["Temui orangnya dulu: yang meminta lewat telepon atau pesan bisa orang lain."]
    if person_id == current_user.id:
        raise NotFound("Langkah kedua Anda sendiri diganti di halaman Akun saya.")
    if summary(form):
        return _drop_page(person_id, form, summary(form), 422)
    try:
        prove(form)
        with transaction() as session:
            actor = staff(current_user.id)
            persons.lock(session, current_user.id, person_id)
            credential_service.drop_second_step(
                session, person_id, actor=actor, reason=form.reason.data, now=clock.now()
            )
            entry.end_all(session, person_id, actor=actor, now=clock.now(), why="second-step.drop")
    except NotFound:
        raise
    except Refusal as refusal:
        return _drop_page(person_id, form, refuse(form, refusal), refusal.status)
    return go(url_for(".staff_show", person_id=person_id))


# -- sessions -----------------------------------------------------------------------------------------------------


@bp.post("/people/staff/<uuid:person_id>/sessions/<uuid:session_id>/end")
@needs("people.manage")
def staff_session_end(person_id: UUID, session_id: UUID) -> Response:
    """End one session of somebody."""
    _load(person_id)
    with transaction() as session:
        entry.end_one(session, session_id, person_id, actor=staff(current_user.id), now=clock.now())
    return go(url_for(".staff_show", person_id=person_id))


@bp.post("/people/staff/<uuid:person_id>/sessions/end")
@needs("people.manage")
def staff_sessions_end(person_id: UUID) -> Response:
    """End all sessions of somebody; of oneself all but this one."""
    _load(person_id)
    me = current_user
    with transaction() as session:
        but = me.session_id if person_id == me.id else None
        entry.end_all(session, person_id, actor=staff(me.id), now=clock.now(), why="admin", but=but)
    return go(url_for(".staff_show", person_id=person_id))


# -- export -------------------------------------------------------------------------------------------------------


def _export_page(form: Any, errors: Errors, status: int) -> Response:
    return private(page("people/export.html", status=status, form=form, proved=is_proved(), errors=errors))


@bp.get("/people/export")
@needs("people.manage")
def export_new() -> Response:
    """Ask before a list with personal data leaves."""
    return _export_page(forms.ProofForm(), [], 200)


@bp.post("/people/export")
@needs("people.manage")
def export_file() -> Response:
    """The active staff as CSV, in the columns that an import reads. Who took it is in the log."""
    form = forms.ProofForm(request.form)
    try:
        prove(form)
    except Refusal as refusal:
        return _export_page(form, refuse(form, refusal), refusal.status)
    with transaction() as session:
        people = [one.facts for one in queries.known_people(session) if one.is_active]
        actor, rows = staff(current_user.id), len(people)
        audit.record(session, actor, "people.export", "people", "list", now=clock.now(), rows=rows)
    data = sheets.write_csv([tuple(sheet.COLUMNS.values()), *(sheet.row_of(one) for one in people)])
    return csv_answer(data, f"pegawai-{clock.today()}.csv")


def csv_answer(data: bytes, name: str) -> Response:
    """A file to keep, never shown by the browser."""
    answer = current_app.make_response(data)
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return private(answer)
