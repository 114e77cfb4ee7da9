"""What both provider doubles share: a real HTTP server in a thread, a history, and faults that can be ordered.

    with FakeTwilio() as twilio:
        twilio.fail(Fault.status(503), Fault.hang_after())     # the next two sends
        ...
        assert [fact["kind"] for fact in twilio.history] == ["refused", "accepted"]

A fault is used up by the next call of the operation it is for. `hang_*` keeps the connection open until the caller
leaves or `release()`. Everything is on 127.0.0.1; the port is the system's choice unless given.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

T = TypeVar("T")
Fact = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one call. `code` is the provider's own error number or words."""

    kind: str
    http: int = 500
    code: int = 0
    words: str = ""
    retry_after: int | None = None

    @classmethod
    def status(cls, http: int, code: int = 0, words: str = "", retry_after: int | None = None) -> Fault:
        """Refused with this status; nothing was accepted."""
        return cls("status", http, code, words, retry_after)

    @classmethod
    def hang_before(cls) -> Fault:
        """The request is read and nothing happens."""
        return cls("hang_before")

    @classmethod
    def hang_after(cls) -> Fault:
        """Accepted, and never answered: the outcome is unknown to the caller."""
        return cls("hang_after")

    @classmethod
    def reset_before(cls) -> Fault:
        """The connection is cut before anything is accepted."""
        return cls("reset_before")

    @classmethod
    def reset_after(cls) -> Fault:
        """Accepted; the connection is cut in the middle of the answer."""
        return cls("reset_after")

    @classmethod
    def html(cls) -> Fault:
        """Accepted; a gateway answers 200 with a page of its own."""
        return cls("html")

    @classmethod
    def truncated(cls) -> Fault:
        """Accepted; the answer is cut short but arrives as if whole."""
        return cls("truncated")


