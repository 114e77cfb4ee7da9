"""How fast a provider may be asked: token buckets, one a provider and one a chat (FACTS.md)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

CHATS = 10_000  # buckets of chats kept; an old one that is dropped is full again anyway


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


class Pace:
    """Seconds to wait before the next request of a channel to a chat."""

    def __init__(self, rates: Mapping[str, tuple[float, float]], seconds: Callable[[], float] = time.monotonic) -> None:
        """`rates` by channel: (overall a second, a second to one chat)."""
        self._rates, self._seconds = rates, seconds
        self._overall = {name: Bucket(rate, rate, seconds()) for name, (rate, _) in rates.items()}
        self._chats: OrderedDict[tuple[str, str], Bucket] = OrderedDict()

    def wait(self, channel: str, chat: str) -> float:
        now = self._seconds()
        if channel not in self._rates:
            return 0.0
        bucket = self._chats.get((channel, chat))
        if bucket is None:
            bucket = self._chats[(channel, chat)] = Bucket(self._rates[channel][1], 4, now)
        self._chats.move_to_end((channel, chat))
        while len(self._chats) > CHATS:
            self._chats.popitem(last=False)
        return max(bucket.take(now), self._overall[channel].take(now))


# Telegram: 30 a second overall, 1 a second to a chat. Twilio queues by itself: 100 a second is a long code pool's pace.
RATES = {"telegram": (30.0, 1.0), "sms": (100.0, 2.0)}
