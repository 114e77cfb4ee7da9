"""The drill: somebody else has the phone. Each turn is told as what they saw on it, what they learned, what staff see.

It reads what the service did, as the chronicle does; nothing here changes what a phone shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.channels.simulated import Bubble
from bot.demo.cast import Phone
from bot.demo.chronicle import NOTED
from flows.engine.conversation import Conversation
from flows.engine.effects import Noted, Raise, Send, Turn
from flows.engine.programme import Programme
from flows.engine.wording import wording
from flows.text.canonical import canonical
from storage.arrivals import Taken
from storage.inbox import Inbound

SHOWN = 4  # turns on the page; the summary counts them all
QUOTED = 60  # letters of what was read
OF_A_WORKER = ("worker/words", "engine/worker_here", "engine/worker_gone", "engine/worker_left")
BUTTON = "(a button)"

# nothing came; the cover; a calm chat on the stand-in, nothing of hers; what only she may read
Saw = Literal["nothing", "cover", "calm", "hers"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One turn. `wrote` is '' for what came by itself; `read`: the first of what only she may read."""

    number: int
    wrote: str
    saw: Saw
    read: str
    staff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What the phone shows at the moment it is taken: messages that are no cover, words of hers, an open chat."""

    messages: int = 0
    words: tuple[str, ...] = ()
    opened: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.messages or self.words or self.opened)


@dataclass(slots=True)
class Drill:
    """One phone in other hands, from the button to the button. `person`: '' while the service does not know her."""

    phone: Phone
    person: str
    found: Found
    turns: list[Seen] = field(default_factory=list)
    ended: bool = False

    @property
    def last(self) -> Sequence[Seen]:
        """The newest first."""
        return self.turns[: -SHOWN - 1 : -1]

    @property
    def leaks(self) -> int:
        """Turns in which something was read that only she may read."""
        return sum(seen.saw == "hers" for seen in self.turns)

    @property
    def tried(self) -> int:
        return sum(bool(seen.wrote) for seen in self.turns)

    @property
    def calm(self) -> bool:
        return any(seen.saw == "calm" for seen in self.turns)

    @property
    def learned(self) -> bool:
        return self.leaks > 0 or self.calm or self.found.anything

    @property
    def told(self) -> tuple[str, ...]:
        """All that staff were told, each once."""
        return tuple(dict.fromkeys(line for seen in self.turns for line in seen.staff))


class Drills:
    """At most one a phone. `heard` is an observer of turns, so that a worker or a timer is seen as well."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._by_phone: dict[str, Drill] = {}
        self._writing: dict[str, str] = {}  # by phone: what is just being written on it

    def of(self, phone: Phone) -> Drill | None:
        return self._by_phone.get(phone.key)

    def begin(self, phone: Phone, state: Conversation | None, screen: Iterable[Bubble]) -> None:
        """A worker's phone cannot be in one. Another that runs on this phone begins anew."""
        found = self._found(phone, state, screen)
        self._by_phone[phone.key] = Drill(phone, state.person if state else "", found)

    def end(self, phone: Phone) -> None:
        drill = self.of(phone)
        if drill is not None:
            drill.ended = True

    def put_away(self, phone: Phone) -> None:
        self._by_phone.pop(phone.key, None)

    def writes(self, phone: Phone, inbound: Inbound) -> None:
        """Before it is taken: the turn that comes of it answers this."""
        if (drill := self.of(phone)) is not None and not drill.ended:
            self._writing[phone.key] = BUTTON if inbound.button else inbound.text or "(nothing)"

    def written(self, phone: Phone, taken: Taken) -> None:
        """After it was taken. A stranger's words make no turn, and nothing comes back."""
        drill, wrote = self.of(phone), self._writing.pop(phone.key, "")
        if drill is None or drill.ended:
            return
        drill.person = drill.person or taken.person
        if wrote:
            self._keep(drill, wrote, taken.turn)

    def heard(self, taken: Taken) -> None:
        """Only what shows or is told: a turn of a timer with neither is nothing for the page."""
        drill = next((one for one in self._running() if taken.person and one.person == taken.person), None)
        if drill is not None and taken.turn is not None:
            wrote = self._writing.pop(drill.phone.key, "")
            if wrote or any(isinstance(effect, Send) for effect in taken.turn.effects):
                self._keep(drill, wrote, taken.turn)

    def _running(self) -> Iterator[Drill]:
        return (drill for drill in self._by_phone.values() if not drill.ended)

    def _keep(self, drill: Drill, wrote: str, turn: Turn | None) -> None:
        sends = [effect for effect in turn.effects if isinstance(effect, Send)] if turn else []
        hers = [send for send in sends if turn is not None and _is_hers(send, turn)]
        saw: Saw = "hers" if hers else _harmless(sends)
        staff = tuple(dict.fromkeys(_told(turn))) if turn else ()
        drill.turns.append(Seen(len(drill.turns) + 1, wrote, saw, self._first(hers), staff))

    def _first(self, sends: Sequence[Send]) -> str:
        if not sends:
            return ""
        text = " ".join(wording(self._programme, sends[0]).text.split())
        return text if len(text) <= QUOTED else f"{text[:QUOTED].rstrip()}…"

    def _found(self, phone: Phone, state: Conversation | None, screen: Iterable[Bubble]) -> Found:
        if state is None:
            return Found()
        covers = self._covers(state)
        bubbles = list(screen)
        known: Mapping[str, str] = {canonical(word): word for word in (phone.speech.signal, phone.speech.duress)}
        words = {known[word] for one in bubbles if not one.from_us and (word := canonical(one.text)) in known}
        messages = sum(one.from_us and one.text not in covers for one in bubbles)
        return Found(messages, tuple(sorted(words)), state.session is not None and not state.suspect)

    def _covers(self, state: Conversation) -> set[str]:
        """Each message of each cover, as her phone shows it: she may have had another before."""
        covers = self._programme.covers.values()
        messages = (one for cover in covers for one in (*cover.replies, *cover.pings))
        language = state.contact.language
        return {wording(self._programme, Send(*message, "cover", language)).text for message in messages}


def _is_hers(send: Send, turn: Turn) -> bool:
    """On the stand-in nothing is hers but that a worker is there, which a worker has to confirm first."""
    if send.kind == "cover":
        return False
    return not turn.conversation.suspect or send.message in OF_A_WORKER


def _harmless(sends: Sequence[Send]) -> Saw:
    if not sends:
        return "nothing"
    return "cover" if all(send.kind == "cover" for send in sends) else "calm"


def _told(turn: Turn) -> Iterator[str]:
    for effect in turn.effects:
        if isinstance(effect, Raise):
            yield f"{effect.tier} {effect.reasons[0]}"
        elif isinstance(effect, Noted) and effect.what in NOTED and effect.what != "duress":
            yield NOTED[effect.what]
