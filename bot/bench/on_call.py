"""The queue with ten thousand alerts in it: its first page, and how soon a new alert is in a worker's browser.

The real `rowan serve` on SQLite. The browser is a plain client that does what live.js does: it listens to the stream
and asks for the list again. Painting is not in the figure.
"""

from __future__ import annotations

import hashlib
import http.client
import socket
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.bench.people import message, number
from bot.bench.webhook import Server
from flows.engine.effects import Raise
from storage import accounts
from storage.raising import Raised, raise_alerts
from storage.schema import persons, stamp, timers
from storage.vault import Vault

ALERTS = 10_000
NEW = 12  # alerts that come while the page is open
PAGES = 40  # times that the page is asked for
COOKIE = "bench"
_HEADERS = {"Cookie": f"rowan={COOKIE}"}
RAISES = ("sunflower", "3")
SETTLED = 0.5  # seconds after her chat has opened: what that changed has been told
LATER = timedelta(hours=2)  # when the ladders of those that stand go on: not while it is measured


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds: `page` and `listed` in the middle, `new` (answer posted to a list that has it) at 95 of 100."""

    page: float
    listed: float
    new: float


def measure() -> Seen:
    """Takes about half a minute, most of it to make the people."""
    with TemporaryDirectory(prefix="rowan-bench-", dir=".") as name:
        server = Server("serve", Path(name), people=ALERTS + NEW, also=_standing)
        try:
            browser = http.client.HTTPConnection("127.0.0.1", server.port)
            page = _middle([_timed(browser, "/console/queue") for _ in range(PAGES)])
            listed = _middle([_timed(browser, "/console/queue/list") for _ in range(PAGES)])
            new = sorted(_until_listed(server, browser, n) for n in range(NEW))
        finally:
            server.stop()
    return Seen(page, listed, new[int(len(new) * 0.95)] * 1000)


def _standing(conn: Connection, vault: Vault, now: datetime) -> None:
    """One worker who is signed in, and an alert for nearly everybody."""
    staff = accounts.add(conn, vault, "ana", "Ana", "worker", "", None, now)
    accounts.duty(conn, vault, staff.id, "on_call", now)
    accounts.begin(conn, staff.id, hashlib.sha256(COOKIE.encode()).digest(), "", now)
    people = list(conn.execute(sa.select(persons.c.id).order_by(persons.c.id).limit(ALERTS)).scalars())
    for start in range(0, ALERTS, 500):
        raised = [
            Raised(person, None, Raise("P1" if not place % 50 else "P2", "risk", "bench", ("bench",), ("Bench",)), now)
            for place, person in enumerate(people[start : start + 500])
        ]
        raise_alerts(conn, vault, raised)
    conn.execute(sa.update(timers).where(timers.c.kind == "page").values(due_at=stamp(now + LATER)))


def _until_listed(server: Server, browser: http.client.HTTPConnection, new: int) -> float:
    """Seconds from her answer posted to a list that counts one P0 more than before."""
    stream = http.client.HTTPConnection("127.0.0.1", server.port)
    stream.request("GET", "/console/live", headers=_HEADERS)
    events = stream.getresponse()
    opening, raising = (
        message(server.origin, number(ALERTS + new), text, len(RAISES) * new + place)
        for place, text in enumerate(RAISES)
    )
    before = _urgent(browser)
    with socket.create_connection(("127.0.0.1", server.port)) as phone:
        _post(phone, opening)
        time.sleep(SETTLED)
        began = time.perf_counter()
        _post(phone, raising)
        while _urgent(browser) <= before:
            next(line for line in events if line.startswith(b"event: changed"))
    seconds = time.perf_counter() - began
    stream.close()
    return seconds


def _post(phone: socket.socket, made: bytes) -> None:
    phone.sendall(made)
    answer = http.client.HTTPResponse(phone)
    answer.begin()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the measured server answered {answer.status}")


def _urgent(browser: http.client.HTTPConnection) -> int:
    return _asked(browser, "/console/queue/list").count(b"P0")


def _timed(browser: http.client.HTTPConnection, path: str) -> float:
    began = time.perf_counter()
    _asked(browser, path)
    return time.perf_counter() - began


def _asked(browser: http.client.HTTPConnection, path: str) -> bytes:
    browser.request("GET", path, headers=_HEADERS)
    answer = browser.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the measured server answered {answer.status}")
    return body


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] * 1000
