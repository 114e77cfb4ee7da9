"""Pages to workers' own phones: content-free out, one letter and the page's code back (`A 7F3`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Answer = Literal["accept", "pass", "ask", "unread"]

# Letters that a worker may text back, in any case, with or without the space.
_REPLY = re.compile(r"^\s*([APap?])\s*[-:.]?\s*([0-9A-Za-z]{3,8})?\s*$")
# With a space between letter and code, so that a sentence is seldom taken for one.
_WITH_REASON = re.compile(r"^\s*[Aa]\s*[-:.]?\s+([0-9A-Za-z]{3,8})[\s,:.-]+(\S.*?)\s*$", re.DOTALL)
_MEANING: dict[str, Answer] = {"A": "accept", "P": "pass", "?": "ask"}


@dataclass(frozen=True, slots=True)
class Reply:
    answer: Answer
    code: str = ""
    reason: str = ""


def read_reply(text: str) -> Reply:
    """What a worker's message asks for; 'unread' is answered with how to answer. `A 7F3 why` takes a third one."""
    why = _WITH_REASON.match(text)
    if why:
        return Reply("accept", why[1].upper(), why[2])
    found = _REPLY.match(text)
    if not found:
        return Reply("unread")
    answer = _MEANING[found[1].upper()]
    code = (found[2] or "").upper()
    return Reply("unread") if answer != "ask" and not code else Reply(answer, code)
