"""The ways in which a worker is paged: each proven to be theirs by a code, tried in the order of the ladder's step."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, get_args

Method = Literal["telegram", "sms", "voice", "email", "push"]

METHODS: tuple[Method, ...] = get_args(Method)
RINGS: Method = "voice"
BROWSER: Method = "push"  # a notice in a browser, which only that browser itself can add
# It counts when it has arrived; of the others, when it was taken.
REPORTED: tuple[Method, ...] = ("sms", RINGS, BROWSER)
CARRIED: Method = "sms"  # that one has arrived is for the carrier to say, and some carriers never do
UNHEARD = 10  # texts taken by a carrier that said nothing of any: fewer are a tunnel, or a phone that is off
# How long after a page was written it must have been taken, or arrived where that is reported: else the next method.
# A text and a notice arrive within seconds; a call rings 25 of them and is spoken three times.
DEADLINE: Mapping[str, timedelta] = {
    "telegram": timedelta(seconds=30),
    "sms": timedelta(seconds=60),
    "voice": timedelta(seconds=90),
    "email": timedelta(seconds=60),
    BROWSER: timedelta(seconds=60),
}
State = Literal["open", "shut", "new"]


@dataclass(frozen=True, slots=True)
class Way:
    """One method of one worker. `ends`: the last characters of its address. `new`: not proven yet, so never paged."""

    id: str
    method: Method
    ends: str
    state: State


def tried(has: Collection[str], order: Sequence[str], rings: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the methods that somebody has: those that a page goes out by at once, and those tried after, in order.

    With an `order` one after the other. Without one, or where they have none of it, all at once; a telephone then rings
    only where it `rings` for that tier, or where there is nothing else.
    """
    named = tuple(method for method in order if method in has)
    if named:
        return named[:1], named[1:]
    quiet = tuple(method for method in METHODS if method in has and method != RINGS)
    return (quiet if quiet and not rings else tuple(m for m in METHODS if m in has)), ()


def unheard(last: Sequence[str]) -> bool:
    """Whether a carrier seems to say of no text that it arrived. `last`: the status of the last texts that it took."""
    return len(last) >= UNHEARD and all(status == "sent" for status in last)


def hurries(tier: str, mute: bool) -> bool:
    """Whether a page that slipped brings the next step before its time. Silence is loss (SAFETY 27); where carriers are
    `mute` about every text it may be none, and then a P0 alone does."""
    return not mute or tier == "P0"


class Methods(Protocol):
    """A worker's own. All raise Unknown for what is not theirs, Refused with why not."""

    @property
    def offered(self) -> tuple[Method, ...]:
        """Those that are set up here."""

    async def of(self, staff: str) -> Sequence[Way]: ...

    async def add(self, staff: str, method: Method, address: str, now: datetime) -> None:
        """`address` as people write it. A code goes there; nothing else does until it is proven."""

    async def send_code(self, staff: str, way: str, now: datetime) -> None:
        """A fresh code; the one before is no good any more."""

    async def prove(self, staff: str, way: str, code: str, now: datetime) -> None:
        """The code was read there, by whoever is signed in here."""

    async def remove(self, staff: str, way: str, now: datetime) -> None: ...

    async def test(self, staff: str, now: datetime) -> int:
        """A page that asks for nothing, by each of their open methods. Returns by how many."""

    async def silent(self, now: datetime) -> bool:
        """Whether no page reaches anybody: no method of anybody is open, or none has got a page out lately."""
