"""What the phones say: openings, check-ins, exits, duress words, danger; and workers, who claim and join her chat."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import re
import sqlite3
from collections.abc import Mapping, Sequence

from tests.faults.evidence import Phone, Wrote
from tests.faults.line import Line
from tests.faults.town import DURESS, EXIT, SIGNAL, Desk, Town

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


HELD = """SELECT persons.ref, alerts.ref, alerts.claim FROM alerts JOIN persons ON persons.id = alerts.person_id
           WHERE alerts.state = 'claimed' AND alerts.holder = ? ORDER BY random() LIMIT 1"""
ENDS = {"hand back": 0.3, "release": 0.3, "resolve": 0.1, "stay": 0.3}  # who stays has it until the claim has run out
AGAIN = 0.15  # seconds until a button is pressed again that got no answer


async def be_there(line: Line, town: Town, desk: Desk, over: asyncio.Event) -> None:
    """One worker in the console: into the chat of somebody whose alert they hold, some words, and out of it again."""
    while not over.is_set():
        held = _held(town, desk)
        if held is not None:
            await _helps(line, desk, *held)
        await asyncio.sleep(random.uniform(*THINK))


def _held(town: Town, desk: Desk) -> tuple[str, str, int] | None:
    """A case, its alert and the number of the claim; what a queue shows."""
    with contextlib.closing(sqlite3.connect(f"file:{town.database}?mode=ro", uri=True, timeout=10)) as conn:
        return conn.execute(HELD, (desk.staff,)).fetchone()  # type: ignore[no-any-return]


async def _helps(line: Line, desk: Desk, person: str, alert: str, claim: int) -> None:
    sure = {"confirmed": random.choice("01")}  # also where somebody else may be reading
    await _press(line, desk, f"/cases/{person}/chat", sure)
    for _ in range(random.randrange(3)):
        await asyncio.sleep(random.uniform(*THINK))
        text = f"I am with you, {next(_numbers)}"
        status = await _press(line, desk, f"/cases/{person}/say", {"text": text, "nonce": text, **sure})
        line.wrote.append(Wrote(text, status == 200))
    (end,) = random.choices(list(ENDS), list(ENDS.values()))
    number = {"claim": str(claim)}
    match end:
        case "hand back":
            await _press(line, desk, f"/cases/{person}/hand-back", {})
        case "release":
            await _press(line, desk, f"/alerts/{alert}/release", number)
        case "resolve":
            await _press(
                line, desk, f"/alerts/{alert}/resolve", number | {"outcome": "other", "closing": "Spoken with"}
            )


async def _press(line: Line, desk: Desk, path: str, form: Mapping[str, str]) -> int:
    """Pressed until it is answered, as by somebody who loads the page again; the status."""
    while not (status := await line.press(desk, path, form)):  # noqa: ASYNC110 - nobody rings
        await asyncio.sleep(AGAIN)
    return status
