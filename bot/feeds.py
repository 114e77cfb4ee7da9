"""One calendar fetched from elsewhere: https only, never an address inside, never more than a rota needs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp

from bot.outward import Door, NotAsked, check_address

LARGEST = 4_000_000  # bytes: `escalation.rota.calendar` takes a million characters
REDIRECTS = 3


class FeedFailed(Exception):
    """`why` is a sentence without the address, which is a secret."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Feed:
    """What to ask, and what it gave last: `etag` and `modified` are the feed's own words, sent back as they are."""

    url: str
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """`text` is None where nothing changed since."""

    text: str | None
    etag: str = ""
    modified: str = ""


async def fetch(feed: Feed, door: Door | None = None) -> Fetched:
    """Ask it once. Raises FeedFailed, whatever is wrong."""
    door = door or Door()
    try:
        async with (
            asyncio.timeout(door.seconds),
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=door.resolver, limit=2, force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                headers={"User-Agent": "calendar", "Accept": "text/calendar, */*;q=0.1"},
            ) as session,
        ):
            return await _followed(session, feed, door)
    except NotAsked as never:
        raise FeedFailed(str(never)) from None
    except TimeoutError:
        raise FeedFailed(f"It gave no whole answer within {door.seconds:g} seconds.") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise FeedFailed(f"It could not be reached ({type(error).__name__}).") from None


async def _followed(session: aiohttp.ClientSession, feed: Feed, door: Door) -> Fetched:
    """Each step is checked as the first was."""
    url, given = feed.url, {"If-None-Match": feed.etag, "If-Modified-Since": feed.modified}
    for _ in range(REDIRECTS + 1):
        check_address(url, door)
        asked = {name: value for name, value in given.items() if value}
        async with session.get(url, headers=asked, allow_redirects=False) as answer:
            if answer.status in (301, 302, 303, 307, 308) and "Location" in answer.headers:
                url = urljoin(url, answer.headers["Location"])
                continue
            if answer.status == 304 and asked:
                return Fetched(None, feed.etag, feed.modified)
            if answer.status != 200:
                raise FeedFailed(f"It answers {answer.status}.")
            text = (await _body(answer)).decode("utf-8-sig", "replace")
            return Fetched(text, answer.headers.get("ETag", "")[:200], answer.headers.get("Last-Modified", "")[:80])
    raise FeedFailed(f"It sends on more than {REDIRECTS} times.")


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_chunked(65536):
        body += piece
        if len(body) > LARGEST:
            raise FeedFailed(f"It is larger than {LARGEST // 1_000_000} MB.")
    return bytes(body)
