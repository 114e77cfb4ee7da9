"""One message as it stands on the phone, and all that SAFETY.md asks of it. Each rule says what breaks it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.channels.base import Option, Outgoing, numbered_wording
from flows.authoring.content import read_content
from flows.authoring.cover_words import LINK, forbidden
from flows.authoring.extract import own_sources
from flows.authoring.load import SHIPPED
from flows.authoring.sources import sources
from flows.authoring.traces import SHORT, numbers
from flows.authoring.wording import CARRIER_WORDS
from flows.engine.conversation import Conversation
from flows.engine.effects import Send
from flows.engine.model import Find
from flows.engine.programme import Programme
from flows.engine.wording import wording
from flows.text.canonical import canonical, words
from flows.text.languages import SOURCE
from flows.text.render import placeholders
from flows.text.segments import count
from tests.walk.acts import WORDS_OF_HERS

CONTENT = read_content([SHIPPED])
LIMITS = {source.id: source for source in (*own_sources(), *sources(CONTENT))}
STEMS = forbidden(CONTENT.names)
OWN_NAMES = frozenset({"rowan", *map(canonical, CONTENT.names)})

_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}|\b20\d\d\b")
_QUOTED = re.compile(r"[\"“«„]([^\"“”«»„]+)[\"”»“]")
_CAPITALS = re.compile(r"\b[^\W\d_]{3,}\b")
_ISOLATED = re.compile("\u2068[^\u2069]*\u2069")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+")
# Small words that English cannot do without and none of the other languages has (Welsh has "a", Polish "to").
ENGLISH = frozenset("the and your you with this that what when will would have please".split())  # noqa: SIM905
# What stands in Latin letters in Arabic and Urdu too: the cross, and names of things that have no other.
LATIN_ANYWHERE = frozenset("x xx lgbt idva marac telegram sms pt fr cy es hiv".split())  # noqa: SIM905
# SAFETY 33: no score, no judgement, no advice to stay, leave or confront.
NEVER = ("score", "points", "low risk", "you should", "you must", "leave him", "leave her")


@dataclass(frozen=True)
class Message:
    """A send of one turn. `before` and `after` are the conversation; `asked`: her answer brought it about."""

    programme: Programme
    send: Send
    before: Conversation
    after: Conversation

    @property
    def language(self) -> str:
        return self.send.language

    @property
    def sms(self) -> bool:
        return self.after.contact.channel == "sms"

    @cached_property
    def shown(self) -> tuple[str, tuple[str, ...]]:
        """The text and the labels below it, as delivery makes them."""
        words = wording(self.programme, self.send, isolates=not self.sms)
        return words.text, tuple(label for _, label in words.options)

    @cached_property
    def whole(self) -> str:
        """All that stands on the screen: by SMS one text with numbered lines."""
        text, labels = self.shown
        options = tuple(Option(token, label) for (token, label) in zip("123456789", labels, strict=False))
        return numbered_wording(Outgoing("", "sms", "", text, options))

    @property
    def found(self) -> bool:
        """Whether it shows a service that was looked for."""
        flow, _, step = self.send.message.partition("/")
        steps = self.programme.flows[flow].steps if flow in self.programme.flows else {}
        return isinstance(steps.get(step), Find)


Rule = Callable[[Message], Iterator[str]]


def filled(message: Message) -> Iterator[str]:
    """SAFETY 12: the catalogue's words and nothing else, every gap closed."""
    text, labels = message.shown
    for part in (text, *labels):
        if not part.strip():
            yield "something in it is empty"
        if placeholders(part) or "{" in part or "}" in part:
            yield "it has a gap"


def short(message: Message) -> Iterator[str]:
    """By SMS within its segments, choices and all; a cover is one segment in every script (SAFETY 10)."""
    if not message.sms:
        return
    source = LIMITS[message.send.message]
    counted = count(message.whole)
    widened = counted.encoding == "UCS-2" and message.language != SOURCE
    most = source.max_ucs2 if widened and source.max_ucs2 else source.max_length
    if most is None or counted.segments > most:
        yield f"it takes {counted.segments} segments, and {most} is the most"


