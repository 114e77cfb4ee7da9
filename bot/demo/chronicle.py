"""What happened, in short sentences for whoever watches the demo. It reads what the service did; it does nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.app import Service
from flows.engine.effects import Noted, Send, Turn, Wipe
from storage.arrivals import Taken
from storage.schema import alerts, pages, staff

KEPT = 60  # entries; the page shows the last few

NOTED: Mapping[str, str] = {
    "opened": "opened with the signal word",
    "exit": "hidden with X",
    "locked": "hid itself: nobody wrote for a while",
    "duress": "the duress word. Nothing shows on the phone",
    "missed_checkin": "the check-in was not answered",
    "worker_left": "the worker left the chat, the bot goes on",
    "worker_gone": "the worker is not in the chat any more, their claim has ended",
    "verified": "the worker made sure that it is her",
    "stopped": "texted a carrier's stop word: nothing reaches this phone now",
    "started": "can be reached again",
    "late": "wrote while the service was down: nothing was answered",
    "media": "sent a picture or a voice message: it is not kept",
}
STRANGER = "A stranger's phone"


@dataclass(frozen=True, slots=True)
class Entry:
    """`times` above one: the same happened before, and only its last time is kept."""

    number: int
    at: datetime
    text: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Stands:
    """As much of an alert as the sentences need."""

    tier: str
    state: str
    claim: int
    holder: str


class Chronicle:
    """`names` are the phones' by person id, `staff` the workers' by theirs; both grow while the demo runs."""

    def __init__(self, service: Service, names: Mapping[str, str], staff_names: Mapping[str, str]) -> None:
        self._service, self._names, self._staff = service, names, staff_names
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0
        self._alerts: Mapping[str, Stands] = {}
        self._paged_to, self._pages_seen = 0, frozenset[str]()
        self._looking = asyncio.Lock()

    def last(self, count: int) -> list[Entry]:
        """The newest first."""
        return list(reversed(self._entries))[:count]

    async def begin(self) -> None:
        """What stands already is no news."""
        await self.look()
        self._entries.clear()

    def heard(self, taken: Taken) -> None:
        """An observer of turns."""
        if taken.turn is None:
            return
        phone = self._names.get(taken.person, STRANGER)
        if taken.turn.hide == "(joining code)":
            self._write(f"{phone}: joined")
        for text in self._of_turn(taken.turn):
            self._write(f"{phone}: {text}")

    def _of_turn(self, turn: Turn) -> Iterator[str]:
        """Its sentences, in order."""
        wiped = turn.conversation.contact.channel == "telegram" and any(isinstance(one, Wipe) for one in turn.effects)
        for effect in turn.effects:
            if isinstance(effect, Send) and not effect.asked_for:
                yield "a check-in is due, so a recipe is sent"
            elif isinstance(effect, Noted) and effect.what in ("worker_joined", "worker_waits"):
                here = "is in the chat" if effect.what == "worker_joined" else "waits for the chat to open"
                yield f"{self._staff.get(effect.detail, 'a worker')} {here}"
            elif isinstance(effect, Noted) and effect.what in NOTED:
                gone = wiped and effect.what in ("exit", "locked")
                yield NOTED[effect.what] + (", and its messages are deleted" if gone else "")

    async def look(self) -> None:
        """What changed in the queue since the last look, and who was paged."""
        async with self._looking:
            standing = await self._service.database.read(_standing)
            for text in await self._changes(standing):
                self._write(text)
            for text in await self._paged():
                self._write(text, again=True)
            self._alerts = standing

    async def _changes(self, standing: Mapping[str, Stands]) -> list[str]:
        found: list[str] = []
        for ref, now in standing.items():
            was = self._alerts.get(ref)
            if was is None:
                alert = await self._service.desk.alert(ref, self._service.clock.now())
                found.append(f"{now.tier} {ref} raised: {alert.title if alert else ''}")
            elif was.tier != now.tier:
                found.append(f"{ref} is {now.tier} now, it was {was.tier}")
            found += _claimed(ref, was, now)
        return found + [f"{ref} resolved" for ref in self._alerts if ref not in standing]

    async def _paged(self) -> list[str]:
        """One sentence an alert: on how many phones is nobody's business here."""
        since = await self._service.database.read(_pages_since, self._paged_to)
        rows = [row for row in since if row.id not in self._pages_seen]
        self._pages_seen = frozenset(row.id for row in since)
        self._paged_to = max((row.at for row in since), default=self._paged_to)
        found: dict[str, dict[str, None]] = {}
        for row in rows:
            found.setdefault(row.ref, {})[row.name] = None
        return [f"Paged for {ref}: {', '.join(sorted(names))}" for ref, names in found.items()]

    def _write(self, text: str, again: bool = False) -> None:
        """`again`: what only repeats itself takes one line, or a night of unanswered pages would hide all else."""
        before = next((entry for entry in self._entries if again and entry.text == text), None)
        if before is not None:
            self._entries.remove(before)
        self._count += 1
        self._entries.append(Entry(self._count, self._service.clock.now(), text, before.times + 1 if before else 1))


BECAME = {"closing": "closed, waits for a second person", "snoozed": "put off"}


def _claimed(ref: str, was: Stands | None, now: Stands) -> list[str]:
    held_before = was is not None and was.state == "claimed"
    if now.state == "claimed" and (was is None or not held_before or was.claim != now.claim):
        return [f"{ref} claimed by {now.holder}"]
    if was is not None and was.state != now.state and now.state in BECAME:
        return [f"{ref} {BECAME[now.state]}"]
    return [f"{ref} is back in the queue"] if was is not None and was.state != "open" and now.state == "open" else []


def _standing(conn: Connection) -> dict[str, Stands]:
    query = sa.select(alerts.c.ref, alerts.c.tier, alerts.c.state, alerts.c.claim, staff.c.name.label("holder"))
    query = query.join_from(alerts, staff, staff.c.id == alerts.c.holder, isouter=True)
    rows = conn.execute(query.where(alerts.c.state != "resolved"))
    return {row.ref: Stands(row.tier, row.state, row.claim, row.holder or "") for row in rows}


def _pages_since(conn: Connection, ms: int) -> Sequence[Any]:
    """Rows of id, at, ref and the worker's name."""
    query = (
        sa.select(pages.c.id, pages.c.at, alerts.c.ref, staff.c.name)
        .join(alerts, alerts.c.id == pages.c.alert_id)
        .join(staff, staff.c.id == pages.c.staff_id)
        .where(pages.c.at >= ms)
        .order_by(pages.c.at, pages.c.id)
    )
    return conn.execute(query).all()
