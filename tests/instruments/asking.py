"""A phone on which an instrument is asked, through the engine alone; the conversation is written out at every step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Memory
from flows.engine.effects import Assessed, Effect, Raise, Send
from flows.engine.events import Heard
from flows.engine.programme import Programme
from flows.engine.step import step
from flows.safety.hours import PRESETS

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
SIGNAL, DURESS = "sunflower", "marigold"
YES, NO, UNSURE, SKIP = "1", "2", "3", "0"


@dataclass
class Phone:
    """She has joined; her word opens the chat, and with it the flow `opens`."""

    programme: Programme
    opens: str
    at: datetime = NOW
    conversation: Conversation = field(init=False)
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        contact = Contact(windows=PRESETS["always"], signal=f"mac:{SIGNAL}", duress=f"mac:{DURESS}", consent="worker")
        memory = Memory(joined_at=self.at - timedelta(days=9), next_flow=self.opens)
        self.conversation = Conversation("person-1", contact, memory=memory)
        self.says(SIGNAL)

    def says(self, *texts: str) -> list[str]:
        """Message ids of what comes back, all in all."""
        here = len(self.effects)
        for text in texts:
            self.at += timedelta(seconds=10)
            before = codec.read(codec.write(self.conversation))
            turn = step(self.programme, before, Heard(self.at, text, f"mac:{text}", f"{len(self.effects):028}"))
            self.conversation = turn.conversation
            self.effects += turn.effects
        return [effect.message for effect in self.effects[here:] if isinstance(effect, Send)]

    def raised(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(effect.tier, effect.rules) for effect in self.effects if isinstance(effect, Raise)]

    def assessed(self) -> Assessed:
        """The last one."""
        return [effect for effect in self.effects if isinstance(effect, Assessed)][-1]

    def read_by_her(self) -> str:
        """Everything that could be on her phone: English, parameters, choices."""
        sent = [effect for effect in self.effects if isinstance(effect, Send)]
        return " ".join(f"{s.english} {s.params} {[o.english for o in s.options]}" for s in sent)
