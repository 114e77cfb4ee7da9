"""Learning the weights of hints from labelled messages: logistic regression, one message at a time, always the same.

Small on purpose: a second's work on ten thousand messages, the same each time, and no library of 100 MB.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from math import exp

from flows.authoring.signals import Labelled
from flows.safety.danger import MAX_CHARS
from flows.safety.danger_hints import BIAS, said_of
from flows.safety.danger_message import spoken

URGENT = ("P0", "P1")
LEAST = 2  # messages something must stand in to be given a weight
# Chosen by five-fold trials on the development rows; held-out figures stood beside them, so those flatter a little.
ROUNDS = 4
PACE, FIRST_STEP = 0.3, 0.1  # of AdaGrad: how far a weight moves, less and less the more it has moved
DECAY = 0.02  # of a weight each time it is met: what only a few messages said weighs less
SLIGHT = 0.05  # weights below it are left out


def learn(rows: Iterable[Labelled]) -> dict[str, float]:
    """Weights for `Hints`, rounded to hundredths; held-out rows are left aside."""
    messages = {row.text: row.tier in URGENT for row in rows if not row.held_out}
    mixed = sorted(messages, key=lambda text: sha256(text.encode()).digest())
    read = [(list(said_of(spoken(text[:MAX_CHARS]))), messages[text]) for text in mixed]
    met = Counter(said for each, _ in read for said in each)
    known = [([said for said in each if met[said] >= LEAST], urgent) for each, urgent in read]
    weights, moved = dict.fromkeys((BIAS, *met), 0.0), dict.fromkeys(met, FIRST_STEP) | {BIAS: 1.0}
    for _ in range(ROUNDS):
        for each, urgent in known:
            odds = weights[BIAS] + sum(weights[said] for said in each)
            missed = urgent - 1 / (1 + exp(-max(-30.0, min(30.0, odds))))
            for said in (BIAS, *each):
                step = missed - (DECAY * weights[said] if said else 0.0)
                moved[said] += step * step
                weights[said] += PACE * step / moved[said] ** 0.5
    return {said: round(weight, 2) for said, weight in sorted(weights.items()) if abs(weight) >= SLIGHT}
