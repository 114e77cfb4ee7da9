"""What may stand in each kind of file: its keys, their kinds of value, and nothing else.

Values come from `nodes`, so every scalar is a string; numbers are read here and nowhere else. The same models give the
JSON Schema for editors, whose YAML reads `0` as a number and `true` as a truth: there both are allowed as words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, Discriminator, Field, Tag, model_validator

from flows.authoring.values import Language, Name, Strict, True_, Whole, Word, Words, complaint
from flows.engine.model import Tier

MOST_CHOICES = 9  # one digit answers; two digits would make "1" and "12" a trap on a small keyboard
LEAST_CHOICES = 2
MOST_COVER = 99  # replies of a cover; their ids have two digits


Target = Annotated[str, Field(pattern=r"^(contact|plan|goal|watch|words)\.[a-z][a-z0-9_]*(\.now)?$")]
SetTarget = Annotated[
    str, Field(pattern=r"^(contact\.|plan\.|read\.|move\.|watch\.|checkin\.|told\.)?[a-z][a-z0-9_]*$")
]


# where a step leads


class Guarded(Strict):
    """`go` there when the condition `when` holds; without `when` always."""

    when: str | None = None
    go: Name


def _shape(value: object) -> str | None:
    match value:
        case str():
            return "<step>"
        case dict():
            return "<answers>"
        case list():
            return "<conditions>"
        case _:
            return None


Next = Annotated[
    Annotated[Name, Tag("<step>")]
    | Annotated[dict[Name, Name], Tag("<answers>")]
    | Annotated[list[Guarded], Tag("<conditions>"), Field(min_length=1)],
    Discriminator(_shape, custom_error_type="next", custom_error_message="`next` is no step, table or list of steps"),
]
Choices = Annotated[dict[Name, Words], Field(min_length=LEAST_CHOICES, max_length=MOST_CHOICES)]


# the steps


class NumberFile(Strict):
    """The whole numbers that are an answer, both ends included."""

    low: Whole = Field(alias="from")
    high: Whole = Field(alias="to")

    @model_validator(mode="after")
    def _rises(self) -> NumberFile:
        if self.low >= self.high:
            raise complaint(f"`from` {self.low} is not below `to` {self.high}", "Put the smaller number first")
        return self


class TextFile(Strict):
    """Free text of at most `most` characters."""

    most: Annotated[Whole, Field(ge=1, le=1000)] = 400


class AskFile(Strict):
    """A question. Exactly one of choices, number, text, time, yes_no; text and time may have choices beside them."""

    ask: Words
    choices: Choices | None = None
    number: NumberFile | None = None
    text: TextFile | None = None
    time: True_ | None = None
    yes_no: True_ | None = None
    into: Target | None = None
    fine: Word | None = None
    next: Next

    @model_validator(mode="after")
    def _one_kind(self) -> AskFile:
        given = [k for k in ("choices", "number", "text", "time", "yes_no") if getattr(self, k) is not None]
        if len(given) == 1 or given in (["choices", "text"], ["choices", "time"]):
            return self
        said = " and ".join(f"`{kind}`" for kind in given) or "no kind of answer"
        raise complaint(f"this question has {said}", "Give it one of choices, number, text, time, yes_no")


class SayFile(Strict):
    """A message that asks nothing."""

    say: Words
    next: Next


class SetFile(Strict):
    """Fill fields of her record (`contact.…`), or names of this flow, with fixed values.

    `plan.shown: right` says of the item that was shown last that she looked at it and it stands.
    `move.code: new` makes the code that `{move_code}` of the next message shows: it moves her chat to another phone.
    """

    set: Annotated[dict[SetTarget, Word], Field(min_length=1)]
    next: Next


class BranchFile(Strict):
    """Go on by conditions; the first that holds is taken."""

    branch: Annotated[list[Guarded], Field(min_length=1)]


class AssessFile(Strict):
    """Weigh the answers by an instrument; its rules raise the alert."""

    assess: Name
    next: Next


class CallFile(Strict):
    """Run another flow, then go on."""

    call: Name
    next: Next


class CallDueFile(Strict):
    """Run the scheduled flow that is due, when all is calm. `next` also knows `none`: nothing is due."""

    call_due: True_
    next: Next


class OfferPlanFile(Strict):
    """Show one item of her plan. `next` also knows `none`: nothing (more) to show."""

    offer_plan: Words
    items: Annotated[list[Name], Field(min_length=1)]
    choices: Choices
    fine: Word = "skip"
    next: Next


class FindFile(Strict):
    """Show one service of the directory. `next` also knows `none` (nothing to show) and `last` (all were shown)."""

    find: Words
    by: Name
    needs: Annotated[dict[Name, Annotated[list[Name], Field(min_length=1)]], Field(min_length=1)]
    may: Name
    where: Name | None = None
    how: Name | None = None
    who: Name | None = None
    choices: Choices
    fine: Word = "skip"
    next: Next


class HandToWorkerFile(Strict):
    """Ask for a person; `next` is where the bot goes on when the worker hands back."""

    hand_to_worker: Words
    tier: Tier
    next: Next


class EndFile(Strict):
    """The flow is over; an empty text says nothing. `later` puts a scheduled flow off to another day's contact."""

    end: Word
    later: True_ | None = None


