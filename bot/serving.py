"""The whole web application: providers' doors, console, API, in the demo the phones; and the server that runs it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route

from bot.app import Service
from bot.channels.base import Channel
from bot.clock import Clock
from bot.receiving import Announcer, Reconciler, Updates, Watch
from bot.settings import Settings
from bot.watching import Watching
from bot.web import Doors, Front
from escalation.console.app import api, console
from escalation.console.sayings import Sayings, of_programme
from escalation.console.settings import ConsoleSettings
from escalation.console.strings import Strings
from escalation.console.wiring import Wiring
from flows.engine.forms import forms_of
from flows.engine.model import Ask
from flows.engine.programme import Programme
from flows.engine.wording import page_text
from flows.text.phrases import Phrases
from storage.auditing import StoredAuditing
from storage.keeping import StoredKeeping
from storage.samples import StoredSamples
from storage.supervising import StoredSupervision
from storage.trying import StoredTrying

if TYPE_CHECKING:
    from bot.channels.telegram import TelegramChannel

log = structlog.get_logger()
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # of <malloc.h>
LARGE = 128 * 1024  # bytes
GRACE = 8  # seconds for requests under way when the server is told to stop


def channels_of(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """The real channels that are set up. A provider's library, 12 MB or more, is loaded where it is used."""
    channels: dict[str, Channel] = {}
    if settings.twilio_account_sid and settings.twilio_auth_token:
        from bot.channels.sms import SmsChannel

        channels["sms"] = SmsChannel(
            settings.twilio_account_sid,
            settings.twilio_auth_token.get_secret_value(),
            settings.twilio_numbers[0],
            now=clock.now,
            numbers=settings.twilio_numbers,
            status_callback=f"{settings.public_url}/channels/twilio/status",
            base_url=settings.twilio_base_url,
        )
        if settings.twilio_voice:
            from bot.channels.voice import VoiceChannel

            channels["voice"] = VoiceChannel(
                settings.twilio_account_sid,
                settings.twilio_auth_token.get_secret_value(),
                settings.twilio_numbers[0],
                settings.public_url,
                base_url=settings.twilio_base_url,
            )
    if settings.smtp_host and settings.smtp_from:
        from bot.channels.email import EmailChannel, Mailbox

        mailbox = Mailbox(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_from,
            settings.smtp_user,
            _secret(settings.smtp_password),
        )
        channels["email"] = EmailChannel(mailbox, f"{settings.public_url}/console/queue")
    if settings.push_key:
        from bot.channels.push import PushChannel

        channels["push"] = PushChannel(_secret(settings.push_key), settings.public_url, clock.now)
    if settings.telegram_on and settings.telegram_token:
        from bot.channels.telegram import TelegramChannel

        token = settings.telegram_token.get_secret_value()
        channels["telegram"] = TelegramChannel(token, base_url=settings.telegram_base_url)
    return channels


