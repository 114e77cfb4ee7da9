"""Danger words in what a person writes (SAFETY 14, 27, 28): pure, bounded, every language at once, for people mix them.

A message is read in three steps:
1. each word is looked up in one table; a word that is none of ours may be one of ours misspelt;
2. the sets of phrases that the words could be part of are intersected: nearly always nothing is left;
3. the phrases that are left are followed through the message (`danger_message`), denials, idioms and the past minded.
Where no phrase pages, the words are weighed together (`danger_hints`).
It only ever raises: that nothing is seen says nothing about safety.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import NamedTuple

from flows.engine.model import Tier
from flows.safety.danger_book import Book, Said, Shelf, bind
from flows.safety.danger_hints import Hints
from flows.safety.danger_index import Index
from flows.safety.danger_lexicon import URGENCY, Entry, Lexicon
from flows.safety.danger_message import Message, spoken
from flows.safety.danger_sieve import Possible, Sieve, members
from flows.safety.danger_spelling import LONGEST_WORD

MAX_CHARS = 4_096  # Telegram's longest message; an SMS has 1,600 at most. More comes from no person's phone
MAX_WORDS = 1_000  # of those characters; ordinary writing has 800, and shorter words are no writing
MAX_STEPS = 110  # parts of phrases followed, most urgent first: keeps any text below 5 ms. One message takes 71 at most
MAX_ASIDE = 60  # idioms and signs of time looked at: those beyond take no weight from a danger. Hardly anybody says ten
MAX_GUESSES = 80  # distinct unknown words looked at for misspelling; one message has 12 at most
SHORT = 3  # letters of an answer that is looked up whole: "1", "yes", "x"

# Raised where no phrase pages and the words together do.
HINT = Entry("hint", "P1", "hint", "The words together sound like danger, though no plain phrase was said", "P1")
# Raised where part of a message went unread: what cannot be read escalates (SAFETY 27).
UNREAD = Entry("unread", "P2", "unread", "Part of this message could not be read: too long or too tangled", "P2")


class Match(NamedTuple):
    """A danger that a message names: which entry fired, in which language, by which of the message's words."""

    entry: str
    tier: Tier
    meaning: str
    language: str
    words: str
    says: str


class Reading(NamedTuple):
    """What was found, most urgent first; the `words` that nothing denies; the work: `guesses`, `steps` of phrases."""

    matches: tuple[Match, ...] = ()
    words: tuple[str, ...] = ()
    guesses: int = 0
    steps: int = 0


def worst(matches: Iterable[Match]) -> Tier | None:
    """The most urgent tier of all, None where nothing was seen."""
    return min((match.tier for match in matches), key=URGENCY.__getitem__, default=None)


