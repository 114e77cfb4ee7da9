"""A mail server on 127.0.0.1 that speaks STARTTLS with a certificate of its own, and what was handed to it."""

from __future__ import annotations

import ssl
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.fakes.certificate import certificate
from tests.fakes.ports import free_port

USER, PASSWORD = "desk", "a password of the mail server"


class FakeMail:
    """`mails` are those taken. `refuse` is what every RCPT is answered with, while it is set; `starttls`: offered."""

    def __init__(self, folder: Path, *, starttls: bool = True) -> None:
        self.mails: list[Message] = []
        self.refuse = ""
        self.in_secret: list[bool] = []
        self.port = free_port()
        shown, key = certificate(folder)
        served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        served.load_cert_chain(shown, key)
        self.trust = ssl.create_default_context(cafile=str(shown))
        more: dict[str, Any] = {"tls_context": served, "require_starttls": True} if starttls else {}
        auth = {"authenticator": self._signs_in, "auth_required": False, "auth_require_tls": True}
        self._controller = Controller(_Taking(self), hostname="127.0.0.1", port=self.port, **auth, **more)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """It is away. Harmless twice."""
        if self._controller.server is not None:
            self._controller.stop()

    def _signs_in(self, server: SMTP, session: Session, envelope: Envelope, how: str, data: object) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


class _Taking(Handler):
    def __init__(self, fake: FakeMail) -> None:
        super().__init__()
        self._fake = fake

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._fake.refuse:
            return self._fake.refuse
        self._fake.in_secret.append(session.ssl is not None)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: Message) -> None:
        self._fake.mails.append(message)
