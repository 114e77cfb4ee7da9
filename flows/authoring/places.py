"""Where the keys of a layered drawing stand from left to right: long arrows straight, boxes in the middle of theirs.

Brandes and Koepf's way (2001): each key is put in line with the middle one of its neighbours, from above and from
below, from the left and from the right; of these four drawings each key takes the mean of its two middle places.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import accumulate, pairwise
from statistics import median

SWEEPS = 24  # more moves nothing in flows of sixty steps
STAY = 1e6  # how much rather a bend stays than a box: so much that no arrow is bent by it

Key = Hashable
Neighbours = Mapping[Key, Sequence[Key]]
Pair = frozenset[Key]


def places(
    ranks: Sequence[Sequence[Key]],
    up: Neighbours,
    down: Neighbours,
    passing: Callable[[Key], bool],
    apart: Callable[[Key, Key], float],
) -> dict[Key, float]:
    """The middle of each key. `passing`: is a bend of an arrow; `apart`: the least distance between two neighbours."""
    crossed = _crossed(ranks, down, passing)
    drawings = [
        _drawing(ranks, neighbours, crossed, apart, upwards=upwards, leftwards=leftwards)
        for upwards, neighbours in ((False, up), (True, down))
        for leftwards in (False, True)
    ]
    _line_up(drawings)
    xs = {key: sum(sorted(drawing[key] for drawing in drawings)[1:3]) / 2 for key in drawings[0]}
    near = {key: (*up[key], *down[key]) for key in xs}
    bends = _bends(xs, down, passing)
    for sweep in range(SWEEPS):
        before = up if sweep % 2 else down
        for rank in ranks if sweep % 2 else reversed(ranks):
            xs.update(_settled(rank, xs, before, near, passing, apart))
        _draw_in(bends, ranks, xs, near, apart)
    return xs


def _settled(
    rank: Sequence[Key],
    xs: Mapping[Key, float],
    before: Neighbours,
    near: Neighbours,
    passing: Callable[[Key], bool],
    apart: Callable[[Key, Key], float],
) -> dict[Key, float]:
    """One rank once more: boxes go to the middle of their neighbours, as far as those beside them allow; bends stay.

    A box between two others follows the one `before` it, so that a row of boxes stands straight.
    """

    def wish(key: Key) -> float:
        between = len(before[key]) == 1 and len(near[key]) == 2
        others = before[key] if between else near[key]
        return xs[key] if passing(key) or not others else median(xs[other] for other in others)

    wanted = [wish(key) for key in rank]
    weights = [STAY if passing(key) else 1.0 for key in rank]
    return dict(zip(rank, _apart(wanted, weights, [apart(a, b) for a, b in pairwise(rank)]), strict=True))


def _apart(wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The places nearest to `wanted` (least squares) that keep order and gaps: pool adjacent violators."""
    offsets = list(accumulate(gaps, initial=0.0))
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, weight, offset in zip(wanted, weights, offsets, strict=False):
        mean, many = want - offset, 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, count = blocks.pop()
            mean = (before * heavy + mean * weight) / (heavy + weight)
            weight, many = heavy + weight, count + many
        blocks.append((mean, weight, many))
    flat = [mean for mean, _, many in blocks for _ in range(many)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=False)]


def _bends(xs: Mapping[Key, float], down: Neighbours, passing: Callable[[Key], bool]) -> list[list[Key]]:
    """The straight parts of long arrows, each from top to bottom."""
    part: dict[Key, list[Key]] = {}
    for key in xs:
        if passing(key):
            part.setdefault(key, [key])
            for below in down[key]:
                if passing(below) and below not in part and xs[below] == xs[key]:
                    part[key].append(below)
                    part[below] = part[key]
    return list({id(keys): keys for keys in part.values()}.values())


def _draw_in(
    bends: list[list[Key]],
    ranks: Sequence[Sequence[Key]],
    xs: dict[Key, float],
    near: Neighbours,
    apart: Callable[[Key, Key], float],
) -> None:
    """Move each straight part whole towards its ends, as far as what stands beside it allows."""
    least, most = dict.fromkeys(xs, float("-inf")), dict.fromkeys(xs, float("inf"))
    for keys in bends:
        for rank in ranks:
            for a, b in pairwise(rank):
                least[b], most[a] = xs[a] + apart(a, b), xs[b] - apart(a, b)
        ends = [xs[other] for key in keys for other in near[key] if other not in keys]
        if ends:
            wanted = min(max(median(ends), *(least[key] for key in keys)), *(most[key] for key in keys))
            xs.update(dict.fromkeys(keys, wanted))


