"""Logs that cannot give anyone away: only known keys with known shapes are written, whoever logs, whatever goes wrong.

Everything else is dropped and counted, never printed: unknown keys, ill-shaped values, event names that are no
constants, the messages of exceptions, and the whole text of other libraries' logs (httpx prints the bot's token,
twilio phone numbers in URLs, python-telegram-bot whole updates). JSON, one object a line; readable on a terminal.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor

from bot.log_errors import short_path, without_message
from bot.log_fields import EVENT, FIELDS

Level = Literal["debug", "info", "warning", "error"]


def configure_logging(
    level: Level = "info", stream: TextIO | None = None, on_dropped: Callable[[int], None] = lambda count: None
) -> None:
    """Route every log line of this process, ours and the libraries', through the filter to `stream` (standard error).

    Call it before anything else logs. `on_dropped` is told how many things a line lost. May be called again.
    """
    out = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            without_message,
            _AllowList(on_dropped),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _renderer(out),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, _Unbreakable(out))),
        cache_logger_on_first_use=False,
    )
    _route_libraries()
    _route_uncaught()


class _AllowList:
    """Keeps the event, its level and the fields of log_fields whose values have the right shape."""

    def __init__(self, on_dropped: Callable[[int], None]) -> None:
        self._on_dropped = on_dropped

    def __call__(self, logger: Any, method: str, event_dict: EventDict) -> EventDict:
        event, level = event_dict.pop("event", None), event_dict.pop("level", method)
        kept = {key: value for key, value in event_dict.items() if key in FIELDS and FIELDS[key](value)}
        dropped = len(event_dict) - len(kept) + (not EVENT(event))
        if dropped:
            kept["dropped"] = dropped
            self._on_dropped(dropped)
        return {"event": event if EVENT(event) else "unnamed", "level": level, **kept}


# --- everyone else's logs ---------------------------------------------------------------------------------------------


class _Routed(logging.Handler):
    """A library's record becomes its name, level and place; its text and arguments are never looked at."""

    def emit(self, record: logging.LogRecord) -> None:
        if _is_stopping(record):
            return
        place = f"{short_path(record.pathname)}:{record.lineno}"
        say = structlog.get_logger().error if record.levelno >= logging.ERROR else structlog.get_logger().warning
        say("library_log", logger=record.name, at=place, exc_info=record.exc_info)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """The default prints the record with its arguments; here it is lost without a word."""


def _is_stopping(record: logging.LogRecord) -> bool:
    """A page's open stream is cut off when the server stops: nothing went wrong."""
    cut = isinstance(record.exc_info, tuple) and isinstance(record.exc_info[1], asyncio.CancelledError)
    return record.name == "uvicorn.error" and (cut or str(record.msg).startswith("Cancel %s running task"))


def _route_libraries() -> None:
    root = logging.getLogger()
    handler = _Routed(level=logging.WARNING)
    for name in (None, *logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    warnings.showwarning = _show_warning


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    place = f"{short_path(filename)}:{lineno}"
    structlog.get_logger().warning("library_warning", error_class=category.__qualname__, at=place)


def _route_uncaught() -> None:
    """Python prints what nobody caught with its message: not here."""
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda unraisable: _uncaught(unraisable.exc_type, unraisable.exc_value, None)
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        structlog.get_logger().critical("uncaught", exc_info=error if error is not None else kind())


# --- out --------------------------------------------------------------------------------------------------------------


class _Unbreakable:
    """A full disk or a closed terminal under the log must not fail the turn that logs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            return 0

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            return


def _renderer(stream: TextIO) -> Processor:
    if not stream.isatty():
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ, pad_event_to=24)