STEPS: dict[str, type[Strict]] = {
    "ask": AskFile,
    "say": SayFile,
    "set": SetFile,
    "branch": BranchFile,
    "assess": AssessFile,
    "call": CallFile,
    "call_due": CallDueFile,
    "offer_plan": OfferPlanFile,
    "find": FindFile,
    "hand_to_worker": HandToWorkerFile,
    "end": EndFile,
}


def _verb(kinds: dict[str, type[Strict]]) -> Callable[[object], str | None]:
    def verb(value: object) -> str | None:
        """The kind by its own key; in angle brackets, so that it is never taken for a key of the file."""
        if isinstance(value, BaseModel):
            return next(f"<{kind}>" for kind, model in kinds.items() if type(value) is model)
        return next((f"<{kind}>" for kind in kinds if isinstance(value, dict) and kind in value), None)

    return verb


StepFile = Annotated[
    Annotated[AskFile, Tag("<ask>")]
    | Annotated[SayFile, Tag("<say>")]
    | Annotated[SetFile, Tag("<set>")]
    | Annotated[BranchFile, Tag("<branch>")]
    | Annotated[AssessFile, Tag("<assess>")]
    | Annotated[CallFile, Tag("<call>")]
    | Annotated[CallDueFile, Tag("<call_due>")]
    | Annotated[OfferPlanFile, Tag("<offer_plan>")]
    | Annotated[FindFile, Tag("<find>")]
    | Annotated[HandToWorkerFile, Tag("<hand_to_worker>")]
    | Annotated[EndFile, Tag("<end>")],
    Discriminator(
        _verb(STEPS), custom_error_type="no_kind", custom_error_message="this step has none of " + ", ".join(STEPS)
    ),
]


# the files


class ScheduleFile(Strict):
    """When a flow is due, in days since joining. It rides on a check-in of hers: nothing is sent for its sake."""

    after: Annotated[Whole, Field(ge=1, le=1000)]
    every: Annotated[Whole, Field(ge=1, le=365)] | None = None
    until: Annotated[Whole, Field(ge=1, le=3650)] | None = None

    @model_validator(mode="after")
    def _goes_on(self) -> ScheduleFile:
        if self.until is not None and (self.every is None or self.until < self.after):
            raise complaint(
                "`until` is the last day of something that comes `every` so often", "Add `every`, or leave it out"
            )
        return self


class FlowFile(Strict):
    """A flow: what is said and asked, step by step."""

    flow: Name
    about: Words
    watch: Name | None = None
    schedule: ScheduleFile | None = None
    independent: True_ | None = None
    start: Name
    steps: Annotated[dict[Name, StepFile], Field(min_length=1)]


class CoverFile(Strict):
    """The harmless persona of the closed chat."""

    cover: Name
    label: Words
    replies: Annotated[list[Words], Field(min_length=1, max_length=MOST_COVER)]
    pings: Annotated[list[Words], Field(min_length=1, max_length=MOST_COVER)]


Days = Annotated[Whole, Field(ge=1, le=3650)]


class KeepFile(Strict):
    """Days that each kind is kept. What is not here stays until she is erased, but for talk and words: 30."""

    talk: Days | None = None
    words: Days | None = None
    notes: Days | None = None
    alerts: Days | None = None
    contact_history: Days | None = None


class ProgrammeFile(Strict):
    """A programme's own settings (programme.yaml). What is not here is as SAFETY.md has it."""

    programme: Words | None = None
    organisations: list[Words] = Field(default_factory=list)
    idle_lock_minutes: Annotated[Whole, Field(ge=1, le=60)] | None = None
    worker_lock_minutes: Annotated[Whole, Field(ge=1, le=120)] | None = None
    fresh_checkin_hours: Annotated[Whole, Field(ge=0, le=72)] | None = None
    check_on_me_grace_minutes: Annotated[Whole, Field(ge=5, le=240)] | None = None
    confirm_days: Annotated[Whole, Field(ge=1, le=180)] | None = None
    long_silence_days: Annotated[Whole, Field(ge=7, le=365)] | None = None
    keyword: Annotated[str, Field(pattern=r"^[^\W\d_]{4,20}$")] | None = None
    language: Language | None = None
    zone: Words | None = None
    cover: Name | None = None
    joining: Name | None = None
    opening: Name | None = None
    menu: Name | None = None
    confirming: Name | None = None
    place: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?(/[a-z0-9]+(-[a-z0-9]+)*)?$")] | None = None
    emergency: Annotated[str, Field(pattern=r"^[0-9]{2,6}$")] | None = None
    hints_percent: Annotated[Whole, Field(ge=10, le=95)] | None = None
    keep: KeepFile | None = None


def verb_of(step: Any) -> str:
    """The key that makes a step what it is: 'ask', 'say', …"""
    return next(verb for verb, model in STEPS.items() if type(step) is model)