class Reader:
    """The programme's data, compiled once and shared: it keeps nothing of what it reads.

    The tables are made when the first message is read, or before by `prepare`: the doors need not wait for them.
    """

    def __init__(
        self, entries: Iterable[Entry] = (), lexicons: Iterable[Lexicon] = (), hints: Hints | None = None
    ) -> None:
        """Raises KeyError for a phrase of an unknown entry; `read_signals` tells its author."""
        self._book, self._hints = bind(entries, lexicons), hints or Hints({})

    def __getstate__(self) -> dict[str, Book | Hints]:
        """Without the tables: they hold hashes, which are others in each process."""
        return {"_book": self._book, "_hints": self._hints}

    @property
    def says(self) -> dict[str, str]:
        """What a worker reads of each entry, by its id, in English."""
        return {entry.id: entry.says for entry in self._book.entries}

    def prepare(self) -> None:
        """Make the tables: half a second of work, in whatever thread has the time."""
        _ = self._alone
        self._hints.prepare()

    @cached_property
    def _index(self) -> Index:
        return Index(self._book)

    @cached_property
    def _tiers(self) -> dict[str, Tier]:
        """How urgent each entry is that is said of now, by its id."""
        return {entry.id: entry.tier for entry in self._book.entries}

    @cached_property
    def _alone(self) -> frozenset[str]:
        return self._index.alone(SHORT)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(shelf.language for shelf in self._book.shelves)

    def read(self, text: str, first: str = "en") -> tuple[Match, ...]:
        """Every danger that `text` names, most urgent first, each entry once; language `first` is tried first.

        Raises nothing, whatever the text, and takes less than 5 ms for any.
        """
        if len(text) <= SHORT and text.isascii() and text.strip(" .!?").lower() not in self._alone:
            return ()
        return self.weigh(text, first).matches

    def weigh(self, text: str, first: str = "en") -> Reading:
        """`read`, with the work it took: tests hold the bounds by it, not by the clock."""
        index = self._index
        said = spoken(text[:MAX_CHARS])
        unread = len(text) > MAX_CHARS or len(said) > MAX_WORDS
        said = _put_together(said[:MAX_WORDS])
        at, guesses = self._look_up(said)
        possible = index.sieves.possible(at)
        found: list[Match] = []
        steps = denied = 0
        if any(here & sieve.dangers for sieve, here in possible):
            weighing = _Weighing(index.book, Message(index.book, text[:MAX_CHARS], said, at), possible)
            unread = not weighing.run(first) or unread
            found, steps = list(weighing.found.values()), weighing.message.steps
            denied = weighing.denied()
        words = tuple(word for at, word in enumerate(said) if not denied >> at & 1) if denied else said
        if not any(URGENCY[match.tier] <= URGENCY[HINT.tier] for match in found):
            lowered = any(self._tiers[match.entry] != match.tier for match in found)
            if hint := self._hints.seen(words, aside=bool(denied) or lowered):
                found.append(_match(HINT, HINT.tier, first, hint))
        if unread:
            found.append(_match(UNREAD, UNREAD.tier, first, ""))
        found.sort(key=lambda match: URGENCY[match.tier])
        return Reading(tuple(found), words, guesses, steps)

    def _look_up(self, said: Iterable[str]) -> tuple[dict[int, int], int]:
        """The places of each kin that the words stand for, and how many words were looked at for misspelling."""
        index = self._index
        table, same = index.table, index.same
        at: dict[int, int] = {}
        strange: dict[str, tuple[int, ...]] = {}
        for place, word in enumerate(said):
            kin = table.get(word)
            if kin is None:
                if word not in strange:
                    if len(word) <= SHORT or len(strange) >= MAX_GUESSES or index.ordinary(word):
                        continue
                    strange[word] = index.guess(word)
                meant = strange[word]
            elif word in same:
                meant = same[word]
            else:
                at[kin] = at.get(kin, 0) | 1 << place
                continue
            for kin in meant:
                at[kin] = at.get(kin, 0) | 1 << place
        return at, len(strange)


class _Setting(NamedTuple):
    """What one language makes of the places of a message."""

    denied: int
    fillers: int
    pronouns: int
    away: int  # in the past, or imagined


