"""ladder.yaml: what ships, and a programme's own over it, key by key. What would leave an alert in silence is refused.

`python -m escalation.ladder.file` writes its JSON Schema into docs/schema anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from escalation.ladder.policy import EVERYBODY, NO_TIME, URGENT, Hours, Ladder, OfTier, Policy, Step
from escalation.methods import Method
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.fit import fit
from flows.authoring.nodes import Document, Scalar, read_file
from flows.authoring.values import Strict
from flows.engine.model import Tier
from flows.safety.hours import zone

NAME = "ladder.yaml"
SHIPPED = Path(__file__).with_name(NAME)

# Bounds: between two of them nobody hears of somebody in danger, or everybody is called without end.
SHORTEST = timedelta(seconds=10)  # between two pages: to read one and answer takes longer
STEPS = {True: timedelta(hours=1), False: timedelta(days=3)}  # of P0 and P1, and of the others: the last one's `after`
REPEAT = {True: timedelta(minutes=30), False: timedelta(hours=24)}
WITHIN = {True: timedelta(hours=1), False: timedelta(days=7)}
LEASE = {True: timedelta(hours=1), False: timedelta(hours=24)}
MOST_STEPS = 20
TIERS: tuple[Tier, ...] = get_args(Tier)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
Path_ = tuple[str | int, ...]


# what may stand in it


def _span(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d{1,6})([smhd])", value, re.ASCII)
    if not found:
        hint = "Write 90s, 10m, 2h or 1d. A ladder never ends: the last step is taken again and again"
        raise PydanticCustomError("span", "`{value}` is no length of time", {"value": value[:40], "hint": hint})
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _hours(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)", value, re.ASCII)
    numbers = [int(each) for each in found.groups()] if found else [24, 0, 0, 0]
    start, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if max(numbers[::2]) > 23 or max(numbers[1::2]) > 59:
        raise PydanticCustomError(
            "hours", "`{value}` are no hours", {"value": value[:40], "hint": "Write 22:00-07:00; midnight is 00:00"}
        )
    if start == end:
        hint = "Leave it out where the whole day is meant. Nobody may be left unheard for a whole day"
        raise PydanticCustomError("hours", "`{value}` begins where it ends", {"value": value[:40], "hint": hint})
    return Hours(start, end)


_OF_SPAN = {"type": "string", "pattern": r"^\d{1,6}[smhd]$"}
Span = Annotated[timedelta, BeforeValidator(_span), WithJsonSchema(_OF_SPAN)]
_OF_HOURS = {"type": "string", "pattern": r"^\d\d?:\d\d-\d\d?:\d\d$", "examples": ["22:00-07:00"]}
Clock = Annotated[Hours, BeforeValidator(_hours), WithJsonSchema(_OF_HOURS)]


class StepFile(Strict):
    """Who is paged, `after` how long. `methods` in order of trying; without them by all of a worker's phones."""

    after: Span
    who: Annotated[list[Literal["on_call", "backup", "supervisor"]], Field(min_length=1)]
    methods: tuple[Method, ...] = ()


class PolicyFile(Strict):
    """`within`: by when somebody must have claimed. `lease`: how long a claim lasts without an act of its holder."""

    within: Span | None = None
    lease: Span | None = None
    steps: Annotated[list[StepFile], Field(min_length=1, max_length=MOST_STEPS)] | None = None
    repeat: Span | None = None


class HoursFile(PolicyFile):
    """What is different in these hours."""

    between: Clock


class TierFile(PolicyFile):
    """`quiet`: hours in which nobody is paged for a P2 or P3; their pages wait for the end of them."""

    quiet: Clock | None = None
    hours: tuple[HoursFile, ...] = ()


class LadderFile(Strict):
    """`zone`: whose hours are meant, as in the tz database."""

    zone: str = ""
    tiers: dict[Tier, TierFile] = Field(default_factory=dict)


# reading it


@cache
def shipped() -> Ladder:
    """What ships alone."""
    return read_ladder(None)


def read_ladder(programme: Path | None) -> Ladder:
    """What ships and, laid over it, the `ladder.yaml` of a programme's folder. Raises AuthorError with all findings."""
    base = fit(read_file(SHIPPED), LadderFile)
    path = None if programme is None else programme / NAME
    if path is None or not path.exists():
        return _laid(base, base)
    document = read_file(path)
    own = fit(document, LadderFile)
    refused = sorted(_Check(document, own, base).findings())
    if refused:
        raise AuthorError(refused)
    return _laid(own, base)


def check_ladder(programme: Path | None) -> tuple[Finding, ...]:
    """What is to mend in it; what ships is looked at too."""
    try:
        document = read_file(SHIPPED)
        base = fit(document, LadderFile)
        read_ladder(programme)
    except AuthorError as error:
        return error.findings
    return tuple(sorted(_Check(document, base, base).findings()))


def _laid(own: LadderFile, base: LadderFile) -> Ladder:
    return Ladder(own.zone or base.zone, {tier: _of_tier(_over(own, base, tier)) for tier in TIERS})


def _over(own: LadderFile, base: LadderFile, tier: Tier) -> TierFile:
    """The tier with what the programme's own file says of it, and of all else what ships."""
    beneath, over = base.tiers[tier], own.tiers.get(tier, TierFile())
    return beneath.model_copy(update={name: getattr(over, name) for name in over.model_fields_set})


