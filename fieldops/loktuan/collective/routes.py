"""The contact's pages: see the list, add one or many, take one off, print the tickets. Complete without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import request, url_for

from fieldops.core.booking import rules
from fieldops.core.booking.queries import collective as lists
from fieldops.core.booking.routes.public import busy
from fieldops.core.booking.service import collective
from fieldops.core.booking.service.collective import GroupWish
from fieldops.core.booking.service.holds import PersonIn
from fieldops.kit import clock, keys, qr, throttle
from fieldops.kit.access import public
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal, Stale
from fieldops.kit.forms import new_key, options, read_id, refuse, summary
from fieldops.kit.indonesian import clock_time, long_date
from fieldops.kit.page import go, page, private
from fieldops.loktuan.collective import forms, queries
from fieldops.loktuan.requests.routes import Errors, sent_key
from fieldops.loktuan.routes import public_bp as bp

if TYPE_CHECKING:
    from flask import Response

    from fieldops.core.booking.queries.collective import GroupSession
    from fieldops.loktuan.collective.queries import GroupTrip

_MANY, _MOVE = "many-", "move-"


def _own(token: str) -> GroupTrip:
    """The trip of this link; wrong and old links get one neutral answer."""
    with reading() as session:
        found = queries.by_token(session, token.upper())
    if found is None:
        raise NotFound("Daftar ini tidak ditemukan. Periksa lagi tautan dari kantor.")
    return found


def _fill(form: forms.PersonForm | forms.ManyForm | forms.MoveForm, sessions: list[GroupSession]) -> None:
    """Only sessions that can be chosen are choices; a single one is chosen already."""
    free = [one for one in sessions if one.is_free]
    form.session.choices = options(
        (str(one.id), f"{long_date(one.day)}, pukul {clock_time(one.starts_at, clock.ZONE)} WITA · sisa {one.left}")
        for one in free
    )
    if len(free) == 1 and not form.session.data:
        form.session.data = str(free[0].id)


def _show(
    trip: GroupTrip,
    errors: Errors,
    status: int,
    *,
    form: forms.PersonForm | None = None,
    many: forms.ManyForm | None = None,
    move: forms.MoveForm | None = None,
    key: str = "",
    many_key: str = "",
) -> Response:
    form, many = form or forms.PersonForm(), many or forms.ManyForm(prefix=_MANY)
    move = move or forms.MoveForm(prefix=_MOVE)
    now = clock.now()
    with reading() as session:
        sessions = lists.sessions(session, trip.page_id, now=now)
        people = lists.listed(session, trip.page_id)
    _fill(form, sessions)
    _fill(many, sessions)
    _fill(move, sessions)
    return private(
        page(
            "loktuan/collective.html",
            status=status,
            trip=trip,
            sessions=sessions,
            people=people,
            is_open=trip.is_published and any(one.is_free for one in sessions),
            one_is_kept=bool(form.errors),
            many_are_kept=bool(many.errors),
            form=form,
            many=many,
            move=move,
            left=sum(not one.stands for one in people),
            key=key or new_key(),
            many_key=many_key or new_key(),
            most=rules.MAX_LINES,
            now=now,
            errors=errors,
        )
    )


@bp.get("/K/<token>")
@public
def collective_show(token: str) -> Response:
    """Sessions with what is left for the group, the people so far, and the two forms."""
    return _show(_own(token), [], 200)


def _phone(trip: GroupTrip, own: str) -> str:
    if own or trip.phone_sealed is None:
        return own
    return keys.unseal(trip.phone_sealed, str(trip.request_id))


def _known_sessions(trip: GroupTrip, form: forms.PersonForm | forms.ManyForm | forms.MoveForm) -> None:
    """Before the check all sessions are choices: one that filled up meanwhile is refused in better words later."""
    with reading() as session:
        sessions = lists.sessions(session, trip.page_id, now=clock.now())
    form.session.choices = options((str(one.id), "") for one in sessions)


def _may_try() -> bool:
    return throttle.allow("collective", request.remote_addr or "", limit=200, seconds=120)


@bp.post("/K/<token>")
@public
def collective_add(token: str) -> Response:
    """One person more."""
    trip, key = _own(token), sent_key()
    form = forms.PersonForm(request.form)
    _known_sessions(trip, form)
    fine = form.validate()
    if not (forms.choices_are_known(form) and fine):
        return _show(trip, summary(form), 422, form=form, key=key)
    if not _may_try():
        return busy()
    person = PersonIn(form.name.value, form.nik.value, rules.Service(form.service.data), form.help.data)
    wish = GroupWish(trip.page_id, UUID(form.session.data), person, _phone(trip, form.phone.value), key)
    try:
        _add(trip, wish)
    except Refusal as refusal:
        return _show(trip, refuse(form, refusal), 422, form=form, key=key)
    return go(url_for(".collective_show", token=trip.token))


def _add(trip: GroupTrip, wish: GroupWish) -> None:
    if not trip.is_published:
        raise rules.ListClosed(field="session")
    try:
        again_when_stale(lambda session: collective.add(session, wish, now=clock.now()))
    except Stale as stale:  # three times overtaken: the same NIK is sent from elsewhere at this very moment
        raise rules.HeldElsewhere(field="nik") from stale


@bp.post("/K/<token>/banyak")
@public
def collective_add_many(token: str) -> Response:
    """A pasted list, each line for itself: good ones are kept, the others stay in the field with a sentence each."""
    trip, key = _own(token), sent_key()
    many = forms.ManyForm(request.form, prefix=_MANY)
    _known_sessions(trip, many)
    try:
        lines = rules.read_lines(many.lines.data or "")
        if not lines:
            raise rules.WrongLine(field="lines")
    except Refusal as refusal:
        return _show(trip, refuse(many, refusal), 422, many=many, many_key=key)
    if not forms.choices_are_known(many):
        return _show(trip, summary(many), 422, many=many, many_key=key)
    if not _may_try():
        return busy()
    bad, good = [], set()
    for line in lines:
        problem = line.problem or _add_line(trip, many, line, key)
        if problem:
            bad.append((line.text, problem))
        else:
            good.add(line.nik)
    if not bad:
        return go(url_for(".collective_show", token=trip.token))
    many.lines.data = "\n".join(text for text, _ in bad)
    many.lines.errors = [f"Baris {number}: {problem}" for number, (_, problem) in enumerate(bad, 1)]
    told = f"{len(good)} orang sudah masuk daftar. " if good else ""
    head = f"{told}{len(bad)} baris belum bisa dimasukkan; perbaiki di bawah, lalu kirim lagi."
    return _show(trip, [(many.lines.id, head), *summary(many)], 422, many=many, many_key=key)


def _add_line(trip: GroupTrip, many: forms.ManyForm, line: rules.Line, key: str) -> str:
    """Add the person of one line in a transaction of its own; the sentence when it is refused."""
    person = PersonIn(line.name, line.nik, rules.Service(many.service.data))
    form_key = collective.line_key(key, line.nik)
    wish = GroupWish(trip.page_id, UUID(many.session.data), person, _phone(trip, ""), form_key)
    try:
        _add(trip, wish)
    except Refusal as refusal:
        return refusal.sentence
    return ""


@bp.post("/K/<token>/hapus")
@public
def collective_remove(token: str) -> Response:
    """Take one person off the list."""
    trip = _own(token)
    booking_id = read_id(request.form.get("booking"))
    if booking_id is None:
        raise NotFound
    try:
        with transaction() as session:
            collective.remove(session, trip.page_id, booking_id, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(trip, [(None, refusal.sentence)], refusal.status)
    return go(url_for(".collective_show", token=trip.token))


@bp.post("/K/<token>/pindah")
@public
def collective_move(token: str) -> Response:
    """Whoever stands on a session that is not to be goes to another one, without being entered again."""
    trip = _own(token)
    form = forms.MoveForm(request.form, prefix=_MOVE)
    _known_sessions(trip, form)
    if not forms.choices_are_known(form):
        return _show(trip, summary(form), 422, move=form)
    target = UUID(form.session.data)
    try:
        again_when_stale(lambda session: collective.move_left(session, trip.page_id, target, now=clock.now()))
    except Refusal as refusal:
        return _show(trip, refuse(form, refusal), refusal.status, move=form)
    return go(url_for(".collective_show", token=trip.token))


@bp.get("/K/<token>/tiket")
@public
def collective_tickets(token: str) -> Response:
    """All tickets of the list, to be printed and handed out."""
    trip = _own(token)
    with reading() as session:
        listed = lists.listed(session, trip.page_id)
    people = [one for one in listed if one.stands]
    drawn = {
        one.booking_id: qr.svg(one.entry_token, label=f"Kode QR tiket {one.shown_code}", size=200) for one in people
    }
    brings = {one.booking_id: rules.bring([one.service]) for one in people}
    left = len(listed) - len(people)
    return private(
        page("loktuan/collective_tickets.html", trip=trip, people=people, left=left, drawn=drawn, brings=brings)
    )
