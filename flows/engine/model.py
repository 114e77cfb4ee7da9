"""What a flow is once it has been read: frozen steps, no files, no text lookup.

`flows.authoring.load` is the only maker of these from YAML. A flow's `revision` is a short hash of its content,
so that a person in the middle of a flow stays on the words and the order she started with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
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
    """`watch` is the instrument whose rules are weighed after every single answer, so that no answer waits.

    `independent`: what is asked and answered here is not for the worker of the case.
    """

    name: str
    revision: str
    about: str
    start: str
    steps: Mapping[str, Step]
    watch: str | None = None
    schedule: Recurrence | None = None
    independent: bool = False

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
class Item:
    """A question that counts. `points` by answer, none below 0; an answer that is not named there adds nothing.

    `answers`: the names that it may be answered with.
    """

    id: str
    points: Mapping[str, int]
    group: str = ""
    answers: tuple[str, ...] = ("yes", "no", "unsure")

    @property
    def most(self) -> int:
        return max(self.points.values(), default=0)


@dataclass(frozen=True, slots=True)
class Licence:
    """Who holds the wording, by which reference it may be used, and to which day (UTC, itself included; None: no end).

    Without a holder it is nobody's, as our own words are.
    """

    holder: str = ""
    permission: str = ""
    until: date | None = None

    def refuses(self, today: date) -> str:
        """Why the instrument may not run on this day, as the end of a sentence about it; '' when it may."""
        if self.holder and not self.permission:
            return f"it has no permission reference of {self.holder}"
        if self.until is not None and today > self.until:
            return f"its permission ended on {self.until.isoformat()}"
        return ""


UNLICENSED = Licence()


@dataclass(frozen=True, slots=True)
class Instrument:
    """`flow` names the flow whose answers it weighs; `rules` in order of the file, then those of items and bands.

    `judgement`: a worker may set another tier than the rules gave (`flows.safety.judgement`).
    """

    name: str
    version: str
    flow: str
    rules: tuple[Rule, ...]
    items: tuple[Item, ...] = ()
    source: str = ""
    licence: Licence = UNLICENSED
    judgement: bool = False
    reads: Mapping[str, tuple[Rule, ...]] = field(init=False, compare=False, repr=False)  # by the answer they read

    def __post_init__(self) -> None:
        read = {rule.id: self._answers(rule) for rule in self.rules}
        names = {name for answers in read.values() for name in answers}
        reads = {name: tuple(rule for rule in self.rules if name in read[rule.id]) for name in names}
        object.__setattr__(self, "reads", reads)

    def _answers(self, rule: Rule) -> frozenset[str]:
        """The answers that a rule reads, those behind a score too: thresholds fire as soon as they are passed."""
        groups = {name.removeprefix("score.") for name in rule.when.names if name.startswith("score.")}
        every = "total" in groups
        return rule.when.names | {item.id for item in self.items if every or item.group in groups}


@dataclass(frozen=True, slots=True)
class Cover:
    """The harmless persona of the closed chat: message ids of its replies and of its unasked pings, with English."""

    name: str
    label: str
    replies: tuple[tuple[str, str], ...]
    pings: tuple[tuple[str, str], ...]
