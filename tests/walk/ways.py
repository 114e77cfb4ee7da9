"""Every way through the library, found by trying: which answers lead over which route of which step.

Found once a channel, by the engine itself and on the phone that plays transcripts; played again in every language.
The tree that comes out holds only what was needed: each answer of each question, each route of each step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from flows.authoring.playing import Phone
from flows.authoring.routes import backwards, next_steps, reached, routes_of
from flows.authoring.transcripts import TranscriptFile
from flows.engine.conditions import holds
from flows.engine.draft import Draft
from flows.engine.effects import Send
from flows.engine.model import Condition, Find, Flow, Question, Route, Set, Step
from flows.engine.programme import Programme
from flows.engine.walk import names
from tests.walk.acts import ASIDE, Act, acts_at, line_of, standing

MOST_SEEN = 400  # moments on the way to one route, from one beginning of its flow
MOST_FOUND = 20_000  # moments in which every service of the directory is looked for, by need and place


class Taken(NamedTuple):
    """Route number `number` of a step: the one that was taken, of all that are written there."""

    flow: str
    step: str
    number: int


class Given(NamedTuple):
    """An answer to a question, as an act of `tests.walk.acts`."""

    flow: str
    step: str
    act: Act


@dataclass(eq=False)
class Node:
    """A moment: what was done last, and before it. `kept`: the walk in every language goes through it."""

    act: Act | None = None
    before: Node | None = None
    after: list[Node] = field(default_factory=list)
    kept: bool = False

    def keep(self) -> None:
        node: Node | None = self
        while node is not None and not node.kept:
            node.kept = True
            node = node.before

    def next(self) -> Iterator[Node]:
        return (node for node in self.after if node.kept)


@dataclass(frozen=True)
class Opening:
    """How a walk begins: what stands before, and what is done until there is something to choose."""

    name: str
    file: TranscriptFile
    acts: tuple[Act, ...]
    place: str = ""  # of the programme
    checked: bool = False  # only what a person checked is shown of the directory, as in production: nothing ships so


# Seeing which route is taken. The engine looks a step up only to take it, so each route gets a step of its own to pass.


class _Watched(Mapping[str, Step]):
    def __init__(self, flow: Flow, log: set[Taken]) -> None:
        self.flow, self.log = flow.name, log
        self.steps: dict[str, Step] = {}
        for step in flow.steps.values():
            routes = routes_of(step)
            passed = tuple(replace(route, go=f"{step.name}~{n}") for n, route in enumerate(routes))
            self.steps[step.name] = replace(step, next=passed) if routes else step  # type: ignore[call-arg]
            self.steps |= {f"{step.name}~{n}": _pass(f"{step.name}~{n}", r) for n, r in enumerate(routes)}

    def __getitem__(self, name: str) -> Step:
        step, _, number = name.partition("~")
        if number:
            self.log.add(Taken(self.flow, step, int(number)))
        return self.steps[name]

    # To read them all, or to ask whether one is there, is not to take one.

    def values(self) -> ValuesView[Step]:
        return self.steps.values()

    def items(self) -> ItemsView[str, Step]:
        return self.steps.items()

    def __contains__(self, name: object) -> bool:
        return name in self.steps

    def __iter__(self) -> Iterator[str]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)


def _pass(name: str, route: Route) -> Set:
    return Set(name, (), (Route(route.go),))


def watched(programme: Programme, log: set[Taken]) -> Programme:
    """The same programme, which writes into `log` which routes are taken."""
    return replace(programme, flows={n: replace(f, steps=_Watched(f, log)) for n, f in programme.flows.items()})


def routes_on(channel: str, programme: Programme) -> frozenset[Taken]:
    """All that can be taken on this channel: without what is only behind the word that it is another one."""
    return frozenset(
        Taken(flow.name, step, number)
        for flow in programme.flows.values()
        for step in reached(
            [flow.start], {name: [r.go for _, r in _passable(s, channel)] for name, s in flow.steps.items()}
        )
        for number, _ in _passable(flow.steps[step], channel)
    )


def _passable(step: Step, channel: str) -> Iterator[tuple[int, Route]]:
    for number, route in enumerate(routes_of(step)):
        by_channel = route.when is not None and route.when.names == {"contact.channel"}
        if by_channel and route.when is not None and not holds(route.when, {"contact": {"channel": channel}}):
            continue
        yield number, route
        if by_channel:
            return


# Trying


class Explorer:
    """Tries everything once from each opening, then looks for what was left out, one route at a time."""

    def __init__(self, programme: Programme, openings: tuple[Opening, ...], channel: str) -> None:
        self.programme, self.openings, self.channel = programme, openings, channel
        self.log: set[Taken] = set()
        self.routes: set[Taken] = set()
        self.answers: set[Given] = set()
        self.problems: set[str] = set()
        self.entries: dict[str, dict[str, tuple[Node, Phone]]] = {}  # where each flow began first, by opening
        self.opening = ""
        self.roots: dict[str, Node] = {}
        self.places: set[object] = set()  # come to from any opening
        self.services: set[object] = set()  # each that was shown, with what was said of it

    def explore(self) -> None:
        for opening in self.openings:
            self._open(opening)
        for target in sorted(routes_on(self.channel, self.programme)):
            if target not in self.routes:
                self._look_for(target)
        for flow in self.programme.flows.values():
            for step in flow.steps.values():
                if isinstance(step, Find):
                    self._find_all(flow.name, step)

    def unreached(self) -> list[str]:
        """Routes that no answers lead over, as 'flow/step to step'."""
        left = sorted(routes_on(self.channel, self.programme) - self.routes)
        steps = {t: self.programme.flows[t.flow].steps[t.step] for t in left}
        return [f"{t.flow}/{t.step} to {routes_of(steps[t])[t.number].go}" for t in left]

    def phone(self, opening: Opening, language: str = "en", *, watching: bool = False) -> Phone:
        rules = replace(self.programme.rules, place=opening.place)
        directory = self.programme.directory.released() if opening.checked else self.programme.directory
        programme = replace(self.programme, rules=rules, directory=directory)
        file = opening.file.model_copy(
            update={"phone": opening.file.phone.model_copy(update={"channel": self.channel, "language": language})}
        )
        return Phone(file, watched(programme, self.log) if watching else programme, language)

    def _take(self, node: Node, phone: Phone, act: Act) -> tuple[Node, Phone]:
        """Do one thing more, and keep the way to it when it showed anything new."""
        asked = standing(phone.conversation, self.programme)
        other, new = phone.fork(), Node(act, node)
        node.after.append(new)
        self.log.clear()
        came = other.take(line_of(act, other))
        self.problems |= set(came.problems)
        given = {Given(asked[0].name, asked[1].name, act)} if asked else set()
        shown = {tuple(e.params.values()) for e in came.effects if isinstance(e, Send) and "number" in e.params}
        if not (self.log <= self.routes and given <= self.answers and shown <= self.services):
            new.keep()
        self.routes |= self.log
        self.answers |= given
        self.services |= shown
        for flow, _ in _stack(other)[len(_stack(phone)) :]:
            self.entries.setdefault(flow, {}).setdefault(self.opening, (new, other))
        return new, other

    def _open(self, opening: Opening) -> None:
        node, phone = Node(), self.phone(opening, watching=True)
        self.roots[opening.name], self.opening = node, opening.name
        for act in opening.acts:
            node, phone = self._take(node, phone, act)
        node.keep()
        self._everything(node, phone, set())

    def _everything(self, node: Node, phone: Phone, seen: set[object]) -> None:
        """Each answer at each place, a place being come to once."""
        seen.add(_place(phone))
        self._spread(node, phone, _place, seen)
        self.places |= seen

    def _look_for(self, target: Taken) -> None:
        """All that can be answered in that flow; moments differ only by what the wanted step and its like read."""
        flow = self.programme.flows[target.flow]
        conditions = _conditions_before(flow, target.step)
        for opening, (node, phone) in self.entries.get(target.flow, {}).items():
            self.opening = opening
            depth = _depth(phone, target.flow)

            def view(other: Phone, depth: int = depth) -> object:
                if not _within(other, depth, target.flow):
                    return None
                facts = tuple(holds(condition, self._known(other, depth)) for condition in conditions)
                return facts, *_moment(other, depth)

            self._spread(node, phone, view, {view(phone)}, target)
            if target in self.routes:
                return

    def _find_all(self, flow: str, step: Find) -> None:
        """Everything that the directory has, with every way of saying it."""
        self.opening, (node, phone) = next(iter(self.entries[flow].items()))
        depth = _depth(phone, flow)

        def view(other: Phone) -> object:
            if len(_stack(other)) != depth + 1 or not _within(other, depth, flow):
                return None
            known = self._known(other, depth)
            return tuple(str(known.get(n)) for n in (step.by, step.may, step.where, step.how)), *_moment(other, depth)

        self._spread(node, phone, view, {view(phone)})

    def _spread(
        self,
        node: Node,
        phone: Phone,
        view: Callable[[Phone], object],
        seen: set[object],
        target: Taken | None = None,
    ) -> None:
        """Go on from each moment whose `view` is new (None: not from there), until `target` was taken."""
        waiting = deque([(node, phone)])
        most = len(seen) + (MOST_SEEN if target else MOST_FOUND)
        while waiting and target not in self.routes and len(seen) < most:
            node, phone = waiting.popleft()
            for after, other in self._each(node, phone):
                if target and _place(other) not in self.places:
                    self._everything(after, other, set(self.places))
                here = view(other)
                if here is not None and here not in seen:
                    seen.add(here)
                    waiting.append((after, other))

    def _each(self, node: Node, phone: Phone) -> Iterator[tuple[Node, Phone]]:
        """What may follow, as far as something new may lie behind it: after a change of language it is another walk."""
        for act in acts_at(phone.conversation, self.programme):
            after, other = self._take(node, phone, act)
            if act.what not in ASIDE and _language(other) == _language(phone):
                yield after, other

    def _known(self, phone: Phone, depth: int) -> dict[str, object]:
        """What the conditions of the flow at that depth may read."""
        draft = Draft(self.programme, phone.conversation, phone.now, "view")
        draft.stack = draft.stack[: depth + 1]
        return names(draft)


def _moment(phone: Phone, depth: int) -> tuple[object, ...]:
    """Where she stands from that depth on, and how much of a list and of her plan there is."""
    session, plan = phone.conversation.session, phone.conversation.plan
    return phone.conversation.mode, _stack(phone)[depth:], len(session.stack[depth].shown) if session else 0, len(plan)


def _conditions_before(flow: Flow, step: str) -> tuple[Condition, ...]:
    """Those of the step and of the steps just before it that ask nothing."""
    ways = backwards(next_steps(flow))
    quiet = {name: (b for b in before if not isinstance(flow.steps[b], Question)) for name, before in ways.items()}
    near = sorted(reached([step], quiet))
    return tuple(r.when for name in near for r in routes_of(flow.steps[name]) if r.when is not None)


def _stack(phone: Phone) -> tuple[tuple[str, str], ...]:
    session = phone.conversation.session
    return tuple((frame.flow, frame.step) for frame in session.stack) if session else ()


def _place(phone: Phone) -> object:
    return phone.conversation.mode, _stack(phone)[-1:]


def _depth(phone: Phone, flow: str) -> int:
    """Where in the stack that flow runs."""
    return max(n for n, (name, _) in enumerate(_stack(phone)) if name == flow)


def _within(phone: Phone, depth: int, flow: str) -> bool:
    """Whether the flow at that depth still runs."""
    stack = _stack(phone)
    return len(stack) > depth and stack[depth][0] == flow


def _language(phone: Phone) -> str:
    return phone.conversation.contact.language
