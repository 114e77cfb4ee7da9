"""The reply of the cover, on her phone and on those that she has left."""

from __future__ import annotations

from msgspec.structs import replace

from flows.engine.conversation import Contact, Left
from flows.engine.draft import Draft
from flows.engine.effects import Send
from flows.engine.persona import pick


def cover(draft: Draft) -> None:
    """The next reply of the cover, chosen by how many were given: no state of hers can be read from it."""
    if draft.mute or draft.contact.opted_out:
        return  # her carrier lets nothing through, and would count what is tried
    replies = draft.programme.cover(draft.shown).replies
    message, english = pick(replies, draft.person, draft.memory.cover_turn)
    draft.memory = replace(draft.memory, cover_turn=draft.memory.cover_turn + 1)
    draft.say(message, english, "cover")


def cover_there(draft: Draft, phone: str, left: Left) -> None:
    """The same on a phone that she has left. It has a count of its own: what she writes elsewhere is not seen there."""
    memory = draft.memory
    draft.memory = replace(memory, left=memory.left | {phone: replace(left, turn=left.turn + 1)})
    looks = Contact(channel=left.channel, cover=left.cover, language=left.language)
    message, english = pick(draft.programme.cover(looks).replies, draft.person, left.turn)
    version = draft.programme.catalogues.version(left.language)
    draft.effects.append(Send(message, english, "cover", left.language, catalogue=version))
