"""Which of the pages that wait for one phone go out in one message. Pure; a P0 is always alone and never waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.engine.model import Tier

MOST = 6  # alerts in one message: their codes fit into one segment
ALONE: Tier = "P0"
IN_WORDS = ("sms", "telegram")  # a call is answered by a key, an e-mail and a notice not at all: one alert each


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page to a phone. `code`: what is texted back; `news`: it says more than that one waits. `alert`: its id, by
    which two pages are known to be of one alert, whose code may have changed between them."""

    id: str
    tier: Tier
    code: str
    channel: str
    news: bool = False
    alert: str = ""

    @property
    def what(self) -> str:
        return self.alert or self.code

    @property
    def joins(self) -> bool:
        return self.tier != ALONE and self.channel in IN_WORDS and not self.news


@dataclass(frozen=True, slots=True)
class Group:
    """What goes out in one message. `pages`: all that it says, its first included; `codes`: each alert's once."""

    pages: tuple[str, ...]
    codes: tuple[str, ...]
    tier: Tier  # the highest


def group(first: Waiting, others: Sequence[Waiting], most: int = MOST) -> Group:
    """`first` and those of `others` that join it, in their order.

    The same alert's second page says nothing more, but its code is the one that is good now.
    """
    pages = tuple(_joined(first, others, most)) if first.joins else (first,)
    codes = tuple({page.what: page.code for page in pages}.values())
    return Group(tuple(page.id for page in pages), codes, min(page.tier for page in pages))


def _joined(first: Waiting, others: Sequence[Waiting], most: int) -> Iterator[Waiting]:
    alerts = {first.what}
    yield first
    for page in others:
        if page.joins and (page.what in alerts or len(alerts) < most):
            alerts.add(page.what)
            yield page
