"""Of the judge: who has an alert, by which number, and that somebody is asked as long as nobody has it. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.faults.evidence import Evidence, Stand

URGENT = {"P0", "P1"}
LATE = 10.0  # seconds that a step may be overdue when the service is stopped: its loop looks once a second
YOURS = "page/yours"
ANSWERS = {f"page/{name}" for name in ("full", "how", "now", "old", "passed", "refused", "stays", "taken", "waiting")}
ANSWERS.add(YOURS)


def holding(evidence: Evidence) -> Iterator[str]:
    """Sentences, one a fault."""
    told = Counter(row.ref for row in evidence.rows if row.message == YOURS)
    for stand in evidence.stands:
        yield from _one_holder(stand)
        yield from _somebody_is_asked(stand, evidence.ended_at)
        yield from _numbers_grow(stand, told[stand.ref])
    yield from _codes(evidence)
    yield from _answers(evidence)


def _one_holder(stand: Stand) -> Iterator[str]:
    """Whoever has it has it until a time; what is open nobody has."""
    has = (stand.holder is not None, stand.claim_until is not None)
    if stand.state == "claimed" and has != (True, True):
        yield f"{stand.ref}: claimed, by {stand.holder} until {stand.claim_until}"
    if stand.state == "open" and has != (False, False):
        yield f"{stand.ref}: open, and {stand.holder} has it until {stand.claim_until}"


def _somebody_is_asked(stand: Stand, now: float) -> Iterator[str]:
    """An open urgent one has its next step within the time of the last; one that is held, by its claim's end."""
    if stand.tier not in URGENT or stand.state not in ("open", "claimed"):
        return
    latest = now + stand.repeat if stand.state == "open" else stand.claim_until or now
    if stand.due is None or not now - LATE <= stand.due <= latest:
        yield f"{stand.ref} ({stand.tier}, {stand.state}): the next step is due at {stand.due}, now is {now}"


def _numbers_grow(stand: Stand, told: int) -> Iterator[str]:
    """Each new holder has a number of their own, and each claim was told to who made it, once."""
    turns = bool(stand.claimed_by) + sum(one != other for one, other in pairwise(stand.claimed_by))
    if not turns <= stand.claim <= len(stand.claimed_by):
        yield f"{stand.ref}: number {stand.claim} after claims by {stand.claimed_by}"
    if told != len(stand.claimed_by):
        yield f"{stand.ref}: {len(stand.claimed_by)} claims, and {told} times somebody was told that it is theirs"


def _codes(evidence: Evidence) -> Iterator[str]:
    """On one phone a code is good for one alert in one paging."""
    good_for: dict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)
    for one in evidence.codes:
        good_for[one.phone, one.code].add((one.alert, one.paging))
    for (phone, code), what in good_for.items():
        if len(what) > 1:
            yield f"{code} on {phone} is good for {sorted(what)}"


def _answers(evidence: Evidence) -> Iterator[str]:
    """What a worker wrote has one answer, however often it came."""
    workers = {row.phone for row in evidence.rows if row.kind == "page"}
    wrote = Counter(said.phone for said in evidence.said if said.phone in workers)
    answered = Counter(row.phone for row in evidence.rows if row.message in ANSWERS)
    for phone in wrote | answered:
        if wrote[phone] != answered[phone]:
            yield f"{phone}: wrote {wrote[phone]} times, {answered[phone]} answers"
