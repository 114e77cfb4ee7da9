"""A stand-in for Twilio in a process of its own: takes every message and notes when it was asked to.

`python -m bot.bench.provider PORT`; `GET /asked` lists [seconds, number, text], the seconds of the machine's own
monotonic clock, which all of its processes share.
"""

from __future__ import annotations

import sys
import time
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.bench.people import ACCOUNT
from bot.listening import listen
from bot.serving import run


def provider() -> Starlette:
    asked: list[tuple[float, str, str]] = []

    async def create(request: Request) -> JSONResponse:
        at = time.monotonic()
        form = parse_qs((await request.body()).decode())
        asked.append((at, form["To"][0], form["Body"][0]))
        return JSONResponse({"sid": f"SM{len(asked):032x}", "status": "queued"}, 201)

    async def listed(request: Request) -> JSONResponse:
        """Nothing came in that no webhook brought."""
        return JSONResponse({"messages": [], "next_page_uri": None, "page": 0, "page_size": 200})

    async def told(request: Request) -> JSONResponse:
        return JSONResponse(asked)

    messages, app = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", Starlette()
    app.add_route(messages, create, methods=["POST"])
    app.add_route(messages, listed, methods=["GET"])
    app.add_route("/asked", told, methods=["GET"])
    return app


if __name__ == "__main__":
    run(provider(), listen("127.0.0.1", int(sys.argv[1])))
