"""How the service stops, and what it refuses to start on: each with a sentence for the operator and nothing lost."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.crypto.ring import new_ring
from tests.fakes.ports import free_port
from tests.faults.campaign import content
from tests.faults.checker import judge
from tests.faults.line import Line
from tests.faults.process import Running
from tests.faults.reading import gather
from tests.faults.town import SIGNAL, Town, found

TERM = 10.0  # seconds; FAULTS A2
SMALL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_200_000, 1_200_000)); "
SMALL += "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)"  # a full disk: writes fail beyond that size


@dataclass
class Place:
    """A seeded database, both providers, and room for processes."""

    town: Town
    line: Line

    def start(self, before: str = "", **settings: str) -> Running:
        log = self.town.folder / "service.log"
        return Running({**self.line.settings(self.town), **settings}, log, self.town.folder, before)

    def words(self) -> str:
        return (self.town.folder / "service.log").read_text()

    def fingerprint(self) -> str:
        return hashlib.sha256(self.town.database.read_bytes()).hexdigest()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    town = found(tmp_path, recipients=4, strangers=0)
    with Line(free_port(), town.workers) as line:
        yield Place(town, line)
        await line.hang_up()


async def test_told_to_stop_in_the_middle_of_talk_it_ends_soon_and_loses_nothing(place: Place) -> None:
    service = place.start()
    print(f"start to serving: {await asyncio.to_thread(service.wait_until_serving):.1f} s")
    talk = [asyncio.create_task(place.line.say(phone, SIGNAL)) for phone in place.town.recipients]
    await asyncio.to_thread(place.line.twilio.until, lambda: place.line.twilio.sent)
    seconds = await asyncio.to_thread(service.terminate)
    assert seconds < TERM
    assert service.code in (0, -15), "the server ends by the signal once all is stopped"
    again = place.start()
    await asyncio.gather(*talk)
    await asyncio.to_thread(place.line.telegram.until, lambda: len(place.line.telegram.sent) == 2)
    await asyncio.to_thread(place.line.twilio.until, lambda: len(place.line.twilio.sent) == 2)
    await asyncio.to_thread(again.terminate)
    stopped, line = datetime.now(UTC).timestamp(), place.line
    verdict = judge(gather(place.town, content(), line.said, line.landed(), kills=0, ended_at=stopped))
    assert verdict.faults == ()


async def test_a_second_process_on_the_same_file_refuses_and_says_why(place: Place) -> None:
    first = place.start()
    await asyncio.to_thread(first.wait_until_serving)
    second = place.start(ROWAN_PORT=str(free_port()))
    assert await asyncio.to_thread(second.wait, 60) == 1
    assert "Another Rowan process has this SQLite database open" in place.words()
    assert first.serving()
    await asyncio.to_thread(first.terminate)


async def test_without_its_key_ring_it_refuses_and_touches_nothing(place: Place) -> None:
    before = place.fingerprint()
    service = place.start(ROWAN_KEY_RING_FILE=str(place.town.folder / "gone.json"))
    assert await asyncio.to_thread(service.wait, 60) == 1
    assert "There is no key ring at" in place.words()
    assert place.fingerprint() == before


async def test_with_another_key_ring_it_refuses_and_touches_nothing(place: Place) -> None:
    other = place.town.folder / "other.json"
    new_ring(datetime.now(UTC)).write(other)
    before = place.fingerprint()
    service = place.start(ROWAN_KEY_RING_FILE=str(other))
    assert await asyncio.to_thread(service.wait, 60) == 1
    assert "key" in place.words()
    assert "Traceback" not in place.words()
    assert place.fingerprint() == before


async def test_on_a_full_disk_nothing_is_acknowledged_and_with_room_again_all_of_it_is(place: Place) -> None:
    line, phone = place.line, place.town.recipients[1]
    service = place.start(before=SMALL)
    await asyncio.to_thread(service.wait_until_serving)
    answers: list[int] = []
    refused: dict[str, str] = {}
    for number in range(2_000):
        sid = line.twilio.missed(f"hello {number}", phone[1])
        refused = line.twilio._form(line.twilio.messages[sid])
        answers.append(await line.once("/channels/twilio/inbound", refused))
        if answers[-1] != 200:
            break
    assert answers[-1] == 503
    await asyncio.to_thread(service.kill)
    again = place.start()
    await asyncio.to_thread(again.wait_until_serving)
    assert await line.once("/channels/twilio/inbound", refused) == 200
    await asyncio.to_thread(again.terminate)
