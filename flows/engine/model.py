"""What a flow is once it has been read: frozen steps, no files, no text lookup.

`flows.authoring.load` is the only maker of these from YAML. A flow's `revision` is a short hash of its content,
so that a person in the middle of a flow stays on the words and the order she started with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

Tier = Literal["P0", "P1", "P2", "P3"]
Answered = Literal["choices", "number", "text", "time", "yes_no"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer: `token` is what she may send ('1'), `name` is what flows and rules call it ('unsure')."""

    token: str
    name: str
    english: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled CEL expression. `names` are the variables that it reads."""

    source: str
    names: frozenset[str]
    program: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)


@dataclass(frozen=True, slots=True)
class Route:
    """Where to go: when the answer's name is `answer` and `when` holds (None: always)."""

    go: str
    answer: str | None = None
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. `into` names a field of her record that the answer fills; `fine` is the all-is-fine answer.

    `fine` is what a duress word answers in her place (SAFETY 14): a choice's name, a number's digits, or 'skip'.
    """

    verb: ClassVar[str] = "ask"
    name: str
    english: str
    kind: Answered
    next: tuple[Route, ...]
    choices: tuple[Choice, ...] = ()
    low: int = 0
    high: int = 0
    into: str | None = None
    fine: str = "skip"


@dataclass(frozen=True, slots=True)
class Say:
    verb: ClassVar[str] = "say"
    name: str
    english: str
    next: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Set:
    """Fill fields of her record (`contact.rhythm_days: '7'`) or names of this flow with fixed values."""

    verb: ClassVar[str] = "set"
    name: str
    values: tuple[tuple[str, str], ...]
    next: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    verb: ClassVar[str] = "branch"
    name: str
    next: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Assess:
    """Weigh all answers so far by an instrument; the alert is raised by the rules themselves."""

    verb: ClassVar[str] = "assess"
    name: str
    instrument: str
    next: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """Run another flow, then go on here."""

    verb: ClassVar[str] = "call"
    name: str
    flow: str
    next: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class CallDue:
    """Run the scheduled flow that is due, if any and if all is calm; routes know 'none', taken when there is none."""

    verb: ClassVar[str] = "call_due"
    name: str
    next: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class OfferPlan:
    """Show one item of her own crisis plan ({item}: its name, {words}: what she wrote) and ask what now.

    Routes know the choices' names and 'none', taken when there is nothing (more) that may be shown.
    """

    verb: ClassVar[str] = "offer_plan"
    name: str
    english: str
    choices: tuple[Choice, ...]
    items: tuple[str, ...]
    next: tuple[Route, ...]
    fine: str


@dataclass(frozen=True, slots=True)
class Find:
    """Show one service of the directory ({name}, {what}, {number}, {notes}) and ask what now.

    Nothing is shown unless the question `may`, whether numbers may be written on this phone, was answered with yes
    (SAFETY 8). `by` names the answer that says what is needed, `needs` the categories for each such answer. `where`,
    `how` and `who` name the questions for her place, for writing instead of calling, for whom it is ('' where there is
    none). Routes know the choices' names, 'none' (there is nothing that may be shown) and 'last' (all were shown).
    """

    verb: ClassVar[str] = "find"
    name: str
    english: str
    choices: tuple[Choice, ...]
    by: str
    needs: tuple[tuple[str, tuple[str, ...]], ...]
    may: str
    next: tuple[Route, ...]
    fine: str
    where: str = ""
    how: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class HandToWorker:
    """Ask for a person. The bot is quiet from here on, save to say truthfully that nobody has read yet."""

    verb: ClassVar[str] = "hand_to_worker"
    name: str
    english: str
    tier: Tier
    next: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class End:
    """`later`: a scheduled flow that ends here was put off, and comes again at a contact of another day."""

    verb: ClassVar[str] = "end"
    name: str
    english: str = ""
    later: bool = False


Step = Ask | Say | Set | Branch | Assess | Call | CallDue | OfferPlan | Find | HandToWorker | End
Question = Ask | OfferPlan | Find  # steps that wait for an answer


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When a flow is due, in days since joining: `after`, then every `every` (0: once), until `until` (0: always)."""

    after: int
    every: int = 0
    until: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """`watch` is the instrument whose rules are weighed after every single answer, so that no answer waits."""

    name: str
    revision: str
    about: str
    start: str
    steps: Mapping[str, Step]
    watch: str | None = None
    schedule: Recurrence | None = None

    def __hash__(self) -> int:
        return hash((self.name, self.revision))


@dataclass(frozen=True, slots=True)
class Rule:
    """`says` is the English sentence that the worker reads. The rule is weighed only when all its names are known."""

    id: str
    tier: Tier
    says: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Instrument:
    """`flow` names the flow whose answers it weighs; `rules` in order of the file."""

    name: str
    version: str
    flow: str
    rules: tuple[Rule, ...]
    reads: Mapping[str, tuple[Rule, ...]] = field(init=False, compare=False, repr=False)  # by the answer they read

    def __post_init__(self) -> None:
        names = {name for rule in self.rules for name in rule.when.names}
        reads = {name: tuple(rule for rule in self.rules if name in rule.when.names) for name in names}
        object.__setattr__(self, "reads", reads)


@dataclass(frozen=True, slots=True)
class Cover:
    """The harmless persona of the closed chat: message ids of its replies and of its unasked pings, with English."""

    name: str
    label: str
    replies: tuple[tuple[str, str], ...]
    pings: tuple[tuple[str, str], ...]
