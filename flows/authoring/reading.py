"""How hard English is to read, as the age at which a child reads it: about 9 is meant (SAFETY 33).

Judged are flows, covers and the engine's own texts, each as one.

Two measures of the same counts, and the harder verdict stands: Powers, Sumner and Kearl's, fitted to what children of
7 to 10 read, tells short words from long ones in a chat's short sentences; Flesch and Kincaid's, which takes any chat
for easy, sees the long sentence. syllapy counts the syllables. Decision 0006 says why, and what is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add

import syllapy

from flows.authoring.content import Authored, Content
from flows.authoring.extract import Source
from flows.authoring.findings import Finding
from flows.authoring.nodes import Place, fault
from flows.engine.model import Ask, Choice, Cover, Find, Flow, Step

MOST_AGE = 9.5  # years: what is below rounds to 9
SCHOOL_AGE = 5  # years in grade 0: grade 4 is read at 9
FEWEST_WORDS = 30  # in fewer, one word of four syllables moves the age by half a year or more
SHOWN_MESSAGES = 3
SHOWN_WORDS = 5
LONG_WORD = 3  # syllables
LISTS = frozenset({"words"})  # of the engine's texts: what people text, and nobody is sent

_SLOT = re.compile(r"\{[^{}]*\}")
_TOKEN = re.compile(r"\b(?:[A-Z]{2,5}|[Xx])\b")  # X, TALK, UK: known by their looks; longer capitals are just shouted
_SENTENCE = re.compile(r"[.!?…]+(?=[\s\"'\u201d\u2019)]|$)|\n")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Count:
    """What the formula needs. `in_sentences` are the words of texts; `words` and `syllables` those of labels too.

    A label adds its words but is no sentence: nine labels of two words would make any text look like short sentences.
    """

    sentences: int = 0
    in_sentences: int = 0
    words: int = 0
    syllables: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.sentences + other.sentences,
            self.in_sentences + other.in_sentences,
            self.words + other.words,
            self.syllables + other.syllables,
        )

    @property
    def age(self) -> float:
        """Years, 0 where there are no words. The papers' US grade is `SCHOOL_AGE` less."""
        if not self.words:
            return 0.0
        sentence = self.in_sentences / self.sentences if self.sentences else 0.0
        word = self.syllables / self.words
        return SCHOOL_AGE + max(powers_sumner_kearl(sentence, word), flesch_kincaid(sentence, word))


def powers_sumner_kearl(sentence: float, word: float) -> float:
    """US grade of words a sentence and syllables a word.

    "A recalculation of four adult readability formulas", Journal of Educational Psychology 49 (1958), 99-105.
    """
    return 0.0778 * sentence + 4.55 * word - 2.2029


def flesch_kincaid(sentence: float, word: float) -> float:
    """The same by Kincaid and others, "Derivation of new readability formulas", Navy report 8-75 (1975)."""
    return 0.39 * sentence + 11.8 * word - 15.59


@dataclass(frozen=True, slots=True)
class Message:
    """One step's text with its labels: its id, where it stands, its words in the order of reading."""

    id: str
    place: Place
    count: Count
    words: tuple[str, ...]

    @property
    def weight(self) -> float:
        """By how much it makes the flow too hard: years above the limit, a word."""
        return (self.count.age - MOST_AGE) * self.count.words


@dataclass(frozen=True, slots=True)
class Text:
    """What is judged as one: all that a flow, a cover or a family of the engine's texts says."""

    name: str
    file: str
    messages: tuple[Message, ...]


def too_hard(content: Content, own: Iterable[Source] = ()) -> Iterator[Finding]:
    """The texts that read above `MOST_AGE`: each flow, each cover, and of `own` each family of ids (engine, plan, …).

    Words under a licence are not ours to mend, and are not looked at.
    """
    for text in _texts(content, own):
        count = whole(text.messages)
        if count.words >= FEWEST_WORDS and count.age >= MOST_AGE:
            hardest = sorted(text.messages, key=lambda each: each.weight, reverse=True)[:SHOWN_MESSAGES]
            yield _finding(text, count.age, hardest)


