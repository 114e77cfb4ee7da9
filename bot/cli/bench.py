"""`rowan bench`: speed and memory beside this machine's own ceiling."""

from __future__ import annotations

from bot.logs import configure_logging


def bench() -> None:
    """Measure the engine and the webhook path; prints a Markdown table (docs/benchmarks.md is one of its outputs)."""
    from bot.bench.report import report

    configure_logging("error")
    for line in report():
        print(line, flush=True)
