"""From the poster to the check page. Plain forms, no cookie: all a visitor owns is the token in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import abort, make_response, request, url_for

from fieldops.core.booking import forms, rules
from fieldops.core.booking.queries import public as queries
from fieldops.core.booking.queries.public import Other, Slot, Ticket
from fieldops.core.booking.routes import bp
from fieldops.core.booking.routes.offers import Offer, explain, load_elsewhere, load_offer, office
from fieldops.core.booking.rules import Pool, State
from fieldops.core.booking.service import holds, tickets
from fieldops.core.booking.service.holds import PersonIn, Wish
from fieldops.kit import clock, keys, throttle
from fieldops.kit.access import public
from fieldops.kit.db import again_when_stale, reading, transaction
from fieldops.kit.errors import NotFound, Refusal, Stale
from fieldops.kit.forms import new_key, read_key, refuse, summary
from fieldops.kit.memory import remember
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from flask import Response
    from wtforms import Form


def wanted_pool() -> Pool:
    """Two pools can be asked for online; anything else reads as the public one."""
    asked = request.form if request.method == "POST" else request.args
    return Pool.PRIORITY if asked.get("pool") == Pool.PRIORITY.value else Pool.PUBLIC


@bp.get("/")
@public
def home() -> Response:
    """What can be booked now."""
    with reading() as session:
        pages = queries.open_pages(session, now=clock.now())
    return page("booking/home.html", pages=pages, now=clock.now())


@bp.get("/bantuan")
@public
def help_show() -> Response:
    """Privacy and help."""
    return page("booking/help.html")


@bp.get("/j/<code>")
@public
def page_lower(code: str) -> Response:
    """People type addresses in lower case."""
    return go(url_for(".page_show", code=code.upper()))


@bp.get("/J/<code>")
@public
def page_show(code: str) -> Response:
    """P1: choose a session. The page is the same for everybody and drawn at most once a second."""
    pool, people = wanted_pool(), forms.people_in(request.args)

    def draw() -> bytes:
        offer = load_offer(code, pool, fresh=True)
        others = load_elsewhere(offer, pool, people, None)
        drawn = page("booking/page_show.html", offer=offer, pool=pool, people=people, errors=[], others=others)
        return drawn.get_data()

    answer = make_response(remember(("slots", code, pool, people), office().slot_memory_seconds, draw))
    answer.headers["Cache-Control"] = "public, max-age=2"
    return answer


@bp.get("/J/<code>/data")
@public
def data_new(code: str) -> Response:
    """P2: who comes. Without a free session it is P1 again, which says why."""
    pool = wanted_pool()
    offer = load_offer(code, pool)
    people = forms.people_in(request.args)
    slot = offer.slot(request.args.get("session"))
    if slot is None or not slot.is_free or slot.left < people:
        others: list[Other] = []
        complaint = "Pilih salah satu sesi."
        if slot is not None:
            others = load_elsewhere(offer, pool, people, slot)
            complaint = explain(slot, offer, people, others)
        return page(
            "booking/page_show.html",
            status=422,
            offer=offer,
            pool=pool,
            people=people,
            errors=[("session", complaint)],
            chosen=slot,
            others=others,
        )
    form = forms.data_form(people, correcting=False, priority=pool is Pool.PRIORITY)()
    return _data_page(offer, slot, pool, people, form, new_key())


def _data_page(
    offer: Offer,
    slot: Slot | None,
    pool: Pool,
    people: int,
    form: Form,
    key: str,
    *,
    errors: list[tuple[str | None, str]] | None = None,
    status: int = 200,
    ticket: Ticket | None = None,
    choices: list[Slot] | None = None,
    others: list[Other] | None = None,
) -> Response:
    if ticket:
        action = url_for(".data_correct", token=ticket.token)
    else:  # the address of a refused form is that of a page, so that reload and Back lead to one
        action = url_for(
            ".data_create",
            code=offer.page.code,
            session=slot.id if slot else None,
            people=people,
            pool=pool.value if pool is Pool.PRIORITY else None,
        )
    return private(
        page(
            "booking/data.html",
            status=status,
            offer=offer,
            slot=slot,
            pool=pool,
            people=people,
            form=form,
            key=key,
            errors=_by_person(errors or [], people),
            action=action,
            ticket=ticket,
            choices=choices or [],
            others=others or [],
        )
    )


def _by_person(errors: list[tuple[str | None, str]], people: int) -> list[tuple[str | None, str]]:
    """In the summary of a form for several people each complaint says about whom it is."""
    told = []
    for id_, sentence in errors:
        number = (id_ or "").rpartition("_")[2]
        told.append((id_, f"Orang ke-{number}: {sentence}" if people > 1 and number.isdecimal() else sentence))
    return told


@bp.post("/J/<code>/data")
@public
def data_create(code: str) -> Response:
    """Claim the seats for ten minutes and go on to the check page."""
    offer = load_offer(code, wanted_pool())
    key = read_key(request.form.get("key"))
    if key is None:
        abort(422)
    return _hold(offer, key, None)


def _hold(offer: Offer, key: str, ticket: Ticket | None) -> Response:
    pool, people = wanted_pool(), forms.people_in(request.form)
    priority = pool is Pool.PRIORITY
    form = forms.data_form(people, correcting=ticket is not None, priority=priority)(request.form)
    slot = offer.slot(form["session"].data)
    fine = form.validate()
    fine = forms.choices_are_known(form, people, priority=priority) and fine
    fine = forms.niks_are_there(form, people, kept=len(ticket.people) if ticket else 0) and fine
    if not fine:
        return _data_page(offer, slot, pool, people, form, key, errors=summary(form), status=422, ticket=ticket)
    if request.form.get("website"):
        abort(422)
    if not throttle.allow("hold", request.remote_addr or "", limit=200, seconds=120):
        return busy()
    try:
        session_id = UUID(form["session"].data)
    except (ValueError, TypeError):
        session_id = UUID(int=0)
    wish = Wish(offer.page.code, session_id, pool, form["phone"].value, _people(form, people, ticket), key)
    try:
        held = again_when_stale(
            lambda session: holds.hold(session, wish, now=clock.now(), minutes=office().hold_minutes)
        )
    except Refusal as found:
        # Whoever is still overtaken after three looks sends the same NIK from several tabs at this very moment.
        refusal = rules.HeldElsewhere() if isinstance(found, Stale) else found
        fresh = load_offer(offer.page.code, pool, fresh=True)
        slot = fresh.slot(session_id)
        choices: list[Slot] = []
        others: list[Other] = []
        if refusal.field == "session":
            others = load_elsewhere(fresh, pool, people, slot)
            if slot is not None:
                refusal.sentence = explain(slot, fresh, people, others)
            choices = fresh.nearest(slot, people)
        return _data_page(
            fresh,
            slot,
            pool,
            people,
            form,
            key,
            errors=refuse(form, refusal),
            status=refusal.status,
            ticket=ticket,
            choices=choices,
            others=others,
        )
    if held.state is State.BOOKED:
        return go(url_for(".ticket_show", token=held.token))
    if held.state is State.CANCELLED:
        return go(url_for(".ticket_show", token=held.token))
    return go(url_for(".check_show", token=held.token))


def _people(form: Form, people: int, ticket: Ticket | None) -> tuple[PersonIn, ...]:
    kept = {who.position: who for who in ticket.people} if ticket else {}
    return tuple(
        PersonIn(
            name=form[f"name_{n}"].value,
            nik=form[f"nik_{n}"].value,
            service=rules.Service(form[f"service_{n}"].data),
            help=form[f"help_{n}"].data,
            kept_hash=kept[n].nik_hash if n in kept else None,
            kept_last4=kept[n].nik_last4 if n in kept else "",
        )
        for n in range(1, people + 1)
    )


def busy() -> Response:
    """Too many tries from one address: told plainly, with when to try again."""
    answer = private(page("errors/busy.html", status=429, seconds=60))
    answer.headers["Retry-After"] = "60"
    return answer


def own_ticket(token: str) -> Ticket:
    """The ticket of this token; wrong and old links get one neutral answer."""
    with reading() as session:
        ticket = queries.ticket_by_token(session, token.upper())
    if ticket is None:
        raise NotFound("Tiket tidak ditemukan.")
    return ticket


@bp.get("/D/<token>")
@public
def check_show(token: str) -> Response:
    """P3: check, then send. A booked ticket moves on; a hold that ran out offers what is free."""
    ticket = own_ticket(token)
    if ticket.state in {State.BOOKED, State.CANCELLED}:
        return go(url_for(".ticket_show", token=ticket.token))
    if ticket.state is State.EXPIRED:
        return _expired(ticket, rules.HoldGone(), status=200)
    return private(page("booking/check.html", ticket=ticket, errors=[], late=_is_late(ticket)))


def _is_late(ticket: Ticket) -> bool:
    return ticket.held_until is not None and clock.now() > ticket.held_until


def _expired(ticket: Ticket, refusal: Refusal, *, status: int) -> Response:
    offer = load_offer(ticket.page.code, ticket.pool, fresh=True)
    slot, people = offer.slot(ticket.session_id), len(ticket.live_people)
    return private(
        page(
            "booking/expired.html",
            status=status,
            ticket=ticket,
            offer=offer,
            choices=offer.nearest(slot, people),
            others=load_elsewhere(offer, ticket.pool, people, slot),
            errors=[("session", refusal.sentence)],
        )
    )


@bp.post("/D/<token>")
@public
def check_confirm(token: str) -> Response:
    """Send: the hold becomes the booking. Sent twice, the same ticket answers."""
    try:
        held = again_when_stale(lambda session: tickets.confirm(session, token.upper(), now=clock.now()))
    except NotFound:
        raise
    except Refusal as refusal:
        return _expired(own_ticket(token), refusal, status=422)
    return go(url_for(".ticket_show", token=held.token))


@bp.get("/D/<token>/sesi")
@public
def session_edit(token: str) -> Response:
    """Another session for a draft, before it is sent."""
    ticket = own_ticket(token)
    if ticket.state not in {State.HELD, State.EXPIRED}:
        return go(url_for(".ticket_show", token=ticket.token))
    offer = load_offer(ticket.page.code, ticket.pool)
    late = ticket.state is State.EXPIRED or _is_late(ticket)
    if not late:
        offer = offer.owned(ticket.session_id, "Pilihan Anda sekarang")
    return private(page("booking/session_edit.html", ticket=ticket, offer=offer, late=late))


@bp.post("/D/<token>/sesi")
@public
def check_session(token: str) -> Response:
    """The hold ran out, or another session is wanted: hold seats there with the same data."""
    ticket = own_ticket(token)
    if ticket.state not in {State.HELD, State.EXPIRED}:
        return go(url_for(".ticket_show", token=ticket.token))
    try:
        target = UUID(request.form.get("session", ""))
    except ValueError:
        return _expired(ticket, Refusal("Pilih salah satu sesi."), status=422)
    try:
        with transaction() as session:
            tickets.move(session, ticket.token, target, now=clock.now(), minutes=office().hold_minutes)
    except Refusal as refusal:
        return _expired(ticket, refusal, status=422)
    return go(url_for(".check_show", token=ticket.token))


@bp.get("/D/<token>/ubah")
@public
def data_edit(token: str) -> Response:
    """P2 again, filled. The NIK is not stored, so it stays unless typed anew."""
    ticket = own_ticket(token)
    if ticket.state not in {State.HELD, State.EXPIRED}:
        return go(url_for(".ticket_show", token=ticket.token))
    offer = load_offer(ticket.page.code, ticket.pool)
    people = len(ticket.people)
    values: dict[str, Any] = {"session": str(ticket.session_id)}
    if ticket.phone_sealed is not None:
        values["phone"] = keys.unseal(ticket.phone_sealed, str(ticket.id)).replace("+62", "0")
    for who in ticket.people:
        n = who.position
        values |= {f"name_{n}": who.name, f"service_{n}": who.service.value, f"help_{n}": who.help}
    form = forms.data_form(people, correcting=True, priority=ticket.pool is Pool.PRIORITY)(data=values)
    return _data_page(offer, offer.slot(ticket.session_id), ticket.pool, people, form, ticket.form_key, ticket=ticket)


@bp.post("/D/<token>/ubah")
@public
def data_correct(token: str) -> Response:
    """The corrected data under the same key: the hold is made anew."""
    ticket = own_ticket(token)
    if ticket.state not in {State.HELD, State.EXPIRED}:
        return go(url_for(".ticket_show", token=ticket.token))
    return _hold(load_offer(ticket.page.code, wanted_pool()), ticket.form_key, ticket)
