"""A simulated phone in the terminal: the service itself, one line in, what the phone shows out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.channels.base import Outgoing, Receipt
from bot.channels.simulated import SimulatedChannel
from bot.demo.on_call import ACTS, OnCall
from bot.demo.stage import HER_ADDRESS, STRANGER, ChannelName, Stage, person_at, state_of
from escalation.ports import Refused
from flows.engine.conversation import Conversation
from flows.safety.risk import worst
from flows.text.segments import count
from storage.arrivals import Taken
from storage.inbox import Inbound
from storage.schema import alerts, outbox
from storage.vault import Vault

_SPAN = re.compile(r"^\s*(\d+)\s*(s|m|h|d|w)\s*$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST_WAIT = timedelta(days=400)
HELP = f"/wait 2h · /press 1 · /voice · /photo · /blank · {ACTS}"


class WrongLine(ValueError):
    """A driving line that cannot be understood; says which there are."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One message that arrived on the phone."""

    text: str
    options: tuple[tuple[str, str], ...]
    kind: str
    segments: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Said:
    """What one line did: `alerts` are (ref, tier, rules), `wiped` the messages that left the phone."""

    at: datetime
    line: str
    mode: str
    flow: str
    step: str
    out: tuple[Shown, ...]
    alerts: tuple[tuple[str, str, tuple[str, ...]], ...]
    wiped: int

    def as_json(self) -> dict[str, object]:
        """The contract of `rowan chat --json` (DESIGN.md)."""
        return {
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "in": self.line,
            "mode": self.mode,
            "flow": self.flow or None,
            "step": self.step or None,
            "out": [
                {
                    "text": s.text,
                    "options": [{"token": token, "label": label} for token, label in s.options],
                    "kind": s.kind,
                    "segments": s.segments,
                    "encoding": s.encoding,
                }
                for s in self.out
            ],
            "alerts": [{"ref": ref, "tier": tier, "rules": list(rules)} for ref, tier, rules in self.alerts],
            "wiped": self.wiped,
        }


class _Watched(SimulatedChannel):
    """The simulated channel, remembering what went out."""

    def __init__(self, name: str, stage: Stage, sent: list[Outgoing]) -> None:
        super().__init__(name, stage.phones)
        self._sent = sent

    async def send(self, outgoing: Outgoing) -> Receipt:
        receipt = await super().send(outgoing)
        self._sent.append(outgoing)
        return receipt


class TerminalPhone:
    """One phone on a stage. `say` takes a line and returns when everything that follows from it has happened."""

    def __init__(self, stage: Stage, channel: ChannelName, new: bool) -> None:
        self._stage, self._channel = stage, channel
        self.address = (STRANGER if new else HER_ADDRESS)[channel]
        self.on_call = OnCall(stage, channel, self.address)
        self._sent: list[Outgoing] = []
        self._taken: list[Taken] = []
        stage.service.channels[channel] = _Watched(channel, stage, self._sent)  # type: ignore[index]
        stage.service.turns.observers.append(self._taken.append)

    async def say(self, line: str) -> Said:
        """Raises WrongLine for a driving line that is not one."""
        self._sent.clear()
        self._taken.clear()
        before = self._on_screen()
        await self._do(line)
        await self._stage.service.settle()
        read = self._stage.service.database.read
        state = await read(_state, self._stage.service.vault, self._channel, self.address)
        raised = await read(_raised, list(self._taken))
        kinds = await read(_kinds, [o.id for o in self._sent])
        shown = tuple(self._shown(o, kinds.get(o.id, "")) for o in self._sent if o.address == self.address)
        wiped = len(before - self._on_screen())
        frame = state.session.stack[-1] if state and state.session and state.session.stack else None
        mode = state.mode if state else "closed"
        flow, step = (frame.flow, frame.step) if frame else ("", "")
        return Said(self._stage.clock.now(), line, mode, flow, step, shown, raised, wiped)

    def _on_screen(self) -> set[str]:
        return {bubble.id for bubble in self._stage.phones.screen(self._channel, self.address)}

    async def _do(self, line: str) -> None:
        phones, command = self._stage.phones, line.split(" ", 1)
        argument = command[1].strip() if len(command) > 1 else ""
        match command[0]:
            case "/wait":
                await self._stage.service.pass_time(_span(argument))
            case "/press":
                await self._press(argument)
            case "/voice" | "/photo":
                await self._hear(phones.send_media(self._channel, self.address, command[0][1:]))
            case "/worker":
                await self._worker(argument)
            case "/blank":
                await self._hear(phones.say(self._channel, self.address, ""))
            case word if word.startswith("/") and word != "/start":
                raise WrongLine(f"{word} is not known here. There are: {HELP}")
            case _:
                await self._hear(phones.say(self._channel, self.address, line))

    async def _worker(self, act: str) -> None:
        try:
            await self.on_call.do(act)
        except Refused as refused:
            raise WrongLine(refused.why) from None

    async def _hear(self, inbound: Inbound) -> None:
        await self._stage.service.turns.take(inbound)

    async def _press(self, token: str) -> None:
        """A button of the last message that has it, by its bare token or its whole one; else as an old button."""
        for bubble in reversed(self._stage.phones.screen(self._channel, self.address)):
            for option in bubble.options:
                if token in (option.token, option.token.rpartition(":")[2]):
                    token = option.token
                    break
            else:
                continue
            break
        if self._channel == "sms":
            await self._hear(self._stage.phones.say("sms", self.address, token.rpartition(":")[2]))
            return
        await self._hear(self._stage.phones.press(self.address, token))

    def _shown(self, outgoing: Outgoing, kind: str) -> Shown:
        text = self._stage.service.channels[self._channel].wording(outgoing)
        options = tuple((o.token.rpartition(":")[2], o.label) for o in outgoing.options)
        segments = count(text)
        return Shown(text, options, kind, segments.segments, segments.encoding)


def _span(text: str) -> timedelta:
    """'2h', '30m', '1d'."""
    found = _SPAN.match(text)
    span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found and len(found[1]) < 7 else None
    if span is None or span > LONGEST_WAIT:
        raise WrongLine("/wait wants a span such as 30s, 5m, 2h, 7d, at most 400d")
    return span


def _state(conn: Connection, vault: Vault, channel: str, address: str) -> Conversation | None:
    person = person_at(conn, vault, channel, address)
    return state_of(conn, vault, person) if person else None


def _kinds(conn: Connection, ids: Sequence[str]) -> dict[str, str]:
    """As the engine calls them: the cover that answers an exit is a cover."""
    found = sa.select(outbox.c.id, outbox.c.kind).where(outbox.c.id.in_(ids))
    return {r.id: "cover" if r.kind == "exit" else r.kind for r in conn.execute(found)}


def _raised(conn: Connection, taken: Sequence[Taken]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """What was raised, one entry an alert, in order, with the most urgent tier of this line."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for raised in (one for t in taken for one in t.raised):
        tier, rules = found.get(raised.id, (raised.effect.tier, ()))
        more = tuple(rule for rule in raised.effect.rules if rule not in rules)
        found[raised.id] = (worst(tier, raised.effect.tier) or "P3", (*rules, *more))  # type: ignore[arg-type]
    refs = {r.id: r.ref for r in conn.execute(sa.select(alerts.c.id, alerts.c.ref).where(alerts.c.id.in_(found)))}
    return tuple((refs[alert], tier, rules) for alert, (tier, rules) in found.items() if alert in refs)
