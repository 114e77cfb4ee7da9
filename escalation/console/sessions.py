"""The signed-in browser: a random token in one strict cookie, its hash in the storage, nothing else on either side."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from escalation.console.settings import ConsoleSettings
from escalation.console.wiring import Wiring
from escalation.ports import Session, Staff

TOKEN = 32  # bytes


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def cookie_name(settings: ConsoleSettings) -> str:
    """`__Host-` makes the browser refuse a cookie set by a neighbour domain or over plain http."""
    return "__Host-rowan" if settings.secure_cookies else "rowan"


async def current(wiring: Wiring, request: Request, now: datetime, touch: bool = True) -> Session | None:
    token = request.cookies.get(cookie_name(wiring.settings))
    return await wiring.accounts.session(token_hash(token), now, touch) if token else None


async def begin(wiring: Wiring, request: Request, staff: Staff, now: datetime) -> str:
    """A new session under a new token; the one this browser came with, if any, ends here (no fixation)."""
    await end(wiring, request, now)
    token = secrets.token_urlsafe(TOKEN)
    await wiring.accounts.begin(staff.id, token_hash(token), secrets.token_urlsafe(TOKEN), now)
    return token


async def end(wiring: Wiring, request: Request, now: datetime) -> None:
    token = request.cookies.get(cookie_name(wiring.settings))
    if token:
        await wiring.accounts.end(token_hash(token), now)


def put(response: Response, token: str, settings: ConsoleSettings) -> None:
    """Gone with the browser: no age is set. The storage's limits count anyway."""
    response.set_cookie(
        cookie_name(settings), token, path="/", secure=settings.secure_cookies, httponly=True, samesite="strict"
    )


def drop(response: Response, settings: ConsoleSettings) -> None:
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.secure_cookies, httponly=True, samesite="strict"
    )
    # Not "storage": no script of ours keeps anything there, and the notices by which this browser is paged would end.
    response.headers["Clear-Site-Data"] = '"cache", "cookies"'
