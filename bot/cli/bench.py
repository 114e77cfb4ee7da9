"""`rowan bench`: speed and memory beside this machine's own ceiling."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.logs import configure_logging


def bench(
    messages: Annotated[
        Path | None,
        typer.Option(help="A folder of labelled messages, such as tests/signals: reads them for danger too."),
    ] = None,
) -> None:
    """Measure the engine and the webhook path; prints a Markdown table (docs/benchmarks.md is one of its outputs)."""
    from bot.bench.report import report

    configure_logging("error")
    for line in report(messages):
        print(line, flush=True)
