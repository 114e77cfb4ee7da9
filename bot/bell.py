"""Wakes what waits for committed work, inside this process; across replicas PostgreSQL's NOTIFY rings the same bell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Literal, get_args

Topic = Literal["outbox", "timers", "desk", "sweep"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
MOST_WAITING = 100  # words kept for a slow listener: it reads the whole queue anyway when it wakes


class Bell:
    """`ring` never blocks and never fails; a loop that was not waiting finds its event set."""

    def __init__(self) -> None:
        self._events: dict[Topic, asyncio.Event] = {t: asyncio.Event() for t in TOPICS}
        self._listeners: set[asyncio.Queue[str]] = set()
        self.echo: Callable[[str, str], None] | None = None  # tells the other replicas, where there are any

    def ring(self, topic: Topic, word: str = "") -> None:
        """Something was committed here: wake who waits, on the other replicas too."""
        self.hear(topic, word)
        if self.echo is not None:
            self.echo(topic, word)

    def heard(self, topic: str, word: str = "") -> None:
        """A notice of another replica; an empty topic means that any may have been missed."""
        for mine in TOPICS:
            if topic in ("", mine):
                self.hear(mine, word)

    def hear(self, topic: Topic, word: str = "") -> None:
        """Wake who waits in this process."""
        self._events[topic].set()
        if topic == "desk":
            for listener in self._listeners:
                if listener.qsize() < MOST_WAITING:
                    listener.put_nowait(word)

    async def wait(self, topic: Topic, seconds: float) -> None:
        """Until it rings, at most `seconds`. Not `wait_for`: before Python 3.12 that loses a cancellation in a ring."""
        event = self._events[topic]
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await event.wait()
        except TimeoutError:
            return
        finally:
            event.clear()

    async def listen(self) -> AsyncGenerator[str, None]:
        """What changed on the desk, word by word, for the live pages."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)
