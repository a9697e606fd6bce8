"""The ticket: show, save, find again, move, cancel. GET shows, POST acts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, make_response, request, url_for

from fieldops.core.booking import rules
from fieldops.core.booking.forms import FindForm
from fieldops.core.booking.queries import public as queries
from fieldops.core.booking.routes import bp
from fieldops.core.booking.routes.offers import explain, load_elsewhere, load_offer, office
from fieldops.core.booking.routes.public import busy, own_ticket
from fieldops.core.booking.rules import State
from fieldops.core.booking.service import tickets
from fieldops.core.booking.ticket_image import TicketFace, ticket_png
from fieldops.core.office.queries import is_demo
from fieldops.kit import clock, qr, throttle
from fieldops.kit.access import public
from fieldops.kit.db import reading, transaction
from fieldops.kit.errors import NotFound, Refusal
from fieldops.kit.ics import calendar_event
from fieldops.kit.indonesian import clock_time, long_date
from fieldops.kit.page import go, page, private

if TYPE_CHECKING:
    from fieldops.core.booking.queries.public import Ticket

OWN = "Jadwal Anda sekarang"


def _bring(ticket: Ticket) -> tuple[str, ...]:
    return rules.bring([who.service for who in ticket.live_people])


@bp.get("/T/<token>")
@public
def ticket_show(token: str) -> Response:
    """P4: the ticket is the confirmation. Survives reload, bookmark and the back button."""
    ticket = own_ticket(token)
    if ticket.state in {State.HELD, State.EXPIRED}:
        return go(url_for(".check_show", token=ticket.token))
    drawn, offer, others = "", None, []
    if ticket.state is State.BOOKED:
        drawn = qr.svg(ticket.entry_token, label=f"Kode QR tiket {ticket.shown_code}", size=232)
        if not ticket.is_open:
            offer = load_offer(ticket.page.code, ticket.pool)
            others = load_elsewhere(offer, ticket.pool, len(ticket.live_people), None, other_scope=True)
    return private(
        page(
            "booking/ticket.html",
            ticket=ticket,
            qr_svg=drawn,
            bring=_bring(ticket),
            offer=offer,
            others=others,
            can_change=ticket.is_open and clock.now() < ticket.starts_at,
        )
    )


@bp.get("/T/<token>/tiket.png")
@public
def ticket_picture(token: str) -> Response:
    """The ticket as a picture to keep: works where chat browsers cannot download pages."""
    ticket = _live(token)
    face = TicketFace(
        office=office().office_name,
        programme=ticket.page.title,
        code_text=ticket.shown_code,
        when_date=long_date(ticket.day),
        when_time=f"pukul {clock_time(ticket.starts_at, clock.ZONE)} {clock.ZONE_NAME}",
        place=ticket.page.place,
        address=ticket.page.address,
        people=[who.short for who in ticket.live_people],
        bring=list(_bring(ticket)),
        qr_text=ticket.entry_token,
        demo=is_demo(),
    )
    answer = make_response(ticket_png(face))
    answer.mimetype = "image/png"
    answer.headers["Content-Disposition"] = f'attachment; filename="tiket-{ticket.shown_code}.png"'
    return private(answer)


@bp.get("/T/<token>/jadwal.ics")
@public
def ticket_calendar(token: str) -> Response:
    """The appointment as a calendar file: one UID for life, the sequence rises with every move, cancel included."""
    ticket = own_ticket(token)
    if ticket.code is None:
        raise NotFound("Tiket tidak ditemukan.")
    cancelled = ticket.state is State.CANCELLED or not ticket.is_open
    text = calendar_event(
        uid=f"{ticket.id}@fieldops",
        sequence=ticket.sequence + (not ticket.is_open),  # a cancelled day is a change too
        starts=ticket.starts_at,
        ends=ticket.ends_at,
        summary=f"{ticket.page.title}: layanan paspor",
        place=f"{ticket.page.place}, {ticket.page.address}",
        description=f"Kode tiket {ticket.shown_code}. Datang 15 menit lebih awal. Bawa: {', '.join(_bring(ticket))}.",
        stamp=clock.now(),
        cancelled=cancelled,
    )
    answer = make_response(text)
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="jadwal-{ticket.shown_code}.ics"'
    return private(answer)


def _live(token: str) -> Ticket:
    ticket = own_ticket(token)
    if ticket.state is not State.BOOKED:
        raise NotFound("Tiket tidak ditemukan.")
    return ticket


@bp.get("/tiket")
@public
def ticket_find() -> Response:
    """P5: find a ticket again."""
    return private(page("booking/find.html", form=FindForm(), errors=[]))


@bp.post("/tiket")
@public
def ticket_found() -> Response:
    """Code and last four digits together, or one neutral answer; slowed down by address and by code."""
    form = FindForm(request.form)
    code = rules.read_code(form.code.data or "")
    last4 = "".join(sign for sign in form.last4.data or "" if sign.isdigit())[-4:]
    who = request.remote_addr or ""
    if not throttle.allow("find", who, limit=60, seconds=600) or not throttle.allow(
        "find-code", code or (form.code.data or "")[:20], limit=10, seconds=600
    ):
        return busy()
    with reading() as session:
        ticket = queries.ticket_by_code(session, code or "-")
    if ticket is None or not ticket.phone_last4 or ticket.phone_last4 != last4:
        errors = [(form.code.id, "Tiket tidak ditemukan. Periksa kode dan 4 angka terakhir nomor ponsel.")]
        return private(page("booking/find.html", status=422, form=form, errors=errors))
    return go(url_for(".ticket_show", token=ticket.token))


@bp.get("/T/<token>/batal")
@public
def ticket_cancel(token: str) -> Response:
    """P6: asks. Opening the link changes nothing."""
    ticket = own_ticket(token)
    if ticket.state is not State.BOOKED:
        return go(url_for(".ticket_show", token=ticket.token))
    return private(page("booking/cancel.html", ticket=ticket, errors=[]))


@bp.post("/T/<token>/batal")
@public
def ticket_cancelled(token: str) -> Response:
    """Cancel the ticket, or one person of a family (`who`: position)."""
    ticket = own_ticket(token)
    who = request.form.get("who", "")
    try:
        with transaction() as session:
            if who:
                position = int(who) if who.isdecimal() and len(who) == 1 else 0
                tickets.cancel_person(session, ticket.token, position, now=clock.now())
            else:
                tickets.cancel(session, ticket.token, now=clock.now())
    except Refusal as refusal:
        errors = [(None, refusal.sentence)]
        return private(page("booking/cancel.html", status=422, ticket=ticket, errors=errors))
    return go(url_for(".ticket_show", token=ticket.token))


@bp.get("/T/<token>/pindah")
@public
def ticket_move(token: str) -> Response:
    """P7: choose another session. The old one stays until the new one is certain."""
    ticket = _live(token)
    offer = load_offer(ticket.page.code, ticket.pool).owned(ticket.session_id, OWN)
    return private(page("booking/move.html", ticket=ticket, offer=offer, errors=[], chosen=None))


@bp.post("/T/<token>/pindah")
@public
def ticket_moved(token: str) -> Response:
    """Move; a full session is explained and nothing is lost."""
    ticket = _live(token)
    chosen = request.form.get("session", "")
    try:
        with transaction() as session:
            tickets.move(session, ticket.token, UUID(chosen), now=clock.now(), minutes=office().hold_minutes)
    except (Refusal, ValueError) as refusal:
        offer = load_offer(ticket.page.code, ticket.pool, fresh=True).owned(ticket.session_id, OWN)
        slot = offer.slot(chosen)
        sentence = refusal.sentence if isinstance(refusal, Refusal) else "Pilih salah satu sesi."
        if slot is not None and isinstance(refusal, Refusal) and refusal.field == "session":
            sentence = explain(slot, offer, len(ticket.live_people))
        errors = [("session", sentence)]
        return private(page("booking/move.html", status=422, ticket=ticket, offer=offer, errors=errors, chosen=slot))
    return go(url_for(".ticket_show", token=ticket.token))
