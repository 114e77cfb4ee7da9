"""Numbers and goals over time: the geometry of server-drawn SVGs. The template draws them, and a table behind each.

Points stand where they fall in time; the line joins what was answered, and a skipped answer leaves a gap in nothing but
the table: skipped is not calm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flows.engine.conversation import Goal
from flows.engine.model import Tier

WIDTH, HEIGHT = 360, 168  # units of the drawing: one is a pixel on the narrowest phone, so 16-unit text can be read
LEFT, RIGHT, TOP, BOTTOM = 30, 348, 30, 132
MOST = 10  # of what she scores a goal with
POINTS = 26  # half a year of weekly check-ins; older ones are in the table
TREND_WIDTH, TREND_HEIGHT, EDGE = 160, 48, 6  # a goal's small line; the edge keeps its last dot whole
CLOSEST = 15  # units between two ruled lines whose figures can be told apart

Told = tuple[datetime, int, Tier | None]  # when, the number, the tier of the same assessment


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int
    at: datetime
    value: int
    tier: Tier | None


@dataclass(frozen=True, slots=True)
class Chart:
    """`grid`: (value, y) of the ruled lines."""

    points: tuple[Point, ...]
    grid: tuple[tuple[int, int], ...]

    @property
    def line(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)

    @property
    def last(self) -> Point:
        return self.points[-1]


def height_of(value: int, most: int = MOST) -> int:
    return round(BOTTOM - (BOTTOM - TOP) * min(value, most) / most)


def chart(told: Sequence[Told], most: int, grid: Sequence[int]) -> Chart:
    """Of the last POINTS, oldest first. `most` is the top of the scale, more than 0."""
    told = told[-POINTS:]
    first, last = told[0][0], told[-1][0]
    whole = (last - first).total_seconds()
    points = (
        Point(_across((at - first).total_seconds(), whole), height_of(value, most), at, value, tier)
        for at, value, tier in told
    )
    return Chart(tuple(points), _ruled(grid, most))


def _ruled(grid: Sequence[int], most: int) -> tuple[tuple[int, int], ...]:
    """Lines that stand too close to the one below are left out."""
    ruled: list[tuple[int, int]] = []
    for value in sorted(grid):
        y = height_of(value, most)
        if not ruled or ruled[-1][1] - y >= CLOSEST:
            ruled.append((value, y))
    return tuple(ruled)


def _across(passed: float, whole: float) -> int:
    inside = RIGHT - LEFT - 20
    return LEFT + 10 + round(inside * passed / whole) if whole else LEFT + 10 + inside // 2


Direction = Literal["up", "same", "down"]


@dataclass(frozen=True, slots=True)
class Trend:
    """Where she said she stood with a goal, oldest first: a line of (x, y), evenly spaced, and where it leads."""

    points: tuple[tuple[int, int], ...]
    first: int
    last: int
    change: Direction

    @property
    def line(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.points)


def goal_trend(goal: Goal) -> Trend | None:
    """None when she has given no number."""
    values = [score.value for score in goal.scores][-POINTS:]
    if not values:
        return None
    step = (TREND_WIDTH - 2 * EDGE) / max(1, len(values) - 1)
    inside = TREND_HEIGHT - 2 * EDGE
    points = tuple((EDGE + round(i * step), EDGE + round(inside * (MOST - v) / MOST)) for i, v in enumerate(values))
    change: Direction = "up" if values[-1] > values[0] else "down" if values[-1] < values[0] else "same"
    return Trend(points, values[0], values[-1], change)