def _of_tier(file: TierFile) -> OfTier:
    by_hour = tuple((each.between, _policy(each, file)) for each in file.hours)
    return OfTier(_policy(file, file), by_hour, file.quiet)


def _policy(file: PolicyFile, else_: PolicyFile) -> Policy:
    """What ships says each key of every tier, so that nothing is left out."""
    steps = tuple(Step(each.after, tuple(each.who), each.methods) for each in file.steps or else_.steps or ())
    within, lease = _first(file.within, else_.within), _first(file.lease, else_.lease)
    return Policy(within, lease, steps, _first(file.repeat, else_.repeat))


def _first(*spans: timedelta | None) -> timedelta:
    return next((span for span in spans if span is not None), NO_TIME)


# what is refused


@dataclass(frozen=True, slots=True)
class _Check:
    """Of one file, over what ships. A finding stands at the key that is to mend, or at its tier's."""

    document: Document
    own: LadderFile
    base: LadderFile

    def findings(self) -> Iterator[Finding]:
        yield from self._whose_hours()
        for tier, file in self.own.tiers.items():
            merged, at = _of_tier(_over(self.own, self.base, tier)), ("tiers", tier)
            if file.quiet is not None and tier in URGENT:
                hint = "Take them out: a P0 or P1 pages at any hour. Quiet hours are for P2 and P3"
                yield self._find((*at, "quiet"), f"{tier} has quiet hours", hint)
            yield from self._overlaps(at, file)
            yield from self._policy(tier, at, merged.always)
            for number, (_, policy) in enumerate(merged.by_hour):
                yield from self._policy(tier, (*at, "hours", number), policy)

    def _find(self, path: Path_, problem: str, hint: str) -> Finding:
        value = isinstance(self.document.node(*path), Scalar)
        place = self.document.at(*path) if value else self.document.key(*path)
        return self.document.finding(place, problem, hint)

    def _whose_hours(self) -> Iterator[Finding]:
        named = [tier for tier, file in self.own.tiers.items() if file.quiet is not None or file.hours]
        if named and not self.own.zone:
            hint = "Add the zone in which they are meant, such as `zone: Europe/London`"
            yield self._find(("tiers", named[0]), "this has hours, and no zone for them", hint)
        try:
            zone(self.own.zone or self.base.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            hint = "Write it as in the tz database: Europe/London, America/New_York"
            yield self._find(("zone",), f"there is no time zone `{self.own.zone}`", hint)

    def _overlaps(self, at: Path_, file: TierFile) -> Iterator[Finding]:
        taken: set[int] = set()
        for number, each in enumerate(file.hours):
            minutes = _minutes(each.between)
            if taken & minutes:
                where = (*at, "hours", number, "between")
                yield self._find(where, "these hours are also in an entry above", "Let them begin where those end")
            taken |= minutes

    def _policy(self, tier: Tier, at: Path_, policy: Policy) -> Iterator[Finding]:
        urgent = tier in URGENT
        yield from self._steps(tier, at, policy)
        for name, span, least, most in (
            ("within", policy.within, SHORTEST, WITHIN[urgent]),
            ("lease", policy.lease, SHORTEST, LEASE[urgent]),
            ("repeat", policy.repeat, SHORTEST, REPEAT[urgent]),
        ):
            if not least <= span <= most:
                hint = f"For a {tier} from {said(least)} to {said(most)}: longer is silence, shorter is noise"
                yield self._find((*at, name), f"`{name}` is {said(span)}", hint)

    def _steps(self, tier: Tier, at: Path_, policy: Policy) -> Iterator[Finding]:
        urgent, steps, where = tier in URGENT, policy.steps, (*at, "steps")
        first, last = steps[0].after, steps[-1]
        if urgent and first > NO_TIME:
            hint = "The first page of a P0 or P1 goes out at once: `after: 0m`"
            yield self._find((*where, 0, "after"), f"the first step of {tier} comes after {said(first)}", hint)
        elif first >= policy.within:
            hint = f"Somebody must have claimed it within {said(policy.within)}: page somebody before"
            yield self._find((*where, 0, "after"), f"the first step comes after {said(first)}", hint)
        for number in range(1, len(steps)):
            if steps[number].after < steps[number - 1].after + SHORTEST:
                hint = f"`after` counts from the raise and grows by {said(SHORTEST)} or more"
                yield self._find((*where, number, "after"), "this step comes no later than the one before", hint)
        if last.after > STEPS[urgent]:
            hint = f"The last step of a {tier} comes {said(STEPS[urgent])} after the raise at the latest"
            yield self._find((*where, len(steps) - 1, "after"), f"this step comes after {said(last.after)}", hint)
        if urgent and set(last.who) != set(EVERYBODY):
            hint = f"The last step of a P0 or P1 pages everybody: `who: [{', '.join(EVERYBODY)}]`"
            yield self._find((*where, len(steps) - 1, "who"), "this ladder ends with people who may not hear", hint)


def _minutes(hours: Hours) -> set[int]:
    if hours.start < hours.end:
        return set(range(hours.start, hours.end))
    return {*range(hours.start, 24 * 60), *range(hours.end)}


def said(span: timedelta) -> str:
    """As it is written in the file: '90s', '10m', '20h'."""
    seconds = round(span.total_seconds())
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s" if seconds else "0m"


if __name__ == "__main__":
    from flows.authoring.schema import FOLDER, schema_of, text_of

    (FOLDER / "ladder.json").write_text(text_of(schema_of(LadderFile)), encoding="utf-8")
