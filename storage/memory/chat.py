"""The live line to her phone: her chat is a list of lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from escalation.ports import UNCONFIRMED, Line, Refused, Unconfirmed
from flows.safety.traces import leaves_traces
from storage.admitting import ASKED_FOR
from storage.memory.world import Known, Memory


class MemoryChat:
    """`escalation.ports.Chat`."""

    def __init__(self, memory: Memory, now: Callable[[], datetime]) -> None:
        self._memory, self._now = memory, now

    async def join(self, person: str, staff: str) -> None:
        """Into the open chat, or waiting for her to open it: a worker never opens it."""
        her = self._admit(person, staff, "join")
        her.worker, her.waits = (staff, "") if her.open_since else ("", staff)

    async def say(self, person: str, staff: str, text: str, nonce: str, confirmed: bool = False) -> None:
        if not text.strip():
            raise Refused("An empty message says nothing.")
        her = self._admit(person, staff, "say", text, confirmed)
        if nonce not in self._memory.nonces:
            self._memory.nonces.add(nonce)
            her.lines.append(Line(self._now(), "worker", text, staff=staff, state="due"))

    async def hand_back(self, person: str, staff: str) -> None:
        her = self._admit(person, staff, "left")
        her.worker = her.waits = ""

    async def verified(self, person: str, staff: str) -> None:
        self._admit(person, staff, "cleared").verify_first = False

    def _admit(self, person: str, worker: str, what: str, text: str = "", confirmed: bool = False) -> Known:
        her = self._memory.person(person)
        if not self._memory.holds(worker, her.ref):
            raise Refused("Claim one of this person's alerts first.")
        if what == "say" and her.open_since is None:
            raise Refused("Her chat is closed. She opens it with her word; you will be in it then.")
        if what == "say" and her.worker != worker:
            raise Refused("Join the chat first.")
        betrays = leaves_traces(text)
        if betrays and not confirmed:
            raise Unconfirmed(UNCONFIRMED)
        self._memory.record(worker, f"chat.{what}{ASKED_FOR if betrays else ''}", her.ref, self._now())
        self._memory.renew_all(worker, her.ref, self._now())
        her.version += 1
        self._memory.changed(her.ref)
        return her
