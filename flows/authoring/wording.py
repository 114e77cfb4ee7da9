"""The rules that every text keeps, in English and in each translation. Each rule finds what breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flows.authoring.extract import Source
from flows.authoring.findings import Finding
from flows.text.canonical import canonical
from flows.text.languages import SOURCE
from flows.text.render import numbered, placeholders, render
from flows.text.segments import MOST, Segments, count

# SAFETY 10 (Twilio's list): a carrier answers these itself, and after the first eight it blocks every further message.
CARRIER_WORDS = frozenset(
    "stop stopall unsubscribe cancel end quit revoke optout start yes unstop help info".split()  # noqa: SIM905
)
OFFERS = {
    "engine/again": "words/skip",
    "engine/lost_step": "words/menu",
    "engine/not_read_yet": "words/menu",
}
ALLOWANCE = "x" * 12  # letters counted for each parameter: a first name, a short plan item

_IN_QUOTES = re.compile(r"[\"“«„]([^\"“”«»„]+)[\"”»“]")
_IN_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in one language as it would be sent, and the line where it is written."""

    source: Source
    language: str
    forms: tuple[str, ...]
    file: str
    line: int

    def finding(self, problem: str, hint: str) -> Finding:
        return Finding(self.file, self.line, 1, f"{self.source.id} ({self.language}): {problem}", hint)


@dataclass(frozen=True, slots=True)
class Said:
    """All that one language says, fallbacks filled in, and the English of the same."""

    language: str
    wordings: Mapping[str, Wording]
    english: Mapping[str, Source]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def own(self) -> Iterator[Wording]:
        """What is written in this language itself."""
        return (wording for wording in self.wordings.values() if wording.language == self.language)


def english(sources: Sequence[Source]) -> dict[str, Wording]:
    """The English of each source, where its author wrote it."""
    return {source.id: Wording(source, SOURCE, source.forms, source.file, source.line) for source in sources}


def choices_of(sources: Sequence[Source]) -> dict[str, tuple[str, ...]]:
    """The choices of each question, in the order of `sources`: the ids that are its own id, a dot and one name more."""
    known = {source.id for source in sources}
    found: dict[str, tuple[str, ...]] = {}
    for source in sources:
        question, _, name = source.id.rpartition(".")
        if question in known and "/" not in name:
            found[question] = (*found.get(question, ()), source.id)
    return found


def placeholder_fault(source: tuple[str, str | None], forms: Sequence[str]) -> str | None:
    """What is wrong with the {names} in `forms`, if anything. A plural form may leave out {n}: "one day"."""
    one, other = source
    names = placeholders(one) | placeholders(other or "")
    needed = placeholders(one) & placeholders(other) - {"n"} if other else names
    for form in forms:
        here = placeholders(form)
        if not needed <= here <= names:
            missing, unknown = sorted(needed - here), sorted(here - names)
            lacks = [f"lacks {{{name}}}" for name in missing] + [
                f"names {{{name}}}, which nobody gives" for name in unknown
            ]
            return f"{form!r} {' and '.join(lacks)}."
    return None


def same_placeholders(said: Said) -> Iterator[Finding]:
    for wording in said.own():
        fault = placeholder_fault((wording.source.english, wording.source.plural), wording.forms)
        if fault:
            yield wording.finding(
                fault, "Keep every {name} of the English, letter for letter. It is not sent till then."
            )


def short_enough(said: Said) -> Iterator[Finding]:
    """A question is counted with its numbered choices, as it goes out by SMS."""
    for wording in said.own():
        labels = [said.wordings[choice].forms[0] for choice in said.choices.get(wording.source.id, ())]
        for form in wording.forms:
            text = numbered(form, labels) if labels else form
            text = render(text, dict.fromkeys(placeholders(text), ALLOWANCE))
            yield from _too_long(wording, text, count(text))


