"""When a turn failed: the fixed answer that uses no flow, rule or reader, so that it cannot fail the same way."""

from __future__ import annotations

from msgspec.structs import replace

from flows.engine.conversation import Contact, Conversation
from flows.engine.effects import CancelSends, Effect, Noted, Raise, Send, Turn, Wipe
from flows.engine.events import Event, Heard
from flows.engine.persona import pick
from flows.engine.programme import Programme
from flows.safety.gate import is_exit, late
from flows.text.canonical import canonical

HOLDING = "engine/holding"


def rescue(programme: Programme, conversation: Conversation, event: Event, error: Exception) -> Turn:
    """Staff are told; an exit still hides everything; an open session gets a holding line that is safe on any phone."""
    where = f"{type(error).__name__} while taking a {type(event).__name__}"
    reason = f"The service failed on a message of hers and kept it ({where}). Read it, and tell the operator."
    effects: list[Effect] = [Raise("P1", "fault", "fault.engine", ("fault.engine",), (reason,)), Noted("failed", where)]
    session = conversation.session
    if isinstance(event, Heard) and session is not None and not event.left:
        if any(is_exit(contact, event, canonical(event.text)) for contact in _records(conversation)):
            effects += [CancelSends(), Wipe(session.id)]
            session = None
        elif not late(event, programme.rules):
            english = programme.own[HOLDING]
            language = conversation.contact.language
            effects.append(Send(HOLDING, english, "notice", language, catalogue=programme.catalogues.version(language)))
    elif isinstance(event, Heard) and not (event.left or event.edited or event.call):
        effects += _covered(programme, conversation, event)
    after = replace(conversation, session=session, turns=conversation.turns + 1)
    return Turn(after, tuple(effects))


def _records(conversation: Conversation) -> tuple[Contact, ...]:
    """By whose words an exit is known: hers, and those that were chosen while somebody else may have been writing."""
    kept = conversation.stand_in
    return (conversation.contact,) if kept is None else (conversation.contact, kept.contact)


def _covered(programme: Programme, conversation: Conversation, event: Heard) -> list[Effect]:
    """A closed chat goes on looking like one (SAFETY 13): silence would be a sign that something is here."""
    kept = conversation.stand_in
    contact = kept.contact if kept is not None else conversation.contact
    left = contact.exit_silent and is_exit(contact, event, canonical(event.text))
    if not programme.covers or late(event, programme.rules) or left:
        return []
    message, english = pick(programme.cover(contact).replies, conversation.person, conversation.memory.cover_turn)
    return [Send(message, english, "cover", contact.language, catalogue=programme.catalogues.version(contact.language))]
