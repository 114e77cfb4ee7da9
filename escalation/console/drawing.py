"""Her case over time on one axis: risk, contacts, alerts. The geometry of a server-drawn SVG, and the table behind it.

Ninety days at most stand in one drawing, to now or to a day before; what lies before them is a drawing of its own.
Pure, and without a word of hers. What would stand on top of one another is drawn once, with how many it is; of tiers
the worst is drawn. What she skipped is no point: skipped is not calm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from escalation.contacted import Kind as ContactKind
from escalation.ports import Alert, Assessment, Case
from flows.engine.model import Tier

WIDTH = 344  # units of the drawing: about a pixel on the narrowest phone
LEFT, RIGHT = 34, 334  # where the first day and now stand
MOST = 10  # fear is answered 0 to 10
GRID = (0, 5, 10)
FEAR = 84  # height of the scale of fear
SAID, ROW, GAP = 20, 22, 14  # under a heading, from row to row, between two parts
COUNTS = 10  # more room under a row, for the figures beneath its marks
APART = 40  # between two marks whose numbers or letters can be told apart
DENSE = 30  # points of fear beyond which their dots are small
DRAWN = timedelta(days=90)
SHORTEST = timedelta(days=7)  # of the axis, so that an hour is not drawn as an age
THINNEST = 10  # of the bar of an alert that lasted minutes

Lane = Literal["answered", "missed", "worker"]
LANES: tuple[Lane, ...] = ("answered", "missed", "worker")
OF_LANE: Mapping[str, Lane] = {"answered": "answered", "missed": "missed", "worker_joined": "worker", "heard": "worker"}


@dataclass(frozen=True, slots=True)
class Mark:
    """`count` things that stand at `x`; the worst `tier` of them, where they have one."""

    x: int
    count: int = 1
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """An alert from `x` to `end`. `before`: it was raised before the drawing begins; `after`: it was not over at its
    end; `stands`: it is not resolved now."""

    x: int
    end: int
    stands: bool
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class Fear:
    """`grid`: (value, y) of the ruled lines."""

    points: tuple[tuple[int, int], ...]
    last: int
    grid: tuple[tuple[int, int], ...]

    @property
    def line(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def dense(self) -> bool:
        return len(self.points) > DENSE


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `at` until `until`: an alert, which stands where there is no `until`.

    `what` fear (`value` 0 to 10, None where it was skipped), assessed, judged, alert, heard, or the kind of a contact.
    `name`: the instrument of what was assessed or judged, the ref of an alert.
    """

    at: datetime
    what: Literal["fear", "assessed", "judged", "alert", "heard"] | ContactKind
    tier: Tier | None = None
    value: int | None = None
    name: str = ""
    staff: str = ""
    change: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """Parts from top to bottom, each under its heading; `at` is the y of a heading's words, by part.

    `contacts`: (lane, y, marks); `alerts`: (tier, y, bars). `rows`: the table of it, latest first, with the alerts that
    reach into these days. `older`: when the last of all was that came before them; `newer`: the first after.
    """

    since: datetime
    middle: datetime
    until: datetime
    height: int
    at: dict[str, int]
    fear: Fear | None
    tiers: tuple[Mark, ...]
    contacts: tuple[tuple[Lane, int, tuple[Mark, ...]], ...]
    alerts: tuple[tuple[Tier, int, tuple[Bar, ...]], ...]
    rows: tuple[Row, ...]
    older: datetime | None
    newer: datetime | None = None

    def count(self, what: str) -> int:
        return sum(row.what == what and row.at >= self.since for row in self.rows)

    @property
    def standing(self) -> int:
        return sum(bar.stands for _, _, bars in self.alerts for bar in bars)


@dataclass(frozen=True, slots=True)
class Axis:
    since: datetime
    until: datetime

    def x(self, at: datetime) -> int:
        part = (at - self.since) / (self.until - self.since)
        return LEFT + round((RIGHT - LEFT) * min(1.0, max(0.0, part)))


def drawing(case: Case, now: datetime) -> Drawing | None:
    """The last DRAWN of it, to `now`. None where nothing has been asked, said or raised yet."""
    rows = sorted(_rows(case), key=lambda row: row.at)
    if not rows:
        return None
    return _laid_out(Axis(min(max(rows[0].at, now - DRAWN), now - SHORTEST), now), rows, case.alerts)


def earlier(case: Case, since: datetime, until: datetime) -> Drawing:
    """What was between the two, the second left out: whatever came of an alert later is known all the same."""
    rows = sorted(_rows(case), key=lambda row: row.at)
    newer = next((row.at for row in rows if row.at >= until), None)
    alerts = [alert for alert in case.alerts if alert.raised_at < until]
    return replace(_laid_out(Axis(since, until), [row for row in rows if row.at < until], alerts), newer=newer)


