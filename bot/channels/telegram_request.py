"""The library's requests carried over our wire, and the Bot API's refusals sorted by who must act.

Refusals are read here, before the library sees them: it would log an unreadable answer whole, and give a busy server
and a broken connection the same name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from bot.channels.base import RETRY_AFTER_LONGEST, Broken, SendFailed, TryLater, Unknown, Unreachable
from bot.channels.wire import Wire, capped, refused

# Words in Telegram's description of a refusal, and our name for it. A description may quote the text sent: never kept.
_UNREACHABLE = {"chat not found": "no_chat", "user not found": "no_chat", "peer_id_invalid": "no_chat"}
_REFUSALS = {
    "query is too old": "old_query",
    "query id is invalid": "old_query",
    "can't parse": "parse",
    "button": "keyboard",
    "keyboard": "keyboard",
    "reply markup": "keyboard",
    "too long": "too_long",
    "text is empty": "empty",
    "message to delete not found": "not_found",
    "can't be deleted": "not_deletable",
}


class Failed(TelegramError):
    """Takes our failure through the library unchanged."""

    def __init__(self, failure: SendFailed) -> None:
        super().__init__(failure.code)
        self.failure = failure


class Request(BaseRequest):
    """What the library sends through. Time-outs are the wire's, whatever the library asks for."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Nothing: the wire is open from the start."""

    async def shutdown(self) -> None:
        """Nothing: the channel closes the wire."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        data = request_data.json_parameters if request_data else None
        try:
            answer = await self._wire.call(method, url, data=data)
            return answer.status, _checked(answer.status, answer.headers, answer.content)
        except SendFailed as error:
            failure = Failed(error)
        raise failure

    async def raw(self, url: str, asked: Mapping[str, object], patience: float) -> object:
        """The plain result of a call, for what must not go through the library's classes. Raises SendFailed."""
        data = {name: json.dumps(value) for name, value in asked.items()}
        answer = await self._wire.call("POST", url, data=data, patience=patience)
        return json.loads(_checked(answer.status, answer.headers, answer.content))["result"]


def _checked(status: int, headers: Mapping[str, str], content: bytes) -> bytes:
    """The content of a good answer; else our failure."""
    answer = _object(content)
    if 200 <= status < 300:
        if answer.get("ok") is True and "result" in answer:
            return content
        raise Unknown("answer")
    raise _refusal(status, headers, answer)


def _refusal(status: int, headers: Mapping[str, str], answer: dict[str, Any]) -> SendFailed:
    parameters = answer.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    wait = parameters.get("retry_after")
    if isinstance(wait, (int, float)) and status >= 400:
        return TryLater(str(status), capped(float(min(wait, RETRY_AFTER_LONGEST))))
    if "migrate_to_chat_id" in parameters:
        return Unreachable("migrated")
    general = refused(status, headers)
    if general is not None:
        return general
    if status == 403:
        return Unreachable("403")
    return _named(status, str(answer.get("description", "")).lower())


def _named(status: int, description: str) -> SendFailed:
    if status != 400:
        return Broken(str(status))
    for words, name in _UNREACHABLE.items():
        if words in description:
            return Unreachable(name)
    return Broken(next((name for words, name in _REFUSALS.items() if words in description), "400"))


def _object(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
