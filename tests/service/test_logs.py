"""Logs: whatever is thrown at them, no word, number or name of a person comes out."""

from __future__ import annotations

import ast
import asyncio
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.log_fields import EVENT, FIELDS
from bot.logs import Level, configure_logging

CANARY = "+447700900123"
WORDS = "he has a knife"
HOUSE = Path(__file__).parent.parent.parent
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


class Lines(io.StringIO):
    """A stream that is no terminal, read back as the JSON objects that were written."""

    def read_back(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    """Logging is the process's own: leave it as it was found."""
    root, shown = logging.getLogger(), warnings.showwarning
    kept = root.handlers[:], root.level, sys.excepthook, sys.unraisablehook, threading.excepthook
    yield
    root.handlers[:], root.level = kept[:2]
    sys.excepthook, sys.unraisablehook, threading.excepthook = kept[2:]
    warnings.showwarning = shown
    structlog.reset_defaults()


def logging_to(stream: io.StringIO, level: Level = "debug", dropped: list[int] | None = None) -> structlog.BoundLogger:
    configure_logging(level, stream, (dropped if dropped is not None else []).append)
    return structlog.get_logger()  # type: ignore[no-any-return]


def test_known_keys_with_known_shapes_are_written_as_one_json_object_a_line() -> None:
    lines = Lines()
    logging_to(lines).info("turn_committed", turn="01K8ABCDEFGHJKMNPQRSTVWXYZ", channel="sms", tier="P0", millis=3.2)
    (line,) = lines.read_back()
    assert line.pop("timestamp")
    assert line == {
        "event": "turn_committed",
        "level": "info",
        "turn": "01K8ABCDEFGHJKMNPQRSTVWXYZ",
        "channel": "sms",
        "tier": "P0",
        "millis": 3.2,
    }


def test_an_unknown_key_is_dropped_and_counted_and_not_even_its_name_is_written() -> None:
    lines = Lines()
    dropped: list[int] = []
    logging_to(lines, dropped=dropped).info("turn_committed", text=WORDS, phone_of_ana=CANARY, count=1)
    assert lines.read_back()[0]["dropped"] == 2
    assert dropped == [2]
    assert "ana" not in lines.getvalue()
    assert WORDS not in lines.getvalue()


@pytest.mark.parametrize("key", sorted(FIELDS))
@pytest.mark.parametrize(
    "canary", [CANARY, 447700900123, "447700900123", "7009001", WORDS, "Ana López", [CANARY], [WORDS], None, b"x"]
)
def test_a_known_key_does_not_carry_a_number_a_sentence_or_a_name(key: str, canary: object) -> None:
    lines = Lines()
    logging_to(lines).info("turn_committed", **{key: canary})
    (line,) = lines.read_back()
    assert line["dropped"] == 1
    assert key not in line


@pytest.mark.parametrize("code", ["429", "21610", "110045", 21610, "old_query"])
def test_a_providers_code_is_written(code: object) -> None:
    lines = Lines()
    logging_to(lines).warning("delivery.refused", code=code)
    assert lines.read_back()[0]["code"] == code


@given(st.text(), st.dictionaries(st.text(min_size=1), st.text(min_size=1).map(lambda text: f"{text} {CANARY}")))
def test_whatever_is_logged_the_canary_stays_inside(event: str, fields: dict[str, str]) -> None:
    lines = Lines()
    bound = logging_to(lines)
    bound.warning(
        event.replace("%", "") + CANARY, **{key: value for key, value in fields.items() if key not in {"event", "self"}}
    )
    assert CANARY not in lines.getvalue()
    assert lines.read_back()[0]["event"] == "unnamed"


def test_bound_and_context_values_pass_the_same_filter() -> None:
    lines = Lines()
    bound = logging_to(lines).bind(phone=CANARY, flow="checkin")
    with structlog.contextvars.bound_contextvars(words=WORDS, loop="delivery"):
        bound.info("turn_committed")
    (line,) = lines.read_back()
    assert (line["flow"], line["loop"], line["dropped"]) == ("checkin", "delivery", 2)
    assert CANARY not in lines.getvalue()


def test_levels_below_the_chosen_one_are_silent() -> None:
    lines = Lines()
    logging_to(lines, "warning").info("turn_committed")
    assert lines.getvalue() == ""


# --- exceptions -------------------------------------------------------------------------------------------------------


def ring(number: str) -> None:
    raise ValueError(f"cannot ring {number}")


def test_an_exception_is_its_class_and_places_never_its_message_or_locals() -> None:
    lines = Lines()
    log = logging_to(lines)
    try:
        try:
            ring(CANARY)
        except ValueError as error:
            raise ExceptionGroup(f"for {CANARY}", [KeyError(CANARY), OSError(28, CANARY)]) from error
    except ExceptionGroup:
        log.exception("turn_failed", attempt=2)
    (line,) = lines.read_back()
    assert line["error_class"] == "ExceptionGroup"
    assert line["caused_by"] == ["KeyError", "OSError", "ValueError"]
    assert all(str(place).startswith("tests/service/test_logs.py:") for place in line["error_at"])  # type: ignore[attr-defined]
    assert "dropped" not in line
    assert CANARY not in lines.getvalue()


def test_an_exception_may_be_given_as_a_value_or_a_triple() -> None:
    lines = Lines()
    log = logging_to(lines)
    try:
        ring(CANARY)
    except ValueError as error:
        log.error("turn_failed", exc_info=error)
        log.error("turn_failed", exc_info=sys.exc_info())
    log.error("turn_failed", exc_info=True)
    classes = [line.get("error_class") for line in lines.read_back()]
    assert classes == ["ValueError", "ValueError", None]
    assert CANARY not in lines.getvalue()


def test_what_nobody_caught_is_told_without_its_message(capfd: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    logging_to(lines)
    thread = threading.Thread(target=ring, args=(CANARY,))
    thread.start()
    thread.join()
    try:
        ring(CANARY)
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    assert [line["event"] for line in lines.read_back()] == ["uncaught", "uncaught"]
    assert CANARY not in lines.getvalue() + "".join(capfd.readouterr())


def test_a_break_from_the_keyboard_is_no_fault() -> None:
    lines = Lines()
    logging_to(lines)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert lines.getvalue() == ""


# --- other people's loggers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore", "telegram.ext.Updater", "twilio.http_client", "sqlalchemy.engine", "asyncio"]
)
def test_a_librarys_text_is_never_written(name: str) -> None:
    lines = Lines()
    library = logging.getLogger(name)
    library.addHandler(logging.StreamHandler(lines))
    library.propagate = False
    logging_to(lines)
    library.debug("secret token %s", CANARY)
    library.info("HTTP Request: POST https://api.example/bot%s", CANARY)
    library.warning("update %s could not be read", {"text": WORDS, "from": CANARY})
    try:
        ring(CANARY)
    except ValueError:
        library.critical(f"failed for {CANARY}", exc_info=True)
    first, second = lines.read_back()
    assert (first["event"], first["level"], first["logger"]) == ("library_log", "warning", name)
    assert str(first["at"]).startswith("tests/service/test_logs.py:")
    assert (second["level"], second["error_class"]) == ("error", "ValueError")
    assert CANARY not in lines.getvalue()
    assert WORDS not in lines.getvalue()


def test_a_request_with_a_token_in_its_address_leaves_nothing_in_the_log() -> None:
    lines = Lines()
    logging_to(lines)
    transport = httpx.MockTransport(lambda request: httpx.Response(500, text=WORDS))
    with httpx.Client(transport=transport) as client:
        client.post(f"https://api.example/bot{CANARY}/sendMessage", json={"text": WORDS})
    assert lines.getvalue() == ""


def test_a_log_record_that_cannot_be_handled_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    logging_to(lines)
    logging.getLogger("httpx").warning("too few %s %s", CANARY)  # noqa: PLE1206  # the fault is the point
    logging.getLogger(f"oddly named {CANARY}").warning("x")
    assert [line["event"] for line in lines.read_back()] == ["library_log", "library_log"]
    assert CANARY not in lines.getvalue() + "".join(capfd.readouterr())


def test_a_stream_that_a_stop_cuts_off_is_no_fault() -> None:
    lines = Lines()
    logging_to(lines)
    logger = logging.getLogger("uvicorn.error")
    logger.error("Cancel %s running task(s), timeout graceful shutdown exceeded", 1)
    cut = asyncio.CancelledError()
    logger.error("Exception in ASGI application\n", exc_info=(type(cut), cut, None))
    assert lines.read_back() == []
    logger.error("Exception in ASGI application\n", exc_info=ValueError(WORDS))
    assert [line["error_class"] for line in lines.read_back()] == ["ValueError"]


def test_a_warning_of_a_library_is_its_class_and_place() -> None:
    lines = Lines()
    logging_to(lines)
    warnings.showwarning(UserWarning(CANARY), UserWarning, __file__, 12)
    (line,) = lines.read_back()
    assert (line["event"], line["error_class"], line["at"]) == (
        "library_warning",
        "UserWarning",
        "tests/service/test_logs.py:12",
    )


# --- out --------------------------------------------------------------------------------------------------------------


def test_on_a_terminal_it_is_readable_and_just_as_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Terminal()
    log = logging_to(screen)
    try:
        ring(CANARY)
    except ValueError:
        log.exception("turn_failed", text=WORDS, attempt=2)
    shown = screen.getvalue()
    assert "turn_failed" in shown
    assert "attempt=2" in shown
    assert "\x1b" not in shown
    assert CANARY not in shown
    assert WORDS not in shown


def test_a_full_disk_under_the_log_does_not_fail_the_turn() -> None:
    class Full(io.StringIO):
        tried = 0

        def write(self, text: str) -> int:
            self.tried += 1
            raise OSError(28, "No space left on device")

    full = Full()
    logging_to(full).info("turn_committed")
    assert full.tried == 1


# --- our own calls ----------------------------------------------------------------------------------------------------


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call such as `log.warning(…)` in the packages."""
    for package in ("flows", "escalation", "storage", "bot"):
        for path in (HOUSE / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
                    owner = ast.unparse(node.func.value).split(".")[-1].strip("_").lower()
                    if owner in {"log", "logger", "get_logger()"}:
                        yield f"{path.relative_to(HOUSE)}:{node.lineno}", node


def test_every_line_we_log_has_a_constant_name_and_keys_that_pass() -> None:
    calls = dict(log_calls())
    assert calls
    for place, call in calls.items():
        name = call.args[0] if len(call.args) == 1 else None
        assert isinstance(name, ast.Constant), f"{place}: the first and only argument is the event's name, a constant"
        assert EVENT(name.value), f"{place}: {name.value!r} is not snake_case without digits"
        strange = {keyword.arg for keyword in call.keywords} - {*FIELDS, "exc_info"}
        assert not strange, f"{place}: {strange} would be dropped; see bot/log_fields.py"
