"""What waits for a bot: updates, kept until they are acknowledged, asked for by polling or posted to a webhook."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request

from tests.fakes.server import FakeServer, left

RETRY_SECONDS = 0.02  # the real one waits longer
Params = dict[str, Any]


class Refusal(Exception):
    """The Bot API says no."""

    def __init__(self, http: int, description: str, parameters: Params | None = None) -> None:
        super().__init__(description)
        self.http, self.description, self.parameters = http, description, parameters


class Updates(FakeServer):
    """`parallel` webhooks are posted at a time; with 1, in order."""

    def __init__(self, state: Path | None, parallel: int) -> None:
        super().__init__(state)
        self.webhook: Params = {}
        self._parallel = parallel
        self._pending: dict[int, Params] = {}
        self._allowed: list[str] = []
        self._update_ids = itertools.count(500_000)
        self._poll_over: asyncio.Event | None = None
        self._posts: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """Updates not acknowledged yet."""
        return len(self._pending)

    def drained(self, seconds: float = 10.0) -> None:
        """Wait until every update is acknowledged."""
        self.until(lambda: not self._pending, seconds)

    def push(self, body: Params) -> int:
        """Any update at all, given its body; kinds that were not asked for are dropped as Telegram does."""
        with self._lock:
            number = next(self._update_ids)
            if self._allowed and not set(body) & set(self._allowed):
                return number
            self._pending[number] = {"update_id": number, **body}
            self.record("update", update=number, kinds=list(body))
        self._on_loop(self._wake)
        return number

    # -- polling

    async def _poll(self, request: Request, params: Params) -> list[Params]:
        """What getUpdates gives, after as long as it may wait. Raises Refusal beside a webhook or a later poller."""
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        if self._poll_over:
            self._poll_over.set()
        over = self._poll_over = asyncio.Event()
        self._acknowledge(params.get("offset"))
        self._allowed = params.get("allowed_updates", self._allowed)
        if not self._pending and params.get("timeout"):
            await self._first(request, over, params["timeout"])
        if over.is_set() and self._poll_over is not over:
            raise Refusal(409, "Conflict: terminated by other getUpdates request")
        self._poll_over = None
        with self._lock:
            return list(self._pending.values())[: params.get("limit", 100)]

    async def _first(self, request: Request, over: asyncio.Event, seconds: float) -> None:
        """Until there is an update, the time is up, another poller comes, the service leaves, or we stop."""
        self._arrived = asyncio.Event()
        self.record("polling", seconds=seconds)
        waits = [self._arrived.wait(), over.wait(), self._released.wait(), left(request)]
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    def _acknowledge(self, offset: int | None) -> None:
        with self._lock:
            if offset is None:
                return
            keep = sorted(self._pending)[offset:] if offset < 0 else [key for key in self._pending if key >= offset]
            done = [key for key in self._pending if key not in set(keep)]
            for key in done:
                del self._pending[key]
            if done:
                self.record("acknowledged", updates=done)

    # -- webhooks

    def _set_webhook(self, params: Params) -> bool:
        self.webhook = params if params.get("url") else {}
        self._allowed = params.get("allowed_updates", self._allowed)
        self._gate = asyncio.Semaphore(self._parallel)
        for number in list(self._pending):
            self._begin_post(number)
        return True

    def _delete_webhook(self, params: Params) -> bool:
        self.webhook = {}
        if params.get("drop_pending_updates"):
            self._pending.clear()
        return True

    def _wake(self) -> None:
        if self.webhook:
            for number in list(self._pending):
                self._begin_post(number)
        elif hasattr(self, "_arrived"):
            self._arrived.set()

    def _begin_post(self, number: int) -> None:
        if all(task.get_name() != str(number) for task in self._posts):
            task = asyncio.get_running_loop().create_task(self._post(number), name=str(number))
            self._posts.add(task)
            task.add_done_callback(self._posts.discard)

    async def _post(self, number: int) -> None:
        async with self._gate, httpx.AsyncClient(timeout=10, trust_env=False) as client:
            while self.webhook and number in self._pending and not self._released.is_set():
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
                try:
                    answer = await client.post(self.webhook["url"], json=self._pending[number], headers=headers)
                    outcome: int | str = answer.status_code
                except httpx.HTTPError as error:
                    outcome = type(error).__name__
                if isinstance(outcome, int) and outcome < 300:
                    self._pending.pop(number, None)
                    self.record("webhook", update=number, outcome=outcome)
                    return
                self.record("webhook", update=number, outcome=outcome)
                await asyncio.sleep(RETRY_SECONDS)
