"""Each instrument's assessments over time: what they gave, who asked, what rose and what fell. Pure.

Improvement is shown as well as harm (SAFETY 35). What was skipped is never taken for better: only items answered both
times are compared, and one that stood before and is not answered now is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from escalation.console.charts import Chart, chart
from escalation.ports import Assessment, Case, Judgement
from flows.engine.conversation import Value
from flows.engine.forms import Form
from flows.engine.model import Tier
from flows.engine.sheets import NOT_KNOWN
from flows.safety.risk import worse

Way = Literal["first", "up", "same", "down", "unclear"]  # unclear: lower, but of fewer answers


@dataclass(frozen=True, slots=True)
class Point:
    """One assessment, with what workers judged before the next one. `points` None: an instrument without any."""

    of: Assessment
    points: int | None
    judged: tuple[Judgement, ...]

    @property
    def tier(self) -> Tier | None:
        return self.judged[-1].tier if self.judged else self.of.tier


@dataclass(frozen=True, slots=True)
class Trend:
    """`points` oldest first. `rose`, `fell` and `unknown` are words of items, or sentences of rules without items."""

    instrument: str
    title: str
    points: tuple[Point, ...]
    way: Way
    rose: tuple[str, ...]
    fell: tuple[str, ...]
    unknown: tuple[str, ...]
    chart: Chart | None
    most: int

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def difference(self) -> int | None:
        """Points more or less than the time before."""
        if len(self.points) < 2 or self.last.points is None or self.points[-2].points is None:
            return None
        return self.last.points - self.points[-2].points


def trends(case: Case, forms: Mapping[str, Form], title: Callable[[str], str]) -> tuple[Trend, ...]:
    """Those assessed last come first."""
    by_name: dict[str, list[Assessment]] = {}
    for one in sorted(case.assessments, key=lambda a: a.at):
        if one.instrument:
            by_name.setdefault(one.instrument, []).append(one)
    found = [_trend(name, seen, case, forms.get(name), title) for name, seen in by_name.items()]
    return tuple(sorted(found, key=lambda trend: trend.last.of.at, reverse=True))


def _trend(name: str, seen: Sequence[Assessment], case: Case, form: Form | None, title: Callable[[str], str]) -> Trend:
    mine = [judged for judged in case.judgements if judged.instrument == name]
    points = tuple(_point(one, seen[place + 1 :], mine) for place, one in enumerate(seen))
    rose, fell, unknown = _moved(points, form)
    way = _way(points)
    way = "unclear" if way == "down" and unknown else way
    return Trend(name, title(name), points, way, rose, fell, unknown, _chart(points, form), _most(form))


def _point(one: Assessment, later: Sequence[Assessment], judgements: Sequence[Judgement]) -> Point:
    until = later[0].at if later else None
    judged = tuple(j for j in judgements if j.at >= one.at and (until is None or j.at < until))
    return Point(one, one.score.get("total"), judged)


def _most(form: Form | None) -> int:
    return form.most if form else 0


def _way(points: Sequence[Point]) -> Way:
    """Of the tier; where it stays, of the points."""
    if len(points) < 2:
        return "first"
    before, now = points[-2], points[-1]
    if before.tier != now.tier:
        return "up" if worse(now.tier, before.tier) else "down"
    was, is_ = before.points or 0, now.points or 0
    return "same" if was == is_ else "up" if is_ > was else "down"


# what moved between the last two


def _moved(points: Sequence[Point], form: Form | None) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    if len(points) < 2:
        return (), (), ()
    before, now = points[-2].of, points[-1].of
    return _rules_moved(before, now) if form is None else _items_moved(before, now, form)


def _items_moved(
    before: Assessment, now: Assessment, form: Form
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """An item counts by its points; one without any by whether it raises by itself."""
    rose: list[str] = []
    fell: list[str] = []
    unknown: list[str] = []
    first, second = form.triggered(before.rules), form.triggered(now.rules)
    for question in form.questions:
        was, is_ = before.answers.get(question.id), now.answers.get(question.id)
        weight = question.item.points
        then = (weight.get(str(was), 0), question.id in first)
        here = (weight.get(str(is_), 0), question.id in second)
        if not _known(is_):
            if _known(was) and any(then):
                unknown.append(question.words)
        elif _known(was) and then != here:
            (rose if here > then else fell).append(question.words)
    return tuple(rose), tuple(fell), tuple(unknown)


def _known(value: Value) -> bool:
    return value is not None and value != NOT_KNOWN


def _rules_moved(before: Assessment, now: Assessment) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Of the rules of a flow: what fired that did not, and what did no more."""
    came = [_sentence(now, rule) for rule in now.rules if rule not in before.rules]
    went = [_sentence(before, rule) for rule in before.rules if rule not in now.rules]
    return tuple(came), tuple(went), ()


def _sentence(found: Assessment, rule: str) -> str:
    place = found.rules.index(rule)
    return found.says[place] if place < len(found.says) else rule


def _chart(points: Sequence[Point], form: Form | None) -> Chart | None:
    """Points over time, ruled where the bands begin. None without points, and for a single one, which is no line."""
    told = [(point.of.at, point.points, point.tier) for point in points if point.points is not None]
    if form is None or len(told) < 2:
        return None
    grid = tuple(dict.fromkeys((0, *(low for low, _ in form.bands), form.most)))
    return chart(told, max(form.most, 1), grid if len(grid) < 6 else (0, form.most))
