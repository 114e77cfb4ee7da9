"""An exception as a log may tell it: its class, where it went through, and the classes behind it. Never its message.

Messages of exceptions quote what was being handled: a number that would not parse, a row, a URL with a token.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from structlog.typing import EventDict

DEEPEST = 12
"""Places and causes kept: the last places are where it happened."""

HOUSE = Path(__file__).resolve().parent.parent


def without_message(logger: Any, method: str, event_dict: EventDict) -> EventDict:
    error = _error(event_dict.pop("exc_info", None))
    event_dict.pop("stack_info", None)
    if error is not None:
        event_dict["error_class"] = type(error).__qualname__
        event_dict["error_at"] = list(_places(error.__traceback__))[-DEEPEST:]
        if causes := [type(cause).__qualname__ for cause in _causes(error)][:DEEPEST]:
            event_dict["caused_by"] = causes
    return event_dict


def _error(exc_info: object) -> BaseException | None:
    """What `exc_info=` may be: an exception, the triple of sys.exc_info(), or anything true for the current one."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if len(exc_info) == 3 and isinstance(exc_info[1], BaseException) else None
    return sys.exc_info()[1] if exc_info else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exceptions behind it and those inside a group, each once."""
    seen, waiting = {id(error)}, [error]
    while waiting:
        current = waiting.pop(0)
        behind = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
        inside = current.exceptions if isinstance(current, BaseExceptionGroup) else ()
        fresh = [other for other in (*inside, behind) if other is not None and id(other) not in seen]
        seen.update(map(id, fresh))
        waiting.extend(fresh)
        yield from fresh


def _places(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        yield f"{short_path(traceback.tb_frame.f_code.co_filename)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next


def short_path(filename: str) -> str:
    """A path without this machine in it: from the house's root, from site-packages, or the last two parts."""
    path = Path(filename)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return path.relative_to(HOUSE).as_posix() if path.is_relative_to(HOUSE) else "/".join(path.parts[-2:])
