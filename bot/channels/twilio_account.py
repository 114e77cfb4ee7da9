"""One account at Twilio, by Twilio's own library on our own HTTP client.

The library builds requests and reads answers; `TwilioHttp` carries them, so that connections are reused, every call
has a deadline, the base URL is a setting, and nothing is logged (the library's client prints phone numbers).
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from bot.channels import sms_codes
from bot.channels.base import SendFailed, Unknown
from bot.channels.wire import Wire, refused

# What the library imports for a client of its own that is not used here: 5 MB of a service at rest.
_LEFT_OUT = [name for name in ("requests", "twilio.http.http_client") if name not in sys.modules]
for _name in _LEFT_OUT:
    sys.modules[_name] = ModuleType(_name)
    vars(sys.modules[_name]).update(Response=None, TwilioHttpClient=None)
from twilio.http import AsyncHttpClient  # noqa: E402
from twilio.http.response import Response  # noqa: E402
from twilio.rest import Client  # noqa: E402
from twilio.rest.api.v2010.account.message import MessageInstance  # noqa: E402

for _name in _LEFT_OUT:
    del sys.modules[_name]

API = "https://api.twilio.com"


def account(wire: Wire, sid: str, token: str, base_url: str) -> Any:
    """What may be asked of the account: its `messages`, its `calls`."""
    return Client(sid, token, http_client=TwilioHttp(wire, base_url)).api.v2010.account


@contextmanager
def answer() -> Iterator[None]:
    """Turns an answer the library cannot read into Unknown: the request itself may have been carried out."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Unknown("answer") from None


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]  # the library is not typed
    """Carries the library's requests over our wire and raises our failures before the library reads an answer."""

    def __init__(self, wire: Wire, base_url: str) -> None:
        super().__init__(logging.getLogger("twilio"), True)
        self._wire, self._base = wire, base_url.rstrip("/")

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  the library's interface; the wire has its own
        allow_redirects: bool = False,
    ) -> Response:
        url = self._base + uri.removeprefix(API) if self._base != API else uri
        answer = await self._wire.call(method, url, params=params, data=data, headers=headers, auth=auth)
        failure = refused(answer.status, answer.headers) or _refusal(answer.status, answer.content)
        if failure is not None:
            raise failure
        return Response(answer.status, answer.content.decode("utf-8", "replace"), answer.headers)


def _refusal(status: int, content: bytes) -> SendFailed | None:
    """The failure in an answer's own words: Twilio's error code, or a success that is not Twilio's."""
    if status == 204:
        return None
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if 200 <= status < 300:
        return None if isinstance(answer, dict) else Unknown("answer")
    code = answer.get("code") if isinstance(answer, dict) else None
    return sms_codes.failure(code if isinstance(code, int) else None, status)


__all__ = ["API", "MessageInstance", "account", "answer"]
