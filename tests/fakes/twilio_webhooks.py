"""What a messaging provider posts to the service: texts that come in and what became of others, signed and retried."""

from __future__ import annotations

import hmac
import itertools
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urldefrag

import httpx

from tests.fakes.twilio_messages import Message, Messages


@dataclass
class Delivered:
    """How a webhook went: the SID, each attempt's status or the name of its error, and whether one was answered 2xx."""

    sid: str
    attempts: list[int | str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return any(isinstance(attempt, int) and attempt < 300 for attempt in self.attempts)


class Webhooks(Messages):
    """`app` is the inbound webhook's URL as set in the console, connection overrides after '#' included."""

    def __init__(
        self, app: str, account: str, token: str, number: str, state: Path | None, sign_fragment: bool
    ) -> None:
        super().__init__(account, number, state)
        self.app, self.token, self.sign_fragment = app, token, sign_fragment
        self._tokens, self._calls = itertools.count(1), itertools.count(1)
        self.arrives: set[str] = set()  # phones on which a text is before its creation is answered

    async def deliver(
        self,
        body: str,
        from_: str,
        *,
        to: str = "",
        media: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
        sid: str | None = None,
    ) -> Delivered:
        """A text comes in and is posted to the service, signed, tried again as the URL says.

        `media` are content types, `extra` further parameters; an earlier `sid` posts that message again."""
        message = self.messages[sid] if sid else self._came_in(body, from_, to or self.number, media)
        return await self._post(self.app, self._form(message) | dict(extra or {}), message.sid)

    async def report(self, sid: str, status: str, error: int | None = None, *, settle: bool = True) -> Delivered:
        """A status callback to the URL that the message was created with; in any order one likes."""
        if settle:
            self.settle(sid, status, error)
        message = self.messages[sid]
        form = {
            "AccountSid": self.account,
            "ApiVersion": "2010-04-01",
            "From": message.sender,
            "MessageSid": sid,
            "MessageStatus": status,
            "SmsSid": sid,
            "SmsStatus": status,
            "To": message.to,
        }
        if error is not None:
            form["ErrorCode"] = str(error)
        return await self._post(message.callback, form, sid)

    async def call(self, from_: str, *, sid: str = "", extra: Mapping[str, str] | None = None) -> Delivered:
        """Somebody calls the number: posted to the voice webhook beside the inbound one. An earlier `sid` again."""
        sid = sid or f"CA{next(self._calls):032x}"
        form = {
            "AccountSid": self.account,
            "ApiVersion": "2010-04-01",
            "CallSid": sid,
            "CallStatus": "ringing",
            "Called": self.number,
            "Caller": from_,
            "Direction": "inbound",
            "From": from_,
            "To": self.number,
        }
        return await self._post(self.app.replace("/inbound", "/voice"), form | dict(extra or {}), sid)

    def signature(self, url: str, form: Mapping[str, str]) -> str:
        text = url + "".join(name + form[name] for name in sorted(form))
        return b64encode(hmac.digest(self.token.encode(), text.encode(), "sha1")).decode()

    def _form(self, message: Message) -> dict[str, str]:
        form = {
            "AccountSid": self.account,
            "ApiVersion": "2010-04-01",
            "Body": message.body,
            "From": message.sender,
            "FromCountry": "US",
            "MessageSid": message.sid,
            "NumMedia": str(len(message.media)),
            "NumSegments": "1",
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "To": message.to,
            "ToCountry": "US",
        }
        for place, kind in enumerate(message.media):
            form[f"MediaContentType{place}"] = kind
            form[f"MediaUrl{place}"] = f"https://api.twilio.com/media/{message.sid}/{place}"
        return form

    async def _post(self, url: str, form: dict[str, str], sid: str) -> Delivered:
        bare, overrides = urldefrag(url)
        signed = url if self.sign_fragment else bare
        count, policy = _retries(overrides)
        delivered = Delivered(sid)
        headers = {
            "X-Twilio-Signature": self.signature(signed, form),
            "I-Twilio-Idempotency-Token": f"token-{next(self._tokens)}",
            "User-Agent": "TwilioProxy/1.1",
        }
        async with httpx.AsyncClient(timeout=httpx.Timeout(15, connect=5), trust_env=False) as client:
            for _ in range(count + 1):
                outcome, reason = await _attempt(client, bare, form, headers)
                delivered.attempts.append(outcome)
                if reason is None or not (policy & {reason, "all"}):
                    break
        self.record("webhook", sid=sid, attempts=delivered.attempts)
        return delivered


def _retries(overrides: str) -> tuple[int, set[str]]:
    """How often and on what a webhook is tried again: by default once, when no connection could be made."""
    given = parse_qs(overrides)
    count = min(int(given.get("rc", ["1"])[0]), 5)
    return count, set(given.get("rp", ["ct"])[0].split(","))


async def _attempt(
    client: httpx.AsyncClient, url: str, form: dict[str, str], headers: dict[str, str]
) -> tuple[int | str, str | None]:
    """The status or the error's name, and the retry policy's word for it (None: all well)."""
    try:
        answer = await client.post(url, data=form, headers=headers)
    except httpx.ConnectError:
        return "connect", "ct"
    except httpx.HTTPError as error:
        return type(error).__name__, "rt"
    reason = f"{answer.status_code // 100}xx"
    return answer.status_code, reason if answer.status_code >= 400 else None
