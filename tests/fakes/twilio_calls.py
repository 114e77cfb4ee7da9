"""Calls that the service makes: the REST API that it asks, and what happens on the telephone at the other end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree import ElementTree

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.twilio_webhooks import Webhooks


@dataclass
class Rung:
    """One Call resource. `heard` is what was said, each sentence once for each time."""

    sid: str
    to: str
    url: str
    over: str
    form: dict[str, str]
    heard: list[str] = field(default_factory=list)
    action: str = ""
    last: httpx.Response | None = None


class Telephones(Webhooks):
    """`rung` are the calls so far, in order."""

    rung: list[Rung]

    def call_routes(self, unwelcome: Callable[[Request], Response | None]) -> list[Route]:
        self.rung = []

        async def create(request: Request) -> Response:
            form = {name: str(value) for name, value in (await request.form()).items()}
            return unwelcome(request) or await self.serve("call", request, lambda: self._ring(form))

        return [Route("/2010-04-01/Accounts/{account}/Calls.json", create, methods=["POST"])]

    def rings(self, phone: str) -> list[Rung]:
        with self._lock:
            return [call for call in self.rung if call.to == phone]

    async def picks_up(self, call: Rung, by: str = "human") -> str:
        """Somebody, or a machine, takes the call; returns all that is said."""
        return await self._asks(call, call.url, {"CallStatus": "in-progress", "AnsweredBy": by})

    async def presses(self, call: Rung, key: str) -> str:
        """A key; returns all that is said then."""
        return await self._asks(call, call.action, {"CallStatus": "in-progress", "Digits": key})

    async def hangs_up(self, call: Rung, status: str = "completed") -> int:
        """The call is over ('busy', 'no-answer', …); returns what the service answered."""
        await self._asks(call, call.over, {"CallStatus": status})
        assert call.last is not None
        return call.last.status_code

    async def post(self, call: Rung, url: str, form: dict[str, str], signature: str = "") -> httpx.Response:
        """A form as it is, signed unless a signature is given."""
        headers = {"X-Twilio-Signature": signature or self.signature(url, form)}
        async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
            call.last = await client.post(url, data=form, headers=headers)
        return call.last

    def form_of(self, call: Rung) -> dict[str, str]:
        return {
            "AccountSid": self.account,
            "ApiVersion": "2010-04-01",
            "CallSid": call.sid,
            "Direction": "outbound-api",
            "From": self.number,
            "To": call.to,
        }

    async def _asks(self, call: Rung, url: str, more: dict[str, str]) -> str:
        answer = await self.post(call, url, self.form_of(call) | more)
        if answer.status_code != 200:
            return ""
        twiml = ElementTree.fromstring(answer.text)  # noqa: S314 - our own service's
        said = [say.text or "" for say in twiml.iter("Say")]
        gather = twiml.find("Gather")
        call.heard, call.action = said, "" if gather is None else gather.attrib["action"]
        return " ".join(said)

    def _ring(self, form: dict[str, str]) -> Response:
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", form.get("To", "")):
            return JSONResponse({"code": 21211, "message": "The 'To' number is not valid", "status": 400}, 400)
        with self._lock:
            sid = f"CA{next(self._calls) + 10**6:032x}"
            self.rung.append(Rung(sid, form["To"], form["Url"], form.get("StatusCallback", ""), form))
            self.record("rung", sid=sid, to=form["To"], form=form)
        call = {"sid": sid, "status": "queued", "to": form["To"], "from": form["From"], "account_sid": self.account}
        return JSONResponse(call, 201)
