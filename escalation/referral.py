"""What of a case may be given to another service, and what of it a worker gives: never more than was chosen. Pure.

Rowan itself sends nothing: the page is printed. Never offered, whatever is chosen: her address and number, the words
she set, where a plan item is kept for her by a worker, what she answered somebody independent, what staff wrote for
themselves, anything of the partner's programme, agencies that she has not agreed to, and words of hers, or of staff on
file, that hold a number, a link or an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from escalation.basis import NO_BASIS, NO_RECEIVER, Basis, refuses
from escalation.ports import Refused
from flows.safety.traces import leaves_traces

# In the order of the page. `safe`: how she can be reached; `result`: what an instrument gave, and its grounds.
Kind = Literal["safe", "result", "answer", "record", "order", "agency", "goal", "plan", "since"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Where it comes from: she in the chat, she to a worker, a worker saw it, another service, the record that staff keep.
Origin = Literal["chat", "her", "seen", "service", "record"]
# What the worker writes for this receiver alone, with its longest: together they fit into a form in any script.
WRITTEN: Mapping[str, int] = {"ask": 600, "grounds": 1200, "children": 800, "reach": 500}
Handed = Literal["in_person", "post", "portal", "phone"]  # by the worker's own hand: nothing goes out from here
HANDED: tuple[Handed, ...] = get_args(Handed)
LONGEST = {"to": 120, "why": 500, "word": 500}  # characters
MOST_FIELDS = 150  # of one page
LATEST_RECEIPT = timedelta(days=60)
MORNING = time(9)  # of the day after: nobody is woken for a receipt

NO_HANDED = "Say how it gets there."
NO_SUCH_RECEIVER = "There is no such receiver."
NOTHING = "Choose or write something to give."
TOO_LONG = "Too much for one page. Choose fewer fields, or say it in fewer words."
HOLDS_NUMBER = "What you wrote holds a number, a link or an address. Look again, and say that none of it is hers."
NO_DAY = "Ask for the receipt on a day from today on, within two months."
NO_PACK = "There is no such entry."
ARRIVED = "Its receipt is here already."


@dataclass(frozen=True, slots=True)
class Receiver:
    """`name`: a programme's own word for it, '' where it ships. `gives`: kinds or fields, chosen to begin with."""

    id: str
    name: str
    gives: frozenset[str]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be given. `id`: its kind, then what it is, with dots. `hers`: words that she wrote.

    `typed`: what of it staff wrote on file in their own words.
    """

    id: str
    label: str
    value: str
    origin: Origin
    at: datetime | None = None
    hers: bool = False
    about: str = ""  # the instrument that it belongs to, in words
    typed: str = ""

    @property
    def kind(self) -> str:
        return self.id.split(".")[0]


@dataclass(frozen=True, slots=True)
class Pack:
    """What is given: `fields` by id, and what the worker wrote for it (keys of WRITTEN).

    `to`: who exactly; `why`: why without her consent; `receipt`: the day on which it is asked for, if it is.
    """

    receiver: str
    to: str
    basis: Basis
    fields: tuple[str, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    handed: Handed = "in_person"
    receipt: date | None = None
    checked: bool = False  # the worker has looked at the figures in their words: none is hers


def offered(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Without words of hers or of staff that hold a number, a link or an address; in the order of the page."""
    may = [one for one in fields if not leaves_traces(one.value if one.hers else one.typed)]
    return tuple(sorted(may, key=lambda one: KINDS.index(one.kind)))


def at_first(receiver: Receiver, fields: Iterable[Field]) -> frozenset[str]:
    """The ids that are chosen before a worker has chosen."""
    return frozenset(one.id for one in fields if any(_within(one.id, each) for each in receiver.gives))


def _within(id_: str, gives: str) -> bool:
    return id_ == gives or id_.startswith(f"{gives}.")


def given(fields: Sequence[Field], chosen: Iterable[str]) -> tuple[Field, ...]:
    """Just those that were chosen; an id that is not offered gives nothing."""
    wanted = frozenset(chosen)
    return tuple(one for one in fields if one.id in wanted)


def overdue_at(receipt: date, zone: ZoneInfo) -> datetime:
    """When somebody asks where it is: its day is over."""
    return datetime.combine(receipt + timedelta(days=1), MORNING, zone)


def fit(pack: Pack, known: Iterable[str], now: datetime) -> Pack:
    """As it is kept. `known`: the receivers. Raises Refused with a sentence for the worker."""
    words = {name: pack.words.get(name, "").strip() for name in WRITTEN}
    pack = replace(pack, to=pack.to.strip(), why=pack.why.strip(), words={n: w for n, w in words.items() if w})
    why = _refuses(pack, frozenset(known), now)
    if why:
        raise Refused(why)
    return pack


def _refuses(pack: Pack, known: frozenset[str], now: datetime) -> str:
    if pack.receiver not in known:
        return NO_SUCH_RECEIVER
    if not (pack.fields or pack.words):
        return NOTHING
    too_long = any(len(words) > WRITTEN[name] for name, words in pack.words.items())
    if too_long or len(pack.to) > LONGEST["to"] or len(pack.why) > LONGEST["why"] or len(pack.fields) > MOST_FIELDS:
        return TOO_LONG
    if not pack.checked and any(leaves_traces(words) for words in pack.words.values()):
        return HOLDS_NUMBER
    if pack.basis == "none" or not pack.to:
        return NO_BASIS if pack.to else NO_RECEIVER
    without = refuses(pack.basis, pack.to, pack.why)
    if without:
        return without
    if pack.handed not in HANDED:
        return NO_HANDED
    today = now.date()
    if pack.receipt is not None and not today - timedelta(days=1) <= pack.receipt <= today + LATEST_RECEIPT:
        return NO_DAY
    return ""
