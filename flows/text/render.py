"""From a template and its parameters to the text on the phone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from flows.text.languages import Direction

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LED_TO = re.compile(rf"\s*[:\uff1a]?\s*{_PLACEHOLDER.pattern}")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FIRST_STRONG, _POP = "\u2068", "\u2069"
_LEFT_TO_RIGHT, _LEFT_MARK = "\u2066", "\u200e"


class MissingParameter(LookupError):
    """A template names a parameter that it was not given: a fault of the flow or of its translation."""

    def __init__(self, name: str, template: str) -> None:
        self.name = name
        super().__init__(f"no value for {{{name}}} in {template!r}. Give one, or take {{{name}}} out of the text")


def render(template: str, params: Mapping[str, object]) -> str:
    """`template` with each `{name}` replaced by that parameter, character for character, and nothing else touched.

    Braces around anything but a plain name stay as they are; parameters that are not named are ignored. What a
    parameter contains is never read as a template. Raises MissingParameter.
    """
    if "{" not in template:
        return template

    def value(found: re.Match[str]) -> str:
        try:
            return str(params[found[1]])
        except KeyError:
            raise MissingParameter(found[1], template) from None

    return _PLACEHOLDER.sub(value, template)


def without_gaps(template: str, params: Mapping[str, object]) -> str:
    """`template` without the places of parameters that are empty, and without the colon or space that led to them.

    "{item}: {words}" of an item that she has no words for is "{item}", not "Keys and papers: ".
    """

    def place(found: re.Match[str]) -> str:
        return "" if params.get(found[1]) == "" else found[0]

    return _LED_TO.sub(place, template)


def placeholders(template: str) -> frozenset[str]:
    """The names that `render` will ask for."""
    return frozenset(_PLACEHOLDER.findall(template))


def isolate(text: str) -> str:
    """`text` for a place inside a sentence of any direction (Telegram, console): neither disturbs the other.

    Bidi controls of its own are dropped, for one that is never closed would turn the rest of the sentence round.
    Not for SMS: the two signs would cost money and make an English text UCS-2.
    """
    return f"{_FIRST_STRONG}{_BIDI.sub('', text)}{_POP}"


def in_order(figures: str, isolates: bool) -> str:
    """Figures for a right-to-left sentence, so that "0808 2000 247" is not shown as "247 2000 0808".

    After Arabic letters each group of figures is a number of its own, and the groups run from right to left (UAX 9, W2
    and N1). With `isolates` (Telegram, console) they are a sentence apart; else (SMS) one mark before them, which costs
    one letter in a text that is UCS-2 already, makes all of them left to right, on a line of their own or not (W7).
    """
    plain = _BIDI.sub("", figures)
    return f"{_LEFT_TO_RIGHT}{plain}{_POP}" if isolates else f"{_LEFT_MARK}{plain}"


def turns(text: str, direction: Direction) -> bool:
    """Whether `text` has letters that are read against `direction`."""
    against = ("R", "AL") if direction == "ltr" else ("L",)
    return any(unicodedata.bidirectional(letter) in against for letter in text)


def numbered(question: str, labels: Sequence[str]) -> str:
    """The SMS form of a question: below it, one line for each label, "1 Yes", "2 Not sure".

    Right-to-left labels need no bidi controls here, whichever way the phone takes the paragraph: each option is a line,
    hence a paragraph, of its own; its number is a weak ASCII numeral that stands first, with a space and no
    sign that could be mirrored; so it is displayed where reading begins, never behind the label (UAX 9, P2 and W2).
    """
    lines = (f"{number} {' '.join(label.split())}" for number, label in enumerate(labels, start=1))
    return "\n".join((question, *lines))
