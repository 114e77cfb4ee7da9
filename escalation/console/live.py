"""Live updates: a stream of server-sent events that says *that* something changed, never what.

The page then asks for its list again, as the signed-in worker that it is: the stream carries no personal data and needs
no second way to draw anything. Three events: `changed`, `beat` (still here) and `gone` (signed out).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress

from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from escalation.console import sessions
from escalation.console.doors import REF, TurnedAway, Visit

QUEUE = "alerts"  # the desk's word for "the queue may have changed"
RETRY = 2000  # milliseconds until a browser connects again
GAP = 0.25  # seconds between two events of one stream: a busy line is one change, and an alert still shows in a second

CHANGED = "event: changed\ndata:\n\n"
BEAT = "event: beat\ndata:\n\n"
GONE = "event: gone\ndata:\n\n"


class EventStream(StreamingResponse):
    """Closes its source when the browser goes, at once and not whenever the garbage is collected."""

    def __init__(self, events: AsyncGenerator[str, None]) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._events = events

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._events):
            await super().stream_response(send)


async def stream(visit: Visit) -> Response:
    """`?case=REF` watches one case; without it the queue, which any change may touch."""
    case = visit.request.query_params.get("case", "")
    if case and not REF.fullmatch(case):
        raise TurnedAway(404, "problem.no_such_page")
    return EventStream(_events(visit, case))


async def _events(visit: Visit, case: str) -> AsyncGenerator[str, None]:
    words: set[str] = set()
    came = asyncio.Event()
    reading = asyncio.ensure_future(_collect(visit.wiring.desk.changes(), words, came))
    try:
        yield f"retry: {RETRY}\n{BEAT}"
        while not reading.done():
            quiet = not await _within(came, visit.wiring.settings.heartbeat)
            changed = bool(words & {case, QUEUE}) if case else bool(words)
            words.clear()
            if not (changed or quiet):
                continue
            if await _signed_out(visit):
                yield GONE
                return
            yield CHANGED if changed else BEAT
            await asyncio.sleep(GAP if changed else 0)
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading


async def _collect(changes: AsyncIterator[str], words: set[str], came: asyncio.Event) -> None:
    """Puts the desk's words where the stream finds them, until the desk closes."""
    try:
        async for word in changes:
            words.add(word)
            came.set()
    finally:
        came.set()


async def _within(came: asyncio.Event, seconds: float) -> bool:
    """Whether something came in that time."""
    try:
        async with asyncio.timeout(seconds):
            await came.wait()
    except TimeoutError:
        return False
    came.clear()
    return True


async def _signed_out(visit: Visit) -> bool:
    wiring = visit.wiring
    return await sessions.current(wiring, visit.request, wiring.clock(), touch=False) is None
