"""The key ring as text: JSON, one object an epoch. Reading refuses whatever is not exactly that.

{"format": 1, "epochs": [{"kid": "20261120-0c9a51", "created": "2026-11-20T09:00:00+00:00",
                          "state": "active", "retired": null, "key": "<base64>"}]}
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from storage.crypto.epoch import RESTORE, Epoch
from storage.crypto.errors import BadRing

FORMAT = 1
_FIELDS = {"kid", "created", "state", "retired", "key"}


def parse(text: str) -> tuple[Epoch, ...]:
    """Epochs in the order written. Raises `BadRing`, saying which epoch and what about it."""
    ring = _decoded(text)
    if not isinstance(ring, dict) or set(ring) != {"format", "epochs"} or not isinstance(ring["epochs"], list):
        raise BadRing(f'The key ring is not {{"format": {FORMAT}, "epochs": [...]}}.', RESTORE)
    if ring["format"] != FORMAT:
        raise BadRing(f"The key ring is of another format than {FORMAT}.", "run the release of Rowan that wrote it.")
    return tuple(_epoch(number, entry) for number, entry in enumerate(ring["epochs"], 1))


def written(epochs: Iterable[Epoch]) -> str:
    """The text that `parse` reads back to the same epochs."""
    return json.dumps({"format": FORMAT, "epochs": [_entry(epoch) for epoch in epochs]}, indent=1) + "\n"


def _decoded(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as broken:
        where = f"line {broken.lineno}, column {broken.colno}"
    except (ValueError, RecursionError):
        where = "an endless number or nesting"
    raise BadRing(f"The key ring is cut short or is not JSON ({where}).", RESTORE)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise BadRing("The key ring names the same field twice.", RESTORE)
    return dict(pairs)


def _epoch(number: int, entry: Any) -> Epoch:
    if not isinstance(entry, dict) or set(entry) != _FIELDS:
        expected = ", ".join(sorted(_FIELDS))
        raise BadRing(f"Epoch number {number} of the key ring does not have exactly {expected}.", RESTORE)
    if not isinstance(entry["kid"], str):
        raise BadRing(f"Epoch number {number} of the key ring has an id that is not text.", RESTORE)
    retired = entry["retired"]
    return Epoch(
        kid=entry["kid"],
        created=_date(number, entry["created"]),
        state=entry["state"],
        key=_key(number, entry["key"]),
        retired=None if retired is None else _date(number, retired),
    )


def _date(number: int, value: Any) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        pass
    raise BadRing(f"Epoch number {number} of the key ring has a date that is not ISO 8601.", RESTORE)


def _key(number: int, value: Any) -> bytes | None:
    if value is None:
        return None
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError):  # binascii.Error is a ValueError
        pass
    raise BadRing(f"Epoch number {number} of the key ring has a key that is not base64.", RESTORE)


def _entry(epoch: Epoch) -> dict[str, str | None]:
    return {
        "kid": epoch.kid,
        "created": epoch.created.isoformat(),
        "state": epoch.state,
        "retired": epoch.retired.isoformat() if epoch.retired else None,
        "key": base64.b64encode(epoch.key).decode() if epoch.key else None,
    }
