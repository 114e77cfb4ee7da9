"""The ways that were found, walked in one language: every message looked at, every question left by a cross."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.authoring.playing import Phone
from flows.engine.conversation import Conversation
from flows.engine.effects import CancelSends, Effect, Send, Wipe
from flows.engine.programme import Programme
from flows.text.canonical import canonical
from tests.walk.acts import AGAIN, ANYTHING, EXITS, Act, first_word, line_of, standing
from tests.walk.heard import RULES, Message, offered
from tests.walk.ways import Explorer, Node

# Ends that do not say how to get help and how to hide (SAFETY 33), each with its reason.
SAYS_NO_HELP = {
    "join/goodbye": "she declined: no word of hers opens anything",
    **dict.fromkeys(
        ("stop/ends", "stop/ends_off", "stop/ends_watch"), "she ended it for good: no word of hers opens it any more"
    ),
}
SAYS_NO_HIDING = {"join/goodbye": "she declined, and whatever she writes now is answered by nothing or the cover"}
_CROSS = re.compile(r"(?<![A-Za-zÀ-ɏ])[xX](?![A-Za-zÀ-ɏ])")
WAYS_TO_HELP = ("words/talk", "words/menu", "words/help")


class Walk:
    """`said`: the ids of each moment's messages, in the order of the tree: the same in every language."""

    def __init__(self, explorer: Explorer, language: str) -> None:
        self.explorer, self.language = explorer, language
        self.problems: set[str] = set()
        self.said: list[tuple[str, ...]] = []
        self.sends = 0

    def run(self) -> None:
        for opening in self.explorer.openings:
            self._behind(self.explorer.roots[opening.name], self.explorer.phone(opening, self.language))

    def _behind(self, root: Node, phone: Phone) -> None:
        waiting = [(root, phone)]
        while waiting:
            node, phone = waiting.pop()
            self._leave(phone)
            for after in node.next():
                other = phone.fork()
                self.said.append(self._do(other, after.act or ANYTHING))
                waiting.append((after, other))

    def _do(self, phone: Phone, act: Act) -> tuple[str, ...]:
        before = phone.conversation
        came = phone.take(line_of(act, phone))
        self.problems |= set(came.problems)
        self._look(act, came.effects, before, phone)
        return tuple(effect.message for effect in came.effects if isinstance(effect, Send))

    def _look(self, act: Act, effects: list[Effect], before: Conversation, phone: Phone) -> None:
        sends = [effect for effect in effects if isinstance(effect, Send)]
        messages = [Message(phone.programme, send, before, phone.conversation) for send in sends]
        self.sends += len(sends)
        for message in messages:
            for rule in RULES:
                self.problems |= {f"{message.send.message} ({message.language}): {p}" for p in rule(message)}
        self.problems |= set(_ends(messages, before, phone))
        if sum("words" in send.params and bool(send.params["words"]) for send in sends) > 1:
            self.problems.add(f"{sends[0].message}: more than one item of a plan at once (SAFETY 15)")
        if act.what == "withdrawn":
            self.problems |= {f"{send.message} at what a worker takes back: nothing is said of it" for send in sends}
        elif before.mode == "open" and phone.conversation.mode == "open" and not sends:
            self.problems.add(f"silence at {_where(before)}")

    def _leave(self, phone: Phone) -> None:
        """SAFETY 18 at every question: a cross closes, wipes and shows the cover; behind it there is nothing else."""
        if phone.conversation.session is None:
            return
        phone = phone.fork()
        before = phone.conversation
        came = phone.take(line_of(EXITS, phone))
        self._look(EXITS, came.effects, before, phone)
        sent = [effect.kind for effect in came.effects if isinstance(effect, Send)]
        done = {type(effect) for effect in came.effects}
        quiet = [] if before.contact.exit_silent else ["cover"]
        left = phone.conversation.session is None and {CancelSends, Wipe} <= done
        if not before.contact.consent:
            quiet = sent  # she has declined: the cover or nothing
        if not left or sent != quiet:
            self.problems.add(f"a cross at {_where(before)} did not hide all: {sent}")
        behind = phone.fork()
        self._do(behind, AGAIN)
        if behind.conversation.session is not None:
            self.problems.add(f"what was written after a cross at {_where(before)} opened the chat")


def _where(conversation: Conversation) -> str:
    session = conversation.session
    return f"{session.stack[-1].flow}/{session.stack[-1].step}" if session and session.stack else "nowhere"


def _ends(messages: list[Message], before: Conversation, phone: Phone) -> Iterator[str]:
    """Where nothing more is asked, the last words say how to hide and how to get help (SAFETY 33)."""
    after = phone.conversation
    if not messages or after.session is None or standing(after, phone.programme) is not None:
        return
    if after.mode == "worker" and before.mode == "worker":
        return  # said when a worker was asked
    last = messages[-1]
    name, text = last.send.message, " ".join(message.whole for message in messages)
    if name not in SAYS_NO_HIDING and not _CROSS.search(text):
        yield f"{last.send.message} ({last.language}): it ends and does not say how to hide"
    if after.mode != "worker" and name not in SAYS_NO_HELP and not _says_how(text, phone.programme, last.language):
        yield f"{last.send.message} ({last.language}): it ends and does not say how to get help"


def _says_how(text: str, programme: Programme, language: str) -> bool:
    """Whether it names a word that brings a person, or the list in which there is one."""
    told = {canonical(word) for word in offered(text)}
    return any(canonical(first_word(programme, language, listed)) in told for listed in WAYS_TO_HELP)
