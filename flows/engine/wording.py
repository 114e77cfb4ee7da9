"""A described message to the words that reach the phone: looked up and filled in at delivery, never stored."""

from __future__ import annotations

from dataclasses import dataclass

from flows.engine.effects import Send
from flows.engine.programme import Programme
from flows.text.render import isolate, render, turns, without_gaps


@dataclass(frozen=True, slots=True)
class Wording:
    """`options` are (token, label); the channel decides between buttons and numbered lines."""

    text: str
    options: tuple[tuple[str, str], ...] = ()


def wording(programme: Programme, send: Send, *, isolates: bool = False) -> Wording:
    """The text in her language, by the catalogue's chain of fallbacks to English.

    `isolates`: names and words of the other direction stand in signs that keep them from turning the sentence round.
    """
    if send.words:
        return Wording(send.words)
    text = programme.catalogues.text
    template = text(send.language, send.message, send.english)
    options = tuple((option.token, text(send.language, option.label, option.english)) for option in send.options)
    params = send.params
    if not params:
        return Wording(template, options)
    if isolates:
        direction = programme.catalogues.direction(send.language)
        params = {name: isolate(value) if turns(value, direction) else value for name, value in params.items()}
    return Wording(render(without_gaps(template, params), params), options)


def page_text(programme: Programme, message: str, params: dict[str, str], language: str = "en") -> str:
    """A page to a worker's phone: in the programme's own words where it has some in this language."""
    theirs = programme.pages.get(message, {}).get(language)
    return render(theirs or programme.catalogues.text(language, message, programme.own[message]), params)
