"""An instrument with items, spelled out as what there is already: rules, and a flow that asks one item a message.

Both are documents again, whose words know their place in the instrument's own file. So compiling, lint, translation,
drawing and transcripts need to know nothing of items, and a fault in them is told at the line where it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flows.authoring.fit import fit, refused
from flows.authoring.instrument_checks import problems
from flows.authoring.instrument_file import InstrumentFile, ItemFile
from flows.authoring.nodes import Document, Listing, Node, Place, Scalar, Table
from flows.engine.forms import USUAL
from flows.engine.model import Tier

FINE = "no"  # what a duress word answers to an item with the usual answers
BEGIN = {"yes": "We can begin", "no": "Not now"}
GO_ON = {"yes": "Go on", "no": "Enough for now"}

_At = Mapping[str, Node]


def spelled_out(document: Document) -> Document:
    """The same document, with the rules that its items and bands stand for behind its own. Raises AuthorError."""
    file = fit(document, InstrumentFile)
    if file.items is None:
        return document
    refused(list(problems(document, file)))
    written = document.node("rules")
    own = list(written.items) if isinstance(written, Listing) else []
    place = document.at("items") if written is None else written.place
    rules = Listing(place, [*own, *_triggers(document, file), *_bands(document, file)])
    root = document.root
    return Document(document.file, Table(root.place, {**root.entries, "rules": rules}, root.keys))


# rules


def _triggers(document: Document, file: InstrumentFile) -> Iterator[Table]:
    """An item's own tier acts alone, whatever the score."""
    for number, item in enumerate(file.items or ()):
        node = document.node("items", number)
        for answer, tier in tiers_of(item).items():
            several = item.tiers is not None
            path = ("tiers", answer) if several else ("tier",)
            place = document.at("items", number, *path)
            rule = f"{file.instrument}.{item.id}" + (f".{answer}" if several else "")
            says = _entry(node, "says") or Scalar(f"“{item.ask}” {answers_of(item)[answer]}", place)
            yield _rule(place, rule, tier, f"{item.id} == '{answer}'", says)


def _bands(document: Document, file: InstrumentFile) -> Iterator[Table]:
    """Each holds from its first point up to the next band; the lowest says something once an item was answered."""
    bands = file.bands or ()
    for number, band in enumerate(bands):
        above = bands[number + 1].low if number + 1 < len(bands) else None
        parts = [f"score.total >= {band.low}"] if band.low else [f"score.unanswered < {len(file.items or ())}"]
        parts += [] if above is None else [f"score.total < {above}"]
        node, place = document.node("bands", number), document.at("bands", number, "from")
        says = _entry(node, "says") or Scalar("", place)
        yield _rule(place, f"{file.instrument}.from_{band.low}", band.tier, " && ".join(parts), says)


def _rule(place: Place, name: str, tier: Tier, when: str, says: Node) -> Table:
    words = {"id": name, "tier": tier, "when": when}
    return _table(place, {key: Scalar(text, place) for key, text in words.items()} | {"says": says})


def tiers_of(item: ItemFile) -> dict[str, Tier]:
    return dict(item.tiers or ({"yes": item.tier} if item.tier else {}))


def points_of(item: ItemFile) -> dict[str, int]:
    """One for yes, unless the item says otherwise."""
    return dict(item.weights or {"yes": 1 if item.weight is None else item.weight})


def answers_of(item: ItemFile) -> dict[str, str]:
    return dict(item.answers or USUAL)


# the flow


def flow_document(document: Document) -> Document | None:
    """The flow of an instrument with items; None for one that weighs another flow. Raises AuthorError."""
    file = fit(document, InstrumentFile)
    if file.items is None:
        return None
    root = document.root
    name, about = root.entries["instrument"], root.entries.get("about", root.entries["source"])
    top: dict[str, Node] = {"flow": name, "about": about, "watch": name}
    if "schedule" in root.entries:
        top["schedule"] = root.entries["schedule"]
    top["start"] = Scalar("opening", document.at("opening"))
    steps = dict(_steps(document, file))
    keys = {name: step.place for name, step in steps.items()}
    top["steps"] = Table(document.at("items"), dict(steps), keys)
    own = {key: root.keys[name] for key, name in _KEYS.items() if name in root.keys}
    return Document(document.file, Table(root.place, top, own))


_KEYS = {"flow": "instrument", "about": "about", "watch": "instrument", "schedule": "schedule", "start": "opening"}


def _steps(document: Document, file: InstrumentFile) -> Iterator[tuple[str, Table]]:
    """Permission first, one item a message, a rest half way, last words that are the same for every score."""
    items = file.items or []
    order = [item.id for item in items]
    half = (len(order) + 1) // 2
    if file.rest is not None:
        order.insert(half, "rest")
    after = dict(zip(order, [*order[1:], "weigh"], strict=True))
    yield "opening", _permission(document, "opening", BEGIN, order[0], "not_now")
    for number, item in enumerate(items):
        if number == half and file.rest is not None:
            yield "rest", _permission(document, "rest", GO_ON, after["rest"], "weigh")
        yield item.id, _item(document, number, item, after[item.id])
    end = document.at("closing")
    yield "weigh", _words(end, assess=file.instrument, next="closing")
    yield "closing", _table(end, {"end": document.root.entries["closing"]})
    yield "not_now", _words(document.at("opening"), end="", later="true")


def _permission(document: Document, key: str, labels: Mapping[str, str], on: str, off: str) -> Table:
    """A duress word says the no: nothing more is asked in front of somebody else."""
    place = document.at(key)
    ways = _words(place, yes=on, **{"else": off})
    step: dict[str, Node] = {"choices": _words(place, **labels), "fine": Scalar("no", place), "next": ways}
    return _table(place, {"ask": document.root.entries[key]} | step)


def _item(document: Document, number: int, item: ItemFile, following: str) -> Table:
    node = document.node("items", number)
    place = document.at("items", number, "id")
    step: dict[str, Node] = {
        "ask": _entry(node, "ask") or Scalar(item.ask, place),
        "choices": _entry(node, "answers") or _words(document.at("items", number, "ask"), **USUAL),
        "next": Scalar(following, place),
    }
    fine = _entry(node, "fine") or (Scalar(FINE, place) if item.answers is None else None)
    return _table(place, step | ({"fine": fine} if fine else {}))


def _entry(node: Node | None, key: str) -> Node | None:
    return node.entries.get(key) if isinstance(node, Table) else None


def _words(place: Place, **words: str) -> Table:
    return _table(place, {key: Scalar(text, place, True) for key, text in words.items()})


def _table(place: Place, entries: Mapping[str, Node]) -> Table:
    return Table(place, dict(entries), {key: node.place for key, node in entries.items()})
