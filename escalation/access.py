"""Who may do what with a case: one rule for all roles, by how somebody stands to her. What is not named is refused.

The port of who is assigned to whom, and the rule, which needs no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from escalation.claims import APART
from escalation.ports import Alert, Role

Relation = Literal["apart", "held", "own", "other"]  # kept apart; holds an alert of hers now; assigned to her; neither
Act = Literal[
    "read",  # open the case, and write into it what only staff see
    "break_glass",  # the same for a reason, and somebody who looks over it is told
    "plan",  # write into her plan
    "talk",  # act in her chat, ask her the agreed question, make new words for her
    "number",  # the programme's own case number, and who else is under it
    "hear_apart",  # read what she said to somebody independent
    "take",  # claim a P2 or P3, or be offered one
    "take_urgent",  # claim a P0 or P1, or be offered one
    "sign",  # be the second person of a P0 or P1
    "assign",  # say whose case it is
    "look_over",  # offer what others hold, keep others apart and let them back
]
As = Literal["partner_support", "key_worker"]

TAKES_CASES: tuple[Role, ...] = ("worker", "supervisor", "partner_support")

CLAIM_FIRST = "Claim one of this person's alerts first."
NEEDS_REASON = "You hold no alert of this person. Give a reason to read on; your supervisor is told."
NOT_YOURS = "This case is not assigned to you. Ask a supervisor."
ON_CALL_TAKES = "A P0 or P1 is taken by who is on call."
NOT_YOUR_ROLE = "Your role does not do this."
NOT_TO_THEM = "They cannot be assigned to a case."
NO_ASSIGNMENT = "There is no such assignment."
CANNOT_ASSIGN = "Who holds it, whose case it is or a supervisor says whose case it is."

_ON_CALL: frozenset[Act] = frozenset({"take", "take_urgent", "sign"})
_WORKER: Mapping[Relation, frozenset[Act]] = {
    "held": _ON_CALL | {"read", "plan", "talk", "number", "assign"},
    "own": _ON_CALL | {"read", "plan", "number", "assign"},
    "other": _ON_CALL | {"break_glass"},
}
_LOOKS_OVER: frozenset[Act] = frozenset({"look_over"})  # reads nothing of hers: also of a case one is kept apart from
MAY: Mapping[Role, Mapping[Relation, frozenset[Act]]] = {
    "worker": _WORKER,
    "supervisor": {
        "apart": _LOOKS_OVER,
        "held": _WORKER["held"] | _LOOKS_OVER,
        "own": _WORKER["own"] | _LOOKS_OVER,
        # what she said to somebody independent is for nobody who works with her (MST-IPV, monthly adherence)
        "other": _WORKER["other"] | _LOOKS_OVER | {"number", "assign", "hear_apart"},
    },
    # Not on the rota: a claim of theirs would end the ladder of a P0 or P1 outside of a shift (SAFETY 24).
    "partner_support": {
        "held": frozenset({"read", "plan", "talk", "number", "take"}),
        "own": frozenset({"read", "plan", "number", "take"}),
    },
}


@dataclass(frozen=True, slots=True)
class Stance:
    """Of one member of staff to one recipient. `role` is None for somebody who is off, or was never here."""

    role: Role | None
    relation: Relation

    def may(self, act: Act) -> bool:
        return self.role is not None and act in MAY.get(self.role, {}).get(self.relation, ())

    def refuses(self, act: Act) -> str:
        """Why not, as a sentence for them; '' where they may."""
        if self.may(act):
            return ""
        if self.relation == "apart":
            return APART
        if self.role == "partner_support":
            return NOT_YOURS if self.relation == "other" else _OF_PARTNER_SUPPORT.get(act, NOT_YOUR_ROLE)
        if self.role not in TAKES_CASES:
            return NOT_YOUR_ROLE
        return _OF_CASEWORK.get(act, NOT_YOUR_ROLE)


_OF_PARTNER_SUPPORT: Mapping[Act, str] = {"talk": CLAIM_FIRST, "take_urgent": ON_CALL_TAKES, "assign": CANNOT_ASSIGN}
_OF_CASEWORK: Mapping[Act, str] = {
    "read": NEEDS_REASON,
    "talk": CLAIM_FIRST,
    "plan": CLAIM_FIRST,
    "number": CLAIM_FIRST,
    "assign": CANNOT_ASSIGN,
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """Whose case it is: `staff` an id, since `start`. One key worker at most; of partner support any number."""

    id: str
    staff: str
    as_: As
    start: datetime


@dataclass(frozen=True, slots=True)
class OwnCase:
    """One of the cases that somebody is assigned to, with her alerts that are not resolved, most urgent first."""

    person: str  # her case ref
    as_: tuple[As, ...]
    start: datetime
    alerts: tuple[Alert, ...]


class Access(Protocol):
    """Each raises Refused with a sentence for the worker, Unknown where there is no such person or colleague."""

    async def assigned(self, person: str) -> Sequence[Assignment]:
        """Whose case it is now, oldest first. For a page that has opened it."""

    async def assign(self, person: str, staff: str, as_: As, by: str, now: datetime, reason: str = "") -> None:
        """It is a case of theirs from now on; a key worker stands in the place of the one before.

        `reason`: why the case is opened, where `by` holds no alert of hers.
        """

    async def end(self, person: str, assignment: str, by: str, now: datetime, reason: str = "") -> None:
        """It is theirs no more. What partner support holds of hers is open again, and paged at once."""

    async def own(self, staff: str, now: datetime) -> Sequence[OwnCase]:
        """The cases that somebody is assigned to: those with the most urgent alerts first, then by ref."""
