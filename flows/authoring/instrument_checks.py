"""What is wrong in an instrument with items before it is spelled out, and what keeps a sound one from running."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from flows.authoring.findings import Finding
from flows.authoring.fit import did_you_mean
from flows.authoring.instrument_file import InstrumentFile, ItemFile
from flows.authoring.nodes import Document, Table
from flows.engine.model import Instrument

TAKEN = frozenset(
    {"opening", "rest", "weigh", "closing", "not_now"}  # steps of the flow that an instrument becomes
    | {"score", "risk", "previous", "plan", "contact", "days"}  # what conditions read beside answers
)
GROUPS_TAKEN = frozenset({"total", "unanswered"})
MOST_AT_A_STRETCH = 8  # items asked without a rest; the idle lock and a bus ride are both about five minutes


def problems(document: Document, file: InstrumentFile) -> Iterator[Finding]:
    """In the order of the file's parts."""
    items = file.items or []
    seen: set[str] = set()
    for number, item in enumerate(items):
        yield from _names(document, number, item, seen)
        yield from _answers(document, number, item)
        seen.add(item.id)
    yield from _unfilled(document, file)
    if len(items) > MOST_AT_A_STRETCH and file.rest is None:
        problem = f"{len(items)} items are asked without a rest, and {MOST_AT_A_STRETCH} is the most"
        yield document.finding(document.key("items"), problem, "Add `rest:` with words that ask whether to go on")
    yield from _bands(document, file)
    if file.rules is None and file.bands is None and not any(item.tier or item.tiers for item in items):
        hint = "Add `bands`, `rules`, or a `tier` to an item"
        yield document.finding(document.key("items"), "nothing that is answered here would ever be acted on", hint)


def _names(document: Document, number: int, item: ItemFile, seen: Collection[str]) -> Iterator[Finding]:
    place = document.at("items", number, "id")
    if item.id in seen:
        yield document.finding(place, f"the item {item.id} is here a second time", "Give each an id of its own")
    if item.id in TAKEN:
        yield document.finding(place, f"an item cannot be called {item.id}", "Choose another name")
    if item.group in GROUPS_TAKEN:
        place = document.at("items", number, "group")
        yield document.finding(place, f"a group cannot be called {item.group}", "Choose another name")


def _unfilled(document: Document, file: InstrumentFile) -> Iterator[Finding]:
    """Her texts hold no placeholder: nothing of a score is ever shown to her (SAFETY 33)."""
    texts: list[tuple[str | None, tuple[str | int, ...]]] = [
        (file.opening, ("opening",)),
        (file.rest, ("rest",)),
        (file.closing, ("closing",)),
        *((item.ask, ("items", number, "ask")) for number, item in enumerate(file.items or ())),
    ]
    for text, path in texts:
        if text is not None and "{" in text:
            hint = "Write the words out. A score is never shown to her"
            yield document.finding(document.at(*path), "nothing is filled in here", hint)


def _answers(document: Document, number: int, item: ItemFile) -> Iterator[Finding]:
    """Points and tiers belong to answers that there are."""
    known = item.answers or {"yes": "", "no": "", "unsure": ""}
    for one, many in (("weight", "weights"), ("tier", "tiers")):
        given, table = getattr(item, one) is not None, getattr(item, many)
        if given and table is not None:
            place = document.key("items", number, many)
            yield document.finding(place, f"`{one}` and `{many}` are both here", "Keep one of the two")
        if given and "yes" not in known:
            place = document.key("items", number, one)
            hint = f"Name the answers: `{many}: {{{next(iter(known))}: …}}`"
            yield document.finding(place, f"`{one}` is that of the answer yes, which is not offered here", hint)
        for answer in table or ():
            if answer not in known:
                place = document.key("items", number, many, answer)
                yield document.finding(place, f"`{answer}` is no answer to {item.id}", did_you_mean(answer, known))


def _bands(document: Document, file: InstrumentFile) -> Iterator[Finding]:
    most = sum(_most(item) for item in file.items or ())
    before = -1
    for number, band in enumerate(file.bands or ()):
        place = document.at("bands", number, "from")
        if band.low <= before:
            hint = "Write the bands from the lowest to the highest"
            yield document.finding(place, f"this band begins at {band.low}, not above the one before", hint)
        if band.low > most:
            hint = "Compare it with the weights"
            yield document.finding(place, f"all answers together give {most} points, so never {band.low}", hint)
        before = band.low


def _most(item: ItemFile) -> int:
    if item.weights:
        return max(item.weights.values())
    return 1 if item.weight is None else item.weight


# licences


def licence(instrument: Instrument, document: Document, today: date) -> Iterator[Finding]:
    """Why an instrument does not run on this day. It is told to authors and operators; the service runs without it."""
    why, known = instrument.licence.refuses(today), instrument.licence
    if why:
        table = document.node("licence")
        blank = isinstance(table, Table) and "permission" in table.entries
        key = "until" if known.permission else "permission" if blank else "holder"
        what = "the new last day as `until`" if known.permission else "the reference as `permission`"
        place, hint = document.at("licence", key), f"Ask {known.holder} and write {what}"
        yield document.finding(place, f"`{instrument.name}` does not run: {why}", hint)
