"""JSON whose tables know the line that they begin on, so that what is wrong in a directory is told at its line."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable
from json.decoder import JSONObject  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any

from flows.authoring.findings import AuthorError, Finding

DEEPEST = 60  # the deepest of HSDS's own examples has 8


class Placed(dict[str, Any]):
    """A table of the file. `line` counts from 1."""

    line = 1


class _Decoder(json.JSONDecoder):
    """The standard decoder in Python, which tells where it is; the one in C does not."""

    def __init__(self, text: str) -> None:
        super().__init__(strict=False, parse_constant=_refused)
        self._starts = [0, *(place + 1 for place, letter in enumerate(text) if letter == "\n")]
        self.parse_object: Callable[..., tuple[dict[str, Any], int]] = self._placed
        self.scan_once = py_make_scanner(self)

    def _placed(self, start: tuple[str, int], *rest: Any) -> tuple[dict[str, Any], int]:
        table, end = JSONObject(start, *rest)
        placed = Placed(table)
        placed.line = bisect_right(self._starts, start[1])
        return placed, end


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def read_json(file: str, data: bytes) -> Any:
    """What the file holds. Raises AuthorError at the line where it is no JSON."""
    try:
        text = data.decode("utf-8-sig")
        return _Decoder(text).decode(text)
    except json.JSONDecodeError as bad:
        raise AuthorError([Finding(file, bad.lineno, bad.colno, f"This is no JSON: {bad.msg}.", _HINT)]) from bad
    except (UnicodeDecodeError, ValueError, RecursionError) as bad:
        raise AuthorError([Finding(file, 1, 1, "This is no JSON in UTF-8.", _HINT)]) from bad


_HINT = "Export it again, or save it as UTF-8"
