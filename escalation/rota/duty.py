"""Who is on duty at a moment: a pure function of (rota, now).

Of each duty the highest layer that has a shift then is in force; where no calendar has one, whoever was given it by
hand. Covers lie over all layers, later promises over earlier ones. Whoever is off cover (no page reaches them) counts
as not there at all, so that the layer below shows, and never hides a colleague whom they were to stand in for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Literal

from escalation.ports import Duty, Staff

CoverKind = Literal["override", "swap", "holiday"]
HEAVIEST: tuple[Duty, ...] = ("on_call", "backup", "supervisor")  # whoever has two duties is called by the first
Holding = frozenset[tuple[str, Duty]]  # (staff id, duty)


@dataclass(frozen=True, slots=True)
class Shift:
    """From `start` to before `end`, both aware. `staff` is an id, `calendar` the calendar's."""

    staff: str
    duty: Duty
    layer: int
    start: datetime
    end: datetime
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """`staff` stands in for `instead` while that one would have a duty; without `instead`, has `duty` beside the
    others. Without `staff` nobody does. Those of one `pair` are one promise and count together: a swap.

    In force once `accepted_at` is set. `asked_by` is the staff id of who asked for it.
    """

    id: str
    kind: CoverKind
    staff: str
    instead: str
    start: datetime
    end: datetime
    duty: Duty = "on_call"
    pair: str = ""
    asked_by: str = ""
    accepted_at: datetime | None = None

    @property
    def promise(self) -> str:
        return self.pair or self.id


@dataclass(frozen=True, slots=True)
class Rota:
    """`by_hand`: the lowest layer, by staff id. `standing`: whose duty set by hand holds whatever a calendar says."""

    shifts: tuple[Shift, ...] = ()
    covers: tuple[Cover, ...] = ()
    by_hand: Mapping[str, Duty] = field(default_factory=dict)
    standing: frozenset[str] = frozenset()
    off_cover: frozenset[str] = frozenset()


def on_duty(rota: Rota, now: datetime) -> Mapping[str, Duty]:
    """Staff id to duty, of those who have one. Total: any rota, any aware moment."""
    holding = _layered(rota, now)
    for together in _promises(rota, now):
        holding = _covered(holding, together)
    found: dict[str, Duty] = {}
    for duty in HEAVIEST:
        for staff, has in sorted(holding):
            if has == duty:
                found.setdefault(staff, duty)
    return found


def with_duties(staff: Iterable[Staff], rota: Rota, now: datetime) -> list[Staff]:
    """The same people, each with the duty that they have now."""
    has = on_duty(rota, now)
    return [replace(person, duty=has.get(person.id, "off")) for person in staff]


def _layered(rota: Rota, now: datetime) -> Holding:
    holding: set[tuple[str, Duty]] = set()
    for duty in HEAVIEST:
        current = [s for s in rota.shifts if s.duty == duty and s.start <= now < s.end]
        current = [s for s in current if s.staff not in rota.off_cover]
        top = max((s.layer for s in current), default=0)
        holding |= {(s.staff, duty) for s in current if s.layer == top}
        if not current:
            holding |= {(staff, duty) for staff, has in rota.by_hand.items() if has == duty}
    holding |= {(staff, has) for staff, has in rota.by_hand.items() if staff in rota.standing and has != "off"}
    return frozenset((staff, duty) for staff, duty in holding if staff not in rota.off_cover)


def _promises(rota: Rota, now: datetime) -> Iterator[list[Cover]]:
    """Those in force now, what was promised together together, in the order of promising."""
    current: dict[str, list[Cover]] = {}
    for cover in sorted(rota.covers, key=lambda c: (c.accepted_at is not None and c.accepted_at.timestamp(), c.id)):
        if cover.accepted_at is not None and cover.start <= now < cover.end and cover.staff not in rota.off_cover:
            current.setdefault(cover.promise, []).append(cover)
    yield from current.values()


def _covered(holding: Holding, together: Iterable[Cover]) -> Holding:
    instead = {cover.instead: cover for cover in together if cover.instead}
    kept = {(staff, duty) for staff, duty in holding if staff not in instead}
    moved = {(instead[staff].staff, duty) for staff, duty in holding if staff in instead}
    beside = {(cover.staff, cover.duty) for cover in together if not cover.instead}
    return frozenset(one for one in kept | moved | beside if one[0])


def edges(rota: Rota, start: datetime, end: datetime) -> list[datetime]:
    """The moments from `start` to `end` at which who is on duty may change, both ends among them."""
    both: Sequence[Shift | Cover] = [*rota.shifts, *(c for c in rota.covers if c.accepted_at is not None)]
    between = {at for one in both for at in (one.start, one.end) if start < at < end}
    return sorted({start, end} | between)


def spans(rota: Rota, start: datetime, end: datetime) -> list[tuple[datetime, datetime, Mapping[str, Duty]]]:
    """(from, to, who has which duty), one after the other without holes, neighbours different."""
    found: list[tuple[datetime, datetime, Mapping[str, Duty]]] = []
    cuts = edges(rota, start, end)
    for from_, to in pairwise(cuts):
        has = on_duty(rota, from_)
        if found and found[-1][2] == has:
            found[-1] = (found[-1][0], to, has)
        else:
            found.append((from_, to, has))
    return found