def _texts(content: Content, own: Iterable[Source]) -> Iterator[Text]:
    licensed = {each.value.flow for each in content.instruments.values() if each.value.licence.holder}
    for flow in content.flows.values():
        if flow.value.name not in licensed:
            yield Text(flow.value.name, flow.document.file, messages_of(flow, content.names))
    for cover in content.covers.values():
        yield Text(f"the cover {cover.value.name}", cover.document.file, tuple(_cover(cover, content.names)))
    families: dict[str, list[Source]] = {}
    for source in own:
        families.setdefault(source.id.partition("/")[0], []).append(source)
    for family, sources in families.items():
        if family not in LISTS:
            messages = tuple(_said(each.id, Place(each.line), each.forms, content.names) for each in sources)
            yield Text(f"{family}/…", sources[0].file, messages)


def _cover(cover: Authored[Cover], names: Collection[str]) -> Iterator[Message]:
    """Its own name stands before each of its texts: it is known by its looks after the first."""
    known = (*names, f"{cover.value.label}:")
    for kind, texts in (("replies", cover.value.replies), ("pings", cover.value.pings)):
        for number, (message, english) in enumerate(texts):
            yield _said(message, cover.document.at(kind, number), (english,), known)


def _said(message: str, place: Place, texts: Iterable[str], names: Collection[str]) -> Message:
    """A text without labels, or its forms for one and for several."""
    sentences = [words for text in texts for words in _sentences(text, names) if words]
    said = tuple(word for words in sentences for word in words)
    return Message(message, place, Count(len(sentences), len(said), len(said), sum(map(syllables, said))), said)


def messages_of(flow: Authored[Flow], names: Collection[str] = ()) -> tuple[Message, ...]:
    """Every step of a flow that says something. `names`, of the programme, are not read as words."""
    steps = flow.value.steps.values()
    places = {step.where for step in steps if isinstance(step, Find)}
    return tuple(_message(flow, step, places, names) for step in steps if getattr(step, "english", ""))


def whole(messages: Iterable[Message]) -> Count:
    return reduce(add, (message.count for message in messages), Count())


def _message(flow: Authored[Flow], step: Step, places: Collection[str], names: Collection[str]) -> Message:
    sentences = [words for words in _sentences(getattr(step, "english", ""), names) if words]
    labels = [word for choice in _read_labels(step, places) for words in _sentences(choice, names) for word in words]
    said = [word for words in sentences for word in words]
    read = (*said, *labels)
    count = Count(len(sentences), len(said), len(read), sum(map(syllables, read)))
    return Message(f"{flow.value.name}/{step.name}", flow.document.at("steps", step.name, step.verb), count, read)


def _read_labels(step: Step, places: Collection[str]) -> Iterator[str]:
    """The labels of a step, but for lists of languages and of places: those are names."""
    choices: tuple[Choice, ...] = getattr(step, "choices", ())
    listed = isinstance(step, Ask) and (step.into == "contact.language" or step.name in places)
    return (choice.english for choice in (() if listed else choices))


def _sentences(text: str, names: Collection[str]) -> Iterator[list[str]]:
    """The words of each sentence, without what is not read as a word: slots, tokens, figures, names."""
    for name in names:
        text = text.replace(name, " ")
    for sentence in _SENTENCE.split(_TOKEN.sub(" ", _SLOT.sub(" ", text))):
        first, *rest = _WORD.findall(sentence) or [""]
        yield [word for word in (first, *(word for word in rest if not _is_name(word))) if word]


def _is_name(word: str) -> bool:
    """Of a word within a sentence. Names are left out as Dale and Chall take them for known, whatever their length."""
    return word[0].isupper() and not word.isupper() and not word.startswith(("I'", "I\u2019"))


def syllables(word: str) -> int:
    """At least 1: no word is read in no time."""
    return max(1, int(syllapy.count(word.replace("\u2019", "'"))))


def _finding(text: Text, age: float, hardest: Iterable[Message]) -> Finding:
    hardest = tuple(hardest)
    where = ", ".join(f"{message.id} ({text.file}:{message.place.line})" for message in hardest)
    problem = f"the English of {text.name} reads at age {age:.1f}, and about 9 is meant; hardest: {where}"
    long = _long_words(word.lower() for message in hardest for word in message.words)
    hint = "Say it in shorter sentences and shorter words" + (f"; the longest: {', '.join(long)}" if long else "")
    return fault(text.file, hardest[0].place, problem, hint)


def _long_words(words: Iterable[str]) -> list[str]:
    """The longest, each once, those that come first before others of the same length."""
    long = dict.fromkeys(word for word in words if syllables(word) >= LONG_WORD)
    return sorted(long, key=syllables, reverse=True)[:SHOWN_WORDS]
