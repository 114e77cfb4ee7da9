"""What the team may put on record about the two of them, for the case page: what stands, and what may be done. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from escalation.ports import Case, Recording
from flows.engine.conversation import Fact
from flows.safety.recorded import VALUES

FACTS: tuple[Fact, ...] = get_args(Fact)


@dataclass(frozen=True, slots=True)
class Record:
    """One fact: what `stands` of it, and the values that may be recorded now ('' takes back). `asked`: has she said."""

    fact: Fact
    stands: Recording | None
    values: tuple[str, ...]
    asked: str = ""


def records(case: Case) -> tuple[Record, ...]:
    """The desk has the last word; what it would surely refuse is not offered."""
    stands = {one.fact: one for one in case.recorded}
    return tuple(_record(fact, stands.get(fact), case, stands) for fact in FACTS)


def _record(fact: Fact, stands: Recording | None, case: Case, all_: dict[Fact, Recording]) -> Record:
    values = tuple(value for value in VALUES[fact] if stands is None or value != stands.value)
    if fact == "negotiated_exit" and "no_contact_order" in all_:
        values = ()
    if fact == "programme_news" and case.contact.programme_news != "yes":
        values = ()
    taken_back = ("",) if stands else ()
    asked = "" if fact != "programme_news" else case.contact.programme_news or "unasked"
    return Record(fact, stands, values + taken_back, asked)
