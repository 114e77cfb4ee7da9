"""The service's own doors: the providers' webhooks and the operator's health pages. Answered only after the commit."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Lifespan, Receive, Scope, Send

from bot import health
from bot.app import Service
from bot.channels.sms_form import Refused, read_call, read_form, read_inbound, read_status, signature_ok
from bot.channels.telegram_update import secret_ok
from bot.receiving import Updates
from bot.web_voice import LONGEST_TOKEN, VoiceDoors
from storage import outbox
from storage.failpoint import reach
from storage.outbox import Report

log = structlog.get_logger()

LARGEST = 64 * 1024  # bytes of a webhook's body: Twilio's is about 1 kB, a Telegram update a few
NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response/>'  # TwiML: replies go out by the outbox, never here
REJECT = '<?xml version="1.0" encoding="UTF-8"?><Response><Reject/></Response>'


@dataclass(frozen=True, slots=True)
class Doors:
    """What the webhooks check against. `public_url` is exactly what the providers were told."""

    service: Service
    updates: Updates
    public_url: str
    twilio_sid: str = ""
    twilio_token: str = ""
    telegram_secret: str = ""
    metrics_token: str = ""

    def routes(self) -> list[Route]:
        return [
            Route("/channels/twilio/inbound", self.twilio_inbound, methods=["POST"]),
            Route("/channels/twilio/status", self.twilio_status, methods=["POST"]),
            Route("/channels/twilio/voice", self.twilio_voice, methods=["POST"]),
            *VoiceDoors(self.service, self._signed, self.public_url, self.twilio_sid).routes(),
            Route("/channels/push/shown", self.push_shown, methods=["POST"]),
            Route("/channels/telegram", self.telegram, methods=["POST"]),
            Route("/healthz", self.healthz, methods=["GET"]),
            Route("/readyz", self.readyz, methods=["GET"]),
            Route("/health/escalation", self.escalation, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    # Twilio

    async def twilio_inbound(self, request: Request) -> Response:
        """A text. 403 for a wrong signature, 400 for shapes we do not take, 503 when it could not be kept."""
        pairs = await self._signed(request, "/channels/twilio/inbound")
        if isinstance(pairs, Response):
            return pairs
        try:
            inbound = read_inbound(pairs, self.twilio_sid, self.service.clock.now())
        except Refused:
            return PlainTextResponse("not a message of ours", 400)
        try:
            await self.service.turns.take(inbound)
        except (DBAPIError, OSError):
            return PlainTextResponse("not kept, send again", 503)
        return ACKNOWLEDGED

    async def twilio_status(self, request: Request) -> Response:
        pairs = await self._signed(request, "/channels/twilio/status")
        if isinstance(pairs, Response):
            return pairs
        try:
            report = read_status(pairs, self.twilio_sid)
        except Refused:
            return PlainTextResponse("not a report of ours", 400)
        said = Report("sms", report.provider_id, report.status, str(report.code or ""))
        # A report may come before the send is marked: Twilio is asked to say it again.
        if not await self.service.delivery.reported(said):
            reach("report.early")
            return PlainTextResponse("not known yet", 404)
        return ACKNOWLEDGED

    async def twilio_voice(self, request: Request) -> Response:
        """A call: never taken, whoever calls. Where she agreed to it with a worker, that she called is a signal."""
        pairs = await self._signed(request, "/channels/twilio/voice")
        if isinstance(pairs, Response):
            return pairs
        try:
            await self.service.turns.take(read_call(pairs, self.twilio_sid, self.service.clock.now()))
        except Refused as refused:  # an error of ours would be read out to the caller
            log.info("call.passed_over", channel="sms", reason=refused.reason)
        except (DBAPIError, OSError):
            return PlainTextResponse("not kept, send again", 503)
        return Response(REJECT, media_type="application/xml")

    async def _signed(self, request: Request, path: str) -> list[tuple[str, str]] | Response:
        if not self.twilio_token:
            return PlainTextResponse("Twilio is not set up here", 404)
        if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            return PlainTextResponse("a form, please", 415)
        body = await read_body(request)
        if body is None:
            return _too_large()
        try:
            pairs = read_form(body)
        except ValueError:
            return PlainTextResponse("not a form", 400)
        query = request.scope["query_string"].decode("latin-1")
        url = f"{self.public_url}{path}" + (f"?{query}" if query else "")
        if not signature_ok(url, pairs, request.headers.get("x-twilio-signature"), self.twilio_token):
            log.warning("webhook.signature", channel="sms")
            return PlainTextResponse("signature", 403)
        return pairs

    # Telegram

    async def telegram(self, request: Request) -> Response:
        """An update. Anything but 2xx is sent again by Telegram, so only what was not kept is refused."""
        if not self.telegram_secret:
            return PlainTextResponse("the webhook is not set up here", 404)
        if not secret_ok(request.headers.get("x-telegram-bot-api-secret-token"), self.telegram_secret):
            return PlainTextResponse("secret", 403)
        body = await read_body(request)
        if body is None:
            return _too_large()
        try:
            await self.updates.take_body(body)
        except (DBAPIError, OSError):
            return PlainTextResponse("not kept, send again", 503)
        return Response(status_code=200)

    # notices of browsers

    async def push_shown(self, request: Request) -> Response:
        """A worker's browser has shown a page; it says the token that stood in it. For a token of nobody's nothing is
        written. A page may be shown before its send is marked: the browser says it again.
        """
        body = await read_body(request)
        token = "" if body is None or len(body) > LONGEST_TOKEN else body.decode("ascii", "replace")
        try:
            known = await self.service.database.read(outbox.marked, self.service.vault, "push", [token])
            if not known or not await self.service.delivery.reported(Report("push", token, "delivered")):
                return PlainTextResponse("not known yet", 404)
        except (DBAPIError, OSError):
            return PlainTextResponse("not kept, send again", 503)
        return Response(status_code=204)

    # health

    async def healthz(self, request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(self, request: Request) -> Response:
        return await self._health(await health.ready(self.service))

    async def escalation(self, request: Request) -> Response:
        return await self._health(await health.escalation(self.service))

    async def _health(self, report: health.Report) -> Response:
        return JSONResponse(report.shown, 200 if report.well else 503, headers={"cache-control": "no-store"})

    async def metrics(self, request: Request) -> Response:
        given = request.headers.get("authorization", "")
        local = request.client is not None and request.client.host in ("127.0.0.1", "::1")
        wanted = f"Bearer {self.metrics_token}"
        if not hmac.compare_digest(given.encode(), wanted.encode()) if self.metrics_token else not local:
            return PlainTextResponse("token", 401)
        body, media_type = self.service.metrics.render()
        return Response(body, media_type=media_type)


class Front(Starlette):
    """The whole application. What providers post comes in by `doors` at once, before any middleware or route is asked:
    every text passes here, and those cost as much again as the door itself. A fault in one is uvicorn's 500.
    """

    def __init__(
        self, doors: Sequence[Route], others: Sequence[BaseRoute] = (), lifespan: Lifespan[Starlette] | None = None
    ) -> None:
        super().__init__(routes=[*doors, *others], lifespan=lifespan)
        self._posts = {
            door.path: door.endpoint for door in doors if door.methods == {"POST"} and not door.param_convertors
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        posted = scope["type"] == "http" and scope["method"] == "POST"
        door = self._posts.get(scope["path"]) if posted else None
        if door is None:
            await super().__call__(scope, receive, send)
            return
        response = await door(Request(scope, receive, send))
        await response(scope, receive, send)


class _Acknowledged(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, send)
        reach("webhook.answered")


ACKNOWLEDGED = _Acknowledged(NOTHING, media_type="application/xml")  # the same for all: it holds nothing of a request


def _too_large() -> Response:
    """And hang up: whoever sends without an end is not listened to until it comes."""
    return PlainTextResponse("too large", 413, headers={"connection": "close"})


async def read_body(request: Request) -> bytes | None:
    """The whole body, or None when it is larger than any honest one; never more than LARGEST in memory."""
    body, more = b"", True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > LARGEST:
            return None
    return body
