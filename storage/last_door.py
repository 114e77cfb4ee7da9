"""The last door before the outbox: what may not stand on a phone is not written for it, whatever decided otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from flows.engine.conversation import Conversation
from flows.engine.effects import CancelSends, Effect, Send, Turn
from flows.safety.hours import is_safe
from storage.phones import Phone


class OutOfSession(RuntimeError):
    """A turn would show words of a session on a closed chat: a fault of the engine, kept off the phone (SAFETY 7)."""


def refuse_out_of_session(turn: Turn) -> None:
    """Raises OutOfSession, so that staff are told and the chat stays what it looks like."""
    if turn.conversation.session is None and any(_is_of_a_session(turn.effects)):
        raise OutOfSession


def _is_of_a_session(effects: Sequence[Effect]) -> Iterator[bool]:
    """What was taken back again in the same turn was never said."""
    last = max((place for place, each in enumerate(effects) if isinstance(each, CancelSends)), default=-1)
    yield from (isinstance(each, Send) and each.kind != "cover" for each in effects[last + 1 :])


def admit(before: Conversation, after: Conversation, send: Send, at: datetime, to: Phone) -> bool:
    """No consent, nothing; unasked, only inside her safe hours (SAFETY 1, 2);
    of a session, only while one is open (7).

    On a phone that she has left only a cover, and only as an answer; her own carrier's stop is not that phone's.
    """
    if not (before.contact.consent or after.contact.consent):
        return False
    if to.state != "active":
        return to.state == "cover" and send.kind == "cover" and send.asked_for
    if after.contact.opted_out or (send.kind != "cover" and after.session is None):
        return False
    return send.asked_for or is_safe(after.contact, at)
