"""`rowan bench`: every figure beside the machine's own ceiling of the same run."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from bot.app import read_content
from bot.bench import dialogue, leaving, on_call, reading
from bot.bench.webhook import CONNECTIONS, PEOPLE, paced, resting, side_by_side

ROUNDS = 3  # of each comparison, in turn, so that a machine whose speed drifts is fair to both; medians are printed
SLICES = 11  # of load on each server, about a second each


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def report(labelled: Path | None = None) -> list[str]:
    """Lines of a Markdown page. `labelled` is a folder of messages to read for danger; without it none are read."""
    lines = [f"Machine: {machine()}.", ""]
    lines += ["| what | measured | beside it | ratio | goal |", "|---|---|---|---|---|"]
    lines += _engine()
    if labelled is not None:
        lines += _reading(labelled)
    lines += _webhook()
    lines += _leaving()
    lines += _on_call()
    return lines


def _on_call() -> list[str]:
    seen = on_call.measure()
    what, alone = f"first page of {on_call.ALERTS:,} open alerts", f"its list alone {seen.listed:.0f}"
    return [
        f"| {what} | {seen.page:.0f} ms, {alone} | | | under 50 ms |",
        f"| answer that raises to a browser's list with it | p95 {seen.new:.0f} ms of {on_call.NEW} | | | under 1 s |",
    ]


def _leaving() -> list[str]:
    left, calm = leaving.measure(), leaving.measure(leaving.CALM)
    what = f"exit to provider call at {leaving.RATE:.0f} turns/s"
    lost = f", {left.missing} without a cover" if left.missing else ""
    lines = [f"| {what} | p50 {left.p50:.0f}, p99 {left.p99:.0f} ms of {left.exits}{lost} | | | p99 under 1 s |"]
    if calm.pages is not None:
        lines.append(
            f"| answer that raises to page with the provider, the same | p95 {calm.pages:.0f} ms | | | p95 under 1 s |"
        )
    return lines


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _engine() -> list[str]:
    programme = read_content()
    dialogue.engine(programme, 200)
    ours, theirs, ready = [], [], []
    for _ in range(ROUNDS):
        ours.append(dialogue.engine(programme))
        theirs.append(dialogue.conversation_handler())
        ready.append(dialogue.conversation_handler(parse=False))
    a, b, c = _middle(ours), _middle(theirs), _middle(ready)
    ratio = _middle([x / y for x, y in zip(ours, theirs, strict=True)])
    return [
        f"| update in, state written and read | {a:,.0f} turns/s | ConversationHandler {b:,.0f} | {ratio:.2f} | 1 |",
        f"| the same | {a:,.0f} turns/s | ConversationHandler given ready objects {c:,.0f} | {a / c:.2f} | |",
    ]


def _reading(labelled: Path) -> list[str]:
    programme = read_content()
    programme.reader.prepare()
    kinds = reading.kinds(reading.messages(labelled))
    rates = {
        kind: _middle([reading.per_second(programme, rows) for _ in range(ROUNDS)]) for kind, rows in kinds.items()
    }
    goals = dict.fromkeys(list(kinds)[:1], "10,000/s")
    worst = reading.slowest(programme)
    return [
        *(
            f"| read for danger, {len(rows):,} {kind} | {rates[kind]:,.0f}/s a core | | | {goals.get(kind, '')} |"
            for kind, rows in kinds.items()
        ),
        f"| the worst of hostile messages of {reading.LONGEST:,} letters | {worst:.1f} ms | | | under 5 ms |",
    ]


def _webhook() -> list[str]:
    slices = side_by_side({"rowan": 1, "echo": 2, "rowan-one": 1}, SLICES)
    group, echo, one = (_middle([each[kind].per_second for each in slices]) for kind in slices[0])
    to_echo = _middle([each["rowan"].per_second / each["echo"].per_second for each in slices])
    to_one = _middle([each["rowan"].per_second / each["rowan-one"].per_second for each in slices])
    p50, p99 = _middle([each["rowan"].p50 for each in slices]), _middle([each["rowan"].p99 for each in slices])
    half = paced("rowan", group / 2)
    resting()  # the first one may have byte code to write
    starts, rests = zip(*(resting() for _ in range(ROUNDS)), strict=True)
    what = f"signed webhook to durable encrypted commit, {CONNECTIONS} connections"
    return [
        f"| {what} | {group:,.0f}/s, p50 {p50:.1f}, p99 {p99:.1f} ms | echo {echo:,.0f}/s | {to_echo:.2f} | 0.25 |",
        f"| the same | {group:,.0f}/s | one turn a transaction {one:,.0f}/s | {to_one:.1f} | at least 3 |",
        f"| at half load ({group / 2:,.0f}/s) | p50 {half.p50:.1f}, p99 {half.p99:.1f} ms | | | p99 under 50 ms |",
        f"| `rowan serve` at rest, {PEOPLE} enrolled | {_middle(list(rests)):.0f} MB | | | under 150 MB |",
        f"| `rowan serve` to an open door, the same | {_middle(list(starts)):.2f} s | | | under 2 s |",
    ]
