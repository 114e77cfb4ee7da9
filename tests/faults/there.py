"""Of the judge: what she is told of a worker in her chat is true when it is written, and nobody is left with it. Pure.

A worker is there for her as long as they hold an alert of hers (`storage.presence`). What one transaction wrote may
stand in it in any order, so of two things in one the kinder is taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.faults.evidence import Commit, Evidence, Person, TurnRow

LATE = 10.0  # seconds, as in `holding`
HERE, GONE, LEFT = "engine/worker_here", "engine/worker_gone", "engine/worker_left"
HIDDEN = {"exit", "locked"}  # a closed chat tells nothing, and nobody is told there
Held = Mapping[str, tuple[str | None, float]]  # by alert: who has it, until when


def there(evidence: Evidence) -> Iterator[str]:
    """Sentences, one a fault."""
    of_hers: dict[str, list[Commit]] = defaultdict(list)
    for commit in evidence.commits:
        for person in {one.person for one in commit.claims} | {person for person, _ in commit.turns}:
            of_hers[person].append(commit)
    for person in evidence.people:
        yield from _One(person).judged(of_hers[person.id], evidence)
    yield from _words(evidence)


class _One:
    """One recipient, transaction by transaction. `here`: the worker who is there as far as she was told, or ''."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.turns = {turn.seq: turn for turn in person.turns}
        self.held: dict[str, tuple[str | None, float]] = {}
        self.here = ""

    def judged(self, commits: Sequence[Commit], evidence: Evidence) -> Iterator[str]:
        for commit in commits:
            seen: list[Held] = [dict(self.held)]
            for one in commit.claims:
                if one.person == self.person.id:
                    self.held[one.alert] = (one.holder, one.until)
                    seen.append(dict(self.held))
            for person, number in commit.turns:
                if person == self.person.id:
                    yield from self._turn(self.turns[number], seen)
        yield from self._left_alone(evidence)

    def _turn(self, turn: TurnRow, seen: Sequence[Held]) -> Iterator[str]:
        name = f"{self.person.id}, turn {turn.seq} ({turn.event})"
        if self.here and turn.event != "WorkerGone" and not any(_holds(held, self.here, turn.at) for held in seen):
            yield f"{name}: taken while she believes that {self.here} is there, who holds nothing of hers"
        for what, who in turn.notes:
            if what == "worker_joined":
                self.here = who
                if not any(_holds(held, who, turn.at) for held in seen):
                    yield f"{name}: told that {who} is there, who holds nothing of hers"
            elif what == "worker_gone":
                if all(_holds(held, who, turn.at) for held in seen):
                    yield f"{name}: told that {who} has gone, who is there"
                if self.here == who and not {GONE, LEFT} & set(turn.sent):
                    yield f"{name}: not told that {who} has gone"
                self.here = ""
            elif what in HIDDEN or what == "worker_left":
                self.here = ""
        if (HERE in turn.sent) != any(what == "worker_joined" for what, _ in turn.notes):
            yield f"{name}: what she is told of who is there is not what stands in her record"

    def _left_alone(self, evidence: Evidence) -> Iterator[str]:
        """At the end: who is there for her holds something, or she is about to be told."""
        now = evidence.ended_at - LATE
        soon = evidence.to_tell.get((self.person.id, self.here), 0.0) >= now
        if self.here and not soon and not _holds(self.held, self.here, now):
            yield f"{self.person.id}: left with {self.here}, who holds nothing of hers, and nobody tells her"


def _holds(held: Held, worker: str, at: float) -> bool:
    return any(holder == worker and until > at for holder, until in held.values())


def _words(evidence: Evidence) -> Iterator[str]:
    """What a worker wrote stands once in her chat, however often it was pressed; or it came after she had left."""
    said = Counter(words for person in evidence.people for turn in person.turns for words in turn.sent)
    unheard = sum(
        what == "worker_unheard" for person in evidence.people for turn in person.turns for what, _ in turn.notes
    )
    for one in evidence.wrote:
        if said[one.text] > 1:
            yield f"{one.text!r}: said {said[one.text]} times"
    lost = [one.text for one in evidence.wrote if one.taken and not said[one.text]]
    if len(lost) > unheard:
        yield f"{lost[0]!r} and {len(lost) - 1} more were taken from a worker, and {unheard} of them came too late"
