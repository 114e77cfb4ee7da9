"""The doors of a call that we make to a worker: picked up, a key pressed, over. Each signed, each by its token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.app import Service
from bot.channels.sms_form import Refused
from bot.channels.twiml import asks, hangs_up, says
from bot.channels.voice_form import CallReport, read_report
from bot.page_words import page_words, spelled
from flows.engine.wording import page_text
from storage import answers_of_staff, calls
from storage.answers_of_staff import Said
from storage.calls import Call

log = structlog.get_logger()

Signed = Callable[[Request, str], Awaitable[list[tuple[str, str]] | Response]]
PATH = "/channels/twilio/voice"
LONGEST_TOKEN = 64


@dataclass(frozen=True, slots=True)
class VoiceDoors:
    """`signed` reads a form whose signature is right; `url` is our address as Twilio knows it."""

    service: Service
    signed: Signed
    url: str
    twilio_sid: str

    def routes(self) -> list[Route]:
        return [
            Route("/channels/twilio/voice/{token}", self.picked_up, methods=["POST"]),
            Route("/channels/twilio/voice/{token}/key", self.pressed, methods=["POST"]),
            Route("/channels/twilio/voice/{token}/again", self.pressed_again, methods=["POST"]),
            Route("/channels/twilio/voice/{token}/over", self.over, methods=["POST"]),
        ]

    async def picked_up(self, request: Request) -> Response:
        """Somebody, or a machine, has taken the call: TwiML of what is said."""
        found = await self._found(request)
        if isinstance(found, Response):
            return found
        call, report = found
        if report.machine:
            return await self._nobody(call)
        if not call.alert:
            await self.service.database.write(answers_of_staff.listened, call)
        return _twiml(self._asking(request, call))

    async def pressed(self, request: Request) -> Response:
        """1 takes the alert, 2 passes it on; another key, and it is said again."""
        return await self._pressed(request, "/key")

    async def pressed_again(self, request: Request) -> Response:
        """As `pressed`, by a worker who was told that they have two urgent ones and who else is free: 1 insists."""
        return await self._pressed(request, "/again")

    async def _pressed(self, request: Request, door: str) -> Response:
        found = await self._found(request, door)
        if isinstance(found, Response):
            return found
        call, report = found
        if not call.alert:
            return _twiml(hangs_up())
        if report.key not in answers_of_staff.KEYS:
            return _twiml(self._asking(request, call))
        service, now, token = self.service, self.service.clock.now(), request.path_params["token"]
        language = call.said.get("language", "en")
        insists = page_text(service.programme, "page/call_insisted", {}, language) if door == "/again" else ""

        def unit(conn: Connection) -> Said:
            return answers_of_staff.pressed(conn, service.vault, call, token, report.key, now, insists)

        message, params = await service.database.write(unit)
        service.bell.ring("desk", "alerts")
        service.bell.ring("timers")
        service.bell.ring("outbox")
        words = page_text(service.programme, message, spelled(params), language)
        if message == "page/call_full":
            return _twiml(asks(words, language, f"{self.url}{PATH}/{token}/again"))
        return _twiml(says(words, language))

    async def over(self, request: Request) -> Response:
        """The call has ended: without a key pressed it is no answer."""
        found = await self._found(request, "/over")
        if isinstance(found, Response):
            return found
        call, report = found
        return await self._nobody(call) if report.over else _twiml(hangs_up())

    async def _nobody(self, call: Call) -> Response:
        service = self.service
        await service.database.write(answers_of_staff.not_answered, service.vault, call, service.clock.now())
        service.bell.ring("timers")
        service.bell.ring("outbox")
        return _twiml(hangs_up())

    def _asking(self, request: Request, call: Call) -> str:
        language = call.said.get("language", "en")
        words = page_words(self.service.programme, call.said, "voice")
        if not call.alert:
            return says(words, language, times=3)
        return asks(words, language, f"{self.url}{PATH}/{request.path_params['token']}/key")

    async def _found(self, request: Request, door: str = "") -> tuple[Call, CallReport] | Response:
        """The call of this token. An error of ours would be read out, so what is not known hangs up."""
        token = str(request.path_params["token"])[:LONGEST_TOKEN]
        pairs = await self.signed(request, f"{PATH}/{token}{door}")
        if isinstance(pairs, Response):
            return pairs
        try:
            report = read_report(pairs, self.twilio_sid)
        except Refused as refused:
            log.info("call.passed_over", channel="voice", reason=refused.reason)
            return PlainTextResponse("not a call of ours", 400)
        service = self.service
        try:
            call = await service.database.read(calls.of_token, service.vault, token, service.clock.now())
        except (DBAPIError, OSError):
            return PlainTextResponse("not kept, send again", 503)
        return _twiml(hangs_up()) if call is None else (call, report)


def _twiml(body: str) -> Response:
    return Response(body, media_type="application/xml")
