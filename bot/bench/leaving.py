"""From her exit to the provider, and from an answer that raises to a worker's page, while others write all the time.

The real `rowan serve` on SQLite, the load and the provider each in a process of its own. One after the other people
begin the dialogue, so that at any moment some open their chat, some answer and some leave.
"""

from __future__ import annotations

import http.client
import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import Connection

from bot.app import read_content
from bot.bench.people import DIALOGUE, message, number
from bot.bench.webhook import Server, post
from storage import accounts
from storage.vault import Vault

RATE = 200.0  # turns a second
PEOPLE = 1_200  # each goes through the dialogue once: a second time would be no check-in
BETWEEN = 2.0  # seconds between two messages of one person
WARMING = 10.0  # seconds that are not measured: until the first have come to their exit
AFTER = 5.0  # seconds for the last to arrive
RAISERS = 24  # people with numbers behind the others', who say that they are not safe, one after the other
RAISES = ("sunflower", "3")
CALM = (*DIALOGUE[:-2], "1", "x")  # nothing new has happened to her: no alert
WORKER = number(9_999_999)

Asked = Sequence[tuple[float, str, str]]  # seconds, to whom, what


@dataclass(frozen=True, slots=True)
class Left:
    """Milliseconds; `missing` exits had no cover at all. `pages` is None where pages and answers do not pair up."""

    exits: int
    missing: int
    p50: float
    p99: float
    pages: float | None


def measure(texts: Sequence[str] = DIALOGUE) -> Left:
    """Takes about a minute. The bench's dialogue raises a P2 each time, more than one worker's phone may be sent."""
    with TemporaryDirectory(prefix="rowan-bench-", dir=".") as name:
        provider = Server("provider", Path(name))
        server = Server("serve", Path(name), provider.origin, people=PEOPLE + RAISERS, also=_on_call)
        try:
            said = dialogues(texts)
            made = [message(server.origin, who, text, n + 1) for n, (who, text) in enumerate(said)]
            posted = post(Path(name), server.origin, made, rate=RATE).posted
            time.sleep(AFTER)
            asked = _asked(provider.port)
        finally:
            server.stop()
            provider.stop()
    return judged(said, posted, asked)


def _asked(port: int) -> Asked:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", "/asked")
        return [tuple(one) for one in json.load(connection.getresponse())]
    finally:
        connection.close()


def _on_call(conn: Connection, vault: Vault, now: datetime) -> None:
    """One worker with one phone."""
    staff = accounts.add(conn, vault, "ana", "Ana", "worker", "", None, now)
    accounts.add_phone(conn, vault, staff.id, "sms", WORKER, now)
    accounts.duty(conn, vault, staff.id, "on_call", now)


def dialogues(texts: Sequence[str]) -> list[tuple[str, str]]:
    """(number, text) of every message, in order: somebody new begins all the time and writes every BETWEEN seconds."""
    each = len(texts) / RATE
    said = [
        (person * each + place * BETWEEN, number(person), text)
        for person in range(PEOPLE)
        for place, text in enumerate(texts)
    ]
    first, last = WARMING, PEOPLE * each
    for raiser in range(RAISERS):
        at = first + raiser * (last - first) / RAISERS
        said += [(at + place * BETWEEN, number(PEOPLE + raiser), text) for place, text in enumerate(RAISES)]
    return [(who, text) for _, who, text in sorted(said)]


def judged(said: Sequence[tuple[str, str]], posted: Sequence[float], asked: Asked) -> Left:
    """Lay what the provider was asked over what was posted."""
    waits, missing = _exits(said, posted, asked)
    late = sorted(waits)
    middle, last = (late[int(len(late) * part)] * 1000 if late else 0.0 for part in (0.5, 0.99))
    return Left(len(late) + missing, missing, middle, last, _pages(said, posted, asked))


def _exits(said: Sequence[tuple[str, str]], posted: Sequence[float], asked: Asked) -> tuple[list[float], int]:
    """(seconds from each exit to the next cover text for that number, exits that had none before the next exit)."""
    covers, left = _covers(asked), _left(said, posted)
    waits, missing = [], 0
    for who, times in left.items():
        for at, following in zip(times, [*times[1:], float("inf")], strict=True):
            if at < posted[0] + WARMING:
                continue
            answer = next((cover for cover in covers.get(who, ()) if at <= cover < following), None)
            if answer is None:
                missing += 1
            else:
                waits.append(answer - at)
    return waits, missing


def _covers(asked: Asked) -> Mapping[str, list[float]]:
    programme = read_content()
    words = {english for _, english in programme.covers[programme.rules.cover].replies}
    found: dict[str, list[float]] = defaultdict(list)
    for at, to, text in asked:
        if text in words:
            found[to].append(at)
    return found


def _left(said: Sequence[tuple[str, str]], posted: Sequence[float]) -> Mapping[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for (who, text), at in zip(said, posted, strict=True):
        if text == "x":
            found[who].append(at)
    return found


def _pages(said: Sequence[tuple[str, str]], posted: Sequence[float], asked: Asked) -> float | None:
    """p95 from an answer that raises to its page: they come in one order, as they are some seconds apart."""
    raisers = {number(PEOPLE + n) for n in range(RAISERS)}
    raised = [at for (who, text), at in zip(said, posted, strict=True) if who in raisers and text == RAISES[-1]]
    pages = [at for at, to, text in asked if to == WORKER and "P0" in text]
    if not raised or len(pages) != len(raised):
        return None
    waits = sorted(page - at for page, at in zip(pages, raised, strict=True))
    return waits[int(len(waits) * 0.95)] * 1000