class FakeServer:
    """A provider's double. Subclasses give routes and, by `refusal`, the provider's own form of an error."""

    def __init__(self, state: Path | None = None) -> None:
        self.clock_ahead = timedelta(0)
        self.history: list[Fact] = []
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._faults: dict[str, list[Fault]] = {}
        self._state = state.open("a", encoding="utf-8") if state else None
        self._ready = threading.Event()
        self.tls: dict[str, Any] = {}  # uvicorn's own names

    # -- what a subclass gives

    def routes(self) -> list[Route]:
        raise NotImplementedError

    def refusal(self, fault: Fault) -> Response:
        raise NotImplementedError

    # -- starting and stopping

    def start(self, port: int = 0) -> Self:
        """Listen; returns when connections are taken."""
        # The protocol is named, for asyncio leaves Nagle's delay (40 ms an answer) on sockets that do not name theirs.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        self.port: int = listening.getsockname()[1]
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"
        app = Starlette(routes=[*self.routes(), *self._control()])
        config = uvicorn.Config(
            self._dated(app),
            date_header=False,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=60,
            **self.tls,
        )
        self._server = _Server(config, self._started)
        self._thread = threading.Thread(target=self._run, args=(listening,), daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the fake did not start in 10 seconds")
        return self

    def _dated(self, app: ASGIApp) -> ASGIApp:
        """Every answer bears the date of the provider's own clock."""

        async def answering(scope: Scope, receive: Receive, send: Send) -> None:
            async def with_date(message: Message) -> None:
                if message["type"] == "http.response.start":
                    date = format_datetime(datetime.now(UTC) + self.clock_ahead, usegmt=True)
                    MutableHeaders(scope=message)["date"] = date
                await send(message)

            await app(scope, receive, with_date)

        return answering

    def stop(self) -> None:
        self.release()
        self._server.should_exit = self._server.force_exit = True
        self._on_loop(self._server.woken.set)
        self._thread.join(10)
        if self._state:
            self._state.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run_forever(self) -> None:
        """For use as a process: until it is told to stop."""
        self._thread.join()

    # -- faults

    def fail(self, *faults: Fault, on: str = "send") -> None:
        """Order faults for the next calls of this operation, in this order."""
        with self._lock:
            self._faults.setdefault(on, []).extend(faults)

    def mend(self) -> None:
        """Of the faults that were ordered none is left."""
        with self._lock:
            self._faults.clear()

    def release(self) -> None:
        """Let every hanging call go on."""
        self._on_loop(self._released.set)

    # -- history

    def record(self, kind: str, **facts: Any) -> Fact:
        """Add a fact in the order in which things truly happened here; `at` is seconds since 1970."""
        with self._lock:
            fact: Fact = {"n": len(self.history) + 1, "at": time.time(), "kind": kind, **facts}
            self.history.append(fact)
            if self._state:
                self._state.write(json.dumps(fact, ensure_ascii=False) + "\n")
                self._state.flush()
            self._news.notify_all()
        return fact

    def until(self, true: Callable[[], object], seconds: float = 10.0) -> None:
        """Wait for something to become true here, looked at after each new fact; AssertionError if it never does."""
        with self._news:
            if not self._news.wait_for(true, seconds):
                raise AssertionError(f"did not come true in {seconds} s; the last facts: {self.history[-5:]}")

    def facts(self, kind: str) -> list[Fact]:
        with self._lock:
            return [fact for fact in self.history if fact["kind"] == kind]

    @property
    def open_connections(self) -> list[object]:
        """The callers' ends of the connections open now."""
        return [theirs for ours, theirs in list(_OPEN) if ours[1] == self.port]

    # -- for subclasses

    async def serve(self, operation: str, request: Request, accept: Callable[[], Response]) -> Response:
        """Answer one call: as the provider would, or with the fault ordered for it."""
        with self._lock:
            queued = self._faults.get(operation)
            fault = queued.pop(0) if queued else None
        if fault is None:
            return accept()
        self.record("fault", operation=operation, fault=fault.kind, http=fault.http if fault.kind == "status" else None)
        return await self._faulty(fault, request, accept)

    async def _faulty(self, fault: Fault, request: Request, accept: Callable[[], Response]) -> Response:
        if fault.kind == "status":
            return self.refusal(fault)
        if fault.kind == "hang_before":
            await self._hang(request)
            return Response(status_code=503)
        if fault.kind == "reset_before":
            return _Cut(b"", sent=0)
        answer = accept()
        if fault.kind == "hang_after":
            await self._hang(request)
        if fault.kind == "reset_after":
            return _Cut(bytes(answer.body), sent=len(answer.body) // 2)
        if fault.kind == "html":
            return HTMLResponse("<!doctype html><title>Sign in to the network</title>")
        if fault.kind == "truncated":
            return Response(bytes(answer.body)[: len(answer.body) // 2], media_type="application/json")
        return answer

    def in_background(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine in the server's own loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _on_loop(self, call: Callable[[], object]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    def control(self, request_path: str, act: Callable[[Fact], Any]) -> Route:
        """A route under /_fake/ for those who drive the double from another process: JSON in, JSON out."""

        async def endpoint(request: Request) -> Response:
            asked = await request.json() if request.method == "POST" else {}
            # In a thread: acting may wait for the server's own loop.
            return JSONResponse(await asyncio.to_thread(act, asked))

        return Route(f"/_fake/{request_path}", endpoint, methods=["GET", "POST"])

    def _control(self) -> list[Route]:
        def order(asked: Fact) -> Fact:
            on, times = asked.pop("on", "send"), asked.pop("times", 1)
            self.fail(*[Fault(**asked)] * times, on=on)
            return {}

        def let_go(_: Fact) -> Fact:
            self.release()
            return {}

        return [
            self.control("fault", order),
            self.control("release", let_go),
            self.control("history", lambda _: self.history),
        ]

    def _run(self, listening: socket.socket) -> None:
        with asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner:
            runner.run(self._server.serve(sockets=[listening]))

    def _started(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._released = asyncio.Event()
        self._ready.set()

    async def _hang(self, request: Request) -> None:
        leaving = asyncio.create_task(left(request))
        going_on = asyncio.create_task(self._released.wait())
        _, waiting = await asyncio.wait({leaving, going_on}, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


class _Server(uvicorn.Server):
    """Tells when it listens, and stops when told and not at its next look round: tests start hundreds of these."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started
        self.woken = asyncio.Event()

    async def main_loop(self) -> None:
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
            if connection.transport is not None:
                connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        for _ in range(3):  # an aborted transport closes its socket in the loop's next turns
            await asyncio.sleep(0)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()


_SILENT = logging.getLogger("tests.fakes")
_SILENT.setLevel(logging.CRITICAL + 1)
_OPEN: dict[tuple[Any, Any], asyncio.Transport] = {}


class _Protocol(HttpToolsProtocol):
    """Remembers its transport, so that a fault can cut the connection, and keeps the double out of the test's log."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.logger = _SILENT
        self.access_log = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._ends = (transport.get_extra_info("sockname"), transport.get_extra_info("peername"))
        _OPEN[self._ends] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _OPEN.pop(self._ends, None)
        super().connection_lost(exc)


class _Cut(Response):
    """Sends part of an answer, or none of it, and resets the connection."""

    def __init__(self, whole: bytes, sent: int) -> None:
        super().__init__()
        self._whole, self._sent = whole, sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._sent:
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(self._whole)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": self._whole[: self._sent], "more_body": True})
        transport = _OPEN[tuple(scope["server"]), tuple(scope["client"])]
        if not self._sent:  # nothing may arrive, not even an orderly end
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()


async def left(request: Request) -> None:
    """Returns when the caller has hung up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
