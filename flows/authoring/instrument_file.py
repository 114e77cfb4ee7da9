"""What may stand in an instrument's file: rules over a flow's answers, or items of its own with points and bands."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from flows.authoring.files import Choices, ScheduleFile
from flows.authoring.values import Name, RuleId, Strict, True_, Whole, Word, Words, complaint
from flows.engine.model import Tier

MOST_POINTS = 100  # of one answer; known forms give 1 to 4
MOST_ITEMS = 60  # the engine asks one a message: more is no conversation

Points = Annotated[Whole, Field(ge=0, le=MOST_POINTS)]


def _day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        hint = "Write year, month and day: 2027-03-31"
        raise PydanticCustomError("day", "`{value}` is no day", {"value": str(value)[:40], "hint": hint}) from None


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class RuleFile(Strict):
    """`says` is the sentence that the worker reads; {name} stands for that answer."""

    id: RuleId
    tier: Tier
    when: str
    says: Words


class ItemFile(Strict):
    """A question. Without `answers`: yes, no, unsure. `weight` and `tier` belong to its yes; `weights` and `tiers` name
    answers. A tier raises by itself, whatever the score."""

    id: Name
    ask: Words
    answers: Choices | None = None
    weight: Points | None = None
    weights: Annotated[dict[Name, Points], Field(min_length=1)] | None = None
    tier: Tier | None = None
    tiers: Annotated[dict[Name, Tier], Field(min_length=1)] | None = None
    says: Words | None = None
    group: Name | None = None
    fine: Word | None = None


class BandFile(Strict):
    """From so many points on, up to the next band."""

    low: Points = Field(alias="from")
    tier: Tier
    says: Words


class LicenceFile(Strict):
    """Whose words these are. Without a permission reference, or after `until`, the instrument does not run."""

    holder: Words
    permission: Word | None = None
    until: Day | None = None


OF_ITEMS = ("about", "schedule", "opening", "rest", "closing", "bands")


class InstrumentFile(Strict):
    """What answers mean for the shift: those of a flow, or those of its own `items`, which it then asks itself."""

    instrument: Name
    version: Words
    about: Words | None = None
    source: Words | None = None
    licence: LicenceFile | None = None
    judgement: True_ | None = None
    flow: Name | None = None
    schedule: ScheduleFile | None = None
    opening: Words | None = None
    rest: Words | None = None
    closing: Words | None = None
    items: Annotated[list[ItemFile], Field(min_length=1, max_length=MOST_ITEMS)] | None = None
    bands: Annotated[list[BandFile], Field(min_length=1)] | None = None
    rules: Annotated[list[RuleFile], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _either(self) -> InstrumentFile:
        needed = ("flow", "rules") if self.items is None else ("source", "opening", "closing")
        missing = [f"`{key}`" for key in needed if getattr(self, key) is None]
        what = "an instrument without items" if self.items is None else "an instrument with items"
        if missing:
            hint = "See docs/instruments.md"
            raise complaint(f"{what} needs {' and '.join(missing)}", hint)
        spare = OF_ITEMS if self.items is None else ("flow",)
        found = [f"`{key}`" for key in spare if getattr(self, key) is not None]
        if found:
            raise complaint(f"{what} has no {' or '.join(found)}", "Take it out. See docs/instruments.md")
        return self
