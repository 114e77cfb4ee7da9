"""A flow as Mermaid text, which repositories and wikis draw by themselves."""

from __future__ import annotations

from flows.authoring.picture import Arrow, Box, arrows, boxes
from flows.engine.model import Flow

# What stands around a box's text, by kind: Mermaid's own shapes.
_SHAPES = {
    "ask": ("(", ")"),
    "say": (">", "]"),
    "set": ("[/", "/]"),
    "branch": ("{{", "}}"),
    "assess": ("{", "}"),
    "call": ("[[", "]]"),
    "call_due": ("[[", "]]"),
    "offer_plan": ("[(", ")]"),
    "find": ("[(", ")]"),
    "hand_to_worker": ("[\\", "/]"),
    "end": ("([", "])"),
}
# Mermaid takes these for its own signs even inside quotation marks; entities are its way of writing them.
_SIGNS = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\\": "#92;"}


def mermaid(flow: Flow) -> str:
    """A flowchart, top to bottom; ids are the steps' names behind `s_`, for `end` is a word of Mermaid's."""
    lines = ["flowchart TD", f"  start(( )) --> {_id(flow.start)}"]
    lines += [f"  {_box(box)}" for box in boxes(flow)]
    lines += [f"  {_arrow(arrow)}" for arrow in arrows(flow)]
    return "\n".join(lines) + "\n"


def _id(name: str) -> str:
    return f"s_{name}"


def _box(box: Box) -> str:
    left, right = _SHAPES[box.kind]
    text = "<br>".join([f"<b>{box.name}</b> {box.caption}", *map(_escaped, box.text.splitlines())])
    return f'{_id(box.name)}{left}"{text}"{right}'


def _arrow(arrow: Arrow) -> str:
    label = f'|"{"<br>".join(map(_escaped, arrow.labels))}"|' if arrow.labels else ""
    return f"{_id(arrow.start)} -->{label} {_id(arrow.end)}"


def _escaped(text: str) -> str:
    return "".join(_SIGNS.get(letter, letter) for letter in " ".join(text.split()))
