"""One page of those that wait, and where the pages beside it begin, further down the queue or back up. Pure.

A page begins behind a place (`escalation.order`), never after a number of alerts: whoever is taken or raised meanwhile,
nobody is left out or comes twice. Who has risen since stands before it, on a page nearer the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from escalation.order import place
from escalation.ports import Alert, Place

_WRITTEN = re.compile(r"([0-3])\.(\d{1,14})\.(\d{1,14})\.([A-Za-z0-9_-]{1,64})")
_BEGAN, _MS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Part:
    """`sooner`, `later`: before and behind which places the others stand; None where nobody waits there."""

    shown: tuple[Alert, ...]
    sooner: Place | None
    later: Place | None


def part(
    found: Sequence[Alert], fits: Callable[[Alert], bool], look: int, most: int, now: datetime, back: bool = False
) -> Part:
    """The `most` nearest that fit of the `look` nearest that were found, the last ones where it goes `back`.

    `found`: in the queue's order, and one more than `look` where there are so many: then there is a page beyond.
    """
    near = found[::-1] if back else found
    seen = near[:look]
    fit = [alert for alert in seen if fits(alert)]
    shown = fit[:most]
    last = shown[-1] if len(fit) > most else seen[-1] if len(near) > look else None
    here, beyond = (place(one, now) if one else None for one in (seen[0] if seen else None, last))
    return Part(tuple(shown[::-1]), beyond, here) if back else Part(tuple(shown), here, beyond)


def written(edge: Place) -> str:
    """A place as an address has it: '1.1795207600000.1795207000000.K2A', times in milliseconds since 1970."""
    rank, deadline, raised, ref = edge
    return f"{rank}.{(deadline - _BEGAN) // _MS}.{(raised - _BEGAN) // _MS}.{ref}"


def read(text: str) -> Place | None:
    """None where it is no place."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    rank, deadline, raised, ref = found.groups()
    return int(rank), _BEGAN + int(deadline) * _MS, _BEGAN + int(raised) * _MS, ref
