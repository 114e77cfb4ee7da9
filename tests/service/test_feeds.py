"""A calendar's feed, over real HTTP on this machine; and what is never asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.feeds import LARGEST, Feed, FeedFailed, fetch
from bot.outward import Door, NotAsked, check_address, is_outside
from tests.fakes.feed import Host, a_feed, says
from tests.rota.calendars import calendar

HERE = Door(schemes=("http",), outside_only=False, seconds=5)
TEXT = calendar("SUMMARY:ana|DTSTART;VALUE=DATE:20261120")


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    async with a_feed() as made:
        yield made


async def test_a_feed_is_asked_with_what_it_said_last_and_may_answer_that_nothing_changed(host: Host) -> None:
    host.answer = says(TEXT, ETag='"7"', Last_Modified="Fri, 20 Nov 2026 12:00:00 GMT")
    got = await fetch(Feed(host.url), HERE)
    assert got.text == TEXT
    assert "If-None-Match" not in host.asked[0].headers
    host.answer = says(status=304)
    again = await fetch(Feed(host.url, got.etag, got.modified), HERE)
    assert (again.text, again.etag) == (None, '"7"')
    assert host.asked[1].headers["If-None-Match"] == '"7"'
    assert host.asked[1].headers["If-Modified-Since"] == "Fri, 20 Nov 2026 12:00:00 GMT"
    assert "rowan" not in str(host.asked[1].headers).lower(), "it is not said who asks"


@pytest.mark.parametrize("status", [204, 304, 401, 404, 500, 503])
async def test_an_answer_that_is_no_calendar_is_a_failure(host: Host, status: int) -> None:
    host.answer = says(status=status)
    with pytest.raises(FeedFailed, match=f"answers {status}"):
        await fetch(Feed(host.url), HERE)


async def test_what_never_ends_is_cut_off(host: Host) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"X" * 65536)
        except (ConnectionError, asyncio.CancelledError):
            return answer

    host.answer = endless
    with pytest.raises(FeedFailed, match=f"larger than {LARGEST // 1_000_000} MB"):
        await fetch(Feed(host.url), HERE)


async def test_what_never_begins_is_given_up(host: Host) -> None:
    gone = asyncio.Event()

    async def silent(request: web.Request) -> web.StreamResponse:
        await gone.wait()
        return web.Response()

    host.answer = silent
    with pytest.raises(FeedFailed, match="no whole answer"):
        await fetch(Feed(host.url), Door(("http",), outside_only=False, seconds=0.2))
    gone.set()


async def test_it_is_followed_a_few_times_and_each_step_is_checked(host: Host) -> None:
    async def moved(request: web.Request) -> web.StreamResponse:
        if request.path == "/rota.ics":
            raise web.HTTPFound("/elsewhere.ics")
        return web.Response(text=TEXT)

    host.answer = moved
    assert (await fetch(Feed(host.url), HERE)).text == TEXT
    host.answer = says(status=302, Location="/rota.ics")
    with pytest.raises(FeedFailed, match="sends on"):
        await fetch(Feed(host.url), HERE)
    host.answer = says(status=302, Location="file:///etc/passwd")
    with pytest.raises(FeedFailed, match="begins with"):
        await fetch(Feed(host.url), HERE)


async def test_nobody_there_is_a_failure_that_does_not_say_the_address() -> None:
    with pytest.raises(FeedFailed) as failed:
        await fetch(Feed("http://127.0.0.1:1/s3cret.ics"), HERE)
    assert "s3cret" not in failed.value.why


@pytest.mark.parametrize(
    "url",
    [
        "http://cal.example.org/x.ics",
        "file:///etc/passwd",
        "https:///x.ics",
        "https://me:secret@cal.example.org/x.ics",
        "https://127.0.0.1/x.ics",
        "https://[::1]/x.ics",
        "https://10.0.0.7/x.ics",
        "https://169.254.169.254/latest",
        "https://[fd00::1]/x.ics",
        "https://[::ffff:127.0.0.1]/x.ics",
    ],
)
def test_what_is_never_asked(url: str) -> None:
    with pytest.raises(NotAsked):
        check_address(url, Door())


async def test_a_name_that_leads_inside_is_never_asked(host: Host) -> None:
    host.answer = says(TEXT)
    port = host.url.partition("127.0.0.1:")[2].partition("/")[0]
    with pytest.raises(FeedFailed, match="could not be reached"):
        await fetch(Feed(f"http://localhost:{port}/x.ics"), Door(schemes=("http",)))
    assert host.asked == []


def test_which_addresses_are_outside() -> None:
    assert is_outside("8.8.8.8")
    assert is_outside("2606:4700:4700::1111")
    inside = ("127.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.0.1", "224.0.0.1", "fe80::1%eth0", "::")
    assert not any(is_outside(address) for address in inside)
