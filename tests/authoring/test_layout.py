"""Drawings: nothing covers anything, arrows go where they should, and every word of the flow can be found in them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.authoring.compile import compile_text
from flows.authoring.content import read_content
from flows.authoring.draw import draw
from flows.authoring.findings import AuthorError
from flows.authoring.layout import Layout, Link, Size, Spot, lay_out
from flows.authoring.load import SHIPPED
from flows.authoring.mermaid import mermaid
from flows.authoring.svg import svg

HERE = Path(__file__).parent / "every_kind"
NAMES = [f"s{number}" for number in range(9)]
SHIPPED_FLOWS = [flow.value for flow in read_content([SHIPPED]).flows.values()]

sizes = st.builds(Size, st.floats(20, 300), st.floats(20, 150))
labels = st.builds(Size, st.floats(0, 120), st.floats(0, 50))
links = st.lists(
    st.builds(Link, st.sampled_from(NAMES), st.sampled_from(NAMES), labels).filter(lambda link: link.start != link.end),
    max_size=20,
    unique_by=lambda link: (link.start, link.end),
)


def covers(a: Spot, b: Spot) -> bool:
    across = abs(a.x - b.x) < (a.size.width + b.size.width) / 2 - 0.01
    down = abs(a.y - b.y) < (a.size.height + b.size.height) / 2 - 0.01
    return across and down and bool(a.size.width and b.size.width and a.size.height and b.size.height)


def things(layout: Layout) -> list[Spot]:
    return [*layout.boxes.values(), *(way.label for way in layout.ways)]


@given(st.lists(sizes, min_size=9, max_size=9), links)
def test_nothing_covers_anything(boxes: list[Size], links: list[Link]) -> None:
    layout = lay_out(dict(zip(NAMES, boxes, strict=True)), links, "s0")
    assert not [(a, b) for a, b in combinations(things(layout), 2) if covers(a, b)]


@given(st.lists(sizes, min_size=9, max_size=9), links)
def test_everything_is_inside_the_picture(boxes: list[Size], links: list[Link]) -> None:
    layout = lay_out(dict(zip(NAMES, boxes, strict=True)), links, "s0")
    for spot in things(layout):
        assert spot.x - spot.size.width / 2 >= -0.01
        assert spot.x + spot.size.width / 2 <= layout.size.width + 0.01
        assert spot.top >= -0.01
        assert spot.bottom <= layout.size.height + 0.01


@given(st.lists(sizes, min_size=9, max_size=9), links)
def test_every_arrow_goes_from_its_box_to_its_box(boxes: list[Size], links: list[Link]) -> None:
    layout = lay_out(dict(zip(NAMES, boxes, strict=True)), links, "s0")
    for link, way in zip(links, layout.ways, strict=True):
        for end, name in ((way.spots[0], link.start), (way.spots[-1], link.end)):
            box = layout.boxes[name]
            assert (end.y, end.size) == (box.y, box.size)
            assert abs(end.x - box.x) <= box.size.width / 2
        ys = [spot.y for spot in way.spots]
        assert ys == sorted(ys, reverse=way.back)


@given(links)
def test_without_circles_every_arrow_leads_down(links: list[Link]) -> None:
    falling = [link for link in links if link.start < link.end]
    assert not any(way.back for way in lay_out(dict.fromkeys(NAMES, Size(80, 40)), falling, "s0").ways)


@given(links)
def test_the_same_flow_is_drawn_the_same(links: list[Link]) -> None:
    boxes = dict.fromkeys(NAMES, Size(80, 40))
    assert lay_out(boxes, links, "s0") == lay_out(boxes, links, "s0")


def test_a_row_of_steps_stands_straight() -> None:
    row = [Link(a, b) for a, b in pairwise(NAMES)]
    layout = lay_out({name: Size(60 + 10 * number, 40) for number, name in enumerate(NAMES)}, row, "s0")
    assert len({round(box.x, 3) for box in layout.boxes.values()}) == 1


# pictures


@pytest.mark.parametrize("flow", SHIPPED_FLOWS, ids=lambda flow: flow.name)
def test_what_ships_is_drawn_whole(flow: object) -> None:
    picture = svg(flow)  # type: ignore[arg-type]
    root = ET.fromstring(picture)  # noqa: S314 - our own text
    written = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert set(flow.steps) <= set(written)  # type: ignore[attr-defined]
    assert "prefers-color-scheme:dark" in picture


TRICKY = """\
flow: tricky
about: Signs that mean something to a picture <or> to "Mermaid" & others.
start: a
steps:
  a:
    ask: "1 < 2 & \\"three\\" `four` #5?"
    choices: {yes: "<b>yes</b>", no: "no & no"}
    fine: yes
    next: {yes: end, no: a, else: b}
  b: {branch: [{when: "a == 'yes' && days.joined > 3", go: end}, {go: end}]}
  end: {end: ""}
"""


def test_signs_are_written_and_not_obeyed() -> None:
    flow = compile_text("tricky", TRICKY)
    root = ET.fromstring(svg(flow))  # noqa: S314 - our own text
    texts = " ".join(element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text"))
    assert '1 < 2 & "three" `four` #5?' in texts
    assert "<b>yes</b>" in texts


def test_mermaid_knows_every_step_and_every_way() -> None:
    text = mermaid(compile_text("tricky", TRICKY))
    assert text.startswith("flowchart TD\n  start(( )) --> s_a\n")
    assert 's_a -->|"#lt;b#gt;yes#lt;/b#gt;"| s_end' in text
    assert 's_a -->|"no & no"| s_a' in text
    assert "s_b -->|\"a == 'yes' && days.joined #gt; 3<br>else\"| s_end" in text
    assert '#quot;three#quot; #96;four#96; #35;5?")' in text


def test_a_flow_is_drawn_by_its_name() -> None:
    assert draw("checkin", "svg", [HERE]).startswith("<svg")
    assert draw("checkin", "mermaid", [HERE]).startswith("flowchart")


def test_a_flow_that_is_not_there_is_told() -> None:
    with pytest.raises(AuthorError, match=r"There is no flow chekin\. Did you mean `checkin`"):
        draw("chekin", "svg", [HERE])
