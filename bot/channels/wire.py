"""HTTP to a provider: pooled connections, a deadline for every call, and the kinds of trouble kept apart.

The one question that matters after a failed call is whether the provider may have acted on it. Before the request is on
the wire it cannot have (TryLater); afterwards only a proper answer settles it (Unknown until then).

aiohttp, which the twilio library brings along: measured here, a call costs 0.5 ms of processor time where httpx takes
3 to 7, and calls share the event loop with the turns of everybody who is writing at that moment.
"""

from __future__ import annotations

import logging
import math
import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import aiohttp
import certifi
from yarl import URL

from bot.channels.base import RETRY_AFTER_LONGEST, Broken, SendFailed, TryLater, Unknown
from bot.outward import Door, check_address

CONNECT_SECONDS = 4.0  # a provider that cannot be connected to in this time is away
DEADLINE_SECONDS = 12.0  # the whole call; must stay below the lease of an outbox row
KEEP_ALIVE_SECONDS = 20.0  # below the idle time-outs of load balancers, so that few calls meet a dead line
CONNECTIONS = 64  # per provider; more than the rate limits can fill

# These loggers print URLs (with the bot's token), query strings (with phone numbers) or whole payloads.
_TALKATIVE = ("telegram", "twilio", "httpx", "httpcore", "aiohttp")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. The headers' names may be asked for in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Wire:
    """A pool of connections. `call` answers with whatever status came; `refused` turns a bad status into a failure.

    May be made anywhere; it is used, and closed, in one event loop."""

    def __init__(
        self,
        deadline: float = DEADLINE_SECONDS,
        connections: int = CONNECTIONS,
        door: Door | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`door`: for addresses that somebody gave us. Each is looked at, and asked without a proxy."""
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._deadline, self._connections = deadline, connections
        self._door, self._trust = door, trust
        self._session: aiohttp.ClientSession | None = None
        self._dated = ""

    async def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        patience: float = 0.0,
    ) -> Answer:
        """One request, one answer of any status. `data` goes as a form, `body` as it is. `patience` (seconds) is added
        for a long poll.

        Raises TryLater, Unknown or Broken, NotAsked at its door; never anything that shows the URL."""
        if self._door is not None:
            check_address(url, self._door)
        limit = self._deadline + patience
        connect = min(
            CONNECT_SECONDS, limit / 2
        )  # so that the whole limit is never spent before the request is written
        query = f"?{_encoded(params)}" if params else ""
        try:
            async with self._opened().request(
                method,
                URL(url + query, encoded=True),
                data=_encoded(data).encode() if data else body,
                headers=_headers(headers, bool(data), auth),
                timeout=aiohttp.ClientTimeout(total=limit, connect=connect, sock_connect=connect),
                allow_redirects=False,
            ) as response:
                self._dated = response.headers.get("date", "")
                return Answer(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
            failure = _trouble(error)
        raise failure  # outside the handler: the original would carry the URL into a traceback

    @property
    def their_time(self) -> datetime | None:
        """What the provider's clock said with the last answer, to the second; None where it said nothing."""
        try:
            said = parsedate_to_datetime(self._dated)
        except (ValueError, TypeError):
            return None
        return said.astimezone(UTC)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections,
                    keepalive_timeout=KEEP_ALIVE_SECONDS,
                    ssl=self._trust or _trusted(),
                    resolver=self._door.resolver if self._door else None,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=self._door is None,  # HTTPS_PROXY
            )
        return self._session


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Whom to trust, read once for all channels: the machine's certificates, and certifi's for containers with none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _encoded(fields: Mapping[str, Any] | None) -> str:
    return urlencode(fields or {}, doseq=True, errors="replace")  # half a character goes as '?', not as an exception


def _headers(given: Mapping[str, str] | None, form: bool, auth: tuple[str, str] | None) -> dict[str, str]:
    headers = dict(given or {})
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if auth is not None:
        headers["Authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode()
    return headers


def _trouble(error: Exception) -> SendFailed:
    """Where the call got to when it failed. The order matters: later kinds contain earlier ones."""
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError)):
        return TryLater("tls")
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)):
        return TryLater("connect")
    if isinstance(error, (ValueError, aiohttp.NonHttpUrlClientError)):
        return Broken("url")  # aiohttp.InvalidURL is a ValueError
    if isinstance(error, TimeoutError):
        return Unknown("timeout")
    return Unknown("reset")


def refused(status: int, headers: Mapping[str, str]) -> SendFailed | None:
    """What a status says on every provider; None where the provider's own code must be read (2xx and most 4xx)."""
    if status == 429:
        return TryLater("429", retry_after(headers))
    if status in (408, 504):  # somebody on the way gave up waiting: the provider behind may have acted
        return Unknown(str(status))
    if status >= 500:
        return TryLater(str(status), retry_after(headers))
    if 300 <= status < 400:
        return Broken("redirect")
    return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The Retry-After header in seconds, a number or a date; None when absent or unreadable."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return capped(float(value))
    except ValueError:
        pass  # not a number: a date, then
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return capped(wait.total_seconds())


def capped(seconds: float) -> float | None:
    """Between 0 and RETRY_AFTER_LONGEST; None for what is no number."""
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_LONGEST)
