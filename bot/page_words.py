"""What a page says on each kind of phone: a text, a mail or a notice that leads to the console, a spoken sentence.

And what an agency is told, which is a text or a mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.base import Option
from escalation.news import SUBJECT, WITH_REFERENCE, WITHOUT
from flows.engine.programme import Programme
from flows.engine.wording import page_text

# Nobody reads what is answered to a mail, and nobody types on a telephone or into a notice.
INSTEAD: Mapping[str, Mapping[str, str]] = {
    "email": {
        "page/alert": "page/mail",
        "page/lifted": "page/mail",
        "page/more": "page/mail",
        "page/offered": "page/mail",
        "page/prove": "page/mail_code",
    },
    "push": {
        "page/alert": "page/push",
        "page/lifted": "page/push",
        "page/more": "page/push",
        "page/offered": "page/push",
        "page/prove": "page/push_code",
    },
    "voice": {
        "page/alert": "page/call",
        "page/lifted": "page/call",
        "page/more": "page/call",
        "page/offered": "page/call",
        "page/prove": "page/call_code",
        "page/test": "page/call_test",
    },
}
BUTTONS = {"page/alert": "AP", "page/several": "A", "page/lifted": "AP", "page/offered": "AP", "page/more": "P"}
SUBJECTS = {WITH_REFERENCE: SUBJECT, WITHOUT: SUBJECT}
SPELLED = ("tier", "ref", "code")  # said letter by letter


def page_words(programme: Programme, page: Mapping[str, Any], channel: str) -> str:
    """In the worker's language, by the programme's own words where it has some."""
    message = INSTEAD.get(channel, {}).get(page["message"], page["message"])
    params = _of_before(page["params"])
    if channel == "voice":
        params = spelled(params)
    return page_text(programme, message, params, page.get("language", "en"))


def spelled(params: Mapping[str, str]) -> dict[str, str]:
    """For the telephone: codes letter by letter."""
    return {name: " ".join(value) if name in SPELLED else value for name, value in params.items()}


def page_subject(programme: Programme, page: Mapping[str, Any], channel: str) -> str:
    """Of a mail. It says no more than the mail does."""
    message = SUBJECTS.get(page["message"], "page/mail_subject")
    return page_text(programme, message, {}, page.get("language", "en")) if channel == "email" else ""


def page_buttons(page: Mapping[str, Any], channel: str) -> tuple[Option, ...]:
    """A button does what the reply does, where the channel has buttons."""
    if channel != "telegram":
        return ()
    codes = page.get("codes") or [_of_before(page["params"]).get("code", "")]
    replies = [f"{letter} {code}" for code in codes for letter in BUTTONS.get(page["message"], "")]
    return tuple(Option(f"page:{reply}", reply) for reply in replies)


def _of_before(params: Mapping[str, str]) -> dict[str, str]:
    """Pages that the last release wrote have no code of their own: the ref was it."""
    return ({"code": params["ref"]} if "ref" in params else {}) | dict(params)
