"""A described message to the words that reach the phone: looked up and filled in at delivery, never stored."""

from __future__ import annotations

from dataclasses import dataclass

from flows.engine.effects import Send
from flows.engine.programme import Programme
from flows.text.render import render, without_gaps


@dataclass(frozen=True, slots=True)
class Wording:
    """`options` are (token, label); the channel decides between buttons and numbered lines."""

    text: str
    options: tuple[tuple[str, str], ...] = ()


def wording(programme: Programme, send: Send) -> Wording:
    """The text in her language, by the catalogue's chain of fallbacks to English."""
    if send.words:
        return Wording(send.words)
    text = programme.catalogues.text
    template = text(send.language, send.message, send.english)
    options = tuple((option.token, text(send.language, option.label, option.english)) for option in send.options)
    if not send.params:
        return Wording(template, options)
    return Wording(render(without_gaps(template, send.params), send.params), options)


def page_text(programme: Programme, message: str, params: dict[str, str], language: str = "en") -> str:
    """A page to a worker's phone."""
    return render(programme.catalogues.text(language, message, programme.own[message]), params)