def _laid_out(axis: Axis, rows: Sequence[Row], alerts: Sequence[Alert]) -> Drawing:
    """`rows`: all to its end, oldest first."""
    seen = [row for row in rows if row.at >= axis.since]
    at: dict[str, int] = {}
    y, fear, contacts = GAP, None, []
    said = [row for row in seen if row.what == "fear" and row.value is not None]
    if said:
        at["fear"], fear = y, _fear(axis, said, y + SAID)
        y += SAID + FEAR + ROW + GAP
    tiers = _marks(axis, (row for row in seen if row.tier and row.what != "alert"))
    if tiers:
        at["tiers"] = y
        y += SAID + ROW + SAID + GAP
    for lane in LANES:
        marks = _marks(axis, (row for row in seen if OF_LANE.get(row.what) == lane))
        if marks:
            at[lane] = y
            contacts.append((lane, y + SAID, marks))
            y += SAID + ROW + GAP + (COUNTS if any(mark.count > 1 for mark in marks) else 0)
    bars = _bars(axis, alerts, y + SAID)
    if bars:
        at["alerts"] = y
        y += SAID + ROW * len(bars) + GAP
    middle = axis.since + (axis.until - axis.since) / 2
    older = max((row.at for row in rows if row.at < axis.since), default=None)
    table = sorted((row for row in rows if _reaches(row, axis.since)), key=lambda row: row.at, reverse=True)
    over = (fear, tiers, tuple(contacts), bars, tuple(table), older)
    return Drawing(axis.since, middle, axis.until, y + SAID, at, *over)


def _fear(axis: Axis, said: Sequence[Row], top: int) -> Fear:
    def height(value: int) -> int:
        return top + round(FEAR * (MOST - value) / MOST)

    points = tuple((axis.x(row.at), height(row.value or 0)) for row in said)
    return Fear(points, said[-1].value or 0, tuple((value, height(value)) for value in GRID))


def _marks(axis: Axis, rows: Iterable[Row]) -> tuple[Mark, ...]:
    """Oldest first. What is nearer than APART to the first of a group is drawn with it, in its middle."""
    groups: list[list[tuple[int, Tier | None]]] = []
    for row in rows:
        x = axis.x(row.at)
        if not groups or x - groups[-1][0][0] >= APART:
            groups.append([])
        groups[-1].append((x, row.tier))
    return tuple(_mark(group) for group in groups)


def _mark(group: Sequence[tuple[int, Tier | None]]) -> Mark:
    worst = min((tier for _, tier in group if tier), default=None)
    return Mark((group[0][0] + group[-1][0]) // 2, len(group), worst)


def _bars(axis: Axis, alerts: Sequence[Alert], top: int) -> tuple[tuple[Tier, int, tuple[Bar, ...]], ...]:
    """A row for each tier that was raised."""
    by_tier: dict[Tier, list[Bar]] = {}
    for alert in sorted(alerts, key=lambda alert: (alert.tier, alert.raised_at)):
        bar = _bar(axis, alert)
        if bar:
            by_tier.setdefault(alert.tier, []).append(bar)
    return tuple((tier, top + ROW * place, tuple(bars)) for place, (tier, bars) in enumerate(by_tier.items()))


def _bar(axis: Axis, alert: Alert) -> Bar | None:
    """None where it was over before the drawing begins. One that waits for a second person is not resolved yet."""
    stands = alert.state != "resolved"
    end = axis.until if stands else alert.closed_at or alert.raised_at
    if end < axis.since:
        return None
    x = min(axis.x(alert.raised_at), RIGHT - THINNEST)
    return Bar(x, max(axis.x(end), x + THINNEST), stands, alert.raised_at < axis.since, stands or end > axis.until)


# the table


def _reaches(row: Row, since: datetime) -> bool:
    return row.at >= since or (row.what == "alert" and (row.until is None or row.until >= since))


def _rows(case: Case) -> Iterator[Row]:
    for seen in case.assessments:
        yield _assessed(seen)
    for judged in case.judgements:
        yield Row(judged.at, "judged", judged.tier, name=judged.instrument, staff=judged.staff)
    for one in case.contacts:
        yield Row(one.at, one.kind, staff=one.staff)
    for alert in case.alerts:
        until = (alert.closed_at or alert.raised_at) if alert.state == "resolved" else None
        yield Row(alert.raised_at, "alert", alert.tier, name=alert.ref, until=until)
    for at in {alert.answered_at for alert in case.alerts if alert.answered_at}:
        yield Row(at, "heard")


def _assessed(seen: Assessment) -> Row:
    if "fear" in seen.answers:
        return Row(seen.at, "fear", seen.tier, _number(seen), seen.instrument, seen.by, seen.change)
    return Row(seen.at, "assessed", seen.tier, None, seen.instrument, seen.by, seen.change)


def _number(seen: Assessment) -> int | None:
    fear = seen.answers["fear"]
    if isinstance(fear, str) and fear.isdecimal():
        fear = int(fear)
    return fear if isinstance(fear, int) and 0 <= fear <= MOST else None
