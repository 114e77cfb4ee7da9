"""What can be measured of the look: contrast by day and by night, sizes, and the states that need no colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import escalation.console

STATIC = Path(escalation.console.__file__).parent / "static"
TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
STYLE = (STATIC / "console.css").read_text(encoding="utf-8") + (STATIC / "talk.css").read_text(encoding="utf-8")
STYLE += (STATIC / "sheets.css").read_text(encoding="utf-8")
TEXT, EDGE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block))


DAY = tokens(TOKENS.split("@media")[0])
NIGHT = DAY | tokens(TOKENS.split("@media")[1])


def light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


PAIRS = [
    *[(ink, ground, TEXT) for ink in ("ink", "soft", "accent") for ground in ("paper", "card")],
    *[(tier, "card", TEXT) for tier in ("p0", "p1", "p2", "p3")],
    *[("ink", ground, TEXT) for ground in ("sunk", "wash", "p0-wash", "p1-wash", "warn-wash", "hers", "ours", "mine")],
    *[("soft", ground, TEXT) for ground in ("hers", "ours", "mine", "sunk")],
    ("p0", "p0-wash", TEXT),
    ("p1", "p1-wash", TEXT),
    ("p1", "hers", TEXT),
    ("do-ink", "do", TEXT),
    ("do-ink", "do-over", TEXT),
    *[("edge", ground, EDGE) for ground in ("paper", "card")],
    *[("accent", ground, EDGE) for ground in ("sunk", "wash")],
]


@pytest.mark.parametrize(("one", "other", "least"), PAIRS)
@pytest.mark.parametrize("palette", [DAY, NIGHT], ids=["day", "night"])
def test_contrast(palette: dict[str, str], one: str, other: str, least: float) -> None:
    assert contrast(palette[one], palette[other]) >= least


def test_the_night_has_no_bright_surface() -> None:
    """A worker woken at 3 a.m. is not blinded: the brightest ground is a button, at a tenth of white."""
    inks = {"ink", "soft", "edge", "accent", "do-ink", "p0", "p1", "p2", "p3"}
    assert max(light(NIGHT[name]) for name in DAY.keys() - inks) < 0.13


def test_no_text_is_smaller_than_16_pixels() -> None:
    sizes = re.findall(r"font-size:\s*([^;}]+)", STYLE) + re.findall(r"font:[^;]*?(\d[\d.]*(?:px|rem))", STYLE)
    for size in sizes:
        given = re.match(r"([\d.]+)(px|rem|pt)", size)
        if given is None:
            assert size.strip() in ("var(--text)", "var(--lead)", "var(--large)")
        elif given[2] != "pt":
            assert float(given[1]) * (16 if given[2] == "rem" else 1) >= 15


def test_what_is_touched_is_44_pixels_high() -> None:
    assert "--touch: 2.75rem" in TOKENS
    for rule in (r"button, \.button", r"input:not[^{]*"):
        assert re.search(rule + r" \{[^}]*min-height: var\(--touch\)", STYLE)


def test_focus_is_never_hidden_and_motion_is_only_for_those_who_like_it() -> None:
    assert re.search(r":focus-visible[^{}]* { outline: 3px solid", STYLE)
    assert set(re.findall(r"([^{}\n]+)\{[^}]*outline:\s*none", STYLE)) == {"main:focus "}  # a target of the skip link
    before, _, moving = STYLE.partition("@media (prefers-reduced-motion: no-preference)")
    assert "transition" not in before
    assert "animation" not in before
    assert "transition" in moving


def test_no_colour_stands_outside_of_the_tokens() -> None:
    """Save paper's own white and black, a phone's bezel, and shadows."""
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", STYLE)) <= {"#fff", "#000", "#888", "#26261f"}


def test_nothing_is_laid_out_for_one_direction_only() -> None:
    side = r"(?:left|right)"
    sided = rf"(?:margin|padding|border)-{side}\b|text-align:\s*{side}|[;{{ ]{side}:"
    assert re.findall(sided, STYLE) == []
