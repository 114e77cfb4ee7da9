"""Trying the ladder: who would be paged for an alert raised at some moment, and when, if nobody ever claimed it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from escalation.ladder.policy import UNHEARD, Ladder, Step, climb
from escalation.methods import Method
from escalation.ports import Staff
from escalation.rota import called
from flows.engine.model import Tier

PAGES = 6  # shown of a ladder that goes on and on: the longest that ships has three steps
MOST_PAGES = 50
FURTHEST = timedelta(days=366)  # from now: beyond it nobody knows the team

Team = Callable[[datetime], Sequence[Staff]]  # everybody, with the duties of that moment
Phones = Mapping[str, Sequence[Method]]  # by staff id, those that take pages


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody whom a page goes to. `methods`: those that the step names, in order of trying, or all of theirs."""

    staff: Staff
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Paged:
    """Page number `level`. `waited_from`: when it was due, where quiet hours put it off. Of nobody's phone: empty.

    `passed`: steps left at once, for nobody on them can be reached. `beyond_duty`: nobody on duty can be.
    """

    at: datetime
    level: int
    step: Step
    people: tuple[Reached, ...]
    waited_from: datetime | None = None
    passed: int = 0
    beyond_duty: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """`breach`: by when somebody must have claimed it. `repeat`: how often the last step goes on. All by `zone`."""

    tier: Tier
    raised: datetime
    breach: datetime
    zone: str
    pages: tuple[Paged, ...]
    repeat: timedelta


class Trying(Protocol):
    """What the console asks for. `zone`: by whose clock the ladder's hours are meant."""

    @property
    def zone(self) -> str: ...

    async def tried(self, tier: Tier, raised: datetime) -> Tried:
        """With the ladder, the duties and the phones that are known now. Nothing is written."""


def simulate(ladder: Ladder, tier: Tier, raised: datetime, team: Team, phones: Phones, pages: int = PAGES) -> Tried:
    """The first `pages` pages, by the rules that the ladder itself keeps to."""
    found: list[Paged] = []
    due, level = raised + ladder.policy(tier, raised).steps[0].after, 0
    while len(found) < pages:
        at = ladder.awake(tier, due)
        paged = replace(_page(ladder, tier, level, at, team(at), phones), waited_from=due if at > due else None)
        found.append(paged)
        due = ladder.due(tier, paged.level, at) if paged.people else at + UNHEARD
        level = paged.level + 1
    repeat = ladder.policy(tier, found[-1].at).repeat
    return Tried(tier, raised, ladder.breach(tier, raised), ladder.zone, tuple(found), repeat)


def _page(ladder: Ladder, tier: Tier, level: int, at: datetime, staff: Sequence[Staff], phones: Phones) -> Paged:
    written: list[tuple[Reached, ...]] = []

    def rung(level: int) -> Sequence[Staff]:
        return called(staff, ladder.step(tier, level, at).who)

    def page(level: int, people: Sequence[Staff]) -> int:
        methods, open_ = ladder.step(tier, level, at).methods, (p for p in people if phones.get(p.id))
        written.append(tuple(_reached(person, methods, phones[person.id]) for person in open_))
        return len(written[-1])

    whoever = called([replace(person, duty="off") for person in staff], ())
    reached, _ = climb(level, ladder.last(tier, at), rung, whoever, page)
    rungs, people = reached - level + 1, written[-1]
    return Paged(at, reached, ladder.step(tier, reached, at), people, None, rungs - 1, len(written) > rungs)


def _reached(person: Staff, methods: Sequence[Method], phones: Sequence[Method]) -> Reached:
    named = tuple(method for method in methods if method in phones)
    return Reached(person, named or tuple(dict.fromkeys(phones)))
