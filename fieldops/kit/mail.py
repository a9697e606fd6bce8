"""Plain text mail over SMTP: one mail, one connection, and what went wrong as a class without an address in it."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from fieldops.settings import ADDRESS

if TYPE_CHECKING:
    from datetime import datetime

    from fieldops.settings import Smtp

TIMEOUT = 20.0
"""Seconds that a server may take for each answer."""


class NotSent(Exception):  # noqa: N818 (the house word)
    """The mail is not out. `what` is a class as `refused 550`. `permanent`: the server will never take this mail.
    `all_alike`: it is the server or our account, so the next mail would fare no better now."""

    def __init__(self, what: str, *, permanent: bool = False, all_alike: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.permanent = permanent
        self.all_alike = all_alike


def compose(
    *, sender: str, sender_name: str, to: str, subject: str, text: str, message_id: str, date: datetime
) -> EmailMessage:
    """The mail. `message_id` is without brackets; the same one again makes a second copy recognisable.

    Line breaks and control signs in a name or a subject become blanks. Refuses (NotSent) an address that is none.
    """
    if not ADDRESS.fullmatch(to):
        raise NotSent("address", permanent=True)
    user, _, domain = sender.rpartition("@")
    message = EmailMessage()
    message["From"] = Address(_one_line(sender_name), user, domain)
    message["To"] = to
    message["Subject"] = _one_line(subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = f"<{message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    return message


def _one_line(typed: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


def send(
    smtp: Smtp,
    message: EmailMessage,
    *,
    sender: str,
    to: str,
    hello: str,
    timeout: float = TIMEOUT,
    context: ssl.SSLContext | None = None,
) -> None:
    """Hand one mail to the server; `hello` is the name of this machine. Returns when the server has taken it.

    Raises NotSent. Without encryption nothing is sent to another machine, no password and no mail. A 5xx answer to
    the sender, the recipient or the text is permanent; one to the greeting or the sign-in is not, because it is ours
    to mend.
    """
    context = context or ssl.create_default_context()
    stage = "connect"
    try:
        if smtp.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                smtp.host, smtp.port, local_hostname=hello, timeout=timeout, context=context
            )
        else:
            connection = smtplib.SMTP(smtp.host, smtp.port, local_hostname=hello, timeout=timeout)
        try:
            if smtp.security == "starttls":
                stage = "tls"
                connection.starttls(context=context)
            if smtp.user:
                stage = "login"
                connection.login(smtp.user, smtp.password)
            stage = "connect"
            connection.ehlo_or_helo_if_needed()
            stage = "refused"
            connection.send_message(message, from_addr=sender, to_addrs=[to])
            with suppress(OSError, smtplib.SMTPException):  # it is out, however they part
                connection.quit()
        finally:
            connection.close()
    except (OSError, UnicodeError, smtplib.SMTPException) as error:
        raise _told(error, stage) from None


def _told(error: Exception, stage: str) -> NotSent:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
    elif isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
    else:
        # smtplib hides a silence inside "unexpectedly closed".
        silent = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
        if silent:
            return NotSent("timeout", all_alike=True)
        if isinstance(error, ssl.SSLError) or stage == "tls":
            return NotSent("tls", all_alike=True)
        if isinstance(error, smtplib.SMTPServerDisconnected):
            return NotSent("hung-up", all_alike=stage != "refused")
        return NotSent(stage, all_alike=True)
    if stage != "refused":
        return NotSent(f"{stage} {code}", all_alike=True)
    if 500 <= code <= 599:
        return NotSent(f"refused {code}", permanent=True)
    return NotSent(f"busy {code}", all_alike=code == 421)
