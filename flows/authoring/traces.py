"""What may stand in no message that nobody asked for: links, addresses, phone numbers (SAFETY 8).

Emergency numbers are short: at most three digits, or 116 and three more. They stand only where a question led. One of
two digits (15, 17) is told from a count or an hour by the words around it, in the English of the flow.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from flows.authoring.content import Authored, Content
from flows.authoring.cover_words import LINK
from flows.authoring.findings import Finding
from flows.authoring.routes import next_steps
from flows.authoring.wording import Said
from flows.engine.model import Flow, Question

SHORT = 3  # digits: 999, 112, 911
_EUROPE = re.compile(r"116\d{3}")  # the European Union's harmonised helplines
_HOURS = re.compile(r"\d{1,2} ?[-\u2010-\u2015] ?\d{1,2}")  # 18-21
_CALLING = r"\b(?:call|dial|phone|press|ring|text)\b(?: (?!\d)[\w']+){0,4} |: |(?<=\d) or |\bon "
_COUNTED = (
    r"[-\u2010-\u2015:/%]|to\b|of\b|or (?:more|less)|[ap]\.?m\b|o.clock"
    r"|sec|min|hour|day|week|month|year|time|letter|word|step|people|answer|question|point"
)
# "call the police on 17", "Police: 17", "15 or 17"; not "9 to 12", "30 days", "18:30"
_TWO = re.compile(rf"(?:{_CALLING})(\d\d)\b(?! ?(?:{_COUNTED}))(?![.,]\d)", re.IGNORECASE)
_CALL = re.compile(r"\{emergency\}")  # becomes a number
_NUMBER = re.compile(r"\+?\d(?:[ ()./\u2010-\u2015-]{0,2}\d){2,}")


def no_traces(said: Said) -> Iterator[Finding]:
    """In the covers `cover_words` finds them, with all else that a cover may not hold."""
    for wording in said.own():
        if wording.source.id.startswith(("cover.", "words/")):
            continue
        for form in wording.forms:
            link = LINK.search(form.casefold())
            if link is not None:
                hint = "Say it in words: a link on her screen tells what this is."
                yield wording.finding(f"it holds a link or an address: {link[0]!r}.", hint)
            for number in numbers(form):
                if not _is_short(number):
                    hint = "Only emergency numbers of at most 3 digits, or 116 and three more, may be written."
                    yield wording.finding(f"it holds a phone number, a date or the like: {number}.", hint)


def unasked_numbers(content: Content) -> Iterator[Finding]:
    """A step with a number in it is come to by an answer, never by opening the flow."""
    for flow in content.flows.values():
        for name in sorted(_unasked(flow.value)):
            step = flow.value.steps[name]
            texts = (getattr(step, "english", ""), *(choice.english for choice in getattr(step, "choices", ())))
            for number in (n for text in texts for n in (*numbers(text), *two_digits(text), *_CALL.findall(text))):
                yield _told(flow, name, number)


def _told(flow: Authored[Flow], name: str, number: str) -> Finding:
    problem = f"the step {name} says {number} before anything was asked"
    return flow.document.finding(flow.document.key("steps", name), problem, "Let an answer lead to it")


def _unasked(flow: Flow) -> set[str]:
    """The steps that the flow comes to before it has asked anything, its first question among them."""
    ways = next_steps(flow)
    found: set[str] = set()
    waiting = [flow.start]
    while waiting:
        name = waiting.pop()
        if name in found or name not in flow.steps:
            continue
        found.add(name)
        if not isinstance(flow.steps[name], Question):
            waiting += ways[name]
    return found


def numbers(text: str) -> Iterator[str]:
    """Each run of three digits or more, of any script, as plain digits."""
    for found in _NUMBER.finditer(text):
        if _HOURS.fullmatch(found[0]):
            continue
        yield "".join(str(unicodedata.digit(sign)) for sign in found[0] if sign.isdecimal())


def two_digits(text: str) -> Iterator[str]:
    """Numbers of two digits that stand where one to call stands."""
    plain = "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in text)
    yield from (found[1] for found in _TWO.finditer(plain))


def _is_short(number: str) -> bool:
    return len(number) <= SHORT or _EUROPE.fullmatch(number) is not None
