"""How fast a provider may be asked: token buckets, one a provider and one a chat (FACTS.md).

What is urgent (the cover that answers an exit, a wipe, a page) takes its token but waits for other urgent requests
only, and the rest pays it back: no exit stands in a queue, and no provider is hurried for longer than a moment.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

CHATS = 10_000  # buckets of chats kept; an old one that is dropped is full again anyway
CHAT_BURST = 4.0  # requests to one chat at once


class Bucket:
    """`rate` a second, `burst` at once."""

    __slots__ = ("_at", "_burst", "_level", "_rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._level, self._at = rate, burst, burst, now

    def take(self, now: float) -> float:
        """Take one. Returns the seconds to wait first."""
        self._level = min(self._burst, self._level + (now - self._at) * self._rate) - 1
        self._at = now
        return 0.0 if self._level >= 0 else -self._level / self._rate

    def give_back(self) -> None:
        self._level = min(self._burst, self._level + 1)


class Lane:
    """One bucket for all requests, and beside it one that only the urgent ones wait for."""

    __slots__ = ("_all", "_urgent")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._all, self._urgent = Bucket(rate, burst, now), Bucket(rate, burst, now)

    def take(self, now: float, urgent: bool) -> float:
        whole = self._all.take(now)
        return self._urgent.take(now) if urgent else whole

    def give_back(self, urgent: bool) -> None:
        self._all.give_back()
        if urgent:
            self._urgent.give_back()


class Pace:
    """Seconds to wait before the next request of a channel to a chat."""

    def __init__(self, rates: Mapping[str, tuple[float, float]], seconds: Callable[[], float] = time.monotonic) -> None:
        """`rates` by channel: (overall a second, a second to one chat)."""
        self._rates, self._seconds = rates, seconds
        self._overall = {name: Lane(rate, rate, seconds()) for name, (rate, _) in rates.items()}
        self._chats: OrderedDict[tuple[str, str], Lane] = OrderedDict()

    def wait(self, channel: str, chat: str, urgent: bool = False, at_once: bool = False) -> float:
        """Take a token; the request may be made after so many seconds. `at_once`: the chat's own pace holds it not."""
        if channel not in self._rates:
            return 0.0
        now = self._seconds()
        in_chat, overall = self._chat(channel, chat, now).take(now, urgent), self._overall[channel].take(now, urgent)
        return overall if at_once else max(in_chat, overall)

    def give_back(self, channel: str, chat: str, urgent: bool = False) -> None:
        """The request that a token was taken for is not made: she left meanwhile, or it came too late."""
        if channel in self._rates:
            self._chat(channel, chat, self._seconds()).give_back(urgent)
            self._overall[channel].give_back(urgent)

    def _chat(self, channel: str, chat: str, now: float) -> Lane:
        lane = self._chats.get((channel, chat))
        if lane is None:
            lane = self._chats[(channel, chat)] = Lane(self._rates[channel][1], CHAT_BURST, now)
        self._chats.move_to_end((channel, chat))
        while len(self._chats) > CHATS:
            self._chats.popitem(last=False)
        return lane


# Telegram: 30 a second overall, 1 a second to a chat. Twilio queues by itself: 100 a second is a long code pool's pace.
RATES = {"telegram": (30.0, 1.0), "sms": (100.0, 2.0)}
