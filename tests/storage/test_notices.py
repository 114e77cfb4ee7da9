"""A commit on one replica wakes the other at once: PostgreSQL's NOTIFY rings the bell there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from queue import Empty, Queue

import psycopg
import pytest

from bot.app import open_service
from bot.bell import TOPICS, Bell
from bot.clock import Clock
from storage.notices import Notices
from tests.storage.little_engine import PROGRAMME
from tests.storage.store import RING

PATIENCE = 15.0  # seconds until a story gives up; each goes on the moment that it may

Opening = Callable[[], tuple[Notices, "Queue[tuple[str, str]]"]]


@pytest.fixture
def replica(emptied_postgres: str) -> Iterator[Opening]:
    """Starts the notices of one more replica; returns them and what it hears, its first ring taken off."""
    started: list[Notices] = []

    def replica() -> tuple[Notices, Queue[tuple[str, str]]]:
        heard: Queue[tuple[str, str]] = Queue()
        notices = Notices(emptied_postgres, lambda topic, word: heard.put((topic, word)))
        notices.start()
        started.append(notices)
        assert notices.listening.wait(PATIENCE)
        assert heard.get(timeout=PATIENCE) == ("", "")
        return notices, heard

    yield replica
    for notices in started:
        notices.stop()


def test_what_one_tells_the_others_hear_and_it_does_not_hear_itself(replica: Opening) -> None:
    (one, hears_one), (two, hears_two), (_, hears_three) = replica(), replica(), replica()
    one.tell("desk", "K2A and a space")
    assert [heard.get(timeout=PATIENCE) for heard in (hears_two, hears_three)] == [("desk", "K2A and a space")] * 2
    two.tell("outbox")
    assert hears_one.get(timeout=PATIENCE) == ("outbox", ""), "its own notice came not before"


def test_many_of_the_same_are_few(replica: Opening) -> None:
    (one, _), (_, heard) = replica(), replica()
    for _ in range(1000):
        one.tell("outbox")
    one.tell("timers")
    found = []
    while ("timers", "") not in found:
        found.append(heard.get(timeout=PATIENCE))
    assert len(found) < 500


def test_a_broken_connection_is_made_again_and_everything_rung(replica: Opening, emptied_postgres: str) -> None:
    (one, hears_one), (two, hears_two) = replica(), replica()
    with psycopg.connect(emptied_postgres.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    assert [heard.get(timeout=PATIENCE) for heard in (hears_one, hears_two)] == [("", "")] * 2
    assert two.listening.wait(PATIENCE)
    one.tell("desk", "alerts")
    assert hears_two.get(timeout=PATIENCE) == ("desk", "alerts")
    with pytest.raises(Empty):
        hears_one.get_nowait()


async def test_a_ring_in_one_service_wakes_what_waits_in_another(emptied_postgres: str) -> None:
    clock = Clock()
    services = [open_service(emptied_postgres, RING, PROGRAMME, {}, clock) for _ in range(2)]
    for service in services:
        service._hear_replicas()
    one, two = services
    words = two.bell.listen()
    hearing = asyncio.ensure_future(anext(words))
    assert two.notices is not None
    assert await asyncio.to_thread(two.notices.listening.wait, PATIENCE)
    await asyncio.sleep(0)
    one.bell.ring("desk", "K2A")
    async with asyncio.timeout(PATIENCE):
        found = await hearing
        while found != "K2A":  # the ring of its own start may come first
            found = await anext(words)
    for service in services:
        await service.stop()


async def test_an_empty_topic_rings_all() -> None:
    bell = Bell()
    bell.heard("")
    async with asyncio.timeout(PATIENCE):
        for topic in TOPICS:
            await bell.wait(topic, PATIENCE)


async def test_what_was_heard_is_not_told_on() -> None:
    bell, told = Bell(), []
    bell.echo = lambda topic, word: told.append((topic, word))
    bell.heard("outbox")
    assert told == [], "two replicas would ring each other for ever"
    bell.ring("outbox")
    assert told == [("outbox", "")]
