"""Where boxes and arrows go: a layered drawing, from top to bottom, without overlaps.

The classic four passes (Sugiyama, Tagawa and Toda, 1981): turn arrows that lead back, give each box a rank, order the
ranks so that few arrows cross, then move boxes to and fro until arrows run straight. A label is a box of its own in the
rank between two ranks, so it never covers anything; arrows to one box run together where they go the same way.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from flows.authoring.places import Key, places

GAP = 26.0  # between two boxes side by side
LANE = 12.0  # between an arrow on its way and its neighbour
RISE = 24.0  # between a rank of boxes and a rank of labels: room for an arrow to bend
PORT = 16.0  # between two arrows that leave one side of a box
SWEEPS = 24  # more changes nothing in flows of sixty steps


@dataclass(frozen=True, slots=True)
class Size:
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow from one box to another, with the size of what is written on it."""

    start: str
    end: str
    label: Size = Size()


@dataclass(frozen=True, slots=True)
class Spot:
    """The middle of something, and its size."""

    x: float
    y: float
    size: Size

    @property
    def top(self) -> float:
        return self.y - self.size.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.size.height / 2


@dataclass(frozen=True, slots=True)
class Way:
    """An arrow's course: spots from box to box. `back`: it leads up; the spots are then still in its own direction."""

    spots: tuple[Spot, ...]
    label: Spot
    back: bool


@dataclass(frozen=True, slots=True)
class Layout:
    boxes: Mapping[str, Spot]
    ways: tuple[Way, ...]
    size: Size


def lay_out(boxes: Mapping[str, Size], links: Sequence[Link], start: str) -> Layout:
    """`links` lead from a box to another one (not to itself); `boxes` are met in their order from `start`."""
    drawing = _Drawing(boxes, links, start)
    _order(drawing)
    xs = _place(drawing)
    ys, height = _heights(drawing)
    spots = {key: Spot(xs[key], ys[drawing.rank[key]], drawing.size[key]) for key in drawing.size}
    width = max((spot.x + spot.size.width / 2 for spot in spots.values()), default=0.0)
    ways = tuple(_way(drawing, number, spots) for number in range(len(links)))
    return Layout({name: spots[name] for name in boxes}, ways, Size(width, height))


@dataclass(slots=True)
class _Drawing:
    """The graph with its helpers: every key has a rank, and arrows join neighbouring ranks only."""

    boxes: Mapping[str, Size]
    links: Sequence[Link]
    start: str
    size: dict[Key, Size] = field(default_factory=dict)
    rank: dict[Key, int] = field(default_factory=dict)
    ranks: list[list[Key]] = field(default_factory=list)
    up: dict[Key, list[Key]] = field(default_factory=dict)
    down: dict[Key, list[Key]] = field(default_factory=dict)
    chains: list[list[Key]] = field(default_factory=list)
    labels: list[Key] = field(default_factory=list)
    backs: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self.backs = _backs(self.boxes, self.links, self.start)
        ranks = _ranks(self.boxes, [self.turned(number) for number in range(len(self.links))])
        for name in self.boxes:
            self.add(name, ranks[name], self.boxes[name])
        for number in range(len(self.links)):
            self.chains.append(self._chain(number))
        self.ranks = [[] for _ in range(max(self.rank.values(), default=0) + 1)]
        for key in _met(self.boxes, self.start, self.down):
            self.ranks[self.rank[key]].append(key)

    def turned(self, number: int) -> tuple[str, str]:
        """The ends of a link, the upper one first."""
        link = self.links[number]
        return (link.end, link.start) if number in self.backs else (link.start, link.end)

    def add(self, key: Key, rank: int, size: Size) -> Key:
        if key not in self.size:
            self.size[key], self.rank[key] = size, rank
            self.up[key], self.down[key] = [], []
        return key

    def _chain(self, number: int) -> list[Key]:
        """From the upper box to the lower one, a key in each rank between; the label's is next to the link's start."""
        upper, lower = self.turned(number)
        first, last = self.rank[upper] + 1, self.rank[lower] - 1
        labelled = last if number in self.backs else first
        chain: list[Key] = [upper]
        for rank in range(first, last + 1):
            if rank == labelled:
                self.labels.append(self.add(("label", number), rank, self.links[number].label))
                chain.append(self.labels[-1])
            else:
                shared = ("back" if number in self.backs else "on", self.links[number].end, rank)
                chain.append(self.add(shared, rank, Size()))
        chain.append(lower)
        for above, below in pairwise(chain):
            if below not in self.down[above]:
                self.down[above].append(below)
                self.up[below].append(above)
        return chain


# first pass: arrows that lead back


def _backs(boxes: Mapping[str, Size], links: Sequence[Link], start: str) -> frozenset[int]:
    """The links that close a circle, when one walks from `start` and takes links in their order."""
    out: dict[str, list[int]] = {name: [] for name in boxes}
    for number, link in enumerate(links):
        out[link.start].append(number)
    done: set[str] = set()
    backs: set[int] = set()
    for root in (start, *boxes):
        if root not in done:
            backs.update(_closing(root, out, links, done))
    return frozenset(backs)


def _closing(root: str, out: Mapping[str, list[int]], links: Sequence[Link], done: set[str]) -> list[int]:
    path = [(root, iter(out[root]))]
    on_path = {root}
    found: list[int] = []
    while path:
        here, ways = path[-1]
        number = next(ways, None)
        if number is None:
            path.pop()
            on_path.discard(here)
            done.add(here)
        elif links[number].end in on_path:
            found.append(number)
        elif links[number].end not in done:
            path.append((links[number].end, iter(out[links[number].end])))
            on_path.add(links[number].end)
    return found


# second pass: ranks


