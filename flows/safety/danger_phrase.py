"""The notation in which danger words are written down, turned into what the reader follows word by word.

    HE ~3 kill(s|ed|ing)? ME        three parts: a group, one word with endings, a group
    ~3                              up to three other words may stand here; without it the next word must follow at once
    going_to|gonna                  one or the other; `_` joins words that belong together
    8..10                           a whole number from 8 to 10
    ^ help $                        only where a sentence begins (^) or ends ($)

Names in capitals are groups of the same file (`words:`). Spelling, case and accents follow `flows.text.canonical`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from flows.text.canonical import words

MAX_PARTS = 5  # a longer phrase fits one sentence only and misses its sisters
MAX_GAP = 6  # words between two parts; more would join what belongs to two thoughts
FEW = 24  # words that are sooner tried one by one than looked up in a set, which takes six times the room
MAX_SPELLINGS = 1_000  # of one part: bounds what a mistyped pair of brackets can grow into
_GROUP = re.compile(r"[A-Z][A-Z0-9_]*")
_STRAY = re.compile(r"[)?*+.\[\]{}]")
_RANGE = re.compile(r"(\d{1,3})\.\.(\d{1,3})")

Words = tuple[str, ...] | frozenset[str]  # few of them are kept as a tuple, a sixth the size
Run = tuple[str, ...]  # words that follow each other at once; most have one word


class PhraseError(ValueError):
    """A phrase cannot be read. Its author mends it: `problem` says what is wrong `at` which character, `hint` how."""

    def __init__(self, problem: str, hint: str, at: int = 0) -> None:
        self.problem, self.hint, self.at = problem, hint, at
        super().__init__(f"{problem} {hint}")


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a phrase: a word of any of `sets` or a run of `runs`, after at most `gap` other words.

    Sets and not one set: a group of words stands in hundreds of parts, and is kept once.
    """

    sets: tuple[Words, ...]
    runs: tuple[Run, ...] = ()
    gap: int = 0

    @property
    def vocabulary(self) -> frozenset[str]:
        return frozenset[str]().union(*self.sets, *self.runs)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Parts in order. `from_start` and `to_end` bind it to where a sentence begins or ends."""

    parts: tuple[Part, ...]
    from_start: bool = False
    to_end: bool = False

    @property
    def vocabulary(self) -> frozenset[str]:
        return frozenset[str]().union(*(part.vocabulary for part in self.parts))


class Notation:
    """Reads the phrases of one language, whose groups are defined one by one."""

    def __init__(self) -> None:
        self._choices: dict[str, Part] = {}  # groups by their name, and single words
        self._parts: dict[tuple[str, int], Part] = {}  # the same word or group stands in very many phrases

    def define(self, name: str, choices: Iterable[str]) -> None:
        """Make `name` stand for all `choices`. Raises PhraseError, whose `at` counts within the choice at fault."""
        self._choices[name] = _any_of([self._choice(each) for choice in choices for each in _split(choice)])

    def phrase(self, source: str) -> Phrase:
        """The phrase that `source` writes down. Raises PhraseError."""
        draft = _Draft()
        for found in re.finditer(r"\S+", source):
            try:
                self._take(draft, found[0])
            except PhraseError as error:
                raise PhraseError(error.problem, error.hint, found.start()) from error
        if not draft.parts or draft.gap is not None:
            raise PhraseError("A phrase begins and ends with a word.", "Remove the gap at its end, or write the words.")
        if len(draft.parts) > MAX_PARTS:
            raise PhraseError(f"The phrase has more than {MAX_PARTS} parts.", "Join words with _, or leave some out.")
        return Phrase(tuple(draft.parts), draft.from_start, draft.to_end)

    def _take(self, draft: _Draft, piece: str) -> None:
        if draft.to_end:
            raise PhraseError("Nothing can follow $.", "$ says that the sentence ends here.")
        if piece == "$" and draft.parts and draft.gap is None:
            draft.to_end = True
        elif piece == "^" and not draft.parts:
            draft.from_start = True
        elif piece.startswith("~"):
            draft.gap = _gap(piece, draft)
        else:
            draft.parts.append(self._part(piece, draft.gap or 0))
            draft.gap = None

    def _part(self, piece: str, gap: int) -> Part:
        if (piece, gap) not in self._parts:
            self._parts[piece, gap] = replace(self._part(piece, 0), gap=gap) if gap else self._words(piece)
        return self._parts[piece, gap]

    def _words(self, piece: str) -> Part:
        part = _any_of([self._choice(choice) for choice in _split(piece)])
        if sum(map(len, part.sets)) + len(part.runs) > MAX_SPELLINGS:
            raise PhraseError(f"One part stands for more than {MAX_SPELLINGS} spellings.", "Split it.")
        return part

    def _choice(self, choice: str) -> Part:
        if choice not in self._choices:
            self._choices[choice] = self._read(choice)
        return self._choices[choice]

    def _read(self, choice: str) -> Part:
        if choice.islower() and choice.isascii() and choice.isalpha():
            return Part(((sys.intern(choice),),))  # the same as below, found sooner: most words are so
        numbers = _RANGE.fullmatch(choice)
        if _GROUP.fullmatch(choice):
            raise PhraseError(f"There is no group {choice}.", "Write it under `words:`, above its first use.")
        if numbers:
            return Part(_sets(map(_figure, range(int(numbers[1]), int(numbers[2]) + 1))))
        runs = [_run(spelling) for spelling in spellings(choice)]
        return Part(_sets(run[0] for run in runs if len(run) == 1), tuple(run for run in runs if len(run) > 1))


def _any_of(choices: Sequence[Part]) -> Part:
    """What stands for all of them."""
    if len(choices) == 1:
        return choices[0]
    large = dict.fromkeys(words for choice in choices for words in choice.sets if len(words) > FEW)
    small = _sets(word for choice in choices for words in choice.sets if len(words) <= FEW for word in words)
    return Part((*large, *small), tuple(dict.fromkeys(run for choice in choices for run in choice.runs)))


def _sets(words: Iterable[str]) -> tuple[Words, ...]:
    found = tuple(dict.fromkeys(words))
    return (found if len(found) <= FEW else frozenset(found),) if found else ()


@dataclass(slots=True)
class _Draft:
    """What has been read of a phrase so far."""

    parts: list[Part] = field(default_factory=list)
    gap: int | None = None
    from_start: bool = False
    to_end: bool = False


def _gap(piece: str, draft: _Draft) -> int:
    if not draft.parts or draft.gap is not None or not re.fullmatch(r"~\d", piece) or int(piece[1]) > MAX_GAP:
        hint = f"Between two words write ~1 to ~{MAX_GAP}: how many other words may stand there."
        raise PhraseError(f"{piece!r} is no gap.", hint)
    return int(piece[1])


def _figure(number: int) -> str:
    return sys.intern(str(number))


def _run(spelling: str) -> Run:
    if spelling.isascii() and spelling.isalnum() and spelling.islower():
        return (sys.intern(spelling),)  # canonical already; one string for all languages and phrases that hold it
    run = tuple(map(sys.intern, words(spelling.replace("_", " "))))
    if not run:
        raise PhraseError("There is an empty word.", "Write at least one letter, figure or emoji.")
    return run


def _split(piece: str) -> list[str]:
    """At every | outside brackets."""
    if "(" not in piece and ")" not in piece:
        return piece.split("|")
    choices, depth = [""], 0
    for letter in piece:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if letter == "|" and depth == 0:
            choices.append("")
        else:
            choices[-1] += letter
    if depth != 0:
        raise PhraseError(f"The brackets of {piece!r} do not pair.", "Each ( needs one ).")
    return choices


def spellings(choice: str) -> list[str]:
    """`kill(s|ed)?` is kill, kills, killed; brackets may hold brackets. Raises PhraseError."""
    written = [""]
    rest = choice
    while rest:
        head, bracket, rest = rest.partition("(")
        if _STRAY.search(head):
            raise PhraseError(f"{choice!r} holds a sign without a meaning.", "Use letters, _, |, (…) and (…)?.")
        written = [each + head for each in written]
        if bracket:
            inside, rest = _inside(rest)
            endings = [ending for each in _split(inside) for ending in spellings(each)]
            if rest.startswith("?"):
                endings, rest = ["", *endings], rest[1:]
            written = [each + ending for each in written for ending in endings]
        if len(written) > MAX_SPELLINGS:
            raise PhraseError(f"{choice!r} stands for more than {MAX_SPELLINGS} spellings.", "Split it.")
    return written


def _inside(rest: str) -> tuple[str, str]:
    """What stands before the bracket that closes, and what follows it. `_split` saw that they pair."""
    depth = 1
    for index, letter in enumerate(rest):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return rest[:index], rest[index + 1 :]
    raise PhraseError("The brackets do not pair.", "Each ( needs one ).")
