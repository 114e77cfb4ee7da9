"""What the phones say: openings, check-ins, exits, duress words, danger, and workers who claim pages."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections.abc import Sequence

from tests.faults.evidence import Phone
from tests.faults.line import Line
from tests.faults.town import DURESS, EXIT, SIGNAL, Town

THINK = (0.1, 1.0)  # seconds between two messages of one phone
CLAIMED = 0.6  # of pages a worker answers
PASSED = 0.1  # of the answers give it to the next
PAGE = re.compile(r"\b[2-9A-Y]{3,5}\b")
_numbers = itertools.count(1)

TALKS: tuple[tuple[str, ...], ...] = (
    (SIGNAL, "1", "2", "2", "1", "1", EXIT),
    (SIGNAL, "1", "afraid 9", EXIT),
    (SIGNAL, "3", "1", EXIT),
    (SIGNAL, "{}", DURESS, EXIT),
    (SIGNAL, "menu", "{}", EXIT),
    (SIGNAL, "talk", EXIT),
    (DURESS,),
    ("hello {}",),
)
KEYWORD = "harvest"
JOINING = ("1", "1", "{}", "0", EXIT)


async def talk(line: Line, phone: Phone, over: asyncio.Event) -> None:
    """One recipient, message after message, until it is over; a talk that was begun is ended."""
    while not over.is_set():
        await _say_all(line, phone, random.choice(TALKS))


async def join(line: Line, phone: Phone, over: asyncio.Event) -> None:
    """What a stranger says before the keyword has come is nobody's turn, so the keyword has its webhook."""
    await asyncio.sleep(random.uniform(1, 20))
    if not over.is_set():
        await line.say(phone, KEYWORD, posted=True)
        await asyncio.sleep(random.uniform(*THINK))
        await _say_all(line, phone, JOINING)


async def _say_all(line: Line, phone: Phone, texts: Sequence[str]) -> None:
    for text in texts:
        await line.say(phone, text.format(f"so it is {next(_numbers)}"))
        await asyncio.sleep(random.uniform(*THINK))


async def answer_pages(line: Line, town: Town, over: asyncio.Event) -> None:
    """The workers: a page's code comes back as 'A CODE', or 'P CODE', each of several in one message by itself."""
    seen = 0
    phones = {address for channel, address in town.workers if channel == "sms"}
    while not over.is_set():
        sent = line.twilio.sent
        for message in sent[seen:]:
            for code in dict.fromkeys(PAGE.findall(message.body) if message.to in phones else ()):
                if random.random() < CLAIMED:
                    await line.say(("sms", message.to), f"{'P' if random.random() < PASSED else 'A'} {code}")
        seen = len(sent)
        await asyncio.sleep(0.2)
