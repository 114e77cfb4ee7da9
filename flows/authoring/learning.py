"""Learning the weights of hints from labelled messages: logistic regression, one message at a time, always the same.

Small on purpose: half a minute's work on twenty thousand messages, the same each time, and no library of 100 MB, which
learns nothing else from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain
from math import exp, log

from flows.authoring.signals import Labelled
from flows.safety.danger import HINT, Reader
from flows.safety.danger_hints import BIAS, STRETCH, said_of
from flows.safety.danger_lexicon import URGENCY

URGENT = ("P0", "P1")
# Chosen by five-fold trials on the development rows (docs/decisions/0008).
LEAST = 2  # messages a piece must stand in to be given a weight
ROUNDS = 4
PACE = 4.0  # how far one message moves the weights at first
FREEDOM = 2.0  # how far the weights may go from nothing: the inverse of what a sum of their squares costs
RARE = 3  # power of a piece's rarity by which its weight moves further
PHRASED = 0.4  # what a message that a phrase reads anyhow counts, for hints only ever weigh the others
EVERYDAY, EVERYDAY_COUNTS = "everyday", 2.0  # the note of harmless messages as most people write them
USUAL = 144  # pieces of a message, roughly: only scales
DECIMALS = 3
SLIGHT = 0.01  # weights below it are left out


def learn(rows: Iterable[Labelled], reader: Reader) -> dict[str, float]:
    """Weights for `Hints`, of what `reader` leaves to weigh of each message; held-out rows are left aside."""
    messages = {row.text: row for row in rows if not row.held_out}
    mixed = sorted(messages, key=lambda text: sha256(text.encode()).digest())
    lessons = [_Lesson(messages[text], reader) for text in mixed]
    met = Counter(chain.from_iterable(set(lesson.pieces()) for lesson in lessons))
    pieces = sorted(piece for piece, often in met.items() if often >= LEAST)
    stride = _strides([log(len(lessons) / met[piece]) for piece in pieces])
    place = {piece: at for at, piece in enumerate(pieces)}
    known = [[place[piece] for piece in lesson.pieces() if piece in place] for lesson in lessons]
    weights, bias, scale, price = [0.0] * len(pieces), 0.0, 1.0, 1 / (FREEDOM * max(1, len(lessons)))
    for turn, (lesson, places) in enumerate(list(zip(lessons, known, strict=True)) * ROUNDS, 1):
        pace = PACE / (1 + PACE * price * turn)
        scale *= 1 - pace * price  # every weight at once shrinks a little
        odds = bias + scale * sum([weights[at] for at in places])
        step = pace * lesson.counts * (lesson.urgent - 1 / (1 + exp(-max(-30.0, min(30.0, odds)))))
        bias += step / 10
        for at in places:
            weights[at] += step / scale * stride[at]
    learned = zip(pieces, (round(scale * weight, DECIMALS) for weight in weights), strict=True)
    return {BIAS: round(bias, DECIMALS)} | {piece: weight for piece, weight in learned if abs(weight) >= SLIGHT}


def _strides(rarity: list[float]) -> list[float]:
    """How far each weight moves at a step: what stands in nearly every message hardly at all."""
    usual = sum(rarity) / max(1, len(rarity)) or 1.0
    return [(rare / usual) ** RARE / USUAL for rare in rarity]


class _Lesson:
    """One labelled message: what is weighed of it, whether it is urgent, and how much it counts."""

    def __init__(self, row: Labelled, reader: Reader) -> None:
        reading = reader.weigh(row.text, row.language)
        phrased = any(m.entry != HINT.id and URGENCY[m.tier] <= URGENCY[HINT.tier] for m in reading.matches)
        self._words, self.urgent = reading.words[:STRETCH], row.tier in URGENT
        self.counts = PHRASED if phrased else EVERYDAY_COUNTS if row.note == EVERYDAY else 1.0

    def pieces(self) -> Iterator[str]:
        return chain.from_iterable(pieces for _, pieces in said_of(self._words))
