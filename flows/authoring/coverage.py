"""Which steps the transcripts come to, and which they leave untried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from flows.authoring.files import STEPS
from flows.authoring.playing import play
from flows.authoring.transcripts import Transcript
from flows.engine.model import Ask, Step
from flows.engine.programme import Programme

KINDS = frozenset({*(STEPS.keys() - {"ask"}), *(f"ask {k}" for k in ("choices", "number", "text", "time", "yes_no"))})


def kind_of(step: Step) -> str:
    """The kind of a step as coverage counts it: the verb, and for a question what answers it."""
    return f"ask {step.kind}" if isinstance(step, Ask) else step.verb


class _Walked(Mapping[str, Step]):
    """The steps of a flow; remembers which were looked up, which the engine does only to take them."""

    def __init__(self, steps: Mapping[str, Step]) -> None:
        self.steps = steps
        self.seen: set[str] = set()

    def __getitem__(self, name: str) -> Step:
        step = self.steps[name]
        self.seen.add(name)
        return step

    def __iter__(self) -> Iterator[str]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Steps, by flow, that transcripts came to, out of all that there are."""

    walked: Mapping[str, frozenset[str]]
    programme: Programme

    def flows(self) -> frozenset[str]:
        """Flows that no transcript enters."""
        return frozenset(self.programme.flows) - frozenset(name for name, steps in self.walked.items() if steps)

    def kinds(self) -> frozenset[str]:
        """Kinds of step that were come to: 'ask number', 'say', 'offer_plan', …"""
        flows = self.programme.flows
        return frozenset(kind_of(flows[name].steps[step]) for name, steps in self.walked.items() for step in steps)

    def steps(self) -> tuple[str, ...]:
        """Steps, as `flow/step`, that no transcript comes to."""
        return tuple(
            f"{name}/{step}"
            for name, flow in self.programme.flows.items()
            for step in flow.steps
            if step not in self.walked.get(name, frozenset())
        )


def coverage(transcripts: Iterable[Transcript], programme: Programme) -> Coverage:
    """Play them all, each in its own language, and see where the engine went."""
    walked = {name: _Walked(flow.steps) for name, flow in programme.flows.items()}
    flows = {name: replace(flow, steps=walked[name]) for name, flow in programme.flows.items()}
    watched = replace(programme, flows=flows)
    for transcript in transcripts:
        play(transcript, watched)
    return Coverage({name: frozenset(steps.seen) for name, steps in walked.items()}, programme)


def uncovered(transcripts: Iterable[Transcript], programme: Programme) -> tuple[str, ...]:
    """Flows and kinds of step of this programme that no transcript comes to: 'flow talk', 'kind ask time'."""
    found = coverage(transcripts, programme)
    there = {kind_of(step) for flow in programme.flows.values() for step in flow.steps.values()}
    flows = [f"flow {name}" for name in sorted(found.flows())]
    return (*flows, *(f"kind {kind}" for kind in sorted(there - found.kinds())))