@dataclass(frozen=True, slots=True)
class Serving:
    """A service with its doors. `extra` are the demo's routes."""

    service: Service
    settings: Settings
    console: ConsoleSettings
    extra: Sequence[BaseRoute] = ()

    def app(self) -> Starlette:
        updates = Updates(self.service, self._telegram())
        doors = Doors(
            service=self.service,
            updates=updates,
            public_url=self.settings.public_url,
            twilio_sid=self.settings.twilio_account_sid or "",
            twilio_token=_secret(self.settings.twilio_auth_token),
            telegram_secret=_secret(self.settings.telegram_webhook_secret),
            metrics_token=_secret(self.settings.metrics_token),
        )
        service, wiring = self.service, self._wiring()
        routes: list[BaseRoute] = [
            *self.extra,
            Mount("/console", console(wiring)),
            Mount("/api/v1", api(wiring)),
        ]
        if not self.extra:
            routes.append(Route("/", lambda request: RedirectResponse("/console/")))

        @contextlib.asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[None]:
            await self._start(updates)
            settling = asyncio.create_task(asyncio.to_thread(settle, service.programme))
            yield
            await settling
            await service.stop()

        return Front(doors.routes(), routes, lifespan)

    def _wiring(self) -> Wiring:
        """What the console and the API stand on."""
        service, programme = self.service, self.service.programme
        return Wiring(
            desk=service.desk,
            chat=service.chat,
            people=service.people,
            accounts=service.accounts,
            methods=service.methods,
            meetings=service.meetings,
            sheets=service.sheets,
            contacts=service.contacts,
            claims=service.claims,
            decisions=service.decisions,
            receivers=service.receivers,
            shifts=service.shifts,
            rotas=service.rotas,
            feed=service.calendars.ask,
            access=service.access,
            auditing=StoredAuditing(service.database, service.vault),
            keeping=StoredKeeping(service.database, service.vault),
            tasks=service.tasks,
            casefile=service.casefile,
            trying=StoredTrying(service.database, service.vault),
            supervision=StoredSupervision(service.database, service.vault),
            samples=StoredSamples(service.database, service.vault, programme),
            clock=service.clock.now,
            settings=replace(
                self.console,
                zone=programme.rules.zone,
                languages=tuple(programme.catalogues.languages),
                confirm_every=programme.rules.confirm_every,
                push_key=_push_key(self.settings),
            ),
            pages=partial(page_text, programme),
            papers={code: forms_of(programme, code) for code in programme.console.languages},
            strings=Strings(programme.console, self.console.language, Sayings(of_programme(programme))),
            names=_names(programme),
            phrases=Phrases(programme.phrases, programme.catalogues),
        )

    async def _start(self, updates: Updates) -> None:
        """The loops; then the ways in that are not webhooks."""
        service = self.service
        service.start()
        service.loops.start("watching", Watching(service, _secret(self.settings.heartbeat_url)).once)
        telegram = self._telegram()
        if telegram is not None:
            self._hear_telegram(telegram, updates)
        if self.settings.sms_on:
            service.loops.start("reconcile", Reconciler(service, service.channels["sms"]).once)

    def _telegram(self) -> TelegramChannel | None:
        """The real one, where it is set up: the demo's phones need no polling."""
        if not self.settings.telegram_on:
            return None
        from bot.channels.telegram import TelegramChannel

        channel = self.service.channels.get("telegram")
        return channel if isinstance(channel, TelegramChannel) else None

    def _hear_telegram(self, telegram: TelegramChannel, updates: Updates) -> None:
        """A provider that is down must not keep the service from starting: both ways in are loops."""
        if self.settings.telegram_mode == "webhook":
            secret = _secret(self.settings.telegram_webhook_secret)
            announcer = Announcer(telegram, f"{self.settings.public_url}/channels/telegram", secret)
            self.service.loops.start("webhook", announcer.once)
            self.service.loops.start("waiting", Watch(self.service, telegram, updates).once)
            return
        self.service.loops.start("polling", partial(updates.poll, telegram))


def _push_key(settings: Settings) -> str:
    if settings.push_key is None:
        return ""
    from bot.channels.push_sealing import public_key

    return public_key(_secret(settings.push_key))


def _names(programme: Programme) -> dict[str, dict[str, str]]:
    """What the flows call the plan's items and the covers, by language and message id, for the console; and what they
    ask, for what is given to her.
    """
    english = {name: said for name, said in programme.own.items() if name.startswith("plan/")}
    english |= {f"cover/{name}": cover.label for name, cover in programme.covers.items()}
    for flow in programme.flows.values():
        for step in flow.steps.values():
            if isinstance(step, Ask):
                english[f"{flow.name}/{step.name}"] = step.english
                english |= {f"{flow.name}/{step.name}.{choice.name}": choice.english for choice in step.choices}
    text = programme.catalogues.text
    return {
        code: {name: text(code, name.replace("cover/", "join/cover."), said) for name, said in english.items()}
        for code in {**programme.console.languages, **programme.catalogues.languages}
    }


# Objects made before the collector looks at them: hardly any of a turn's are in circles, and looking for some after
# each 700, as Python does unasked, costs a twentieth of a turn. A look at this many takes a millisecond.
YOUNG = 20_000


def one_heap() -> None:
    """Before any thread: each would get a heap of its own, of which most stays empty, and they take turns anyhow.

    What is large stands apart for good, so that it goes back whole: by itself that bound would grow.
    """
    with contextlib.suppress(OSError, AttributeError):  # glibc only
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, 1)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)


def settle(programme: Programme) -> None:
    """What can be done behind an open door. A message that comes before it is done waits for it."""
    programme.reader.prepare()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # glibc only: what reading the content needed goes back
        ctypes.CDLL(None).malloc_trim(0)
    gc.freeze()  # content and libraries stay as they are: walking all of it again held every turn up for 0.1 s
    gc.set_threshold(YOUNG, 20, 20)


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


def run(app: Starlette, sockets: list[socket.socket]) -> None:
    """Serve until told to stop, on what `bot.listening` has bound."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=GRACE,
    )
    uvicorn.Server(config).run(sockets=sockets)
