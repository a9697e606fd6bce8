"""Timed work: mail what is due, forget what is old."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fieldops.core.notices import queries, service
from fieldops.core.notices.rules import mail_text
from fieldops.kit import clock, logs, mail
from fieldops.kit.db import reading, transaction

if TYPE_CHECKING:
    from fieldops.core.notices.rules import Letter
    from fieldops.settings import Settings, Smtp


def send_due(settings: Settings) -> int:
    """Send what is due, one mail after the other; returns how many went out.

    A mail is taken in one transaction and marked in another; between the two nothing is locked. A worker that dies
    between them leaves a lease: the mail goes out again after it, with the same Message-ID. When the server itself
    fails, the rest waits for the next run. Without a server nothing waits.
    """
    if settings.smtp is None:
        with reading() as session:
            queued = queries.is_queued(session)
        if queued:
            with transaction() as session:
                service.drop_mail(session)
        return 0
    count = 0
    while True:
        with reading() as session:
            due = queries.is_due(session, now=clock.now())
        if not due:
            return count
        with transaction() as session:
            letter = service.claim(session, now=clock.now())
        if letter is None:
            return count
        problem = _send(settings, settings.smtp, letter)
        if problem is None:
            with transaction() as session:
                service.mark_sent(session, letter)
            count += 1
            continue
        with transaction() as session:
            over = service.mark_failed(session, letter, problem.what, permanent=problem.permanent, now=clock.now())
        logs.log().warning(
            "mail not sent", notice=str(letter.notice_id), error=problem.what, tries=letter.tries, given_up=over
        )
        if problem.all_alike:
            return count


def _send(settings: Settings, smtp: Smtp, letter: Letter) -> mail.NotSent | None:
    """Hand the mail over; what went wrong, or None."""
    host = urlsplit(settings.staff_url).hostname or "localhost"
    url = f"{settings.staff_url}/inbox/{letter.notice_id}"
    try:
        message = mail.compose(
            sender=settings.mail_from,
            sender_name=settings.office_short,
            to=letter.address,
            subject=letter.title,
            text=mail_text(letter, url=url, office=settings.office_name),
            message_id=f"{letter.notice_id}@{host}",
            date=clock.in_office(letter.made_at),
        )
        mail.send(smtp, message, sender=settings.mail_from, to=letter.address, hello=host)
    except mail.NotSent as problem:
        return problem
    return None


def erase_old(settings: Settings) -> int:
    """Erase old notices, a batch in each transaction; returns how many."""
    total = 0
    while True:
        with transaction() as session:
            done = service.erase_old(session, now=clock.now(), days=settings.notice_days)
        total += done
        if done == 0:
            return total
