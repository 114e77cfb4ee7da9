"""The words that she chooses as her own, to open, warn and leave: which may serve, and what she is told of others.

Signal and duress words are kept as keyed hashes only, and never stand in the transcript. In joining each is written
once; to change one she writes the word that opens, or comes by a worker's code, and then the new one twice.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Literal

from msgspec.structs import replace

from flows.engine import confirming
from flows.engine.conversation import Contact, Memory, Reset
from flows.engine.draft import Draft
from flows.engine.events import Heard, WorkerResetWords
from flows.engine.matching import words
from flows.safety import gate
from flows.safety.gate import fit_word
from flows.text.canonical import canonical
from flows.text.canonical import words as parted

LISTS = ("yes", "no", "skip", "numbers", "menu", "talk", "back", "help")  # each means something in an open chat
SHORTEST_OF_COVER = 4  # letters; shorter ones cannot be chosen anyway
FLOW = "my_words"  # in which she changes them, and into which a worker's code leads
NOW, AGAIN = "words.now", "words.again"  # where the word that stands goes, and a new one written once more
ANEW = ("words.signal", "words.duress")  # where a new one goes first
CODE_LIFE = timedelta(hours=24)  # it is told to her in person or on the telephone, not kept
CODE = "(code for new words)"  # in the transcript, in its place
RESET, CAME_IN = "words_reset", "words_by_code"  # facts for staff
Way = Literal["code", "verify", "word", "free"]

BY_CODE = "Came in by a worker's code for new words. Ask the agreed question again before anything of hers shows."
CODE_SUSPECT = "A code for new words came while somebody else may write: nothing opened. Verify, then make another."
VERIFY_FIRST = "It may not be her. Ask the agreed question first, and say what came of it."
NO_CONSENT = "She does not want to be written to. She comes back by herself, by the programme's keyword."
NO_WORD = "She has chosen no word yet: the programme's keyword opens her chat, and it asks for one there."


class UnfitAnswer(ValueError):
    """The answer cannot stand in that field: `say` is the message that tells her which way to mend it."""

    def __init__(self, field: str, say: str = "engine/again") -> None:
        super().__init__(field)
        self.say = say


def choose(draft: Draft, which: str, event: Heard) -> None:
    """Keep it as her `which` word: signal, duress or exit. Raises UnfitAnswer."""
    draft.contact = replace(draft.contact, **{which: _fitting(draft, which, event)})


def _fitting(draft: Draft, which: str, event: Heard) -> str:
    """What is kept of it. One that is refused as too like another of hers is hidden as well: it may be just that."""
    word, contact = canonical(event.text), draft.contact
    exits = (contact.exit,) if which != "exit" and contact.exit else ()
    verdict = fit_word(word, exits, _listed(draft), _said_by_cover(draft))
    if verdict == "fits" and event.mac in (contact.signal, contact.duress):
        verdict = "alike"
    if verdict in ("fits", "alike"):
        draft.hide = f"({which} word)"
    if verdict != "fits":
        raise UnfitAnswer(which, f"engine/word_{verdict}")
    return word if which == "exit" else event.mac


# changed


def way(draft: Draft) -> Way:
    """How words may be chosen anew here: freely, after the one that stands, not before a worker has verified her."""
    session = draft.session
    if session is not None and session.words == "code":
        return "code"
    if draft.memory.verify_first and not draft.suspect:
        return "verify"
    return "free" if not draft.contact.signal or (session is not None and session.words) else "word"


def fill(draft: Draft, target: str, event: Heard) -> None:
    """An answer of the flow that changes them, for NOW, ANEW or AGAIN. Raises UnfitAnswer."""
    if target == NOW:
        _stands(draft, event)
    elif target == AGAIN:
        _again(draft, event)
    elif way(draft) in ("code", "free"):
        which = target.removeprefix("words.")
        draft.session = replace(draft.here, chosen=f"{which}:{_fitting(draft, which, event)}")
    else:
        raise UnfitAnswer(target)


def _stands(draft: Draft, event: Heard) -> None:
    """The word that opens, so that whoever finds the chat open changes nothing. Guesses count as on a closed chat.

    A duress word stands for it while somebody watches: that she has written it must not show.
    """
    hers = (draft.contact, *((draft.underneath.contact,) if draft.underneath is not None else ()))
    right = any(
        bool(event.mac and event.mac == each.signal) or (draft.suspect and gate.is_duress(each, event)) for each in hers
    )
    if right:
        draft.hide = draft.hide or "(signal word)"
    else:
        count_try(draft)
    if not right or gate.deaf(draft.memory.tries, draft.at):
        raise UnfitAnswer(NOW, "engine/word_wrong")
    draft.session = replace(draft.here, words=draft.here.words or "known")


def _again(draft: Draft, event: Heard) -> None:
    which, _, kept = draft.here.chosen.partition(":")
    draft.hide = f"({which} word)"
    if not kept or event.mac != kept:
        raise UnfitAnswer(AGAIN, "engine/word_differs")
    draft.session = replace(draft.here, chosen="")
    before = {"duress_before": draft.contact.duress or draft.contact.duress_before} if which == "duress" else {}
    draft.contact = replace(draft.contact, **{which: kept} | before)
    if which == "signal":
        draft.memory = replace(draft.memory, reset=None)


def count_try(draft: Draft) -> None:
    """A wrong word. Whoever writes it sees nothing of that (SAFETY 17)."""
    before = draft.memory.tries
    tries = gate.remember_try(before, draft.at)
    draft.memory = replace(draft.memory, tries=tries)
    if gate.guessing(tries) and not gate.guessing(before):
        draft.task("task.wrong_words", "Many wrong words in a short time: somebody may be guessing on her phone")
    if gate.guessing_slowly(tries) and not gate.guessing_slowly(before):
        draft.task("task.slow_guessing", "Many wrong words in a day: somebody may be guessing on her phone", "P2")


# forgotten


def refuses_reset(contact: Contact, memory: Memory, suspect: bool) -> str:
    """Why no code may be made for her now, as a sentence for the worker; '' when one may."""
    if suspect or memory.verify_first:
        return VERIFY_FIRST
    if not contact.consent:
        return NO_CONSENT
    return "" if contact.signal else NO_WORD


def reset(draft: Draft, event: WorkerResetWords) -> None:
    """Her words stand until she has chosen others, and nothing reaches the phone. A second code ends the first."""
    if refuses_reset(draft.contact, draft.memory, draft.suspect):  # the desk has said so to the worker
        draft.note("words_not_reset", event.staff)
        return
    draft.memory = replace(draft.memory, reset=Reset(event.mac, event.until, event.staff))
    draft.note(RESET, event.staff)


def came_by_code(draft: Draft) -> None:
    """The session that a worker's code has just opened. Who may have read the code on its way is not known."""
    kept = draft.memory.reset
    draft.memory = replace(draft.memory, reset=None)
    draft.session = replace(draft.here, words="code")
    draft.note(CAME_IN, kept.staff if kept is not None else "")
    confirming.must_verify(draft, BY_CODE)


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
