"""The words that she chooses as her own, to open, warn and leave: which may serve, and what she is told of others.

Signal and duress words are kept as keyed hashes only, and never stand in the transcript.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec.structs import replace

from flows.engine.draft import Draft
from flows.engine.events import Heard
from flows.engine.matching import words
from flows.safety.gate import fit_word
from flows.text.canonical import canonical
from flows.text.canonical import words as parted

LISTS = ("yes", "no", "skip", "numbers", "menu", "talk", "back", "help")  # each means something in an open chat
SHORTEST_OF_COVER = 4  # letters; shorter ones cannot be chosen anyway


class Unfit(ValueError):
    """The answer cannot stand in that field: `say` is the message that tells her which way to mend it."""

    def __init__(self, field: str, say: str = "engine/word_unfit") -> None:
        super().__init__(field)
        self.say = say


def choose(draft: Draft, which: str, event: Heard) -> None:
    """Keep it as her `which` word: signal, duress or exit. Raises Unfit."""
    word, contact = canonical(event.text), draft.contact
    exits = (contact.exit,) if which != "exit" and contact.exit else ()
    verdict = fit_word(word, exits, _listed(draft), _said_by_cover(draft))
    if verdict == "fits" and event.mac in (contact.signal, contact.duress):
        verdict = "alike"
    if verdict != "fits":
        raise Unfit(which, f"engine/word_{verdict}")
    kept = word if which == "exit" else event.mac
    draft.contact = replace(contact, **{which: kept})
    draft.hide = f"({which} word)"


def _listed(draft: Draft) -> frozenset[str]:
    """Words that mean something else in an open chat of her language."""
    lists = (words(draft.programme, draft.contact.language, f"words/{name}") for name in LISTS)
    return frozenset().union(*lists)


def _said_by_cover(draft: Draft) -> frozenset[str]:
    """What stands on her phone for anybody to try: the cover's own words, and the keyword that everybody may know."""
    cover, language = draft.programme.cover(draft.contact), draft.contact.language
    lines = ((f"cover/{cover.name}", cover.label), *cover.replies, *cover.pings)
    said = tuple(draft.programme.catalogues.text(language, message, english) for message, english in lines)
    return _words_of((cover.name, *said)) | {canonical(draft.programme.rules.keyword)}


@lru_cache(maxsize=64)  # six covers in eight languages
def _words_of(lines: tuple[str, ...]) -> frozenset[str]:
    parts = frozenset(word for line in lines for word in parted(line) if len(word) >= SHORTEST_OF_COVER)
    return parts | {canonical(line) for line in lines}
