"""Learning the weights of hints from labelled messages: logistic regression, one message at a time, always the same.

Small on purpose: half a minute's work on twenty thousand messages, the same each time, and no library of 100 MB, which
learns nothing else from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain, pairwise
from math import exp, log

from flows.authoring.signals import Labelled
from flows.safety.danger import HINT, Reader
from flows.safety.danger_hints import BIAS, SIZES, STRETCH, edged, pieces_of, seams_of
from flows.safety.danger_lexicon import URGENCY

URGENT = ("P0", "P1")
# Chosen by five-fold trials on the development rows (docs/decisions/0008).
LEAST = 2  # messages a piece must stand in to be given a weight
ROUNDS = 4
PACE = 4.0  # how far one message moves the weights at first
FREEDOM = 2.0  # how far the weights may go from nothing: the inverse of what a sum of their squares costs
RARE = 3  # power of a piece's rarity by which its weight moves further
PHRASED = 0.9  # what a message that a phrase reads anyhow counts, for hints only ever weigh the others
EVERYDAY, EVERYDAY_COUNTS = "everyday", 4.0  # the note of harmless messages as most people write them
USUAL = 144  # pieces of a message, roughly: only scales
DECIMALS = 3
TELLING = 0.035  # a weight times the root of how many messages it was met in; what tells less is left out


def learn(rows: Iterable[Labelled], reader: Reader) -> dict[str, float]:
    """Weights for `Hints`, of what `reader` leaves to weigh of each message; held-out rows are left aside."""
    messages = {row.text: row for row in rows if not row.held_out}
    mixed = sorted(messages, key=lambda text: sha256(text.encode()).digest())
    lessons = [_Lesson(messages[text], reader) for text in mixed]
    places: dict[str, int] = {}
    known = [[places.setdefault(piece, len(places)) for piece in lesson.pieces()] for lesson in lessons]
    met = Counter(chain.from_iterable(map(set, known)))
    known = [[at for at in each if met[at] >= LEAST] for each in known]
    stride = _strides([met[at] for at in range(len(places))], len(lessons))
    weights, bias, scale, price = [0.0] * len(places), 0.0, 1.0, 1 / (FREEDOM * max(1, len(lessons)))
    for turn, (lesson, each) in enumerate(list(zip(lessons, known, strict=True)) * ROUNDS, 1):
        pace = PACE / (1 + PACE * price * turn)
        scale *= 1 - pace * price  # every weight at once shrinks a little
        odds = bias + scale * sum([weights[at] for at in each])
        step = pace * lesson.counts * (lesson.urgent - 1 / (1 + exp(-max(-30.0, min(30.0, odds)))))
        bias += step / 10
        for at in each:
            weights[at] += step / scale * stride[at]
    learned = {piece: scale * weights[at] for piece, at in places.items() if met[at] >= LEAST}
    kept = {piece: weight for piece, weight in learned.items() if abs(weight) * met[places[piece]] ** 0.5 >= TELLING}
    for word in {word for lesson in lessons for word in lesson.words if edged(word) in learned}:
        kept[edged(word)] = sum(learned.get(piece, 0.0) for piece in _pieces_and_whole(word))
    return {BIAS: round(bias, DECIMALS)} | {said: round(kept[said], DECIMALS) for said in sorted(kept)}


def _strides(met: list[int], messages: int) -> list[float]:
    """How far each weight moves at a step: what stands in nearly every message hardly at all."""
    rarity = [log(messages / often) for often in met]
    known = [rare for rare, often in zip(rarity, met, strict=True) if often >= LEAST]
    usual = sum(known) / max(1, len(known)) or 1.0
    return [(rare / usual) ** RARE / USUAL for rare in rarity]


class _Lesson:
    """One labelled message: what is weighed of it, whether it is urgent, and how much it counts."""

    def __init__(self, row: Labelled, reader: Reader) -> None:
        reading = reader.weigh(row.text, row.language)
        phrased = any(m.entry != HINT.id and URGENCY[m.tier] <= URGENCY[HINT.tier] for m in reading.matches)
        self.words, self.urgent = reading.words[:STRETCH], row.tier in URGENT
        self.counts = PHRASED if phrased else EVERYDAY_COUNTS if row.note == EVERYDAY else 1.0

    def pieces(self) -> Iterator[str]:
        for word in dict.fromkeys(self.words):
            yield from _pieces_and_whole(word)
        for one, other in dict.fromkeys(pairwise(self.words)):
            yield from seams_of(one, other)


def _pieces_and_whole(word: str) -> Iterator[str]:
    """A long word is learned beside its pieces; of a short one the whole is a piece."""
    yield from pieces_of(word)
    if len(word) + 2 > SIZES[-1]:
        yield edged(word)
