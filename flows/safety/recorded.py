"""What a worker has recorded of the two of them, and what of it her chat may know now: one closed set.

SAFETY 34: the negotiated exit is offered only while a worker's record stands that both agreed it in sessions, no order
forbids contact, the last check-in left no raised tier, and nobody else may be reading. Programme news is told only to
who asked for it. A flow that needs such a fact cannot begin without it, whatever calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flows.engine.conversation import Contact, Fact, Memory, Session

NO_NEWS = "none"
WITHDRAWN = ""
VALUES: Mapping[Fact, tuple[str, ...]] = {
    "negotiated_exit": ("agreed",),
    "no_contact_order": ("stands",),
    "programme_news": ("started", "missed", "left", "finished"),
}
# What was agreed about the exit stands in her plan, but is no part of a crisis plan and does not count as one.
EXIT_ITEMS = frozenset({"exit_sign", "exit_places", "exit_length", "exit_return", "exit_not_done"})
CALM = (None, "P3")


def watched(memory: Memory, session: Session | None) -> bool:
    """Whether somebody else may hold the phone (SAFETY 14, 15)."""
    return memory.verify_first or (session is not None and session.duress)


def exit_agreed(contact: Contact, memory: Memory, session: Session | None) -> bool:
    """SAFETY 34, whole. Who never checked in is at an unknown tier, which is not a calm one."""
    recorded, here = memory.recorded, session.tier if session else None
    if "negotiated_exit" not in recorded or "no_contact_order" in recorded or watched(memory, session):
        return False
    return memory.checked_at is not None and memory.tier in CALM and here in CALM


def news(contact: Contact, memory: Memory, session: Session | None) -> str:
    """The news that waits for her, or NO_NEWS. Consent is looked at again: she may have taken it back since."""
    waits = memory.recorded.get("programme_news")
    if waits is None or contact.programme_news != "yes" or watched(memory, session):
        return NO_NEWS
    return waits.value


def news_or_consent(contact: Contact, memory: Memory, session: Session | None) -> bool:
    return not contact.programme_news or news(contact, memory, session) != NO_NEWS


NOTHING = {"negotiated_exit": "no", "programme_news": NO_NEWS}  # of nearly everybody, in every turn
Guard = Callable[[Contact, Memory, Session | None], bool]
GUARDED: Mapping[str, Guard] = {"negotiated_exit": exit_agreed, "programme_news": news_or_consent}


def may_begin(flow: str, contact: Contact, memory: Memory, session: Session | None) -> bool:
    guard = GUARDED.get(flow)
    return guard is None or guard(contact, memory, session)


def known(contact: Contact, memory: Memory, session: Session | None) -> dict[str, str]:
    """What conditions may read as `recorded.<name>`."""
    if not memory.recorded:
        return NOTHING
    agreed = exit_agreed(contact, memory, session)
    return {"negotiated_exit": "yes" if agreed else "no", "programme_news": news(contact, memory, session)}


def refuses(contact: Contact, memory: Memory, fact: str, value: str) -> str:
    """Why it cannot be recorded, as a sentence for the worker; '' when it can."""
    values = next((values for name, values in VALUES.items() if name == fact), ())
    stands = next((one.value for name, one in memory.recorded.items() if name == fact), WITHDRAWN)
    if not values or value not in (*values, WITHDRAWN):
        return "There is nothing like that to record."
    if value == stands:
        return "That is recorded already." if value else "Nothing of that stands: there is nothing to take back."
    if fact == "negotiated_exit" and value and "no_contact_order" in memory.recorded:
        return "A no-contact order stands, so the negotiated exit cannot be agreed."
    if fact == "programme_news" and value and (contact.programme_news != "yes" or not contact.consent):
        return "She has not agreed to hear news of the programme. She can say so in her chat, under her settings."
    return ""
