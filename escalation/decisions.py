"""What was decided about a case, on what basis, with whom it is shared, and who else has looked at it.

The port of it, and the rules that need no database. Nothing is changed or taken out: what was wrong is replaced by a
later decision, and a P0 or P1 is looked at by a second person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol, get_args

from escalation.basis import NO_BASIS, Basis, refuses
from escalation.claims import LONGEST_WORD, NO_REASON
from escalation.ladder import URGENT
from escalation.news import Told
from escalation.ports import Refused
from escalation.referral import ARRIVED, NO_PACK, Pack
from flows.engine.model import Tier
from flows.safety.risk import worse

Standing = Literal["stands", "waits", "signed", "returned", "replaced"]

TIERS: tuple[Tier, ...] = get_args(Tier)
# Characters. Together they fit into a form of the console, written as %XX in any script.
LONGEST: Mapping[str, int] = {"facts": 1500, "options": 1200, "decision": 1200, "why": 500, "shared_with": 200}

EMPTY = "Say what is known, what could be done, and what was decided."
TOO_MUCH = "That is too long to keep. Say it in fewer words."
NO_SUCH = "There is no such decision."
NOT_YOUR_OWN = "You wrote it yourself. A second person signs."
SIGNED = "It is signed already."
REPLACED = "A later decision has taken its place."
RETURNED = "It was given back to who wrote it, who writes another in its place."


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision as it is written. `why`: why it is shared without her consent, or what else should be known of it.

    `tier`: how urgent, at least that of what stands open of hers. `instead`: the number of the one it replaces, or 0.
    """

    facts: str
    options: str
    decision: str
    basis: Basis
    tier: Tier
    why: str = ""
    shared_with: str = ""
    instead: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """`number` counts a case's entries from 1; `staff` is the id of who wrote it."""

    number: int
    at: datetime
    staff: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class Review:
    """A second person has signed decision `of`, or given it back with a word."""

    number: int
    at: datetime
    staff: str
    of: int
    agreed: bool
    word: str = ""


@dataclass(frozen=True, slots=True)
class Shared:
    """What of the case was given to whom. `pack` names fields; what stood in them is not kept a second time."""

    number: int
    at: datetime
    staff: str
    pack: Pack


@dataclass(frozen=True, slots=True)
class Received:
    """The receiver has said that entry `of` arrived; `word`: who said so, and how."""

    number: int
    at: datetime
    staff: str
    of: int
    word: str = ""


Entry = Decision | Review | Shared | Received | Told


@dataclass(frozen=True, slots=True)
class ToSign:
    """A P0 or P1 decision without its second person. `person` is the case's ref, `staff` the id of who wrote it."""

    person: str
    number: int
    at: datetime
    staff: str
    tier: Tier
    returned: bool = False


class Decisions(Protocol):
    """Whoever may open a case may write and sign in it, and gives the same `reason` for one that they do not hold.

    Each raises Refused with a sentence for the worker, Unknown where nobody is there. All is audited.
    """

    async def of(self, person: str, staff: str, now: datetime, reason: str = "") -> Sequence[Entry]:
        """All entries of a case, oldest first. Opening it is a reading of the case."""

    async def decide(self, person: str, staff: str, draft: Draft, now: datetime, reason: str = "") -> int:
        """Its number. The same again by the same worker within ten minutes is no second one."""

    async def sign(
        self, person: str, staff: str, number: int, agreed: bool, word: str, now: datetime, reason: str = ""
    ) -> None:
        """By another than who wrote it; `word` says why where they do not agree."""

    async def share(self, person: str, staff: str, pack: Pack, now: datetime, reason: str = "") -> int:
        """What is given, and to whom, before it is printed. Its number. The same again within ten minutes is one."""

    async def received(self, person: str, staff: str, number: int, word: str, now: datetime, reason: str = "") -> None:
        """The receiver has said that it is there; `word`: who said so, and how."""

    async def to_sign(self, staff: str, now: datetime) -> Sequence[ToSign]:
        """Of cases that this worker is not kept apart from, the most urgent first. Nothing of what they say."""


def fit(draft: Draft, stands: Sequence[Tier], entries: Sequence[Entry]) -> Draft:
    """As it is kept: no less urgent than what `stands` open. Raises Refused."""
    draft = _stripped(draft)
    why = _refuses(draft)
    if why:
        raise Refused(why)
    if draft.instead:
        earlier = found(entries, draft.instead)
        if standing(entries, earlier) == "replaced":
            raise Refused(REPLACED)
    tier = draft.tier
    for each in stands:
        tier = each if worse(each, tier) else tier
    return replace(draft, tier=tier)


def _refuses(draft: Draft) -> str:
    if not (draft.facts and draft.options and draft.decision):
        return EMPTY
    if any(len(getattr(draft, name)) > most for name, most in LONGEST.items()):
        return TOO_MUCH
    if draft.tier not in TIERS:
        return NO_BASIS
    return refuses(draft.basis, draft.shared_with, draft.why)


def found(entries: Sequence[Entry], number: int) -> Decision:
    """Raises Refused."""
    for entry in entries:
        if isinstance(entry, Decision) and entry.number == number:
            return entry
    raise Refused(NO_SUCH)


def standing(entries: Sequence[Entry], decision: Decision) -> Standing:
    """`stands`: of a P2 or P3, which needs no second person."""
    of_it = [entry for entry in entries if isinstance(entry, Review) and entry.of == decision.number]
    if any(isinstance(entry, Decision) and entry.draft.instead == decision.number for entry in entries):
        return "replaced"
    if of_it:
        return "signed" if of_it[-1].agreed else "returned"
    return "waits" if decision.draft.tier in URGENT else "stands"


def reviewed(entries: Sequence[Entry], number: int, staff: str, agreed: bool, word: str) -> str:
    """The word as it is kept. Raises Refused where this one cannot be signed or given back by them."""
    decision, word = found(entries, number), word.strip()[:LONGEST_WORD]
    refused: Mapping[Standing, str] = {"signed": SIGNED, "replaced": REPLACED, "returned": RETURNED}
    now = standing(entries, decision)
    if now in refused:
        raise Refused(refused[now])
    if decision.staff == staff:
        raise Refused(NOT_YOUR_OWN)
    if not agreed and not word:
        raise Refused(NO_REASON)
    return word


def same(kept: Draft, draft: Draft) -> bool:
    """Whether they say the same; how urgent it is may have been raised when it was kept."""
    return replace(_stripped(draft), tier=kept.tier) == kept


def arrived(entries: Sequence[Entry], number: int, word: str) -> str:
    """The word as it is kept. Raises Refused where nothing of that number was given, or its receipt is here."""
    if not any(isinstance(entry, Shared) and entry.number == number for entry in entries):
        raise Refused(NO_PACK)
    if any(isinstance(entry, Received) and entry.of == number for entry in entries):
        raise Refused(ARRIVED)
    if not word.strip():
        raise Refused(NO_REASON)
    return word.strip()[:LONGEST_WORD]


def _stripped(draft: Draft) -> Draft:
    words: dict[str, str] = {name: getattr(draft, name).strip() for name in LONGEST}
    return replace(draft, **words)  # type: ignore[arg-type]
