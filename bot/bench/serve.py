"""What is measured, each in its own process: the bare echo (the machine's ceiling) and the real service."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot import turn
from bot.app import open_service, read_content
from bot.bench.people import ACCOUNT, TOKEN, seed
from bot.clock import Clock
from bot.listening import listen
from bot.receiving import Updates
from bot.serving import run, settle
from bot.web import Doors, Front
from storage.crypto.ring import new_ring


async def _echo(request: Request) -> PlainTextResponse:
    form = await request.form()
    return PlainTextResponse(str(form["Body"]))


def echo() -> Starlette:
    """A form in, its text out: what this stack could do if it did nothing."""
    return Starlette(routes=[Route("/channels/twilio/inbound", _echo, methods=["POST"])])


def rowan(folder: Path, port: int, people: int, one_by_one: bool) -> Starlette:
    """The providers' doors of `rowan serve` on SQLite with synchronous=FULL; the outbox is written and not sent."""
    if one_by_one:
        turn.MOST = 1
    clock = Clock()
    service = open_service(f"sqlite:///{folder / 'bench.db'}", new_ring(clock.now()), read_content(), {}, clock)
    service.database.write_now(seed, service.vault, people, clock.now())
    doors = Doors(service, Updates(service, None), f"http://127.0.0.1:{port}", ACCOUNT, TOKEN)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        service.loops.start("turns", service.turns.run)
        settle(service.programme)
        yield
        await service.stop()

    return Front(doors.routes(), lifespan=lifespan)


def main() -> None:
    """`python -m bot.bench.serve echo|rowan|rowan-one PORT [FOLDER PEOPLE]`"""
    kind, port = sys.argv[1], int(sys.argv[2])
    app = echo() if kind == "echo" else rowan(Path(sys.argv[3]), port, int(sys.argv[4]), kind == "rowan-one")
    run(app, listen("127.0.0.1", port))


if __name__ == "__main__":
    main()
