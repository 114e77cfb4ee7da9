"""The table of learned weights beside the danger words (`signals/hints.csv`): what weighs, and how much."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from flows.authoring.findings import AuthorError, Finding

NAME = "hints.csv"
HEAD = ("words", "weight")


def write_weights(folder: Path, weights: Mapping[str, float]) -> None:
    with (folder / NAME).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEAD, *weights.items()])


def read_weights(folder: Path) -> dict[str, float]:
    """Raises AuthorError for a file that `write_weights` has not written; {} where there is none."""
    path = folder / NAME
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            if tuple(next(rows, ())) != HEAD:
                raise ValueError
            return {said: float(weight) for said, weight in rows}
    except (ValueError, csv.Error) as error:
        hint = "Write it anew: rowan signals --learn FOLDER"
        raise AuthorError([Finding(str(path), 1, 1, "This is no table of weights.", hint)]) from error
