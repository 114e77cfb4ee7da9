"""From the model of a file to what the engine runs: the frozen values of `flows.engine.model`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flows.authoring.dump import revision
from flows.authoring.files import (
    AskFile,
    AssessFile,
    BranchFile,
    CallDueFile,
    CallFile,
    CoverFile,
    EndFile,
    FindFile,
    FlowFile,
    Guarded,
    HandToWorkerFile,
    OfferPlanFile,
    SayFile,
    ScheduleFile,
    SetFile,
    StepFile,
)
from flows.authoring.findings import Finding
from flows.authoring.fit import fit, refused
from flows.authoring.instrument_file import InstrumentFile, LicenceFile
from flows.authoring.nodes import Document, Place, Scalar, read_text
from flows.authoring.spelled_out import answers_of, points_of
from flows.engine.conditions import BadCondition, compile_condition
from flows.engine.model import (
    UNLICENSED,
    Answered,
    Ask,
    Assess,
    Branch,
    Call,
    CallDue,
    Choice,
    Condition,
    Cover,
    End,
    Find,
    Flow,
    HandToWorker,
    Instrument,
    Item,
    Licence,
    OfferPlan,
    Recurrence,
    Route,
    Rule,
    Say,
    Set,
    Step,
)

# Labels of `yes_no: true`. A bare "Yes" is a word that carriers catch, so it is never offered (SAFETY 10).
YES_NO = {"yes": "Yes to this", "no": "No to this"}


def compile_text(name: str, text: str) -> Flow:
    """A flow from text, of a file or of `dump`. `name` is for the findings of the AuthorError that this raises."""
    return compile_flow(read_text(name, text))


def compile_flow(document: Document) -> Flow:
    """Raises AuthorError with all that is wrong in the file by itself; `lint` weighs it beside the others."""
    file = fit(document, FlowFile)
    compiling = _Compiling(document)
    steps = {name: compiling.step(name, step) for name, step in file.steps.items()}
    refused(compiling.findings)
    flow = Flow(file.flow, "", file.about, file.start, steps, file.watch, _schedule(file.schedule))
    flow = replace(flow, independent=file.independent is not None)
    return replace(flow, revision=revision(flow))


def _schedule(file: ScheduleFile | None) -> Recurrence | None:
    return None if file is None else Recurrence(file.after, file.every or 0, file.until or 0)


def compile_instrument(document: Document) -> Instrument:
    """From a document that is spelled out (`spelled_out`) where it has items. Raises AuthorError."""
    file = fit(document, InstrumentFile)
    compiling = _Compiling(document)
    rules = tuple(
        Rule(rule.id, rule.tier, rule.says, compiling.condition(rule.when, "rules", number, "when"))
        for number, rule in enumerate(file.rules or ())
    )
    refused(compiling.findings)
    return Instrument(
        file.instrument,
        file.version,
        file.flow or file.instrument,
        rules,
        tuple(Item(item.id, points_of(item), item.group or "", tuple(answers_of(item))) for item in file.items or ()),
        file.source or "",
        _licence(file.licence),
        file.judgement is not None,
    )


def _licence(file: LicenceFile | None) -> Licence:
    return UNLICENSED if file is None else Licence(file.holder, (file.permission or "").strip(), file.until)


def compile_cover(document: Document) -> Cover:
    """Message ids count from 01 in the order of the file. Raises AuthorError."""
    file = fit(document, CoverFile)
    return Cover(
        file.cover,
        file.label,
        tuple((f"cover.{file.cover}/reply.{n:02}", text) for n, text in enumerate(file.replies, start=1)),
        tuple((f"cover.{file.cover}/ping.{n:02}", text) for n, text in enumerate(file.pings, start=1)),
    )


class _Compiling:
    """One file on its way, with the conditions that could not be compiled."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = []

    def step(self, name: str, file: StepFile) -> Step:
        match file:
            case AskFile():
                return _ask(name, file, self._routes(file.next, "steps", name, "next"))
            case BranchFile():
                return Branch(name, tuple(self._guarded(file.branch, "steps", name, "branch")))
            case EndFile():
                return End(name, file.end, file.later is not None)
            case _:
                return _simple(name, file, self._routes(file.next, "steps", name, "next"))

    def _routes(self, following: str | dict[str, str] | list[Guarded], *path: str) -> tuple[Route, ...]:
        if isinstance(following, str):
            return (Route(following),)
        if isinstance(following, list):
            return tuple(self._guarded(following, *path))
        named = tuple(Route(go, answer) for answer, go in following.items() if answer != "else")
        return named + tuple(Route(go) for answer, go in following.items() if answer == "else")

    def _guarded(self, routes: list[Guarded], *path: str) -> Iterator[Route]:
        for number, route in enumerate(routes):
            when = None if route.when is None else self.condition(route.when, *path, number, "when")
            yield Route(route.go, None, when)

    def condition(self, source: str, *path: str | int) -> Condition:
        try:
            return compile_condition(source)
        except BadCondition as bad:
            place = offset_place(self.document, path, bad.offset)
            self.findings.append(self.document.finding(place, bad.problem, bad.hint))
            return Condition(source, frozenset(), None)


def offset_place(document: Document, path: tuple[str | int, ...], offset: int) -> Place:
    """The place of a character inside a text; in a text of several lines that of its beginning."""
    node = document.node(*path)
    place = document.at(*path)
    if not isinstance(node, Scalar) or "\n" in node.text:
        return place
    return Place(place.line, place.column + node.quoted + offset)


def _choices(labels: dict[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(str(token), name, label) for token, (name, label) in enumerate(labels.items(), start=1))


def _ask(name: str, file: AskFile, routes: tuple[Route, ...]) -> Ask:
    kind: Answered = next(k for k in _KINDS if getattr(file, k) is not None)
    choices = _choices(file.choices or (YES_NO if kind == "yes_no" else {}))
    low, high = (file.number.low, file.number.high) if file.number else (0, file.text.most if file.text else 0)
    return Ask(name, file.ask, kind, routes, choices, low, high, file.into, file.fine or "skip")


# Words and times are such with choices beside them too.
_KINDS: tuple[Answered, ...] = ("text", "time", "choices", "number", "yes_no")


def _simple(
    name: str,
    file: SayFile | SetFile | AssessFile | CallFile | CallDueFile | OfferPlanFile | FindFile | HandToWorkerFile,
    routes: tuple[Route, ...],
) -> Step:
    match file:
        case SayFile():
            return Say(name, file.say, routes)
        case SetFile():
            return Set(name, tuple(file.set.items()), routes)
        case AssessFile():
            return Assess(name, file.assess, routes)
        case CallFile():
            return Call(name, file.call, routes)
        case CallDueFile():
            return CallDue(name, routes)
        case OfferPlanFile():
            return OfferPlan(name, file.offer_plan, _choices(file.choices), tuple(file.items), routes, file.fine)
        case FindFile():
            return _find(name, file, routes)
        case HandToWorkerFile():
            return HandToWorker(name, file.hand_to_worker, file.tier, routes)


def _find(name: str, file: FindFile, routes: tuple[Route, ...]) -> Find:
    return Find(
        name,
        file.find,
        _choices(file.choices),
        file.by,
        tuple((need, tuple(categories)) for need, categories in file.needs.items()),
        file.may,
        routes,
        file.fine,
        file.where or "",
        file.how or "",
        file.who or "",
    )
