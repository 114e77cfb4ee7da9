"""`rowan signals`: what the danger-word reader sees, and how well it sees."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.authoring.findings import AuthorError, Finding
from flows.authoring.learning import URGENT, learn
from flows.authoring.signals import SIGNALS, Labelled, evaluate, read_messages, read_signals, table
from flows.authoring.weights import NAME, write_weights
from flows.safety.danger import worst
from flows.safety.danger_hints import PERCENT


def signals(
    lang: Annotated[str, typer.Option(help="The language to read first.")] = "en",
    evaluate_file: Annotated[
        Path | None, typer.Option("--evaluate", exists=True, help="A CSV of labelled messages, or a folder of them.")
    ] = None,
    learn_from: Annotated[
        Path | None,
        typer.Option("--learn", exists=True, help="Labelled messages, as above: learn the weights of hints anew."),
    ] = None,
    keep: Annotated[
        Path,
        typer.Option(exists=True, file_okay=False, show_default=False, help="With --learn: the folder that gets them."),
    ] = SIGNALS,
    percent: Annotated[
        int,
        typer.Option("--hints-percent", min=10, max=95, help="As in programme.yaml: hints page from these odds on."),
    ] = PERCENT,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
) -> None:
    """Read one message a line from standard input and print what raised, or measure the reader on labelled messages."""
    if learn_from is not None:
        rows = _labelled(learn_from, lang)
        if len({row.tier in URGENT for row in rows if not row.held_out}) < 2:
            problem = "There is nothing to learn from here."
            raise AuthorError([Finding(str(learn_from), 1, 1, problem, "Give urgent messages and others, labelled.")])
        weights = learn(rows, read_signals())
        write_weights(keep, weights)
        print(f"{len(weights)} weights are in {keep / NAME} now.")
        return
    reader = read_signals(percent=percent)
    if evaluate_file is not None:
        print(table(evaluate(reader, _labelled(evaluate_file, lang))))
        return
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        matches = reader.read(text, lang)
        found = [{"entry": m.entry, "tier": m.tier, "meaning": m.meaning, "words": m.words} for m in matches]
        if as_json:
            print(json.dumps({"text": text, "tier": worst(matches), "matches": found}, ensure_ascii=False), flush=True)
        else:
            shown = "; ".join(f"{m.entry} ({m.words})" for m in matches)
            print(f"{worst(matches) or '--'}  {text}  {shown}".rstrip(), flush=True)


def _labelled(path: Path, lang: str) -> list[Labelled]:
    files = sorted(file for file in path.glob("*.csv") if file.name != NAME) if path.is_dir() else [path]
    return [row for file in files for row in read_messages(file, lang if lang != "en" else "")]
