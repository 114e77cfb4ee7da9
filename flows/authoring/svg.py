"""A flow as a picture: SVG that stands alone, follows the light or dark of its reader, and prints."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import pairwise
from textwrap import wrap

from flows.authoring.layout import Layout, Link, Size, Spot, Way, lay_out
from flows.authoring.picture import Arrow, Box, arrows, boxes
from flows.engine.model import Flow

MARGIN = 28.0
PAD_X, PAD_Y = 16.0, 12.0
NAME, TEXT, LABEL = 13.0, 13.0, 12.0  # font sizes, pixels
LINE = 1.38  # of the font size
WIDEST_TEXT, WIDEST_LABEL = 208.0, 150.0
MOST_LINES = 7
NARROWEST = 8  # letters in a line
LOOP = 26.0  # room beside a box for an arrow that comes back to it

STYLE = """
svg{--paper:#f6f5f2;--card:#fff;--ink:#1d2126;--soft:#5b636d;--line:#cbc6bb;--way:#8a8f94;--accent:#2f5d50;
 --asks:#eef4f1;--quiet:#efede8;--act:#fdf0e4;--alarm:#c25a12;background:var(--paper)}
@media (prefers-color-scheme:dark){svg{--paper:#14171a;--card:#1c2024;--ink:#e8e6e1;--soft:#a0a7af;--line:#3a4148;
 --way:#7c848c;--accent:#7fb8a6;--asks:#1b2724;--quiet:#22262a;--act:#33240f;--alarm:#f2a25c}}
text{font-family:ui-sans-serif,system-ui,"Segoe UI","Noto Sans",sans-serif;fill:var(--ink)}
.title{font-size:20px;font-weight:650}.about,.caption,.label{fill:var(--soft)}.about{font-size:13px}
.name{font-size:13px;font-weight:650}.caption{font-size:12px}.text{font-size:13px}.label{font-size:12px}
.box{fill:var(--card);stroke:var(--line);stroke-width:1.2}.inner{fill:none;stroke:var(--line);stroke-width:1.2}
.ask .box{fill:var(--asks);stroke:var(--accent);stroke-width:1.6}
.offer_plan .box,.find .box{fill:var(--asks);stroke:var(--accent)}.offer_plan .inner,.find .inner{stroke:var(--accent)}
.set .box,.branch .box,.assess .box{fill:var(--quiet)}
.hand_to_worker .box{fill:var(--act);stroke:var(--alarm);stroke-width:1.6}
.end .box{stroke:var(--ink);stroke-width:2.4}
.way{fill:none;stroke:var(--way);stroke-width:1.4;stroke-linejoin:round}.back{stroke-dasharray:5 4}
.under{fill:var(--paper)}.tip{fill:var(--way)}.start{fill:var(--accent)}
@media print{svg{--paper:#fff}}
"""


def svg(flow: Flow) -> str:
    """The flow drawn from top to bottom; every text is a text, so it can be searched and read aloud."""
    drawn = {box.name: box for box in boxes(flow)}
    lines = {name: _lines(box) for name, box in drawn.items()}
    between = [arrow for arrow in arrows(flow) if arrow.start != arrow.end]
    loops = [arrow for arrow in arrows(flow) if arrow.start == arrow.end]
    labels = [_label_lines(arrow) for arrow in between]
    sizes = {name: _beside(_size(drawn[name], lines[name]), name, loops) for name in drawn}
    links = [Link(a.start, a.end, _label_size(text)) for a, text in zip(between, labels, strict=True)]
    layout = lay_out(sizes, links, flow.start)
    parts = [_way(way) for way in layout.ways]
    parts += [_box(drawn[name], lines[name], _narrowed(layout.boxes[name], name, loops)) for name in drawn]
    parts += [_loop(arrow, _narrowed(layout.boxes[arrow.start], arrow.start, loops)) for arrow in loops]
    parts += [_label(text, way.label) for text, way in zip(labels, layout.ways, strict=True) if text]
    parts.append(_start(layout.boxes[flow.start]))
    return _page(flow, layout, parts)


def _page(flow: Flow, layout: Layout, parts: list[str]) -> str:
    width = max(layout.size.width, 360.0)
    about = _wrapped(flow.about, min(width, 640.0), TEXT)
    top = 34 + len(about) * TEXT * LINE + 40
    height = top + layout.size.height + 2 * MARGIN
    head = _text(flow.name, 0, 18, "title") + "".join(
        _text(line, 0, 42 + row * TEXT * LINE, "about") for row, line in enumerate(about)
    )
    across = (width - layout.size.width) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="name about" '
        f'viewBox="0 0 {_n(width + 2 * MARGIN)} {_n(height)}" width="{_n(width + 2 * MARGIN)}" height="{_n(height)}">\n'
        f'<title id="name">{escape(flow.name)}</title>\n<desc id="about">{escape(flow.about)}</desc>\n'
        f"<style>{STYLE}</style>\n"
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
        '<path class="tip" d="M0 1L10 5L0 9z"/></marker></defs>\n'
        f'<g transform="translate({_n(MARGIN)} {_n(MARGIN)})">{head}</g>\n'
        f'<g transform="translate({_n(MARGIN + across)} {_n(MARGIN + top)})">\n' + "\n".join(parts) + "\n</g>\n</svg>\n"
    )


# boxes


def _lines(box: Box) -> list[str]:
    lines = _wrapped(box.text, WIDEST_TEXT, TEXT)
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1] + " …"]


def _size(box: Box, lines: list[str]) -> Size:
    head = _measure(box.name, NAME) * 1.06 + 10 + _measure(box.caption, LABEL)
    widest = max([head, *(_measure(line, TEXT) for line in lines)])
    slant = _SLANT.get(box.kind, 0.0)
    height = 2 * PAD_Y + NAME * LINE + len(lines) * TEXT * LINE + (4 if lines else 0)
    return Size(widest + 2 * PAD_X + 2 * slant, height)


_SLANT = {"branch": 12.0, "assess": 6.0, "set": 8.0, "call": 6.0, "call_due": 6.0, "end": 6.0, "hand_to_worker": 8.0}


def _box(box: Box, lines: list[str], spot: Spot) -> str:
    left, top = spot.x - spot.size.width / 2, spot.top
    x, y = left + PAD_X + _SLANT.get(box.kind, 0.0), top + PAD_Y + NAME
    caption_x = x + _measure(box.name, NAME) * 1.06 + 10
    texts = [_text(box.name, x, y, "name"), _text(box.caption, caption_x, y, "caption")]
    y += 4 + (TEXT - NAME)
    texts += [_text(line, x, y + (row + 1) * TEXT * LINE, "text") for row, line in enumerate(lines)]
    return f'<g class="{box.kind}">{_SHAPES[box.kind](left, top, spot.size)}{"".join(texts)}</g>'


def _rounded(radius: float) -> Callable[[float, float, Size], str]:
    def shape(x: float, y: float, size: Size) -> str:
        place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(size.width)}" height="{_n(size.height)}"'
        return f'<rect class="box" {place} rx="{_n(min(radius, size.height / 2))}"/>'

    return shape


def _bubble(x: float, y: float, size: Size) -> str:
    """What is said: a rounded box with a tail."""
    w, h = size.width, size.height
    return _path(f"M{_n(x + 10)} {_n(y)}h{_n(w - 20)}q10 0 10 10v{_n(h - 20)}q0 10 -10 10H{_n(x + 34)}l-14 9v-9"
                 f"h-10q-10 0 -10 -10v{_n(20 - h)}q0 -10 10 -10z")  # fmt: skip


def _corners(cut: float) -> Callable[[float, float, Size], str]:
    """A box whose corners are cut; cut to half its height it is a hexagon."""

    def shape(x: float, y: float, size: Size) -> str:
        w, h = size.width, size.height
        c, d = min(cut, h / 2), h / 2 if cut >= h / 2 else min(cut, h / 2)
        dx = min(c, 16.0)
        points = [
            (x + dx, y), (x + w - dx, y), (x + w, y + d), (x + w, y + h - d),
            (x + w - dx, y + h), (x + dx, y + h), (x, y + h - d), (x, y + d),
        ]  # fmt: skip
        return _path("M" + "L".join(f"{_n(a)} {_n(b)}" for a, b in points) + "z")

    return shape


def _leaning(x: float, y: float, size: Size) -> str:
    """What is written into the record: a parallelogram."""
    w, h = size.width, size.height
    return _path(f"M{_n(x + 10)} {_n(y)}H{_n(x + w)}L{_n(x + w - 10)} {_n(y + h)}H{_n(x)}z")


def _framed(x: float, y: float, size: Size) -> str:
    """Another flow: a box with a second line at both sides."""
    inner = f"M{_n(x + 7)} {_n(y)}v{_n(size.height)}M{_n(x + size.width - 7)} {_n(y)}v{_n(size.height)}"
    return _rounded(3)(x, y, size) + f'<path class="inner" d="{inner}"/>'


def _sheet(x: float, y: float, size: Size) -> str:
    """Something of her plan: a sheet with a folded corner."""
    w, h = size.width, size.height
    sheet = _path(f"M{_n(x)} {_n(y)}h{_n(w - 14)}l14 14v{_n(h - 14)}h{_n(-w)}z")
    return sheet + f'<path class="inner" d="M{_n(x + w - 14)} {_n(y)}v14h14"/>'


_SHAPES: dict[str, Callable[[float, float, Size], str]] = {
    "ask": _rounded(12),
    "say": _bubble,
    "set": _leaning,
    "branch": _corners(1000),
    "assess": _corners(10),
    "call": _framed,
    "call_due": _framed,
    "offer_plan": _sheet,
    "find": _sheet,
    "hand_to_worker": _rounded(22),
    "end": _rounded(22),
}


def _path(course: str) -> str:
    return f'<path class="box" d="{course}"/>'


# arrows


def _way(way: Way) -> str:
    """Straight past each rank, bent only between two of them."""
    points: list[tuple[float, float]] = []
    first, last = way.spots[0], way.spots[-1]
    points.append((first.x, first.top if way.back else first.bottom))
    for spot in way.spots[1:-1]:
        ends = (spot.bottom, spot.top) if way.back else (spot.top, spot.bottom)
        points += [(spot.x, ends[0]), (spot.x, ends[1])]
    points.append((last.x, last.bottom if way.back else last.top))
    course = f"M{_n(points[0][0])} {_n(points[0][1])}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (y + to_y) / 2
        bent = f"C{_n(x)} {_n(middle)} {_n(to_x)} {_n(middle)} {_n(to_x)} {_n(to_y)}"
        course += bent if abs(x - to_x) > 0.05 else f"V{_n(to_y)}"
    return f'<path class="way{" back" if way.back else ""}" d="{course}" marker-end="url(#tip)"/>'


def _label_lines(arrow: Arrow) -> list[str]:
    labels = _together(arrow.labels)
    return [line for label in labels for line in _wrapped(label, WIDEST_LABEL, LABEL)]


def _together(labels: tuple[str, ...]) -> list[str]:
    """Short reasons for one way go on one line: "Not sure, Not safe"."""
    found: list[str] = []
    for label in labels:
        if found and not _is_condition(label) and _measure(f"{found[-1]}, {label}", LABEL) <= WIDEST_LABEL:
            found[-1] = f"{found[-1]}, {label}"
        else:
            found.append(label)
    return found


def _is_condition(label: str) -> bool:
    return any(sign in label for sign in "=<>")


def _label_size(lines: list[str]) -> Size:
    if not lines:
        return Size()
    return Size(max(_measure(line, LABEL) for line in lines) + 8, len(lines) * LABEL * LINE + 2)


def _label(lines: list[str], spot: Spot) -> str:
    under = (
        f'<rect class="under" x="{_n(spot.x - spot.size.width / 2)}" y="{_n(spot.top)}" '
        f'width="{_n(spot.size.width)}" height="{_n(spot.size.height)}" rx="3"/>'
    )
    texts = "".join(
        _text(line, spot.x, spot.top + LABEL + row * LABEL * LINE, "label", middle=True)
        for row, line in enumerate(lines)
    )
    return under + texts


def _start(spot: Spot) -> str:
    return (
        f'<circle class="start" cx="{_n(spot.x)}" cy="{_n(spot.top - 32)}" r="6"/>'
        f'<path class="way" d="M{_n(spot.x)} {_n(spot.top - 26)}V{_n(spot.top)}" marker-end="url(#tip)"/>'
    )


# arrows from a box to itself stand at its right; the box is laid out wide enough for them


def _loop_width(name: str, loops: list[Arrow]) -> float:
    sizes = [_label_size(_label_lines(arrow)) for arrow in loops if arrow.start == name]
    return max((LOOP + size.width for size in sizes), default=0.0)


def _beside(size: Size, name: str, loops: list[Arrow]) -> Size:
    return Size(size.width + 2 * _loop_width(name, loops), size.height)


def _narrowed(spot: Spot, name: str, loops: list[Arrow]) -> Spot:
    return Spot(spot.x, spot.y, Size(spot.size.width - 2 * _loop_width(name, loops), spot.size.height))


def _loop(arrow: Arrow, spot: Spot) -> str:
    right, y = spot.x + spot.size.width / 2, spot.y
    out = right + LOOP * 1.2
    course = f"M{_n(right)} {_n(y + 10)}C{_n(out)} {_n(y + 16)} {_n(out)} {_n(y - 16)} {_n(right)} {_n(y - 10)}"
    lines = _label_lines(arrow)
    size = _label_size(lines)
    label = _label(lines, Spot(right + LOOP + size.width / 2, y, size)) if lines else ""
    return f'<path class="way back" d="{course}" marker-end="url(#tip)"/>{label}'


# text


def _text(text: str, x: float, y: float, kind: str, *, middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}"{anchor}>{escape(text)}</text>'


def _wrapped(text: str, width: float, size: float) -> list[str]:
    """Lines of at most `width`, as far as words allow."""
    return [line for each in text.splitlines() for line in _filled(each, width, size)]


def _filled(text: str, width: float, size: float) -> list[str]:
    letters = max(NARROWEST, int(width / (0.45 * size)))
    lines = wrap(text, letters, break_on_hyphens=False)
    while letters > NARROWEST and any(_measure(line, size) > width for line in lines):
        letters -= 1
        lines = wrap(text, letters, break_on_hyphens=False)
    return lines


def _measure(text: str, size: float) -> float:
    """About as wide as the usual sans-serif faces set it; rather too wide than too narrow."""
    return (
        sum(_WIDTH.get(letter, 0.66 if letter.isupper() else 0.56 if letter < "\u0300" else 0.62) for letter in text)
        * size
    )


_WIDTH = (
    dict.fromkeys("iljI.,:;'|!()[]", 0.31)
    | dict.fromkeys("ftr -/\"*", 0.37)
    | dict.fromkeys("mwMW@%&=<>", 0.88)
)  # fmt: skip


def _n(value: float) -> str:
    """Short numbers: a tenth of a pixel is fine enough."""
    return f"{value:.1f}".removesuffix(".0")
