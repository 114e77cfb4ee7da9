"""In what order the queue is taken, and how long anybody can wait in it. Pure: time comes in.

By tier, then the nearest breach, then the longest wait. So that nothing starves, what has waited for as long again as
its tier has at all counts as a P1 that was raised then; a P0 is first always. An alert's place is (rank, deadline):
ranks 0 and 1 are those of a P0 and a P1, and its deadline is its breach, or that of the P1 that it counts as.

**The bound.** From its deadline D on an alert waits for `longest_wait(before, claims, above, burst)` at most, where
`before` stand before it at D, and in any h hours at least `claims`·h - 1 alerts are taken, each the first of the queue,
and at most `burst` + `above`·h come in before it: a P0 where it is none, one lifted, one given back. A P2 or P3 reaches
D after its breach and `AGES`.

Proof. What is raised after D breaches after D, for a tier has some time always; what ages after D has a deadline after
it, too. Neither stands before X. So only what `above` counts comes in before X, `before` + `burst` + `above`·h entries
at most in the first h hours. As long as X waits the first of the queue is one of these, and each of the `claims`·h - 1
alerts that are taken uses up an entry. So X waits for h hours only if claims·h - 1 <= before + burst + above·h, which
is h <= (before + burst + 1) / (claims - above). Shown in tests/properties/test_queue_bound.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation.ports import Alert, Place
from flows.engine.model import Tier

# After its breach, when it counts as a P1. The time that its tier has in the ladder that ships: late by as much again.
AGES: Mapping[Tier, timedelta] = {"P2": timedelta(hours=4), "P3": timedelta(hours=24)}
FRESH = timedelta(minutes=5)  # that a P1 has in the ladder that ships: those that wait when it ages stay before it


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of the queue in which one tier's alerts stand by breach, wait and reference.

    `aged`: those whose breach is `AGES` ago or more. `shift`: from the breach to the deadline.
    """

    rank: int
    tier: Tier
    aged: bool = False

    @property
    def shift(self) -> timedelta:
        return AGES[self.tier] + FRESH if self.aged else timedelta()


BANDS = (
    *(Band(0, "P0"), Band(1, "P1"), Band(1, "P2", aged=True), Band(1, "P3", aged=True)),
    *(Band(2, "P2"), Band(3, "P3")),
)


def is_held(alert: Alert, now: datetime) -> bool:
    """Claimed, and the claim has not run out: a claim is a lease, not a possession."""
    return alert.state == "claimed" and (alert.claim_until is None or alert.claim_until > now)


def waits(alert: Alert, now: datetime) -> bool:
    """Nobody has it, and somebody should now."""
    return alert.state in ("open", "claimed") and not is_held(alert, now)


def has_aged(tier: Tier, breach_at: datetime, now: datetime) -> bool:
    return tier in AGES and breach_at + AGES[tier] <= now


def band(tier: Tier, breach_at: datetime, now: datetime) -> Band:
    aged = has_aged(tier, breach_at, now)
    return next(one for one in BANDS if (one.tier, one.aged) == (tier, aged))


def place(alert: Alert, now: datetime) -> Place:
    """What the queue is sorted by: the smallest first. Two alerts never have the same."""
    stands = band(alert.tier, alert.breach_at, now)
    return stands.rank, alert.breach_at + stands.shift, alert.raised_at, alert.ref


def longest_wait(before: int, claims: float, above: float, burst: int = 0) -> timedelta:
    """The bound above. `claims` and `above` are per hour.

    Raises ValueError where no more are taken than come in before: then there is none.
    """
    if claims <= above:
        raise ValueError("as many come in before it as are taken")
    return timedelta(hours=(before + burst + 1) / (claims - above))
