"""`rowan demo`: the real service on throwaway data, with people, phones and a past that are all made up."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import FrameType

import uvicorn

from bot.app import read_content
from bot.clock import Clock
from bot.demo.audience import Audience
from bot.demo.cast import PASSWORD, RECIPIENTS, STAFF, Phone
from bot.demo.chronicle import Chronicle
from bot.demo.drill import Drills
from bot.demo.greeting import as_object, greet
from bot.demo.hands import Hands
from bot.demo.past import BEGAN, House, enrol_all, hire, live_through
from bot.demo.rota import plan
from bot.demo.shelf import Shelf
from bot.demo.stage import Stage, person_at
from bot.demo.story import SCENES
from bot.demo.table import Table
from bot.logs import configure_logging
from bot.settings import read_settings
from escalation.console.passwords import hash_password
from escalation.ladder import Ladder
from escalation.ladder.file import read_ladder
from escalation.ports import Staff
from flows.engine.programme import Programme

GRACE = 1  # seconds for requests under way: an open page's stream never ends by itself
HOST = "127.0.0.1"


@asynccontextmanager
async def opened(
    origin: str, past: bool = True, programme: Programme | None = None, ladder: Ladder | None = None
) -> AsyncIterator[Table]:
    """Everything but the web server: serve `app()` inside. Without a `past` everybody joins now."""
    hashing = asyncio.create_task(asyncio.to_thread(hash_password, PASSWORD))
    if programme is None:
        programme = await asyncio.to_thread(read_content)
    now = datetime.now(UTC)
    clock = Clock(now - BEGAN if past else now)
    async with Stage(clock, None, programme, ladder) as stage:
        staff = await hire(stage, await hashing)
        house = House(stage, staff)
        if past:
            await live_through(house, now, SCENES)
            clock.move(max(datetime.now(UTC) - clock.now(), timedelta(0)))
        else:
            await enrol_all(house)
        await plan(stage, clock.now())
        yield await _furnished(stage, staff, origin)


async def _furnished(stage: Stage, staff: Mapping[str, Staff], origin: str) -> Table:
    """The table laid, the chronicle begun, a token made."""
    service, names = stage.service, await _names(stage)
    chronicle = Chronicle(service, names, {one.id: one.name for one in staff.values()})
    await chronicle.begin()
    drills = Drills(service.programme)
    service.turns.observers += [chronicle.heard, drills.heard]
    token = await service.accounts.new_token(staff["ana"].id, "demo", stage.clock.now())
    audience = Audience()

    async def seen() -> None:
        await table.see()

    hands = Hands(service, seen)
    table = Table(stage, staff, origin, token, Shelf(_phones()), audience, chronicle, hands, drills, names)
    return table


def _phones() -> list[Phone]:
    workers = [
        Phone(f"{one.username}-{channel}", "worker", channel, address, owner=one.name)
        for one in STAFF
        for channel, address in one.phones.items()
    ]
    return [*(one.phone for one in RECIPIENTS.values()), *workers]


async def _names(stage: Stage) -> dict[str, str]:
    read, vault = stage.service.database.read, stage.service.vault
    phones = [one.phone for one in RECIPIENTS.values()]
    return {await read(person_at, vault, phone.channel, phone.address): phone.name for phone in phones}


# the process


def run_demo(port: int, as_json: bool) -> None:
    """Serve until told to stop; then nothing is left. Exits with 1 when the port is taken."""
    configure_logging("error")
    try:
        listening = listen(port)
    except OSError as error:
        raise SystemExit(f"Port {port} cannot be used ({error.strerror}). Choose another with --port.") from None
    signal.signal(signal.SIGTERM, _told_to_stop)
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(listening, as_json))


def _told_to_stop(number: int, frame: FrameType | None) -> None:
    """As Ctrl-C does: through every clean-up, so that no data is left behind."""
    raise SystemExit(0)


def listen(port: int) -> socket.socket:
    """Taken at once: whoever reads the addresses may call before the first page is ready. Port 0: any free one."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except BaseException:
        listening.close()
        raise
    listening.listen(128)
    return listening


def server_of(table: Table) -> uvicorn.Server:
    """To be given a listening socket."""
    config = uvicorn.Config(
        table.app(),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=GRACE,
    )
    return uvicorn.Server(config)


async def _run(listening: socket.socket, as_json: bool) -> None:
    origin = f"http://{HOST}:{listening.getsockname()[1]}"
    ladder = await asyncio.to_thread(lambda: read_ladder(read_settings().programme))
    async with opened(origin, ladder=ladder) as table:
        server = server_of(table)
        if as_json:
            sys.stdout.write(json.dumps(as_object(table), ensure_ascii=False) + "\n")
        else:
            greet(table)
        sys.stdout.flush()
        await server.serve(sockets=[listening])
