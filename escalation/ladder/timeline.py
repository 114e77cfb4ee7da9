"""A tried ladder drawn as a timeline: rows from top to bottom, as text for the terminal and as SVG.

The words are given: English here for the command line, the reader's own in the console.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import chain
from typing import Literal
from zoneinfo import ZoneInfo

from escalation.ladder.policy import EVERYBODY
from escalation.ladder.trying import Paged, Reached, Tried

Kind = Literal["page", "nobody", "breach", "quiet"]

WIDTH = 360  # units: one is a pixel on the narrowest phone
TOP, ROW, BOTTOM = 20, 56, 12  # the first row's middle, from row to row, beneath the last
TIMES, RAIL, WORDS = 92, 110, 128  # where times end, where the line stands, where words begin
LONGEST = 27  # letters that fit beside the line; the table behind the drawing has them all
STYLE = (
    "text{font:15px system-ui,sans-serif;fill:#222}.when,.soft{fill:#666}.rail{stroke:#888;stroke-width:2}"
    ".quiet{stroke-dasharray:2 6}.page{fill:#1f5f43}.nobody{fill:#fff;stroke:#a1211c;stroke-width:3}"
    ".breach{fill:#a1211c}"
)


@dataclass(frozen=True, slots=True)
class Row:
    """`since`: '+2m'; `at`: '23:32'; `what` and `who`: two lines of words."""

    kind: Kind
    since: str
    at: str
    what: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """What stands in one row, before it has words."""

    kind: Kind
    at: datetime
    paged: Paged | None = None


def moments(tried: Tried) -> Iterator[Moment]:
    """In order of time: pages, the quiet hours that put one off, and by when somebody must have claimed."""
    breach = [Moment("breach", tried.breach)]
    for paged in tried.pages:
        if breach and tried.breach <= paged.at:
            yield breach.pop()
        if paged.waited_from is not None:
            yield Moment("quiet", paged.waited_from, paged)
        yield Moment("page" if paged.people else "nobody", paged.at, paged)
    yield from breach


def since(tried: Tried, at: datetime) -> str:
    return f"+{lasting(at - tried.raised)}"


def lasting(span: timedelta) -> str:
    """'0m', '1m 30s', '1d 20h': its two largest parts."""
    left, parts = round(span.total_seconds()), []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if left >= size:
            parts.append(f"{left // size}{unit}")
        left %= size
    return " ".join(parts[:2]) or "0m"


# in English, for the command line


def rows(tried: Tried) -> list[Row]:
    return [_row(tried, moment) for moment in moments(tried)]


def _row(tried: Tried, moment: Moment) -> Row:
    at, paged = clock(tried, moment.at), moment.paged
    if paged is None:
        return Row("breach", since(tried, moment.at), at, "should be claimed by now")
    if moment.kind == "quiet":
        return Row("quiet", since(tried, moment.at), at, f"quiet hours: waits until {clock(tried, paged.at)}")
    return Row(moment.kind, since(tried, moment.at), at, _what(tried, paged), people(paged.people) or NOBODY)


NOBODY = "nobody: no phone of anybody takes pages"


def _what(tried: Tried, paged: Paged) -> str:
    if paged.beyond_duty and paged.people:
        return "whoever can be reached, nobody on duty can"
    duties = "everybody on duty" if set(paged.step.who) == set(EVERYBODY) else ", ".join(paged.step.who)
    words = duties.replace("_", " ")
    return f"{words} (the step before reaches nobody)" if paged.passed else words


def people(reached: Sequence[Reached]) -> str:
    """'Ana (telegram, sms), Ben (sms)'."""
    return ", ".join(f"{one.staff.name} ({', '.join(one.methods)})" for one in reached)


def clock(tried: Tried, at: datetime) -> str:
    """As the wall clock shows it; with its day where that is not the day of the raise."""
    zone = ZoneInfo(tried.zone)
    local, first = at.astimezone(zone), tried.raised.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == first.date() else f"{local:%a %H:%M}"


def as_text(tried: Tried) -> str:
    """Aligned, one row a line and no colour."""
    marks = {"page": "●", "nobody": "○", "breach": "!", "quiet": "┊"}
    drawn = rows(tried)
    first, second = max(len(row.since) for row in drawn), max(len(row.at) for row in drawn)
    local = tried.raised.astimezone(ZoneInfo(tried.zone))
    head = f"{tried.tier} raised {local:%a %d %b %Y %H:%M}, {tried.zone}"
    lines = (f"{row.since:>{first}}  {row.at:>{second}}  {marks[row.kind]} {_said(row)}" for row in drawn)
    return "\n".join((head, "", *lines, "", f"And so on, every {lasting(tried.repeat)}, until somebody claims."))


def _said(row: Row) -> str:
    return f"{row.what}: {row.who}" if row.who else row.what


# as a drawing


def svg(drawn: Sequence[Row], title: str, *, alone: bool = True) -> str:
    """`alone`: a file of its own, with its style in it; within a page the page's own sheet has the classes."""
    height = TOP + ROW * (len(drawn) - 1) + ROW // 2 + BOTTOM
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" class="ladder" viewBox="0 0 {WIDTH} {height}" role="img">'
    style = f"<style>{STYLE}</style>" if alone else ""
    marks = chain.from_iterable(
        _drawn(row, TOP + ROW * number, number + 1 < len(drawn)) for number, row in enumerate(drawn)
    )
    return f"{opening}<title>{escape(title)}</title>{style}{''.join(marks)}</svg>"


def _drawn(row: Row, y: int, goes_on: bool) -> Iterator[str]:
    if goes_on:
        kind = "rail quiet" if row.kind == "quiet" else "rail"
        yield f'<line class="{kind}" x1="{RAIL}" x2="{RAIL}" y1="{y}" y2="{y + ROW}"/>'
    yield _mark(row.kind, y)
    yield f'<text x="{TIMES}" y="{y + 5}" text-anchor="end" direction="ltr">{escape(row.at)}</text>'
    yield f'<text class="when" x="{TIMES}" y="{y + 23}" text-anchor="end" direction="ltr">{escape(row.since)}</text>'
    yield f'<text x="{WORDS}" y="{y + 5}">{escape(_cut(row.what))}</text>'
    if row.who:
        yield f'<text class="soft" x="{WORDS}" y="{y + 23}">{escape(_cut(row.who))}</text>'


def _mark(kind: Kind, y: int) -> str:
    """By shape as well as by colour."""
    if kind == "breach":
        return f'<path class="breach" d="M{RAIL} {y - 9} l9 9 l-9 9 l-9 -9z"/>'
    if kind == "quiet":
        return f'<circle class="soft" cx="{RAIL}" cy="{y}" r="3"/>'
    return f'<circle class="{kind}" cx="{RAIL}" cy="{y}" r="7"/>'


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"