def _ranks(boxes: Mapping[str, Size], links: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Even numbers, labels come between: each box as high as those above it allow, then as near to those below."""
    links = list(links)
    rank = dict.fromkeys(boxes, 0)
    for _ in boxes:
        moved = False
        for upper, lower in links:
            if rank[lower] < rank[upper] + 2:
                rank[lower], moved = rank[upper] + 2, True
        if not moved:
            break
    for name in sorted(boxes, key=lambda name: -rank[name]):
        below = [rank[lower] for upper, lower in links if upper == name]
        if below and not any(lower == name for _, lower in links):
            rank[name] = min(below) - 2
    return rank


# third pass: order


def _met(boxes: Iterable[str], start: str, down: Mapping[Key, list[Key]]) -> list[Key]:
    """All keys in the order in which a walk from `start` meets them: neighbours begin side by side."""
    found: dict[Key, None] = {}
    for root in (start, *boxes):
        waiting: list[Key] = [root]
        while waiting:
            key = waiting.pop()
            if key not in found:
                found[key] = None
                waiting += reversed(down.get(key, []))
    return list(found)


def _order(drawing: _Drawing) -> None:
    """Sweep down and up, each key to the mean place of its neighbours; keep the order with the fewest crossings."""
    best, fewest = [list(rank) for rank in drawing.ranks], _crossings(drawing)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        numbers = range(1, len(drawing.ranks)) if downwards else range(len(drawing.ranks) - 2, -1, -1)
        for number in numbers:
            _sort(drawing, number, drawing.up if downwards else drawing.down, number + (-1 if downwards else 1))
        crossings = _crossings(drawing)
        if crossings < fewest:
            best, fewest = [list(rank) for rank in drawing.ranks], crossings
    drawing.ranks = best


def _sort(drawing: _Drawing, number: int, towards: Mapping[Key, list[Key]], fixed: int) -> None:
    place = {key: index for index, key in enumerate(drawing.ranks[fixed])}
    wanted: dict[Key, float] = {}
    for index, key in enumerate(drawing.ranks[number]):
        near = [place[other] for other in towards[key]]
        wanted[key] = sum(near) / len(near) if near else float(index)
    drawing.ranks[number].sort(key=wanted.__getitem__)


def _crossings(drawing: _Drawing) -> int:
    return sum(_between(drawing, upper, lower) for upper, lower in pairwise(drawing.ranks))


def _between(drawing: _Drawing, upper: list[Key], lower: list[Key]) -> int:
    """Pairs of arrows that cross between two ranks."""
    place = {key: index for index, key in enumerate(lower)}
    seen: list[int] = []
    found = 0
    for key in upper:
        ends = sorted(place[below] for below in drawing.down[key])
        found += sum(len(seen) - bisect_right(seen, end) for end in ends)
        for end in ends:
            insort(seen, end)
    return found


# fourth pass: places


def _place(drawing: _Drawing) -> dict[Key, float]:
    """Each key's middle, the leftmost box at the left end."""

    def passing(key: Key) -> bool:
        return key not in drawing.boxes and key not in drawing.labels

    def apart(a: Key, b: Key) -> float:
        first, second = drawing.size[a].width, drawing.size[b].width
        return (first + second) / 2 + (GAP if first and second else LANE)

    xs = places(drawing.ranks, drawing.up, drawing.down, passing, apart)
    left = min((x - drawing.size[key].width / 2 for key, x in xs.items()), default=0.0)
    return {key: x - left for key, x in xs.items()}


# heights and courses


def _heights(drawing: _Drawing) -> tuple[list[float], float]:
    """The middle of each rank, and the height of all."""
    ys: list[float] = []
    y = 0.0
    for rank in drawing.ranks:
        height = max((drawing.size[key].height for key in rank), default=0.0)
        ys.append(y + height / 2)
        y += height + RISE
    return ys, y - RISE


def _way(drawing: _Drawing, number: int, spots: Mapping[Key, Spot]) -> Way:
    back = number in drawing.backs
    bands = _banded(drawing, number, spots)
    return Way(tuple(reversed(bands)) if back else tuple(bands), spots[drawing.labels[number]], back)


def _banded(drawing: _Drawing, number: int, spots: Mapping[Key, Spot]) -> list[Spot]:
    """From port to port; what is passed gets the height of its rank, so that arrows bend between ranks only."""
    chain = drawing.chains[number]
    first, last = _port(spots, chain[0], chain[1], drawing.down), _port(spots, chain[-1], chain[-2], drawing.up)
    passed = [_band(drawing, key, spots[key].x, spots) for key in chain[1:-1]]
    above, below = _band(drawing, chain[0], first.x, spots), _band(drawing, chain[-1], last.x, spots)
    ways = [first, Spot(first.x, above.bottom, Size()), *passed, Spot(last.x, below.top, Size()), last]
    return [way for way in ways if way.size.height or way.y not in (first.bottom, last.top)]


def _band(drawing: _Drawing, key: Key, x: float, spots: Mapping[Key, Spot]) -> Spot:
    """The height of the rank that `key` is in, at `x`."""
    height = max(drawing.size[other].height for other in drawing.ranks[drawing.rank[key]])
    return Spot(x, spots[key].y, Size(0.0, height))


def _port(spots: Mapping[Key, Spot], box: Key, other: Key, side: Mapping[Key, list[Key]]) -> Spot:
    """Where an arrow meets its box: those of one side stand in the order in which they come."""
    spot = spots[box]
    near = sorted(side[box], key=lambda key: spots[key].x)
    step = min(PORT, spot.size.width * 0.7 / len(near))
    return Spot(spot.x + (near.index(other) - (len(near) - 1) / 2) * step, spot.y, spot.size)
