"""Everybody who has the demo open in a browser, told what changed and never what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Literal

Word = Literal["phones", "queue", "clock"]
RETRY = 1000  # milliseconds until a browser connects again
BEAT = 15.0  # seconds after which an idle stream says that it is alive
GAP = 0.15  # seconds between two words to one browser: while the clock moves, much happens at once


class Audience:
    """`tell` never blocks; a slow browser is told each word once, however often it was said."""

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()

    def tell(self, word: Word) -> None:
        for listener in self._listeners:
            listener.tell(word)

    async def events(self) -> AsyncGenerator[str, None]:
        """A stream of server-sent events: `changed` with the words, `beat` while nothing happens."""
        listener = _Listener()
        self._listeners.add(listener)
        try:
            yield f"retry: {RETRY}\nevent: beat\ndata:\n\n"
            while True:
                words = await listener.wait(BEAT)
                yield f"event: changed\ndata: {' '.join(words)}\n\n" if words else "event: beat\ndata:\n\n"
                await asyncio.sleep(GAP)
        finally:
            self._listeners.discard(listener)


class _Listener:
    def __init__(self) -> None:
        self._words: dict[Word, None] = {}
        self._some = asyncio.Event()

    def tell(self, word: Word) -> None:
        self._words[word] = None
        self._some.set()

    async def wait(self, seconds: float) -> list[Word]:
        """What was said since the last time; nothing after so many seconds of silence."""
        try:
            await asyncio.wait_for(self._some.wait(), seconds)
        except TimeoutError:
            return []
        words = list(self._words)
        self._words.clear()
        self._some.clear()
        return words
