"""Pages to workers by e-mail: SMTP with STARTTLS, nothing but that something waits, and a link to the console.

News to an agency goes the same way, without the link.

What the far end says of a refusal often repeats the address, so no words of it go anywhere: a failure has its number.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import cast

import aiosmtplib

from bot.channels.base import Broken, Outgoing, PagesOnly, Receipt, SendFailed, TryLater, Unknown, Unreachable

CONNECT_SECONDS = 6.0
SIGN_IN = (530, 534, 535, 538)  # codes of a server that does not take our name and password


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail is handed over, and as whom. Without a `user` nobody signs in."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""


class EmailChannel(PagesOnly):
    """One mail a page, each over a connection of its own: they are few. `link` leads to the console's queue."""

    name = "email"

    def __init__(self, mailbox: Mailbox, link: str, trust: ssl.SSLContext | None = None) -> None:
        self._mailbox, self._link = mailbox, link
        self._trust = trust or ssl.create_default_context()

    def wording(self, outgoing: Outgoing) -> str:
        return f"{outgoing.text}\n{self._link}\n" if outgoing.leads else f"{outgoing.text}\n"

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand it over, once. A server without STARTTLS is Broken('starttls'): no page goes in clear."""
        mail = self._mail(outgoing)
        failure: SendFailed
        handed_over = False
        try:
            async with self._in_secret() as client:
                handed_over = True
                await client.send_message(mail)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            code = refused.recipients[0].code if refused.recipients else 550
            failure = Unreachable(str(code)) if code >= 500 else TryLater(str(code))
        except aiosmtplib.SMTPResponseException as refused:
            failure = _refused(refused.code)
        except (aiosmtplib.SMTPException, OSError, ValueError):  # a time-out is one of the first
            failure = Unknown("reset") if handed_over else TryLater("connect")
        else:
            return Receipt(outgoing.id, "sent")
        raise failure  # outside of the handler: the original holds the address

    @asynccontextmanager
    async def _in_secret(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A line that nobody else reads, signed in; Broken('starttls') where the server has none."""
        client = aiosmtplib.SMTP(
            hostname=self._mailbox.host,
            port=self._mailbox.port,
            use_tls=False,
            start_tls=False,  # below, so that its lack has a name of its own
            timeout=CONNECT_SECONDS,
            tls_context=self._trust,
        )
        line: asyncio.Transport | None = None
        try:
            async with client:
                await client.ehlo()
                if not client.supports_extension("starttls"):
                    raise Broken("starttls")
                await client.starttls()
                line = cast("asyncio.Transport", client.transport)
                if self._mailbox.user:
                    await client.login(self._mailbox.user, self._mailbox.password)
                yield client
        finally:
            if line is not None:
                line.abort()  # good-bye is said: a far end that does not hang up would keep it open for half a minute

    def _mail(self, outgoing: Outgoing) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._mailbox.sender, outgoing.address, outgoing.subject
        mail["Message-ID"] = (
            f"<{outgoing.id}@{self._mailbox.sender.rpartition('@')[2]}>"  # twice is once at most readers
        )
        mail["Auto-Submitted"] = "auto-generated"  # no "out of office" comes back
        mail.set_content(self.wording(outgoing))
        return mail


def _refused(code: int) -> SendFailed:
    if code in SIGN_IN:
        return Broken(str(code))
    return TryLater(str(code)) if code < 500 else Broken(str(code))
