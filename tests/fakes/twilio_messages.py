"""The records of a messaging provider: what came in, what was accepted, how far each message got."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from tests.fakes.server import FakeServer

STOPS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
STARTS = {"START", "YES", "UNSTOP"}


@dataclass
class Message:
    """One Message resource."""

    sid: str
    sender: str
    to: str
    body: str
    direction: str
    status: str
    created: datetime
    sent: datetime | None = None
    error: int | None = None
    media: tuple[str, ...] = ()
    callback: str = ""
    deleted: bool = False


class Messages(FakeServer):
    """Of one account with one number, latest last."""

    def __init__(self, account: str, number: str, state: Path | None) -> None:
        super().__init__(state)
        self.account, self.number = account, number
        self.messages: dict[str, Message] = {}
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # a story's own, where it moves one
        self._stopped: set[tuple[str, str]] = set()
        self._sids = itertools.count(1)

    # -- what a test asks and does

    @property
    def sent(self) -> list[Message]:
        """What we accepted from the service, in order; deleted records too."""
        with self._lock:
            return [message for message in self.messages.values() if message.direction != "inbound"]

    def texts_to(self, phone: str) -> list[str]:
        return [message.body for message in self.sent if message.to == phone]

    def settle(self, sid: str, status: str = "delivered", error: int | None = None) -> None:
        """A message gets further. Nobody is told; `report` does that."""
        with self._lock:
            message = self.messages[sid]
            message.status, message.error = status, error
            message.sent = message.sent or self._now()

    def missed(self, body: str, from_: str, *, to: str = "", media: Sequence[str] = ()) -> str:
        """A text comes in while the webhook cannot be reached: it is only in the list. Returns the SID."""
        return self._came_in(body, from_, to or self.number, media).sid

    # -- for subclasses

    def _came_in(self, body: str, from_: str, to: str, media: Sequence[str]) -> Message:
        with self._lock:
            now = self._now()
            kind = "MM" if media else "SM"
            sid = f"{kind}{next(self._sids):032x}"
            message = Message(sid, from_, to, body, "inbound", "received", now, now, media=tuple(media))
            self.messages[sid] = message
            word = body.strip().upper()
            if word in STOPS:
                self._stopped.add((to, from_))
            elif word in STARTS:
                self._stopped.discard((to, from_))
            self.record("inbound", sid=sid, sender=from_, to=to, body=body)
        return message

    def _resource(self, message: Message) -> dict[str, Any]:
        return {
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": message.body,
            "date_created": format_datetime(message.created),
            "date_sent": format_datetime(message.sent) if message.sent else None,
            "date_updated": format_datetime(message.created),
            "direction": message.direction,
            "error_code": message.error,
            "error_message": None,
            "from": message.sender,
            "messaging_service_sid": None,
            "num_media": str(len(message.media)),
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": message.sid,
            "status": message.status,
            "to": message.to,
            "uri": f"/2010-04-01/Accounts/{self.account}/Messages/{message.sid}.json",
            "subresource_uris": {},
        }

    def _now(self) -> datetime:
        return (self.clock() + self.clock_ahead).replace(microsecond=0)


def matches(message: Message, asked: Mapping[str, str]) -> bool:
    ends = (asked.get("To", message.to), asked.get("From", message.sender))
    if message.deleted or ends != (message.to, message.sender):
        return False
    after, before, day = asked.get("DateSent>"), asked.get("DateSent<"), asked.get("DateSent")
    if not (after or before or day):
        return True
    if message.sent is None:  # a queued message has not been sent, and no filter on the date finds it
        return False
    sent = message.sent.date().isoformat()
    return (not after or sent >= after[:10]) and (not before or sent <= before[:10]) and (not day or sent == day[:10])
