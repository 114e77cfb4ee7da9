"""A double of Twilio's messaging: the REST API it is called by, and the webhooks it calls.

As the real one: a message is created without an idempotency key, status is queued until told otherwise, STOP blocks
further sends with 21610, a list is paged latest first, a record can be deleted once its status is final, webhooks are
signed and tried again only as the URL's `#rc=…&rp=…` says.

    python -m tests.fakes.twilio --port 8091 --state twilio.jsonl --app http://127.0.0.1:8000/channels/twilio/inbound
"""

from __future__ import annotations

import argparse
import hmac
import itertools
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlencode

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.server import Fact, FakeServer, Fault

ACCOUNT = "AC" + "a1" * 16
TOKEN = "b2" * 16
NUMBER = "+15550001111"
STOPS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
STARTS = {"START", "YES", "UNSTOP"}
FINAL = {"delivered", "undelivered", "failed", "received", "read", "canceled", "sent"}
ERRORS = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20009: (409, "Cannot delete message because delivery has not been completed"),
    21211: (400, "The 'To' number is not a valid phone number"),
    21602: (400, "Message body is required"),
    21603: (400, "A 'From' phone number is required"),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
}


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


@dataclass
class Delivered:
    """How a webhook went: the SID, each attempt's status or the name of its error, and whether one was answered 2xx."""

    sid: str
    attempts: list[int | str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return any(isinstance(attempt, int) and attempt < 300 for attempt in self.attempts)


class FakeTwilio(FakeServer):
    """`app` is the inbound webhook's URL as set in the console, connection overrides after '#' included."""

    def __init__(
        self,
        app: str = "",
        *,
        account: str = ACCOUNT,
        token: str = TOKEN,
        number: str = NUMBER,
        state: Path | None = None,
        sign_fragment: bool = False,
    ) -> None:
        super().__init__(state)
        self.app, self.account, self.token, self.number = app, account, token, number
        self.messages: dict[str, Message] = {}
        self.sign_fragment = sign_fragment
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # a story's own, where it moves one
        self._stopped: set[tuple[str, str]] = set()
        self._sids = itertools.count(1)
        self._tokens = itertools.count(1)

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

    def signature(self, url: str, form: Mapping[str, str]) -> str:
        text = url + "".join(name + form[name] for name in sorted(form))
        return b64encode(hmac.digest(self.token.encode(), text.encode(), "sha1")).decode()

    # -- the REST API

    def routes(self) -> list[Route]:
        root = "/2010-04-01/Accounts/{account}/Messages"
        return [
            Route(f"{root}.json", self._create, methods=["POST"]),
            Route(f"{root}.json", self._list, methods=["GET"]),
            Route(f"{root}/{{sid}}.json", self._fetch, methods=["GET"]),
            Route(f"{root}/{{sid}}.json", self._delete, methods=["DELETE"]),
            self.control("deliver", lambda asked: self._told(self.deliver(**asked))),
            self.control("report", lambda asked: self._told(self.report(**asked))),
            self.control("missed", lambda asked: {"sid": self.missed(**asked)}),
            self.control("settle", lambda asked: self.settle(**asked)),
        ]

    def refusal(self, fault: Fault) -> Response:
        return self._error(fault.code, fault.http, fault.words, fault.retry_after)

    async def _create(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return self._unwelcome(request) or await self.serve("send", request, lambda: self._accept(form))

    async def _list(self, request: Request) -> Response:
        return self._unwelcome(request) or await self.serve("list", request, lambda: self._page(request))

    async def _fetch(self, request: Request) -> Response:
        message = self.messages.get(request.path_params["sid"])
        if unwelcome := self._unwelcome(request):
            return unwelcome
        return JSONResponse(self._resource(message)) if message and not message.deleted else self._error(20404)

    async def _delete(self, request: Request) -> Response:
        sid = request.path_params["sid"]
        return self._unwelcome(request) or await self.serve("delete", request, lambda: self._forget(sid))

    def _accept(self, form: dict[str, str]) -> Response:
        wrong = self._wrong(form)
        if wrong:
            self.record("refused", to=form.get("To", ""), code=wrong)
            return self._error(wrong)
        with self._lock:
            message = Message(
                sid=f"SM{next(self._sids):032x}",
                sender=form.get("From") or self.number,
                to=form["To"],
                body=form["Body"],
                direction="outbound-api",
                status="queued",
                created=self._now(),
                callback=form.get("StatusCallback", ""),
            )
            self.messages[message.sid] = message
            self.record("accepted", sid=message.sid, to=message.to, sender=message.sender, body=message.body, form=form)
        return JSONResponse(self._resource(message), 201)

    def _wrong(self, form: dict[str, str]) -> int | None:
        sender = form.get("From") or form.get("MessagingServiceSid")
        if not sender:
            return 21603
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", form.get("To", "")):
            return 21211
        if not form.get("Body"):
            return 21602
        if len(form["Body"]) > 1600:
            return 21617
        return 21610 if (form.get("From") or self.number, form["To"]) in self._stopped else None

    def _page(self, request: Request) -> Response:
        asked = request.query_params
        size, page = min(int(asked.get("PageSize", 50)), 1000), int(asked.get("Page", 0))
        with self._lock:
            found = [message for message in reversed(self.messages.values()) if _matches(message, asked)]
        shown = found[page * size : (page + 1) * size]
        path = f"/2010-04-01/Accounts/{self.account}/Messages.json"
        following = urlencode([*((k, v) for k, v in asked.multi_items() if k != "Page"), ("Page", str(page + 1))])
        self.record("listed", query=dict(asked), found=len(shown))
        return JSONResponse(
            {
                "messages": [self._resource(message) for message in shown],
                "next_page_uri": f"{path}?{following}" if len(found) > (page + 1) * size else None,
                "page": page,
                "page_size": size,
                "uri": path,
            }
        )

    def _forget(self, sid: str) -> Response:
        with self._lock:
            message = self.messages.get(sid)
            if message is None or message.deleted:
                return self._error(20404)
            if message.status not in FINAL:
                return self._error(20009)
            message.deleted, message.body = True, ""
            self.record("deleted", sid=sid)
        return Response(status_code=204)

    def _unwelcome(self, request: Request) -> Response | None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = scheme == "Basic" and b64decode(given).decode() == f"{self.account}:{self.token}"
        if right and request.path_params["account"] == self.account:
            return None
        self.record("unwelcome")
        return self._error(20003)

    def _error(self, code: int, http: int = 0, words: str = "", retry_after: int | None = None) -> Response:
        known = ERRORS.get(code, (http or 500, "An error"))
        status = http or known[0]
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        body = {
            "code": code or status,
            "message": words or known[1],
            "more_info": f"https://www.twilio.com/docs/errors/{code or status}",
            "status": status,
        }
        return JSONResponse(body, status, headers=headers)

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

    # -- webhooks

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

    def _told(self, work: Any) -> Fact:
        """For a control route: the webhook is posted from the server's own loop."""
        delivered: Delivered = self.in_background(work).result()
        return {"sid": delivered.sid, "attempts": delivered.attempts, "ok": delivered.ok}

    def _now(self) -> datetime:
        return (self.clock() + self.clock_ahead).replace(microsecond=0)


def _matches(message: Message, asked: Mapping[str, str]) -> bool:
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


def main() -> None:
    parser = argparse.ArgumentParser(description="A double of Twilio's messaging on 127.0.0.1.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, help="history as JSON lines, appended")
    parser.add_argument("--app", default="", help="the service's inbound webhook URL")
    asked = parser.parse_args()
    fake = FakeTwilio(asked.app, state=asked.state).start(asked.port)
    print(f"listening on {fake.url}", flush=True)
    fake.run_forever()


if __name__ == "__main__":
    main()