class _Weighing:
    """One message under reading: which of the possible phrases it says, and how much each counts."""

    def __init__(self, book: Book, message: Message, possible: Possible) -> None:
        self.message = message
        self.found: dict[str, Match] = {}
        self._perhaps: list[tuple[Said, _Setting, int]] = []  # phrases that a denial may have kept from counting
        self._entries, self._possible = book.entries, possible
        self._others = [(sieve, here) for sieve, here in possible if here > sieve.dangers]  # with more than dangers
        self._settings: dict[str, _Setting] = {}
        self._barred: dict[int, int] = {}  # by entry, the places that cannot belong to it
        self._aside = 0  # how many phrases that are no danger were looked at

    @cached_property
    def _idle(self) -> int:
        """The places of idioms, in whatever language."""
        return self._anywhere(lambda sieve: sieve.idioms)

    def run(self, first: str) -> bool:
        """Fill `found`, those of language `first` before the others; False where the bound stopped it."""
        waiting = [
            (sieve.shelf.language != first, sieve.urgency[number], place, number)
            for place, (sieve, here) in enumerate(self._possible)
            for number in members(here & sieve.dangers)
        ]
        for _, _, place, number in sorted(waiting):
            if self.message.steps > MAX_STEPS:
                return False
            self._try(*self._possible[place], number)
        return True

    def denied(self) -> int:
        """The places of phrases that only a denial kept from counting; of as many as the bound has left steps for."""
        places = 0
        for said, setting, barred in self._perhaps:
            if self.message.steps > MAX_STEPS:
                break
            ends = self._ends(said, barred, setting, self._idle)
            if ends[-1]:
                start, last = self.message.span(said, ends)
                places |= (2 << last) - (1 << start)
        return places

    def _try(self, sieve: Sieve, here: int, number: int) -> None:
        shelf = sieve.shelf
        entry = self._entries[shelf.entries[number]]
        before = self.found.get(entry.id)
        if before is not None and URGENCY[before.tier] <= URGENCY[entry.tier]:
            return
        said = shelf.said(number)
        ends = self.message.follow(said, fillers=self.message.places(shelf.fillers))
        if not ends[-1]:
            return  # nearly always: before it is asked what could deny it
        setting = self._setting(sieve, here)
        barred = self._unless(shelf.entries[number])
        denied = self._denied(shelf, said, setting) | barred
        if denied or self._idle:
            ends = self._ends(said, denied, setting, self._idle)
        else:
            self.message.steps += len(ends)  # what is said costs the same with and without denials
        if not ends[-1]:
            if setting.denied:
                self._perhaps.append((said, setting, barred))
            return
        now = not setting.away or self._ends(said, denied, setting, self._idle | setting.away)[-1]
        tier = entry.tier if now else entry.lowered
        if before is None or URGENCY[tier] < URGENCY[before.tier]:
            start, end = self.message.span(said, ends)
            self.found[entry.id] = _match(entry, tier, shelf.language, self.message.words(start, end))

    def _ends(self, said: Said, denied: int, setting: _Setting, idle: int) -> list[int]:
        return self.message.follow(said, denied, setting.fillers, idle | setting.pronouns if idle else 0)

    def _denied(self, shelf: Shelf, said: Said, setting: _Setting) -> int:
        """The places that are denied to this phrase: its own denials do not undo it."""
        if not setting.denied or said.denials < 0:
            return setting.denied
        own = self.message.anywhere(said.denials)
        return self.message.denied(shelf, own) if own else setting.denied

    def _unless(self, entry: int) -> int:
        if entry not in self._barred:
            self._barred[entry] = self._anywhere(lambda sieve: sieve.unless.get(entry, 0))
        return self._barred[entry]

    def _setting(self, sieve: Sieve, here: int) -> _Setting:
        shelf = sieve.shelf
        setting = self._settings.get(shelf.language)
        if setting is None:
            places = self.message.places
            setting = self._settings[shelf.language] = _Setting(
                self.message.denied(shelf),
                places(shelf.fillers),
                places(shelf.pronouns) if self._idle else 0,
                self._away(sieve, here),
            )
        return setting

    def _away(self, sieve: Sieve, here: int) -> int:
        past, imagined = self._covered(sieve, sieve.past & here), self._covered(sieve, sieve.imagined & here)
        away = self.message.around(past, self.message.places(sieve.shelf.present) & ~self._idle) if past else 0
        return away | (self.message.around(imagined) if imagined else 0)

    def _anywhere(self, which: Callable[[Sieve], int]) -> int:
        """The places of such phrases in all languages."""
        found = 0
        for sieve, here in self._others:
            found |= self._covered(sieve, which(sieve) & here)
        return found

    def _covered(self, sieve: Sieve, phrases: int) -> int:
        found = 0
        for number in members(phrases):
            if self._aside >= MAX_ASIDE:
                break
            self._aside += 1
            found |= self.message.covered(sieve.shelf.said(number), self.message.places(sieve.shelf.fillers))
        return found


def _put_together(said: tuple[str, ...]) -> tuple[str, ...]:
    """A message of single letters is one word set apart: h e l p."""
    apart = 1 < len(said) <= LONGEST_WORD and all(len(word) == 1 and word.isalpha() for word in said)
    return ("".join(said),) if apart else said


def _match(entry: Entry, tier: Tier, language: str, words: str) -> Match:
    return Match(entry.id, tier, entry.meaning, language, words, entry.says)