def no_trace(message: Message) -> Iterator[str]:
    """SAFETY 8: no link, number, date or name but a service's that she asked for.

    An emergency number stands only where a question led to it.
    """
    if LINK.search(message.whole.casefold()):
        yield "it holds a link"
    if not OWN_NAMES.isdisjoint(words(message.whole)):
        yield "it names the service or the programme"
    if message.found:
        return
    plain = message.whole.replace("116 ", "116")
    for number in numbers(plain):
        answered = message.before.session is not None and bool(message.before.session.stack)
        if len(number) > SHORT and not (len(number) == 6 and number.startswith("116")):
            yield f"it holds the number {number}"
        elif not answered:
            yield f"it says {number} before anything was asked"
    if _DATE.search(message.whole):
        yield "it holds a date"


def nothing_for_carriers(message: Message) -> Iterator[str]:
    """SAFETY 10: carriers act on these words, so nobody is asked to send one."""
    text, labels = message.shown
    for word in (*labels, *offered(text)):
        if canonical(word) in CARRIER_WORDS:
            yield f"it offers {word!r}"


def offered(text: str) -> tuple[str, ...]:
    """Words that a text asks for: in quotation marks or in capitals."""
    return (*_QUOTED.findall(text), *(word for word in _CAPITALS.findall(text) if word.isupper()))


def one_language(message: Message) -> Iterator[str]:
    """A complete catalogue says everything itself, in its own script."""
    if message.language == SOURCE:
        low = f" {message.whole.casefold()} "
        yield from (f"it says {never!r}" for never in NEVER if never in low)
        return
    said = message.programme.catalogues.filled[message.language].messages
    ids = (message.send.message, *(option.label for option in message.send.options))
    yield from (f"{each} is not translated" for each in ids if each not in said)
    given = " ".join(message.send.params.values())
    hers = {*words(given), *words(WORDS_OF_HERS), *map(str.casefold, _LATIN.findall(given))}  # a code is cut in pieces
    if not message.found:
        mixed = (ENGLISH & set(words(message.whole))) - hers
        yield from (f"it has the English word {word!r}" for word in sorted(mixed))
    if rtl(message):
        latin = {word.casefold() for word in _LATIN.findall(message.whole)} - hers - LATIN_ANYWHERE
        if not message.found and not names_languages(message):
            yield from (f"it has {word!r} in Latin letters" for word in sorted(latin))


def names_languages(message: Message) -> bool:
    """A question for the language names each by its own name."""
    return any(option.label.endswith((".en", ".es")) for option in message.send.options)


def rtl(message: Message) -> bool:
    return message.programme.catalogues.direction(message.language) == "rtl"


def right_to_left(message: Message) -> Iterator[str]:
    """Each line begins in its own direction, and no long number stands inside one: its groups would change places."""
    if not rtl(message):
        return
    for line in message.whole.split("\n"):
        bare = _ISOLATED.sub("", line)
        kinds = [unicodedata.bidirectional(sign) for sign in bare]
        strong = [kind for kind in kinds if kind in ("L", "R", "AL")]
        if "AL" in strong and strong[0] == "L":
            yield f"a line begins from left to right: {line!r}"
        if "AL" in strong and any(len(number) > SHORT for number in numbers(bare)):
            yield f"a number stands inside a line: {line!r}"
    if not message.sms:
        values = {value for value in message.send.params.values() if value and _LATIN.search(value)}
        yield from (f"{value!r} is not isolated" for value in values if f"\u2068{value}\u2069" not in message.whole)


def cover_only(message: Message) -> Iterator[str]:
    """SAFETY 6, 7 and 13: a closed chat shows the cover that she chose, and the cover holds no word that tells."""
    closed = message.after.session is None
    cover = message.programme.cover(message.after.contact)
    replies = {reply for reply, _ in (*cover.replies, *cover.pings)}
    if closed and message.before.session is None and message.send.message not in replies:
        yield "a closed chat said it"
    if message.send.kind != "cover":
        return
    if message.send.message not in replies:
        yield "it is of another cover"
    for stems in (STEMS[""], STEMS["en"], STEMS.get(message.language)):
        word = stems.found(message.whole) if stems else None
        if word is not None:
            yield f"a cover holds {word!r}"


def asked_for(message: Message) -> Iterator[str]:
    """SAFETY 1: all that is said here answers something."""
    if not message.send.asked_for:
        yield "nobody asked for it"


RULES: tuple[Rule, ...] = (
    filled, short, no_trace, nothing_for_carriers, one_language, right_to_left, cover_only, asked_for,
)  # fmt: skip
