"""A double of Twilio's messaging: the REST API it is called by, and the webhooks it calls.

As the real one: a message is created without an idempotency key, status is queued until told otherwise, STOP blocks
further sends with 21610, a list is paged latest first, a record can be deleted once its status is final, webhooks are
signed and tried again only as the URL's `#rc=…&rp=…` says.

    python -m tests.fakes.twilio --port 8091 --state twilio.jsonl --app http://127.0.0.1:8000/channels/twilio/inbound
"""

from __future__ import annotations

import argparse
import re
from base64 import b64decode
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.server import Fact, Fault
from tests.fakes.twilio_calls import Telephones
from tests.fakes.twilio_messages import Message, matches
from tests.fakes.twilio_webhooks import Delivered

ACCOUNT = "AC" + "a1" * 16
TOKEN = "b2" * 16
NUMBER = "+15550001111"
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


class FakeTwilio(Telephones):
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
        super().__init__(app, account, token, number, state, sign_fragment)

    def routes(self) -> list[Route]:
        root = "/2010-04-01/Accounts/{account}/Messages"
        return [
            *self.call_routes(self._unwelcome),
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
                status="delivered" if form["To"] in self.arrives else "queued",
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
            found = [message for message in reversed(self.messages.values()) if matches(message, asked)]
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

    def _told(self, work: Any) -> Fact:
        """For a control route: the webhook is posted from the server's own loop."""
        delivered: Delivered = self.in_background(work).result()
        return {"sid": delivered.sid, "attempts": delivered.attempts, "ok": delivered.ok}


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
