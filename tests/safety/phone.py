"""A recipient's phone in front of the engine with what ships, and a clock that only the story moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Goal, Memory, PlanItem
from flows.engine.effects import Effect, Raise, Send, Turn
from flows.engine.events import Due, Event, Heard, Joined
from flows.engine.step import step
from flows.engine.wording import wording
from flows.safety.hours import PRESETS
from tests.properties.walks import DURESS, SIGNAL, START, mac, programme

EXIT = "banana"
HERS = "my sister Aurelia's house"  # what stands in her plan
PLAN = (PlanItem("go_to", "todo", HERS), PlanItem("bag", "todo", "under the stairs"))


class Phone:
    """Joined nine days ago, chat closed, unless told otherwise. Each step is written out and read back before it."""

    def __init__(
        self,
        channel: str = "sms",
        *,
        plan: tuple[PlanItem, ...] = (),
        goals: tuple[Goal, ...] = (),
        memory: Memory | None = None,
        at: datetime = START,
        **contact: Any,
    ) -> None:
        given: dict[str, Any] = {
            "signal": mac(SIGNAL), "duress": mac(DURESS), "exit": EXIT, "consent": "worker",
            "windows": PRESETS["always"],
        }  # fmt: skip
        memory = memory or Memory(joined_at=at - timedelta(days=9))
        self.now = Conversation("person-1", Contact(channel, **given | contact), plan=plan, memory=memory, goals=goals)
        self.at, self.effects, self._numbers = at, tuple[Effect, ...](), count()

    def says(self, *texts: str, after: int = 20, **more: Any) -> list[str]:
        """Her words one by one, so many seconds apart. Returns what came back to the last."""
        for text in texts:
            self._pass(after)
            self.meets(Heard(self.at, text, mac(text), self._fresh(), **more))
        return self.shown

    def rings(self, kind: str, key: str = "", after: int = 20) -> list[str]:
        """A timer of hers fires."""
        self._pass(after)
        return self.meets(Due(self.at, kind, key, self._fresh()))

    def joins(self, basis: str = "code") -> list[str]:
        contact = self.now.contact
        return self.meets(Joined(self.at, basis, contact.channel, contact.language, contact.zone, self._fresh()))

    def meets(self, event: Event) -> list[str]:
        self.now = codec.read(codec.write(self.now))
        turn: Turn = step(programme(), self.now, event)
        self.now, self.effects = turn.conversation, turn.effects
        return self.shown

    @property
    def sends(self) -> list[Send]:
        """Of the last turn."""
        return [effect for effect in self.effects if isinstance(effect, Send)]

    @property
    def shown(self) -> list[str]:
        """What the last turn puts on the screen, choices below it."""
        sms = self.now.contact.channel == "sms"
        said = [wording(programme(), send, isolates=not sms) for send in self.sends]
        return ["\n".join((words.text, *(label for _, label in words.options))) for words in said]

    @property
    def raised(self) -> list[Raise]:
        return [effect for effect in self.effects if isinstance(effect, Raise)]

    @property
    def cover(self) -> Sequence[str]:
        """Ids of all that a closed chat may show."""
        cover = programme().cover(self.now.contact)
        return [message for message, _ in (*cover.replies, *cover.pings)]

    @property
    def shows_only_the_cover(self) -> bool:
        return all(send.kind == "cover" and send.message in self.cover for send in self.sends)

    def _pass(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)

    def _fresh(self) -> str:
        return f"{next(self._numbers):028d}"
