"""Pages to workers as notices of their browsers: what is said is sealed for the browser, and its push service, of
Google, Apple, Mozilla or Microsoft, carries it unread. The browser tells us when it has shown it (`bot.web`).
"""

from __future__ import annotations

import json
import os
import secrets
import ssl
from collections.abc import Callable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec

from bot.channels.base import Broken, Outgoing, PagesOnly, Receipt, Unreachable
from bot.channels.push_sealing import CURVE, SALT_BYTES, Subscription, authorization, private_key, seal
from bot.channels.wire import Wire, refused
from bot.outward import Door

TOKEN_BYTES = 24  # of chance: who says that a page was shown has read it
LIFE = 4 * 60 * 60  # seconds that it is kept for a browser that is away: half a shift; the ladder goes on meanwhile
GONE = (404, 410)  # RFC 8030, 7.3: this subscription is over, whoever ended it


class PushChannel(PagesOnly):
    """One request a page. `key` is ROWAN_PUSH_KEY, `contact` our own address, `now` the time that signatures bear.

    `door` is what may be asked: a subscription's address is whatever a browser, or somebody with one, gave.
    """

    name = "push"

    def __init__(
        self,
        key: str,
        contact: str,
        now: Callable[[], datetime],
        door: Door | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        door = door or Door()
        self._key, self._contact, self._now = private_key(key), contact, now
        self._wire = Wire(door.seconds, door=door, trust=trust)

    def wording(self, outgoing: Outgoing) -> str:
        return outgoing.text

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Its id is the token that stands in it: the browser says it back once the page is shown."""
        to, token = Subscription.of(outgoing.address), secrets.token_urlsafe(TOKEN_BYTES)
        said = {"say": outgoing.text, "about": outgoing.about, "token": token}
        try:
            body = seal(json.dumps(said).encode(), to, ec.generate_private_key(CURVE), os.urandom(SALT_BYTES))
            answer = await self._wire.call("POST", to.endpoint, body=body, headers=self._headers(to.endpoint))
        except ValueError:  # its key is none, or its address one that is never asked
            raise Unreachable("unusable") from None
        if answer.status in GONE:
            raise Unreachable(str(answer.status))
        failure = refused(answer.status, answer.headers)
        if failure is None and answer.status >= 300:
            failure = Broken(str(answer.status))
        if failure is not None:
            raise failure
        return Receipt(token, "sent")

    async def close(self) -> None:
        await self._wire.close()

    def _headers(self, endpoint: str) -> dict[str, str]:
        return {
            "Authorization": authorization(self._key, endpoint, self._contact, self._now()),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(LIFE),
            "Urgency": "high",  # RFC 8030, 5.3: at once, also to a phone that saves its battery
        }
