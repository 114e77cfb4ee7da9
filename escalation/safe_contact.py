"""Her safe-contact record as workers keep it (SAFETY 2, 3, 15): the port, its words, and what the history tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flows.engine.conversation import Contact
from flows.engine.effects import Changer

Asked = Literal["right", "wrong", "not_asked"]  # what came of the agreed question
NOT_VERIFIED = "Ask the agreed question first. A code is made only when it was answered right."
NEEDS_NOTE = "Write down what was said, or why you could not ask."


@dataclass(frozen=True, slots=True)
class ContactVersion:
    """The record as it was from `at` on. `staff` is the id of who changed it, where a worker did.

    `changed`: which fields; empty where an older release kept it.
    """

    at: datetime
    contact: Contact
    by: Changer = "her"
    staff: str = ""
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactChange:
    """What a worker sets (`flows.engine.safe_contact.FIELDS`), and whether the whole is confirmed with her.

    `seen`: the mark of the record that the worker's page had; '' changes whatever stands.
    """

    values: Mapping[str, str]
    seen: str = ""
    confirmed: bool = False


class SafeContacts(Protocol):
    """Each act is one turn of hers, audited; her phone hears nothing of it."""

    async def set(self, person: str, staff: str, change: ContactChange, reason: str) -> None:
        """Her timers move with it. Whoever may open the case may, with the same `reason` for one that they do not hold.

        Raises Refused with what is wrong: a value, or a record that was changed meanwhile.
        """

    async def asked(self, person: str, staff: str, outcome: Asked, note: str) -> None:
        """The worker asked the agreed question, or could not. Right: it is her. `note` stands with the other notes.

        Raises Refused without a claim, and without a note where it was not answered right.
        """

    async def new_words(self, person: str, staff: str, verified: bool) -> str:
        """She has forgotten her words. A code for her, told once and never shown again: good once, for a day, when it
        is written on her own phone. It lets her in to choose words anew; until then hers stand, and nothing is sent.

        `verified`: the worker has just asked the agreed question, and it was answered right. Raises Refused without it,
        without a claim, while it may not be her, and where she has no word or does not want to be written to.
        """