def _crossed(ranks: Sequence[Sequence[Key]], down: Neighbours, passing: Callable[[Key], bool]) -> set[Pair]:
    """Pieces of arrows that give way: those that cross a piece which passes ranks, and must stay straight."""
    found: set[Pair] = set()
    for upper, lower in pairwise(ranks):
        place = {key: index for index, key in enumerate(lower)}
        pieces = [(index, place[below], key, below) for index, key in enumerate(upper) for below in down[key]]
        straight = [piece for piece in pieces if passing(piece[2]) and passing(piece[3])]
        for a, b, key, below in pieces:
            for c, d, other, beneath in straight:
                if (a - c) * (b - d) < 0 and frozenset((other, beneath)) not in found:
                    found.add(frozenset((key, below)))
    return found


def _drawing(
    ranks: Sequence[Sequence[Key]],
    neighbours: Neighbours,
    crossed: set[Pair],
    apart: Callable[[Key, Key], float],
    *,
    upwards: bool,
    leftwards: bool,
) -> dict[Key, float]:
    turned = [list(reversed(rank)) if leftwards else list(rank) for rank in (reversed(ranks) if upwards else ranks)]
    root = _aligned(turned, neighbours, crossed)
    xs = _compact(turned, root, apart)
    return {key: -x for key, x in xs.items()} if leftwards else xs


def _aligned(ranks: Sequence[Sequence[Key]], neighbours: Neighbours, crossed: set[Pair]) -> dict[Key, Key]:
    """For each key the first of its line: it joins that of a middle neighbour, unless another line stands between."""
    place = {key: index for rank in ranks for index, key in enumerate(rank)}
    root = {key: key for rank in ranks for key in rank}
    for rank in ranks[1:]:
        free = 0  # places left of it are beyond a line already joined
        for key in rank:
            near = sorted(neighbours[key], key=place.__getitem__)
            for other in near[(len(near) - 1) // 2 : len(near) // 2 + 1]:
                if root[key] is key and place[other] >= free and frozenset((key, other)) not in crossed:
                    root[key] = root[other]
                    free = place[other] + 1
    return root


def _compact(
    ranks: Sequence[Sequence[Key]], root: Mapping[Key, Key], apart: Callable[[Key, Key], float]
) -> dict[Key, float]:
    """Whole lines as far left as they can go, then back to the right as far as the next line lets them."""
    left: dict[Key, dict[Key, float]] = {line: {} for line in root.values()}
    right: dict[Key, dict[Key, float]] = {line: {} for line in root.values()}
    for rank in ranks:
        for a, b in pairwise(rank):
            gap = max(apart(a, b), left[root[b]].get(root[a], 0.0))
            left[root[b]][root[a]] = right[root[a]][root[b]] = gap
    xs: dict[Key, float] = {}
    order = _from_left(left)
    for line in order:
        xs[line] = max((xs[other] + gap for other, gap in left[line].items()), default=0.0)
    for line in reversed(order):
        if right[line]:
            xs[line] = max(xs[line], min(xs[other] - gap for other, gap in right[line].items()))
    return {key: xs[line] for key, line in root.items()}


def _from_left(left: Mapping[Key, Mapping[Key, float]]) -> list[Key]:
    """Lines in an order in which each comes after all that stand left of it."""
    found: dict[Key, None] = {}
    for line in left:
        waiting = [line]
        while waiting:
            here = waiting[-1]
            before = [other for other in left[here] if other not in found]
            if before:
                waiting += before
            else:
                found[waiting.pop()] = None
    return list(found)


def _line_up(drawings: list[dict[Key, float]]) -> None:
    """Shift the four so that the left ones share the narrowest one's left end, the right ones its right end."""
    narrowest = min(drawings, key=lambda xs: max(xs.values()) - min(xs.values()))
    ends = min(narrowest.values()), max(narrowest.values())
    for number, xs in enumerate(drawings):
        shift = ends[1] - max(xs.values()) if number % 2 else ends[0] - min(xs.values())
        for key in xs:
            xs[key] += shift