def _too_long(wording: Wording, text: str, counted: Segments) -> Iterator[Finding]:
    source = wording.source
    widened = counted.encoding == "UCS-2" and wording.language != SOURCE
    most = source.max_ucs2 if widened and source.max_ucs2 else source.max_length
    if len(text) > MOST:
        yield wording.finding(f"it has {len(text)} letters, and {MOST} is the most.", "Say it in two messages.")
    elif most is not None and counted.segments > most:
        costly = f" The letters {' '.join(counted.costly)} leave only 70 to a segment." if counted.costly else ""
        problem = f"it takes {counted.segments} SMS segments, and {most} is the most."
        yield wording.finding(problem + costly, "Say it with fewer letters.")


def nothing_for_carriers(said: Said) -> Iterator[Finding]:
    """No label may be a carrier's word, and no text may ask for one (in capitals or in quotation marks)."""
    labels = {choice for choices in said.choices.values() for choice in choices}
    for wording in said.own():
        if wording.source.id.startswith("words/"):
            continue
        for word in _offered(wording, wording.source.id in labels):
            yield wording.finding(
                f"it offers {word!r}, which carriers catch.", "Offer another word. People may still text this one."
            )


def _offered(wording: Wording, label: bool) -> Iterator[str]:
    for form in wording.forms:
        offered = [form] if label else [*_IN_QUOTES.findall(form), *_IN_CAPITALS.findall(form)]
        yield from (word for word in offered if canonical(word) in CARRIER_WORDS)


def offers_what_is_understood(said: Said) -> Iterator[Finding]:
    """A text that says 'send "skip"' names a word of the list that the engine looks in."""
    for message_id, listed in OFFERS.items():
        if message_id not in said.wordings or listed not in said.wordings:
            continue
        wording, words = said.wordings[message_id], _alternatives(said, listed)
        quoted = {canonical(word) for word in _IN_QUOTES.findall(wording.forms[0])}
        if not quoted & words:
            hint = f"Put the first word of {listed} in this language between quotation marks."
            yield wording.finding(f"it offers no word of {listed}.", hint)


def no_clashes(said: Said) -> Iterator[Finding]:
    """Within one question no two choices may be answered by the same word, and none by a word for skip."""
    skips = _alternatives(said, "words/skip")
    for choices in said.choices.values():
        taken: dict[str, str] = {}
        for number, choice in enumerate(choices, start=1):
            name = choice.rpartition(".")[2]
            if canonical(said.wordings[choice].forms[0]) in skips and name != "skip":
                yield said.wordings[choice].finding("it is also a word for skip.", "Say the choice in other words.")
            yield from _taken_twice(said, choice, _answers(said, choice, str(number)), taken)


def no_clashing_words(said: Said) -> Iterator[Finding]:
    """The engine listens for all its lists at once, so no word may stand in two of them."""
    taken: dict[str, str] = {}
    for message_id in sorted(each for each in said.wordings if each.startswith("words/")):
        yield from _taken_twice(said, message_id, _alternatives(said, message_id), taken)


def _taken_twice(said: Said, message_id: str, words: frozenset[str], taken: dict[str, str]) -> Iterator[Finding]:
    for word in sorted(words):
        other = taken.setdefault(word, message_id)
        if other != message_id:
            problem = f"{word!r} answers both this and {other}."
            yield said.wordings[message_id].finding(problem, "Word one of them differently.")


def _answers(said: Said, choice: str, token: str) -> frozenset[str]:
    """All that is read as this choice: its number, its name, its label here and in English."""
    texts = (token, choice.rpartition(".")[2], said.wordings[choice].forms[0], said.english[choice].english)
    return frozenset(map(canonical, texts)) - {""}


def _alternatives(said: Said, message_id: str) -> frozenset[str]:
    """The words of a list in this language and in English."""
    if message_id not in said.wordings:
        return frozenset()
    listed = f"{said.wordings[message_id].forms[0]}|{said.english[message_id].english}"
    return frozenset(map(canonical, listed.split("|"))) - {""}


RULES = (
    same_placeholders,
    short_enough,
    nothing_for_carriers,
    offers_what_is_understood,
    no_clashes,
    no_clashing_words,
)
